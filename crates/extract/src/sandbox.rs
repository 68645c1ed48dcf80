//! What a worker takes from itself before it looks into its file: other files, the network and
//! other programs. A parser that a hostile file takes over can then answer nonsense, and no more.
//!
//! On Linux, [Landlock](https://docs.kernel.org/userspace-api/landlock.html) refuses every access by
//! path (and, on newer kernels, TCP and signals to other processes), and a
//! [seccomp](https://docs.kernel.org/userspace-api/seccomp_filter.html) filter leaves only the system
//! calls that computing, memory and threads need. Either alone refuses files, so a kernel that lacks
//! one still protects.
//!
//! On macOS, a profile of the system's sandbox refuses everything but computing. On Windows, a
//! [job object](https://learn.microsoft.com/windows/win32/procthread/job-objects) bounds memory and
//! refuses other programs, and a [low integrity
//! level](https://learn.microsoft.com/windows/win32/secauthz/mandatory-integrity-control) refuses writing to
//! what is the user's; files can still be read there, and sockets opened.

use std::path::Path;

use serde::{Deserialize, Serialize};

#[cfg_attr(target_os = "linux", path = "sandbox/linux.rs")]
#[cfg_attr(target_os = "macos", path = "sandbox/macos.rs")]
#[cfg_attr(windows, path = "sandbox/windows.rs")]
#[cfg_attr(
    not(any(target_os = "linux", target_os = "macos", windows)),
    path = "sandbox/none.rs"
)]
mod system;

/// How much of a protection the system's kernel gives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Enforcement {
    /// All that Footnote asks for.
    Full,
    /// What this kernel knows of it.
    Partial,
    /// Nothing.
    #[default]
    None,
}

/// What stands in force around a worker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SandboxStatus {
    /// Landlock: access by path, TCP, signals.
    pub landlock: Enforcement,
    /// The filter of system calls.
    pub seccomp: Enforcement,
    /// The profile of macOS's sandbox.
    pub profile: Enforcement,
    /// The job object of Windows; [`Enforcement::Partial`] without the low integrity level.
    pub job: Enforcement,
    /// Memory in bytes beside the file's own, where the system limits it: address space, or on Windows what is committed.
    pub memory_limit: Option<u64>,
    /// Whether the worker, having tried, could not open another file.
    pub files_refused: bool,
    /// Whether the worker, having tried, could not open a socket.
    pub network_refused: bool,
    /// Whether the worker, having tried, could not start a program.
    pub programs_refused: bool,
}

/// Takes from this process what reading an open file does not need. The calling thread and those it
/// starts are bound, so this belongs before the first thread. Best effort: what the kernel does not
/// know stays open, and the status says so. `memory_limit` in bytes is set here where it is no limit of the process
/// itself.
#[must_use]
pub(crate) fn enter(memory_limit: u64) -> SandboxStatus {
    system::enter(memory_limit)
}

/// Tries what must fail, and notes what did. `path` is a file that exists; `mapped` bytes of address
/// space are not counted as memory.
#[must_use]
pub(crate) fn try_out(status: SandboxStatus, path: &Path, mapped: u64) -> SandboxStatus {
    let any = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
    SandboxStatus {
        memory_limit: system::memory_limit(mapped),
        files_refused: std::fs::File::open(path).is_err(),
        network_refused: std::net::UdpSocket::bind(any).is_err() && std::net::TcpListener::bind(any).is_err(),
        programs_refused: !system::can_start_programs(),
        ..status
    }
}
