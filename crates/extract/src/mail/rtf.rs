//! Bodies in RTF: the HTML that was packed into it (MS-OXRTFEX), or its bare text.

use encoding_rs::{Encoding, WINDOWS_1252};

/// A body that was found in RTF.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Body {
    /// The HTML that the RTF stands for.
    Html(String),
    /// The characters that show.
    Text(String),
}

/// Groups whose text does not show.
const HIDDEN: &[&str] = &[
    "fonttbl",
    "colortbl",
    "stylesheet",
    "info",
    "pict",
    "object",
    "header",
    "footer",
    "listtable",
    "themedata",
];

#[derive(Clone, Copy, Default)]
struct Group {
    hidden: bool,
    /// In `\htmltag`: shows in the HTML only.
    tag: bool,
    /// Between `\htmlrtf` and `\htmlrtf0`: shows in the RTF only.
    rtf_only: bool,
    /// Characters to leave out after `\u`.
    fallback: usize,
}

struct Reader<'a> {
    rtf: &'a [u8],
    at: usize,
    encoding: &'static Encoding,
    is_html: bool,
    /// Bytes in the document's code page, not yet characters.
    pending: Vec<u8>,
    out: String,
    group: Group,
    /// How many characters of a `\u` fallback are still to come.
    skip: usize,
}

/// Reads an RTF body.
pub(super) fn read(rtf: &[u8]) -> Body {
    let mut reader = Reader {
        rtf,
        at: 0,
        encoding: WINDOWS_1252,
        is_html: false,
        pending: Vec::new(),
        out: String::new(),
        group: Group {
            fallback: 1,
            ..Group::default()
        },
        skip: 0,
    };
    let mut outer = Vec::new();
    while let Some(byte) = reader.next() {
        match byte {
            b'{' => {
                outer.push(reader.group);
                reader.skip = 0;
            }
            b'}' => {
                reader.flush();
                reader.group = outer.pop().unwrap_or(reader.group);
                reader.skip = 0;
            }
            b'\\' => reader.control(),
            b'\r' | b'\n' => {}
            byte => reader.byte(byte),
        }
    }
    reader.flush();
    if reader.is_html {
        Body::Html(reader.out)
    } else {
        Body::Text(reader.out)
    }
}

impl Reader<'_> {
    fn next(&mut self) -> Option<u8> {
        let byte = self.rtf.get(self.at).copied();
        self.at += 1;
        byte
    }

    fn shows(&self) -> bool {
        !(self.group.hidden || self.is_html && self.group.rtf_only)
    }

    fn byte(&mut self, byte: u8) {
        if self.skip > 0 {
            self.skip -= 1;
        } else if self.shows() {
            self.pending.push(byte);
        }
    }

    fn text(&mut self, text: &str) {
        if self.shows() {
            self.flush();
            self.out.push_str(text);
        }
    }

    fn flush(&mut self) {
        if !self.pending.is_empty() {
            let (text, _) = self.encoding.decode_without_bom_handling(&self.pending);
            self.out.push_str(&text);
            self.pending.clear();
        }
    }

    fn control(&mut self) {
        let Some(byte) = self.next() else { return };
        match byte {
            b'\'' => {
                let digits = self
                    .rtf
                    .get(self.at..self.at + 2)
                    .and_then(|hex| std::str::from_utf8(hex).ok());
                if let Some(byte) = digits.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
                    self.at += 2;
                    self.byte(byte);
                }
            }
            b'*' => self.group.hidden = true,
            b'~' => self.text("\u{a0}"),
            b'_' => self.text("-"),
            b'\r' | b'\n' => self.text("\n"),
            byte if byte.is_ascii_alphabetic() => {
                let start = self.at - 1;
                while self.rtf.get(self.at).is_some_and(u8::is_ascii_alphabetic) {
                    self.at += 1;
                }
                let word = self.at;
                if self.rtf.get(self.at) == Some(&b'-') {
                    self.at += 1;
                }
                while self.rtf.get(self.at).is_some_and(u8::is_ascii_digit) {
                    self.at += 1;
                }
                let name = String::from_utf8_lossy(&self.rtf[start..word]).into_owned();
                let number = std::str::from_utf8(&self.rtf[word..self.at])
                    .ok()
                    .and_then(|digits| digits.parse::<i32>().ok());
                if self.rtf.get(self.at) == Some(&b' ') {
                    self.at += 1;
                }
                self.word(&name, number);
            }
            b'{' | b'}' | b'\\' => self.byte(byte),
            _ => {}
        }
    }

    fn word(&mut self, name: &str, number: Option<i32>) {
        match name {
            "fromhtml" => self.is_html = true,
            "htmltag" | "mhtmltag" => {
                // `\*` came before it; these tags are what is looked for. `mhtmltag` repeats one.
                self.group.hidden = name == "mhtmltag" || !self.is_html;
                self.group.tag = true;
            }
            "htmlrtf" => {
                self.flush();
                self.group.rtf_only = number != Some(0);
            }
            "ansicpg" => {
                let page = number.and_then(|page| u16::try_from(page).ok());
                self.encoding = page.and_then(super::msg::code_page).unwrap_or(self.encoding);
            }
            "par" | "line" => self.text(if self.group.tag { "\r\n" } else { "\n" }),
            "tab" => self.text("\t"),
            "lquote" => self.text("\u{2018}"),
            "rquote" => self.text("\u{2019}"),
            "ldblquote" => self.text("\u{201c}"),
            "rdblquote" => self.text("\u{201d}"),
            "bullet" => self.text("\u{2022}"),
            "endash" => self.text("\u{2013}"),
            "emdash" => self.text("\u{2014}"),
            "uc" => self.group.fallback = number.and_then(|n| usize::try_from(n).ok()).unwrap_or(1).min(8),
            "u" => {
                // Sixteen bits, signed; halves of pairs come one after the other.
                let unit = number.unwrap_or(0) as u16;
                self.unit(unit);
                self.skip = self.group.fallback;
            }
            "bin" => self.at += number.and_then(|n| usize::try_from(n).ok()).unwrap_or(0),
            _ if HIDDEN.contains(&name) => self.group.hidden = true,
            _ => {}
        }
    }

    fn unit(&mut self, unit: u16) {
        let character = char::from_u32(u32::from(unit));
        if let Some(character) = character {
            self.text(character.encode_utf8(&mut [0; 4]));
            return;
        }
        // The low half looks back for its high half, kept as a mark that no text has.
        if (0xd800..0xdc00).contains(&unit) {
            let mark = char::from_u32(0xf_0000 + u32::from(unit) - 0xd800).unwrap_or('\u{fffd}');
            self.text(mark.encode_utf8(&mut [0; 4]));
        } else if let Some(high) = self.out.chars().next_back().map(u32::from)
            && (0xf_0000..0xf_0400).contains(&high)
        {
            self.out.pop();
            let whole = 0x1_0000 + ((high - 0xf_0000) << 10) + (u32::from(unit) - 0xdc00);
            self.out.push(char::from_u32(whole).unwrap_or('\u{fffd}'));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_comes_back_out_of_rtf() {
        let rtf = b"{\\rtf1\\ansi\\ansicpg1252\\fromhtml1 \\deff0{\\fonttbl{\\f0 Arial;}}{\\*\\htmltag19 <html>}\
            {\\*\\htmltag64 <p>}\\htmlrtf {\\htmlrtf0 Gr\\'fc\\'dfe \\u8364?5\\htmlrtf\\par}\\htmlrtf0{\\*\\htmltag72 </p>}}";
        assert_eq!(
            read(rtf),
            Body::Html("<html><p>Gr\u{fc}\u{df}e \u{20ac}5</p>".into())
        );
    }

    #[test]
    fn plain_rtf_gives_its_text() {
        let rtf =
            b"{\\rtf1\\ansi{\\fonttbl{\\f0 Arial;}}\\pard one\\par two \\{x\\}\\u-10179?\\u-8704?\\par}";
        assert_eq!(read(rtf), Body::Text("one\ntwo {x}\u{1F600}\n".into()));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in "[{}\\\\a-z0-9' *-]{0,200}") {
            let _ = read(bytes.as_bytes());
        }
    }
}
