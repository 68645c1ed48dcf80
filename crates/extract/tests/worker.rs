//! The worker as a process: what its ends look like from the app's side.

#![cfg(unix)]
#![allow(clippy::unwrap_used)] // A test that cannot go on should say where.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use footnote_core::ocr::ExtractedPage;
use footnote_core::ports::Extractor;
use footnote_core::types::{ExtractSummary, Page};
use footnote_core::{Error, ErrorCode};
use footnote_extract::{WorkerConfig, WorkerExtractor};

fn config() -> WorkerConfig {
    WorkerConfig {
        args: Vec::new(),
        time_limit: Duration::from_secs(20),
        page_time_limit: Duration::from_secs(20),
        ..WorkerConfig::new(env!("CARGO_BIN_EXE_footnote-extract-worker"))
    }
}

/// A worker that misbehaves after its first page; `env` sets what the app would not pass on.
fn faulty(kind: &str) -> WorkerConfig {
    let worker = env!("CARGO_BIN_EXE_footnote-extract-worker").to_owned();
    WorkerConfig {
        program: "/usr/bin/env".into(),
        args: vec![format!("FOOTNOTE_WORKER_FAULT={kind}"), worker],
        ..config()
    }
}

fn extract(config: WorkerConfig, path: &Path) -> (Vec<Page>, Result<ExtractSummary, Error>) {
    let mut pages = Vec::new();
    let result = WorkerExtractor::new(config).extract(
        path,
        None,
        &mut |extracted: ExtractedPage| {
            let page = extracted.page;
            pages.push(page);
            ControlFlow::Continue(())
        },
        &Default::default(),
    );
    (pages, result)
}

fn note(folder: &tempfile::TempDir, name: impl AsRef<std::ffi::OsStr>) -> PathBuf {
    let path = folder.path().join(name.as_ref());
    std::fs::write(&path, "# Tide\n\nThe tide turns twice a day.\n").unwrap();
    path
}

fn fault(config: WorkerConfig) -> Error {
    let folder = tempfile::tempdir().unwrap();
    let (pages, result) = extract(config, &note(&folder, "tide.md"));
    assert_eq!(pages.len(), 1, "the page before the fault arrives");
    let error = result.unwrap_err();
    assert!(
        error
            .message
            .starts_with("tide.md: Reading stopped after page 1: "),
        "{}",
        error.message
    );
    assert!(error.hint.is_some());
    error
}

#[test]
fn a_file_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let (pages, result) = extract(config(), &note(&folder, "tide.md"));
    let summary = result.unwrap();
    assert_eq!((summary.pages, summary.title.as_deref()), (1, Some("Tide")));
    assert_eq!(summary.media_type, "text/markdown");
    assert_eq!(pages[0].text, "# Tide\n\nThe tide turns twice a day.\n");
}

#[test]
fn a_crash_is_an_error() {
    assert!(
        fault(faulty("crash"))
            .message
            .ends_with("the reader crashed (signal 6)")
    );
    assert!(
        fault(faulty("exit"))
            .message
            .ends_with("the reader crashed (exit code 3)")
    );
    assert!(
        fault(faulty("eof"))
            .message
            .ends_with("the reader ended without an answer")
    );
    assert!(fault(faulty("overflow")).message.contains("nested too deeply"));
}

#[test]
fn a_hang_is_an_error_in_time() {
    let since = Instant::now();
    let error = fault(WorkerConfig {
        page_time_limit: Duration::from_secs(1),
        ..faulty("hang")
    });
    assert!(
        error.message.ends_with("it took longer than 1 s"),
        "{}",
        error.message
    );
    let error = fault(WorkerConfig {
        time_limit: Duration::from_secs(2),
        ..faulty("hang")
    });
    assert!(
        error.message.ends_with("it took longer than 2 s"),
        "{}",
        error.message
    );
    assert!(since.elapsed() < Duration::from_secs(60));
}

#[test]
#[cfg(target_os = "linux")]
fn memory_is_limited() {
    let error = fault(WorkerConfig {
        memory_limit: 256 << 20,
        ..faulty("memory")
    });
    assert!(
        error.message.ends_with("needed more than 256 MB of memory"),
        "{}",
        error.message
    );
}

#[test]
fn garbage_and_floods_do_not_reach_the_app() {
    assert!(
        fault(faulty("garbage"))
            .message
            .ends_with("the reader sent something that is no page")
    );
    assert!(
        fault(faulty("flood"))
            .message
            .ends_with("the reader sent a page larger than 64 MB")
    );
}

#[test]
fn what_parsers_print_is_not_an_answer() {
    let folder = tempfile::tempdir().unwrap();
    let (pages, result) = extract(faulty("print"), &note(&folder, "tide.md"));
    result.unwrap();
    assert_eq!(pages.len(), 2);
}

#[test]
fn stop_means_stop() {
    let folder = tempfile::tempdir().unwrap();
    let path = note(&folder, "tide.md");
    let extractor = WorkerExtractor::new(faulty("hang"));
    let cancel = tokio_util::sync::CancellationToken::new();
    let since = Instant::now();
    let mut sink = |_: ExtractedPage| {
        cancel.cancel();
        ControlFlow::Continue(())
    };
    let error = extractor.extract(&path, None, &mut sink, &cancel).unwrap_err();
    assert!(error.is_canceled());
    let summary = extractor
        .extract(&path, None, &mut |_| ControlFlow::Break(()), &Default::default())
        .unwrap();
    assert_eq!(summary.pages, 1);
    assert!(since.elapsed() < Duration::from_secs(30));
}

/// Reads these in order, each announced with those behind it, as the engine does.
fn in_a_row(extractor: &WorkerExtractor, paths: &[PathBuf]) -> Vec<Result<String, String>> {
    let read = |(at, path): (usize, &PathBuf)| {
        extractor.read_ahead(Some(path), &paths[at + 1..]);
        let mut text = String::new();
        let mut sink = |extracted: ExtractedPage| {
            text.push_str(&extracted.page.text);
            ControlFlow::Continue(())
        };
        let read = extractor.extract(path, None, &mut sink, &Default::default());
        read.map(|_| text).map_err(|error| error.message)
    };
    let all = paths.iter().enumerate().map(read).collect();
    extractor.read_ahead(None, &[]);
    all
}

/// A program that is the worker, notes each start in `log`, and with `fault` misbehaves at files whose names have "bad".
fn noted(folder: &tempfile::TempDir, fault: &str, readers: usize) -> (WorkerConfig, PathBuf) {
    use std::os::unix::fs::PermissionsExt;
    let (program, log) = (folder.path().join("noted.sh"), folder.path().join("starts"));
    let worker = env!("CARGO_BIN_EXE_footnote-extract-worker");
    let script = format!(
        "#!/bin/sh\necho \"$1\" >> '{}'\ncase \"$1\" in */bad*) export FOOTNOTE_WORKER_FAULT={fault};; esac\nexec '{worker}' \"$@\"\n",
        log.display()
    );
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let config = WorkerConfig {
        program,
        readers,
        ..config()
    };
    (config, log)
}

fn starts(log: &Path) -> Vec<String> {
    let told = std::fs::read_to_string(log).unwrap_or_default();
    let name = |line: &str| line.rsplit('/').next().unwrap_or_default().to_owned();
    told.lines().map(name).collect()
}

#[test]
fn files_read_ahead_come_out_as_they_do_one_by_one() {
    let folder = tempfile::tempdir().unwrap();
    let paths: Vec<PathBuf> = (0..12)
        .map(|n| {
            let path = folder.path().join(format!("{n:02}.md"));
            std::fs::write(&path, format!("# Tide {n}\n\nIt turns.\n")).unwrap();
            path
        })
        .collect();
    let alone = in_a_row(
        &WorkerExtractor::new(WorkerConfig {
            readers: 1,
            ..config()
        }),
        &paths,
    );
    for readers in [2, 4] {
        let (config, log) = noted(&folder, "none", readers);
        assert_eq!(in_a_row(&WorkerExtractor::new(config), &paths), alone);
        let mut begun = starts(&log);
        begun.sort();
        begun.dedup();
        assert_eq!((begun.len(), starts(&log).len()), (12, 12), "each is read once");
        std::fs::remove_file(log).unwrap();
    }
    assert_eq!(alone[7], Ok("# Tide 7\n\nIt turns.\n".to_owned()));
}

#[test]
fn a_crash_ahead_is_an_error_of_its_file_alone() {
    let folder = tempfile::tempdir().unwrap();
    let paths = ["a.md", "bad 1.md", "b.md", "bad 2.md", "c.md"].map(|name| note(&folder, name));
    for (fault, ending) in [
        ("crash", "the reader crashed (signal 6)"),
        ("garbage", "that is no page"),
    ] {
        let (config, _) = noted(&folder, fault, 4);
        let read = in_a_row(&WorkerExtractor::new(config), &paths);
        let good = Ok("# Tide\n\nThe tide turns twice a day.\n".to_owned());
        assert_eq!([&read[0], &read[2], &read[4]], [&good; 3]);
        for (at, name) in [(1, "bad 1.md"), (3, "bad 2.md")] {
            let error = read[at].as_ref().unwrap_err();
            assert!(error.starts_with(name) && error.ends_with(ending), "{error}");
        }
    }
}

#[test]
fn what_changed_after_it_was_read_ahead_is_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (note(&folder, "a.md"), note(&folder, "b.md"));
    let extractor = WorkerExtractor::new(WorkerConfig {
        readers: 2,
        ..config()
    });
    extractor.read_ahead(Some(&first), std::slice::from_ref(&second));
    std::fs::write(&second, "Quite another text.\n").unwrap();
    let read = in_a_row(&extractor, &[second]);
    assert_eq!(read, [Ok("Quite another text.\n".to_owned())]);
}

#[test]
fn large_files_and_those_behind_the_next_ones_wait_for_their_turn() {
    let folder = tempfile::tempdir().unwrap();
    let large = folder.path().join("large.txt");
    std::fs::write(&large, "The tide turns. ".repeat(200_000)).unwrap();
    let small = ["a.md", "b.md", "c.md", "d.md"].map(|name| note(&folder, name));
    let (config, log) = noted(&folder, "none", 3);
    let extractor = WorkerExtractor::new(config);
    let next = [&[large][..], &small[1..]].concat();
    extractor.read_ahead(Some(&small[0]), &next);
    // The script has said so before it is the worker, which is waited for by reading.
    for path in &small[1..3] {
        let (mut pages, cancel) = (0, Default::default());
        let mut sink = |_: ExtractedPage| {
            pages += 1;
            ControlFlow::Continue(())
        };
        extractor.extract(path, None, &mut sink, &cancel).unwrap();
        assert_eq!(pages, 1);
    }
    let mut begun = starts(&log);
    begun.sort();
    assert_eq!(
        begun,
        ["b.md", "c.md"],
        "two beside the one whose turn it is, both small"
    );
}

#[test]
fn names_of_any_bytes_work() {
    use std::os::unix::ffi::OsStrExt;
    let folder = tempfile::tempdir().unwrap();
    for name in [
        b"it's \"quoted\" \xf0\x9f\x8c\x8a.md".as_slice(),
        b"caf\xe9 \xff.md",
        b"-n.md",
        b"new\nline.md",
    ] {
        let name = std::ffi::OsStr::from_bytes(name);
        let (pages, result) = extract(config(), &note(&folder, name));
        result.unwrap();
        assert_eq!(pages.len(), 1, "{name:?}");
    }
}

#[test]
fn impossible_paths_fail_clearly() {
    let long = PathBuf::from(format!("/{}", "x/".repeat(2048)));
    let (_, result) = extract(config(), &long);
    let error = result.unwrap_err();
    assert!(
        error.message.contains("The path is too long (4097 characters"),
        "{}",
        error.message
    );
    let (_, result) = extract(config(), Path::new("/no/such/file.md"));
    assert_eq!(result.unwrap_err().code, Some(ErrorCode::NotFound));
    let (_, result) = extract(config(), &std::env::temp_dir());
    assert!(result.unwrap_err().message.ends_with("This is not a file"));
    let missing = WorkerConfig {
        program: "/no/such/program".into(),
        ..config()
    };
    let folder = tempfile::tempdir().unwrap();
    let (_, result) = extract(missing, &note(&folder, "tide.md"));
    assert!(
        result
            .unwrap_err()
            .message
            .contains("The reader cannot be started")
    );
}

#[test]
fn other_formats_are_refused_with_a_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("program.bin");
    std::fs::write(&path, b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0>\0\x01\0\0\0").unwrap();
    let (_, result) = extract(config(), &path);
    let error = result.unwrap_err();
    assert_eq!(error.code, Some(ErrorCode::Unsupported));
    assert!(error.hint.is_some());
    assert!(!WorkerExtractor::new(config()).supports(&path));
}

#[test]
fn a_picture_is_shown_by_a_worker_and_nothing_else_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scan");
    // Two dots, by content alone.
    std::fs::write(&path, b"P6\n2 1\n255\n\xff\x00\x00\x00\x00\xff").unwrap();
    let show =
        |config, path: &Path, page| WorkerExtractor::new(config).picture(path, page, &Default::default());
    let png = show(config(), &path, 1).unwrap();
    assert!(png.starts_with(b"\x89PNG") && png.len() < 500);
    let error = show(config(), &path, 2).unwrap_err();
    assert!(error.to_string().starts_with("scan: "), "{error}");
    assert!(error.hint.is_some());
    let error = show(config(), &note(&folder, "tide.md"), 1).unwrap_err();
    assert!(error.to_string().contains("no picture"), "{error}");
    assert!(show(config(), &folder.path().join("gone.tif"), 1).is_err());
    // Misbehaves after a page that nobody asked for.
    assert!(
        show(faulty("crash"), &path, 1)
            .unwrap_err()
            .to_string()
            .contains("scan")
    );
    let canceled = tokio_util::sync::CancellationToken::new();
    canceled.cancel();
    let error = WorkerExtractor::new(faulty("hang"))
        .picture(&path, 1, &canceled)
        .unwrap_err();
    assert!(error.is_canceled());
}

#[test]
fn a_picture_arrives_as_a_page_with_its_image() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dots.bmp");
    image::GrayImage::from_fn(40, 30, |x, y| image::Luma([(x * y % 256) as u8]))
        .save(&path)
        .unwrap();
    let extractor = WorkerExtractor::new(config());
    assert!(extractor.supports(&path));
    let mut pages = Vec::new();
    let mut sink = |page: ExtractedPage| {
        pages.push(page);
        ControlFlow::Continue(())
    };
    let summary = extractor
        .extract(&path, None, &mut sink, &Default::default())
        .unwrap();
    assert_eq!((summary.pages, summary.media_type.as_str()), (1, "image/bmp"));
    let image = pages[0].image.as_ref().unwrap();
    assert_eq!((image.width, image.height, image.grey.len()), (40, 30, 1_200));
    assert_eq!(image.grey[41], 1);
    assert_eq!(pages[0].warning.as_deref(), Some("page 1 is an image"));
}

#[test]
fn the_samples_hold_their_answers() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/samples");
    let samples = [
        (
            "lighthouse-handbook.pdf",
            3,
            "The lamp must be cleaned every 12 hours",
        ),
        ("rental-agreement.docx", 1, "Rent | 780 crowns"),
        ("lab-protocol.md", 1, "Calibrate the meter every Monday"),
        ("council-meeting.html", 1, "Work begins on 15 September"),
    ];
    for (name, count, answer) in samples {
        let (pages, result) = extract(config(), &folder.join(name));
        let summary = result.unwrap();
        assert_eq!(summary.pages, count, "{name}");
        assert!(
            summary.warnings.is_empty() && pages[0].text.contains(answer),
            "{name}: {}",
            pages[0].text
        );
    }
}

/// The same for the sandbox of macOS, and for what Windows has: a job.
#[test]
#[cfg(any(target_os = "macos", windows))]
fn a_worker_is_confined() {
    use footnote_extract::Enforcement;
    let status = WorkerExtractor::new(config()).sandbox_status().unwrap();
    assert!(status.programs_refused, "{status:?}");
    if cfg!(windows) {
        assert_eq!(
            (status.job, status.memory_limit),
            (Enforcement::Full, Some(1 << 30))
        );
    } else {
        assert_eq!(status.profile, Enforcement::Full);
        assert!(status.files_refused && status.network_refused, "{status:?}");
    }
    let folder = tempfile::tempdir().unwrap();
    let (pages, result) = extract(config(), &note(&folder, "tide.md"));
    result.unwrap();
    assert!(!pages.is_empty(), "the file is read all the same");
}

/// What the kernel offers is in force, and what is in force holds.
#[test]
#[cfg(target_os = "linux")]
fn a_worker_keeps_to_its_file() {
    use footnote_extract::Enforcement;
    let status = WorkerExtractor::new(config()).sandbox_status().unwrap();
    assert_eq!(status.memory_limit, Some(1 << 30), "{status:?}");
    let kernel = std::fs::read_to_string("/proc/self/status").unwrap();
    if kernel.contains("Seccomp_filters:") && cfg!(any(target_arch = "x86_64", target_arch = "aarch64")) {
        assert_eq!(status.seccomp, Enforcement::Full);
    }
    // Asks for the version that the kernel speaks (flag 1); 0 and less is none.
    // SAFETY: the call takes no memory.
    let offered = unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, std::ptr::null::<u8>(), 0, 1) };
    if offered > 0 {
        assert_ne!(status.landlock, Enforcement::None);
    }
    if status.seccomp == Enforcement::Full {
        assert!(status.network_refused && status.programs_refused, "{status:?}");
    }
    if status.seccomp == Enforcement::Full || status.landlock != Enforcement::None {
        assert!(status.files_refused, "{status:?}");
    }
    let folder = tempfile::tempdir().unwrap();
    for (kind, refused) in [
        ("read", status.files_refused),
        ("socket", status.network_refused),
        ("exec", status.programs_refused),
    ] {
        let (pages, result) = extract(faulty(kind), &note(&folder, "tide.md"));
        result.unwrap();
        assert_eq!(pages.len(), 3, "{kind}: the file is read all the same");
        assert_eq!(
            pages[1].text.starts_with("refused: "),
            refused,
            "{kind}: {}",
            pages[1].text
        );
    }
}

#[test]
fn a_file_larger_than_memory_is_read_as_a_stream() {
    let folder = tempfile::tempdir().unwrap();
    let limited = WorkerConfig {
        // Less than the text's bytes and characters take together; with much less, the allocator asks the
        // system for every piece.
        memory_limit: 320 << 20,
        time_limit: Duration::from_secs(120),
        ..config()
    };
    let entries = |count: u32, mark: &str| -> String {
        (0..count)
            .map(|n| format!("entry {n}{mark}the tide turned, nothing else happened\n"))
            .collect()
    };
    // Cells with their places take ten times the room of their text.
    for (name, text, last) in [
        ("log.txt", entries(1_000_000, ": ").repeat(4), "entry 999999: "),
        ("log.csv", entries(400_000, ";"), "entry 399999"),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, &text).unwrap();
        let (mut last_page, mut chars) = (String::new(), 0);
        let mut sink = |extracted: ExtractedPage| {
            last_page = extracted.page.text;
            chars += last_page.len();
            ControlFlow::Continue(())
        };
        let extractor = WorkerExtractor::new(limited.clone());
        let summary = extractor
            .extract(&path, None, &mut sink, &Default::default())
            .unwrap();
        assert!(
            summary.pages > 100 && chars > text.len() / 2,
            "{name}: {summary:?}"
        );
        assert!(last_page.contains(last), "{name}: {last_page}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_file_that_is_cut_off_while_it_is_read_says_so() {
    let folder = tempfile::tempdir().unwrap();
    // Large enough to be mapped; entries enough that the worker is not done when the file is cut.
    let path = folder.path().join("pages.zip");
    let mut zip = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for n in 0..60 {
        zip.start_file(format!("{n}.txt"), stored).unwrap();
        std::io::Write::write_all(&mut zip, &b"the tide turns\n".repeat(1 << 16)).unwrap();
    }
    zip.finish().unwrap();
    let mut sink = |_: ExtractedPage| {
        std::fs::File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_len(4096)
            .unwrap();
        ControlFlow::Continue(())
    };
    let error = WorkerExtractor::new(config())
        .extract(&path, None, &mut sink, &Default::default())
        .unwrap_err();
    assert!(
        error.message.ends_with("the file changed while it was read"),
        "{}",
        error.message
    );
    assert!(error.hint.is_some());
}
