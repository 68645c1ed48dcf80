//! Plain text: encodings, and pages at form feeds.

mod macintosh;
mod plain;
mod stream;
mod utf32;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

pub(crate) use plain::read;
pub(crate) use stream::Decoded;

/// Turns a file's bytes into text: byte order mark first, then UTF-32 and UTF-16 without a mark, then
/// UTF-8 if it is that, then what the letters look like. Line ends become `\n`.
pub(crate) fn decode(bytes: &[u8], hint: Option<&'static Encoding>) -> String {
    let mut text = String::new();
    match utf32::Order::of(bytes) {
        Some(order) => utf32::Decoder::new(order).decode(bytes, true, &mut text),
        None => text = encoding_of(bytes, true, hint).decode(bytes).0.into_owned(),
    }
    even_out(&mut text);
    text
}

/// Whether these bytes, the beginning of a file, are text in characters of two or four bytes.
pub(crate) fn is_wide(bytes: &[u8]) -> bool {
    utf32::Order::of(bytes).is_some() || unmarked_utf16(bytes).is_some()
}

/// The encoding of a text that is not UTF-32, by `bytes` from its beginning; `whole` if they are all of it.
fn encoding_of(bytes: &[u8], whole: bool, hint: Option<&'static Encoding>) -> &'static Encoding {
    let end = if whole { 0 } else { stream::cut_character(bytes) };
    // UTF-16 without a mark can be valid UTF-8 (ASCII letters and zeros), so it goes first.
    stream::marked(bytes)
        .or_else(|| unmarked_utf16(bytes))
        .or_else(|| is_nearly_utf8(&bytes[..bytes.len() - end]).then_some(UTF_8))
        // Bytes that are no UTF-8 are none, whatever a declaration says.
        .or(hint.filter(|hint| *hint != UTF_8))
        .unwrap_or_else(|| guess(bytes))
}

/// Makes every line end `\n`, and drops zeros: they show as nothing and break C interfaces further
/// down.
fn even_out(text: &mut String) {
    if text.contains('\r') {
        *text = text.replace("\r\n", "\n").replace('\r', "\n");
    }
    if text.contains('\0') {
        *text = text.replace('\0', "");
    }
}

/// Whether this is UTF-8, but for a few broken characters: files are cut, and pasted together.
fn is_nearly_utf8(bytes: &[u8]) -> bool {
    let (mut whole, mut broken) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        whole += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    broken == 0 || broken * 20 <= whole
}

/// What the letters look like.
pub(crate) fn guess(bytes: &[u8]) -> &'static Encoding {
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Allow);
    // The start of a file shows its encoding; megabytes more only cost time.
    let (sample, last) = if bytes.len() > 1 << 20 {
        (&bytes[..1 << 20], false)
    } else {
        (bytes, true)
    };
    detector.feed(sample, last);
    let guessed = detector.guess(None, chardetng::Utf8Detection::Allow);
    macintosh::instead_of(guessed, sample).unwrap_or(guessed)
}

/// UTF-16 without a byte order mark, by what its characters would be.
fn unmarked_utf16(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = &bytes[..bytes.len().min(4096) & !1];
    // No other encoding of text has zeros; a blank or a line end in UTF-16 has one.
    if sample.len() < 8 || !sample.contains(&0) || Encoding::for_bom(bytes).is_some() {
        return None;
    }
    // How many characters are of the first 256; none if some are none that texts have.
    let score = |unit: fn([u8; 2]) -> u16| {
        let units = sample.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
        let (mut low, mut odd, mut all) = (0, 0, 0);
        for c in char::decode_utf16(units) {
            all += 1;
            match c {
                Ok(c) if c < '\u{100}' => {
                    low += 1;
                    odd += usize::from(c.is_control() && !c.is_whitespace());
                }
                Ok(c) => {
                    let punctuation =
                        matches!(u32::from(c), 0x2000..=0x22ff | 0x3000..=0x303f | 0xff00..=0xffef);
                    let mark =
                        matches!(u32::from(c), 0x300..=0x36f | 0x591..=0x5c7 | 0x610..=0x65f | 0x900..=0xe4f);
                    odd += usize::from(!c.is_alphanumeric() && !punctuation && !mark);
                }
                // The sample may cut a pair.
                Err(_) => odd += 1,
            }
        }
        (low > 0 && odd * 20 <= all).then_some(low)
    };
    match (score(u16::from_be_bytes), score(u16::from_le_bytes)) {
        (Some(big), Some(little)) if big == little => None,
        (Some(big), little) if little.is_none_or(|little| big > little) => Some(UTF_16BE),
        (_, Some(_)) => Some(UTF_16LE),
        _ => None,
    }
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
        read(bytes, &mut |extracted| {
            crate::invariants::check(&extracted.page);
            pages.push(extracted.page);
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
    fn encodings_of_other_scripts_are_recognised() {
        use encoding_rs::{GB18030, KOI8_R, WINDOWS_1251};
        let russian =
            "Маяк на мысу горит каждую ночь, и смотритель записывает в журнал погоду и проходящие суда.";
        assert_eq!(decode(&KOI8_R.encode(russian).0, None), russian);
        assert_eq!(decode(&WINDOWS_1251.encode(russian).0, None), russian);
        let chinese = "港口的灯塔每周必须清洗一次，看守人把天气和经过的船只写进日志。";
        assert_eq!(decode(&GB18030.encode(chinese).0, None), chinese);
        for text in [
            russian,
            "港口的灯塔每周必须清洗一次。\n看守人把天气写进日志。\n",
            "Ο φάρος ανάβει κάθε βράδυ.\n",
        ] {
            let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
            assert_eq!(decode(&little, None), text);
            assert_eq!(decode(&big, None), text);
        }
    }

    #[test]
    fn utf_32_is_recognised_with_and_without_a_mark() {
        for text in ["green sea\n", "Größe 😀", "港の灯台\n", "Маяк на мысу"] {
            for mark in ["", "\u{feff}"] {
                let marked = format!("{mark}{text}");
                let little: Vec<u8> = marked.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
                let big: Vec<u8> = marked.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect();
                for bytes in [little, big] {
                    assert_eq!(decode(&bytes, None), text);
                    let read = crate::testing::read_file("a.txt", &bytes).unwrap();
                    assert_eq!(read.texts(), [text.trim_end()]);
                }
            }
        }
    }

    #[test]
    fn wrong_declarations_and_single_broken_bytes_do_no_harm() {
        use encoding_rs::WINDOWS_1256;
        let arabic = "المنارة على الرأس تضيء كل ليلة، والحارس يكتب في السجل الطقس والسفن العابرة.";
        assert_eq!(decode(&WINDOWS_1256.encode(arabic).0, Some(UTF_8)), arabic);
        let mut cut = "Größe für übermäßig große Käfer, früher schätzungsweise überflüssig: äöüßäöüßäöüß"
            .as_bytes()
            .to_vec();
        cut.pop();
        assert!(decode(&cut, None).starts_with("Größe für übermäßig"));
    }

    #[test]
    fn paragraphs_know_their_lines() {
        let mut text = "one\n\n  two\u{c}three\n\n".to_owned();
        text.extend((0..50).map(|n| format!("line {n}\n")));
        let places: Vec<String> = pages(text.as_bytes())
            .into_iter()
            .flat_map(|page| page.places)
            .map(|p| p.address)
            .collect();
        assert_eq!(places, ["1:1", "3:1", "3:7", "5:1", "25:1", "45:1"]);
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
