//! How right an answer is. Exact match and token F1 are those of SQuAD (Rajpurkar et al., 2016).

use std::collections::HashMap;

/// Words as SQuAD compares them: small letters, no punctuation, no English articles.
fn normalized(text: &str) -> Vec<String> {
    let plain: String = text
        .to_lowercase()
        .chars()
        .filter(|c| !c.is_ascii_punctuation())
        .collect();
    plain
        .split_whitespace()
        .filter(|word| !matches!(*word, "a" | "an" | "the"))
        .map(ToOwned::to_owned)
        .collect()
}

/// 1 if an answer has the words of the right one in their order and no others, else 0.
pub fn exact(answer: &str, right: &str) -> f64 {
    f64::from(u8::from(normalized(answer) == normalized(right)))
}

/// The harmonic mean of the share of the answer's words that the right one has, and the other way round; 0 to 1.
pub fn token_f1(answer: &str, right: &str) -> f64 {
    let (answer, right) = (normalized(answer), normalized(right));
    let shared = shared(&answer, &right);
    if shared == 0 {
        return 0.0;
    }
    let (precision, recall) = (
        shared as f64 / answer.len() as f64,
        shared as f64 / right.len() as f64,
    );
    2.0 * precision * recall / (precision + recall)
}

/// Whether an answer has every word of the right one, in any order.
pub fn has_words(answer: &str, right: &str) -> bool {
    let (answer, right) = (normalized(answer), normalized(right));
    shared(&answer, &right) == right.len()
}

/// Whether the words of `right` stand in the answer, one behind the other.
pub fn says(answer: &str, right: &str) -> bool {
    let words = |text| {
        let mut words = normalized(text);
        for word in &mut words {
            *word = word.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
        }
        words.retain(|word| !word.is_empty());
        words
    };
    let (answer, right) = (words(answer), words(right));
    !right.is_empty() && answer.windows(right.len()).any(|window| window == right)
}

/// Words that both have, each as often as both do.
fn shared(answer: &[String], right: &[String]) -> usize {
    let mut left: HashMap<&str, usize> = HashMap::new();
    for word in right {
        *left.entry(word).or_default() += 1;
    }
    let mut shared = 0;
    for word in answer {
        if let Some(count) = left.get_mut(word.as_str()).filter(|count| **count > 0) {
            *count -= 1;
            shared += 1;
        }
    }
    shared
}

/// Whether a text of a page is a part of a paragraph, or has a part of it: the one holds the other, or a sentence of
/// it. A passage may hold a paragraph, begin in it or end in it; a quote lies in it.
pub fn touches(paragraph: &str, text: &str) -> bool {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (paragraph, text) = (words(paragraph), words(text));
    paragraph.contains(&text)
        || text.contains(&paragraph)
        || crate::text::sentences(&text)
            .into_iter()
            .any(|sentence| sentence.len() > 20 && paragraph.contains(&text[sentence]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_compared_as_squad_does() {
        assert_eq!(exact("The soft-power.", "a softpower"), 1.0);
        assert_eq!(exact("soft power", "power"), 0.0);
        // Two of three words shared, both of the right answer's.
        assert!((token_f1("the great soft power", "soft power") - 0.8).abs() < 1e-12);
        assert_eq!(token_f1("", "soft power"), 0.0);
        assert_eq!(token_f1("soft soft", "soft power"), 0.5);
    }

    #[test]
    fn a_short_right_answer_may_stand_in_a_long_one() {
        assert!(says("It must be cleaned every 14 days, with vinegar.", "14 days"));
        assert!(!says("It must be cleaned every 12 days.", "14 days"));
    }

    #[test]
    fn a_right_answer_is_found_in_a_sentence_and_not_in_a_longer_number() {
        assert!(says("The rent is 3,480 pounds a month.", "3,480"));
        assert!(says("In dem „Metallschrank“ neben der Tür", "Metallschrank"));
        assert!(!says("The rent is 13,480 pounds a month.", "3,480"));
        assert!(!says("four and then hours", "four hours"));
        assert!(!says("anything", ""));
    }
}
