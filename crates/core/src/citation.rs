//! Markers in answers, and the exact source text that carries a sentence.

pub(crate) mod rows;
mod units;

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use self::rows::{Cell, TextTable};
use self::units::{RowAt, Unit, units};
use crate::facts::{Facts, Fault};
use crate::ports::TextConstraint;
use crate::span::{CharIndex, CharSpan};
use crate::text::{Term, content_terms};
use crate::types::Verdict;
use unicode_segmentation::UnicodeSegmentation;

/// The numbers of the markers in `text`, in order: `[1]`, `[2, 3]`.
pub fn markers(text: &str) -> Vec<u32> {
    marker_ranges(text)
        .into_iter()
        .flat_map(|(_, numbers)| numbers)
        .collect()
}

/// `text` without its markers and the white space before them.
pub fn without_markers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for (range, _) in marker_ranges(text) {
        out.push_str(text[at..range.start].trim_end_matches(' '));
        at = range.end;
    }
    out.push_str(&text[at..]);
    out
}

/// Byte ranges of the markers of `text` with their numbers.
pub fn marker_ranges(text: &str) -> Vec<(Range<usize>, Vec<u32>)> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(open) = text[from..].find('[').map(|at| from + at) {
        from = open + 1;
        let Some(close) = text[from..].find(']').map(|at| from + at) else {
            break;
        };
        let numbers: Option<Vec<u32>> = text[from..close]
            .split(',')
            .map(|part| part.trim().parse().ok().filter(|n| *n > 0))
            .collect();
        if let Some(numbers) = numbers {
            found.push((open..close + 1, numbers));
            from = close + 1;
        }
    }
    found
}

/// The byte ranges of the sentences of a page and of the rows of its tables, in order: what a quote is made of.
pub fn quotable(page: &str) -> Vec<Range<usize>> {
    units(page).0.into_iter().map(|unit| unit.range).collect()
}

/// What a page says at a place: its text there, and of rows also the names of their table's columns, in front.
pub fn said_at(page: &str, span: CharSpan) -> String {
    let index = CharIndex::new(page);
    let (units, tables) = units(page);
    let header = units
        .iter()
        .find(|unit| index.span(unit.range.clone()).overlaps(span))
        .and_then(|unit| Some(tables[unit.row?.table].header.as_ref()?.range.clone()))
        .filter(|header| !index.span(header.clone()).overlaps(span));
    match header {
        Some(header) => format!("{}\n{}", &page[header], span.of(page)),
        None => span.of(page).to_owned(),
    }
}

/// Lets only markers of passages 1 to `count` be written.
///
/// None begins a line: nothing stands before it that it could prove. A bracket that does not begin with a digit is ordinary
/// text.
pub struct OnlySupplied {
    /// Number of passages supplied.
    pub count: u32,
}

impl TextConstraint for OnlySupplied {
    fn allows(&self, text: &str, piece: &str) -> bool {
        // Only what the piece completes can be wrong; an open bracket is never far back.
        let tail = text.rfind('[').map_or("", |at| &text[at..]);
        let before = text[..text.len() - tail.len()].trim_end_matches(' ');
        let joined = format!("{tail}{piece}");
        let mut rest = joined.as_str();
        while let Some(open) = rest.find('[') {
            let at = joined.len() - rest.len() + open;
            let line = joined[..at].trim_end_matches(' ');
            rest = &rest[open + 1..];
            let begins_line = match line.chars().last() {
                Some(last) => last == '\n',
                None => before.is_empty() || before.ends_with('\n'),
            };
            // Small models that begin like this go on to copy the passages as they were given to them.
            // A bare bracket would leave them no good way on.
            if begins_line && (rest.is_empty() || rest.starts_with(|c: char| c.is_ascii_digit())) {
                return false;
            }
            let inner = rest.split(']').next().unwrap_or("");
            let closed = inner.len() < rest.len();
            if inner.trim_start().starts_with(|c: char| c.is_ascii_digit()) && !self.fits(inner, closed) {
                return false;
            }
        }
        true
    }
}

impl OnlySupplied {
    /// Whether the inside of a bracket is, or can become, a list of supplied numbers.
    fn fits(&self, inner: &str, closed: bool) -> bool {
        let mut parts = inner.split(',').peekable();
        while let Some(part) = parts.next() {
            let last = parts.peek().is_none();
            let number = part.trim();
            if number.is_empty() && last && !closed {
                continue;
            }
            // What a supplied number begins with is itself a smaller number, so a prefix needs no rule.
            let supplied = number.parse().is_ok_and(|n: u32| (1..=self.count).contains(&n));
            if !supplied || number.starts_with('0') {
                return false;
            }
        }
        true
    }
}

/// The sentences of a page and the rows of its tables, ready for comparison.
pub struct SourceText<'a> {
    text: &'a str,
    index: CharIndex,
    units: Vec<Unit>,
    tables: Vec<TextTable>,
    /// Words of its titles: names there need not be repeated in every sentence.
    place: HashSet<Term>,
}

/// The stretch of a source that carries a sentence best.
#[derive(Clone, Debug, PartialEq)]
pub struct Alignment {
    /// Its place in the page's text.
    pub span: CharSpan,
    /// Its characters.
    pub quote: String,
    /// Weighted share of the sentence's words that stand in it, 0 to 1.
    pub coverage: f32,
    /// Where the sentence says something else than it.
    pub fault: Option<Fault>,
    /// The same share of the words that the question did not have; 1 if there are none.
    pub news: f32,
    /// Share of the question's words that stand in it; those beside it and in the titles count half.
    pub topic: f32,
    /// Whether the sentence is a name, a number or a phrase.
    pub short: bool,
    /// Whether numbers are all that it shares with a sentence which has words besides.
    pub only_numbers: bool,
}

impl Alignment {
    /// What this alignment proves.
    pub fn verdict(&self) -> Verdict {
        // An answer's worth is what the question did not say: words it repeats prove nothing. And a phrase alone says
        // nothing: what it is said of must be there too.
        // And a number stands in many places: "3 times a year" has nothing to do with item 3 of a list.
        let by_chance = self.short && self.only_numbers && self.topic < ON_TOPIC;
        if self.coverage < PARTLY || self.news < PARTLY || by_chance {
            Verdict::Unsupported
        } else if self.coverage < SUPPORTED
            || self.news < SUPPORTED
            || self.fault.is_some()
            || (self.short && self.topic < ON_TOPIC)
        {
            Verdict::Partly
        } else {
            Verdict::Supported
        }
    }

    /// By how much it is the one that carries the sentence.
    pub fn strength(&self) -> f32 {
        self.coverage + topic_weight(self.short) * self.topic
    }
}

/// The rows and columns of a table that a question and its answer speak of.
struct Meant {
    rows: Vec<usize>,
    columns: Vec<usize>,
}

impl Meant {
    fn of(table: &TextTable, asked: &HashSet<Term>, said: &HashSet<Term>, place: &HashSet<Term>) -> Self {
        Self {
            rows: table.rows_meant(asked, said, place),
            columns: table.columns_meant(&asked.union(said).cloned().collect()),
        }
    }
}

/// What words of the question count in a source beside those of the answer: for a sentence, enough to choose between
/// places that have the same words of it, and hardly more; a phrase may stand anywhere, so they decide.
fn topic_weight(short: bool) -> f32 {
    if short { 0.5 } else { 0.15 }
}

/// Words that carry meaning which a phrase has at most.
const PHRASE: usize = 5;

/// Topic that the source of a phrase must have.
const ON_TOPIC: f32 = 0.25;

/// Share of a sentence's words that its source must have for it to be supported, and partly so.
const SUPPORTED: f32 = 0.6;
const PARTLY: f32 = 0.35;

impl<'a> SourceText<'a> {
    /// The sentences and rows of `text` that touch `within` (a passage's span on its page). Whole ones
    /// are taken even where the passage begins or ends inside one. `place` is what stands above them: the
    /// document's title and the headings.
    pub fn new(text: &'a str, within: CharSpan, place: &str) -> Self {
        let index = CharIndex::new(text);
        let (mut units, tables) = units(text);
        units.retain(|unit| index.span(unit.range.clone()).overlaps(within));
        Self {
            text,
            index,
            units,
            tables,
            place: content_terms(place).into_iter().collect(),
        }
    }

    /// Where `sentence`, without markers, disagrees with the source from `i` to `last`; `terms` are its words.
    fn fault(
        &self,
        sentence: &str,
        terms: &HashMap<Term, f32>,
        asked: &HashSet<Term>,
        i: usize,
        last: usize,
    ) -> Option<Fault> {
        if let Some(term) = self.elsewhere(terms, asked, i, last) {
            return Some(if term.is_number() {
                Fault::Number
            } else {
                Fault::Name
            });
        }
        let range = self.units[i].range.start..self.units[last].range.end;
        // Of a row, what its columns are called is said as well.
        let header = self.table(i).and_then(|table| table.header.as_ref());
        let header = header.map_or("", |header| &self.text[header.range.clone()]);
        let source = format!("{header}\n{}", &self.text[range]);
        let mut known: HashSet<Term> = asked.union(&self.place).cloned().collect();
        // "He" was named a little earlier.
        if source
            .unicode_words()
            .any(|word| PRONOUNS.contains(&word.to_lowercase().as_str()))
        {
            let before = &self.units[i.saturating_sub(2)..i];
            known.extend(before.iter().flat_map(|unit| &unit.terms).cloned());
        }
        Facts::of(sentence).fault(&Facts::of(&source), &known)
    }

    /// A number that answers, or a word of a phrase that does, which stands in a table from unit `i` to `last`, but not where
    /// the question and the sentence look: in a row that they name, and of amounts in a column that they name. What is paid at
    /// the quay above is not paid at the coal pier, and 31,055 tonnes are no dues.
    fn elsewhere<'t>(
        &self,
        terms: &'t HashMap<Term, f32>,
        asked: &HashSet<Term>,
        i: usize,
        last: usize,
    ) -> Option<&'t Term> {
        let stretch = &self.units[i..=last];
        let phrase = terms.len() <= PHRASE;
        let answers = |term: &&Term| (phrase || term.is_number()) && !asked.contains(*term);
        terms.keys().filter(answers).find(|term| {
            let holders = || stretch.iter().filter(|unit| unit.terms.contains(*term));
            if holders().any(|unit| unit.row.is_none()) {
                return false;
            }
            // What is looked for does not say where it is.
            let said: HashSet<Term> = terms.keys().filter(|other| other != term).cloned().collect();
            let mut meant: HashMap<usize, Meant> = HashMap::new();
            let mut held = holders().filter_map(|unit| unit.row).peekable();
            held.peek().is_some()
                && !held.any(|place| {
                    let table = || Meant::of(&self.tables[place.table], asked, &said, &self.place);
                    let meant = meant.entry(place.table).or_insert_with(table);
                    self.is_meant(place, meant, term, asked, phrase)
                })
        })
    }

    /// Whether `term` stands in a cell of the row that may be the one meant.
    fn is_meant(
        &self,
        place: RowAt,
        meant: &Meant,
        term: &Term,
        asked: &HashSet<Term>,
        phrase: bool,
    ) -> bool {
        let table = &self.tables[place.table];
        let Some(at) = place.at else {
            return true;
        };
        let row = &table.rows[at];
        let holds = |cell: &Cell| cell.terms.contains(term);
        // A word that names its row answers a question for the row.
        if !term.is_number() && row.label().is_some_and(|label| holds(&row.cells[label])) {
            return true;
        }
        // Of a phrase nothing tells that it answers what is asked but the table.
        if phrase && table.header.is_some() && !table.accounts_for(asked, row, None, &self.place) {
            return false;
        }
        let is_amount = row.cells.iter().any(|cell| cell.is_amount && holds(cell));
        // Of several rows one must be named for an amount of it to be the one that is asked for.
        let any = meant.rows.is_empty()
            && !(is_amount && term.is_number() && table.header.is_some() && table.rows.len() > 1);
        if !any && !meant.rows.contains(&at) {
            return false;
        }
        let columns = table.header.as_ref().map_or(0, |header| header.cells.len());
        if columns != row.cells.len() {
            return true;
        }
        let amounts = |column: &&usize| row.cells[**column].is_amount;
        let mut columns = meant.columns.iter().filter(amounts).peekable();
        columns.peek().is_none()
            || row.cells.iter().any(|cell| !cell.is_amount && holds(cell))
            || columns.any(|column| holds(&row.cells[*column]))
    }

    /// The one sentence or row, the two in a row, or the rows of one table, that carry `sentence` best; `asked` are the
    /// words of the question it answers. None if no word of it stands in the source.
    pub fn align(&self, sentence: &str, asked: &HashSet<Term>) -> Option<Alignment> {
        let plain = without_markers(sentence);
        let weights = weigh(&plain, asked);
        if weights.is_empty() {
            return None;
        }
        let short = weights.len() <= PHRASE;
        let mut best: Option<(f32, usize, usize)> = None;
        for (i, last, extra) in self.stretches(&weights) {
            let coverage = share(weights.iter(), &|term| self.has(i, last, term));
            let score = coverage + topic_weight(short) * self.topic(asked, i, last) - extra;
            if coverage > 0.0 && best.as_ref().is_none_or(|(top, ..)| score > *top) {
                best = Some((score, i, last));
            }
        }
        let (_, i, last) = best?;
        let has = |term: &Term| self.has(i, last, term);
        let range = self.units[i].range.start..self.units[last].range.end;
        Some(Alignment {
            span: self.index.span(range.clone()),
            quote: self.text[range].to_owned(),
            coverage: share(weights.iter(), &has),
            fault: self.fault(&plain, &weights, asked, i, last),
            news: share(weights.iter().filter(|(term, _)| !asked.contains(term)), &has),
            topic: self.topic(asked, i, last),
            short,
            only_numbers: weights.keys().any(|term| !term.is_number())
                && !weights.keys().any(|term| !term.is_number() && has(term)),
        })
    }

    /// The stretches that may carry a sentence with the words of `weights`: first and last unit, and what is taken off
    /// because quotes are as short as they can be, so that more must bring something.
    fn stretches(&self, weights: &HashMap<Term, f32>) -> Vec<(usize, usize, f32)> {
        let count = self.units.len();
        let mut found: Vec<_> = (0..count)
            .flat_map(|i| [(i, i, 0.0), (i, i + 1, 0.12)])
            .filter(|(_, last, _)| *last < count)
            .collect();
        // What is said of several rows may stand far apart: from the first to the last one with a word of its own for it.
        let brings = |unit: &Unit, table: &TextTable| {
            let own = |term: &&Term| unit.terms.contains(*term) && !table.names_a_column(term);
            weights.keys().any(|term| own(&term))
        };
        for (number, table) in self.tables.iter().enumerate() {
            let inside = |unit: &Unit| unit.row.is_some_and(|row| row.table == number) && brings(unit, table);
            let first = self.units.iter().position(inside);
            let last = self.units.iter().rposition(inside);
            if let (Some(first), Some(last)) = (first, last)
                && last > first + 1
            {
                found.push((first, last, 0.2));
            }
        }
        found
    }

    /// The table of a row.
    fn table(&self, unit: usize) -> Option<&TextTable> {
        self.tables.get(self.units[unit].row?.table)
    }

    /// Whether a word stands from unit `i` to `last`; what a row's columns are called is said in each row.
    fn has(&self, i: usize, last: usize, term: &Term) -> bool {
        self.units[i..=last].iter().any(|unit| unit.terms.contains(term))
            || self.table(i).is_some_and(|table| table.names_a_column(term))
    }

    /// See [`Alignment::topic`]. "He" and "the city" were named a little earlier.
    fn topic(&self, asked: &HashSet<Term>, i: usize, last: usize) -> f32 {
        if asked.is_empty() {
            return 1.0;
        }
        let (before, behind) = (i.saturating_sub(1), (last + 1).min(self.units.len() - 1));
        let counts = asked.iter().map(|term| {
            if self.has(i, last, term) {
                1.0
            } else if self.place.contains(term) || self.has(before, behind, term) {
                0.5
            } else {
                0.0
            }
        });
        counts.sum::<f32>() / asked.len() as f32
    }
}

/// Words that stand for a name in the sentences before.
const PRONOUNS: &[&str] = &[
    "he", "she", "it", "they", "him", "her", "his", "its", "their", "them", "this", "these", "who", "er",
    "sie", "es", "sein", "seine", "ihr", "ihre",
];

/// The weighted share of `terms` that `has` says are there; 1 if there are none.
fn share<'t>(terms: impl Iterator<Item = (&'t Term, &'t f32)>, has: &dyn Fn(&Term) -> bool) -> f32 {
    let (mut found, mut all) = (0.0, 0.0);
    for (term, weight) in terms {
        all += weight;
        found += if has(term) { *weight } else { 0.0 };
    }
    if all > 0.0 { found / all } else { 1.0 }
}

/// The words that a sentence without markers asserts, with what each weighs: numbers and names more than others, and words
/// of the question less, so that the quote is where the answer stands.
fn weigh(sentence: &str, asked: &HashSet<Term>) -> HashMap<Term, f32> {
    let names: HashSet<Term> = sentence
        .split_whitespace()
        .skip(1)
        .filter(|word| word.starts_with(char::is_uppercase))
        .flat_map(content_terms)
        .collect();
    content_terms(sentence)
        .into_iter()
        .map(|term| {
            let weight = if term.is_number() {
                2.0
            } else if names.contains(&term) {
                1.5
            } else {
                1.0
            };
            let weight = if asked.contains(&term) {
                weight * 0.7
            } else {
                weight
            };
            (term, weight)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn markers_are_read_in_all_their_forms() {
        assert_eq!(markers("A [1]. B [2, 3] [x] [0] c [4]"), [1, 2, 3, 4]);
        assert_eq!(without_markers("A [1]. B [2, 3]."), "A. B.");
    }

    #[test]
    fn markers_of_passages_that_were_not_supplied_cannot_be_written() {
        let only = OnlySupplied { count: 12 };
        for (text, piece, may) in [
            ("x ", "[1", true),
            ("x [1", "2", true),
            ("x [1", "3", false),
            ("x [1", "]", true),
            ("x [", "0", false),
            ("x ", "[13]", false),
            ("x [1", ", 2]", true),
            ("x [1, ", "99]", false),
            ("see ", "[sic]", true),
            ("x [2", "4", false),
            ("x [1]", " y", true),
            ("", "[1]", false),
            ("[", "1", false),
            (" ", "[", false),
            ("", "[sic]", true),
            ("x\n", " [2", false),
            ("x", "\n\n[2] (", false),
            ("x [1] ", "[2]", true),
        ] {
            assert_eq!(only.allows(text, piece), may, "{text:?} + {piece:?}");
        }
    }

    proptest! {
        #[test]
        fn no_sequence_of_allowed_pieces_makes_a_wrong_marker(
            count in 0u32..15,
            pieces in prop::collection::vec("(\\[|\\]|[0-9]|, |a| |\\[[0-9]{1,2}\\])", 0..40),
        ) {
            let only = OnlySupplied { count };
            let mut text = String::new();
            for piece in pieces {
                if only.allows(&text, &piece) {
                    text.push_str(&piece);
                }
            }
            prop_assert!(markers(&text).iter().all(|n| (1..=count).contains(n)), "{}", text);
        }

        #[test]
        fn a_quote_is_the_source_text_at_its_span(text in "([A-Za-zäß]{1,8}[ .]){1,60}", sentence in "([a-z]{1,8} ){1,8}") {
            let end = text.chars().count() as u32;
            let source = SourceText::new(&text, CharSpan::new(0, end), "");
            if let Some(found) = source.align(&sentence, &HashSet::new()) {
                prop_assert_eq!(found.span.of(&text), found.quote);
            }
        }
    }

    #[test]
    fn a_sentence_is_aligned_with_the_words_that_carry_it() {
        let page =
            "The keeper lives in the tower. The lamp must be cleaned every 14 days.\nRent is 300 euros.";
        let source = SourceText::new(page, CharSpan::new(0, 200), "");
        let none = HashSet::new();
        let found = source
            .align("The lamp is cleaned every 14 days [1].", &none)
            .unwrap();
        assert_eq!(found.quote, "The lamp must be cleaned every 14 days.");
        assert_eq!(found.verdict(), Verdict::Supported);
        let wrong = source.align("The lamp is cleaned every 15 days.", &none).unwrap();
        assert_ne!(wrong.verdict(), Verdict::Supported);
    }

    #[test]
    fn of_two_sentences_with_the_answer_the_one_about_the_question_is_quoted() {
        let page = "The pump holds 38 litres. It was painted. The generator burns 38 litres an hour.";
        let source = SourceText::new(page, CharSpan::new(0, 200), "");
        let asked = content_terms("How much does the generator burn?")
            .into_iter()
            .collect();
        let found = source.align("38 litres", &asked).unwrap();
        assert_eq!(found.quote, "The generator burns 38 litres an hour.");
    }

    #[test]
    fn a_row_of_a_table_is_quoted_alone_and_its_numbers_belong_to_their_columns() {
        let page = "The table gives the ships that called and the dues that were paid.\n\n\
            Berth | Ships | Cargo (t) | Dues (kr)\nNorth quay | 214 | 18,420 | 96,310\n\
            Coal pier | 87 | 31,055 | 120,480\nFish market | 402 | 6,910 | 41,275\n\
            Oil jetty | 39 | 52,700 | 188,900\n\nThe coal pier was dredged in May.";
        let source = SourceText::new(page, CharSpan::new(0, 1000), "");
        let found = |question: &str, answer: &str| {
            let asked = content_terms(question).into_iter().collect();
            let found = source.align(answer, &asked).unwrap();
            let verdict = found.verdict();
            (found.quote, verdict)
        };
        let is = |quote: &str, verdict| (quote.to_owned(), verdict);
        assert_eq!(
            found(
                "How many ships called at the fish market?",
                "402 ships called at the fish market."
            ),
            is("Fish market | 402 | 6,910 | 41,275", Verdict::Supported)
        );
        let dues = "What dues were paid at the coal pier?";
        assert_eq!(
            found(dues, "120,480"),
            is("Coal pier | 87 | 31,055 | 120,480", Verdict::Supported)
        );
        let cargo = found(dues, "The dues of the coal pier were 31,055.");
        assert_eq!(cargo, is("Coal pier | 87 | 31,055 | 120,480", Verdict::Partly));
        assert_eq!(
            found("Which berth landed 31,055 tonnes?", "Coal pier"),
            is("Coal pier | 87 | 31,055 | 120,480", Verdict::Supported)
        );
        let (quote, verdict) = found(
            "Compare the north quay and the oil jetty.",
            "214 ships called at the north quay and 39 at the oil jetty.",
        );
        assert!(
            quote.starts_with("North quay") && quote.ends_with("188,900"),
            "{quote}"
        );
        assert_eq!(verdict, Verdict::Supported);
        assert_eq!(
            found(
                "When was the coal pier dredged?",
                "The coal pier was dredged in May."
            ),
            is("The coal pier was dredged in May.", Verdict::Supported)
        );
        let row = page.find("Fish").unwrap() as u32;
        assert_eq!(
            said_at(page, CharSpan::new(row, row + 34)),
            "Berth | Ships | Cargo (t) | Dues (kr)\nFish market | 402 | 6,910 | 41,275"
        );
        assert_eq!(said_at(page, CharSpan::new(0, 9)), "The table");
        // A passage that begins below the header knows it none the less.
        let below = page[..page.find("Fish").unwrap()].chars().count() as u32;
        let source = SourceText::new(page, CharSpan::new(below, 1000), "");
        let asked = content_terms("How many ships called at the fish market?")
            .into_iter()
            .collect();
        let found = source.align("402 ships", &asked).unwrap();
        assert_eq!(found.verdict(), Verdict::Supported);
    }

    #[test]
    fn a_number_of_a_table_belongs_to_the_row_that_is_named() {
        let page = "Berths of Norrvik harbour\n\n\
            Berth | Ships | Cargo (t) | Dues (kr) | Last dredged\n\
            North quay | 214 | 18,420 | 96,310 | April 2021\n\
            Coal pier | 87 | 31,055 | 120,480 | May 2022\n\
            Harbour slip | 1,120 | 2,035 | 63,140 kr | June 2023\n\
            South quay | 39 | 52,700 | 188,900 | April 2021";
        let source = SourceText::new(page, CharSpan::new(0, 1000), "Norrvik harbour");
        let verdict = |question: &str, answer: &str| {
            let asked = content_terms(question).into_iter().collect();
            source.align(answer, &asked).unwrap().verdict()
        };
        for (question, right, wrong) in [
            ("What are the dues of the coal pier?", "120,480 kr", "96,310 kr"),
            (
                "How many tonnes of cargo passed the coal pier?",
                "31,055",
                "18,420",
            ),
            ("What are the dues of the coal pier?", "120,480", "31,055"),
            ("What dues did the north quay pay?", "96,310 kr", "188,900 kr"),
            ("When was the coal pier last dredged?", "May 2022", "April 2021"),
            (
                "When was the coal pier last dredged?",
                "In May 2022.",
                "In June 2023.",
            ),
            ("What is paid for 31,055 tonnes?", "120,480 kr", "96,310 kr"),
            // What the title says names no row.
            (
                "How many ships of Norrvik harbour called at the coal pier?",
                "87 ships",
                "1,120 ships",
            ),
            (
                "What dues were paid?",
                "The dues of the coal pier were 120,480.",
                "The dues of the coal pier were 96,310.",
            ),
        ] {
            assert_eq!(verdict(question, right), Verdict::Supported, "{question} {right}");
            assert_ne!(verdict(question, wrong), Verdict::Supported, "{question} {wrong}");
        }
        for (question, answer) in [
            // The answer names the row.
            ("Which berths have ships?", "The north quay, with 214 ships"),
            ("Which berth took 188,900 kr?", "South quay"),
        ] {
            assert_eq!(
                verdict(question, answer),
                Verdict::Supported,
                "{question} {answer}"
            );
        }
        for (question, answer) in [
            // A row does not say that no other has more.
            ("What is the largest sum of dues?", "188,900 kr"),
            (
                "Which berth has more ships than the coal pier?",
                "The north quay, with 214 ships",
            ),
            ("How many ships called at a quay?", "214 ships"),
            ("What are the dues of the west jetty?", "188,900 kr"),
            ("What was the price of the coal pier?", "120,480 kr"),
            ("What are the dues of the coal pier at night?", "120,480 kr"),
            ("What are the dues of the coal pier in 2019?", "120,480 kr"),
        ] {
            assert_ne!(
                verdict(question, answer),
                Verdict::Supported,
                "{question} {answer}"
            );
        }
        // The row that is meant need not be in the passage.
        let above = CharSpan::new(0, page[..page.find("Coal").unwrap()].chars().count() as u32);
        let source = SourceText::new(page, above, "Norrvik harbour");
        let asked = content_terms("What are the dues of the coal pier?")
            .into_iter()
            .collect();
        assert_ne!(
            source.align("96,310 kr", &asked).unwrap().verdict(),
            Verdict::Supported
        );
    }

    #[test]
    fn a_phrase_of_a_table_belongs_to_the_row_that_is_named() {
        let page = "Flat | Tenant | Rent\nGround floor right | R. Singh | 905\nFirst floor right | T. Nakata | 960\n\
            First floor left | M. Dufour | 985";
        let source = SourceText::new(page, CharSpan::new(0, 1000), "");
        let verdict = |question: &str, answer: &str| {
            let asked = content_terms(question).into_iter().collect();
            source.align(answer, &asked).unwrap().verdict()
        };
        for (question, right, wrong) in [
            (
                "Who rents the flat on the first floor right?",
                "T. Nakata",
                "R. Singh",
            ),
            ("Which tenant has a rent of 985?", "M. Dufour", "T. Nakata"),
        ] {
            assert_eq!(verdict(question, right), Verdict::Supported, "{question} {right}");
            assert_ne!(verdict(question, wrong), Verdict::Supported, "{question} {wrong}");
        }
        let flat = "Which flat does R. Singh rent?";
        assert_eq!(verdict(flat, "Ground floor right"), Verdict::Supported);
    }

    #[test]
    fn what_names_a_row_may_hold_numbers() {
        let page = "Fare | Summer | Winter\nChild of 4 to 15 | 42 | 31\nCar up to 5 m | 246 | 205\n\n\
            Year | Ships\n2021 | 5\n2022 | 7";
        let source = SourceText::new(page, CharSpan::new(0, 1000), "");
        let verdict = |question: &str, answer: &str| {
            let asked = content_terms(question).into_iter().collect();
            source.align(answer, &asked).unwrap().verdict()
        };
        let car = "What does a car pay in summer?";
        assert_eq!(verdict(car, "A car of up to 5 m pays 246."), Verdict::Supported);
        assert_ne!(verdict(car, "A car of up to 5 m pays 42."), Verdict::Supported);
        assert_eq!(
            verdict("How many ships called in 2022?", "7 ships"),
            Verdict::Supported
        );
        assert_ne!(
            verdict("How many ships called in 2022?", "5 ships"),
            Verdict::Supported
        );
        assert_eq!(
            verdict("How many ships called?", "5 ships called in 2021."),
            Verdict::Supported
        );
    }

    #[test]
    fn a_number_alone_proves_no_phrase() {
        let page = "Maintenance\n\n2. Filter einsetzen.\n3. Deckel schließen.\n\nThe rent is paid 3 times.";
        let source = SourceText::new(page, CharSpan::new(0, 200), "");
        let verdict = |question: &str, answer: &str| {
            let asked = content_terms(question).into_iter().collect();
            source.align(answer, &asked).map(|found| found.verdict())
        };
        let list = SourceText::new(page, CharSpan::new(0, 55), "");
        let asked = content_terms("Wie oft muss der Motor geölt werden?")
            .into_iter()
            .collect();
        let chance = list.align("3 mal im Jahr", &asked).unwrap();
        assert_eq!(chance.quote, "3. Deckel schließen.");
        assert_eq!(chance.verdict(), Verdict::Unsupported);
        assert_eq!(
            verdict("How often is the rent paid?", "3 times"),
            Some(Verdict::Supported)
        );
        assert_eq!(
            verdict("How many closings are there?", "3"),
            Some(Verdict::Partly)
        );
    }

    #[test]
    fn words_of_the_question_prove_nothing() {
        let page = "The plague was less common in the Kingdom of Poland. The Treaty of Maastricht created the European Union.";
        let source = SourceText::new(page, CharSpan::new(0, 200), "");
        let verdict = |question: &str, answer: &str| {
            let asked = content_terms(question).into_iter().collect();
            source.align(answer, &asked).map(|found| found.verdict())
        };
        let capital = verdict(
            "What is the capital of Poland?",
            "The capital of Poland is Warsaw.",
        );
        assert_eq!(capital, Some(Verdict::Unsupported));
        let question = "Which treaty created the European Union?";
        let nice = verdict(question, "The Treaty of Nice created the European Union.");
        assert_eq!(nice, Some(Verdict::Unsupported));
        let right = verdict(question, "The Treaty of Maastricht created the European Union.");
        assert_eq!(right, Some(Verdict::Supported));
        let yes = verdict(question, "A treaty created the European Union.");
        assert_eq!(yes, Some(Verdict::Supported));
    }
}
