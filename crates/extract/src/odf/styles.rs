//! What styles say about structure: headings, page breaks, the labels of lists.

use std::collections::HashMap;

use quick_xml::events::{BytesStart, Event};

use crate::script::Script;
use crate::xml::{attribute, each_start, local, reader};

/// A paragraph style.
#[derive(Clone, Debug, Default)]
struct Paragraph {
    parent: Option<String>,
    outline: Option<u8>,
    break_before: Option<bool>,
    break_after: Option<bool>,
    master_page: bool,
    list: Option<String>,
}

/// What a style is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Family {
    Text,
    Paragraph,
    Slide,
    Table,
}

/// How what has a style looks, as far as it changes what it says.
#[derive(Clone, Debug, Default)]
struct Look {
    parent: Option<String>,
    script: Option<Script>,
    hidden: Option<bool>,
}

/// How a level of a list is labelled.
#[derive(Clone, Debug, Default)]
pub(super) struct Level {
    format: String,
    prefix: String,
    suffix: String,
    shown: usize,
    pub start: u32,
    bullet: bool,
}

/// The styles of a document.
#[derive(Debug, Default)]
pub(super) struct Styles {
    paragraphs: HashMap<String, Paragraph>,
    /// By family and name.
    looks: HashMap<(Family, String), Look>,
    lists: HashMap<String, HashMap<usize, Level>>,
}

/// The language that the default styles of texts name.
pub(super) fn language(xml: &str) -> Option<String> {
    let (mut of_default, mut found) = (false, None);
    let _ = each_start(xml, |element| match local(element.name().as_ref()) {
        "default-style" => {
            of_default = attribute(element, "family").is_some_and(|family| family != "graphic")
        }
        "style" => of_default = false,
        "text-properties" if of_default && found.is_none() => {
            // Those of Asian and complex scripts are "language-asian" and "language-complex".
            let own = |name| attribute(element, name).filter(|value| !value.is_empty() && value != "none");
            found = own("language").map(|language| match own("country") {
                Some(country) => format!("{language}-{country}"),
                None => language,
            });
        }
        _ => {}
    });
    found
}

/// The name under which the numbering of headings is kept.
pub(super) const OUTLINE: &str = "\0outline";

impl Styles {
    /// Adds the styles of one part; what a fault hides is left out.
    pub(super) fn add(&mut self, xml: &str) {
        let mut reader = reader(xml);
        let (mut style, mut look, mut list) = (None, None, None);
        loop {
            match reader.read_event() {
                Ok(Event::Start(element) | Event::Empty(element)) => {
                    // Styles stand before the text; that can be long.
                    if local(element.name().as_ref()) == "body" {
                        return;
                    }
                    self.element(&element, &mut style, &mut list);
                    self.look_of(&element, &mut look);
                }
                Ok(Event::End(element)) => match local(element.name().as_ref()) {
                    "style" => (style, look) = (None, None),
                    "list-style" | "outline-style" => list = None,
                    _ => {}
                },
                Ok(Event::Eof) | Err(_) => return,
                _ => {}
            }
        }
    }

    fn element(&mut self, element: &BytesStart<'_>, style: &mut Option<String>, list: &mut Option<String>) {
        let name = element.name();
        match local(name.as_ref()) {
            "style" => {
                let Some(id) = attribute(element, "name") else {
                    return;
                };
                if attribute(element, "family").is_some_and(|family| family == "paragraph") {
                    let outline = attribute(element, "default-outline-level").and_then(|v| v.parse().ok());
                    let paragraph = Paragraph {
                        parent: attribute(element, "parent-style-name"),
                        outline: outline.filter(|level| *level > 0),
                        master_page: attribute(element, "master-page-name")
                            .is_some_and(|name| !name.is_empty()),
                        list: attribute(element, "list-style-name").filter(|name| !name.is_empty()),
                        ..Paragraph::default()
                    };
                    self.paragraphs.insert(id.clone(), paragraph);
                    *style = Some(id);
                }
            }
            "paragraph-properties" => {
                if let Some(paragraph) = style.as_ref().and_then(|id| self.paragraphs.get_mut(id)) {
                    paragraph.break_before = attribute(element, "break-before").map(|v| v == "page");
                    paragraph.break_after = attribute(element, "break-after").map(|v| v == "page");
                }
            }
            "list-style" => *list = attribute(element, "name"),
            "outline-style" => *list = Some(OUTLINE.to_owned()),
            kind @ ("list-level-style-number"
            | "list-level-style-bullet"
            | "list-level-style-image"
            | "outline-level-style") => {
                let Some(list) = list else { return };
                let number = |name| attribute(element, name).and_then(|v| v.parse::<u32>().ok());
                let level = Level {
                    format: attribute(element, "num-format").unwrap_or_default(),
                    prefix: attribute(element, "num-prefix").unwrap_or_default(),
                    suffix: attribute(element, "num-suffix").unwrap_or_default(),
                    shown: number("display-levels").unwrap_or(1).clamp(1, 10) as usize,
                    start: number("start-value").unwrap_or(1),
                    bullet: !matches!(kind, "list-level-style-number" | "outline-level-style"),
                };
                let at = number("level").unwrap_or(1) as usize;
                self.lists.entry(list.clone()).or_default().insert(at, level);
            }
            _ => {}
        }
    }

    /// Takes what a style says about its letters.
    fn look_of(&mut self, element: &BytesStart<'_>, open: &mut Option<(Family, String)>) {
        match local(element.name().as_ref()) {
            "style" => {
                let family = attribute(element, "family");
                let key = match (family.as_deref(), attribute(element, "name")) {
                    (Some("text"), Some(name)) => (Family::Text, name),
                    (Some("paragraph"), Some(name)) => (Family::Paragraph, name),
                    (Some("drawing-page"), Some(name)) => (Family::Slide, name),
                    (Some("table"), Some(name)) => (Family::Table, name),
                    _ => return,
                };
                let parent = attribute(element, "parent-style-name");
                let look = Look {
                    parent,
                    ..Look::default()
                };
                self.looks.insert(key.clone(), look);
                *open = Some(key);
            }
            "drawing-page-properties" | "table-properties" => {
                let look = open.as_ref().and_then(|key| self.looks.get_mut(key));
                if let Some(look) = look {
                    let visible = attribute(element, "visibility").map(|value| value != "hidden");
                    let shown = visible.or(attribute(element, "display").map(|value| value != "false"));
                    look.hidden = shown.map(|shown| !shown);
                }
            }
            "text-properties" => {
                let Some(look) = open.as_ref().and_then(|key| self.looks.get_mut(key)) else {
                    return;
                };
                look.hidden = attribute(element, "display").map(|display| display == "none");
                look.script = attribute(element, "text-position").map(|position| {
                    let shift = position.split_whitespace().next().unwrap_or_default();
                    let percent = shift.trim_end_matches('%').parse::<f32>().unwrap_or(0.0);
                    match shift {
                        "super" => Script::Above,
                        "sub" => Script::Below,
                        _ if percent > 0.0 => Script::Above,
                        _ if percent < 0.0 => Script::Below,
                        _ => Script::Line,
                    }
                });
            }
            _ => {}
        }
    }

    /// A style and those it is based on. Circular chains end.
    fn looks<'a>(&'a self, family: Family, id: &str) -> impl Iterator<Item = &'a Look> + use<'a> {
        let get = move |id: &str| self.looks.get(&(family, id.to_owned()));
        std::iter::successors(get(id), move |look| get(look.parent.as_deref()?)).take(12)
    }

    /// Where a style of texts sets them on the line, if it says so.
    pub(super) fn script(&self, id: &str) -> Option<Script> {
        self.looks(Family::Text, id).find_map(|look| look.script)
    }

    /// Whether a style hides what has it, if it says so.
    pub(super) fn hides(&self, family: Family, id: &str) -> Option<bool> {
        self.looks(family, id).find_map(|look| look.hidden)
    }

    /// A style and those it is based on. Circular chains end.
    fn chain<'a>(&'a self, id: &str) -> impl Iterator<Item = &'a Paragraph> + use<'a> {
        let parent = move |style: &&'a Paragraph| self.paragraphs.get(style.parent.as_deref()?);
        std::iter::successors(self.paragraphs.get(id), parent).take(12)
    }

    /// The heading level that a style gives a paragraph, 1 to 6.
    pub(super) fn heading(&self, id: &str) -> Option<u8> {
        let titled = match id {
            "Title" => Some(1),
            "Subtitle" => Some(2),
            _ => None,
        };
        let based = || {
            let parents = self.chain(id).filter_map(|style| style.parent.as_deref());
            parents.into_iter().find_map(|parent| match parent {
                "Title" => Some(1),
                "Subtitle" => Some(2),
                _ => None,
            })
        };
        let outline = self.chain(id).find_map(|style| style.outline);
        outline.map(|level| level.min(6)).or(titled).or_else(based)
    }

    /// Whether a paragraph of this style starts a page.
    pub(super) fn breaks_before(&self, id: &str) -> bool {
        self.paragraphs.get(id).is_some_and(|style| style.master_page)
            || self.chain(id).find_map(|style| style.break_before) == Some(true)
    }

    /// Whether a paragraph of this style ends its page.
    pub(super) fn breaks_after(&self, id: &str) -> bool {
        self.chain(id).find_map(|style| style.break_after) == Some(true)
    }

    /// The list style that a paragraph style names.
    pub(super) fn list(&self, id: &str) -> Option<&str> {
        self.chain(id).find_map(|style| style.list.as_deref())
    }

    /// The number with which a level of a list begins.
    pub(super) fn start(&self, list: &str, level: usize) -> u32 {
        self.lists
            .get(list)
            .and_then(|levels| levels.get(&level))
            .map_or(1, |level| level.start)
    }

    /// What is drawn before an item, the counters of its levels given, outermost first.
    pub(super) fn label(&self, list: &str, counters: &[u32]) -> String {
        let at = counters.len();
        let Some(levels) = self.lists.get(list) else {
            return if list == OUTLINE {
                String::new()
            } else {
                "-".into()
            };
        };
        let Some(level) = levels.get(&at) else {
            return if list == OUTLINE {
                String::new()
            } else {
                "-".into()
            };
        };
        if level.bullet {
            return "-".into();
        }
        if level.format.is_empty() {
            return format!("{}{}", level.prefix, level.suffix).trim().to_owned();
        }
        let first = at.saturating_sub(level.shown);
        let numbers: Vec<String> = (first..at)
            .filter_map(|n| {
                let format = levels.get(&(n + 1)).map_or("1", |level| level.format.as_str());
                (!format.is_empty()).then(|| crate::docx::format_number(counters[n], word_format(format)))
            })
            .collect();
        format!("{}{}{}", level.prefix, numbers.join("."), level.suffix)
            .trim()
            .to_owned()
    }
}

/// The name that Word has for a number format of OpenDocument.
fn word_format(format: &str) -> &'static str {
    match format {
        "a" => "lowerLetter",
        "A" => "upperLetter",
        "i" => "lowerRoman",
        "I" => "upperRoman",
        _ => "decimal",
    }
}
