//! What leads out of the text: links, fields, notes, embedded documents.

use footnote_core::types::BlockKind;
use quick_xml::events::BytesStart;

use super::Body;
use crate::field::hyperlink;
use crate::page::{Mark, Piece, What};
use crate::script::superscript;
use crate::xml::{attribute, prefixed_attribute};

impl Body<'_> {
    pub(super) fn begin_link(&mut self, element: &BytesStart<'_>) {
        let id = prefixed_attribute(element, "id");
        let relation = id.and_then(|id| self.sides.relations?.get(&id));
        let anchor = attribute(element, "anchor");
        let target = match (relation, anchor) {
            (Some(relation), None) => relation.target.clone(),
            (Some(relation), Some(anchor)) => format!("{}#{anchor}", relation.target),
            (None, anchor) => anchor.map_or_else(String::new, |anchor| format!("#{anchor}")),
        };
        self.open_link(target);
    }

    pub(super) fn open_link(&mut self, target: String) {
        if let Some(paragraph) = self.paragraphs.last_mut() {
            paragraph.links.push((target, paragraph.text.len()));
        }
    }

    pub(super) fn end_link(&mut self) {
        if let Some(paragraph) = self.paragraphs.last_mut()
            && let Some((target, begin)) = paragraph.links.pop()
            && !target.is_empty()
        {
            let bytes = begin..paragraph.text.len();
            let what = What::Link(target);
            paragraph.marks.push(Mark { bytes, what });
        }
    }

    /// Fields in the old notation: an instruction, then what it gives, parted by marks.
    pub(super) fn field(&mut self, element: &BytesStart<'_>) {
        match attribute(element, "fldCharType").as_deref() {
            Some("begin") => self.fields.push((String::new(), false)),
            Some("separate") => {
                let target = self.fields.last().and_then(|(text, _)| hyperlink(text));
                if let (Some(target), Some((_, is_link))) = (target, self.fields.last_mut()) {
                    *is_link = true;
                    self.open_link(target);
                }
            }
            Some("end") if self.fields.pop().is_some_and(|(_, is_link)| is_link) => self.end_link(),
            _ => {}
        }
    }

    pub(super) fn alternative(&mut self, element: &BytesStart<'_>) {
        let pieces = prefixed_attribute(element, "id").and_then(|id| self.sides.alternatives.remove(&id));
        for piece in pieces.unwrap_or_default() {
            self.emit(piece);
        }
    }

    pub(super) fn note(&mut self, kind: &'static str, element: &BytesStart<'_>) {
        let Some(id) = attribute(element, "id") else {
            return;
        };
        if self.look().hidden == Some(true) {
            self.left_out = true;
            return;
        }
        let Some(text) = self
            .sides
            .notes
            .and_then(|notes| notes.0.get(&(kind, id)))
            .filter(|text| !text.is_empty())
        else {
            return;
        };
        self.note_count += 1;
        let mark = superscript(self.note_count);
        self.page_notes.push(format!("{mark} {text}"));
        self.push(&mark);
    }

    pub(super) fn flush_notes(&mut self) {
        for note in std::mem::take(&mut self.page_notes) {
            self.pieces.push(Piece::new(BlockKind::Footnote, note));
        }
    }
}
