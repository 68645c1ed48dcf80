//! Rows of cells made into one typed table.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use super::number::{Convention, dates, is_blank, numbers};
use super::read::Raw;
use super::{Column, Part, RowPlace, Table, Values};
use crate::find::fold;
use crate::text::one_line;

/// Most cells of a table; what is larger would not be held in memory for a question.
pub const MAX_CELLS: usize = 6_000_000;
/// A sum is one of so many numbers at least.
const MIN_SUMMED: usize = 2;
/// Rows whose names only may be those of totals, and which are looked into.
const MAX_DOUBTED: usize = 1000;
/// Rows at the end of a table that may give its highest and lowest numbers.
const FOOT: usize = 4;

/// A table of a document, and which of its documents.
pub struct Source {
    /// Index of the document.
    pub document: usize,
    /// The table.
    pub raw: Arc<Raw>,
    /// The sign that parts decimals, if the file's format says so.
    pub decimal: Option<char>,
}

/// The names of columns as tables are compared by them.
pub fn key(names: &[String]) -> Vec<String> {
    names
        .iter()
        .map(|name| fold(&one_line(name)).trim().to_owned())
        .collect()
}

/// One table of all these, which have the same columns; none if it is too large, or if two of them share rows that
/// would count twice. A whole copy of another is left out.
pub fn unite(name: String, mut sources: Vec<Source>) -> Option<Table> {
    leave_out_copies(&mut sources)?;
    let names = sources.first()?.raw.names.clone();
    let order: Vec<Vec<usize>> = sources
        .iter()
        .map(|source| {
            let own = key(&source.raw.names);
            let wanted = key(&names);
            let places = wanted.iter().map(|name| own.iter().position(|own| own == name));
            places.collect::<Option<Vec<usize>>>()
        })
        .collect::<Option<_>>()?;
    let rows: usize = sources.iter().map(|source| source.raw.rows.len()).sum();
    if rows.checked_mul(names.len())? > MAX_CELLS {
        return None;
    }
    let mut cells: Vec<Vec<Option<&str>>> = vec![Vec::with_capacity(rows); names.len()];
    let mut places = Vec::with_capacity(rows);
    let mut starts = Vec::new();
    for (part, (source, order)) in sources.iter().zip(&order).enumerate() {
        starts.push(places.len());
        for row in &source.raw.rows {
            for (column, own) in order.iter().enumerate() {
                cells[column].push(row.cell(*own));
            }
            places.push(RowPlace {
                part: u32::try_from(part).ok()?,
                page: row.page,
                cells: order
                    .iter()
                    .map(|own| row.cells[*own].as_ref().map(|(span, _)| *span))
                    .collect(),
            });
        }
    }
    starts.push(places.len());
    let around = around(&cells, sources.iter().map(|source| source.decimal));
    let typed: Vec<Values> = cells.iter().map(|cells| typed(cells, around)).collect();
    let mut keep = vec![true; places.len()];
    for part in starts.windows(2) {
        mark_totals(&cells, &typed, part[0]..part[1], &mut keep);
    }
    let totals = keep.iter().filter(|keep| !**keep).count();
    let values = if totals == 0 {
        typed
    } else {
        // A column may be one of numbers but for what stands in a row of totals.
        let cells = cells.into_iter().map(|column| kept(column, &keep));
        cells.map(|cells| self::typed(&cells, around)).collect()
    };
    let columns = names
        .iter()
        .zip(values)
        .map(|(name, values)| Column::new(one_line(name), values))
        .collect();
    Some(Table {
        name,
        columns,
        rows: kept(places, &keep),
        parts: sources
            .iter()
            .map(|source| Part {
                document: source.document,
                label: source.raw.label.clone(),
            })
            .collect(),
        totals: u32::try_from(totals).ok()?,
    })
}

fn kept<T>(values: Vec<T>, keep: &[bool]) -> Vec<T> {
    let pairs = values.into_iter().zip(keep);
    pairs.filter(|(_, keep)| **keep).map(|(value, _)| value).collect()
}

/// Leaves out tables all of whose rows another has; none if two share some rows but not all.
fn leave_out_copies(sources: &mut Vec<Source>) -> Option<()> {
    if sources.len() < 2 {
        return Some(());
    }
    let hashes: Vec<HashSet<u64>> = sources.iter().map(|source| hashes(&source.raw)).collect();
    let mut copies = HashSet::new();
    for (n, own) in hashes.iter().enumerate() {
        for (m, other) in hashes.iter().enumerate().skip(n + 1) {
            let shared = own.intersection(other).count();
            let smaller = own.len().min(other.len());
            if shared == smaller {
                copies.insert(if own.len() < other.len() { n } else { m });
            } else if shared * 10 > smaller {
                return None;
            }
        }
    }
    let mut n = 0;
    sources.retain(|_| {
        n += 1;
        !copies.contains(&(n - 1))
    });
    Some(())
}

fn hashes(raw: &Raw) -> HashSet<u64> {
    let order = {
        let key = key(&raw.names);
        let mut order: Vec<usize> = (0..key.len()).collect();
        order.sort_by(|a, b| key[*a].cmp(&key[*b]));
        order
    };
    let hash = |row: &super::read::RawRow| {
        let mut hasher = DefaultHasher::new();
        order
            .iter()
            .for_each(|column| row.cell(*column).hash(&mut hasher));
        hasher.finish()
    };
    raw.rows.iter().map(hash).collect()
}

/// How numbers are written around here: what the columns show, else what the format says.
fn around(cells: &[Vec<Option<&str>>], formats: impl Iterator<Item = Option<char>>) -> Convention {
    let shown = cells.iter().fold(Convention::default(), |shown, column| {
        match numbers(column, Convention::default()) {
            Some(_) => shown.and(Convention::of(column.iter().flatten().copied())),
            None => shown,
        }
    });
    let formats: HashSet<Option<char>> = formats.collect();
    match (formats.len(), formats.into_iter().next().flatten()) {
        (1, Some(sign)) => shown.or(Convention::decimal(sign)),
        _ => shown,
    }
}

fn typed(cells: &[Option<&str>], around: Convention) -> Values {
    if let Some((units, look)) = numbers(cells, around) {
        return Values::Number { units, look };
    }
    if let Some(dates) = dates(cells) {
        return Values::Date(dates);
    }
    let mut known: HashMap<&str, Arc<str>> = HashMap::new();
    let texts = cells.iter().map(|cell| {
        let cell = cell.filter(|cell| !is_blank(cell))?;
        Some(Arc::clone(known.entry(cell).or_insert_with(|| cell.into())))
    });
    Values::Text(texts.collect())
}

/// Marks the rows of one table that sum up others: those that say so, and a last one without a name that does.
fn mark_totals(
    cells: &[Vec<Option<&str>>],
    typed: &[Values],
    rows: std::ops::Range<usize>,
    keep: &mut [bool],
) {
    let last = rows.end.saturating_sub(1);
    // From where on rows count into the next subtotal.
    let mut from = rows.start;
    let mut doubted = 0;
    for row in rows.clone() {
        let label = cells
            .iter()
            .filter_map(|column| column[row])
            .next()
            .unwrap_or_default();
        let says = says_total(label);
        let named = typed.iter().zip(cells).any(|(values, column)| {
            !matches!(values, Values::Number { .. }) && column[row].is_some_and(|cell| !is_blank(cell))
        });
        let is_total = match says {
            Says::Clearly => true,
            Says::Maybe if doubted < MAX_DOUBTED => {
                doubted += 1;
                sums_up(typed, from..row, keep, row) || sums_up(typed, rows.start..row, keep, row)
            }
            Says::Maybe => false,
            Says::Extreme => rows.end - row <= FOOT && is_extreme(typed, rows.start..row, keep, row),
            Says::No => !named && row == last && sums_up(typed, rows.start..row, keep, row),
        };
        if is_total {
            keep[row] = false;
            from = row + 1;
        }
    }
}

/// Whether some number of `row` is the sum of those above, at least two of which are there.
fn sums_up(typed: &[Values], above: std::ops::Range<usize>, keep: &[bool], row: usize) -> bool {
    typed.iter().any(|values| {
        let Values::Number { units, .. } = values else {
            return false;
        };
        let summed: Vec<i128> = above
            .clone()
            .filter(|row| keep[*row])
            .filter_map(|row| units[row])
            .collect();
        let nonzero = summed.iter().any(|units| *units != 0);
        summed.len() >= MIN_SUMMED && nonzero && units[row] == Some(summed.iter().sum())
    })
}

/// Whether some number of `row` is the highest or the lowest of those above.
fn is_extreme(typed: &[Values], above: std::ops::Range<usize>, keep: &[bool], row: usize) -> bool {
    typed.iter().any(|values| {
        let Values::Number { units, .. } = values else {
            return false;
        };
        let seen = || {
            above
                .clone()
                .filter(|row| keep[*row])
                .filter_map(|row| units[row])
        };
        let ends = [seen().max(), seen().min()];
        units[row].is_some() && seen().nth(1).is_some() && ends.contains(&units[row])
    })
}

enum Says {
    Clearly,
    Maybe,
    /// A highest or lowest number, or somebody called Max.
    Extreme,
    No,
}

/// Whether the first words of a row say that it sums up others.
fn says_total(label: &str) -> Says {
    const TOTALS: &[&str] = &[
        "total",
        "totals",
        "subtotal",
        "sum",
        "sums",
        "average",
        "avg",
        "mean",
        "summe",
        "summen",
        "gesamt",
        "gesamtsumme",
        "gesamtergebnis",
        "gesamtbetrag",
        "zwischensumme",
        "insgesamt",
        "durchschnitt",
        "mittelwert",
        "σ",
        "∑",
        "ø",
        "ubertrag",
    ];
    const BESIDE: &[&str] = &[
        "grand", "sub", "overall", "in", "of", "all", "der", "im", "net", "gross", "row", "count",
    ];
    let folded = fold(label);
    if matches!(
        folded.trim_end_matches(['.', ':']),
        "min" | "max" | "minimum" | "maximum"
    ) {
        return Says::Extreme;
    }
    let words = folded
        .split(|c: char| !c.is_alphanumeric() && c != '∑')
        .filter(|word| !word.is_empty());
    let (mut total, mut other, mut first) = (false, false, true);
    for word in words {
        let known = TOTALS.contains(&word);
        total |= known;
        other |= !known && !BESIDE.contains(&word);
        first = false;
    }
    match (first, total, other) {
        (false, true, false) => Says::Clearly,
        (false, true, true) => Says::Maybe,
        _ => Says::No,
    }
}

/// Whether a sheet is called what sheets are that sum up others.
pub fn is_summary(label: &str) -> bool {
    matches!(says_total(label), Says::Clearly)
        || matches!(
            fold(label).trim(),
            "summary" | "overview" | "ubersicht" | "zusammenfassung" | "year" | "jahr"
        )
}
