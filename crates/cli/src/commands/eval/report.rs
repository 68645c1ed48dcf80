//! A run as one page for a browser: no script, nothing loaded from elsewhere, light or dark as the system is.

use std::path::Path;

use footnote_core::{Error, Result};
use minijinja::{AutoEscape, Environment};
use serde::Serialize;
use serde_json::{Map, Value};

use super::compare::Pair;
use crate::output;

const TEMPLATE: &str = include_str!("report.html");
/// Bars of a histogram.
const BARS: usize = 10;
/// What two records of one question have in common.
const SHARED: [&str; 4] = ["id", "question", "unanswerable", "expected"];
/// Longest text of a cell, in characters; the rest is left out.
const CELL_CHARS: usize = 600;

/// A page in the making.
#[derive(Serialize)]
pub(super) struct Report {
    title: String,
    about: Vec<(String, String)>,
    /// Names of the groups that are measured.
    groups: Vec<String>,
    measures: Vec<Measure>,
    intervals: Vec<Interval>,
    histogram: Vec<Bar>,
    columns: Vec<String>,
    rows: Vec<Row>,
}

/// A measure of every group.
#[derive(Serialize)]
struct Measure {
    name: String,
    values: Vec<Option<Figure>>,
}

#[derive(Clone, Serialize)]
struct Figure {
    text: String,
    /// 0 to 100, for what is a share.
    percent: Option<f64>,
}

/// The difference of two runs, with its place on a scale from 0 to 100.
#[derive(Serialize)]
struct Interval {
    group: String,
    measure: String,
    questions: usize,
    first: String,
    second: String,
    text: String,
    sure: bool,
    low: f64,
    high: f64,
    at: f64,
    zero: f64,
}

#[derive(Serialize)]
struct Bar {
    from: String,
    to: String,
    count: usize,
    /// Of the highest, 0 to 100.
    percent: f64,
}

#[derive(Serialize)]
struct Row {
    /// How well it went, 0 (worst) to 1.
    score: f64,
    cells: Vec<Cell>,
}

#[derive(Serialize)]
struct Cell {
    text: String,
    number: bool,
}

impl Report {
    /// An empty page about a run over `data`.
    pub fn new(kind: &str, data: &Path) -> Self {
        Self {
            title: kind.to_owned(),
            about: vec![
                ("Data".into(), data.display().to_string()),
                ("Footnote".into(), env!("CARGO_PKG_VERSION").into()),
            ],
            groups: Vec::new(),
            measures: Vec::new(),
            intervals: Vec::new(),
            histogram: Vec::new(),
            columns: Vec::new(),
            rows: Vec::new(),
        }
    }

    /// Adds a fact about the run.
    pub fn about(&mut self, name: &str, value: impl Into<String>) {
        self.about.push((name.to_owned(), value.into()));
    }

    /// Names the run that this one is compared with.
    pub fn against(&mut self, second: &Path) {
        self.about("Second", second.display().to_string());
    }

    /// Adds a group's measures: the fields of `values`. Shares (names without `_ms`, from 0 to 1, not counts) get a bar.
    ///
    /// # Errors
    /// `values` is no object.
    pub fn measures(&mut self, group: &str, values: &impl Serialize) -> Result<()> {
        let values = object(values)?;
        let at = self.groups.len();
        self.groups.push(group.to_owned());
        for (name, value) in &values {
            let Some(figure) = figure(name, value) else {
                continue;
            };
            let known = self.measures.iter().position(|measure| measure.name == *name);
            let row = known.unwrap_or_else(|| {
                let (name, values) = (name.clone(), Vec::new());
                self.measures.push(Measure { name, values });
                self.measures.len() - 1
            });
            let values = &mut self.measures[row].values;
            values.resize(at, None);
            values.push(Some(figure));
        }
        for measure in &mut self.measures {
            measure.values.resize(at + 1, None);
        }
        Ok(())
    }

    /// Adds a row a record, the worst first; `score` says how well it went, from 0 to 1.
    ///
    /// # Errors
    /// A record is no object.
    pub fn records<T: Serialize>(&mut self, records: &[T], score: impl Fn(&T) -> f64) -> Result<()> {
        let mut counts = [0usize; BARS];
        for record in records {
            let score = score(record).clamp(0.0, 1.0);
            counts[((score * BARS as f64) as usize).min(BARS - 1)] += 1;
            self.row(object(record)?, score);
        }
        self.rows.sort_by(|a, b| a.score.total_cmp(&b.score));
        let most = counts.iter().copied().max().unwrap_or(0).max(1);
        let edge = |n: usize| format!("{:.1}", n as f64 / BARS as f64);
        let bars = counts.into_iter().enumerate().map(|(n, count)| Bar {
            from: edge(n),
            to: edge(n + 1),
            count,
            percent: count as f64 / most as f64 * 100.0,
        });
        self.histogram = bars.collect();
        Ok(())
    }

    /// Adds the difference of two runs in one measure, with its 95 % interval.
    pub fn interval(
        &mut self,
        group: &str,
        measure: &str,
        questions: usize,
        [first, second]: [f64; 2],
        [low, high]: [f64; 2],
    ) {
        // Each has a scale of its own, since some are shares and some milliseconds.
        let widest = low.abs().max(high.abs()).max(f64::EPSILON);
        let place = |value: f64| 50.0 + value / widest * 46.0;
        self.intervals.push(Interval {
            group: group.to_owned(),
            measure: measure.to_owned(),
            questions,
            first: plain(first),
            second: plain(second),
            text: format!("{:+.3} ({low:+.3} to {high:+.3})", second - first),
            sure: low > 0.0 || high < 0.0,
            low: place(low),
            high: place(high),
            at: place(second - first),
            zero: 50.0,
        });
    }

    /// Adds a row a question that two runs have, the one first that the second run loses most on.
    pub fn pairs(&mut self, pairs: &[Pair], gain: impl Fn(&Pair) -> f64) {
        for pair in pairs {
            let (first, second) = pair;
            let mut joined = Map::new();
            for (name, value) in first {
                if SHARED.contains(&name.as_str()) {
                    joined.insert(name.clone(), value.clone());
                } else {
                    joined.insert(format!("{name}, first"), value.clone());
                    let other = second.get(name).cloned().unwrap_or(Value::Null);
                    joined.insert(format!("{name}, second"), other);
                }
            }
            let score = (gain(pair) + 1.0) / 2.0;
            self.row(joined, score);
        }
        self.rows.sort_by(|a, b| a.score.total_cmp(&b.score));
        self.fill();
    }

    /// Writes the page.
    ///
    /// # Errors
    /// The file is there already, or cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        output::new_file(path, &self.page()?)
    }

    fn page(&self) -> Result<String> {
        let mut environment = Environment::new();
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        environment
            .render_str(TEMPLATE, self)
            .map_err(|error| Error::bug(format!("the report cannot be written: {error:#}")))
    }

    fn row(&mut self, record: Map<String, Value>, score: f64) {
        for name in record.keys() {
            if !self.columns.contains(name) {
                self.columns.push(name.clone());
            }
        }
        let cells = self.columns.iter().map(|name| cell(record.get(name))).collect();
        self.rows.push(Row { score, cells });
    }

    /// Gives every row a cell for every column; later records may have brought more.
    fn fill(&mut self) {
        for row in &mut self.rows {
            row.cells.resize_with(self.columns.len(), || cell(None));
        }
    }
}

fn object(value: &impl Serialize) -> Result<Map<String, Value>> {
    match serde_json::to_value(value) {
        Ok(Value::Object(fields)) => Ok(fields),
        _ => Err(Error::bug("what is reported has no fields")),
    }
}

fn figure(name: &str, value: &Value) -> Option<Figure> {
    let number = value.as_f64()?;
    let share = !value.is_u64() && !name.ends_with("_ms") && (0.0..=1.0).contains(&number);
    Some(Figure {
        text: if name.ends_with("_ms") {
            format!("{number:.0} ms")
        } else if value.is_u64() {
            value.to_string()
        } else {
            plain(number)
        },
        percent: share.then_some(number * 100.0),
    })
}

fn plain(number: f64) -> String {
    if number.abs() >= 100.0 {
        format!("{number:.0}")
    } else {
        format!("{number:.3}")
    }
}

fn cell(value: Option<&Value>) -> Cell {
    let text = match value {
        None | Some(Value::Null) => "–".to_owned(),
        Some(Value::Bool(holds)) => if *holds { "yes" } else { "no" }.to_owned(),
        Some(Value::Number(number)) if number.is_f64() => plain(number.as_f64().unwrap_or_default()),
        Some(Value::String(text)) => shortened(text),
        Some(other) => shortened(&other.to_string()),
    };
    Cell {
        text,
        number: value.is_some_and(Value::is_number),
    }
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= CELL_CHARS {
        return text.to_owned();
    }
    text.chars().take(CELL_CHARS).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_comes_first_and_what_documents_say_is_text() {
        let mut report = Report::new("Answers", Path::new("/data/<set>"));
        report
            .measures(
                "all",
                &serde_json::json!({ "questions": 2, "f1": 0.75, "total_p50_ms": 12.4 }),
            )
            .unwrap();
        let records = [
            serde_json::json!({ "id": "good", "answer": "fine", "f1": 1.0 }),
            serde_json::json!({ "id": "bad", "answer": "<script>alert(1)</script>", "f1": 0.5 }),
        ];
        report
            .records(&records, |record| record["f1"].as_f64().unwrap())
            .unwrap();
        let page = report.page().unwrap();
        assert!(
            page.contains("&lt;script&gt;") && page.contains("&lt;set&gt;"),
            "{page}"
        );
        for forbidden in ["<script", "src=", "href=", "url(", "@import"] {
            assert!(!page.contains(forbidden), "{forbidden}");
        }
        assert!(page.find(">bad<").unwrap() < page.find(">good<").unwrap());
        assert!(page.contains("0.750") && page.contains("12 ms"));
        assert_eq!(report.histogram[5].count + report.histogram[9].count, 2);
    }

    #[test]
    fn a_difference_that_is_sure_stands_on_one_side_of_the_zero_line() {
        let mut report = Report::new("Comparison", Path::new("a"));
        report.interval("all", "f1", 40, [0.1, 0.5], [0.3, 0.5]);
        report.interval("all", "f1", 40, [0.5, 0.5], [-0.1, 0.1]);
        let [sure, unsure] = &report.intervals[..] else {
            panic!()
        };
        assert!(sure.sure && sure.low > sure.zero && sure.high <= 100.0);
        assert!(!unsure.sure && unsure.low < unsure.zero && unsure.high > unsure.zero);
        let pair = |f1: f64| {
            let of = |f1: f64| {
                serde_json::json!({ "id": "q", "f1": f1 })
                    .as_object()
                    .unwrap()
                    .clone()
            };
            (of(0.5), of(f1))
        };
        report.pairs(&[pair(0.5), pair(0.1)], |(_, second)| {
            second["f1"].as_f64().unwrap() - 0.5
        });
        assert!(report.rows[0].score < report.rows[1].score);
        assert!(
            report
                .rows
                .iter()
                .all(|row| row.cells.len() == report.columns.len())
        );
        report.page().unwrap();
    }
}
