//! What a PDF says of itself: its information dictionary (ISO 32000-1, 14.3.3), and its XMP (ISO 16684-1)
//! where that says nothing.

use footnote_core::types::ExtractSummary;
use pdf_extract::{Document, Object};
use quick_xml::events::Event;

use super::object::{contents, get, get_dict};
use super::string;
use crate::page::collapse;
use crate::xml::{attribute, entity, local, reader, text_of};

/// Longer metadata is a list of something else.
const MAX_XMP: usize = 1 << 20;
/// Characters of a name or title.
const MAX_CHARS: usize = 300;
/// Elements within elements.
const MAX_DEPTH: usize = 32;
/// There was no PDF before: the clock of a machine that was not set, or an empty field.
const FIRST_YEAR: u32 = 1990;

/// Fills in title, author, date and language.
pub(super) fn describe(doc: &Document, about: &mut ExtractSummary) {
    let info = get_dict(doc, &doc.trailer, b"Info");
    let entry = |key| info.and_then(|info| string::entry(doc, info, key));
    let moment = |key| entry(key).as_deref().and_then(date);
    let catalog = doc.catalog().ok();
    let xmp = match catalog.and_then(|catalog| get(doc, catalog, b"Metadata")) {
        Some(Object::Stream(stream)) => Xmp::of(&contents(stream)),
        _ => Xmp::default(),
    };
    about.title = (entry(b"Title").as_deref().and_then(telling))
        .or_else(|| xmp.title.as_deref().and_then(telling))
        .map(short);
    let authors = (!xmp.authors.is_empty()).then(|| xmp.authors.join(", "));
    about.author = entry(b"Author").or(authors).map(short);
    // The later of the two, as other formats have it.
    about.date = moment(b"ModDate")
        .or_else(|| moment(b"CreationDate"))
        .or(xmp.modified)
        .or(xmp.created);
    about.language = catalog.and_then(|catalog| string::entry(doc, catalog, b"Lang"));
}

/// A title that somebody gave: without the program that printed it, and none if it is what a program calls every
/// document, or the name of the file that the PDF was made from. The PDF's own name tells more.
fn telling(title: &str) -> Option<String> {
    const PRINTED_BY: &[&str] = &[
        "Microsoft Word - ",
        "Microsoft PowerPoint - ",
        "Microsoft Excel - ",
    ];
    const OF_EVERY_DOCUMENT: &[&str] = &[
        "powerpoint presentation",
        "powerpoint-präsentation",
        "présentation powerpoint",
        "presentación de powerpoint",
        "word document",
        "slide 1",
        "folie 1",
    ];
    const SOURCES: &[&str] = &[
        "doc", "docx", "dvi", "fodt", "htm", "html", "indd", "key", "odp", "ods", "odt", "pages", "pdf",
        "ppt", "pptx", "ps", "pub", "qxd", "rtf", "tex", "txt", "xls", "xlsx",
    ];
    let title = (PRINTED_BY.iter().find_map(|program| title.strip_prefix(program)))
        .unwrap_or(title)
        .trim();
    let lower = title.to_lowercase();
    let a_file = lower
        .rsplit_once('.')
        .is_some_and(|(name, extension)| !name.is_empty() && SOURCES.contains(&extension));
    let nothing =
        title.is_empty() || lower.starts_with("untitled") || OF_EVERY_DOCUMENT.contains(&lower.as_str());
    (!nothing && !a_file).then(|| title.to_owned())
}

fn short(text: String) -> String {
    match text.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => text[..end].trim_end().to_owned(),
        None => text,
    }
}

/// What XMP says that is of use here.
#[derive(Debug, Default, PartialEq)]
struct Xmp {
    title: Option<String>,
    authors: Vec<String>,
    created: Option<String>,
    modified: Option<String>,
}

impl Xmp {
    /// Reads as far as the first fault.
    fn of(bytes: &[u8]) -> Self {
        let mut found = Self::default();
        if bytes.len() > MAX_XMP {
            return found;
        }
        let xml = crate::text::decode(bytes, None);
        let mut reader = reader(&xml);
        let (mut open, mut text): (Vec<String>, _) = (Vec::new(), String::new());
        loop {
            match reader.read_event() {
                Ok(Event::Start(element)) => {
                    open.push(local(element.name().as_ref()).to_owned());
                    text.clear();
                    if open.len() > MAX_DEPTH {
                        return found;
                    }
                    if own(&open) == Some("") {
                        found.take_attributes(&element);
                    }
                }
                Ok(Event::Empty(element)) => {
                    open.push(local(element.name().as_ref()).to_owned());
                    if own(&open) == Some("") {
                        found.take_attributes(&element);
                    }
                    open.pop();
                }
                Ok(Event::End(_)) => {
                    if let Some(name) = own(&open) {
                        found.take(name, &text);
                    }
                    open.pop();
                    text.clear();
                }
                Ok(Event::Text(part)) => text.push_str(&text_of(&part)),
                Ok(Event::GeneralRef(name)) => text.push_str(&entity(&name)),
                Ok(Event::CData(data)) => text.push_str(&data.into_inner()),
                Ok(Event::Eof) | Err(_) => return found,
                _ => {}
            }
        }
    }

    /// Simple properties may be written as attributes.
    fn take_attributes(&mut self, description: &quick_xml::events::BytesStart<'_>) {
        for name in ["CreateDate", "ModifyDate"] {
            if let Some(value) = attribute(description, name) {
                self.take(name, &value);
            }
        }
    }

    fn take(&mut self, name: &str, text: &str) {
        let text = collapse(text);
        if text.is_empty() {
            return;
        }
        match name {
            // The first is the one in the document's own language.
            "title" => self.title = self.title.take().or(Some(text)),
            "creator" => self.authors.push(text),
            "CreateDate" => self.created = self.created.take().or_else(|| date(&text)),
            "ModifyDate" => self.modified = self.modified.take().or_else(|| date(&text)),
            _ => {}
        }
    }
}

/// The name of the property of the document that is open; empty for a description of it. What describes its
/// parts, earlier versions and places it was taken from lies deeper.
fn own(open: &[String]) -> Option<&str> {
    let from = open.iter().position(|name| name == "RDF")?;
    match &open[from + 1..] {
        [description] if description == "Description" => Some(""),
        [description, name] if description == "Description" => Some(name),
        [description, name, list, item]
            if description == "Description"
                && matches!(list.as_str(), "Seq" | "Bag" | "Alt")
                && item == "li" =>
        {
            Some(name)
        }
        _ => None,
    }
}

/// A date as RFC 3339 has it, as far as it is known: `D:20210309101112+01'00'` (ISO 32000-1, 7.9.4), what
/// writers make of that, or what XMP has. None if there is no sensible year; what is not sensible behind it is
/// left out, with all that follows.
fn date(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text
        .strip_prefix("D:")
        .or_else(|| text.strip_prefix("d:"))
        .unwrap_or(text)
        .trim_start();
    let mut fields = Fields {
        rest: text.as_bytes(),
    };
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    // Distiller 3 wrote 19 and the years since 1900, so "19100" is 2000.
    let year = if digits >= 15 && text.starts_with("191") {
        fields.number(2, 0..=99)?;
        1900 + fields.number(3, 100..=199)?
    } else {
        fields.number(4, FIRST_YEAR..=9999)?
    };
    let mut told = format!("{year:04}");
    let Some(month) = fields.after(b"-").number(2, 1..=12) else {
        return Some(told);
    };
    told += &format!("-{month:02}");
    let Some(day) = fields.after(b"-").number(2, 1..=days(year, month)) else {
        return Some(told);
    };
    told += &format!("-{day:02}");
    let Some(hour) = fields.after(b"T ").number(2, 0..=23) else {
        return Some(told);
    };
    let Some(minute) = fields.after(b":").number(2, 0..=59) else {
        return Some(told);
    };
    // A leap second is the last one of its minute.
    let second = fields.after(b":").number(2, 0..=60).unwrap_or(0).min(59);
    told += &format!("T{hour:02}:{minute:02}:{second:02}");
    fields.fraction();
    Some(told + &fields.offset().unwrap_or_default())
}

fn days(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// What is left of a date.
struct Fields<'a> {
    rest: &'a [u8],
}

impl Fields<'_> {
    /// A number of exactly so many digits, if it is one of these; else nothing is taken.
    fn number(&mut self, digits: usize, range: std::ops::RangeInclusive<u32>) -> Option<u32> {
        let (own, rest) = self.rest.split_at_checked(digits)?;
        if !own.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let number = own
            .iter()
            .fold(0, |number, digit| number * 10 + u32::from(digit - b'0'));
        range.contains(&number).then(|| {
            self.rest = rest;
            number
        })
    }

    /// Leaves one of these out, if it comes next.
    fn after(&mut self, signs: &[u8]) -> &mut Self {
        if let [first, rest @ ..] = self.rest
            && signs.contains(first)
        {
            self.rest = rest;
        }
        self
    }

    /// Leaves parts of a second out.
    fn fraction(&mut self) {
        if let [b'.' | b',', rest @ ..] = self.rest {
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            self.rest = &rest[digits..];
        }
    }

    /// The zone: `Z`, `+01:00`; none if it is not said or cannot be.
    fn offset(&mut self) -> Option<String> {
        let sign = match self.rest.first()? {
            b'Z' | b'z' => return Some("Z".to_owned()),
            b'+' => '+',
            b'-' => '-',
            _ => return None,
        };
        self.rest = &self.rest[1..];
        // The furthest is Kiribati's.
        let hours = self.number(2, 0..=14)?;
        let minutes = self.after(b"':").number(2, 0..=59).unwrap_or(0);
        Some(format!("{sign}{hours:02}:{minutes:02}"))
    }
}

#[cfg(test)]
mod tests {
    use pdf_extract::{Dictionary, Stream, StringFormat};

    use super::*;

    #[test]
    fn titles_that_programs_give_are_none() {
        for (title, told) in [
            ("Residential Lease", Some("Residential Lease")),
            ("  Annual report 2024. ", Some("Annual report 2024.")),
            ("Microsoft Word - Annual report", Some("Annual report")),
            ("On node.js and .NET", Some("On node.js and .NET")),
            ("Version 2.0", Some("Version 2.0")),
            ("Microsoft Word - lease_final2.doc", None),
            ("odf_presentation.odp", None),
            ("Our talk.PPTX", None),
            ("PowerPoint Presentation", None),
            ("PowerPoint-Präsentation", None),
            ("untitled-3", None),
            (" ", None),
            (".pdf", Some(".pdf")),
        ] {
            assert_eq!(telling(title).as_deref(), told, "{title}");
        }
    }

    #[test]
    fn dates_are_told_as_far_as_they_make_sense() {
        let table: &[(&str, Option<&str>)] = &[
            ("D:20210309101112+01'00'", Some("2021-03-09T10:11:12+01:00")),
            ("D:20210309101112+01'00", Some("2021-03-09T10:11:12+01:00")),
            ("D:20210309101112-0530", Some("2021-03-09T10:11:12-05:30")),
            ("D:20210309101112Z00'00'", Some("2021-03-09T10:11:12Z")),
            ("D:20210309101112", Some("2021-03-09T10:11:12")),
            ("D:202103091011", Some("2021-03-09T10:11:00")),
            ("D:2021030910", Some("2021-03-09")),
            ("D:20210309", Some("2021-03-09")),
            ("D:202103", Some("2021-03")),
            ("D:2021", Some("2021")),
            ("20210309101112", Some("2021-03-09T10:11:12")),
            (" D: 20210309", Some("2021-03-09")),
            ("2021-03-09T10:11:12.345+01:00", Some("2021-03-09T10:11:12+01:00")),
            ("2021-03-09 10:11", Some("2021-03-09T10:11:00")),
            ("D:191010401101112", Some("2001-04-01T10:11:12")),
            ("D:20240229", Some("2024-02-29")),
            // Not sensible, as far as they go.
            ("D:20210229", Some("2021-02")),
            ("D:19000229", None),
            ("D:20211309", Some("2021")),
            ("D:20210332", Some("2021-03")),
            ("D:20210309250000", Some("2021-03-09")),
            ("D:20210309236100", Some("2021-03-09")),
            ("D:20210309235960", Some("2021-03-09T23:59:59")),
            ("D:20210309101199", Some("2021-03-09T10:11:00")),
            ("D:20210309101112+99'00'", Some("2021-03-09T10:11:12")),
            ("D:20210309101112+01'99'", Some("2021-03-09T10:11:12+01:00")),
            ("D:20210309101112+-1'00'", Some("2021-03-09T10:11:12")),
            ("D:2021-3-9", Some("2021")),
            ("D:20210309101112 garbage", Some("2021-03-09T10:11:12")),
            ("D:19700101000000Z", None),
            ("D:00000000000000", None),
            ("D:-2021", None),
            ("D:", None),
            ("", None),
            ("now", None),
            ("D:２０２１", None),
            ("D:202é", None),
            ("D:D:2021", None),
            ("Tue Mar  9 10:11:12 2021", None),
            ("D:99999999999999999999999999999999", Some("9999")),
        ];
        for (written, told) in table {
            assert_eq!(date(written).as_deref(), *told, "{written}");
        }
    }

    fn document(info: &[(&str, &[u8])], xmp: Option<&str>) -> ExtractSummary {
        let mut doc = Document::with_version("1.7");
        let mut own = Dictionary::new();
        for (key, value) in info {
            own.set(*key, Object::String(value.to_vec(), StringFormat::Literal));
        }
        let info = doc.add_object(own);
        let mut catalog = Dictionary::new();
        if let Some(xmp) = xmp {
            let metadata = doc.add_object(Stream::new(Dictionary::new(), xmp.as_bytes().to_vec()));
            catalog.set("Metadata", Object::Reference(metadata));
        }
        let catalog = doc.add_object(catalog);
        doc.trailer.set("Info", Object::Reference(info));
        doc.trailer.set("Root", Object::Reference(catalog));
        let mut about = ExtractSummary::default();
        describe(&doc, &mut about);
        about
    }

    const XMP: &str = "<?xpacket begin='\u{feff}'?><x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF>\
        <rdf:Description rdf:about='' xmp:CreateDate='2019-01-02T03:04:05Z'>\
        <xmpMM:DerivedFrom><rdf:Description xmp:ModifyDate='1999-01-01'><dc:creator>Nobody</dc:creator></rdf:Description></xmpMM:DerivedFrom>\
        <dc:creator><rdf:Seq><rdf:li>Ada &amp; Co</rdf:li><rdf:li> Grace  Hopper </rdf:li></rdf:Seq></dc:creator>\
        <dc:title><rdf:Alt><rdf:li xml:lang='x-default'>The lamp</rdf:li><rdf:li xml:lang='de'>Die Lampe</rdf:li></rdf:Alt></dc:title>\
        <xmp:ModifyDate>2020-05-06</xmp:ModifyDate></rdf:Description></rdf:RDF></x:xmpmeta>";

    fn told(about: &ExtractSummary) -> [Option<&str>; 3] {
        [
            about.title.as_deref(),
            about.author.as_deref(),
            about.date.as_deref(),
        ]
    }

    #[test]
    fn a_document_says_who_wrote_it_and_when() {
        let both: &[(&str, &[u8])] = &[
            ("Author", b"\xfe\xff\x00A\x00d\x00a"),
            ("CreationDate", b"D:20210101"),
            ("ModDate", b"D:20220202020202Z"),
        ];
        assert_eq!(
            told(&document(both, Some(XMP))),
            [Some("The lamp"), Some("Ada"), Some("2022-02-02T02:02:02Z")]
        );
        assert_eq!(
            told(&document(
                &[("ModDate", b"yesterday"), ("CreationDate", b"D:2021")],
                Some(XMP)
            ))[2],
            Some("2021"),
            "what makes no sense is as good as nothing"
        );
        assert_eq!(
            told(&document(&[], Some(XMP))),
            [
                Some("The lamp"),
                Some("Ada & Co, Grace Hopper"),
                Some("2020-05-06")
            ]
        );
        assert_eq!(told(&document(&[("Author", b" \n ")], None)), [None; 3]);
    }

    #[test]
    fn hostile_metadata_says_little_and_harms_nothing() {
        let long = document(&[("Author", "ü".repeat(100_000).as_bytes())], None);
        assert_eq!(long.author.map(|author| author.chars().count()), Some(MAX_CHARS));
        let deep = format!("<rdf:RDF>{}", "<rdf:Description>".repeat(100_000));
        let bomb = "<!DOCTYPE a [<!ENTITY b 'bbbb'>]><rdf:RDF><rdf:Description><dc:creator>&b;&b;</dc:creator>\
            </rdf:Description></rdf:RDF>";
        let large = format!("{}{XMP}", " ".repeat(MAX_XMP));
        for xmp in [deep.as_str(), large.as_str(), "<", "</rdf:RDF>", "\u{feff}<?xml"] {
            assert_eq!(told(&document(&[], Some(xmp))), [None; 3]);
        }
        let bomb = document(&[], Some(bomb)).author.unwrap_or_default();
        assert!(!bomb.contains("bbbb"), "{bomb}");
    }

    proptest::proptest! {
        #[test]
        fn no_date_makes_it_panic_and_all_are_sane(text in "(D:)?[0-9+\\-:TZ'. é]{0,30}") {
            if let Some(date) = date(&text) {
                proptest::prop_assert!(date.len() >= 4 && date.len() <= 25, "{}", date);
                proptest::prop_assert!(date[..4].bytes().all(|byte| byte.is_ascii_digit()));
            }
        }
    }
}
