//! Why a candidate did not become a passage, by name, so that a window can say it in its own language.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a candidate did not become a passage. Traces keep it as its English text, and programs that read them know it as
/// that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", from = "String")]
#[allow(missing_docs)]
pub enum Dropped {
    /// Others were better.
    RankedBelow,
    /// A better passage of its document says the same.
    RepeatsOwn,
    /// The passage of that rank says the same, in another document.
    RepeatsElsewhere { rank: u32 },
    /// Its document has as many passages as one may have.
    EnoughOfDocument,
    /// Its document was removed while it was looked for.
    DocumentRemoved,
    /// It was joined to the passage of that rank, which it meets on the page.
    Joined { rank: u32 },
    /// The model's context is full.
    NoRoom,
    /// A reason that this version of Footnote does not know.
    Said { text: String },
}

const REPEATS: (&str, &str) = ("says the same as passage ", " of another document");
const JOINED: &str = "read as one with passage ";

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RepeatsElsewhere { rank } => write!(f, "{}{rank}{}", REPEATS.0, REPEATS.1),
            Self::Joined { rank } => write!(f, "{JOINED}{rank}"),
            Self::Said { text } => f.write_str(text),
            plain => f.write_str(plain.text()),
        }
    }
}

impl Dropped {
    /// Those of fixed words.
    const PLAIN: [Self; 5] = [
        Self::RankedBelow,
        Self::RepeatsOwn,
        Self::EnoughOfDocument,
        Self::DocumentRemoved,
        Self::NoRoom,
    ];

    const fn text(&self) -> &'static str {
        match self {
            Self::RankedBelow => "ranked below the passages shown",
            Self::RepeatsOwn => "says the same as a better passage of this document",
            Self::EnoughOfDocument => "comes after enough passages of its document",
            Self::DocumentRemoved => "its document was removed meanwhile",
            Self::NoRoom => "no room in the model's context",
            Self::RepeatsElsewhere { .. } | Self::Joined { .. } | Self::Said { .. } => "",
        }
    }
}

impl From<Dropped> for String {
    fn from(dropped: Dropped) -> Self {
        dropped.to_string()
    }
}

impl From<String> for Dropped {
    fn from(text: String) -> Self {
        if let Some(plain) = Self::PLAIN.into_iter().find(|plain| plain.text() == text) {
            return plain;
        }
        let repeats = text
            .strip_prefix(REPEATS.0)
            .and_then(|rest| rest.strip_suffix(REPEATS.1));
        if let Some(rank) = repeats.and_then(|rank| rank.parse().ok()) {
            return Self::RepeatsElsewhere { rank };
        }
        if let Some(rank) = text.strip_prefix(JOINED).and_then(|rank| rank.parse().ok()) {
            return Self::Joined { rank };
        }
        Self::Said { text }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_kept_as_its_words_and_known_again() {
        let told = [
            Dropped::RepeatsElsewhere { rank: 12 },
            Dropped::Joined { rank: 1 },
            Dropped::Said {
                text: "says the same as passage one of another document".into(),
            },
        ];
        for dropped in Dropped::PLAIN.into_iter().chain(told) {
            let kept = serde_json::to_string(&dropped).unwrap();
            assert_eq!(kept, format!("\"{dropped}\""));
            assert_eq!(serde_json::from_str::<Dropped>(&kept).unwrap(), dropped);
        }
    }
}
