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
    super::read(
        &package(parts),
        &mut ExtractSummary::default(),
        &mut |extracted| {
            crate::invariants::check(&extracted.page);
            pages.push(extracted.page);
            ControlFlow::Continue(())
        },
    )
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
    let error = super::read(b"PK\x03\x04 no zip", &mut ExtractSummary::default(), &mut |_| {
        ControlFlow::Continue(())
    })
    .unwrap_err();
    assert!(error.message.contains("damaged") && error.hint.is_some());
}

#[test]
fn what_stands_beside_the_text_is_kept_apart() {
    let relations = "<Relationships><Relationship Id=\"h\" Type=\"x/header\" Target=\"header1.xml\"/>\
        <Relationship Id=\"f\" Type=\"x/footer\" Target=\"footer1.xml\"/><Relationship Id=\"c\" Type=\"x/comments\" Target=\"comments.xml\"/>\
        <Relationship Id=\"l\" Type=\"x/hyperlink\" Target=\"https://example.org\" TargetMode=\"External\"/>\
        <Relationship Id=\"a\" Type=\"x/aFChunk\" Target=\"part.html\"/></Relationships>";
    let body = document(
        "<w:p><w:r><w:t>See </w:t></w:r><w:hyperlink r:id=\"l\"><w:r><w:t>the rules</w:t></w:r></w:hyperlink><w:r><w:commentReference w:id=\"0\"/></w:r></w:p>\
         <w:p><w:r><w:fldChar w:fldCharType=\"begin\"/><w:instrText>HYPERLINK \"#end\"</w:instrText><w:fldChar w:fldCharType=\"separate\"/><w:t>down</w:t><w:fldChar w:fldCharType=\"end\"/></w:r></w:p>\
         <w:p><w:r><w:drawing><wp:docPr id=\"1\" name=\"Picture 1\" descr=\"A lighthouse\"/></w:drawing></w:r></w:p>\
         <w:p><w:pPr><w:pStyle w:val=\"Cap\"/></w:pPr><w:r><w:t>Figure 1</w:t></w:r></w:p><w:altChunk r:id=\"a\"/>",
    );
    let pages = read(&[
        ("word/document.xml", &body),
        ("word/_rels/document.xml.rels", relations),
        (
            "word/styles.xml",
            "<w:styles><w:style w:styleId=\"Cap\"><w:name w:val=\"caption\"/></w:style></w:styles>",
        ),
        (
            "word/header1.xml",
            "<w:hdr><w:p><w:r><w:t>Harbour office</w:t></w:r></w:p></w:hdr>",
        ),
        (
            "word/footer1.xml",
            "<w:ftr><w:p><w:r><w:t>Page 1</w:t></w:r></w:p></w:ftr>",
        ),
        (
            "word/comments.xml",
            "<w:comments><w:comment w:id=\"0\" w:author=\"Ada\"><w:p><w:r><w:t>which </w:t></w:r><w:r><w:t>ones?</w:t></w:r></w:p></w:comment></w:comments>",
        ),
        (
            "word/part.html",
            "<html><body><h2>Annex</h2><p>embedded</p></body></html>",
        ),
    ]);
    let page = &pages[0];
    assert_eq!(
        page.text,
        "Harbour office\n\nSee the rules¹\n\ndown\n\nA lighthouse\n\nFigure 1\n\nAnnex\n\nembedded\n\n¹ Ada: which ones?\n\nPage 1"
    );
    let kinds: Vec<_> = page.blocks.iter().map(|b| b.kind).collect();
    assert_eq!(kinds[0], BlockKind::Furniture);
    assert_eq!(kinds[3..5], [BlockKind::Caption, BlockKind::Caption]);
    assert_eq!(kinds[5], BlockKind::Heading { level: 2 });
    assert_eq!(kinds[7..], [BlockKind::Footnote, BlockKind::Furniture]);
    let links: Vec<_> = page
        .links
        .iter()
        .map(|l| (l.span.of(&page.text), l.target.as_str()))
        .collect();
    assert_eq!(links, [("the rules", "https://example.org"), ("down", "#end")]);
    assert_eq!(page.places[0].address, "body/p[1]");
}

#[test]
fn merged_cells_are_about_every_row_and_column_they_cover() {
    let cell = |more: &str, text: &str| {
        format!("<w:tc><w:tcPr>{more}</w:tcPr><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>")
    };
    let rows = [
        cell("<w:gridSpan w:val=\"3\"/>", "Title"),
        cell("<w:vMerge w:val=\"restart\"/>", "East") + &cell("<w:gridSpan w:val=\"2\"/>", "both"),
        cell("<w:vMerge/>", "") + &cell("", "a") + &cell("", "b"),
    ];
    let rows: String = rows.iter().map(|row| format!("<w:tr>{row}</w:tr>")).collect();
    let pages = read(&[("word/document.xml", &document(&format!("<w:tbl>{rows}</w:tbl>")))]);
    assert_eq!(pages[0].text, "Title\nEast | both | both\nEast | a | b");
    assert_eq!(pages[0].places[0].address, "body/tbl[1]");
}

#[test]
fn forms_and_symbol_fonts_say_what_they_show() {
    let field = |data: &str| {
        format!(
            "<w:r><w:fldChar w:fldCharType=\"begin\"><w:ffData>{data}</w:ffData></w:fldChar></w:r>\
             <w:r><w:instrText>FORM</w:instrText></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r>"
        )
    };
    let body = [
        field("<w:ddList><w:result w:val=\"1\"/><w:listEntry w:val=\"red\"/><w:listEntry w:val=\"blue\"/></w:ddList>"),
        field("<w:checkBox><w:default w:val=\"1\"/></w:checkBox>"),
        field("<w:checkBox><w:default w:val=\"1\"/><w:checked w:val=\"0\"/></w:checkBox>"),
        "<w:r><w:sym w:font=\"Wingdings\" w:char=\"F0FC\"/><w:ptab/><w:t>yes</w:t></w:r>".to_owned(),
        "<w:r><w:ruby><w:rt><w:r><w:t>kan</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>漢</w:t></w:r></w:rubyBase></w:ruby></w:r>".to_owned(),
    ]
    .concat();
    let pages = read(&[("word/document.xml", &document(&format!("<w:p>{body}</w:p>")))]);
    assert_eq!(pages[0].text, "blue☒☐✓\tyes漢");
}

#[test]
fn an_amount_in_a_merged_cell_stands_once() {
    let cell = |more: &str, text: &str| {
        format!("<w:tc><w:tcPr>{more}</w:tcPr><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>")
    };
    let (begin, rest) = ("<w:vMerge w:val=\"restart\"/>", "<w:vMerge/>");
    let rows = [
        "<w:trPr><w:tblHeader/></w:trPr>".to_owned()
            + &cell("", "Year")
            + &cell("<w:gridSpan w:val=\"2\"/>", "2024")
            + &cell("", "Fee"),
        cell(begin, "2023") + &cell("", "Rope") + &cell(begin, "400") + &cell(begin, "€ 12.50"),
        cell(rest, "") + &cell("", "Buoy") + &cell(rest, "") + &cell(rest, ""),
        cell(rest, "") + &cell("", "Lamp") + &cell(rest, "") + &cell("", "3"),
        cell("", "2022") + &cell("<w:gridSpan w:val=\"2\"/>", "70") + &cell("", "4"),
    ];
    let rows: String = rows.iter().map(|row| format!("<w:tr>{row}</w:tr>")).collect();
    let pages = read(&[("word/document.xml", &document(&format!("<w:tbl>{rows}</w:tbl>")))]);
    assert_eq!(
        pages[0].text,
        "Year | 2024 | 2024 | Fee\n2023 | Rope | 400 | € 12.50\n2023 | Buoy |  | \n2023 | Lamp |  | 3\n2022 | 70 |  | 4"
    );
}

#[test]
fn formulas_are_typed_on_one_line() {
    let t = |text: &str| format!("<m:r><m:t>{text}</m:t></m:r>");
    let formula = format!(
        "<w:p><m:oMath>{}<m:f><m:num>{}<m:rad><m:deg/><m:e><m:sSup><m:e>{}</m:e><m:sup>{}</m:sup></m:sSup>{}</m:e></m:rad></m:num><m:den>{}</m:den></m:f>\
         <m:d><m:e>{}</m:e></m:d><m:nary><m:naryPr><m:chr m:val=\"∑\"/></m:naryPr><m:sub>{}</m:sub><m:sup>{}</m:sup><m:e>{}</m:e></m:nary></m:oMath></w:p>",
        t("x="),
        t("b±"),
        t("b"),
        t("2"),
        t("-4ac"),
        t("2a"),
        t("x"),
        t("n=1"),
        t("∞"),
        t("n")
    );
    let pages = read(&[("word/document.xml", &document(&formula))]);
    assert_eq!(pages[0].text, "x=(b±√(b^2-4ac))/(2a)(x)∑_(n=1)^∞ n");
}

#[test]
fn parts_that_unpack_to_gigabytes_are_refused() {
    let body = document(&" ".repeat(40 << 20));
    let bytes = package(&[("word/document.xml", &body)]);
    let error = super::read(&bytes, &mut ExtractSummary::default(), &mut |_| {
        ControlFlow::Continue(())
    })
    .unwrap_err();
    assert!(error.message.contains("packed as no document is") && error.hint.is_some());
}

#[test]
fn exponents_are_told_from_the_number_before() {
    let run = |properties: &str, text: &str| {
        format!("<w:r><w:rPr>{properties}</w:rPr><w:t xml:space=\"preserve\">{text}</w:t></w:r>")
    };
    let above = "<w:vertAlign w:val=\"superscript\"/>";
    let styles = "<w:styles xmlns:w=\"w\"><w:style w:type=\"character\" w:styleId=\"Up\"><w:name w:val=\"up\"/>\
        <w:rPr><w:vertAlign w:val=\"superscript\"/></w:rPr></w:style></w:styles>";
    let body = [
        run("", "about 10"),
        run(above, "-3"),
        run("", " of CO"),
        run("<w:vertAlign w:val=\"subscript\"/>", "2"),
        run("", ", 1,234"),
        run("<w:rStyle w:val=\"Up\"/>", "1"),
        run("", " on the 1"),
        run(above, "st"),
        run("<w:rStyle w:val=\"Up\"/><w:vertAlign w:val=\"baseline\"/>", " 5"),
    ]
    .concat();
    // What the paragraph's mark looks like says nothing about the text.
    let body = document(&format!(
        "<w:p><w:pPr><w:rPr>{above}<w:vanish/></w:rPr></w:pPr>{body}</w:p>"
    ));
    let pages = read(&[("word/document.xml", &body), ("word/styles.xml", styles)]);
    assert_eq!(pages[0].text, "about 10⁻³ of CO2, 1,234¹ on the 1st 5");
}

#[test]
fn hidden_text_is_left_out_and_said_to_be() {
    let styles = "<w:styles xmlns:w=\"w\"><w:style w:type=\"paragraph\" w:styleId=\"Form\"><w:name w:val=\"z-Top\"/>\
        <w:rPr><w:vanish/></w:rPr></w:style></w:styles>";
    let body = document(
        "<w:p><w:r><w:t>The rent is 420</w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t> or 390</w:t>\
         <w:footnoteReference w:id=\"2\"/></w:r><w:r><w:rPr><w:vanish w:val=\"0\"/></w:rPr><w:t>.</w:t></w:r></w:p>\
         <w:p><w:pPr><w:pStyle w:val=\"Form\"/></w:pPr><w:r><w:t>Top of form</w:t></w:r></w:p>",
    );
    let notes = "<w:footnotes xmlns:w=\"w\"><w:footnote w:id=\"2\"><w:p><w:r><w:t>secret</w:t></w:r></w:p></w:footnote></w:footnotes>";
    let parts = [
        ("word/document.xml", body.as_str()),
        ("word/styles.xml", styles),
        ("word/footnotes.xml", notes),
    ];
    assert_eq!(read(&parts)[0].text, "The rent is 420.");
    let warnings = |parts: &[(&str, &str)]| {
        let mut about = ExtractSummary::default();
        super::read(&package(parts), &mut about, &mut |_| ControlFlow::Continue(())).unwrap();
        about.warnings
    };
    assert_eq!(
        warnings(&parts),
        ["text that is formatted as hidden was left out"]
    );
    let plain = document("<w:p><w:r><w:t>shown</w:t></w:r></w:p>");
    assert!(warnings(&[("word/document.xml", &plain)]).is_empty());
}
