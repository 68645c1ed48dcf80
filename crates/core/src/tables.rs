//! Tables of documents as typed columns, and the questions that can be computed over them.
//!
//! A table is put together from the pages of the register ([`read`], [`build`]); every cell keeps its place, so that it
//! can be cited. A question becomes a [`Plan`] by its words alone ([`planner`]): unless each of them is accounted for,
//! there is no plan, and the question is answered from passages. A [`crate::ports::TableEngine`] computes the plan.

pub mod build;
pub mod kept;
pub mod number;
pub mod plan;
pub mod planner;
pub mod read;
pub mod words;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use jiff::civil::Date;

pub use number::{Decimal, Look};
pub use plan::{Answered, Computed, Direction, Filter, Measure, Plan, Test};

use crate::span::CharSpan;

/// A table in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// What queries call it: the sheet's name, else the file's without its ending.
    pub name: String,
    /// With different names, none of them empty.
    pub columns: Vec<Column>,
    /// Where each row stands; as many as each column has values.
    pub rows: Vec<RowPlace>,
    /// The tables of documents that it is made of; several if their headers are the same.
    pub parts: Vec<Part>,
    /// Rows that sum up others, and are left out.
    pub totals: u32,
}

/// A column.
#[derive(Clone, Debug)]
pub struct Column {
    /// As in the header; numbered if the header has it twice.
    pub name: String,
    /// One value a row.
    pub values: Values,
    /// What [`Column::texts`] gives, once it was asked for.
    texts: OnceLock<Texts>,
}

/// The different texts of a column by their beginnings.
type Texts = BTreeMap<Box<str>, Vec<Arc<str>>>;

impl PartialEq for Column {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.values == other.values
    }
}

/// The values of a column; blank cells have none.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Words, or what is not clearly one of the others.
    Text(Vec<Option<Arc<str>>>),
    /// Numbers of one unit.
    Number {
        /// In units of the last decimal.
        units: Vec<Option<i128>>,
        /// How they are written; its decimals give the scale.
        look: Look,
    },
    /// Days.
    Date(Vec<Option<Date>>),
}

/// A value of a cell, of a filter or of a result.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// Words.
    Text(Arc<str>),
    /// A number.
    Number(Decimal),
    /// A day.
    Date(Date),
}

/// Where a row stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowPlace {
    /// Index into [`Table::parts`].
    pub part: u32,
    /// Page number.
    pub page: u32,
    /// A cell a column; none where it is blank.
    pub cells: Box<[Option<CharSpan>]>,
}

/// A table of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Index of its document among those that were read.
    pub document: usize,
    /// The name of its sheet, or what stands over it.
    pub label: Option<String>,
}

impl Values {
    /// The value of a row.
    pub fn get(&self, row: usize) -> Option<Value> {
        match self {
            Self::Text(texts) => texts.get(row)?.clone().map(Value::Text),
            Self::Number { units, look } => units
                .get(row)?
                .map(|units| Value::Number(Decimal::new(units, look.decimals))),
            Self::Date(dates) => dates.get(row)?.map(Value::Date),
        }
    }

    /// Whether it holds numbers.
    pub fn is_number(&self) -> bool {
        matches!(self, Self::Number { .. })
    }

    /// Whether it holds days.
    pub fn is_date(&self) -> bool {
        matches!(self, Self::Date(_))
    }
}

impl Column {
    /// A column of these values.
    pub fn new(name: impl Into<String>, values: Values) -> Self {
        Self {
            name: name.into(),
            values,
            texts: OnceLock::new(),
        }
    }

    /// The different texts of a column of words, each once, by their [`words::beginning`]; nothing of other columns.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &[Arc<str>])> {
        let texts = self.texts.get_or_init(|| {
            let mut known = Texts::new();
            let Values::Text(texts) = &self.values else {
                return known;
            };
            let mut seen = std::collections::HashSet::new();
            for text in texts.iter().flatten().filter(|text| seen.insert(&***text)) {
                let beginning = words::beginning(text).into_boxed_str();
                known.entry(beginning).or_default().push(Arc::clone(text));
            }
            known
        });
        texts.iter().map(|(beginning, texts)| (&**beginning, &**texts))
    }

    /// A value of this column as the source writes such values.
    pub fn show(&self, value: &Value) -> String {
        match (&self.values, value) {
            (Values::Number { look, .. }, Value::Number(number)) => look.write(*number),
            _ => value.to_string(),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => write!(f, "{number}"),
            Self::Date(date) => write!(f, "{date}"),
        }
    }
}
