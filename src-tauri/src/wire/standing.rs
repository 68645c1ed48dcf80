//! What became of words quoted from documents that were read again.

use footnote_core::{engine, standing};
use serde::{Deserialize, Serialize};
use specta::Type;

use super::mirror;

/// Words that were quoted from a page of an earlier revision.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Quoted {
    /// The page's number then.
    pub page: u32,
    /// Where they began in its text.
    pub start: u32,
    /// The words.
    pub text: String,
    /// The passage they stood in, if it was kept.
    pub around: Option<String>,
}

impl From<Quoted> for standing::Quoted {
    fn from(quoted: Quoted) -> Self {
        let Quoted {
            page,
            start,
            text,
            around,
        } = quoted;
        Self {
            page,
            start,
            text,
            around,
        }
    }
}

/// What became of quotes of one document, in their order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Standings {
    /// The revision that was looked through.
    pub revision: Option<String>,
    /// One for each quote.
    pub standings: Vec<Standing>,
}

impl From<engine::Standings> for Standings {
    fn from(value: engine::Standings) -> Self {
        Self {
            revision: value.revision.map(|revision| revision.0),
            standings: super::all(value.standings),
        }
    }
}

/// What became of quoted words. Places are one, or one on each page that the words run over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(tag = "state", rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Standing {
    /// They stand there word for word.
    Stands { places: Vec<PageSpan> },
    /// The words there now are others, but most of them the same.
    Changed {
        places: Vec<PageSpan>,
        pieces: Vec<Piece>,
    },
    /// Nothing there is like them.
    Gone,
}

impl From<standing::Standing> for Standing {
    fn from(value: standing::Standing) -> Self {
        match value {
            standing::Standing::Stands { places } => Self::Stands {
                places: super::all(places),
            },
            standing::Standing::Changed { places, pieces } => Self::Changed {
                places: super::all(places),
                pieces: super::all(pieces),
            },
            standing::Standing::Gone => Self::Gone,
        }
    }
}

/// A stretch of a page as it is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PageSpan {
    /// Page number.
    pub page: u32,
    /// First character.
    pub start: u32,
    /// One past the last character.
    pub end: u32,
}

impl From<standing::PageSpan> for PageSpan {
    fn from(value: standing::PageSpan) -> Self {
        Self {
            page: value.page,
            start: value.span.start,
            end: value.span.end,
        }
    }
}

/// A stretch of a comparison, with the white space that follows its words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Piece {
    /// In which of the two texts it stands.
    pub kind: PieceKind,
    /// Its words.
    pub text: String,
}

impl From<standing::Piece> for Piece {
    fn from(value: standing::Piece) -> Self {
        Self {
            kind: value.kind.into(),
            text: value.text,
        }
    }
}

mirror!(
    /// In which of two compared texts a stretch stands.
    PieceKind of standing::PieceKind {
        /// In both.
        Same,
        /// In the earlier one only.
        Deleted,
        /// In today's only.
        Inserted,
    }
);
