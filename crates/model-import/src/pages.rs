//! Giving mapped pages back while a large file is read once from front to back.

use memmap2::Mmap;

/// Tells the system that `bytes`, which lie in `map`, were read and are not needed soon. Without this a mapped
/// file counts as this process's memory in full. Bytes outside the map are left alone.
#[cfg(unix)]
pub(crate) fn release(map: &Mmap, bytes: &[u8]) {
    const PAGE: usize = 4096;
    let Some(start) = (bytes.as_ptr() as usize).checked_sub(map.as_ptr() as usize) else {
        return;
    };
    if start + bytes.len() > map.len() {
        return;
    }
    // Whole pages only: the first and the last may belong to a neighbour, too.
    let first = start.next_multiple_of(PAGE);
    let len = (start + bytes.len()).saturating_sub(first);
    if len == 0 {
        return;
    }
    // SAFETY: the map is of a file, read-only: its pages come back from the file when touched again. A refusal
    // costs memory and nothing else.
    let _ = unsafe { map.unchecked_advise_range(memmap2::UncheckedAdvice::DontNeed, first, len) };
}

/// Other systems trim mapped files themselves.
#[cfg(not(unix))]
pub(crate) fn release(_map: &Mmap, _bytes: &[u8]) {}

#[cfg(all(test, unix))]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn released_bytes_can_be_read_again_and_foreign_ones_are_left_alone() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&[7; 40_000]).unwrap();
        // SAFETY: nobody else has this file.
        let map = unsafe { Mmap::map(&file) }.unwrap();
        release(&map, &map);
        release(&map, &map[5000..5010]);
        release(&map, &map[39_999..]);
        let foreign = vec![9u8; 20_000];
        release(&map, &foreign);
        assert!(map.iter().all(|byte| *byte == 7));
        assert!(foreign.iter().all(|byte| *byte == 9));
    }
}
