//! Why something was not found, and the user's own cases as a gate, with real models.

use footnote_tests::Footnote;
use serde_json::{Value, json};

const HANDBOOK: &str = "# Lighthouse handbook\n\nThe lamp must be cleaned every 14 days with vinegar. \
The keeper writes each cleaning into the brass logbook.\n";
const QUESTION: &str = "How often must the lamp be cleaned?";

fn library() -> (Footnote, String) {
    let footnote = Footnote::new();
    let handbook = footnote.write("handbook.md", HANDBOOK);
    footnote.write("cats.md", "# Cats\n\nCats sleep sixteen hours a day.\n");
    footnote
        .run(&["add", footnote.documents().to_str().expect("a path")])
        .ok();
    (footnote, handbook.to_str().expect("a path").to_owned())
}

#[test]
fn the_stage_that_lost_a_document_is_named_and_a_kept_answer_is_looked_at() {
    let (footnote, handbook) = library();
    let why = |question: &str| {
        let args = ["why", question, "--document", &handbook, "--json"];
        footnote.run(&args).ok().json()
    };
    let last = |why: &Value| why["steps"].as_array().and_then(|steps| steps.last().cloned());
    let given = why(QUESTION);
    assert_eq!(given["lost"], Value::Null, "{given}");
    assert_eq!(last(&given).expect("a step")["fact"], "given", "{given}");
    footnote.run(&["ask", QUESTION, "--json"]).ok();
    let cited = why(QUESTION);
    assert_eq!(last(&cited).expect("a step")["fact"], "cited", "{cited}");
    let filtered = why("lamp file:cats");
    assert_eq!(filtered["lost"]["fact"], "filtered_out", "{filtered}");
    assert_eq!(filtered["advice"], json!(["Leave file:cats out."]));
    let place = [
        "why",
        QUESTION,
        "--document",
        &handbook,
        "--text",
        "brass LOGBOOK",
    ];
    assert!(footnote.run(&place).ok().out.contains("page 1: “"));
    let nowhere = [
        "why",
        QUESTION,
        "--document",
        &handbook,
        "--text",
        "no such words",
    ];
    assert_eq!(footnote.run(&nowhere).code, Some(1));
}

#[test]
fn cases_are_a_gate_and_two_runs_are_compared() {
    let (footnote, _) = library();
    assert_eq!(
        footnote.run(&["eval", "cases"]).code,
        Some(1),
        "there are none yet"
    );
    let lines = |answer: &str| {
        let lamp = json!({ "id": "lamp", "question": QUESTION, "answers": [answer], "document": "handbook.md", "page": 1,
            "quote": "The lamp must be cleaned every 14 days with vinegar." });
        let cup = json!({ "id": "cup", "question": "Who won the football world cup in 1974?", "is_impossible": true });
        format!("{lamp}\n{cup}\n")
    };
    let run = |name: &str, answer: &str| {
        let file = footnote.write(&format!("{name}.jsonl"), lines(answer));
        footnote
            .run(&["eval", "cases", "--import", file.to_str().expect("a path")])
            .ok();
        let ended = footnote.run(&["eval", "cases", "--json"]);
        let out = footnote.write(&format!("{name}-run.jsonl"), &ended.out);
        (ended, out.to_str().expect("a path").to_owned())
    };
    let (right, first) = run("right", "every 14 days");
    assert_eq!(right.code, Some(0), "{}", right.out);
    let (wrong, second) = run("wrong", "by moonlight only");
    assert_eq!(wrong.code, Some(1), "{}", wrong.out);
    let faults = &wrong.json_lines()[0]["faults"];
    assert_eq!(*faults, json!(["other_words"]), "{}", wrong.out);
    // Asking a case leaves no conversation behind.
    let kept = footnote.run(&["conversations", "list", "--json"]).ok().json();
    assert_eq!(kept["conversations"], json!([]));

    let report = footnote.documents().join("report.html");
    let report_path = report.to_str().expect("a path");
    let compare = ["eval", "compare", &first, &second, "--html", report_path];
    footnote.run(&compare).ok();
    let page = std::fs::read_to_string(&report).expect("the report");
    assert!(page.contains("<svg") && page.contains("passed") && !page.contains("<script"));
    assert_eq!(footnote.run(&compare).code, Some(1), "it is there already");
    footnote.run(&["eval", "cases", "--remove", "cup"]).ok();
    let left = footnote.run(&["eval", "cases", "--list", "--json"]).ok().json();
    assert_eq!(left["cases"].as_array().map(Vec::len), Some(1));
}
