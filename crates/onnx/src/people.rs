//! Names and addresses of people: a token classifier whose labels become places in the text.
//!
//! The model is Rampart (National Design Studio, CC BY 4.0): a BERT of 15 million weights with a label a token, `B-` where
//! something begins and `I-` where it goes on. As its publishers do, texts are read in overlapping windows of 480 characters.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use footnote_core::personal::{Found, Kind};
use footnote_core::ports::PersonFinder;
use footnote_core::{Error, ErrorCode, Problem, Result};
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use crate::encoder::{EncoderSession, Row, plan};
use crate::owner::{ModelHandle, Owner, Priority};
use crate::runtime::Runtime;
use crate::tokens::{ReadingTokenizer, SharedTokenizer};

/// Characters of a window, and how many it shares with the next one.
const WINDOW: usize = 480;
const OVERLAP: usize = 64;
/// Tokens of a batch, padding included.
const BATCH: usize = 1024;
/// Least probability of a label.
const THRESHOLD: f32 = 0.5;
/// The model is unloaded when it was not asked for this long.
const IDLE: Duration = Duration::from_secs(120);

/// The files of the model.
pub(crate) const FILES: [&str; 3] = ["model_q4.onnx", "tokenizer.json", "config.json"];

/// What `config.json` says.
#[derive(Deserialize)]
struct Config {
    id2label: std::collections::BTreeMap<usize, String>,
    max_position_embeddings: usize,
}

/// What a label names; several of them are parts of one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Name,
    /// A part of an address that tells where somebody lives.
    Street,
    /// One that many share.
    Town,
    Number(Kind),
}

impl Part {
    /// None for what is nothing, and for what rules find better.
    fn of(label: &str) -> Option<Self> {
        let name = label.split_once('-').map_or(label, |(_, name)| name);
        Some(match name {
            "GIVEN_NAME" | "SURNAME" => Self::Name,
            "BUILDING_NUMBER" | "STREET_NAME" | "SECONDARY_ADDRESS" | "ZIP_CODE" => Self::Street,
            "CITY" | "STATE" => Self::Town,
            "PHONE" => Self::Number(Kind::Phone),
            "TAX_ID" | "GOVERNMENT_ID" | "PASSPORT" | "DRIVERS_LICENSE" => Self::Number(Kind::NationalId),
            "BANK_ACCOUNT" | "ROUTING_NUMBER" => Self::Number(Kind::Account),
            _ => return None,
        })
    }

    fn kind(self) -> Kind {
        match self {
            Self::Name => Kind::Name,
            Self::Street | Self::Town => Kind::Address,
            Self::Number(kind) => kind,
        }
    }
}

/// A stretch of text with its label, being put together.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Piece {
    part: Part,
    range: Range<usize>,
}

/// Finds names and addresses with the model `rampart`. Cheap to clone; clones share the model.
#[derive(Clone)]
pub struct OnnxPersonFinder(Arc<Inner>);

struct Inner {
    tokenizer: SharedTokenizer<ReadingTokenizer>,
    labels: Vec<Option<Part>>,
    longest: usize,
    owner: Owner<EncoderSession>,
}

impl OnnxPersonFinder {
    /// Opens the model in `folder`, with the files as the catalog names them. The weights are loaded with the first text.
    ///
    /// # Errors
    /// [`ErrorCode::ModelMissing`] if a file is not there or is not what it should be.
    pub fn open(runtime: &Runtime, folder: &Path) -> Result<Self> {
        let missing = |what: String| {
            Error::runtime(what)
                .code(ErrorCode::ModelMissing)
                .problem(Problem::ModelMissing)
                .hint("Fetch the model again with `footnote models fetch rampart`")
        };
        for name in FILES {
            let file = folder.join(name);
            if !file.is_file() {
                return Err(missing(format!("{}: the file is not there", file.display())));
            }
        }
        let [graph, tokenizer, config] = FILES.map(|name| folder.join(name));
        let read: Config = std::fs::read(&config)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .ok_or_else(|| missing(format!("{}: this names no labels", config.display())))?;
        let numbered = read.id2label.keys().copied().eq(0..read.id2label.len());
        if !numbered || read.id2label.is_empty() {
            return Err(missing(format!("{}: labels are missing", config.display())));
        }
        let runtime = runtime.clone();
        let owner = Owner::start("people", Some(IDLE), move || {
            EncoderSession::load(&runtime, &graph, &["logits"], 0)
        })?;
        Ok(Self(Arc::new(Inner {
            tokenizer: SharedTokenizer::new(&tokenizer)?,
            labels: read.id2label.values().map(|label| Part::of(label)).collect(),
            longest: read.max_position_embeddings,
            owner,
        })))
    }

    /// Whether the weights are in memory, and a way to free them.
    pub fn handle(&self) -> ModelHandle {
        ModelHandle::new(&self.0.owner)
    }

    /// Token ids and places of a stretch, in stretches that the model takes.
    fn encode(&self, text: &str, range: Range<usize>, out: &mut Vec<Window>) -> Result<()> {
        let encoding = self.0.tokenizer.tokens(&text[range.clone()], true, true)?;
        if encoding.len() > self.0.longest {
            let middle = text.floor_char_boundary(range.start + range.len() / 2);
            // A single character is never so many tokens; if it were, it would not be a name.
            if middle <= range.start || middle >= range.end {
                return Ok(());
            }
            self.encode(text, range.start..middle, out)?;
            return self.encode(text, middle..range.end, out);
        }
        let special = encoding.get_special_tokens_mask();
        let places = encoding.get_offsets().iter().zip(special);
        out.push(Window {
            places: places
                .map(|(&(start, end), special)| {
                    (*special == 0 && end > start).then(|| range.start + start..range.start + end)
                })
                .collect(),
            row: Row {
                ids: encoding.get_ids().iter().map(|&id| i64::from(id)).collect(),
                types: Vec::new(),
            },
        });
        Ok(())
    }
}

/// What is given to the model at once.
struct Window {
    row: Row,
    /// Where each token stands in the text; none for special ones.
    places: Vec<Option<Range<usize>>>,
}

impl PersonFinder for OnnxPersonFinder {
    fn id(&self) -> String {
        "rampart".into()
    }

    fn find(&self, text: &str, cancel: &CancellationToken) -> Result<Vec<Found>> {
        let mut windows = Vec::new();
        for range in stretches(text) {
            self.encode(text, range, &mut windows)?;
        }
        let lengths: Vec<usize> = windows.iter().map(|window| window.row.len()).collect();
        let mut pieces = Vec::new();
        for members in plan(&lengths, BATCH) {
            if cancel.is_cancelled() {
                return Err(Error::canceled());
            }
            let rows: Vec<Row> = members
                .iter()
                .map(|&at| std::mem::take(&mut windows[at].row))
                .collect();
            let count = rows.len();
            let computed = self
                .0
                .owner
                .call(Priority::Background, cancel, move |model| model.run(&rows))?;
            let labels = self.0.labels.len();
            if computed.values.len() != count * computed.width * labels {
                return Err(Error::bug(format!(
                    "The model's output has {} numbers for {count} texts of {} tokens",
                    computed.values.len(),
                    computed.width
                )));
            }
            for (&at, values) in members
                .iter()
                .zip(computed.values.chunks_exact(computed.width * labels))
            {
                let tokens = windows[at].places.iter().zip(values.chunks_exact(labels));
                let labelled = tokens.filter_map(|(place, logits)| {
                    let part = self.0.labels[likeliest(logits)?]?;
                    Some((part, place.clone()?))
                });
                pieces.extend(pieced(text, labelled));
            }
        }
        Ok(whole(text, pieces))
    }
}

/// The label that has at least the threshold's probability.
fn likeliest(logits: &[f32]) -> Option<usize> {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f32 = logits.iter().map(|logit| (logit - most).exp()).sum();
    let at = logits.iter().position(|logit| *logit == most)?;
    (1.0 / sum >= THRESHOLD).then_some(at)
}

/// Overlapping windows of the text, each beginning and ending between words where there is such a place.
fn stretches(text: &str) -> Vec<Range<usize>> {
    let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    let place = |index: usize| starts.get(index).copied().unwrap_or(text.len());
    let after_space = |from: usize, to: usize| -> Option<usize> {
        text[from..to].rfind(char::is_whitespace).map(|at| {
            let space = text[from + at..].chars().next().map_or(1, char::len_utf8);
            from + at + space
        })
    };
    let mut found = Vec::new();
    let mut first = 0;
    while first < starts.len() {
        let (start, limit) = (place(first), place(first + WINDOW));
        let end = if limit == text.len() {
            limit
        } else {
            after_space(place(first + WINDOW / 2), limit).unwrap_or(limit)
        };
        if !text[start..end].trim().is_empty() {
            found.push(start..end);
        }
        if end == text.len() {
            break;
        }
        let last = starts.partition_point(|at| *at < end);
        let next = last.saturating_sub(OVERLAP).max(first + 1);
        first = after_space(place(next), end)
            .map(|_| {
                let space = text[place(next)..end].find(char::is_whitespace).unwrap_or(0);
                starts.partition_point(|at| *at <= place(next) + space)
            })
            .filter(|at| *at > first)
            .unwrap_or(next);
    }
    found
}

/// Tokens of one thing, put together: parts of a word, and words with nothing but spaces, and in addresses commas, in between.
fn pieced(text: &str, tokens: impl Iterator<Item = (Part, Range<usize>)>) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for (part, range) in tokens {
        if let Some(last) = pieces.last_mut()
            && last.part.kind() == part.kind()
            && range.start >= last.range.end
            && joins(
                part.kind(),
                &text[last.range.clone()],
                &text[last.range.end..range.start],
            )
        {
            last.range.end = range.end;
            // A town is told by the street beside it.
            if part == Part::Street {
                last.part = part;
            }
            continue;
        }
        pieces.push(Piece { part, range });
    }
    pieces
}

/// Whether what stands between two tokens is inside of what they are part of; `before` is what there is of it.
fn joins(kind: Kind, before: &str, between: &str) -> bool {
    // "J. R. Smith" is one name, "Smith. Jones" are two.
    let initial = before.chars().rev().take_while(|c| c.is_alphabetic()).count() == 1;
    let inside = |c: char| match kind {
        Kind::Address => c.is_whitespace() || matches!(c, ',' | '.' | '-' | '/'),
        Kind::Name => c.is_whitespace() || matches!(c, '-' | '\'' | '’') || c == '.' && initial,
        _ => c.is_whitespace() || matches!(c, '-' | '.' | '/' | '(' | ')'),
    };
    between.chars().count() <= 3 && between.chars().all(inside)
}

/// What is left of the pieces of all windows: whole words, in order, without overlaps.
fn whole(text: &str, mut pieces: Vec<Piece>) -> Vec<Found> {
    for piece in &mut pieces {
        let before = text[..piece.range.start].chars().rev();
        let grown: usize = before
            .take_while(|c| c.is_alphanumeric())
            .map(char::len_utf8)
            .sum();
        piece.range.start -= grown;
        let behind = text[piece.range.end..].chars();
        let grown: usize = behind
            .take_while(|c| c.is_alphanumeric())
            .map(char::len_utf8)
            .sum();
        piece.range.end += grown;
    }
    pieces.sort_by_key(|piece| (piece.range.start, piece.range.end));
    let mut merged: Vec<Piece> = Vec::new();
    for piece in pieces {
        match merged.last_mut() {
            Some(last) if piece.range.start < last.range.end => {
                last.range.end = last.range.end.max(piece.range.end);
                if last.part == Part::Town {
                    last.part = piece.part;
                }
            }
            _ => merged.push(piece),
        }
    }
    merged
        .into_iter()
        .filter(|piece| is_personal(piece.part, &text[piece.range.clone()]))
        .map(|piece| Found {
            kind: piece.part.kind(),
            range: piece.range,
        })
        .collect()
}

/// A town alone is nobody's address, a number of few digits nobody's, and a letter no name.
fn is_personal(part: Part, words: &str) -> bool {
    let digits = words.chars().filter(char::is_ascii_digit).count();
    let letters = words.chars().filter(|c| c.is_alphabetic()).count();
    match part {
        Part::Town => false,
        Part::Name => letters >= 2 && digits == 0,
        // "12" is a house only beside its street, and "80331" may be anything.
        Part::Street => letters >= 3,
        Part::Number(_) => digits >= 5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_overlap_and_cover_the_text() {
        let words: String = (0..400).map(|n| format!("wörd{n} ")).collect();
        for text in [
            words.as_str(),
            &"x".repeat(2_000),
            "short",
            "é".repeat(1_000).as_str(),
        ] {
            let found = stretches(text);
            assert_eq!(found[0].start, 0);
            assert_eq!(found.last().expect("window").end, text.len());
            for pair in found.windows(2) {
                assert!(pair[1].start <= pair[0].end && pair[1].start > pair[0].start);
                assert!(pair[1].end > pair[0].end);
            }
            let longest = found.iter().map(|range| text[range.clone()].chars().count());
            assert!(longest.max() <= Some(WINDOW));
        }
        assert!(stretches("").is_empty() && stretches(" \n ").is_empty());
    }

    #[test]
    fn parts_become_whole_things() {
        let text = "Ruth Amsel, 12 Baker Street, London, met Berlin.";
        let at = |words: &str| {
            let start = text.find(words).expect("there");
            start..start + words.len()
        };
        let tokens = [
            (Part::Name, at("Ruth")),
            (Part::Name, at("Am")),
            (Part::Street, at("12")),
            (Part::Street, at("Baker")),
            (Part::Street, at("Street")),
            (Part::Town, at("London")),
            (Part::Town, at("Berlin")),
        ];
        let found = whole(text, pieced(text, tokens.into_iter()));
        let found: Vec<(Kind, &str)> = found
            .into_iter()
            .map(|found| (found.kind, &text[found.range]))
            .collect();
        assert_eq!(
            found,
            [
                (Kind::Name, "Ruth Amsel"),
                (Kind::Address, "12 Baker Street, London")
            ]
        );
    }

    #[test]
    fn a_full_stop_parts_names_but_not_initials() {
        let text = "J. Smith. Jones";
        let tokens = [0..1, 3..8, 10..15].map(|range| (Part::Name, range));
        let found: Vec<&str> = whole(text, pieced(text, tokens.into_iter()))
            .into_iter()
            .map(|found| &text[found.range])
            .collect();
        assert_eq!(found, ["J. Smith", "Jones"]);
    }

    #[test]
    fn a_label_needs_half_the_probability() {
        assert_eq!(likeliest(&[0.0, 3.0, 0.0]), Some(1));
        assert_eq!(likeliest(&[1.0, 1.0, 1.0]), None);
        assert_eq!(likeliest(&[f32::NAN; 3]), None);
    }
}
