//! EPUB books: the chapters of the spine in order, each through the HTML reader.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

use footnote_core::notice::{Notice, Warning};
use footnote_core::types::{ExtractSummary, PageUnit};
use footnote_core::{Error, Problem, Result};
use quick_xml::events::Event;

use crate::package::Package;
use crate::page::{Sink, collapse, one_line, send_as};
use crate::xml::{attribute, each_start, each_text, entity, local, reader, text_of};

/// Chapters of one book; the rest is not read.
const MAX_CHAPTERS: usize = 10_000;
/// Methods that only garble fonts, which nobody reads here.
const FONTS_ONLY: &[&str] = &[
    "http://www.idpf.org/2008/embedding",
    "http://ns.adobe.com/pdf/enc#RC",
];

/// Reads a book. Returns the number of pages.
pub(crate) fn read(bytes: &[u8], about: &mut ExtractSummary, sink: &mut Sink<'_>) -> Result<u32> {
    let mut package = Package::open(bytes, "EPUB book")?;
    let book = Book::open(&mut package, about)?;
    let locked = package
        .side_text("META-INF/encryption.xml")
        .map(|xml| encrypted(&xml))
        .unwrap_or_default();
    if book.chapters.iter().any(|chapter| locked.contains(chapter)) {
        return Err(Error::user("The book is protected against copying (DRM)")
            .problem(Problem::CopyProtected)
            .hint("Read it in the program it was bought for; ask the seller for a copy without protection"));
    }
    let mut number = 0;
    for chapter in book.chapters.iter().take(MAX_CHAPTERS) {
        let source = match package.text(chapter) {
            Ok(Some(source)) => source,
            Ok(None) => {
                about.warnings.push(Warning::new(
                    format!("the chapter {chapter} is missing"),
                    Notice::ChapterMissing {
                        chapter: chapter.to_string(),
                    },
                ));
                continue;
            }
            Err(error) => {
                about.warnings.push(Warning::new(
                    error.message.clone(),
                    Notice::FileUnreadable {
                        detail: error.message,
                    },
                ));
                continue;
            }
        };
        let pieces = crate::html::pieces(&crate::html::expand_empty(&source));
        if pieces.is_empty() {
            continue;
        }
        let named = book.titles.get(chapter);
        let mut flow = ControlFlow::Continue(());
        send_as(Some(PageUnit::Section), &pieces, &mut |mut extracted| {
            number += 1;
            extracted.page.number = number;
            extracted.page.label = extracted.page.label.or_else(|| named.cloned());
            flow = sink(extracted);
            flow
        })?;
        if flow.is_break() {
            return Ok(number);
        }
    }
    if number == 0 {
        return send_as(Some(PageUnit::Section), &[], sink);
    }
    Ok(number)
}

/// What the package document says.
#[derive(Default)]
struct Book {
    /// Parts with the text, in reading order.
    chapters: Vec<String>,
    /// What the table of contents calls them.
    titles: HashMap<String, String>,
}

impl Book {
    fn open(package: &mut Package<'_>, about: &mut ExtractSummary) -> Result<Self> {
        let mut main = None;
        if let Some(container) = package.side_text("META-INF/container.xml") {
            let _ = each_start(&container, |element| {
                if local(element.name().as_ref()) == "rootfile" && main.is_none() {
                    main = attribute(element, "full-path");
                }
            });
        }
        let main = main
            .or_else(|| {
                package
                    .names()
                    .find(|name| name.ends_with(".opf"))
                    .map(str::to_owned)
            })
            .unwrap_or_default();
        let opf = package.side_text(&main).unwrap_or_default();
        metadata(&opf, about);
        let (mut items, mut spine, mut contents) = (HashMap::new(), Vec::new(), None);
        let _ = each_start(&opf, |element| match local(element.name().as_ref()) {
            "item" => {
                let (id, href) = (attribute(element, "id"), attribute(element, "href"));
                let Some(part) = href.map(|href| resolve(&main, &href)) else {
                    return;
                };
                let kind = attribute(element, "media-type").unwrap_or_default();
                let is_nav = attribute(element, "properties").is_some_and(|all| all.contains("nav"));
                if is_nav || (kind == "application/x-dtbncx+xml" && contents.is_none()) {
                    contents = Some(part.clone());
                }
                items.insert(id.unwrap_or_default(), part);
            }
            "itemref" => spine.extend(attribute(element, "idref")),
            _ => {}
        });
        let mut chapters: Vec<String> = spine.iter().filter_map(|id| items.get(id).cloned()).collect();
        if chapters.is_empty() {
            let is_page = |name: &&str| {
                let name = name.to_ascii_lowercase();
                name.ends_with("html") || name.ends_with(".htm")
            };
            chapters = package.names().filter(is_page).map(str::to_owned).collect();
            chapters.sort();
        }
        if chapters.is_empty() {
            return Err(package.damaged("it has no chapters"));
        }
        let titles = contents
            .and_then(|part| Some(titles(&package.side_text(&part)?, &part)))
            .unwrap_or_default();
        Ok(Self { chapters, titles })
    }
}

fn metadata(opf: &str, about: &mut ExtractSummary) {
    let mut authors: Vec<String> = Vec::new();
    each_text(opf, |name, text| {
        let text = collapse(text);
        let slot = match name {
            _ if text.is_empty() => return,
            "title" => &mut about.title,
            "language" => &mut about.language,
            "date" => &mut about.date,
            "creator" => {
                authors.push(text);
                return;
            }
            _ => return,
        };
        slot.get_or_insert(text);
    });
    about.author = Some(authors.join(", ")).filter(|all| !all.is_empty());
    about.date = about
        .date
        .take()
        .filter(|date| date.starts_with(|c: char| c.is_ascii_digit()));
}

/// The parts that are encrypted other than fonts are.
fn encrypted(xml: &str) -> HashSet<String> {
    let (mut method, mut found) = (String::new(), HashSet::new());
    let _ = each_start(xml, |element| match local(element.name().as_ref()) {
        "EncryptedData" => method.clear(),
        "EncryptionMethod" if method.is_empty() => {
            method = attribute(element, "Algorithm").unwrap_or_default();
        }
        "CipherReference" if !FONTS_ONLY.contains(&method.as_str()) => {
            found.extend(attribute(element, "URI").map(|part| resolve("", &part)));
        }
        _ => {}
    });
    found
}

/// Chapters' titles in a table of contents: NCX labels before their targets, links around them.
fn titles(xml: &str, part: &str) -> HashMap<String, String> {
    let (mut found, mut text, mut target) = (HashMap::new(), String::new(), None);
    let mut reader = reader(xml);
    loop {
        match reader.read_event() {
            Ok(Event::Start(element) | Event::Empty(element)) => match local(element.name().as_ref()) {
                "a" => {
                    target = attribute(&element, "href");
                    text.clear();
                }
                "navPoint" => text.clear(),
                "content" => {
                    if let Some(src) = attribute(&element, "src") {
                        keep(&mut found, part, &src, &text);
                    }
                }
                _ => {}
            },
            Ok(Event::End(element)) if local(element.name().as_ref()) == "a" => {
                if let Some(target) = target.take() {
                    keep(&mut found, part, &target, &text);
                }
            }
            Ok(Event::Text(part)) => text.push_str(&text_of(&part)),
            Ok(Event::GeneralRef(name)) => text.push_str(&entity(&name)),
            Ok(Event::Eof) | Err(_) => return found,
            _ => {}
        }
    }
}

fn keep(found: &mut HashMap<String, String>, part: &str, target: &str, text: &str) {
    let title = one_line(text);
    if !title.is_empty() {
        found.entry(resolve(part, target)).or_insert(title);
    }
}

/// A part's name, from a reference in the part `base`.
fn resolve(base: &str, reference: &str) -> String {
    let reference = reference.split(['#', '?']).next().unwrap_or_default();
    let reference = decoded(reference);
    let folder = base.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut path: Vec<&str> = Vec::new();
    if !reference.starts_with('/') {
        path.extend(folder.split('/').filter(|name| !name.is_empty()));
    }
    for name in reference.split('/') {
        match name {
            "" | "." => {}
            ".." => {
                path.pop();
            }
            name => path.push(name),
        }
    }
    path.join("/")
}

/// Takes back percent signs.
fn decoded(reference: &str) -> String {
    let bytes = reference.as_bytes();
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(byte) = bytes.get(at) {
        let hex = bytes
            .get(at + 1..at + 3)
            .and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(value) if *byte == b'%' => {
                out.push(value);
                at += 3;
            }
            _ => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests;
