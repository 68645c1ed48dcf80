//! Compound files ([MS-CFB]) whose tables contradict themselves: what can be followed is followed.

use super::{u16_at, u32_at};

/// A sector number from here on ends a chain.
const END: u32 = 0xffff_fff8;

/// The directory and the tables of a file.
pub(super) struct Loose<'a> {
    bytes: &'a [u8],
    sector: usize,
    mini: usize,
    cutoff: usize,
    fat: Vec<u32>,
    mini_fat: Vec<u32>,
    mini_stream: Vec<u8>,
    streams: Vec<(String, u32, usize)>,
}

impl<'a> Loose<'a> {
    /// Reads the tables. None if there is not even a directory.
    pub(super) fn open(bytes: &'a [u8]) -> Option<Self> {
        let shift = |at| {
            u16_at(bytes, at)
                .filter(|shift| (5..16).contains(shift))
                .map(|shift| 1_usize << shift)
        };
        let mut file = Self {
            bytes,
            sector: shift(30)?,
            mini: shift(32).unwrap_or(64),
            cutoff: u32_at(bytes, 56)?.clamp(64, 1 << 16) as usize,
            fat: Vec::new(),
            mini_fat: Vec::new(),
            mini_stream: Vec::new(),
            streams: Vec::new(),
        };
        let most = bytes.len() / file.sector + 1;
        let mut places: Vec<u32> = (0..109).filter_map(|n| u32_at(bytes, 76 + 4 * n)).collect();
        let mut next = u32_at(bytes, 68)?;
        for _ in 0..most {
            let Some(list) = file.at(next) else { break };
            places.extend((0..file.sector / 4 - 1).filter_map(|n| u32_at(list, 4 * n)));
            next = u32_at(list, file.sector - 4).unwrap_or(END);
        }
        for place in places.into_iter().take(most) {
            match file.at(place) {
                Some(table) => file
                    .fat
                    .extend((0..file.sector / 4).filter_map(|n| u32_at(table, 4 * n))),
                None => continue,
            }
        }
        let directory = file.chain(u32_at(bytes, 48)?, usize::MAX);
        for entry in directory.chunks_exact(128) {
            let length = usize::from(u16_at(entry, 64)?).clamp(2, 64) - 2;
            let units: Vec<u16> = entry[..length]
                .chunks_exact(2)
                .map(|b| u16::from_le_bytes([b[0], b[1]]))
                .collect();
            let (start, size) = (u32_at(entry, 116)?, u32_at(entry, 120)? as usize);
            match entry[66] {
                2 => file.streams.push((String::from_utf16_lossy(&units), start, size)),
                5 if file.mini_stream.is_empty() => file.mini_stream = file.chain(start, size),
                _ => {}
            }
        }
        let mini_fat = file.chain(u32_at(bytes, 60)?, usize::MAX);
        file.mini_fat = (0..mini_fat.len() / 4)
            .filter_map(|n| u32_at(&mini_fat, 4 * n))
            .collect();
        (!file.streams.is_empty()).then_some(file)
    }

    /// The names of the streams.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.streams.iter().map(|(name, _, _)| name.as_str())
    }

    /// A stream's bytes as far as its chain leads.
    pub(super) fn stream(&self, name: &str) -> Option<Vec<u8>> {
        let (_, start, size) = self
            .streams
            .iter()
            .find(|(other, _, _)| other.eq_ignore_ascii_case(name))?;
        if *size >= self.cutoff {
            return Some(self.chain(*start, *size));
        }
        let (mut bytes, mut next) = (Vec::new(), *start);
        while next < END && bytes.len() < *size {
            let at = (next as usize).checked_mul(self.mini)?;
            let part = self
                .mini_stream
                .get(at..self.mini_stream.len().min(at + self.mini));
            // A chain in a circle ends when there is enough, but not at a sector that has nothing.
            let Some(part) = part.filter(|part| !part.is_empty()) else {
                break;
            };
            bytes.extend_from_slice(part);
            next = self.mini_fat.get(next as usize).copied().unwrap_or(END);
        }
        bytes.truncate(*size);
        Some(bytes)
    }

    fn at(&self, sector: u32) -> Option<&'a [u8]> {
        let start = (sector as usize).checked_add(1)?.checked_mul(self.sector)?;
        let part = self
            .bytes
            .get(start..self.bytes.len().min(start.checked_add(self.sector)?))?;
        (sector < END && !part.is_empty()).then_some(part)
    }

    fn chain(&self, start: u32, size: usize) -> Vec<u8> {
        let (mut bytes, mut next) = (Vec::new(), start);
        // A chain in a circle would never end.
        let most = size.min(self.bytes.len());
        while bytes.len() < most {
            let Some(part) = self.at(next) else { break };
            bytes.extend_from_slice(part);
            next = self.fat.get(next as usize).copied().unwrap_or(END);
        }
        bytes.truncate(most);
        bytes
    }
}
