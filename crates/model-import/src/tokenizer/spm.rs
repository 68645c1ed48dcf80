//! SentencePiece vocabularies (`tokenizer.ggml.model = llama`) as merge lists.
//!
//! SentencePiece's BPE joins the two neighbours whose union has the highest score, the leftmost at a tie.
//! That is byte-pair encoding with one merge for every way to cut a token into two tokens, ranked by the
//! token's score. (The same derivation as in transformers' `SentencePieceExtractor`.)

use std::collections::HashMap;

use serde_json::{Value as Json, json};

/// The mark SentencePiece puts for a space (U+2581).
const SPACE: &str = "\u{2581}";

/// Bytes of the longest token taken; merging looks at every way to cut one.
pub(super) const LONGEST: usize = 1024;

/// All merges in order of rank. `pieces` are the tokens text may be made of, with id and score.
pub(super) fn merges<'a>(pieces: &[(&'a str, u32, f32)]) -> Vec<(&'a str, &'a str)> {
    let ids: HashMap<&str, u32> = pieces.iter().map(|(text, id, _)| (*text, *id)).collect();
    let mut ranked = Vec::new();
    for (text, _, score) in pieces {
        for (at, _) in text.char_indices().skip(1) {
            let (left, right) = text.split_at(at);
            if let (Some(left_id), Some(right_id)) = (ids.get(left), ids.get(right)) {
                ranked.push((*score, *left_id, *right_id, left, right));
            }
        }
    }
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    ranked
        .into_iter()
        .map(|(_, _, _, left, right)| (left, right))
        .collect()
}

/// Normalizer that marks spaces, with one in front of the text where the model was trained so.
pub(super) fn normalizer(space_prefix: bool) -> Json {
    let replace = json!({"type": "Replace", "pattern": {"String": " "}, "content": SPACE});
    if space_prefix {
        let prepend = json!({"type": "Prepend", "prepend": SPACE});
        json!({"type": "Sequence", "normalizers": [prepend, replace]})
    } else {
        replace
    }
}

/// Decoder that undoes [`normalizer`] and joins bytes.
pub(super) fn decoder(space_prefix: bool) -> Json {
    let mut steps = vec![
        json!({"type": "Replace", "pattern": {"String": SPACE}, "content": " "}),
        json!({"type": "ByteFallback"}),
        json!({"type": "Fuse"}),
    ];
    if space_prefix {
        steps.push(json!({"type": "Strip", "content": " ", "start": 1, "stop": 0}));
    }
    json!({"type": "Sequence", "decoders": steps})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merges_follow_the_scores_of_what_they_make() {
        let pieces = [
            ("a", 0, -10.0),
            ("b", 1, -11.0),
            ("ab", 2, -2.0),
            ("abb", 3, -1.0),
            ("bb", 4, -3.0),
            ("é", 5, -9.0),
            ("éa", 6, -4.0),
        ];
        let expected = [("a", "bb"), ("ab", "b"), ("a", "b"), ("b", "b"), ("é", "a")];
        assert_eq!(merges(&pieces), expected);
    }
}
