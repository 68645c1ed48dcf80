//! Texts as rows of numbered words.

use std::collections::HashMap;
use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use crate::text::is_stop_word;

/// A word or a mark of punctuation of a text.
#[derive(Clone, Debug)]
pub(super) struct Word {
    /// The page it stands on; 0 in a quote.
    pub page: u32,
    /// Its bytes in the text.
    pub range: Range<usize>,
    /// Its number as it is written; none if no quote has it.
    pub exact: Option<u32>,
    /// Its number whatever its case.
    pub folded: Option<u32>,
    /// Whether it has a letter or digit.
    pub letters: bool,
    /// How much it says.
    pub weight: f32,
}

/// Numbers for the words of quotes.
#[derive(Default)]
pub(super) struct Vocabulary {
    exact: HashMap<String, u32>,
    folded: HashMap<String, u32>,
}

/// What a vocabulary knows of a word.
pub(super) struct Known {
    exact: Option<u32>,
    folded: Option<u32>,
    weight: f32,
}

impl Vocabulary {
    /// Gives a word its numbers.
    pub fn learn(&mut self, word: &str) -> Known {
        let folded = word.to_lowercase();
        let next = self.exact.len() as u32;
        let exact = *self.exact.entry(word.to_owned()).or_insert(next);
        let weight = weight(&folded);
        let next = self.folded.len() as u32;
        Known {
            exact: Some(exact),
            folded: Some(*self.folded.entry(folded).or_insert(next)),
            weight,
        }
    }

    /// The numbers of a word of a page.
    pub fn look_up(&self, word: &str) -> Known {
        let folded = word.to_lowercase();
        Known {
            exact: self.exact.get(word).copied(),
            weight: weight(&folded),
            folded: self.folded.get(&folded).copied(),
        }
    }
}

/// Everything of `text` but white space, in order.
pub(super) fn words(text: &str, page: u32, mut know: impl FnMut(&str) -> Known) -> Vec<Word> {
    text.split_word_bound_indices()
        .filter(|(_, word)| !word.trim().is_empty())
        .map(|(at, word)| {
            let Known {
                exact,
                folded,
                weight,
            } = know(word);
            Word {
                page,
                range: at..at + word.len(),
                exact,
                folded,
                letters: word.chars().any(char::is_alphanumeric),
                weight,
            }
        })
        .collect()
}

/// What stands in most sentences tells little of which one it is; of a row, its name tells more than its figures.
fn weight(folded: &str) -> f32 {
    if !folded.chars().any(char::is_alphanumeric) {
        0.1
    } else if is_stop_word(folded) {
        0.2
    } else if folded.starts_with(|c: char| c.is_numeric()) {
        0.6
    } else {
        1.0
    }
}
