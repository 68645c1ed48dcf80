//! Outlook's message files (MS-OXMSG): properties in a compound file, attachments in its folders.

use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use encoding_rs::{Encoding, WINDOWS_1252};
use footnote_core::types::ExtractSummary;
use footnote_core::{Error, Problem, Result};

use super::{Mail, beneath, encrypted, is_armored, rtf};
use crate::nest::{Container, Nest};
use crate::page::{Sink, one_line};

type File<'a> = cfb::CompoundFile<Cursor<&'a [u8]>>;

/// A property's stream larger than this is not read.
const MAX_PROPERTY: u64 = 64 << 20;
/// Recipients and attachments of one message; the rest is not read.
const MAX_PARTS: usize = 2_000;

/// Property ids, as the format numbers them.
pub(super) mod id {
    pub(in crate::mail) const CLASS: u16 = 0x001a;
    pub(in crate::mail) const SUBJECT: u16 = 0x0037;
    pub(in crate::mail) const SUBMITTED: u16 = 0x0039;
    pub(in crate::mail) const SENT_FOR_NAME: u16 = 0x0042;
    pub(in crate::mail) const SENT_FOR_ADDRESS: u16 = 0x0065;
    pub(in crate::mail) const HEADERS: u16 = 0x007d;
    pub(in crate::mail) const RECIPIENT_KIND: u16 = 0x0c15;
    pub(in crate::mail) const SENDER_NAME: u16 = 0x0c1a;
    pub(in crate::mail) const SENDER_ADDRESS: u16 = 0x0c1f;
    pub(in crate::mail) const CC: u16 = 0x0e03;
    pub(in crate::mail) const TO: u16 = 0x0e04;
    pub(in crate::mail) const DELIVERED: u16 = 0x0e06;
    pub(in crate::mail) const BODY: u16 = 0x1000;
    pub(in crate::mail) const BODY_RTF: u16 = 0x1009;
    pub(in crate::mail) const BODY_HTML: u16 = 0x1013;
    pub(in crate::mail) const DISPLAY_NAME: u16 = 0x3001;
    pub(in crate::mail) const ADDRESS: u16 = 0x3003;
    pub(in crate::mail) const DATA: u16 = 0x3701;
    pub(in crate::mail) const SHORT_NAME: u16 = 0x3704;
    pub(in crate::mail) const LONG_NAME: u16 = 0x3707;
    pub(in crate::mail) const MIME_TYPE: u16 = 0x370e;
    pub(in crate::mail) const CONTENT_ID: u16 = 0x3712;
    pub(in crate::mail) const SMTP_ADDRESS: u16 = 0x39fe;
    pub(in crate::mail) const INTERNET_CODE_PAGE: u16 = 0x3fde;
    pub(in crate::mail) const CODE_PAGE: u16 = 0x3ffd;
    pub(in crate::mail) const SENDER_SMTP: u16 = 0x5d01;
}

/// Reads an Outlook message and what is attached to it. Returns the number of pages.
pub(crate) fn read(
    bytes: &[u8],
    nest: &Nest,
    about: &mut ExtractSummary,
    sink: &mut Sink<'_>,
) -> Result<u32> {
    let mut file = File::open(Cursor::new(bytes)).map_err(|error| {
        Error::user(format!("The Outlook message is damaged: {error}"))
            .problem(Problem::DamagedFile {
                detail: error.to_string(),
            })
            .hint("Save it again from the mail program, then add the new file")
    })?;
    read_message(&mut file, Path::new("/"), 32, nest, about, sink)
}

fn read_message(
    file: &mut File<'_>,
    folder: &Path,
    header: usize,
    nest: &Nest,
    about: &mut ExtractSummary,
    sink: &mut Sink<'_>,
) -> Result<u32> {
    let mut props = Properties::open(file, folder, header, WINDOWS_1252);
    let page = [id::CODE_PAGE, id::INTERNET_CODE_PAGE].iter().find_map(|id| {
        let number = u16::try_from(props.number(*id)?).ok()?;
        code_page(number)
    });
    props.encoding = page.unwrap_or_else(|| {
        // Without a code page the longest text tells.
        let body = stream(file, folder, id::BODY, "001E").unwrap_or_default();
        crate::text::guess(&body)
    });
    let headers = props.text(file, id::HEADERS);
    let class = props.text(file, id::CLASS).to_ascii_lowercase();
    let sealed = class.contains(".smime") && !class.contains("multipartsigned");
    if sealed || headers.to_ascii_lowercase().contains("multipart/encrypted") {
        return Err(encrypted());
    }
    let (people, attached) = parts(file, folder);
    let (to, cc) = recipients(file, &people, props.encoding);
    let mut mail = Mail {
        subject: props.text(file, id::SUBJECT),
        from: sender(&props, file),
        to: if to.is_empty() {
            props.text(file, id::TO)
        } else {
            to
        },
        cc: if cc.is_empty() {
            props.text(file, id::CC)
        } else {
            cc
        },
        ..Mail::default()
    };
    let sent = [id::SUBMITTED, id::DELIVERED]
        .iter()
        .find_map(|id| props.number(*id));
    mail.when = sent.and_then(rfc3339);
    mail.date = mail.when.clone().unwrap_or_default();
    body(&props, file, &mut mail);
    if mail.text.as_deref().is_some_and(is_armored) {
        return Err(encrypted());
    }
    let attached: Vec<Attachment> = attached
        .into_iter()
        .enumerate()
        .filter_map(|(n, folder)| Attachment::open(file, folder, n + 1, props.encoding))
        .collect();
    mail.attached = attached.iter().map(|one| one.name.clone()).collect();
    let pages = mail.send(about, sink)?;
    if attached.is_empty() {
        return Ok(pages);
    }
    let Some(deeper) = beneath(nest, about) else {
        return Ok(pages);
    };
    let mut inside = Container::new(deeper, pages, sink);
    for one in attached {
        let flow = if let Some(folder) = one.message {
            inside.part(&one.name, |nest, about, sink| {
                read_message(file, &folder, 24, nest, about, sink)
            })
        } else {
            let data = stream(file, &one.folder, id::DATA, "0102").unwrap_or_default();
            inside.file(&one.name, &data)
        };
        if flow.is_break() {
            break;
        }
    }
    Ok(inside.close(about))
}

struct Attachment {
    name: String,
    folder: PathBuf,
    /// Where the message is, if one is attached.
    message: Option<PathBuf>,
}

impl Attachment {
    /// The attachment in `folder`; none for pictures that stand in the text.
    fn open(
        file: &mut File<'_>,
        folder: PathBuf,
        number: usize,
        encoding: &'static Encoding,
    ) -> Option<Self> {
        let props = Properties::open(file, &folder, 8, encoding);
        let kind = props.text(file, id::MIME_TYPE);
        if kind.starts_with("image/") && !props.text(file, id::CONTENT_ID).is_empty() {
            return None;
        }
        let names = [id::LONG_NAME, id::SHORT_NAME, id::DISPLAY_NAME];
        let named = names.iter().map(|id| one_line(&props.text(file, *id)));
        let name = named
            .into_iter()
            .find(|name| !name.is_empty())
            .unwrap_or_else(|| super::name_for(&kind, number));
        let inner = folder.join(format!("__substg1.0_{:04X}000D", id::DATA));
        let message = file.is_storage(&inner).then_some(inner);
        Some(Self {
            name,
            folder,
            message,
        })
    }
}

/// The folders of recipients and of attachments, in order.
fn parts(file: &File<'_>, folder: &Path) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let (mut people, mut attached) = (Vec::new(), Vec::new());
    let Ok(entries) = file.read_storage(folder) else {
        return (people, attached);
    };
    for entry in entries.filter(cfb::Entry::is_storage) {
        let list = if entry.name().starts_with("__recip_version1.0_") {
            &mut people
        } else if entry.name().starts_with("__attach_version1.0_") {
            &mut attached
        } else {
            continue;
        };
        if list.len() < MAX_PARTS {
            list.push(entry.path().to_path_buf());
        }
    }
    people.sort();
    attached.sort();
    (people, attached)
}

fn recipients(file: &mut File<'_>, folders: &[PathBuf], encoding: &'static Encoding) -> (String, String) {
    let (mut to, mut cc) = (Vec::new(), Vec::new());
    for folder in folders {
        let props = Properties::open(file, folder, 8, encoding);
        let address = [id::SMTP_ADDRESS, id::ADDRESS]
            .iter()
            .map(|id| props.text(file, *id))
            .find(|address| address.contains('@'));
        let person = person(&props.text(file, id::DISPLAY_NAME), &address.unwrap_or_default());
        match props.number(id::RECIPIENT_KIND).map(|kind| kind & 0xf) {
            _ if person.is_empty() => {}
            Some(2) => cc.push(person),
            Some(3) => {}
            _ => to.push(person),
        }
    }
    (to.join(", "), cc.join(", "))
}

fn sender(props: &Properties, file: &mut File<'_>) -> String {
    let first = |file: &mut File<'_>, ids: &[u16]| {
        let mut texts = ids.iter().map(|id| props.text(file, *id));
        texts.find(|text| !text.is_empty()).unwrap_or_default()
    };
    let name = first(file, &[id::SENDER_NAME, id::SENT_FOR_NAME]);
    let address = first(file, &[id::SENDER_SMTP, id::SENDER_ADDRESS, id::SENT_FOR_ADDRESS]);
    person(&name, if address.contains('@') { &address } else { "" })
}

fn person(name: &str, address: &str) -> String {
    let name = name.trim_matches(['\'', '"', ' ']);
    match (name.is_empty(), address.is_empty()) {
        (_, true) => name.to_owned(),
        (true, _) => address.to_owned(),
        _ if name == address => address.to_owned(),
        _ => format!("{name} <{address}>"),
    }
}

/// Takes the bodies that there are; RTF only if there is no other.
fn body(props: &Properties, file: &mut File<'_>, mail: &mut Mail) {
    mail.text = Some(props.text(file, id::BODY)).filter(|text| !text.trim().is_empty());
    let html = match stream(file, &props.folder, id::BODY_HTML, "0102") {
        Some(html) => Some(crate::html::decode(&html)),
        None => Some(props.text(file, id::BODY_HTML)),
    };
    let packed = stream(file, &props.folder, id::BODY_RTF, "0102");
    body_of(html, packed.as_deref(), mail);
}

/// Takes the HTML, or what the packed RTF says if there is none.
pub(super) fn body_of(html: Option<String>, packed: Option<&[u8]>, mail: &mut Mail) {
    mail.html = html.filter(|html| !html.is_empty());
    if mail.html.is_some() {
        return;
    }
    match packed.and_then(super::lzfu::unpack).map(|rtf| rtf::read(&rtf)) {
        Some(rtf::Body::Html(html)) => mail.html = Some(html),
        Some(rtf::Body::Text(text)) if mail.text.is_none() => mail.text = Some(text),
        _ => {}
    }
}

/// The properties of a message, recipient or attachment.
struct Properties {
    folder: PathBuf,
    /// Entries of 16 bytes: kind, id, flags, value.
    fixed: Vec<u8>,
    encoding: &'static Encoding,
}

impl Properties {
    /// Those in `folder`, whose property stream begins with `header` bytes of something else.
    fn open(file: &mut File<'_>, folder: &Path, header: usize, encoding: &'static Encoding) -> Self {
        let bytes = bounded(file, &folder.join("__properties_version1.0")).unwrap_or_default();
        Self {
            folder: folder.to_path_buf(),
            fixed: bytes.get(header..).unwrap_or_default().to_vec(),
            encoding,
        }
    }

    /// A property that is a number or a time.
    fn number(&self, id: u16) -> Option<u64> {
        let found = self
            .fixed
            .chunks_exact(16)
            .find(|entry| entry[2..4] == id.to_le_bytes())?;
        let value: [u8; 8] = found[8..16].try_into().ok()?;
        let value = u64::from_le_bytes(value);
        // Times have eight bytes, numbers four.
        Some(if found[..2] == [0x40, 0] {
            value
        } else {
            value & 0xffff_ffff
        })
    }

    /// A property that is a text; empty if there is none.
    fn text(&self, file: &mut File<'_>, id: u16) -> String {
        let text = if let Some(wide) = stream(file, &self.folder, id, "001F") {
            encoding_rs::UTF_16LE
                .decode_without_bom_handling(&wide)
                .0
                .into_owned()
        } else if let Some(narrow) = stream(file, &self.folder, id, "001E") {
            match std::str::from_utf8(&narrow) {
                Ok(text) => text.to_owned(),
                Err(_) => self.encoding.decode_without_bom_handling(&narrow).0.into_owned(),
            }
        } else {
            String::new()
        };
        text.replace('\0', "")
    }
}

fn stream(file: &mut File<'_>, folder: &Path, id: u16, kind: &str) -> Option<Vec<u8>> {
    bounded(file, &folder.join(format!("__substg1.0_{id:04X}{kind}")))
}

fn bounded(file: &mut File<'_>, path: &Path) -> Option<Vec<u8>> {
    if !file.is_stream(path) {
        return None;
    }
    let mut bytes = Vec::new();
    let stream = file.open_stream(path).ok()?;
    // What a fault in the middle leaves is still the message's.
    let _ = stream.take(MAX_PROPERTY).read_to_end(&mut bytes);
    Some(bytes)
}

/// The encoding of a Windows code page.
pub(super) fn code_page(number: u16) -> Option<&'static Encoding> {
    let label = match number {
        65001 => "utf-8".to_owned(),
        932 => "shift_jis".to_owned(),
        936 => "gbk".to_owned(),
        949 => "euc-kr".to_owned(),
        950 => "big5".to_owned(),
        874 => "windows-874".to_owned(),
        20866 => "koi8-r".to_owned(),
        28591..=28606 => format!("iso-8859-{}", number - 28590),
        1250..=1258 => format!("windows-{number}"),
        _ => return None,
    };
    Encoding::for_label(label.as_bytes())
}

/// A time in tenths of microseconds since 1601, as RFC 3339.
fn rfc3339(time: u64) -> Option<String> {
    let seconds = i64::try_from(time / 10_000_000).ok()? - 11_644_473_600;
    // Before 1970 or after 2200: nobody set it.
    (0..7_258_118_400)
        .contains(&seconds)
        .then(|| mail_parser::DateTime::from_timestamp(seconds).to_rfc3339())
}
