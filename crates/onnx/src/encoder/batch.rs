//! Which texts share a batch.

/// What starting a batch costs, in tokens: the products of few rows use the processor worse, and each operator is
/// set up anew. Below this much padding it pays to put another text in. An estimate, not a measurement.
const START: usize = 24;

/// Groups texts by length into batches of at most `budget` tokens, padding included; a longer text gets a
/// batch of its own. Every index appears once; longest first, so that memory peaks at once, not late.
///
/// Of all ways to cut the texts, sorted by length, into batches, this is the one with the least padding plus
/// [`START`] tokens a batch.
pub(crate) fn plan(lengths: &[usize], budget: usize) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    order.sort_by_key(|&at| std::cmp::Reverse(lengths[at]));
    // best[end]: least cost of the first `end` texts, and where their last batch begins.
    let mut best = vec![(0, 0)];
    for end in 1..=order.len() {
        let mut least = (usize::MAX, 0);
        for begin in (0..end).rev() {
            let computed = (end - begin) * lengths[order[begin]];
            if end - begin > 1 && computed > budget {
                // Beginning earlier only makes the batch larger.
                break;
            }
            let cost = best[begin].0 + computed + START;
            if cost < least.0 {
                least = (cost, begin);
            }
        }
        best.push(least);
    }
    let mut batches = Vec::new();
    let mut end = order.len();
    while end > 0 {
        let begin = best[end].1;
        batches.push(order[begin..end].to_vec());
        end = begin;
    }
    batches.reverse();
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn padded(lengths: &[usize], batches: &[Vec<usize>]) -> usize {
        let tokens = batches.iter().map(|batch| batch.len() * lengths[batch[0]]);
        tokens.sum()
    }

    #[test]
    fn batches_waste_little_and_keep_to_the_budget() {
        let lengths: Vec<usize> = (0..200).map(|at| 3 + (at * 37) % 500).collect();
        let batches = plan(&lengths, 1024);
        let mut seen: Vec<usize> = batches.concat();
        seen.sort_unstable();
        assert_eq!(seen, (0..200).collect::<Vec<_>>());
        for batch in &batches {
            let longest = lengths[batch[0]];
            assert!(batch.iter().all(|&at| lengths[at] <= longest));
            assert!(batch.len() == 1 || batch.len() * longest <= 1024);
        }
        let (tokens, computed) = (lengths.iter().sum::<usize>(), padded(&lengths, &batches));
        assert!(computed * 100 <= tokens * 103, "{computed} for {tokens}");
    }

    #[test]
    fn no_other_cut_is_cheaper() {
        for seed in 0..200usize {
            let lengths: Vec<usize> = (0..8)
                .map(|at| 1 + (seed * 7919 + at * at * 104_729) % 97)
                .collect();
            let budget = 100 + seed;
            let mut sorted = lengths.clone();
            sorted.sort_unstable_by(|a, b| b.cmp(a));
            // Every way to cut eight texts in order: a bit a gap.
            let cheapest = (0..128u32)
                .filter_map(|cuts| {
                    let (mut cost, mut begin) = (0, 0);
                    for end in 1..=8 {
                        if end == 8 || cuts >> (end - 1) & 1 == 1 {
                            let tokens = (end - begin) * sorted[begin];
                            if end - begin > 1 && tokens > budget {
                                return None;
                            }
                            cost += tokens + START;
                            begin = end;
                        }
                    }
                    Some(cost)
                })
                .min()
                .expect("a cut");
            let batches = plan(&lengths, budget);
            assert_eq!(
                padded(&lengths, &batches) + batches.len() * START,
                cheapest,
                "{lengths:?}"
            );
        }
    }

    #[test]
    fn a_text_beyond_the_budget_is_alone() {
        assert_eq!(plan(&[10, 5000, 10], 100), [vec![1], vec![0, 2]]);
        assert!(plan(&[], 100).is_empty());
    }
}
