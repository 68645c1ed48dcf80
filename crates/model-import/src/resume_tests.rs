//! Imports that are interrupted and taken up again.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use crate::gguf::writer::tiny_qwen2;
use crate::{
    DATA_FILE, ImportError, ImportOptions, ImportStep, ImportedModel, Operators, Profile, import_model,
};

const PANELS: ImportOptions = ImportOptions {
    profile: Profile::Exact,
    operators: Operators::Panels,
    existing: crate::Existing::Refuse,
};

/// A folder for one source and what becomes of it.
struct Place {
    folder: tempfile::TempDir,
    source: PathBuf,
}

impl Place {
    fn of(source: &Path) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            source: source.into(),
        }
    }

    fn tiny() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("tiny.gguf");
        fs::write(&source, tiny_qwen2("qwen2").finish()).unwrap();
        Self { folder, source }
    }

    fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    fn staged(&self) -> PathBuf {
        self.folder.path().join(".out.importing")
    }

    fn journal(&self) -> PathBuf {
        self.folder.path().join(".out.importing.journal")
    }

    /// Imports whole.
    fn import(&self, options: ImportOptions) -> ImportedModel {
        import_model(&self.source, &self.out(), options, |_| ControlFlow::Continue(())).unwrap()
    }

    /// Imports up to the report of that number in a step; whether it came that far.
    fn interrupt(&self, options: ImportOptions, step: ImportStep, reports: usize) -> bool {
        let mut seen = 0;
        let result = import_model(&self.source, &self.out(), options, |progress| {
            seen += usize::from(progress.step == step);
            if seen > reports {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        match result {
            Err(ImportError::Cancelled) => true,
            Ok(_) => false,
            Err(error) => panic!("{error}"),
        }
    }

    /// Every file of the imported folder with its bytes; the folder is removed, and nothing else may be there.
    fn take(&self) -> Vec<(String, Vec<u8>)> {
        let mut files: Vec<_> = fs::read_dir(self.out())
            .unwrap()
            .map(|entry| entry.unwrap())
            .map(|entry| {
                (
                    entry.file_name().into_string().unwrap(),
                    fs::read(entry.path()).unwrap(),
                )
            })
            .collect();
        files.sort();
        fs::remove_dir_all(self.out()).unwrap();
        let left: Vec<_> = fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| *path != self.source)
            .collect();
        assert!(left.is_empty(), "{left:?}");
        files
    }
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

#[test]
fn an_import_stopped_anywhere_is_taken_up_and_gives_the_same_bytes() {
    let portable = ImportOptions::default();
    let sources = [
        ("decoders/types.gguf", PANELS),
        ("decoders/types.gguf", portable),
        ("decoders/phi3", portable),
        ("encoders/bert-sentence", portable),
    ];
    for (source, options) in sources {
        let place = Place::of(&fixtures().join(source));
        let whole = place.import(options);
        assert_eq!(whole.resumed, 0);
        let expected = place.take();
        let mut before = 0;
        for reports in 0.. {
            if !place.interrupt(options, ImportStep::Weights, reports) {
                place.take();
                break;
            }
            assert!(!place.out().exists());
            let again = place.import(options);
            assert!(
                again.resumed >= before,
                "{source}: {} after {before}",
                again.resumed
            );
            before = again.resumed;
            assert!(place.take() == expected, "{source} stopped at report {reports}");
        }
        assert!(
            before > 0 && before < whole.size,
            "{source}: {before} of {}",
            whole.size
        );
    }
}

#[test]
fn every_step_can_be_interrupted_and_an_import_more_than_once() {
    let place = Place::tiny();
    place.import(PANELS);
    let expected = place.take();
    for step in [
        ImportStep::Hash,
        ImportStep::Weights,
        ImportStep::Tokenizer,
        ImportStep::Finish,
    ] {
        assert!(place.interrupt(PANELS, step, 0), "{step:?}");
    }
    assert!(place.interrupt(PANELS, ImportStep::Weights, 0));
    let resumed = place.import(PANELS).resumed;
    // All panels were there; what small constants take is written again.
    let data = expected.iter().find(|(name, _)| name == DATA_FILE).unwrap();
    assert!(resumed * 10 > data.1.len() as u64 * 8, "{resumed}");
    assert!(place.take() == expected);
}

#[test]
fn another_source_or_other_options_begin_anew() {
    let place = Place::tiny();
    assert!(place.interrupt(PANELS, ImportStep::Tokenizer, 0));
    let portable = place.import(ImportOptions::default());
    assert_eq!(portable.resumed, 0);
    place.take();

    assert!(place.interrupt(PANELS, ImportStep::Tokenizer, 0));
    let mut bytes = fs::read(&place.source).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&place.source, &bytes).unwrap();
    assert_eq!(place.import(PANELS).resumed, 0);
    let changed = place.take();
    place.import(PANELS);
    assert!(place.take() == changed);
}

#[test]
fn what_was_damaged_meanwhile_is_written_again() {
    let place = Place::tiny();
    place.import(PANELS);
    let expected = place.take();
    let sound = {
        assert!(place.interrupt(PANELS, ImportStep::Tokenizer, 0));
        let resumed = place.import(PANELS).resumed;
        place.take();
        resumed
    };
    let damage: [(&str, &dyn Fn()); 5] = [
        ("a changed byte", &|| {
            let path = place.staged().join(DATA_FILE);
            let mut bytes = fs::read(&path).unwrap();
            let journal = fs::read_to_string(place.journal()).unwrap();
            let line = journal.lines().last().unwrap();
            let stretch: serde_json::Value = serde_json::from_str(line).unwrap();
            bytes[stretch["offset"].as_u64().unwrap() as usize + 3] ^= 4;
            fs::write(&path, bytes).unwrap();
        }),
        ("a shortened file", &|| {
            let path = place.staged().join(DATA_FILE);
            let file = OpenOptions::new().write(true).open(&path).unwrap();
            file.set_len(file.metadata().unwrap().len() / 2).unwrap();
        }),
        ("no file", &|| {
            fs::remove_file(place.staged().join(DATA_FILE)).unwrap()
        }),
        ("half a line", &|| {
            let journal = fs::read(place.journal()).unwrap();
            fs::write(place.journal(), &journal[..journal.len() - 5]).unwrap();
        }),
        ("a line of something else", &|| {
            let mut journal = OpenOptions::new().append(true).open(place.journal()).unwrap();
            journal.write_all(b"\0\0\0\n").unwrap();
        }),
    ];
    for (name, damage) in damage {
        assert!(place.interrupt(PANELS, ImportStep::Tokenizer, 0));
        damage();
        let resumed = place.import(PANELS).resumed;
        match name {
            "no file" => assert_eq!(resumed, 0),
            "a line of something else" => assert_eq!(resumed, sound),
            _ => assert!(resumed < sound, "{name}: {resumed} of {sound}"),
        }
        assert!(place.take() == expected, "{name}");
    }
}

#[test]
fn a_failed_import_leaves_nothing_behind() {
    // Weights that the configuration does not imply are found at the end of the work.
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("source");
    fs::create_dir(&source).unwrap();
    for entry in fs::read_dir(fixtures().join("encoders/bert-nli")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), source.join(entry.file_name())).unwrap();
    }
    let config = fs::read_to_string(source.join("config.json")).unwrap();
    let mut config: serde_json::Value = serde_json::from_str(&config).unwrap();
    let layers = config["num_hidden_layers"].as_u64().unwrap();
    config["num_hidden_layers"] = (layers - 1).into();
    fs::write(source.join("config.json"), config.to_string()).unwrap();
    let result = import_model(
        &source,
        &folder.path().join("out"),
        ImportOptions::default(),
        |_| ControlFlow::Continue(()),
    );
    assert!(
        matches!(result, Err(ImportError::Unsupported { .. })),
        "{result:?}"
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}
