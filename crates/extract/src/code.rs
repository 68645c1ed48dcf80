//! Source code and data: the file's own text, cut where top-level items or entries begin.
//!
//! The scanners look at how lines begin, not at grammars: formatted code starts its top-level
//! items in the first column, in every language here. Grammars would add eight megabytes to the
//! program for the same cuts.

mod json;
mod scan;

use footnote_core::Result;
use footnote_core::types::BlockKind;

use crate::own::{OwnText, flatten};
use crate::page::Sink;

/// A language of programs or data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Language {
    /// Rust.
    Rust,
    /// Python.
    Python,
    /// JavaScript.
    JavaScript,
    /// TypeScript.
    TypeScript,
    /// Java.
    Java,
    /// C.
    C,
    /// C++.
    Cpp,
    /// Go.
    Go,
    /// Another one with braces and the usual keywords (C#, Kotlin, Swift, Scala, PHP, Dart, Zig).
    Braces,
    /// Another one with the usual keywords and no braces (Ruby, Lua, Julia, Elixir).
    Ends,
    /// JSON, a value to a line included.
    Json,
    /// YAML.
    Yaml,
    /// Sections headed by names in brackets (TOML, INI).
    Sections,
    /// Any other, cut at blank lines (shell, SQL, CSS, …).
    Other,
}

impl Language {
    /// What a file extension (in small letters) promises.
    pub(crate) fn of_extension(extension: &str) -> Option<Self> {
        Some(match extension {
            "rs" => Self::Rust,
            "py" | "pyi" | "pyw" => Self::Python,
            "js" | "mjs" | "cjs" | "jsx" => Self::JavaScript,
            "ts" | "mts" | "cts" | "tsx" => Self::TypeScript,
            "java" => Self::Java,
            "c" | "h" => Self::C,
            "cpp" | "cc" | "cxx" | "hpp" | "hh" | "hxx" | "ino" | "cu" => Self::Cpp,
            "go" => Self::Go,
            "cs" | "kt" | "kts" | "swift" | "scala" | "php" | "dart" | "zig" | "groovy" | "gradle"
            | "proto" | "thrift" | "m" | "mm" | "d" | "v" | "sv" => Self::Braces,
            "rb" | "lua" | "jl" | "ex" | "exs" | "nim" | "cr" => Self::Ends,
            "json" | "jsonl" | "ndjson" | "geojson" | "jsonc" | "json5" | "webmanifest" => Self::Json,
            "yaml" | "yml" => Self::Yaml,
            "toml" | "ini" | "cfg" | "conf" | "properties" | "editorconfig" | "service" => Self::Sections,
            "sh" | "bash" | "zsh" | "fish" | "ps1" | "bat" | "cmd" | "sql" | "css" | "scss" | "less"
            | "r" | "pl" | "pm" | "hs" | "ml" | "mli" | "fs" | "clj" | "erl" | "vim" | "el" | "lisp"
            | "scm" | "asm" | "s" | "f90" | "f" | "for" | "pas" | "vb" | "bas" | "cmake" | "mk" | "tf"
            | "graphql" | "dockerfile" | "diff" | "patch" | "vue" | "svelte" => Self::Other,
            _ => return None,
        })
    }

    /// What the first line of a script promises.
    pub(crate) fn of_first_line(starts: &str) -> Option<Self> {
        let line = starts.strip_prefix("#!")?.lines().next()?;
        Some(match line {
            line if line.contains("python") => Self::Python,
            line if line.contains("node") || line.contains("deno") => Self::JavaScript,
            line if line.contains("ruby") => Self::Ends,
            _ => Self::Other,
        })
    }

    /// The media type to report.
    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::Rust => "text/x-rust",
            Self::Python => "text/x-python",
            Self::JavaScript => "text/javascript",
            Self::TypeScript => "text/x-typescript",
            Self::Java => "text/x-java",
            Self::C => "text/x-c",
            Self::Cpp => "text/x-c++",
            Self::Go => "text/x-go",
            Self::Json => "application/json",
            Self::Yaml => "application/yaml",
            Self::Braces | Self::Ends | Self::Sections | Self::Other => "text/x-source",
        }
    }
}

/// Reads source code or data. Returns the number of pages.
pub(crate) fn read(bytes: &[u8], language: Language, sink: &mut Sink<'_>) -> Result<u32> {
    let text = crate::text::decode(bytes, None);
    let found = match language {
        Language::Json => json::entries(&text),
        Language::Yaml | Language::Sections | Language::Other => scan::entries(&text, language),
        _ => scan::items(&text, language),
    };
    let own = OwnText {
        text: &text,
        blocks: flatten(&text, &found, BlockKind::Code),
        title: scan::name_of,
    };
    Ok(own.send(sink))
}

#[cfg(test)]
mod tests;
