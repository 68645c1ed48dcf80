//! A plan as SQL.

use footnote_core::tables::{Direction, Filter, Measure, Plan, Table, Test, Value};

/// The queries of a plan over one table.
pub(crate) struct Queries {
    /// The one that answers, as it is shown.
    pub(crate) answer: String,
    /// The numbers of the rows that pass.
    pub(crate) matched: String,
}

/// `plan` over `table`, whose running number is the column `row`.
pub(crate) fn queries(plan: &Plan, table: &Table, row: &str, shown: &[usize]) -> Queries {
    let name = |column: usize| identifier(&table.columns[column].name);
    let from = format!("FROM {}", identifier(&table.name));
    let row = identifier(row);
    let tests: Vec<String> = plan
        .filters
        .iter()
        .map(|filter| condition(&name(filter.column), filter))
        .collect();
    let filtered = where_all(&tests);
    let aggregate = match &plan.measure {
        Measure::Count => Some("COUNT(*)".to_owned()),
        Measure::Distinct(column) => Some(format!("COUNT(DISTINCT {})", name(*column))),
        Measure::Sum(column) => Some(format!("SUM({})", name(*column))),
        Measure::Average(column) => Some(format!("AVG({})", name(*column))),
        Measure::Rows | Measure::Extreme(..) | Measure::Top(..) => None,
    };
    let answer = match (aggregate, plan.group) {
        (Some(aggregate), None) => format!("SELECT {aggregate} {from}{filtered}"),
        (Some(aggregate), Some(group)) => {
            let group = name(group);
            let order = match plan.best {
                None => format!("{group} NULLS LAST"),
                Some(Direction::Highest) => format!("2 DESC NULLS LAST, {group} NULLS LAST"),
                Some(Direction::Lowest) => format!("2 ASC NULLS LAST, {group} NULLS LAST"),
            };
            format!("SELECT {group}, {aggregate} {from}{filtered} GROUP BY {group} ORDER BY {order}")
        }
        (None, _) => {
            let mut columns = vec![row.clone()];
            columns.extend(shown.iter().map(|column| name(*column)));
            let selected = format!("SELECT {} {from}", columns.join(", "));
            match &plan.measure {
                Measure::Extreme(column, direction) => {
                    let column = name(*column);
                    let end = if *direction == Direction::Highest {
                        "MAX"
                    } else {
                        "MIN"
                    };
                    let mut tests = tests.clone();
                    tests.push(format!("{column} = (SELECT {end}({column}) {from}{filtered})"));
                    format!("{selected}{} ORDER BY {row}", where_all(&tests))
                }
                Measure::Top(column, direction, count) => {
                    let column = name(*column);
                    let mut tests = tests.clone();
                    tests.push(format!("{column} IS NOT NULL"));
                    let order = if *direction == Direction::Highest {
                        "DESC"
                    } else {
                        "ASC"
                    };
                    format!(
                        "{selected}{} ORDER BY {column} {order}, {row} LIMIT {count}",
                        where_all(&tests)
                    )
                }
                _ => format!("{selected}{filtered} ORDER BY {row}"),
            }
        }
    };
    Queries {
        answer,
        matched: format!("SELECT {row} {from}{filtered} ORDER BY {row}"),
    }
}

fn where_all(tests: &[String]) -> String {
    if tests.is_empty() {
        return String::new();
    }
    format!(" WHERE {}", tests.join(" AND "))
}

fn condition(column: &str, filter: &Filter) -> String {
    match &filter.test {
        Test::In(values) => match values.as_slice() {
            [one] => format!("{column} = {}", literal(one)),
            several => {
                let values: Vec<String> = several.iter().map(literal).collect();
                format!("{column} IN ({})", values.join(", "))
            }
        },
        Test::Above(value) => format!("{column} > {}", literal(value)),
        Test::AtLeast(value) => format!("{column} >= {}", literal(value)),
        Test::Below(value) => format!("{column} < {}", literal(value)),
        Test::AtMost(value) => format!("{column} <= {}", literal(value)),
        Test::Between(from, to) => format!("{column} BETWEEN {} AND {}", literal(from), literal(to)),
    }
}

/// A quoted name: whatever stands in it, it is a name.
fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A literal of the value's type. The dialect knows no escapes but the doubled quote.
fn literal(value: &Value) -> String {
    match value {
        Value::Text(text) => format!("'{}'", text.replace('\'', "''")),
        Value::Number(number) => number.to_string(),
        Value::Date(date) => format!("DATE '{date}'"),
    }
}
