//! One table for each index there is: the one that new rows go to, and those it replaces.

use footnote_core::types::IndexSpec;
use footnote_core::{Error, Result};
use lancedb::Table;
use lancedb::connection::Connection;
use lancedb::database::CreateTableMode;
use lancedb::table::WriteOptions;

use crate::error::Translate;
use crate::{indexes, rows};

/// Name of the first table; later ones have a number behind it, the highest being the current one.
const NAME: &str = "chunks";

/// A table with what its rows are made with.
#[derive(Clone)]
pub(crate) struct Open {
    pub(crate) table: Table,
    pub(crate) spec: IndexSpec,
    number: u32,
}

/// All tables.
#[derive(Clone, Default)]
pub(crate) struct Tables {
    /// Newest first.
    open: Vec<Open>,
    /// Numbers of tables that cannot be used and are dropped with the next chance.
    useless: Vec<u32>,
}

impl Tables {
    /// Opens what is there.
    ///
    /// # Errors
    /// The current table cannot be read. An older one that cannot is passed over: it was being dropped, and
    /// whatever it still held is read anew.
    pub(crate) async fn open(connection: &Connection) -> Result<Self> {
        const DOING: &str = "opening it";
        let names = connection.table_names().execute().await.during(DOING)?;
        let mut numbers: Vec<u32> = names.iter().filter_map(|name| number(name)).collect();
        numbers.sort_unstable_by(|a, b| b.cmp(a));
        let mut tables = Self::default();
        for number in numbers {
            let table = match connection.open_table(name(number)).execute().await {
                Ok(table) => table,
                Err(error) if !tables.open.is_empty() => {
                    tracing::warn!(%error, number, "an index that was replaced cannot be opened");
                    tables.useless.push(number);
                    continue;
                }
                Err(error) => return Err(error).during(DOING),
            };
            let schema = table.schema().await.during(DOING)?;
            match rows::spec_of(&schema) {
                Some(spec) => tables.open.push(Open { table, spec, number }),
                None => tables.useless.push(number),
            }
        }
        Ok(tables)
    }

    /// The table that new rows go to.
    pub(crate) fn current(&self) -> Option<&Open> {
        self.open.first()
    }

    /// All of them, the current one first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Open> {
        self.open.iter()
    }

    /// Makes an empty table the current one. A crash leaves it made or not made.
    pub(crate) async fn begin(&mut self, connection: &Connection, spec: &IndexSpec) -> Result<()> {
        const DOING: &str = "starting a new index";
        let used = self
            .open
            .iter()
            .map(|open| open.number)
            .chain(self.useless.iter().copied());
        let number = used
            .max()
            .map_or(Some(0), |last| last.checked_add(1))
            .ok_or_else(|| Error::bug("The index was replaced too often"))?;
        let table = connection
            .create_empty_table(name(number), rows::schema(spec)?)
            .mode(CreateTableMode::Create)
            .write_options(WriteOptions::default())
            .execute()
            .await
            .during(DOING)?;
        indexes::create_all(&table).await.during(DOING)?;
        indexes::prune(&table).await.during(DOING)?;
        let spec = spec.clone();
        self.open.insert(0, Open { table, spec, number });
        Ok(())
    }

    /// Drops replaced tables that have no row left, and those that cannot be used. Nobody may read meanwhile.
    pub(crate) async fn drop_empty(&mut self, connection: &Connection) -> Result<()> {
        const DOING: &str = "removing an index that was replaced";
        for open in self.open.split_off(self.open.len().min(1)) {
            if open.table.count_rows(None).await.during(DOING)? == 0 {
                self.useless.push(open.number);
            } else {
                self.open.push(open);
            }
        }
        while let Some(number) = self.useless.last() {
            connection.drop_table(name(*number), &[]).await.during(DOING)?;
            self.useless.pop();
        }
        Ok(())
    }
}

fn name(number: u32) -> String {
    match number {
        0 => NAME.to_owned(),
        number => format!("{NAME}-{number}"),
    }
}

fn number(name: &str) -> Option<u32> {
    match name.strip_prefix(NAME)? {
        "" => Some(0),
        rest => rest.strip_prefix('-')?.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_agree() {
        for number in [0, 1, 17] {
            assert_eq!(super::number(&name(number)), Some(number));
        }
        assert_eq!((number("chunks-x"), number("others")), (None, None));
    }
}
