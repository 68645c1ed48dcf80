//! Pages and files of documents, for the source panel.

use std::io::Read;
use std::path::PathBuf;

use footnote_core::engine::Engine;
use footnote_core::ingest::hash_file;
use footnote_core::types::{Document, Page};
use footnote_core::{DocumentId, Error, ErrorCode, Problem, Result, RevisionId};
use tokio_util::sync::CancellationToken;

use crate::wire;

/// Largest file the window shows as it is; larger ones are shown as text.
const MAX_BYTES: u64 = 256 << 20;

/// A page of a document, at `revision` if one is given.
///
/// # Errors
/// The document or page is gone, or the document was read anew since: a place in the old text means
/// nothing in the new one.
pub(crate) async fn page(
    engine: &Engine,
    id: &DocumentId,
    revision: Option<&RevisionId>,
    number: u32,
) -> Result<Page> {
    let document = engine.document(id).await?;
    if revision.is_some() && document.revision.as_ref() != revision {
        return Err(changed(&document)
            .code(ErrorCode::NotFound)
            .hint("Ask again to cite it as it is now"));
    }
    engine.page(id, number).await
}

/// Writes a file that a person chose the name of; returns its path.
///
/// # Errors
/// The file cannot be written.
pub(crate) async fn write(path: PathBuf, text: String) -> Result<String> {
    tokio::task::spawn_blocking(move || match std::fs::write(&path, text) {
        Ok(()) => Ok(wire::path_text(&path)),
        Err(error) => Err(Error::from(error).at(path.display())),
    })
    .await
    .map_err(|e| Error::bug(format!("writing stopped: {e}")))?
}

/// A page of a document that is a picture, as PNG: for kinds that no web view decodes.
///
/// # Errors
/// The file is gone, too large to show, no longer what was indexed, or cannot be decoded.
pub(crate) async fn picture(engine: &Engine, id: &DocumentId, number: u32) -> Result<Vec<u8>> {
    let document = engine.document(id).await?;
    let checked = document.clone();
    tokio::task::spawn_blocking(move || open(&checked).map(drop))
        .await
        .map_err(|e| Error::bug(format!("reading a file stopped: {e}")))??;
    engine.picture(&document, number).await
}

/// The bytes of a document's file.
///
/// # Errors
/// The file is gone, too large to show, or no longer what was indexed.
pub(crate) async fn bytes(document: Document) -> Result<Vec<u8>> {
    tokio::task::spawn_blocking(move || read(&document))
        .await
        .map_err(|e| Error::bug(format!("reading a file stopped: {e}")))?
}

fn read(document: &Document) -> Result<Vec<u8>> {
    let (file, size) = open(document)?;
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    file.take(MAX_BYTES)
        .read_to_end(&mut bytes)
        .map_err(|error| Error::from(error).at(document.file_name()))?;
    Ok(bytes)
}

/// A document's file, if it is still what was indexed, and its size.
fn open(document: &Document) -> Result<(std::fs::File, u64)> {
    let name = document.file_name();
    let at = |error: std::io::Error| Error::from(error).at(&name);
    let file = std::fs::File::open(&document.path).map_err(at)?;
    let size = file.metadata().map_err(at)?.len();
    if size > MAX_BYTES {
        return Err(Error::user(format!("{name} is too large to be shown as it is"))
            .problem(Problem::TooLargeToShow)
            .about(&name)
            .hint("Read its text here, or open the file in another program"));
    }
    // Highlights over a page that has changed would point at other words.
    if size != document.bytes
        || hash_file(&document.path, &CancellationToken::new())? != document.content_hash
    {
        return Err(changed(document).hint("Add it again to read it as it is now"));
    }
    Ok((file, size))
}

fn changed(document: &Document) -> Error {
    Error::user(format!("{} has changed since", document.file_name()))
        .problem(Problem::ChangedSince)
        .about(document.file_name())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(path: &std::path::Path) -> Document {
        Document {
            id: DocumentId::new(),
            collection: "default".into(),
            path: path.to_owned(),
            title: "a".into(),
            author: Some("Ada".into()),
            date: Some("2021-03-09".into()),
            language: None,
            media_type: "text/plain".into(),
            revision: None,
            content_hash: hash_file(path, &CancellationToken::new()).unwrap(),
            bytes: std::fs::metadata(path).unwrap().len(),
            pages: 1,
            searchable_pages: 1,
            unread_images: 0,
            chunks: 1,
            warnings: Vec::new(),
            indexed_at: String::new(),
        }
    }

    #[test]
    fn only_the_bytes_that_were_indexed_are_shown() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("note (1) ✓.txt");
        std::fs::write(&path, "first").unwrap();
        let document = document(&path);
        assert_eq!(read(&document).unwrap(), b"first");

        std::fs::write(&path, "other").unwrap();
        assert!(read(&document).unwrap_err().message.contains("has changed"));

        std::fs::remove_file(&path).unwrap();
        let error = read(&document).unwrap_err();
        assert_eq!(error.code, Some(ErrorCode::NotFound));
        assert!(error.message.contains("note (1) ✓.txt"), "{error}");
    }
}
