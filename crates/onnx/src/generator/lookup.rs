//! Prompt lookup: proposing the next tokens from the prompt and the text so far, and when that pays.
//!
//! After Saxena, "Prompt Lookup Decoding" (2023): an answer over documents copies from them, so what
//! followed the last few tokens where they stood before often follows again. The proposed tokens are
//! computed together with the last token, in one step that costs little more than a step for one.
//!
//! # Why the text does not depend on it
//!
//! With Footnote's own operators a row of logits has the same bits whatever is computed beside it, so a proposal that
//! turns out right is simply kept. ONNX Runtime's kernels for one row round differently from those for several, so a step
//! for one token and a step for two may disagree where two continuations are nearly equally likely (logits
//! differ by up to 0.4 in the exact profile and 0.6 in the fast one; the likeliest token is another at 1 and
//! at 8 of 300 positions). Steps with an even number of rows agree with each other to the bit, whatever the
//! number and wherever they begin. So with those operators [`Lookup::step`] decides which of the two kernels computes a
//! position from the tokens before it and from nothing else: not from what was proposed in steps before, and not from
//! time. With all proposals withheld the same positions are computed in pairs with padding, and the text is the same.
//!
//! Which of the two holds ([`Agreement`]) is tried when a model is loaded, and where neither does nothing is proposed.

/// Longest match that counts.
const LONGEST: usize = 16;
/// Rows of the largest step.
const MOST_ROWS: usize = 8;
/// How much of a class's hit rate the last outcome decides.
const WEIGHT: f64 = 0.12;
/// Expected tokens per cost of a step of several rows below which single steps are taken.
const WORTH: f64 = 1.05;
/// Hit rates before anything was seen, by class of match length: see [`class`].
const PRIORS: [f64; 5] = [0.25, 0.45, 0.6, 0.75, 0.85];

/// Which steps give a row of logits the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Agreement {
    /// None that could be relied on: nothing is proposed.
    None,
    /// Those with an even number of rows.
    Even,
    /// All.
    All,
}

impl Agreement {
    /// What a step of several rows costs, in steps of one row. Measured on two cores with AVX512-VNNI, as the mean
    /// of a model of 0.5 and one of 1.5 billion weights: 1.2, 1.7, 2.1, 2.5 for 2, 4, 6, 8 rows of ONNX Runtime's
    /// operators and 1.0, 1.2, 1.5, 1.8 of our own.
    fn cost(self, rows: usize) -> f64 {
        let (base, row) = match self {
            Self::All => (0.65, 0.15),
            _ => (0.8, 0.21),
        };
        base + row * rows as f64
    }

    fn takes(self, rows: usize) -> bool {
        match self {
            Self::None => false,
            Self::Even => rows.is_multiple_of(2),
            Self::All => true,
        }
    }
}

/// How the next position is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Alone, by the kernels for one row.
    Single,
    /// By the kernels for several rows; this many pay best.
    Together(usize),
}

/// Where the last tokens stood before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Match {
    /// Index of the token that followed.
    next: usize,
    /// How many tokens agree.
    length: usize,
}

/// The sequence, and how well guesses from it have done.
pub(crate) struct Lookup {
    tokens: Vec<u32>,
    found: Option<Match>,
    rates: [f64; PRIORS.len()],
}

impl Lookup {
    pub(crate) fn new(prompt: &[u32]) -> Self {
        let mut lookup = Self {
            tokens: prompt.to_vec(),
            found: None,
            rates: PRIORS,
        };
        lookup.found = lookup.find();
        lookup
    }

    /// Appends the token that was chosen.
    pub(crate) fn push(&mut self, token: u32) {
        if let Some(found) = self.found {
            let hit = f64::from(u8::from(self.tokens[found.next] == token));
            let rate = &mut self.rates[class(found.length)];
            *rate += WEIGHT * (hit - *rate);
        }
        self.tokens.push(token);
        self.found = self.find();
    }

    /// How to compute what follows the last token; depends on the tokens alone.
    pub(crate) fn step(&self, agreement: Agreement) -> Step {
        let Some(found) = self.found else {
            return Step::Single;
        };
        let (mut best, mut best_gain) = (Step::Single, WORTH);
        let (mut reached, mut expected) = (1.0, 1.0);
        for rows in 2..=MOST_ROWS {
            reached *= self.rates[class(found.length + rows - 2)];
            expected += reached;
            let gain = expected / agreement.cost(rows);
            if agreement.takes(rows) && gain > best_gain {
                (best, best_gain) = (Step::Together(rows), gain);
            }
        }
        best
    }

    /// The `count` likeliest next tokens, in order; empty without a match.
    pub(crate) fn propose(&self, count: usize) -> Vec<u32> {
        let Some(found) = self.found else {
            return Vec::new();
        };
        let mut proposed = Vec::with_capacity(count);
        for at in 0..count {
            // A match that reaches the end goes on with what is being proposed: the text repeats itself.
            let from = found.next + at;
            let token = self.tokens.get(from);
            proposed.push(
                token
                    .copied()
                    .unwrap_or_else(|| proposed[from - self.tokens.len()]),
            );
        }
        proposed
    }

    /// The longest earlier match of the last tokens; the latest of equals.
    fn find(&self) -> Option<Match> {
        let last = self.tokens.last()?;
        let mut best: Option<Match> = None;
        // A few thousand comparisons: microseconds beside a step's milliseconds.
        for next in (1..self.tokens.len()).rev() {
            if self.tokens[next - 1] != *last {
                continue;
            }
            let (earlier, now) = (self.tokens[..next].iter().rev(), self.tokens.iter().rev());
            let length = earlier.zip(now).take(LONGEST).take_while(|(a, b)| a == b).count();
            if best.is_none_or(|best| length > best.length) {
                best = Some(Match { next, length });
                if length == LONGEST {
                    break;
                }
            }
        }
        best
    }
}

/// The class of a match's length: 1, 2, 3, 4 to 7, 8 and more.
fn class(length: usize) -> usize {
    match length {
        0 | 1 => 0,
        2 => 1,
        3 => 2,
        4..=7 => 3,
        _ => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_match_is_continued_the_latest_of_equals() {
        let lookup = Lookup::new(&[1, 2, 3, 9, 2, 3, 4, 5, 6, 1, 2, 3]);
        assert_eq!(lookup.propose(3), [9, 2, 3], "three tokens agree");
        assert_eq!(
            Lookup::new(&[2, 7, 5, 2, 8, 5, 2]).propose(2),
            [8, 5],
            "the latest"
        );
        assert!(Lookup::new(&[1, 2, 3]).propose(4).is_empty());
        assert!(Lookup::new(&[]).propose(4).is_empty());
    }

    #[test]
    fn a_repeating_text_is_continued_beyond_its_end() {
        assert_eq!(Lookup::new(&[1, 2, 1, 2]).propose(5), [1, 2, 1, 2, 1]);
        assert_eq!(Lookup::new(&[7, 7]).propose(3), [7, 7, 7]);
    }

    #[test]
    fn copying_takes_many_rows_and_novel_text_takes_one() {
        let passage: Vec<u32> = (100..160).collect();
        let mut lookup = Lookup::new(&passage);
        assert_eq!(lookup.step(Agreement::Even), Step::Single, "nothing stood before");
        for token in 120..140 {
            lookup.push(token);
        }
        assert_eq!(lookup.step(Agreement::Even), Step::Together(MOST_ROWS));
        // Every token stood before, and none is followed as it was.
        let mut lookup = Lookup::new(&passage);
        for at in 0..40 {
            lookup.push(100 + at * 7 % 60);
        }
        assert_eq!(lookup.step(Agreement::Even), Step::Single);
        // The guesses come right again without a single one having been computed.
        for token in 100..130 {
            lookup.push(token);
        }
        assert!(matches!(lookup.step(Agreement::Even), Step::Together(_)));
        assert_eq!(Lookup::new(&[1, 2]).step(Agreement::Even), Step::Single);
        assert_eq!(lookup.step(Agreement::None), Step::Single);
    }

    #[test]
    fn steps_depend_on_the_tokens_alone() {
        let tokens: Vec<u32> = (0..300).map(|at| at * at % 17).collect();
        let run = |ask: bool| -> Vec<Step> {
            let mut lookup = Lookup::new(&tokens[..50]);
            tokens[50..]
                .iter()
                .map(|token| {
                    if ask {
                        lookup.propose(7);
                    }
                    lookup.push(*token);
                    lookup.step(Agreement::Even)
                })
                .collect()
        };
        assert_eq!(run(true), run(false));
    }
}
