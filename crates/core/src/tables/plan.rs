//! What is computed over a table, and what comes of it.

use super::Value;

/// A computation over one table. Columns are named by their index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// What is wanted.
    pub measure: Measure,
    /// What rows must pass, all of it.
    pub filters: Vec<Filter>,
    /// One result for each value of this column; only with a sum, an average, a count, or the like.
    pub group: Option<usize>,
    /// Of the groups, only those with the highest or the lowest result.
    pub best: Option<Direction>,
}

/// What is wanted of the rows that pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Their number.
    Count,
    /// How many different values a column has.
    Distinct(usize),
    /// The sum of a column of numbers.
    Sum(usize),
    /// The mean of a column of numbers.
    Average(usize),
    /// The rows themselves, in their order.
    Rows,
    /// The rows in which a column of numbers or days is at its highest or lowest.
    Extreme(usize, Direction),
    /// The first rows by a column of numbers or days.
    Top(usize, Direction, u32),
}

/// Which end comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The highest, the latest.
    Highest,
    /// The lowest, the earliest.
    Lowest,
}

/// What a column must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// Which.
    pub column: usize,
    /// What it is held against.
    pub test: Test,
}

/// A comparison. A blank cell passes none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// One of these.
    In(Vec<Value>),
    /// Above this.
    Above(Value),
    /// This or above.
    AtLeast(Value),
    /// Below this.
    Below(Value),
    /// This or below.
    AtMost(Value),
    /// From the first to the second, both included.
    Between(Value, Value),
}

impl Test {
    /// Whether a value passes.
    pub fn passes(&self, value: Option<&Value>) -> bool {
        let Some(value) = value else {
            return false;
        };
        match self {
            Self::In(values) => values.contains(value),
            Self::Above(least) => value > least,
            Self::AtLeast(least) => value >= least,
            Self::Below(most) => value < most,
            Self::AtMost(most) => value <= most,
            Self::Between(least, most) => least <= value && value <= most,
        }
    }
}

impl Measure {
    /// The column that is computed with.
    pub fn column(&self) -> Option<usize> {
        match self {
            Self::Count | Self::Rows => None,
            Self::Distinct(column)
            | Self::Sum(column)
            | Self::Average(column)
            | Self::Extreme(column, _)
            | Self::Top(column, ..) => Some(*column),
        }
    }
}

impl Plan {
    /// The columns that it reads, each once, in order.
    pub fn columns(&self) -> Vec<usize> {
        let mut columns: Vec<usize> = self.filters.iter().map(|filter| filter.column).collect();
        columns.extend(self.measure.column());
        columns.extend(self.group);
        columns.sort_unstable();
        columns.dedup();
        columns
    }
}

/// What a plan came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Computed {
    /// The query as it was run.
    pub sql: String,
    /// The rows that pass the filters, in order.
    pub matched: Vec<u32>,
    /// The result.
    pub answered: Answered,
}

/// A result.
#[derive(Clone, Debug, PartialEq)]
pub enum Answered {
    /// One value; none if there was nothing to compute with.
    Value(Option<Value>),
    /// A value for each value of the column that is grouped by, in order of the latter, or of the former if only the
    /// best are wanted. Blank cells are a group of their own.
    Groups(Vec<(Option<Value>, Option<Value>)>),
    /// Rows, in the order wanted.
    Rows(Vec<u32>),
}
