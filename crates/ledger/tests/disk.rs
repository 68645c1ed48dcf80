//! What only the ledger on disk must do: keep odd paths, survive crashes, leave no trace.

#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use footnote_core::history::{DocumentEvent, Happening, Occasion};
use footnote_core::ports::{Ledger, RevisionCommit};
use footnote_core::removal::Quotes;
use footnote_core::types::{Document, IndexJob, JobStatus, Page, PageSource, Step};
use footnote_core::{Error, ErrorCode, RevisionId};
use footnote_ledger::SqliteLedger;

const SECRET: &str = "xyzzyplugh";

fn document(id: &str, path: PathBuf, revision: &str) -> Document {
    Document {
        id: id.into(),
        collection: "default".into(),
        path,
        title: "t".into(),
        author: Some("Ada".into()),
        date: Some("2021-03-09".into()),
        language: None,
        media_type: "text/plain".into(),
        revision: Some(revision.into()),
        content_hash: "h".into(),
        bytes: 1,
        pages: 1,
        searchable_pages: 1,
        unread_images: 0,
        chunks: 1,
        warnings: Vec::new(),
        indexed_at: "2026-01-01T00:00:00Z".into(),
    }
}

fn job(id: &str, path: PathBuf) -> IndexJob {
    IndexJob {
        id: id.into(),
        path,
        collection: "default".into(),
        status: JobStatus::Queued,
        step: Step::Queued,
        document: None,
        error: None,
        read_again: false,
        created_at: "2026-01-01T00:00:00Z".into(),
    }
}

fn page(number: u32, text: String) -> Page {
    Page::new(number, text, PageSource::Text)
}

fn read(document: &Document) -> DocumentEvent {
    let revision = document.revision.clone().unwrap();
    DocumentEvent::read(document, revision, Occasion::Added, None)
}

async fn commit(ledger: &SqliteLedger, document: &Document) -> Vec<RevisionId> {
    ledger
        .commit_revision(&RevisionCommit {
            event: read(document),
            document: document.clone(),
            job: "j".into(),
        })
        .await
        .unwrap()
}

fn occurrences(dir: &Path, word: &str) -> usize {
    let mut found = 0;
    for entry in std::fs::read_dir(dir).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        found += bytes
            .windows(word.len())
            .filter(|window| *window == word.as_bytes())
            .count();
    }
    found
}

#[tokio::test]
async fn a_removed_document_leaves_no_byte_on_disk() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = SqliteLedger::open(dir.path().join("ledger.db")).unwrap();
    let secret = document("s", format!("/{SECRET}.txt").into(), "rs");
    let plain = document("p", "/plain.txt".into(), "rp");
    let mut failed = job("1", secret.path.clone());
    failed.status = JobStatus::Failed;
    ledger.add_job(&failed).await.unwrap();
    for each in [&secret, &plain] {
        ledger
            .begin_revision(&each.id, each.revision.as_ref().unwrap())
            .await
            .unwrap();
    }
    // Pages of all sizes, interleaved and replaced, so that the trees are rebalanced many times.
    for round in 0..3 {
        for number in 0..400u32 {
            let words = 1 + (number * 7919 + round * 104_729) % 900;
            let text = |word: &str| format!("{word} ").repeat(words as usize);
            ledger
                .add_pages(&"rs".into(), &[page(number, text(SECRET))])
                .await
                .unwrap();
            ledger
                .add_pages(&"rp".into(), &[page(number, text("common"))])
                .await
                .unwrap();
        }
    }
    commit(&ledger, &secret).await;
    commit(&ledger, &plain).await;
    let said = format!("{SECRET}.txt: no");
    let error = Error::user(said);
    let event = DocumentEvent::now(Happening::Failed { error });
    ledger.add_event(&secret.id, &event).await.unwrap();
    assert!(occurrences(dir.path(), SECRET) > 1000);
    ledger
        .begin_removal(std::slice::from_ref(&secret.id), Quotes::Go)
        .await
        .unwrap();
    ledger.finish_removal(&secret.id).await.unwrap();
    assert_eq!(occurrences(dir.path(), SECRET), 0);
    assert!(occurrences(dir.path(), "common") > 1000);
    assert!(ledger.jobs(false).await.unwrap().is_empty());
    assert_eq!(ledger.check().await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn a_removed_conversation_leaves_no_byte_on_disk() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = SqliteLedger::open(dir.path().join("ledger.db")).unwrap();
    let json = serde_json::json!({
        "id": "t", "conversation": "c", "question": SECRET, "created_at": "2026-01-01T00:00:00Z",
        "answer": {"answer": SECRET, "abstained": false, "sentences": [], "citations": [], "passages": [],
            "trace": {"query": SECRET, "prompt": "", "prompt_text": "", "models": [], "index": null,
                "candidates": [], "evidence": 0.0},
            "timings_ms": {"rewrite": 0.0, "search": 0.0, "rerank": 0.0, "first_token": null, "total": 0.0},
            "tokens": {"prompt": 0, "generated": 0}, "conversation": "c", "turn": "t"},
    });
    ledger
        .add_turn(&serde_json::from_value(json).unwrap())
        .await
        .unwrap();
    assert!(occurrences(dir.path(), SECRET) > 0);
    ledger.remove_conversation(&"c".into()).await.unwrap();
    assert_eq!(occurrences(dir.path(), SECRET), 0);
}

#[tokio::test]
async fn odd_paths_are_found_again_after_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("a folder, 'quoted' 😀").join("ledger.db");
    let mut names: Vec<PathBuf> = ["/it's.pdf", "/\"q\" %_;--.pdf", "/😀.pdf", " "]
        .iter()
        .map(PathBuf::from)
        .collect();
    names.push(format!("/{}", "long/".repeat(819)).into());
    #[cfg(unix)]
    for bytes in [b"/\xff.pdf".to_vec(), b"/\xfe.pdf".to_vec()] {
        use std::os::unix::ffi::OsStringExt;
        names.push(std::ffi::OsString::from_vec(bytes).into());
    }
    let ledger = SqliteLedger::open(&file).unwrap();
    for (n, path) in names.iter().enumerate() {
        let document = document(&format!("d{n}"), path.clone(), &format!("r{n}"));
        ledger
            .add_job(&job(&format!("j{n}"), path.clone()))
            .await
            .unwrap();
        ledger
            .begin_revision(&document.id, document.revision.as_ref().unwrap())
            .await
            .unwrap();
        commit(&ledger, &document).await;
    }
    drop(ledger);
    let ledger = SqliteLedger::open(&file).unwrap();
    for (n, path) in names.iter().enumerate() {
        let found = ledger.document_at("default", path).await.unwrap().unwrap();
        assert_eq!((found.id.0, &found.path), (format!("d{n}"), path));
        assert_eq!(
            ledger
                .job(&format!("j{n}").as_str().into())
                .await
                .unwrap()
                .unwrap()
                .path,
            *path
        );
    }
}

#[tokio::test]
async fn what_was_not_committed_is_hidden_after_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("ledger.db");
    let ledger = SqliteLedger::open(&file).unwrap();
    let old = document("d", "/a".into(), "old");
    ledger.begin_revision(&old.id, &"old".into()).await.unwrap();
    commit(&ledger, &old).await;
    ledger.begin_revision(&old.id, &"new".into()).await.unwrap();
    ledger
        .add_pages(&"new".into(), &[page(1, "half".into())])
        .await
        .unwrap();
    // A copy of the files is what a power cut would leave.
    let cut = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let entry = entry.unwrap();
        if entry.file_name() != "ledger.db-shm" {
            std::fs::copy(entry.path(), cut.path().join(entry.file_name())).unwrap();
        }
    }
    let ledger = SqliteLedger::open(cut.path().join("ledger.db")).unwrap();
    assert_eq!(ledger.document(&old.id).await.unwrap(), Some(old));
    assert_eq!(ledger.hidden_revisions().await.unwrap(), ["new".into()]);
    assert_eq!(ledger.check().await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn a_document_under_removal_takes_nothing_new() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = SqliteLedger::open(dir.path().join("ledger.db")).unwrap();
    let old = document("d", "/a".into(), "old");
    ledger.begin_revision(&old.id, &"old".into()).await.unwrap();
    commit(&ledger, &old).await;
    ledger.begin_revision(&old.id, &"new".into()).await.unwrap();
    ledger
        .begin_removal(std::slice::from_ref(&old.id), Quotes::Go)
        .await
        .unwrap();
    let new = document("d", "/a".into(), "new");
    let refused = ledger
        .commit_revision(&RevisionCommit {
            event: read(&new),
            document: new.clone(),
            job: "j".into(),
        })
        .await
        .unwrap_err();
    assert_eq!(refused.code, Some(ErrorCode::Canceled));
    assert!(
        ledger
            .begin_revision(&old.id, &"newer".into())
            .await
            .unwrap_err()
            .is_canceled()
    );
    ledger.finish_removal(&old.id).await.unwrap();
    assert!(
        ledger
            .add_pages(&"new".into(), &[page(1, "late".into())])
            .await
            .unwrap_err()
            .is_canceled()
    );
    assert!(ledger.documents().await.unwrap().is_empty());
}

#[tokio::test]
async fn two_documents_cannot_share_a_path_and_a_failed_commit_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = SqliteLedger::open(dir.path().join("ledger.db")).unwrap();
    let first = document("a", "/a".into(), "ra");
    let second = document("b", "/a".into(), "rb");
    for each in [&first, &second] {
        ledger
            .begin_revision(&each.id, each.revision.as_ref().unwrap())
            .await
            .unwrap();
    }
    commit(&ledger, &first).await;
    let clash = RevisionCommit {
        event: read(&second),
        document: second,
        job: "j".into(),
    };
    assert!(ledger.commit_revision(&clash).await.is_err());
    assert_eq!(ledger.documents().await.unwrap(), [first]);
    assert_eq!(ledger.hidden_revisions().await.unwrap(), ["rb".into()]);
}

#[tokio::test]
async fn another_writer_is_waited_for_then_reported() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("ledger.db");
    let ledger = SqliteLedger::open(&file).unwrap();
    let other = rusqlite::Connection::open(&file).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = ledger.add_job(&job("1", "/a".into())).await.unwrap_err();
    assert_eq!(error.code, Some(ErrorCode::StoreLocked));
    other.execute_batch("ROLLBACK").unwrap();
    ledger.add_job(&job("1", "/a".into())).await.unwrap();
}

#[tokio::test]
async fn damage_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("ledger.db");
    let ledger = SqliteLedger::open(&file).unwrap();
    let kept = document("d", "/a".into(), "r");
    ledger.begin_revision(&kept.id, &"r".into()).await.unwrap();
    ledger
        .add_pages(&"r".into(), &[page(1, "some words ".repeat(2000))])
        .await
        .unwrap();
    commit(&ledger, &kept).await;
    drop(ledger);
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2 / 4096 * 4096;
    bytes[middle..].fill(0xA5);
    std::fs::write(&file, bytes).unwrap();
    let faults = match SqliteLedger::open(&file) {
        Ok(ledger) => match ledger.check().await {
            Ok(faults) => faults,
            Err(error) => vec![error.message],
        },
        Err(error) => vec![error.message],
    };
    assert!(!faults.is_empty());
}
