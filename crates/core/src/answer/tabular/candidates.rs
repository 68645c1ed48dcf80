//! Which table a question is about.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use crate::find::Language;
use crate::ids::RevisionId;
use crate::tables::Table;
use crate::tables::build::{Source, is_summary, key};
use crate::tables::kept::{Head, TableKey};
use crate::tables::planner::{Names, Planned, names_of, plan};
use crate::tables::read::Raw;
use crate::tables::words::{Word, Wording, language, words};
use crate::types::Document;

/// The tables that share words with the question.
pub(super) struct Tables {
    question: String,
    language: Language,
    /// Words of the question that mean something.
    words: HashSet<String>,
    documents: Vec<Document>,
    /// By the names of their columns, in alphabetical order.
    groups: BTreeMap<Vec<String>, Vec<Placed>>,
}

/// A table of a document, without its rows.
#[derive(Clone)]
struct Placed {
    /// Index of the document.
    document: usize,
    /// Which of its tables.
    table: usize,
    head: Head,
    /// The sign that parts decimals, if the file's format says so.
    decimal: Option<char>,
}

/// Tables with the same columns that may be taken as one.
pub(super) struct Choice {
    /// What is kept of them goes by this.
    pub key: TableKey,
    /// Those that the table's parts refer to.
    pub documents: Vec<Document>,
    names: Names,
    placed: Vec<Placed>,
}

impl Choice {
    /// The tables as they were read; `raws` has those of each document.
    pub fn sources(&self, raws: &HashMap<RevisionId, Vec<Arc<Raw>>>) -> Option<Vec<Source>> {
        let sources = self
            .placed
            .iter()
            .zip(&self.key.parts)
            .map(|(placed, (revision, table))| {
                Some(Source {
                    document: placed.document,
                    raw: Arc::clone(raws.get(revision)?.get(*table)?),
                    decimal: placed.decimal,
                })
            });
        sources.collect()
    }
}

impl Tables {
    pub fn new(question: &str) -> Self {
        let language = language(question);
        let wording = Wording::of(language);
        let meant = |word: &Word| !wording.is_neutral(word) || wording.is_row(word);
        let asked = words(question, language);
        let mut stems: HashSet<String> = asked
            .iter()
            .filter(|word| meant(word))
            .map(|word| word.stem.clone())
            .collect();
        // "Gesamtbetrag" is about a "Betrag".
        let compounds = asked.iter().filter_map(|word| wording.compound(word));
        stems.extend(
            compounds
                .flat_map(|(_, rest)| words(rest, language))
                .map(|word| word.stem),
        );
        Self {
            question: question.to_owned(),
            language,
            words: stems,
            documents: Vec::new(),
            groups: BTreeMap::new(),
        }
    }

    /// Takes the tables of a document; whether the question can be about one of them.
    pub fn add(&mut self, document: Document, heads: &[Head]) -> bool {
        let at = self.documents.len();
        let format = document.media_type.as_str();
        // What is read of Excel's cells is written by its own rules for English.
        let decimal = (format.contains("spreadsheetml") || format.contains("ms-excel")).then_some('.');
        let mut any = false;
        for (table, head) in heads.iter().enumerate() {
            let named = self.shares(&head.names.iter().map(String::as_str).collect::<Vec<_>>());
            let called = self.shares(&names(&document, head.label.as_deref()));
            if named || called {
                any = true;
                let mut key = key(&head.names);
                key.sort_unstable();
                self.groups.entry(key).or_default().push(Placed {
                    document: at,
                    table,
                    head: head.clone(),
                    decimal,
                });
            }
        }
        self.documents.push(document);
        any
    }

    /// For each set of columns, what the question may be about, the likelier one first.
    pub fn choices(&mut self) -> Vec<Vec<Choice>> {
        let groups = std::mem::take(&mut self.groups).into_values();
        groups.filter_map(|group| self.of_group(group)).collect()
    }

    /// What is computed over a table for the question, if it is clear.
    pub fn plan(&self, choice: &Choice, table: &Table) -> Option<Planned> {
        plan(&self.question, self.language, table, &choice.names)
    }

    /// Tables with the same columns are one, but those that the question names are preferred.
    fn of_group(&self, mut group: Vec<Placed>) -> Option<Vec<Choice>> {
        if group.len() > 1 {
            group.retain(|placed| !placed.head.label.as_deref().is_some_and(is_summary));
        }
        let header = &group.first()?.head.names;
        let header = self.stems(&header.iter().map(String::as_str).collect::<Vec<_>>());
        let named: Vec<usize> = group
            .iter()
            .map(|placed| {
                let own = self.stems(&self.names(placed));
                own.iter()
                    .filter(|stem| self.words.contains(*stem) && !header.contains(*stem))
                    .count()
            })
            .collect();
        let most = named.iter().copied().max().unwrap_or(0);
        let mut choices = Vec::new();
        if named.iter().any(|count| *count < most) {
            let best = group.iter().zip(&named).filter(|(_, count)| **count == most);
            choices.push(self.choice(best.map(|(placed, _)| placed.clone()).collect())?);
        }
        choices.push(self.choice(group)?);
        Some(choices)
    }

    fn choice(&self, mut placed: Vec<Placed>) -> Option<Choice> {
        let names: Vec<&str> = placed.iter().flat_map(|placed| self.names(placed)).collect();
        let names = names_of(&names, self.language);
        let name = self.called(&placed);
        let mut documents: Vec<Document> = Vec::new();
        let mut parts = Vec::with_capacity(placed.len());
        for placed in &mut placed {
            let document = &self.documents[placed.document];
            parts.push((document.revision.clone()?, placed.table));
            // A kept table must not depend on what else was looked at for this question.
            let known = documents.iter().position(|known| known.id == document.id);
            placed.document = known.unwrap_or(documents.len());
            if known.is_none() {
                documents.push(document.clone());
            }
        }
        Some(Choice {
            key: TableKey { name, parts },
            documents,
            names,
            placed,
        })
    }

    /// What a query calls the table.
    fn called(&self, group: &[Placed]) -> String {
        let label = |placed: &Placed| placed.head.label.clone().filter(|label| !label.trim().is_empty());
        let stem = |placed: &Placed| stem(&self.documents[placed.document]).to_owned();
        let same = |name: &dyn Fn(&Placed) -> Option<String>| {
            let first = name(group.first()?)?;
            group
                .iter()
                .all(|placed| name(placed).as_ref() == Some(&first))
                .then_some(first)
        };
        let name = same(&label).or_else(|| same(&|placed| Some(stem(placed))));
        name.filter(|name| !name.is_empty())
            .unwrap_or_else(|| "tables".into())
    }

    fn names<'a>(&'a self, placed: &'a Placed) -> Vec<&'a str> {
        names(&self.documents[placed.document], placed.head.label.as_deref())
    }

    fn stems(&self, names: &[&str]) -> HashSet<String> {
        let words = names.iter().flat_map(|name| words(name, self.language));
        words.map(|word| word.stem).collect()
    }

    fn shares(&self, names: &[&str]) -> bool {
        self.stems(names).iter().any(|stem| self.words.contains(stem))
    }
}

/// What a table is called in its document: by file, title and sheet.
fn names<'a>(document: &'a Document, label: Option<&'a str>) -> Vec<&'a str> {
    let title = (document.title != document.file_name()).then_some(document.title.as_str());
    [Some(stem(document)), title, label]
        .into_iter()
        .flatten()
        .collect()
}

fn stem(document: &Document) -> &str {
    let path: &Path = &document.path;
    path.file_stem()
        .and_then(|stem| stem.to_str())
        .unwrap_or_default()
}
