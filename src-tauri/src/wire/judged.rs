//! Why something was not found, what the user thinks of answers, and the cases made of that.

use footnote_core::explain::{self, Asked, ExplainRequest, Target};
use footnote_core::span::CharSpan;
use footnote_core::{DocumentId, TurnId, cases, engine, notice, types};
use serde::{Deserialize, Serialize};
use specta::Type;
use specta_typescript::Number;

use super::{Warning, mirror, mirror_tagged, path_text};

fn shown(warning: Option<notice::Warning>) -> Option<Warning> {
    warning.map(Into::into)
}

/// A document, a page of it, or a stretch of that page, that should have been found.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct WhyRequest {
    /// The answer whose search is looked at.
    pub turn: String,
    /// The document.
    pub document: String,
    /// The page; any if none.
    pub page: Option<u32>,
    /// First character and one past the last, on that page.
    pub span: Option<(u32, u32)>,
    /// In place of a span: words that stand there.
    pub words: Option<String>,
}

impl From<WhyRequest> for ExplainRequest {
    fn from(request: WhyRequest) -> Self {
        Self {
            asked: Asked::Turn(TurnId(request.turn)),
            target: Target {
                document: DocumentId(request.document),
                page: request.page,
                span: request.span.map(|(start, end)| CharSpan::new(start, end)),
            },
        }
    }
}

/// What happened to the best passage of a target.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// The question as searched.
    pub query: String,
    /// The document.
    pub document: String,
    /// Where it was read.
    pub path: String,
    /// Its title.
    pub title: String,
    /// The passage that came furthest.
    pub passage: Option<Closest>,
    /// The stages in order, up to the one that lost it.
    pub steps: Vec<SearchStep>,
    /// What can be done, the best first.
    pub remedies: Vec<Remedy>,
}

impl From<explain::Explanation> for Explanation {
    fn from(value: explain::Explanation) -> Self {
        Self {
            query: value.query,
            document: value.document.0,
            path: path_text(&value.path),
            title: value.title,
            passage: value.passage.map(Into::into),
            steps: super::all(value.steps),
            remedies: super::all(value.remedies),
        }
    }
}

/// The passage of a target that came furthest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Closest {
    /// Page number.
    pub page: u32,
    /// First character.
    pub start: u32,
    /// One past the last.
    pub end: u32,
    /// The page's text at that place.
    pub text: String,
}

impl From<explain::Closest> for Closest {
    fn from(value: explain::Closest) -> Self {
        Self {
            page: value.page,
            start: value.span.start,
            end: value.span.end,
            text: value.text,
        }
    }
}

mirror!(
    /// A stage of a search.
    SearchStage of explain::SearchStage {
        /// Whether the document is read.
        Document,
        /// Whether it was asked.
        Scope,
        /// What the filters let through.
        Filters,
        /// Whether the page has text.
        Page,
        /// Whether that text is stored.
        Passages,
        /// A count over all pages.
        Count,
        /// The ranking by meaning.
        Meaning,
        /// The ranking by words.
        Words,
        /// Both fused.
        Fusion,
        /// The second look.
        SecondLook,
        /// The reranker.
        Rerank,
        /// Repeats go, and all but the best.
        Selection,
        /// What fits into the model's context.
        Context,
        /// Whether there is enough evidence.
        Evidence,
        /// What the model made of it.
        Answer,
    }
);

/// One stage.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SearchStep {
    /// Which.
    pub stage: SearchStage,
    /// Whether the passage was lost here.
    pub lost: bool,
    /// What happened.
    #[serde(flatten)]
    pub fact: Fact,
}

impl From<explain::SearchStep> for SearchStep {
    fn from(value: explain::SearchStep) -> Self {
        Self {
            stage: value.stage.into(),
            lost: value.lost,
            fact: value.fact.into(),
        }
    }
}

mirror_tagged!(
    /// What happened at a stage; see the domain's type of that name.
    Fact of explain::Fact, "fact" {
        Indexed { pages: u32, passages: u32 },
        Outdated,
        OutdatedFailed,
        NeverRead,
        InScope,
        OtherCollection { collection: String },
        NotAsked { documents: u32 },
        LetThrough { filters: Vec<String> },
        FilteredOut { filter: String },
        PageText { page: u32 },
        PageRecognized { page: u32, percent: u32 },
        PagesWithText { some: u32, pages: u32 },
        ImageUnread { images: u32 },
        NoText,
        PageFailed { warning: Option<Warning> => shown },
        Stored { passages: u32 },
        NotStored,
        Mentioned { terms: Vec<String>, mentions: u32 },
        NotMentioned { terms: Vec<String> },
        Ranked { rank: u32 },
        RankedDeeper { depth: u32 },
        NoVector,
        RankedByWords { rank: u32, words: Vec<String> },
        NoWords { words: Vec<String> },
        Fused { rank: u32, of: u32 },
        NotAmongBest { depth: u32 },
        Moved { from: u32, to: u32 },
        Selected { rank: u32 },
        Below { rank: u32, limit: u32 },
        Repeats { rank: u32 },
        Fits,
        NoRoom,
        Enough { percent: u32, least: u32 },
        TooLittle { percent: u32, least: u32 },
        Given { n: u32 },
        Cited { n: u32 },
        NotCited { n: u32 },
        NoAnswer { n: u32 },
        FoundNow,
    }
);

mirror_tagged!(
    /// What can be done; see the domain's type of that name.
    Remedy of explain::Remedy, "remedy" {
        Wait,
        AskAll,
        AskOnly,
        DropFilter { filter: String },
        ReadImages,
        LookAtFile,
        UseWords { words: Vec<String> },
        Shorten,
        AskAgain,
    }
);

/// What is wrong with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Complaint {
    /// It is not right.
    NotRight,
    /// Something is missing.
    NotComplete,
    /// The source is not the one that says it.
    WrongSource,
    /// The documents do not say it.
    ShouldAbstain,
    /// Something else.
    Other,
}

impl From<types::Complaint> for Complaint {
    fn from(value: types::Complaint) -> Self {
        use types::Complaint as Core;
        match value {
            Core::NotRight => Self::NotRight,
            Core::NotComplete => Self::NotComplete,
            Core::WrongSource => Self::WrongSource,
            Core::ShouldAbstain => Self::ShouldAbstain,
            Core::Other => Self::Other,
        }
    }
}

impl From<Complaint> for types::Complaint {
    fn from(value: Complaint) -> Self {
        match value {
            Complaint::NotRight => Self::NotRight,
            Complaint::NotComplete => Self::NotComplete,
            Complaint::WrongSource => Self::WrongSource,
            Complaint::ShouldAbstain => Self::ShouldAbstain,
            Complaint::Other => Self::Other,
        }
    }
}

/// What the user thinks of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "rating", rename_all = "snake_case")]
pub enum Feedback {
    /// It is right.
    Up,
    /// Something is wrong with it.
    Down {
        /// What, if they said so.
        reason: Option<Complaint>,
        /// In their words; may be empty.
        note: String,
    },
}

impl From<types::Feedback> for Feedback {
    fn from(value: types::Feedback) -> Self {
        match value {
            types::Feedback::Up => Self::Up,
            types::Feedback::Down { reason, note } => Self::Down {
                reason: reason.map(Into::into),
                note,
            },
        }
    }
}

impl From<Feedback> for types::Feedback {
    fn from(value: Feedback) -> Self {
        match value {
            Feedback::Up => Self::Up,
            Feedback::Down { reason, note } => Self::Down {
                reason: reason.map(Into::into),
                note,
            },
        }
    }
}

/// A case to be made.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct NewCase {
    /// Stands alone, with its filters.
    pub question: String,
    /// The right answer; none: the documents do not say.
    pub answer: Option<String>,
    /// Document, page and words that it has to cite.
    pub source: Option<(String, u32, String)>,
}

impl From<NewCase> for engine::NewCase {
    fn from(value: NewCase) -> Self {
        Self {
            question: value.question,
            expected: match value.answer {
                Some(text) => cases::Expected::Answer { text },
                None => cases::Expected::Abstention,
            },
            source: value
                .source
                .map(|(document, page, quote)| (DocumentId(document), page, quote)),
        }
    }
}

/// A question with what is expected of its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Case {
    /// Identity.
    pub id: String,
    /// Stands alone, with its filters.
    pub question: String,
    /// The right answer; none: the documents do not say.
    pub answer: Option<String>,
    /// What it has to cite.
    pub source: Option<CaseSource>,
    /// RFC 3339.
    pub made_at: String,
}

/// Words that an answer has to cite.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct CaseSource {
    /// The document.
    pub document: String,
    /// Where it was read; empty once it was removed with its quotes.
    pub path: String,
    /// Page number.
    pub page: u32,
    /// The words.
    pub quote: String,
    /// Whether the document was removed.
    pub removed: bool,
}

impl From<cases::Case> for Case {
    fn from(value: cases::Case) -> Self {
        Self {
            id: value.id.0,
            question: value.question,
            answer: match value.expected {
                cases::Expected::Answer { text } => Some(text),
                cases::Expected::Abstention => None,
            },
            source: value.source.map(|source| CaseSource {
                removed: source.is_removed(),
                document: source.document.0,
                path: path_text(&source.path),
                page: source.page,
                quote: source.quote,
            }),
            made_at: value.made_at,
        }
    }
}

mirror!(
    /// What is wrong with an answer to a case.
    Fault of cases::Fault {
        /// It abstains, and there is an answer.
        Abstained,
        /// It answers, and the documents do not say.
        Answered,
        /// It says something else.
        OtherWords,
        /// It does not cite the words expected.
        NotCited,
        /// The document expected was removed.
        SourceRemoved,
    }
);

/// How a case went.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct CaseRun {
    /// Whether nothing is wrong.
    pub passed: bool,
    /// What is wrong.
    pub faults: Vec<Fault>,
    /// Token F1 with the right answer, 0 to 1.
    #[specta(type = Number)]
    pub f1: f64,
    /// The answer of now, with its markers.
    pub answer: String,
}

impl From<engine::Replay> for CaseRun {
    fn from(value: engine::Replay) -> Self {
        Self {
            passed: value.judgement.passed,
            faults: super::all(value.judgement.faults),
            f1: value.judgement.f1,
            answer: value.answer.answer,
        }
    }
}
