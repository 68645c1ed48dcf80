//! Compound files (the container of Office 97 to 2003): their streams, and what they say about
//! themselves.

mod loose;

use std::io::{Cursor, Read, Write};

use footnote_core::Result;
use footnote_core::types::ExtractSummary;

use crate::package::damaged;
use crate::page::collapse;
use crate::rtf::of_codepage;
use loose::Loose;

/// An open compound file.
pub(crate) struct Compound<'a> {
    file: File<'a>,
    size: u64,
}

enum File<'a> {
    Sound(Box<cfb::CompoundFile<Cursor<&'a [u8]>>>),
    Loose(Loose<'a>),
}

impl<'a> Compound<'a> {
    /// Opens the file of a document that people call `what`.
    ///
    /// # Errors
    /// Files whose table of contents is broken.
    pub(crate) fn open(bytes: &'a [u8], what: &str) -> Result<Self> {
        let file = match cfb::CompoundFile::open(Cursor::new(bytes)) {
            Ok(file) => File::Sound(Box::new(file)),
            Err(error) => {
                let loose = Loose::open(bytes);
                File::Loose(loose.ok_or_else(|| {
                    damaged(what, &format!("its table of contents cannot be read ({error})"))
                })?)
            }
        };
        Ok(Self {
            file,
            size: bytes.len() as u64,
        })
    }

    /// The names of its streams; of a sound file only of those that are in no folder.
    pub(crate) fn names(&self) -> Vec<String> {
        match &self.file {
            File::Sound(file) => file
                .read_root_storage()
                .map(|entry| entry.name().to_owned())
                .collect(),
            File::Loose(file) => file.names().map(str::to_owned).collect(),
        }
    }

    /// A stream's bytes, as far as they can be read; none if there is no such stream.
    pub(crate) fn stream(&mut self, name: &str) -> Option<Vec<u8>> {
        let file = match &mut self.file {
            File::Sound(file) => file,
            File::Loose(file) => return file.stream(name),
        };
        let stream = file.open_stream(format!("/{name}")).ok()?;
        let mut bytes = Vec::new();
        // No stream is longer than its file.
        let _ = stream.take(self.size).read_to_end(&mut bytes);
        Some(bytes)
    }

    /// Fills in what the file says about itself: title, author, date.
    pub(crate) fn describe(&mut self, about: &mut ExtractSummary) {
        if let Some(bytes) = self.stream("\u{5}SummaryInformation") {
            let _ = summary(&bytes, about);
        }
    }
}

/// A compound file of one stream, for a parser that takes nothing else and trusts the container: one whose chains of sectors are
/// rings it reads until there is no memory left.
///
/// # Errors
/// A stream longer than such a file can hold.
pub(crate) fn holding(name: &str, stream: &[u8]) -> Result<Vec<u8>> {
    // The version that Excel writes; of later ones the parser wants a short stream, too.
    let empty = cfb::CompoundFile::create_with_version(cfb::Version::V3, Cursor::new(Vec::new()));
    let written = empty.and_then(|mut file| {
        file.create_stream(format!("/{name}"))?.write_all(stream)?;
        file.flush()?;
        Ok(file.into_inner().into_inner())
    });
    Ok(written?)
}

/// Reads a property set ([MS-OLEPS] 2.21). None where it breaks off.
fn summary(bytes: &[u8], about: &mut ExtractSummary) -> Option<()> {
    let section = bytes.get(u32_at(bytes, 44)? as usize..)?;
    let count = u32_at(section, 4)?.min(256) as usize;
    let property = |wanted: u32| {
        (0..count).find_map(|n| {
            let id = u32_at(section, 8 + 8 * n)?;
            let offset = u32_at(section, 12 + 8 * n)? as usize;
            (id == wanted).then(|| section.get(offset..)).flatten()
        })
    };
    let codepage = property(1)
        .and_then(|value| u16_at(value, 4))
        .map_or(1252, i32::from);
    let text = |wanted: u32| {
        let value = property(wanted)?;
        let length = u32_at(value, 4)? as usize;
        let text = match (u32_at(value, 0)?, codepage) {
            (31, _) | (30, 1200) => {
                let bytes = if u32_at(value, 0)? == 31 {
                    length.checked_mul(2)?
                } else {
                    length
                };
                let units: Vec<u16> = value
                    .get(8..8usize.checked_add(bytes)?)?
                    .chunks_exact(2)
                    .map(|b| u16::from_le_bytes([b[0], b[1]]))
                    .collect();
                String::from_utf16_lossy(&units)
            }
            (30, page) => {
                let encoding = of_codepage(page).unwrap_or(encoding_rs::WINDOWS_1252);
                let bytes = value.get(8..8usize.checked_add(length)?)?;
                encoding.decode_without_bom_handling(bytes).0.into_owned()
            }
            _ => return None,
        };
        let text = collapse(text.split('\0').next().unwrap_or_default());
        Some(text).filter(|text| !text.is_empty())
    };
    about.title = text(2);
    about.author = text(4);
    let date = |wanted: u32| {
        let value = property(wanted).filter(|value| u32_at(value, 0) == Some(64))?;
        let ticks = u64::from(u32_at(value, 4)?) | u64::from(u32_at(value, 8)?) << 32;
        day(ticks)
    };
    about.date = date(13).or_else(|| date(12));
    Some(())
}

/// The day of a Windows file time (tenths of microseconds since 1601), by Howard Hinnant's
/// `civil_from_days`.
fn day(ticks: u64) -> Option<String> {
    let days = i64::try_from(ticks / 864_000_000_000).ok()? + 584_694;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (1970..2200)
        .contains(&year)
        .then(|| format!("{year:04}-{month:02}-{day:02}"))
}

/// The little-endian number at a place.
pub(crate) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let bytes = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes([bytes[0], bytes[1]]))
}

/// The little-endian number at a place.
pub(crate) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_times_are_days() {
        assert_eq!(day(132_537_600_000_000_000).as_deref(), Some("2020-12-30"));
        assert_eq!(day(116_444_736_000_000_000).as_deref(), Some("1970-01-01"));
        assert_eq!(day(0), None);
    }
}
