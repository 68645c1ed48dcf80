use std::ops::ControlFlow;

use footnote_core::types::Page;
use proptest::prelude::*;

use super::*;

fn pages(text: &str, language: Language) -> Vec<Page> {
    let mut pages = Vec::new();
    read(text.as_bytes(), language, &mut |extracted| {
        crate::invariants::check(&extracted.page);
        pages.push(extracted.page);
        ControlFlow::Continue(())
    })
    .unwrap();
    pages
}

fn blocks(text: &str, language: Language) -> Vec<(bool, String)> {
    let pages = pages(text, language);
    assert_eq!(pages[0].text, text);
    let blocks = pages[0].blocks.iter();
    blocks
        .map(|block| (block.kind == BlockKind::Code, block.span.of(text).to_owned()))
        .collect()
}

fn headings(text: &str, language: Language) -> Vec<String> {
    let found = blocks(text, language).into_iter().filter(|(code, _)| !code);
    found.map(|(_, text)| scan::name_of(&text)).collect()
}

#[test]
fn rust_items_begin_with_what_is_said_of_them() {
    let text = "//! Module.\n\nuse std::fmt;\nuse std::io;\n\n/// Reads it.\n/// All of it.\n#[must_use]\npub(crate) fn read(a: u8,\n    b: u8,\n) -> u8 {\n    a\n}\n#[derive(Debug)]\nstruct Point {\n    x: u8,\n}\n\nconst A: u8 = 1;\n";
    let blocks = blocks(text, Language::Rust);
    let starts: Vec<(bool, &str)> = blocks
        .iter()
        .map(|(code, text)| (*code, text.lines().next().unwrap()))
        .collect();
    assert_eq!(
        starts,
        [
            (true, "//! Module."),
            (true, "use std::fmt;"),
            (false, "/// Reads it."),
            (true, "/// All of it."),
            (false, "#[derive(Debug)]"),
            (true, "    x: u8,"),
            (true, "const A: u8 = 1;"),
        ]
    );
    assert_eq!(headings(text, Language::Rust), ["Reads it.", "struct Point"]);
}

#[test]
fn other_languages_show_their_items() {
    let python = "import os\n\n@cache\ndef depth(berth):\n    \"\"\"How deep.\"\"\"\n    return 4\n\nclass Ship:\n    def sail(self):\n        pass\n";
    assert_eq!(
        headings(python, Language::Python),
        ["def depth(berth)", "class Ship"]
    );
    let script =
        "export const depth = (berth) => {\n  return 4;\n};\n\nexport default class Ship {\n  sail() {}\n}\n";
    assert_eq!(
        headings(script, Language::TypeScript),
        ["export const depth = (berth) =>", "export default class Ship"]
    );
    let c = "#include <stdio.h>\n\n/* Adds. */\nint add(int a, int b)\n{\n    return a + b;\n}\n\nstruct point {\n    int x;\n};\n";
    assert_eq!(headings(c, Language::C), ["Adds. */", "struct point"]);
    let go = "package main\n\nfunc (s *Ship) Sail(to string) error {\n\treturn nil\n}\n\ntype Ship struct {\n\tName string\n}\n";
    assert_eq!(
        headings(go, Language::Go),
        ["func (s *Ship) Sail(to string) error", "type Ship struct"]
    );
    let java = "package a;\n\npublic final class Ship {\n    void sail() {}\n}\n";
    assert_eq!(headings(java, Language::Java), ["public final class Ship"]);
}

#[test]
fn data_is_cut_at_entries() {
    let yaml = "# ports\nports:\n  - 80\n  - 443\nname: harbour\nlist:\n- a\n";
    let starts: Vec<String> = blocks(yaml, Language::Yaml)
        .into_iter()
        .map(|(_, text)| text)
        .collect();
    assert_eq!(starts[..2], ["# ports\nports:\n  - 80\n  - 443", "name: harbour"]);
    let toml = "a = 1\n\n[package]\nname = \"x\"\n\n# why\n[other]\nb = 2\n";
    let starts: Vec<String> = blocks(toml, Language::Sections)
        .into_iter()
        .map(|(_, text)| text)
        .collect();
    assert_eq!(
        starts,
        ["a = 1", "[package]\nname = \"x\"", "# why\n[other]\nb = 2"]
    );
    let entry = format!("{{\"text\": \"{}\", \"n\": [1, 2]}}", "word, ".repeat(80));
    let json = format!(
        "[{}]",
        [entry.as_str(), entry.as_str(), entry.as_str()].join(",\n")
    );
    let parts = blocks(&json, Language::Json);
    assert_eq!(parts.len(), 3, "{parts:?}");
    assert!(parts[1].1.starts_with("{\"text\"") && parts[1].1.ends_with("},"));
}

#[test]
fn long_data_on_one_line_is_cut_deeper_inside() {
    let values: Vec<String> = (0..20_000)
        .map(|n| format!("{{\"n\":{n},\"s\":\"a{n}\"}}"))
        .collect();
    let json = format!("{{\"all\":{{\"values\":[{}]}}}}", values.join(","));
    let pages = pages(&json, Language::Json);
    assert!(pages.len() > 10);
    assert!(
        pages
            .iter()
            .flat_map(|page| &page.blocks)
            .all(|block| block.span.len() < 4_000)
    );
    assert_eq!(
        pages.iter().map(|page| page.text.as_str()).collect::<String>(),
        json
    );
}

proptest! {
    #[test]
    fn any_text_keeps_its_characters(text in "[a-z{}()\\[\\]\",:#@/* \n=é-]{0,300}", kind in 0_usize..6) {
        let language = [Language::Rust, Language::Python, Language::C, Language::Json, Language::Yaml, Language::Sections][kind];
        let pages = pages(&text, language);
        let shown: usize = pages.iter().flat_map(|p| {
            p.blocks.iter().map(|b| b.span.of(&p.text).chars().filter(|c| !c.is_whitespace()).count())
        }).sum();
        prop_assert_eq!(shown, text.chars().filter(|c| !c.is_whitespace()).count());
    }
}
