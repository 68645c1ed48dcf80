//! Requests to summarize documents, told by their wording, English or German. What is not a document (a topic, a
//! clause) is not summarized here: for that, a search finds the right places.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::Regex;

use crate::find::Language;
use crate::text::{bare_question, compile, content_terms};
use crate::types::Document;

/// A request to summarize documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SummaryRequest {
    /// Which.
    pub of: Of,
    /// How many sentences it should have, if the request says so.
    pub sentences: Option<usize>,
    /// The language it was asked in.
    pub language: Language,
}

/// What is to be summarized.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Of {
    /// "This document": the only one in scope, or the one just spoken of.
    This,
    /// All documents of the scope.
    All,
    /// The documents that these words name.
    Named(String),
}

/// Most sentences that can be asked for.
const MOST_SENTENCES: usize = 12;

impl SummaryRequest {
    /// Reads a question, without filters; none if it asks for something else.
    pub fn detect(question: &str) -> Option<Self> {
        let question = bare_question(question);
        [Language::English, Language::German]
            .into_iter()
            .find_map(|language| {
                let wording = Wording::of(language);
                let (question, sentences) = wording.length(&question);
                let found = wording.request.captures(&question)?;
                let of = found
                    .iter()
                    .skip(1)
                    .flatten()
                    .next()
                    .map_or(Of::This, |what| wording.target(what.as_str()));
                Some(Self {
                    of,
                    sentences,
                    language,
                })
            })
    }

    /// The documents meant, of those in scope; none if the words name none of them, so that something else is asked
    /// for. `spoken_of`: those that the answer before cites.
    pub fn choose<'a>(&self, documents: &'a [Document], spoken_of: &HashSet<&str>) -> Option<Chosen<'a>> {
        let meant: Vec<&Document> = match &self.of {
            Of::All => documents.iter().collect(),
            Of::This => {
                let last: Vec<&Document> = documents
                    .iter()
                    .filter(|document| spoken_of.contains(document.id.0.as_str()))
                    .collect();
                match (documents, &last[..]) {
                    ([only], _) => vec![only],
                    (_, [only]) => vec![*only],
                    _ => return Some(Chosen::Unclear),
                }
            }
            Of::Named(words) => named(documents, words),
        };
        match (&self.of, meant.is_empty()) {
            (Of::Named(_), true) => None,
            _ => Some(Chosen::Documents(meant)),
        }
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

/// What a request means, given the documents there are.
#[derive(Clone, Debug, PartialEq)]
pub enum Chosen<'a> {
    /// These.
    Documents(Vec<&'a Document>),
    /// One document, but it is not clear which.
    Unclear,
}

struct Wording {
    /// The first group that took part is what to summarize.
    request: Regex,
    this: Regex,
    all: Regex,
    length: Regex,
    article: Regex,
    numbers: &'static [(&'static str, usize)],
}

impl Wording {
    fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &ENGLISH,
            Language::German => &GERMAN,
        }
    }

    fn target(&self, words: &str) -> Of {
        let words = words.trim();
        if self.this.is_match(words) {
            Of::This
        } else if self.all.is_match(words) {
            Of::All
        } else {
            Of::Named(self.article.replace(words, "").into_owned())
        }
    }

    /// The request without its length, and that.
    fn length(&self, question: &str) -> (String, Option<usize>) {
        let read = || {
            let found = self.length.captures(question)?;
            let number = found["n"].to_lowercase();
            let known = || self.numbers.iter().find(|(word, _)| *word == number);
            let n: usize = number.parse().ok().or_else(|| known().map(|(_, n)| *n))?;
            let rest = format!("{}{}", &question[..found.get(0)?.start()], &found["tail"]);
            Some((rest, n.clamp(1, MOST_SENTENCES)))
        };
        match read() {
            Some((rest, n)) => (rest, Some(n)),
            None => (question.to_owned(), None),
        }
    }
}

static ENGLISH: LazyLock<Wording> = LazyLock::new(|| {
    let kind = "(?:short |brief |quick |concise |general |detailed )*";
    let thing = "(?:document|file|pdf|text|paper|page|attachment|presentation|spreadsheet|e-?mail)";
    Wording {
        request: compile(&format!(
            "^(?:(?:can|could|would|will) you )?(?:please )?(?:\
             (?:summari[sz]e|sum up|recap)(?: (?:for me )?(.+?))?\
             |(?:(?:give|write|make|show)(?: me)? |i (?:need|want) |what is )?(?:an? |the )?{kind}(?:summary|overview|abstract|gist) of (.+?)\
             |(?:a )?(?:summary|overview|tl;?dr)\
             |what(?: is|'s|’s| are) (.+?) (?:all )?about\
             |what (?:does|do) (.+?) (?:talk about|deal with|cover))\
             (?: for me)?(?:,? please)?$"
        )),
        this: compile(&format!(
            "^(?:it|this|that|(?:this|that|the|my) (?:whole |entire |attached )?{thing})$"
        )),
        all: compile(&format!(
            "^(?:everything|(?:(?:all|all of|of|the|my|these|those|our) )*(?:{thing}s|files|library|collection|folder))$"
        )),
        length: compile(
            ",? (?:in|with|using) (?:about |at most |up to |no more than )?(?P<n>\\w+) (?:short |brief )?(?:sentences?|points?|bullet points?|bullets?|lines?)(?:,? please)?(?P<tail>)$",
        ),
        article: compile("^(?:the|my|our|this|that|a|an) (?:(?:document|file|pdf) (?:called |named )?)?"),
        numbers: &[
            ("a", 1),
            ("one", 1),
            ("two", 2),
            ("three", 3),
            ("four", 4),
            ("five", 5),
            ("six", 6),
            ("seven", 7),
            ("eight", 8),
            ("nine", 9),
            ("ten", 10),
            ("twelve", 12),
        ],
    }
});

static GERMAN: LazyLock<Wording> = LazyLock::new(|| {
    let kind = "(?:kurze[nr]? |knappe[nr]? |ausführliche[nr]? )*";
    let thing = "(?:dokuments?|datei|pdf|textes|text|seite|anhangs?|präsentation|tabelle|e-?mail|unterlage)";
    Wording {
        request: compile(&format!(
            "^(?:(?:kannst|könntest|würdest) du )?(?:mir )?(?:bitte )?(?:\
             fass(?:e|en sie)?(?: mir)?(?: bitte)? (.+?)(?: bitte| kurz| knapp)* zusammen\
             |(.+?)(?: bitte| kurz| knapp)* zusammenfassen\
             |(?:(?:gib|erstelle|schreibe?|mache?)(?: mir)?(?: bitte)? )?(?:eine?n? |die |den )?{kind}(?:zusammenfassung|überblick|übersicht) (?:(?:über|von) )?(.+?)\
             |worum geht(?: es|’s|'s) in (.+?)\
             |wovon handel(?:t|n) (.+?))$"
        )),
        this: compile(&format!(
            "^(?:es|das|dies|(?:dies(?:e[rsmn]?)?|das|der|des|dem|die|mein(?:e[rsm]?)?) (?:ganze[ns]? )?{thing})$"
        )),
        all: compile(
            "^(?:alles|(?:(?:alle[nr]?|die|der|den|mein(?:e[nr]?)?|diese[nr]?|unsere[nr]?) )*(?:dokumente?n?|dateien|unterlagen|texten?|bibliothek|sammlung|ordners?))$",
        ),
        length: compile(
            ",? (?:in|mit) (?:etwa |höchstens |maximal )?(?P<n>\\w+) (?:kurzen )?(?:sätzen|satz|punkten|stichpunkten|stichworten|zeilen)(?P<tail>(?: zusammen(?:fassen)?)?)$",
        ),
        article: compile(
            "^(?:der|die|das|des|dem|den|mein(?:e[nrsm]?)?|unser(?:e[nrsm]?)?|diese[nrsm]?|eine?[nrsm]?) (?:(?:dokument|datei|pdf) )?",
        ),
        numbers: &[
            ("einem", 1),
            ("zwei", 2),
            ("drei", 3),
            ("vier", 4),
            ("fünf", 5),
            ("sechs", 6),
            ("sieben", 7),
            ("acht", 8),
            ("neun", 9),
            ("zehn", 10),
            ("zwölf", 12),
        ],
    }
});

#[cfg(test)]
mod tests {
    use super::*;

    fn read(question: &str) -> Option<(Of, Option<usize>)> {
        SummaryRequest::detect(question).map(|request| (request.of, request.sentences))
    }

    fn named(words: &str) -> Option<(Of, Option<usize>)> {
        Some((Of::Named(words.into()), None))
    }

    #[test]
    fn summaries_are_told_by_their_wording() {
        for this in [
            "Summarize this document.",
            "Please summarise the PDF for me",
            "Can you give me a short summary of this file?",
            "What is this document about?",
            "Summary",
            "Fasse das Dokument bitte kurz zusammen.",
            "Kannst du dieses Dokument zusammenfassen?",
            "Worum geht es in diesem Dokument?",
        ] {
            assert_eq!(read(this), Some((Of::This, None)), "{this}");
        }
        for all in [
            "Summarize all my documents",
            "Give me an overview of everything",
            "What are these documents about?",
            "Fasse alle Dokumente zusammen",
            "Gib mir einen Überblick über meine Unterlagen",
        ] {
            assert_eq!(read(all), Some((Of::All, None)), "{all}");
        }
        assert_eq!(read("Summarize the harbour report"), named("harbour report"));
        assert_eq!(read("What is lease-2024.pdf about?"), named("lease-2024.pdf"));
        assert_eq!(read("Fasse den Mietvertrag zusammen"), named("Mietvertrag"));
    }

    #[test]
    fn a_summary_is_as_long_as_was_asked_for() {
        let three = |of| Some((of, Some(3)));
        assert_eq!(
            read("Summarize this document in three sentences"),
            three(Of::This)
        );
        assert_eq!(
            read("Summarise the lease in 3 bullet points, please"),
            three(Of::Named("lease".into()))
        );
        assert_eq!(
            read("Fasse das Dokument in drei Sätzen zusammen"),
            three(Of::This)
        );
        assert_eq!(
            read("Kannst du alles in 99 Sätzen zusammenfassen?"),
            Some((Of::All, Some(MOST_SENTENCES)))
        );
    }

    #[test]
    fn documents_are_named_by_file_or_title() {
        let document = |path| crate::query::tests::document(path, None);
        let documents = [document("/a/espresso-manual.html"), document("/a/lease_2024.pdf")];
        let found = |words| -> Vec<_> {
            super::named(&documents, words)
                .iter()
                .map(|d| d.path.clone())
                .collect()
        };
        for words in ["espresso-manual.html", "the espresso manual", "Espresso manual"] {
            assert_eq!(found(words), [documents[0].path.clone()], "{words}");
        }
        assert_eq!(found("lease 2024"), [documents[1].path.clone()]);
        assert!(found("harbour.html").is_empty());
    }

    #[test]
    fn other_questions_are_not() {
        for other in [
            "What is the rent?",
            "Who wrote the summary?",
            "When was the summary of the audit sent?",
            "How much does the lamp weigh?",
            "Was steht im Mietvertrag?",
            "Wie hoch ist die Miete?",
        ] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
