//! Entry points of the fuzz targets (`fuzz/README.md`): each hands any bytes to one parser, past the
//! recognition of formats, and checks what every page promises. Not part of the interface.

use std::cell::Cell;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Once;

use footnote_core::Password;
use footnote_core::types::ExtractSummary;

use crate::markup::Markup;
use crate::nest::Nest;
use crate::sniff::{Format, ImageKind};
use crate::wire::{Frame, Request, open};

/// A parser to fuzz.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// PDF.
    Pdf,
    /// Rich Text Format.
    Rtf,
    /// Word 97 to 2003, and the compound files around it.
    Word97,
    /// PowerPoint 97 to 2003.
    Slides97,
    /// Outlook messages: compound files of many folders.
    Msg,
    /// Outlook messages packed for the internet.
    Tnef,
    /// Office documents behind a password.
    Locked,
    /// WordPerfect 4.
    WordPerfect,
    /// Excel 97 to 2003.
    Xls,
    /// The parts of an Excel workbook that hold a sheet and the texts of all sheets, with a zero byte between.
    Xlsx,
    /// The part of a PowerPoint presentation that holds a slide.
    Pptx,
    /// TIFF.
    Tiff,
    /// The body part of a Word document.
    Docx,
    /// The content part of an OpenDocument text.
    Odf,
    /// XML of any other kind.
    Xml,
    /// AsciiDoc, reStructuredText, LaTeX, Org: the first byte chooses.
    Markup,
    /// HTML.
    Html,
    /// Messages as they travel, and mailboxes: the first byte chooses.
    Mail,
    /// ZIP, GZIP and TAR.
    Archive,
    /// Values parted by commas.
    Csv,
    /// Recognition of formats, and whatever it leads to: the first byte chooses a name.
    Sniff,
    /// What a worker may send to the app.
    Wire,
}

/// Names of all kinds, for tie-breaks.
const NAMES: &[&str] = &[
    "a", "a.txt", "a.md", "a.json", "a.ipynb", "a.yaml", "a.rs", "a.py", "a.csv", "a.tsv", "a.xml", "a.docx",
    "a.xlsx", "a.xls", "a.ods", "a.pptx", "a.odp", "a.epub", "a.doc", "a.mht", "a.png", "a.tif", "a.wp",
];

/// Hands `bytes` to a parser.
///
/// # Panics
/// A page breaks its promise. A panic in this crate ends the process, even one that is caught: the
/// worker survives them, but they are faults. Those of other crates count only if nobody catches them.
pub fn run(target: Target, bytes: &[u8]) {
    HOOK.call_once(watch_panics);
    INSIDE.set(true);
    dispatch(target, bytes);
    INSIDE.set(false);
}

static HOOK: Once = Once::new();
thread_local! {
    /// Whether this thread is in [`run`].
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

fn watch_panics() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let own = info.location().is_some_and(|place| {
            let file = place.file();
            file.contains("crates/extract/") || file.starts_with("src/")
        });
        match (INSIDE.get(), own) {
            (false, _) => before(info),
            (true, true) => {
                before(info);
                std::process::abort();
            }
            (true, false) => {}
        }
    }));
}

fn dispatch(target: Target, bytes: &[u8]) {
    let (format, bytes) = match (target, bytes.split_first()) {
        (Target::Wire, _) => return wire(bytes),
        (Target::Sniff, None) | (Target::Markup, None) | (Target::Mail, None) => return,
        (Target::Sniff, Some((name, rest))) => {
            return sniff(NAMES[usize::from(*name) % NAMES.len()], rest);
        }
        (Target::Markup, Some((kind, rest))) => {
            let kinds = [Markup::AsciiDoc, Markup::Rst, Markup::Latex, Markup::Org];
            (Format::Markup(kinds[usize::from(*kind) % kinds.len()]), rest)
        }
        (Target::Mail, Some((kind, rest))) => {
            let kinds = [Format::Eml, Format::Mbox, Format::Mhtml];
            (kinds[usize::from(*kind) % kinds.len()], rest)
        }
        (Target::Pdf, _) => (Format::Pdf, bytes),
        (Target::Rtf, _) => (Format::Rtf, bytes),
        (Target::Word97, _) => (Format::Doc, bytes),
        (Target::Slides97, _) => (Format::Ppt, bytes),
        (Target::Msg, _) => (Format::Msg, bytes),
        (Target::Tnef, _) => (Format::Tnef, bytes),
        (Target::Locked, _) => {
            let _ = crate::locked::open(bytes, Password::new("lantern").as_ref());
            return;
        }
        (Target::WordPerfect, _) => (Format::WordPerfect, bytes),
        (Target::Xls, _) => (Format::Xls, bytes),
        (Target::Xlsx, _) => {
            let mut parts = bytes.splitn(2, |byte| *byte == 0);
            let sheet = ("xl/worksheets/sheet1.xml", parts.next().unwrap_or_default());
            let texts = ("xl/sharedStrings.xml", parts.next().unwrap_or(b"<sst/>"));
            return read(Format::Xlsx, &package(&[WORKBOOK, &[sheet, texts]].concat()));
        }
        (Target::Pptx, _) => {
            let slide = ("ppt/slides/slide1.xml", bytes);
            return read(Format::Pptx, &package(&[PRESENTATION, &[slide]].concat()));
        }
        (Target::Tiff, _) => (Format::Image(ImageKind::Tiff), bytes),
        (Target::Docx, _) => return read(Format::Docx, &package(&[("word/document.xml", bytes)])),
        (Target::Odf, _) => return read(Format::Odt, &package(&[("content.xml", bytes)])),
        (Target::Xml, _) => (Format::Xml, bytes),
        (Target::Html, _) => (Format::Html, bytes),
        (Target::Archive, _) => {
            let formats = [Format::Zip, Format::Gzip, Format::Tar];
            formats.into_iter().for_each(|format| read(format, bytes));
            return;
        }
        (Target::Csv, _) => (Format::Csv, bytes),
    };
    read(format, bytes);
}

fn read(format: Format, bytes: &[u8]) {
    checked(|about, sink| {
        crate::parse::read_as(format, bytes, Path::new("a"), &Nest::outermost(), about, sink)
    });
}

fn sniff(name: &str, bytes: &[u8]) {
    checked(|about, sink| crate::parse::read_bytes(bytes, Path::new(name), &Nest::outermost(), about, sink));
}

fn checked(read: impl FnOnce(&mut ExtractSummary, &mut crate::page::Sink<'_>) -> footnote_core::Result<u32>) {
    let mut pages = 0;
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        read(&mut ExtractSummary::default(), &mut |extracted| {
            pages += 1;
            crate::invariants::check(&extracted.page);
            ControlFlow::Continue(())
        })
    }));
    if let Ok(Ok(sent)) = outcome {
        assert_eq!(sent, pages, "pages sent and counted");
    }
    if let Ok(Err(error)) = outcome {
        assert!(error.hint.is_some(), "{error}");
    }
}

fn wire(bytes: &[u8]) {
    let _ = open::<Request>(bytes);
    if let Some(Frame::Page(page)) = open(bytes) {
        let _ = page.open();
    }
}

/// What a workbook has around its only sheet and its texts.
const WORKBOOK: &[(&str, &[u8])] = &[
    (
        "xl/workbook.xml",
        br#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>"#,
    ),
    (
        "xl/_rels/workbook.xml.rels",
        br#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#,
    ),
];

/// What a presentation has around its only slide.
const PRESENTATION: &[(&str, &[u8])] = &[
    (
        "ppt/presentation.xml",
        br#"<p:presentation xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><p:sldIdLst><p:sldId id="256" r:id="rId1"/></p:sldIdLst></p:presentation>"#,
    ),
    (
        "ppt/_rels/presentation.xml.rels",
        br#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/slide" Target="slides/slide1.xml"/></Relationships>"#,
    ),
];

/// A package of these parts, unpacked as they are.
fn package(parts: &[(&str, &[u8])]) -> Vec<u8> {
    use std::io::Write;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let written = parts.iter().try_for_each(|(name, part)| {
        zip.start_file(*name, stored)?;
        Ok::<_, zip::result::ZipError>(zip.write_all(part)?)
    });
    let finished = written.and_then(|()| zip.finish());
    finished.map(std::io::Cursor::into_inner).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TARGETS: [(&str, Target); 22] = [
        ("pdf", Target::Pdf),
        ("rtf", Target::Rtf),
        ("word97", Target::Word97),
        ("slides97", Target::Slides97),
        ("msg", Target::Msg),
        ("tnef", Target::Tnef),
        ("locked", Target::Locked),
        ("wordperfect", Target::WordPerfect),
        ("xls", Target::Xls),
        ("xlsx", Target::Xlsx),
        ("pptx", Target::Pptx),
        ("tiff", Target::Tiff),
        ("docx", Target::Docx),
        ("odf", Target::Odf),
        ("xml", Target::Xml),
        ("markup", Target::Markup),
        ("html", Target::Html),
        ("mail", Target::Mail),
        ("archive", Target::Archive),
        ("csv", Target::Csv),
        ("sniff", Target::Sniff),
        ("wire", Target::Wire),
    ];

    /// What the fuzz targets start from, and what broke a parser once.
    #[test]
    fn the_fuzz_corpus_breaks_nothing() {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
        for (name, target) in TARGETS {
            let files: Vec<_> = std::fs::read_dir(corpus.join(name)).unwrap().collect();
            assert!(!files.is_empty(), "{name}");
            for file in files {
                run(target, &std::fs::read(file.unwrap().path()).unwrap());
            }
        }
    }
}
