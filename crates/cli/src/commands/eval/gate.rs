//! Bounds that an evaluation must keep: what `--gate FILE` checks, so that a script fails when answers get worse.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use footnote_core::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::read_text;
use crate::output;

const LAYOUT: &str = "A gate has lines like `right = { least = 0.8 }` and `false_answers = { most = 0.2 }` under \
[all] or the name of a kind of questions";

/// Bounds by group of questions and measure.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct Gate(BTreeMap<String, BTreeMap<String, Bound>>);

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Bound {
    least: Option<f64>,
    most: Option<f64>,
}

/// A measure that is out of its bounds.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Breach {
    group: String,
    measure: String,
    value: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    least: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    most: Option<f64>,
}

impl std::fmt::Display for Breach {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}: {:.3}", self.group, self.measure, self.value)?;
        if let Some(least) = self.least {
            write!(f, ", should be {least} at least")?;
        }
        if let Some(most) = self.most {
            write!(f, ", should be {most} at most")?;
        }
        Ok(())
    }
}

/// The command's exit code, 1 if there are breaches; says which.
pub(super) fn exit_code(breaches: &[Breach]) -> ExitCode {
    if breaches.is_empty() {
        return ExitCode::SUCCESS;
    }
    output::note("The gate is not passed:");
    for breach in breaches {
        output::note(format!("  {breach}"));
    }
    ExitCode::FAILURE
}

impl Gate {
    /// Reads a file of bounds (TOML).
    ///
    /// # Errors
    /// If it is not there, or is something else.
    pub fn read(path: &Path) -> Result<Self> {
        let gate: Self = toml::from_str(&read_text(path, LAYOUT)?)
            .map_err(|error| Error::user(format!("{}: {error}", path.display())).hint(LAYOUT))?;
        let bounds = gate
            .0
            .iter()
            .flat_map(|(group, of)| of.iter().map(move |(name, bound)| (group, name, bound)));
        for (group, measure, bound) in bounds {
            if bound.least.is_none() && bound.most.is_none() {
                return Err(
                    Error::user(format!("{}: {group} {measure} has no bound", path.display())).hint(LAYOUT),
                );
            }
        }
        Ok(gate)
    }

    /// What of `measured` (numbers by group and measure) is out of bounds.
    ///
    /// # Errors
    /// If a bound is of something that was not measured: it could never fail.
    pub fn breaches(&self, measured: &Map<String, Value>) -> Result<Vec<Breach>> {
        let mut breaches = Vec::new();
        for (group, bounds) in &self.0 {
            for (measure, bound) in bounds {
                let value = measured.get(group).and_then(|of| of.get(measure)?.as_f64());
                let value = value.ok_or_else(|| {
                    Error::user(format!("The gate has a bound for {group} {measure}, which was not measured"))
                        .hint("The measures are those that --json prints, under [all] or a kind of questions that the set has")
                })?;
                let low = bound.least.filter(|least| value < *least);
                let high = bound.most.filter(|most| value > *most);
                if low.is_some() || high.is_some() {
                    breaches.push(Breach {
                        group: group.clone(),
                        measure: measure.clone(),
                        value,
                        least: low,
                        most: high,
                    });
                }
            }
        }
        Ok(breaches)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Gate> {
        let file = tempfile::NamedTempFile::new()?;
        std::fs::write(file.path(), text)?;
        Gate::read(file.path())
    }

    #[test]
    fn what_is_out_of_bounds_is_named_and_a_bound_of_nothing_is_refused() {
        let measured = serde_json::json!({ "all": { "false_answers": 0.3 }, "fact": { "right": 0.75 } });
        let measured = measured.as_object().expect("an object");
        let kept =
            read("[all]\nfalse_answers = { most = 0.3 }\n[fact]\nright = { least = 0.75 }").expect("a gate");
        assert_eq!(kept.breaches(measured).expect("bounds of measures"), []);
        let broken =
            read("[all]\nfalse_answers = { most = 0.2 }\n[fact]\nright = { least = 0.8 }").expect("a gate");
        let said: Vec<String> = broken
            .breaches(measured)
            .expect("bounds of measures")
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            said,
            [
                "all false_answers: 0.300, should be 0.2 at most",
                "fact right: 0.750, should be 0.8 at least"
            ]
        );
        for nothing in [
            "[all]\nrihgt = { least = 0.1 }",
            "[table]\nright = { least = 0.1 }",
        ] {
            assert!(
                read(nothing).expect("a gate").breaches(measured).is_err(),
                "{nothing}"
            );
        }
        for wrong in [
            "[all]\nright = { leats = 0.1 }",
            "[all]\nright = {}",
            "right = 0.5",
        ] {
            assert!(read(wrong).is_err_and(|error| error.hint.is_some()), "{wrong}");
        }
    }
}
