//! How a worker ended, for people.

use std::process::ExitStatus;
use std::time::Duration;

use footnote_core::{Error, Problem};

/// How far the worker came.
#[derive(Default)]
pub(super) struct Reached {
    /// The number of the last page.
    pub(super) page: u32,
    /// Pages so far.
    pub(super) count: u32,
}

impl Reached {
    fn place(&self) -> String {
        if self.page == 0 {
            "before the first page".into()
        } else {
            format!("after page {}", self.page)
        }
    }

    /// The error of a reading that stopped for this cause.
    pub(super) fn error(&self, cause: &str) -> Error {
        Error::user(format!("Reading stopped {}: {cause}", self.place()))
            .problem(Problem::ReadingStopped {
                page: self.page,
                detail: cause.to_owned(),
            })
            .hint("The file may be damaged; save it again with the program it came from, then add it")
    }

    /// The error of a reading that took too long.
    pub(super) fn too_slow(&self, limit: Duration) -> Error {
        let seconds = limit.as_secs_f64();
        let cause = if seconds < 1.0 {
            format!("it took longer than {seconds:.1} s")
        } else {
            format!("it took longer than {seconds:.0} s")
        };
        self.error(&cause)
            .problem(Problem::ReadingTimedOut {
                seconds: seconds.ceil() as u32,
                page: self.page,
            })
            .hint("Split the file into smaller ones, or save it again as a plain PDF, then add it")
    }
}

/// An amount of memory, for people.
pub(super) fn memory_text(bytes: u64) -> String {
    if bytes >= 1 << 30 {
        format!("{} GB", bytes >> 30)
    } else {
        format!("{} MB", bytes >> 20)
    }
}

/// Whether it used up its processor time.
#[cfg(unix)]
pub(super) fn is_cpu_limit(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt;
    status.signal() == Some(libc::SIGXCPU)
}

/// Whether a page of its mapped file was gone.
#[cfg(unix)]
pub(super) fn is_bus_error(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt;
    status.signal() == Some(libc::SIGBUS)
}

#[cfg(not(unix))]
pub(super) fn is_cpu_limit(_: ExitStatus) -> bool {
    false
}

#[cfg(not(unix))]
pub(super) fn is_bus_error(_: ExitStatus) -> bool {
    false
}

/// How a process ended that was to answer.
pub(super) fn how_it_ended(status: ExitStatus) -> String {
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt;
        if let Some(signal) = status.signal() {
            return format!("the reader crashed (signal {signal})");
        }
    }
    match status.code() {
        Some(0) => "the reader ended without an answer".into(),
        Some(code) => format!("the reader crashed (exit code {code})"),
        None => "the reader crashed".into(),
    }
}
