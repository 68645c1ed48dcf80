//! What the parts of a question make together.

use std::collections::HashSet;

use super::bounds::Bound;
use super::mentions::{Header, Named};
use super::{Asked, Combined, Filter, Measure, Plan, Planned};
use crate::find::fold;
use crate::tables::plan::Test;
use crate::tables::words::{Trigger, Wanted};
use crate::tables::{Value, Values};

/// Signs of units that a question may have, with their names.
const UNITS: &[(char, &[&str])] = &[
    ('€', &["eur", "euro", "euros"]),
    ('$', &["usd", "dollar", "dollars"]),
    ('£', &["gbp", "pound", "pounds", "pfund"]),
    ('%', &["percent", "prozent"]),
];

/// A question whose words were told apart.
pub(super) struct Reading<'a> {
    asked: &'a Asked<'a>,
    wanted: Combined,
    triggers: Vec<Trigger>,
    headers: Vec<Header>,
    values: Vec<Named>,
    bounds: Vec<Bound>,
    used: Vec<bool>,
    filters: Vec<Filter>,
    /// Headers that say which column a filter is about.
    filtering: HashSet<usize>,
    group: Option<usize>,
}

impl<'a> Reading<'a> {
    pub fn new(
        asked: &'a Asked<'a>,
        wanted: Combined,
        triggers: Vec<Trigger>,
        headers: Vec<Header>,
        values: Vec<Named>,
        bounds: Vec<Bound>,
        used: Vec<bool>,
    ) -> Self {
        Self {
            asked,
            wanted,
            triggers,
            headers,
            values,
            bounds,
            used,
            filters: Vec::new(),
            filtering: HashSet::new(),
            group: None,
        }
    }

    pub fn plan(mut self) -> Option<Planned> {
        self.bare_bounds();
        self.compare()?;
        self.take_values();
        self.find_group();
        self.take_units();
        let (names, whole_name, row_word) = self.take_names();
        self.check_or()?;
        let rest = self.asked.words.iter().zip(&self.used);
        if rest
            .into_iter()
            .any(|(word, used)| !used && !self.asked.wording.is_neutral(word))
        {
            return None;
        }
        let named = whole_name || row_word;
        let (plan, shown) = self.measured(named, names > 0)?;
        self.units_agree(&plan)?;
        Some(Planned {
            plan,
            shown,
            weight: self.headers.len() + self.values.len() + self.bounds.len(),
        })
    }

    /// Numbers and days without a comparison, as far as a column takes them.
    fn bare_bounds(&mut self) {
        for bound in self.asked.bounds(&self.used) {
            let column = self.asked.column_of(&bound, &self.headers);
            let named = column.is_some_and(|(_, header)| header.is_some());
            let in_name = Asked::may_be_a_name(&bound) && self.in_names(&bound);
            // "the price list of 2025" speaks of the list; no price is 2025.
            let there =
                !in_name || column.is_some_and(|(column, _)| self.asked.occurs(&bound, column)) && named;
            if bound.comparison.is_none() && column.is_some() && there {
                self.used[bound.at.clone()].fill(true);
                self.bounds.push(bound);
            }
        }
    }

    fn in_names(&self, bound: &Bound) -> bool {
        let words = &self.asked.words[bound.at.clone()];
        words.iter().all(|word| {
            self.asked
                .names
                .iter()
                .flatten()
                .any(|name| name.folded == word.folded)
        })
    }

    fn compare(&mut self) -> Option<()> {
        for bound in &self.bounds {
            let (column, header) = self.asked.column_of(bound, &self.headers)?;
            self.filtering.extend(header);
            let test = self.asked.test(bound, column)?;
            self.filters.push(Filter { column, test });
        }
        Some(())
    }

    /// Values of one column are alternatives.
    fn take_values(&mut self) {
        let mut columns: Vec<usize> = self.values.iter().map(|named| named.column).collect();
        columns.sort_unstable();
        columns.dedup();
        for column in columns {
            let mut values: Vec<Value> = Vec::new();
            for value in self
                .values
                .iter()
                .filter(|named| named.column == column)
                .flat_map(|named| &named.values)
            {
                if !values.contains(value) {
                    values.push(value.clone());
                }
            }
            self.filters.push(Filter {
                column,
                test: Test::In(values),
            });
            // "the status open", "the Hamburg office"
            for (n, header) in self.headers.iter().enumerate() {
                let beside = self
                    .values
                    .iter()
                    .any(|named| named.column == column && self.asked.joined(&header.at, &named.at));
                if header.column == column && beside {
                    self.filtering.insert(n);
                }
            }
        }
    }

    fn find_group(&mut self) {
        for at in 0..self.used.len() {
            let Some(length) = (!self.used[at])
                .then(|| self.asked.wording.group(&self.asked.words[at..]))
                .flatten()
            else {
                continue;
            };
            let next = self.headers.iter().position(|header| {
                header.at.start >= at + length && self.asked.joined(&(at..at + length), &header.at)
            });
            let Some(next) = next.filter(|next| !self.filtering.contains(next)) else {
                continue;
            };
            let column = self.headers[next].column;
            let top = matches!(self.wanted, Combined::One(Wanted::Top(..)));
            if top != matches!(self.asked.values(column), Values::Text(_)) {
                self.used[at..at + length].fill(true);
                if !top && self.group.is_none() {
                    self.group = Some(column);
                    self.filtering.insert(next);
                }
            }
        }
    }

    /// Units behind numbers, if the column has them.
    fn take_units(&mut self) {
        for n in 0..self.bounds.len() {
            let at = self.bounds[n].at.end;
            let (Some(word), Some(filter)) = (self.asked.words.get(at), self.filters.get(n)) else {
                continue;
            };
            if !self.used[at] && self.has_unit(filter.column, &word.folded) {
                self.used[at] = true;
            }
        }
    }

    fn has_unit(&self, column: usize, word: &str) -> bool {
        let own = self.unit_of(column);
        let same = UNITS.iter().find(|(_, names)| names.contains(&word));
        own.split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '[' | ']'))
            .any(|unit| {
                unit == word
                    || same.is_some_and(|(sign, names)| unit.contains(*sign) || names.contains(&unit))
            })
    }

    /// The unit of a column as its cells and its header say it, folded.
    fn unit_of(&self, column: usize) -> String {
        let name = &self.asked.column(column).name;
        let bracket = name.find(['(', '[']).map_or("", |at| &name[at..]);
        match self.asked.values(column) {
            Values::Number { look, .. } => fold(&format!("{} {} {bracket}", look.before, look.behind)),
            _ => String::new(),
        }
    }

    /// Words of the table's names. How many there are, whether one name is there as a whole, and whether rows are
    /// called rows.
    fn take_names(&mut self) -> (usize, bool, bool) {
        let (mut taken, mut row_word) = (HashSet::new(), false);
        for (at, word) in self
            .asked
            .words
            .iter()
            .enumerate()
            .filter(|(at, _)| !self.used[*at])
        {
            row_word |= self.asked.wording.is_row(word);
            if self
                .asked
                .names
                .iter()
                .flatten()
                .any(|name| name.stem == word.stem)
                && !self.asked.wording.is_neutral(word)
            {
                taken.insert((at, word.stem.clone()));
            }
        }
        taken.iter().for_each(|(at, _)| self.used[*at] = true);
        let has = |stem: &str| taken.iter().any(|(_, taken)| taken == stem);
        let whole = self.asked.names.iter().any(|name| {
            let mut worded = name
                .iter()
                .filter(|word| word.text.contains(char::is_alphabetic))
                .peekable();
            worded.peek().is_some() && worded.all(|word| has(&word.stem))
        });
        (
            taken.len() + usize::from(self.asked.file_named),
            whole || self.asked.file_named,
            row_word,
        )
    }

    /// "or" must stand between two values of one column.
    fn check_or(&mut self) -> Option<()> {
        for at in 0..self.asked.words.len() {
            if self.used[at] || self.asked.words[at].folded != self.asked.wording.or {
                continue;
            }
            let before = self.values.iter().find(|named| named.at.end == at)?;
            let behind = self
                .values
                .iter()
                .find(|named| self.asked.joined(&(at..at + 1), &named.at) && named.at.start > at)?;
            if before.column != behind.column {
                return None;
            }
            self.used[at] = true;
        }
        Some(())
    }

    fn measured(&self, named: bool, any_name: bool) -> Option<(Plan, Vec<usize>)> {
        let rest: Vec<usize> = (0..self.headers.len())
            .filter(|n| !self.filtering.contains(n))
            .collect();
        let is_text = |column: &usize| matches!(self.asked.values(*column), Values::Text(_));
        let mut columns: Vec<usize> = rest.iter().map(|n| self.headers[*n].column).collect();
        columns.sort_unstable();
        columns.dedup();
        let (labels, mut measures): (Vec<usize>, Vec<usize>) =
            columns.iter().partition(|column| is_text(column));
        if measures.is_empty() {
            // "the sum of fees over 100": the column that is compared is the one that is summed.
            let compared = self.filtering.iter().map(|n| self.headers[*n].column);
            let mut compared: Vec<usize> = compared
                .filter(|column| self.asked.values(*column).is_number())
                .collect();
            compared.sort_unstable();
            compared.dedup();
            measures = compared;
            measures.retain(|column| Some(*column) != self.group);
        }
        let direct = !rest.iter().all(|n| is_text(&self.headers[*n].column));
        let numeric = || match measures.as_slice() {
            [column] if self.asked.values(*column).is_number() => Some(*column),
            _ => None,
        };
        let plain = |measure| Plan {
            measure,
            filters: self.filters.clone(),
            group: self.group,
            best: None,
        };
        let (plan, shown) = match self.wanted {
            Combined::CountOrSum if direct => (plain(Measure::Sum(numeric()?)), Vec::new()),
            Combined::One(Wanted::Count) | Combined::CountOrSum => {
                let keys = labels.iter().all(|label| self.is_key(*label));
                let about = named || !labels.is_empty() || !any_name && !self.filters.is_empty();
                if direct || !keys || !about || labels.len() > 1 {
                    return None;
                }
                (plain(Measure::Count), Vec::new())
            }
            Combined::One(Wanted::Distinct) => match columns.as_slice() {
                [column] => (plain(Measure::Distinct(*column)), Vec::new()),
                _ => return None,
            },
            Combined::One(Wanted::Sum) => (plain(Measure::Sum(numeric()?)), Vec::new()),
            Combined::One(Wanted::Average) => (plain(Measure::Average(numeric()?)), Vec::new()),
            Combined::One(Wanted::Extreme(direction)) if self.group.is_none() => (
                plain(Measure::Extreme(self.ordered(&measures)?, direction)),
                labels,
            ),
            Combined::One(Wanted::Top(direction, count)) if self.group.is_none() => (
                plain(Measure::Top(self.ordered(&measures)?, direction, count)),
                labels,
            ),
            Combined::One(Wanted::Rows) if self.group.is_none() && !self.filters.is_empty() => {
                (plain(Measure::Rows), columns)
            }
            Combined::Best(direction, wanted) => {
                let group = match (self.group, labels.as_slice()) {
                    (Some(group), []) => group,
                    (None, [label]) => *label,
                    _ => return None,
                };
                let measure = match wanted {
                    Wanted::Sum => Measure::Sum(numeric()?),
                    Wanted::Average => Measure::Average(numeric()?),
                    _ if direct => return None,
                    _ => Measure::Count,
                };
                let plan = Plan {
                    group: Some(group),
                    best: Some(direction),
                    ..plain(measure)
                };
                (plan, Vec::new())
            }
            Combined::One(_) => return None,
        };
        Some((plan, shown))
    }

    /// The column that rows are ordered by. What is latest or earliest is a day.
    fn ordered(&self, measures: &[usize]) -> Option<usize> {
        const TEMPORAL: &[&str] = &[
            "latest",
            "recent",
            "earliest",
            "neueste",
            "neuesten",
            "spateste",
            "fruheste",
            "fruhesten",
            "alteste",
        ];
        let words = self
            .triggers
            .iter()
            .flat_map(|trigger| &self.asked.words[trigger.at.clone()]);
        let temporal = words
            .into_iter()
            .any(|word| TEMPORAL.contains(&word.folded.as_str()));
        let days: Vec<usize> = (0..self.asked.table.columns.len())
            .filter(|column| self.asked.values(*column).is_date())
            .collect();
        match (measures, days.as_slice()) {
            ([column], _) if !temporal || self.asked.values(*column).is_date() => Some(*column),
            ([], [day]) if temporal => Some(*day),
            _ => None,
        }
    }

    /// Whether no two rows have the same value, and each has one: then rows can be counted by it.
    fn is_key(&self, column: usize) -> bool {
        let Values::Text(texts) = self.asked.values(column) else {
            return false;
        };
        let mut seen = HashSet::new();
        texts
            .iter()
            .all(|text| text.as_deref().is_some_and(|text| seen.insert(text)))
    }

    /// Signs of units in the question must be those of the columns that are read.
    fn units_agree(&self, plan: &Plan) -> Option<()> {
        let of = |unit: &str, sign: char, names: &[&str]| {
            unit.contains(sign)
                || unit
                    .split(|c: char| !c.is_alphanumeric())
                    .any(|word| names.contains(&word))
        };
        let units: Vec<String> = plan
            .columns()
            .into_iter()
            .map(|column| self.unit_of(column))
            .collect();
        for (sign, names) in UNITS.iter().filter(|(sign, _)| self.asked.text.contains(*sign)) {
            let here = units.iter().any(|unit| of(unit, *sign, names));
            let bare = units
                .iter()
                .all(|unit| !UNITS.iter().any(|(sign, names)| of(unit, *sign, names)));
            if !here && (*sign == '%' || !bare) {
                return None;
            }
        }
        Some(())
    }
}
