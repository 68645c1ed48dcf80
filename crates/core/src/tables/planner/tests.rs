//! Questions over one small table, in both languages.

use super::*;
use crate::span::CharSpan;
use crate::tables::build::{Source, unite};
use crate::tables::read::Reader;
use crate::tables::words::language;
use crate::types::{Block, BlockKind, Page, PageSource};

/// A table of lines, cells parted by bars.
pub(crate) fn table(name: &str, lines: &str) -> Table {
    let mut page = Page::new(1, lines, PageSource::Text);
    page.blocks = vec![Block {
        kind: BlockKind::Table { header_rows: 1 },
        span: CharSpan::new(0, lines.chars().count() as u32),
    }];
    let mut reader = Reader::default();
    reader.page(&page);
    let sources = reader.finish().into_iter().map(|raw| Source {
        document: 0,
        raw: raw.into(),
        decimal: None,
    });
    unite(name.into(), sources.collect()).unwrap()
}

const BERTHS: &str = "Berth | Quay | Depth (m) | Annual fee | Paid on | Status\n\
    B1 | East | 4.5 | €1,200.50 | 2024-01-05 | open\n\
    B2 | East | 3.0 | €900.00 | 2024-02-11 | paid\n\
    B3 | West | 6.25 | €2,000.00 | 2023-12-30 | paid\n\
    B4 | North pier | 2.0 | €450.25 | 2024-03-01 | A\n\
    Total |  |  | €4,550.75 |  | ";

fn said(question: &str) -> Option<String> {
    let table = table("berths", BERTHS);
    let language = language(question);
    let names = names_of(&["berths"], language);
    let planned = plan(question, language, &table, &names)?;
    let name = |column: &usize| table.columns[*column].name.clone();
    let mut said = format!("{:?}", planned.plan.measure);
    if let Some(column) = planned.plan.measure.column() {
        said = said.replacen(&column.to_string(), &name(&column), 1);
    }
    for filter in &planned.plan.filters {
        let show = |value: &crate::tables::Value| value.to_string();
        let test = match &filter.test {
            crate::tables::Test::In(values) => {
                format!("= {}", values.iter().map(show).collect::<Vec<_>>().join("/"))
            }
            crate::tables::Test::Above(value) => format!("> {value}"),
            crate::tables::Test::AtLeast(value) => format!(">= {value}"),
            crate::tables::Test::Below(value) => format!("< {value}"),
            crate::tables::Test::AtMost(value) => format!("<= {value}"),
            crate::tables::Test::Between(from, to) => format!("{from}..{to}"),
        };
        said.push_str(&format!(", {} {test}", name(&filter.column)));
    }
    if let Some(group) = &planned.plan.group {
        said.push_str(&format!(" per {}", name(group)));
    }
    if let Some(best) = planned.plan.best {
        said.push_str(&format!(" {best:?}"));
    }
    Some(said)
}

#[test]
fn questions_are_read_as_what_they_ask() {
    for (question, plan) in [
        ("What is the total annual fee?", "Sum(Annual fee)"),
        (
            "What is the sum of the fees on the East quay?",
            "Sum(Annual fee), Quay = East",
        ),
        ("What is the average depth of the berths?", "Average(Depth (m))"),
        ("How many berths are there?", "Count"),
        (
            "How many berths are at the North Pier or the East quay?",
            "Count, Quay = North pier/East",
        ),
        (
            "How many berths have a fee over €1,000?",
            "Count, Annual fee > 1000",
        ),
        ("How many different quays are there?", "Distinct(Quay)"),
        (
            "Which berth has the highest annual fee?",
            "Extreme(Annual fee, Highest)",
        ),
        (
            "List the berths with a depth of at least 3 m.",
            "Rows, Depth (m) >= 3",
        ),
        (
            "List berths with a fee between 500 and 1500",
            "Rows, Annual fee 500..1500",
        ),
        ("What is the total fee per quay?", "Sum(Annual fee) per Quay"),
        (
            "Which quay has the highest total fee?",
            "Sum(Annual fee) per Quay Highest",
        ),
        ("What was the total fee paid in 2024?", "None"),
        (
            "What is the sum of fees paid on after 2024-02-01?",
            "Sum(Annual fee), Paid on > 2024-02-01",
        ),
        (
            "What is the total fee with status A?",
            "Sum(Annual fee), Status = A",
        ),
        (
            "What is the total fee since February 2024?",
            "Sum(Annual fee), Paid on >= 2024-02-01",
        ),
        ("How many berths have the status open?", "Count, Status = open"),
        (
            "What is the sum of fees over 1,000?",
            "Sum(Annual fee), Annual fee > 1000",
        ),
        ("What are the top 2 berths by fee?", "Top(Annual fee, Highest, 2)"),
        ("How many rows are in berths.csv?", "Count"),
    ] {
        let expected = (plan != "None").then(|| plan.to_owned());
        assert_eq!(said(question), expected, "{question}");
    }
}

#[test]
fn what_is_not_accounted_for_is_no_plan() {
    for question in [
        "What is the total fee in the lease contract?",
        "What does the average keeper earn?",
        "What is the total fee not paid?",
        "How many berths are without a fee?",
        "How many keepers are there?",
        "How many quays are there?",
        "What is the total depth and fee?",
        "What is the latest fee?",
        "What is the sum of fees over 10%?",
        "What is the total fee over $100?",
        "What is the total fee in East or over 100?",
        "What is the highest?",
        "Which berths are open to visitors over 70?",
        "List the berths",
        "How many fees are there?",
        "What is the total fee in thousand euros?",
    ] {
        assert_eq!(said(question), None, "{question}");
    }
}

#[test]
fn german_questions_are_read_alike() {
    let table = table(
        "Rechnungen",
        "Nr | Kunde | Ort | Betrag | Datum | Status\n\
        R1 | Maier | Köln | 1.234,50 € | 05.01.2024 | offen\n\
        R2 | Huber | Bonn | 99,00 € | 17.02.2024 | bezahlt\n\
        R3 | Maier | Köln | 450,25 € | 30.12.2023 | offen\n\
        Summe |  |  | 1.783,75 € |  | ",
    );
    let said = |question: &str| {
        assert_eq!(language(question), Language::German, "{question}");
        let names = names_of(&["Rechnungen"], Language::German);
        plan(question, Language::German, &table, &names).map(|planned| planned.plan)
    };
    let plain = |measure, filters: Vec<Filter>| {
        Some(Plan {
            measure,
            filters,
            group: None,
            best: None,
        })
    };
    let number = |units| crate::tables::Value::Number(crate::tables::Decimal::new(units, 0));
    let text = |text: &str| crate::tables::Value::Text(text.into());
    let is = |column, value| Filter {
        column,
        test: crate::tables::Test::In(vec![value]),
    };
    assert_eq!(
        said("Wie hoch ist die Summe der Beträge?"),
        plain(Measure::Sum(3), vec![])
    );
    assert_eq!(
        said("Wie hoch ist der Gesamtbetrag in Köln?"),
        plain(Measure::Sum(3), vec![is(2, text("Köln"))])
    );
    assert_eq!(
        said("Wie viele Rechnungen sind offen?"),
        plain(Measure::Count, vec![is(5, text("offen"))])
    );
    assert_eq!(
        said("Wie viele offene Rechnungen gibt es?"),
        plain(Measure::Count, vec![is(5, text("offen"))])
    );
    assert_eq!(
        said("Wie hoch ist der durchschnittliche Betrag der Rechnungen von Maier?"),
        plain(Measure::Average(3), vec![is(1, text("Maier"))])
    );
    assert_eq!(
        said("Welche Rechnungen haben einen Betrag über 1.000 Euro?"),
        plain(
            Measure::Rows,
            vec![Filter {
                column: 3,
                test: crate::tables::Test::Above(number(1000))
            }]
        )
    );
    assert_eq!(
        said("Welcher Kunde hat den höchsten Betrag?"),
        plain(Measure::Extreme(3, Direction::Highest), vec![])
    );
    let grouped = said("Wie hoch ist die Summe der Beträge pro Kunde?").unwrap();
    assert_eq!((grouped.measure, grouped.group), (Measure::Sum(3), Some(1)));
    for question in [
        "Wie viele Kunden gibt es?",
        "Wie hoch ist die Summe der Beträge im Mietvertrag?",
        "Welche Rechnungen sind nicht über 1000?",
    ] {
        assert_eq!(said(question), None, "{question}");
    }
    assert_eq!(table.totals, 1);
}

#[test]
fn amounts_are_added_up_and_rows_counted_and_a_year_in_a_name_is_no_price() {
    let prices = table(
        "prices-2025",
        "Product | Category | Price | Stock\n\
         Vault Reserve | cheese | 11.40 | 90\n\
         Farm Blue | cheese | 9.80 | 310\n\
         Whole milk | milk | 1.45 | 820",
    );
    let read = |question: &str| {
        let language = language(question);
        let planned = plan(
            question,
            language,
            &prices,
            &names_of(&["prices-2025", "Price list 2025"], language),
        )?;
        let filters: Vec<usize> = planned.plan.filters.iter().map(|filter| filter.column).collect();
        Some((planned.plan.measure, filters))
    };
    assert_eq!(
        read("What is the price of Vault Reserve in the price list of 2025?"),
        Some((Measure::Rows, vec![0]))
    );
    assert_eq!(
        read("How many of all cheeses together are in stock according to prices-2025.csv?"),
        Some((Measure::Sum(3), vec![1]))
    );
    assert_eq!(
        read("How many products are there in total?"),
        Some((Measure::Count, vec![]))
    );
    assert_eq!(read("Which product costs the most in 2025?"), None);
    assert_eq!(
        read("Which product has the most in stock?"),
        Some((Measure::Extreme(3, Direction::Highest), vec![]))
    );
}
