//! The nouns of the domain.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::dropped::Dropped;
use crate::error::Error;
use crate::ids::{ChunkId, ConversationId, DocumentId, JobId, RevisionId, TurnId};
use crate::injection::{self, Injection};
use crate::locator::Locator;
use crate::notice::Warning;
use crate::question::acronyms::Acronym;
use crate::sieve::Filtered;
use crate::span::CharSpan;

/// Paths in records for people: characters that are not Unicode are replaced. The ledger keeps the
/// exact bytes of a document's path.
pub(crate) mod path_text {
    use std::path::{Path, PathBuf};

    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(path: &Path, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&path.to_string_lossy())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<PathBuf, D::Error> {
        String::deserialize(from).map(PathBuf::from)
    }
}

/// The collection that documents join when none is named.
pub const DEFAULT_COLLECTION: &str = "default";

/// How a page came by its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PageSource {
    /// The file's own text.
    Text,
    /// Text recognised in an image.
    Ocr,
    /// There is nothing to read.
    Empty,
    /// Reading failed; the page's warning says why.
    Failed,
}

/// What a block of a page is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum BlockKind {
    /// A heading; level 1 is the highest.
    Heading {
        /// 1 to 6.
        level: u8,
    },
    /// Running text.
    Paragraph,
    /// One item of a list.
    ListItem,
    /// Rows of a table: a line each, cells parted by `" | "`.
    Table {
        /// How many of the first lines name the columns.
        #[serde(default)]
        header_rows: u16,
    },
    /// Preformatted text.
    Code,
    /// What stands under or over a figure or a table.
    Caption,
    /// A note set apart from the running text.
    Footnote,
    /// What repeats from page to page: running headers and footers, page numbers. Shown, but
    /// neither searched nor cited.
    Furniture,
}

/// A structural unit of a page. Blocks of a page are in reading order and do not overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// What it is.
    #[serde(flatten)]
    pub kind: BlockKind,
    /// Where it is in the page's text.
    #[serde(flatten)]
    pub span: CharSpan,
}

/// Where a run of characters stands on a page, in PDF points (1/72 inch), origin at the top left
/// of the page as displayed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TextRect {
    /// The characters it holds (usually a word or a line).
    #[serde(flatten)]
    pub span: CharSpan,
    /// Left edge.
    pub x: f32,
    /// Top edge.
    pub y: f32,
    /// Width.
    pub width: f32,
    /// Height.
    pub height: f32,
}

/// How surely a line of a picture was read.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LineConfidence {
    /// The line's characters.
    #[serde(flatten)]
    pub span: CharSpan,
    /// Mean probability of its characters, 0 to 1.
    pub confidence: f32,
}

impl LineConfidence {
    /// Whether its words are to be compared with the picture before they are relied on.
    #[must_use]
    pub fn is_doubtful(&self) -> bool {
        is_doubtful(self.confidence)
    }
}

/// Whether what was read with this confidence is to be compared with the picture.
#[must_use]
pub fn is_doubtful(confidence: f32) -> bool {
    confidence < DOUBTFUL
}

/// How many of these lines are to be compared with the picture.
#[must_use]
pub fn doubtful_lines(lines: &[LineConfidence]) -> u32 {
    let doubtful = lines.iter().filter(|line| line.is_doubtful()).count();
    u32::try_from(doubtful).unwrap_or(u32::MAX)
}

/// Lines that were read with less confidence are said to be doubtful. Of those nineteen in twenty are wrong somewhere; see
/// `BENCHMARKS.md`.
pub const DOUBTFUL: f32 = 0.9;

/// Where a run of characters stands in the file's own terms, for formats without a fixed layout.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The characters.
    #[serde(flatten)]
    pub span: CharSpan,
    /// The cell or range of a sheet (`B2`), the element's path (`body/p[3]`), the shape on a slide
    /// (`shape 4`), the line and column of a text (`12:5`): what the format's own programs call it.
    pub address: String,
}

/// A hyperlink.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The characters that carry it.
    #[serde(flatten)]
    pub span: CharSpan,
    /// Where it leads, as the file says it.
    pub target: String,
}

/// What a file is, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// PDF.
    Pdf,
    /// A text document of an office program.
    Document,
    /// A spreadsheet or a file of values.
    Sheet,
    /// A presentation or drawing.
    Slides,
    /// A web page.
    Web,
    /// An e-mail, or a box of them.
    Mail,
    /// An electronic book.
    Book,
    /// A picture.
    Picture,
    /// An archive of files.
    Archive,
    /// Source code or data.
    Code,
    /// Plain or marked-up text.
    Text,
}

/// What the format calls its pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PageUnit {
    /// A page with a fixed layout.
    #[default]
    Page,
    /// A part of a document without pages.
    Section,
    /// A sheet of a workbook, or a part of one.
    Sheet,
    /// A slide.
    Slide,
    /// An e-mail.
    Message,
}

/// A page (or section, sheet, slide) of extracted text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// From 1.
    pub number: u32,
    /// What the document itself calls it ("iv", "Sheet2"), if anything.
    pub label: Option<String>,
    /// The text, exactly as quotes show it.
    pub text: String,
    /// How it was read.
    pub source: PageSource,
    /// 0 to 1; set for recognised text.
    pub confidence: Option<f32>,
    /// Structure, in order; empty if the format has none (then blank lines part paragraphs).
    #[serde(default)]
    pub blocks: Vec<Block>,
    /// Places of the text on the page; empty where the format has no fixed layout.
    #[serde(default)]
    pub rects: Vec<TextRect>,
    /// Width and height in points, where the format has a fixed layout.
    pub size: Option<(f32, f32)>,
    /// What the format calls such a page.
    #[serde(default)]
    pub unit: PageUnit,
    /// Places of the text in the file's own terms, in order; empty where `rects` say it.
    #[serde(default)]
    pub places: Vec<Place>,
    /// Hyperlinks, in order.
    #[serde(default)]
    pub links: Vec<Link>,
    /// Lines of recognised text, in order; empty for other text, and where it was read before lines kept
    /// their confidence.
    #[serde(default)]
    pub lines: Vec<LineConfidence>,
}

impl Page {
    /// A page with this text and nothing else known about it.
    #[must_use]
    pub fn new(number: u32, text: impl Into<String>, source: PageSource) -> Self {
        Self {
            number,
            label: None,
            text: text.into(),
            source,
            confidence: None,
            blocks: Vec::new(),
            rects: Vec::new(),
            size: None,
            unit: PageUnit::default(),
            places: Vec::new(),
            links: Vec::new(),
            lines: Vec::new(),
        }
    }
}

/// How a page of a document was read: one entry of its coverage map.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PageCoverage {
    /// From 1.
    pub number: u32,
    /// What the document itself calls it.
    pub label: Option<String>,
    /// What the format calls such a page.
    pub unit: PageUnit,
    /// How it was read.
    pub source: PageSource,
    /// 0 to 1; set for recognised text.
    pub confidence: Option<f32>,
    /// Of recognised text, the lines that are to be compared with the picture.
    pub doubtful: u32,
    /// Characters of text.
    pub chars: u32,
}

impl From<&Page> for PageCoverage {
    fn from(page: &Page) -> Self {
        Self {
            number: page.number,
            label: page.label.clone(),
            unit: page.unit,
            source: page.source,
            confidence: page.confidence,
            doubtful: doubtful_lines(&page.lines),
            chars: u32::try_from(page.text.chars().count()).unwrap_or(u32::MAX),
        }
    }
}

/// What extraction says about a file as a whole, after its pages.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ExtractSummary {
    /// The document's own title, if it has one.
    pub title: Option<String>,
    /// Who wrote it, as the document says.
    #[serde(default)]
    pub author: Option<String>,
    /// When it was written or last changed, as the document says: RFC 3339, or as much of it as is
    /// known (`2021`, `2021-03-09`).
    #[serde(default)]
    pub date: Option<String>,
    /// Its language (BCP 47). From an extractor: as the document says, in its words.
    #[serde(default)]
    pub language: Option<String>,
    /// Number of pages sent.
    pub pages: u32,
    /// What could not be read, with its page.
    pub warnings: Vec<Warning>,
    /// The media type that the content showed, for example `application/pdf`.
    pub media_type: String,
}

/// A slice of a document before it is embedded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chunk {
    /// Identity.
    pub id: ChunkId,
    /// Position among the document's chunks, from 0.
    pub ordinal: u32,
    /// Page number.
    pub page: u32,
    /// Place in that page's text.
    pub span: CharSpan,
    /// The page's text at that place.
    pub text: String,
    /// Titles of the enclosing headings, outermost first. Embedded and searched, never quoted.
    pub headings: Vec<String>,
    /// Hash of everything that is embedded; equal hashes have equal vectors.
    pub text_hash: String,
}

impl Chunk {
    /// What is embedded and searched: the heading path, then the text.
    pub fn embedded_text(&self) -> String {
        embedded_text(&self.headings, &self.text)
    }
}

/// What is embedded for a chunk with these headings and this text.
pub fn embedded_text(headings: &[String], text: &str) -> String {
    if headings.is_empty() {
        text.to_owned()
    } else {
        format!("{}\n{}", headings.join(" > "), text)
    }
}

/// A row of the chunk store.
#[derive(Clone, Debug, PartialEq)]
pub struct ChunkRow {
    /// The chunk.
    pub chunk: Chunk,
    /// Its document.
    pub document: DocumentId,
    /// The revision it was written under.
    pub revision: RevisionId,
    /// The document's collection.
    pub collection: String,
    /// What the full-text search finds the chunk by beside its text ([`crate::inflection::terms_of`]).
    pub terms: String,
    /// Unit-length embedding of [`Chunk::embedded_text`].
    pub vector: Vec<f32>,
}

impl ChunkRow {
    /// What the full-text search reads.
    pub fn search_text(&self) -> String {
        let mut text = self.chunk.embedded_text();
        if !self.terms.is_empty() {
            text.push('\n');
            text.push_str(&self.terms);
        }
        text
    }
}

/// A chunk found by one of the searches.
#[derive(Clone, Debug, PartialEq)]
pub struct ChunkHit {
    /// The chunk.
    pub chunk: Chunk,
    /// Its document.
    pub document: DocumentId,
    /// Its revision.
    pub revision: RevisionId,
    /// Vector search: cosine similarity. Text search: BM25. Higher is better.
    pub score: f32,
    /// Its vector, of length one; empty if another embedder made it than makes new rows.
    pub vector: Vec<f32>,
}

/// What an index was made with. A mismatch means that the index must be rebuilt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexSpec {
    /// Embedder's model id with its revision or hash.
    pub embedder: String,
    /// Length of its vectors.
    pub dimension: usize,
    /// Version of the chunker's rules and parameters.
    pub chunker: String,
    /// Version of the rows.
    pub schema: u32,
}

/// State of a document in the register.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// Identity.
    pub id: DocumentId,
    /// Its collection.
    pub collection: String,
    /// Where it was read.
    #[serde(with = "path_text")]
    pub path: PathBuf,
    /// Its own title, else the file name.
    pub title: String,
    /// Who wrote it, as it says itself.
    #[serde(default)]
    pub author: Option<String>,
    /// When it was written or last changed, as it says itself: RFC 3339, or as much of it as is known.
    #[serde(default)]
    pub date: Option<String>,
    /// Its language (BCP 47): as it says itself, or as its text tells.
    #[serde(default)]
    pub language: Option<String>,
    /// For example `application/pdf`.
    pub media_type: String,
    /// The revision that searches see; none until the first one is complete.
    pub revision: Option<RevisionId>,
    /// Hash of the file's bytes at that revision.
    pub content_hash: String,
    /// Size of the file in bytes.
    pub bytes: u64,
    /// Number of pages.
    pub pages: u32,
    /// Pages whose text can be found.
    pub searchable_pages: u32,
    /// Pages that are images and wait for a model that reads them.
    #[serde(default)]
    pub unread_images: u32,
    /// Number of chunks.
    pub chunks: u32,
    /// What could not be read.
    #[serde(serialize_with = "crate::notice::texts")]
    pub warnings: Vec<Warning>,
    /// When the current revision was written, RFC 3339.
    pub indexed_at: String,
}

impl Document {
    /// The file's name, for people.
    pub fn file_name(&self) -> String {
        self.path
            .file_name()
            .map(|n| n.to_string_lossy().into_owned())
            .unwrap_or_default()
    }
}

/// Where an index job stands. Closed and persisted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobStatus {
    /// Waits for its turn.
    Queued,
    /// At work, or was when the power went.
    Running,
    /// The document's current revision is what the job was for.
    Done,
    /// The file was unchanged; nothing had to be done.
    Unchanged,
    /// Stopped by an error; can be retried.
    Failed,
    /// Stopped on request.
    Canceled,
}

impl JobStatus {
    /// Whether the job waits or runs.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Queued | Self::Running)
    }
}

/// A named stage of an index job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Waiting.
    Queued,
    /// Hashing the bytes.
    Hashing,
    /// Reading pages.
    Reading,
    /// Embedding chunks.
    Embedding,
    /// Writing rows.
    Writing,
    /// Searchable.
    Ready,
}

/// A persisted unit of ingestion: one file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IndexJob {
    /// Identity.
    pub id: JobId,
    /// The file.
    #[serde(with = "path_text")]
    pub path: PathBuf,
    /// Collection it joins.
    pub collection: String,
    /// Where it stands.
    pub status: JobStatus,
    /// The stage it is in, or failed in.
    pub step: Step,
    /// The document it makes, once known.
    pub document: Option<DocumentId>,
    /// Why it failed.
    pub error: Option<Error>,
    /// Whether the file is read even if its bytes are those that were read before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub read_again: bool,
    /// RFC 3339.
    pub created_at: String,
}

/// What limits a search.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Scope {
    /// Only this collection.
    pub collection: Option<String>,
    /// Only these documents, if any are named.
    #[serde(default)]
    pub documents: Vec<DocumentId>,
}

/// Which searches run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SearchMode {
    /// Both, fused.
    #[default]
    Hybrid,
    /// Meaning only.
    Vector,
    /// Words only.
    Text,
}

/// The parts of a passage's score; absent where that search did not find it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// Cosine similarity with the question.
    pub vector: Option<f32>,
    /// BM25.
    pub text: Option<f32>,
    /// What both searches and the second look at their finds make together, 0 to 1; of one search alone or of
    /// few finds, the reciprocal ranks.
    pub fused: Option<f32>,
    /// Reranker.
    pub rerank: Option<f32>,
}

/// A chunk returned for a query.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Passage {
    /// From 1; what `[n]` in an answer means.
    pub rank: u32,
    /// Its document.
    pub document: DocumentId,
    /// Its revision.
    pub revision: RevisionId,
    /// The document's path.
    #[serde(with = "path_text")]
    pub path: PathBuf,
    /// The document's title.
    pub title: String,
    /// Page number.
    pub page: u32,
    /// Place in that page's text.
    #[serde(flatten)]
    pub span: CharSpan,
    /// What the document calls that place.
    #[serde(default)]
    pub locator: Locator,
    /// Enclosing headings.
    pub headings: Vec<String>,
    /// The page's text at that place.
    pub text: String,
    /// The score it is ranked by.
    pub score: f32,
    /// The parts of it.
    pub scores: Scores,
    /// Sentences that instruct the model that reads them, in characters of the text; it does not get to see them.
    #[serde(default)]
    pub injections: Vec<Injection>,
}

impl Passage {
    /// Whether its text or what stands above it instructs the model that reads it.
    pub fn is_marked(&self) -> bool {
        let above = std::iter::once(&self.title).chain(&self.headings);
        !self.injections.is_empty() || above.into_iter().any(|text| !injection::find(text).is_empty())
    }
}

/// Whether a sentence is carried by its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The source says it.
    Supported,
    /// The source says some of it.
    Partly,
    /// No supplied passage says it.
    Unsupported,
}

/// A resolved marker: the exact source text that carries a sentence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Citation {
    /// The passage's number, as in the text.
    pub n: u32,
    /// Its document.
    pub document: DocumentId,
    /// The revision the quote was taken from.
    pub revision: RevisionId,
    /// The document's path.
    #[serde(with = "path_text")]
    pub path: PathBuf,
    /// The document's title.
    pub title: String,
    /// Page number.
    pub page: u32,
    /// Place in that page's text.
    #[serde(flatten)]
    pub span: CharSpan,
    /// What the document calls that place.
    #[serde(default)]
    pub locator: Locator,
    /// The page's text at that place, byte for byte.
    pub quote: String,
    /// How much of the sentence it carries, 0 to 1.
    pub score: f32,
}

/// A sentence of an answer with its proof.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sentence {
    /// The sentence, with its markers.
    pub text: String,
    /// Whether its citations carry it.
    pub verdict: Verdict,
    /// Numbers of the passages cited, as in its markers.
    pub citations: Vec<u32>,
}

/// What becomes of the sentences of an answer that no source carries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unproved {
    /// They stay, and are marked.
    #[default]
    Marked,
    /// They are left out, and counted.
    Removed,
}

/// What the checks changed in what a model wrote.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Corrections {
    /// Markers that it forgot.
    pub markers_added: u32,
    /// Markers that it put to a passage that does not carry the sentence, while another does.
    pub markers_moved: u32,
    /// Markers of passages that do not carry their sentence.
    pub markers_dropped: u32,
    /// Sentences left out because no source carries them; see [`Unproved::Removed`].
    pub sentences_removed: u32,
}

impl Corrections {
    /// Whether nothing was changed.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What documents say of one thing, where they do not agree. Which of them holds is for the reader to say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Disagreement {
    /// What carries the answer, then what each of the others says instead.
    pub sides: Vec<Side>,
}

/// What one document says, and from when it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Side {
    /// Its words.
    pub citation: Citation,
    /// [`Document::date`].
    pub date: Option<String>,
}

impl Side {
    /// The day of its date, or as much of it as is known.
    pub fn day(&self) -> Option<&str> {
        self.date.as_deref().map(|date| date.get(..10).unwrap_or(date))
    }
}

/// Milliseconds per stage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Timings {
    /// Making the question stand alone.
    pub rewrite: f64,
    /// Searching.
    pub search: f64,
    /// Reranking.
    pub rerank: f64,
    /// From the question to the first word of the answer.
    pub first_token: Option<f64>,
    /// From the question to the end.
    pub total: f64,
}

/// Tokens of one generation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenCounts {
    /// Read.
    pub prompt: u32,
    /// Written.
    pub generated: u32,
    /// Of those written, the ones that were proposed from the prompt and confirmed, several in one
    /// step. They tell about speed; the text is the same without.
    #[serde(default)]
    pub confirmed: u32,
    /// Of those read, the ones that were computed for an earlier prompt already.
    #[serde(default)]
    pub reused: u32,
    /// Tokens of the messages that were left out because the model's context is shorter.
    #[serde(default)]
    pub omitted: u32,
}

/// A passage that was considered, and why it was left out if it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// Chunk.
    pub chunk: ChunkId,
    /// Its document.
    pub document: DocumentId,
    /// Page number.
    pub page: u32,
    /// Scores.
    pub scores: Scores,
    /// Reason it did not become a passage; none if it did.
    pub dropped: Option<Dropped>,
}

/// How an answer came about.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// The question as searched.
    pub query: String,
    /// Where it was searched for.
    #[serde(default)]
    pub scope: Scope,
    /// Prompt template and version, and which of the user's copies of it, as `answer.v1+2`.
    pub prompt: String,
    /// The same of the prompt that made a follow-up stand alone; none if the question did, or if an earlier version
    /// answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rewrite_prompt: Option<String>,
    /// The prompt as sent to the model.
    pub prompt_text: String,
    /// Model ids by role.
    pub models: Vec<(String, String)>,
    /// What the index was made with.
    pub index: Option<IndexSpec>,
    /// Every candidate of the search.
    pub candidates: Vec<Candidate>,
    /// The evidence gate's measure, 0 to 1.
    pub evidence: f32,
    /// What the question's filters did, if it has any.
    #[serde(default)]
    pub filtered: Option<Filtered>,
    /// Acronyms that the question has, or their words, and that were searched both ways.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acronyms: Vec<Acronym>,
    /// The questions that it is made of, if it is several; each was searched for by itself, too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sub_questions: Vec<String>,
    /// What the checks changed in what the model wrote.
    #[serde(default, skip_serializing_if = "Corrections::is_empty")]
    pub corrections: Corrections,
    /// What was counted, if every page was read instead of the best passages.
    #[serde(default)]
    pub scan: Option<Scan>,
    /// What was summarized, if documents were.
    #[serde(default)]
    pub summarized: Option<Summarized>,
    /// What was computed, if the answer was computed over a table instead of written.
    #[serde(default)]
    pub table: Option<TableQuery>,
}

/// What was read for a summary.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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

/// A computation over a table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableUsed {
    /// Its document.
    pub document: DocumentId,
    /// The name of its sheet, or what stands over it.
    pub label: Option<String>,
}

/// A count over all pages of a scope.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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

/// A finished answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The text, with markers `[n]`.
    pub answer: String,
    /// Whether this is the deliberate "not in your documents".
    pub abstained: bool,
    /// Its sentences.
    pub sentences: Vec<Sentence>,
    /// Resolved markers, in order of appearance.
    pub citations: Vec<Citation>,
    /// Where other documents say something else.
    #[serde(default)]
    pub disagreements: Vec<Disagreement>,
    /// The passages supplied to the model.
    pub passages: Vec<Passage>,
    /// How it came about.
    pub trace: Trace,
    /// Durations.
    pub timings_ms: Timings,
    /// Token counts.
    pub tokens: TokenCounts,
    /// The conversation it belongs to.
    pub conversation: ConversationId,
    /// Its turn.
    pub turn: TurnId,
}

/// What an ask sends while it works. Order: (`Stage` | `Progress`)* and `Passages`, then (`Delta` | `Citation`)*,
/// then exactly one of `Done`, `Abstained`, `Failed`, `Canceled`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum AnswerEvent {
    /// A stage began.
    Stage {
        /// Which.
        stage: AnswerStage,
    },
    /// How far a scan has come.
    Progress {
        /// Pages looked through, or sections summarized.
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
    /// A marker or sentence was resolved.
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
        /// The whole of it; `answer.answer` says what was searched.
        answer: Box<Answer>,
    },
    /// It could not be done.
    Failed {
        /// Why, and the remedy.
        error: Error,
    },
    /// Stopped on request; the text so far was kept.
    Canceled {
        /// What there was.
        answer: Option<Box<Answer>>,
    },
}

/// A stage of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerStage {
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

/// A chat, without its turns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Conversation {
    /// Identity.
    pub id: ConversationId,
    /// The first question, shortened, or what it was renamed to.
    pub title: String,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub updated_at: String,
    /// Number of turns.
    pub turns: u32,
    /// Whether it stays at the top.
    #[serde(default)]
    pub pinned: bool,
}

/// A conversation that has the words searched for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConversationHit {
    /// Which.
    pub conversation: Conversation,
    /// The turn that has them; none if the title alone does.
    pub turn: Option<TurnId>,
    /// The words around the first of them.
    pub excerpt: String,
}

/// One question with its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Turn {
    /// Identity.
    pub id: TurnId,
    /// Its conversation.
    pub conversation: ConversationId,
    /// As asked.
    pub question: String,
    /// What came of it.
    pub answer: Answer,
    /// What the user thinks of it, if they said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feedback: Option<Feedback>,
    /// RFC 3339.
    pub created_at: String,
}

/// What the user thinks of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

/// What is wrong with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
