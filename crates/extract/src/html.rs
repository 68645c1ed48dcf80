//! HTML: the main content with its structure; scripts, menus and hidden parts are left out.

mod content;
mod elements;
mod reader;
mod table;
mod tree;

use encoding_rs::Encoding;
use footnote_core::Result;
use footnote_core::types::ExtractSummary;
use scraper::{ElementRef, Html, Selector};

use self::reader::Reader;
use crate::page::{Piece, Sink, collapse, send_pieces};

/// Reads HTML. Returns the title and the number of pages.
pub(crate) fn read(bytes: &[u8], about: &mut ExtractSummary, sink: &mut Sink<'_>) -> Result<u32> {
    read_text(&decode(bytes), about, sink)
}

/// The characters of an HTML file, by the encoding that it declares.
pub(crate) fn decode(bytes: &[u8]) -> String {
    crate::text::decode(bytes, declared_encoding(bytes))
}

/// All that a fragment shows, with its structure: the body of a mail, for one.
pub(crate) fn pieces(source: &str) -> Vec<Piece> {
    let document = tree::parse(source);
    let found = Reader::default().walk(document.root_element());
    found.into_iter().map(|found| found.piece).collect()
}

/// XHTML with its empty elements written out: HTML knows `<title/>` only as a start tag, and would
/// take the rest of the file for the title.
pub(crate) fn expand_empty(source: &str) -> String {
    const VOID: &[&str] = &[
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
        "track", "wbr",
    ];
    let (mut out, mut rest) = (String::with_capacity(source.len()), source);
    while let Some(end) = rest.find("/>") {
        let head = &rest[..end];
        let tag = head.rfind('<').map(|at| &head[at + 1..]);
        let name = tag.map(|tag| tag.split(|c: char| c.is_whitespace()).next().unwrap_or(tag));
        let name = name.filter(|name| name.starts_with(|c: char| c.is_ascii_alphabetic()));
        match name.filter(|name| !VOID.contains(name)) {
            Some(name) if !tag.is_some_and(|tag| tag.contains('>')) => {
                out.push_str(head);
                out.push_str("></");
                out.push_str(name);
                out.push('>');
            }
            _ => out.push_str(&rest[..end + 2]),
        }
        rest = &rest[end + 2..];
    }
    out.push_str(rest);
    out
}

/// Reads HTML that was decoded already. Returns the number of pages.
pub(crate) fn read_text(source: &str, about: &mut ExtractSummary, sink: &mut Sink<'_>) -> Result<u32> {
    let document = tree::parse(source);
    describe(&document, about);
    let found = Reader::default().walk(document.root_element());
    let pieces = content::select(&document, found);
    drop(document);
    send_pieces(&pieces, sink)
}

/// Takes title, author, date and language from the page's head.
fn describe(document: &Html, about: &mut ExtractSummary) {
    let meta = |names: &[&str]| {
        names.iter().find_map(|name| {
            let node = first(
                document,
                &format!("meta[name=\"{name}\" i], meta[property=\"{name}\" i]"),
            )?;
            let text = collapse(node.value().attr("content")?);
            (!text.is_empty()).then_some(text)
        })
    };
    let title = first(document, "title").map(|node| collapse(&node.text().collect::<String>()));
    about.title = title
        .filter(|title| !title.is_empty())
        .or_else(|| meta(&["og:title", "dc.title"]));
    let is_name = |author: &String| !author.contains("://");
    about.author = meta(&["author", "dc.creator", "citation_author", "article:author"]).filter(is_name);
    let dates = [
        "article:published_time",
        "citation_publication_date",
        "dc.date",
        "dcterms.created",
        "date",
        "pubdate",
        "article:modified_time",
    ];
    about.date = meta(&dates).filter(|date| date.starts_with(|c: char| c.is_ascii_digit()));
    let language = document.root_element().value().attr("lang");
    let language = language.or_else(|| document.root_element().value().attr("xml:lang"));
    about.language = language
        .map(str::trim)
        .filter(|code| !code.is_empty())
        .map(str::to_owned);
}

fn first<'a>(document: &'a Html, selector: &str) -> Option<ElementRef<'a>> {
    document.select(&Selector::parse(selector).ok()?).next()
}

/// The encoding that a `meta` element or an XML declaration names.
fn declared_encoding(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]).to_ascii_lowercase();
    ["charset=", "encoding="].iter().find_map(|key| {
        let rest = &head[head.find(key)? + key.len()..];
        let name: String = rest
            .trim_start_matches(['"', '\'', ' '])
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || "-_:.".contains(*c))
            .collect();
        Encoding::for_label(name.as_bytes())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use footnote_core::types::BlockKind;
    use std::ops::ControlFlow;

    fn page(html: &str) -> (Option<String>, footnote_core::types::Page) {
        let mut pages = Vec::new();
        let mut about = ExtractSummary::default();
        read(html.as_bytes(), &mut about, &mut |extracted| {
            crate::invariants::check(&extracted.page);
            pages.push(extracted.page);
            ControlFlow::Continue(())
        })
        .unwrap();
        (about.title, pages.remove(0))
    }

    #[test]
    fn structure_is_kept_and_the_frame_left_out() {
        let (title, page) = page(
            "<html><head><title>Minutes</title><style>p{}</style></head><body><nav>Menu</nav>\
             <h2>Dredging</h2><p>The  basin <b>is</b>\n shallow.</p><ul><li><p>first</p></li><li>second</li></ul>\
             <ol start=3><li>third</ol><table><tr><th>Berth</th><th>Depth</th></tr><tr><td>A</td><td>4 m</td></tr></table>\
             <pre>a\n  b</pre><script>x()</script><template>t</template><p hidden>no</p>line<br>break</body></html>",
        );
        assert_eq!(title.as_deref(), Some("Minutes"));
        assert_eq!(
            page.text,
            "Dredging\n\nThe basin is shallow.\n\n- first\n- second\n3. third\n\nBerth | Depth\nA | 4 m\n\na\n  b\n\nline\nbreak"
        );
        assert_eq!(page.blocks[0].kind, BlockKind::Heading { level: 2 });
        assert_eq!(page.blocks[2].kind, BlockKind::ListItem);
        assert_eq!(page.blocks[5].kind, BlockKind::Table { header_rows: 1 });
        assert_eq!(page.blocks[6].kind, BlockKind::Code);
    }

    #[test]
    fn exponents_are_told_from_the_number_before() {
        let (_, page) = page(
            "<p>about 10<sup>-3</sup> of CO<sub>2</sub>, 1,234<sup><a href='http://n.org/'>1</a></sup>, the 1<sup>st</sup>, \
             cited<sup>[2]</sup></p><table><tr><th>Floor<th>m<sup>2</sup><tr><td>Upper<td>10<sup>3</sup></table>",
        );
        assert_eq!(
            page.text,
            "about 10⁻³ of CO2, 1,234¹, the 1st, cited[2]\n\nFloor | m²\nUpper | 10³"
        );
        assert_eq!(page.links[0].span.of(&page.text), "¹");
    }

    #[test]
    fn merged_cells_keep_the_columns_of_the_others() {
        let (_, page) = page(
            "<table><thead><tr><th rowspan=2>Quay<th colspan=2>2024<tr><th>Ships<th>Fee</thead>\
             <tbody><tr><td rowspan=3>East<td>4<td rowspan=2>€ 80<tr><td>5<tr><td>6<td>90\
             <tr><td colspan=3>no others<tr><td rowspan=0>West<td colspan=2>closed<tr><td>1<td>2</tbody>\
             <tfoot><tr><td>Sum<td>15<td>170</table>",
        );
        assert_eq!(
            page.text,
            "Quay | 2024 | 2024\nQuay | Ships | Fee\nEast | 4 | € 80\nEast | 5 | \nEast | 6 | 90\nno others\n\
             West | closed | closed\nWest | 1 | 2\nSum | 15 | 170"
        );
        assert_eq!(page.blocks[0].kind, BlockKind::Table { header_rows: 2 });
    }

    #[test]
    fn links_places_and_captions_are_kept() {
        let (_, page) = page(
            "<body><div id=main><p>See <a href='https://example.org/a'>the  <b>tide</b> table</a>, or <a href='#x'>here</a>.\
             </p><p>Two</p><dl><dt>Berth</dt><dd><p>A place</p></dd></dl><figure><img alt='A grey lighthouse' src=x>\
             <figcaption>The light</figcaption></figure><pre>a\n<a href='/b'>b</a></pre></div></body>",
        );
        assert_eq!(
            page.text,
            "See the tide table, or here.\n\nTwo\n\nBerth\nA place\n\nA grey lighthouse\n\nThe light\n\na\nb"
        );
        let links: Vec<_> = page
            .links
            .iter()
            .map(|link| (link.span.of(&page.text), link.target.as_str()))
            .collect();
        assert_eq!(links, [("the tide table", "https://example.org/a"), ("b", "/b")]);
        let places: Vec<_> = page.places.iter().map(|place| place.address.as_str()).collect();
        assert_eq!(places[..3], ["#main/p", "#main/p[2]", "#main/dl/dt"]);
        assert_eq!(page.blocks[2].kind, BlockKind::ListItem);
        assert_eq!(page.blocks[4].kind, BlockKind::Caption);
        assert_eq!(page.blocks[5].kind, BlockKind::Caption);
    }

    #[test]
    fn the_content_is_told_from_its_frame() {
        let text =
            "The keeper cleans the lamp every week, and writes down what ships pass in the night. ".repeat(3);
        let teaser =
            "Another story that somebody wrote about some other thing, with a few words of it here to lure. ";
        let html = format!(
            "<body><div class=masthead><a href=/>Home</a> <a href=/news>News</a></div><div class=page><h1>Light</h1><div>By Ann</div>\
             <div class=has-sidebar><div class=text><p>{text}</p><p>{text}</p><h2>More</h2><p>Short.</p><p>{text}</p></div></div>\
             <div class=relatedPosts><p>{teaser}</p></div><div id=comments><p>{teaser}</p></div></div><footer>Imprint</footer></body>"
        );
        let (_, page) = page(&html);
        assert!(
            page.text.starts_with("Light\n\nBy Ann\n\nThe keeper"),
            "{}",
            page.text
        );
        assert!(page.text.contains("Short."));
        assert!(
            !page.text.contains("Another story")
                && !page.text.contains("News")
                && !page.text.contains("Imprint")
        );
    }

    #[test]
    fn pages_of_few_words_are_taken_whole() {
        let (_, page) = page("<body><header>Head</header><p>Words</p><footer>Foot</footer></body>");
        assert_eq!(page.text, "Head\n\nWords\n\nFoot");
    }

    #[test]
    fn what_the_head_says_is_kept() {
        let html = "<html lang=de><head><title> A  page </title><meta name=Author content='Ann Lee'>\
            <meta property='article:published_time' content='2021-03-09T10:00:00Z'></head><body>x</body></html>";
        let mut about = ExtractSummary::default();
        read(html.as_bytes(), &mut about, &mut |_| ControlFlow::Continue(())).unwrap();
        assert_eq!(about.title.as_deref(), Some("A page"));
        assert_eq!(about.author.as_deref(), Some("Ann Lee"));
        assert_eq!(about.date.as_deref(), Some("2021-03-09T10:00:00Z"));
        assert_eq!(about.language.as_deref(), Some("de"));
    }

    #[test]
    fn empty_elements_of_xhtml_do_not_swallow_the_page() {
        let source = "<?xml version='1.0'?><html><head><title/><script src='x' /></head><body><a id='x'/>kept<br/></body></html>";
        let expanded = expand_empty(source);
        assert!(
            expanded.contains("<title></title>") && expanded.contains("<br/>"),
            "{expanded}"
        );
        assert_eq!(page(&expanded).1.text, "kept");
    }

    #[test]
    fn deep_nesting_does_not_overflow() {
        let html = format!("{}deep{}", "<div>".repeat(20_000), "</div>".repeat(20_000));
        assert_eq!(page(&html).1.text, "deep");
        let mixed = format!(
            "{}<p>deep</p>{}<h2>after</h2>",
            "<span><b/><x-y>".repeat(20_000),
            "</x-y></span>".repeat(20_000)
        );
        assert_eq!(page(&mixed).1.text, "deep\n\nafter");
    }

    proptest::proptest! {
        #[test]
        fn any_html_keeps_the_invariants(html in "(</?(div|p|a href=x|li|ul|table|tr|td|pre|h1|b|dl|dt|br)/?>|[ a-zé\n]|&nbsp;){0,100}") {
            let _ = page(&html);
        }
    }

    #[test]
    fn declared_encodings_are_used() {
        let bytes = b"<meta charset=\"iso-8859-2\"><p>\xb3\xf3d\xbc</p>";
        assert_eq!(declared_encoding(bytes).map(Encoding::name), Some("ISO-8859-2"));
    }
}
