//! Which texts share a batch.

/// Parts of a batch's longest text that its shortest must have: (numerator, denominator). Padding is
/// computed like text, so it is worth less than a fuller batch only below this.
const LEAST_FILL: (usize, usize) = (7, 8);

/// Groups texts by length into batches of at most `budget` tokens, padding included; a longer text gets a
/// batch of its own. Every index appears once; longest first, so that memory peaks at once, not late.
pub(crate) fn plan(lengths: &[usize], budget: usize) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    order.sort_by_key(|&at| std::cmp::Reverse(lengths[at]));
    let mut batches: Vec<Vec<usize>> = Vec::new();
    for at in order {
        if let Some(batch) = batches.last_mut()
            && let Some(&first) = batch.first()
        {
            let longest = lengths[first];
            let fits = (batch.len() + 1) * longest <= budget;
            if fits && lengths[at] * LEAST_FILL.1 >= longest * LEAST_FILL.0 {
                batch.push(at);
                continue;
            }
        }
        batches.push(vec![at]);
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_are_alike_in_length_and_within_the_budget() {
        let lengths: Vec<usize> = (0..200).map(|at| 3 + (at * 37) % 500).collect();
        let batches = plan(&lengths, 1024);
        let mut seen: Vec<usize> = batches.concat();
        seen.sort_unstable();
        assert_eq!(seen, (0..200).collect::<Vec<_>>());
        for batch in batches {
            let longest = batch.iter().map(|&at| lengths[at]).max().expect("member");
            let tokens: usize = batch.iter().map(|&at| lengths[at]).sum();
            assert!(batch.len() == 1 || batch.len() * longest <= 1024);
            assert!(tokens * 8 >= batch.len() * longest * 7, "too much padding");
        }
    }

    #[test]
    fn a_text_beyond_the_budget_is_alone() {
        assert_eq!(plan(&[10, 5000, 10], 100), [vec![1], vec![0, 2]]);
        assert!(plan(&[], 100).is_empty());
    }
}
