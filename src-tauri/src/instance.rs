//! One window for a data folder. A second start hands what it was told to the first one, and ends.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use footnote_core::{Error, ErrorCode};
use interprocess::TryClone;
use interprocess::local_socket::traits::{ListenerExt, Stream as _};
use interprocess::local_socket::{ListenerOptions, Name, Stream};
use tauri::Url;

use crate::state::{Data, Lock};
use crate::wire::{self, Arrivals};

/// The scheme of links to places in documents.
const LINK: &str = "footnote:";
/// Longest message that is read, in bytes: some thousand paths.
const LONGEST: u64 = 4 << 20;
/// Time that the other window gets to take a message.
const REPLY_WAIT: Duration = Duration::from_secs(3);
/// Time that whoever has the data folder gets to begin listening; a command never does.
const LISTEN_WAIT: Duration = Duration::from_millis(300);
/// Time that a window which is closing gets to let go of the data folder.
const ENDING_WAIT: Duration = Duration::from_secs(4);
const PAUSE: Duration = Duration::from_millis(40);

const SHOWN: &str = "shown";
const ENDING: &str = "ending";

impl Arrivals {
    /// Takes in an argument: a link, or a file or folder by its path or URL.
    pub(crate) fn push(&mut self, argument: &Path) {
        let text = argument.to_string_lossy();
        if text
            .get(..LINK.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(LINK))
        {
            self.links.push(text.into_owned());
            return;
        }
        let file = text
            .starts_with("file:")
            .then(|| Url::parse(&text).ok()?.to_file_path().ok())
            .flatten();
        let path = file.unwrap_or_else(|| argument.to_owned());
        let full = std::path::absolute(&path).unwrap_or(path);
        self.paths.push(wire::path_text(&full));
    }

    /// Adds what came later.
    pub(crate) fn extend(&mut self, later: Self) {
        self.paths.extend(later.paths);
        self.links.extend(later.links);
    }

    /// Whether there is nothing to show.
    pub(crate) fn is_empty(&self) -> bool {
        self.paths.is_empty() && self.links.is_empty()
    }
}

/// How a start goes on.
pub(crate) enum Start {
    /// The data folder is this process's own.
    First(Lock),
    /// Another window shows what this one was told to.
    Handed,
    /// The data folder cannot be had; the window says why.
    Refused(Error),
}

/// Takes the data folder, or hands `told` to the window that has it.
pub(crate) fn begin(data: &Data, told: &Arrivals) -> Start {
    let began = Instant::now();
    loop {
        let error = match data.acquire() {
            Ok(lock) => return Start::First(lock),
            Err(error) => error,
        };
        if error.code != Some(ErrorCode::StoreLocked) {
            return Start::Refused(error);
        }
        let patience = match hand_over(data.path(), told) {
            Ok(Reply::Shown) => return Start::Handed,
            Ok(Reply::Ending) => ENDING_WAIT,
            Err(error) => {
                tracing::debug!(%error, "no window took the start over");
                LISTEN_WAIT
            }
        };
        if began.elapsed() >= patience {
            return Start::Refused(error);
        }
        std::thread::sleep(PAUSE);
    }
}

enum Reply {
    Shown,
    Ending,
}

fn hand_over(dir: &Path, told: &Arrivals) -> std::io::Result<Reply> {
    let stream = Stream::connect(name(dir)?)?;
    let message = serde_json::to_string(told).map_err(std::io::Error::other)?;
    let (send, reply) = mpsc::channel();
    // Not every system has a limit of time on a pipe: the thread is left behind if the other window hangs.
    std::thread::spawn(move || {
        let _ = send.send(exchange(stream, &message));
    });
    let reply = reply
        .recv_timeout(REPLY_WAIT)
        .map_err(|_| std::io::Error::from(std::io::ErrorKind::TimedOut))??;
    match reply.trim_end() {
        SHOWN => Ok(Reply::Shown),
        ENDING => Ok(Reply::Ending),
        other => Err(std::io::Error::other(format!("not a reply: {other:?}"))),
    }
}

fn exchange(mut stream: Stream, message: &str) -> std::io::Result<String> {
    stream.write_all(message.as_bytes())?;
    stream.write_all(b"\n")?;
    let mut reply = String::new();
    BufReader::new(stream.take(64)).read_line(&mut reply)?;
    Ok(reply)
}

/// Takes what later starts hand over, until the process ends. Whoever calls this has the folder's lock.
/// `take` returns false once the window is closing.
///
/// # Errors
/// No start can be heard; each then says that the data folder is in use.
pub(crate) fn listen(
    dir: &Path,
    take: impl Fn(Arrivals) -> bool + Clone + Send + 'static,
) -> std::io::Result<()> {
    // A window that was killed leaves its socket behind; the lock says that nobody listens there.
    #[cfg(unix)]
    let _ = std::fs::remove_file(socket(dir));
    let options = ListenerOptions::new().name(name(dir)?);
    // Other people's processes must not reach this one.
    #[cfg(unix)]
    let options = {
        use interprocess::os::unix::local_socket::ListenerOptionsExt;
        options.mode(0o600)
    };
    let listener = options.create_sync()?;
    std::thread::Builder::new().name("starts".into()).spawn(move || {
        for stream in listener.incoming().filter_map(Result::ok) {
            let take = take.clone();
            // One that never says anything holds nobody else up.
            std::thread::spawn(move || {
                if let Err(error) = receive(stream, take) {
                    tracing::debug!(%error, "a start was not understood");
                }
            });
        }
    })?;
    Ok(())
}

fn receive(stream: Stream, take: impl Fn(Arrivals) -> bool) -> std::io::Result<()> {
    let mut line = String::new();
    let mut reply = stream.try_clone()?;
    BufReader::new(stream.take(LONGEST)).read_line(&mut line)?;
    let told = serde_json::from_str(&line).map_err(std::io::Error::other)?;
    writeln!(reply, "{}", if take(told) { SHOWN } else { ENDING })
}

/// In the data folder itself, where nobody else may look.
#[cfg(unix)]
fn socket(dir: &Path) -> PathBuf {
    dir.join("footnote.sock")
}

#[cfg(unix)]
fn name(dir: &Path) -> std::io::Result<Name<'static>> {
    use interprocess::local_socket::{GenericFilePath, ToFsName};
    socket(dir).to_fs_name::<GenericFilePath>()
}

/// Pipes are in no folder, so the folder is in the name.
#[cfg(windows)]
fn name(dir: &Path) -> std::io::Result<Name<'static>> {
    use interprocess::local_socket::{GenericNamespaced, ToNsName};
    use std::hash::{Hash, Hasher};
    let dir: PathBuf = dir.canonicalize()?;
    let mut hasher = std::hash::DefaultHasher::new();
    dir.hash(&mut hasher);
    format!("footnote-{:016x}", hasher.finish()).to_ns_name::<GenericNamespaced>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    #[test]
    fn arguments_are_links_or_full_paths() {
        let mut told = Arrivals::default();
        for argument in [
            "FOOTNOTE://document/1?page=2",
            "file:///a%20b/%C3%BC.pdf",
            "c.txt",
        ] {
            told.push(Path::new(argument));
        }
        assert_eq!(told.links, ["FOOTNOTE://document/1?page=2"]);
        assert_eq!(told.paths[0], "/a b/ü.pdf");
        assert!(Path::new(&told.paths[1]).is_absolute() && told.paths[1].ends_with("c.txt"));
    }

    fn data(dir: &tempfile::TempDir) -> Data {
        Data::find(Some(dir.path().to_owned()))
    }

    fn told() -> Arrivals {
        Arrivals {
            paths: vec!["/a b/ü.pdf".into()],
            links: vec!["footnote://document/1".into()],
        }
    }

    #[test]
    fn a_second_start_hands_over_to_the_first_and_one_after_a_kill_is_first_again() {
        let dir = tempfile::tempdir().unwrap();
        // As a window that was killed leaves it.
        std::fs::write(dir.path().join("footnote.sock"), "").unwrap();
        let Start::First(lock) = begin(&data(&dir), &told()) else {
            panic!("the folder is free");
        };
        let seen = Arc::new(Mutex::new(Vec::new()));
        let taken = Arc::clone(&seen);
        listen(dir.path(), move |told| {
            taken.lock().unwrap().push(told);
            true
        })
        .unwrap();
        assert!(matches!(begin(&data(&dir), &told()), Start::Handed));
        assert_eq!(*seen.lock().unwrap(), [told()]);
        drop(lock);
        assert!(matches!(begin(&data(&dir), &told()), Start::First(_)));
    }

    #[test]
    fn a_start_waits_for_a_window_that_closes_and_not_for_a_command() {
        let dir = tempfile::tempdir().unwrap();
        let lock = Lock::acquire(dir.path()).unwrap();
        let began = Instant::now();
        let Start::Refused(error) = begin(&data(&dir), &told()) else {
            panic!("nobody listens");
        };
        assert_eq!(error.code, Some(ErrorCode::StoreLocked));
        assert!(began.elapsed() < REPLY_WAIT, "{:?}", began.elapsed());

        listen(dir.path(), |_| false).unwrap();
        let closing = std::thread::spawn(move || {
            std::thread::sleep(LISTEN_WAIT * 2);
            drop(lock);
        });
        assert!(matches!(begin(&data(&dir), &told()), Start::First(_)));
        closing.join().unwrap();
    }
}
