//! Power cuts: `kill -9` at random moments of ingestion.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::time::{Duration, Instant};

use footnote_tests::Footnote;

fn document(i: usize, edition: &str) -> String {
    let mut text = format!("# Report {i}\n\n");
    for p in 0..8 {
        text.push_str(&format!(
            "Paragraph {p} of report {i} in its {edition} edition tells how the harbour of town {} handled {} ships \
             in the year {}, and what the master wrote about wind, tide and cargo on that day.\n\n",
            i * 7 + p,
            i * 31 + p,
            1800 + i + p
        ));
    }
    text
}

const FILES: usize = 24;
const KILLS: usize = 20;

#[test]
fn twenty_kills_lose_nothing_and_double_nothing() {
    let clean = Footnote::new();
    let footnote = Footnote::new();
    for world in [&clean, &footnote] {
        for i in 0..FILES {
            world.write(&format!("report-{i:02}.md"), document(i, "first"));
        }
    }
    let started = Instant::now();
    clean
        .run(&["add", clean.documents().to_str().expect("a path"), "--json"])
        .ok();
    let whole = started.elapsed();
    // Seeds of a hasher are as random as this test needs, and are printed for a rerun by hand.
    let mut random = RandomState::new().build_hasher();
    let documents = footnote.documents();
    let documents = documents.to_str().expect("a path");
    let mut moments = Vec::new();
    for kill in 0..KILLS {
        random.write_usize(kill);
        // The files change in between, so that replacing is interrupted too.
        if kill % 4 == 3 {
            for i in (kill % FILES..FILES).step_by(3) {
                footnote.write(&format!("report-{i:02}.md"), document(i, &format!("{kill}th")));
            }
        }
        let moment = Duration::from_millis(random.finish() % (whole.as_millis() as u64 / 2).max(200));
        moments.push(moment);
        let mut child = footnote.start(&["add", documents, "--json"]);
        std::thread::sleep(moment);
        child.kill().expect("a kill");
        child.wait().expect("its end");
        // The store opens and answers at once.
        let found = footnote.run(&["search", "harbour ships wind and tide", "-k", "50", "--json"]);
        assert_eq!(found.code, Some(0), "after {moments:?}: {}", found.err);
        let found = found.json();
        let mut seen = std::collections::HashSet::new();
        for passage in found["passages"].as_array().expect("passages") {
            let place = format!("{} {} {}", passage["path"], passage["page"], passage["start"]);
            assert!(
                seen.insert(place),
                "a passage stands twice after {moments:?}: {passage}"
            );
        }
    }
    for i in 0..FILES {
        footnote.write(&format!("report-{i:02}.md"), document(i, "first"));
    }
    footnote.run(&["add", documents, "--json"]).ok();
    let verified = footnote.run(&["documents", "verify", "--json"]).ok().json();
    assert_eq!(verified["sound"], true, "after {moments:?}: {verified}");
    let shape = |world: &Footnote| {
        let list = world.run(&["documents", "list", "--json"]).ok().json();
        let mut rows: Vec<(String, u64)> = list["documents"]
            .as_array()
            .expect("documents")
            .iter()
            .map(|d| {
                let name = d["path"]
                    .as_str()
                    .and_then(|p| p.rsplit('/').next())
                    .unwrap_or_default()
                    .to_owned();
                (name, d["chunks"].as_u64().unwrap_or(0))
            })
            .collect();
        rows.sort();
        rows
    };
    assert_eq!(shape(&footnote), shape(&clean), "after {moments:?}");
    let rows = |world: &Footnote| world.run(&["doctor", "--json"]).json()["store"]["rows"].clone();
    assert_eq!(rows(&footnote), rows(&clean), "after {moments:?}");
}
