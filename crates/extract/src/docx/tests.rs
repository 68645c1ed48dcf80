//! Documents built by hand, one feature each.

use std::io::Write;
use std::ops::ControlFlow;

use footnote_core::types::{BlockKind, ExtractSummary, Page};

fn package(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(*name, zip::write::SimpleFileOptions::default())
            .unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn document(body: &str) -> String {
    format!("<w:document xmlns:w=\"w\"><w:body>{body}</w:body></w:document>")
}

fn read(parts: &[(&str, &str)]) -> Vec<Page> {
    let mut pages = Vec::new();
    super::read(&package(parts), &mut ExtractSummary::default(), &mut |page, _| {
        crate::invariants::check(&page);
        pages.push(page);
        ControlFlow::Continue(())
    })
    .unwrap();
    pages
}

fn p(style: &str, text: &str) -> String {
    format!("<w:p><w:pPr><w:pStyle w:val=\"{style}\"/></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>")
}

const STYLES: &str = r#"<w:styles xmlns:w="w">
<w:style w:styleId="Titre1"><w:name w:val="heading 1"/></w:style>
<w:style w:styleId="Sub"><w:name w:val="My sub"/><w:basedOn w:val="Out"/></w:style>
<w:style w:styleId="Out"><w:name w:val="x"/><w:pPr><w:outlineLvl w:val="2"/></w:pPr></w:style>
</w:styles>"#;

#[test]
fn headings_come_from_names_and_outline_levels() {
    let body = document(&(p("Titre1", "Lease") + &p("Sub", "Rent") + &p("", "It is 420 &amp; due.")));
    let pages = read(&[("word/document.xml", &body), ("word/styles.xml", STYLES)]);
    assert_eq!(pages[0].text, "Lease\n\nRent\n\nIt is 420 & due.");
    let kinds: Vec<_> = pages[0].blocks.iter().map(|b| b.kind).collect();
    let heading = |level| BlockKind::Heading { level };
    assert_eq!(kinds, [heading(1), heading(3), BlockKind::Paragraph]);
}

#[test]
fn numbered_clauses_carry_the_numbers_that_word_draws() {
    let numbering = r#"<w:numbering xmlns:w="w"><w:abstractNum w:abstractNumId="5">
        <w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl>
        <w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="lowerLetter"/><w:lvlText w:val="%1.%2)"/></w:lvl>
        </w:abstractNum><w:num w:numId="7"><w:abstractNumId w:val="5"/></w:num></w:numbering>"#;
    let item = |level: u8, text: &str| {
        format!(
            "<w:p><w:pPr><w:numPr><w:ilvl w:val=\"{level}\"/><w:numId w:val=\"7\"/></w:numPr></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"
        )
    };
    let body =
        document(&(item(0, "one") + &item(1, "sub") + &item(1, "sub") + &item(0, "two") + &item(1, "sub")));
    let pages = read(&[("word/document.xml", &body), ("word/numbering.xml", numbering)]);
    assert_eq!(pages[0].text, "1. one\n1.a) sub\n1.b) sub\n2. two\n2.a) sub");
}

#[test]
fn tables_stand_row_by_row() {
    let cell = |text: &str| format!("<w:tc><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>");
    let table = format!(
        "<w:tbl><w:tr>{}{}</w:tr><w:tr>{}{}</w:tr></w:tbl>",
        cell("Item"),
        cell("Price"),
        cell("Rope"),
        cell("12")
    );
    let pages = read(&[("word/document.xml", &document(&table))]);
    assert_eq!(pages[0].text, "Item | Price\nRope | 12");
    assert_eq!(pages[0].blocks[0].kind, BlockKind::Table { header_rows: 0 });
}

#[test]
fn breaks_part_pages_and_notes_stand_at_the_foot_of_theirs() {
    let body = document(
        "<w:p><w:r><w:t>first</w:t><w:footnoteReference w:id=\"2\"/><w:br w:type=\"page\"/></w:r></w:p>\
         <w:p><w:r><w:lastRenderedPageBreak/><w:t>sec</w:t><w:lastRenderedPageBreak/><w:t>ond</w:t></w:r></w:p>",
    );
    let notes = "<w:footnotes xmlns:w=\"w\"><w:footnote w:type=\"separator\" w:id=\"0\"><w:p><w:r><w:t>x</w:t></w:r></w:p></w:footnote>\
                 <w:footnote w:id=\"2\"><w:p><w:r><w:t>a note</w:t></w:r></w:p></w:footnote></w:footnotes>";
    let pages = read(&[("word/document.xml", &body), ("word/footnotes.xml", notes)]);
    let texts: Vec<_> = pages.iter().map(|p| p.text.as_str()).collect();
    assert_eq!(texts, ["first¹\n\n¹ a note", "sec", "ond"]);
}

#[test]
fn deleted_text_and_fallbacks_do_not_show() {
    let body = document(
        "<w:p><w:del><w:r><w:delText>gone</w:delText><w:t>gone</w:t></w:r></w:del><w:r><w:t>kept</w:t></w:r>\
         <mc:Fallback><w:p><w:r><w:t>twice</w:t></w:r></w:p></mc:Fallback></w:p>",
    );
    assert_eq!(read(&[("word/document.xml", &body)])[0].text, "kept");
}

#[test]
fn a_damaged_package_is_the_users_to_repair() {
    let error = super::read(
        b"PK\x03\x04 no zip",
        &mut ExtractSummary::default(),
        &mut |_, _| ControlFlow::Continue(()),
    )
    .unwrap_err();
    assert!(error.message.contains("damaged") && error.hint.is_some());
}
