//! Computation over tables in a few loops: what the real engine is held against.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use crate::error::{Error, Result};
use crate::ports::TableEngine;
use crate::tables::{Answered, Computed, Decimal, Direction, Measure, Plan, Table, Value};

/// A [`TableEngine`] without a query language.
#[derive(Default)]
pub struct PlainTables;

#[async_trait]
impl TableEngine for PlainTables {
    async fn compute(
        &self,
        table: &Arc<Table>,
        plan: &Plan,
        _: &[usize],
        cancel: &CancellationToken,
    ) -> Result<Computed> {
        if cancel.is_cancelled() {
            return Err(Error::canceled());
        }
        let value = |column: usize, row: &u32| table.columns[column].values.get(*row as usize);
        let matched: Vec<u32> = (0..table.rows.len() as u32)
            .filter(|row| {
                let mut filters = plan.filters.iter();
                filters.all(|filter| filter.test.passes(value(filter.column, row).as_ref()))
            })
            .collect();
        let ordered = |column: usize, direction: Direction| {
            let mut rows: Vec<u32> = matched
                .iter()
                .copied()
                .filter(|row| value(column, row).is_some())
                .collect();
            rows.sort_by_key(|row| value(column, row));
            if direction == Direction::Highest {
                // In their own order where they are alike.
                rows.sort_by_key(|row| std::cmp::Reverse(value(column, row)));
            }
            rows
        };
        let answered = match (&plan.measure, plan.group) {
            (Measure::Rows, _) => Answered::Rows(matched.clone()),
            (Measure::Extreme(column, direction), _) => {
                let rows = ordered(*column, *direction);
                let best = rows.first().and_then(|row| value(*column, row));
                Answered::Rows(
                    matched
                        .iter()
                        .copied()
                        .filter(|row| best.is_some() && value(*column, row) == best)
                        .collect(),
                )
            }
            (Measure::Top(column, direction, count), _) => Answered::Rows(
                ordered(*column, *direction)
                    .into_iter()
                    .take(*count as usize)
                    .collect(),
            ),
            (measure, None) => Answered::Value(aggregate(table, measure, &matched)),
            (measure, Some(group)) => {
                // Blank cells come last.
                let mut groups: BTreeMap<(bool, Option<Value>), Vec<u32>> = BTreeMap::new();
                for row in &matched {
                    let key = value(group, row);
                    groups.entry((key.is_none(), key)).or_default().push(*row);
                }
                let groups = groups.into_iter();
                let mut groups: Vec<_> = groups
                    .map(|((_, key), rows)| (key, aggregate(table, measure, &rows)))
                    .collect();
                match plan.best {
                    Some(Direction::Highest) => {
                        groups.sort_by_key(|(_, value)| (value.is_none(), std::cmp::Reverse(value.clone())));
                    }
                    Some(Direction::Lowest) => {
                        groups.sort_by_key(|(_, value)| (value.is_none(), value.clone()))
                    }
                    None => {}
                }
                Answered::Groups(groups)
            }
        };
        Ok(Computed {
            sql: String::new(),
            matched,
            answered,
        })
    }
}

/// Averages have four decimals more than their column, the rest cut off.
fn aggregate(table: &Table, measure: &Measure, rows: &[u32]) -> Option<Value> {
    let values = |column: usize| {
        rows.iter()
            .filter_map(move |row| table.columns[column].values.get(*row as usize))
    };
    let count = |count: usize| Some(Value::Number(Decimal::new(count as i128, 0)));
    let numbers = |column: usize| -> Vec<Decimal> {
        let numbers = values(column).filter_map(|value| match value {
            Value::Number(number) => Some(number),
            _ => None,
        });
        numbers.collect()
    };
    match measure {
        Measure::Distinct(column) => count(values(*column).collect::<std::collections::BTreeSet<_>>().len()),
        Measure::Sum(column) | Measure::Average(column) => {
            let numbers = numbers(*column);
            let scale = numbers.first()?.scale;
            let sum: i128 = numbers.iter().map(|number| number.units).sum();
            Some(Value::Number(match measure {
                Measure::Sum(_) => Decimal::new(sum, scale),
                _ => Decimal::new(sum * 10_000 / numbers.len() as i128, scale + 4),
            }))
        }
        _ => count(rows.len()),
    }
}
