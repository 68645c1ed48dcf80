//! Documents, pages, jobs.

use footnote_core::{report, types};
use serde::{Deserialize, Serialize};
use specta::Type;
use specta_typescript::Number;
use tauri::ipc::{InvokeResponseBody, IpcResponse};

use super::{ErrorView, Warning, all, mirror, path_text};

mirror!(
    /// How a page came by its text.
    PageSource of types::PageSource {
        /// The file's own text.
        Text,
        /// Recognised in an image.
        Ocr,
        /// There is nothing to read.
        Empty,
        /// Reading failed.
        Failed,
    }
);

mirror!(
    /// What the format calls its pages.
    PageUnit of types::PageUnit {
        /// A page with a fixed layout.
        Page,
        /// A part of a document without pages.
        Section,
        /// A sheet of a workbook.
        Sheet,
        /// A slide.
        Slide,
        /// An e-mail.
        Message,
    }
);

mirror!(
    /// Where a job stands.
    JobStatus of types::JobStatus {
        /// Waits.
        Queued,
        /// At work.
        Running,
        /// Made or changed its document.
        Done,
        /// Nothing had to be done.
        Unchanged,
        /// Stopped by an error.
        Failed,
        /// Stopped on request.
        Canceled,
    }
);

mirror!(
    /// A stage of a job.
    Step of types::Step {
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
);

/// What a block of a page is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
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
    #[serde(rename_all = "camelCase")]
    Table {
        /// How many of the first lines name the columns.
        header_rows: u16,
    },
    /// Preformatted text.
    Code,
    /// What stands under or over a figure or a table.
    Caption,
    /// A note set apart from the running text.
    Footnote,
    /// Running headers and footers, page numbers.
    Furniture,
}

impl From<types::BlockKind> for BlockKind {
    fn from(kind: types::BlockKind) -> Self {
        match kind {
            types::BlockKind::Heading { level } => Self::Heading { level },
            types::BlockKind::Paragraph => Self::Paragraph,
            types::BlockKind::ListItem => Self::ListItem,
            types::BlockKind::Table { header_rows } => Self::Table { header_rows },
            types::BlockKind::Code => Self::Code,
            types::BlockKind::Caption => Self::Caption,
            types::BlockKind::Footnote => Self::Footnote,
            types::BlockKind::Furniture => Self::Furniture,
        }
    }
}

/// A structural unit of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Block {
    /// What it is.
    #[serde(flatten)]
    pub kind: BlockKind,
    /// First character.
    pub start: u32,
    /// One past the last.
    pub end: u32,
}

impl From<types::Block> for Block {
    fn from(block: types::Block) -> Self {
        Self {
            kind: block.kind.into(),
            start: block.span.start,
            end: block.span.end,
        }
    }
}

/// Where a run of characters stands, in PDF points, origin at the top left.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct TextRect {
    /// First character.
    pub start: u32,
    /// One past the last.
    pub end: u32,
    /// Left edge.
    #[specta(type = Number)]
    pub x: f32,
    /// Top edge.
    #[specta(type = Number)]
    pub y: f32,
    /// Width.
    #[specta(type = Number)]
    pub width: f32,
    /// Height.
    #[specta(type = Number)]
    pub height: f32,
}

impl From<types::TextRect> for TextRect {
    fn from(rect: types::TextRect) -> Self {
        Self {
            start: rect.span.start,
            end: rect.span.end,
            x: rect.x,
            y: rect.y,
            width: rect.width,
            height: rect.height,
        }
    }
}

/// Where a run of characters stands in the file's own terms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// First character.
    pub start: u32,
    /// One past the last.
    pub end: u32,
    /// What the format's own programs call it: `B2`, `body/p[3]`.
    pub address: String,
}

impl From<types::Place> for Place {
    fn from(place: types::Place) -> Self {
        Self {
            start: place.span.start,
            end: place.span.end,
            address: place.address,
        }
    }
}

/// A hyperlink.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Link {
    /// First character.
    pub start: u32,
    /// One past the last.
    pub end: u32,
    /// Where it leads.
    pub target: String,
}

impl From<types::Link> for Link {
    fn from(link: types::Link) -> Self {
        Self {
            start: link.span.start,
            end: link.span.end,
            target: link.target,
        }
    }
}

/// How surely a line of a picture was read.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct LineConfidence {
    /// First character.
    pub start: u32,
    /// One past the last.
    pub end: u32,
    /// Mean probability of its characters, 0 to 1.
    #[specta(type = Number)]
    pub confidence: f32,
}

impl From<types::LineConfidence> for LineConfidence {
    fn from(line: types::LineConfidence) -> Self {
        Self {
            start: line.span.start,
            end: line.span.end,
            confidence: line.confidence,
        }
    }
}

/// A page of extracted text.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Page {
    /// From 1.
    pub number: u32,
    /// What the document itself calls it.
    pub label: Option<String>,
    /// The text, exactly as quotes show it.
    pub text: String,
    /// How it was read.
    pub source: PageSource,
    /// 0 to 1, for recognised text.
    #[specta(type = Option<Number>)]
    pub confidence: Option<f32>,
    /// Structure, in order.
    pub blocks: Vec<Block>,
    /// Places of the text on the page.
    pub rects: Vec<TextRect>,
    /// Width and height in points.
    #[specta(type = Option<(Number, Number)>)]
    pub size: Option<(f32, f32)>,
    /// What the format calls such a page.
    pub unit: PageUnit,
    /// Places of the text in the file's own terms.
    pub places: Vec<Place>,
    /// Hyperlinks.
    pub links: Vec<Link>,
    /// Lines of recognised text.
    pub lines: Vec<LineConfidence>,
}

impl From<types::Page> for Page {
    fn from(page: types::Page) -> Self {
        Self {
            number: page.number,
            label: page.label,
            text: page.text,
            source: page.source.into(),
            confidence: page.confidence,
            blocks: all(page.blocks),
            rects: all(page.rects),
            size: page.size,
            unit: page.unit.into(),
            places: all(page.places),
            links: all(page.links),
            lines: all(page.lines),
        }
    }
}

/// How a page of a document was read.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PageCoverage {
    /// From 1.
    pub number: u32,
    /// What the document itself calls it.
    pub label: Option<String>,
    /// What the format calls such a page.
    pub unit: PageUnit,
    /// How it was read.
    pub source: PageSource,
    /// 0 to 1, for recognised text.
    #[specta(type = Option<Number>)]
    pub confidence: Option<f32>,
    /// Of recognised text, the lines that are to be compared with the picture.
    pub doubtful: u32,
    /// Characters of text.
    pub chars: u32,
}

impl From<types::PageCoverage> for PageCoverage {
    fn from(page: types::PageCoverage) -> Self {
        Self {
            number: page.number,
            label: page.label,
            unit: page.unit.into(),
            source: page.source.into(),
            confidence: page.confidence,
            doubtful: page.doubtful,
            chars: page.chars,
        }
    }
}

/// A stretch of a document that is searched as one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Chunk {
    /// Its page.
    pub page: u32,
    /// First character on that page.
    pub start: u32,
    /// One past the last.
    pub end: u32,
    /// Titles of the headings it stands under, outermost first.
    pub headings: Vec<String>,
    /// What it begins with.
    pub opening: String,
}

impl From<types::Chunk> for Chunk {
    fn from(chunk: types::Chunk) -> Self {
        // A long document has thousands; the page itself has the rest.
        let opening = chunk.text.split_whitespace().collect::<Vec<_>>().join(" ");
        Self {
            page: chunk.page,
            start: chunk.span.start,
            end: chunk.span.end,
            headings: chunk.headings,
            opening: opening.chars().take(240).collect(),
        }
    }
}

/// A document in the register.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Document {
    /// Identity.
    pub id: String,
    /// Its collection.
    pub collection: String,
    /// Where it was read.
    pub path: String,
    /// Its own title, else the file name.
    pub title: String,
    /// Who wrote it, as it says itself.
    pub author: Option<String>,
    /// When it was written or last changed, as it says itself.
    pub date: Option<String>,
    /// Its language (BCP 47): as it says itself, or as its text tells.
    pub language: Option<String>,
    /// For example `application/pdf`.
    pub media_type: String,
    /// The revision that searches see.
    pub revision: Option<String>,
    /// Hash of the bytes at that revision.
    pub content_hash: String,
    /// Size of the file.
    pub bytes: u64,
    /// Number of pages.
    pub pages: u32,
    /// Pages whose text can be found.
    pub searchable_pages: u32,
    /// Pages that are images and wait for a model that reads them.
    pub unread_images: u32,
    /// Number of chunks.
    pub chunks: u32,
    /// What could not be read.
    pub warnings: Vec<Warning>,
    /// RFC 3339.
    pub indexed_at: String,
}

impl From<types::Document> for Document {
    fn from(document: types::Document) -> Self {
        Self {
            id: document.id.0,
            collection: document.collection,
            path: path_text(&document.path),
            title: document.title,
            author: document.author,
            date: document.date,
            language: document.language,
            media_type: document.media_type,
            revision: document.revision.map(|revision| revision.0),
            content_hash: document.content_hash,
            bytes: document.bytes,
            pages: document.pages,
            searchable_pages: document.searchable_pages,
            unread_images: document.unread_images,
            chunks: document.chunks,
            warnings: document.warnings.into_iter().map(Into::into).collect(),
            indexed_at: document.indexed_at,
        }
    }
}

/// A persisted unit of ingestion: one file.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct IndexJob {
    /// Identity.
    pub id: String,
    /// The file.
    pub path: String,
    /// Collection it joins.
    pub collection: String,
    /// Where it stands.
    pub status: JobStatus,
    /// The stage it is in, or failed in.
    pub step: Step,
    /// The document it makes, once known.
    pub document: Option<String>,
    /// Why it failed.
    pub error: Option<ErrorView>,
    /// RFC 3339.
    pub created_at: String,
}

impl From<types::IndexJob> for IndexJob {
    fn from(job: types::IndexJob) -> Self {
        Self {
            id: job.id.0,
            path: path_text(&job.path),
            collection: job.collection,
            status: job.status.into(),
            step: job.step.into(),
            document: job.document.map(|document| document.0),
            error: job.error.map(Into::into),
            created_at: job.created_at,
        }
    }
}

/// What ingestion tells while it works.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum IngestEvent {
    /// What was found under the given paths.
    Planned {
        /// Files to be read.
        files: u32,
        /// Their size together.
        bytes: u64,
        /// Files left out.
        unsupported: u32,
        /// What could not be looked into.
        errors: Vec<ErrorView>,
    },
    /// A job changed its status or step.
    Job {
        /// As it is now.
        job: IndexJob,
    },
    /// A job's step went on.
    Progress {
        /// Its id.
        job: String,
        /// The step.
        step: Step,
        /// Units done.
        done: u64,
        /// Units in all, once known.
        total: Option<u64>,
    },
    /// All jobs of a call ended.
    Finished {
        /// Documents made or changed.
        indexed: u32,
        /// Files that were unchanged.
        unchanged: u32,
        /// Files that failed.
        failed: u32,
        /// Files not reached because of a cancel.
        canceled: u32,
    },
}

impl From<report::IngestEvent> for IngestEvent {
    fn from(event: report::IngestEvent) -> Self {
        use report::IngestEvent as Core;
        match event {
            Core::Planned {
                files,
                bytes,
                unsupported,
                errors,
            } => Self::Planned {
                files,
                bytes,
                unsupported,
                errors: all(errors),
            },
            Core::Job { job } => Self::Job { job: job.into() },
            Core::Progress {
                job,
                step,
                done,
                total,
            } => Self::Progress {
                job: job.0,
                step: step.into(),
                done,
                total,
            },
            Core::Finished {
                indexed,
                unchanged,
                failed,
                canceled,
            } => Self::Finished {
                indexed,
                unchanged,
                failed,
                canceled,
            },
        }
    }
}

/// Documents or jobs changed by something other than a call of the window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type, tauri_specta::Event)]
pub struct LibraryChanged;

/// A file's bytes; an `ArrayBuffer` in the window.
pub struct Bytes(pub Vec<u8>);

impl IpcResponse for Bytes {
    fn body(self) -> tauri::Result<InvokeResponseBody> {
        Ok(InvokeResponseBody::Raw(self.0))
    }
}

impl Type for Bytes {
    fn definition(_: &mut specta::Types) -> specta::datatype::DataType {
        specta_typescript::define("ArrayBuffer").into()
    }
}
