//! Messages packed inside their signature (CMS signed data, RFC 5652): the message that was signed.

/// The type "data", as it stands before the content: its tag, its length, 1.2.840.113549.1.7.1.
const DATA: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];
/// Pieces of a content may be packed in pieces; nobody does so deeper.
const MAX_DEPTH: u8 = 4;

/// What was signed; none if the content is not there or is something else.
pub(super) fn content(der: &[u8]) -> Option<Vec<u8>> {
    let at = der.windows(DATA.len()).position(|window| window == DATA)? + DATA.len();
    let mut rest = &der[at..];
    // Explicitly tagged, around the octets.
    let (tag, inner) = element(&mut rest)?;
    let mut out = Vec::new();
    if tag == 0xa0 {
        octets(inner, 0, &mut out);
    }
    (!out.is_empty()).then_some(out)
}

/// Appends the octet strings in `from`, one after the other.
fn octets(mut from: &[u8], depth: u8, out: &mut Vec<u8>) {
    while let Some((tag, inner)) = element(&mut from) {
        match tag {
            0x04 => out.extend_from_slice(inner),
            0x24 if depth < MAX_DEPTH => octets(inner, depth + 1, out),
            // The end of what has no stated length.
            _ => return,
        }
    }
}

/// Takes one element off the front: its tag and what is in it. One without a stated length, or with
/// a length that is too great, reaches to the end.
fn element<'a>(from: &mut &'a [u8]) -> Option<(u8, &'a [u8])> {
    let (tag, first) = (*from.first()?, *from.get(1)?);
    let (length, head) = match first {
        0x80 => (usize::MAX, 2),
        0..0x80 => (usize::from(first), 2),
        _ => {
            let count = usize::from(first & 0x7f);
            let bytes = from.get(2..2 + count).filter(|_| count <= 4)?;
            (
                bytes.iter().fold(0, |all, byte| all << 8 | usize::from(*byte)),
                2 + count,
            )
        }
    };
    let body = &from[head..];
    let (inner, rest) = body.split_at(length.min(body.len()));
    *from = rest;
    Some((tag, inner))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_whole_and_in_pieces_are_found() {
        let whole = [
            &[0x30, 0x80][..],
            DATA,
            &[0xa0, 0x07, 0x04, 0x05],
            b"hello",
            &[0x31, 0],
        ]
        .concat();
        assert_eq!(content(&whole).unwrap(), b"hello");
        let pieces = [
            &[0x30, 0x80][..],
            DATA,
            &[0xa0, 0x80, 0x24, 0x80, 0x04, 2],
            b"he",
            &[0x04, 3],
            b"llo",
            &[0, 0, 0, 0, 0x31, 0],
        ]
        .concat();
        assert_eq!(content(&pieces).unwrap(), b"hello");
        assert_eq!(content(DATA), None);
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            let _ = content(&[DATA, &[0xa0], &bytes].concat());
        }
    }
}
