//! Plain text: encodings, and pages at form feeds.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use footnote_core::Result;
use footnote_core::types::BlockKind;

use crate::page::{Piece, Sink, send_pieces};

/// Turns a file's bytes into text: byte order mark first, then UTF-8 if it is that, then UTF-16
/// without a mark, then what the letters look like. Line ends become `\n`.
pub(crate) fn decode(bytes: &[u8], hint: Option<&'static Encoding>) -> String {
    let encoding = Encoding::for_bom(bytes).map(|(encoding, _)| encoding);
    let encoding = encoding.or_else(|| std::str::from_utf8(bytes).ok().map(|_| UTF_8));
    let encoding = encoding
        .or_else(|| unmarked_utf16(bytes))
        .or(hint)
        .unwrap_or_else(|| guess(bytes));
    // UTF-16 without a mark can be valid UTF-8 (ASCII letters and zeros), so it goes first then.
    let encoding = unmarked_utf16(bytes).unwrap_or(encoding);
    let (text, _, _) = encoding.decode(bytes);
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    // A NUL shows as nothing and breaks C interfaces further down.
    if text.contains('\0') {
        text.replace('\0', "")
    } else {
        text
    }
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Allow);
    // The start of a file shows its encoding; megabytes more only cost time.
    let (sample, last) = if bytes.len() > 1 << 20 {
        (&bytes[..1 << 20], false)
    } else {
        (bytes, true)
    };
    detector.feed(sample, last);
    detector.guess(None, chardetng::Utf8Detection::Allow)
}

fn unmarked_utf16(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = &bytes[..bytes.len().min(4096)];
    if sample.len() < 8 || Encoding::for_bom(bytes).is_some() {
        return None;
    }
    let zeros = |odd: usize| sample.iter().skip(odd).step_by(2).filter(|b| **b == 0).count();
    let pairs = sample.len() / 2;
    // Western text has a zero in nearly every pair, always on the same side.
    match (zeros(0) * 10 > pairs * 7, zeros(1) * 10 > pairs * 7) {
        (true, false) => Some(UTF_16BE),
        (false, true) => Some(UTF_16LE),
        _ => None,
    }
}

/// Reads plain text: form feeds part pages, blank lines part paragraphs.
pub(crate) fn read(bytes: &[u8], sink: &mut Sink<'_>) -> Result<u32> {
    let text = decode(bytes, None);
    let mut pieces = Vec::new();
    for (n, page) in text.split('\u{c}').enumerate() {
        let mut page_break = n > 0;
        for paragraph in paragraphs(page) {
            pieces.push(Piece {
                page_break,
                ..Piece::new(BlockKind::Paragraph, paragraph)
            });
            page_break = false;
        }
    }
    send_pieces(&pieces, sink)
}

/// The parts of `text` between blank lines.
pub(crate) fn paragraphs(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut at) = (Vec::new(), None, 0);
    for line in text.split_inclusive('\n') {
        match (line.trim().is_empty(), start) {
            (true, Some(from)) => {
                parts.push(&text[from..at]);
                start = None;
            }
            (false, None) => start = Some(at),
            _ => {}
        }
        at += line.len();
    }
    parts.extend(start.map(|from| &text[from..]));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ops::ControlFlow;

    fn pages(bytes: &[u8]) -> Vec<footnote_core::types::Page> {
        let mut pages = Vec::new();
        read(bytes, &mut |page, _| {
            crate::invariants::check(&page);
            pages.push(page);
            ControlFlow::Continue(())
        })
        .unwrap();
        pages
    }

    #[test]
    fn encodings_are_recognised() {
        assert_eq!(decode("grün".as_bytes(), None), "grün");
        assert_eq!(decode(b"\xef\xbb\xbfgr\xc3\xbcn\r\n", None), "grün\n");
        assert_eq!(decode(b"\xff\xfeg\0r\0\xfc\0n\0", None), "grün");
        assert_eq!(decode(b"g\0r\0e\0e\0n\0 \0s\0e\0a\0", None), "green sea");
        let latin = b"Der K\xe4ufer sch\xe4tzt die Gr\xf6\xdfe f\xfcr \xfcberm\xe4\xdfig gro\xdf.";
        assert!(decode(latin, None).contains("Größe für übermäßig"));
        let (sjis, _, _) = encoding_rs::SHIFT_JIS.encode("港の灯台は毎週掃除しなければならない。");
        assert_eq!(decode(&sjis, None), "港の灯台は毎週掃除しなければならない。");
    }

    #[test]
    fn form_feeds_part_pages_and_blank_lines_paragraphs() {
        let pages = pages(b"one\ntwo\n\nthree\x0cfour");
        assert_eq!(pages.len(), 2);
        assert_eq!(pages[0].text, "one\ntwo\n\nthree");
        assert_eq!(pages[0].blocks.len(), 2);
        assert_eq!(pages[1].text, "four");
    }

    #[test]
    fn nothing_is_one_empty_page() {
        let pages = pages(b"");
        assert_eq!(pages.len(), 1);
        assert_eq!(pages[0].source, footnote_core::types::PageSource::Empty);
    }
}
