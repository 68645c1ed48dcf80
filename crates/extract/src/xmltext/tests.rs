use std::ops::ControlFlow;

use footnote_core::types::Page;

use super::*;

fn read_all(xml: &str) -> (ExtractSummary, Vec<Page>) {
    let (mut about, mut pages) = (ExtractSummary::default(), Vec::new());
    read(xml.as_bytes(), &mut about, &mut |extracted| {
        crate::invariants::check(&extracted.page);
        pages.push(extracted.page);
        ControlFlow::Continue(())
    })
    .unwrap();
    (about, pages)
}

#[test]
fn documents_keep_their_structure() {
    let (about, pages) = read_all(
        "<?xml version='1.0'?><!DOCTYPE article><article xml:lang='en'><title>Tides</title><section><title>High</title>\
         <para><emphasis>At</emphasis> noon &amp; <link>night</link>.</para><itemizedlist><listitem><para>one</para></listitem>\
         </itemizedlist><programlisting>a\n  b</programlisting></section><section><title>Low</title><table>\
         <row><entry>Berth</entry><entry>Depth</entry></row><row><entry/><entry>4 <b>m</b></entry></row></table></section></article>",
    );
    assert_eq!(
        pages[0].text,
        "Tides\n\nHigh\n\nAt noon & night.\n\none\n\na\n  b\n\nLow\n\nBerth | Depth\n | 4 m"
    );
    let kinds: Vec<BlockKind> = pages[0].blocks.iter().map(|block| block.kind).collect();
    assert_eq!(kinds[1], BlockKind::Heading { level: 2 });
    assert_eq!(kinds[3..5], [BlockKind::ListItem, BlockKind::Code]);
    assert_eq!(kinds[6], BlockKind::Table { header_rows: 1 });
    assert_eq!(pages[0].places[2].address, "article/section/para");
    assert_eq!(pages[0].places[5].address, "article/section[2]/title");
    assert_eq!(
        (about.title.as_deref(), about.language.as_deref()),
        (Some("Tides"), Some("en"))
    );
}

#[test]
fn values_of_one_record_stand_together() {
    let (_, pages) =
        read_all("<all><ship><name>Anna</name><length>12</length></ship><ship><name>Bo</name></ship></all>");
    assert_eq!(pages[0].text, "Anna\n12\n\nBo");
    let places: Vec<&str> = pages[0]
        .places
        .iter()
        .map(|place| place.address.as_str())
        .collect();
    assert_eq!(places, ["all/ship/name", "all/ship/length", "all/ship[2]/name"]);
}

#[test]
fn html_in_a_text_is_read_as_such() {
    let (_, pages) = read_all(
        "<rss><channel><item><title>Tides</title><description><![CDATA[<p>High at <a href='/n'>noon</a>.</p><p>Low</p>]]></description></item></channel></rss>",
    );
    assert_eq!(pages[0].text, "Tides\n\nHigh at noon.\n\nLow");
    assert_eq!(pages[0].links[0].target, "/n");
    assert_eq!(pages[0].places[2].address, "rss/channel/item/description");
}

#[test]
fn entities_are_not_expanded() {
    let (_, pages) = read_all(
        "<!DOCTYPE x [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;'>]><x><p>one &b; two &lt; &#x2014;</p></x>",
    );
    assert_eq!(pages[0].text, "one two < \u{2014}");
}

#[test]
fn broken_xml_gives_what_comes_before() {
    let (about, pages) = read_all("<x><p>kept</p><p>this <!-- never ends");
    assert!(pages[0].text.starts_with("kept"));
    assert_eq!(about.warnings.len(), 1);
    let (_, pages) = read_all("<x name='only attributes'/>");
    assert_eq!(pages[0].text, "<x name='only attributes'/>");
}

#[test]
fn deep_nesting_is_read() {
    let xml = format!("{}deep{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
    assert_eq!(read_all(&xml).1[0].text, "deep");
}

proptest::proptest! {
    #[test]
    fn any_xml_keeps_the_invariants(xml in "(<(p|row|entry|title|table|b|a)>|</(p|row|entry|title|table|b|a)>|&[a-z]{0,3};?|[ a-z\n]){0,80}") {
        let _ = read_all(&xml);
    }
}
