//! What paragraph styles and list definitions say about structure.

use std::collections::HashMap;

use quick_xml::events::{BytesStart, Event};

use crate::script::Script;
use crate::xml::{attribute, each_start, local};

/// How text looks, as far as it changes what it says; none where nothing is said about it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Look {
    pub script: Option<Script>,
    pub hidden: Option<bool>,
}

impl Look {
    /// This, and where it says nothing, `other`.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            script: self.script.or(other.script),
            hidden: self.hidden.or(other.hidden),
        }
    }
}

/// Where `vertAlign` sets text.
pub(crate) fn script_of(element: &BytesStart<'_>) -> Option<Script> {
    Some(match attribute(element, "val").as_deref() {
        Some("superscript") => Script::Above,
        Some("subscript") => Script::Below,
        _ => Script::Line,
    })
}

/// Whether a property that is on or off is on.
pub(super) fn flag(element: &BytesStart<'_>) -> bool {
    !matches!(
        attribute(element, "val").as_deref(),
        Some("0" | "false" | "off" | "none")
    )
}

/// A paragraph or character style, as far as structure and wording go.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Style {
    look: Look,
    name: String,
    based_on: Option<String>,
    outline: Option<u8>,
    list: Option<(String, usize)>,
}

/// Styles by id.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Styles(HashMap<String, Style>);

impl Styles {
    /// A style and those it is based on. Circular chains end.
    fn chain<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Style> {
        std::iter::successors(self.0.get(id), |style| self.0.get(style.based_on.as_deref()?)).take(12)
    }

    /// The heading level that a style gives, 1 to 6.
    pub(super) fn heading(&self, id: &str) -> Option<u8> {
        let by_style = self.chain(id).find_map(|style| {
            style
                .outline
                .filter(|level| *level < 9)
                .map(|level| level + 1)
                .or_else(|| named_heading(&style.name))
        });
        // Some producers refer to a style that they do not define.
        by_style
            .or_else(|| self.0.is_empty().then(|| named_heading(id)).flatten())
            .map(|level| level.min(6))
    }

    /// The list that a style puts its paragraphs in, with the level.
    pub(super) fn list(&self, id: &str) -> Option<(String, usize)> {
        self.chain(id).find_map(|style| style.list.clone())
    }

    /// Whether paragraphs of a style stand under figures and tables.
    pub(super) fn is_caption(&self, id: &str) -> bool {
        let named = |style: &Style| style.name.eq_ignore_ascii_case("caption");
        self.chain(id).any(named)
    }

    /// How text of a style looks.
    pub(super) fn look(&self, id: &str) -> Look {
        self.chain(id)
            .fold(Look::default(), |look, style| look.or(style.look))
    }

    /// Whether a style says list by its name.
    pub(super) fn is_list(&self, id: &str) -> bool {
        self.0
            .get(id)
            .is_some_and(|style| style.name.to_ascii_lowercase().starts_with("list "))
    }
}

/// Word's built-in names; they stay English in files of any language.
fn named_heading(name: &str) -> Option<u8> {
    let name = name.to_ascii_lowercase();
    match name.as_str() {
        "title" => return Some(1),
        "subtitle" => return Some(2),
        _ => {}
    }
    let rest = name.strip_prefix("heading")?.trim();
    rest.parse().ok().filter(|level| (1..=9).contains(level))
}

/// Reads `styles.xml`; what a fault hides is left out.
pub(super) fn parse(xml: &str) -> Styles {
    let mut styles = HashMap::new();
    let mut current: Option<(String, Style)> = None;
    let mut list: (Option<String>, usize) = (None, 0);
    let mut reader = quick_xml::Reader::from_str(xml);
    loop {
        let event = match reader.read_event() {
            Ok(Event::Eof) | Err(_) => break,
            Ok(event) => event,
        };
        match event {
            Event::Start(element) | Event::Empty(element) => {
                let name = element.name();
                if local(name.as_ref()) == "style" {
                    let id = attribute(&element, "styleId").unwrap_or_default();
                    current = Some((id, Style::default()));
                    list = (None, 0);
                } else if let Some((_, style)) = &mut current {
                    let value = || attribute(&element, "val");
                    match local(name.as_ref()) {
                        "name" => style.name = value().unwrap_or_default(),
                        "basedOn" => style.based_on = value(),
                        "vertAlign" => style.look.script = script_of(&element),
                        "vanish" => style.look.hidden = Some(flag(&element)),
                        "outlineLvl" => style.outline = value().and_then(|v| v.parse().ok()),
                        "numId" => list.0 = value(),
                        "ilvl" => list.1 = value().and_then(|v| v.parse().ok()).unwrap_or(0),
                        _ => {}
                    }
                }
            }
            Event::End(element) if local(element.name().as_ref()) == "style" => {
                if let Some((id, mut style)) = current.take() {
                    style.list = list.0.take().map(|id| (id, list.1));
                    styles.insert(id, style);
                }
            }
            _ => {}
        }
    }
    Styles(styles)
}

/// The language that the document's defaults name.
pub(super) fn language(xml: &str) -> Option<String> {
    let mut found = None;
    let _ = each_start(xml, |element| {
        if found.is_none() && local(element.name().as_ref()) == "lang" {
            found = attribute(element, "val").filter(|tag| !tag.is_empty() && !tag.starts_with("x-"));
        }
    });
    found
}

#[derive(Clone, Debug, Default)]
struct Level {
    format: String,
    text: String,
    start: u32,
}

/// List definitions with running counters: Word stores no numbers, it counts when it draws.
#[derive(Clone, Debug, Default)]
pub(super) struct Numbering {
    levels: HashMap<String, HashMap<usize, Level>>,
    lists: HashMap<String, String>,
    counters: HashMap<String, Vec<u32>>,
}

impl Numbering {
    /// What Word draws before the next paragraph of this list: "3.2", "(a)", or a bullet.
    pub(super) fn next_label(&mut self, list: &str, level: usize) -> String {
        let level = level.min(8);
        let Some(levels) = self.lists.get(list).and_then(|id| self.levels.get(id)) else {
            return "-".into();
        };
        let Some(definition) = levels.get(&level) else {
            return "-".into();
        };
        let counters = self.counters.entry(self.lists[list].clone()).or_default();
        let start = |level: usize| levels.get(&level).map_or(1, |l| l.start);
        if counters.len() > level {
            counters.truncate(level + 1);
            counters[level] += 1;
        } else {
            while counters.len() <= level {
                counters.push(start(counters.len()));
            }
        }
        if definition.format == "bullet" {
            return "-".into();
        }
        if definition.format == "none" {
            return String::new();
        }
        let mut label = definition.text.clone();
        for (n, count) in counters.iter().enumerate() {
            let format = levels.get(&n).map_or("decimal", |l| l.format.as_str());
            label = label.replace(&format!("%{}", n + 1), &format_number(*count, format));
        }
        label
    }
}

/// A number as a numbering format (`lowerRoman`, `decimalZero`) draws it.
pub(crate) fn format_number(n: u32, format: &str) -> String {
    let letter = |base: u8| {
        // a..z, then aa, bb, ...
        let index = n.saturating_sub(1);
        let letter = char::from(base + u8::try_from(index % 26).unwrap_or(0));
        letter.to_string().repeat((index / 26 + 1).min(10) as usize)
    };
    match format {
        "lowerLetter" => letter(b'a'),
        "upperLetter" => letter(b'A'),
        "lowerRoman" => roman(n).to_lowercase(),
        "upperRoman" => roman(n),
        "decimalZero" => format!("{n:02}"),
        _ => n.to_string(),
    }
}

fn roman(mut n: u32) -> String {
    const DIGITS: [(u32, &str); 13] = [
        (1000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ];
    n = n.min(3999);
    let mut out = String::new();
    for (value, digit) in DIGITS {
        while n >= value {
            out.push_str(digit);
            n -= value;
        }
    }
    out
}

/// Reads `numbering.xml`; what a fault hides is left out.
pub(super) fn parse_numbering(xml: &str) -> Numbering {
    let mut numbering = Numbering::default();
    let (mut definition, mut level, mut list) = (String::new(), 0_usize, String::new());
    let visit = |element: &BytesStart<'_>| {
        let name = element.name();
        let value = || attribute(element, "val").unwrap_or_default();
        match local(name.as_ref()) {
            "abstractNum" => {
                // Some writers put definitions behind the lists that use them.
                list.clear();
                definition = attribute(element, "abstractNumId").unwrap_or_default();
            }
            "num" => list = attribute(element, "numId").unwrap_or_default(),
            "abstractNumId" => {
                numbering.lists.insert(list.clone(), value());
            }
            "lvl" => {
                level = attribute(element, "ilvl")
                    .and_then(|v| v.parse().ok())
                    .unwrap_or(0);
            }
            key @ ("numFmt" | "lvlText" | "start") if list.is_empty() => {
                let levels = numbering.levels.entry(definition.clone()).or_default();
                let level = levels.entry(level).or_insert_with(|| Level {
                    start: 1,
                    ..Level::default()
                });
                match key {
                    "numFmt" => level.format = value(),
                    "lvlText" => level.text = value(),
                    _ => level.start = value().parse().unwrap_or(1),
                }
            }
            _ => {}
        }
    };
    let _ = each_start(xml, visit);
    numbering
}
