//! Why the filters of a question leave nothing, and what to do about it: by name, and in words.

use serde::{Deserialize, Serialize};

use crate::find::Language;

/// What left nothing. The window says it in its own language, an answer in that of its question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Advice {
    /// No day is after the one and before the other.
    NoSuchDay {
        /// A day, month or year.
        after: String,
        /// Likewise.
        before: String,
    },
    /// The phrase must stand there, and words of it must not.
    Contrary {
        /// What must.
        phrase: String,
        /// What must not.
        excluded: String,
    },
    /// No document has such a name.
    NotNamed {
        /// Documents that were looked at.
        documents: u32,
        /// Of names, as they are typed.
        filters: String,
    },
    /// No document says its date.
    Undated {
        /// Documents that were looked at.
        documents: u32,
        /// Of dates, as they are typed.
        filters: String,
    },
    /// No document is of that time.
    OtherTime {
        /// Documents that were looked at.
        documents: u32,
        /// Those of them that do not say their date.
        undated: u32,
        /// Of dates, as they are typed.
        filters: String,
    },
    /// The language of none is known.
    LanguageUnknown {
        /// Documents that were looked at.
        documents: u32,
        /// Of languages, as they are typed.
        filters: String,
    },
    /// No document is in that language.
    OtherLanguage {
        /// Documents that were looked at.
        documents: u32,
        /// Tags of the languages there are.
        languages: Vec<String>,
        /// Of languages, as they are typed.
        filters: String,
    },
    /// No page has the exact words.
    NotExact {
        /// The words.
        phrase: String,
    },
    /// No passage has all of the exact words.
    NotAllExact,
    /// Nothing that is left fits.
    NothingFits,
    /// Nothing that fits is without what is excluded.
    NothingWithout {
        /// What is excluded, as it is typed.
        filters: Vec<String>,
    },
}

impl Advice {
    /// In whole sentences.
    pub fn told(&self, language: Language) -> String {
        match language {
            Language::English => self.english(),
            Language::German => self.german(),
        }
    }

    fn english(&self) -> String {
        match self {
            Self::NoSuchDay { after, before } => {
                format!("No day is both after:{after} and before:{before}. Leave one of them out.")
            }
            Self::Contrary { phrase, excluded } => format!(
                "“{phrase}” must stand there and “{excluded}” must not, but the one has the other. Leave one of them out."
            ),
            Self::NotNamed { documents, filters } => {
                format!("None of {documents} documents is named so. Check or leave out {filters}.")
            }
            Self::Undated { documents, filters } => {
                format!("None of {documents} documents says its date. Leave out {filters}.")
            }
            Self::OtherTime {
                documents,
                undated,
                filters,
            } => format!(
                "None of {documents} documents is of that time ({undated} do not say their date). Check or leave out {filters}."
            ),
            Self::LanguageUnknown { documents, filters } => {
                format!("Of none of {documents} documents is the language known. Leave out {filters}.")
            }
            Self::OtherLanguage {
                documents,
                languages,
                filters,
            } => format!(
                "None of {documents} documents is in that language. There are {}. Check or leave out {filters}.",
                languages.join(", ")
            ),
            Self::NotExact { phrase } => {
                format!("No page has exactly “{phrase}”. Take the quotation marks off to find similar words.")
            }
            Self::NotAllExact => {
                "No passage has all of the exact words. Take the quotation marks off some of them.".into()
            }
            Self::NothingFits => {
                "Nothing in the documents that are left fits. Try other words, or leave a filter out.".into()
            }
            Self::NothingWithout { filters } => format!(
                "Nothing that fits is without an excluded word. Leave {} out, or try other words.",
                filters.join(" or ")
            ),
        }
    }

    fn german(&self) -> String {
        match self {
            Self::NoSuchDay { after, before } => format!(
                "Kein Tag erfüllt zugleich after:{after} und before:{before}. Lassen Sie eines davon weg."
            ),
            Self::Contrary { phrase, excluded } => format!(
                "„{phrase}“ muss dastehen und „{excluded}“ darf nicht, doch das eine enthält das andere. Lassen Sie eines davon weg."
            ),
            Self::NotNamed { documents, filters } => format!(
                "Keines von {documents} Dokumenten heißt so. Prüfen Sie {filters}, oder lassen Sie es weg."
            ),
            Self::Undated { documents, filters } => {
                format!("Keines von {documents} Dokumenten nennt sein Datum. Lassen Sie {filters} weg.")
            }
            Self::OtherTime {
                documents,
                undated,
                filters,
            } => format!(
                "Keines von {documents} Dokumenten ist aus dieser Zeit ({undated} ohne Datum). Prüfen Sie {filters}, oder lassen Sie es weg."
            ),
            Self::LanguageUnknown { documents, filters } => {
                format!("Von keinem von {documents} Dokumenten ist die Sprache bekannt. Lassen Sie {filters} weg.")
            }
            Self::OtherLanguage {
                documents,
                languages,
                filters,
            } => format!(
                "Keines von {documents} Dokumenten ist in dieser Sprache. Es gibt {}. Prüfen Sie {filters}, oder lassen Sie es weg.",
                languages.join(", ")
            ),
            Self::NotExact { phrase } => format!(
                "Auf keiner Seite steht genau „{phrase}“. Ohne die Anführungszeichen werden auch ähnliche Wörter gefunden."
            ),
            Self::NotAllExact => {
                "Keine Stelle hat alle genauen Wörter. Lassen Sie bei einigen die Anführungszeichen weg.".into()
            }
            Self::NothingFits => {
                "In den Dokumenten, die bleiben, passt nichts. Versuchen Sie es mit anderen Wörtern, oder lassen Sie einen Filter weg."
                    .into()
            }
            Self::NothingWithout { filters } => format!(
                "Alles, was passt, enthält ein ausgeschlossenes Wort. Lassen Sie {} weg, oder versuchen Sie es mit anderen Wörtern.",
                filters.join(" oder ")
            ),
        }
    }
}
