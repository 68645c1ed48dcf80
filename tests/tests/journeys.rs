//! Both journeys, end to end, with real models.

use footnote_tests::Footnote;
use serde_json::Value;

const HANDBOOK: &str = "# Lighthouse handbook\n\n## Lamp\n\nThe lamp must be cleaned every 14 days with vinegar. \
The keeper writes each cleaning into the brass logbook.\n\n## Fog\n\nIn fog the horn sounds twice a minute. \
It is driven by a diesel engine of 40 kilowatts.\n";

fn assert_quotes_are_exact(footnote: &Footnote, answer: &Value) {
    for citation in answer["citations"].as_array().expect("citations") {
        let path = citation["path"].as_str().expect("a path");
        let pages = footnote.run(&["extract", path, "--json"]).ok().json();
        let page = citation["page"].as_u64().expect("a page");
        let text = pages["pages"]
            .as_array()
            .and_then(|pages| pages.iter().find(|p| p["number"].as_u64() == Some(page)))
            .and_then(|p| p["text"].as_str())
            .expect("the page cited");
        let (start, end) = (
            citation["start"].as_u64().expect("start"),
            citation["end"].as_u64().expect("end"),
        );
        let exact: String = text
            .chars()
            .skip(start as usize)
            .take((end - start) as usize)
            .collect();
        assert_eq!(citation["quote"].as_str(), Some(exact.as_str()));
        assert!(!exact.is_empty());
    }
}

#[test]
fn a_question_gets_a_cited_answer_and_an_unanswerable_one_does_not() {
    let footnote = Footnote::new();
    footnote.write("handbook.md", HANDBOOK);
    footnote.write("cats.md", "# Cats\n\nCats sleep sixteen hours a day.\n");
    let documents = footnote.documents();
    footnote
        .run(&["add", documents.to_str().expect("a path"), "--json"])
        .ok();
    let answer = footnote
        .run(&["ask", "How often must the lamp be cleaned?", "--json"])
        .ok()
        .json();
    assert_eq!(answer["abstained"], false, "{answer}");
    assert!(
        answer["answer"].as_str().is_some_and(|text| text.contains("14")),
        "{answer}"
    );
    assert!(
        !answer["citations"].as_array().expect("citations").is_empty(),
        "{answer}"
    );
    let quotes = answer["citations"].to_string();
    assert!(quotes.contains("every 14 days"), "{quotes}");
    assert_quotes_are_exact(&footnote, &answer);
    let none = footnote
        .run(&["ask", "Who won the football world cup in 1974?", "--json"])
        .ok()
        .json();
    assert_eq!(none["abstained"], true, "{none}");
    assert!(none["citations"].as_array().expect("citations").is_empty());
}

#[test]
fn unchanged_files_cost_nothing_changed_ones_replace_and_removed_ones_leave_no_trace() {
    let footnote = Footnote::new();
    let path = footnote.write("handbook.md", HANDBOOK);
    let path = path.to_str().expect("a path");
    let status =
        |footnote: &Footnote| footnote.run(&["add", path, "--json"]).ok().json_lines()[0]["status"].clone();
    assert_eq!(status(&footnote), "done");
    assert_eq!(status(&footnote), "unchanged");
    footnote.write("handbook.md", HANDBOOK.replace("vinegar", "zanzibarine"));
    assert_eq!(status(&footnote), "done");
    let found = footnote
        .run(&["search", "cleaning the lamp", "--json"])
        .ok()
        .json()
        .to_string();
    assert!(
        found.contains("zanzibarine") && !found.contains("vinegar"),
        "{found}"
    );
    let verified = footnote.run(&["documents", "verify", "--json"]).ok().json();
    assert_eq!(verified["sound"], true, "{verified}");
    footnote
        .run(&["ask", "With what is the lamp cleaned?", "--json"])
        .ok();
    footnote
        .run(&["documents", "remove", path, "--with-quotes", "--yes"])
        .ok();
    assert_eq!(footnote.data_contains(b"zanzibarine"), None);
    assert_eq!(footnote.data_contains(b"brass logbook"), None);
    let found = footnote
        .run(&["search", "cleaning the lamp", "--json"])
        .ok()
        .json();
    assert_eq!(found["passages"].as_array().map(Vec::len), Some(0));
}

#[test]
fn what_an_answer_quotes_from_a_removed_document_stays_and_is_marked() {
    let footnote = Footnote::new();
    let path = footnote.write("handbook.md", HANDBOOK);
    let path = path.to_str().expect("a path");
    footnote.run(&["add", path]).ok();
    let answer = footnote
        .run(&["ask", "Which documents mention vinegar?", "--json"])
        .ok()
        .json();
    let id = answer["conversation"].as_str().expect("an id");
    let quote = answer["citations"][0]["quote"].as_str().expect("a quote");
    footnote.run(&["documents", "remove", path, "--yes"]).ok();
    assert_eq!(footnote.data_contains(b"brass logbook"), None);
    let shown = footnote.run(&["conversations", "show", id]).ok().out;
    assert!(shown.contains("(withdrawn)"), "{shown}");
    let exported = footnote.run(&["conversations", "export", id]).ok().out;
    assert!(
        exported.contains(quote) && exported.contains("(withdrawn: the document was removed"),
        "{exported}"
    );
}

#[test]
fn same_named_files_and_identical_pages_stay_two_sources() {
    let footnote = Footnote::new();
    footnote.write("a/notes.md", HANDBOOK);
    footnote.write("b/notes.md", HANDBOOK);
    footnote
        .run(&["add", footnote.documents().to_str().expect("a path")])
        .ok();
    let found = footnote.run(&["search", "fog horn", "--json"]).ok().json();
    let paths: std::collections::BTreeSet<_> = found["passages"]
        .as_array()
        .expect("passages")
        .iter()
        .map(|p| p["path"].to_string())
        .collect();
    assert_eq!(paths.len(), 2);
}

#[test]
fn a_scope_limits_what_is_searched() {
    let footnote = Footnote::new();
    let lamp = footnote.write("lamp.md", HANDBOOK);
    footnote.write(
        "other.md",
        "# Other lamp\n\nThe other lamp is never cleaned at all.\n",
    );
    footnote
        .run(&["add", footnote.documents().to_str().expect("a path")])
        .ok();
    let lamp = lamp.to_str().expect("a path");
    let found = footnote
        .run(&["search", "lamp cleaned", "--document", lamp, "--json"])
        .ok()
        .json();
    let passages = found["passages"].as_array().expect("passages");
    assert!(!passages.is_empty() && passages.iter().all(|p| p["path"] == lamp));
}

#[test]
fn filters_narrow_a_search_and_say_what_to_relax() {
    let footnote = Footnote::new();
    footnote.write("lamp.md", HANDBOOK);
    footnote.write("draft.md", HANDBOOK.replace("vinegar", "draft vinegar"));
    footnote
        .run(&["add", footnote.documents().to_str().expect("a path")])
        .ok();
    let found = |query: &str| footnote.run(&["search", query, "--json"]).ok().json();
    let names = |found: &Value| {
        let passages = found["passages"].as_array().expect("passages").iter();
        let names: std::collections::BTreeSet<String> = passages
            .map(|p| {
                p["path"]
                    .as_str()
                    .expect("a path")
                    .rsplit('/')
                    .next()
                    .expect("a name")
                    .to_owned()
            })
            .collect();
        names.into_iter().collect::<Vec<_>>()
    };
    assert_eq!(names(&found("\"every 14 days\"")), ["draft.md", "lamp.md"]);
    assert_eq!(names(&found("\"14 DAYS with vinegar\"")), ["lamp.md"]);
    assert_eq!(names(&found("lamp vinegar -draft file:*.md")), ["lamp.md"]);
    assert_eq!(names(&found("lamp file:draft")), ["draft.md"]);
    let none = found("lamp file:letter");
    assert_eq!(none["passages"].as_array().map(Vec::len), Some(0));
    let advice = none["filtered"]["advice"].as_str().expect("advice");
    assert!(advice.contains("file:letter"), "{advice}");
}

#[test]
fn a_question_about_all_documents_is_counted() {
    let footnote = Footnote::new();
    footnote.write("a.md", HANDBOOK);
    footnote.write("b.md", "# Notes\n\nTwo lamps were ordered. The horn was not.\n");
    footnote.write("c.md", "# Cats\n\nCats sleep sixteen hours a day.\n");
    footnote
        .run(&["add", footnote.documents().to_str().expect("a path")])
        .ok();
    let answer = footnote
        .run(&["ask", "How many documents mention the lamp?", "--json"])
        .ok()
        .json();
    let said = answer["answer"].as_str().expect("an answer");
    // The heading counts: it is on the page.
    assert!(
        said.starts_with("“lamp” is mentioned 3 times on 2 pages, in 2 of 3 documents."),
        "{said}"
    );
    assert_eq!(answer["trace"]["scan"]["documents"], 3);
    assert_eq!(answer["tokens"]["generated"], 0);
    assert_quotes_are_exact(&footnote, &answer);
}

#[test]
fn conversations_are_found_renamed_exported_and_removed() {
    let footnote = Footnote::new();
    footnote.write("handbook.md", HANDBOOK);
    footnote
        .run(&["add", footnote.documents().to_str().expect("a path")])
        .ok();
    let answer = footnote
        .run(&["ask", "Which documents mention vinegar?", "--json"])
        .ok()
        .json();
    let id = answer["conversation"].as_str().expect("an id");
    let quote = answer["citations"][0]["quote"].as_str().expect("a quote");
    footnote
        .run(&["conversations", "rename", id, "About vinegar"])
        .ok();
    footnote.run(&["conversations", "pin", id]).ok();
    let listed = footnote
        .run(&["conversations", "list", "--search", "VINEGAR", "--json"])
        .ok()
        .json();
    assert_eq!(listed["hits"][0]["conversation"]["title"], "About vinegar");
    assert_eq!(listed["hits"][0]["conversation"]["pinned"], true);
    let markdown = footnote.run(&["conversations", "export", id]).ok().out;
    assert!(
        markdown.starts_with("# About vinegar\n") && markdown.contains(quote),
        "{markdown}"
    );
    let file = footnote.documents().join("out.html");
    let to = file.to_str().expect("a path");
    footnote
        .run(&["conversations", "export", id, "--format", "html", "-o", to])
        .ok();
    assert!(std::fs::read_to_string(&file).expect("the file").contains(quote));
    let again = footnote.run(&["conversations", "export", id, "-o", to]);
    assert!(
        again.code == Some(1) && again.err.contains("is there already"),
        "{}",
        again.err
    );
    footnote.run(&["conversations", "remove", id, "--yes"]).ok();
    assert_eq!(footnote.data_contains(b"About vinegar"), None);
}

#[test]
fn bad_files_cost_themselves_only() {
    let footnote = Footnote::new();
    footnote.write("good.md", HANDBOOK);
    footnote.write("broken.pdf", b"%PDF-1.7\nthis is not a pdf at all");
    footnote.write("broken.docx", b"PK\x03\x04 not a zip");
    footnote.write("empty.txt", b"");
    let ended = footnote.run(&["add", footnote.documents().to_str().expect("a path"), "--json"]);
    assert_eq!(ended.code, Some(1));
    let lines = ended.json_lines();
    let of = |name: &str| {
        lines
            .iter()
            .find(|l| l["path"].as_str().is_some_and(|p| p.ends_with(name)))
            .expect("a line")
    };
    assert_eq!(of("good.md")["status"], "done");
    for name in ["broken.pdf", "broken.docx"] {
        let job = of(name);
        assert_eq!(job["status"], "failed", "{job}");
        assert!(
            job["error"]["message"].as_str().is_some_and(|m| m.contains(name)),
            "{job}"
        );
        assert!(job["error"]["hint"].is_string(), "{job}");
    }
}

#[cfg(unix)]
#[test]
fn paths_with_quotes_spaces_emoji_and_foreign_bytes_work() {
    use std::os::unix::ffi::OsStrExt;
    let footnote = Footnote::new();
    for name in [
        &b"it's \"quoted\".md"[..],
        "emoji 🗼 tower.md".as_bytes(),
        b"latin-\xe9\xff.md",
        b"a]b[c};--.md",
    ] {
        std::fs::write(
            footnote.documents().join(std::ffi::OsStr::from_bytes(name)),
            HANDBOOK,
        )
        .expect("a document");
    }
    let ended = footnote
        .run(&["add", footnote.documents().to_str().expect("a path"), "--json"])
        .ok();
    assert_eq!(ended.json()["summary"]["indexed"], 4, "{}", ended.out);
    let found = footnote
        .run(&["search", "fog horn", "-k", "20", "--json"])
        .ok()
        .json();
    let paths: std::collections::BTreeSet<_> = found["passages"]
        .as_array()
        .expect("passages")
        .iter()
        .map(|p| p["path"].to_string())
        .collect();
    assert_eq!(paths.len(), 4);
    let quoted = footnote.documents().join("it's \"quoted\".md");
    footnote
        .run(&["documents", "remove", quoted.to_str().expect("a path"), "--yes"])
        .ok();
    let left = footnote.run(&["documents", "list", "--json"]).ok().json();
    assert_eq!(left["documents"].as_array().map(Vec::len), Some(3));
}

#[test]
fn a_held_data_folder_is_named() {
    use std::io::{BufRead, BufReader};
    let footnote = Footnote::new();
    let mut chat = footnote
        .command(&["chat"])
        .stdin(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("a chat");
    // Its greeting says that it holds the folder.
    let greeting = BufReader::new(chat.stderr.take().expect("its standard error"))
        .lines()
        .map_while(Result::ok)
        .find(|line| line.contains("documents"));
    assert!(greeting.is_some(), "the chat ended without a greeting");
    let ended = footnote.run(&["documents", "list"]);
    chat.kill().expect("the chat ends");
    chat.wait().expect("the chat ends");
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("hint:"), "{}", ended.err);
    footnote.run(&["documents", "list"]).ok();
}

#[test]
fn an_evaluation_fails_below_its_gate_and_on_questions_that_do_not_fit() {
    let footnote = Footnote::new();
    footnote.write("handbook.md", HANDBOOK);
    let set = footnote.documents();
    let set = set.parent().expect("the set's folder");
    let evaluate = |question: &str| {
        std::fs::write(set.join("questions.jsonl"), question).expect("questions");
        std::fs::write(set.join("gate.toml"), "[whole]\nright = { least = 1 }\n").expect("a gate");
        let (dir, gate) = (set.to_owned(), set.join("gate.toml"));
        let (dir, gate) = (dir.to_str().expect("a path"), gate.to_str().expect("a path"));
        footnote.run(&["eval", "answers", dir, "--gate", gate, "--json"])
    };
    let ask = |mentions: u32| {
        format!(
            r#"{{"id":"w","kind":"whole","question":"How often is the horn mentioned in my documents?",
            "counts":{{"mentions":{mentions},"documents_with":1,"documents":1}}}}"#
        )
        .replace('\n', "")
    };
    let passed = evaluate(&ask(1)).ok().json();
    assert_eq!(passed["kinds"]["whole"]["right"], 1.0, "{passed}");
    let failed = evaluate(&ask(2));
    assert_eq!(failed.code, Some(1), "{failed:?}");
    assert!(
        failed.err.contains("whole right: 0.000, should be 1 at least"),
        "{failed:?}"
    );
    assert_eq!(failed.json()["breaches"][0]["measure"], "right");
    let unfit = evaluate(r#"{"id":"f","question":"?","document":"handbook.md","quote":"every 15 days"}"#);
    assert_eq!(unfit.code, Some(1), "{unfit:?}");
    assert!(
        unfit
            .err
            .contains("page 1 of handbook.md does not have its quote"),
        "{unfit:?}"
    );
}
