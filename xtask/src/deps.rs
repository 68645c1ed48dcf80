//! The dependency-direction check: which crate may know which, read from `cargo metadata`.

use cargo_metadata::MetadataCommand;

use crate::Failure;

const ADAPTERS: [&str; 7] = [
    "footnote-onnx",
    "footnote-lance",
    "footnote-ledger",
    "footnote-extract",
    "footnote-fetch",
    "footnote-watch",
    "footnote-tables",
];
const CORE: &str = "footnote-core";
const IMPORT: &str = "footnote-model-import";
const ROOTS: [&str; 2] = ["footnote", "footnote-desktop"];
const SEE_ALL: [&str; 2] = ["footnote-tests", "xtask"];

/// Foreign crates with one home: `(name or prefix*, the only crates that may name it)`.
const HOMES: &[(&str, &[&str])] = &[
    ("tauri*", &["footnote-desktop"]),
    ("wry", &["footnote-desktop"]),
    ("reqwest", &["footnote-fetch"]),
    ("ureq", &["footnote-fetch"]),
    ("hyper*", &["footnote-fetch"]),
    ("ort", &["footnote-onnx"]),
    ("ort-sys", &["footnote-onnx"]),
    ("ndarray", &["footnote-onnx"]),
    ("arrow*", &["footnote-lance", "footnote-tables"]),
    ("lance*", &["footnote-lance"]),
    ("datafusion*", &["footnote-tables"]),
    ("rusqlite", &["footnote-ledger"]),
    ("pdf*", &["footnote-extract"]),
    ("lopdf", &["footnote-extract"]),
    // Tells of work that ended; the other watches folders.
    ("notify-rust", &["footnote-desktop"]),
    ("notify*", &["footnote-watch"]),
];

/// One dependency: who names whom. Kinds are alike here: a test that reaches across is still a reach.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Edge {
    from: String,
    to: String,
}

#[allow(clippy::print_stdout, reason = "a command-line tool")]
pub fn run() -> Result<(), Failure> {
    let metadata = MetadataCommand::new()
        .no_deps()
        .exec()
        .map_err(|e| Failure::new(format!("cargo metadata: {e}")))?;
    let ours: Vec<String> = metadata.packages.iter().map(|p| p.name.to_string()).collect();
    let edges: Vec<Edge> = metadata
        .packages
        .iter()
        .flat_map(|p| {
            p.dependencies.iter().map(|d| Edge {
                from: p.name.to_string(),
                to: d.name.clone(),
            })
        })
        .collect();
    let found = violations(&ours, &edges);
    if found.is_empty() {
        println!(
            "{} crates, {} dependencies, all in the allowed direction",
            ours.len(),
            edges.len()
        );
        return Ok(());
    }
    Err(Failure {
        message: format!("dependencies against the design:\n  {}", found.join("\n  ")),
        hint: Some("Put a trait in crates/core and implement it in the adapter".into()),
    })
}

/// Every edge that breaks a rule, as a line saying which.
fn violations(ours: &[String], edges: &[Edge]) -> Vec<String> {
    edges.iter().filter_map(|edge| violation(ours, edge)).collect()
}

fn violation(ours: &[String], Edge { from, to }: &Edge) -> Option<String> {
    if ours.contains(to) {
        return (!sibling_allowed(from, to)).then(|| format!("{from} -> {to}: a sibling it must not know"));
    }
    let (_, homes) = HOMES.iter().find(|(pattern, _)| matches(pattern, to))?;
    let allowed = homes.contains(&from.as_str());
    (!allowed).then(|| format!("{from} -> {to}: only {} may name it", homes.join(", ")))
}

fn sibling_allowed(from: &str, to: &str) -> bool {
    if SEE_ALL.contains(&from) {
        return true;
    }
    let below_roots = to == CORE || to == IMPORT || ADAPTERS.contains(&to);
    match from {
        _ if ROOTS.contains(&from) => below_roots,
        "footnote-onnx" => to == CORE || to == IMPORT,
        _ if ADAPTERS.contains(&from) => to == CORE,
        // The domain and the importer stand alone, and so does a crate no rule was written for yet.
        _ => false,
    }
}

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => name.starts_with(prefix),
        None => pattern == name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(from: &str, to: &str) -> Vec<String> {
        let ours: Vec<String> = ADAPTERS
            .iter()
            .chain(&ROOTS)
            .chain(&SEE_ALL)
            .chain(&[CORE, IMPORT])
            .map(|s| s.to_string())
            .collect();
        violations(
            &ours,
            &[Edge {
                from: from.into(),
                to: to.into(),
            }],
        )
    }

    #[test]
    fn a_forbidden_sibling_is_found() {
        assert_eq!(
            check("footnote-core", "footnote-lance"),
            ["footnote-core -> footnote-lance: a sibling it must not know"]
        );
        for (from, to) in [
            ("footnote-lance", "footnote-ledger"),
            ("footnote-lance", "footnote-model-import"),
            ("footnote-onnx", "footnote"),
            ("footnote", "footnote-desktop"),
            ("footnote-model-import", "footnote-core"),
            ("footnote-fetch", "footnote-onnx"),
        ] {
            assert_eq!(check(from, to).len(), 1, "{from} -> {to}");
        }
    }

    #[test]
    fn a_forbidden_foreign_crate_is_found() {
        for (from, to) in [
            ("footnote-core", "arrow-array"),
            ("footnote-core", "rusqlite"),
            ("footnote-core", "pdf-extract"),
            ("footnote", "tauri"),
            ("footnote", "reqwest"),
            ("footnote-extract", "ureq"),
            ("footnote-lance", "ort"),
            ("footnote-desktop", "lancedb"),
            ("footnote-lance", "datafusion"),
            ("footnote-tables", "lancedb"),
            ("xtask", "reqwest"),
        ] {
            assert_eq!(check(from, to).len(), 1, "{from} -> {to}");
        }
    }

    #[test]
    fn the_design_is_allowed() {
        for (from, to) in [
            ("footnote-desktop", "footnote-lance"),
            ("footnote-desktop", "tauri-plugin-dialog"),
            ("footnote", "footnote-fetch"),
            ("footnote-onnx", "footnote-model-import"),
            ("footnote-onnx", "ort"),
            ("footnote-lance", "footnote-core"),
            ("footnote-lance", "arrow-schema"),
            ("footnote-tables", "datafusion"),
            ("footnote-tests", "footnote-onnx"),
            ("footnote-core", "tokio"),
        ] {
            assert!(check(from, to).is_empty(), "{from} -> {to}");
        }
    }
}
