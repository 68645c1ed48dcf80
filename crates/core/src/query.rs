//! What a person types: words, and what narrows the search.
//!
//! `"exact words"` must stand in a passage; `-word` and `-"some words"` must not. `file:name` and `-file:name` go by
//! the document's path (`*` and `?` stand for any characters; quotes hold spaces together), `after:2023` and
//! `before:2024-05` by its own date, `lang:de` by its language. Whatever is none of these is plain words, so every input can be read.

mod period;

use std::ops::Range;

pub use period::Period;

use crate::advice::Advice;
use crate::error::{Error, Result};
use crate::find::{Language, Wanted, fold};
use crate::language;
use crate::problem::Problem;
use crate::types::Document;

/// A query, read.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    source: String,
    parts: Vec<Part>,
    filters: Filters,
}

/// A stretch of what was typed.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Its bytes in the source.
    pub range: Range<usize>,
    /// What it means.
    pub kind: PartKind,
}

/// What a stretch of a query means.
#[derive(Clone, Debug, PartialEq)]
pub enum PartKind {
    /// Plain words, and white space.
    Words,
    /// Words that must stand there exactly.
    Phrase(String),
    /// What must not stand there.
    Excluded(Excluded),
    /// Only documents named so.
    File(String),
    /// No documents named so.
    NotFile(String),
    /// Only documents from this day on.
    After(Period),
    /// Only documents before this day.
    Before(Period),
    /// Only documents in this language (BCP 47).
    Language(String),
}

/// Words that a passage must not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excluded {
    /// The words.
    pub words: String,
    /// Whether their other forms are let through.
    pub exact: bool,
}

/// What narrows a search, besides its scope.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filters {
    /// Each must stand in a passage.
    pub phrases: Vec<String>,
    /// None may stand in a passage.
    pub excluded: Vec<Excluded>,
    /// Documents named like one of these, if there are any.
    pub files: Vec<String>,
    /// No documents named like these.
    pub not_files: Vec<String>,
    /// Documents that may be of this day or later.
    pub after: Option<Period>,
    /// Documents that may be older than this day.
    pub before: Option<Period>,
    /// Documents in one of these languages, if there are any.
    pub languages: Vec<String>,
}

impl Query {
    /// Reads what was typed; anything can be read.
    pub fn parse(source: &str) -> Self {
        let parts = parts(source);
        let mut filters = Filters::default();
        for part in &parts {
            match &part.kind {
                PartKind::Words => {}
                PartKind::Phrase(words) => filters.phrases.push(words.clone()),
                PartKind::Excluded(words) => filters.excluded.push(words.clone()),
                PartKind::File(name) => filters.files.push(name.clone()),
                PartKind::NotFile(name) => filters.not_files.push(name.clone()),
                PartKind::After(day) => filters.after = filters.after.max(Some(*day)),
                PartKind::Before(day) => {
                    filters.before = Some(filters.before.map_or(*day, |other| other.min(*day)));
                }
                PartKind::Language(tag) => filters.languages.push(tag.clone()),
            }
        }
        Self {
            source: source.to_owned(),
            parts,
            filters,
        }
    }

    /// `words` and no filters, whatever they look like.
    pub fn plain(words: impl Into<String>) -> Self {
        let source = words.into();
        let parts = vec![Part {
            range: 0..source.len(),
            kind: PartKind::Words,
        }];
        Self {
            source,
            parts,
            filters: Filters::default(),
        }
    }

    /// The same filters with other words; for a question that was rewritten.
    #[must_use]
    pub fn reworded(&self, words: &str) -> Self {
        Self {
            filters: self.filters.clone(),
            ..Self::plain(words)
        }
    }

    /// With documents of these days only.
    #[must_use]
    pub fn within(&self, after: Option<Period>, before: Option<Period>) -> Self {
        let mut query = self.clone();
        query.filters.after = after;
        query.filters.before = before;
        query
    }

    /// Without the exact words.
    #[must_use]
    pub fn without_phrases(&self) -> Self {
        let mut query = self.clone();
        query.filters.phrases.clear();
        query
    }

    /// Each of its filters, as it is typed and as a query of its own.
    pub(crate) fn each_filter(&self) -> Vec<(String, Self)> {
        let alone = self.filters.apart().into_iter().map(|filters| {
            let query = Self {
                filters,
                ..Self::plain("")
            };
            (query.filters.shown().join(" "), query)
        });
        alone.collect()
    }

    /// All of it, in order.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// What narrows the search.
    pub fn filters(&self) -> &Filters {
        &self.filters
    }

    /// The words to search for: exact ones without their quotation marks, and nothing that only narrows.
    pub fn words(&self) -> String {
        self.joined(|part| match &part.kind {
            PartKind::Words => Some(&self.source[part.range.clone()]),
            PartKind::Phrase(words) => Some(words),
            _ => None,
        })
    }

    /// The words as a question to answer: exact ones keep their quotation marks.
    pub fn question(&self) -> String {
        self.joined(|part| {
            matches!(part.kind, PartKind::Words | PartKind::Phrase(_))
                .then(|| &self.source[part.range.clone()])
        })
    }

    fn joined<'a>(&'a self, text: impl Fn(&'a Part) -> Option<&'a str>) -> String {
        let mut out = String::new();
        let mut left_out = false;
        for part in &self.parts {
            match text(part) {
                // A filter leaves one space, not two.
                Some(text) if left_out => out.push_str(if out.ends_with(' ') {
                    text.trim_start()
                } else {
                    text
                }),
                Some(text) => out.push_str(text),
                None => {}
            }
            left_out = text(part).is_none();
        }
        out.trim().to_owned()
    }

    /// Refuses a query that only narrows.
    ///
    /// # Errors
    /// Says what to add.
    pub fn check(&self) -> Result<()> {
        let narrows = !self.filters.is_empty() && !self.words().contains(char::is_alphanumeric);
        if narrows {
            return Err(Error::user(format!(
                "{} narrows a search, but there are no words to search for",
                self.source.trim()
            ))
            .problem(Problem::OnlyFilters {
                filters: self.source.trim().to_owned(),
            })
            .hint("Add what you want to know"));
        }
        Ok(())
    }
}

impl Filters {
    /// Whether nothing is narrowed.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The filters as they are typed.
    pub fn shown(&self) -> Vec<String> {
        let name = |name: &str| {
            let bare = format!("file:{name}");
            let whole = field(&bare, "file:") == Some((bare.len(), name));
            if whole {
                name.to_owned()
            } else {
                format!("\"{name}\"")
            }
        };
        let mut shown: Vec<String> = self.phrases.iter().map(|words| format!("\"{words}\"")).collect();
        shown.extend(self.excluded.iter().map(|excluded| {
            if excluded.exact {
                format!("-\"{}\"", excluded.words)
            } else {
                format!("-{}", excluded.words)
            }
        }));
        shown.extend(self.files.iter().map(|file| format!("file:{}", name(file))));
        shown.extend(self.not_files.iter().map(|file| format!("-file:{}", name(file))));
        shown.extend(self.after.map(|day| format!("after:{day}")));
        shown.extend(self.before.map(|day| format!("before:{day}")));
        shown.extend(self.languages.iter().map(|tag| format!("lang:{tag}")));
        shown
    }

    /// Each filter by itself; the names of files that are wanted are one, and so are languages, since any of them will do.
    fn apart(&self) -> Vec<Self> {
        let phrases = self.phrases.iter().map(|phrase| Self {
            phrases: vec![phrase.clone()],
            ..Self::default()
        });
        let excluded = self.excluded.iter().map(|excluded| Self {
            excluded: vec![excluded.clone()],
            ..Self::default()
        });
        let files = Self {
            files: self.files.clone(),
            ..Self::default()
        };
        let not_files = self.not_files.iter().map(|name| Self {
            not_files: vec![name.clone()],
            ..Self::default()
        });
        let after = Self {
            after: self.after,
            ..Self::default()
        };
        let before = Self {
            before: self.before,
            ..Self::default()
        };
        let languages = Self {
            languages: self.languages.clone(),
            ..Self::default()
        };
        phrases
            .chain(excluded)
            .chain([files])
            .chain(not_files)
            .chain([after, before, languages])
            .filter(|filters| !filters.is_empty())
            .collect()
    }

    /// Why nothing can pass, whatever the documents are; none if something can.
    pub fn contradiction(&self) -> Option<Advice> {
        if let (Some(after), Some(before)) = (self.after, self.before)
            && after >= before
        {
            return Some(Advice::NoSuchDay {
                after: after.to_string(),
                before: before.to_string(),
            });
        }
        for phrase in &self.phrases {
            let clash = |excluded: &&Excluded| {
                excluded
                    .wanted()
                    .is_some_and(|wanted| !wanted.find(phrase).is_empty())
            };
            if let Some(excluded) = self.excluded.iter().find(clash) {
                return Some(Advice::Contrary {
                    phrase: phrase.clone(),
                    excluded: excluded.words.clone(),
                });
            }
        }
        None
    }

    /// Whether a document's name and path pass.
    pub fn names(&self, document: &Document) -> bool {
        let path = fold(&document.path.to_string_lossy()).replace('\\', "/");
        let fits = |pattern: &String| glob(&fold(pattern).replace('\\', "/"), &path);
        (self.files.is_empty() || self.files.iter().any(fits)) && !self.not_files.iter().any(fits)
    }

    /// Whether a document's own date passes. Of a date that is known to the year only, any day of it counts; one
    /// without a date does not pass.
    pub fn dated(&self, document: &Document) -> bool {
        if self.after.is_none() && self.before.is_none() {
            return true;
        }
        let Some(date) = document.date.as_deref().and_then(Period::of_timestamp) else {
            return false;
        };
        self.after.is_none_or(|after| date.last() >= after.first())
            && self.before.is_none_or(|before| date.first() < before.first())
    }

    /// Whether a document's language passes; one of which none is known does not.
    pub fn spoken(&self, document: &Document) -> bool {
        let fits = |wanted: &String| {
            let language = document.language.as_deref().and_then(language::tag);
            language.is_some_and(|language| language::within(&language, wanted))
        };
        self.languages.is_empty() || self.languages.iter().any(fits)
    }
}

impl Excluded {
    /// What is looked for; none if there is no word in it. Other forms are those of English.
    pub fn wanted(&self) -> Option<Wanted> {
        if self.exact {
            Wanted::exact(&self.words)
        } else {
            Wanted::forms(&self.words, Language::English)
        }
    }
}

/// Whether `pattern`, where `*` and `?` stand for any characters and any one, is somewhere in `path`.
fn glob(pattern: &str, path: &str) -> bool {
    if !pattern.contains(['*', '?']) {
        return path.contains(pattern);
    }
    // A pattern with stars says where a name ends: `*.pdf` is not `a.pdf.txt`.
    let name = if pattern.contains('/') {
        path
    } else {
        path.rsplit('/').next().unwrap_or(path)
    };
    let starts: Vec<usize> = if pattern.contains('/') {
        std::iter::once(0)
            .chain(name.match_indices('/').map(|(at, _)| at + 1))
            .collect()
    } else {
        vec![0]
    };
    let pattern: Vec<char> = pattern.chars().collect();
    starts
        .into_iter()
        .any(|start| wild(&pattern, &name[start..].chars().collect::<Vec<_>>()))
}

/// Whether all of `text` fits `pattern`. Takes time of at most the product of their lengths.
fn wild(pattern: &[char], text: &[char]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        if p < pattern.len() && pattern[p] == '*' {
            star = Some((p, t));
            p += 1;
        } else if p < pattern.len() && (pattern[p] == '?' || pattern[p] == text[t]) {
            p += 1;
            t += 1;
        } else if let Some((at, eaten)) = star {
            star = Some((at, eaten + 1));
            p = at + 1;
            t = eaten + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

/// All of `source` as parts, in order and without gaps.
fn parts(source: &str) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut plain = 0;
    let mut at = 0;
    while let Some(c) = source[at..].chars().next() {
        let Some((length, kind)) = special(source, at) else {
            at += c.len_utf8();
            continue;
        };
        if plain < at {
            parts.push(Part {
                range: plain..at,
                kind: PartKind::Words,
            });
        }
        parts.push(Part {
            range: at..at + length,
            kind,
        });
        at += length;
        plain = at;
    }
    if plain < source.len() {
        parts.push(Part {
            range: plain..source.len(),
            kind: PartKind::Words,
        });
    }
    parts
}

/// What begins at byte `at` and is more than plain words, with its length in bytes.
fn special(source: &str, at: usize) -> Option<(usize, PartKind)> {
    let before = source[..at].chars().next_back();
    let rest = &source[at..];
    if before.is_none_or(|c| !c.is_alphanumeric())
        && let Some((length, words)) = quoted(rest)
    {
        return Some((length, PartKind::Phrase(words.to_owned())));
    }
    if before.is_some_and(|c| !c.is_whitespace() && c != '(') {
        return None;
    }
    if let Some(negated) = rest.strip_prefix('-') {
        if let Some((length, name)) = field(negated, "file:") {
            return Some((length + 1, PartKind::NotFile(name.to_owned())));
        }
        return excluded(&source[..at], negated)
            .map(|(length, words)| (length + 1, PartKind::Excluded(words)));
    }
    if let Some((length, name)) = field(rest, "file:") {
        return Some((length, PartKind::File(name.to_owned())));
    }
    for (operator, kind) in [
        ("after:", PartKind::After as fn(Period) -> PartKind),
        ("before:", PartKind::Before),
    ] {
        if let Some((length, value)) = field(rest, operator) {
            return Period::parse(value).map(|day| (length, kind(day)));
        }
    }
    if let Some((length, value)) = field(rest, "lang:") {
        return language::tag(value).map(|tag| (length, PartKind::Language(tag)));
    }
    None
}

/// The words between the quotation marks that `text` begins with, and the length with them.
fn quoted(text: &str) -> Option<(usize, &str)> {
    let open = text.chars().next()?;
    let closing: &[char] = match open {
        '"' => &['"'],
        '“' => &['”', '“'],
        '„' => &['“', '”'],
        '«' => &['»'],
        '»' => &['«'],
        _ => return None,
    };
    let inner = &text[open.len_utf8()..];
    let end = inner.find(closing)?;
    let close = inner[end..].chars().next()?;
    let words = inner[..end].trim();
    words
        .contains(char::is_alphanumeric)
        .then_some((open.len_utf8() + end + close.len_utf8(), words))
}

/// The value of the operator that `text` begins with, and the length of both. Punctuation that ends a sentence is not
/// part of a value.
fn field<'a>(text: &'a str, operator: &str) -> Option<(usize, &'a str)> {
    let head = text.get(..operator.len())?;
    if !head.eq_ignore_ascii_case(operator) {
        return None;
    }
    let value = &text[operator.len()..];
    if let Some((length, words)) = quoted(value) {
        return Some((operator.len() + length, words));
    }
    let end = value.find(char::is_whitespace).unwrap_or(value.len());
    let bare = value[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '"']);
    bare.contains(char::is_alphanumeric)
        .then_some((operator.len() + bare.len(), bare))
}

/// The excluded words behind a hyphen, and their length. A number behind one is negative, a single letter is an option
/// of some command, and behind "und" the hyphen stands for the beginning of a German compound.
fn excluded(before: &str, text: &str) -> Option<(usize, Excluded)> {
    if let Some((length, words)) = quoted(text) {
        let words = words.to_owned();
        return Some((length, Excluded { words, exact: true }));
    }
    let last = before.split_whitespace().next_back().unwrap_or("").to_lowercase();
    if matches!(last.as_str(), "und" | "oder" | "bzw." | "sowie" | "/") {
        return None;
    }
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let bare = text[..end].trim_end_matches(|c: char| !c.is_alphanumeric());
    let word = bare.starts_with(char::is_alphabetic) && bare.chars().nth(1).is_some();
    word.then(|| {
        let words = bare.to_owned();
        (bare.len(), Excluded { words, exact: false })
    })
}

#[cfg(test)]
pub(crate) mod tests;
