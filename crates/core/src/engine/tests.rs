//! Both journeys over the in-memory twins.

mod collections;
mod compared;
mod counted;
mod explained;
mod history;
mod inflected;
mod kept;
mod narrowed;
mod paused;
mod preflight;
mod prompts;
mod removal;
mod standing;
mod suggested;
mod summarized;
mod understood;

use super::*;
use crate::memory::{
    FakeEmbedder, FakeExtractor, FakeGenerator, FakeRecognizer, IMAGE, MemoryChunkStore, MemoryLedger,
    calibrated, engine_parts,
};
use crate::ports::{Entailment, Inference};
use crate::report::Silent;
use crate::types::{AnswerEvent, DEFAULT_COLLECTION, PageSource, Verdict};
use std::sync::atomic::Ordering;

struct World {
    folder: tempfile::TempDir,
    embedder: Arc<FakeEmbedder>,
    earlier: Vec<Arc<FakeEmbedder>>,
    generator: Arc<FakeGenerator>,
    extractor: Arc<FakeExtractor>,
    store: Arc<MemoryChunkStore>,
    ledger: Arc<MemoryLedger>,
    recognizer: Option<Arc<FakeRecognizer>>,
    entailment: Option<Arc<dyn Entailment>>,
    trial: Prompts,
}

impl World {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            embedder: Arc::default(),
            earlier: Vec::new(),
            generator: Arc::default(),
            extractor: Arc::default(),
            store: Arc::default(),
            ledger: Arc::default(),
            recognizer: None,
            entailment: None,
            trial: Default::default(),
        }
    }

    async fn engine(&self) -> Engine {
        Engine::open(EngineParts {
            extractor: self.extractor.clone(),
            embedders: QueryEmbedders {
                current: calibrated(self.embedder.clone()),
                earlier: self.earlier.iter().cloned().map(calibrated).collect(),
            },
            generator: Some(self.generator.clone()),
            entailment: self.entailment.clone(),
            recognizer: self
                .recognizer
                .clone()
                .map(|recognizer| recognizer as Arc<dyn TextRecognizer>),
            store: self.store.clone(),
            ledger: self.ledger.clone(),
            trial_prompts: self.trial.clone(),
            ..engine_parts()
        })
        .await
        .unwrap()
    }

    /// The embedder so far becomes an earlier one.
    fn change_embedder(&mut self) {
        let newer = Arc::new(FakeEmbedder {
            version: 1,
            ..FakeEmbedder::default()
        });
        self.earlier = vec![std::mem::replace(&mut self.embedder, newer)];
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    async fn add(&self, engine: &Engine, path: &Path) -> AddOutcome {
        let cancel = CancellationToken::new();
        engine
            .add(&[path.to_owned()], DEFAULT_COLLECTION, &Silent, &cancel)
            .await
            .unwrap()
    }
}

async fn ask(engine: &Engine, request: AskRequest) -> (Vec<AnswerEvent>, Result<Answer>) {
    let events = Arc::new(Mutex::new(Vec::new()));
    let into = Arc::clone(&events);
    let sink: AnswerSink = Arc::new(move |event| into.lock().unwrap().push(event));
    let answer = engine.ask(request, sink, CancellationToken::new()).await;
    (events.lock().unwrap().clone(), answer)
}

/// An engine over files with these names and texts.
async fn library(files: &[(impl AsRef<str>, impl AsRef<str>)]) -> (World, Engine) {
    let world = World::new();
    let engine = world.engine().await;
    for (name, text) in files {
        world
            .add(&engine, &world.file(name.as_ref(), text.as_ref()))
            .await;
    }
    (world, engine)
}

/// Quotes are the page's characters, sentences are the answer's, and what is cited is a passage.
async fn assert_exact(engine: &Engine, answer: &Answer) {
    for citation in &answer.citations {
        let page = engine.page(&citation.document, citation.page).await.unwrap();
        assert_eq!(citation.span.of(&page.text), citation.quote);
    }
    for sentence in &answer.sentences {
        assert!(answer.answer.contains(&sentence.text));
        assert_eq!(crate::citation::markers(&sentence.text), sentence.citations);
    }
    let ranks: HashSet<u32> = answer.passages.iter().map(|passage| passage.rank).collect();
    assert!(
        answer
            .citations
            .iter()
            .all(|citation| ranks.contains(&citation.n))
    );
}

const LAMP: &str =
    "The lamp of the lighthouse must be cleaned every 14 days.\n\nThe keeper lives in the tower.";

#[tokio::test]
async fn a_question_gets_an_answer_whose_quote_is_in_the_file() {
    let world = World::new();
    let engine = world.engine().await;
    let path = world.file("lamp.txt", LAMP);
    assert_eq!(world.add(&engine, &path).await.jobs[0].status, JobStatus::Done);
    let (events, answer) = ask(&engine, AskRequest::new("How often must the lamp be cleaned?")).await;
    let answer = answer.unwrap();
    assert_eq!(
        answer.citations[0].quote,
        "The lamp of the lighthouse must be cleaned every 14 days."
    );
    let page = engine.page(&answer.citations[0].document, 1).await.unwrap();
    assert_eq!(answer.citations[0].span.of(&page.text), answer.citations[0].quote);
    let passages = events
        .iter()
        .position(|e| matches!(e, AnswerEvent::Passages { .. }))
        .unwrap();
    let delta = events
        .iter()
        .position(|e| matches!(e, AnswerEvent::Delta { .. }))
        .unwrap();
    assert!(passages < delta && matches!(events.last(), Some(AnswerEvent::Done { .. })));
    assert_eq!(engine.turns(&answer.conversation).await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_the_documents_do_not_say_is_not_answered() {
    let world = World::new();
    let engine = world.engine().await;
    world.add(&engine, &world.file("lamp.txt", LAMP)).await;
    let (events, answer) = ask(&engine, AskRequest::new("Which dolphin species live near Peru?")).await;
    let answer = answer.unwrap();
    assert!(answer.abstained && answer.citations.is_empty());
    assert!(
        answer.answer.contains("I searched 1 document"),
        "{}",
        answer.answer
    );
    assert!(!events.iter().any(|e| matches!(e, AnswerEvent::Delta { .. })));
}

#[tokio::test]
async fn adding_twice_costs_nothing_and_an_edit_embeds_only_what_changed() {
    let world = World::new();
    let engine = world.engine().await;
    let long = |word: &str| {
        (0..120)
            .map(|i| format!("Paragraph {i} tells of ships and sails in plain words.\n\n"))
            .collect::<String>()
            + &format!("The last one speaks of {word}.")
    };
    let path = world.file("a.txt", &long("storms"));
    world.add(&engine, &path).await;
    let first = world.embedder.embedded.load(Ordering::SeqCst);
    assert!(first > 2);
    assert_eq!(
        world.add(&engine, &path).await.jobs[0].status,
        JobStatus::Unchanged
    );
    assert_eq!(world.embedder.embedded.load(Ordering::SeqCst), first);
    world.file("a.txt", &long("calms"));
    assert_eq!(world.add(&engine, &path).await.jobs[0].status, JobStatus::Done);
    assert_eq!(world.embedder.embedded.load(Ordering::SeqCst), first + 1);
    assert_eq!(engine.documents().await.unwrap().len(), 1);
    assert!(
        engine
            .verify()
            .await
            .unwrap()
            .iter()
            .all(|v| v.faults.is_empty() && v.file == FileState::Same)
    );
}

#[tokio::test]
async fn removing_a_document_leaves_nothing_even_in_old_answers() {
    let world = World::new();
    let engine = world.engine().await;
    world.add(&engine, &world.file("lamp.txt", LAMP)).await;
    let (_, answer) = ask(&engine, AskRequest::new("How often must the lamp be cleaned?")).await;
    let answer = answer.unwrap();
    let cited = &answer.citations[0].document;
    engine.remove(cited, crate::removal::Quotes::Go).await.unwrap();
    assert_eq!(engine.store_health().await.unwrap().rows, 0);
    let turn = &engine.turns(&answer.conversation).await.unwrap()[0];
    assert!(turn.answer.passages.is_empty() && turn.answer.citations[0].quote.is_empty());
    let (_, again) = ask(&engine, AskRequest::new("How often must the lamp be cleaned?")).await;
    assert!(again.unwrap().abstained);
}

#[tokio::test]
async fn a_failed_file_leaves_the_old_revision_and_can_be_retried() {
    let world = World::new();
    let engine = world.engine().await;
    let path = world.file("lamp.txt", LAMP);
    world.add(&engine, &path).await;
    world.file("lamp.txt", "The lamp is gone.");
    let fault = Error::user("page 1: the reader crashed");
    world
        .extractor
        .faults
        .lock()
        .unwrap()
        .insert("lamp.txt".into(), fault);
    let outcome = world.add(&engine, &path).await;
    assert_eq!(outcome.jobs[0].status, JobStatus::Failed);
    assert_eq!(
        outcome.jobs[0].error.as_ref().unwrap().message,
        "lamp.txt: page 1: the reader crashed"
    );
    let found = engine
        .page(&engine.documents().await.unwrap()[0].id, 1)
        .await
        .unwrap();
    assert!(found.text.contains("14 days"));
    assert_eq!(engine.store_health().await.unwrap().rows, 1);
    let job = &engine.unfinished_jobs().await.unwrap()[0];
    let again = engine
        .retry(&job.id, None, &Silent, &CancellationToken::new())
        .await
        .unwrap();
    assert_eq!(again.status, JobStatus::Done);
    assert!(engine.unfinished_jobs().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_locked_file_is_read_with_its_password_and_no_other() {
    let world = World::new();
    let engine = world.engine().await;
    let path = world.file("lamp.txt", LAMP);
    let key = Password::new("lantern");
    let locks = HashMap::from([("lamp.txt".to_owned(), key.clone().unwrap())]);
    *world.extractor.locks.lock().unwrap() = locks;
    let job = world.add(&engine, &path).await.jobs.remove(0);
    for (password, status) in [
        (None, JobStatus::Failed),
        (Password::new("Lantern"), JobStatus::Failed),
        (key, JobStatus::Done),
    ] {
        let again = engine
            .retry(&job.id, password, &Silent, &CancellationToken::new())
            .await
            .unwrap();
        let code = again.error.and_then(|error| error.code);
        let locked = (status == JobStatus::Failed).then_some(ErrorCode::PasswordNeeded);
        assert_eq!((again.status, code), (status, locked));
    }
}

#[tokio::test]
async fn a_follow_up_is_made_to_stand_alone() {
    let world = World::new();
    let engine = world.engine().await;
    world.add(&engine, &world.file("lamp.txt", LAMP)).await;
    let (_, first) = ask(&engine, AskRequest::new("Where does the keeper live?")).await;
    let mut follow = AskRequest::new("How often must it be cleaned?");
    follow.conversation = Some(first.unwrap().conversation);
    *world.generator.script.lock().unwrap() = vec![
        "The lamp must be cleaned every 14 days. [1]".into(),
        r#"{"question": "How often must the keeper be cleaned?"}"#.into(),
    ];
    let (events, answer) = ask(&engine, follow).await;
    assert_eq!(
        answer.unwrap().trace.query,
        "How often must the keeper be cleaned?"
    );
    assert!(events.iter().any(|e| matches!(
        e,
        AnswerEvent::Stage {
            stage: crate::types::AnswerStage::Rewriting
        }
    )));
}

#[tokio::test]
async fn a_follow_up_that_the_model_cannot_rewrite_searches_the_question_before_along() {
    for reply in [
        r#"{"question": "How often must the kee"#,
        r#"{"question": "Who?"}"#,
        "How often?",
    ] {
        let world = World::new();
        let engine = world.engine().await;
        world.add(&engine, &world.file("lamp.txt", LAMP)).await;
        let (_, first) = ask(&engine, AskRequest::new("Where does the keeper live?")).await;
        let mut follow = AskRequest::new("How often must it be cleaned?");
        follow.conversation = Some(first.unwrap().conversation);
        *world.generator.script.lock().unwrap() =
            vec!["The lamp must be cleaned every 14 days. [1]".into(), reply.into()];
        let (_, answer) = ask(&engine, follow).await;
        assert_eq!(
            answer.unwrap().trace.query,
            "Where does the keeper live? How often must it be cleaned?",
            "{reply}"
        );
    }
}

#[tokio::test]
async fn a_start_after_a_crash_hides_half_a_revision_and_finishes_the_job() {
    let world = World::new();
    let path = world.file("lamp.txt", LAMP);
    {
        // As a kill in the middle leaves it: a running job, a begun revision, some rows.
        world.engine().await;
        let mut job = queued(path.clone(), DEFAULT_COLLECTION);
        job.status = JobStatus::Running;
        world.ledger.add_job(&job).await.unwrap();
        world
            .ledger
            .begin_revision(&"d".into(), &"half".into())
            .await
            .unwrap();
    }
    let engine = world.engine().await;
    assert!(world.ledger.hidden_revisions().await.unwrap().is_empty());
    let outcome = engine.resume(&Silent, &CancellationToken::new()).await.unwrap();
    assert_eq!(outcome.jobs[0].status, JobStatus::Done);
    assert_eq!(engine.store_health().await.unwrap().rows, 1);
}

#[tokio::test]
async fn another_embedder_makes_a_new_index_while_the_old_one_serves() {
    let question = || AskRequest::new("How often must the lamp be cleaned?");
    let mut world = World::new();
    let engine = world.engine().await;
    let (lamp, tower) = (
        world.file("lamp.txt", LAMP),
        world.file("tower.txt", "The tower is 40 m high."),
    );
    for path in [&lamp, &tower] {
        world.add(&engine, path).await;
    }
    drop(engine);
    world.change_embedder();
    for _ in 0..2 {
        // A second start queues nothing twice.
        let engine = world.engine().await;
        assert_eq!(engine.unfinished_jobs().await.unwrap().len(), 2);
        let (_, answer) = ask(&engine, question()).await;
        let answer = answer.unwrap();
        assert_eq!(answer.citations[0].path, lamp, "the old index serves");
        assert!(answer.passages[0].scores.vector.is_some());
    }
    // Without the old model its documents are still found by their words.
    let earlier = std::mem::take(&mut world.earlier);
    let (_, answer) = ask(&world.engine().await, question()).await;
    assert!(answer.unwrap().passages[0].scores.vector.is_none());
    world.earlier = earlier;

    let engine = world.engine().await;
    // One document's turn has come: both indexes serve.
    assert_eq!(world.add(&engine, &lamp).await.jobs[0].status, JobStatus::Done);
    assert_eq!(world.store.embedders().await.unwrap().len(), 2);
    let (_, answer) = ask(&engine, question()).await;
    assert_eq!(answer.unwrap().citations[0].path, lamp);
    let (_, answer) = ask(&engine, AskRequest::new("How high is the tower?")).await;
    assert_eq!(answer.unwrap().passages[0].path, tower);

    engine.resume(&Silent, &CancellationToken::new()).await.unwrap();
    assert_eq!(world.store.embedders().await.unwrap(), ["fake-embedder-1"]);
    assert!(engine.verify().await.unwrap().iter().all(|v| v.faults.is_empty()));
    drop(engine);
    assert!(world.engine().await.unfinished_jobs().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_document_that_went_away_is_still_found_in_the_old_index_and_asked_for_once() {
    let mut world = World::new();
    let engine = world.engine().await;
    let path = world.file("lamp.txt", LAMP);
    world.add(&engine, &path).await;
    drop(engine);
    std::fs::remove_file(&path).unwrap();
    world.change_embedder();
    for _ in 0..2 {
        let engine = world.engine().await;
        engine.resume(&Silent, &CancellationToken::new()).await.unwrap();
        let jobs = engine.unfinished_jobs().await.unwrap();
        assert_eq!((jobs.len(), jobs[0].status), (1, JobStatus::Failed));
        let (_, answer) = ask(&engine, AskRequest::new("How often must the lamp be cleaned?")).await;
        assert!(!answer.unwrap().citations.is_empty());
    }
}

/// Keeps what is reported.
#[derive(Default)]
struct Recorder(Mutex<Vec<IngestEvent>>);

impl Reporter for Recorder {
    fn report(&self, event: IngestEvent) {
        self.0.lock().unwrap().push(event);
    }
}

#[tokio::test]
async fn progress_counts_pages_of_all_pages_and_never_goes_back() {
    let world = World::new();
    let engine = world.engine().await;
    let pages: Vec<String> = (0..150)
        .map(|page| format!("Page {page} is about harbours, ships and their keepers. ").repeat(20))
        .collect();
    let recorder = Recorder::default();
    engine
        .add(
            &[world.file("long.txt", &pages.join("\u{c}"))],
            DEFAULT_COLLECTION,
            &recorder,
            &CancellationToken::new(),
        )
        .await
        .unwrap();
    let progress: Vec<(Step, u64)> = recorder
        .0
        .into_inner()
        .unwrap()
        .into_iter()
        .filter_map(|event| match event {
            IngestEvent::Progress {
                step, done, total, ..
            } => {
                assert_eq!(total, Some(150));
                Some((step, done))
            }
            _ => None,
        })
        .collect();
    let embedding = progress
        .iter()
        .position(|(step, _)| *step == Step::Embedding)
        .unwrap();
    assert!(
        progress[..embedding]
            .iter()
            .all(|(step, _)| *step == Step::Reading)
    );
    assert!(
        progress[embedding..]
            .iter()
            .all(|(step, _)| *step == Step::Embedding)
    );
    assert!(progress[embedding..].is_sorted_by_key(|(_, done)| *done));
    assert_eq!(progress.last(), Some(&(Step::Embedding, 150)));
}

#[tokio::test]
async fn a_page_that_is_an_image_is_found_and_says_how_it_was_read() {
    let mut world = World::new();
    world.recognizer = Some(Arc::default());
    let engine = world.engine().await;
    let text = format!(
        "The harbour opens at six.\u{c}{IMAGE}The ferry to Norderney\nleaves at eight.\u{c}Nothing else."
    );
    let outcome = world.add(&engine, &world.file("scan.txt", &text)).await;
    assert_eq!(outcome.jobs[0].status, JobStatus::Done);
    let document = engine.documents().await.unwrap().remove(0);
    assert_eq!((document.pages, document.searchable_pages), (3, 3));
    assert!(document.warnings.is_empty(), "{:?}", document.warnings);
    let page = engine.page(&document.id, 2).await.unwrap();
    assert_eq!(page.text, "The ferry to Norderney\nleaves at eight.");
    assert_eq!(page.source, PageSource::Ocr);
    assert!(page.confidence.is_some_and(|sure| (sure - 0.9).abs() < 1e-3));
    let seen = world.recognizer.as_ref().map(|r| r.seen.load(Ordering::SeqCst));
    assert_eq!(seen, Some(1), "pages with text of their own are left alone");
}

#[tokio::test]
async fn files_without_a_document_are_read_ahead_and_none_once_the_work_ends() {
    let world = World::new();
    let engine = world.engine().await;
    let mut paths: Vec<PathBuf> = ["a.txt", "b.txt", "c.txt"]
        .iter()
        .map(|name| world.file(name, &format!("The harbour of {name} opens at six.")))
        .collect();
    let cancel = CancellationToken::new();
    let ahead = || std::mem::take(&mut *world.extractor.ahead.lock().unwrap());
    engine
        .add(&paths, DEFAULT_COLLECTION, &Silent, &cancel)
        .await
        .unwrap();
    assert_eq!(ahead(), [vec!["b.txt", "c.txt"], vec!["c.txt"], vec![], vec![]]);
    paths.push(world.file("d.txt", "The lighthouse."));
    engine
        .add(&paths, DEFAULT_COLLECTION, &Silent, &cancel)
        .await
        .unwrap();
    let told = ahead();
    assert_eq!(
        told.first(),
        Some(&vec!["d.txt".to_owned()]),
        "the others may be unchanged"
    );
    assert_eq!(told.last(), Some(&vec![]));
    engine.pause(false).await.unwrap();
    engine
        .add(
            &[world.file("g.txt", "Waits.")],
            DEFAULT_COLLECTION,
            &Silent,
            &cancel,
        )
        .await
        .unwrap();
    assert_eq!(ahead(), [Vec::<String>::new()], "a pause begins nothing");
}

#[tokio::test]
async fn images_without_a_recogniser_are_said_to_be_unread_and_read_once_there_is_one() {
    let mut world = World::new();
    let engine = world.engine().await;
    let text = format!("The harbour opens at six.\u{c}{IMAGE}The ferry");
    let path = world.file("scan.txt", &text);
    world.add(&engine, &path).await;
    let document = engine.documents().await.unwrap().remove(0);
    assert_eq!(
        (document.pages, document.searchable_pages, document.unread_images),
        (2, 1, 1)
    );
    assert!(
        document.warnings[0].starts_with("1 page is an image"),
        "{:?}",
        document.warnings
    );
    let page = engine.page(&document.id, 2).await.unwrap();
    assert_eq!(page.source, PageSource::Failed);
    assert_eq!(
        world.add(&engine, &path).await.jobs[0].status,
        JobStatus::Unchanged
    );
    world.recognizer = Some(Arc::default());
    engine
        .add_recognizer(world.recognizer.clone().unwrap())
        .await
        .unwrap();
    let resumed = engine.resume(&Silent, &CancellationToken::new()).await.unwrap();
    assert_eq!(resumed.jobs.len(), 1);
    let document = engine.documents().await.unwrap().remove(0);
    assert_eq!((document.searchable_pages, document.unread_images), (2, 0));
    assert!(document.warnings.is_empty(), "{:?}", document.warnings);
    drop(engine);
    let engine = world.engine().await;
    let resumed = engine.resume(&Silent, &CancellationToken::new()).await.unwrap();
    assert!(resumed.jobs.is_empty(), "what was read is not read again");
}

#[tokio::test]
async fn a_recogniser_that_fails_costs_its_page_only() {
    let mut world = World::new();
    world.recognizer = Some(Arc::default());
    let engine = world.engine().await;
    let text = format!("{IMAGE}unreadable\u{c}The harbour opens at six.\u{c}{IMAGE}The ferry");
    let outcome = world.add(&engine, &world.file("scan.txt", &text)).await;
    assert_eq!(outcome.jobs[0].status, JobStatus::Done);
    let document = engine.documents().await.unwrap().remove(0);
    assert_eq!((document.pages, document.searchable_pages), (3, 2));
    assert_eq!(
        document.warnings,
        ["page 1 is an image; recognising its image failed: the model is broken (fetch it again)"]
    );
}

/// Finds that no text says what is said of it, or cannot tell at all.
struct Contrary {
    broken: bool,
}

impl Entailment for Contrary {
    fn id(&self) -> String {
        "contrary".into()
    }

    fn infer(&self, pairs: &[(String, String)], _: &CancellationToken) -> Result<Vec<Inference>> {
        if self.broken {
            return Err(Error::runtime("the model is broken"));
        }
        let judged = pairs.iter().map(|_| Inference {
            entailed: 0.0,
            contradicted: 1.0,
        });
        Ok(judged.collect())
    }
}

#[tokio::test]
async fn an_entailment_model_casts_doubt_and_one_that_fails_changes_nothing() {
    for (broken, verdict) in [(false, Verdict::Partly), (true, Verdict::Supported)] {
        let mut world = World::new();
        world.entailment = Some(Arc::new(Contrary { broken }));
        let engine = world.engine().await;
        world.add(&engine, &world.file("lamp.txt", LAMP)).await;
        let request = AskRequest::new("How often must the lamp be cleaned?");
        let answer = ask(&engine, request).await.1.unwrap();
        assert_eq!(answer.sentences[0].verdict, verdict);
        let roles: Vec<&str> = answer
            .trace
            .models
            .iter()
            .map(|(role, _)| role.as_str())
            .collect();
        assert_eq!(roles, ["embedder", "generator", "entailment"]);
    }
}

#[tokio::test]
async fn an_entailment_model_is_taken_up_and_left_again_while_the_engine_stands() {
    let world = World::new();
    let engine = world.engine().await;
    world.add(&engine, &world.file("lamp.txt", LAMP)).await;
    let taken: [(Option<Arc<dyn Entailment>>, Verdict); 3] = [
        (None, Verdict::Supported),
        (Some(Arc::new(Contrary { broken: false })), Verdict::Partly),
        (None, Verdict::Supported),
    ];
    for (model, verdict) in taken {
        engine.use_grounder(model);
        let request = AskRequest::new("How often must the lamp be cleaned?");
        let answer = ask(&engine, request).await.1.unwrap();
        assert_eq!(answer.sentences[0].verdict, verdict);
    }
}
