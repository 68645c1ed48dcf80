//! Requests to summarize documents, told by their wording, English or German. What is not a document (a topic, a
//! clause) is not summarized here: for that, a search finds the right places.

use std::sync::LazyLock;

use regex::Regex;

use crate::find::Language;
use crate::meant::Meant;
use crate::text::{bare_question, compile};

/// A request to summarize documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SummaryRequest {
    /// Which.
    pub of: Meant,
    /// How many sentences it should have, if the request says so.
    pub sentences: Option<usize>,
    /// The language it was asked in.
    pub language: Language,
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
                    .map_or(Meant::This, |what| Meant::read(what.as_str(), language));
                Some(Self {
                    of,
                    sentences,
                    language,
                })
            })
    }
}

struct Wording {
    /// The first group that took part is what to summarize.
    request: Regex,
    length: Regex,
    numbers: &'static [(&'static str, usize)],
}

impl Wording {
    fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &ENGLISH,
            Language::German => &GERMAN,
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
        length: compile(
            ",? (?:in|with|using) (?:about |at most |up to |no more than )?(?P<n>\\w+) (?:short |brief )?(?:sentences?|points?|bullet points?|bullets?|lines?)(?:,? please)?(?P<tail>)$",
        ),
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
    Wording {
        request: compile(&format!(
            "^(?:(?:kannst|könntest|würdest) du )?(?:mir )?(?:bitte )?(?:\
             fass(?:e|en sie)?(?: mir)?(?: bitte)? (.+?)(?: bitte| kurz| knapp)* zusammen\
             |(.+?)(?: bitte| kurz| knapp)* zusammenfassen\
             |(?:(?:gib|erstelle|schreibe?|mache?)(?: mir)?(?: bitte)? )?(?:eine?n? |die |den )?{kind}(?:zusammenfassung|überblick|übersicht) (?:(?:über|von) )?(.+?)\
             |worum geht(?: es|’s|'s) in (.+?)\
             |wovon handel(?:t|n) (.+?))$"
        )),
        length: compile(
            ",? (?:in|mit) (?:etwa |höchstens |maximal )?(?P<n>\\w+) (?:kurzen )?(?:sätzen|satz|punkten|stichpunkten|stichworten|zeilen)(?P<tail>(?: zusammen(?:fassen)?)?)$",
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

    fn read(question: &str) -> Option<(Meant, Option<usize>)> {
        SummaryRequest::detect(question).map(|request| (request.of, request.sentences))
    }

    fn named(words: &str) -> Option<(Meant, Option<usize>)> {
        Some((Meant::Named(words.into()), None))
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
            assert_eq!(read(this), Some((Meant::This, None)), "{this}");
        }
        for all in [
            "Summarize all my documents",
            "Give me an overview of everything",
            "What are these documents about?",
            "Fasse alle Dokumente zusammen",
            "Gib mir einen Überblick über meine Unterlagen",
        ] {
            assert_eq!(read(all), Some((Meant::All, None)), "{all}");
        }
        assert_eq!(read("Summarize the harbour report"), named("harbour report"));
        assert_eq!(read("What is lease-2024.pdf about?"), named("lease-2024.pdf"));
        assert_eq!(read("Fasse den Mietvertrag zusammen"), named("Mietvertrag"));
        let folder = Some((Meant::Folder("Leases".into()), None));
        assert_eq!(read("Summarize the folder Leases"), folder);
        assert_eq!(read("Fasse den Ordner Leases zusammen"), folder);
    }

    #[test]
    fn a_summary_is_as_long_as_was_asked_for() {
        let three = |of| Some((of, Some(3)));
        assert_eq!(
            read("Summarize this document in three sentences"),
            three(Meant::This)
        );
        assert_eq!(
            read("Summarise the lease in 3 bullet points, please"),
            three(Meant::Named("lease".into()))
        );
        assert_eq!(
            read("Fasse das Dokument in drei Sätzen zusammen"),
            three(Meant::This)
        );
        assert_eq!(
            read("Kannst du alles in 99 Sätzen zusammenfassen?"),
            Some((Meant::All, Some(MOST_SENTENCES)))
        );
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
