//! Office Open XML workbooks: cells through calamine, row by row; comments and links by ourselves.

use std::collections::HashMap;
use std::io::Cursor;

use calamine::{Reader, Sheet, SheetType, Xlsx, XlsxError};
use footnote_core::notice::{Notice, Warning};
use footnote_core::types::ExtractSummary;
use footnote_core::{Error, Result};

use super::raised::RaisedTexts;
use super::{Cell, HiddenParts, SheetWriter, number};
use crate::ooxml;
use crate::package::{Package, damaged, sealed};
use crate::page::{Piece, Sink};
use crate::xml::{attribute, each_start, prefixed_attribute};

const WHAT: &str = "Excel workbook";

type Workbook<'a> = Xlsx<Cursor<&'a [u8]>>;

/// Reads a workbook. Returns the number of pages.
pub(crate) fn read(bytes: &[u8], about: &mut ExtractSummary, sink: &mut Sink<'_>) -> Result<u32> {
    let mut package = Package::open(bytes, WHAT)?;
    package.check_claims()?;
    ooxml::describe(&mut package, about);
    let opened = super::guarded(|| Xlsx::new(Cursor::new(bytes)));
    let mut workbook: Workbook<'_> = opened.ok_or_else(confused)?.map_err(translated)?;
    let parts = sheet_parts(&mut package);
    let raised = raised(&mut package);
    let mut writer = SheetWriter::new(sink);
    let mut fault = None;
    for sheet in workbook.sheets_metadata().to_vec() {
        if sheet.typ != SheetType::WorkSheet {
            continue;
        }
        let behind = behind(&mut package, parts.get(&sheet.name));
        writer.begin(Some(behind.hidden.label(&super::shown_name(&sheet))));
        if behind.lacks_results {
            about.warnings.push(Warning::new(
                format!(
                    "formulas of the sheet {} have no results yet; open the workbook in a spreadsheet program, save it \
                     there, and add it again",
                    sheet.name
                ),
                Notice::FormulasWithoutResults {
                    sheet: sheet.name.to_string(),
                },
            ));
        }
        for (rows, columns) in behind.merged {
            writer.merge(rows, columns);
        }
        let read = super::guarded(|| rows(&mut workbook, &sheet, &behind.links, &raised, &mut writer));
        if let Err(error) = read.unwrap_or_else(|| Err(confused())) {
            about.warnings.push(super::cut(&sheet.name, &error));
            fault.get_or_insert(error);
        }
        for piece in drawings(&mut package, parts.get(&sheet.name)) {
            writer.piece(&piece);
        }
        for (address, text) in comments(&mut package, parts.get(&sheet.name)) {
            writer.note(address, &text);
        }
        if writer.end().is_break() {
            return Ok(writer.sent());
        }
    }
    match fault {
        Some(fault) if writer.sent() == 0 => Err(fault),
        _ => Ok(writer.finish()),
    }
}

/// Sends one sheet's rows.
fn rows(
    workbook: &mut Workbook<'_>,
    sheet: &Sheet,
    links: &HashMap<String, String>,
    raised: &RaisedTexts,
    writer: &mut SheetWriter<'_, '_>,
) -> Result<()> {
    let mut reader = workbook.worksheet_cells_reader(&sheet.name).map_err(translated)?;
    let styles = reader.styles().to_vec();
    super::send_rows(writer, || {
        let Some((cell, style)) = reader.next_cell_with_style_id().map_err(translated)? else {
            return Ok(None);
        };
        let (row, column) = cell.get_position();
        let format = styles.get(style).and_then(|style| style.number_format.as_ref());
        let code = format.map(|format| format.format_code.as_str());
        let text = number::cell(cell.get_value(), code);
        let mut shown = Cell::new(column, raised.written(&text));
        if !shown.text.is_empty() {
            shown.link = links.get(&super::address(row, column)).cloned();
        }
        Ok(Some((row, shown)))
    })
}

/// The texts of a workbook that have raised parts.
fn raised(package: &mut Package<'_>) -> RaisedTexts {
    let main = ooxml::main_part(package, "xl/workbook.xml");
    let relations = ooxml::relations(package, &main);
    let strings = relations
        .values()
        .find(|relation| relation.kind == "sharedStrings");
    let stream = strings.and_then(|strings| package.stream(&strings.target));
    stream.map(RaisedTexts::read).unwrap_or_default()
}

/// The part of every sheet, by the sheet's name.
fn sheet_parts(package: &mut Package<'_>) -> HashMap<String, String> {
    let main = ooxml::main_part(package, "xl/workbook.xml");
    let relations = ooxml::relations(package, &main);
    let mut parts = HashMap::new();
    if let Some(xml) = package.side_text(&main) {
        let _ = each_start(&xml, |element| {
            if crate::xml::local(element.name().as_ref()) == "sheet"
                && let (Some(name), Some(id)) =
                    (attribute(element, "name"), prefixed_attribute(element, "id"))
                && let Some(relation) = relations.get(&id)
            {
                parts.insert(name, relation.target.clone());
            }
        });
    }
    parts
}

/// What a sheet says behind its cells.
#[derive(Default)]
struct Behind {
    /// Where cells link to, by address.
    links: HashMap<String, String>,
    /// Rows and columns of merged cells.
    merged: Vec<super::Area>,
    /// What it hides of itself.
    hidden: HiddenParts,
    /// Whether some formula has no result: the program that wrote it did not compute.
    lacks_results: bool,
}

fn behind(package: &mut Package<'_>, part: Option<&String>) -> Behind {
    let mut behind = Behind::default();
    let Some(part) = part else { return behind };
    let relations = ooxml::relations(package, part);
    let (mut lacks_results, mut hidden) = (false, HiddenParts::default());
    let xml = package.behind(part, "sheetData", |xml| {
        lacks_results = lacks_results || has_formula_without_result(xml);
        hidden_parts(xml, &mut hidden);
    });
    (behind.lacks_results, behind.hidden) = (lacks_results, hidden);
    let Some(xml) = xml else { return behind };
    let _ = each_start(&xml, |element| {
        let range = || attribute(element, "ref");
        match crate::xml::local(element.name().as_ref()) {
            "mergeCell" => behind
                .merged
                .extend(range().and_then(|range| super::address::area(&range))),
            "hyperlink" => {
                let relation = prefixed_attribute(element, "id").and_then(|id| relations.get(&id));
                if let (Some(cell), Some(relation)) = (range(), relation) {
                    behind.links.insert(cell, relation.target.clone());
                }
            }
            _ => {}
        }
    });
    behind
}

/// Notes the rows and columns that this stretch of a sheet hides. Rows without cells do not count, nor do columns beyond
/// the used ones.
fn hidden_parts(xml: &[u8], hidden: &mut HiddenParts) {
    const HIDES: [&str; 2] = ["hidden=\"1\"", "hidden=\"true\""];
    for tag in xml.split(|byte| *byte == b'<').skip(1) {
        let is = |name: &[u8]| {
            let behind = tag.strip_prefix(name).and_then(<[u8]>::first);
            behind.is_some_and(u8::is_ascii_whitespace)
        };
        let (is_row, is_dimension) = (is(b"row"), is(b"dimension"));
        if !(is_row || is_dimension || is(b"col")) {
            continue;
        }
        // What is cut off stands whole in the next stretch.
        let Some(tag) = tag
            .split(|byte| *byte == b'>')
            .next()
            .filter(|part| part.len() < tag.len())
        else {
            continue;
        };
        let Ok(text) = str::from_utf8(tag) else { continue };
        let value = |name: &str| {
            let (_, rest) = text.split_once(&format!(" {name}=\""))?;
            rest.split('"').next()
        };
        let number = |name| value(name).and_then(|value| value.parse::<u32>().ok()?.checked_sub(1));
        let hides = HIDES.iter().any(|hides| text.contains(hides));
        if is_dimension {
            let last = value("ref").and_then(|area| super::address::place(area.rsplit(':').next()?));
            if let Some((_, column)) = last {
                hidden.end_columns(column.saturating_add(1));
            }
        } else if !hides {
            continue;
        } else if is_row {
            if !text.ends_with('/')
                && let Some(row) = number("r")
            {
                hidden.row(row);
            }
        } else if let (Some(first), Some(last)) = (number("min"), number("max")) {
            hidden.columns(first..=last);
        }
    }
}

fn has_formula_without_result(xml: &[u8]) -> bool {
    const END: &[u8] = b"</f>";
    const BLANKS: [&[u8]; 4] = [b"<v></v>", b"<v/>", b"<v />", b"</c>"];
    // A text may be blank: it says that it is one.
    const TEXT: &[u8] = b"t=\"str\"";
    xml.windows(END.len()).enumerate().any(|(at, four)| {
        if four != END
            || !BLANKS
                .iter()
                .any(|blank| xml[at + END.len()..].starts_with(blank))
        {
            return false;
        }
        let cell = xml[..at].windows(3).rposition(|three| three == b"<c ");
        cell.is_some_and(|cell| !xml[cell..at].windows(TEXT.len()).any(|part| part == TEXT))
    })
}

/// What the drawings on a sheet say: text boxes, charts, pictures.
fn drawings(package: &mut Package<'_>, part: Option<&String>) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let Some(part) = part else { return pieces };
    let relations = ooxml::relations(package, part);
    for drawing in crate::slides::ordered(&relations, &["drawing"]) {
        let Some(xml) = package.side_text(&drawing.target) else {
            continue;
        };
        let relations = ooxml::relations(package, &drawing.target);
        for shape in crate::drawing::read(&xml, &relations).shapes {
            pieces.extend(crate::slides::shape_pieces(package, &relations, shape));
        }
    }
    pieces
}

/// The comments of a sheet with their cells' addresses.
fn comments(package: &mut Package<'_>, part: Option<&String>) -> Vec<(String, String)> {
    let mut comments: Vec<(String, String)> = Vec::new();
    let Some(part) = part else { return comments };
    let relations = ooxml::relations(package, part);
    let Some(relation) = relations.values().find(|relation| relation.kind == "comments") else {
        return comments;
    };
    let Some(xml) = package.side_text(&relation.target) else {
        return comments;
    };
    let mut reader = crate::xml::reader(&xml);
    let mut inside = false;
    loop {
        use quick_xml::events::Event;
        match reader.read_event() {
            Ok(Event::Start(element)) => match crate::xml::local(element.name().as_ref()) {
                "comment" => comments.push((attribute(&element, "ref").unwrap_or_default(), String::new())),
                "t" => inside = true,
                _ => {}
            },
            Ok(Event::End(element)) => inside &= crate::xml::local(element.name().as_ref()) != "t",
            Ok(Event::Text(text)) if inside => {
                if let Some((_, comment)) = comments.last_mut() {
                    comment.push_str(&crate::xml::text_of(&text));
                }
            }
            Ok(Event::GeneralRef(name)) if inside => {
                if let Some((_, comment)) = comments.last_mut() {
                    comment.push_str(&crate::xml::entity(&name));
                }
            }
            Ok(Event::Eof) | Err(_) => return comments,
            _ => {}
        }
    }
}

fn confused() -> Error {
    damaged(WHAT, "its parts contradict each other")
}

fn translated(error: XlsxError) -> Error {
    match error {
        XlsxError::Password => sealed(WHAT),
        XlsxError::FileNotFound(part) => damaged(WHAT, &format!("its part {part} is missing")),
        XlsxError::WorksheetNotFound(part) => damaged(WHAT, &format!("its sheet {part} is missing")),
        error => damaged(WHAT, &format!("its cells cannot be read ({error})")),
    }
}
