//! Choosing the next token from logits.

use footnote_core::ports::Sampling;

use super::advice::Advice;

/// Candidates looked at one by one before the rest is sorted.
const SCANS: usize = 8;

/// Tokens this many temperatures below the best weigh less than a ten-millionth of it; sorting them
/// would cost more than the rest of the choice.
const NEGLIGIBLE: f32 = 17.0;

/// Chooses tokens; same seed, same choices.
pub(crate) struct Sampler {
    /// None: greedy.
    draw: Option<Draw>,
    random: Pcg,
}

/// How to draw.
struct Draw {
    temperature: f32,
    top_k: usize,
    top_p: f64,
    min_p: f64,
    /// Above 1: what was written becomes less likely (Keskar et al., "CTRL", 2019, section 4.1).
    repetition_penalty: f32,
}

impl Sampler {
    pub(crate) fn new(sampling: Sampling, advice: &Advice) -> Self {
        let (draw, seed) = match sampling {
            Sampling::Greedy => (None, 0),
            Sampling::Nucleus {
                temperature,
                top_p,
                seed,
            } => {
                let advice = Advice {
                    temperature: Some(temperature),
                    top_p: Some(top_p),
                    ..Advice::default()
                };
                (Some(Draw::new(&advice)), seed)
            }
            Sampling::Advised { seed } => (advice.samples().then(|| Draw::new(advice)), seed),
        };
        Self {
            draw: draw.filter(|draw| draw.temperature > f32::EPSILON),
            random: Pcg::new(seed),
        }
    }

    /// The next token among those that `allowed` admits; none if it admits none at all. `written`: the
    /// tokens so far. `allowed` is asked in order of probability and only as often as needed. `logits` is
    /// used up.
    pub(crate) fn choose(
        &mut self,
        logits: &mut [f32],
        written: &[u32],
        allowed: &mut dyn FnMut(u32) -> bool,
    ) -> Option<u32> {
        match &self.draw {
            None => greedy(logits, allowed),
            Some(draw) => {
                draw.penalise(logits, written);
                draw.choose(logits, &mut self.random, allowed)
            }
        }
    }
}

impl Draw {
    fn new(advice: &Advice) -> Self {
        Self {
            temperature: advice.temperature.unwrap_or(1.0),
            top_k: advice.top_k.filter(|count| *count > 0).unwrap_or(usize::MAX),
            top_p: f64::from(advice.top_p.unwrap_or(1.0)).clamp(0.0, 1.0),
            min_p: f64::from(advice.min_p.unwrap_or(0.0)),
            repetition_penalty: advice.repetition_penalty.unwrap_or(1.0),
        }
    }

    fn penalise(&self, logits: &mut [f32], written: &[u32]) {
        if (self.repetition_penalty - 1.0).abs() < f32::EPSILON {
            return;
        }
        let mut seen: Vec<u32> = written.to_vec();
        seen.sort_unstable();
        seen.dedup();
        for id in seen {
            if let Some(logit) = logits.get_mut(id as usize) {
                let penalty = self.repetition_penalty;
                *logit = if *logit > 0.0 {
                    *logit / penalty
                } else {
                    *logit * penalty
                };
            }
        }
    }

    fn choose(
        &self,
        logits: &mut [f32],
        random: &mut Pcg,
        allowed: &mut dyn FnMut(u32) -> bool,
    ) -> Option<u32> {
        let best = logits[argmax(logits)? as usize];
        let order = by_probability(logits, best - NEGLIGIBLE * self.temperature);
        let weight = |id: u32| f64::from((logits[id as usize] - best) / self.temperature).exp();
        let total: f64 = order.iter().map(|&id| weight(id)).sum();
        // The nucleus is cut before the mask is applied: a constraint must not raise tokens that the
        // model itself finds absurd. If it forbids the whole nucleus, the likeliest allowed token is taken.
        let mut nucleus = Vec::new();
        let mut covered = 0.0;
        for &id in order.iter().take(self.top_k) {
            // The likeliest token weighs 1.
            if weight(id) < self.min_p {
                break;
            }
            let share = weight(id) / total;
            covered += share;
            if allowed(id) {
                nucleus.push((id, share));
            }
            if covered >= self.top_p {
                break;
            }
        }
        let sum: f64 = nucleus.iter().map(|(_, share)| share).sum();
        if nucleus.is_empty() {
            return greedy(logits, allowed);
        }
        let mut point = random.unit() * sum;
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
        let mut sampler = Sampler::new(Sampling::Greedy, &Advice::default());
        assert_eq!(sampler.choose(&mut [0.0, 3.0, 2.0, 3.0], &[], &mut any), Some(1));
        assert_eq!(
            sampler.choose(&mut [0.0, 3.0, 2.0], &[], &mut |id| id != 1),
            Some(2)
        );
        let mut many: Vec<f32> = (0..100).map(|at| at as f32).collect();
        assert_eq!(sampler.choose(&mut many, &[], &mut |id| id == 3), Some(3));
        assert_eq!(sampler.choose(&mut [1.0, 2.0], &[], &mut |_| false), None);
        assert_eq!(sampler.choose(&mut [f32::NAN, 2.0], &[], &mut any), Some(1));
    }

    fn nucleus(temperature: f32, top_p: f32, seed: u64) -> Sampler {
        let sampling = Sampling::Nucleus {
            temperature,
            top_p,
            seed,
        };
        Sampler::new(sampling, &Advice::default())
    }

    #[test]
    fn same_seed_same_choices() {
        let draw = |seed| -> Vec<_> {
            let mut sampler = nucleus(1.0, 1.0, seed);
            (0..50)
                .map(|_| sampler.choose(&mut [1.0, 1.1, 0.9, 1.0], &[], &mut any))
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
            .filter(|_| sampler.choose(&mut [0.0, 3.0_f32.ln()], &[], &mut any) == Some(1))
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
            assert_eq!(sampler.choose(&mut [5.0, 0.0, 0.0], &[], &mut any), Some(0));
            assert_ne!(
                sampler.choose(&mut [2.0, 2.0, 2.0], &[], &mut |id| id != 1),
                Some(1)
            );
        }
        assert_eq!(
            sampler.choose(&mut [9.0, 1.0, 2.0], &[], &mut |id| id != 0),
            Some(2)
        );
    }

    #[test]
    fn temperature_zero_is_greedy() {
        assert_eq!(
            nucleus(0.0, 0.5, 1).choose(&mut [1.0, 1.01], &[], &mut any),
            Some(1)
        );
    }

    fn advised(advice: &Advice, seed: u64) -> Sampler {
        Sampler::new(Sampling::Advised { seed }, advice)
    }

    #[test]
    fn advice_is_followed_and_without_any_the_choice_is_greedy() {
        let none = Advice::default();
        assert_eq!(advised(&none, 3).choose(&mut [1.0, 1.01], &[], &mut any), Some(1));
        let refused = Advice {
            do_sample: Some(false),
            temperature: Some(2.0),
            ..Advice::default()
        };
        assert_eq!(
            advised(&refused, 3).choose(&mut [1.0, 1.01], &[], &mut any),
            Some(1)
        );
        let flat = [1.0, 1.0, 1.0, 1.0];
        let drawn = |advice: &Advice, logits: &[f32]| -> Vec<u32> {
            let mut sampler = advised(advice, 3);
            let mut drawn: Vec<u32> = (0..200)
                .filter_map(|_| sampler.choose(&mut logits.to_vec(), &[], &mut any))
                .collect();
            drawn.sort_unstable();
            drawn.dedup();
            drawn
        };
        let two = Advice {
            top_k: Some(2),
            ..Advice::default()
        };
        assert_eq!(drawn(&two, &flat), [0, 1]);
        let likely = Advice {
            temperature: Some(1.0),
            min_p: Some(0.5),
            ..Advice::default()
        };
        assert_eq!(drawn(&likely, &[1.0, 0.9, -1.0, 0.8]), [0, 1, 3]);
    }

    #[test]
    fn what_was_written_is_penalised_once_however_often_it_was() {
        let advice = Advice {
            temperature: Some(0.01),
            repetition_penalty: Some(1.5),
            ..Advice::default()
        };
        let mut sampler = advised(&advice, 1);
        assert_eq!(sampler.choose(&mut [3.0, 2.5], &[], &mut any), Some(0));
        assert_eq!(sampler.choose(&mut [3.0, 2.5], &[0], &mut any), Some(1));
        assert_eq!(sampler.choose(&mut [3.0, 1.9], &[0, 0, 0], &mut any), Some(0));
        assert_eq!(
            sampler.choose(&mut [-3.0, -4.0], &[0], &mut any),
            Some(1),
            "below zero too"
        );
    }
}
