//! Opening files, damaged and locked ones too.

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use footnote_core::{Error, ErrorCode, Password, Problem, Result};
use pdf_extract::{Document, LoadOptions, Object, ObjectId};

use super::repair;
use crate::package::{needs_password, sealed};

/// The error of a file that cannot be read for this reason.
pub(super) fn damaged(what: &str) -> Error {
    Error::user(format!("The PDF is damaged: {what}"))
        .problem(Problem::DamagedFile {
            detail: what.to_owned(),
        })
        .hint("Open it in a PDF viewer and save or print it as a new PDF, then add that")
}

/// What opening a file as it lies comes to.
enum Attempt {
    Open(Document),
    /// With the document as far as it can be read without a key.
    Locked(Option<Document>),
    Fault(String),
}

/// Loads and, if need be, decrypts: with the empty password, which is what "protected against printing" means,
/// or else with `password`. Returns with the document the password that opened it.
///
/// # Errors
/// The file is damaged, or locked and `password` is not what opens it.
pub(super) fn load(bytes: &[u8], password: Option<&Password>) -> Result<(Document, Option<Password>)> {
    // Viewers accept junk before the header; offsets count from the header then.
    let start = bytes
        .windows(5)
        .take(1024)
        .position(|w| w == b"%PDF-")
        .unwrap_or(0);
    let mut fault = "it has no pages".to_owned();
    let rebuilt = std::iter::once_with(|| repair::rebuild(bytes)).flatten();
    let as_is = [bytes, &bytes[start..]]
        .into_iter()
        .take(1 + usize::from(start > 0))
        .map(Cow::Borrowed);
    for candidate in as_is.chain(rebuilt.map(Cow::Owned)) {
        let keys = std::iter::once(None).chain(password.map(Some));
        for key in keys {
            match attempt(&candidate, key) {
                Attempt::Open(doc) if doc.page_iter().next().is_some() => return Ok((doc, key.cloned())),
                Attempt::Open(_) => break,
                Attempt::Locked(doc) => {
                    if let (Some(doc), Some(password)) = (doc, password)
                        && is_unusable(&doc, password)
                    {
                        return Err(Error::user(
                            "The password that was given is the owner's, which does not open a PDF as old as this here",
                        )
                        .code(ErrorCode::PasswordNeeded)
                        .problem(Problem::PasswordOfOwner)
                        .hint("Give the password that opens it for reading"));
                    }
                    if key.is_some() || password.is_none() {
                        return Err(locked(bytes, password));
                    }
                }
                Attempt::Fault(why) => {
                    fault = why;
                    break;
                }
            }
        }
    }
    // A key that fails leaves objects that cannot be told from damage.
    Err(if mentions(bytes, b"/Encrypt") {
        locked(bytes, password)
    } else {
        damaged(&fault)
    })
}

/// Whether this is an owner's password from which the reader would make the wrong key: in revisions up to 4, the
/// key follows from the user's password, which it does not recover.
fn is_unusable(doc: &Document, password: &Password) -> bool {
    let revision = doc.get_encrypted().and_then(|dict| dict.get(b"R")?.as_i64());
    revision.is_ok_and(|revision| revision <= 4)
        && doc.authenticate_owner_password(password.expose()).is_ok()
        && doc.authenticate_user_password(password.expose()).is_err()
}

fn locked(bytes: &[u8], password: Option<&Password>) -> Error {
    // Other handlers want somebody's certificate.
    if mentions(bytes, b"/Standard") {
        needs_password("PDF", password)
    } else {
        sealed("PDF")
    }
}

fn mentions(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|window| window == word)
}

fn attempt(bytes: &[u8], password: Option<&Password>) -> Attempt {
    let key = password.map_or("", Password::expose);
    let options = LoadOptions {
        password: password.map(|password| password.expose().to_owned()),
        ..LoadOptions::with_filter(without_pixels)
    };
    let opened = catch_unwind(|| Document::load_mem_with_options(bytes, options));
    let mut doc = match opened {
        Ok(Ok(doc)) => doc,
        Ok(Err(pdf_extract::Error::InvalidPassword | pdf_extract::Error::Decryption(_))) => {
            return Attempt::Locked(None);
        }
        Ok(Err(error)) => return Attempt::Fault(error.to_string()),
        Err(_) => return Attempt::Fault("its structure cannot be followed".to_owned()),
    };
    if doc.trailer.get(b"Encrypt").is_ok() && !doc.was_encrypted() {
        let decrypted = catch_unwind(AssertUnwindSafe(|| doc.decrypt(key)));
        if !matches!(decrypted, Ok(Ok(()))) {
            return Attempt::Locked(Some(doc));
        }
    }
    Attempt::Open(doc)
}

/// Leaves out what images hold: the document keeps a copy of everything, and scans are all of a
/// large file. They are drawn from the file itself.
fn without_pixels(id: ObjectId, object: &mut Object) -> Option<(ObjectId, Object)> {
    if let Object::Stream(stream) = object
        && stream
            .dict
            .get(b"Subtype")
            .and_then(Object::as_name)
            .is_ok_and(|kind| kind == b"Image")
    {
        // An empty one would be read again.
        stream.content = vec![0];
    }
    // Streams are changed in place; only what lies packed in one is taken from here.
    let kept = match object {
        Object::Stream(_) => Object::Null,
        other => other.clone(),
    };
    Some((id, kept))
}
