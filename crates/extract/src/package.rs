//! Zip packages (Office Open XML, OpenDocument): their parts, unpacked within limits.

use std::io::{Cursor, Read};

use footnote_core::{Error, ErrorCode, Password, Problem, Result};

/// A part larger than this is not text that somebody wrote.
const MAX_PART: u64 = 256 * 1024 * 1024;
/// All the parts that one reading unpacks.
const MAX_ALL: u64 = 768 * 1024 * 1024;
/// Up to here a part may be packed as tightly as it likes.
const FREE_PART: u64 = 32 * 1024 * 1024;
/// Beyond, no more than this to one: packages can pack gigabytes of blanks into kilobytes.
const MAX_RATIO: u64 = 400;
/// A document has hundreds of parts, thousands with many pictures.
const MAX_PARTS: usize = 100_000;
/// Bytes taken at a time of a part of which only the end matters.
const BEHIND_BLOCK: u64 = 1 << 20;
/// The most that is held of it.
const MAX_BEHIND: usize = 16 << 20;
/// A closing tag is not longer.
const BEHIND_OVERLAP: usize = 256;

/// An open package.
pub(crate) struct Package<'a> {
    zip: zip::ZipArchive<Cursor<&'a [u8]>>,
    what: &'static str,
    unpacked: u64,
}

impl<'a> Package<'a> {
    /// Opens the package of a document that people call `what` ("Word document").
    ///
    /// # Errors
    /// Broken packages and such that unpack to more than any document holds.
    pub(crate) fn open(bytes: &'a [u8], what: &'static str) -> Result<Self> {
        let zip = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| {
            damaged(
                what,
                "its package cannot be opened, so part of the file may be missing",
            )
        })?;
        if zip.len() > MAX_PARTS {
            return Err(bomb(what, &format!("it has {} parts", zip.len())));
        }
        Ok(Self {
            zip,
            what,
            unpacked: 0,
        })
    }

    /// Fails if the parts together claim to unpack to more than any document holds; for readers
    /// that unpack by themselves.
    pub(crate) fn check_claims(&mut self) -> Result<()> {
        let mut all: u64 = 0;
        for n in 0..self.zip.len() {
            let Ok(entry) = self.zip.by_index_raw(n) else {
                continue;
            };
            let (size, packed) = (entry.size(), entry.compressed_size());
            if size > FREE_PART.max(packed.saturating_mul(MAX_RATIO)) {
                return Err(bomb(
                    self.what,
                    &format!("its part {} unpacks to {size} bytes", entry.name()),
                ));
            }
            all = all.saturating_add(size);
        }
        if all > 4 * MAX_ALL {
            return Err(bomb(self.what, &format!("it unpacks to {all} bytes")));
        }
        Ok(())
    }

    /// The parts' names.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.zip.file_names()
    }

    /// A part's bytes; none if the package has no such part.
    ///
    /// # Errors
    /// Parts that cannot be unpacked, or only to more than the limits allow.
    pub(crate) fn bytes(&mut self, name: &str) -> Result<Option<Vec<u8>>> {
        let what = self.what;
        let Some(index) = self.index(name) else {
            return Ok(None);
        };
        let entry = self
            .zip
            .by_index(index)
            .map_err(|_| damaged(what, &format!("its part {name} cannot be opened")))?;
        let ratio = FREE_PART.max(entry.compressed_size().saturating_mul(MAX_RATIO));
        let limit = MAX_PART.min(ratio).min(MAX_ALL.saturating_sub(self.unpacked));
        let mut bytes = Vec::new();
        let read = entry.take(limit + 1).read_to_end(&mut bytes);
        let length = bytes.len() as u64;
        if length > limit {
            return Err(bomb(
                what,
                &format!("its part {name} unpacks to more than {} MB", limit >> 20),
            ));
        }
        self.unpacked += length;
        // A wrong checksum at the end leaves the text whole.
        if read.is_err() && bytes.is_empty() {
            return Err(damaged(what, &format!("its part {name} cannot be unpacked")));
        }
        Ok(Some(bytes))
    }

    /// A part's text; none if the package has no such part.
    ///
    /// # Errors
    /// As [`Package::bytes`].
    pub(crate) fn text(&mut self, name: &str) -> Result<Option<String>> {
        let bytes = self.bytes(name)?;
        Ok(bytes.map(|bytes| crate::text::decode(&bytes, None)))
    }

    /// A part as a stream, for readers that hold little of it; none if the package has no such part.
    pub(crate) fn stream(&mut self, name: &str) -> Option<impl Read> {
        let index = self.index(name)?;
        let entry = self.zip.by_index(index).ok()?;
        let limit = FREE_PART.max(entry.compressed_size().saturating_mul(MAX_RATIO));
        Some(entry.take(limit))
    }

    /// The text of a part that the document can do without: none if it is missing or broken.
    pub(crate) fn side_text(&mut self, name: &str) -> Option<String> {
        self.text(name).ok().flatten()
    }

    /// What a part has behind the end of its last element of this name, however long that is; none if it has no such
    /// element or cannot be unpacked. `see` is shown the part on the way, in stretches that overlap.
    pub(crate) fn behind(&mut self, name: &str, element: &str, mut see: impl FnMut(&[u8])) -> Option<String> {
        let index = self.index(name)?;
        let entry = self.zip.by_index(index).ok()?;
        let limit = FREE_PART.max(entry.compressed_size().saturating_mul(MAX_RATIO));
        let mut entry = entry.take(limit);
        let end = format!("{element}>");
        let (mut held, mut found) = (Vec::new(), false);
        loop {
            let before = held.len();
            let read = (&mut entry).take(BEHIND_BLOCK).read_to_end(&mut held);
            let last = held.len() - before < BEHIND_BLOCK as usize || read.is_err();
            let text = &held[..];
            if !found {
                see(text);
            }
            let at = text.windows(end.len()).rposition(|part| part == end.as_bytes());
            let closes = |at: &usize| {
                let open = text[..*at].iter().rposition(|byte| *byte == b'<');
                open.is_some_and(|open| text.get(open + 1) == Some(&b'/'))
            };
            if let Some(at) = at.filter(closes) {
                held.drain(..at + end.len());
                found = true;
            } else if !found {
                let keep = held.len().min(BEHIND_OVERLAP);
                held.drain(..held.len() - keep);
            }
            if last || held.len() > MAX_BEHIND {
                break;
            }
        }
        found.then(|| String::from_utf8_lossy(&held).into_owned())
    }

    /// An error about this package.
    pub(crate) fn damaged(&self, why: &str) -> Error {
        damaged(self.what, why)
    }

    fn index(&self, name: &str) -> Option<usize> {
        let name = name.trim_start_matches('/');
        self.zip.index_for_name(name).or_else(|| {
            // Some producers differ in case, or write names as another system does.
            let same = |other: &str| {
                let other = other.trim_start_matches(['/', '\\']);
                other.len() == name.len()
                    && other
                        .bytes()
                        .zip(name.bytes())
                        .all(|(a, b)| a.eq_ignore_ascii_case(&b) || (a == b'\\' && b == b'/'))
            };
            (0..self.zip.len()).find(|n| self.zip.name_for_index(*n).is_some_and(same))
        })
    }
}

/// The error of a document that is broken.
pub(crate) fn damaged(what: &str, why: &str) -> Error {
    Error::user(format!("The {what} is damaged: {why}"))
        .problem(Problem::DamagedFile {
            detail: why.to_owned(),
        })
        .hint(
            "Open it in the program it came from and save it again, or get it again from where it came; \
         then add the new file",
        )
}

/// The error of a document that its password opens here; `given` is one that did not.
pub(crate) fn needs_password(what: &str, given: Option<&Password>) -> Error {
    let error = match given {
        None => Error::user(format!("The {what} is protected by a password"))
            .problem(Problem::PasswordNeeded)
            .hint("Give its password, or save a copy without a password and add the copy"),
        Some(_) => Error::user(format!("The password that was given does not open the {what}"))
            .problem(Problem::PasswordWrong)
            .hint("Mind capital letters and the keyboard's language, and give the password again"),
    };
    error.code(ErrorCode::PasswordNeeded)
}

/// The error of a document that is protected in a way that is not opened here, with a password or without.
pub(crate) fn sealed(what: &str) -> Error {
    Error::user(format!(
        "The {what} is protected by a password, in a way that Footnote cannot open"
    ))
    .problem(Problem::Sealed)
    .hint("Open it with its password in its own program, save a copy without one, and add the copy")
}

fn bomb(what: &str, why: &str) -> Error {
    Error::user(format!("The {what} is packed as no document is: {why}")).problem(Problem::SuspiciousPacking { detail: why.to_owned() }).hint(
        "Do not open it unless you trust where it came from; saved again by its own program it can be added",
    )
}
