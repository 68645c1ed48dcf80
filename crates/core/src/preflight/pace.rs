//! How long reading takes on this machine.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::KindTally;
use crate::types::FileKind;

/// Weight that a file keeps when another one is noted: the last fifty count for most of the estimate.
const KEPT: f64 = 0.98;
/// Files that have to be known before anything is said.
const ENOUGH: f64 = 2.9;
const MB: f64 = 1e6;

/// How long files of one kind took: sums over them, `x` being megabytes and `y` seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Pace {
    n: f64,
    x: f64,
    y: f64,
    xx: f64,
    xy: f64,
}

impl Pace {
    /// Takes in a file of so many bytes that took so many seconds.
    pub fn note(&mut self, bytes: u64, seconds: f64) {
        let x = bytes as f64 / MB;
        let added = [1.0, x, seconds, x * x, x * seconds];
        for (sum, value) in [&mut self.n, &mut self.x, &mut self.y, &mut self.xx, &mut self.xy]
            .into_iter()
            .zip(added)
        {
            *sum = *sum * KEPT + value;
        }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            n: self.n + other.n,
            x: self.x + other.x,
            y: self.y + other.y,
            xx: self.xx + other.xx,
            xy: self.xy + other.xy,
        }
    }

    /// Seconds for `files` files of `bytes` in all: a time for each file and one for each byte, fitted by least
    /// squares and neither below zero. None if too few are known.
    fn seconds(&self, files: u32, bytes: u64) -> Option<f64> {
        if self.n < ENOUGH {
            return None;
        }
        let spread = self.n * self.xx - self.x * self.x;
        let (each, mb) = if spread <= f64::EPSILON * self.n * self.xx {
            (self.y / self.n, 0.0)
        } else {
            let mb = (self.n * self.xy - self.x * self.y) / spread;
            let each = (self.y - mb * self.x) / self.n;
            if mb < 0.0 {
                (self.y / self.n, 0.0)
            } else if each < 0.0 {
                (0.0, self.y / self.x)
            } else {
                (each, mb)
            }
        };
        Some(each * f64::from(files) + mb * bytes as f64 / MB)
    }
}

/// How long reading takes on this machine, by kind.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Paces(pub BTreeMap<FileKind, Pace>);

impl Paces {
    /// Takes in a file that was read.
    pub fn note(&mut self, kind: FileKind, bytes: u64, seconds: f64) {
        self.0.entry(kind).or_default().note(bytes, seconds);
    }

    /// Seconds for all of these, in whole ones and at least one. A kind of which too little is known is taken to be
    /// like all others together; none if too little is known of those, too.
    pub fn estimate(&self, tallies: &[KindTally]) -> Option<u64> {
        let all = self.0.values().copied().fold(Pace::default(), Pace::plus);
        let of = |tally: &KindTally| {
            let own = self
                .0
                .get(&tally.kind)
                .and_then(|pace| pace.seconds(tally.files, tally.bytes));
            own.or_else(|| all.seconds(tally.files, tally.bytes))
        };
        let seconds: Option<f64> = tallies.iter().map(of).sum();
        // An empty sum is nothing to wait for, whatever is known.
        seconds
            .filter(|_| !tallies.is_empty())
            .map(|seconds| seconds.round().max(1.0) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(kind: FileKind, files: u32, bytes: u64) -> KindTally {
        KindTally { kind, files, bytes }
    }

    #[test]
    fn an_estimate_has_a_time_for_each_file_and_one_for_its_size() {
        let mut paces = Paces::default();
        for mb in [1, 2, 4, 8] {
            paces.note(FileKind::Pdf, mb * 1_000_000, 0.5 + 2.0 * mb as f64);
        }
        let ten = paces.estimate(&[tally(FileKind::Pdf, 10, 20_000_000)]);
        assert_eq!(ten, Some(45));
        // Of kinds that were never read, what is known of the others is said.
        assert_eq!(paces.estimate(&[tally(FileKind::Mail, 10, 20_000_000)]), ten);
    }

    #[test]
    fn nothing_is_said_before_enough_is_known_and_never_less_than_nothing() {
        let mut paces = Paces::default();
        let one = [tally(FileKind::Text, 1, 1_000)];
        paces.note(FileKind::Text, 1_000, 1.0);
        paces.note(FileKind::Text, 1_000, 1.0);
        assert_eq!(paces.estimate(&one), None);
        // Larger ones that took less time do not make a large one free.
        paces.note(FileKind::Text, 9_000_000, 0.1);
        paces.note(FileKind::Text, 9_000_000, 0.1);
        assert!(paces.estimate(&[tally(FileKind::Text, 4, 90_000_000)]).unwrap() >= 2);
        assert_eq!(paces.estimate(&[]), None);
    }

    #[test]
    fn a_faster_machine_is_believed_soon() {
        let mut paces = Paces::default();
        (0..200).for_each(|_| paces.note(FileKind::Pdf, 1_000_000, 10.0));
        (0..100).for_each(|_| paces.note(FileKind::Pdf, 1_000_000, 1.0));
        let now = paces.estimate(&[tally(FileKind::Pdf, 1, 1_000_000)]).unwrap();
        assert!(now <= 3, "{now}");
    }
}
