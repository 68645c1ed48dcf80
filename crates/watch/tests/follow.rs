//! Watched folders with the system's own events: what is done to files is so in the library, soon.
//!
//! `cargo nextest run -p footnote-watch --no-capture` prints how long each took.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use footnote_core::engine::{Engine, EngineParts};
use footnote_core::history::Happening;
use footnote_core::memory::{FakeEmbedder, FakeExtractor, calibrated, engine_parts};
use footnote_core::ocr::ExtractedPage;
use footnote_core::ports::Extractor;
use footnote_core::query::Query;
use footnote_core::removal::Quotes;
use footnote_core::report::Silent;
use footnote_core::retrieve::{QueryEmbedders, SearchRequest};
use footnote_core::types::{DEFAULT_COLLECTION, ExtractSummary, FileKind, JobStatus, Scope, SearchMode};
use footnote_core::watch::{Fate, FolderState, FolderStatus};
use footnote_core::{Password, Result};
use footnote_watch::SystemWatcher;
use tokio_util::sync::CancellationToken;

/// Users are promised ten seconds, and `BENCHMARKS.md` has what was measured; how busy a machine may be while it tests is
/// not theirs to wait for.
const SOON: Duration = Duration::from_secs(60);

/// Less than a file has to be left alone until it is taken to be complete.
const SETTLING: Duration = Duration::from_millis(1200);

/// Notes which files are read.
#[derive(Default)]
struct Reader {
    inner: FakeExtractor,
    read: Mutex<Vec<String>>,
}

impl Extractor for Reader {
    fn kind(&self, path: &Path) -> Option<FileKind> {
        self.inner.kind(path)
    }

    fn extract(
        &self,
        path: &Path,
        password: Option<&Password>,
        sink: &mut dyn FnMut(ExtractedPage) -> ControlFlow<()>,
        cancel: &CancellationToken,
    ) -> Result<ExtractSummary> {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        self.read.lock().unwrap().push(name);
        self.inner.extract(path, password, sink, cancel)
    }
}

/// An engine that follows a folder, with everything but the folder in memory.
struct World {
    folder: tempfile::TempDir,
    reader: Arc<Reader>,
    embedder: Arc<FakeEmbedder>,
    engine: Engine,
    cancel: CancellationToken,
}

impl World {
    async fn new(before: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("watched")).unwrap();
        let (reader, embedder) = (Arc::<Reader>::default(), Arc::<FakeEmbedder>::default());
        let engine = Engine::open(EngineParts {
            extractor: reader.clone(),
            embedders: QueryEmbedders {
                current: calibrated(embedder.clone()),
                earlier: Vec::new(),
            },
            generator: None,
            ..engine_parts()
        })
        .await
        .unwrap();
        let world = Self {
            folder,
            reader,
            embedder,
            engine,
            cancel: CancellationToken::new(),
        };
        for (name, text) in before {
            world.write(name, text);
        }
        world
            .engine
            .watch_folder(&world.root(), DEFAULT_COLLECTION, vec!["drafts/".into()])
            .await
            .unwrap();
        let (engine, cancel) = (world.engine.clone(), world.cancel.clone());
        tokio::spawn(async move {
            engine
                .follow(Arc::new(SystemWatcher), Arc::new(Silent), &cancel)
                .await;
        });
        world
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("watched")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Names of the files in which `word` is found.
    async fn having(&self, word: &str) -> Vec<String> {
        let request = SearchRequest {
            query: Query::parse(word),
            scope: Scope::default(),
            mode: SearchMode::Text,
            limit: 50,
            per_document: None,
        };
        let found = self
            .engine
            .search(&request, &CancellationToken::new())
            .await
            .unwrap();
        let mut names: Vec<String> = found
            .passages
            .iter()
            .map(|passage| passage.path.file_name().unwrap().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    /// Waits until `word` is found in `names` and nowhere else, and says how long that took.
    async fn until(&self, what: &str, word: &str, names: &[&str]) -> Duration {
        let began = Instant::now();
        loop {
            let now = self.having(word).await;
            if now == names {
                let took = began.elapsed();
                println!("{what}: {:.1} s", took.as_secs_f32());
                assert!(took < SOON, "{what} took {took:?}");
                return took;
            }
            assert!(
                began.elapsed() < SOON,
                "{what}: {word} is in {now:?}, not in {names:?}"
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn status(&self) -> FolderStatus {
        self.engine.watched_folders().await.unwrap().remove(0)
    }

    async fn until_state(&self, what: &str, is: impl Fn(&FolderStatus) -> bool) {
        let began = Instant::now();
        while !is(&self.status().await) {
            assert!(began.elapsed() < SOON, "{what}: {:?}", self.status().await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        println!("{what}: {:.1} s", began.elapsed().as_secs_f32());
    }

    /// Names of the files that were read since the last call.
    fn read(&self) -> Vec<String> {
        let mut read = std::mem::take(&mut *self.reader.read.lock().unwrap());
        read.sort();
        read
    }

    fn embedded(&self) -> usize {
        self.embedder.embedded.load(std::sync::atomic::Ordering::SeqCst)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_to_files_is_so_in_the_library_soon() {
    let world = World::new(&[
        ("lamp.txt", "The lamp is cleaned with vinegar."),
        ("boat.txt", "The boat is tarred in spring."),
        ("drafts/lamp.txt", "The lamp of a draft."),
    ])
    .await;
    world.until("first look", "lamp", &["lamp.txt"]).await;
    world
        .until("first look, the other file", "boat", &["boat.txt"])
        .await;
    assert_eq!(world.read(), ["boat.txt", "lamp.txt"]);

    world.write("deep/new/well.txt", "The well has sweet water.");
    world.until("added", "sweet", &["well.txt"]).await;
    world.write(
        "lamp.txt",
        "The lamp is cleaned with spirit, and never with acid.",
    );
    world.until("edited", "spirit", &["lamp.txt"]).await;
    assert_eq!(world.having("vinegar").await, [""; 0]);
    assert_eq!(
        world.read(),
        ["lamp.txt", "well.txt"],
        "an unchanged file was read again"
    );

    // As editors save: another file takes the place of the first one.
    world.write(".lamp.txt.swp", "The lamp is cleaned with soap.");
    fs::rename(world.path(".lamp.txt.swp"), world.path("lamp.txt")).unwrap();
    world.until("saved by renaming", "soap", &["lamp.txt"]).await;
    assert_eq!(world.read(), ["lamp.txt"]);

    let (before, document) = (world.embedded(), world.engine.documents().await.unwrap());
    fs::rename(world.path("boat.txt"), world.path("deep/ship.txt")).unwrap();
    world.until("renamed", "tarred", &["ship.txt"]).await;
    fs::rename(world.path("deep"), world.path("other")).unwrap();
    let began = Instant::now();
    while world
        .engine
        .documents_at(&world.path("other/ship.txt"))
        .await
        .unwrap()
        .is_empty()
    {
        assert!(began.elapsed() < SOON);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    println!("folder renamed: {:.1} s", began.elapsed().as_secs_f32());
    assert_eq!(world.read(), [""; 0], "a file that only moved was read again");
    assert_eq!(world.embedded(), before);
    let ids = |all: Vec<footnote_core::types::Document>| {
        let mut ids: Vec<_> = all.into_iter().map(|document| document.id).collect();
        ids.sort();
        ids
    };
    assert_eq!(ids(world.engine.documents().await.unwrap()), ids(document));

    fs::remove_file(world.path("other/new/well.txt")).unwrap();
    world.until("deleted", "sweet", &[]).await;
    assert_eq!(world.engine.documents().await.unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unplugged_drive_keeps_its_documents_and_one_look_catches_up() {
    let world = World::new(&[
        ("lamp.txt", "The lamp is cleaned with vinegar."),
        ("boat.txt", "The boat is tarred in spring."),
    ])
    .await;
    world.until("first look", "boat", &["boat.txt"]).await;
    world
        .until("first look, the other file", "lamp", &["lamp.txt"])
        .await;
    let away = world.folder.path().join("away");
    fs::rename(world.root(), &away).unwrap();
    world
        .until_state("unplugged", |status| status.state == FolderState::Offline)
        .await;
    assert_eq!(world.status().await.documents, 2);
    assert_eq!(world.having("lamp").await, ["lamp.txt"]);
    world.read();
    fs::write(away.join("boat.txt"), "The boat is painted in autumn.").unwrap();
    fs::rename(&away, world.root()).unwrap();
    world.until("plugged in again", "painted", &["boat.txt"]).await;
    assert_eq!(world.read(), ["boat.txt"], "an unchanged file was read again");
    world.write("well.txt", "The well has sweet water.");
    world.until("added after that", "sweet", &["well.txt"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_growing_file_is_read_once_it_is_complete_and_a_burst_once() {
    let world = World::new(&[]).await;
    world
        .until_state("first look", |status| status.state == FolderState::Watching)
        .await;
    for part in 0..8 {
        world.write(
            "log.txt",
            &format!("Part {part} of the journal.\n\n").repeat(part + 1),
        );
        world.write("burst.txt", &format!("State {part} of the checkout."));
        let written = Instant::now();
        tokio::time::sleep(Duration::from_millis(600)).await;
        if written.elapsed() > SETTLING {
            println!(
                "the machine stood still for {:?}; nothing can be said",
                written.elapsed()
            );
            return;
        }
        assert_eq!(
            world.read(),
            [""; 0],
            "a file was read while it was being written"
        );
    }
    world.until("grown", "journal", &["log.txt"]).await;
    world.until("after a burst", "checkout", &["burst.txt"]).await;
    assert_eq!(world.read(), ["burst.txt", "log.txt"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn very_many_deletions_at_once_are_asked_about() {
    let names: Vec<String> = (0..24).map(|i| format!("note-{i:02}.txt")).collect();
    let texts: Vec<String> = (0..24).map(|i| format!("Harbour note number {i}.")).collect();
    let files: Vec<(&str, &str)> = names
        .iter()
        .zip(&texts)
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    let world = World::new(&files).await;
    let all: Vec<&str> = names.iter().map(String::as_str).collect();
    world.until("first look", "harbour", &all).await;
    let aside = world.folder.path().join("aside");
    fs::create_dir(&aside).unwrap();
    for name in &names[..13] {
        fs::rename(world.path(name), aside.join(name)).unwrap();
    }
    world.until_state("asked", |status| status.missing == 13).await;
    for name in &names[..13] {
        fs::rename(aside.join(name), world.path(name)).unwrap();
    }
    world
        .until_state("all came back", |status| status.missing == 0)
        .await;
    for name in &names[..13] {
        fs::remove_file(world.path(name)).unwrap();
    }
    world
        .until_state("asked again", |status| status.missing == 13)
        .await;
    assert_eq!(world.engine.documents().await.unwrap().len(), 24);
    // One comes back, and is not removed whatever is said.
    world.write(&names[0], &texts[0]);
    let folder = world.status().await.folder.id;
    let removed = world
        .engine
        .settle_missing(&folder, Fate::Remove(Quotes::Stay))
        .await
        .unwrap();
    assert_eq!(removed, 12);
    world
        .until(
            "removed after the question",
            "harbour",
            &[&all[..1], &all[13..]].concat(),
        )
        .await;

    for name in &names[13..20] {
        fs::remove_file(world.path(name)).unwrap();
    }
    // Half of few is not many.
    world
        .until(
            "removed without a question",
            "harbour",
            &[&all[..1], &all[20..]].concat(),
        )
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn kept_documents_are_not_asked_about_again() {
    let files: Vec<(String, String)> = (0..22)
        .map(|i| (format!("note-{i:02}.txt"), format!("Harbour note number {i}.")))
        .collect();
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    let world = World::new(&files).await;
    let names: Vec<&str> = files.iter().map(|(name, _)| *name).collect();
    world.until("first look", "harbour", &names).await;
    for name in &names {
        fs::remove_file(world.path(name)).unwrap();
    }
    world.until_state("asked", |status| status.missing == 22).await;
    let folder = world.status().await.folder.id;
    assert_eq!(world.engine.settle_missing(&folder, Fate::Keep).await.unwrap(), 0);
    world.write("new.txt", "A new one.");
    world.until("the next look", "new", &["new.txt"]).await;
    assert_eq!(world.status().await.missing, 0);
    assert_eq!(world.engine.documents().await.unwrap().len(), 23);
    world.write(names[0], files[0].1);
    world.until("one came back", "harbour", &names).await;
    let jobs = world.engine.unfinished_jobs().await.unwrap();
    assert!(jobs.iter().all(|job| job.status != JobStatus::Failed), "{jobs:?}");
    // Its history tells both.
    let told = tokio::time::timeout(SOON, async {
        loop {
            let found = world.engine.documents_at(&world.path(names[0])).await.unwrap();
            let events = world.engine.history(&found[0].id).await.unwrap().events;
            if let [.., gone, back] = &events[..]
                && (&gone.happening, &back.happening) == (&Happening::Kept, &Happening::Returned)
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    told.await.expect("its history says that it went and came back");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_followed_whose_document_was_moved_to_another_collection() {
    let world = World::new(&[("lamp.txt", "The lamp is old."), ("boat.txt", "The boat is old.")]).await;
    world.until("two files", "old", &["boat.txt", "lamp.txt"]).await;
    let lamp = world.engine.documents_at(&world.path("lamp.txt")).await.unwrap();
    let moved = [lamp[0].id.clone()];
    world.engine.move_to_collection(&moved, "Work").await.unwrap();
    assert_eq!(world.status().await.documents, 2);
    // Looked through anew, it is not taken up a second time.
    let folder = world.status().await.folder.id;
    world.engine.scan_folder(&folder).await.unwrap();
    tokio::time::sleep(SETTLING).await;
    world.write("lamp.txt", "The lamp is new.");
    world.until("an edit", "new", &["lamp.txt"]).await;
    let collections = async || {
        let documents = world.engine.documents().await.unwrap();
        let facts = documents.into_iter().map(|document| {
            let name = document.path.file_name().unwrap().to_string_lossy().into_owned();
            (name, document.collection)
        });
        facts.collect::<Vec<_>>()
    };
    let fact = |name: &str, collection: &str| (name.to_owned(), collection.to_owned());
    assert_eq!(
        collections().await,
        [fact("boat.txt", DEFAULT_COLLECTION), fact("lamp.txt", "Work")]
    );
    // Another name is another place of the same document.
    fs::rename(world.path("lamp.txt"), world.path("torch.txt")).unwrap();
    world.until("a rename", "new", &["torch.txt"]).await;
    assert_eq!(collections().await[1], fact("torch.txt", "Work"));
    fs::remove_file(world.path("torch.txt")).unwrap();
    world.until("a deletion", "new", &[]).await;
    assert_eq!(collections().await, [fact("boat.txt", DEFAULT_COLLECTION)]);
}
