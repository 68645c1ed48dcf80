//! Noticing a model that has lost itself in a loop.

/// Longest loop looked for, in tokens.
const PERIOD: usize = 24;
/// How many rounds of it end a generation.
const ROUNDS: usize = 4;

/// Whether the last `PERIOD * ROUNDS` tokens are one sequence of at most `PERIOD` tokens over and over.
pub(crate) fn is_looping(tokens: &[u32]) -> bool {
    let Some(start) = tokens.len().checked_sub(PERIOD * ROUNDS) else {
        return false;
    };
    let tail = &tokens[start..];
    (1..=PERIOD).any(|period| {
        tail[period..]
            .iter()
            .zip(tail)
            .all(|(later, earlier)| later == earlier)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loops_are_noticed_after_four_rounds() {
        let phrase: Vec<u32> = (0..24).collect();
        assert!(!is_looping(&phrase.repeat(3)));
        assert!(is_looping(&phrase.repeat(4)));
        assert!(is_looping(
            &[[9, 9, 9].as_slice(), &[1, 2, 3, 4, 5].repeat(20)].concat()
        ));
        let lists: Vec<u32> = (0..200).map(|at| if at % 2 == 0 { 7 } else { at }).collect();
        assert!(!is_looping(&lists));
    }
}
