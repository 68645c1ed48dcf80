//! Bounds-checked little-endian reading.

/// A position in bytes; every read is checked against what is left.
pub(crate) struct Cursor<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, position: 0 }
    }

    pub(crate) fn position(&self) -> usize {
        self.position
    }

    pub(crate) fn remaining(&self) -> usize {
        self.bytes.len() - self.position
    }

    pub(crate) fn take(&mut self, len: usize) -> Result<&'a [u8], String> {
        if len > self.remaining() {
            return Err(format!(
                "it ends at byte {}, {len} bytes were expected at byte {}",
                self.bytes.len(),
                self.position
            ));
        }
        let taken = &self.bytes[self.position..self.position + len];
        self.position += len;
        Ok(taken)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], String> {
        let mut out = [0; N];
        out.copy_from_slice(self.take(N)?);
        Ok(out)
    }

    pub(crate) fn u8(&mut self) -> Result<u8, String> {
        Ok(self.array::<1>()?[0])
    }

    pub(crate) fn u16(&mut self) -> Result<u16, String> {
        Ok(u16::from_le_bytes(self.array()?))
    }

    pub(crate) fn u32(&mut self) -> Result<u32, String> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    pub(crate) fn u64(&mut self) -> Result<u64, String> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    pub(crate) fn f32(&mut self) -> Result<f32, String> {
        Ok(f32::from_le_bytes(self.array()?))
    }

    /// A 64-bit count of items that take at least `min_bytes` each, held against what is left.
    pub(crate) fn count(&mut self, what: &str, min_bytes: usize) -> Result<usize, String> {
        let count = self.u64()?;
        self.check_count(what, count, min_bytes)
    }

    /// Refuses a `count` of items of at least `min_bytes` each that cannot fit into what is left.
    pub(crate) fn check_count(&self, what: &str, count: u64, min_bytes: usize) -> Result<usize, String> {
        let fits = count
            .checked_mul(min_bytes as u64)
            .is_some_and(|bytes| bytes <= self.remaining() as u64);
        if !fits {
            return Err(format!(
                "it announces {count} {what}, but {} bytes are left",
                self.remaining()
            ));
        }
        Ok(count as usize)
    }

    /// A UTF-8 string with a 64-bit length of at most `limit`.
    pub(crate) fn string(&mut self, what: &str, limit: usize) -> Result<String, String> {
        let len = self.count(&format!("bytes of {what}"), 1)?;
        if len > limit {
            return Err(format!("{what} is {len} bytes long; {limit} are allowed"));
        }
        let bytes = self.take(len)?;
        String::from_utf8(bytes.to_vec()).map_err(|_| format!("{what} is not UTF-8"))
    }
}
