//! Models and a reader that need no files of their own.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::{ControlFlow, Range};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio_util::sync::CancellationToken;
use unicode_segmentation::UnicodeSegmentation;

use crate::error::{Error, ErrorCode, Result};
use crate::ocr::{ExtractedPage, PageImage, RecognizedLine};
use crate::password::Password;
use crate::ports::{
    Constraint, Embedder, Extractor, FinishReason, GenerateRequest, Generated, Generator, TextRecognizer,
    TextRole,
};
use crate::span::CharSpan;
use crate::text::{content_terms, paragraphs};
use crate::types::{Block, BlockKind, ExtractSummary, FileKind, Page, PageSource, TokenCounts};

/// What a page begins with that [`FakeExtractor`] sends as an image for [`FakeRecognizer`].
pub const IMAGE: &str = "IMAGE:";

/// Embeds a text as the bag of its words, so that texts with common words are near each other.
#[derive(Default)]
pub struct FakeEmbedder {
    /// Texts embedded so far.
    pub embedded: AtomicUsize,
    /// Embedders of different versions make indexes that cannot be mixed.
    pub version: usize,
}

impl Embedder for FakeEmbedder {
    fn id(&self) -> String {
        format!("fake-embedder-{}", self.version)
    }

    fn dimension(&self) -> usize {
        64
    }

    fn max_tokens(&self) -> usize {
        512
    }

    fn embed(&self, texts: &[String], _: TextRole, cancel: &CancellationToken) -> Result<Vec<Vec<f32>>> {
        if cancel.is_cancelled() {
            return Err(Error::canceled());
        }
        self.embedded.fetch_add(texts.len(), Ordering::SeqCst);
        Ok(texts
            .iter()
            .map(|text| {
                let mut vector = vec![0.01; 64];
                for term in content_terms(text) {
                    let mut hasher = DefaultHasher::new();
                    term.hash(&mut hasher);
                    vector[(hasher.finish() % 64) as usize] += 1.0;
                }
                let norm = vector.iter().map(|v: &f32| v * v).sum::<f32>().sqrt();
                vector.iter_mut().for_each(|v| *v /= norm);
                vector
            })
            .collect())
    }

    fn token_offsets(&self, text: &str) -> Result<Vec<Range<usize>>> {
        Ok(text
            .unicode_word_indices()
            .map(|(at, word)| at..at + word.len())
            .collect())
    }
}

/// Writes what it was told to, word by word; without orders, the first sentence of passage 1. Where JSON is
/// wanted it writes its orders as they are, and text that is no JSON counts as cut off.
#[derive(Default)]
pub struct FakeGenerator {
    /// What [`Generator::weights`] says.
    pub weights: u64,
    /// Texts still to be written, first one last.
    pub script: Mutex<Vec<String>>,
}

impl Generator for FakeGenerator {
    fn id(&self) -> String {
        "fake-generator".into()
    }

    fn weights(&self) -> u64 {
        self.weights
    }

    fn context_tokens(&self) -> usize {
        4_096
    }

    fn count_tokens(&self, text: &str) -> Result<usize> {
        Ok(text.split_whitespace().count())
    }

    fn generate(
        &self,
        request: &GenerateRequest<'_>,
        sink: &mut dyn FnMut(&str) -> ControlFlow<()>,
        cancel: &CancellationToken,
    ) -> Result<Generated> {
        let ordered = self
            .script
            .lock()
            .map_err(|_| Error::bug("a test thread panicked"))?
            .pop();
        let json = matches!(request.constraint, Some(Constraint::Json(_)));
        let text = ordered.unwrap_or_else(|| {
            if json {
                return String::new();
            }
            let prompt = request
                .messages
                .last()
                .map(|message| message.text.as_str())
                .unwrap_or_default();
            let passage = prompt.split_once(")\n").map_or("", |(_, rest)| rest);
            let first = passage.split("\n\n").next().unwrap_or_default();
            let sentence = crate::text::sentences(first).into_iter().next();
            sentence.map_or_else(
                || crate::prompt::NOT_FOUND.to_owned(),
                |range| format!("{} [1]", &first[range]),
            )
        });
        let mut written = Generated {
            text: String::new(),
            tokens: TokenCounts::default(),
            finish: if json && serde_json::from_str::<serde_json::Value>(&text).is_err() {
                FinishReason::Length
            } else {
                FinishReason::EndOfTurn
            },
        };
        for piece in text.split_inclusive(' ') {
            let allowed = match request.constraint {
                Some(Constraint::Text(only)) => only.allows(&written.text, piece),
                Some(Constraint::Json(_)) | None => true,
            };
            if !allowed {
                continue;
            }
            if cancel.is_cancelled() || sink(piece).is_break() {
                written.finish = FinishReason::Canceled;
                break;
            }
            written.text.push_str(piece);
            written.tokens.generated += 1;
        }
        Ok(written)
    }
}

/// Reads text files: form feeds part pages. Files with planned faults fail.
#[derive(Default)]
pub struct FakeExtractor {
    /// By file name.
    pub faults: Mutex<HashMap<String, Error>>,
    /// What opens files, by their names; others are not locked.
    pub locks: Mutex<HashMap<String, Password>>,
    /// The names of the files that were to be read ahead, at each time.
    pub ahead: Mutex<Vec<Vec<String>>>,
}

impl Extractor for FakeExtractor {
    fn read_ahead(&self, _: Option<&Path>, next: &[PathBuf]) {
        let names = next.iter().filter_map(|path| path.file_name());
        let names = names.map(|name| name.to_string_lossy().into_owned()).collect();
        if let Ok(mut ahead) = self.ahead.lock() {
            ahead.push(names);
        }
    }

    fn kind(&self, path: &Path) -> Option<FileKind> {
        path.extension()
            .is_some_and(|extension| extension == "txt" || extension == "md")
            .then_some(FileKind::Text)
    }

    fn extract(
        &self,
        path: &Path,
        password: Option<&Password>,
        sink: &mut dyn FnMut(ExtractedPage) -> ControlFlow<()>,
        cancel: &CancellationToken,
    ) -> Result<ExtractSummary> {
        let name = path
            .file_name()
            .map(|n| n.to_string_lossy().into_owned())
            .unwrap_or_default();
        let locks = self.locks.lock();
        let locks = locks.map_err(|_| Error::bug("a test thread panicked"))?;
        if locks.get(&name).is_some_and(|key| Some(key) != password) {
            return Err(Error::user("locked").code(ErrorCode::PasswordNeeded));
        }
        drop(locks);
        let text = std::fs::read_to_string(path)?;
        let total = text.split('\u{c}').count() as u32;
        let mut pages = 0;
        for text in text.split('\u{c}') {
            if cancel.is_cancelled() {
                return Err(Error::canceled());
            }
            pages += 1;
            let source = if paragraphs(text).is_empty() {
                PageSource::Empty
            } else {
                PageSource::Text
            };
            let mut page = Page::new(pages, text, source);
            page.blocks = headings(text);
            let extracted = match text.strip_prefix(IMAGE) {
                Some(text) => fake_image(pages, total, text),
                None => ExtractedPage::new(page, Some(total)),
            };
            if sink(extracted).is_break() {
                return Err(Error::canceled());
            }
        }
        let fault = self
            .faults
            .lock()
            .map_err(|_| Error::bug("a test thread panicked"))?
            .remove(&name);
        match fault {
            Some(fault) => Err(fault),
            None => Ok(ExtractSummary {
                pages,
                media_type: "text/plain".into(),
                ..ExtractSummary::default()
            }),
        }
    }
}

/// Lines that begin with `#`.
fn headings(text: &str) -> Vec<Block> {
    let mut start = 0;
    let lines = text.split('\n').map(|line| {
        let end = start + line.chars().count() as u32;
        let span = CharSpan::new(std::mem::replace(&mut start, end + 1), end);
        (line, span)
    });
    lines
        .filter(|(line, _)| line.starts_with('#'))
        .map(|(line, span)| Block {
            kind: BlockKind::Heading {
                level: line.bytes().take_while(|b| *b == b'#').count() as u8,
            },
            span,
        })
        .collect()
}

/// A page without text whose image's first row holds the bytes of `text`.
fn fake_image(number: u32, total: u32, text: &str) -> ExtractedPage {
    let grey = text.trim().as_bytes().to_vec();
    ExtractedPage {
        image: Some(PageImage {
            width: grey.len() as u32,
            height: 1,
            dpi: 72.0,
            grey,
        }),
        warning: Some(format!("page {number} is an image").into()),
        ..ExtractedPage::new(Page::new(number, "", PageSource::Empty), Some(total))
    }
}

/// Reads the images of [`FakeExtractor`]: the bytes of the text, a line a line.
#[derive(Default)]
pub struct FakeRecognizer {
    /// Images seen so far.
    pub seen: AtomicUsize,
}

impl TextRecognizer for FakeRecognizer {
    fn id(&self) -> String {
        "fake-recognizer".into()
    }

    fn recognize(&self, image: &PageImage, cancel: &CancellationToken) -> Result<Vec<RecognizedLine>> {
        if cancel.is_cancelled() {
            return Err(Error::canceled());
        }
        self.seen.fetch_add(1, Ordering::SeqCst);
        let text = String::from_utf8_lossy(&image.grey).into_owned();
        if text == "unreadable" {
            return Err(Error::runtime("the model is broken").hint("fetch it again"));
        }
        let lines = text.lines().enumerate().map(|(n, line)| {
            let (top, width) = (n as f32 * 14.0, line.chars().count() as f32 * 5.0);
            RecognizedLine {
                text: line.to_owned(),
                confidence: 0.9,
                corners: [[0.0, top], [width, top], [width, top + 10.0], [0.0, top + 10.0]],
                places: Vec::new(),
            }
        });
        Ok(lines.collect())
    }
}
