//! Errors as a person meets them: a fact, a remedy, and a class that decides tone and retry.

use std::fmt;

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize};

use crate::problem::Problem;

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
    /// What happened by name, for whoever says it in another language; none for what is not met in ordinary use.
    #[serde(default, deserialize_with = "known")]
    pub problem: Option<Box<Problem>>,
    /// The files and folders that stand in front of the message, outermost first.
    #[serde(default)]
    pub places: Vec<String>,
}

/// A problem of a name that this version has; what another version wrote still has its text.
fn known<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Box<Problem>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Named {
        Known(Problem),
        Unknown(IgnoredAny),
    }
    Ok(match Option::<Named>::deserialize(from)? {
        Some(Named::Known(problem)) => Some(Box::new(problem)),
        Some(Named::Unknown(_)) | None => None,
    })
}

impl Error {
    /// An error caused by input.
    pub fn user(message: impl Into<String>) -> Self {
        Self {
            kind: ErrorKind::User,
            code: None,
            message: message.into(),
            hint: None,
            problem: None,
            places: Vec::new(),
        }
    }

    /// An error caused by the machine or its state.
    pub fn runtime(message: impl Into<String>) -> Self {
        Self {
            kind: ErrorKind::Runtime,
            code: None,
            message: message.into(),
            hint: None,
            problem: None,
            places: Vec::new(),
        }
    }

    /// An error that should be impossible.
    pub fn bug(message: impl Into<String>) -> Self {
        Self {
            kind: ErrorKind::Bug,
            code: None,
            message: message.into(),
            hint: Some("This is a fault in Footnote; please report it with `footnote doctor --json`".into()),
            problem: None,
            places: Vec::new(),
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

    /// Adds what it is by name; see [`Problem`].
    #[must_use]
    pub fn problem(mut self, problem: Problem) -> Self {
        self.problem = Some(Box::new(problem));
        self
    }

    /// Puts the place in front of the message: "report.pdf: ...".
    #[must_use]
    pub fn at(mut self, place: impl fmt::Display) -> Self {
        let place = place.to_string();
        self.message = format!("{place}: {}", self.message);
        self.places.insert(0, place);
        self
    }

    /// Notes a place that the message names in its own way.
    #[must_use]
    pub fn about(mut self, place: impl fmt::Display) -> Self {
        self.places.insert(0, place.to_string());
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
        let plain = || {
            let detail = error.to_string();
            Error::runtime(detail.clone()).problem(Problem::IoFailed { detail })
        };
        match error.kind() {
            Io::StorageFull | Io::QuotaExceeded => Error::runtime("The disk is full")
                .code(ErrorCode::DiskFull)
                .problem(Problem::DiskFull)
                .hint("Free some space and try again; nothing was lost"),
            Io::NotFound => Error::user("The file is not there")
                .code(ErrorCode::NotFound)
                .problem(Problem::FileMissing)
                .hint("Check the path; the file may have been moved, or its drive unplugged"),
            Io::PermissionDenied => Error::user("Permission to read or write was denied")
                .problem(Problem::NoPermission)
                .hint("Check the file's permissions, or copy it to a folder of your own"),
            _ => plain(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_by_an_older_or_newer_version_can_be_read() {
        let older = r#"{"kind":"user","code":null,"message":"The file is empty","hint":null}"#;
        let error: Error = serde_json::from_str(older).unwrap();
        assert_eq!((error.problem, error.places), (None, Vec::new()));

        let newer = r#"{"kind":"user","code":null,"message":"a.pdf: It rusts","hint":null,
                        "problem":{"problem":"rust","depth":3},"places":["a.pdf"]}"#;
        let error: Error = serde_json::from_str(newer).unwrap();
        assert_eq!(error.problem, None);
        assert_eq!(error.places, ["a.pdf"]);
    }

    #[test]
    fn places_are_told_outermost_first() {
        let error = Error::user("The file is empty")
            .problem(Problem::EmptyFile)
            .at("inner.doc")
            .at("letter.eml");
        assert_eq!(error.message, "letter.eml: inner.doc: The file is empty");
        assert_eq!(error.places, ["letter.eml", "inner.doc"]);
        let json = serde_json::to_string(&error).unwrap();
        assert_eq!(serde_json::from_str::<Error>(&json).unwrap(), error);
    }

    #[test]
    fn every_failure_of_the_system_has_a_name() {
        use std::io::ErrorKind as Io;
        for kind in [
            Io::StorageFull,
            Io::NotFound,
            Io::PermissionDenied,
            Io::BrokenPipe,
        ] {
            assert!(
                Error::from(std::io::Error::from(kind)).problem.is_some(),
                "{kind:?}"
            );
        }
    }
}
