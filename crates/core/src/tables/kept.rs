//! Tables kept in memory from one question to the next, so that only the first over a file reads it.

use std::collections::{HashMap, HashSet};
use std::mem::size_of;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::civil::Date;

use super::read::Raw;
use super::{Table, Values};
use crate::ids::RevisionId;

/// Most bytes of tables that are kept.
const MOST_BYTES: usize = 128 << 20;

/// What is known of a table without its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The names of its columns, in order.
    pub names: Vec<String>,
    /// The name of its sheet, or what stands over it.
    pub label: Option<String>,
}

impl Head {
    /// Of a table that was read.
    pub fn of(raw: &Raw) -> Self {
        Self {
            names: raw.names.clone(),
            label: raw.label.clone(),
        }
    }
}

/// Which tables were taken as one, and under what name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableKey {
    /// What queries call it.
    pub name: String,
    /// Each with its revision and its number there, in order.
    pub parts: Vec<(RevisionId, usize)>,
}

/// The tables kept. What is kept of a revision never changes; it is dropped when the revision is no longer current.
#[derive(Default)]
pub struct KeptTables {
    inner: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    heads: HashMap<RevisionId, Arc<[Head]>>,
    /// The one used last at the end; none for tables that cannot be taken as one.
    tables: Vec<(TableKey, Option<Arc<Table>>, usize)>,
}

impl KeptTables {
    /// The heads of a revision's tables, if they are known.
    pub fn heads(&self, revision: &RevisionId) -> Option<Arc<[Head]>> {
        self.lock().heads.get(revision).cloned()
    }

    /// Keeps the heads of a revision's tables.
    pub fn keep_heads(&self, revision: RevisionId, heads: Arc<[Head]>) {
        self.lock().heads.insert(revision, heads);
    }

    /// A table, if it is kept; inside, none if these tables cannot be taken as one.
    pub fn table(&self, key: &TableKey) -> Option<Option<Arc<Table>>> {
        let mut kept = self.lock();
        let at = kept.tables.iter().position(|(known, ..)| known == key)?;
        let entry = kept.tables.remove(at);
        let table = entry.1.clone();
        kept.tables.push(entry);
        Some(table)
    }

    /// Keeps a table, in place of those that were not used for longest if there is no room. One that is too large by
    /// itself is not kept.
    pub fn keep(&self, key: TableKey, table: Option<Arc<Table>>) {
        let bytes = table.as_deref().map_or(0, bytes);
        if bytes > MOST_BYTES {
            return;
        }
        let mut kept = self.lock();
        kept.tables.retain(|(known, ..)| *known != key);
        kept.tables.push((key, table, bytes));
        let mut all: usize = kept.tables.iter().map(|(.., bytes)| bytes).sum();
        while all > MOST_BYTES {
            all -= kept.tables.remove(0).2;
        }
    }

    /// Drops what is not of these revisions.
    pub fn retain(&self, current: &HashSet<RevisionId>) {
        let mut kept = self.lock();
        kept.heads.retain(|revision, _| current.contains(revision));
        kept.tables
            .retain(|(key, ..)| key.parts.iter().all(|(revision, _)| current.contains(revision)));
    }

    /// Drops everything.
    pub fn clear(&self) {
        *self.lock() = Kept::default();
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        // What is kept is whole after each change.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// About how much memory a table takes.
fn bytes(table: &Table) -> usize {
    let places: usize = table
        .rows
        .iter()
        .map(|row| size_of_val(row) + size_of_val(&*row.cells))
        .sum();
    let columns = table.columns.iter().map(|column| match &column.values {
        Values::Text(texts) => {
            let known = column.texts().flat_map(|(_, texts)| texts);
            // The text with its counts, and its place in the index.
            size_of_val(texts.as_slice())
                + known
                    .map(|text| text.len() + 3 * size_of::<Arc<str>>())
                    .sum::<usize>()
        }
        Values::Number { units, .. } => units.len() * size_of::<Option<i128>>(),
        Values::Date(dates) => dates.len() * size_of::<Option<Date>>(),
    });
    places + columns.sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::{Column, RowPlace};

    fn key(name: &str) -> TableKey {
        TableKey {
            name: name.into(),
            parts: vec![(name.into(), 0)],
        }
    }

    /// Of `rows` rows, each about 100 bytes.
    fn table(rows: usize) -> Option<Arc<Table>> {
        Some(Arc::new(Table {
            name: "t".into(),
            columns: vec![Column::new("n", Values::Date(vec![None; rows]))],
            rows: vec![
                RowPlace {
                    part: 0,
                    page: 1,
                    cells: vec![None; 5].into(),
                };
                rows
            ],
            parts: Vec::new(),
            totals: 0,
        }))
    }

    #[test]
    fn the_tables_used_last_are_kept_and_no_more_than_fit() {
        let kept = KeptTables::default();
        let rows = MOST_BYTES / bytes(&table(1).unwrap()) / 3;
        for name in ["a", "b", "c"] {
            kept.keep(key(name), table(rows));
        }
        assert!(kept.table(&key("a")).is_some());
        kept.keep(key("d"), table(rows));
        assert_eq!(kept.table(&key("b")), None);
        assert!(
            ["a", "c", "d"]
                .iter()
                .all(|name| kept.table(&key(name)).is_some())
        );
        kept.keep(key("e"), table(rows * 4));
        assert_eq!(kept.table(&key("e")), None);
    }

    #[test]
    fn nothing_of_a_revision_that_is_gone_is_kept() {
        let kept = KeptTables::default();
        for name in ["old", "new"] {
            kept.keep_heads(name.into(), Arc::from([]));
            kept.keep(key(name), None);
        }
        kept.retain(&HashSet::from(["new".into()]));
        assert!(kept.heads(&"old".into()).is_none() && kept.table(&key("old")).is_none());
        assert!(kept.heads(&"new".into()).is_some());
        assert_eq!(kept.table(&key("new")), Some(None));
    }
}
