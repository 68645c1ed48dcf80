//! The tables, and how older ones become them.

use std::path::Path;
use std::time::Duration;

use footnote_core::{Error, Problem, Result};
use rusqlite::{Connection, TransactionBehavior};

use crate::error::{Translate, translate};

/// Marks the file as ours ("Fnot"), so that no other database is taken for a register.
const APPLICATION_ID: i64 = 0x466E_6F74;

/// Statements that lead from version `n` (position in the list) to `n + 1`. Append; never edit:
/// users' files have run them.
const MIGRATIONS: &[&str] = &[
    // A revision may be written before its document is registered, and a removal may outlive its
    // document's row, so neither refers to `documents`.
    "CREATE TABLE revisions (
       id       TEXT PRIMARY KEY,
       document TEXT NOT NULL,
       state    TEXT NOT NULL CHECK (state IN ('writing', 'current', 'retired'))
     ) STRICT, WITHOUT ROWID;
     CREATE INDEX revisions_document ON revisions (document);
     CREATE UNIQUE INDEX revisions_current ON revisions (document) WHERE state = 'current';

     CREATE TABLE pages (
       revision TEXT NOT NULL REFERENCES revisions (id) ON DELETE CASCADE,
       number   INTEGER NOT NULL,
       text     TEXT NOT NULL,
       layout   TEXT NOT NULL,
       UNIQUE (revision, number)
     ) STRICT;

     CREATE TABLE documents (
       id               TEXT PRIMARY KEY,
       collection       TEXT NOT NULL,
       path             BLOB NOT NULL,
       path_text        TEXT NOT NULL,
       title            TEXT NOT NULL,
       media_type       TEXT NOT NULL,
       revision         TEXT REFERENCES revisions (id),
       content_hash     TEXT NOT NULL,
       bytes            INTEGER NOT NULL,
       pages            INTEGER NOT NULL,
       searchable_pages INTEGER NOT NULL,
       chunks           INTEGER NOT NULL,
       warnings         TEXT NOT NULL,
       indexed_at       TEXT NOT NULL,
       removing         INTEGER NOT NULL DEFAULT 0
     ) STRICT;
     CREATE UNIQUE INDEX documents_path ON documents (collection, path) WHERE removing = 0;
     CREATE INDEX documents_revision ON documents (revision);

     CREATE TABLE removals (
       document TEXT PRIMARY KEY
     ) STRICT, WITHOUT ROWID;

     CREATE TABLE jobs (
       seq        INTEGER PRIMARY KEY,
       id         TEXT NOT NULL UNIQUE,
       path       BLOB NOT NULL,
       path_text  TEXT NOT NULL,
       collection TEXT NOT NULL,
       status     TEXT NOT NULL,
       step       TEXT NOT NULL,
       document   TEXT,
       error      TEXT,
       created_at TEXT NOT NULL
     ) STRICT;
     CREATE INDEX jobs_document ON jobs (document);

     CREATE TABLE conversations (
       id         TEXT PRIMARY KEY,
       title      TEXT NOT NULL,
       created_at TEXT NOT NULL,
       updated_at TEXT NOT NULL
     ) STRICT, WITHOUT ROWID;

     CREATE TABLE turns (
       seq          INTEGER PRIMARY KEY,
       id           TEXT NOT NULL UNIQUE,
       conversation TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
       turn         TEXT NOT NULL
     ) STRICT;
     CREATE INDEX turns_conversation ON turns (conversation, seq);",
    "ALTER TABLE documents ADD COLUMN author TEXT;
     ALTER TABLE documents ADD COLUMN date TEXT;
     ALTER TABLE documents ADD COLUMN language TEXT;",
    "ALTER TABLE documents ADD COLUMN unread_images INTEGER NOT NULL DEFAULT 0;",
    "ALTER TABLE conversations ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;",
    // What the person has set is a row each, so that a setting to come needs no migration.
    "CREATE TABLE folders (
       seq        INTEGER PRIMARY KEY,
       id         TEXT NOT NULL UNIQUE,
       path       BLOB NOT NULL,
       path_text  TEXT NOT NULL,
       collection TEXT NOT NULL,
       ignore     TEXT NOT NULL,
       paused     INTEGER NOT NULL,
       added_at   TEXT NOT NULL,
       last_scan  TEXT,
       device     INTEGER
     ) STRICT;

     CREATE TABLE seen_files (
       folder   TEXT NOT NULL REFERENCES folders (id) ON DELETE CASCADE,
       path     BLOB NOT NULL,
       bytes    INTEGER NOT NULL,
       modified INTEGER NOT NULL,
       PRIMARY KEY (folder, path)
     ) STRICT, WITHOUT ROWID;

     CREATE TABLE settings (
       name  TEXT PRIMARY KEY,
       value TEXT NOT NULL
     ) STRICT, WITHOUT ROWID;",
    // Layouts of pages are long, and few have a table.
    "CREATE INDEX pages_with_tables ON pages (revision, number) WHERE instr(layout, '\"kind\":\"table\"') > 0;",
    "ALTER TABLE turns ADD COLUMN feedback TEXT;
     CREATE TABLE cases (
       seq  INTEGER PRIMARY KEY,
       id   TEXT NOT NULL UNIQUE,
       \"case\" TEXT NOT NULL
     ) STRICT;",
    // Of documents that were read before, the last reading is known.
    "ALTER TABLE jobs ADD COLUMN read_again INTEGER NOT NULL DEFAULT 0;
     CREATE TABLE history (
       seq      INTEGER PRIMARY KEY,
       document TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
       event    TEXT NOT NULL
     ) STRICT;
     CREATE INDEX history_document ON history (document, seq);
     INSERT INTO history (document, event)
     SELECT id, json_object('at', indexed_at, 'what', 'read', 'occasion', 'unrecorded', 'revision', revision,
       'pages', pages, 'searchable_pages', searchable_pages, 'chunks', chunks,
       'warnings', json_array_length(warnings))
     FROM documents WHERE revision IS NOT NULL AND removing = 0 ORDER BY indexed_at;",
    "CREATE TABLE prompts (
       prompt  TEXT NOT NULL,
       number  INTEGER NOT NULL,
       text    TEXT NOT NULL,
       made_at TEXT NOT NULL,
       in_use  INTEGER NOT NULL,
       PRIMARY KEY (prompt, number)
     ) STRICT;",
    // `written_as`: the collection that a document's rows in the index were written under. `joined`: the collection that
    // it joined, if it was moved to another since.
    "ALTER TABLE documents ADD COLUMN written_as TEXT NOT NULL DEFAULT '';
     ALTER TABLE documents ADD COLUMN joined TEXT;
     UPDATE documents SET written_as = collection;
     CREATE INDEX documents_written ON documents (written_as, collection);",
    // Who began a removal before was told that quotes go.
    "ALTER TABLE removals ADD COLUMN with_quotes INTEGER NOT NULL DEFAULT 1;",
];

/// Opens the register at `path`, making or migrating it as needed.
pub(crate) fn open(path: &Path) -> Result<Connection> {
    create_private(path)?;
    let mut connection =
        Connection::open(path).map_err(|e| translate(&e, "opening it").at(path.display()))?;
    configure(&connection).map_err(|e| translate(&e, "opening it").at(path.display()))?;
    migrate(&mut connection, MIGRATIONS).map_err(|e| e.at(path.display()))?;
    Ok(connection)
}

/// Makes the file before SQLite does, so that only its owner may read it; SQLite gives its
/// companions (`-wal`, `-shm`) the same permissions.
fn create_private(path: &Path) -> Result<()> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(|e| Error::from(e).at(parent.display()))?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(e) => Err(Error::from(e).at(path.display())),
    }
}

fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(Duration::from_secs(5))?;
    // Has an effect only before the first table is made; removal gives space back with it.
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // A committed transaction survives a power cut (macOS needs `fullfsync` for that, too).
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "fullfsync", true)?;
    connection.pragma_update(None, "checkpoint_fullfsync", true)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // Deleted text is overwritten, not merely unlinked.
    connection.pragma_update(None, "secure_delete", true)?;
    // Sorters and the like must not leave document text in the system's temporary folder.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(())
}

fn migrate(connection: &mut Connection, migrations: &[&str]) -> Result<()> {
    const DOING: &str = "bringing the register up to date";
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .during(DOING)?;
    let application: i64 = transaction
        .pragma_query_value(None, "application_id", |r| r.get(0))
        .during(DOING)?;
    let version: u32 = transaction
        .pragma_query_value(None, "user_version", |r| r.get(0))
        .during(DOING)?;
    let tables: i64 = transaction
        .query_row("SELECT count(*) FROM sqlite_master", [], |r| r.get(0))
        .during(DOING)?;
    if application != APPLICATION_ID && (application != 0 || tables > 0) {
        return Err(
            Error::user("This file is a database, but not a register of Footnote's")
                .problem(Problem::RegisterForeign)
                .hint("Choose another data folder with --data-dir; the file was not changed"),
        );
    }
    let (version, known) = (version as usize, migrations.len());
    if version > known {
        return Err(Error::user(format!(
            "The register was written by a newer Footnote (version {version}; this one knows {known})"
        ))
        .problem(Problem::StoreNewer)
        .hint("Install the newer Footnote; the register was not changed"));
    }
    if version == known {
        return Ok(());
    }
    for statements in &migrations[version..] {
        transaction.execute_batch(statements).during(DOING)?;
    }
    transaction
        .pragma_update(None, "application_id", APPLICATION_ID)
        .during(DOING)?;
    transaction
        .pragma_update(None, "user_version", known as u32)
        .during(DOING)?;
    transaction.commit().during(DOING)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(connection: &Connection) -> i64 {
        connection
            .pragma_query_value(None, "user_version", |r| r.get(0))
            .unwrap()
    }

    #[test]
    fn migrations_run_once_in_order_and_keep_what_is_there() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ledger.db");
        drop(open(&path).unwrap());
        let mut connection = open(&path).unwrap();
        assert_eq!(version(&connection), MIGRATIONS.len() as i64);
        connection
            .execute("INSERT INTO removals (document) VALUES ('kept')", [])
            .unwrap();
        let mut more = MIGRATIONS.to_vec();
        more.push("ALTER TABLE removals ADD COLUMN asked_at TEXT");
        migrate(&mut connection, &more).unwrap();
        assert_eq!(version(&connection), more.len() as i64);
        let kept: String = connection
            .query_row("SELECT document FROM removals", [], |r| r.get(0))
            .unwrap();
        assert_eq!(kept, "kept");
    }

    #[test]
    fn documents_of_an_older_register_begin_their_history_with_what_is_known() {
        use footnote_core::history::{DocumentEvent, Happening, Occasion};

        let mut connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "foreign_keys", true).unwrap();
        migrate(&mut connection, &MIGRATIONS[..7]).unwrap();
        connection
            .execute_batch(
                "INSERT INTO revisions VALUES ('r', 'd', 'current'), ('s', 'e', 'current');
                 INSERT INTO documents (id, collection, path, path_text, title, media_type, revision, content_hash,
                   bytes, pages, searchable_pages, chunks, warnings, indexed_at, removing)
                 VALUES ('d', 'c', x'61', 'a', 'A', 't', 'r', 'h', 1, 3, 2, 7, '[\"page 3: \\\"no\\\"\"]', '2026-01-01T00:00:00Z', 0),
                   ('e', 'c', x'62', 'b', 'B', 't', 's', 'h', 1, 3, 2, 7, '[]', '2026-01-01T00:00:00Z', 1);
                 INSERT INTO jobs (id, path, path_text, collection, status, step, created_at)
                 VALUES ('j', x'61', 'a', 'c', 'failed', 'reading', '2026-01-01T00:00:00Z');",
            )
            .unwrap();
        migrate(&mut connection, MIGRATIONS).unwrap();
        let events = crate::history::list(&connection, &"d".into()).unwrap();
        let read = Happening::Read {
            occasion: Occasion::Unrecorded,
            revision: "r".into(),
            pages: 3,
            searchable_pages: 2,
            chunks: 7,
            warnings: 1,
            embedder: None,
        };
        let at = "2026-01-01T00:00:00Z".to_owned();
        assert_eq!(events, [DocumentEvent { at, happening: read }]);
        // Being removed, it gets none, or its removal would have more to do.
        assert_eq!(crate::history::list(&connection, &"e".into()).unwrap(), []);
        assert!(!crate::jobs::list(&connection, true).unwrap()[0].read_again);
    }

    #[test]
    fn a_failed_migration_changes_nothing() {
        let mut connection = Connection::open_in_memory().unwrap();
        let broken = [MIGRATIONS[0], "CREATE TABLE half (x); NOT SQL"];
        assert!(migrate(&mut connection, &broken).is_err());
        assert_eq!(version(&connection), 0);
        let tables: i64 = connection
            .query_row("SELECT count(*) FROM sqlite_master", [], |r| r.get(0))
            .unwrap();
        assert_eq!(tables, 0);
    }

    #[test]
    fn a_newer_register_is_refused_and_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ledger.db");
        open(&path)
            .unwrap()
            .pragma_update(None, "user_version", 99)
            .unwrap();
        let error = open(&path).unwrap_err();
        let known = MIGRATIONS.len();
        let said =
            format!("The register was written by a newer Footnote (version 99; this one knows {known})");
        assert!(error.message.ends_with(&said), "{error}");
        assert!(error.hint.unwrap().starts_with("Install the newer Footnote"));
    }

    #[test]
    fn a_foreign_database_and_a_foreign_file_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("other.db");
        Connection::open(&path)
            .unwrap()
            .execute_batch("CREATE TABLE theirs (x)")
            .unwrap();
        assert!(
            open(&path)
                .unwrap_err()
                .message
                .contains("not a register of Footnote's")
        );
        let noise = dir.path().join("noise.db");
        std::fs::write(&noise, "this is not a database at all, ".repeat(300)).unwrap();
        assert!(
            open(&noise)
                .unwrap_err()
                .message
                .contains("The register is damaged")
        );
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_read_the_files() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ledger.db");
        let connection = open(&path).unwrap();
        connection
            .execute("INSERT INTO removals (document) VALUES ('x')", [])
            .unwrap();
        for entry in std::fs::read_dir(dir.path()).unwrap() {
            let mode = entry.unwrap().metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0);
        }
    }
}
