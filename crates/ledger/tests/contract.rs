//! What every ledger must do: run over the one on disk and over its twin in memory.

#![allow(clippy::unwrap_used)]

use std::path::Path;

use footnote_core::cases::{Case, CaseSource, Expected};
use footnote_core::collections::{Which, Written};
use footnote_core::history::{CitedRevision, DocumentEvent, EVENTS_KEPT, Happening, Occasion};
use footnote_core::memory::MemoryLedger;
use footnote_core::ports::{Ledger, RevisionCommit};
use footnote_core::preflight::Paces;
use footnote_core::prompt::PromptCopy;
use footnote_core::removal::Quotes;
use footnote_core::span::CharSpan;
use footnote_core::types::{
    Answer, Block, BlockKind, Candidate, Citation, Complaint, Document, Feedback, FileKind, IndexJob,
    JobStatus, LineConfidence, Page, PageSource, PageUnit, Passage, Scores, Step, Timings, TokenCounts,
    Trace, Turn,
};
use footnote_core::walk::{SeenFile, Stamp};
use footnote_core::watch::WatchedFolder;
use footnote_core::{DocumentId, Error, ErrorCode, JobId, RevisionId};
use footnote_ledger::SqliteLedger;

fn job(id: &str, path: &str) -> IndexJob {
    IndexJob {
        id: id.into(),
        path: path.into(),
        collection: "default".into(),
        status: JobStatus::Queued,
        step: Step::Queued,
        document: None,
        error: None,
        read_again: false,
        created_at: "2026-01-01T00:00:00Z".into(),
    }
}

fn document(id: &str, path: &str, revision: &str) -> Document {
    Document {
        id: id.into(),
        collection: "default".into(),
        path: path.into(),
        title: "A title with 'quotes'".into(),
        author: Some("Ada".into()),
        date: Some("2021-03-09".into()),
        language: None,
        media_type: "text/plain".into(),
        revision: Some(revision.into()),
        content_hash: "hash".into(),
        bytes: u64::from(u32::MAX) + 7,
        pages: 2,
        searchable_pages: 1,
        unread_images: 5,
        chunks: 3,
        warnings: vec!["page 2 is blank".into()],
        indexed_at: "2026-01-01T00:00:00Z".into(),
    }
}

fn page(number: u32, text: &str) -> Page {
    Page {
        label: Some("iv".into()),
        confidence: Some(0.5),
        size: Some((612.0, 792.0)),
        unit: PageUnit::Slide,
        lines: vec![LineConfidence {
            span: CharSpan::new(0, 2),
            confidence: 0.62,
        }],
        ..Page::new(number, text, PageSource::Ocr)
    }
}

fn turn(id: &str, conversation: &str, question: &str, sources: &[(&str, &str)]) -> Turn {
    let passages = sources.iter().zip(1..).map(|((document, text), rank)| Passage {
        rank,
        document: (*document).into(),
        revision: "r".into(),
        path: format!("/{document}.txt").into(),
        title: format!("title of {document}"),
        page: 1,
        span: CharSpan::new(0, 4),
        locator: Default::default(),
        headings: vec![(*text).to_owned()],
        text: (*text).to_owned(),
        score: 1.0,
        scores: Scores::default(),
        injections: Vec::new(),
    });
    let citations = sources.iter().zip(1..).map(|((document, text), n)| Citation {
        n,
        document: (*document).into(),
        revision: "r".into(),
        path: format!("/{document}.txt").into(),
        title: format!("title of {document}"),
        page: 1,
        span: CharSpan::new(0, 4),
        locator: Default::default(),
        quote: (*text).to_owned(),
        score: 1.0,
    });
    let candidates = sources.iter().map(|(document, _)| Candidate {
        chunk: "c".into(),
        document: (*document).into(),
        page: 1,
        scores: Scores::default(),
        dropped: None,
    });
    Turn {
        id: id.into(),
        conversation: conversation.into(),
        question: question.into(),
        answer: Answer {
            answer: "So it is [1].".into(),
            abstained: false,
            sentences: Vec::new(),
            disagreements: vec![],
            passages: passages.collect(),
            citations: citations.collect(),
            trace: Trace {
                prompt_text: sources
                    .iter()
                    .map(|(_, text)| *text)
                    .collect::<Vec<_>>()
                    .join("\n"),
                candidates: candidates.collect(),
                ..Trace::default()
            },
            timings_ms: Timings::default(),
            tokens: TokenCounts::default(),
            conversation: conversation.into(),
            turn: id.into(),
        },
        feedback: None,
        created_at: "2026-01-02T00:00:00Z".into(),
    }
}

/// Indexes one revision of a document from job to commit.
async fn index(ledger: &dyn Ledger, document: &Document, job: &IndexJob, text: &str) -> Vec<RevisionId> {
    let revision = document.revision.clone().unwrap();
    ledger.add_job(job).await.unwrap();
    ledger.begin_revision(&document.id, &revision).await.unwrap();
    ledger.add_pages(&revision, &[page(1, text)]).await.unwrap();
    ledger.add_pages(&revision, &[page(2, "")]).await.unwrap();
    let commit = RevisionCommit {
        document: document.clone(),
        job: job.id.clone(),
        event: DocumentEvent::read(document, revision, Occasion::Asked, None),
    };
    ledger.commit_revision(&commit).await.unwrap()
}

async fn jobs(ledger: &dyn Ledger) {
    let ids = |jobs: Vec<IndexJob>| jobs.into_iter().map(|j| j.id.0).collect::<Vec<_>>();
    for (id, status) in [
        ("1", JobStatus::Done),
        ("2", JobStatus::Queued),
        ("3", JobStatus::Failed),
        ("4", JobStatus::Canceled),
        ("5", JobStatus::Running),
        ("6", JobStatus::Unchanged),
    ] {
        let mut job = job(id, "/a.txt");
        ledger.add_job(&job).await.unwrap();
        job.status = status;
        job.step = Step::Embedding;
        job.document = Some("d".into());
        job.error = (status == JobStatus::Failed).then(|| {
            Error::user("no such page")
                .code(ErrorCode::Unsupported)
                .hint("do something")
        });
        ledger.update_job(&job).await.unwrap();
        assert_eq!(ledger.job(&job.id).await.unwrap(), Some(job));
    }
    assert_eq!(
        ids(ledger.jobs(false).await.unwrap()),
        ["1", "2", "3", "4", "5", "6"]
    );
    assert_eq!(ids(ledger.jobs(true).await.unwrap()), ["2", "3", "5"]);
    ledger.remove_job(&"3".into()).await.unwrap();
    ledger.remove_job(&"3".into()).await.unwrap();
    assert_eq!(ledger.job(&"3".into()).await.unwrap(), None);
    assert_eq!(ids(ledger.jobs(true).await.unwrap()), ["2", "5"]);
}

async fn revisions(ledger: &dyn Ledger) {
    let first = document("d", "/b/it's.txt", "r1");
    ledger.begin_revision(&first.id, &"r1".into()).await.unwrap();
    assert_eq!(ledger.documents().await.unwrap(), []);
    assert_eq!(ledger.hidden_revisions().await.unwrap(), ["r1".into()]);
    assert_eq!(index(ledger, &first, &job("1", "/b/it's.txt"), "old").await, []);
    assert_eq!(ledger.hidden_revisions().await.unwrap(), []);
    let done = ledger.job(&"1".into()).await.unwrap().unwrap();
    assert_eq!(
        (done.status, done.document),
        (JobStatus::Done, Some(first.id.clone()))
    );
    assert_eq!(ledger.document(&first.id).await.unwrap(), Some(first.clone()));
    assert_eq!(
        ledger
            .document_at("default", Path::new("/b/it's.txt"))
            .await
            .unwrap(),
        Some(first.clone())
    );
    assert_eq!(
        ledger
            .document_at("other", Path::new("/b/it's.txt"))
            .await
            .unwrap(),
        None
    );
    assert_eq!(
        ledger.document_at("default", Path::new("/b")).await.unwrap(),
        None
    );

    // While the second revision is written, the first one is what there is.
    let second = Document {
        content_hash: "new".into(),
        ..document("d", "/b/it's.txt", "r2")
    };
    ledger
        .begin_revision(&first.id, &"abandoned".into())
        .await
        .unwrap();
    ledger.begin_revision(&first.id, &"r2".into()).await.unwrap();
    assert_eq!(ledger.document(&first.id).await.unwrap(), Some(first.clone()));
    assert_eq!(
        ledger.current_revisions().await.unwrap(),
        [(first.id.clone(), "r1".into(), 3)]
    );
    let retired = index(ledger, &second, &job("2", "/b/it's.txt"), "new").await;
    assert_eq!(retired, ["abandoned".into(), "r1".into()]);
    assert_eq!(
        ledger.hidden_revisions().await.unwrap(),
        ["abandoned".into(), "r1".into()]
    );
    assert_eq!(
        ledger.current_revisions().await.unwrap(),
        [(first.id.clone(), "r2".into(), 3)]
    );
    assert_eq!(ledger.document(&first.id).await.unwrap(), Some(second.clone()));
    assert_eq!(ledger.page(&"r2".into(), 1).await.unwrap(), Some(page(1, "new")));
    assert_eq!(ledger.page(&"r2".into(), 3).await.unwrap(), None);
    let texts = ledger.page_texts(&"r2".into(), 0, 9).await.unwrap();
    assert_eq!(texts[0], (&page(1, "new")).into());
    assert_eq!(ledger.page_texts(&"r2".into(), 2, 9).await.unwrap(), texts[1..]);
    assert_eq!(ledger.page_texts(&"r2".into(), 1, 1).await.unwrap(), texts[..1]);
    ledger.begin_revision(&second.id, &"odd".into()).await.unwrap();
    let running_head = Page {
        blocks: vec![Block {
            kind: BlockKind::Furniture,
            span: CharSpan::new(0, 4),
        }],
        ..page(1, "Head\nfurniture that failed")
    };
    let failed = Page::new(2, "", PageSource::Failed);
    ledger
        .add_pages(&"odd".into(), &[running_head, failed])
        .await
        .unwrap();
    let texts = ledger.page_texts(&"odd".into(), 0, 9).await.unwrap();
    assert_eq!(
        (&texts[0].furniture, texts[0].failed),
        (&vec![CharSpan::new(0, 4)], false)
    );
    assert_eq!((texts[1].furniture.len(), texts[1].failed), (0, true));
    let mut table = Page::new(4, "a | b", PageSource::Text);
    table.blocks = vec![Block {
        kind: BlockKind::Table { header_rows: 1 },
        span: CharSpan::new(0, 5),
    }];
    ledger
        .add_pages(&"odd".into(), std::slice::from_ref(&table))
        .await
        .unwrap();
    let tables = ledger.table_pages(&"odd".into(), 0, 9).await.unwrap();
    assert_eq!(tables, [table]);
    assert_eq!(ledger.table_pages(&"odd".into(), 5, 9).await.unwrap(), []);
    // It is not current.
    assert_eq!(ledger.revisions_with_tables().await.unwrap(), []);
    ledger.forget_revision(&"odd".into()).await.unwrap();
    let coverage = ledger.coverage(&"r2".into()).await.unwrap();
    assert_eq!(coverage[0], (&page(1, "new")).into());
    assert_eq!(ledger.coverage(&"none".into()).await.unwrap(), []);

    assert!(ledger.forget_revision(&"r2".into()).await.is_err());
    for revision in &retired {
        ledger.forget_revision(revision).await.unwrap();
        ledger.forget_revision(revision).await.unwrap();
    }
    assert_eq!(ledger.hidden_revisions().await.unwrap(), []);
    assert_eq!(ledger.page(&"r1".into(), 1).await.unwrap(), None);

    // By path, component by component.
    index(ledger, &document("e", "/b-c", "r3"), &job("3", "/b-c"), "x").await;
    index(ledger, &document("f", "/a", "r4"), &job("4", "/a"), "x").await;
    let paths: Vec<_> = ledger
        .documents()
        .await
        .unwrap()
        .into_iter()
        .map(|d| d.path)
        .collect();
    assert_eq!(
        paths,
        [Path::new("/a"), Path::new("/b/it's.txt"), Path::new("/b-c")]
    );
    assert_eq!(ledger.check().await.unwrap(), [""; 0]);
}

async fn removal(ledger: &dyn Ledger) {
    let (gone, stays) = (
        document("gone", "/gone.txt", "r1"),
        document("stays", "/stays.txt", "r2"),
    );
    index(ledger, &gone, &job("1", "/gone.txt"), "x").await;
    index(ledger, &stays, &job("2", "/stays.txt"), "y").await;
    ledger
        .add_turn(&turn("t1", "c", "Q?", &[("gone", "secret"), ("stays", "plain")]))
        .await
        .unwrap();
    ledger
        .add_turn(&turn("t2", "c", "Q?", &[("stays", "plain")]))
        .await
        .unwrap();

    let unknown = ledger
        .begin_removal(&[stays.id.clone(), "never".into()], Quotes::Stay)
        .await
        .unwrap_err();
    assert_eq!(unknown.code, Some(ErrorCode::NotFound));
    assert_eq!(ledger.removals().await.unwrap(), [], "all or none");
    let marked = std::slice::from_ref(&gone.id);
    ledger.begin_removal(marked, Quotes::Go).await.unwrap();
    // Said again, with less: quotes go all the same.
    ledger.begin_removal(marked, Quotes::Stay).await.unwrap();
    assert_eq!(ledger.removals().await.unwrap(), [gone.id.as_str().into()]);
    assert_eq!(ledger.hidden_revisions().await.unwrap(), ["r1".into()]);
    assert_eq!(ledger.documents().await.unwrap(), std::slice::from_ref(&stays));
    assert_eq!(ledger.document(&gone.id).await.unwrap(), None);
    assert_eq!(ledger.document_at("default", &gone.path).await.unwrap(), None);
    assert_eq!(
        ledger.current_revisions().await.unwrap(),
        [(stays.id.clone(), "r2".into(), 3)]
    );

    // The file may be added again before its removal is through.
    let again = document("again", "/gone.txt", "r3");
    index(ledger, &again, &job("3", "/gone.txt"), "x").await;
    ledger.finish_removal(&gone.id).await.unwrap();
    assert_eq!(ledger.removals().await.unwrap(), []);
    assert_eq!(ledger.hidden_revisions().await.unwrap(), []);
    assert_eq!(ledger.documents().await.unwrap(), [again, stays.clone()]);
    assert_eq!(ledger.page(&"r1".into(), 1).await.unwrap(), None);
    assert_eq!(ledger.page(&"r2".into(), 1).await.unwrap(), Some(page(1, "y")));
    let left: Vec<JobId> = ledger
        .jobs(false)
        .await
        .unwrap()
        .into_iter()
        .map(|j| j.id)
        .collect();
    assert_eq!(left, ["2".into(), "3".into()]);

    let turns = ledger.turns(&"c".into()).await.unwrap();
    let answer = &turns[0].answer;
    assert_eq!(answer.answer, "So it is [1].");
    assert!(answer.passages.iter().all(|p| p.document == stays.id) && answer.passages.len() == 1);
    assert!(answer.trace.candidates.iter().all(|c| c.document == stays.id));
    assert_eq!(answer.trace.prompt_text, "");
    assert_eq!(
        (answer.citations[0].n, answer.citations[0].quote.as_str()),
        (1, "")
    );
    assert_eq!(
        (answer.citations[1].n, answer.citations[1].quote.as_str()),
        (2, "plain")
    );
    assert_eq!(turns[1], turn("t2", "c", "Q?", &[("stays", "plain")]));
    // After a crash in the middle it is asked for again.
    ledger.finish_removal(&gone.id).await.unwrap();
    assert_eq!(ledger.check().await.unwrap(), [""; 0]);
}

async fn removal_that_leaves_quotes(ledger: &dyn Ledger) {
    let gone = document("gone", "/gone.txt", "r1");
    index(ledger, &gone, &job("1", "/gone.txt"), "x").await;
    let asked = turn("t1", "c", "Q?", &[("gone", "secret"), ("stays", "plain")]);
    ledger.add_turn(&asked).await.unwrap();
    let case = Case {
        id: "k".into(),
        question: "Q?".into(),
        expected: Expected::Answer { text: "So.".into() },
        source: Some(CaseSource {
            document: gone.id.clone(),
            path: gone.path.clone(),
            page: 1,
            quote: "secret".into(),
            withdrawn: false,
        }),
        made_at: "2026-01-01T00:00:00Z".into(),
    };
    ledger.add_cases(std::slice::from_ref(&case)).await.unwrap();
    ledger
        .begin_removal(std::slice::from_ref(&gone.id), Quotes::Stay)
        .await
        .unwrap();
    ledger.finish_removal(&gone.id).await.unwrap();
    let answer = &ledger.turns(&"c".into()).await.unwrap()[0].answer;
    assert_eq!(answer.citations, asked.answer.citations);
    assert!(answer.passages.iter().all(|passage| passage.document != gone.id));
    assert!(answer.trace.candidates.iter().all(|one| one.document != gone.id));
    assert_eq!(answer.trace.prompt_text, "");
    let mut noted = case;
    assert!(noted.withdraw(&gone.id, Quotes::Stay));
    assert!(
        noted
            .source
            .as_ref()
            .is_some_and(|source| source.is_removed() && source.quote == "secret")
    );
    assert_eq!(ledger.cases().await.unwrap(), [noted]);
}

async fn undone_removal(ledger: &dyn Ledger) {
    let (a, b) = (document("a", "/a.txt", "r1"), document("b", "/b.txt", "r2"));
    index(ledger, &a, &job("1", "/a.txt"), "x").await;
    index(ledger, &b, &job("2", "/b.txt"), "y").await;
    let both = [a.id.clone(), b.id.clone()];
    let asked = turn("t1", "c", "Q?", &[("a", "secret")]);
    ledger.add_turn(&asked).await.unwrap();
    let events = ledger.events(&a.id).await.unwrap();
    ledger.begin_removal(&both, Quotes::Go).await.unwrap();
    assert_eq!(ledger.documents().await.unwrap(), []);

    // The file of one is a document anew.
    let again = document("again", "/b.txt", "r3");
    index(ledger, &again, &job("3", "/b.txt"), "y").await;
    assert_eq!(
        ledger.undo_removal(&both).await.unwrap(),
        std::slice::from_ref(&a.id)
    );
    assert_eq!(ledger.documents().await.unwrap(), [a.clone(), again]);
    assert_eq!(ledger.removals().await.unwrap(), std::slice::from_ref(&b.id));
    assert_eq!(ledger.hidden_revisions().await.unwrap(), ["r2".into()]);
    assert_eq!(ledger.page(&"r1".into(), 1).await.unwrap(), Some(page(1, "x")));
    assert_eq!(ledger.turns(&"c".into()).await.unwrap(), [asked]);
    assert_eq!(ledger.events(&a.id).await.unwrap(), events);
    assert_eq!(
        ledger
            .undo_removal(&[a.id.clone(), "never".into()])
            .await
            .unwrap(),
        []
    );
    ledger.finish_removal(&b.id).await.unwrap();
    // What was said of an undone removal is forgotten.
    ledger
        .begin_removal(std::slice::from_ref(&a.id), Quotes::Stay)
        .await
        .unwrap();
    ledger.finish_removal(&a.id).await.unwrap();
    let answer = &ledger.turns(&"c".into()).await.unwrap()[0].answer;
    assert_eq!(answer.citations[0].quote, "secret");
    assert_eq!(ledger.check().await.unwrap(), [""; 0]);
}

async fn conversations(ledger: &dyn Ledger) {
    let first = turn("t1", "a", "What is it?", &[("d", "words")]);
    let other = turn("t2", "b", "And this?", &[]);
    let last = Turn {
        created_at: "2026-01-03T00:00:00Z".into(),
        ..turn("t3", "a", "More?", &[])
    };
    for turn in [&first, &other, &last] {
        ledger.add_turn(turn).await.unwrap();
    }
    assert_eq!(ledger.turns(&"a".into()).await.unwrap(), [first, last]);
    let found = ledger.conversations().await.unwrap();
    let a = found.iter().find(|c| c.id.as_str() == "a").unwrap();
    assert_eq!((a.title.as_str(), a.turns), ("What is it?", 2));
    assert_eq!(
        (a.created_at.as_str(), a.updated_at.as_str()),
        ("2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z")
    );
    let order = async || {
        let all = ledger.conversations().await.unwrap().into_iter();
        all.map(|c| (c.id.0, c.title, c.pinned)).collect::<Vec<_>>()
    };
    let a = |title: &str, pinned| ("a".to_owned(), title.to_owned(), pinned);
    let b = |pinned| ("b".to_owned(), "And this?".to_owned(), pinned);
    assert_eq!(order().await, [a("What is it?", false), b(false)]);
    ledger.pin_conversation(&"b".into(), true).await.unwrap();
    ledger.pin_conversation(&"none".into(), true).await.unwrap();
    ledger
        .rename_conversation(&"a".into(), "It's \"named\"")
        .await
        .unwrap();
    ledger.rename_conversation(&"none".into(), "x").await.unwrap();
    assert_eq!(order().await, [b(true), a("It's \"named\"", false)]);
    // A further turn changes neither.
    ledger
        .add_turn(&turn("t4", "a", "Once more?", &[]))
        .await
        .unwrap();
    assert_eq!(order().await, [b(true), a("It's \"named\"", false)]);
    ledger.pin_conversation(&"b".into(), false).await.unwrap();
    assert_eq!(order().await, [a("It's \"named\"", false), b(false)]);
    let texts = ledger.turn_texts().await.unwrap();
    let said: Vec<_> = texts
        .iter()
        .map(|t| (t.turn.as_str(), &*t.question, &*t.answer))
        .collect();
    assert_eq!(said[0], ("t4", "Once more?", "So it is [1]."));
    assert_eq!(
        (said[3], texts[3].conversation.as_str()),
        (("t1", "What is it?", "So it is [1]."), "a")
    );

    ledger.remove_conversation(&"a".into()).await.unwrap();
    ledger.remove_conversation(&"a".into()).await.unwrap();
    assert_eq!(ledger.turns(&"a".into()).await.unwrap(), []);
    let left: Vec<_> = ledger
        .conversations()
        .await
        .unwrap()
        .into_iter()
        .map(|c| c.id.0)
        .collect();
    assert_eq!(left, ["b"]);
}

fn folder(id: &str, path: &str) -> WatchedFolder {
    WatchedFolder {
        id: id.into(),
        path: path.into(),
        collection: "default".into(),
        ignore: vec!["*.log".into(), "!kept.log".into()],
        paused: false,
        added_at: "2026-01-01T00:00:00Z".into(),
        last_scan: None,
        device: None,
    }
}

async fn watched_folders(ledger: &dyn Ledger) {
    let seen = |path: &str, bytes| SeenFile {
        path: path.into(),
        stamp: Stamp { bytes, modified: -5 },
    };
    let mut notes = folder("f2", "/notes");
    ledger.put_folder(&notes).await.unwrap();
    ledger.put_folder(&folder("f1", "/letters")).await.unwrap();
    let device = Some(u64::MAX);
    ledger
        .scanned_folder(&notes.id, "2026-01-02T00:00:00Z", device)
        .await
        .unwrap();
    // A change by the person does not undo what the scanner wrote meanwhile.
    notes.paused = true;
    ledger.put_folder(&notes).await.unwrap();
    notes.last_scan = Some("2026-01-02T00:00:00Z".into());
    notes.device = device;
    assert_eq!(
        ledger.folders().await.unwrap(),
        [notes.clone(), folder("f1", "/letters")]
    );

    let files = [seen("/notes/a", 1), seen("/notes/b", 2)];
    ledger.see_files(&notes.id, &files).await.unwrap();
    ledger.see_files(&notes.id, &[seen("/notes/a", 7)]).await.unwrap();
    ledger
        .forget_files(&notes.id, &["/notes/b".into()])
        .await
        .unwrap();
    assert_eq!(ledger.seen_files(&notes.id).await.unwrap(), [seen("/notes/a", 7)]);
    assert_eq!(ledger.seen_files(&"f1".into()).await.unwrap(), []);
    ledger.remove_folder(&notes.id).await.unwrap();
    assert_eq!(ledger.seen_files(&notes.id).await.unwrap(), []);
    assert_eq!(ledger.folders().await.unwrap().len(), 1);
}

async fn moved_documents(ledger: &dyn Ledger) {
    for (id, path, revision) in [("d1", "/in/a.txt", "r1"), ("d2", "/in-no/b.txt", "r2")] {
        index(ledger, &document(id, path, revision), &job(id, path), "words").await;
    }
    let below = |folder: &'static str| ledger.documents_below("default", Path::new(folder));
    assert_eq!(below("/in").await.unwrap(), 1);
    ledger
        .move_document(
            &"d1".into(),
            Path::new("/other/c.txt"),
            "c.txt",
            &moved_from("/in/a.txt"),
        )
        .await
        .unwrap();
    let events = ledger.events(&"d1".into()).await.unwrap();
    assert_eq!(events.last(), Some(&moved_from("/in/a.txt")));
    let names = ledger.document_names(Some("default")).await.unwrap();
    let moved_name = names.iter().find(|name| name.id == "d1".into()).unwrap();
    assert_eq!(
        (moved_name.file.as_str(), moved_name.title.as_str()),
        ("c.txt", "c.txt")
    );
    assert_eq!(
        (names.len(), ledger.document_names(None).await.unwrap().len()),
        (2, 2)
    );
    assert_eq!(ledger.document_names(Some("other")).await.unwrap(), []);
    let moved = ledger.document(&"d1".into()).await.unwrap().unwrap();
    assert_eq!(
        (moved.path.as_path(), moved.title.as_str()),
        (Path::new("/other/c.txt"), "c.txt")
    );
    assert_eq!(moved.revision, Some("r1".into()));
    assert_eq!(below("/in").await.unwrap(), 0);
    assert_eq!(below("/other").await.unwrap(), 1);
}

fn moved_from(path: &str) -> DocumentEvent {
    DocumentEvent::now(Happening::Moved { from: path.into() })
}

async fn histories(ledger: &dyn Ledger) {
    let id = "d".into();
    let failed = |at: usize| DocumentEvent {
        at: format!("2026-01-01T00:00:{at:02}Z"),
        happening: Happening::Failed {
            error: Error::user("x.txt: no").hint("Look"),
        },
    };
    ledger.add_event(&id, &failed(0)).await.unwrap();
    assert_eq!(ledger.events(&id).await.unwrap(), []);

    let first = document("d", "/x.txt", "r1");
    index(ledger, &first, &job("1", "/x.txt"), "old").await;
    ledger.add_event(&id, &failed(1)).await.unwrap();
    ledger
        .add_event(&id, &DocumentEvent::now(Happening::Kept))
        .await
        .unwrap();
    index(ledger, &document("d", "/x.txt", "r2"), &job("2", "/x.txt"), "new").await;
    let events = ledger.events(&id).await.unwrap();
    let read = |document: &Document| {
        let revision = document.revision.clone().unwrap();
        DocumentEvent::read(document, revision, Occasion::Asked, None)
    };
    assert_eq!(events[0], read(&first));
    assert_eq!(events[1], failed(1));
    assert_eq!(events[2].happening, Happening::Kept);
    let Happening::Read {
        revision,
        pages,
        warnings,
        ..
    } = &events[3].happening
    else {
        panic!("it was read");
    };
    assert_eq!(
        (revision.as_str(), *pages, *warnings, events.len()),
        ("r2", 2, 1, 4)
    );

    // The first stays whatever comes, and the latest do.
    for at in 0..EVENTS_KEPT + 3 {
        ledger.add_event(&id, &failed(at % 60)).await.unwrap();
    }
    let events = ledger.events(&id).await.unwrap();
    assert_eq!(events.len(), EVENTS_KEPT);
    assert_eq!(events[0], read(&first));
    assert_eq!(events[1], failed(4));
    let last = ledger.last_event(&id).await.unwrap();
    assert_eq!(last, Some(failed((EVENTS_KEPT + 2) % 60)));
    assert_eq!(events.last(), last.as_ref());

    // Two answers cite it, one of them twice; a third only had it among its passages.
    for (turn_id, sources) in [
        ("t1", vec![("d", "a"), ("d", "b"), ("other", "c")]),
        ("t2", vec![("d", "a")]),
    ] {
        ledger
            .add_turn(&turn(turn_id, "c", "Q?", &sources))
            .await
            .unwrap();
    }
    let mut uncited = turn("t3", "c", "Q?", &[("d", "a")]);
    uncited.answer.citations.clear();
    ledger.add_turn(&uncited).await.unwrap();
    let cited = CitedRevision {
        revision: "r".into(),
        answers: 2,
        citations: 3,
    };
    assert_eq!(ledger.cited_revisions(&id).await.unwrap(), [cited]);

    ledger
        .begin_removal(std::slice::from_ref(&id), Quotes::Stay)
        .await
        .unwrap();
    ledger.finish_removal(&id).await.unwrap();
    assert_eq!(ledger.events(&id).await.unwrap(), []);
    assert_eq!(ledger.last_event(&id).await.unwrap(), None);
    assert_eq!(ledger.check().await.unwrap(), [""; 0]);
}

async fn a_pause(ledger: &dyn Ledger) {
    for paused in [false, true, false] {
        ledger.set_paused(paused).await.unwrap();
        assert_eq!(ledger.paused().await.unwrap(), paused);
    }
}

async fn how_long_files_took(ledger: &dyn Ledger) {
    assert_eq!(ledger.paces().await.unwrap(), Paces::default());
    let mut paces = Paces::default();
    for seconds in [0.25, 1.0 / 3.0] {
        paces.note(FileKind::Pdf, 1_234_567, seconds);
        ledger.set_paces(&paces).await.unwrap();
        assert_eq!(ledger.paces().await.unwrap(), paces);
    }
}

async fn feedback_and_cases(ledger: &dyn Ledger) {
    let gone = document("gone", "/gone.txt", "r1");
    index(ledger, &gone, &job("1", "/gone.txt"), "secret words").await;
    ledger.add_turn(&turn("t1", "c", "Q?", &[])).await.unwrap();
    assert_eq!(ledger.turn(&"none".into()).await.unwrap(), None);
    let down = Feedback::Down {
        reason: Some(Complaint::Other),
        note: "It's \"not\" so".into(),
    };
    for feedback in [Some(&Feedback::Up), Some(&down), None, Some(&down)] {
        ledger.set_feedback(&"t1".into(), feedback).await.unwrap();
        let kept = ledger.turn(&"t1".into()).await.unwrap().unwrap();
        assert_eq!(kept.feedback.as_ref(), feedback);
    }
    // A turn that is written anew keeps it.
    ledger.add_turn(&turn("t1", "c", "Q?", &[])).await.unwrap();
    let turns = ledger.turns(&"c".into()).await.unwrap();
    assert_eq!(turns[0].feedback.as_ref(), Some(&down));
    ledger
        .set_feedback(&"none".into(), Some(&Feedback::Up))
        .await
        .unwrap();

    let case = |id: &str, document: &str| Case {
        id: id.into(),
        question: "Q?".into(),
        expected: Expected::Answer { text: "So.".into() },
        source: Some(CaseSource {
            document: document.into(),
            path: format!("/{document}.txt").into(),
            page: 1,
            quote: "secret words".into(),
            withdrawn: false,
        }),
        made_at: "2026-01-01T00:00:00Z".into(),
    };
    let both = [case("2", "gone"), case("1", "stays")];
    ledger.add_cases(&both).await.unwrap();
    ledger.add_cases(&both[1..]).await.unwrap();
    assert_eq!(ledger.cases().await.unwrap(), both);
    // Cases outlive the conversation they were made in, but not the words of a removed document.
    ledger.remove_conversation(&"c".into()).await.unwrap();
    ledger
        .begin_removal(std::slice::from_ref(&gone.id), Quotes::Go)
        .await
        .unwrap();
    ledger.finish_removal(&gone.id).await.unwrap();
    let mut scrubbed = both.clone();
    assert!(scrubbed[0].withdraw(&gone.id, Quotes::Go));
    assert_eq!(ledger.cases().await.unwrap(), scrubbed);
    ledger.remove_case(&"2".into()).await.unwrap();
    ledger.remove_case(&"2".into()).await.unwrap();
    assert_eq!(ledger.cases().await.unwrap(), both[1..]);
}

async fn copies_of_prompts(ledger: &dyn Ledger) {
    assert_eq!(ledger.prompt_copies().await.unwrap(), []);
    let copy = |prompt: &str, number, in_use| PromptCopy {
        prompt: prompt.into(),
        number,
        text: format!("Copy {number} of “{prompt}”\n---\nBriefly."),
        made_at: "2026-01-01T00:00:00Z".into(),
        in_use,
    };
    for number in [1, 2] {
        ledger
            .add_prompt_copy(&copy("answer.v1", number, true))
            .await
            .unwrap();
    }
    ledger.add_prompt_copy(&copy("about.v1", 1, true)).await.unwrap();
    let about = copy("about.v1", 1, true);
    let answers = |first, second| [copy("answer.v1", 1, first), copy("answer.v1", 2, second)];
    let all = |[first, second]: [PromptCopy; 2]| vec![about.clone(), first, second];
    assert_eq!(ledger.prompt_copies().await.unwrap(), all(answers(false, true)));
    ledger.use_prompt("answer.v1", Some(1)).await.unwrap();
    assert_eq!(ledger.prompt_copies().await.unwrap(), all(answers(true, false)));
    ledger.use_prompt("answer.v1", None).await.unwrap();
    assert_eq!(ledger.prompt_copies().await.unwrap(), all(answers(false, false)));
}

/// A document that was read by a job of its own.
async fn read(ledger: &dyn Ledger, id: &str, path: &str, collection: &str) -> Document {
    let revision = format!("r-{id}");
    let document = Document {
        collection: collection.into(),
        ..document(id, path, &revision)
    };
    let job = IndexJob {
        collection: collection.into(),
        ..job(&format!("j-{id}"), path)
    };
    index(ledger, &document, &job, "text").await;
    document
}

async fn collections(ledger: &dyn Ledger) {
    assert_eq!(ledger.collections().await.unwrap(), []);
    assert_eq!(ledger.written("default").await.unwrap(), []);
    for id in ["a", "b", "c"] {
        read(ledger, id, &format!("/f/{id}"), "default").await;
    }
    read(ledger, "w", "/f/a", "Work").await;
    let mut kept = folder("f", "/f");
    ledger.put_folder(&kept).await.unwrap();
    let waiting = IndexJob {
        collection: "it's next".into(),
        ..job("next", "/n")
    };
    ledger.add_job(&waiting).await.unwrap();
    let failed = IndexJob {
        collection: "failed".into(),
        status: JobStatus::Failed,
        ..job("failed", "/n")
    };
    ledger.add_job(&failed).await.unwrap();
    let named = async || {
        let collections = ledger.collections().await.unwrap();
        let facts = collections.into_iter().map(|c| (c.name, c.documents, c.folders));
        facts.collect::<Vec<_>>()
    };
    let fact = |name: &str, documents, folders| (name.to_owned(), documents, folders);
    assert_eq!(
        named().await,
        [fact("Work", 1, 0), fact("default", 3, 1), fact("it's next", 0, 0)]
    );
    assert_eq!(
        ledger.written("default").await.unwrap(),
        [Written::all("default")]
    );

    // The one whose file is there already stays; the others go, with their jobs.
    let all = ["a", "b", "gone"].map(DocumentId::from);
    let stayed = ledger.move_to_collection(&all, "Work").await.unwrap();
    assert_eq!(stayed, ["a".into()]);
    assert_eq!(
        ledger.document(&"b".into()).await.unwrap().unwrap().collection,
        "Work"
    );
    assert_eq!(
        ledger.job(&"j-b".into()).await.unwrap().unwrap().collection,
        "Work"
    );
    assert_eq!(
        ledger.job(&"j-a".into()).await.unwrap().unwrap().collection,
        "default"
    );
    let written = |name: &str, which| Written {
        name: name.into(),
        which,
    };
    assert_eq!(
        ledger.written("Work").await.unwrap(),
        [
            Written::all("Work"),
            written("default", Which::Only(vec!["b".into()]))
        ]
    );
    assert_eq!(
        ledger.written("default").await.unwrap(),
        [written("default", Which::Except(vec!["b".into()]))]
    );
    let moved = async |collection: &str| {
        let moved = ledger.moved_out(collection).await.unwrap();
        moved
            .into_iter()
            .map(|document| document.id.0)
            .collect::<Vec<_>>()
    };
    assert_eq!(moved("default").await, ["b"]);
    assert_eq!(moved("Work").await, Vec::<String>::new());
    // A folder's file is the folder's, wherever its document is.
    assert_eq!(
        ledger.documents_below("default", Path::new("/f")).await.unwrap(),
        3
    );

    // Read again meanwhile by a job that holds the old name: it stays where it is, and its rows have that name.
    let again = Document {
        collection: "Work".into(),
        ..document("b", "/f/b", "r-b2")
    };
    let held = IndexJob {
        collection: "Work".into(),
        ..job("again", "/f/b")
    };
    ledger.add_job(&held).await.unwrap();
    ledger.move_to_collection(&["b".into()], "Home").await.unwrap();
    ledger
        .update_job(&IndexJob {
            step: Step::Reading,
            ..held.clone()
        })
        .await
        .unwrap();
    index(ledger, &again, &held, "text").await;
    let document = ledger.document(&"b".into()).await.unwrap().unwrap();
    assert_eq!(document.collection, "Home");
    assert_eq!(
        ledger.written("Home").await.unwrap(),
        [written("Work", Which::Only(vec!["b".into()]))]
    );
    assert_eq!(moved("default").await, ["b"]);

    // A folder takes its documents and what waits along; what was moved out of it stays its own.
    let folder = ledger.folders().await.unwrap().remove(0);
    let from = folder.collection.clone();
    assert!(ledger.move_folder(&"nobody".into(), "Else").await.is_err());
    let stayed = ledger.move_folder(&folder.id, "Else").await.unwrap();
    assert_eq!(stayed, []);
    assert_eq!(ledger.documents_below("Else", Path::new("/f")).await.unwrap(), 3);
    assert_eq!(ledger.documents_below(&from, Path::new("/f")).await.unwrap(), 0);
    assert_eq!(moved("Else").await, ["b"]);
    assert_eq!(
        ledger.job(&"j-a".into()).await.unwrap().unwrap().collection,
        "Else"
    );
    assert_eq!(ledger.move_folder(&folder.id, &from).await.unwrap(), []);
    assert_eq!(moved("Else").await, Vec::<String>::new());
    assert_eq!(moved("default").await, ["b"]);
    let events = ledger.events(&"a".into()).await.unwrap();
    let places = events.iter().filter_map(|event| match &event.happening {
        Happening::Collected { from, to } => Some((from.as_str(), to.as_str())),
        _ => None,
    });
    assert_eq!(
        places.collect::<Vec<_>>(),
        [("default", "Else"), ("Else", "default")]
    );

    // A new name for all of it at once.
    let error = ledger.rename_collection("Home", "Work").await.unwrap_err();
    assert!(error.message.contains("Work"), "{error}");
    let error = ledger.rename_collection("nobody's", "New").await.unwrap_err();
    assert_eq!(error.code, Some(ErrorCode::NotFound));
    ledger.rename_collection("default", "it's mine").await.unwrap();
    ledger.rename_collection("it's next", "later").await.unwrap();
    kept.collection = "it's mine".into();
    assert_eq!(ledger.folders().await.unwrap()[0].collection, kept.collection);
    assert_eq!(
        named().await,
        [
            fact("Home", 1, 0),
            fact("Work", 1, 0),
            fact("it's mine", 2, 1),
            fact("later", 0, 0)
        ]
    );
    assert_eq!(moved("it's mine").await, ["b"]);
    assert_eq!(
        ledger
            .documents_below("it's mine", Path::new("/f"))
            .await
            .unwrap(),
        3
    );
    assert_eq!(
        ledger.written("it's mine").await.unwrap(),
        [Written::all("default")]
    );
    // What waited under the old name joins the new one.
    read(ledger, "n", "/n", "later").await;
    let new = document_of(ledger, "next", "/n2", "it's next").await;
    assert_eq!(new.collection, "later");
    assert_eq!(
        ledger.written("later").await.unwrap(),
        [Written::all("it's next"), Written::all("later")]
    );

    // Back where it came from, it has not been moved.
    ledger
        .move_to_collection(&["b".into()], "it's mine")
        .await
        .unwrap();
    assert_eq!(moved("it's mine").await, Vec::<String>::new());
    // Of what is gone nothing is left.
    for id in ["a", "b", "c", "w", "n", "d-next"] {
        ledger.begin_removal(&[id.into()], Quotes::Stay).await.unwrap();
        ledger.finish_removal(&id.into()).await.unwrap();
    }
    ledger.remove_folder(&"f".into()).await.unwrap();
    assert_eq!(named().await, []);
    assert_eq!(ledger.written("it's mine").await.unwrap(), []);
}

/// Registers what a job that is there has read, by the collection that it held.
async fn document_of(ledger: &dyn Ledger, job_id: &str, path: &str, collection: &str) -> Document {
    let id = format!("d-{job_id}");
    let document = Document {
        collection: collection.into(),
        ..document(&id, path, "r-of-job")
    };
    let job = ledger.job(&job_id.into()).await.unwrap().unwrap();
    let (revision, id) = (document.revision.clone().unwrap(), document.id.clone());
    ledger.begin_revision(&id, &revision).await.unwrap();
    let event = DocumentEvent::read(&document, revision, Occasion::Added, None);
    let job = job.id;
    ledger
        .commit_revision(&RevisionCommit { document, job, event })
        .await
        .unwrap();
    ledger.document(&id).await.unwrap().unwrap()
}

macro_rules! contract {
    ($($case:ident),*) => {
        mod on_disk {
            use super::*;
            $(#[tokio::test]
            async fn $case() {
                let dir = tempfile::tempdir().unwrap();
                super::$case(&SqliteLedger::open(dir.path().join("ledger.db")).unwrap()).await;
            })*
        }
        mod in_memory {
            use super::*;
            $(#[tokio::test]
            async fn $case() {
                super::$case(&MemoryLedger::default()).await;
            })*
        }
    };
}

contract!(
    collections,
    jobs,
    revisions,
    removal,
    removal_that_leaves_quotes,
    undone_removal,
    conversations,
    feedback_and_cases,
    histories,
    copies_of_prompts,
    watched_folders,
    moved_documents,
    a_pause,
    how_long_files_took
);
