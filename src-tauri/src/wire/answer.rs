//! Questions and answers.

use footnote_core::answer as asking;
use footnote_core::question::acronyms;
use footnote_core::{ConversationId, DocumentId, advice, dropped, injection, locator, sieve, types};
use serde::{Deserialize, Serialize};
use specta::Type;
use specta_typescript::Number;

use super::library::PageUnit;
use super::{ErrorView, all, mirror, mirror_tagged, path_text};

mirror!(
    /// Whether a sentence is carried by its source.
    Verdict of types::Verdict {
        /// The source says it.
        Supported,
        /// The source says some of it.
        Partly,
        /// No supplied passage says it.
        Unsupported,
    }
);

mirror!(
    /// A stage of an answer.
    AnswerStage of types::AnswerStage {
        /// Making a follow-up stand alone.
        Rewriting,
        /// Searching the documents.
        Searching,
        /// Reading every page, for a question about all of them.
        Scanning,
        /// Writing down the facts of one section after the other.
        Summarizing,
        /// Reading the tables that a question may be about, and computing.
        Computing,
        /// The model reads the passages.
        Reading,
        /// The model writes.
        Writing,
        /// Sentences are checked against their sources.
        Checking,
    }
);

/// What becomes of the sentences of an answer that no source carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Unproved {
    /// They stay, and are marked.
    Marked,
    /// They are left out, and counted.
    Removed,
}

impl From<Unproved> for types::Unproved {
    fn from(value: Unproved) -> Self {
        match value {
            Unproved::Marked => Self::Marked,
            Unproved::Removed => Self::Removed,
        }
    }
}

/// A question.
#[derive(Clone, Debug, PartialEq, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct AskRequest {
    /// As typed.
    pub question: String,
    /// The conversation it belongs to; a new one if none.
    pub conversation: Option<String>,
    /// Only this collection; all of them if none.
    pub collection: Option<String>,
    /// Only these documents; all of them if empty.
    pub documents: Vec<String>,
    /// What becomes of sentences that no source carries.
    pub unproved: Unproved,
}

impl From<AskRequest> for asking::AskRequest {
    fn from(request: AskRequest) -> Self {
        let mut ask = Self::new(request.question);
        ask.conversation = request.conversation.map(ConversationId);
        ask.scope.collection = request.collection;
        ask.scope.documents = request.documents.into_iter().map(DocumentId).collect();
        ask.unproved = request.unproved.into();
        ask
    }
}

/// The parts of a passage's score.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Scores {
    /// Cosine similarity.
    #[specta(type = Option<Number>)]
    pub vector: Option<f32>,
    /// BM25.
    #[specta(type = Option<Number>)]
    pub text: Option<f32>,
    /// Reciprocal-rank fusion.
    #[specta(type = Option<Number>)]
    pub fused: Option<f32>,
    /// Reranker.
    #[specta(type = Option<Number>)]
    pub rerank: Option<f32>,
}

impl From<types::Scores> for Scores {
    fn from(value: types::Scores) -> Self {
        Self {
            vector: value.vector,
            text: value.text,
            fused: value.fused,
            rerank: value.rerank,
        }
    }
}

/// A chunk returned for a query.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Passage {
    /// From 1; what `[n]` means.
    pub rank: u32,
    /// Its document.
    pub document: String,
    /// Its revision.
    pub revision: String,
    /// The document's path.
    pub path: String,
    /// The document's title.
    pub title: String,
    /// Page number.
    pub page: u32,
    /// First character.
    pub start: u32,
    /// One past the last.
    pub end: u32,
    /// What the document calls that place.
    pub locator: Locator,
    /// Enclosing headings.
    pub headings: Vec<String>,
    /// The page's text at that place.
    pub text: String,
    /// What it is ranked by.
    #[specta(type = Number)]
    pub score: f32,
    /// The parts of it.
    pub scores: Scores,
    /// Sentences that instruct the model that reads them; it did not get to see them.
    pub injections: Vec<Injection>,
}

impl From<types::Passage> for Passage {
    fn from(value: types::Passage) -> Self {
        Self {
            rank: value.rank,
            document: value.document.0,
            revision: value.revision.0,
            path: path_text(&value.path),
            title: value.title,
            page: value.page,
            start: value.span.start,
            end: value.span.end,
            locator: value.locator.into(),
            headings: value.headings,
            text: value.text,
            score: value.score,
            scores: value.scores.into(),
            injections: all(value.injections),
        }
    }
}

mirror!(
    /// What an instruction to the model is after.
    Intent of injection::Intent {
        /// The model's own instructions are to be set aside.
        Override,
        /// It speaks to the model that reads the document.
        Address,
        /// The model is to be someone else.
        Persona,
        /// The model is to tell its instructions.
        Reveal,
        /// What was asked or answered is to be sent away.
        Exfiltrate,
        /// It imitates the marks between turns of a conversation.
        ControlToken,
        /// The answer is dictated.
        Dictate,
    }
);

/// An instruction to the model in a passage.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Injection {
    /// What it is after.
    pub intent: Intent,
    /// First character, in the passage's text.
    pub start: u32,
    /// One past the last.
    pub end: u32,
}

impl From<injection::Injection> for Injection {
    fn from(value: injection::Injection) -> Self {
        Self {
            intent: value.intent.into(),
            start: value.span.start,
            end: value.span.end,
        }
    }
}

/// Names a place on a page in the document's own terms, and says how surely it was read.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Locator {
    /// What the format calls such a page.
    pub unit: PageUnit,
    /// What the document itself calls the page, if that is not its number.
    pub label: Option<String>,
    /// The cell or range of cells, on a sheet.
    pub cells: Option<String>,
    /// Of a place in a picture: how sure the recognition was of the least sure line there, 0 to 1.
    #[specta(type = Option<Number>)]
    pub confidence: Option<f32>,
}

impl From<locator::Locator> for Locator {
    fn from(value: locator::Locator) -> Self {
        Self {
            unit: value.unit.into(),
            label: value.label,
            cells: value.cells,
            confidence: value.confidence,
        }
    }
}

/// A resolved marker: the exact source text that carries a sentence.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Citation {
    /// The passage's number.
    pub n: u32,
    /// Its document.
    pub document: String,
    /// The revision quoted.
    pub revision: String,
    /// The document's path.
    pub path: String,
    /// The document's title.
    pub title: String,
    /// Page number.
    pub page: u32,
    /// First character.
    pub start: u32,
    /// One past the last.
    pub end: u32,
    /// What the document calls that place.
    pub locator: Locator,
    /// The page's text at that place.
    pub quote: String,
    /// How much of the sentence it carries, 0 to 1.
    #[specta(type = Number)]
    pub score: f32,
}

impl From<types::Citation> for Citation {
    fn from(value: types::Citation) -> Self {
        Self {
            n: value.n,
            document: value.document.0,
            revision: value.revision.0,
            path: path_text(&value.path),
            title: value.title,
            page: value.page,
            start: value.span.start,
            end: value.span.end,
            locator: value.locator.into(),
            quote: value.quote,
            score: value.score,
        }
    }
}

/// A sentence of an answer with its proof.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Sentence {
    /// With its markers.
    pub text: String,
    /// Whether its citations carry it.
    pub verdict: Verdict,
    /// Numbers of the passages cited.
    pub citations: Vec<u32>,
}

impl From<types::Sentence> for Sentence {
    fn from(value: types::Sentence) -> Self {
        Self {
            text: value.text,
            verdict: value.verdict.into(),
            citations: value.citations,
        }
    }
}

/// What documents say of one thing, where they do not agree.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Disagreement {
    /// What carries the answer, then what each of the others says instead.
    pub sides: Vec<Side>,
}

impl From<types::Disagreement> for Disagreement {
    fn from(value: types::Disagreement) -> Self {
        Self {
            sides: all(value.sides),
        }
    }
}

/// What one document says, and from when it is.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Side {
    /// Its words.
    pub citation: Citation,
    /// The document's date, RFC 3339 or as much of it as is known.
    pub date: Option<String>,
}

impl From<types::Side> for Side {
    fn from(value: types::Side) -> Self {
        Self {
            citation: value.citation.into(),
            date: value.date,
        }
    }
}

/// Milliseconds per stage.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Timings {
    /// Making the question stand alone.
    #[specta(type = Number)]
    pub rewrite: f64,
    /// Searching.
    #[specta(type = Number)]
    pub search: f64,
    /// Reranking.
    #[specta(type = Number)]
    pub rerank: f64,
    /// To the first word.
    #[specta(type = Option<Number>)]
    pub first_token: Option<f64>,
    /// To the end.
    #[specta(type = Number)]
    pub total: f64,
}

impl From<types::Timings> for Timings {
    fn from(value: types::Timings) -> Self {
        Self {
            rewrite: value.rewrite,
            search: value.search,
            rerank: value.rerank,
            first_token: value.first_token,
            total: value.total,
        }
    }
}

/// Tokens of one generation.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct TokenCounts {
    /// Read.
    pub prompt: u32,
    /// Written.
    pub generated: u32,
    /// Of those written, the ones proposed from the prompt and confirmed.
    pub confirmed: u32,
    /// Of those read, the ones computed for an earlier prompt already.
    pub reused: u32,
    /// Left out because the model's context is shorter.
    pub omitted: u32,
}

impl From<types::TokenCounts> for TokenCounts {
    fn from(value: types::TokenCounts) -> Self {
        Self {
            prompt: value.prompt,
            generated: value.generated,
            confirmed: value.confirmed,
            reused: value.reused,
            omitted: value.omitted,
        }
    }
}

/// What an index was made with.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct IndexSpec {
    /// The embedder's id.
    pub embedder: String,
    /// Length of its vectors.
    pub dimension: u32,
    /// The chunker's version.
    pub chunker: String,
    /// Version of the rows.
    pub schema: u32,
}

impl From<types::IndexSpec> for IndexSpec {
    fn from(value: types::IndexSpec) -> Self {
        Self {
            embedder: value.embedder,
            dimension: u32::try_from(value.dimension).unwrap_or(u32::MAX),
            chunker: value.chunker,
            schema: value.schema,
        }
    }
}

/// A passage that was considered.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Candidate {
    /// Chunk.
    pub chunk: String,
    /// Its document.
    pub document: String,
    /// Page number.
    pub page: u32,
    /// Scores.
    pub scores: Scores,
    /// Why it did not become a passage.
    pub dropped: Option<Dropped>,
}

mirror_tagged!(
    /// Why a candidate did not become a passage; see the domain's type of that name.
    Dropped of dropped::Dropped, "why" {
        RankedBelow,
        RepeatsOwn,
        RepeatsElsewhere { rank: u32 },
        EnoughOfDocument,
        DocumentRemoved,
        Joined { rank: u32 },
        NoRoom,
        Said { text: String },
    }
);

impl From<types::Candidate> for Candidate {
    fn from(value: types::Candidate) -> Self {
        Self {
            chunk: value.chunk.0,
            document: value.document.0,
            page: value.page,
            scores: value.scores.into(),
            dropped: value.dropped.map(Into::into),
        }
    }
}

mirror_tagged!(
    /// Why filters leave nothing; see the domain's type of that name.
    FilterAdvice of advice::Advice, "why" {
        NoSuchDay { after: String, before: String },
        Contrary { phrase: String, excluded: String },
        NotNamed { documents: u32, filters: String },
        Undated { documents: u32, filters: String },
        OtherTime { documents: u32, undated: u32, filters: String },
        LanguageUnknown { documents: u32, filters: String },
        OtherLanguage { documents: u32, languages: Vec<String>, filters: String },
        NotExact { phrase: String },
        NotAllExact,
        NothingFits,
        NothingWithout { filters: Vec<String> },
    }
);

/// What filters did.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Filtered {
    /// The filters as they are typed.
    pub filters: Vec<String>,
    /// Documents that pass.
    pub documents: u32,
    /// Documents that were asked about.
    pub of: u32,
    /// If nothing was found: what to do, in English.
    pub advice: Option<String>,
    /// The same by name; none in what an earlier version wrote.
    pub why: Option<FilterAdvice>,
}

impl From<sieve::Filtered> for Filtered {
    fn from(value: sieve::Filtered) -> Self {
        Self {
            filters: value.filters,
            documents: value.documents,
            of: value.of,
            advice: value.advice,
            why: value.why.map(Into::into),
        }
    }
}

/// A count over all pages.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Scan {
    /// What was looked for.
    pub terms: Vec<String>,
    /// How often it is mentioned.
    pub mentions: u32,
    /// Pages with a mention.
    pub pages_with: u32,
    /// Documents with a mention.
    pub documents_with: u32,
    /// Pages looked through.
    pub pages: u32,
    /// Documents looked through.
    pub documents: u32,
    /// Pages that could not be read.
    pub unread_pages: u32,
}

impl From<types::Scan> for Scan {
    fn from(value: types::Scan) -> Self {
        Self {
            terms: value.terms,
            mentions: value.mentions,
            pages_with: value.pages_with,
            documents_with: value.documents_with,
            pages: value.pages,
            documents: value.documents,
            unread_pages: value.unread_pages,
        }
    }
}

/// What a search was limited to.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Scope {
    /// Only this collection.
    pub collection: Option<String>,
    /// Only these documents, if any are named.
    pub documents: Vec<String>,
}

impl From<types::Scope> for Scope {
    fn from(value: types::Scope) -> Self {
        Self {
            collection: value.collection,
            documents: value.documents.into_iter().map(|id| id.0).collect(),
        }
    }
}

/// What was read for a summary.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Summarized {
    /// Documents read.
    pub documents: u32,
    /// Documents asked about.
    pub of_documents: u32,
    /// Sections read: stretches of about 700 tokens.
    pub sections: u32,
    /// Sections there are.
    pub of_sections: u32,
}

impl From<types::Summarized> for Summarized {
    fn from(value: types::Summarized) -> Self {
        Self {
            documents: value.documents,
            of_documents: value.of_documents,
            sections: value.sections,
            of_sections: value.of_sections,
        }
    }
}

/// A computation over a table.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct TableQuery {
    /// The query as it was run.
    pub sql: String,
    /// The tables that were taken as one.
    pub tables: Vec<TableUsed>,
    /// Rows that the filters let through.
    pub matched: u32,
    /// Rows in all, without those that sum up others.
    pub rows: u32,
    /// Rows that sum up others, and were left out.
    pub totals: u32,
}

/// A table that was computed with.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct TableUsed {
    /// Its document.
    pub document: String,
    /// The name of its sheet, or what stands over it.
    pub label: Option<String>,
}

impl From<types::TableQuery> for TableQuery {
    fn from(value: types::TableQuery) -> Self {
        Self {
            sql: value.sql,
            tables: value
                .tables
                .into_iter()
                .map(|table| TableUsed {
                    document: table.document.0,
                    label: table.label,
                })
                .collect(),
            matched: value.matched,
            rows: value.rows,
            totals: value.totals,
        }
    }
}

/// An acronym with what it stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Acronym {
    /// The letters.
    pub short: String,
    /// The words.
    pub long: String,
}

impl From<acronyms::Acronym> for Acronym {
    fn from(value: acronyms::Acronym) -> Self {
        Self {
            short: value.short,
            long: value.long,
        }
    }
}

/// What the checks changed in what the model wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Corrections {
    /// Markers that it forgot.
    pub markers_added: u32,
    /// Markers that it put to another passage than the one that carries the sentence.
    pub markers_moved: u32,
    /// Markers of passages that do not carry their sentence.
    pub markers_dropped: u32,
    /// Sentences left out because no source carries them.
    pub sentences_removed: u32,
}

impl From<types::Corrections> for Corrections {
    fn from(value: types::Corrections) -> Self {
        Self {
            markers_added: value.markers_added,
            markers_moved: value.markers_moved,
            markers_dropped: value.markers_dropped,
            sentences_removed: value.sentences_removed,
        }
    }
}

/// How an answer came about.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Trace {
    /// The question as searched.
    pub query: String,
    /// Where it was searched for.
    pub scope: Scope,
    /// Prompt template and version, and which of the user's copies of it.
    pub prompt: String,
    /// The same of the prompt that made a follow-up stand alone.
    pub rewrite_prompt: Option<String>,
    /// The prompt as sent to the model.
    pub prompt_text: String,
    /// Model ids by role.
    pub models: Vec<(String, String)>,
    /// What the index was made with.
    pub index: Option<IndexSpec>,
    /// Every candidate.
    pub candidates: Vec<Candidate>,
    /// The evidence gate's measure.
    #[specta(type = Number)]
    pub evidence: f32,
    /// What the question's filters did.
    pub filtered: Option<Filtered>,
    /// Acronyms that the question has, or their words, and that were searched both ways.
    pub acronyms: Vec<Acronym>,
    /// The questions that it is made of, if it is several.
    pub sub_questions: Vec<String>,
    /// What the checks changed in what the model wrote.
    pub corrections: Corrections,
    /// What was counted, if every page was read.
    pub scan: Option<Scan>,
    /// What was summarized, if documents were.
    pub summarized: Option<Summarized>,
    /// What was computed, if the answer was computed over a table.
    pub table: Option<TableQuery>,
}

impl From<types::Trace> for Trace {
    fn from(value: types::Trace) -> Self {
        Self {
            query: value.query,
            scope: value.scope.into(),
            prompt: value.prompt,
            rewrite_prompt: value.rewrite_prompt,
            prompt_text: value.prompt_text,
            models: value.models,
            index: value.index.map(Into::into),
            candidates: all(value.candidates),
            evidence: value.evidence,
            filtered: value.filtered.map(Into::into),
            acronyms: all(value.acronyms),
            sub_questions: value.sub_questions,
            corrections: value.corrections.into(),
            scan: value.scan.map(Into::into),
            summarized: value.summarized.map(Into::into),
            table: value.table.map(Into::into),
        }
    }
}

/// A finished answer.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// The text, with markers `[n]`.
    pub answer: String,
    /// Whether this is the deliberate "not in your documents".
    pub abstained: bool,
    /// Its sentences.
    pub sentences: Vec<Sentence>,
    /// Resolved markers.
    pub citations: Vec<Citation>,
    /// Where other documents say something else.
    pub disagreements: Vec<Disagreement>,
    /// What the model was given.
    pub passages: Vec<Passage>,
    /// How it came about.
    pub trace: Trace,
    /// Durations.
    pub timings_ms: Timings,
    /// Token counts.
    pub tokens: TokenCounts,
    /// The conversation it belongs to.
    pub conversation: String,
    /// Its turn.
    pub turn: String,
}

impl From<types::Answer> for Answer {
    fn from(value: types::Answer) -> Self {
        Self {
            answer: value.answer,
            abstained: value.abstained,
            sentences: all(value.sentences),
            citations: all(value.citations),
            disagreements: all(value.disagreements),
            passages: all(value.passages),
            trace: value.trace.into(),
            timings_ms: value.timings_ms.into(),
            tokens: value.tokens.into(),
            conversation: value.conversation.0,
            turn: value.turn.0,
        }
    }
}

/// What an ask sends. Order: (`stage` | `progress`)* and `passages`, then (`delta` | `citation`)*, then exactly one
/// of the last four.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum AnswerEvent {
    /// A stage began.
    Stage {
        /// Which.
        stage: AnswerStage,
    },
    /// How far a scan has come.
    Progress {
        /// Pages looked through.
        done: u32,
        /// Of how many.
        total: u32,
    },
    /// The passages found.
    Passages {
        /// The question as searched.
        query: String,
        /// In rank order.
        passages: Vec<Passage>,
    },
    /// More text.
    Delta {
        /// To append.
        text: String,
    },
    /// A marker was resolved.
    Citation {
        /// The proof.
        citation: Citation,
    },
    /// The answer, complete.
    Done {
        /// The whole of it.
        answer: Box<Answer>,
    },
    /// The documents do not say.
    Abstained {
        /// The whole of it.
        answer: Box<Answer>,
    },
    /// It could not be done.
    Failed {
        /// Why, and the remedy.
        error: ErrorView,
    },
    /// Stopped on request.
    Canceled {
        /// What there was.
        answer: Option<Box<Answer>>,
    },
}

impl From<types::AnswerEvent> for AnswerEvent {
    fn from(event: types::AnswerEvent) -> Self {
        use types::AnswerEvent as Core;
        let whole = |answer: Box<types::Answer>| Box::new(Answer::from(*answer));
        match event {
            Core::Stage { stage } => Self::Stage { stage: stage.into() },
            Core::Progress { done, total } => Self::Progress { done, total },
            Core::Passages { query, passages } => Self::Passages {
                query,
                passages: all(passages),
            },
            Core::Delta { text } => Self::Delta { text },
            Core::Citation { citation } => Self::Citation {
                citation: citation.into(),
            },
            Core::Done { answer } => Self::Done {
                answer: whole(answer),
            },
            Core::Abstained { answer } => Self::Abstained {
                answer: whole(answer),
            },
            Core::Failed { error } => Self::Failed { error: error.into() },
            Core::Canceled { answer } => Self::Canceled {
                answer: answer.map(whole),
            },
        }
    }
}
