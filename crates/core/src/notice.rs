//! What could not be read of a document that was, by name, so that a window can say it in its own language.

use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Serialize, Serializer};

/// A remark about a document or one of its pages. It is its English text, and reads as that; the notices tell the same
/// by name, sentence by sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Kept")]
pub struct Warning {
    /// In English, with the place; no capital at the beginning and no full stop.
    pub text: String,
    /// The file inside the document that it is about, if it is about one.
    pub place: Option<String>,
    /// The same by name; none of them for what has no name.
    pub notices: Vec<Notice>,
}

/// What a warning says. `detail` is in the words of whoever noticed, and quoted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "notice", rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Notice {
    /// The page is an image.
    PageImage { page: u32 },
    /// The page of a PDF has no text layer.
    NoTextLayer { page: u32 },
    /// The fonts of the page do not say which characters they draw.
    UnknownFonts { page: u32 },
    /// The same of a part of the page.
    PartlyUnknownFonts { page: u32 },
    /// There is nothing on the page.
    PageBlank { page: u32 },
    /// The page could not be read.
    PageUnreadable { page: u32, detail: String },
    /// Nor could those after it.
    RestUnreadable { page: u32, detail: String },
    /// The page's images are too large to be read.
    ImagesTooLarge,
    /// Nor can the page be drawn to be read as an image.
    NotDrawn { detail: String },
    /// No text was found in the page's image.
    NoTextInImage,
    /// Recognising the page's image failed.
    RecognitionFailed { detail: String },
    /// The page was hard to recognise.
    HardToRecognize { page: u32, percent: u32 },
    /// Pages are images, and the model that reads them is not there.
    ImagesUnread { images: u32 },
    /// There are more files inside than are read.
    TooManyFiles { most: u32 },
    /// Files inside are of formats that are not read.
    UnknownFormats { files: String },
    /// A file inside could not be read.
    FileUnreadable { detail: String },
    /// Attachments could not be read.
    AttachmentsUnreadable { detail: String },
    /// A chapter of a book is missing.
    ChapterMissing { chapter: String },
    /// A sheet was not read to its end.
    SheetCut { sheet: String, detail: String },
    /// A slide was not read to its end.
    SlideCut { slide: u32, detail: String },
    /// Formulas of a sheet have no results yet.
    FormulasWithoutResults { sheet: String },
    /// What follows a broken place was not read.
    RestNotRead { detail: String },
    /// The file ends in the middle.
    EndMissing,
    /// Text that is formatted as hidden was left out.
    HiddenLeftOut,
    /// Slides are in the order in which they are stored, because the list of them is damaged.
    SlideOrderLost,
}

impl Warning {
    /// A warning that says this one thing.
    pub fn new(text: impl Into<String>, notice: Notice) -> Self {
        Self {
            notices: vec![notice],
            ..Self::from(text.into())
        }
    }

    /// The warning with a further sentence.
    #[must_use]
    pub fn and(mut self, text: impl fmt::Display, notice: Notice) -> Self {
        self.text = format!("{}; {text}", self.text);
        // What has no name stays without one: half of it would mislead.
        if !self.notices.is_empty() {
            self.notices.push(notice);
        }
        self
    }

    /// The warning of the file `name` inside the document; without a name as it is.
    #[must_use]
    pub fn of_file(mut self, name: &str) -> Self {
        if !name.is_empty() {
            self.text = format!("{name}: {}", self.text);
            self.place = Some(match self.place {
                Some(inner) => format!("{name}: {inner}"),
                None => name.to_owned(),
            });
        }
        self
    }
}

/// As it was kept: before notices had names, only its text was.
#[derive(Deserialize)]
#[serde(untagged)]
enum Kept {
    Text(String),
    Named(Named),
}

/// A struct of its own: a variant with fields would be read from maps only, and the reading process sends lists.
#[derive(Deserialize)]
struct Named {
    text: String,
    place: Option<String>,
    notices: Vec<Notice>,
}

impl From<Kept> for Warning {
    fn from(kept: Kept) -> Self {
        match kept {
            Kept::Text(text) => text.into(),
            Kept::Named(Named { text, place, notices }) => Self { text, place, notices },
        }
    }
}

impl From<String> for Warning {
    fn from(text: String) -> Self {
        Self {
            text,
            place: None,
            notices: Vec::new(),
        }
    }
}

impl From<&str> for Warning {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl Deref for Warning {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl PartialEq<&str> for Warning {
    fn eq(&self, other: &&str) -> bool {
        self.text == *other
    }
}

impl PartialEq<str> for Warning {
    fn eq(&self, other: &str) -> bool {
        self.text == other
    }
}

impl PartialEq<String> for Warning {
    fn eq(&self, other: &String) -> bool {
        self.text == *other
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Writes warnings as the command line has always told them: their texts.
///
/// # Errors
/// Those of the serialiser.
pub fn texts<S: Serializer>(warnings: &[Warning], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(warnings.iter().map(|warning| &warning.text))
}

/// Writes the text of a warning, if there is one; programs that read it go by the text alone.
///
/// # Errors
/// Those of the serialiser.
pub fn text<S: Serializer>(warning: &Option<Warning>, to: S) -> Result<S::Ok, S::Error> {
    warning.as_ref().map(|warning| &warning.text).serialize(to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_as_a_text_can_be_read() {
        let kept: Vec<Warning> = serde_json::from_str(r#"["page 3 is blank"]"#).unwrap();
        assert_eq!(kept, ["page 3 is blank"]);
        let named = Warning::new("page 3 is blank", Notice::PageBlank { page: 3 }).of_file("a.pdf");
        let json = serde_json::to_string(&named).unwrap();
        assert_eq!(serde_json::from_str::<Warning>(&json).unwrap(), named);
        assert_eq!(named, "a.pdf: page 3 is blank");
    }
}
