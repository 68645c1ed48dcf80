//! The app's side: starts a worker a file, reads its frames, and turns whatever goes wrong in it
//! into an error that a person can use.

mod ahead;
mod ending;

use std::ffi::OsString;
use std::io::{BufReader, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use footnote_core::ocr::ExtractedPage;
use footnote_core::ports::Extractor;
use footnote_core::types::{ExtractSummary, FileKind};
use footnote_core::{Error, Password, Problem, Result};

use crate::sandbox::SandboxStatus;
use crate::sniff::Format;
use crate::wire::{Frame, Missing, Request, Task, receive, send};
use ahead::{ALONE, Ahead, readers};
use ending::{Reached, how_it_ended, is_bus_error, is_cpu_limit, memory_text};

/// How soon a cancel is noticed.
const TICK: Duration = Duration::from_millis(50);
/// How long a worker may take to tell what protects it.
const PROBE_LIMIT: Duration = Duration::from_secs(10);
/// Pages read ahead of the one who takes them.
const AHEAD: usize = 4;
/// The last words of a worker that dies.
const MAX_STDERR: usize = 16 * 1024;
/// What every PNG file begins with.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
/// Longer paths fail in the system with a message about something else.
const MAX_PATH: usize = 4095;

/// What the worker is and what it may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerConfig {
    /// The program to start; usually the running one.
    pub program: PathBuf,
    /// Its arguments, before the file's path; usually [`WORKER_ARG`](crate::WORKER_ARG).
    pub args: Vec<String>,
    /// How long a whole file may take. Time in which the receiver is busy does not count.
    pub time_limit: Duration,
    /// How long the worker may go without a page.
    pub page_time_limit: Duration,
    /// Address space in bytes. Enforced on Linux; other systems may ignore it.
    pub memory_limit: u64,
    /// Files that are read at once at most. Beside the one whose pages are taken, these are small ones whose
    /// turn comes next; each has a worker of its own.
    pub readers: usize,
}

impl WorkerConfig {
    /// `program`, started with [`WORKER_ARG`](crate::WORKER_ARG), with the usual limits: ten
    /// minutes a file, one a page, 1 GiB; as many readers as the machine's cores bear, four at most.
    #[must_use]
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
            args: vec![crate::WORKER_ARG.to_owned()],
            time_limit: Duration::from_secs(600),
            page_time_limit: Duration::from_secs(60),
            memory_limit: 1 << 30,
            readers: readers(std::thread::available_parallelism().map_or(1, usize::from)),
        }
    }
}

/// Reads files in a process of its own each, so that no file can take the app down. Clones share the workers that were
/// started ahead.
#[derive(Clone, Debug)]
pub struct WorkerExtractor {
    config: WorkerConfig,
    ahead: Arc<Ahead>,
}

impl WorkerExtractor {
    /// An extractor that starts workers as `config` says. Nothing is started yet.
    #[must_use]
    pub fn new(config: WorkerConfig) -> Self {
        Self {
            config,
            ahead: Arc::default(),
        }
    }

    /// What protects this machine from a worker that its file takes over: starts one that tries it
    /// out.
    ///
    /// # Errors
    /// The worker cannot be started, or does not answer in time.
    pub fn sandbox_status(&self) -> Result<SandboxStatus> {
        let worker = self.start(&checked(&self.config.program)?, None, Task::Probe)?;
        let frames = worker.frames.as_ref();
        match frames.map(|frames| frames.recv_timeout(PROBE_LIMIT)) {
            Some(Ok(Event::Sandbox(status))) => Ok(status),
            Some(Ok(Event::End(Err(error)))) => Err(error),
            _ => Err(Error::runtime("The reader does not tell what protects it")
                .problem(Problem::ReaderMissing {
                    detail: "it does not tell what protects it".into(),
                })
                .hint(
                    "Install Footnote again; its program file may have been moved or replaced while it runs",
                )),
        }
    }

    fn start(&self, path: &Path, password: Option<&Password>, task: Task) -> Result<Worker> {
        let mut command = Command::new(&self.config.program);
        command
            .args(&self.config.args)
            .arg(path)
            .env_clear()
            .envs(kept_environment())
            // Parsers drop files where they stand; that must not be the user's folder.
            .current_dir(std::env::temp_dir())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child =
            command.spawn().map_err(|error| {
                let problem = Problem::ReaderMissing {
                    detail: error.to_string(),
                };
                Error::runtime(format!("The reader cannot be started: {error}")).problem(problem).hint(
                "Install Footnote again; its program file may have been moved or replaced while it runs",
            )
            })?;
        let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        // From here on, every way out ends the process.
        let mut worker = Worker {
            child,
            frames: None,
            stderr: None,
        };
        let (Some(mut stdin), Some(stdout), Some(stderr)) = (stdin, stdout, stderr) else {
            return Err(Error::bug("The reader was started without its pipes"));
        };
        let request = Request {
            password: password.cloned(),
            memory_limit: self.config.memory_limit,
            // Processor time runs at most as fast as the clock here; one more for start and end.
            cpu_limit: self.config.time_limit.as_secs() + 2,
            task,
        };
        // A worker that died already says why by how it ended.
        let _ = send(&mut stdin, &request);
        drop(stdin);
        let (sender, frames) = sync_channel(AHEAD);
        std::thread::Builder::new()
            .name("extract-frames".into())
            .spawn(move || read_frames(stdout, &sender))
            .map_err(Error::from)?;
        let stderr = std::thread::Builder::new()
            .name("extract-stderr".into())
            .spawn(move || last_words(stderr))
            .map_err(Error::from)?;
        (worker.frames, worker.stderr) = (Some(frames), Some(stderr));
        Ok(worker)
    }

    fn follow(
        &self,
        mut worker: Worker,
        sink: &mut dyn FnMut(ExtractedPage) -> ControlFlow<()>,
        canceled: &dyn Fn() -> bool,
    ) -> Result<ExtractSummary> {
        let Some(frames) = worker.frames.take() else {
            return Err(Error::bug("The reader has no pipe"));
        };
        let mut reached = Reached::default();
        let (mut waited, mut stalled) = (Duration::ZERO, Duration::ZERO);
        loop {
            if canceled() {
                return Err(Error::canceled());
            }
            let since = Instant::now();
            let event = frames.recv_timeout(TICK);
            waited += since.elapsed();
            stalled += since.elapsed();
            match event {
                Ok(Event::Page(extracted)) => {
                    stalled = Duration::ZERO;
                    reached.page = extracted.page.number;
                    reached.count += 1;
                    if sink(*extracted).is_break() {
                        return Ok(ExtractSummary {
                            pages: reached.count,
                            ..ExtractSummary::default()
                        });
                    }
                }
                Ok(Event::End(end)) => return end,
                Ok(Event::Sandbox(_) | Event::Picture(_)) => {
                    return Err(reached.error("the reader answered what was not asked"));
                }
                Ok(Event::Broken(what)) => return Err(reached.error(&format!("the reader {what}"))),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err(self.death(&mut worker, &reached)),
            }
            if waited > self.config.time_limit {
                return Err(reached.too_slow(self.config.time_limit));
            }
            if stalled > self.config.page_time_limit {
                return Err(reached.too_slow(self.config.page_time_limit));
            }
        }
    }

    fn shown(&self, mut worker: Worker, canceled: &dyn Fn() -> bool) -> Result<Vec<u8>> {
        let Some(frames) = worker.frames.take() else {
            return Err(Error::bug("The reader has no pipe"));
        };
        let reached = Reached::default();
        let begun = Instant::now();
        loop {
            if canceled() {
                return Err(Error::canceled());
            }
            match frames.recv_timeout(TICK) {
                Ok(Event::Picture(png)) => return Ok(png),
                Ok(Event::End(Err(error))) => return Err(error),
                Ok(Event::Broken(what)) => return Err(reached.error(&format!("the reader {what}"))),
                Ok(Event::Page(_) | Event::Sandbox(_) | Event::End(Ok(_))) => {
                    return Err(reached.error("the reader answered what was not asked"));
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err(self.death(&mut worker, &reached)),
            }
            if begun.elapsed() > self.config.page_time_limit {
                return Err(reached.too_slow(self.config.page_time_limit));
            }
        }
    }

    /// Why a worker ended without an answer.
    fn death(&self, worker: &mut Worker, reached: &Reached) -> Error {
        let status = worker.wait();
        let words = worker
            .stderr
            .take()
            .and_then(|thread| thread.join().ok())
            .unwrap_or_default();
        if words.contains("memory allocation of") || words.contains("out of memory") {
            let limit = memory_text(self.config.memory_limit);
            return reached
                .error(&format!("the file needed more than {limit} of memory"))
                .problem(Problem::ReadingNeedsMemory {
                    megabytes: (self.config.memory_limit >> 20) as u32,
                    page: reached.page,
                })
                .hint("Split the file into smaller ones, or save it again with fewer images, then add it");
        }
        if words.contains("overflowed its stack") {
            return reached.error("the reader crashed (the file is nested too deeply)");
        }
        match status {
            Some(status) if is_cpu_limit(status) => reached.too_slow(self.config.time_limit),
            // A mapped file that another program cut off.
            Some(status) if is_bus_error(status) => reached
                .error("the file changed while it was read")
                .problem(Problem::FileChanged)
                .hint("Wait until the program that writes it has finished, then add it again"),
            Some(status) => reached.error(&how_it_ended(status)),
            None => reached.error("the reader ended without an answer"),
        }
    }
}

impl Extractor for WorkerExtractor {
    fn kind(&self, path: &Path) -> Option<FileKind> {
        Format::of_name(path).map(Format::kind)
    }

    fn extract(
        &self,
        path: &Path,
        password: Option<&Password>,
        sink: &mut dyn FnMut(ExtractedPage) -> ControlFlow<()>,
        cancel: &tokio_util::sync::CancellationToken,
    ) -> Result<ExtractSummary> {
        let mut read = || {
            if cancel.is_cancelled() {
                return Err(Error::canceled());
            }
            let path = checked(path)?;
            let large = std::fs::metadata(&path).is_ok_and(|metadata| metadata.len() > ALONE);
            let ahead = self.ahead.take(&path, large);
            let worker = match ahead.filter(|_| password.is_none()) {
                Some(worker) => worker,
                None => self.start(&path, password, Task::Read)?,
            };
            self.follow(worker, sink, &|| cancel.is_cancelled())
        };
        read().map_err(|error| at(error, path))
    }

    fn read_ahead(&self, current: Option<&Path>, next: &[PathBuf]) {
        let current = current.and_then(|path| std::path::absolute(path).ok());
        let next: Vec<PathBuf> = next.iter().filter_map(|path| checked(path).ok()).collect();
        let most = self.config.readers.saturating_sub(1);
        self.ahead.keep(current.as_deref(), &next, most, |path| {
            self.start(path, None, Task::Read).ok()
        });
    }

    fn picture(
        &self,
        path: &Path,
        page: u32,
        cancel: &tokio_util::sync::CancellationToken,
    ) -> Result<Vec<u8>> {
        let show = || {
            let worker = self.start(&checked(path)?, None, Task::Show(page))?;
            self.shown(worker, &|| cancel.is_cancelled())
        };
        show().map_err(|error| at(error, path))
    }
}

/// An error with the file's name.
fn at(error: Error, path: &Path) -> Error {
    if error.is_canceled() {
        return error;
    }
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    // Names may be as long as the system allows; messages should not be.
    error.at(name.chars().take(120).collect::<String>())
}

/// The file's absolute path (the worker stands elsewhere), if there is a file to read.
fn checked(path: &Path) -> Result<PathBuf> {
    let absolute = std::path::absolute(path).map_err(Error::from)?;
    let length = absolute.as_os_str().len();
    if length > MAX_PATH {
        return Err(Error::user(format!(
            "The path is too long ({length} characters; {MAX_PATH} is the most)"
        ))
        .problem(Problem::PathTooLong)
        .hint("Move the file to a folder nearer the top, then add it"));
    }
    let metadata = std::fs::metadata(&absolute).map_err(|error| {
        let too_long = error.kind() == std::io::ErrorKind::InvalidFilename;
        if too_long {
            Error::user("A name in the path is too long")
                .problem(Problem::NameTooLong)
                .hint("Give the file or its folder a shorter name")
        } else {
            Error::from(error)
        }
    })?;
    if !metadata.is_file() {
        return Err(Error::user("This is not a file")
            .problem(Problem::NotAFile)
            .hint("Add a file, or the folder that holds it"));
    }
    Ok(absolute)
}

/// What programs need to start at all; the rest of the environment is none of a parser's business.
fn kept_environment() -> Vec<(OsString, OsString)> {
    const KEPT: &[&str] = &[
        "PATH",
        "LD_LIBRARY_PATH",
        "DYLD_LIBRARY_PATH",
        "SystemRoot",
        "SystemDrive",
        "windir",
        "TEMP",
        "TMP",
        "TMPDIR",
    ];
    KEPT.iter()
        .filter_map(|key| Some(((*key).into(), std::env::var_os(key)?)))
        .collect()
}

/// A running worker; dropping it ends it.
#[derive(Debug)]
struct Worker {
    child: Child,
    frames: Option<Receiver<Event>>,
    stderr: Option<JoinHandle<String>>,
}

impl Worker {
    /// Waits for the end, which is near: the pipe is closed. A worker that closed it and lives on
    /// is ended.
    fn wait(&mut self) -> Option<ExitStatus> {
        let until = Instant::now() + Duration::from_secs(2);
        while Instant::now() < until {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Some(status);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
        None
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        // Without this, a dead process stays in the table.
        let _ = self.child.wait();
    }
}

/// What came through the pipe.
enum Event {
    Page(Box<ExtractedPage>),
    End(Result<ExtractSummary>),
    Picture(Vec<u8>),
    Sandbox(SandboxStatus),
    Broken(&'static str),
}

impl Event {
    fn of(frame: Frame) -> Self {
        match frame {
            Frame::Page(page) => match page.open() {
                Some(extracted) => Self::Page(Box::new(extracted)),
                None => Self::Broken("sent an image that is none"),
            },
            Frame::Summary { summary } => Self::End(Ok(summary)),
            Frame::Picture { png } if png.starts_with(PNG) => Self::Picture(png),
            Frame::Picture { .. } => Self::Broken("sent a picture that is none"),
            Frame::Sandbox { status } => Self::Sandbox(status),
            Frame::Error { error } => Self::End(Err(error)),
        }
    }
}

fn read_frames(stdout: ChildStdout, sender: &SyncSender<Event>) {
    let mut stdout = BufReader::new(stdout);
    loop {
        let event = match receive(&mut stdout) {
            Ok(frame) => Event::of(frame),
            // How a worker died that died while writing says more.
            Err(Missing::End) => return,
            Err(Missing::TooLong) => Event::Broken("sent a page larger than 64 MB"),
            Err(Missing::Garbage) => Event::Broken("sent something that is no page"),
        };
        let last = matches!(event, Event::Broken(_));
        if sender.send(event).is_err() || last {
            return;
        }
    }
}

fn last_words(mut stderr: ChildStderr) -> String {
    let mut kept = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(read @ 1..) = stderr.read(&mut buffer) {
        kept.extend_from_slice(&buffer[..read]);
        if kept.len() > 2 * MAX_STDERR {
            kept.drain(..kept.len() - MAX_STDERR);
        }
    }
    String::from_utf8_lossy(&kept).into_owned()
}
