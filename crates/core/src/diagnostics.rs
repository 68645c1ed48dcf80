//! What somebody who is to find a fault needs to know of an installation, as one text that a person reads before it is
//! given away. It has versions, settings, counts and kinds of errors; no text of a document, no question, no name of a
//! file or folder, and not the user's.
//!
//! That holds by what it is made of: numbers, and words from closed sets. The few texts of foreign origin (why a provider
//! was not taken, why the engine did not start) go through [`Redaction`].

use std::collections::BTreeMap;
use std::fmt::{Display, Write as _};
use std::ops::AddAssign;
use std::path::Path;
use std::sync::LazyLock;

use regex::{NoExpand, Regex};

use crate::error::Error;
use crate::personal::masked;
use crate::types::IndexSpec;

/// Lines of the log that are taken along.
pub const LOG_LINES: usize = 200;

/// Documents of one kind, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// All of them.
    pub documents: u64,
    /// Those that searches see.
    pub searchable: u64,
    /// Those with pages whose text cannot be found.
    pub with_gaps: u64,
    /// Those of which something could not be read.
    pub with_warnings: u64,
    /// Their pages.
    pub pages: u64,
    /// Pages that wait for a model that reads images.
    pub unread_images: u64,
    /// Their chunks.
    pub chunks: u64,
    /// Size of their files.
    pub bytes: u64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.documents += other.documents;
        self.searchable += other.searchable;
        self.with_gaps += other.with_gaps;
        self.with_warnings += other.with_warnings;
        self.pages += other.pages;
        self.unread_images += other.unread_images;
        self.chunks += other.chunks;
        self.bytes += other.bytes;
    }
}

/// What there is, counted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Census {
    /// By media type.
    pub documents: BTreeMap<String, Tally>,
    /// Index jobs that are kept, by status.
    pub jobs: BTreeMap<String, u64>,
    /// Failed ones, by kind of file, stage and class of the error.
    pub failed: BTreeMap<String, u64>,
    /// Whether indexing is paused.
    pub paused: bool,
    /// Watched folders, by state.
    pub folders: BTreeMap<String, u64>,
    /// Conversations.
    pub conversations: u64,
    /// Their answers.
    pub turns: u64,
    /// Cases.
    pub cases: u64,
    /// What the index is made with.
    pub spec: Option<IndexSpec>,
    /// Rows of the index.
    pub rows: u64,
    /// Those that no index covers yet.
    pub unindexed_rows: u64,
    /// Size of the index on disk.
    pub index_bytes: u64,
    /// Faults of the index.
    pub index_faults: u64,
    /// Faults of the register.
    pub register_faults: u64,
}

/// The machine. Sizes in bytes; none where the system does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Machine {
    /// Processors that may be used.
    pub cores: usize,
    /// Physical memory.
    pub memory: Option<u64>,
    /// Memory that programs could still take.
    pub memory_free: Option<u64>,
    /// Memory that Footnote holds.
    pub memory_used: Option<u64>,
    /// Room on the data folder's disk.
    pub disk_free: Option<u64>,
    /// Room on the disk of the models.
    pub models_disk_free: Option<u64>,
}

/// What the models run on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelRuntime {
    /// Version of ONNX Runtime.
    pub version: String,
    /// The provider chosen.
    pub provider: String,
    /// The providers tried, with the reason where one was not taken.
    pub attempts: Vec<(String, Option<String>)>,
}

/// A model that does a role's work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelInUse {
    /// For example `embedder`.
    pub role: String,
    /// The catalog's id; of an imported model what it is, because its name is the file's.
    pub id: String,
    /// How much of it there is: `present`, say.
    pub state: String,
}

/// Where the data folder is, without its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataPlace {
    /// The system's folder for application data.
    Default,
    /// Where it was moved to.
    Moved,
    /// Named when the program was started.
    Named,
}

impl DataPlace {
    fn word(self) -> &'static str {
        match self {
            Self::Default => "in the system's folder for application data",
            Self::Moved => "moved to a place of the user's choice",
            Self::Named => "named when Footnote was started",
        }
    }
}

/// All that goes into the text.
#[derive(Clone, Debug)]
pub struct Diagnostics {
    /// `window` or `command`.
    pub program: &'static str,
    /// Its version.
    pub version: &'static str,
    /// The machine.
    pub machine: Machine,
    /// Where the data folder is.
    pub data: DataPlace,
    /// What the models run on; none if that could not be loaded.
    pub runtime: Option<ModelRuntime>,
    /// The models in use.
    pub models: Vec<ModelInUse>,
    /// What is set, by name; values from closed sets.
    pub settings: Vec<(String, String)>,
    /// What there is; none if the engine is not up.
    pub census: Option<Census>,
    /// Why something could not be had: the engine, say.
    pub faults: Vec<(&'static str, Error)>,
    /// The last lines of [`crate::log::KeptLog`].
    pub log: Vec<String>,
    /// What must not be in it.
    pub redaction: Redaction,
}

/// Takes paths, the user's name and personal data out of a text.
#[derive(Clone, Debug, Default)]
pub struct Redaction {
    /// What to look for, and what stands in its place; the longest first.
    known: Vec<(String, &'static str)>,
    user: Option<Regex>,
}

impl Redaction {
    /// Knows the user's home and name from the environment.
    pub fn of_user() -> Self {
        let name = ["USER", "LOGNAME", "USERNAME"]
            .iter()
            .find_map(|name| std::env::var(name).ok());
        Self::new(std::env::home_dir().as_deref(), name.as_deref())
    }

    /// Of a user with this home and name.
    pub fn new(home: Option<&Path>, name: Option<&str>) -> Self {
        let mut redaction = Self::default();
        let home_name = home
            .and_then(Path::file_name)
            .map(|name| name.to_string_lossy().into_owned());
        if let Some(home) = home {
            redaction.also(home, "~");
        }
        let names: Vec<String> = [name.map(str::to_owned), home_name]
            .into_iter()
            .flatten()
            .filter(|name| name.chars().count() > 1)
            .map(|name| regex::escape(&name))
            .collect();
        if !names.is_empty() {
            redaction.user = Regex::new(&format!(r"(?i)\b(?:{})\b", names.join("|"))).ok();
        }
        redaction
    }

    /// Has `mask` stand in the place of a folder's path.
    pub fn also(&mut self, folder: &Path, mask: &'static str) {
        let text = folder.to_string_lossy().into_owned();
        // A root is in every path, and names nobody.
        if text.len() > 3 {
            self.known.push((text, mask));
            self.known.sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
        }
    }

    /// The text without them.
    pub fn redacted(&self, text: &str) -> String {
        static QUOTED: LazyLock<Regex> =
            LazyLock::new(|| Regex::new(r#"“[^”]*”|"[^"]*"|‘[^’]*’|`[^`]*`"#).expect("a valid pattern"));
        static PATH: LazyLock<Regex> = LazyLock::new(|| {
            // A root, a drive or a share, up to what can end a path in a message; spaces only before another separator.
            Regex::new(r#"(^|[\s"'(=:,\]])(?:~|[A-Za-z]:|\\)?[/\\](?:[^\s:;,"'<>|()]|[ ](?:[^\s:;,"'<>|()]+[ ]?)*?[/\\])+"#)
                .expect("a valid pattern")
        });
        let mut text = text.to_owned();
        for (known, mask) in &self.known {
            text = text.replace(known, mask);
        }
        let text = QUOTED.replace_all(&text, NoExpand("[…]"));
        let text = PATH.replace_all(&text, "$1[path]");
        let text = match &self.user {
            Some(user) => user.replace_all(&text, NoExpand("[user]")).into_owned(),
            None => text.into_owned(),
        };
        masked(&text).into_owned()
    }
}

impl Diagnostics {
    /// The name of the file it is offered to be saved as.
    pub fn file_name() -> String {
        format!(
            "footnote-diagnostics-{}.txt",
            jiff::Timestamp::now().strftime("%Y-%m-%d")
        )
    }

    /// The text, exactly as it is shown and saved.
    pub fn text(&self) -> String {
        let mut text = Text::default();
        text.line("Footnote diagnostics");
        text.line(format_args!("Written {:.0}", jiff::Timestamp::now()));
        text.line(
            "No text of a document, no question, and no name of a file, a folder or a person is in it.",
        );
        self.program(&mut text);
        self.models(&mut text);
        if !self.settings.is_empty() {
            text.section("settings");
        }
        for (name, value) in &self.settings {
            text.fact(word(name), word(value));
        }
        self.library(&mut text);
        if !self.faults.is_empty() {
            text.section("faults");
        }
        for (what, error) in &self.faults {
            let said = self.redaction.redacted(&error.message);
            text.fact(what, format_args!("{} ({})", said, error.class()));
        }
        text.section("log");
        for line in &self.log {
            text.line(self.redaction.redacted(line));
        }
        text.0
    }

    fn program(&self, text: &mut Text) {
        text.section("program");
        text.fact("version", self.version);
        text.fact("started as", self.program);
        text.section("machine");
        text.fact("system", system());
        text.fact("processor", processor());
        let Machine {
            cores,
            memory,
            memory_free,
            memory_used,
            disk_free,
            models_disk_free,
        } = &self.machine;
        text.fact("cores", cores);
        text.fact("memory", known(*memory));
        text.fact("memory free", known(*memory_free));
        text.fact("memory of Footnote", known(*memory_used));
        text.fact("data folder", self.data.word());
        text.fact("disk free for data", known(*disk_free));
        text.fact("disk free for models", known(*models_disk_free));
    }

    fn models(&self, text: &mut Text) {
        text.section("models");
        if let Some(ModelRuntime {
            version,
            provider,
            attempts,
        }) = &self.runtime
        {
            text.fact("ONNX Runtime", version);
            text.fact("provider", provider);
            for (name, reason) in attempts {
                if let Some(reason) = reason {
                    text.fact(format_args!("not {name}"), self.redaction.redacted(reason));
                }
            }
        }
        for ModelInUse { role, id, state } in &self.models {
            text.fact(role, format_args!("{id}, {state}"));
        }
    }

    fn library(&self, text: &mut Text) {
        let Some(census) = &self.census else { return };
        text.section("documents");
        for (kind, tally) in &census.documents {
            text.fact(media_type(kind), describe(tally));
        }
        text.section("jobs");
        for (status, count) in &census.jobs {
            text.fact(status, count);
        }
        for (how, count) in &census.failed {
            text.fact(format_args!("failed, {how}"), count);
        }
        text.fact("paused", census.paused);
        text.section("kept");
        for (state, count) in &census.folders {
            text.fact(format_args!("watched folders, {state}"), count);
        }
        text.fact("conversations", census.conversations);
        text.fact("answers", census.turns);
        text.fact("test cases", census.cases);
        text.section("index");
        if let Some(IndexSpec {
            embedder,
            dimension,
            chunker,
            schema,
        }) = &census.spec
        {
            text.fact("embedder", self.redaction.redacted(embedder));
            text.fact("dimension", dimension);
            text.fact("chunker", chunker);
            text.fact("row schema", schema);
        }
        text.fact("rows", census.rows);
        text.fact("rows not indexed yet", census.unindexed_rows);
        text.fact("bytes", census.index_bytes);
        text.fact("faults of the index", census.index_faults);
        text.fact("faults of the register", census.register_faults);
    }
}

fn describe(tally: &Tally) -> String {
    let Tally {
        documents,
        searchable,
        with_gaps,
        with_warnings,
        pages,
        unread_images,
        chunks,
        bytes,
    } = tally;
    format!(
        "{documents} documents ({searchable} searchable, {with_gaps} with gaps, {with_warnings} with warnings), {pages} pages \
         ({unread_images} images not read), {chunks} chunks, {bytes} bytes"
    )
}

fn known(bytes: Option<u64>) -> String {
    bytes.map_or_else(|| "unknown".into(), |bytes| format!("{bytes} bytes"))
}

/// A media type, or that it is none: it is told from a file's content.
fn media_type(text: &str) -> &str {
    static FORM: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^[a-z]+/[a-z0-9.+-]{1,80}$").expect("a valid pattern"));
    if FORM.is_match(text) {
        text
    } else {
        "of another type"
    }
}

/// One word or number of a setting.
fn word(text: &str) -> &str {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if text.len() <= 40 && text.chars().all(plain) {
        text
    } else {
        "[…]"
    }
}

/// For example `linux x86_64, Debian GNU/Linux 12 (bookworm), kernel 6.1.0, wayland`.
fn system() -> String {
    let mut said = vec![format!("{} {}", std::env::consts::OS, std::env::consts::ARCH)];
    if cfg!(target_os = "linux") {
        let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
        let name = release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
        said.extend(name.map(|name| name.trim_matches('"').to_owned()));
        let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").ok();
        said.extend(kernel.map(|kernel| format!("kernel {}", kernel.trim())));
        said.extend(
            std::env::var("XDG_SESSION_TYPE")
                .ok()
                .map(|kind| word(&kind).to_owned()),
        );
    }
    said.join(", ")
}

/// What decides which operators run.
fn processor() -> String {
    #[cfg(target_arch = "x86_64")]
    {
        let has = [
            ("avx2", std::is_x86_feature_detected!("avx2")),
            ("avx512f", std::is_x86_feature_detected!("avx512f")),
            ("avx512vnni", std::is_x86_feature_detected!("avx512vnni")),
        ];
        let names: Vec<&str> = has
            .iter()
            .filter(|(_, has)| *has)
            .map(|(name, _)| *name)
            .collect();
        if names.is_empty() {
            "without avx2".into()
        } else {
            names.join(" ")
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        std::env::consts::ARCH.into()
    }
}

#[derive(Default)]
struct Text(String);

impl Text {
    fn section(&mut self, title: &str) {
        let _ = writeln!(self.0, "\n[{title}]");
    }

    fn fact(&mut self, name: impl Display, value: impl Display) {
        let _ = writeln!(self.0, "{name}: {value}");
    }

    fn line(&mut self, line: impl Display) {
        let _ = writeln!(self.0, "{line}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redaction() -> Redaction {
        let mut redaction = Redaction::new(Some(Path::new("/home/ada l")), Some("adal"));
        redaction.also(Path::new("/mnt/my secret disk/footnote"), "[data folder]");
        redaction
    }

    #[test]
    fn paths_names_and_quoted_words_are_taken_out() {
        for (text, left) in [
            (
                "/home/ada l/.cache/x.so cannot be loaded",
                "[path] cannot be loaded",
            ),
            (
                "/mnt/my secret disk/footnote: The disk is full",
                "[data folder]: The disk is full",
            ),
            (
                "libcuda.so.1 is not in /usr/lib/x86_64: no such file",
                "libcuda.so.1 is not in [path]: no such file",
            ),
            (r"C:\Users\Ada\divorce.pdf, page 3", "[path], page 3"),
            (r"\\server\share\my plans\x.txt", "[path]"),
            ("/mnt/x/two words/plan.txt is gone", "[path] is gone"),
            (
                "the sheet “Salaries” and `x` of adal",
                "the sheet […] and […] of [user]",
            ),
            (
                "/mnt/my secret disk/footnote/a plan/x: gone",
                "[data folder][path]: gone",
            ),
            ("written by ada@example.org", "written by [e-mail]"),
            (
                "3 of 5 rows/tables, and/or more",
                "3 of 5 rows/tables, and/or more",
            ),
        ] {
            assert_eq!(redaction().redacted(text), left, "{text}");
        }
    }

    #[test]
    fn the_text_has_what_finds_a_fault_and_nothing_of_the_documents() {
        let mut census = Census {
            rows: 12,
            ..Census::default()
        };
        census.documents.insert(
            "application/pdf".into(),
            Tally {
                documents: 2,
                chunks: 12,
                ..Tally::default()
            },
        );
        census.documents.insert(
            "secret plans".into(),
            Tally {
                documents: 1,
                ..Tally::default()
            },
        );
        census.jobs.insert("failed".into(), 1);
        census.failed.insert("pdf, reading: password_needed".into(), 1);
        let text = Diagnostics {
            program: "window",
            version: "1.2.3",
            machine: Machine {
                cores: 8,
                memory: Some(16 << 30),
                ..Machine::default()
            },
            data: DataPlace::Moved,
            runtime: Some(ModelRuntime {
                version: "1.24.0".into(),
                provider: "CPU".into(),
                attempts: vec![
                    ("CUDA".into(), Some("no /home/ada l/cuda.so".into())),
                    ("CPU".into(), None),
                ],
            }),
            models: vec![ModelInUse {
                role: "embedder".into(),
                id: "multilingual-e5-small".into(),
                state: "present".into(),
            }],
            settings: vec![
                ("theme".into(), "dark".into()),
                ("x".into(), "words of a question".into()),
            ],
            census: Some(census),
            faults: vec![(
                "engine",
                Error::runtime("/home/ada l/Footnote: The disk is full").code(crate::ErrorCode::DiskFull),
            )],
            log: vec!["2026-11-22T07:09:17.123Z ERROR footnote_core: reading files class=disk_full".into()],
            redaction: redaction(),
        }
        .text();
        for part in [
            "version: 1.2.3",
            "memory: 17179869184 bytes",
            "data folder: moved to a place of the user's choice",
            "not CUDA: no [path]",
            "embedder: multilingual-e5-small, present",
            "theme: dark",
            "application/pdf: 2 documents (0 searchable",
            "failed, pdf, reading: password_needed: 1",
            "engine: [path]: The disk is full (disk_full)",
            "2026-11-22T07:09:17.123Z ERROR footnote_core: reading files class=disk_full",
        ] {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
        for part in ["ada", "secret", "question of", "words of a question", "not CPU"] {
            assert!(!text.contains(part), "{part} is in\n{text}");
        }
        assert!(Diagnostics::file_name().starts_with("footnote-diagnostics-2"));
    }
}
