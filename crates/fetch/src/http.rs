//! Downloads that survive interruption. Every network connection of Footnote starts in this file.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use reqwest::StatusCode;
use reqwest::blocking::{Client, Response};
use reqwest::header::{CONTENT_RANGE, RANGE};

use crate::error::{FetchError, FetchErrorKind};

/// Attempts in a row that may bring nothing before the source is given up.
const MAX_IDLE_ATTEMPTS: u32 = 5;

pub(crate) struct Http {
    client: Mutex<Option<Client>>,
    connect_timeout: Duration,
    retry_pause: Duration,
    locked: AtomicBool,
    /// Hosts that could not be reached in this run; asking again for every file would cost a timeout each.
    unreachable: Mutex<HashSet<String>>,
}

/// One download: from where, to which unfinished file.
pub(crate) struct Download<'a> {
    pub url: &'a str,
    pub part: &'a Path,
    /// Bytes the whole file must have, where known.
    pub size: Option<u64>,
}

/// Why one attempt ended early.
enum Attempt {
    /// The connection broke; what arrived is kept.
    Broken(String),
    /// No connection came about at all.
    NoConnection(String),
    Fatal(FetchError),
}

impl Http {
    pub(crate) fn new(connect_timeout: Duration, retry_pause: Duration, locked: bool) -> Self {
        Self {
            client: Mutex::new(None),
            connect_timeout,
            retry_pause,
            locked: AtomicBool::new(locked),
            unreachable: Mutex::default(),
        }
    }

    pub(crate) fn set_locked(&self, locked: bool) {
        self.locked.store(locked, Ordering::Relaxed);
    }

    /// Fails when the offline lock is on. Asked before every connection and while bytes flow.
    pub(crate) fn check_lock(&self) -> Result<(), FetchError> {
        if self.locked.load(Ordering::Relaxed) {
            Err(FetchError::offline())
        } else {
            Ok(())
        }
    }

    /// Built late: reading the trust store takes time that a run with nothing to fetch should not pay.
    fn client(&self) -> Result<Client, FetchError> {
        let mut slot = self.client.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(client) = &*slot {
            return Ok(client.clone());
        }
        let client = Client::builder()
            .user_agent(concat!("footnote/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(self.connect_timeout)
            // Applies to each read, so it limits stalls, not the length of a download.
            .timeout(Duration::from_secs(30))
            .build()
            .map_err(|e| {
                FetchError::new(
                    FetchErrorKind::Unreachable,
                    format!("Cannot open connections: {}", chain(&e)),
                )
                .hint("Check the system's proxy settings and certificates")
            })?;
        *slot = Some(client.clone());
        Ok(client)
    }

    /// Brings the file to `part`, going on from the bytes already there. `progress` gets the bytes there.
    /// Returns whether any of them were there before: a wrong hash then may come from the old half.
    pub(crate) fn download(
        &self,
        what: &Download<'_>,
        progress: &mut dyn FnMut(u64),
        cancel: &AtomicBool,
    ) -> Result<bool, FetchError> {
        self.check_lock()?;
        let url = reqwest::Url::parse(what.url).map_err(|e| {
            FetchError::new(
                FetchErrorKind::Refused,
                format!("{:?} is not an address: {e}", what.url),
            )
            .hint("Check FOOTNOTE_MODEL_MIRROR; it must be a URL such as https://mirror.example")
        })?;
        let host = match (url.host_str().unwrap_or_default(), url.port()) {
            (host, Some(port)) => format!("{host}:{port}"),
            (host, None) => host.to_owned(),
        };
        if self
            .unreachable
            .lock()
            .unwrap_or_else(|e| e.into_inner())
            .contains(&host)
        {
            return Err(unreachable(&host, "it could not be reached a moment ago"));
        }
        let before = length(what.part);
        if what.size.is_some_and(|size| before == size) {
            return Ok(true);
        }
        let mut idle = 0;
        let mut connected = false;
        loop {
            let start = length(what.part);
            let result = self.attempt(&url, what, &mut connected, progress, cancel);
            let broken = match result {
                Ok(()) => return Ok(before > 0),
                Err(Attempt::Fatal(error)) => return Err(error),
                Err(Attempt::NoConnection(why)) if !connected => {
                    self.unreachable
                        .lock()
                        .unwrap_or_else(|e| e.into_inner())
                        .insert(host.clone());
                    return Err(unreachable(&host, &why));
                }
                Err(Attempt::NoConnection(why) | Attempt::Broken(why)) => why,
            };
            idle = if length(what.part) > start { 0 } else { idle + 1 };
            if idle >= MAX_IDLE_ATTEMPTS {
                return Err(unreachable(&host, &broken));
            }
            tracing::debug!(%host, %broken, "download interrupted, going on");
            self.pause(self.retry_pause * 2u32.pow(idle), cancel)?;
        }
    }

    fn attempt(
        &self,
        url: &reqwest::Url,
        what: &Download<'_>,
        connected: &mut bool,
        progress: &mut dyn FnMut(u64),
        cancel: &AtomicBool,
    ) -> Result<(), Attempt> {
        self.check_lock().map_err(Attempt::Fatal)?;
        let mut have = length(what.part);
        let mut request = self.client().map_err(Attempt::Fatal)?.get(url.clone());
        if have > 0 {
            request = request.header(RANGE, format!("bytes={have}-"));
        }
        let response = request.send().map_err(reqwest::Error::without_url).map_err(|e| {
            if e.is_connect() || (e.is_timeout() && !*connected) {
                Attempt::NoConnection(chain(&e))
            } else {
                Attempt::Broken(chain(&e))
            }
        })?;
        *connected = true;
        match response.status() {
            StatusCode::PARTIAL_CONTENT if range_start(&response) == Some(have) => {}
            // The server ignores ranges, or answers another one than asked: from the start, then.
            StatusCode::OK => have = 0,
            StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE => {
                truncate(what.part).map_err(Attempt::Fatal)?;
                return Err(Attempt::Broken(
                    "the server does not hold the rest of this download".into(),
                ));
            }
            status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                return Err(Attempt::Broken(format!("the server answered {status}")));
            }
            status => {
                let host = url.host_str().unwrap_or_default();
                return Err(Attempt::Fatal(
                    FetchError::new(
                        FetchErrorKind::Refused,
                        format!("{host} answered {status} for {}", url.path()),
                    )
                    .hint("Check the mirror's address, or sign in to the proxy if there is one"),
                ));
            }
        }
        let total = response.content_length().map(|rest| have + rest);
        if let (Some(total), Some(size)) = (total, what.size)
            && total != size
        {
            return Err(Attempt::Fatal(wrong_size(url, size, total)));
        }
        self.receive(response, url, what, have, progress, cancel)?;
        match what.size.or(total) {
            Some(size) if length(what.part) < size => {
                Err(Attempt::Broken("the connection closed early".into()))
            }
            _ => Ok(()),
        }
    }

    fn receive(
        &self,
        mut response: Response,
        url: &reqwest::Url,
        what: &Download<'_>,
        mut have: u64,
        progress: &mut dyn FnMut(u64),
        cancel: &AtomicBool,
    ) -> Result<(), Attempt> {
        let local = |e: std::io::Error| Attempt::Fatal(FetchError::io(what.part, &e));
        let mut file = open_at(what.part, have).map_err(local)?;
        let mut buffer = vec![0u8; 256 * 1024];
        loop {
            if cancel.load(Ordering::Relaxed) {
                return Err(Attempt::Fatal(FetchError::canceled()));
            }
            self.check_lock().map_err(Attempt::Fatal)?;
            let n = match response.read(&mut buffer) {
                Ok(0) => break,
                Ok(n) => n,
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(Attempt::Broken(chain(&e))),
            };
            have += n as u64;
            if let Some(size) = what.size.filter(|size| have > *size) {
                drop(file);
                truncate(what.part).map_err(Attempt::Fatal)?;
                return Err(Attempt::Fatal(wrong_size(url, size, have)));
            }
            file.write_all(&buffer[..n]).map_err(local)?;
            progress(have);
        }
        file.sync_data().map_err(local)
    }

    fn pause(&self, pause: Duration, cancel: &AtomicBool) -> Result<(), FetchError> {
        let end = Instant::now() + pause;
        while Instant::now() < end {
            if cancel.load(Ordering::Relaxed) {
                return Err(FetchError::canceled());
            }
            std::thread::sleep(Duration::from_millis(20).min(pause));
        }
        Ok(())
    }
}

fn unreachable(host: &str, why: &str) -> FetchError {
    FetchError::new(
        FetchErrorKind::Unreachable,
        format!("{host} cannot be reached: {why}"),
    )
    .hint("Check the network and proxy, set FOOTNOTE_MODEL_MIRROR, or import the model from a file")
}

fn wrong_size(url: &reqwest::Url, expected: u64, found: u64) -> FetchError {
    let host = url.host_str().unwrap_or_default();
    FetchError::new(
        FetchErrorKind::WrongHash,
        format!("{host} offers another file than expected: {found} bytes instead of {expected}"),
    )
    .hint("Check the mirror's address; nothing was kept of this download")
}

fn range_start(response: &Response) -> Option<u64> {
    let value = response.headers().get(CONTENT_RANGE)?.to_str().ok()?;
    value.strip_prefix("bytes ")?.split('-').next()?.parse().ok()
}

/// Bytes in the file, 0 when there is none.
pub(crate) fn length(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |m| m.len())
}

fn truncate(path: &Path) -> Result<(), FetchError> {
    open_at(path, 0).map(drop).map_err(|e| FetchError::io(path, &e))
}

/// Opens for writing with exactly the first `length` bytes kept, positioned behind them.
pub(crate) fn open_at(path: &Path, length: u64) -> std::io::Result<File> {
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)?;
    file.set_len(length)?;
    let mut file = file;
    std::io::Seek::seek(&mut file, std::io::SeekFrom::End(0))?;
    Ok(file)
}

/// An error with its causes; a client's outermost message alone rarely says what is wrong.
fn chain(error: &dyn std::error::Error) -> String {
    let mut out = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !out.contains(&cause_text) {
            out.push_str(": ");
            out.push_str(&cause_text);
        }
        next = cause.source();
    }
    out
}
