//! Watched folders through the command, with the real stores, models and reader. Prints how long each change took
//! (`cargo nextest run -E 'binary(watch)' --no-capture`).

#![allow(clippy::print_stdout)]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use footnote_tests::Footnote;
use serde_json::Value;

/// Users are promised ten seconds, and `BENCHMARKS.md` has what was measured; how busy a machine may be while it tests is
/// not theirs to wait for.
const SOON: Duration = Duration::from_secs(60);
/// Models are loaded, and on the first run converted, before anything is followed.
const START: Duration = Duration::from_secs(120);

struct Run {
    child: Child,
    lines: Receiver<Value>,
}

impl Run {
    fn start(footnote: &Footnote) -> Self {
        let mut child = footnote
            .command(&["watch", "run", "--json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the footnote command");
        let out = BufReader::new(child.stdout.take().expect("its output"));
        let (send, lines) = channel();
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                let line = serde_json::from_str(&line).expect("a line of JSON");
                if send.send(line).is_err() {
                    return;
                }
            }
        });
        Self { child, lines }
    }

    /// Waits for a line that `is` and returns what came before it.
    fn until(&self, what: &str, within: Duration, is: impl Fn(&Value) -> bool) -> Vec<Value> {
        let began = Instant::now();
        let mut before = Vec::new();
        loop {
            let left = within.saturating_sub(began.elapsed());
            let line = self.lines.recv_timeout(left);
            let line = line.unwrap_or_else(|_| panic!("{what}: not within {within:?}; {before:#?}"));
            if is(&line) {
                println!("{what}: {:.1} s", began.elapsed().as_secs_f32());
                return before;
            }
            before.push(line);
        }
    }

    /// Ends it as Ctrl-C does.
    fn stop(mut self) {
        let killed = Command::new("kill")
            .args(["-INT", &self.child.id().to_string()])
            .status()
            .expect("kill");
        assert!(killed.success());
        let ended = self.child.wait().expect("its end");
        assert_eq!(ended.code(), Some(0));
    }
}

/// A job that ended so, of the file of this name.
fn ended<'a>(status: &'a str, name: &'a str) -> impl Fn(&Value) -> bool + 'a {
    move |line| line["status"] == status && line["path"].as_str().is_some_and(|path| path.ends_with(name))
}

#[cfg(unix)]
#[test]
fn a_watched_folder_is_followed_and_caught_up_with_after_a_restart() {
    let footnote = Footnote::new();
    footnote.write(
        "lamp.md",
        "# Lamp\n\nThe lamp of the lighthouse must be cleaned every 14 days.\n",
    );
    let folder = footnote.documents();
    let folder_text = folder.to_str().expect("a path");
    footnote.run(&["watch", "add", folder_text]).ok();
    let twice = footnote.run(&["watch", "add", folder_text]);
    assert_eq!(twice.code, Some(1));
    assert!(twice.err.contains("is watched already"), "{}", twice.err);

    let run = Run::start(&footnote);
    run.until("start and first look", START, ended("done", "lamp.md"));
    footnote.write(
        "boat.md",
        "# Boat\n\nThe boat is tarred in spring, before the herring come.\n",
    );
    run.until("added", SOON, ended("done", "boat.md"));
    footnote.write(
        "boat.md",
        "# Boat\n\nThe boat is painted in autumn, after the herring have gone.\n",
    );
    run.until("edited", SOON, ended("done", "boat.md"));
    std::fs::rename(folder.join("boat.md"), folder.join("ship.md")).expect("a rename");
    let between = run.until("renamed", SOON, |line| {
        line["moved"]["to"]
            .as_str()
            .is_some_and(|to| to.ends_with("ship.md"))
    });
    assert!(
        !between.iter().any(|line| line["status"].is_string()),
        "{between:#?}"
    );
    footnote.write(
        "well.md",
        "# Well\n\nThe well behind the tower has sweet water.\n",
    );
    run.until("another added", SOON, ended("done", "well.md"));
    std::fs::remove_file(folder.join("well.md")).expect("a removal");
    run.until("deleted", SOON, |line| {
        line["removed"]["path"]
            .as_str()
            .is_some_and(|path| path.ends_with("well.md"))
    });
    let away = folder.with_file_name("away");
    std::fs::rename(&folder, &away).expect("a rename");
    run.until("unplugged", SOON, |line| line["folder"]["state"] == "offline");
    run.stop();

    let found = footnote
        .run(&["search", "painted in autumn", "--json"])
        .ok()
        .json();
    let first = found["passages"][0]["path"].as_str().unwrap_or_default();
    assert!(first.ends_with("ship.md"), "{found}");
    let list = footnote.run(&["watch", "list", "--json"]).ok().json();
    assert_eq!(list["folders"][0]["state"], "offline");
    assert_eq!(list["folders"][0]["documents"], 2);

    std::fs::write(
        away.join("harbour.md"),
        "# Harbour\n\nThe harbour master counts the ships.\n",
    )
    .expect("a file");
    std::fs::rename(&away, &folder).expect("a rename");
    let run = Run::start(&footnote);
    let before = run.until("start and catching up", START, ended("done", "harbour.md"));
    assert!(
        !before.iter().any(|line| line["status"].is_string()),
        "an unchanged file was looked into: {before:#?}"
    );
    run.stop();
}

#[test]
fn a_pause_is_shown_and_kept() {
    let footnote = Footnote::new();
    let path = footnote.write("lamp.md", "# Lamp\n\nThe lamp must be cleaned every 14 days.\n");
    footnote.run(&["jobs", "pause"]).ok();
    let added = footnote.run(&["add", path.to_str().expect("a path")]).ok();
    assert!(
        added.err.contains("Indexing is paused: 1 files wait"),
        "{}",
        added.err
    );
    let jobs = footnote.run(&["jobs", "list", "--json"]).ok().json();
    assert_eq!(
        (&jobs["paused"], &jobs["jobs"][0]["status"]),
        (&true.into(), &"queued".into())
    );
    footnote.run(&["jobs", "resume"]).ok();
    let read = footnote.run(&["add", "--json"]).ok().json();
    assert_eq!(read["summary"]["indexed"], 1);
}
