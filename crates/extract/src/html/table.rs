//! Tables of data as rows; tables that only lay out a page are read like any other element.

use footnote_core::types::BlockKind;
use scraper::{ElementRef, Selector};

use super::elements::visible_text;
use crate::merged::{Part, Regions, covered};
use crate::page::Piece;

/// A cell spans no more columns than a page can show.
const MAX_SPAN: u32 = 64;

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
    let (mut merged, mut section) = (Regions::default(), None);
    for (number, row) in (0_u32..).zip(table.select(&row)) {
        let parent = row.parent().and_then(ElementRef::wrap);
        // A cell reaches no further than its head, body or foot.
        if section.replace(parent.map(|parent| parent.id())) != Some(parent.map(|parent| parent.id())) {
            merged = Regions::default();
        }
        merged.pass(number);
        let own: Vec<ElementRef<'_>> = row.select(&cell).collect();
        columns = columns.max(own.len());
        let names = own.iter().all(|cell| is_name(*cell));
        let in_head = parent.is_some_and(|parent| parent.value().name() == "thead");
        let is_header = (names || in_head) && usize::from(header_rows) == rows.len();
        let (cells, filled) = placed(&own, number, is_header, &mut merged);
        if filled {
            header_rows += u16::from(is_header);
            rows.push(cells.join(" | "));
        }
    }
    pieces.push(Piece::new(BlockKind::Table { header_rows }, rows.join("\n")));
    let links = Selector::parse("a").ok()?;
    let linked = table.select(&links).map(|link| visible_text(link).len()).sum();
    (columns > 1 && !rows.is_empty()).then_some((pieces, linked))
}

/// The cells of a row in the columns that merged ones leave them, and whether any of its own says something.
fn placed(own: &[ElementRef<'_>], row: u32, is_header: bool, merged: &mut Regions) -> (Vec<String>, bool) {
    let mut cells: Vec<String> = Vec::new();
    let mut filled = false;
    let from_above = |cells: &mut Vec<String>, merged: &Regions| {
        while let Some(text) = u32::try_from(cells.len())
            .ok()
            .and_then(|column| merged.over(row, column))
        {
            cells.push(covered(text, Part::of(is_header, cells.len())).to_owned());
        }
    };
    let mut here = Vec::new();
    for cell in own {
        from_above(&mut cells, merged);
        let text = visible_text(*cell);
        filled |= !text.is_empty();
        let span = |name| cell.attr(name).and_then(|n| n.trim().parse::<u32>().ok());
        let column = u32::try_from(cells.len()).unwrap_or(u32::MAX);
        let wide = span("colspan").unwrap_or(1).clamp(1, MAX_SPAN);
        let high = match span("rowspan") {
            // To the end of its section.
            Some(0) => u32::MAX,
            high => high.unwrap_or(1).max(1),
        };
        // A cell that is alone in its row is a title.
        let is_title = own.len() == 1 && cells.is_empty();
        let part = Part::of(is_header || is_name(*cell), cells.len());
        let rest = covered(&text, part).to_owned();
        here.push((high, column..column.saturating_add(wide), text.clone()));
        cells.push(text);
        let beside = if is_title { 1 } else { wide };
        cells.extend((1..beside).map(|_| rest.clone()));
    }
    from_above(&mut cells, merged);
    for (high, columns, text) in here.into_iter().filter(|(high, ..)| *high > 1) {
        merged.add(row..row.saturating_add(high), columns, &text);
    }
    (cells, filled)
}

fn is_name(cell: ElementRef<'_>) -> bool {
    cell.value().name() == "th"
}
