//! What is kept of the log: a small file in the data folder, so that a fault can be told of after it happened.
//!
//! It has no text, question, or name of a file or folder, by how it is written: of Footnote's own events it takes the
//! fixed message, numbers, and the few fields of `SAFE`; of other libraries', whose messages may say anything, only
//! where they come from. A test sees to it that Footnote's messages are fixed.

use std::fmt::{self, Write as _};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Once, PoisonError, RwLock};

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

/// The file in the data folder.
pub const FILE: &str = "footnote.log";
/// What was in it before it had become too long.
pub const FILE_BEFORE: &str = "footnote.log.1";
/// Size at which a new one is begun: some thousand lines.
const LONGEST: u64 = 256 << 10;

/// Fields whose words come from closed sets.
const SAFE: [&str; 6] = ["class", "place", "provider", "role", "step", "version"];

/// The log of a data folder. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct KeptLog {
    dir: Arc<RwLock<PathBuf>>,
    /// One line at a time.
    writing: Arc<Mutex<()>>,
}

impl KeptLog {
    /// The log in the data folder `dir`. Nothing is written before that folder is there.
    pub fn new(dir: &Path) -> Self {
        Self {
            dir: Arc::new(RwLock::new(dir.to_owned())),
            writing: Arc::default(),
        }
    }

    /// Goes on in another data folder.
    pub fn go_to(&self, dir: &Path) {
        *self.dir.write().unwrap_or_else(PoisonError::into_inner) = dir.to_owned();
    }

    /// What a subscriber is given: Footnote's own events from `info` on, others' from `warn` on.
    pub fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let wanted = Targets::new()
            .with_default(LevelFilter::WARN)
            .with_target("footnote", LevelFilter::INFO)
            // Said at every start, and told with the models.
            .with_target("footnote_onnx::provider", LevelFilter::WARN);
        Lines(self.clone()).with_filter(wanted)
    }

    /// The last lines, oldest first.
    pub fn last(&self, count: usize) -> Vec<String> {
        let dir = self.dir();
        let texts = [FILE_BEFORE, FILE].map(|name| std::fs::read(dir.join(name)).unwrap_or_default());
        let lines: Vec<String> = texts
            .iter()
            .flat_map(|text| {
                String::from_utf8_lossy(text)
                    .lines()
                    .map(str::to_owned)
                    .collect::<Vec<_>>()
            })
            .collect();
        lines[lines.len().saturating_sub(count)..].to_vec()
    }

    fn dir(&self) -> PathBuf {
        self.dir.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A log that cannot be written must not get in the way of what it is about.
    fn write(&self, line: &str) {
        let _turn = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let dir = self.dir();
        if !dir.is_dir() {
            return;
        }
        let file = dir.join(FILE);
        if std::fs::metadata(&file).is_ok_and(|meta| meta.len() >= LONGEST) {
            let _ = std::fs::rename(&file, dir.join(FILE_BEFORE));
        }
        // Opened for each line, so that the folder can be moved meanwhile; lines are rare.
        let mut options = std::fs::OpenOptions::new();
        options.append(true).create(true);
        if let Ok(mut file) = options.open(&file) {
            let _ = file.write_all(line.as_bytes());
        }
    }
}

struct Lines(KeptLog);

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let meta = event.metadata();
        let mut fields = Fields {
            own: meta.target().starts_with("footnote"),
            ..Fields::default()
        };
        event.record(&mut fields);
        let now = jiff::Timestamp::now();
        // Of a foreign crate, the whole path would say where it was built.
        let file = meta.file().and_then(|file| file.rsplit(['/', '\\']).next());
        let place = match (file, meta.line()) {
            (Some(file), Some(line)) => format!(" ({file}:{line})"),
            _ => String::new(),
        };
        self.0.write(&format!(
            "{now:.3} {level:<5} {target}:{message}{rest}{place}\n",
            level = short(*meta.level()),
            target = meta.target(),
            message = fields.message,
            rest = fields.rest,
        ));
    }
}

fn short(level: Level) -> &'static str {
    match level {
        Level::ERROR => "ERROR",
        Level::WARN => "WARN",
        Level::INFO => "INFO",
        Level::DEBUG => "DEBUG",
        Level::TRACE => "TRACE",
    }
}

/// Takes of an event what cannot say anything about documents.
#[derive(Default)]
struct Fields {
    own: bool,
    message: String,
    rest: String,
}

impl Fields {
    fn put(&mut self, field: &Field, value: impl fmt::Display) {
        if self.own {
            let _ = write!(self.rest, " {}={value}", field.name());
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if self.own && field.name() == "message" {
            let _ = write!(self.message, " {value:?}");
        } else if SAFE.contains(&field.name()) {
            self.put(field, format_args!("{value:?}"));
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if SAFE.contains(&field.name()) {
            self.put(field, value);
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value);
    }
}

/// Has panics in the log from now on: where they happened, not what they said.
pub fn keep_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let place = panic.location().map(|at| {
                let file = at.file().rsplit(['/', '\\']).next().unwrap_or_default();
                format!("{file}:{}", at.line())
            });
            tracing::error!(place = place.unwrap_or_default(), "a panic");
            before(panic);
        }));
    });
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;
    use crate::Error;

    fn logged(dir: &Path, events: impl FnOnce()) -> Vec<String> {
        let log = KeptLog::new(dir);
        let subscriber = tracing_subscriber::registry().with(log.layer());
        tracing::subscriber::with_default(subscriber, events);
        log.last(1000)
    }

    #[test]
    fn what_an_event_is_about_is_kept_and_what_it_names_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let error = Error::runtime("divorce.pdf, page 3: The disk is full");
        let lines = logged(dir.path(), || {
            tracing::error!(class = error.class(), %error, path = "/home/ada/divorce.pdf", files = 3, "reading files");
            tracing::warn!(target: "lance::io", files = 7, "cannot open /home/ada/index/divorce.lance");
            tracing::info!(target: "lance::io", "nothing of note");
        });
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(
            lines[0]
                .contains("ERROR footnote_core::log::tests: reading files class=runtime files=3 (log.rs:"),
            "{lines:?}"
        );
        assert!(
            lines[1].contains("WARN  lance::io: (log.rs:") || lines[1].contains("WARN  lance::io: ("),
            "{lines:?}"
        );
        let all = lines.join("\n");
        assert!(
            !all.contains("divorce") && !all.contains("ada") && !all.contains("full"),
            "{all}"
        );
    }

    #[test]
    fn it_stays_small_and_the_last_lines_are_the_last() {
        let dir = tempfile::tempdir().unwrap();
        let lines = logged(dir.path(), || {
            for number in 0..12_000_u64 {
                tracing::info!(
                    number,
                    "one of many lines of a log that is written to for a long time"
                );
            }
        });
        let size: u64 = [FILE, FILE_BEFORE]
            .iter()
            .map(|name| dir.path().join(name).metadata().unwrap().len())
            .sum();
        assert!(size < 2 * LONGEST + 1000, "{size}");
        assert!(
            lines.last().unwrap().contains("number=11999 "),
            "{:?}",
            lines.last()
        );
        assert_eq!(lines.len(), 1000);
    }

    #[test]
    fn nothing_is_made_where_there_is_no_data_folder() {
        let dir = tempfile::tempdir().unwrap();
        let none = dir.path().join("none");
        assert!(logged(&none, || tracing::error!("lost")).is_empty());
        assert!(!none.exists());
    }

    #[test]
    fn the_log_goes_along_when_the_data_folder_is_moved() {
        let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let log = KeptLog::new(from.path());
        let subscriber = tracing_subscriber::registry().with(log.layer());
        tracing::subscriber::with_default(subscriber, || {
            log.go_to(to.path());
            tracing::info!("there");
        });
        assert!(!from.path().join(FILE).exists());
        assert!(log.last(9)[0].contains("there"));
    }

    /// Whatever stands in braces in a message could be a file's name: it has to be a field instead.
    #[test]
    fn messages_of_our_own_events_are_fixed() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut sources = Vec::new();
        for folder in ["crates", "src-tauri/src"] {
            sources.extend(
                walkdir::WalkDir::new(root.join(folder))
                    .into_iter()
                    .filter_entry(|entry| entry.file_name() != "target" && entry.file_name() != "fuzz")
                    .filter_map(Result::ok)
                    .filter(|entry| entry.path().extension().is_some_and(|ext| ext == "rs")),
            );
        }
        assert!(sources.len() > 200, "{}", sources.len());
        let mut seen = 0;
        for source in sources {
            let text = std::fs::read_to_string(source.path()).unwrap();
            for call in calls(&text) {
                seen += 1;
                assert!(
                    !call.contains('{') || call.starts_with("target: \"onnxruntime\""),
                    "{}: the message of `{call}` is not fixed",
                    source.path().display()
                );
            }
        }
        assert!(seen > 30, "{seen}");
    }

    /// What stands between the brackets of each call of a logging macro.
    fn calls(text: &str) -> impl Iterator<Item = &str> {
        ["error!(", "warn!(", "info!(", "debug!(", "trace!("]
            .into_iter()
            .flat_map(move |name| {
                text.match_indices(name)
                    .filter(|(at, _)| text[..*at].ends_with("tracing::"))
                    .map(move |(at, _)| within(&text[at + name.len()..]))
            })
    }

    /// Up to the bracket that closes; those in strings do not count.
    fn within(text: &str) -> &str {
        let (mut depth, mut quoted, mut escaped) = (1, false, false);
        for (at, character) in text.char_indices() {
            match character {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => quoted = !quoted,
                '(' if !quoted => depth += 1,
                ')' if !quoted => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return &text[..at];
            }
        }
        text
    }
}
