//! Paths as bytes and back, without loss. File names need not be Unicode.

use std::path::{Path, PathBuf};

/// The path's own bytes (Unix).
#[cfg(unix)]
pub(crate) fn to_bytes(path: &Path) -> Vec<u8> {
    use std::os::unix::ffi::OsStrExt;
    path.as_os_str().as_bytes().to_vec()
}

/// The path of [`to_bytes`].
#[cfg(unix)]
pub(crate) fn from_bytes(bytes: Vec<u8>) -> PathBuf {
    use std::os::unix::ffi::OsStringExt;
    std::ffi::OsString::from_vec(bytes).into()
}

/// The path's UTF-16 units, little-endian (Windows): they may hold lone surrogates, which UTF-8 cannot.
#[cfg(windows)]
pub(crate) fn to_bytes(path: &Path) -> Vec<u8> {
    use std::os::windows::ffi::OsStrExt;
    path.as_os_str()
        .encode_wide()
        .flat_map(u16::to_le_bytes)
        .collect()
}

/// The path of [`to_bytes`].
#[cfg(windows)]
pub(crate) fn from_bytes(bytes: Vec<u8>) -> PathBuf {
    use std::os::windows::ffi::OsStringExt;
    let units: Vec<u16> = bytes
        .chunks_exact(2)
        .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
        .collect();
    std::ffi::OsString::from_wide(&units).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_names_survive() {
        for name in [
            "/a b/it's \"q\".pdf",
            "/😀/é.txt",
            &format!("/{}", "x".repeat(4096)),
            "",
        ] {
            assert_eq!(from_bytes(to_bytes(Path::new(name))), PathBuf::from(name));
        }
    }

    #[cfg(unix)]
    #[test]
    fn names_that_are_not_unicode_survive() {
        let bytes = b"/tmp/\xff\xfe.pdf".to_vec();
        assert_eq!(to_bytes(&from_bytes(bytes.clone())), bytes);
    }
}
