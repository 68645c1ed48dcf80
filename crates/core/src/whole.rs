//! Questions about all documents at once, or all of some: how many mention something, which ones, where, whether any does;
//! what deadlines, amounts or addresses there are.
//!
//! They are told by their wording alone, English or German; a ranking of passages cannot answer them, reading every
//! page can.

mod listed;

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::Regex;
use unicode_segmentation::UnicodeSegmentation;

use crate::entities::EntityKind;
use crate::find::{Language, Wanted};
use crate::ids::DocumentId;
use crate::meant::{Chosen, Meant};
use crate::text::{bare_question, compile};
use crate::types::Document;

/// A question about all documents.
#[derive(Clone, Debug)]
pub struct WholeScope {
    /// What is looked for.
    pub terms: Vec<Term>,
    /// Whether a document must have all of the terms, and not just one.
    pub all: bool,
    /// What is wanted.
    pub ask: Ask,
    /// Where it is looked for, if not in all documents of the scope: "... in the lease".
    pub within: Option<Meant>,
    /// The language it was asked in.
    pub language: Language,
}

/// One thing looked for.
#[derive(Clone, Debug)]
pub struct Term {
    /// As asked.
    pub text: String,
    /// How it is found.
    pub wanted: Wanted,
}

/// What is wanted of the mentions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Their number.
    Count,
    /// Where they are.
    List,
    /// Whether there are any.
    Any,
}

/// Most words of a term; longer ones are no terms but clauses.
const TERM_WORDS: usize = 8;
/// The same behind a verb that is often meant loosely ("contain a clause about").
const LOOSE_WORDS: usize = 3;

impl WholeScope {
    /// Reads a question, without filters; none if it is about something else.
    pub fn detect(question: &str) -> Option<Self> {
        let question = bare_question(question);
        listed::read(&question)
            .or_else(|| mentions(&question, None))
            .or_else(|| {
                let languages = [Language::English, Language::German].into_iter();
                let mut parted = languages.filter_map(|language| parted(&question, language));
                parted.find_map(|parted| {
                    let whole = mentions(&parted.rest, Some(parted.language))?;
                    Some(Self {
                        within: Some(parted.place),
                        ..whole
                    })
                })
            })
    }

    /// The kind of thing that is looked for, if it is one and no word.
    pub fn entity(&self) -> Option<EntityKind> {
        match &self.terms[..] {
            [
                Term {
                    wanted: Wanted::Entities(kind),
                    ..
                },
            ] => Some(*kind),
            _ => None,
        }
    }

    /// The documents of `documents` that the question is about; none if the words for it name none of them, so that something
    /// else is asked for. `spoken_of`: those that the answer before cites.
    pub fn choose<'a>(
        &self,
        documents: &'a [Document],
        spoken_of: &HashSet<DocumentId>,
    ) -> Option<Vec<&'a Document>> {
        let meant = self.within.as_ref().unwrap_or(&Meant::All);
        Some(match meant.choose(documents, spoken_of)? {
            Chosen::Documents(chosen) => chosen,
            // It is said in the answer how many were looked through.
            Chosen::Unclear => documents.iter().collect(),
        })
    }
}

struct Pattern {
    regex: Regex,
    ask: Ask,
    language: Language,
}

impl Pattern {
    fn read(&self, question: &str) -> Option<WholeScope> {
        let found = self.regex.captures(question)?;
        let most = if found.name("loose").is_some() {
            LOOSE_WORDS
        } else {
            TERM_WORDS
        };
        let (texts, all) = alternatives(found.name("t")?.as_str(), self.language)?;
        let mut terms = Vec::new();
        for text in texts {
            let quoted = unquoted(&text);
            let words = text.unicode_words().count();
            let clause = words > most || text.unicode_words().any(is_clause_word) || PART.is_match(&text);
            if quoted.is_none() && clause {
                return None;
            }
            let wanted = match quoted {
                Some(inner) => Wanted::exact(inner)?,
                None => Wanted::forms(&text, self.language)?,
            };
            let text = quoted.unwrap_or(&text).to_owned();
            terms.push(Term { text, wanted });
        }
        (!terms.is_empty()).then_some(WholeScope {
            terms,
            all,
            ask: self.ask,
            within: None,
            language: self.language,
        })
    }
}

/// A question about mentions, in this language if one is given.
fn mentions(question: &str, language: Option<Language>) -> Option<WholeScope> {
    let spoken = |pattern: &&Pattern| language.is_none_or(|language| pattern.language == language);
    PATTERNS
        .iter()
        .filter(spoken)
        .find_map(|pattern| pattern.read(question))
}

/// A question without the place that it ends with.
struct Parted {
    rest: String,
    place: Meant,
    language: Language,
}

/// "How often is the lamp mentioned" and "the house rules".
fn parted(question: &str, language: Language) -> Option<Parted> {
    let place = match language {
        Language::English => &*ENGLISH_WITHIN,
        Language::German => &*GERMAN_WITHIN,
    };
    let found = place.captures(question)?;
    let tail = found.name("tail").map_or("", |tail| tail.as_str());
    Some(Parted {
        rest: format!("{}{tail}", &question[..found.get(0)?.start()]),
        place: Meant::read(&found["place"], language),
        language,
    })
}

/// The terms of a list, and whether all of them are wanted. None if it is not clear.
fn alternatives(list: &str, language: Language) -> Option<(Vec<String>, bool)> {
    let bare = trim_place(list, language);
    let masked = masked(bare);
    let (either, both) = match language {
        Language::English => (" or ", " and "),
        Language::German => (" oder ", " und "),
    };
    let (any, all) = (masked.contains(either), masked.contains(both));
    if any && all {
        return None;
    }
    let mut cuts: Vec<(usize, usize)> = Vec::new();
    for separator in [either, both, ", "] {
        if separator != ", " || any || all {
            cuts.extend(
                masked
                    .match_indices(separator)
                    .map(|(at, _)| (at, at + separator.len())),
            );
        }
    }
    cuts.sort_unstable();
    let mut texts = Vec::new();
    let mut from = 0;
    for (start, end) in cuts.into_iter().chain(std::iter::once((bare.len(), bare.len()))) {
        if let Some(piece) = bare.get(from..start) {
            let piece = bare_term(piece.trim_matches([' ', ',']), language);
            if !piece.is_empty() {
                texts.push(piece.to_owned());
            }
        }
        from = end;
    }
    Some((texts, all))
}

/// `text` in lower-case ASCII with what is quoted blanked out, byte for byte.
fn masked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut inside = false;
    for c in text.chars() {
        let mark = matches!(c, '"' | '“' | '”' | '„' | '«' | '»');
        inside ^= mark;
        if inside || mark {
            out.extend(std::iter::repeat_n('\0', c.len_utf8()));
        } else {
            out.push(c.to_ascii_lowercase());
        }
    }
    out
}

/// The inside of quotation marks around all of `text`.
fn unquoted(text: &str) -> Option<&str> {
    let inner = text.strip_prefix(['"', '“', '„', '«', '»'])?;
    let inner = inner.strip_suffix(['"', '”', '“', '»', '«'])?;
    (!inner.contains(['"', '“', '”', '„', '«', '»'])).then(|| inner.trim())
}

/// Words that a clause has and a term does not.
fn is_clause_word(word: &str) -> bool {
    const WORDS: &[&str] = &[
        "it", "its", "this", "that", "these", "those", "there", "them", "they", "he", "she", "him", "her",
        "but", "not", "except", "without", "who", "what", "when", "where", "why", "how", "which", "es",
        "sie", "ihn", "ihm", "dies", "diese", "dieser", "dieses", "aber", "nicht", "ohne", "außer", "wer",
        "wann", "wo", "warum", "wie", "welche", "welcher",
    ];
    // "IT" and "WHO" are names.
    !word.chars().all(char::is_uppercase) && WORDS.contains(&word.to_lowercase().as_str())
}

/// Without "in my documents" and the like at the end.
fn trim_place(text: &str, language: Language) -> &str {
    let place = match language {
        Language::English => &*ENGLISH_PLACE,
        Language::German => &*GERMAN_PLACE,
    };
    place
        .find(text)
        .map_or(text, |found| &text[..found.start()])
        .trim()
}

/// Without an article, and without "the word".
fn bare_term(text: &str, language: Language) -> &str {
    let lead = match language {
        Language::English => &*ENGLISH_LEAD,
        Language::German => &*GERMAN_LEAD,
    };
    lead.find(text).map_or(text, |found| &text[found.end()..]).trim()
}

const OF: &str = r"(?:of )?(?:(?:all|any|the|my|our|these|those|of) )*";
const THINGS: &str = r"(?:documents?|docs?|files?|sources?|pages?)";
const SAY: &str = r"(?:mention(?:s|ing)?|refers? to|referring to|(?P<loose>names?|contain(?:s|ing)?|includ(?:es?|ing)|talks? about|speaks? of)|(?:use|have|contain)s? the (?:word|term|phrase))";
const UP: &str = r"(?:mentioned|named|referred to|appear|occur|come up|show up)";
const VON: &str =
    r"(?:(?:von|der|den|die|aller|allen|alle|meiner|meinen|meine|unserer|unseren|diesen|dieser) )*";
const DINGE: &str = r"(?:dokumente?n?|datei(?:en)?|unterlagen|quellen?|seiten?)";
const SAGEN: &str = r"(?:erwähn(?:en|t)|sprechen von|spricht von|(?P<loose>nenn(?:en|t)|enthalten|enthält))";
const VOR: &str = r"(?:erwähnt|genannt|vor)";
const SATZ: &str = r"(?:erwähn(?:en|t)(?: wird| werden)?|genannt (?:wird|werden)|vorkomm(?:t|en)|nenn(?:en|t)|enthalten|enthält)";

const PLACE: &str = r"(?:anywhere|at all|overall|in total|(?:in|on|across|throughout|among) (?:(?:all|any|the|my|our|these|those|of) )*(?:documents?|docs?|files?|sources?|pages?|library|collection|everything))";

static ENGLISH_PLACE: LazyLock<Regex> = LazyLock::new(|| compile(&format!(" {PLACE}$")));
static GERMAN_PLACE: LazyLock<Regex> = LazyLock::new(|| {
    compile(&format!(
        r" (?:irgendwo|insgesamt|überhaupt|(?:in|auf|aus) (?:(?:irgend)?einem )?{VON}{DINGE})$"
    ))
});
/// A place that narrows the question to less than all documents.
static PART: LazyLock<Regex> = LazyLock::new(|| {
    compile(
        r"\b(?:(?:in|on|within|of) (?:the|my|our|this|that)|im|am|in (?:der|dem|den|diesem|dieser|meiner|meinem)) ",
    )
});
static ENGLISH_LEAD: LazyLock<Regex> = LazyLock::new(|| {
    compile(
        r"^(?:(?:the |an? |any |some )?(?:words?|terms?|names?|phrases?|expressions?) |the |an? |any |some )",
    )
});
static GERMAN_LEAD: LazyLock<Regex> = LazyLock::new(|| {
    compile(
        r"^(?:(?:das |den |der |die )?(?:wort|wörter|begriffe?|namen?|ausdruck|ausdrücke) |der |die |das |den |dem |des |eine?[nmrs]? )",
    )
});

/// Where something is looked for, at the end of a question: a document by its name, a folder. German verbs come behind it.
static ENGLISH_WITHIN: LazyLock<Regex> = LazyLock::new(|| {
    compile(
        r#" (?:in|within|across|throughout|from) (?P<place>(?:(?:the|my|our|this|that|these) |folder )[^,"“”]+|[^\s,"“”]+\.[a-z0-9]{2,5})$"#,
    )
});
static GERMAN_WITHIN: LazyLock<Regex> = LazyLock::new(|| {
    compile(
        r#" (?:im|(?:in|aus) (?:der|dem|den|diese[mnr]|meine[mnr]|unsere[mnr])|in|aus) (?P<place>[^,"“”„]+?)(?P<tail>(?: (?:erwähnt|genannt|vor|auf))*)$"#,
    )
});

static PATTERNS: LazyLock<Vec<Pattern>> = LazyLock::new(|| {
    let english: [(Ask, String); 15] = [
        (Ask::Count, format!("how many {OF}{THINGS}(?: are there)?(?: that| which)?(?: do| does)? {SAY} (?P<t>.+)")),
        (Ask::Count, format!("(?:in|on) how many {OF}{THINGS} (?:is|are|was|were|do|does) (?P<t>.+) {UP}")),
        (Ask::Count, format!("how (?:often|many times) (?:is|are|was|were) (?P<t>.+) mentioned(?: {PLACE})?")),
        (Ask::Count, format!("how (?:often|many times) (?:do|does) (?P<t>.+) (?:appear|occur|come up) (?:in|on|across|throughout) {OF}{THINGS}")),
        (Ask::Count, format!("how many mentions of (?P<t>.+?) (?:are|is) there(?: {PLACE})?")),
        (Ask::Count, "(?:count|how many) (?:all )?(?:the )?(?:mentions|occurrences) of (?P<t>.+)".into()),
        (Ask::List, format!("(?:please )?(?:list|show|find|name|give) (?:me )?{OF}(?:every |each )?{THINGS} (?:that |which )?{SAY} (?P<t>.+)")),
        (Ask::List, format!("(?:please )?(?:list|show|find|name|give) (?:me )?{OF}(?:every |each )?{THINGS} (?:in which|where) (?P<t>.+) (?:is|are) mentioned")),
        (Ask::List, "(?:please )?(?:list|show|find|give) (?:me )?(?:all |every )?(?:the )?(?:mentions?|occurrences?) of (?P<t>.+)".into()),
        (Ask::List, format!("(?:which|what) {OF}{THINGS} (?:do |does )?{SAY} (?P<t>.+)")),
        (Ask::List, format!("(?:in|on) (?:which|what) {OF}{THINGS} (?:is|are|was|were|do|does) (?P<t>.+) {UP}")),
        (Ask::List, format!("where (?:is|are|was|were) (?P<t>.+) mentioned(?: {PLACE})?")),
        (Ask::Any, format!("(?:do|does) any {OF}{THINGS} {SAY} (?P<t>.+)")),
        (Ask::Any, format!("(?:is|are) there (?:an?|any) {THINGS} (?:that |which )?{SAY} (?P<t>.+)")),
        (Ask::Any, format!("(?:is|are|was|were) (?P<t>.+) (?:ever )?mentioned (?:anywhere|(?:in|on) {OF}{THINGS})")),
    ];
    let german: [(Ask, String); 12] = [
        (Ask::Count, format!("wie ?viele {VON}{DINGE} {SAGEN} (?P<t>.+)")),
        (
            Ask::Count,
            format!("wie ?viele {VON}{DINGE} gibt es,? (?:die|in denen|auf denen) (?P<t>.+) {SATZ}"),
        ),
        (
            Ask::Count,
            format!("(?:in|auf) wie ?vielen {VON}{DINGE} (?:wird|werden|kommt|kommen) (?P<t>.+) {VOR}"),
        ),
        (
            Ask::Count,
            format!("wie oft (?:wird|werden|kommt|kommen) (?P<t>.+) {VOR}"),
        ),
        (
            Ask::List,
            format!(
                "(?:bitte )?(?:liste|nenne?|zeige?|finde|gib) (?:mir )?(?:bitte )?(?:alle|sämtliche|die) {VON}{DINGE}(?: auf)?,? (?:die|welche|in denen|auf denen|wo) (?P<t>.+) {SATZ}(?: auf)?"
            ),
        ),
        (Ask::List, format!("welche {VON}{DINGE} {SAGEN} (?P<t>.+)")),
        (
            Ask::List,
            format!("(?:in|auf) welche[nrm] {VON}{DINGE} (?:wird|werden|kommt|kommen) (?P<t>.+) {VOR}"),
        ),
        (
            Ask::List,
            format!("wo (?:wird|werden|kommt|kommen) (?P<t>.+) {VOR}"),
        ),
        (
            Ask::Any,
            format!("(?:erwähn(?:t|en)|nennt|enthält) (?:irgend)?(?:eine?s?|welche) {VON}{DINGE} (?P<t>.+)"),
        ),
        (
            Ask::Any,
            format!(
                "gibt es (?:irgend)?(?:eine?|welche) {DINGE},? (?:das|die|in dem|in der|in denen) (?P<t>.+) {SATZ}"
            ),
        ),
        (
            Ask::Any,
            "(?:wird|werden) (?P<t>.+ (?:irgendwo|überhaupt)) erwähnt".into(),
        ),
        (
            Ask::Any,
            format!("(?:wird|werden) (?P<t>.+ (?:in|auf) (?:(?:irgend)?einem )?{VON}{DINGE}) erwähnt"),
        ),
    ];
    let of = |language| {
        move |(ask, text): (Ask, String)| Pattern {
            regex: compile(&format!("^{text}$")),
            ask,
            language,
        }
    };
    english
        .into_iter()
        .map(of(Language::English))
        .chain(german.into_iter().map(of(Language::German)))
        .collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    fn read(question: &str) -> Option<(Ask, bool, Vec<String>)> {
        WholeScope::detect(question).map(|whole| {
            assert_eq!(whole.within, None, "{question}");
            let terms = whole.terms.into_iter().map(|term| term.text).collect();
            (whole.ask, whole.all, terms)
        })
    }

    #[test]
    fn whole_scope_questions_are_told_by_their_wording() {
        let one = |ask, term: &str| Some((ask, false, vec![term.to_owned()]));
        for (question, ask, term) in [
            ("How many documents mention the lamp?", Ask::Count, "lamp"),
            (
                "how many of my files contain \"force majeure\"",
                Ask::Count,
                "force majeure",
            ),
            (
                "How often is the fog horn mentioned in my documents?",
                Ask::Count,
                "fog horn",
            ),
            (
                "How many times does vinegar appear in the documents?",
                Ask::Count,
                "vinegar",
            ),
            (
                "In how many documents is Ada Lovelace mentioned?",
                Ask::Count,
                "Ada Lovelace",
            ),
            ("How many mentions of IT are there?", Ask::Count, "IT"),
            (
                "List all documents that mention the word lease.",
                Ask::List,
                "lease",
            ),
            ("Which documents mention a deposit?", Ask::List, "deposit"),
            ("Where is the keeper mentioned?", Ask::List, "keeper"),
            ("On which pages is vinegar mentioned?", Ask::List, "vinegar"),
            ("Does any document mention dolphins?", Ask::Any, "dolphins"),
            (
                "Are there any files that refer to asbestos?",
                Ask::Any,
                "asbestos",
            ),
            ("Is the landlord mentioned anywhere?", Ask::Any, "landlord"),
            ("Wie viele Dokumente erwähnen die Lampe?", Ask::Count, "Lampe"),
            (
                "Wie oft wird der Leuchtturm in meinen Dokumenten erwähnt?",
                Ask::Count,
                "Leuchtturm",
            ),
            (
                "In wie vielen Dateien kommt das Wort „Kaution“ vor?",
                Ask::Count,
                "Kaution",
            ),
            ("Welche Dokumente enthalten Kaution?", Ask::List, "Kaution"),
            (
                "Nenne alle Dokumente, die den Vermieter erwähnen",
                Ask::List,
                "Vermieter",
            ),
            (
                "Liste alle Dokumente auf, in denen Essig erwähnt wird.",
                Ask::List,
                "Essig",
            ),
            ("Wo kommt Essig vor?", Ask::List, "Essig"),
            ("Erwähnt irgendein Dokument Delfine?", Ask::Any, "Delfine"),
            ("Gibt es ein Dokument, das Asbest erwähnt?", Ask::Any, "Asbest"),
            ("Wird Asbest irgendwo erwähnt?", Ask::Any, "Asbest"),
        ] {
            assert_eq!(read(question), one(ask, term), "{question}");
        }
        let two = |all| Some((Ask::List, all, vec!["lamp".to_owned(), "horn".to_owned()]));
        assert_eq!(read("Which documents mention the lamp or the horn?"), two(false));
        assert_eq!(read("Which documents mention the lamp and the horn?"), two(true));
        assert_eq!(
            read("Welche Dokumente erwähnen \"Müller und Söhne\" oder Essig?"),
            Some((Ask::List, false, vec!["Müller und Söhne".into(), "Essig".into()]))
        );
    }

    #[test]
    fn a_place_narrows_them() {
        let named = |name: &str| Some(Meant::Named(name.into()));
        for (question, term, within) in [
            (
                "How often is the lamp mentioned in the lease?",
                "lamp",
                named("lease"),
            ),
            (
                "Where is the deposit mentioned in my contract of 2023?",
                "deposit",
                named("contract of 2023"),
            ),
            (
                "How many mentions of the lamp are there in rules.pdf?",
                "lamp",
                named("rules.pdf"),
            ),
            (
                "Where is the lamp mentioned in this document?",
                "lamp",
                Some(Meant::This),
            ),
            (
                "Where is the lamp mentioned in the folder Rules?",
                "lamp",
                Some(Meant::Folder("Rules".into())),
            ),
            (
                "Wie oft wird die Lampe in der Hausordnung erwähnt?",
                "Lampe",
                named("Hausordnung"),
            ),
            (
                "Wo wird die Lampe im Ordner Regeln erwähnt?",
                "Lampe",
                Some(Meant::Folder("Regeln".into())),
            ),
        ] {
            let whole = WholeScope::detect(question).unwrap_or_else(|| panic!("{question}"));
            assert_eq!(
                (whole.terms[0].text.as_str(), whole.within),
                (term, within),
                "{question}"
            );
        }
    }

    #[test]
    fn other_questions_are_not() {
        for question in [
            "How many keepers does the tower have?",
            "How often must the lamp be cleaned?",
            "How often does the alarm occur?",
            "Which documents do not mention the lamp?",
            "Which documents mention the lamp but not the horn?",
            "Which documents mention it?",
            "Which document says when the lamp is cleaned?",
            "Which documents contain a clause about early termination of the lease?",
            "What does the lease mention about the lamp?",
            "How many PDFs mention the lamp?",
            "Welche Dokumente erwähnen es?",
            "Wie oft muss die Lampe geputzt werden?",
            "Wo wohnt der Wärter?",
            "",
        ] {
            assert_eq!(read(question), None, "{question}");
        }
    }
}
