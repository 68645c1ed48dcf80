//! How an answer that counts is worded, in the language of its question.

use super::exhaustive::{Found, Tally, proved};
use crate::entities::EntityKind;
use crate::find::Language;
use crate::sieve::Filtered;
use crate::types::{Citation, Sentence};
use crate::whole::{Ask, WholeScope};

/// Documents whose first mention is cited behind the sum.
const CITED_IN_SUM: usize = 8;

/// Writes the answer to one question.
pub(super) struct Wording<'a> {
    whole: &'a WholeScope,
    filtered: Option<&'a Filtered>,
}

impl<'a> Wording<'a> {
    pub fn new(whole: &'a WholeScope, filtered: Option<&'a Filtered>) -> Self {
        Self { whole, filtered }
    }

    /// The text and its sentences. `cited` has the citations of each document that is listed, in the tally's order.
    pub fn answer(&self, tally: &Tally, cited: &[Vec<Citation>]) -> (String, Vec<Sentence>) {
        let firsts: Vec<u32> = cited
            .iter()
            .take(CITED_IN_SUM)
            .filter_map(|of| of.first())
            .map(|c| c.n)
            .collect();
        let mut sum = match self.whole.entity() {
            Some(kind) if tally.documents > 0 => self.listed(kind, tally),
            _ => self.sum(tally),
        };
        if !firsts.is_empty() {
            sum = format!("{sum} {}", marker(&firsts));
        }
        let mut sentences = vec![proved(sum.clone(), firsts)];
        let mut text = sum;
        for (n, citations) in cited.iter().enumerate() {
            let line = self.line(&tally.found, n, citations);
            text.push_str(if n == 0 { "\n\n- " } else { "\n- " });
            text.push_str(&line);
            sentences.push(proved(
                line,
                citations.iter().map(|citation| citation.n).collect(),
            ));
        }
        for (n, rest) in self.rest(tally, cited.len()).into_iter().enumerate() {
            text.push_str(if n == 0 { "\n\n" } else { " " });
            text.push_str(&rest);
            sentences.push(proved(rest, Vec::new()));
        }
        (text, sentences)
    }

    fn german(&self) -> bool {
        self.whole.language == Language::German
    }

    /// "“lamp” is mentioned 17 times on 9 pages, in 6 of 38 documents."
    fn sum(&self, tally: &Tally) -> String {
        let advice = self
            .filtered
            .and_then(|filtered| filtered.advice_in(self.whole.language));
        if tally.documents == 0 {
            return match (advice, self.german()) {
                (Some(advice), _) => advice,
                (None, false) => {
                    "There are no documents to look through yet. Add files or folders, then ask again.".into()
                }
                (None, true) => {
                    "Es gibt noch keine Dokumente. Füge Dateien oder Ordner hinzu und frage dann noch einmal."
                        .into()
                }
            };
        }
        let (with, of) = (tally.found.len(), tally.documents);
        let (mentions, pages) = (tally.mentions(), tally.pages_with());
        let names = self.names();
        let several = self.whole.all && self.whole.terms.len() > 1;
        let filters = self.filters();
        let yes = match (self.whole.ask == Ask::Any, with > 0, self.german()) {
            (false, ..) => "",
            (true, true, false) => "Yes: ",
            (true, false, false) => "No: ",
            (true, true, true) => "Ja: ",
            (true, false, true) => "Nein: ",
        };
        let said = if self.german() {
            let documents = documents_german(of);
            let on = if pages == 1 {
                "1 Seite".to_owned()
            } else {
                format!("{pages} Seiten")
            };
            match (with, several) {
                (0, false) => format!("{names} wird in keinem von {documents}{filters} erwähnt."),
                (0, true) => format!("{names} werden in keinem von {documents}{filters} beide erwähnt."),
                (_, false) => format!(
                    "{names} wird {mentions}-mal auf {on} erwähnt, in {with} von {documents}{filters}."
                ),
                (_, true) => {
                    format!(
                        "{names} werden beide in {with} von {documents}{filters} erwähnt, {mentions}-mal auf {on}."
                    )
                }
            }
        } else {
            let documents = counted(of, "document");
            let on = counted(pages, "page");
            let times = times(mentions);
            match (with, several) {
                (0, false) => format!("{names} is mentioned in none of {documents}{filters}."),
                (0, true) => format!("{names} are not both mentioned in any of {documents}{filters}."),
                (_, false) => {
                    format!("{names} is mentioned {times} on {on}, in {with} of {documents}{filters}.")
                }
                (_, true) => {
                    format!("{names} are both mentioned in {with} of {documents}{filters}, {times} on {on}.")
                }
            }
        };
        format!("{yes}{said}")
    }

    /// "12 deadlines, 9 of them different, on 5 pages, in 2 of 38 documents."
    fn listed(&self, kind: EntityKind, tally: &Tally) -> String {
        let (with, of) = (tally.found.len(), tally.documents);
        let (count, different, pages) = (tally.mentions(), tally.different.len(), tally.pages_with());
        let things = kind.noun(self.whole.language, count);
        let filters = self.filters();
        if self.german() {
            let yes = if self.whole.ask == Ask::Any && with > 0 {
                "Ja: "
            } else {
                ""
            };
            if with == 0 {
                let things = kind.noun(Language::German, 2);
                return format!(
                    "In {}{filters} wurden keine {things} gefunden.",
                    documents_german(of)
                );
            }
            let apart = if different < count {
                format!(", davon {different} verschiedene")
            } else {
                String::new()
            };
            let on = if pages == 1 {
                "1 Seite".to_owned()
            } else {
                format!("{pages} Seiten")
            };
            format!(
                "{yes}{count} {things}{apart}, auf {on}, in {with} von {}{filters}.",
                documents_german(of)
            )
        } else {
            let yes = if self.whole.ask == Ask::Any && with > 0 {
                "Yes: "
            } else {
                ""
            };
            let documents = counted(of, "document");
            if with == 0 {
                let things = kind.noun(Language::English, 2);
                return format!("No {things} were found in {documents}{filters}.");
            }
            let apart = if different < count {
                format!(", {different} of them different")
            } else {
                String::new()
            };
            let on = counted(pages, "page");
            format!("{yes}{count} {things}{apart}, on {on}, in {with} of {documents}{filters}.")
        }
    }

    /// The filters that narrowed the documents, in brackets.
    fn filters(&self) -> String {
        self.filtered
            .map_or(String::new(), |f| format!(" ({})", f.filters.join(" ")))
    }

    fn names(&self) -> String {
        let (open, close, or, and) = if self.german() {
            ('„', '“', " oder ", " und ")
        } else {
            ('“', '”', " or ", " and ")
        };
        let names: Vec<String> = self
            .whole
            .terms
            .iter()
            .map(|term| format!("{open}{}{close}", term.text))
            .collect();
        names.join(if self.whole.all { and } else { or })
    }

    /// `handbook.md: 5 times, page 1 [1], page 3 [2, 3], and 2 more.`
    fn line(&self, found: &[Found], n: usize, citations: &[Citation]) -> String {
        let of = &found[n];
        let (page, mentions) = if self.german() {
            ("Seite", format!("{}-mal", of.mentions))
        } else {
            ("page", times(of.mentions))
        };
        let mut line = shown_name(found, n);
        if self.whole.entity().is_some() {
            self.quote_each(of, citations, page, &mut line);
        } else {
            line.push_str(&format!(": {mentions}"));
            for of_page in citations.chunk_by(|a, b| a.page == b.page) {
                let numbers: Vec<u32> = of_page.iter().map(|citation| citation.n).collect();
                line.push_str(&format!(", {page} {} {}", of_page[0].page, marker(&numbers)));
            }
        }
        let cited: usize = of
            .places
            .iter()
            .take(citations.len())
            .map(|place| place.mentions)
            .sum();
        match (of.mentions - cited, self.german()) {
            (0, _) => line.push('.'),
            (more, false) => line.push_str(&format!(", and {more} more.")),
            (more, true) => line.push_str(&format!(" und {more} weitere.")),
        }
        line
    }

    /// `: page 1 “within 14 days” [1], “by 30 June” [2]; page 3 “monthly” [3]`
    fn quote_each(&self, of: &Found, citations: &[Citation], page: &str, line: &mut String) {
        let (open, close) = if self.german() {
            ('„', '“')
        } else {
            ('“', '”')
        };
        let mut last = None;
        for (place, citation) in of.places.iter().zip(citations) {
            let said: Vec<String> = (place.said.iter())
                .map(|said| format!("{open}{}{close}", without_brackets(&shortened(said))))
                .collect();
            line.push_str(match last {
                None => ": ",
                Some(last) if last == place.page => ", ",
                Some(_) => "; ",
            });
            if last != Some(place.page) {
                line.push_str(&format!("{page} {} ", place.page));
            }
            last = Some(place.page);
            line.push_str(&format!("{} {}", said.join(", "), marker(&[citation.n])));
        }
    }

    /// What is not listed, and what could not be looked through.
    fn rest(&self, tally: &Tally, listed: usize) -> Vec<String> {
        let mut rest = Vec::new();
        let unlisted = &tally.found[listed..];
        let more: usize = unlisted.iter().map(|found| found.mentions).sum();
        let (unread, waiting) = (tally.unread, tally.waiting);
        if self.whole.entity() == Some(EntityKind::Deadline) && tally.documents > 0 {
            rest.push(if self.german() {
                "Erkannt an Wörtern wie „bis“, „innerhalb“ und „fällig“ bei einem Datum oder einer Dauer; anders ausgedrückte Fristen fehlen.".into()
            } else {
                "Told by words such as “by”, “within” and “due” beside a date or a length of time; deadlines that are said otherwise are missing.".into()
            });
        }
        if !unlisted.is_empty() {
            rest.push(if self.german() {
                format!(
                    "{} weitere Dokumente mit {more} Erwähnungen sind nicht aufgeführt.",
                    unlisted.len()
                )
            } else {
                let documents = counted(unlisted.len(), "more document");
                format!("Not listed: {documents} with {}.", counted(more, "mention"))
            });
        }
        if unread > 0 {
            rest.push(if self.german() {
                format!("Nicht lesbar und nicht durchgesehen: {unread} Seiten.")
            } else {
                format!(
                    "Could not be read and was not looked through: {}.",
                    counted(unread, "page")
                )
            });
        }
        if waiting > 0 {
            rest.push(if self.german() {
                format!("Noch nicht eingelesen und nicht durchgesehen: {waiting} Dateien.")
            } else {
                format!(
                    "Not indexed yet and not looked through: {}.",
                    counted(waiting, "file")
                )
            });
        }
        rest
    }
}

/// "In 1 Dokument", "von 38 Dokumenten".
fn documents_german(n: usize) -> String {
    if n == 1 {
        "1 Dokument".to_owned()
    } else {
        format!("{n} Dokumenten")
    }
}

fn counted(n: usize, thing: &str) -> String {
    format!("{n} {thing}{}", if n == 1 { "" } else { "s" })
}

fn times(n: usize) -> String {
    if n == 1 {
        "once".into()
    } else {
        format!("{n} times")
    }
}

pub(super) fn marker(numbers: &[u32]) -> String {
    let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    format!("[{}]", numbers.join(", "))
}

/// A document's file name, with its folder where another one found has the same. What looks like a marker in it would
/// read as one of ours.
fn shown_name(found: &[Found], n: usize) -> String {
    let name = found[n].document.file_name();
    let shared = found
        .iter()
        .filter(|other| other.document.file_name() == name)
        .count()
        > 1;
    let parent = found[n]
        .document
        .path
        .parent()
        .and_then(|parent| parent.file_name());
    let name = match parent {
        Some(parent) if shared => format!("{}/{name}", parent.to_string_lossy()),
        _ => name,
    };
    without_brackets(&name).replace(['\n', '\r'], " ")
}

/// What looks like a marker would read as one of ours.
fn without_brackets(text: &str) -> String {
    text.replace('[', "(").replace(']', ")")
}

/// A thing as it stands there, but no longer than a line of an answer bears.
fn shortened(said: &str) -> String {
    const MOST: usize = 80;
    match said.char_indices().nth(MOST) {
        Some((at, _)) => format!("{}…", &said[..at]),
        None => said.to_owned(),
    }
}
