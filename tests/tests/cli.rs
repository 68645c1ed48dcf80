//! What the command prints: help, errors with their remedies, exit codes, JSON shapes.

use std::collections::BTreeSet;

use footnote_tests::{Ended, Footnote};
use serde_json::{Value, json};

/// The keys of an object, nested ones with a dot; elements of lists under `[]`.
fn shape(value: &Value) -> BTreeSet<String> {
    fn walk(value: &Value, path: &str, keys: &mut BTreeSet<String>) {
        match value {
            Value::Object(map) => map.iter().for_each(|(key, value)| {
                let path = if path.is_empty() {
                    key.clone()
                } else {
                    format!("{path}.{key}")
                };
                keys.insert(path.clone());
                walk(value, &path, keys);
            }),
            Value::Array(list) => list
                .iter()
                .for_each(|value| walk(value, &format!("{path}[]"), keys)),
            _ => {}
        }
    }
    let mut keys = BTreeSet::new();
    walk(value, "", &mut keys);
    keys
}

fn lines(keys: BTreeSet<String>) -> String {
    keys.into_iter().collect::<Vec<_>>().join("\n")
}

#[test]
fn help_texts() {
    let footnote = Footnote::new();
    for args in [
        &["--help"][..],
        &["add", "--help"],
        &["ask", "--help"],
        &["search", "--help"],
        &["documents", "--help"],
        &["watch", "--help"],
        &["jobs", "--help"],
        &["conversations", "--help"],
        &["models", "--help"],
        &["prompts", "--help"],
        &["eval", "--help"],
        &["data", "--help"],
        &["data", "move", "--help"],
        &["doctor", "--help"],
    ] {
        insta::assert_snapshot!(
            format!("help {}", args.join(" ")).replace(' ', "-"),
            footnote.run(args).ok().out
        );
    }
}

#[test]
fn wrong_usage_exits_2() {
    let footnote = Footnote::new();
    for args in [
        &["frobnicate"][..],
        &["ask"],
        &["search", "x", "-k", "0"],
        &["search", "x", "--mode", "psychic"],
        &[],
    ] {
        assert_eq!(footnote.run(args).code, Some(2), "{args:?}");
    }
}

#[test]
fn errors_say_what_happened_and_what_to_do() {
    let footnote = Footnote::new();
    let long = "word ".repeat(2_000);
    for (name, args) in [
        ("empty question", vec!["search", "  "]),
        ("too long question", vec!["ask", &long]),
        ("unknown document", vec!["documents", "show", "nowhere.pdf"]),
        ("unknown scope", vec!["search", "x", "--document", "nowhere.pdf"]),
        ("missing file", vec!["add", "/nowhere/at/all.pdf"]),
        ("missing file to extract", vec!["extract", "/nowhere/at/all.pdf"]),
        (
            "unknown document to remove",
            vec!["documents", "remove", "x", "--yes"],
        ),
        ("unwatched folder", vec!["watch", "pause", "/nowhere"]),
        ("file to watch", vec!["watch", "add", "/etc/hostname"]),
        ("unknown conversation", vec!["conversations", "show", "x"]),
        ("only a filter", vec!["search", "file:lease"]),
        ("unknown model", vec!["models", "fetch", "no-such-model"]),
        ("no beir folder", vec!["eval", "retrieval", "/nowhere"]),
    ] {
        let ended = footnote.run(&args);
        assert_eq!(ended.code, Some(1), "{name}: {} {}", ended.out, ended.err);
        // Whichever command comes first on a machine converts the models.
        let told: Vec<&str> = ended
            .err
            .lines()
            .filter(|line| !line.starts_with("Preparing the "))
            .collect();
        insta::assert_snapshot!(format!("error {name}").replace(' ', "-"), told.join("\n"));
    }
}

#[test]
fn a_model_is_used_once_it_works_and_the_one_before_comes_back() {
    let footnote = Footnote::new();
    let list = footnote.run(&["models", "list", "--json"]).ok().json();
    let models = list["models"].as_array().expect("models");
    let used = |role: &str| {
        let found = models
            .iter()
            .find(|model| model["role"] == role && model["in_use"] == true);
        found
            .and_then(|model| model["id"].as_str())
            .expect(role)
            .to_owned()
    };
    let refused = |args: &[&str], words: &str| {
        let ended = footnote.run(args);
        assert_eq!(ended.code, Some(1), "{args:?}: {}{}", ended.out, ended.err);
        assert!(
            ended.err.contains(words) && ended.err.contains("hint: "),
            "{}",
            ended.err
        );
    };
    let (generator, embedder) = (used("generator"), used("embedder"));
    refused(&["models", "rollback", "generator"], "no generator to go back to");
    let chosen = footnote.run(&["models", "use", &generator, "--json"]).ok().json();
    assert_eq!(
        chosen,
        json!({ "role": "generator", "model": generator, "before": generator })
    );
    let back = footnote
        .run(&["models", "rollback", "generator", "--json"])
        .ok()
        .json();
    assert_eq!(back["model"], json!(generator));
    refused(&["models", "rollback", "generator"], "no generator to go back to");
    refused(&["models", "remove", &embedder, "--yes"], "is in use");
    refused(
        &["models", "use", "no-such-model"],
        "There is no model called no-such-model",
    );
    refused(&["models", "use", "../outside"], "There is no model called");
    refused(
        &["models", "use", &generator, "--generator", &generator],
        "was named for this run",
    );
    // Nothing that failed was kept.
    let kept = std::fs::read_to_string(footnote.data_dir().join("models.json")).expect("the choices");
    assert!(!kept.contains("no-such-model"), "{kept}");
}

#[test]
fn a_model_of_ones_own_is_removed_and_the_catalogs_stay() {
    let footnote = Footnote::new();
    let store = footnote.documents().with_file_name("models");
    let mine = store.join("prepared/mine-v0.1.0.2");
    std::fs::create_dir_all(&mine).expect("a folder");
    std::fs::write(mine.join("footnote-model.json"), "{}").expect("a manifest");
    std::fs::write(mine.join("weights"), [0; 1000]).expect("weights");
    let run = |args: &[&str]| -> Ended {
        let mut command = footnote.command(args);
        command.env("FOOTNOTE_MODELS", &store);
        command.output().expect("the footnote command").into()
    };
    let listed = run(&["models", "list"]).ok().out;
    assert!(listed.contains("imported/mine-v0.1.0.2"), "{listed}");
    let asked = run(&["models", "remove", "imported/mine-v0.1.0.2"]);
    assert_eq!(asked.code, Some(1));
    assert!(asked.err.contains("--yes"), "{}", asked.err);
    // One that cannot be read any more is not used, and can be removed all the same; here by its folder.
    assert_eq!(run(&["models", "use", "imported/mine-v0.1.0.2"]).code, Some(1));
    let folder = mine.to_str().expect("a path");
    let removed = run(&["models", "remove", folder, "--yes", "--json"]).ok().json();
    assert_eq!(
        removed,
        json!({ "removed": "imported/mine-v0.1.0.2", "bytes": 1002 })
    );
    assert!(!mine.exists());
    let again = run(&["models", "remove", "imported/mine-v0.1.0.2", "--yes"]);
    assert_eq!(again.code, Some(1));
}

#[test]
fn json_has_the_documented_shape() {
    let footnote = Footnote::new();
    let path = footnote.write("lamp.md", "# Lamp\n\nThe lamp must be cleaned every 14 days.\n");
    let path = path.to_str().expect("a path");
    insta::assert_snapshot!(
        "shape-add",
        lines(shape(&footnote.run(&["add", path, "--json"]).ok().json()))
    );
    let reread = footnote.run(&["documents", "reread", path, "--json"]).ok().json();
    assert_eq!(reread["status"], "done");
    let shown = footnote.run(&["documents", "show", path, "--json"]).ok().json();
    let occasions: Vec<_> = shown["history"].as_array().expect("a history").iter().collect();
    let occasions: Vec<_> = occasions.iter().map(|event| &event["occasion"]).collect();
    assert_eq!(occasions, ["added", "asked"]);
    insta::assert_snapshot!("shape-document", lines(shape(&shown)));
    let search = footnote.run(&["search", "lamp", "--json"]).ok().json();
    insta::assert_snapshot!("shape-search", lines(shape(&search)));
    let extract = footnote.run(&["extract", path, "--json"]).ok().json();
    insta::assert_snapshot!("shape-extract", lines(shape(&extract)));
    let answer = footnote
        .run(&["ask", "How often must the lamp be cleaned?", "--json"])
        .ok()
        .json();
    insta::assert_snapshot!("shape-ask", lines(shape(&answer)));
    let streamed = footnote
        .run(&["ask", "How often must the lamp be cleaned?", "--json", "--stream"])
        .ok();
    let events: Vec<String> = streamed
        .json_lines()
        .iter()
        .filter_map(|line| line["event"].as_str().map(str::to_owned))
        .collect();
    let passages = events
        .iter()
        .position(|event| event == "passages")
        .expect("passages");
    let delta = events.iter().position(|event| event == "delta").expect("a delta");
    assert!(passages < delta, "{events:?}");
    assert_eq!(events.last().map(String::as_str), Some("done"));
}

#[test]
fn a_prompt_is_edited_compared_used_and_gone_back_to() {
    let footnote = Footnote::new();
    let lamp = footnote.write("lamp.md", "# Lamp\n\nThe lamp must be cleaned every 14 days.\n");
    footnote.run(&["add", lamp.to_str().expect("a path")]).ok();
    let question = "How often must the lamp be cleaned?";
    let asked_with = |more: &[&str]| {
        let args = [&["ask", question, "--json"], more].concat();
        let answer = footnote.run(&args).ok().json();
        answer["trace"]["prompt"].as_str().expect("an id").to_owned()
    };
    let id = asked_with(&[]);
    let built_in = footnote.run(&["prompts", "show", &id]).ok().out;
    let mine = footnote.write("mine.txt", format!("{built_in}\n- Be kind.\n"));
    let mine = mine.to_str().expect("a path");

    // A trial is for one run.
    let trial = format!("{id}={mine}");
    assert_eq!(asked_with(&["--prompt", &trial]), format!("{id}+trial"));
    assert_eq!(asked_with(&[]), id);

    footnote.run(&["prompts", "edit", &id, mine]).ok();
    assert_eq!(asked_with(&[]), format!("{id}+1"));
    let diff = footnote.run(&["prompts", "diff", &id]).ok().out;
    let changed: Vec<&str> = diff.lines().filter(|line| !line.starts_with(' ')).collect();
    assert_eq!(changed, ["+ ", "+ - Be kind."], "{diff}");
    let list = footnote.run(&["prompts", "list", "--json"]).ok().json();
    let listed = list["prompts"].as_array().expect("prompts");
    let listed = listed.iter().find(|prompt| prompt["id"] == id.as_str());
    assert_eq!(listed.expect("it")["in_use"], 1);

    footnote.run(&["prompts", "use", &id, "0"]).ok();
    assert_eq!(asked_with(&[]), id);

    let useless = footnote.write("useless.txt", "Answer.");
    let useless = useless.to_str().expect("a path");
    let refused = footnote.run(&["prompts", "edit", &id, useless]);
    assert!(
        refused.err.contains("NOT FOUND") && refused.err.contains("hint"),
        "{}",
        refused.err
    );
    let no_cases = footnote.run(&["prompts", "try", &id, mine]);
    assert!(no_cases.err.contains("no cases yet"), "{}", no_cases.err);
}

#[test]
fn output_that_nobody_reads_to_the_end_is_no_error() {
    let footnote = Footnote::new();
    let mut child = footnote
        .command(&["--help"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("the footnote command");
    drop(child.stdout.take());
    assert!(child.wait().expect("its end").code() != Some(101));
}

#[test]
fn completion_scripts_name_the_commands() {
    let footnote = Footnote::new();
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let script = footnote.run(&["completions", shell]).ok().out;
        assert!(
            script.contains("documents") && script.contains("doctor"),
            "{shell}"
        );
    }
}

/// What makes the published ONNX Runtime believe that it is on a build machine, where it reports nothing by itself.
const BUILD_MACHINE: [&str; 5] = ["CI", "GITHUB_ACTIONS", "TF_BUILD", "GITLAB_CI", "BUILDKITE"];

#[test]
fn onnx_runtime_leaves_no_report_for_its_maker() {
    let footnote = Footnote::new();
    let home = footnote.documents().with_file_name("home");
    std::fs::create_dir(&home).expect("a folder");
    let mut command = footnote.command(&["doctor"]);
    for name in BUILD_MACHINE {
        command.env_remove(name);
    }
    let ended: Ended = command
        .env("HOME", &home)
        .env("XDG_CACHE_HOME", home.join("cache"))
        .env("LOCALAPPDATA", home.join("local"))
        .env("FOOTNOTE_MODELS", home.join("models"))
        .output()
        .expect("the footnote command")
        .into();
    assert!(
        ended.out.contains("ONNX Runtime 1."),
        "{}{}",
        ended.out,
        ended.err
    );
    let mut folders = vec![home];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .to_lowercase();
            assert!(
                !name.contains("microsoft") && !name.contains("deviceid"),
                "{}",
                path.display()
            );
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
}

/// The command over a default data folder of its own, with nothing named.
fn unnamed(footnote: &Footnote, args: &[&str]) -> Ended {
    let mut command = footnote.command(args);
    command
        .env_remove("FOOTNOTE_DATA_DIR")
        .env("XDG_DATA_HOME", footnote.documents().with_file_name("share"))
        .env("LOCALAPPDATA", footnote.documents().with_file_name("share"));
    command.output().expect("the footnote command").into()
}

#[test]
#[cfg_attr(
    target_os = "macos",
    ignore = "its folder for application data goes by the user's home alone"
)]
fn data_is_moved_found_again_and_moved_back() {
    let footnote = Footnote::new();
    let path = footnote.write("lamp.md", "# Lamp\n\nThe lamp must be cleaned every 14 days.\n");
    unnamed(&footnote, &["add", path.to_str().expect("a path")]).ok();
    let default = footnote.documents().with_file_name("share").join("footnote");
    let to = footnote
        .documents()
        .with_file_name("another disk")
        .join("Footnote");
    let to_text = to.to_str().expect("a path");

    let taken = footnote.documents();
    let refused = unnamed(&footnote, &["data", "move", taken.to_str().expect("a path")]);
    assert_eq!(refused.code, Some(1));
    assert!(
        refused.err.contains("is not empty") && refused.err.contains("hint:"),
        "{}",
        refused.err
    );

    let moved = unnamed(&footnote, &["data", "move", to_text, "--json"])
        .ok()
        .json();
    assert_eq!(
        (&moved["to"], &moved["in_use"], &moved["deleted_old"]),
        (&to_text.into(), &true.into(), &false.into())
    );
    assert!(
        default.join("ledger.sqlite").is_file(),
        "the old copy is kept unless said"
    );
    let shown = unnamed(&footnote, &["data", "show", "--json"]).ok().json();
    assert_eq!(
        (&shown["data_dir"], &shown["origin"]),
        (&to_text.into(), &"moved".into())
    );
    let found = unnamed(&footnote, &["search", "lamp", "--json"]).ok().json();
    assert_eq!(found["passages"].as_array().map(Vec::len), Some(1));

    std::fs::remove_dir_all(default.join("index")).expect("the old index");
    for name in ["ledger.sqlite", "footnote.log"] {
        std::fs::remove_file(default.join(name)).expect("an old file");
    }
    unnamed(
        &footnote,
        &["data", "move", default.to_str().expect("a path"), "--delete-old"],
    )
    .ok();
    assert!(!to.exists());
    let found = unnamed(&footnote, &["search", "lamp", "--json"]).ok().json();
    assert_eq!(found["passages"].as_array().map(Vec::len), Some(1));
    let shown = unnamed(&footnote, &["data", "show", "--json"]).ok().json();
    assert_eq!(shown["origin"], "default");
}

#[test]
fn diagnostics_count_and_name_nothing() {
    let footnote = Footnote::new();
    let path = footnote.write(
        "divorce plans.md",
        "# Custody\n\nThe hearing of Zebulon is on Friday.\n",
    );
    let broken = footnote.write("blackmail.pdf", "%PDF-1.7 nothing more");
    let paths = [path.to_str().expect("a path"), broken.to_str().expect("a path")];
    assert_eq!(footnote.run(&["add", paths[0], paths[1]]).code, Some(1));
    footnote.run(&["search", "Zebulon hearing"]).ok();
    let file = footnote.documents().join("bundle.txt");
    let name = file.to_str().expect("a path");
    // Whether it succeeds depends on which models are here.
    let _ = footnote.run(&["doctor", "--bundle", name]);
    let text = std::fs::read_to_string(&file).expect("the diagnostics");
    for part in [
        "text/markdown: 1 documents (1 searchable",
        "failed, pdf, ",
        "[log]",
        "a file could not be read class=",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    for part in [
        "divorce",
        "plans",
        "Custody",
        "Zebulon",
        "hearing of",
        "blackmail",
        "/data",
        "documents/",
    ] {
        assert!(!text.contains(part), "{part} is in\n{text}");
    }
    let again = footnote.run(&["doctor", "--bundle", name]);
    assert!(
        again.code == Some(1) && again.err.contains("is there already"),
        "{}",
        again.err
    );
}
