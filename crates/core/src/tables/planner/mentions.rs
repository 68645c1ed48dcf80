//! Columns and values that a question names.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use super::Asked;
use crate::tables::Value;
use crate::tables::words::{Word, beginning, words};

/// A function word is no longer than this; as a header it would be found in any question.
const SHORT: usize = 4;

/// A column that is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub at: Range<usize>,
    pub column: usize,
}

/// Values by the first word, the end and the column of where they stand, and whether each is written just so.
type Found = BTreeMap<(usize, usize, usize), Vec<(bool, Value)>>;

/// Values of a column that are named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub at: Range<usize>,
    pub column: usize,
    /// All that read alike.
    pub values: Vec<Value>,
}

impl Asked<'_> {
    /// The words of a header, without what stands in brackets.
    pub(super) fn header_words(&self, column: usize) -> Vec<Word> {
        let name = &self.column(column).name;
        let bare = name.split(['(', '[']).next().unwrap_or(name);
        words(if bare.trim().is_empty() { name } else { bare }, self.language)
    }

    /// The only column with this folded name or a form of it.
    pub(super) fn column_named(&self, folded: &str) -> Option<usize> {
        let wanted = words(folded, self.language);
        let same = |column: &usize| stems(&self.header_words(*column)) == stems(&wanted);
        let mut columns = (0..self.table.columns.len()).filter(same);
        let first = columns.next()?;
        columns.next().is_none().then_some(first)
    }

    /// Whole headers among the words that are not used yet, the longest first.
    pub(super) fn headers(&self, used: &mut [bool]) -> Vec<Header> {
        let mut found: Vec<Header> = Vec::new();
        for column in 0..self.table.columns.len() {
            let words = self.header_words(column);
            let header = stems(&words);
            if header.is_empty() {
                continue;
            }
            for start in 0..(self.words.len() + 1).saturating_sub(header.len()) {
                let at = start..start + header.len();
                let own = &self.words[at.clone()];
                let function =
                    own.len() == 1 && own[0].folded.len() <= SHORT && self.wording.is_neutral(&own[0]);
                if stems(own) == header && !function {
                    found.push(Header { at, column });
                }
            }
        }
        found.sort_by_key(|header| std::cmp::Reverse(header.at.len()));
        found.retain(|header| {
            let free = !used[header.at.clone()].iter().any(|used| *used);
            if free {
                used[header.at.clone()].fill(true);
            }
            free
        });
        found
    }

    /// Words that stand in one header alone. None if one stands in several: it is not clear which is meant.
    pub(super) fn parts_of_headers(&self, used: &mut [bool]) -> Option<Vec<Header>> {
        let all: Vec<Vec<Word>> = (0..self.table.columns.len())
            .map(|column| self.header_words(column))
            .collect();
        let mut found: Vec<Header> = Vec::new();
        for (at, word) in self.words.iter().enumerate() {
            if used[at]
                || self.wording.is_neutral(word)
                || word.text.starts_with(|c: char| c.is_ascii_digit())
            {
                continue;
            }
            let having = |column: &usize| all[*column].iter().any(|part| part.stem == word.stem);
            let columns: Vec<usize> = (0..all.len()).filter(having).collect();
            match columns.as_slice() {
                [] => {}
                [column] => {
                    used[at] = true;
                    match found
                        .last_mut()
                        .filter(|last| last.column == *column && last.at.end == at)
                    {
                        Some(last) => last.at.end += 1,
                        None => found.push(Header {
                            at: at..at + 1,
                            column: *column,
                        }),
                    }
                }
                _ => return None,
            }
        }
        Some(found)
    }

    /// Whole values among the words that are not used yet, the longest first. None if one stands in several columns
    /// and no header says which.
    pub(super) fn value_mentions(&self, headers: &[Header], used: &mut [bool]) -> Option<Vec<Named>> {
        let mut found = Found::new();
        let beginnings: HashSet<String> = self.words.iter().map(|word| beginning(&word.folded)).collect();
        for (column, values) in self.table.columns.iter().enumerate() {
            let like = values.texts().filter(|(start, _)| beginnings.contains(*start));
            for text in like.flat_map(|(_, texts)| texts) {
                self.mentions_of(column, text, headers, used, &mut found);
            }
        }
        let mut mentions: Vec<Named> = found
            .into_iter()
            .map(|((start, end, column), values)| {
                let exact = values.iter().any(|(exact, _)| *exact);
                let values = values.into_iter().filter(|(same, _)| *same || !exact);
                Named {
                    at: start..end,
                    column,
                    values: values.map(|(_, value)| value).collect(),
                }
            })
            .collect();
        mentions.sort_by_key(|mention| std::cmp::Reverse(mention.at.len()));
        let mut chosen: Vec<Named> = Vec::new();
        for mention in &mentions {
            if used[mention.at.clone()].iter().any(|used| *used) {
                continue;
            }
            let same: Vec<&Named> = mentions.iter().filter(|other| other.at == mention.at).collect();
            let said = |other: &&Named| {
                headers
                    .iter()
                    .any(|header| header.column == other.column && self.joined(&header.at, &other.at))
            };
            let only = match same.as_slice() {
                [only] => *only,
                several => {
                    let mut named = several.iter().filter(|other| said(other));
                    let first = named.next()?;
                    if named.next().is_some() {
                        return None;
                    }
                    first
                }
            };
            // "paid" may be a state, or belong to "Paid on".
            if only.at.len() == 1
                && self.in_other_header(&self.words[only.at.start], only.column)
                && !said(&only)
            {
                return None;
            }
            used[only.at.clone()].fill(true);
            chosen.push(only.clone());
        }
        chosen.sort_by_key(|mention| mention.at.start);
        Some(chosen)
    }

    fn in_other_header(&self, word: &Word, column: usize) -> bool {
        let mut others = (0..self.table.columns.len()).filter(|other| *other != column);
        others.any(|other| self.header_words(other).iter().any(|part| part.stem == word.stem))
    }

    fn mentions_of(
        &self,
        column: usize,
        text: &Arc<str>,
        headers: &[Header],
        used: &[bool],
        found: &mut Found,
    ) {
        let wanted = words(text, self.language);
        for start in 0..(self.words.len() + 1).saturating_sub(wanted.len()) {
            let at = start..start + wanted.len();
            let own = &self.words[at.clone()];
            if wanted.is_empty() || used[at.clone()].iter().any(|used| *used) || stems(own) != stems(&wanted)
            {
                continue;
            }
            // "a" is a value only if it is written as the cell is, or its column is named with it.
            if own.len() == 1 && self.wording.is_neutral(&own[0]) {
                let said = headers
                    .iter()
                    .any(|header| header.column == column && self.joined(&header.at, &at));
                let written =
                    start > 0 && *own[0].text == **text && own[0].text.starts_with(char::is_uppercase);
                if !said && !written {
                    continue;
                }
            }
            let exact = own
                .iter()
                .zip(&wanted)
                .all(|(own, wanted)| own.folded == wanted.folded);
            let values = found.entry((at.start, at.end, column)).or_default();
            values.push((exact, Value::Text(Arc::clone(text))));
        }
    }

    /// Whether nothing but words that say nothing stands between two places.
    pub(super) fn joined(&self, first: &Range<usize>, second: &Range<usize>) -> bool {
        let (before, behind) = if first.start <= second.start {
            (first, second)
        } else {
            (second, first)
        };
        before.end <= behind.start
            && self.words[before.end..behind.start]
                .iter()
                .all(|word| self.wording.is_neutral(word))
    }
}

pub(super) fn stems(words: &[Word]) -> Vec<&str> {
    words.iter().map(|word| word.stem.as_str()).collect()
}
