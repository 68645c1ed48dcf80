//! Choosing the next token from logits.

use footnote_core::ports::Sampling;

/// Candidates looked at one by one before the rest is sorted.
const SCANS: usize = 8;

/// Tokens this many temperatures below the best weigh less than a ten-millionth of it; sorting them
/// would cost more than the rest of the choice.
const NEGLIGIBLE: f32 = 17.0;

/// Chooses tokens; same seed, same choices.
pub(crate) struct Sampler {
    sampling: Sampling,
    random: Pcg,
}

impl Sampler {
    pub(crate) fn new(sampling: Sampling) -> Self {
        let seed = match sampling {
            Sampling::Greedy => 0,
            Sampling::Nucleus { seed, .. } => seed,
        };
        Self {
            sampling,
            random: Pcg::new(seed),
        }
    }

    /// The next token among those that `allowed` admits; none if it admits none at all. `allowed` is
    /// asked in order of probability and only as often as needed. `logits` is used up.
    pub(crate) fn choose(&mut self, logits: &mut [f32], allowed: &mut dyn FnMut(u32) -> bool) -> Option<u32> {
        match self.sampling {
            Sampling::Greedy => greedy(logits, allowed),
            Sampling::Nucleus { temperature, .. } if temperature <= f32::EPSILON => greedy(logits, allowed),
            Sampling::Nucleus {
                temperature, top_p, ..
            } => self.nucleus(logits, temperature, top_p, allowed),
        }
    }

    fn nucleus(
        &mut self,
        logits: &mut [f32],
        temperature: f32,
        top_p: f32,
        allowed: &mut dyn FnMut(u32) -> bool,
    ) -> Option<u32> {
        let best = logits[argmax(logits)? as usize];
        let order = by_probability(logits, best - NEGLIGIBLE * temperature);
        let weight = |id: u32| f64::from((logits[id as usize] - best) / temperature).exp();
        let total: f64 = order.iter().map(|&id| weight(id)).sum();
        // The nucleus is cut before the mask is applied: a constraint must not raise tokens that the
        // model itself finds absurd. If it forbids the whole nucleus, the likeliest allowed token is taken.
        let mut nucleus = Vec::new();
        let mut covered = 0.0;
        for &id in &order {
            let share = weight(id) / total;
            covered += share;
            if allowed(id) {
                nucleus.push((id, share));
            }
            if covered >= f64::from(top_p.clamp(0.0, 1.0)) {
                break;
            }
        }
        let sum: f64 = nucleus.iter().map(|(_, share)| share).sum();
        if nucleus.is_empty() {
            return greedy(logits, allowed);
        }
        let mut point = self.random.unit() * sum;
        for (id, share) in &nucleus {
            point -= share;
            if point < 0.0 {
                return Some(*id);
            }
        }
        nucleus.last().map(|(id, _)| *id)
    }
}

fn greedy(logits: &mut [f32], allowed: &mut dyn FnMut(u32) -> bool) -> Option<u32> {
    // Nearly always the first or second candidate will do, and a scan is far cheaper than sorting.
    for _ in 0..SCANS {
        let best = argmax(logits)?;
        if allowed(best) {
            return Some(best);
        }
        logits[best as usize] = f32::NEG_INFINITY;
    }
    by_probability(logits, f32::NEG_INFINITY)
        .into_iter()
        .find(|&id| allowed(id))
}

/// The largest finite logit's index; the lowest of equals.
fn argmax(logits: &[f32]) -> Option<u32> {
    let mut best: Option<usize> = None;
    let mut value = f32::NEG_INFINITY;
    for (at, &logit) in logits.iter().enumerate() {
        if logit > value {
            (best, value) = (Some(at), logit);
        }
    }
    best.map(|at| at as u32)
}

/// Indices of finite logits from `least` on, best first; equals in index order.
fn by_probability(logits: &[f32], least: f32) -> Vec<u32> {
    let mut order: Vec<u32> = (0..logits.len() as u32)
        .filter(|&id| logits[id as usize].is_finite() && logits[id as usize] >= least)
        .collect();
    order.sort_by(|&a, &b| logits[b as usize].total_cmp(&logits[a as usize]).then(a.cmp(&b)));
    order
}

/// PCG-XSH-RR 64/32 (O'Neill 2014): small, and the same on every platform.
struct Pcg {
    state: u64,
}

impl Pcg {
    const MULTIPLIER: u64 = 6_364_136_223_846_793_005;
    const INCREMENT: u64 = 1_442_695_040_888_963_407;

    fn new(seed: u64) -> Self {
        let mut random = Self {
            state: seed.wrapping_add(Self::INCREMENT),
        };
        random.next();
        random
    }

    fn next(&mut self) -> u32 {
        let old = self.state;
        self.state = old.wrapping_mul(Self::MULTIPLIER).wrapping_add(Self::INCREMENT);
        let shifted = (((old >> 18) ^ old) >> 27) as u32;
        shifted.rotate_right((old >> 59) as u32)
    }

    /// 0 up to, but not including, 1.
    fn unit(&mut self) -> f64 {
        f64::from(self.next()) / (f64::from(u32::MAX) + 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn any(_: u32) -> bool {
        true
    }

    #[test]
    fn greedy_takes_the_likeliest_allowed_token() {
        let mut sampler = Sampler::new(Sampling::Greedy);
        assert_eq!(sampler.choose(&mut [0.0, 3.0, 2.0, 3.0], &mut any), Some(1));
        assert_eq!(sampler.choose(&mut [0.0, 3.0, 2.0], &mut |id| id != 1), Some(2));
        let mut many: Vec<f32> = (0..100).map(|at| at as f32).collect();
        assert_eq!(sampler.choose(&mut many, &mut |id| id == 3), Some(3));
        assert_eq!(sampler.choose(&mut [1.0, 2.0], &mut |_| false), None);
        assert_eq!(sampler.choose(&mut [f32::NAN, 2.0], &mut any), Some(1));
    }

    fn nucleus(temperature: f32, top_p: f32, seed: u64) -> Sampler {
        Sampler::new(Sampling::Nucleus {
            temperature,
            top_p,
            seed,
        })
    }

    #[test]
    fn same_seed_same_choices() {
        let draw = |seed| -> Vec<_> {
            let mut sampler = nucleus(1.0, 1.0, seed);
            (0..50)
                .map(|_| sampler.choose(&mut [1.0, 1.1, 0.9, 1.0], &mut any))
                .collect()
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }

    #[test]
    fn draws_follow_the_probabilities() {
        let mut sampler = nucleus(1.0, 1.0, 3);
        let draws = 4000;
        let ones = (0..draws)
            .filter(|_| sampler.choose(&mut [0.0, 3.0_f32.ln()], &mut any) == Some(1))
            .count();
        assert!(
            (2850..3150).contains(&ones),
            "{ones} of {draws}, expected three quarters"
        );
    }

    #[test]
    fn the_nucleus_excludes_the_tail_and_the_forbidden() {
        let mut sampler = nucleus(1.0, 0.9, 5);
        for _ in 0..200 {
            assert_eq!(sampler.choose(&mut [5.0, 0.0, 0.0], &mut any), Some(0));
            assert_ne!(sampler.choose(&mut [2.0, 2.0, 2.0], &mut |id| id != 1), Some(1));
        }
        assert_eq!(sampler.choose(&mut [9.0, 1.0, 2.0], &mut |id| id != 0), Some(2));
    }

    #[test]
    fn temperature_zero_is_greedy() {
        assert_eq!(nucleus(0.0, 0.5, 1).choose(&mut [1.0, 1.01], &mut any), Some(1));
    }
}
