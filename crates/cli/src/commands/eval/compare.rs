//! Two runs of an evaluation side by side: the difference of every measure over the questions that both have, with a
//! 95 % interval by the paired bootstrap (Efron and Tibshirani, 1993; percentiles of 10,000 resamples, always the same).

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use footnote_core::{Error, Result};
use serde::Serialize;
use serde_json::{Map, Value};

use super::report::Report;
use super::{percentile, read_lines};
use crate::args::Global;
use crate::output;

const LAYOUT: &str = "The files are what `footnote eval ... --json` has printed";
const RESAMPLES: usize = 10_000;

/// One measure of both runs.
#[derive(Debug, PartialEq, Serialize)]
struct Difference {
    /// Of which questions, if they are of two kinds.
    group: Option<&'static str>,
    measure: String,
    questions: usize,
    first: f64,
    second: f64,
    /// Second less first.
    difference: f64,
    /// 95 % interval of the difference.
    low: f64,
    high: f64,
}

pub(super) fn run(global: &Global, first: &Path, second: &Path, html: Option<&Path>) -> Result<ExitCode> {
    let pairs = pairs(read(first)?, &read(second)?);
    if pairs.is_empty() {
        return Err(Error::user(format!(
            "{} and {} have no question in common",
            first.display(),
            second.display()
        ))
        .hint(LAYOUT));
    }
    let differences = differences(&pairs);
    if let Some(path) = html {
        let mut report = Report::new("Comparison", first);
        report.against(second);
        for d in &differences {
            report.interval(
                d.group.unwrap_or("all"),
                &d.measure,
                d.questions,
                [d.first, d.second],
                [d.low, d.high],
            );
        }
        report.pairs(&pairs, lost_by);
        report.write(path)?;
    }
    if global.json {
        output::json(&serde_json::json!({ "first": first, "second": second, "differences": differences }))?;
    } else {
        show(&differences)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Shows two runs side by side that were not written to files.
pub(super) fn show_runs(global: &Global, first: Run, second: &Run) -> Result<()> {
    let differences = differences(&pairs(first, second));
    if global.json {
        return output::json(&serde_json::json!({ "differences": differences }));
    }
    show(&differences)
}

fn show(differences: &[Difference]) -> Result<()> {
    output::line("questions     measure          n    first   second  difference  95 % interval")?;
    for d in differences {
        let sure = if d.low > 0.0 || d.high < 0.0 { " *" } else { "" };
        output::line(format!(
            "{:<13} {:<14} {:>3} {:>8.3} {:>8.3} {:>+11.3}  {:+.3} to {:+.3}{sure}",
            d.group.unwrap_or("all"),
            d.measure,
            d.questions,
            d.first,
            d.second,
            d.difference,
            d.low,
            d.high
        ))?;
    }
    output::line("* the interval does not hold 0")
}

/// The records of a run by the ids of their questions.
pub(super) type Run = BTreeMap<String, Map<String, Value>>;

fn read(path: &Path) -> Result<Run> {
    let records: Vec<Map<String, Value>> = read_lines(path, LAYOUT)?;
    let named = records.into_iter().filter_map(|record| {
        let id = record.get("id")?.as_str()?.to_owned();
        Some((id, record))
    });
    Ok(named.collect())
}

/// How much the second run is better on a question, for the order of a report: by token F1, else by whether it passed.
fn lost_by((first, second): &Pair) -> f64 {
    let measured = ["f1", "ndcg_10", "passed", "right"]
        .into_iter()
        .find_map(|measure| Some(number(second.get(measure)?)? - number(first.get(measure)?)?));
    measured.unwrap_or(0.0)
}

/// The records of one question in both runs.
pub(super) type Pair = (Map<String, Value>, Map<String, Value>);

fn pairs(first: Run, second: &Run) -> Vec<Pair> {
    let both = first
        .into_iter()
        .filter_map(|(id, record)| Some((record, second.get(&id)?.clone())));
    both.collect()
}

fn differences(pairs: &[Pair]) -> Vec<Difference> {
    const KIND: &str = "unanswerable";
    let kinds: &[(Option<&'static str>, Option<bool>)] = if pairs[0].0.contains_key(KIND) {
        &[
            (Some("answerable"), Some(false)),
            (Some("unanswerable"), Some(true)),
        ]
    } else {
        &[(None, None)]
    };
    let mut found = Vec::new();
    for (group, kind) in kinds {
        let of_kind = |pair: &&Pair| kind.is_none() || pair.0.get(KIND).and_then(Value::as_bool) == *kind;
        let group_pairs: Vec<&Pair> = pairs.iter().filter(of_kind).collect();
        for measure in pairs[0].0.keys().filter(|measure| *measure != KIND) {
            let values = group_pairs.iter().filter_map(|(first, second)| {
                Some((number(first.get(measure)?)?, number(second.get(measure)?)?))
            });
            let values: Vec<(f64, f64)> = values.collect();
            if !values.is_empty() {
                found.push(difference(*group, measure, &values));
            }
        }
    }
    found
}

/// A number, or whether something holds as 0 or 1.
fn number(value: &Value) -> Option<f64> {
    value
        .as_f64()
        .or_else(|| value.as_bool().map(|holds| f64::from(u8::from(holds))))
}

fn difference(group: Option<&'static str>, measure: &str, values: &[(f64, f64)]) -> Difference {
    let count = values.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| values.iter().map(of).sum::<f64>() / count;
    let (first, second) = (mean(|pair| pair.0), mean(|pair| pair.1));
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut resampled: Vec<f64> = (0..RESAMPLES)
        .map(|_| {
            let drawn = (0..values.len()).map(|_| {
                let (a, b) = values[(random(&mut state) % values.len() as u64) as usize];
                b - a
            });
            drawn.sum::<f64>() / count
        })
        .collect();
    Difference {
        group,
        measure: measure.to_owned(),
        questions: values.len(),
        first,
        second,
        difference: second - first,
        low: percentile(&mut resampled, 0.025),
        high: percentile(&mut resampled, 0.975),
    }
}

/// SplitMix64 (Steele, Lea and Flood, 2014).
fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_on_every_question_is_sure_and_a_balanced_one_is_not() {
        let better: Vec<(f64, f64)> = (0..40).map(|n| (0.1, 0.3 + f64::from(n % 5) / 10.0)).collect();
        let sure = difference(None, "f1", &better);
        assert!(
            (sure.difference - 0.4).abs() < 1e-9 && sure.low > 0.3 && sure.high < 0.5,
            "{sure:?}"
        );
        let even: Vec<(f64, f64)> = (0..40).map(|n| (0.5, f64::from(n % 2))).collect();
        let unsure = difference(None, "f1", &even);
        assert!(unsure.low < 0.0 && unsure.high > 0.0, "{unsure:?}");
        assert_eq!(unsure, difference(None, "f1", &even));
    }

    #[test]
    fn questions_are_paired_and_parted_by_kind() {
        let run = |f1: f64, ids: &[&str]| {
            let record = |id: &&str| {
                let value = serde_json::json!({ "id": id, "unanswerable": *id == "c", "f1": f1, "abstained": *id == "c" });
                ((*id).to_owned(), value.as_object().unwrap().clone())
            };
            ids.iter().map(record).collect::<BTreeMap<_, _>>()
        };
        let found = differences(&pairs(run(0.2, &["a", "b", "c"]), &run(0.5, &["b", "c", "d"])));
        let mut brief: Vec<_> = found
            .iter()
            .map(|d| (d.group.unwrap(), d.measure.as_str(), d.questions))
            .collect();
        brief.sort_unstable();
        assert_eq!(
            brief,
            [
                ("answerable", "abstained", 1),
                ("answerable", "f1", 1),
                ("unanswerable", "abstained", 1),
                ("unanswerable", "f1", 1)
            ]
        );
    }
}
