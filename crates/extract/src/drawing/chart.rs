//! The text of charts and diagrams: what people read off them.

use footnote_core::types::BlockKind;
use quick_xml::events::Event;

use crate::page::{Piece, collapse};
use crate::xml::{attribute, entity, local, reader, text_of};

/// Points of a series, categories of a chart: more are data, not something to read.
const MAX_POINTS: usize = 2000;

#[derive(Default)]
struct Series {
    name: String,
    categories: Vec<String>,
    values: Vec<String>,
}

/// The titles of a chart, and its series as a table: a row a category, a column a series.
pub(crate) fn read(xml: &str) -> Vec<Piece> {
    let mut reader = reader(xml);
    let (mut titles, mut title): (Vec<String>, Option<String>) = (Vec::new(), None);
    let mut series: Vec<Series> = Vec::new();
    let (mut role, mut in_text, mut point) = (None, false, 0);
    loop {
        let text = match reader.read_event() {
            Ok(Event::Start(element)) => {
                match local(element.name().as_ref()) {
                    "title" => title = Some(String::new()),
                    "ser" => series.push(Series::default()),
                    "tx" => role = Some("name"),
                    "cat" | "xVal" => role = Some("category"),
                    "val" | "yVal" => role = Some("value"),
                    "pt" => {
                        let n = attribute(&element, "idx").and_then(|v| v.parse().ok());
                        point = n.unwrap_or(0);
                    }
                    "t" | "v" => in_text = true,
                    _ => {}
                }
                continue;
            }
            Ok(Event::End(element)) => {
                match local(element.name().as_ref()) {
                    "title" => titles.extend(title.take().map(|t| collapse(&t)).filter(|t| !t.is_empty())),
                    "tx" | "cat" | "xVal" | "val" | "yVal" => role = None,
                    "t" | "v" => in_text = false,
                    "p" => {
                        if let Some(title) = &mut title {
                            title.push(' ');
                        }
                    }
                    _ => {}
                }
                continue;
            }
            Ok(Event::Text(text)) if in_text => text_of(&text),
            Ok(Event::GeneralRef(name)) if in_text => entity(&name),
            Ok(Event::Eof) | Err(_) => break,
            _ => continue,
        };
        if let Some(title) = &mut title {
            title.push_str(&text);
        } else if let (Some(series), Some(role)) = (series.last_mut(), role) {
            let slot = match role {
                "name" => &mut series.name,
                _ if point >= MAX_POINTS => continue,
                "category" => slot(&mut series.categories, point),
                _ => slot(&mut series.values, point),
            };
            slot.push_str(&text);
        }
    }
    let mut pieces: Vec<Piece> = titles
        .into_iter()
        .map(|title| Piece::new(BlockKind::Caption, title))
        .collect();
    let table = table(&series);
    if !table.is_empty() {
        pieces.push(Piece::new(BlockKind::Table { header_rows: 1 }, table.join("\n")));
    }
    pieces
}

fn slot(list: &mut Vec<String>, at: usize) -> &mut String {
    if list.len() <= at {
        list.resize(at + 1, String::new());
    }
    &mut list[at]
}

fn table(series: &[Series]) -> Vec<String> {
    let points = series.iter().map(|s| s.values.len()).max().unwrap_or(0);
    if points == 0 {
        return Vec::new();
    }
    let names: Vec<String> = series.iter().map(|s| collapse(&s.name)).collect();
    let mut rows = vec![format!(" | {}", names.join(" | "))];
    for point in 0..points {
        let category = series
            .iter()
            .find_map(|s| s.categories.get(point).filter(|c| !c.is_empty()));
        let mut row = category.map_or_else(String::new, |c| collapse(c));
        let mut any = false;
        for series in series {
            let value = series.values.get(point).map_or("", String::as_str);
            any |= !value.is_empty();
            row.push_str(" | ");
            row.push_str(&shown(value));
        }
        if any {
            rows.push(row);
        }
    }
    rows
}

/// Numbers are stored with all the digits of their binary form.
fn shown(value: &str) -> String {
    match value.parse::<f64>() {
        Ok(number) if value.len() > 12 => crate::sheet::general_number(number),
        _ => collapse(value),
    }
}

/// The texts of a diagram (SmartArt), as list items.
pub(crate) fn read_diagram(xml: &str) -> Vec<Piece> {
    let mut reader = reader(xml);
    let (mut pieces, mut text, mut in_text) = (Vec::new(), String::new(), false);
    loop {
        match reader.read_event() {
            Ok(Event::Start(element)) => {
                in_text |= local(element.name().as_ref()) == "t" && element.name().as_ref().starts_with("a:")
            }
            Ok(Event::End(element)) => match local(element.name().as_ref()) {
                "t" => in_text = false,
                "p" if !text.trim().is_empty() => {
                    let item = format!("- {}", collapse(&std::mem::take(&mut text)));
                    pieces.push(Piece::new(BlockKind::ListItem, item));
                }
                _ => {}
            },
            Ok(Event::Text(part)) if in_text => text.push_str(&text_of(&part)),
            Ok(Event::GeneralRef(name)) if in_text => text.push_str(&entity(&name)),
            Ok(Event::Eof) | Err(_) => return pieces,
            _ => {}
        }
    }
}
