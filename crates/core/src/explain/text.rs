//! What happened, in English.

use super::{Fact, Remedy, SearchStage, SearchStep};

impl SearchStage {
    /// What the stage is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Document => "Document",
            Self::Scope => "Scope",
            Self::Filters => "Filters",
            Self::Page => "Page",
            Self::Passages => "Passages",
            Self::Count => "Count",
            Self::Meaning => "By meaning",
            Self::Words => "By words",
            Self::Fusion => "Fusion",
            Self::SecondLook => "Second look",
            Self::Rerank => "Reranking",
            Self::Selection => "Selection",
            Self::Context => "Context",
            Self::Evidence => "Evidence",
            Self::Answer => "Answer",
        }
    }
}

fn listed(words: &[String]) -> String {
    words
        .iter()
        .map(|word| format!("“{word}”"))
        .collect::<Vec<_>>()
        .join(", ")
}

fn counted(count: u32, one: &str, more: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { more })
}

impl SearchStep {
    /// What happened, as a sentence.
    pub fn text(&self) -> String {
        match &self.fact {
            Fact::Indexed { pages, passages } => format!(
                "It is read: {}, {}.",
                counted(*pages, "page", "pages"),
                counted(*passages, "passage", "passages")
            ),
            Fact::Outdated => "A new state of the file waits to be read; the one before is searched.".into(),
            Fact::OutdatedFailed => {
                "The new state of the file could not be read; the one before is searched.".into()
            }
            Fact::NeverRead => "The file has not been read to the end.".into(),
            Fact::InScope => "The document was asked.".into(),
            Fact::OtherCollection { collection } => format!("Only the collection {collection} was asked."),
            Fact::NotAsked { documents } => format!(
                "Only {} asked, and this is not among them.",
                counted(*documents, "document was", "documents were")
            ),
            Fact::LetThrough { filters } => format!("The filters let it through: {}", filters.join(" ")),
            Fact::FilteredOut { filter } => format!("The filter {filter} leaves it out."),
            Fact::PageText { page } => format!("Page {page} has text."),
            Fact::PageRecognized { page, percent } => {
                format!("The text of page {page} was recognised in an image, {percent} % sure.")
            }
            Fact::PagesWithText { some, pages } => {
                format!("{some} of {} text.", counted(*pages, "page has", "pages have"))
            }
            Fact::ImageUnread { images } => format!(
                "There is no text: {} of the document {} and not read yet.",
                counted(*images, "page", "pages"),
                if *images == 1 { "is an image" } else { "are images" }
            ),
            Fact::NoText => "There is no text on it.".into(),
            Fact::PageFailed {
                warning: Some(warning),
            } => format!("It could not be read: {}", warning.text),
            Fact::PageFailed { warning: None } => "It could not be read.".into(),
            Fact::Stored { passages } => {
                format!("Its text is in {}.", counted(*passages, "passage", "passages"))
            }
            Fact::NotStored => "It is in no passage: what repeats from page to page is not searched.".into(),
            Fact::Mentioned { terms, mentions } => format!(
                "Every page was read; {} stands there {}.",
                listed(terms),
                counted(*mentions, "time", "times")
            ),
            Fact::NotMentioned { terms } => {
                format!("Every page was read, and {} does not stand there.", listed(terms))
            }
            Fact::Ranked { rank } => format!("It ranks {rank}."),
            Fact::RankedDeeper { depth } => format!("It is not among the first {depth}."),
            Fact::NoVector => {
                "It was embedded by a model that is no longer here, so its meaning cannot be compared.".into()
            }
            Fact::RankedByWords { rank, words } if words.is_empty() => format!("It ranks {rank}."),
            Fact::RankedByWords { rank, words } => format!("It ranks {rank}; it has {}.", listed(words)),
            Fact::NoWords { words } => format!("It has none of the question's words: {}.", listed(words)),
            Fact::Fused { rank, of } => format!("It ranks {rank} of {of} that either search found."),
            Fact::NotAmongBest { depth } => {
                format!("Neither search has it among its best {depth}, so it was not considered.")
            }
            Fact::Moved { from, to } if from == to => format!("It stays at {to}."),
            Fact::Moved { from, to } => {
                format!("Compared with the best that was found, it moves from {from} to {to}.")
            }
            Fact::Selected { rank } => format!("It is passage {rank}."),
            Fact::Below { rank, limit } => format!("It ranks {rank}, and only the best {limit} are read."),
            Fact::Repeats { rank } => format!("It says the same as passage {rank} of its document."),
            Fact::Fits => "It fits into the model's context.".into(),
            Fact::NoRoom => "There is no room for it in the model's context.".into(),
            Fact::Enough { percent, least } => {
                format!("There is enough evidence to write: {percent} %, with {least} % needed.")
            }
            Fact::TooLittle { percent, least } => format!(
                "What was found has too little to do with the question for an answer: {percent} %, with {least} % needed."
            ),
            Fact::Given { n } => format!("Nothing loses it: the model reads it as passage {n}."),
            Fact::Cited { n } => format!("It was found, and the answer cites it as [{n}]."),
            Fact::NotCited { n } => {
                format!("The model read it as passage {n}, and the answer does not cite it.")
            }
            Fact::NoAnswer { n } => {
                format!("The model read it as passage {n}, and found no answer in what it read.")
            }
            Fact::FoundNow => {
                "It is found now; when the question was answered, the documents were others.".into()
            }
        }
    }
}

impl Remedy {
    /// What to do, as a sentence.
    pub fn text(&self) -> String {
        match self {
            Self::Wait => "Ask again when it is read.".into(),
            Self::AskAll => "Ask all documents.".into(),
            Self::AskOnly => "Ask this document alone.".into(),
            Self::DropFilter { filter } => format!("Leave {filter} out."),
            Self::ReadImages => "Install text recognition; the document is then read again.".into(),
            Self::LookAtFile => "Open the file to see what is there.".into(),
            Self::UseWords { words } => format!("Ask with words of its own, such as {}.", listed(words)),
            Self::Shorten => "Shorten the question.".into(),
            Self::AskAgain => "Ask again.".into(),
        }
    }
}
