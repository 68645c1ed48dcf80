//! Where top-level items begin, by how lines begin.

use std::ops::Range;

use footnote_core::types::BlockKind;

use super::Language;
use crate::own::{OwnBlock, lines};

/// What may stand before the word that says what an item is.
const MODIFIERS: &[&str] = &[
    "pub",
    "export",
    "default",
    "async",
    "static",
    "public",
    "private",
    "protected",
    "abstract",
    "final",
    "unsafe",
    "inline",
    "virtual",
    "open",
    "data",
    "sealed",
    "internal",
    "override",
    "declare",
    "partial",
    "case",
    "local",
    "const",
    "extern",
];
/// Words that begin an item with a name.
const WORDS: &[&str] = &[
    "fn",
    "func",
    "fun",
    "function",
    "def",
    "class",
    "struct",
    "enum",
    "trait",
    "impl",
    "interface",
    "type",
    "mod",
    "module",
    "namespace",
    "macro_rules!",
    "union",
    "object",
    "record",
    "protocol",
    "extension",
    "template",
    "defmodule",
    "message",
    "service",
    "typedef",
    "fn*",
];
/// Items shorter than this (in lines) need no heading.
const HEADED: usize = 3;

/// Top-level items: a definition begins with a heading, its first telling line.
pub(super) fn items(text: &str, language: Language) -> Vec<OwnBlock> {
    let all: Vec<Range<usize>> = lines(text).collect();
    let mut starts: Vec<(usize, bool)> = Vec::new();
    let (mut lead, mut after_blank) = (None, true);
    for (n, range) in all.iter().enumerate() {
        let line = text[range.clone()].trim_end();
        match class_of(line, language) {
            Class::Blank => {
                // A comment parted from what follows stands alone.
                if let Some(lead) = lead.take() {
                    starts.push((lead, false));
                }
                after_blank = true;
                continue;
            }
            Class::Lead => {
                if lead.is_none() && (after_blank || ends_item(text, &all, n)) {
                    lead = Some(n);
                }
            }
            Class::Inner => {
                if let Some(lead) = lead.take() {
                    starts.push((lead, false));
                }
            }
            Class::Item => {
                let next = all.get(n + 1).map_or("", |next| text[next.clone()].trim_end());
                let defines = is_definition(line, next, language);
                let lead = lead.take();
                if defines || after_blank || lead.is_some() {
                    starts.push((lead.unwrap_or(n), defines));
                }
            }
        }
        after_blank = false;
    }
    starts.extend(lead.map(|lead| (lead, false)));
    let mut found = Vec::new();
    for (n, (first, defines)) in starts.iter().enumerate() {
        let end = starts.get(n + 1).map_or(all.len(), |(next, _)| *next);
        let bytes = all[*first].start..all[end - 1].end;
        let head = (*first..end).find(|line| tells(text[all[*line].clone()].trim()));
        match head {
            Some(head) if *defines && end - first >= HEADED && head + 1 < end => {
                let cut = all[head].end;
                found.push((BlockKind::Heading { level: 2 }, bytes.start..cut));
                found.push((BlockKind::Code, cut..bytes.end));
            }
            _ => found.push((BlockKind::Code, bytes)),
        }
    }
    found
}

/// Whether the line before closes an item, so that what comes now belongs to the next.
fn ends_item(text: &str, all: &[Range<usize>], line: usize) -> bool {
    let before = line
        .checked_sub(1)
        .map(|before| text[all[before].clone()].trim_end());
    before.is_none_or(|before| before.starts_with('}') || before.ends_with(';') || before == "end")
}

/// Entries of data without a grammar of items: YAML keys, sections in brackets, blank-line blocks.
pub(super) fn entries(text: &str, language: Language) -> Vec<OwnBlock> {
    let (mut found, mut start, mut after_blank, mut in_lead) = (Vec::new(), 0, true, false);
    for range in lines(text) {
        let line = text[range.clone()].trim_end();
        let comment = line.starts_with('#') || line.starts_with(';');
        let begins = match language {
            Language::Yaml => !line.is_empty() && !line.starts_with([' ', '\t', '}', ']']) && line != "-",
            Language::Sections => line.starts_with('[') || (comment && after_blank),
            _ => !line.is_empty() && after_blank,
        };
        if begins && !in_lead && range.start > start {
            found.push((BlockKind::Code, start..range.start));
            start = range.start;
        }
        in_lead = comment && begins && language != Language::Other;
        after_blank = line.is_empty();
    }
    if start < text.len() {
        found.push((BlockKind::Code, start..text.len()));
    }
    found
}

enum Class {
    Blank,
    /// A comment or attribute: goes with what follows.
    Lead,
    /// Belongs to the item that is open.
    Inner,
    Item,
}

fn class_of(line: &str, language: Language) -> Class {
    let hash_comments = matches!(language, Language::Python | Language::Ends);
    let Some(first) = line.chars().next() else {
        return Class::Blank;
    };
    if line.trim().is_empty() {
        return Class::Blank;
    }
    let lead = ["//", "/*", " *", "#[", "#!", "--"]
        .iter()
        .any(|start| line.starts_with(start))
        || (first == '@')
        || (first == '#' && hash_comments);
    let continues = [
        "else", "elif", "except", "finally", "catch", "where", "rescue", "ensure", "end",
    ]
    .iter()
    .any(|word| {
        line.strip_prefix(word)
            .is_some_and(|rest| !rest.starts_with(is_word))
    });
    match first {
        _ if lead => Class::Lead,
        ' ' | '\t' | '{' | '}' | ')' | ']' | '>' | '=' | '.' | '|' | '&' | '?' | ':' => Class::Inner,
        _ if continues => Class::Inner,
        _ => Class::Item,
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Whether a line in the first column defines something with a name.
fn is_definition(line: &str, next: &str, language: Language) -> bool {
    let mut words = line
        .split_whitespace()
        .map(|word| word.split(['(', '<', '{', ':']).next().unwrap_or(word));
    let mut word = words.next();
    while word.is_some_and(|word| MODIFIERS.contains(&word) || word.starts_with('"')) {
        word = words.next();
    }
    if word.is_some_and(|word| WORDS.contains(&word)) {
        return true;
    }
    match language {
        Language::JavaScript | Language::TypeScript => {
            let named = ["const ", "let ", "var ", "export ", "module.exports"];
            named.iter().any(|start| line.starts_with(start))
                && (line.contains("=>")
                    || line.contains("function")
                    || line.ends_with('{')
                    || line.ends_with('('))
        }
        Language::C | Language::Cpp | Language::Java | Language::Braces => {
            let opens =
                line.ends_with('{') || next.starts_with('{') || line.ends_with(',') || line.ends_with(')');
            line.contains('(') && opens && !line.contains('=') && !line.starts_with(['#', '_'])
        }
        _ => false,
    }
}

/// Whether a line says something: it is more than an attribute or the start of a comment.
fn tells(line: &str) -> bool {
    line.chars().any(char::is_alphabetic)
        && !line.starts_with("#[")
        && !line.starts_with("#!")
        && !line.starts_with('@')
}

/// What the heading of an item says, without comment signs and braces.
pub(super) fn name_of(heading: &str) -> String {
    let line = heading
        .lines()
        .map(str::trim)
        .find(|line| tells(line))
        .unwrap_or_default();
    let line = line.trim_start_matches(['/', '*', '#', '!', '-', ' ']);
    line.trim_end_matches(['{', '(', ':', ' ']).to_owned()
}
