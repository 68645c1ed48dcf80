//! What became of quoted words whose document was read again: whether they still stand in it, have changed, or are
//! gone.
//!
//! Of an earlier revision no page is kept, only what answers quoted from it. So the quote is looked for in the pages as
//! they are now: word by word first ([`Search::exactly`]), then for the stretch that has most of its words
//! ([`Search::alike`]), which is compared with the quote. White space, and where pages and lines end, do not count.

mod align;
mod words;

use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use unicode_segmentation::UnicodeSegmentation;

use crate::ports::PageText;
use crate::span::{CharIndex, CharSpan};
use crate::text;
use align::Aligned;
use words::{Vocabulary, Word, words};

/// Quotes of fewer words say too little to be found again by themselves.
const FEW_WORDS: usize = 4;
/// Share of a quote's words, by weight, that a stretch must have to be compared with it.
const LEAST_ALIKE: f32 = 0.45;

/// Words that were quoted from a page of an earlier revision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quoted {
    /// The page's number then.
    pub page: u32,
    /// Where the words began in the page's text, in characters.
    pub start: u32,
    /// The words.
    pub text: String,
    /// The passage they stood in, if it was kept: two or three words alone stand in many places.
    pub around: Option<String>,
}

/// A stretch of a page as it is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageSpan {
    /// Page number.
    pub page: u32,
    /// PageSpan in its text.
    #[serde(flatten)]
    pub span: CharSpan,
}

/// What became of quoted words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Standing {
    /// They stand there word for word.
    Stands {
        /// Where: one place, or one on each page if they run over the end of one.
        places: Vec<PageSpan>,
    },
    /// The words there now are others, but most of them the same.
    Changed {
        /// Where, as in [`Standing::Stands`].
        places: Vec<PageSpan>,
        /// The differences in order: without what was inserted they are the words quoted, without what was deleted those of today.
        pieces: Vec<Piece>,
    },
    /// Nothing there is like them.
    Gone,
}

/// A stretch of a comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// In which of the two texts it stands.
    pub kind: PieceKind,
    /// Its words, with the white space that follows them.
    pub text: String,
}

/// In which of two compared texts a stretch stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PieceKind {
    /// In both.
    Same,
    /// In the earlier one only.
    Deleted,
    /// In today's only.
    Inserted,
}

/// A quote that is looked for.
struct Sought {
    page: u32,
    start: u32,
    text: String,
    words: Vec<Word>,
    /// Nearest place where it stands word for word.
    exact: Option<Found>,
    /// The stretch most like it.
    like: Option<Candidate>,
}

struct Found {
    places: Vec<PageSpan>,
    far: (u32, u32),
}

struct Candidate {
    score: f32,
    far: (u32, u32),
    /// The stretch with what stands around it.
    words: Vec<Word>,
    sheets: Vec<Arc<Sheet>>,
}

/// A page's text that words point into.
struct Sheet {
    number: u32,
    text: String,
    index: CharIndex,
}

/// Looks for quotes in the pages of one document, which are handed over in order.
pub struct Search {
    vocabulary: Vocabulary,
    sought: Vec<Sought>,
    /// The end of the page before: what is quoted may run over it.
    words: Vec<Word>,
    sheets: Vec<Arc<Sheet>>,
}

impl Search {
    /// Begins a search for all of `quoted` at once.
    pub fn new(quoted: Vec<Quoted>) -> Self {
        let mut vocabulary = Vocabulary::default();
        let sought = quoted
            .into_iter()
            .map(|quoted| {
                let text = told_apart(&quoted).to_owned();
                Sought {
                    words: words(&text, 0, |word| vocabulary.learn(word)),
                    page: quoted.page,
                    start: quoted.start,
                    text,
                    exact: None,
                    like: None,
                }
            })
            .collect();
        Self {
            vocabulary,
            sought,
            words: Vec::new(),
            sheets: Vec::new(),
        }
    }

    /// Looks for the quotes word for word on the next page.
    pub fn exactly(&mut self, page: &PageText) {
        let fresh = self.turn(page);
        for sought in &mut self.sought {
            let len = sought.words.len();
            if len == 0 || self.words.len() < len {
                continue;
            }
            // One that ends on the page before was found there.
            for at in (fresh + 1).saturating_sub(len)..=self.words.len() - len {
                let window = &self.words[at..at + len];
                if !window.iter().zip(&sought.words).all(|(a, b)| a.exact == b.exact) {
                    continue;
                }
                let places = places(window, &self.sheets);
                let far = sought.far(&places);
                if sought.exact.as_ref().is_none_or(|found| far < found.far) {
                    sought.exact = Some(Found { places, far });
                }
            }
        }
    }

    /// Ends the first reading; whether there are quotes that call for a second one with [`Search::alike`].
    pub fn incomplete(&mut self) -> bool {
        self.words.clear();
        self.sheets.clear();
        self.sought
            .iter()
            .any(|sought| sought.exact.is_none() && !sought.words.is_empty())
    }

    /// Looks on the next page for the stretches most like the quotes that do not stand word for word.
    pub fn alike(&mut self, page: &PageText) {
        let fresh = self.turn(page);
        let letters: Vec<usize> = (0..self.words.len())
            .filter(|at| self.words[*at].letters)
            .collect();
        let first = letters.partition_point(|at| *at < fresh);
        for sought in self.sought.iter_mut().filter(|sought| sought.exact.is_none()) {
            let Some((score, window)) = sought.most_alike(&self.words, &letters, first) else {
                continue;
            };
            let far = sought.far(&places(&self.words[window.clone()], &self.sheets));
            let better = |kept: &Candidate| score > kept.score || (score == kept.score && far < kept.far);
            if score >= LEAST_ALIKE && sought.like.as_ref().is_none_or(better) {
                let margin = sought.words.len() / 2 + 30;
                let around = window.start.saturating_sub(margin)..(window.end + margin).min(self.words.len());
                sought.like = Some(Candidate {
                    score,
                    far,
                    words: self.words[around].to_vec(),
                    sheets: self.sheets.clone(),
                });
            }
        }
    }

    /// What became of each quote, in the order they were given.
    pub fn finish(self) -> Vec<Standing> {
        self.sought.into_iter().map(Sought::standing).collect()
    }

    /// Takes the next page in and lets go of what is too far back; where its own words begin.
    fn turn(&mut self, page: &PageText) -> usize {
        let longest = self
            .sought
            .iter()
            .map(|sought| sought.words.len())
            .max()
            .unwrap_or(0);
        let keep = 2 * longest + 60;
        if let Some(last) = self.sheets.last().map(|sheet| sheet.number) {
            self.words.retain(|word| word.page == last);
            self.words.drain(..self.words.len().saturating_sub(keep));
            self.sheets.retain(|sheet| sheet.number == last);
        }
        let fresh = self.words.len();
        let sheet = Arc::new(Sheet {
            number: page.number,
            text: page.text.clone(),
            index: CharIndex::new(&page.text),
        });
        let own = words(&page.text, page.number, |word| self.vocabulary.look_up(word));
        let repeated = |word: &Word| {
            let span = sheet.index.span(word.range.clone());
            page.furniture.iter().any(|furniture| furniture.overlaps(span))
        };
        self.words.extend(
            own.into_iter()
                .filter(|word| page.furniture.is_empty() || !repeated(word)),
        );
        self.sheets.push(sheet);
        fresh
    }
}

impl Sought {
    /// How far a place is from where the words stood, by pages and then by characters.
    fn far(&self, places: &[PageSpan]) -> (u32, u32) {
        places.first().map_or((u32::MAX, u32::MAX), |place| {
            (
                place.page.abs_diff(self.page),
                place.span.start.abs_diff(self.start),
            )
        })
    }

    /// Slides a window over the words at `letters` that ends at `first` or later, and returns the one with most of the quote's words, with its
    /// share of them by weight.
    fn most_alike(&self, words: &[Word], letters: &[usize], first: usize) -> Option<(f32, Range<usize>)> {
        let mut wanted: std::collections::HashMap<u32, (i32, f32)> = std::collections::HashMap::new();
        let mut whole = 0.0;
        let mut len = 0;
        for word in self.words.iter().filter(|word| word.letters) {
            wanted.entry(word.folded?).or_insert((0, word.weight)).0 += 1;
            whole += word.weight;
            len += 1;
        }
        let len = len.min(letters.len());
        if len == 0 {
            return None;
        }
        let from = (first + 1).saturating_sub(len);
        let mut have = 0.0;
        let mut best: Option<(f32, usize)> = None;
        for end in from..letters.len() {
            // A word counts as often as the quote has it.
            if let Some((missing, weight)) = words[letters[end]].folded.and_then(|id| wanted.get_mut(&id)) {
                have += if *missing > 0 { *weight } else { 0.0 };
                *missing -= 1;
            }
            if end >= from + len
                && let Some((missing, weight)) = words[letters[end - len]]
                    .folded
                    .and_then(|id| wanted.get_mut(&id))
            {
                *missing += 1;
                have -= if *missing > 0 { *weight } else { 0.0 };
            }
            if end + 1 >= from + len && best.is_none_or(|(top, _)| have > top) {
                best = Some((have, end + 1 - len));
            }
        }
        let (have, start) = best?;
        Some((have / whole, letters[start]..letters[start + len - 1] + 1))
    }

    fn standing(self) -> Standing {
        if let Some(found) = self.exact {
            return Standing::Stands { places: found.places };
        }
        let Some(candidate) = self.like else {
            return Standing::Gone;
        };
        let sheet = |page| candidate.sheets.iter().find(|sheet| sheet.number == page);
        let Some(Aligned {
            stretch,
            kept,
            pieces,
        }) = align::align(&self.text, &self.words, &candidate.words, |page| {
            sheet(page).map_or("", |sheet| sheet.text.as_str())
        })
        else {
            return Standing::Gone;
        };
        if kept < LEAST_ALIKE {
            return Standing::Gone;
        }
        let places = places(&candidate.words[stretch], &candidate.sheets);
        if pieces.iter().all(|piece| piece.kind == PieceKind::Same) {
            return Standing::Stands { places };
        }
        Standing::Changed { places, pieces }
    }
}

/// Where a row of words stands, one place a page.
fn places(words: &[Word], sheets: &[Arc<Sheet>]) -> Vec<PageSpan> {
    sheets
        .iter()
        .filter_map(|sheet| {
            let mut on = words.iter().filter(|word| word.page == sheet.number);
            let start = on.next()?;
            let end = on.next_back().unwrap_or(start);
            Some(PageSpan {
                page: sheet.number,
                span: sheet.index.span(start.range.start..end.range.end),
            })
        })
        .collect()
}

/// What a quote is looked for by: itself or, if it has too few words, the row or sentence of its passage that it stands in.
fn told_apart(quoted: &Quoted) -> &str {
    let text = quoted.text.trim();
    if text.unicode_words().count() >= FEW_WORDS {
        return text;
    }
    let Some(around) = quoted.around.as_deref() else {
        return text;
    };
    let Some(at) = around.find(text) else {
        return text;
    };
    let holds = |range: &Range<usize>| range.start <= at && at + text.len() <= range.end;
    let mut lines = around.split_inclusive('\n').scan(0, |from, line| {
        *from += line.len();
        Some(*from - line.len()..*from)
    });
    // Cells of a row are parted by bars, and a row is no sentence.
    let row = lines
        .find(holds)
        .filter(|range| around[range.clone()].contains(" | "));
    row.or_else(|| text::sentences(around).into_iter().find(holds))
        .map_or(text, |range| around[range].trim())
}

#[cfg(test)]
mod tests;
