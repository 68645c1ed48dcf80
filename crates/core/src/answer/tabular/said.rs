//! How a computed answer is worded, in the language of its question.

use super::super::exhaustive::proved;
use super::super::wording::marker;
use super::span_of;
use crate::find::Language;
use crate::tables::{Answered, Computed, Direction, Measure, Plan, Table, Test, Value};
use crate::text::one_line;
use crate::types::{Citation, Document, Sentence};

/// Rows cited behind a sum.
const CITED: usize = 12;
/// Rows or groups that are listed.
const LISTED: usize = 20;
/// Rows cited for each group.
const CITED_PER_GROUP: usize = 2;
/// Tables that are named.
const NAMED: usize = 4;
/// Decimals of an average at least.
const AVERAGE_DECIMALS: u8 = 2;

/// A result, to be worded.
pub(super) struct Said<'a> {
    pub table: &'a Table,
    pub plan: &'a Plan,
    pub shown: &'a [usize],
    pub computed: &'a Computed,
    pub documents: &'a [Document],
    pub language: Language,
}

impl Said<'_> {
    /// The text, its sentences, and the rows they cite, in order.
    pub fn answer(&self) -> (String, Vec<Sentence>, Vec<u32>) {
        let mut cited: Vec<u32> = Vec::new();
        let mut lines: Vec<(String, Vec<u32>)> = Vec::new();
        let mut head = self.head();
        let more = match &self.computed.answered {
            Answered::Value(_) => {
                let with = self.counted_rows();
                cited.extend(with.iter().take(CITED));
                with.len() - cited.len()
            }
            Answered::Rows(rows) => {
                for row in rows.iter().take(LISTED) {
                    cited.push(*row);
                    lines.push((self.row(*row), vec![cited.len() as u32]));
                }
                rows.len() - lines.len()
            }
            Answered::Groups(groups) => {
                let best = self.best(groups);
                for (key, value) in best.iter().take(LISTED) {
                    let rows = self.rows_of(key.as_ref());
                    let first = cited.len() as u32;
                    cited.extend(rows.iter().take(CITED_PER_GROUP));
                    let line = format!(
                        "{}: {} ({})",
                        self.key(key.as_ref()),
                        self.result(value.as_ref()),
                        self.rows(rows.len())
                    );
                    lines.push((line, (first + 1..=cited.len() as u32).collect()));
                }
                best.len() - lines.len()
            }
        };
        let numbers: Vec<u32> = if lines.is_empty() {
            (1..=cited.len() as u32).collect()
        } else {
            Vec::new()
        };
        if !numbers.is_empty() {
            head = format!("{head} {}", marker(&numbers));
        }
        let mut text = head.clone();
        let mut sentences = vec![proved(head, numbers)];
        for (n, (line, numbers)) in lines.into_iter().enumerate() {
            let line = format!("{line} {}", marker(&numbers));
            text.push_str(if n == 0 { "\n\n- " } else { "\n- " });
            text.push_str(&line);
            sentences.push(proved(line, numbers));
        }
        for (n, rest) in self.rest(more).into_iter().enumerate() {
            text.push_str(if n == 0 { "\n\n" } else { " " });
            text.push_str(&rest);
            sentences.push(proved(rest, Vec::new()));
        }
        (text, sentences, cited)
    }

    /// A row as a citation, without its quote.
    pub fn cite(&self, n: u32, row: u32, columns: &[usize]) -> Citation {
        let place = &self.table.rows[row as usize];
        let document = &self.documents[self.table.parts[place.part as usize].document];
        Citation {
            n,
            document: document.id.clone(),
            revision: document.revision.clone().unwrap_or_else(|| "".into()),
            path: document.path.clone(),
            title: document.title.clone(),
            page: place.page,
            span: span_of(place, columns),
            locator: Default::default(),
            quote: String::new(),
            score: 1.0,
        }
    }

    fn german(&self) -> bool {
        self.language == Language::German
    }

    fn head(&self) -> String {
        let (matched, all) = (self.computed.matched.len(), self.table.rows.len());
        let (from, tests) = (self.from(), self.tests());
        let german = self.german();
        let tests = if tests.is_empty() {
            String::new()
        } else {
            format!(": {tests}")
        };
        if matched == 0 {
            return if german {
                format!("Keine von {all} Zeilen in {from} passt{tests}.")
            } else {
                format!("None of {} in {from} fits{tests}.", self.rows(all))
            };
        }
        let of = if german {
            format!("{matched} von {all} Zeilen")
        } else {
            format!("{matched} of {}", self.rows(all))
        };
        let column = self
            .plan
            .measure
            .column()
            .map(|column| self.name(column))
            .unwrap_or_default();
        let per = self.plan.group.map(|group| match german {
            true => format!(" pro {}", self.name(group)),
            false => format!(" per {}", self.name(group)),
        });
        let per = per.unwrap_or_default();
        let best = match (self.plan.best, german) {
            (None, false) => "The ",
            (None, true) => "",
            (Some(Direction::Highest), false) => "The highest ",
            (Some(Direction::Lowest), false) => "The lowest ",
            (Some(Direction::Highest), true) => "Höchstwert: ",
            (Some(Direction::Lowest), true) => "Tiefstwert: ",
        };
        let what = match (&self.plan.measure, german) {
            (Measure::Sum(_), false) => format!("{best}sum of {column}{per}"),
            (Measure::Sum(_), true) => format!("{best}Summe von {column}{per}"),
            (Measure::Average(_), false) => format!("{best}average of {column}{per}"),
            (Measure::Average(_), true) => format!("{best}Durchschnitt von {column}{per}"),
            (Measure::Distinct(_), false) => format!("{best}number of different values of {column}{per}"),
            (Measure::Distinct(_), true) => format!("{best}Anzahl verschiedener Werte von {column}{per}"),
            (Measure::Count, false) => format!("{best}number of rows{per}"),
            (Measure::Count, true) => format!("{best}Anzahl der Zeilen{per}"),
            (Measure::Extreme(_, Direction::Highest), false) => format!("The highest {column}"),
            (Measure::Extreme(_, Direction::Lowest), false) => format!("The lowest {column}"),
            (Measure::Extreme(_, Direction::Highest), true) => format!("Höchster Wert von {column}"),
            (Measure::Extreme(_, Direction::Lowest), true) => format!("Niedrigster Wert von {column}"),
            (Measure::Top(_, Direction::Highest, n), false) => {
                format!("The first {n} by {column}, the highest first")
            }
            (Measure::Top(_, Direction::Lowest, n), false) => {
                format!("The first {n} by {column}, the lowest first")
            }
            (Measure::Top(_, Direction::Highest, n), true) => {
                format!("Die ersten {n} nach {column}, die höchsten zuerst")
            }
            (Measure::Top(_, Direction::Lowest, n), true) => {
                format!("Die ersten {n} nach {column}, die niedrigsten zuerst")
            }
            (Measure::Rows, _) => String::new(),
        };
        match (&self.computed.answered, &self.plan.measure, german) {
            (_, Measure::Rows, false) => format!("{of} in {from} fit{tests}."),
            (_, Measure::Rows, true) => format!("{of} in {from} passen{tests}."),
            (Answered::Value(_), Measure::Count, false) => format!("{of} in {from} fit{tests}."),
            (Answered::Value(_), Measure::Count, true) => format!("{of} in {from} passen{tests}."),
            (Answered::Value(None), _, false) => {
                format!("{column} is blank in all of {of} in {from}{tests}.")
            }
            (Answered::Value(None), _, true) => format!("{column} ist leer, in {of} in {from}{tests}."),
            (Answered::Value(Some(value)), _, false) => {
                format!(
                    "{what} is {}, over {of} in {from}{tests}.",
                    self.result(Some(value))
                )
            }
            (Answered::Value(Some(value)), _, true) => {
                format!(
                    "{what}: {}, über {of} in {from}{tests}.",
                    self.result(Some(value))
                )
            }
            (_, _, false) => format!("{what}, over {of} in {from}{tests}."),
            (_, _, true) => format!("{what}, über {of} in {from}{tests}."),
        }
    }

    /// Where the rows stand: `berths.csv`, `harbour.xlsx, sheet Berths`, `3 tables (…)`.
    fn from(&self) -> String {
        let name = |n: usize| {
            let part = &self.table.parts[n];
            let file = plain(&self.documents[part.document].file_name());
            match &part.label {
                Some(label) => format!("{file}, {}", plain(label)),
                None => file,
            }
        };
        let parts = self.table.parts.len();
        if parts == 1 {
            return name(0);
        }
        let mut names: Vec<String> = (0..parts.min(NAMED)).map(name).collect();
        if parts > NAMED {
            names.push("…".into());
        }
        let tables = if self.german() { "Tabellen" } else { "tables" };
        format!("{parts} {tables} ({})", names.join("; "))
    }

    fn tests(&self) -> String {
        let (open, close, and, or) = if self.german() {
            ('„', '“', " und ", " oder ")
        } else {
            ('“', '”', " and ", " or ")
        };
        let tests = self.plan.filters.iter().map(|filter| {
            let column = &self.table.columns[filter.column];
            let show = |value: &Value| match value {
                Value::Text(text) => format!("{open}{}{close}", plain(text)),
                other => column.show(other),
            };
            let name = self.name(filter.column);
            let (word, value) = match &filter.test {
                Test::In(values) => (
                    ["is", "ist"],
                    values.iter().map(show).collect::<Vec<_>>().join(or),
                ),
                Test::Above(value) => (["is over", "ist über"], show(value)),
                Test::AtLeast(value) => (["is at least", "ist mindestens"], show(value)),
                Test::Below(value) => (["is under", "ist unter"], show(value)),
                Test::AtMost(value) => (["is at most", "ist höchstens"], show(value)),
                Test::Between(from, to) => (["is from", "ist von"], {
                    let until = if self.german() { "bis" } else { "to" };
                    format!("{} {until} {}", show(from), show(to))
                }),
            };
            format!("{name} {} {value}", word[usize::from(self.german())])
        });
        tests.collect::<Vec<_>>().join(and)
    }

    fn name(&self, column: usize) -> String {
        plain(&self.table.columns[column].name)
    }

    /// A value that was computed.
    fn result(&self, value: Option<&Value>) -> String {
        match (value, &self.plan.measure) {
            (None, _) => "–".into(),
            (Some(value), Measure::Sum(column)) => self.table.columns[*column].show(value),
            (Some(Value::Number(number)), Measure::Average(column)) => {
                let column = &self.table.columns[*column];
                let decimals = match &column.values {
                    crate::tables::Values::Number { look, .. } => look.decimals.max(AVERAGE_DECIMALS),
                    _ => AVERAGE_DECIMALS,
                };
                column.show(&Value::Number(number.rounded(decimals)))
            }
            (Some(value), _) => value.to_string(),
        }
    }

    fn rows(&self, count: usize) -> String {
        match (count, self.german()) {
            (1, false) => "1 row".into(),
            (_, false) => format!("{count} rows"),
            (1, true) => "1 Zeile".into(),
            (_, true) => format!("{count} Zeilen"),
        }
    }

    /// `B1, 4.5, open`
    fn row(&self, row: u32) -> String {
        let cells = self.shown.iter().filter_map(|column| {
            let column = &self.table.columns[*column];
            Some(plain(&column.show(&column.values.get(row as usize)?)))
        });
        cells.collect::<Vec<_>>().join(", ")
    }

    fn key(&self, key: Option<&Value>) -> String {
        match (key, self.plan.group) {
            (Some(value), Some(group)) => plain(&self.table.columns[group].show(value)),
            _ if self.german() => "(leer)".into(),
            _ => "(blank)".into(),
        }
    }

    /// All groups, or those whose result is that of the first.
    fn best<'b>(&self, groups: &'b [(Option<Value>, Option<Value>)]) -> &'b [(Option<Value>, Option<Value>)] {
        let Some((_, first)) = groups.first().filter(|_| self.plan.best.is_some()) else {
            return groups;
        };
        let same = groups.iter().take_while(|(_, value)| value == first).count();
        &groups[..same]
    }

    fn rows_of(&self, key: Option<&Value>) -> Vec<u32> {
        let Some(group) = self.plan.group else {
            return Vec::new();
        };
        let values = &self.table.columns[group].values;
        let rows = self.computed.matched.iter().copied();
        rows.filter(|row| values.get(*row as usize).as_ref() == key)
            .collect()
    }

    /// The rows that enter the result: those in which the column is not blank.
    fn counted_rows(&self) -> Vec<u32> {
        let rows = self.computed.matched.iter().copied();
        match self.plan.measure.column() {
            Some(column) => {
                let values = &self.table.columns[column].values;
                rows.filter(|row| values.get(*row as usize).is_some()).collect()
            }
            None => rows.collect(),
        }
    }

    /// What is not listed, and what did not enter.
    fn rest(&self, more: usize) -> Vec<String> {
        let mut rest = Vec::new();
        let german = self.german();
        if more > 0 {
            let groups = matches!(self.computed.answered, Answered::Groups(_));
            rest.push(match (groups, german) {
                (true, false) => format!("Not listed: {more} more."),
                (true, true) => format!("Nicht aufgeführt: {more} weitere."),
                (false, false) => format!("And {} more.", self.rows(more)),
                (false, true) => format!("Und {more} weitere Zeilen."),
            });
        }
        let blank = self.computed.matched.len() - self.counted_rows().len();
        if let Some(column) = self.plan.measure.column().filter(|_| blank > 0) {
            let column = self.name(column);
            rest.push(match german {
                false => format!("Blank and not counted in {column}: {}.", self.rows(blank)),
                true => format!("Leer und nicht gezählt in {column}: {}.", self.rows(blank)),
            });
        }
        let totals = self.table.totals as usize;
        if totals > 0 {
            rest.push(match german {
                false => format!("Left out because they sum up others: {}.", self.rows(totals)),
                true => format!(
                    "Nicht mitgezählt, weil sie andere zusammenfassen: {}.",
                    self.rows(totals)
                ),
            });
        }
        rest
    }
}

/// On one line, without what would read as a marker of ours.
fn plain(text: &str) -> String {
    one_line(text).replace('[', "(").replace(']', ")")
}
