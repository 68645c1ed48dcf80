//! Why a passage was not found, or not used: the search of a question run again with every stage looked at.

mod steps;
mod text;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub(crate) use steps::Explainer;

use crate::ids::{DocumentId, TurnId};
use crate::notice::Warning;
use crate::span::CharSpan;
use crate::types::Scope;

/// What is to be explained.
#[derive(Clone, Debug, PartialEq)]
pub struct ExplainRequest {
    /// The question.
    pub asked: Asked,
    /// What was to be found.
    pub target: Target,
}

/// A question to explain the search of.
#[derive(Clone, Debug, PartialEq)]
pub enum Asked {
    /// As typed, with its filters, over these documents.
    Question {
        /// As typed.
        text: String,
        /// Where to look.
        scope: Scope,
    },
    /// The one that a saved turn answers, as it was searched; the answer is looked at, too.
    Turn(TurnId),
}

/// A document, a page of it, or a stretch of that page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The document.
    pub document: DocumentId,
    /// The page, from 1; none: any.
    pub page: Option<u32>,
    /// Where on that page; none: anywhere. Without a page it means nothing.
    pub span: Option<CharSpan>,
}

/// What happened to the best passage of a target, stage by stage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// The question as searched.
    pub query: String,
    /// The document.
    pub document: DocumentId,
    /// Where it was read.
    #[serde(with = "crate::types::path_text")]
    pub path: PathBuf,
    /// Its title.
    pub title: String,
    /// The passage of the target that came furthest; none if there is none.
    pub passage: Option<Closest>,
    /// The stages in order, up to the one that lost it.
    pub steps: Vec<SearchStep>,
    /// What can be done, the best first; empty if nothing has to be.
    pub remedies: Vec<Remedy>,
}

/// The passage of a target that came furthest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closest {
    /// Page number.
    pub page: u32,
    /// Place in that page's text.
    #[serde(flatten)]
    pub span: CharSpan,
    /// The page's text at that place.
    pub text: String,
}

/// One stage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SearchStep {
    /// Which.
    pub stage: SearchStage,
    /// Whether the passage was lost here. At most the last step says so.
    pub lost: bool,
    /// What happened.
    #[serde(flatten)]
    pub fact: Fact,
}

/// The stages of a search, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SearchStage {
    /// Whether the document is read.
    Document,
    /// Whether it was asked.
    Scope,
    /// What the question's filters let through.
    Filters,
    /// Whether the page has text.
    Page,
    /// Whether that text is stored as passages.
    Passages,
    /// A count over all pages, for a question about all documents.
    Count,
    /// The ranking by meaning.
    Meaning,
    /// The ranking by words.
    Words,
    /// Both fused.
    Fusion,
    /// The second look at what was found.
    SecondLook,
    /// The reranker.
    Rerank,
    /// Repeats go, and all but the best.
    Selection,
    /// What fits into the model's context.
    Context,
    /// Whether there is enough evidence to write.
    Evidence,
    /// What the model made of it.
    Answer,
}

/// What happened at a stage. Ranks count from 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum Fact {
    /// The document is read.
    Indexed {
        /// Its pages.
        pages: u32,
        /// Its passages.
        passages: u32,
    },
    /// The file has changed, and its new state waits to be read; the one before is searched.
    Outdated,
    /// The file's new state could not be read; the one before is searched.
    OutdatedFailed,
    /// No state of the file has been read to the end.
    NeverRead,
    /// The document was asked.
    InScope,
    /// Only another collection was asked.
    OtherCollection {
        /// The one asked.
        collection: String,
    },
    /// Only other documents were asked.
    NotAsked {
        /// How many were.
        documents: u32,
    },
    /// The question's filters let it through.
    LetThrough {
        /// As they are typed.
        filters: Vec<String>,
    },
    /// A filter leaves it out.
    FilteredOut {
        /// As it is typed.
        filter: String,
    },
    /// The page has text of its own.
    PageText {
        /// Which.
        page: u32,
    },
    /// The page's text was recognised in an image.
    PageRecognized {
        /// Which.
        page: u32,
        /// How sure that is, in per cent.
        percent: u32,
    },
    /// The document has pages with text.
    PagesWithText {
        /// How many.
        some: u32,
        /// Of how many.
        pages: u32,
    },
    /// There is no text, because images of this document wait to be read.
    ImageUnread {
        /// How many pages of it are images.
        images: u32,
    },
    /// There is no text.
    NoText,
    /// The page could not be read.
    PageFailed {
        /// Why, as far as it is known.
        #[serde(default, serialize_with = "crate::notice::text")]
        warning: Option<Warning>,
    },
    /// Its text is stored as passages.
    Stored {
        /// How many.
        passages: u32,
    },
    /// No passage holds it: it repeats from page to page.
    NotStored,
    /// The words that were counted stand there.
    Mentioned {
        /// What was looked for.
        terms: Vec<String>,
        /// How often they stand there.
        mentions: u32,
    },
    /// None of the words that were counted stands there.
    NotMentioned {
        /// What was looked for.
        terms: Vec<String>,
    },
    /// Its rank.
    Ranked {
        /// From 1.
        rank: u32,
    },
    /// So many rank before it that its own rank was not looked for.
    RankedDeeper {
        /// How many were looked at.
        depth: u32,
    },
    /// It was embedded by a model that is no longer here.
    NoVector,
    /// Its rank by words.
    RankedByWords {
        /// From 1.
        rank: u32,
        /// Words of the question that stand there, in any form.
        words: Vec<String>,
    },
    /// None of the question's words stands there.
    NoWords {
        /// Words of the question.
        words: Vec<String>,
    },
    /// Its rank among what either search found.
    Fused {
        /// From 1.
        rank: u32,
        /// How many there are.
        of: u32,
    },
    /// Neither search found it among its best.
    NotAmongBest {
        /// How many each takes.
        depth: u32,
    },
    /// The best that was found speaks of other things, or of the same, and moved it.
    Moved {
        /// Its rank before.
        from: u32,
        /// Its rank from then on.
        to: u32,
    },
    /// It is one of the passages.
    Selected {
        /// Which.
        rank: u32,
    },
    /// Others rank before it.
    Below {
        /// Its rank.
        rank: u32,
        /// How many passages are read.
        limit: u32,
    },
    /// It says the same as another passage of its document.
    Repeats {
        /// Which.
        rank: u32,
    },
    /// It fits into the model's context.
    Fits,
    /// It does not fit into the model's context.
    NoRoom,
    /// There is enough evidence to write an answer.
    Enough {
        /// How much, in per cent.
        percent: u32,
        /// How much is needed.
        least: u32,
    },
    /// There is too little evidence to write an answer.
    TooLittle {
        /// How much, in per cent.
        percent: u32,
        /// How much is needed.
        least: u32,
    },
    /// The model is given it.
    Given {
        /// As which passage.
        n: u32,
    },
    /// The answer cites it.
    Cited {
        /// As which passage.
        n: u32,
    },
    /// The model read it, and the answer does not cite it.
    NotCited {
        /// As which passage.
        n: u32,
    },
    /// The model read it, and found no answer in what it read.
    NoAnswer {
        /// As which passage.
        n: u32,
    },
    /// The answer is of a time when the documents were others; now it would be found.
    FoundNow,
}

/// What can be done about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "remedy", rename_all = "snake_case")]
pub enum Remedy {
    /// Wait until the file is read.
    Wait,
    /// Ask all documents.
    AskAll,
    /// Ask this document alone.
    AskOnly,
    /// Leave the filter out.
    DropFilter {
        /// As it is typed.
        filter: String,
    },
    /// Have the models that read images.
    ReadImages,
    /// Have a look at the file itself.
    LookAtFile,
    /// Ask with words of the passage.
    UseWords {
        /// Words that set it apart.
        words: Vec<String>,
    },
    /// Shorten the question.
    Shorten,
    /// Ask again.
    AskAgain,
}

impl Explanation {
    /// The stage that lost it; none if it was found.
    pub fn lost(&self) -> Option<&SearchStep> {
        self.steps.last().filter(|step| step.lost)
    }

    /// What happened, in one sentence: the fact of the stage that lost it, else the last one.
    pub fn sentence(&self) -> String {
        self.steps.last().map(|step| step.text()).unwrap_or_default()
    }
}
