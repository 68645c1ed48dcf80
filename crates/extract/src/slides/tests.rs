use footnote_core::types::{BlockKind, PageUnit};

use crate::testing::{Outcome, fault, package, read_file};

const TYPES: &str = "<Types><Override ContentType=\"application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml\"/></Types>";
const ROOT: &str = "<Relationships><Relationship Id=\"r1\" Type=\"x/officeDocument\" Target=\"ppt/presentation.xml\"/></Relationships>";

fn relation(id: &str, kind: &str, target: &str, mode: &str) -> String {
    format!("<Relationship Id=\"{id}\" Type=\"x/{kind}\" Target=\"{target}\" {mode}/>")
}

fn presentation(slide: &str, relations: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let slide = format!("<p:sld><p:cSld><p:spTree>{slide}</p:spTree></p:cSld></p:sld>");
    let relations = format!("<Relationships>{relations}</Relationships>");
    let list = format!(
        "<Relationships>{}{}</Relationships>",
        relation("r1", "slide", "slides/a.xml", ""),
        relation("r2", "slide", "/ppt/slides/b.xml", "")
    );
    let mut parts = vec![
        ("[Content_Types].xml", TYPES),
        ("_rels/.rels", ROOT),
        // The second file is the first slide.
        (
            "ppt/presentation.xml",
            "<p:presentation><p:sldIdLst><p:sldId id=\"256\" r:id=\"r2\"/><p:sldId id=\"257\" r:id=\"r1\"/></p:sldIdLst></p:presentation>",
        ),
        ("ppt/_rels/presentation.xml.rels", &list),
        (
            "ppt/slides/a.xml",
            "<p:sld><p:cSld><p:spTree><p:pic><p:nvPicPr><p:cNvPr id=\"4\" name=\"Picture 3\"/></p:nvPicPr></p:pic></p:spTree></p:cSld></p:sld>",
        ),
        ("ppt/slides/b.xml", &slide),
        ("ppt/slides/_rels/b.xml.rels", &relations),
        (
            "docProps/core.xml",
            "<c><dc:title>Talk</dc:title><dc:creator>Ada</dc:creator><dcterms:modified>2021-03-09T10:00:00Z</dcterms:modified></c>",
        ),
    ];
    parts.extend(more);
    package(&parts)
}

fn shape(id: u8, placeholder: &str, paragraphs: &str) -> String {
    format!(
        "<p:sp><p:nvSpPr><p:cNvPr id=\"{id}\" name=\"S\"/><p:nvPr>{placeholder}</p:nvPr></p:nvSpPr><p:txBody>{paragraphs}</p:txBody></p:sp>"
    )
}

fn paragraph(properties: &str, text: &str) -> String {
    format!("<a:p><a:pPr {properties}</a:pPr><a:r><a:t>{text}</a:t></a:r></a:p>")
}

fn read(bytes: &[u8]) -> Outcome {
    read_file("a.pptx", bytes).unwrap()
}

#[test]
fn slides_stand_in_their_order_with_titles_lists_tables_and_notes() {
    let body = paragraph(">", "point")
        + &paragraph("lvl=\"1\"><a:buAutoNum type=\"alphaLcParenR\"/>", "sub")
        + &paragraph("><a:buNone/>", "plain");
    let cell = |text: &str, more: &str| {
        format!("<a:tc {more}><a:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></a:txBody></a:tc>")
    };
    let table = format!(
        "<p:graphicFrame><a:tbl><a:tblPr firstRow=\"1\"/><a:tr>{}{}</a:tr><a:tr>{}{}</a:tr></a:tbl></p:graphicFrame>",
        cell("Berth", ""),
        cell("Depth", ""),
        cell("both", "gridSpan=\"2\""),
        cell("", "hMerge=\"1\"")
    );
    let picture =
        "<p:pic><p:nvPicPr><p:cNvPr id=\"9\" name=\"x\" descr=\"A lighthouse\"/></p:nvPicPr></p:pic>";
    let link = "<p:sp><p:txBody><a:p><a:r><a:rPr><a:hlinkClick r:id=\"l\"/></a:rPr><a:t>site</a:t></a:r></a:p></p:txBody></p:sp>";
    let fallback = "<mc:AlternateContent><mc:Fallback><p:sp><p:txBody><a:p><a:r><a:t>twice</a:t></a:r></a:p></p:txBody></p:sp></mc:Fallback></mc:AlternateContent>";
    let slide = [
        shape(3, "<p:ph idx=\"1\"/>", &body),
        shape(2, "<p:ph type=\"title\"/>", &paragraph(">", "Tides &amp; tables")),
        shape(5, "<p:ph type=\"ftr\"/>", &paragraph(">", "Harbour office")),
        table,
        picture.into(),
        link.into(),
        fallback.into(),
    ]
    .concat();
    let relations = relation("n", "notesSlide", "../notes.xml", "")
        + &relation("l", "hyperlink", "https://example.org", "TargetMode=\"External\"");
    let notes = shape(2, "<p:ph type=\"body\"/>", &paragraph(">", "say hello"))
        + &shape(3, "<p:ph type=\"sldNum\"/>", &paragraph(">", "1"));
    let notes = format!("<p:notes>{notes}</p:notes>");
    let read = read(&presentation(&slide, &relations, &[("ppt/notes.xml", &notes)]));
    assert_eq!(
        read.texts(),
        [
            "Tides & tables\n\n- point\n  a) sub\n\nplain\n\nBerth | Depth\nboth | both\n\nA lighthouse\n\nsite\n\nsay hello\n\nHarbour office",
            "Picture 3"
        ]
    );
    let page = &read.pages[0];
    assert_eq!(
        (page.unit, page.label.as_deref()),
        (PageUnit::Slide, Some("Tides & tables"))
    );
    let kinds: Vec<BlockKind> = page.blocks.iter().map(|block| block.kind).collect();
    assert_eq!(kinds[0], BlockKind::Heading { level: 1 });
    assert_eq!(
        kinds[4..6],
        [BlockKind::Table { header_rows: 1 }, BlockKind::Caption]
    );
    assert_eq!(kinds[7..], [BlockKind::Footnote, BlockKind::Furniture]);
    assert_eq!(read.place("shape 2"), Some("Tides & tables"));
    assert_eq!(read.links(), [("site", "https://example.org")]);
    let about = &read.about;
    assert_eq!(
        (about.title.as_deref(), about.author.as_deref()),
        (Some("Talk"), Some("Ada"))
    );
    assert_eq!(about.date.as_deref(), Some("2021-03-09T10:00:00Z"));
}

#[test]
fn charts_and_diagrams_say_what_can_be_read_off_them() {
    let frame = |inside: &str| {
        format!(
            "<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id=\"7\" name=\"x\"/></p:nvGraphicFramePr>{inside}</p:graphicFrame>"
        )
    };
    let slide = frame("<c:chart r:id=\"c\"/>") + &frame("<dgm:relIds r:dm=\"d\" r:lo=\"x\"/>");
    let points = |a: &str, b: &str| {
        format!("<c:pt idx=\"0\"><c:v>{a}</c:v></c:pt><c:pt idx=\"1\"><c:v>{b}</c:v></c:pt>")
    };
    let chart = format!(
        "<c:chart><c:title><a:p><a:r><a:t>Dues</a:t></a:r></a:p></c:title><c:ser><c:tx><c:v>Fee</c:v></c:tx><c:cat>{}</c:cat><c:val>{}</c:val></c:ser></c:chart>",
        points("2020", "2021"),
        points("4.5", "5")
    );
    let diagram = "<dgm:dataModel><a:p><a:r><a:t>Plan</a:t></a:r></a:p><a:p><a:r><a:t>Act</a:t></a:r></a:p></dgm:dataModel>";
    let relations = relation("c", "chart", "../c.xml", "") + &relation("d", "diagramData", "../d.xml", "");
    let read = read(&presentation(
        &slide,
        &relations,
        &[("ppt/c.xml", &chart), ("ppt/d.xml", diagram)],
    ));
    assert_eq!(
        read.texts()[0],
        "Dues\n\n | Fee\n2020 | 4.5\n2021 | 5\n\n- Plan\n- Act"
    );
}

#[test]
fn torn_presentations_say_so() {
    let whole = presentation("", "", &[]);
    let error = fault(read_file("a.pptx", &whole[..whole.len() - 40]));
    assert!(error.message.contains("damaged"), "{}", error.message);
    let error = fault(read_file("a.pptx", &package(&[("[Content_Types].xml", TYPES)])));
    assert!(
        error.message.contains("ppt/presentation.xml is missing"),
        "{}",
        error.message
    );
}

#[test]
fn hidden_slides_are_called_so_and_exponents_are_told() {
    let run = |properties: &str, text: &str| format!("<a:r><a:rPr {properties}/><a:t>{text}</a:t></a:r>");
    let body = format!(
        "<a:p><a:pPr><a:buNone/></a:pPr>{}{}{}{}</a:p>",
        run("", "10"),
        run("baseline=\"30000\"", "3"),
        run("", " CO"),
        run("baseline=\"-25000\"", "2")
    );
    let slide =
        shape(2, "<p:ph type=\"title\"/>", &paragraph(">", "Backup")) + &shape(3, "<p:ph idx=\"1\"/>", &body);
    let bytes = presentation(&slide, "", &[]);
    let labels = |read: &Outcome| read.pages[0].label.clone();
    let shown = read(&bytes);
    assert_eq!(shown.texts()[0], "Backup\n\n10³ CO2");
    assert_eq!(labels(&shown).as_deref(), Some("Backup"));
    let hidden = format!("<p:sld show=\"0\"><p:cSld><p:spTree>{slide}</p:spTree></p:cSld></p:sld>");
    let list = format!(
        "<Relationships>{}</Relationships>",
        relation("r9", "slide", "slides/c.xml", "")
    );
    let parts = [
        ("[Content_Types].xml", TYPES),
        ("_rels/.rels", ROOT),
        (
            "ppt/presentation.xml",
            "<p:presentation><p:sldIdLst><p:sldId id=\"256\" r:id=\"r9\"/></p:sldIdLst></p:presentation>",
        ),
        ("ppt/_rels/presentation.xml.rels", list.as_str()),
        ("ppt/slides/c.xml", hidden.as_str()),
    ];
    let hidden = read(&package(&parts));
    assert_eq!(labels(&hidden).as_deref(), Some("Backup (hidden)"));
    assert_eq!(hidden.texts(), [shown.texts()[0]]);
}
