use footnote_core::types::BlockKind;
use proptest::prelude::*;

use crate::testing::{Outcome, read, read_file};

fn rtf(body: &str) -> Outcome {
    rtf_bytes(format!("{{\\rtf1\\ansi\\ansicpg1252\\deff0{body}}}").as_bytes())
}

fn rtf_bytes(bytes: &[u8]) -> Outcome {
    read(|about, sink| super::read(bytes, about, sink)).unwrap()
}

#[test]
fn characters_come_from_escapes_code_pages_and_fonts() {
    let fonts = "{\\fonttbl{\\f0 Arial;}{\\f1\\fcharset204 Arial CYR;}{\\f2\\fcharset128 Gothic;}{\\f3\\fcharset2 Symbol;}}";
    assert_eq!(rtf("gr\\'fcn \\u8364?5\\'a05").texts(), ["grün €5\u{a0}5"]);
    assert_eq!(
        rtf(&format!(
            "{fonts}{{\\f1 \\'cf\\'f0\\'e8}} and {{\\f2 \\'8d\\'60}}"
        ))
        .texts(),
        ["При and 港"]
    );
    assert_eq!(rtf("\\uc2 \\u26085xy\\u26412\\'96\\'7b!").texts(), ["日本!"]);
    assert_eq!(rtf("\\u-10179?\\u-8704?").texts(), ["\u{1f600}"]);
    let read = rtf("\\uc0 \\u8217 s {\\v hidden}{\\deleted gone}a\\~b\\emdash c\\line d");
    assert_eq!(read.texts(), ["’s a\u{a0}b—c\nd"]);
    assert_eq!(
        read.about.warnings,
        ["text that is formatted as hidden was left out"]
    );
}

#[test]
fn destinations_that_are_no_text_do_not_show() {
    let body = "{\\*\\generator Word;}{\\colortbl;\\red0;}{\\pict\\wmetafile8 0102}{\\*\\unknown secret}{\\object{\\*\\objdata 00}{\\result shown}}{\\bin3 }{}\\par end";
    let read = rtf(body);
    assert_eq!(read.texts().concat().replace('\n', ""), "shownend");
}

#[test]
fn structure_is_kept() {
    let body = "{\\stylesheet{\\s1 heading 1;}{\\s2\\outlinelevel1 Sub;}{\\s5 caption;}}\
        {\\info{\\title Lease}{\\author Ada}{\\creatim\\yr2020\\mo1\\dy2}{\\revtim\\yr2021\\mo3\\dy9\\hr4}}\
        {\\header Running\\par}\\pard\\s1 One\\par\\pard\\s2 Two\\par\
        \\pard text{\\super\\chftn}{\\footnote {\\chftn} the note}\\par\
        \\pard{\\listtext\\tab 1.\\tab}first\\par{\\listtext\\f3\\'b7\\tab}\\ilvl1 second\\par\
        \\pard See {\\field{\\*\\fldinst{HYPERLINK \"https://example.org\"}}{\\fldrslt{here}}}.\\par\
        \\trowd\\trhdr\\pard\\intbl A\\cell B\\cell\\row\\trowd\\pard\\intbl x\\par y\\cell\\cell\\row\
        \\pard\\s5 Table 1\\par\\page last";
    let read = rtf(body);
    assert_eq!(
        read.texts(),
        [
            "Running\n\nOne\n\nTwo\n\ntext¹\n\n1. first\n  - second\n\nSee here.\n\nA | B\nx y |\n\nTable 1\n\n¹ the note",
            "last"
        ]
    );
    let kinds: Vec<BlockKind> = read.pages[0].blocks.iter().map(|block| block.kind).collect();
    let heading = |level| BlockKind::Heading { level };
    assert_eq!(kinds[..3], [BlockKind::Furniture, heading(1), heading(2)]);
    assert_eq!(
        kinds[7..],
        [
            BlockKind::Table { header_rows: 1 },
            BlockKind::Caption,
            BlockKind::Footnote
        ]
    );
    assert_eq!(read.links(), [("here", "https://example.org")]);
    let about = &read.about;
    assert_eq!(
        (about.title.as_deref(), about.author.as_deref()),
        (Some("Lease"), Some("Ada"))
    );
    assert_eq!(about.date.as_deref(), Some("2021-03-09"));
}

#[test]
fn cells_that_go_on_from_the_row_above_say_what_it_says() {
    let read = rtf(
        "\\trowd\\trhdr\\cellx1\\cellx2\\cellx3 Quay\\cell Ship\\cell Fee\\cell\\row\
         \\trowd\\clvmgf\\cellx1\\cellx2\\clvmgf\\cellx3 East\\cell Ada\\cell 400\\cell\\row\
         \\trowd\\clvmrg\\cellx1\\cellx2\\clvmrg\\cellx3\\cell Bea\\cell\\cell\\row\
         \\trowd\\cellx1\\cellx2\\cellx3 West\\cell Cid\\cell 5\\cell\\row",
    );
    assert_eq!(
        read.texts(),
        ["Quay | Ship | Fee\nEast | Ada | 400\nEast | Bea | \nWest | Cid | 5"]
    );
}

#[test]
fn a_torn_file_gives_what_it_holds_and_says_so() {
    let read = read_file("a.doc", b"{\\rtf1 kept {\\b and this").unwrap();
    assert_eq!(read.texts(), ["kept and this"]);
    assert_eq!(read.about.media_type, "application/rtf");
    assert!(read.about.warnings[0].contains("ends in the middle"));
}

#[test]
fn deep_nesting_does_not_overflow() {
    let read = rtf(&format!("{}deep{}", "{".repeat(200_000), "}".repeat(200_000)));
    assert_eq!(read.texts(), ["deep"]);
}

#[test]
fn a_link_that_began_in_an_inner_cell_goes_on_behind_it() {
    let read = rtf("pay {\\field{\\*\\fldinst HYPERLINK \"x\"}{\\fldrslt one\\nestcell \\u233?\\u233?}}");
    let page = &read.pages[0];
    let links: Vec<&str> = page.links.iter().map(|link| link.span.of(&page.text)).collect();
    assert_eq!(links, ["éé"]);
}

proptest! {
    #[test]
    fn any_bytes_end_in_order(bytes in prop::collection::vec(any::<u8>(), 0..3000)) {
        rtf_bytes(&bytes);
    }

    #[test]
    fn any_words_end_in_order(words in prop::collection::vec(prop::sample::select(vec![
        "{", "}", "\\par ", "\\u-10179?", "\\u55357 ", "\\cell ", "\\row ", "\\intbl ", "\\pard ", "{\\footnote ",
        "{\\field{\\*\\fldinst HYPERLINK \"x\"}", "{\\fldrslt ", "{\\header ", "\\'e9", "\\nestcell ", "é", " text ",
        "{\\listtext ", "\\page ", "\\sect ", "{\\stylesheet", "\\s1 heading 1;", "\\bin3 ", "{\\info{\\title ",
        "\\outlinelevel0 ", "{\\fonttbl", "\\f1\\fcharset128 ", "{\\*\\nesttableprops\\nestrow}", "\\uc9 ", "\\line ",
    ]), 0..80)) {
        rtf(&words.concat());
    }
}

#[test]
fn exponents_are_told_from_the_number_before() {
    let body = "\\pard 10{\\super 3} and 10{\\up6 -2}, CO{\\sub 2}, 1,234{\\super 1}\\nosupersub  m\\super 2\\plain  5\\par";
    assert_eq!(rtf(body).texts(), ["10³ and 10⁻², CO2, 1,234¹ m² 5"]);
    let noted = "word{\\super\\chftn{\\footnote\\pard {\\super\\chftn} 12 of 2019}}.\\par";
    let read = rtf(noted);
    assert!(read.texts()[0].contains("12 of 2019"), "{:?}", read.texts());
}
