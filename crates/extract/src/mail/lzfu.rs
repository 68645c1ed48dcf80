//! Compressed RTF, as Outlook stores bodies (MS-OXRTFCP).

/// What the dictionary holds before the first byte, by the format's definition.
const PRESET: &[u8] = b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";
const SIZE: usize = 4096;
/// More than any body; the stated size is not trusted.
const MAX: usize = 32 << 20;

/// Unpacks a compressed RTF body; none if it is none. What a fault leaves is returned.
pub(super) fn unpack(packed: &[u8]) -> Option<Vec<u8>> {
    let number = |at: usize| Some(u32::from_le_bytes(packed.get(at..at + 4)?.try_into().ok()?));
    let (raw, magic) = (number(4)? as usize, number(8)?);
    let body = packed.get(16..)?;
    match magic {
        // "MELA": stored.
        0x414c_454d => return Some(body[..body.len().min(raw)].to_vec()),
        // "LZFu".
        0x7546_5a4c => {}
        _ => return None,
    }
    let mut dictionary = [0_u8; SIZE];
    dictionary[..PRESET.len()].copy_from_slice(PRESET);
    let (mut write, mut out) = (PRESET.len(), Vec::new());
    let mut bytes = body.iter().copied();
    'runs: while let Some(control) = bytes.next() {
        for bit in 0..8 {
            if control & (1 << bit) == 0 {
                let Some(byte) = bytes.next() else { break 'runs };
                dictionary[write] = byte;
                write = (write + 1) % SIZE;
                out.push(byte);
            } else {
                let (Some(high), Some(low)) = (bytes.next(), bytes.next()) else {
                    break 'runs;
                };
                let reference = usize::from(high) << 8 | usize::from(low);
                let (offset, length) = (reference >> 4, (reference & 15) + 2);
                if offset == write {
                    break 'runs;
                }
                for step in 0..length {
                    let byte = dictionary[(offset + step) % SIZE];
                    dictionary[write] = byte;
                    write = (write + 1) % SIZE;
                    out.push(byte);
                }
            }
            if out.len() >= MAX {
                break 'runs;
            }
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_specification_unpacks() {
        let packed = [
            0x2d, 0, 0, 0, 0x2b, 0, 0, 0, 0x4c, 0x5a, 0x46, 0x75, 0xf1, 0xc5, 0xc7, 0xa7, 0x03, 0x00, 0x0a,
            0x00, 0x72, 0x63, 0x70, 0x67, 0x31, 0x32, 0x35, 0x42, 0x32, 0x0a, 0xf3, 0x20, 0x68, 0x65, 0x6c,
            0x09, 0x00, 0x20, 0x62, 0x77, 0x05, 0xb0, 0x6c, 0x64, 0x7d, 0x0a, 0x80, 0x0f, 0xa0,
        ];
        let text = String::from_utf8(unpack(&packed).unwrap()).unwrap();
        assert_eq!(text, "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n");
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            let mut packed = vec![0; 8];
            packed.extend(b"LZFu\0\0\0\0");
            packed.extend(bytes);
            let _ = unpack(&packed);
        }
    }
}
