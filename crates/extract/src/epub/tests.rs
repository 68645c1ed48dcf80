use std::io::{Cursor, Write};

use footnote_core::types::Page;

use super::*;

fn book(files: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let container =
        "<container><rootfiles><rootfile full-path=\"OEBPS/content.opf\"/></rootfiles></container>";
    let fixed = [
        ("mimetype", "application/epub+zip"),
        ("META-INF/container.xml", container),
    ];
    for (name, text) in fixed.iter().chain(files) {
        zip.start_file(*name, zip::write::SimpleFileOptions::default())
            .unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn read_all(bytes: &[u8]) -> (Result<u32>, ExtractSummary, Vec<Page>) {
    let (mut about, mut pages) = (ExtractSummary::default(), Vec::new());
    let result = read(bytes, &mut about, &mut |extracted| {
        crate::invariants::check(&extracted.page);
        pages.push(extracted.page);
        ControlFlow::Continue(())
    });
    (result, about, pages)
}

const OPF: &str = "<package xmlns:dc='x'><metadata><dc:title>Tide &amp; Light</dc:title><dc:creator>Ann Lee</dc:creator>\
    <dc:creator>Bo</dc:creator><dc:language>en</dc:language><dc:date>2021-03-09</dc:date></metadata><manifest>\
    <item id='b' href='text/two%20b.xhtml' media-type='application/xhtml+xml'/>\
    <item id='a' href='text/one.xhtml' media-type='application/xhtml+xml'/>\
    <item id='gone' href='gone.xhtml' media-type='application/xhtml+xml'/>\
    <item id='ncx' href='toc.ncx' media-type='application/x-dtbncx+xml'/></manifest>\
    <spine toc='ncx'><itemref idref='a'/><itemref idref='gone'/><itemref idref='b'/></spine></package>";
const NCX: &str = "<ncx><docTitle><text>Book</text></docTitle><navMap><navPoint><navLabel><text>The second</text></navLabel>\
    <content src='text/two%20b.xhtml#x'/></navPoint></navMap></ncx>";

#[test]
fn chapters_come_in_the_order_of_the_spine() {
    let bytes = book(&[
        ("OEBPS/content.opf", OPF),
        ("OEBPS/toc.ncx", NCX),
        (
            "OEBPS/text/two b.xhtml",
            "<html><body><p>Second chapter.</p></body></html>",
        ),
        (
            "OEBPS/text/one.xhtml",
            "<?xml version='1.0'?><html><head><title/></head><body><h1>One</h1><p id='a'/><p>First chapter.</p></body></html>",
        ),
    ]);
    let (result, about, pages) = read_all(&bytes);
    assert_eq!(result, Ok(2));
    assert_eq!(pages[0].text, "One\n\nFirst chapter.");
    assert_eq!(
        (pages[0].label.as_deref(), pages[0].unit),
        (Some("One"), PageUnit::Section)
    );
    assert_eq!(
        (pages[1].label.as_deref(), pages[1].number),
        (Some("The second"), 2)
    );
    assert_eq!(about.title.as_deref(), Some("Tide & Light"));
    assert_eq!(about.author.as_deref(), Some("Ann Lee, Bo"));
    assert_eq!(
        (about.language.as_deref(), about.date.as_deref()),
        (Some("en"), Some("2021-03-09"))
    );
    assert_eq!(about.warnings, ["the chapter OEBPS/gone.xhtml is missing"]);
}

#[test]
fn protected_books_say_so_and_garbled_fonts_do_not_matter() {
    let encryption = |method: &str, part: &str| {
        format!(
            "<encryption><EncryptedData><EncryptionMethod Algorithm='{method}'/><CipherData>\
             <CipherReference URI='{part}'/></CipherData></EncryptedData></encryption>"
        )
    };
    let read_with = |encryption: &str| {
        read_all(&book(&[
            ("OEBPS/content.opf", OPF),
            ("OEBPS/text/one.xhtml", "<p>x</p>"),
            ("META-INF/encryption.xml", encryption),
        ]))
        .0
    };
    let locked = read_with(&encryption(
        "http://www.w3.org/2001/04/xmlenc#aes128-cbc",
        "OEBPS/text/one.xhtml",
    ));
    assert!(locked.unwrap_err().message.contains("DRM"));
    assert_eq!(read_with(&encryption(FONTS_ONLY[0], "OEBPS/font.ttf")), Ok(1));
}

#[test]
fn a_book_without_a_package_document_gives_its_pages() {
    let bytes = book(&[("b.xhtml", "<p>later</p>"), ("a.html", "<p>sooner</p>")]);
    let (result, _, pages) = read_all(&bytes);
    assert_eq!(result, Ok(2));
    assert_eq!(pages[0].text, "sooner");
    let error = read_all(&book(&[])).0.unwrap_err();
    assert!(error.message.contains("no chapters") && error.hint.is_some());
    assert!(read_all(&bytes[..bytes.len() / 2]).0.is_err());
}

#[test]
fn references_are_resolved() {
    assert_eq!(
        resolve("OEBPS/content.opf", "../a/./b%20c.xhtml#x"),
        "a/b c.xhtml"
    );
    assert_eq!(resolve("content.opf", "/top.xhtml"), "top.xhtml");
    assert_eq!(resolve("a/b", "../../../x"), "x");
}
