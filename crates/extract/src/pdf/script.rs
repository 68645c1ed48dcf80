//! Exponents, indices and marks of notes: smaller numbers above or below the line that they stand on. Which they are is told by
//! place and size alone, so only what is clearly both is taken for one.

use super::words::{Rect, Word};
use crate::script::Script;

/// What is smaller than its line by this at least stands above or below it on purpose. Browsers set 0.83, word processors
/// 0.58 to 0.65, TeX 0.7.
const MAX_SIZE: f64 = 0.85;
/// How far the baseline is raised, in sizes of the line.
const RISE: std::ops::Range<f64> = 0.18..0.75;
/// How far it is lowered.
const FALL: std::ops::Range<f64> = 0.1..0.45;
/// Marks touch what they mark: gaps in sizes of the line. Behind slanted letters there is some room; blanks are wider.
const GAP: std::ops::Range<f64> = -0.3..0.18;

/// How a word follows the one before it in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Follows {
    pub script: Script,
    /// No blank stands between the two.
    pub touches: bool,
}

const APART: Follows = Follows {
    script: Script::Line,
    touches: false,
};

/// Where text of this baseline and size stands on a line of that one; both go down the page.
pub(super) fn place(line: (f64, f64), text: (f64, f64)) -> Script {
    let ((line, size), (baseline, own)) = (line, text);
    if own > MAX_SIZE * size {
        return Script::Line;
    }
    let rise = (line - baseline) / size;
    match rise {
        _ if RISE.contains(&rise) => Script::Above,
        _ if FALL.contains(&-rise) => Script::Below,
        _ => Script::Line,
    }
}

/// How each word of a line, in reading order from left to right, follows the one before it.
pub(super) fn follow(words: &[&Word]) -> Vec<Follows> {
    let mut out = Vec::with_capacity(words.len());
    // The last word that stands on the line itself, and what the one before was.
    let (mut base, mut before): (Option<&Word>, Script) = (None, Script::Line);
    for (n, word) in words.iter().enumerate() {
        let follows = match (base, n.checked_sub(1).map(|n| words[n])) {
            (Some(base), Some(last)) if touches(last.rect, word.rect, base.size) => {
                let script = place((base.baseline, base.size), (word.baseline, word.size));
                let next = words.get(n + 1);
                match (script, before) {
                    // A charge may stand behind an index.
                    (Script::Above, _)
                        if is_raised(&word.text()) && !next.is_some_and(|next| is_slash(next)) =>
                    {
                        Follows {
                            script,
                            touches: true,
                        }
                    }
                    (Script::Below, Script::Line | Script::Below)
                        if is_lowered(&word.text()) && ends_in_word(base) =>
                    {
                        Follows {
                            script,
                            touches: true,
                        }
                    }
                    // The line goes on behind the mark.
                    (Script::Line, Script::Above | Script::Below) => Follows {
                        script,
                        touches: true,
                    },
                    _ => APART,
                }
            }
            _ => APART,
        };
        before = follows.script;
        if before == Script::Line {
            base = Some(word);
        }
        out.push(follows);
    }
    out
}

fn touches(last: Rect, word: Rect, size: f64) -> bool {
    GAP.contains(&((word.x0 - last.x1) / size))
}

/// Whether this may stand above its line: an exponent, a charge, numbers of notes.
pub(super) fn is_raised(text: &str) -> bool {
    let sign = |c: char| matches!(c, '+' | '-' | '\u{2013}' | '\u{2212}');
    let number = text
        .chars()
        .all(|c| c.is_ascii_digit() || sign(c) || matches!(c, ',' | 'n' | '*'));
    (number && text.contains(|c: char| c.is_ascii_digit())) || matches!(text, "+" | "-" | "\u{2212}" | "n")
}

fn is_lowered(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_digit())
}

fn ends_in_word(word: &Word) -> bool {
    let last = word
        .letters
        .last()
        .and_then(|letter| letter.text.chars().next_back());
    last.is_some_and(|c| c.is_alphanumeric() || matches!(c, ')' | ']'))
}

/// What is raised before it is the upper half of a fraction.
fn is_slash(word: &Word) -> bool {
    let first = word.letters.first();
    first.is_some_and(|letter| letter.text.starts_with(['\u{2044}', '/', '\u{2215}']))
}
