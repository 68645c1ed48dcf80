//! Tables of data as rows; tables that only lay out a page are read like any other element.

use footnote_core::types::BlockKind;
use scraper::{ElementRef, Selector};

use super::elements::visible_text;
use crate::page::Piece;

/// The rows of a table of data, and how many bytes of them are links; none for a table that only lays
/// out a page.
pub(super) fn rows(table: ElementRef<'_>) -> Option<(Vec<Piece>, usize)> {
    let layout = Selector::parse("table, h1, h2, h3, h4, ul, ol, pre, p + p, form").ok()?;
    if table.select(&layout).next().is_some() {
        return None;
    }
    let (row, cell) = (Selector::parse("tr").ok()?, Selector::parse("td, th").ok()?);
    let (mut pieces, mut rows) = (Vec::new(), Vec::new());
    let (mut columns, mut header_rows) = (0, 0);
    if let Some(caption) = Selector::parse("caption")
        .ok()
        .and_then(|s| table.select(&s).next())
    {
        pieces.push(Piece::new(BlockKind::Caption, visible_text(caption)));
    }
    for row in table.select(&row) {
        let cells: Vec<String> = row.select(&cell).map(visible_text).collect();
        columns = columns.max(cells.len());
        if cells.iter().any(|cell| !cell.is_empty()) {
            let names = row.select(&cell).all(|cell| cell.value().name() == "th");
            let in_head = row
                .parent()
                .and_then(ElementRef::wrap)
                .is_some_and(|p| p.value().name() == "thead");
            if (names || in_head) && usize::from(header_rows) == rows.len() {
                header_rows += 1;
            }
            rows.push(cells.join(" | "));
        }
    }
    pieces.push(Piece::new(BlockKind::Table { header_rows }, rows.join("\n")));
    let links = Selector::parse("a").ok()?;
    let linked = table.select(&links).map(|link| visible_text(link).len()).sum();
    (columns > 1 && !rows.is_empty()).then_some((pieces, linked))
}
