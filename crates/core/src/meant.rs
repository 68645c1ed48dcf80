//! Documents that a request is about, told by its words: "this document", "all documents", "the lease", "the folder Leases".

use std::collections::HashSet;
use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

use crate::find::{Language, fold};
use crate::ids::DocumentId;
use crate::text::{compile, content_terms};
use crate::types::Document;

/// What a request is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meant {
    /// "This document": the only one in scope, or the one just spoken of.
    This,
    /// All documents of the scope.
    All,
    /// The documents that these words name.
    Named(String),
    /// The documents within a folder of this name, and within the folders in it.
    Folder(String),
}

/// What a request means, given the documents there are.
#[derive(Clone, Debug, PartialEq)]
pub enum Chosen<'a> {
    /// These.
    Documents(Vec<&'a Document>),
    /// One document, but it is not clear which.
    Unclear,
}

impl Meant {
    /// Reads the words of a request in `language` that say what it is about.
    pub fn read(words: &str, language: Language) -> Self {
        let wording = Wording::of(language);
        let words = words.trim();
        if wording.this.is_match(words) {
            return Self::This;
        }
        if wording.all.is_match(words) {
            return Self::All;
        }
        if let Some(found) = wording.folder.captures(words) {
            let name = found.iter().skip(1).flatten().next();
            let name = name.map_or("", |name| name.as_str());
            return Self::Folder(
                name.trim_matches(['"', '“', '”', '„', '«', '»', '/', ' '])
                    .to_owned(),
            );
        }
        Self::Named(wording.article.replace(words, "").into_owned())
    }

    /// The documents meant, of those in scope; none if the words name none of them, so that something else is asked
    /// for. `spoken_of`: those that the answer before cites.
    pub fn choose<'a>(
        &self,
        documents: &'a [Document],
        spoken_of: &HashSet<DocumentId>,
    ) -> Option<Chosen<'a>> {
        let meant: Vec<&Document> = match self {
            Self::All => return Some(Chosen::Documents(documents.iter().collect())),
            Self::This => {
                let last: Vec<&Document> = documents
                    .iter()
                    .filter(|document| spoken_of.contains(&document.id))
                    .collect();
                return Some(match (documents, &last[..]) {
                    ([only], _) => Chosen::Documents(vec![only]),
                    (_, [only]) => Chosen::Documents(vec![*only]),
                    _ => Chosen::Unclear,
                });
            }
            Self::Named(words) => named(documents, words),
            Self::Folder(name) => within(documents, name),
        };
        (!meant.is_empty()).then_some(Chosen::Documents(meant))
    }
}

/// The documents whose title and file name have all of these words.
pub fn named<'a>(documents: &'a [Document], words: &str) -> Vec<&'a Document> {
    // "lease.pdf" is one word to Unicode.
    let apart = |name: &str| name.replace(['_', '-', '.'], " ");
    let wanted: HashSet<_> = content_terms(&apart(words)).into_iter().collect();
    let has = |document: &&Document| {
        let name = apart(&document.path.file_name().unwrap_or_default().to_string_lossy());
        let there: HashSet<_> = content_terms(&format!("{} {name}", apart(&document.title)))
            .into_iter()
            .collect();
        !wanted.is_empty() && wanted.is_subset(&there)
    };
    documents.iter().filter(has).collect()
}

/// The documents below a folder of this name, whatever its case and accents.
fn within<'a>(documents: &'a [Document], name: &str) -> Vec<&'a Document> {
    let name = fold(name);
    let called = |folder: &Path| (folder.file_name()).is_some_and(|own| fold(&own.to_string_lossy()) == name);
    let below = |document: &&Document| document.path.ancestors().skip(1).any(called);
    documents.iter().filter(below).collect()
}

struct Wording {
    this: Regex,
    all: Regex,
    /// The first group that took part is its name.
    folder: Regex,
    article: Regex,
}

impl Wording {
    fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &ENGLISH,
            Language::German => &GERMAN,
        }
    }
}

static ENGLISH: LazyLock<Wording> = LazyLock::new(|| {
    let thing = "(?:document|file|pdf|text|paper|page|attachment|presentation|spreadsheet|e-?mail)";
    Wording {
        this: compile(&format!(
            "^(?:it|this|that|(?:this|that|the|my) (?:whole |entire |attached )?{thing})$"
        )),
        all: compile(&format!(
            "^(?:everything|(?:(?:all|any|all of|of|the|my|these|those|our) )*(?:{thing}s|docs|files|sources|library|collection|folder))$"
        )),
        folder: compile(
            "^(?:(?:all |everything |files |documents |of |in |from )*)(?:the |my |our )?(?:(?:folder|directory)(?: called| named)? (.+)|(.+) (?:folder|directory))$",
        ),
        article: compile("^(?:the|my|our|this|that|a|an) (?:(?:document|file|pdf) (?:called |named )?)?"),
    }
});

static GERMAN: LazyLock<Wording> = LazyLock::new(|| {
    let thing = "(?:dokuments?|datei|pdf|textes|text|seite|anhangs?|präsentation|tabelle|e-?mail|unterlage)";
    Wording {
        this: compile(&format!(
            "^(?:es|das|dies|(?:dies(?:e[rsmn]?)?|das|der|des|dem|die|mein(?:e[rsm]?)?) (?:ganze[ns]? )?{thing})$"
        )),
        all: compile(
            "^(?:alles|(?:(?:alle[nr]?|die|der|den|mein(?:e[nr]?)?|diese[nr]?|unsere[nr]?) )*(?:dokumente?n?|dateien|unterlagen|texten?|quellen|bibliothek|sammlung|ordners?))$",
        ),
        folder: compile(
            "^(?:(?:alles|alle dateien|alle dokumente) )?(?:aus |in |im )?(?:der |dem |den |des |mein(?:e[nms]|)? )?(?:ordner|verzeichnis)s? (?:namens )?(.+)$",
        ),
        article: compile(
            "^(?:der|die|das|des|dem|den|mein(?:e[nrsm]?)?|unser(?:e[nrsm]?)?|diese[nrsm]?|eine?[nrsm]?) (?:(?:dokument|datei|pdf) )?",
        ),
    }
});

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(found: &[&Document]) -> Vec<String> {
        let path = |document: &&Document| document.path.to_string_lossy().into_owned();
        found.iter().map(path).collect()
    }

    #[test]
    fn documents_are_named_by_file_or_title() {
        let document = |path| crate::query::tests::document(path, None);
        let documents = [document("/a/espresso-manual.html"), document("/a/lease_2024.pdf")];
        let found = |words| paths(&named(&documents, words));
        for words in ["espresso-manual.html", "the espresso manual", "Espresso manual"] {
            assert_eq!(found(words), ["/a/espresso-manual.html"], "{words}");
        }
        assert_eq!(found("lease 2024"), ["/a/lease_2024.pdf"]);
        assert!(found("harbour.html").is_empty());
    }

    #[test]
    fn folders_are_named_by_the_word_folder() {
        let folder = |name: &str| Meant::Folder(name.into());
        for words in [
            "the folder Leases",
            "Leases folder",
            "my leases directory",
            "all files in the folder leases",
        ] {
            let Meant::Folder(name) = Meant::read(words, Language::English) else {
                panic!("{words}");
            };
            assert_eq!(name.to_lowercase(), "leases", "{words}");
        }
        for words in [
            "den Ordner Verträge",
            "Ordner „Verträge“",
            "alle Dateien im Ordner Verträge",
        ] {
            assert_eq!(
                Meant::read(words, Language::German),
                folder("Verträge"),
                "{words}"
            );
        }
        assert_eq!(Meant::read("the folder", Language::English), Meant::All);
        assert_eq!(Meant::read("meinen Ordner", Language::German), Meant::All);
    }

    #[test]
    fn a_folder_has_what_lies_below_it() {
        let document = |path| crate::query::tests::document(path, None);
        let documents = [
            document("/a/Verträge/2024/lease.pdf"),
            document("/a/Verträge.pdf"),
            document("/a/other/lease.pdf"),
        ];
        let chosen = |name: &str| match Meant::Folder(name.into()).choose(&documents, &HashSet::new()) {
            Some(Chosen::Documents(found)) => paths(&found),
            _ => Vec::new(),
        };
        assert_eq!(chosen("vertrage"), ["/a/Verträge/2024/lease.pdf"]);
        assert!(chosen("lease.pdf").is_empty());
        assert!(chosen("").is_empty());
    }
}
