//! Opening files, damaged and locked ones too.

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use footnote_core::{Error, ErrorCode, Result};
use pdf_extract::{Document, LoadOptions, Object, ObjectId};

use super::repair;

/// The error of a file that cannot be read for this reason.
pub(super) fn damaged(what: &str) -> Error {
    Error::user(format!("The PDF is damaged: {what}"))
        .hint("Open it in a PDF viewer and save or print it as a new PDF, then add that")
}

/// Loads and, if need be, decrypts with the empty password, which is what "protected against
/// printing" means.
pub(super) fn load(bytes: &[u8]) -> Result<Document> {
    let locked = || {
        Error::user("The PDF is protected by a password")
            .code(ErrorCode::PasswordNeeded)
            .hint("Open it in a PDF viewer with its password, save a copy without one, and add the copy")
    };
    // Viewers accept junk before the header; offsets count from the header then.
    let start = bytes
        .windows(5)
        .take(1024)
        .position(|w| w == b"%PDF-")
        .unwrap_or(0);
    let is_encrypted = |bytes: &[u8]| bytes.windows(8).any(|w| w == b"/Encrypt");
    let mut fault = "it has no pages".to_owned();
    let rebuilt = std::iter::once_with(|| repair::rebuild(bytes)).flatten();
    let as_is = [bytes, &bytes[start..]]
        .into_iter()
        .take(1 + usize::from(start > 0))
        .map(Cow::Borrowed);
    for candidate in as_is.chain(rebuilt.map(Cow::Owned)) {
        match try_load(&candidate) {
            Ok(mut doc) => {
                if doc.is_encrypted() {
                    let opened = catch_unwind(AssertUnwindSafe(|| doc.decrypt("")));
                    if !matches!(opened, Ok(Ok(()))) {
                        return Err(locked());
                    }
                }
                if doc.page_iter().next().is_some() {
                    return Ok(doc);
                }
            }
            Err(pdf_extract::Error::InvalidPassword | pdf_extract::Error::Decryption(_)) => {
                return Err(locked());
            }
            Err(error) => fault = error.to_string(),
        }
    }
    // A key that fails leaves objects that cannot be told from damage.
    Err(if is_encrypted(bytes) {
        locked()
    } else {
        damaged(&fault)
    })
}

fn try_load(bytes: &[u8]) -> std::result::Result<Document, pdf_extract::Error> {
    let options = LoadOptions::with_filter(without_pixels);
    catch_unwind(|| Document::load_mem_with_options(bytes, options))
        .unwrap_or(Err(pdf_extract::Error::Unimplemented("a panic")))
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
