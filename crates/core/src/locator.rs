//! How a document names a place in it, for people who look it up there: the printed page, the sheet and its cells, the
//! slide. The page's number alone is Footnote's own count.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::find::Language;
use crate::ids::RevisionId;
use crate::ports::Ledger;
use crate::span::CharSpan;
use crate::types::{Answer, Citation, Page, PageUnit, Passage, is_doubtful};

/// Names a place on a page in the document's own terms, and says how surely it was read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Locator {
    /// What the format calls such a page.
    #[serde(default)]
    pub unit: PageUnit,
    /// What the document itself calls the page ("iv", "Costs"), if that is not its number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The cell or range of cells (`B2`, `B2:D7`), on a sheet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cells: Option<String>,
    /// Of a place in a picture: how sure the recognition was of the least sure line there, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f32>,
}

impl Locator {
    /// The name of `span` on `page`.
    pub fn of(page: &Page, span: CharSpan) -> Self {
        let number = page.number.to_string();
        let label = page.label.as_deref().map(str::trim);
        Self {
            unit: page.unit,
            label: label
                .filter(|label| !label.is_empty() && *label != number)
                .map(str::to_owned),
            cells: (page.unit == PageUnit::Sheet)
                .then(|| {
                    let own = page.places.iter().filter(|place| place.span.overlaps(span));
                    range(own.map(|place| place.address.as_str()))
                })
                .flatten(),
            confidence: page
                .lines
                .iter()
                .filter(|line| line.span.overlaps(span))
                .map(|line| line.confidence)
                .min_by(f32::total_cmp),
        }
    }

    /// That what stands there is to be compared with the picture that it was read from, if so.
    pub fn doubt(&self, language: Language) -> Option<String> {
        let sure = self.confidence.filter(|sure| is_doubtful(*sure))? * 100.0;
        Some(match language {
            Language::English => format!("read from a picture, {sure:.0} % sure"),
            Language::German => format!("aus einem Bild gelesen, zu {sure:.0} % sicher"),
        })
    }

    /// In words, for page `number`: "page 4", "page iv (4)", "sheet Costs, B2:D7".
    pub fn told(&self, number: u32, language: Language) -> String {
        let unit = match (language, self.unit) {
            (Language::English, PageUnit::Page) => "page",
            (Language::English, PageUnit::Section) => "section",
            (Language::English, PageUnit::Sheet) => "sheet",
            (Language::English, PageUnit::Slide) => "slide",
            (Language::English, PageUnit::Message) => "message",
            (Language::German, PageUnit::Page) => "Seite",
            (Language::German, PageUnit::Section) => "Abschnitt",
            (Language::German, PageUnit::Sheet) => "Blatt",
            (Language::German, PageUnit::Slide) => "Folie",
            (Language::German, PageUnit::Message) => "Nachricht",
        };
        let name = match (&self.label, self.unit) {
            (None, _) => number.to_string(),
            // A sheet is known by its name, and longer ones are read in parts.
            (Some(label), PageUnit::Sheet) => label.clone(),
            (Some(label), PageUnit::Page) => format!("{label} ({number})"),
            (Some(label), _) => format!("{number} ({label})"),
        };
        match &self.cells {
            Some(cells) => format!("{unit} {name}, {cells}"),
            None => format!("{unit} {name}"),
        }
    }
}

/// The smallest range that has all of these cells and ranges; none without cells.
fn range<'a>(addresses: impl Iterator<Item = &'a str>) -> Option<String> {
    let corners = addresses.flat_map(|address| address.split(':')).filter_map(cell);
    let bounds = corners.fold(None, |bounds: Option<[(u32, u32); 2]>, (column, row)| {
        Some(match bounds {
            None => [(column, row); 2],
            Some([(left, top), (right, bottom)]) => [
                (left.min(column), top.min(row)),
                (right.max(column), bottom.max(row)),
            ],
        })
    });
    let [first, last] = bounds?;
    Some(if first == last {
        named(first)
    } else {
        format!("{}:{}", named(first), named(last))
    })
}

/// Column and row of a cell's name, both from 1.
fn cell(name: &str) -> Option<(u32, u32)> {
    let digits = name.find(|c: char| c.is_ascii_digit())?;
    let (letters, digits) = name.split_at(digits);
    let column = letters.bytes().try_fold(0u32, |column, letter| {
        let letter = letter
            .is_ascii_uppercase()
            .then(|| u32::from(letter - b'A') + 1)?;
        column.checked_mul(26)?.checked_add(letter)
    })?;
    (column > 0).then_some((column, digits.parse().ok()?))
}

fn named((mut column, row): (u32, u32)) -> String {
    let mut letters = Vec::new();
    while column > 0 {
        column -= 1;
        letters.push(char::from(b'A' + (column % 26) as u8));
        column /= 26;
    }
    letters.iter().rev().collect::<String>() + &row.to_string()
}

/// A place that waits for its name.
#[derive(Debug)]
pub struct Unnamed<'a> {
    revision: &'a RevisionId,
    page: u32,
    span: CharSpan,
    locator: &'a mut Locator,
}

impl<'a> From<&'a mut Passage> for Unnamed<'a> {
    fn from(passage: &'a mut Passage) -> Self {
        Self {
            revision: &passage.revision,
            page: passage.page,
            span: passage.span,
            locator: &mut passage.locator,
        }
    }
}

impl<'a> From<&'a mut Citation> for Unnamed<'a> {
    fn from(citation: &'a mut Citation) -> Self {
        Self {
            revision: &citation.revision,
            page: citation.page,
            span: citation.span,
            locator: &mut citation.locator,
        }
    }
}

/// All places of an answer.
pub fn places_of(answer: &mut Answer) -> Vec<Unnamed<'_>> {
    let sides = answer
        .disagreements
        .iter_mut()
        .flat_map(|told| &mut told.sides)
        .map(|side| &mut side.citation);
    let citations = answer.citations.iter_mut().chain(sides);
    let passages = answer.passages.iter_mut().map(Unnamed::from);
    passages.chain(citations.map(Unnamed::from)).collect()
}

/// Names places. Those on a page that is not there any more stay without a name.
///
/// # Errors
/// What the ledger says.
pub async fn locate(ledger: &dyn Ledger, places: Vec<Unnamed<'_>>) -> Result<()> {
    let mut pages: HashMap<(RevisionId, u32), Option<Page>> = HashMap::new();
    for place in places {
        let key = (place.revision.clone(), place.page);
        if !pages.contains_key(&key) {
            let page = ledger.page(&key.0, key.1).await?;
            pages.insert(key.clone(), page);
        }
        if let Some(Some(page)) = pages.get(&key) {
            *place.locator = Locator::of(page, place.span);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{LineConfidence, PageSource, Place};

    fn sheet() -> Page {
        let place = |start, address: &str| Place {
            span: CharSpan::new(start, start + 2),
            address: address.into(),
        };
        Page {
            label: Some("Costs (hidden)".into()),
            unit: PageUnit::Sheet,
            places: vec![place(0, "B2"), place(3, "D2"), place(6, "AA10:AB12")],
            ..Page::new(3, "aa bb cc", PageSource::Text)
        }
    }

    #[test]
    fn a_place_in_a_picture_says_how_surely_it_was_read_if_it_was_not() {
        let line = |start, end, confidence| LineConfidence {
            span: CharSpan::new(start, end),
            confidence,
        };
        let page = Page {
            lines: vec![line(0, 9, 0.98), line(10, 19, 0.62), line(20, 29, 0.9)],
            ..Page::new(1, "Rent 2350\nSumme 19O\n6 weeks 4", PageSource::Ocr)
        };
        let told = |start, end| {
            let locator = Locator::of(&page, CharSpan::new(start, end));
            (locator.confidence, locator.doubt(Language::English))
        };
        assert_eq!(told(0, 9), (Some(0.98), None));
        assert_eq!(told(21, 24), (Some(0.9), None));
        assert_eq!(
            told(5, 12),
            (Some(0.62), Some("read from a picture, 62 % sure".into())),
            "the least sure line counts"
        );
        let old = Page::new(1, "Rent 2350", PageSource::Ocr);
        assert_eq!(Locator::of(&old, CharSpan::new(0, 4)).confidence, None);
    }

    #[test]
    fn cells_are_named_as_the_sheet_s_own_program_does() {
        let told = |span, language| Locator::of(&sheet(), span).told(3, language);
        let all = CharSpan::new(0, 8);
        assert_eq!(
            told(CharSpan::new(0, 1), Language::English),
            "sheet Costs (hidden), B2"
        );
        assert_eq!(
            told(CharSpan::new(0, 4), Language::German),
            "Blatt Costs (hidden), B2:D2"
        );
        assert_eq!(told(all, Language::English), "sheet Costs (hidden), B2:AB12");
        assert_eq!(
            told(CharSpan::new(20, 21), Language::English),
            "sheet Costs (hidden)"
        );
        for column in [1, 26, 27, 52, 702, 703, 16_384] {
            assert_eq!(cell(&named((column, 7))), Some((column, 7)));
        }
        assert_eq!(
            ["", "7", "B", "b2", "body/p[3]", "B99999999999"].map(cell),
            [None; 6]
        );
    }

    #[test]
    fn a_page_is_named_by_what_is_printed_on_it() {
        let page = |label: Option<&str>, unit| Page {
            label: label.map(str::to_owned),
            unit,
            ..Page::new(4, "", PageSource::Text)
        };
        let told =
            |label, unit| Locator::of(&page(label, unit), CharSpan::default()).told(4, Language::English);
        assert_eq!(told(None, PageUnit::Page), "page 4");
        assert_eq!(told(Some("4"), PageUnit::Page), "page 4");
        assert_eq!(told(Some("iv"), PageUnit::Page), "page iv (4)");
        assert_eq!(told(Some("Costs"), PageUnit::Slide), "slide 4 (Costs)");
        assert_eq!(told(None, PageUnit::Message), "message 4");
    }
}
