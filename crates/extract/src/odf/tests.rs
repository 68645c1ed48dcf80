use crate::testing::{Outcome, assert_sealed, fault, package, read_file};
use footnote_core::Result;
use footnote_core::types::{BlockKind, PageUnit};

fn zipped(kind: &str, content: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let mimetype = format!("application/vnd.oasis.opendocument.{kind}");
    let mut parts = vec![("mimetype", mimetype.as_str()), ("content.xml", content)];
    parts.extend(more);
    package(&parts)
}

fn text(body: &str) -> Result<Outcome> {
    let styles = "<style:style style:name=\"P9\" style:family=\"paragraph\"><style:paragraph-properties fo:break-before=\"page\"/></style:style>\
        <text:list-style style:name=\"L1\"><text:list-level-style-number text:level=\"1\" style:num-suffix=\".\" style:num-format=\"1\"/>\
        <text:list-level-style-number text:level=\"2\" style:num-suffix=\")\" style:num-format=\"a\"/></text:list-style>";
    let content = format!(
        "<office:document-content><office:automatic-styles>{styles}</office:automatic-styles><office:body><office:text>{body}</office:text></office:body></office:document-content>"
    );
    let meta = "<m><dc:title>Lease</dc:title><meta:initial-creator>Ada</meta:initial-creator><dc:date>2021-03-09T10:00:00</dc:date><dc:language>de-DE</dc:language></m>";
    read_file("a.odt", &zipped("text", &content, &[("meta.xml", meta)]))
}

#[test]
fn texts_keep_headings_lists_tables_notes_and_pages() {
    let read = text(
        "<text:h text:outline-level=\"2\">Rent</text:h><text:p>It is<text:s text:c=\"2\"/>due\n  <text:a xlink:href=\"https://example.org\">here</text:a><text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>monthly</text:p></text:note-body></text:note>.</text:p>\
         <text:list text:style-name=\"L1\"><text:list-item><text:p>one</text:p><text:list><text:list-item><text:p>sub</text:p></text:list-item></text:list></text:list-item><text:list-item><text:p>two</text:p></text:list-item></text:list>\
         <text:p text:style-name=\"P9\">next page</text:p>\
         <table:table><table:table-header-rows><table:table-row><table:table-cell><text:p>A</text:p></table:table-cell><table:table-cell><text:p>B</text:p></table:table-cell></table:table-row></table:table-header-rows>\
         <table:table-row><table:table-cell table:number-columns-repeated=\"2\"><text:p>x</text:p></table:table-cell></table:table-row></table:table>",
    )
    .unwrap();
    assert_eq!(
        read.texts(),
        [
            "Rent\n\nIt is  due here¹.\n\n1. one\n  a) sub\n2. two\n\n¹ monthly",
            "next page\n\nA | B\nx | x"
        ]
    );
    let page = &read.pages[0];
    assert_eq!(page.blocks[0].kind, BlockKind::Heading { level: 2 });
    assert_eq!(page.blocks.last().unwrap().kind, BlockKind::Footnote);
    assert_eq!(read.pages[1].blocks[1].kind, BlockKind::Table { header_rows: 1 });
    assert_eq!(read.links(), [("here", "https://example.org")]);
    let about = &read.about;
    assert_eq!(about.title.as_deref(), Some("Lease"));
    assert_eq!(about.author.as_deref(), Some("Ada"));
    assert_eq!(about.date.as_deref(), Some("2021-03-09T10:00:00"));
    assert_eq!(about.language.as_deref(), Some("de-DE"));
}

#[test]
fn the_default_style_names_the_language_where_the_document_does_not() {
    let styles = "<office:styles><style:default-style style:family=\"graphic\"><style:text-properties fo:language=\"en\" fo:country=\"US\"/></style:default-style>\
        <style:default-style style:family=\"paragraph\"><style:paragraph-properties/><style:text-properties style:language-asian=\"zh\" fo:language=\"de\" fo:country=\"AT\"/></style:default-style>\
        <style:style style:name=\"Quote\" style:family=\"paragraph\"><style:text-properties fo:language=\"fr\"/></style:style></office:styles>";
    let body = "<office:body><office:text><text:p>one</text:p></office:text></office:body>";
    let content = format!("<office:document-content>{body}</office:document-content>");
    let read = read_file("a.odt", &zipped("text", &content, &[("styles.xml", styles)])).unwrap();
    assert_eq!(read.about.language.as_deref(), Some("de-AT"));
    let flat = format!(
        "<?xml version=\"1.0\"?><office:document office:mimetype=\"application/vnd.oasis.opendocument.text\">{styles}{body}</office:document>"
    );
    let read = read_file("a.fodt", flat.as_bytes()).unwrap();
    assert_eq!(read.about.language.as_deref(), Some("de-AT"));
}

#[test]
fn flat_files_are_the_same_without_a_package() {
    let flat = "<?xml version=\"1.0\"?><office:document office:mimetype=\"application/vnd.oasis.opendocument.text\"><office:meta><dc:title>T</dc:title></office:meta><office:body><office:text><text:p>flat</text:p></office:text></office:body></office:document>";
    let read = read_file("a.fodt", flat.as_bytes()).unwrap();
    assert_eq!(
        (read.texts(), read.about.title.as_deref()),
        (vec!["flat"], Some("T"))
    );
}

#[test]
fn slides_are_pages_with_titles_and_notes() {
    let content = "<d><office:body><office:presentation><draw:page draw:name=\"page1\"><draw:frame presentation:class=\"outline\"><draw:text-box><text:list><text:list-item><text:p>point</text:p></text:list-item></text:list></draw:text-box></draw:frame>\
        <draw:frame presentation:class=\"title\"><draw:text-box><text:p>Tides</text:p></draw:text-box></draw:frame>\
        <presentation:notes><draw:frame><draw:text-box><text:p>say hello</text:p></draw:text-box></draw:frame></presentation:notes></draw:page><draw:page draw:name=\"page2\"/></office:presentation></office:body></d>";
    let read = read_file("a.odp", &zipped("presentation", content, &[])).unwrap();
    assert_eq!(read.texts(), ["- point\n\nTides\n\nsay hello", ""]);
    assert_eq!(read.pages[0].label.as_deref(), Some("Tides"));
    assert_eq!(read.pages[1].label.as_deref(), Some("page2"));
    assert_eq!(read.pages[0].unit, PageUnit::Slide);
    assert_eq!(read.pages[0].blocks[2].kind, BlockKind::Footnote);
}

#[test]
fn repeated_cells_of_a_spreadsheet_are_counted_not_made() {
    let content = "<d><office:body><office:spreadsheet><table:table table:name=\"Dues\">\
        <table:table-row><table:table-cell><text:p>Name</text:p></table:table-cell><table:table-cell><text:p>Due</text:p></table:table-cell></table:table-row>\
        <table:table-row><table:table-cell><text:p>Ada</text:p></table:table-cell><table:table-cell office:date-value=\"2021-03-09T00:00:00\"><office:annotation><dc:creator>B</dc:creator><text:p>late</text:p></office:annotation><text:p>09.03.21</text:p></table:table-cell><table:table-cell table:number-columns-repeated=\"16382\"/></table:table-row>\
        <table:table-row table:number-rows-repeated=\"1048574\"><table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row>\
        </table:table></office:spreadsheet></office:body></d>";
    let read = read_file("a.ods", &zipped("spreadsheet", content, &[])).unwrap();
    assert_eq!(read.texts(), ["Dues\n\nName | Due\nAda | 2021-03-09\n\nB2: late"]);
    assert_eq!(read.pages[0].label.as_deref(), Some("Dues"));
}

#[test]
fn raised_parts_of_a_spreadsheets_cells_say_what_they_look_like() {
    let span = |style: &str, text: &str| format!("<text:span text:style-name=\"{style}\">{text}</text:span>");
    let cells = [
        format!("area in m{}", span("up", "2")),
        format!("5 · 10{} mol", span("up", "-3")),
        format!(
            "x{}{}",
            span("up", &format!("2{}", span("line", "y"))),
            span("bold", "3")
        ),
        format!("CO{}", span("down", "2")),
    ];
    let cells = cells.map(|cell| format!("<table:table-cell><text:p>{cell}</text:p></table:table-cell>"));
    let style = |name: &str, says: &str| {
        format!(
            "<style:style style:name=\"{name}\" style:family=\"text\"><style:text-properties {says}/></style:style>"
        )
    };
    let content = format!(
        "<d><office:automatic-styles>{}{}{}{}</office:automatic-styles><office:body><office:spreadsheet>\
        <table:table table:name=\"A\"><table:table-row>{}</table:table-row></table:table></office:spreadsheet></office:body></d>",
        style("up", "style:text-position=\"33% 58%\""),
        style("down", "style:text-position=\"sub 58%\""),
        style("line", "style:text-position=\"0% 100%\""),
        style("bold", "fo:font-weight=\"bold\""),
        cells.concat()
    );
    let read = read_file("a.ods", &zipped("spreadsheet", &content, &[])).unwrap();
    assert_eq!(read.texts(), ["A\n\narea in m² | 5 · 10⁻³ mol | x²y3 | CO2"]);
}

#[test]
fn what_a_spreadsheet_hides_is_read_and_its_label_says_so() {
    let cells = "<table:table-cell><text:p>x</text:p></table:table-cell><table:table-cell><text:p>y</text:p></table:table-cell>";
    let blank = "<table:table-cell table:number-columns-repeated=\"16384\"/>";
    let hides = "table:visibility=\"collapse\"";
    let content = format!(
        "<d><office:body><office:spreadsheet><table:table table:name=\"Open\"><table:table-row>{cells}</table:table-row></table:table>\
        <table:table table:name=\"Dues\"><table:table-column/><table:table-column {hides}/><table:table-column {hides} table:number-columns-repeated=\"16382\"/>\
        <table:table-row table:number-rows-repeated=\"2\">{cells}</table:table-row>\
        <table:table-row table:visibility=\"filter\" table:number-rows-repeated=\"3\">{cells}</table:table-row>\
        <table:table-row table:visibility=\"visible\">{cells}</table:table-row>\
        <table:table-row {hides} table:number-rows-repeated=\"1048000\">{blank}</table:table-row></table:table></office:spreadsheet></office:body></d>"
    );
    let read = read_file("a.ods", &zipped("spreadsheet", &content, &[])).unwrap();
    let labels: Vec<&str> = read
        .pages
        .iter()
        .filter_map(|page| page.label.as_deref())
        .collect();
    assert_eq!(labels, ["Open", "Dues (rows 3–5 and column B hidden)"]);
    assert_eq!(read.pages[1].text.matches("x | y").count(), 6);
}

#[test]
fn merged_cells_say_in_each_row_what_it_is_about_and_an_amount_once() {
    let cell = |more: &str, text: &str| {
        format!("<table:table-cell {more}><text:p>{text}</text:p></table:table-cell>")
    };
    let over = "<table:covered-table-cell/>".to_owned();
    let down = "table:number-rows-spanned=\"2\"";
    let wide = "table:number-columns-spanned=\"2\"";
    let rows = [
        cell("", "Quay") + &cell("", "Ship") + &cell("", "Fee"),
        cell(down, "East") + &cell("", "Ada") + &cell(down, "400"),
        over.clone() + &cell("", "Bea") + &over,
        cell("", "West") + &cell(wide, "closed") + &over,
        cell("table:number-columns-spanned=\"3\"", "no others") + &over + &over,
    ];
    let rows: String = rows
        .iter()
        .map(|row| format!("<table:table-row>{row}</table:table-row>"))
        .collect();
    let read = text(&format!("<table:table>{rows}</table:table>")).unwrap();
    let lines = "Quay | Ship | Fee\nEast | Ada | 400\nEast | Bea | \nWest | closed | closed\nno others";
    assert_eq!(read.texts(), [lines]);
    let sheet = format!(
        "<d><office:body><office:spreadsheet><table:table>{rows}</table:table></office:spreadsheet></office:body></d>"
    );
    let read = read_file("a.ods", &zipped("spreadsheet", &sheet, &[])).unwrap();
    assert_eq!(
        read.texts(),
        ["Quay | Ship | Fee\nEast | Ada | 400\nEast | Bea\nWest | closed\nno others"]
    );
    assert_eq!(read.place("A3"), Some("East"));
}

#[test]
fn locked_and_damaged_files_are_told_apart() {
    let manifest = "<manifest:manifest><manifest:file-entry><manifest:encryption-data/></manifest:file-entry></manifest:manifest>";
    for kind in ["text", "spreadsheet", "presentation"] {
        assert_sealed(read_file(
            "a.odt",
            &zipped(kind, "\u{1}", &[("META-INF/manifest.xml", manifest)]),
        ));
    }
    let error = fault(read_file(
        "a.odt",
        &package(&[("mimetype", "application/vnd.oasis.opendocument.text")]),
    ));
    assert!(
        error.message.contains("content.xml is missing"),
        "{}",
        error.message
    );
    let cut = text("<text:p>kept</text:p><text:p").unwrap();
    assert_eq!(cut.texts(), ["kept"]);
}

#[test]
fn deep_nesting_does_not_overflow() {
    let depth = 50_000;
    let open = "<text:list><text:list-item>".repeat(depth);
    let read = text(&format!("{open}<text:p>deep</text:p>")).unwrap();
    assert!(read.texts().concat().contains("deep"));
    let open = "<table:table><table:table-row><table:table-cell>".repeat(depth);
    assert!(text(&format!("{open}<text:p>deep</text:p>")).is_ok());
}

/// A text with these automatic styles.
fn styled(styles: &str, body: &str) -> Outcome {
    let content = format!(
        "<office:document-content><office:automatic-styles>{styles}</office:automatic-styles><office:body><office:text>{body}</office:text></office:body></office:document-content>"
    );
    read_file("a.odt", &zipped("text", &content, &[])).unwrap()
}

#[test]
fn exponents_are_told_from_the_number_before() {
    let style = |name: &str, position: &str| {
        format!(
            "<style:style style:name=\"{name}\" style:family=\"text\"><style:text-properties style:text-position=\"{position}\"/></style:style>"
        )
    };
    let styles = style("T1", "super 58%") + &style("T2", "-33% 58%") + &style("T3", "33% 58%");
    let span = |style: &str, text: &str| format!("<text:span text:style-name=\"{style}\">{text}</text:span>");
    let body = format!(
        "<text:p>10{} of CO{}, 1,234{} there</text:p>",
        span("T1", "-3"),
        span("T2", "2"),
        span("T3", "1")
    );
    assert_eq!(styled(&styles, &body).texts(), ["10⁻³ of CO2, 1,234¹ there"]);
}

#[test]
fn hidden_text_is_left_out_and_said_to_be() {
    let hidden = "<style:text-properties text:display=\"none\"/></style:style>";
    let styles = format!(
        "<style:style style:name=\"T1\" style:family=\"text\">{hidden}<style:style style:name=\"P1\" style:family=\"paragraph\">{hidden}\
         <style:style style:name=\"T2\" style:family=\"text\"><style:text-properties text:display=\"true\"/></style:style>"
    );
    let body = "<text:p>The rent is 420<text:span text:style-name=\"T1\"> or 390</text:span>.</text:p>\
        <text:p text:style-name=\"P1\">gone<text:span text:style-name=\"T2\">kept</text:span></text:p>\
        <text:section text:display=\"none\"><text:p>gone</text:p></text:section>";
    let read = styled(&styles, body);
    assert_eq!(read.texts(), ["The rent is 420.\n\nkept"]);
    assert_eq!(
        read.about.warnings,
        ["text that is formatted as hidden was left out"]
    );
}

#[test]
fn hidden_sheets_and_slides_are_called_so() {
    let styles = "<style:style style:name=\"ta1\" style:family=\"table\"><style:table-properties table:display=\"false\"/></style:style>\
        <style:style style:name=\"dp1\" style:family=\"drawing-page\"><style:drawing-page-properties presentation:visibility=\"hidden\"/></style:style>";
    let content = |body: &str| {
        format!(
            "<office:document-content><office:automatic-styles>{styles}</office:automatic-styles><office:body>{body}</office:body></office:document-content>"
        )
    };
    let cell = "<table:table-row><table:table-cell><text:p>5</text:p></table:table-cell></table:table-row>";
    let sheets = content(&format!(
        "<office:spreadsheet><table:table table:name=\"One\">{cell}</table:table>\
         <table:table table:name=\"Two\" table:style-name=\"ta1\">{cell}</table:table></office:spreadsheet>"
    ));
    let labels = |read: &Outcome| -> Vec<String> {
        read.pages
            .iter()
            .map(|page| page.label.clone().unwrap_or_default())
            .collect()
    };
    let read = read_file("a.ods", &zipped("spreadsheet", &sheets, &[])).unwrap();
    assert_eq!(labels(&read), ["One", "Two (hidden)"]);
    let slides = content(
        "<office:presentation><draw:page draw:name=\"a\"><draw:frame><draw:text-box><text:p>x</text:p></draw:text-box></draw:frame></draw:page>\
         <draw:page draw:name=\"b\" draw:style-name=\"dp1\"><draw:frame><draw:text-box><text:p>y</text:p></draw:text-box></draw:frame></draw:page></office:presentation>",
    );
    let read = read_file("a.odp", &zipped("presentation", &slides, &[])).unwrap();
    assert_eq!(labels(&read), ["a", "b (hidden)"]);
}
