//! What leaves Footnote, masked by rules and, where there is one, by a model.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;

use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::{Found, Kind, covered, find};
use crate::error::{Error, Result};
use crate::ports::PersonFinder;
use crate::types::{Conversation, Turn};

/// Masks what is exported.
#[derive(Clone, Default)]
pub struct Masker {
    finder: Option<Arc<dyn PersonFinder>>,
}

impl Masker {
    /// By rules, and by `finder`, if there is one.
    pub fn new(finder: Option<Arc<dyn PersonFinder>>) -> Self {
        Self { finder }
    }

    /// A conversation as it is exported, with its title and all texts of its turns masked. Ids, places and scores stay,
    /// so places are those of the pages and not of the masked quotes. Blocks; a model takes some 0.1 s a page of text.
    ///
    /// # Errors
    /// A turn that cannot be written and read back, a model that cannot be loaded or run, or
    /// [`ErrorCode::Canceled`](crate::ErrorCode::Canceled).
    pub fn conversation(
        &self,
        mut conversation: Conversation,
        turns: &[Turn],
        cancel: &CancellationToken,
    ) -> Result<(Conversation, Vec<Turn>)> {
        let broken = |e: serde_json::Error| Error::bug(format!("the conversation cannot be masked: {e}"));
        let mut value = serde_json::to_value(turns).map_err(broken)?;
        let people = match &self.finder {
            None => People::default(),
            Some(finder) => {
                let mut texts = BTreeSet::from([conversation.title.clone()]);
                each_text(&mut value, "", &mut |_, text| {
                    texts.insert(text.clone());
                });
                People::in_texts(&texts, finder.as_ref(), cancel)?
            }
        };
        each_text(&mut value, "", &mut |field, text| {
            if let Cow::Owned(masked) = people.masked(field, text) {
                *text = masked;
            }
        });
        conversation.title = people.masked("title", &conversation.title).into_owned();
        Ok((conversation, serde_json::from_value(value).map_err(broken)?))
    }
}

/// Fields with words of people or documents; all others are ids, names of models, numbers.
const TEXTS: &[&str] = &[
    "question",
    "answer",
    "text",
    "quote",
    "title",
    "query",
    "prompt_text",
    "headings",
    "path",
    "sql",
    "label",
    TERMS,
    "note",
    "filters",
    "advice",
    "phrase",
    "excluded",
];
/// Single words in the form in which they are searched.
const TERMS: &str = "terms";

/// Visits the texts below a value that stands in the field `field`.
fn each_text(value: &mut Value, field: &str, visit: &mut dyn FnMut(&str, &mut String)) {
    match value {
        Value::String(text) if TEXTS.contains(&field) => visit(field, text),
        Value::Array(values) => {
            for value in values {
                each_text(value, field, visit);
            }
        }
        Value::Object(fields) => {
            for (key, value) in fields {
                each_text(value, key, visit);
            }
        }
        _ => {}
    }
}

/// What a model found in all texts of an export.
#[derive(Default)]
struct People {
    found: HashMap<String, Vec<Found>>,
    /// Names as they stood somewhere, longest first: what is a name in one text is one in the others, too, where a model may
    /// not have recognised it.
    names: Vec<String>,
    /// Their words in small letters.
    words: BTreeSet<String>,
}

/// Shorter ones are as likely initials and abbreviations of something else.
const SHORTEST_NAME: usize = 4;

impl People {
    fn in_texts(
        texts: &BTreeSet<String>,
        finder: &dyn PersonFinder,
        cancel: &CancellationToken,
    ) -> Result<Self> {
        let mut people = Self::default();
        let mut names = BTreeSet::new();
        for text in texts {
            let found = finder.find(text, cancel)?;
            for name in found.iter().filter(|found| found.kind == Kind::Name) {
                let name = &text[name.range.clone()];
                let parts = name.split(|c: char| !c.is_alphanumeric() && c != '\'');
                let parts = parts.filter(|part| part.starts_with(char::is_uppercase));
                for part in std::iter::once(name).chain(parts) {
                    if part.chars().count() >= SHORTEST_NAME {
                        names.insert(part.to_owned());
                        people.words.insert(part.to_lowercase());
                    }
                }
            }
            if !found.is_empty() {
                people.found.insert(text.clone(), found);
            }
        }
        people.names = names.into_iter().collect();
        people.names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        Ok(people)
    }

    fn masked<'t>(&self, field: &str, text: &'t str) -> Cow<'t, str> {
        if field == TERMS && self.words.contains(text) {
            return Cow::Owned(Kind::Name.mask().into());
        }
        let mut found = find(text);
        if let Some(people) = self.found.get(text) {
            found.extend(people.iter().cloned());
        }
        for name in &self.names {
            found.extend(whole_words(text, name).map(|range| Found {
                kind: Kind::Name,
                range,
            }));
        }
        covered(text, &apart(found))
    }
}

/// Where `word` stands in `text` and is not a part of a longer one.
fn whole_words<'t>(text: &'t str, word: &'t str) -> impl Iterator<Item = Range<usize>> + 't {
    text.match_indices(word).filter_map(move |(start, found)| {
        let range = start..start + found.len();
        let goes_on = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let inside = goes_on(text[..start].chars().next_back()) || goes_on(text[range.end..].chars().next());
        (!inside).then_some(range)
    })
}

/// In order and without overlaps: what overlaps becomes one, of the kind that came first in `found`.
fn apart(found: Vec<Found>) -> Vec<Found> {
    let mut ranked: Vec<(usize, Found)> = found.into_iter().enumerate().collect();
    ranked.sort_by_key(|(rank, found)| (found.range.start, *rank));
    let mut apart: Vec<(usize, Found)> = Vec::new();
    for (rank, next) in ranked {
        match apart.last_mut() {
            Some((first, last)) if next.range.start < last.range.end => {
                last.range.end = last.range.end.max(next.range.end);
                if rank < *first {
                    *first = rank;
                    last.kind = next.kind;
                }
            }
            _ => apart.push((rank, next)),
        }
    }
    apart.into_iter().map(|(_, found)| found).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Knows two names and a street, but not everywhere.
    struct Knows;

    impl PersonFinder for Knows {
        fn id(&self) -> String {
            "knows".into()
        }

        fn find(&self, text: &str, _cancel: &CancellationToken) -> Result<Vec<Found>> {
            let known = [("Ruth Amsel", Kind::Name), ("12 Baker Street", Kind::Address)];
            let found = known.into_iter().filter_map(|(words, kind)| {
                let start = text.find(words)?;
                let range = start..start + words.len();
                Some(Found { kind, range })
            });
            Ok(found.collect())
        }
    }

    fn people(texts: &[&str]) -> People {
        let texts = texts.iter().map(|text| (*text).to_owned()).collect();
        People::in_texts(&texts, &Knows, &CancellationToken::new()).expect("found")
    }

    #[test]
    fn a_name_that_was_found_once_is_masked_everywhere() {
        let found = "It was signed by Ruth Amsel of 12 Baker Street (ruth@x.org).";
        let missed = "Ms Amsel paid; RUTH did not. Amsels and Amsel.";
        let people = people(&[found, missed]);
        assert_eq!(
            people.masked("answer", found),
            "It was signed by [name] of [address] ([e-mail])."
        );
        assert_eq!(
            people.masked("quote", missed),
            "Ms [name] paid; RUTH did not. Amsels and [name]."
        );
        assert_eq!(people.masked(TERMS, "amsel"), "[name]");
        assert_eq!(people.masked(TERMS, "baker"), "baker");
    }

    #[test]
    fn what_overlaps_becomes_one_of_the_surer_kind() {
        let of = |kind, range| Found { kind, range };
        let found = vec![
            of(Kind::Phone, 10..20),
            of(Kind::Address, 5..12),
            of(Kind::Name, 30..35),
        ];
        assert_eq!(apart(found), [of(Kind::Phone, 5..20), of(Kind::Name, 30..35)]);
    }

    #[test]
    fn without_a_model_only_rules_mask() {
        let people = People::default();
        assert_eq!(
            people.masked("answer", "Ruth Amsel, ruth@x.org"),
            "Ruth Amsel, [e-mail]"
        );
    }
}
