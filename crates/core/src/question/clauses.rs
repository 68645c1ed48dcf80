//! Questions that are several: "What is the deposit, and how long is the notice period?" Each is searched for by itself
//! beside the whole, since the best passages of the whole may all be about one of them.

use std::sync::LazyLock;

use regex::Regex;

use super::{has_subject, points_back};
use crate::text::compile;

/// Questions that one is parted into, at most.
const MOST: usize = 3;

/// Where another question begins: behind a question mark, or at an "and" with a word that asks.
static SEAM: LazyLock<Regex> = LazyLock::new(|| {
    compile(
        r"(?P<mark>[?]\s+(?:and\s+|und\s+)?)|(?P<and>[,;]?\s+(?:and|und|sowie|as well as)\s+)(?:(?:at|by|for|in|on|to|until|since|from|with|of|bis|ab|für|von|an|in|mit|zu|seit|aus)\s+)?(?:what|when|who|whom|whose|where|why|how|which|was|wann|wer|wem|wen|wessen|wo|woher|wohin|warum|weshalb|wieso|wie|wieviel|welche[rsnm]?|womit|wodurch|worüber)\b",
    )
});

/// The questions that `question` is made of, each as it stands there; none if it is one, or if one of them leans on
/// another ("... and when is it due?"), for which only the whole can be searched.
pub fn sub_questions(question: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut from = 0;
    for captures in SEAM.captures_iter(question) {
        let Some(seam) = captures.name("mark").or_else(|| captures.name("and")) else {
            continue;
        };
        parts.push(&question[from..seam.start()]);
        from = seam.end();
    }
    parts.push(&question[from..]);
    let bare = |part: &str| {
        let bare = part.trim_matches(|c: char| c.is_whitespace() || ",;?.!".contains(c));
        bare.to_owned()
    };
    let parts: Vec<String> = parts
        .into_iter()
        .map(bare)
        .filter(|part| !part.is_empty())
        .collect();
    let alone = |part: &String| has_subject(part) && !points_back(part);
    let several = (2..=MOST).contains(&parts.len()) && parts.iter().all(alone);
    if several { parts } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_in_one_are_parted() {
        for (question, parts) in [
            (
                "What is the deposit, and how long is the notice period?",
                ["What is the deposit", "how long is the notice period"],
            ),
            (
                "Who owns the boathouse? And who leads the yard?",
                ["Who owns the boathouse", "who leads the yard"],
            ),
            (
                "Wie hoch ist die Kaution und bis wann muss der Mieter ausziehen?",
                ["Wie hoch ist die Kaution", "bis wann muss der Mieter ausziehen"],
            ),
            (
                "List the fees and which days are free",
                ["List the fees", "which days are free"],
            ),
        ] {
            assert_eq!(sub_questions(question), parts, "{question}");
        }
        assert_eq!(
            sub_questions("Who owns the lamp? Who cleans the tower? Where does the keeper live?").len(),
            3
        );
    }

    #[test]
    fn one_question_stays_one() {
        for question in [
            "What is the deposit?",
            "What is the deposit and when is it due?",
            "Which fees and taxes are due?",
            "Wie hoch sind Miete und Kaution?",
            "What do A and B say about whales and how they live?",
            "Who are you and what?",
            "",
            "???",
            "Who owns a? Who owns bread? Who owns cars? Who owns dogs?",
        ] {
            assert_eq!(sub_questions(question), [""; 0], "{question}");
        }
    }
}
