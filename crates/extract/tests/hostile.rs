//! Files made to exhaust or to confuse a reader, through the real worker: each ends as pages or as a
//! clear error within half a minute and half a gigabyte, never as a crash.

#![cfg(unix)]
#![allow(clippy::unwrap_used)] // A test that cannot go on should say where.

#[path = "support/pdf.rs"]
mod pdf;

use std::fmt::Write as _;
use std::io::Write;
use std::ops::ControlFlow;
use std::time::Duration;

use footnote_core::Error;
use footnote_core::ocr::ExtractedPage;
use footnote_core::ports::Extractor;
use footnote_core::types::ExtractSummary;
use footnote_extract::{WorkerConfig, WorkerExtractor};
use pdf::Pdf;

/// What came of a file: pages and letters, how it ended.
struct Outcome {
    pages: usize,
    letters: usize,
    result: Result<ExtractSummary, Error>,
}

/// Reads `bytes` as the file `name`. What may not come of it is checked here.
fn read(name: &str, bytes: &[u8]) -> Outcome {
    let config = WorkerConfig {
        args: Vec::new(),
        time_limit: Duration::from_secs(30),
        page_time_limit: Duration::from_secs(30),
        memory_limit: 512 << 20,
        ..WorkerConfig::new(env!("CARGO_BIN_EXE_footnote-extract-worker"))
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    let (mut pages, mut letters) = (0, 0);
    let mut sink = |extracted: ExtractedPage| {
        pages += 1;
        letters += extracted.page.text.len();
        ControlFlow::Continue(())
    };
    let result = WorkerExtractor::new(config).extract(&path, None, &mut sink, &Default::default());
    if let Err(error) = &result {
        let message = &error.message;
        // What the app says of a worker that died or was ended, and of a panic. Decoders of pictures know
        // no limit but the process's own, which is an error that tells the cause.
        let limited = message.contains("needed more than 512 MB of memory");
        assert!(
            limited || !message.contains("Reading stopped"),
            "{name}: {message}"
        );
        assert!(!message.contains("gave up"), "{name}: {message}");
        assert!(error.hint.is_some(), "{name}: {message}");
    }
    Outcome {
        pages,
        letters,
        result,
    }
}

impl Outcome {
    /// It must have been refused, for a reason that contains `why`.
    fn refused(self, why: &str) {
        let error = self.result.unwrap_err();
        assert!(error.message.contains(why), "{}", error.message);
    }

    /// It must have been read, if with warnings.
    fn read(self) -> ExtractSummary {
        self.result.unwrap()
    }
}

fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, zip::write::SimpleFileOptions::default())
            .unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn deflated(bytes: impl std::io::Read) -> Vec<u8> {
    let mut packed = Vec::new();
    std::io::Read::read_to_end(
        &mut flate2::read::ZlibEncoder::new(bytes, flate2::Compression::fast()),
        &mut packed,
    )
    .unwrap();
    packed
}

/// A Word document with this body part.
fn docx(document: &[u8]) -> Vec<u8> {
    let types = br#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"#;
    zip(&[("[Content_Types].xml", types), ("word/document.xml", document)])
}

/// Entities that multiply: ten of ten of ten …
fn laughs(root: &str, body: &str) -> String {
    let mut xml = format!("<?xml version=\"1.0\"?>\n<!DOCTYPE {root} [\n<!ENTITY a0 \"ha\">\n");
    for n in 1..10 {
        let _ = writeln!(xml, "<!ENTITY a{n} \"{}\">", format!("&a{};", n - 1).repeat(10));
    }
    let _ = write!(xml, "]>\n{body}");
    xml
}

#[test]
fn bombs_in_archives_are_refused() {
    let zeros = vec![b'a'; 100 << 20];
    let bomb = zip(&[("bomb.txt", &zeros)]);
    read("bomb.zip", &bomb).refused("unpacks to more than");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&zeros).unwrap();
    read("bomb.txt.gz", &gzip.finish().unwrap()).refused("unpacks to more than");
    let _ = read("bomb.docx", &docx(&zeros));
    // Each file is small enough; all of them are not.
    let mut inner = bomb;
    for _ in 0..8 {
        inner = zip(&[("a.zip", &inner), ("b.zip", &inner), ("c.zip", &inner)]);
    }
    read("layers.zip", &inner).refused("files deep");
}

#[test]
fn bombs_in_streams_of_a_pdf_end() {
    let content = deflated(std::io::Read::take(std::io::repeat(b' '), 1 << 30));
    let mut pdf = Pdf::new();
    pdf.stream("/Filter /FlateDecode", &content);
    pdf.page("/Contents 3 0 R");
    read("spaces.pdf", &pdf.end("")).read();
    // An image of a hundred billion pixels, and one that unpacks to more than it says.
    for (size, name) in [(1_000_000, "wide.pdf"), (2_000, "long.pdf")] {
        let mut pdf = Pdf::new();
        let dict = format!(
            "/Type /XObject /Subtype /Image /Width {size} /Height {size} /ColorSpace /DeviceGray \
             /BitsPerComponent 8 /Filter /FlateDecode"
        );
        pdf.stream(&dict, &content);
        pdf.stream(
            "",
            b"600 0 0 800 0 0 cm /I Do % this page shows nothing but an image, as scans do",
        );
        pdf.page("/Contents 4 0 R /Resources << /XObject << /I 3 0 R >> >>");
        let _ = read(name, &pdf.end(""));
    }
}

#[test]
fn entities_do_not_multiply() {
    let body = "<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\">\
                <w:body><w:p><w:r><w:t>one &a9; two</w:t></w:r></w:p></w:body></w:document>";
    let word = docx(laughs("w:document", body).as_bytes());
    let page = "<html xmlns=\"http://www.w3.org/1999/xhtml\"><p>one &a9; two</p></html>";
    let flat = "<office:document office:mimetype=\"application/vnd.oasis.opendocument.text\"><office:body>\
                <office:text><text:p>one &a9; two</text:p></office:text></office:body></office:document>";
    for (name, bytes) in [
        ("a.docx", word),
        ("a.xml", laughs("r", "<r><p>one &a9; two</p></r>").into_bytes()),
        (
            "a.svg",
            laughs("svg", "<svg><text>one &a9; two</text></svg>").into_bytes(),
        ),
        ("a.xhtml", laughs("html", page).into_bytes()),
        ("a.fodt", laughs("office:document", flat).into_bytes()),
    ] {
        let outcome = read(name, &bytes);
        assert!(outcome.letters < 10_000, "{name}: {}", outcome.letters);
    }
}

#[test]
fn outside_entities_are_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret.txt");
    std::fs::write(&secret, "the word is albatross").unwrap();
    let xml = format!(
        "<?xml version=\"1.0\"?><!DOCTYPE r [<!ENTITY x SYSTEM \"file://{}\">]><r><p>one &x; two</p></r>",
        secret.display()
    );
    let mut text = String::new();
    let path = folder.path().join("a.xml");
    std::fs::write(&path, xml).unwrap();
    let config = WorkerConfig {
        args: Vec::new(),
        ..WorkerConfig::new(env!("CARGO_BIN_EXE_footnote-extract-worker"))
    };
    let mut sink = |extracted: ExtractedPage| {
        text.push_str(&extracted.page.text);
        ControlFlow::Continue(())
    };
    WorkerExtractor::new(config)
        .extract(&path, None, &mut sink, &Default::default())
        .unwrap();
    assert!(text.contains("one") && !text.contains("albatross"), "{text}");
}

#[test]
fn depth_is_no_danger() {
    let nested = |open: &str, middle: &str, close: &str, times: usize| {
        format!("{}{middle}{}", open.repeat(times), close.repeat(times))
    };
    let paragraph = |inner: &str| {
        format!(
            "<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body>{inner}</w:body></w:document>"
        )
    };
    let row = ("<w:tbl><w:tr><w:tc>", "</w:tc></w:tr></w:tbl>");
    let tables = paragraph(&nested(
        row.0,
        "<w:p><w:r><w:t>x</w:t></w:r></w:p>",
        row.1,
        20_000,
    ));
    let boxes = paragraph(&nested(
        "<w:p><w:r><w:txbxContent>",
        "x",
        "</w:txbxContent></w:r></w:p>",
        20_000,
    ));
    let parts = |times: usize| {
        let mut mail = "From: a@b.c\r\nTo: d@e.f\r\nSubject: deep\r\nMIME-Version: 1.0\r\n".to_owned();
        for n in 0..times {
            let _ = write!(
                mail,
                "Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n"
            );
        }
        mail + "Content-Type: text/plain\r\n\r\nthe bottom\r\n"
    };
    let files: Vec<(&str, Vec<u8>)> = vec![
        ("a.xml", nested("<a>", "x", "</a>", 500_000).into_bytes()),
        ("a.json", nested("[", "1", "]", 1_000_000).into_bytes()),
        ("b.json", nested("{\"a\":", "1", "}", 500_000).into_bytes()),
        (
            "a.ipynb",
            format!("{{\"nbformat\":4,\"cells\":{}}}", nested("[", "1", "]", 500_000)).into_bytes(),
        ),
        (
            "a.html",
            nested("<div><b>", "x", "</b></div>", 100_000).into_bytes(),
        ),
        (
            "b.html",
            nested("<table><tr><td>", "x", "</td></tr></table>", 20_000).into_bytes(),
        ),
        (
            "c.html",
            nested("<ul><li>", "x", "</li></ul>", 50_000).into_bytes(),
        ),
        ("a.md", nested("> ", "x", "", 50_000).into_bytes()),
        ("b.md", nested("[", "x", "](a)", 50_000).into_bytes()),
        ("c.md", nested("*a **b ", "x", "** c*", 20_000).into_bytes()),
        (
            "a.tex",
            format!(
                "\\documentclass{{article}}\\begin{{document}}{}\\end{{document}}",
                nested("\\emph{", "x", "}", 200_000)
            )
            .into_bytes(),
        ),
        (
            "a.rtf",
            format!("{{\\rtf1 {}}}", nested("{\\b ", "x", "}", 500_000)).into_bytes(),
        ),
        ("a.docx", docx(tables.as_bytes())),
        ("b.docx", docx(boxes.as_bytes())),
        ("a.eml", parts(5_000).into_bytes()),
        ("a.rs", nested("fn a() { ", "x", " }", 200_000).into_bytes()),
        ("a.yaml", nested("- ", "x", "", 200_000).into_bytes()),
        ("a.org", nested("* ", "x", "\n", 100_000).into_bytes()),
    ];
    for (name, bytes) in files {
        let _ = read(name, &bytes);
    }
}

#[test]
fn depth_in_a_pdf_is_no_danger() {
    let array = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let dict = format!("{}1{}", "<< /A ".repeat(100_000), " >>".repeat(100_000));
    for (name, value) in [("array.pdf", &array), ("dict.pdf", &dict)] {
        let mut pdf = Pdf::new();
        pdf.object(value);
        pdf.text_page("still here");
        let _ = read(name, &pdf.end(""));
        // The same inside a page's drawing.
        let mut pdf = Pdf::new();
        pdf.stream(
            "",
            format!("BT /F 12 Tf 50 700 Td {value} TJ (after) Tj ET").as_bytes(),
        );
        pdf.page("/Contents 3 0 R");
        let _ = read(name, &pdf.end(""));
    }
    let saves = format!("{} BT /F 12 Tf 50 700 Td (deep) Tj ET", "q ".repeat(1_000_000));
    let mut pdf = Pdf::new();
    pdf.stream("", saves.as_bytes());
    pdf.page("/Contents 3 0 R");
    let _ = read("saves.pdf", &pdf.end(""));
}

#[test]
fn rings_in_a_pdf_end() {
    // A page tree that holds itself, beside a page.
    let mut tree = Pdf::new();
    tree.text_page("a page");
    let tree = String::from_utf8(tree.end(""))
        .unwrap()
        .replace("/Kids [", "/Kids [2 0 R ");
    read("tree.pdf", tree.as_bytes());
    // Pages whose parents are each other: inherited entries are asked for for ever.
    let mut parents = Pdf::new();
    parents.object("<< /Type /Pages /Parent 4 0 R >>");
    parents.object("<< /Type /Pages /Parent 3 0 R >>");
    parents.raw_page("<< /Type /Page /Parent 3 0 R >>");
    read("parents.pdf", &parents.end(""));
    // References that lead to themselves and to each other.
    let mut references = Pdf::new();
    references.object("4 0 R");
    references.object("3 0 R");
    references.stream("/Length 3 0 R /Filter 4 0 R", b"BT (x) Tj ET");
    references.page("/Contents 5 0 R /Rotate 3 0 R /Resources 4 0 R");
    read("references.pdf", &references.end(""));
    // A form that draws itself, twice.
    let mut form = Pdf::new();
    form.stream(
        "/Type /XObject /Subtype /Form /BBox [0 0 600 800] /Resources << /XObject << /X 3 0 R >> >>",
        b"/X Do /X Do",
    );
    form.stream("", b"/X Do");
    form.page("/Contents 4 0 R /Resources << /XObject << /X 3 0 R >> >>");
    read("form.pdf", &form.end(""));
    // Forms that each draw the next ten times over.
    let mut laughs = Pdf::new();
    for n in 0..12 {
        let dict = format!(
            "/Type /XObject /Subtype /Form /BBox [0 0 600 800] /Resources << /XObject << /X {} 0 R >> >>",
            4 + n
        );
        laughs.stream(&dict, "/X Do ".repeat(10).as_bytes());
    }
    laughs.stream("", b"0 0 10 10 re f");
    laughs.stream("", b"/X Do");
    laughs.page("/Contents 16 0 R /Resources << /XObject << /X 3 0 R >> >>");
    let _ = read("laughs.pdf", &laughs.end(""));
    // Outlines, name trees and fonts of a ring.
    let mut outlines = Pdf::new();
    outlines.object("<< /Title (a) /Next 4 0 R /First 3 0 R /Parent 3 0 R >>");
    outlines.object("<< /Title (b) /Next 3 0 R /Prev 3 0 R /First 4 0 R >>");
    outlines.object("<< /Kids [5 0 R 5 0 R] /Names [(a) 3 0 R] >>");
    outlines.text_page("a page");
    let ring = "/Outlines << /First 3 0 R /Last 4 0 R >> /Names << /EmbeddedFiles 5 0 R /Dests 5 0 R >>";
    assert_eq!(read("outlines.pdf", &outlines.end(ring)).read().pages, 1);
    // Cross-reference tables that follow each other.
    let mut tables = Pdf::new();
    tables.text_page("a page");
    let bytes = tables.end("");
    let text = String::from_utf8(bytes).unwrap();
    let at = text.rfind("xref\n0").unwrap();
    let text = text.replace("trailer\n<<", &format!("trailer\n<< /Prev {at}"));
    read("tables.pdf", text.as_bytes()).read();
}

#[test]
fn a_hundred_thousand_pages_are_a_claim() {
    let mut claim = Pdf::new();
    claim.text_page("the only page");
    let text = String::from_utf8(claim.end(""))
        .unwrap()
        .replace("/Count 1 ", "/Count 100000 ");
    assert_eq!(read("claim.pdf", text.as_bytes()).pages, 1);
    // They are there, but all the same one.
    let kids = "3 0 R ".repeat(100_000);
    let mut same = Pdf::new();
    same.raw_page("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] >>");
    let text = String::from_utf8(same.end(""))
        .unwrap()
        .replace("/Kids [3 0 R ]", &format!("/Kids [{kids}]"));
    let _ = read("same.pdf", text.as_bytes());
}

#[test]
fn absurd_fonts_end() {
    let drawn = b"BT /F 12 Tf 50 700 Td <0001000200030041> Tj (plain) Tj ET";
    let with = |font: &str, objects: &[(&str, &[u8])]| {
        let mut pdf = Pdf::new();
        pdf.object(font);
        for (dict, bytes) in objects {
            pdf.stream(dict, bytes);
        }
        let content = pdf.stream("", drawn);
        pdf.page(&format!(
            "/Contents {content} 0 R /Resources << /Font << /F 3 0 R >> >>"
        ));
        pdf.end("")
    };
    let ranges = b"1 beginbfrange <0000> <FFFFFFFF> <0041> endbfrange 1 begincodespacerange <00> <FFFFFFFF> endcodespacerange";
    let loops = b"/Identity-H usecmap 100 beginbfchar ".repeat(10_000);
    let composite = "<< /Type /Font /Subtype /Type0 /BaseFont /A /Encoding /Identity-H /ToUnicode 4 0 R \
        /DescendantFonts [<< /Type /Font /Subtype /CIDFontType2 /BaseFont /A /DW 1e30 \
        /W [0 2147483647 500 1 [1e300 -1e300] 5 4000000000 3] /FontDescriptor << /FontFile2 5 0 R >> >>] >>";
    let simple = format!(
        "<< /Type /Font /Subtype /TrueType /BaseFont /A /FirstChar -2147483648 /LastChar 2147483647 \
         /Widths [{}] /Encoding << /Differences [{}] >> /FontDescriptor << /FontFile2 5 0 R /Flags 4 >> >>",
        "500 ".repeat(300_000),
        "0 /a -5 /b 99999999999 /c ".repeat(50_000)
    );
    // A TrueType file whose tables claim far more than there is.
    let mut tables = vec![0, 1, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    for name in [
        b"cmap", b"glyf", b"loca", b"head", b"hhea", b"hmtx", b"maxp", b"post", b"name",
    ] {
        tables.extend_from_slice(name);
        tables.extend_from_slice(&[0, 0, 0, 0, 0, 0, 0, 12, 0xff, 0xff, 0xff, 0xf0]);
    }
    // A Type 1 program without end.
    let program = b"%!PS-AdobeFont-1.0: A\n/Encoding 256 array\n".iter().copied();
    let program: Vec<u8> = program
        .chain(b"dup 65 /A put {{{{ [[[[ (((( ".repeat(20_000))
        .collect();
    let type1 =
        "<< /Type /Font /Subtype /Type1 /BaseFont /A /FontDescriptor << /FontFile 5 0 R /Flags 4 >> >>";
    let procs = "<< /Type /Font /Subtype /Type3 /FontMatrix [0 0 0 0 0 0] /FontBBox [0 0 0 0] \
        /CharProcs << /a 5 0 R >> /Encoding << /Differences [65 /a] >> /Resources << /Font << /F 3 0 R >> >> >>";
    for (name, bytes) in [
        (
            "ranges.pdf",
            with(composite, &[("", ranges), ("/Length1 200", &tables)]),
        ),
        ("loops.pdf", with(composite, &[("", &loops), ("", &tables)])),
        ("widths.pdf", with(&simple, &[("", b""), ("", &tables)])),
        (
            "type1.pdf",
            with(type1, &[("", b""), ("/Length1 9999999999 /Length2 -1", &program)]),
        ),
        (
            "type3.pdf",
            with(procs, &[("", b""), ("", b"BT /F 1 Tf (A) Tj ET")]),
        ),
    ] {
        assert_eq!(read(name, &bytes).read().pages, 1, "{name}");
    }
}

#[test]
fn tables_that_claim_to_be_endless_end() {
    let sheet = |cells: &str| {
        zip(&[
            ("[Content_Types].xml", br#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"#.as_slice()),
            ("_rels/.rels", br#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#),
            ("xl/workbook.xml", br#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>"#),
            ("xl/_rels/workbook.xml.rels", br#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#),
            ("xl/worksheets/sheet1.xml", format!(r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{cells}</worksheet>"#).as_bytes()),
        ])
    };
    let corners = r#"<dimension ref="A1:XFD1048576"/><sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row></sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>"#;
    read("corners.xlsx", &sheet(corners)).read();
    let repeated = "<office:document office:mimetype=\"application/vnd.oasis.opendocument.spreadsheet\" \
        xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" \
        xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" \
        xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\"><office:body><office:spreadsheet>\
        <table:table table:name=\"S\"><table:table-row table:number-rows-repeated=\"4000000000\">\
        <table:table-cell table:number-columns-repeated=\"4000000000\"><text:p>x</text:p></table:table-cell>\
        </table:table-row></table:table></office:spreadsheet></office:body></office:document>";
    let _ = read("repeated.fods", repeated.as_bytes());
    let spans = "<html><table><tr><td colspan=4000000000 rowspan=4000000000>x</td></tr></table></html>";
    read("spans.html", spans.as_bytes()).read();
    read(
        "quote.csv",
        &[b"a,b\n1,\"".as_slice(), &b"never closed, ".repeat(1 << 20)].concat(),
    )
    .read();
    let _ = read("wide.csv", &b"x,".repeat(4 << 20));
}

#[test]
fn pictures_that_claim_to_be_endless_are_refused() {
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\x7f\xff\xff\xff\x7f\xff\xff\xff\x08\0\0\0\0".to_vec();
    png.extend_from_slice(&[0; 100]);
    read("a.png", &png).refused("The image cannot be read");
    let mut tiff = b"II*\0\x08\0\0\0".to_vec();
    // Width, height, bits, strips: 4 000 000 000 each; the next directory is this one.
    tiff.extend_from_slice(&4u16.to_le_bytes());
    for tag in [256u16, 257, 273, 279] {
        tiff.extend_from_slice(&tag.to_le_bytes());
        tiff.extend_from_slice(&[4, 0, 1, 0, 0, 0]);
        tiff.extend_from_slice(&4_000_000_000u32.to_le_bytes());
    }
    tiff.extend_from_slice(&8u32.to_le_bytes());
    let _ = read("a.tif", &tiff);
    let mut bmp =
        b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\xff\xff\xff\x7f\xff\xff\xff\x7f\x01\0\x18\0".to_vec();
    bmp.extend_from_slice(&[0; 100]);
    let _ = read("a.bmp", &bmp);
}

#[test]
fn compound_files_of_rings_end() {
    let mut file =
        cfb::CompoundFile::create_with_version(cfb::Version::V3, std::io::Cursor::new(Vec::new())).unwrap();
    for (name, size) in [
        ("/WordDocument", 20_000),
        ("/1Table", 9_000),
        ("/Workbook", 9_000),
    ] {
        file.create_stream(name)
            .unwrap()
            .write_all(&vec![0xec; size])
            .unwrap();
    }
    file.flush().unwrap();
    let whole = file.into_inner().into_inner();
    // The first table of sectors: each sector's next is itself, then the first, then wild.
    let table = 512 * (1 + u32::from_le_bytes(whole[76..80].try_into().unwrap()) as usize);
    for kind in 0..3u32 {
        let mut ring = whole.clone();
        for (n, entry) in ring[table..table + 512].chunks_exact_mut(4).enumerate() {
            let next = match kind {
                0 => n as u32,
                1 => 0,
                _ => 0x7fff_ffff - n as u32,
            };
            entry.copy_from_slice(&next.to_le_bytes());
        }
        for name in ["a.doc", "a.xls", "a.ppt", "a.msg"] {
            let _ = read(name, &ring);
        }
    }
}
