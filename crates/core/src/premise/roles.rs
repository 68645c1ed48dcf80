//! Who does what to whom: "When did A defeat B?" is not answered by "B defeated A", nor by "A was defeated".

use unicode_segmentation::UnicodeSegmentation;

use crate::text::{Term, content_terms};

/// A question's doer, deed and object, at every place where they may stand: without a grammar, all are tried, and one
/// counts if the source has exactly these words in another order.
pub(super) struct Roles(Vec<[Term; 3]>);

const ARTICLES: &[&str] = &["the", "a", "an", "his", "her", "its", "their"];
const BE: &[&str] = &["is", "are", "was", "were", "be", "been", "being"];

impl Roles {
    /// Reads a question with "did", "does" or "do": what stands behind is in the active voice.
    pub(super) fn of(question: &str) -> Self {
        let words: Vec<String> = question.unicode_words().map(str::to_lowercase).collect();
        let helper = |word: &String| matches!(word.as_str(), "did" | "does" | "do");
        let Some(at) = words.iter().position(helper) else {
            return Self(Vec::new());
        };
        // Anything but an article between two words means that they are no doer and deed, or deed and object.
        let behind = words[at + 1..]
            .iter()
            .filter(|word| !ARTICLES.contains(&word.as_str()));
        let terms: Vec<Option<Term>> = behind
            .map(|word| content_terms(word).into_iter().next())
            .collect();
        let three = |three: &[Option<Term>]| match three {
            [Some(doer), Some(deed), Some(object)]
                if ![doer, deed, object].iter().any(|term| term.is_number()) =>
            {
                Some([doer.clone(), deed.clone(), object.clone()])
            }
            _ => None,
        };
        Self(terms.windows(3).filter_map(three).collect())
    }

    /// Whether `carrier` has another doer for the same deed.
    pub(super) fn are_reversed_in(&self, carrier: &str) -> bool {
        let words: Vec<(String, Option<Term>)> = carrier
            .unicode_words()
            .map(|word| (word.to_lowercase(), content_terms(word).into_iter().next()))
            .collect();
        self.0.iter().any(|[doer, deed, object]| {
            let is = |n: usize, term: &Term| words[n].1.as_ref() == Some(term);
            let noun = |n: usize| n > 0 && ARTICLES.contains(&words[n - 1].0.as_str());
            let places = (0..words.len()).filter(|n| is(*n, deed) && !noun(*n));
            places.into_iter().any(|n| {
                let by = |to: usize| words[n..to].iter().any(|(word, _)| word == "by");
                let passive = n >= 2 && BE.contains(&words[n - 1].0.as_str()) && is(n - 2, doer);
                let suffers = (n + 1..words.len().min(n + 4))
                    .find(|m| is(*m, object))
                    .is_some_and(|object| {
                        let later = (object + 1..words.len()).find(|m| is(*m, doer));
                        !(0..n).any(|m| is(m, doer)) && later.is_some_and(|doer| !by(doer))
                    });
                passive || suffers
            })
        })
    }
}
