//! PowerPoint presentations (Office Open XML): a page per slide, in the order they are shown.

use std::collections::HashMap;

use footnote_core::Result;
use footnote_core::notice::{Notice, Warning};
use footnote_core::types::{BlockKind, ExtractSummary, PageUnit};
use quick_xml::events::Event;

use crate::drawing::{self, Shape, chart};
use crate::ooxml::{self, Relation};
use crate::package::Package;
use crate::page::{Piece, Sink, hidden, one_line};
use crate::paged::Pager;
use crate::xml::{attribute, each_start, local, prefixed_attribute};

/// Reads a presentation. Returns the number of pages.
pub(crate) fn read(bytes: &[u8], about: &mut ExtractSummary, sink: &mut Sink<'_>) -> Result<u32> {
    let mut package = Package::open(bytes, "PowerPoint presentation")?;
    ooxml::describe(&mut package, about);
    let main = ooxml::main_part(&mut package, "ppt/presentation.xml");
    let xml = package
        .text(&main)?
        .ok_or_else(|| package.damaged(&format!("its part {main} is missing")))?;
    let relations = ooxml::relations(&mut package, &main);
    let mut slides = Vec::new();
    let _ = each_start(&xml, |element| {
        if local(element.name().as_ref()) == "sldId" {
            slides.extend(prefixed_attribute(element, "id").and_then(|id| relations.get(&id)));
        }
    });
    let mut pager = Pager::new(PageUnit::Slide, sink);
    for (n, slide) in slides.iter().enumerate() {
        let mut fault = |why: &str| {
            about.warnings.push(Warning::new(
                format!("slide {} was not read to its end: {why}", n + 1),
                Notice::SlideCut {
                    slide: n as u32 + 1,
                    detail: why.to_string(),
                },
            ))
        };
        let mut is_hidden = false;
        let (title, pieces) = match package.text(&slide.target) {
            Ok(Some(xml)) => {
                is_hidden = is_left_out(&xml);
                slide_pieces(&mut package, &slide.target, &xml, &mut fault)
            }
            Ok(None) => {
                fault(&format!("its part {} is missing", slide.target));
                (None, Vec::new())
            }
            Err(error) => {
                fault(&error.message);
                (None, Vec::new())
            }
        };
        about.title = about.title.take().or_else(|| title.clone());
        let label = if is_hidden {
            Some(hidden(title.as_deref()))
        } else {
            title
        };
        if pager.page(label.as_deref(), &pieces).is_break() {
            return Ok(pager.sent());
        }
    }
    if slides.is_empty() {
        return match pager.page(None, &[]) {
            _ if xml.contains("sldMasterIdLst") || xml.contains("presentation") => Ok(pager.sent()),
            _ => Err(package.damaged("its list of slides is missing")),
        };
    }
    Ok(pager.sent())
}

/// Whether the author leaves the slide out when the presentation is shown.
fn is_left_out(xml: &str) -> bool {
    let mut reader = crate::xml::reader(xml);
    loop {
        match reader.read_event() {
            Ok(Event::Start(root)) => {
                return attribute(&root, "show").is_some_and(|show| show == "0" || show == "false");
            }
            Ok(Event::Eof) | Err(_) => return false,
            Ok(_) => {}
        }
    }
}

/// What a slide says, its title first, its notes and comments last.
fn slide_pieces(
    package: &mut Package<'_>,
    part: &str,
    xml: &str,
    fault: &mut dyn FnMut(&str),
) -> (Option<String>, Vec<Piece>) {
    let relations = ooxml::relations(package, part);
    let drawing = drawing::read(xml, &relations);
    if let Some(why) = &drawing.fault {
        fault(why);
    }
    let (titles, rest): (Vec<Shape>, Vec<Shape>) = drawing.shapes.into_iter().partition(Shape::is_title);
    let (furniture, rest): (Vec<Shape>, Vec<Shape>) = rest.into_iter().partition(Shape::is_furniture);
    let mut pieces: Vec<Piece> = Vec::new();
    let mut names = Vec::new();
    for shape in titles.into_iter().chain(rest) {
        names.push(shape.name.clone());
        pieces.extend(shape_pieces(package, &relations, shape));
    }
    if pieces.is_empty() {
        // Pictures alone: what there is, by the names that the program gives.
        names.retain(|name| !name.is_empty());
        pieces.extend(
            names
                .into_iter()
                .map(|name| Piece::new(BlockKind::Furniture, name)),
        );
    }
    for relation in ordered(&relations, &["notesSlide"]) {
        pieces.extend(notes(package, &relation));
    }
    for relation in ordered(&relations, &["comments"]) {
        let xml = package.side_text(&relation.target).unwrap_or_default();
        // Comments of today hold paragraphs, those of old plain text.
        crate::xml::each_text(&xml, |name, text| {
            if matches!(name, "text" | "t") && !text.trim().is_empty() {
                pieces.push(Piece::new(BlockKind::Footnote, text.trim()));
            }
        });
    }
    pieces.extend(furniture.into_iter().flat_map(|shape| shape.pieces));
    let title = pieces
        .iter()
        .find(|piece| piece.kind == BlockKind::Heading { level: 1 });
    (title.map(|piece| one_line(&piece.text)), pieces)
}

/// What a shape says, or the chart or diagram that it frames.
pub(crate) fn shape_pieces(
    package: &mut Package<'_>,
    relations: &HashMap<String, Relation>,
    shape: Shape,
) -> Vec<Piece> {
    let mut pieces = shape.pieces;
    if let Some(relation) = shape.part.and_then(|id| relations.get(&id)) {
        let xml = package.side_text(&relation.target).unwrap_or_default();
        let shown = match relation.kind.as_str() {
            "diagramData" => chart::read_diagram(&xml),
            _ => chart::read(&xml),
        };
        if shown.is_empty() && !shape.description.is_empty() {
            pieces.push(Piece::new(BlockKind::Caption, shape.description));
        }
        pieces.extend(shown);
    }
    pieces
}

/// What the speaker wrote below the slide.
fn notes(package: &mut Package<'_>, relation: &Relation) -> Vec<Piece> {
    let Some(xml) = package.side_text(&relation.target) else {
        return Vec::new();
    };
    let relations = ooxml::relations(package, &relation.target);
    let shapes = drawing::read(&xml, &relations).shapes;
    let written = shapes.into_iter().filter(|shape| {
        // The rest is the slide's picture, header, footer and number.
        matches!(shape.placeholder.as_deref(), Some("body" | ""))
    });
    let pieces = written.flat_map(|shape| shape.pieces).map(|mut piece| {
        let bullet = if piece.text.trim_start().starts_with("- ") {
            piece.text.find("- ").map_or(0, |at| at + 2)
        } else {
            0
        };
        piece.text.drain(..bullet);
        piece.marks.clear();
        piece.kind = BlockKind::Footnote;
        piece
    });
    pieces.collect()
}

/// The relations of these kinds, in a fixed order.
pub(crate) fn ordered(relations: &HashMap<String, Relation>, kinds: &[&str]) -> Vec<Relation> {
    let mut found: Vec<Relation> = relations
        .values()
        .filter(|relation| kinds.contains(&relation.kind.as_str()) && !relation.external)
        .cloned()
        .collect();
    found.sort_by(|a, b| a.target.cmp(&b.target));
    found
}

#[cfg(test)]
mod tests;
