//! ZIP, GZIP and TAR: the files inside, each read by its own format.

use std::io::{Cursor, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use footnote_core::types::ExtractSummary;
use footnote_core::{Error, Problem, Result};

use crate::nest::{Container, Nest};
use crate::package::{needs_password, sealed};
use crate::page::Sink;

/// Reads a ZIP archive. Returns the number of pages.
pub(crate) fn read_zip(
    bytes: &[u8],
    nest: &Nest,
    about: &mut ExtractSummary,
    sink: &mut Sink<'_>,
) -> Result<u32> {
    let mut archive =
        zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| damaged("its directory is broken"))?;
    let mut inside = Container::new(nest.deeper()?, 0, sink);
    for index in 0..archive.len() {
        let (name, lock) = match archive.by_index_raw(index) {
            Ok(entry) if entry.is_file() && !is_litter(entry.name()) => {
                (name_of(entry.name_raw(), entry.name()), Lock::of(&entry))
            }
            Ok(_) => continue,
            Err(_) => {
                inside.fail(&format!("file {}", index + 1), damaged("its entry is broken"));
                continue;
            }
        };
        let password = inside.nest().password().cloned();
        let entry = match (lock, &password) {
            (Lock::None, _) => archive.by_index(index),
            (Lock::ZipCrypto, Some(password)) => {
                archive.by_index_decrypt(index, password.expose().as_bytes())
            }
            (Lock::ZipCrypto, None) => Err(zip::result::ZipError::InvalidPassword),
            (Lock::Other, _) => {
                inside.fail(&name, sealed("file"));
                continue;
            }
        };
        let unpacked = match entry {
            Ok(entry) => inside.nest().unpack(entry.compressed_size(), entry),
            Err(zip::result::ZipError::InvalidPassword) => Err(needs_password("file", password.as_ref())),
            Err(zip::result::ZipError::UnsupportedArchive(_)) => Err(Error::user(
                "It is packed by a method that Footnote does not know",
            )
            .problem(Problem::UnknownPacking)
            .hint("Pack the files anew as a plain ZIP, or add them one by one")),
            Err(_) => Err(damaged("its entry is broken")),
        };
        match unpacked {
            Ok(unpacked) => {
                if inside.file(&name, &unpacked).is_break() {
                    break;
                }
            }
            Err(error) => inside.fail(&name, error),
        }
    }
    inside.close_or_fail("archive", about)
}

/// How an entry of a ZIP archive is locked.
enum Lock {
    None,
    /// The way of PKZIP.
    ZipCrypto,
    /// AES as WinZip has it, and other ways.
    Other,
}

impl Lock {
    fn of(entry: &zip::read::ZipFile<'_, Cursor<&[u8]>>) -> Self {
        use zip::CompressionMethod as Method;
        match (entry.encrypted(), entry.compression()) {
            (false, _) => Self::None,
            (true, Method::Stored | Method::Deflated) => Self::ZipCrypto,
            (true, _) => Self::Other,
        }
    }
}

/// Reads what GZIP packed: one file, or a TAR archive. Returns the number of pages.
pub(crate) fn read_gzip(
    bytes: &[u8],
    name: &Path,
    nest: &Nest,
    about: &mut ExtractSummary,
    sink: &mut Sink<'_>,
) -> Result<u32> {
    let mut head = Vec::new();
    let begun = MultiGzDecoder::new(bytes).take(512).read_to_end(&mut head);
    if begun.is_err() && head.is_empty() {
        return Err(damaged("it cannot be unpacked"));
    }
    if is_tar(&head) {
        let unpacked = MultiGzDecoder::new(bytes).take(Nest::total());
        return tar(unpacked, bytes.len() as u64, nest, about, sink);
    }
    let deeper = nest.deeper()?;
    let unpacked = deeper.unpack(bytes.len() as u64, MultiGzDecoder::new(bytes))?;
    let named = name.file_stem().map(Path::new).unwrap_or(name);
    crate::parse::read_bytes(&unpacked, named, &deeper, about, sink)
}

/// Reads a TAR archive. Returns the number of pages.
pub(crate) fn read_tar(
    bytes: &[u8],
    nest: &Nest,
    about: &mut ExtractSummary,
    sink: &mut Sink<'_>,
) -> Result<u32> {
    tar(bytes, bytes.len() as u64, nest, about, sink)
}

fn tar(
    from: impl Read,
    packed: u64,
    nest: &Nest,
    about: &mut ExtractSummary,
    sink: &mut Sink<'_>,
) -> Result<u32> {
    let mut archive = tar::Archive::new(from);
    let entries = archive.entries().map_err(|_| damaged("it cannot be unpacked"))?;
    let mut inside = Container::new(nest.deeper()?, 0, sink);
    for entry in entries {
        let Ok(entry) = entry else {
            inside.fail("archive", damaged("it ends early; the rest was not read"));
            break;
        };
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        if !entry.header().entry_type().is_file() || is_litter(&name) {
            continue;
        }
        match inside.nest().unpack(packed, entry) {
            Ok(unpacked) => {
                if inside.file(name.trim_start_matches("./"), &unpacked).is_break() {
                    break;
                }
            }
            Err(error) => inside.fail(&name, error),
        }
    }
    inside.close_or_fail("archive", about)
}

/// Whether a TAR header stands at the start: its checksum tells.
pub(crate) fn is_tar(head: &[u8]) -> bool {
    let Some(header) = head.get(..512) else {
        return false;
    };
    let stated = std::str::from_utf8(&header[148..156])
        .ok()
        .map(|digits| digits.trim_matches(['\0', ' ']))
        .and_then(|digits| u32::from_str_radix(digits, 8).ok());
    let sum: u32 = header
        .iter()
        .enumerate()
        .map(|(at, byte)| {
            if (148..156).contains(&at) {
                32
            } else {
                u32::from(*byte)
            }
        })
        .sum();
    stated == Some(sum) && header[0] != 0
}

/// A file's name: many archives write it in the encoding of the system they were made on, and do not
/// say so. `western` is what it is by the ZIP format's own rules.
fn name_of(raw: &[u8], western: &str) -> String {
    match std::str::from_utf8(raw) {
        Ok(name) => name.to_owned(),
        Err(_) if raw.iter().filter(|byte| **byte > 127).count() > 3 => crate::text::decode(raw, None),
        Err(_) => western.to_owned(),
    }
}

/// What systems leave in archives beside the files.
fn is_litter(name: &str) -> bool {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    name.starts_with("__MACOSX/")
        || file.starts_with("._")
        || matches!(file, ".DS_Store" | "Thumbs.db" | "desktop.ini")
}

fn damaged(what: &str) -> Error {
    Error::user(format!("The archive is damaged: {what}"))
        .problem(Problem::DamagedFile {
            detail: what.to_owned(),
        })
        .hint("Get it again from where it came, or unpack it and add the files inside")
}

#[cfg(test)]
mod tests;
