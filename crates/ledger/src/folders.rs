//! Watched folders, and the files that were seen in them.

use std::path::PathBuf;

use footnote_core::walk::{SeenFile, Stamp};
use footnote_core::watch::WatchedFolder;
use footnote_core::{FolderId, Result};
use rusqlite::{Connection, Row};

use crate::error::Translate;
use crate::jobs::{from_json, to_json};
use crate::paths;

/// Watched folders in the order they were added.
pub(crate) fn list(connection: &Connection) -> Result<Vec<WatchedFolder>> {
    connection
        .prepare_cached(
            "SELECT id, path, collection, paused, added_at, last_scan, device, ignore FROM folders ORDER BY seq",
        )
        .and_then(|mut statement| {
            statement
                .query_map([], read)?
                .collect::<rusqlite::Result<Vec<_>>>()
        })
        .during("reading the watched folders")?
        .into_iter()
        .map(|(folder, ignore)| {
            Ok(WatchedFolder {
                ignore: from_json(&ignore)?,
                ..folder
            })
        })
        .collect()
}

fn read(row: &Row<'_>) -> rusqlite::Result<(WatchedFolder, String)> {
    let folder = WatchedFolder {
        id: FolderId(row.get(0)?),
        path: paths::from_bytes(row.get(1)?),
        collection: row.get(2)?,
        ignore: Vec::new(),
        paused: row.get(3)?,
        added_at: row.get(4)?,
        last_scan: row.get(5)?,
        device: row.get::<_, Option<i64>>(6)?.map(i64::cast_unsigned),
    };
    Ok((folder, row.get(7)?))
}

/// Writes a folder, new or not; what is known of the last look stays.
pub(crate) fn put(connection: &Connection, folder: &WatchedFolder) -> Result<()> {
    let ignore = to_json(&folder.ignore)?;
    connection
        .execute(
            "INSERT INTO folders (id, path, path_text, collection, ignore, paused, added_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (id) DO UPDATE SET path = ?2, path_text = ?3, collection = ?4, ignore = ?5, paused = ?6",
            (
                folder.id.as_str(),
                paths::to_bytes(&folder.path),
                folder.path.to_string_lossy(),
                &folder.collection,
                ignore,
                folder.paused,
                &folder.added_at,
            ),
        )
        .during("writing a watched folder")?;
    Ok(())
}

/// Notes when a folder was looked through, and on which file system.
pub(crate) fn scanned(connection: &Connection, id: &FolderId, at: &str, device: Option<u64>) -> Result<()> {
    connection
        .execute(
            "UPDATE folders SET last_scan = ?2, device = ?3 WHERE id = ?1",
            (id.as_str(), at, device.map(u64::cast_signed)),
        )
        .during("noting a look at a folder")?;
    Ok(())
}

/// Forgets a folder with its files.
pub(crate) fn remove(connection: &Connection, id: &FolderId) -> Result<()> {
    connection
        .execute("DELETE FROM folders WHERE id = ?1", [id.as_str()])
        .during("forgetting a watched folder")?;
    Ok(())
}

/// Files of a folder with the state in which they were last taken up.
pub(crate) fn seen(connection: &Connection, id: &FolderId) -> Result<Vec<SeenFile>> {
    connection
        .prepare_cached("SELECT path, bytes, modified FROM seen_files WHERE folder = ?1")
        .and_then(|mut statement| {
            let file = |row: &Row<'_>| {
                Ok(SeenFile {
                    path: paths::from_bytes(row.get(0)?),
                    stamp: Stamp {
                        bytes: row.get::<_, i64>(1)?.cast_unsigned(),
                        modified: row.get(2)?,
                    },
                })
            };
            statement.query_map([id.as_str()], file)?.collect()
        })
        .during("reading the files of a folder")
}

/// Notes the state of files; those of a folder that was forgotten meanwhile are not noted.
pub(crate) fn see(connection: &Connection, id: &FolderId, files: &[SeenFile]) -> Result<()> {
    const DOING: &str = "noting files of a folder";
    let mut statement = connection
        .prepare_cached(
            "INSERT INTO seen_files (folder, path, bytes, modified)
             SELECT id, ?2, ?3, ?4 FROM folders WHERE id = ?1
             ON CONFLICT (folder, path) DO UPDATE SET bytes = ?3, modified = ?4",
        )
        .during(DOING)?;
    for file in files {
        let Stamp { bytes, modified } = file.stamp;
        statement
            .execute((
                id.as_str(),
                paths::to_bytes(&file.path),
                bytes.cast_signed(),
                modified,
            ))
            .during(DOING)?;
    }
    Ok(())
}

/// Forgets files of a folder.
pub(crate) fn forget(connection: &Connection, id: &FolderId, gone: &[PathBuf]) -> Result<()> {
    const DOING: &str = "forgetting files of a folder";
    let mut statement = connection
        .prepare_cached("DELETE FROM seen_files WHERE folder = ?1 AND path = ?2")
        .during(DOING)?;
    for path in gone {
        statement
            .execute((id.as_str(), paths::to_bytes(path)))
            .during(DOING)?;
    }
    Ok(())
}
