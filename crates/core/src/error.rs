//! Errors as a person meets them: a fact, a remedy, and a class that decides tone and retry.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Result with Footnote's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Who can do something about an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// The input is at fault: a broken file, a wrong argument. Trying again changes nothing.
    User,
    /// The machine is at fault: a full disk, a locked store, a missing library. Retry may help.
    Runtime,
    /// Footnote is at fault.
    Bug,
}

/// Codes exist only where the window acts on one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The user or the program asked to stop.
    Canceled,
    /// A model file is not there yet.
    ModelMissing,
    /// The ONNX Runtime library cannot be used.
    RuntimeMissing,
    /// Another Footnote holds the data folder.
    StoreLocked,
    /// The disk has no room.
    DiskFull,
    /// The document opens with a password that was not given, or another than the one given.
    PasswordNeeded,
    /// No such document, conversation or job.
    NotFound,
    /// The question does not fit the model's context.
    QuestionTooLong,
    /// The format is not one Footnote reads.
    Unsupported,
}

impl ErrorCode {
    fn word(self) -> &'static str {
        match self {
            Self::Canceled => "canceled",
            Self::ModelMissing => "model_missing",
            Self::RuntimeMissing => "runtime_missing",
            Self::StoreLocked => "store_locked",
            Self::DiskFull => "disk_full",
            Self::PasswordNeeded => "password_needed",
            Self::NotFound => "not_found",
            Self::QuestionTooLong => "question_too_long",
            Self::Unsupported => "unsupported",
        }
    }
}

/// An error with its remedy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Error {
    /// Class.
    pub kind: ErrorKind,
    /// Set where the caller acts on it.
    pub code: Option<ErrorCode>,
    /// What happened, to which file and page. No trailing full stop.
    pub message: String,
    /// What to do about it, in the imperative.
    pub hint: Option<String>,
}

impl Error {
    /// An error caused by input.
    pub fn user(message: impl Into<String>) -> Self {
        Self {
            kind: ErrorKind::User,
            code: None,
            message: message.into(),
            hint: None,
        }
    }

    /// An error caused by the machine or its state.
    pub fn runtime(message: impl Into<String>) -> Self {
        Self {
            kind: ErrorKind::Runtime,
            code: None,
            message: message.into(),
            hint: None,
        }
    }

    /// An error that should be impossible.
    pub fn bug(message: impl Into<String>) -> Self {
        Self {
            kind: ErrorKind::Bug,
            code: None,
            message: message.into(),
            hint: Some("This is a fault in Footnote; please report it with `footnote doctor --json`".into()),
        }
    }

    /// The error of work that was asked to stop.
    pub fn canceled() -> Self {
        Self::user("Canceled").code(ErrorCode::Canceled)
    }

    /// Adds the remedy.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds the code.
    #[must_use]
    pub fn code(mut self, code: ErrorCode) -> Self {
        self.code = Some(code);
        self
    }

    /// Puts the place in front of the message: "report.pdf, page 3: ...".
    #[must_use]
    pub fn at(mut self, place: impl fmt::Display) -> Self {
        self.message = format!("{place}: {}", self.message);
        self
    }

    /// Its code, else its class, in one word: what kind of thing happened, and nothing of what it happened to.
    pub fn class(&self) -> &'static str {
        match (self.code, self.kind) {
            (Some(code), _) => code.word(),
            (None, ErrorKind::User) => "user",
            (None, ErrorKind::Runtime) => "runtime",
            (None, ErrorKind::Bug) => "bug",
        }
    }

    /// Whether this is the end of work that was asked to stop.
    pub fn is_canceled(&self) -> bool {
        self.code == Some(ErrorCode::Canceled)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind as Io;
        let plain = Error::runtime(error.to_string());
        match error.kind() {
            Io::StorageFull | Io::QuotaExceeded => Error::runtime("The disk is full")
                .code(ErrorCode::DiskFull)
                .hint("Free some space and try again; nothing was lost"),
            Io::NotFound => Error::user("The file is not there")
                .code(ErrorCode::NotFound)
                .hint("Check the path; the file may have been moved, or its drive unplugged"),
            Io::PermissionDenied => Error::user("Permission to read or write was denied")
                .hint("Check the file's permissions, or copy it to a folder of your own"),
            _ => plain,
        }
    }
}
