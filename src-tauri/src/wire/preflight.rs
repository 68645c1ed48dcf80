//! What adding some files would do.

use footnote_core::{preflight, types};
use serde::Serialize;
use specta::Type;

use super::{ErrorView, all, mirror, path_text};

mirror!(
    /// What a file is, for people.
    FileKind of types::FileKind {
        /// PDF.
        Pdf,
        /// A text document of an office program.
        Document,
        /// A spreadsheet or a file of values.
        Sheet,
        /// A presentation or drawing.
        Slides,
        /// A web page.
        Web,
        /// An e-mail, or a box of them.
        Mail,
        /// An electronic book.
        Book,
        /// A picture.
        Picture,
        /// An archive of files.
        Archive,
        /// Source code or data.
        Code,
        /// Plain or marked-up text.
        Text,
    }
);

/// Files of one kind.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct KindTally {
    /// What they are.
    pub kind: FileKind,
    /// How many there are.
    pub files: u32,
    /// Their size together.
    pub bytes: u64,
}

/// A file with the content of a document.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Copied {
    /// The file.
    pub path: String,
    /// Where the document is.
    pub of: String,
}

/// Files that are not read.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct LeftOut {
    /// In lower case, without the dot; empty if their names have none.
    pub extension: String,
    /// How many there are.
    pub files: u32,
}

/// What adding some files would do.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Preflight {
    /// Files that would be read.
    pub files: u32,
    /// Their size together.
    pub bytes: u64,
    /// The same by kind, those with the most files first.
    pub kinds: Vec<KindTally>,
    /// Seconds that reading them will take; none while that is not known.
    pub seconds: Option<u64>,
    /// Files that are in the library as they are.
    pub unchanged: u32,
    /// How many of `files` are in the library and were written to since.
    pub changed: u32,
    /// Those of `files` that have the content of a document elsewhere.
    pub copies: Vec<Copied>,
    /// Files whose format is not read, by extension, the most frequent first.
    pub unsupported: Vec<LeftOut>,
    /// What cannot be looked into.
    pub errors: Vec<ErrorView>,
}

impl From<preflight::Preflight> for Preflight {
    fn from(found: preflight::Preflight) -> Self {
        Self {
            files: found.files,
            bytes: found.bytes,
            kinds: all(found.kinds),
            seconds: found.seconds,
            unchanged: found.unchanged,
            changed: found.changed,
            copies: all(found.copies),
            unsupported: all(found.unsupported),
            errors: all(found.errors),
        }
    }
}

impl From<preflight::KindTally> for KindTally {
    fn from(tally: preflight::KindTally) -> Self {
        Self {
            kind: tally.kind.into(),
            files: tally.files,
            bytes: tally.bytes,
        }
    }
}

impl From<preflight::Copied> for Copied {
    fn from(copied: preflight::Copied) -> Self {
        Self {
            path: path_text(&copied.path),
            of: path_text(&copied.of),
        }
    }
}

impl From<preflight::LeftOut> for LeftOut {
    fn from(left: preflight::LeftOut) -> Self {
        Self {
            extension: left.extension,
            files: left.files,
        }
    }
}

/// Documents to try the program with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Samples {
    /// The files.
    pub paths: Vec<String>,
    /// Something that they answer.
    pub question: String,
}
