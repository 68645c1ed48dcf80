//! The child's side: one request in, frames out, within the limits that the request sets.

use std::any::Any;
use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::ExitCode;

use footnote_core::{Error, Problem};

use crate::nest::Nest;
use crate::source::Source;
use crate::wire::{Frame, Request, Task, receive, send};

/// Documents nest, and parsers recurse along.
const STACK: usize = 64 * 1024 * 1024;
/// A request is a few numbers and a password.
const MAX_REQUEST: u64 = 64 * 1024;

/// Reads one file and writes its pages; for processes started by
/// [`WorkerExtractor`](crate::WorkerExtractor). The file's path is the last argument; the request comes on
/// standard input, the answer goes to standard output.
///
/// Fails only if it cannot talk to the process that started it; a file that cannot be read is an
/// answer.
#[must_use]
pub fn worker_main() -> ExitCode {
    // Panics are caught and reported as frames; a second report on standard error helps nobody.
    std::panic::set_hook(Box::new(|_| {}));
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn serve() -> io::Result<()> {
    let answers = take_stdout()?;
    let request: Request =
        receive(&mut io::stdin().lock().take(MAX_REQUEST)).map_err(|_| io::Error::other("no request"))?;
    let path = std::env::args_os()
        .next_back()
        .map(PathBuf::from)
        .ok_or_else(|| io::Error::other("no path"))?;
    let mut out = BufWriter::new(answers);
    let source = match Source::open(&path) {
        Ok(source) => source,
        Err(error) => return send(&mut out, &Frame::Error { error }),
    };
    limit(&request, source.mapped())?;
    // From here on, nothing but the open file can be read.
    let status = crate::sandbox::enter(request.memory_limit);
    let work = move || -> io::Result<()> {
        if request.task == Task::Probe {
            let status = crate::sandbox::try_out(status, &path, source.mapped());
            return send(&mut out, &Frame::Sandbox { status });
        }
        #[cfg(debug_assertions)]
        fault(&mut out)?;
        if let Task::Show(number) = request.task {
            let shown = catch_unwind(AssertUnwindSafe(|| crate::parse::show(&source, &path, number)));
            let frame = match shown.unwrap_or_else(|cause| Err(gave_up(cause.as_ref()))) {
                Ok(png) => Frame::Picture { png },
                Err(error) => Frame::Error { error },
            };
            return send(&mut out, &frame);
        }
        let nest = Nest::opened_with(request.password);
        let mut broken = None;
        let parsed = catch_unwind(AssertUnwindSafe(|| {
            crate::parse::parse_file(&source, &path, &nest, &mut |extracted| {
                let sent = Frame::of_page(extracted).and_then(|frame| send(&mut out, &frame));
                match sent {
                    Ok(()) => ControlFlow::Continue(()),
                    Err(error) => {
                        broken = Some(error);
                        ControlFlow::Break(())
                    }
                }
            })
        }));
        if let Some(error) = broken {
            return Err(error);
        }
        let frame = match parsed {
            Ok(Ok(summary)) => Frame::Summary { summary },
            Ok(Err(error)) => Frame::Error { error },
            Err(cause) => Frame::Error {
                error: gave_up(cause.as_ref()),
            },
        };
        send(&mut out, &frame)
    };
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(work)?;
    thread.join().unwrap_or_else(|_| Err(io::Error::other("panic")))
}

/// What a panic of a parser comes to.
fn gave_up(cause: &(dyn Any + Send)) -> Error {
    let why = crate::parse::panic_text(cause);
    Error::user(format!("The reader gave up ({why})"))
        .problem(Problem::DamagedFile { detail: why })
        .hint("The file may be damaged; save it again with the program it came from, then add it")
}

/// Takes standard output for the frames alone: parsers print, and one stray line would be read as
/// a broken frame.
#[cfg(unix)]
fn take_stdout() -> io::Result<File> {
    use std::os::fd::{AsRawFd, FromRawFd};
    // SAFETY: duplicates a descriptor; the result is checked.
    let private = unsafe { libc::fcntl(libc::STDOUT_FILENO, libc::F_DUPFD_CLOEXEC, 3) };
    if private < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: `private` was just made and nobody else owns it.
    let answers = unsafe { File::from_raw_fd(private) };
    let null = File::options().write(true).open("/dev/null")?;
    // SAFETY: both descriptors are open; the result is checked.
    if unsafe { libc::dup2(null.as_raw_fd(), libc::STDOUT_FILENO) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(answers)
}

#[cfg(windows)]
fn take_stdout() -> io::Result<File> {
    use std::os::windows::io::AsHandle;
    // The parsers in use print nothing on this system's code paths; the frames share the handle.
    Ok(File::from(io::stdout().as_handle().try_clone_to_owned()?))
}

#[cfg(unix)]
fn limit(request: &Request, mapped: u64) -> io::Result<()> {
    let set = |resource, soft: u64, hard: u64| {
        let limit = libc::rlimit {
            rlim_cur: soft as libc::rlim_t,
            rlim_max: hard as libc::rlim_t,
        };
        // SAFETY: the pointer is to a local that outlives the call.
        if unsafe { libc::setrlimit(resource, &limit) } == 0 {
            Ok(())
        } else {
            Err(io::Error::last_os_error())
        }
    };
    set(libc::RLIMIT_CORE, 0, 0)?;
    // A lower limit that is in force already must stay; failing to raise it is no fault.
    let _ = set(libc::RLIMIT_CPU, request.cpu_limit, request.cpu_limit + 1);
    // A mapped file takes address space and no memory of its own.
    let memory = request.memory_limit.saturating_add(mapped);
    let _ = set(libc::RLIMIT_AS, memory, memory);
    Ok(())
}

#[cfg(not(unix))]
fn limit(_: &Request, _: u64) -> io::Result<()> {
    Ok(())
}

/// Misbehaves on request, so that the tests can see what the app makes of it. Not in releases.
#[cfg(debug_assertions)]
fn fault(out: &mut impl Write) -> io::Result<()> {
    use footnote_core::ocr::ExtractedPage;
    use footnote_core::types::{Page, PageSource};
    let Ok(kind) = std::env::var("FOOTNOTE_WORKER_FAULT") else {
        return Ok(());
    };
    let page = ExtractedPage::new(Page::new(1, "", PageSource::Empty), None);
    send(out, &Frame::of_page(page)?)?;
    match kind.as_str() {
        "crash" => std::process::abort(),
        "hang" => loop {
            std::thread::sleep(std::time::Duration::from_secs(1));
        },
        "memory" => {
            let mut hoard: Vec<Vec<u8>> = Vec::new();
            loop {
                hoard.push(vec![1; 16 << 20]);
            }
        }
        "overflow" => {
            fn deeper(n: u64) -> u64 {
                let room = std::hint::black_box([n; 512]);
                if n == u64::MAX {
                    n
                } else {
                    deeper(n + 1).wrapping_add(room[1])
                }
            }
            std::hint::black_box(deeper(0));
        }
        "exit" => std::process::exit(3),
        "eof" => std::process::exit(0),
        "print" => {
            let mut stdout = io::stdout();
            writeln!(stdout, "parsers print")?;
            stdout.flush()?;
        }
        "garbage" => {
            out.write_all(b"\x03\0\0\0pa\xff")?;
            out.flush()?;
        }
        "read" | "socket" | "exec" => {
            let outcome = forbidden(&kind);
            let text = outcome.map_or_else(|error| format!("refused: {error}"), |()| "done".into());
            let page = ExtractedPage::new(Page::new(2, text, PageSource::Text), None);
            send(out, &Frame::of_page(page)?)?;
        }
        "flood" => {
            let block = vec![0xff; 1 << 20];
            loop {
                out.write_all(&block)?;
            }
        }
        _ => {}
    }
    Ok(())
}

/// What a parser that was taken over might do.
#[cfg(debug_assertions)]
fn forbidden(kind: &str) -> io::Result<()> {
    match kind {
        "read" => File::open("/etc/hostname").map(drop),
        "socket" => std::net::UdpSocket::bind(("127.0.0.1", 0)).map(drop),
        _ => std::process::Command::new("true").status().map(drop),
    }
}
