//! The engine against its twin of a few loops, and against hostile names and values.

#![allow(clippy::unwrap_used, missing_docs)]

use std::sync::Arc;

use footnote_core::memory::PlainTables;
use footnote_core::ports::TableEngine;
use footnote_core::tables::{
    Answered, Column, Computed, Decimal, Direction, Filter, Look, Measure, Part, Plan, RowPlace, Table, Test,
    Value, Values,
};
use footnote_tables::DataFusionTables;
use jiff::civil::Date;
use proptest::prelude::*;
use tokio_util::sync::CancellationToken;

fn table(name: &str, columns: Vec<(&str, Values)>, rows: usize) -> Arc<Table> {
    let wide = columns.len();
    let column = |(name, values): (&str, Values)| Column::new(name, values);
    Arc::new(Table {
        name: name.to_owned(),
        columns: columns.into_iter().map(column).collect(),
        rows: (0..rows)
            .map(|_| RowPlace {
                part: 0,
                page: 1,
                cells: vec![None; wide].into(),
            })
            .collect(),
        parts: vec![Part {
            document: 0,
            label: None,
        }],
        totals: 0,
    })
}

fn texts(values: &[Option<&str>]) -> Values {
    Values::Text(values.iter().map(|value| value.map(Into::into)).collect())
}

fn numbers(units: &[Option<i128>], decimals: u8) -> Values {
    Values::Number {
        units: units.to_vec(),
        look: Look {
            decimals,
            ..Look::default()
        },
    }
}

fn plan(measure: Measure, filters: Vec<Filter>) -> Plan {
    Plan {
        measure,
        filters,
        group: None,
        best: None,
    }
}

async fn both(table: &Arc<Table>, plan: &Plan) -> Computed {
    let cancel = CancellationToken::new();
    let shown = plan.columns();
    let real = DataFusionTables
        .compute(table, plan, &shown, &cancel)
        .await
        .unwrap();
    let twin = PlainTables.compute(table, plan, &shown, &cancel).await.unwrap();
    assert_eq!(real.matched, twin.matched, "{}", real.sql);
    assert_eq!(real.answered, twin.answered, "{}", real.sql);
    real
}

#[tokio::test]
async fn sums_are_exact_and_the_query_is_shown() {
    let fees = numbers(&[Some(10), Some(20), None, Some(1)], 1);
    let quays = texts(&[Some("East"), Some("East"), Some("West"), None]);
    let table = table("berths", vec![("Quay", quays), ("Fee", fees)], 4);
    let is = Filter {
        column: 0,
        test: Test::In(vec![Value::Text("East".into())]),
    };
    let sum = both(&table, &plan(Measure::Sum(1), vec![is])).await;
    assert_eq!(
        sum.sql,
        "SELECT SUM(\"Fee\") FROM \"berths\" WHERE \"Quay\" = 'East'"
    );
    assert_eq!(
        sum.answered,
        Answered::Value(Some(Value::Number(Decimal::new(3, 0))))
    );
    assert_eq!(sum.matched, [0, 1]);
    let above = Filter {
        column: 1,
        test: Test::AtLeast(Value::Number(Decimal::new(1, 1))),
    };
    assert_eq!(
        both(&table, &plan(Measure::Count, vec![above])).await.matched,
        [0, 1, 3]
    );
    let grouped = Plan {
        group: Some(0),
        best: Some(Direction::Lowest),
        ..plan(Measure::Sum(1), vec![])
    };
    both(&table, &grouped).await;
}

#[tokio::test]
async fn names_and_values_are_never_sql() {
    let hostile = "x\"; DROP TABLE \"berths\"; --";
    let value = "'; COPY \"berths\" TO '/tmp/out.csv'; SELECT '\\";
    let column = texts(&[Some(value), Some("' OR '1'='1"), Some("plain")]);
    let fees = numbers(&[Some(1), Some(2), Some(4)], 0);
    let table = table(hostile, vec![("row", fees), (hostile, column)], 3);
    for (text, row) in [(value, 0), ("' OR '1'='1", 1)] {
        let is = Filter {
            column: 1,
            test: Test::In(vec![Value::Text(text.into())]),
        };
        let counted = both(&table, &plan(Measure::Sum(0), vec![is.clone()])).await;
        assert_eq!(counted.matched, [row]);
        let grouped = Plan {
            group: Some(1),
            ..plan(Measure::Count, vec![is.clone()])
        };
        both(&table, &grouped).await;
        both(&table, &plan(Measure::Rows, vec![is])).await;
    }
}

#[tokio::test]
async fn a_computation_can_be_stopped() {
    let table = table("t", vec![("a", numbers(&[Some(1)], 0))], 1);
    let cancel = CancellationToken::new();
    cancel.cancel();
    let stopped = DataFusionTables
        .compute(&table, &plan(Measure::Sum(0), vec![]), &[], &cancel)
        .await;
    assert!(stopped.unwrap_err().is_canceled());
}

fn test_of(value: impl Strategy<Value = Value> + Clone) -> impl Strategy<Value = Test> {
    let [a, b, c, d, e, f] = [(); 6].map(|()| value.clone());
    prop_oneof![
        proptest::collection::vec(a, 1..3).prop_map(Test::In),
        b.prop_map(Test::Above),
        c.prop_map(Test::AtLeast),
        d.prop_map(Test::Below),
        e.prop_map(Test::AtMost),
        (f.clone(), f).prop_map(|(from, to)| Test::Between(from, to)),
    ]
}

fn day(n: i8) -> Date {
    Date::constant(2024, 1, 1 + n)
}

fn filter() -> impl Strategy<Value = Filter> {
    let text = prop_oneof![Just("a"), Just("b"), Just("o'c")].prop_map(|text| Value::Text(text.into()));
    let number = (-30_i128..30, 0_u8..3).prop_map(|(units, scale)| Value::Number(Decimal::new(units, scale)));
    let date = (0_i8..6).prop_map(|n| Value::Date(day(n)));
    prop_oneof![
        test_of(text).prop_map(|test| Filter { column: 0, test }),
        test_of(number).prop_map(|test| Filter { column: 1, test }),
        test_of(date).prop_map(|test| Filter { column: 2, test }),
    ]
}

fn shape() -> impl Strategy<Value = (Measure, Option<usize>, Option<Direction>)> {
    let direction = || prop_oneof![Just(Direction::Highest), Just(Direction::Lowest)];
    let aggregate = || {
        prop_oneof![
            Just(Measure::Count),
            Just(Measure::Sum(1)),
            Just(Measure::Average(1))
        ]
    };
    prop_oneof![
        (aggregate(), Just(None), Just(None)),
        (aggregate(), Just(Some(0)), proptest::option::of(direction())),
        (Just(Measure::Distinct(0)), Just(None), Just(None)),
        (Just(Measure::Rows), Just(None), Just(None)),
        (
            direction().prop_map(|end| Measure::Extreme(1, end)),
            Just(None),
            Just(None)
        ),
        (
            direction().prop_map(|end| Measure::Extreme(2, end)),
            Just(None),
            Just(None)
        ),
        (
            direction().prop_map(|end| Measure::Top(1, end, 3)),
            Just(None),
            Just(None)
        ),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_plan_comes_to_what_a_few_loops_make_of_it(
        rows in proptest::collection::vec(
            (proptest::option::of(0_usize..3), proptest::option::of(-30_i128..30), proptest::option::of(0_i8..6)), 0..24),
        filters in proptest::collection::vec(filter(), 0..3),
        (measure, group, best) in shape(),
    ) {
        let words = ["a", "b", "o'c"];
        let columns = vec![
            ("Word", texts(&rows.iter().map(|row| row.0.map(|n| words[n])).collect::<Vec<_>>())),
            ("Number", numbers(&rows.iter().map(|row| row.1).collect::<Vec<_>>(), 1)),
            ("Day", Values::Date(rows.iter().map(|row| row.2.map(day)).collect())),
        ];
        let table = table("t", columns, rows.len());
        let plan = Plan { measure, filters, group, best };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(both(&table, &plan));
    }
}
