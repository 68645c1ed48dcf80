//! Outlines ("bookmarks"): the headings of a document, where their titles stand on the pages.

use std::collections::{HashMap, HashSet};

use footnote_core::span::CharSpan;
use footnote_core::types::{BlockKind, Page};
use pdf_extract::{Dictionary, Document, Object, ObjectId};

use super::blocks::Line;
use super::matrix::PageFrame;
use super::object::{as_dict, get, get_dict, get_name, number, resolve};
use super::{apart, string, tree};

/// Entries of an outline; more are a trap.
const MOST_ENTRIES: usize = 20_000;
/// Levels of an outline.
const MOST_LEVELS: usize = 32;
/// Destinations by name.
const MOST_NAMES: usize = 100_000;
/// Lines that one title may fill.
const MOST_LINES: usize = 4;
/// Letters and digits of a number before a title ("Appendix 12") that only one of the two shows.
const MOST_PREFIX: usize = 12;

/// A place in the document.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Destination {
    /// From 1.
    pub page: u32,
    /// Height in the page's own coordinates, if it names one.
    pub top: Option<f64>,
}

/// Where names and arrays lead.
pub(super) struct Destinations<'a> {
    doc: &'a Document,
    pages: HashMap<ObjectId, u32>,
    names: HashMap<&'a [u8], &'a Object>,
}

impl<'a> Destinations<'a> {
    /// Those of a document with these pages.
    pub(super) fn new(doc: &'a Document, pages: impl Iterator<Item = (u32, ObjectId)>) -> Self {
        let mut names = HashMap::new();
        if let Some(root) = tree::named(doc, b"Dests") {
            tree::walk(doc, root, |name, value| {
                names.insert(name, value);
                names.len() < MOST_NAMES
            });
        }
        let old = doc.catalog().ok().and_then(|root| get_dict(doc, root, b"Dests"));
        for (name, value) in old.into_iter().flat_map(Dictionary::iter).take(MOST_NAMES) {
            names.extend(resolve(doc, value).map(|value| (name.as_slice(), value)));
        }
        Self {
            doc,
            pages: pages.map(|(number, id)| (id, number)).collect(),
            names,
        }
    }

    /// Where an outline's entry or a link leads within the document.
    pub(super) fn of(&self, dict: &Dictionary) -> Option<Destination> {
        let doc = self.doc;
        if let Some(direct) = get(doc, dict, b"Dest") {
            return self.resolve(direct);
        }
        let action = get_dict(doc, dict, b"A")?;
        (get_name(doc, action, b"S") == Some(b"GoTo")).then(|| self.resolve(get(doc, action, b"D")?))?
    }

    fn resolve(&self, object: &Object) -> Option<Destination> {
        let object = match object {
            Object::Name(name) | Object::String(name, _) => *self.names.get(name.as_slice())?,
            other => other,
        };
        let array = match object {
            Object::Dictionary(dict) => get(self.doc, dict, b"D")?,
            other => other,
        };
        let items = array.as_array().ok()?;
        let page = match items.first()? {
            Object::Reference(id) => *self.pages.get(id)?,
            Object::Integer(index) => u32::try_from(*index).ok()?.checked_add(1)?,
            _ => return None,
        };
        let at = match items.get(1).and_then(|kind| kind.as_name().ok()) {
            Some(b"XYZ") => Some(3),
            Some(b"FitH" | b"FitBH") => Some(2),
            Some(b"FitR") => Some(5),
            _ => None,
        };
        let top = at
            .and_then(|at| items.get(at))
            .and_then(|top| number(self.doc, top));
        Some(Destination { page, top })
    }
}

/// An entry of the outline.
#[derive(Clone, Debug, PartialEq)]
struct Entry {
    title: String,
    level: u8,
    top: Option<f64>,
}

/// The outline, by page, and how far reading has come in it.
#[derive(Debug, Default)]
pub(super) struct Outline {
    entries: HashMap<u32, Vec<Entry>>,
    /// Of the last heading that was found.
    level: u8,
}

impl Outline {
    /// A document's outline; empty if it has none.
    pub(super) fn new(doc: &Document, destinations: &Destinations<'_>) -> Self {
        let mut entries: HashMap<u32, Vec<Entry>> = HashMap::new();
        let first = |dict: &Dictionary| dict.get(b"First").and_then(Object::as_reference).ok();
        let root = doc
            .catalog()
            .ok()
            .and_then(|root| get_dict(doc, root, b"Outlines"));
        let mut seen: HashSet<ObjectId> = HashSet::new();
        // The next entry of every level that is open.
        let mut open: Vec<Option<ObjectId>> = root.map(first).into_iter().collect();
        while let Some(next) = open.last_mut() {
            let Some(id) = next.take().filter(|id| seen.insert(*id)) else {
                open.pop();
                continue;
            };
            let Some(dict) = doc.get_object(id).ok().and_then(as_dict) else {
                continue;
            };
            *next = dict.get(b"Next").and_then(Object::as_reference).ok();
            let level = open.len().min(6) as u8;
            if let (Some(title), Some(to)) = (string::entry(doc, dict, b"Title"), destinations.of(dict)) {
                let top = to.top;
                entries
                    .entry(to.page)
                    .or_default()
                    .push(Entry { title, level, top });
            }
            if seen.len() >= MOST_ENTRIES {
                break;
            }
            if open.len() < MOST_LEVELS {
                open.extend(first(dict).map(Some));
            }
        }
        Self { entries, level: 0 }
    }

    /// Makes the lines that entries of the outline lead to headings of their levels; headings that
    /// only their type shows come below these.
    pub(super) fn apply(&mut self, page: &mut Page, lines: &mut [Line], frame: PageFrame) {
        let mut found: Vec<(CharSpan, BlockKind)> = Vec::new();
        let entries = self.entries.remove(&page.number).unwrap_or_default();
        let texts: Vec<String> = match entries.is_empty() {
            true => Vec::new(),
            false => lines.iter().map(|line| plain(line.span.of(&page.text))).collect(),
        };
        let mut taken = vec![false; lines.len()];
        for entry in entries {
            // The edge of a rotated page is not where its lines begin.
            let top = entry.top.map(|top| frame.to_display.apply(0.0, top).1);
            let title = plain(&entry.title);
            let places: Vec<(usize, usize)> = (0..lines.len())
                .filter_map(|at| Some((at, matched(&texts[at..], &title)?)))
                .filter(|(at, count)| taken[*at..at + count].iter().all(|taken| !taken))
                .collect();
            // A running header says it too, in smaller type.
            let largest = places.iter().map(|(at, _)| lines[*at].size).fold(0.0, f64::max);
            let place = places
                .into_iter()
                .filter(|(at, _)| lines[*at].size >= 0.95 * largest)
                .min_by(|(a, _), (b, _)| {
                    let off = |at: usize| top.map_or(0.0, |top| (lines[at].rect.y0 - top).abs());
                    off(*a).total_cmp(&off(*b))
                });
            let Some((at, count)) = place else { continue };
            for n in at..at + count {
                taken[n] = true;
                lines[n].fixed = true;
            }
            let span = CharSpan::new(lines[at].span.start, lines[at + count - 1].span.end);
            found.push((span, BlockKind::Heading { level: entry.level }));
        }
        apart::set(page, &found);
        for block in &mut page.blocks {
            let BlockKind::Heading { level } = &mut block.kind else {
                continue;
            };
            if found.iter().any(|(span, _)| *span == block.span) {
                self.level = *level;
            } else if self.level > 0 {
                *level = (*level).max(self.level + 1).min(6);
            }
        }
    }
}

/// How many lines, from the first of these, are the title; none if they are not.
fn matched(lines: &[String], title: &str) -> Option<usize> {
    let mut text = String::new();
    for (n, line) in lines.iter().take(MOST_LINES).enumerate() {
        text.push_str(line);
        let (long, short) = if text.len() >= title.len() {
            (text.as_str(), title)
        } else {
            (title, text.as_str())
        };
        if line.is_empty() || short.is_empty() {
            return None;
        }
        if long == short {
            return Some(n + 1);
        }
        // One of the two may have a number that the other lacks.
        if let Some(prefix) = long.strip_suffix(short)
            && short.chars().count() >= 3
            && prefix.chars().count() <= MOST_PREFIX
            && is_number(prefix)
        {
            return Some(n + 1);
        }
        if text.len() > title.len() + 4 * MOST_PREFIX {
            return None;
        }
    }
    None
}

/// Whether this is a number of a section: digits, a letter or a Roman number, perhaps with the word
/// that names the section.
fn is_number(prefix: &str) -> bool {
    prefix.chars().any(|c| c.is_ascii_digit())
        || prefix.chars().count() == 1
        || prefix.chars().all(|c| "ivxlc".contains(c))
}

/// Letters and digits alone, in small letters.
fn plain(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    text.nfkc()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}
