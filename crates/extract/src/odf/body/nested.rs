//! What nests: lists, tables, and text that stands elsewhere than where it is anchored.

use footnote_core::types::BlockKind;
use quick_xml::events::BytesStart;

use super::{Aside, Body, List, Span};
use crate::merged::{Part, covered};
use crate::odf::styles::Family;
use crate::page::{Piece, collapse};
use crate::script::Script;
use crate::xml::attribute;

/// Whether a part of the text is hidden as a whole.
pub(super) fn is_switched_off(element: &BytesStart<'_>) -> bool {
    attribute(element, "display").is_some_and(|display| display == "none")
        || attribute(element, "is-hidden").is_some_and(|hidden| hidden == "true")
}

impl Body<'_> {
    pub(super) fn begin_span(&mut self, style: &str) {
        let around = self.spans.last();
        let script = self.styles.script(style);
        let span = Span {
            script: script.unwrap_or_else(|| around.map_or(Script::Line, |span| span.script)),
            hidden: self
                .styles
                .hides(Family::Text, style)
                .or_else(|| around.and_then(|span| span.hidden)),
        };
        self.spans.push(span);
    }

    /// Whether the text being read does not show.
    pub(super) fn is_hidden(&self) -> bool {
        let paragraph = || {
            let style = &self.paragraphs.last()?.style;
            self.styles.hides(Family::Paragraph, style)
        };
        let span = self.spans.last().and_then(|span| span.hidden);
        span.or_else(paragraph).unwrap_or(false)
    }

    pub(super) fn begin_list(&mut self, element: &BytesStart<'_>) {
        let own = attribute(element, "style-name").unwrap_or_default();
        let style = match self.lists.last() {
            Some(outer) if own.is_empty() => outer.style.clone(),
            _ => own,
        };
        let goes_on = attribute(element, "continue-numbering").is_some_and(|v| v == "true")
            || attribute(element, "continue-list").is_some();
        let key = format!("{}/{style}", self.lists.len());
        let counter = self.ended.get(&key).copied().filter(|_| goes_on);
        self.lists.push(List {
            style,
            counter,
            fresh: false,
        });
    }

    pub(super) fn item(&mut self, name: &str, element: &BytesStart<'_>) {
        let level = self.lists.len();
        let Some(list) = self.lists.last_mut() else { return };
        if name == "list-header" {
            list.fresh = false;
            return;
        }
        let start = attribute(element, "start-value").and_then(|v| v.parse().ok());
        let next = match list.counter {
            Some(counter) => counter.saturating_add(1),
            None => self.styles.start(&list.style, level),
        };
        list.counter = Some(start.unwrap_or(next));
        list.fresh = true;
    }

    pub(super) fn end_cell(&mut self) {
        if let Some(table) = self.tables.last_mut() {
            let cell = collapse(&std::mem::take(&mut table.cell));
            let (rows, columns) = std::mem::replace(&mut table.span, (1, 1));
            let column = u32::try_from(table.cells.len()).unwrap_or(u32::MAX);
            let (below, beside) = (table.row.saturating_add(rows), column.saturating_add(columns));
            table.merged.add(table.row..below, column..beside, &cell);
            for n in 0..table.repeat.max(1) {
                let over = table.merged.over(table.row, column.saturating_add(n as u32));
                let over = over.filter(|_| cell.is_empty());
                let part = Part::of(table.in_header, table.cells.len());
                let shown = over
                    .map_or(cell.as_str(), |whole| covered(whole, part))
                    .to_owned();
                table.cells.push(shown);
            }
        }
    }

    pub(super) fn end_row(&mut self) {
        let Some(table) = self.tables.last_mut() else {
            return;
        };
        let mut cells = std::mem::take(&mut table.cells);
        if std::mem::take(&mut table.own) == 1 && table.merged.begins(table.row, 0) {
            // A cell that is alone in its row is a title.
            cells.truncate(1);
        }
        table.row = table.row.saturating_add(1);
        table.merged.pass(table.row);
        if cells.iter().any(|cell| !cell.is_empty()) {
            if table.in_header && usize::from(table.header_rows) == table.rows.len() {
                table.header_rows += 1;
            }
            table.rows.push(cells.join(" | "));
        }
    }

    pub(super) fn end_table(&mut self) {
        let Some(table) = self.tables.pop() else { return };
        let is_frame = table.rows.len() == 1 && !table.rows[0].contains(" | ");
        match self.tables.last_mut() {
            // A table in a cell is part of the cell.
            Some(outer) => outer.cell.push_str(&(table.rows.join("\n") + "\n")),
            // One cell is a box around text.
            None if is_frame => table.pieces.into_iter().for_each(|piece| self.emit(piece)),
            None => {
                let header_rows = table.header_rows;
                let kind = BlockKind::Table { header_rows };
                self.emit(Piece::new(kind, table.rows.join("\n")));
            }
        }
    }

    pub(super) fn begin_aside(&mut self, element: &'static str) {
        self.asides.push(Aside {
            element,
            pieces: Vec::new(),
            paragraphs: std::mem::take(&mut self.paragraphs),
            lists: std::mem::take(&mut self.lists),
            tables: std::mem::take(&mut self.tables),
            spans: std::mem::take(&mut self.spans),
        });
    }

    pub(super) fn end_aside(&mut self) {
        while !self.paragraphs.is_empty() {
            self.end_paragraph();
        }
        while !self.tables.is_empty() {
            self.end_table();
        }
        let Some(aside) = self.asides.pop() else { return };
        let texts: Vec<&str> = aside.pieces.iter().map(|piece| piece.text.trim()).collect();
        let text = texts.join("\n");
        self.paragraphs = aside.paragraphs;
        self.lists = aside.lists;
        self.tables = aside.tables;
        self.spans = aside.spans;
        if text.is_empty() {
            return;
        }
        let text = match aside.element {
            "note" => format!("{} {text}", crate::script::superscript(self.note_count)),
            _ => text,
        };
        let note = Piece::new(BlockKind::Footnote, text);
        match self.read.pages.last_mut() {
            Some(slide) if self.asides.is_empty() => slide.pieces.push(note),
            _ => self.notes.push(note),
        }
    }

    pub(super) fn flush_notes(&mut self) {
        let notes = std::mem::take(&mut self.notes);
        self.read.pieces.extend(notes);
    }
}
