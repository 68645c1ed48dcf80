//! Reciprocal-rank fusion.

use std::collections::HashMap;
use std::hash::Hash;

/// The constant of Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion outperforms Condorcet and
/// individual Rank Learning Methods" (SIGIR 2009).
pub const RRF_K: f32 = 60.0;

/// Merges rankings: an item scores the sum over rankings of `weight / (60 + rank)`, rank from 1.
/// Best first; equal scores keep the order of first appearance.
pub fn reciprocal_rank<T: Eq + Hash + Clone>(rankings: &[(f32, Vec<T>)]) -> Vec<(T, f32)> {
    let mut order: Vec<T> = Vec::new();
    let mut scores: HashMap<T, f32> = HashMap::new();
    for (weight, ranking) in rankings {
        for (at, item) in ranking.iter().enumerate() {
            let score = scores.entry(item.clone()).or_insert_with(|| {
                order.push(item.clone());
                0.0
            });
            *score += weight / (RRF_K + at as f32 + 1.0);
        }
    }
    let mut fused: Vec<(T, f32)> = order
        .into_iter()
        .map(|item| (item.clone(), scores[&item]))
        .collect();
    fused.sort_by(|a, b| b.1.total_cmp(&a.1));
    fused
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn found_by_both_beats_found_by_one() {
        let fused = reciprocal_rank(&[(1.0, vec!["a", "b"]), (1.0, vec!["c", "b"])]);
        assert_eq!(fused[0].0, "b");
        assert!((fused[0].1 - 2.0 / 62.0).abs() < 1e-6);
    }

    proptest! {
        #[test]
        fn a_better_rank_never_hurts((n, at) in (2usize..30).prop_flat_map(|n| (Just(n), 1..n))) {
            let ranking: Vec<usize> = (0..n).collect();
            let mut better = ranking.clone();
            better.swap(at, at - 1);
            let score = |r: Vec<usize>| reciprocal_rank(&[(1.0, r)]).into_iter().find(|(i, _)| *i == at).map(|(_, s)| s);
            prop_assert!(score(better) > score(ranking));
        }
    }
}
