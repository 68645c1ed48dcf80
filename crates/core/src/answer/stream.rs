//! From the model's pieces of text to sentences with proof, while they stream.

use std::collections::HashSet;
use std::sync::Arc;

use super::AnswerSink;
use super::disagree::disagreements;
use crate::citation::{self, Alignment, SourceText, marker_ranges, markers};
use crate::premise::{Conflict, Premise};
use crate::prompt::NOT_FOUND;
use crate::question::asked_about;
use crate::span::CharSpan;
use crate::text::{Term, content_terms, ends_in_abbreviation, ends_in_ordinal};
use crate::types::{AnswerEvent, Citation, Corrections, Passage, Sentence, Unproved, Verdict};

/// A passage with the text of its whole page.
#[derive(Clone)]
pub(super) struct Source {
    pub passage: Passage,
    pub page_text: Arc<str>,
}

impl Source {
    /// This stretch of its page as the proof of something.
    pub fn cite(&self, span: CharSpan, quote: String, score: f32) -> Citation {
        let passage = &self.passage;
        Citation {
            n: passage.rank,
            document: passage.document.clone(),
            revision: passage.revision.clone(),
            path: passage.path.clone(),
            title: passage.title.clone(),
            page: passage.page,
            span,
            // The cells of the whole passage, until the answer is done.
            locator: passage.locator.clone(),
            quote,
            score,
        }
    }

    /// What the page says where `citation` quotes it.
    pub fn said(&self, citation: &Citation) -> String {
        citation::said_at(&self.page_text, citation.span)
    }

    /// A page that is one passage.
    #[cfg(test)]
    pub fn for_test(rank: u32, name: &str, title: &str, text: &str) -> Self {
        Self {
            passage: Passage {
                rank,
                document: name.into(),
                revision: format!("r{rank}").as_str().into(),
                path: name.into(),
                title: title.into(),
                page: 1,
                span: CharSpan::new(0, text.chars().count() as u32),
                locator: Default::default(),
                headings: vec![],
                text: text.into(),
                score: 1.0,
                scores: crate::types::Scores::default(),
                injections: Vec::new(),
            },
            page_text: text.into(),
        }
    }
}

/// `said` as an answer that cites passage `n`, if it stands all the checks of what a model writes.
pub(super) fn proved(question: &str, sources: Vec<Source>, said: &str, n: u32) -> Option<Written> {
    let mut streamer = Streamer::new(question, sources, Arc::new(|_| {}));
    streamer.push(&format!("{said} [{n}]"));
    let written = streamer.finish();
    let mut sentences = written.sentences.iter();
    let proved = sentences.all(|sentence| sentence.verdict == Verdict::Supported);
    (proved && written.conflict.is_none()).then_some(written)
}

/// What a generation came to.
pub(super) struct Written {
    pub text: String,
    pub sentences: Vec<Sentence>,
    pub citations: Vec<Citation>,
    /// The model said that the passages do not answer.
    pub not_found: bool,
    /// The one sentence of the answer is carried by a source that speaks of something else than the question.
    pub conflict: Option<Conflict>,
    /// What other documents say against sentences of it; see [`disagreements`].
    pub disagreements: Vec<Vec<Citation>>,
    pub corrections: Corrections,
}

impl Written {
    /// Takes out the sentences that no source carries.
    pub fn without_unproved(mut self) -> Self {
        let mut text = String::with_capacity(self.text.len());
        let mut rest = self.text.as_str();
        let (mut citations, mut proofs) = (Vec::new(), self.citations.into_iter());
        let removed = &mut self.corrections.sentences_removed;
        self.sentences.retain(|sentence| {
            let own: Vec<Citation> = proofs.by_ref().take(sentence.citations.len()).collect();
            let at = rest.find(&sentence.text).unwrap_or(0);
            let (before, after) = (&rest[..at], &rest[(at + sentence.text.len()).min(rest.len())..]);
            rest = after;
            let kept = sentence.verdict != Verdict::Unsupported;
            if kept {
                // What stood between two sentences that are not neighbours any more stands once.
                let between = if text.is_empty() {
                    before.trim_start()
                } else {
                    before
                };
                text.push_str(between);
                text.push_str(&sentence.text);
                citations.extend(own);
            } else {
                *removed += 1;
            }
            kept
        });
        if *removed == 0 {
            text.push_str(rest);
        }
        self.text = text.trim().to_owned();
        self.citations = citations;
        self
    }
}

/// Cuts the stream into sentences, checks each against the passages, and adds the marker that a
/// model forgot where the alignment is clear.
pub(super) struct Streamer {
    sources: Vec<Source>,
    question: String,
    /// The words of the question.
    asked: HashSet<Term>,
    /// Those of them that say what it is about.
    about: HashSet<Term>,
    premise: Premise,
    /// Sentences to take; what follows them is dropped.
    most: usize,
    unproved: Unproved,
    corrections: Corrections,
    /// How much of `out` may be sent before its sentence is checked, in bytes; none: all of it.
    checked: Option<usize>,
    sink: AnswerSink,
    /// The answer, less what a check took out again.
    text: String,
    /// What is to be sent next. What was sent cannot be taken back; `Done` carries the truth.
    out: String,
    /// Where the current sentence begins in `text`.
    begin: usize,
    /// White space after a sentence, and a marker that may follow it: not sent yet.
    held: String,
    /// The beginning, until it is clear that it is not [`NOT_FOUND`].
    opening: Option<String>,
    sentences: Vec<Sentence>,
    citations: Vec<Citation>,
}

impl Streamer {
    pub fn new(question: &str, sources: Vec<Source>, sink: AnswerSink) -> Self {
        Self {
            sources,
            question: question.to_owned(),
            asked: content_terms(question).into_iter().collect(),
            about: asked_about(question),
            premise: Premise::of(question),
            most: usize::MAX,
            unproved: Unproved::Marked,
            corrections: Corrections::default(),
            checked: None,
            sink,
            text: String::new(),
            out: String::new(),
            begin: 0,
            held: String::new(),
            opening: Some(String::new()),
            sentences: Vec::new(),
            citations: Vec::new(),
        }
    }

    /// Takes so many sentences and no more.
    #[must_use]
    pub fn at_most(mut self, sentences: usize) -> Self {
        self.most = sentences;
        self
    }

    /// What becomes of sentences that no source carries. Where they are to be removed, sentences are sent when they are
    /// checked, and these are not; see [`Written::without_unproved`] for the text.
    #[must_use]
    pub fn leaving(mut self, unproved: Unproved) -> Self {
        self.unproved = unproved;
        self.checked = (unproved == Unproved::Removed).then_some(0);
        self
    }

    /// Whether it takes nothing any more.
    pub fn is_full(&self) -> bool {
        self.sentences.len() >= self.most
    }

    /// Takes the next piece.
    pub fn push(&mut self, piece: &str) {
        if let Some(opening) = &mut self.opening {
            opening.push_str(piece);
            if may_become_not_found(opening) {
                return;
            }
        }
        let opening = self.opening.take();
        let piece = opening.as_deref().map_or(piece, str::trim_start);
        let citations = self.citations.len();
        for c in piece.chars() {
            self.take(c);
        }
        self.send(citations);
    }

    /// The end of the stream.
    pub fn finish(mut self) -> Written {
        if let Some(opening) = self.opening.take() {
            if opening.trim().is_empty() || is_not_found(&opening) {
                return Written {
                    text: String::new(),
                    sentences: vec![],
                    citations: vec![],
                    not_found: true,
                    conflict: None,
                    disagreements: vec![],
                    corrections: Corrections::default(),
                };
            }
            for c in opening.trim_start().chars() {
                self.take(c);
            }
            self.send(0);
        }
        let citations = self.citations.len();
        self.held.clear();
        if !self.is_full() {
            self.end_sentence();
        }
        self.send(citations);
        let refuses = |sentence: &Sentence| is_not_found(&sentence.text);
        let not_found = match &self.sentences[..] {
            // Whatever marker was put behind it.
            [only] => refuses(only),
            several => several.iter().any(refuses) && self.citations.is_empty(),
        };
        Written {
            text: self.text.trim().to_owned(),
            conflict: self.conflict(),
            disagreements: disagreements(
                &self.question,
                &self.about,
                &self.sentences,
                &self.citations,
                &self.sources,
            ),
            sentences: self.sentences,
            citations: self.citations,
            not_found,
            corrections: self.corrections,
        }
    }

    /// Longer answers put things side by side, and may tell themselves what the sources do not say.
    fn conflict(&self) -> Option<Conflict> {
        let [sentence] = &self.sentences[..] else {
            return None;
        };
        let place = |passage: &Passage| {
            let headings = passage.headings.join(" ");
            format!(
                "{} {} {headings} {}",
                passage.title,
                file_words(passage),
                passage.text
            )
        };
        let sources = self.sources.iter();
        let everything = sources
            .flat_map(|source| content_terms(&place(&source.passage)))
            .collect();
        let answer = citation::without_markers(&sentence.text);
        let conflicts: Option<Vec<Conflict>> = self
            .citations
            .iter()
            .map(|citation| {
                let source = &self.sources[citation.n as usize - 1];
                let passage = &source.passage;
                let around = place(passage);
                let others = self.named_beside(passage);
                self.premise
                    .conflict(&answer, &source.said(citation), &around, &everything, &others)
            })
            .collect();
        conflicts?.first().copied()
    }

    /// The words of the question that stand in titles of other documents than this passage's.
    fn named_beside(&self, passage: &Passage) -> HashSet<Term> {
        let sources = self.sources.iter().map(|source| &source.passage);
        let others = sources.filter(|other| other.document != passage.document);
        let titles = others.flat_map(|other| {
            let heading = other.headings.first().map_or("", String::as_str);
            content_terms(&format!("{} {heading} {}", other.title, file_words(other)))
        });
        titles.filter(|term| self.about.contains(term)).collect()
    }

    fn write(&mut self, text: &str) {
        self.text.push_str(text);
        self.out.push_str(text);
    }

    fn send(&mut self, citations_from: usize) {
        let rest = self.checked.map(|checked| self.out.split_off(checked));
        let text = std::mem::replace(&mut self.out, rest.unwrap_or_default());
        self.checked = self.checked.map(|_| 0);
        if !text.is_empty() {
            (self.sink)(AnswerEvent::Delta { text });
        }
        for citation in &self.citations[citations_from..] {
            (self.sink)(AnswerEvent::Citation {
                citation: citation.clone(),
            });
        }
    }

    fn take(&mut self, c: char) {
        if self.is_full() {
            return;
        }
        let sentence = &self.text[self.begin..];
        if self.held.is_empty() {
            let ended = c == '\n' || (c.is_whitespace() && is_complete(sentence)) || is_wide_stop(sentence);
            if !ended || sentence.trim().is_empty() {
                self.write(c.encode_utf8(&mut [0; 4]));
                return;
            }
        }
        let marker_open = self.held.contains('[');
        if marker_open {
            self.held.push(c);
            if c == ']' && !markers(&self.held).is_empty() {
                // The marker after the full stop belongs to the sentence before it.
                let held = std::mem::take(&mut self.held);
                self.write(&held);
            } else if c != ' ' && c != ',' && !c.is_ascii_digit() {
                self.begin_sentence();
            }
        } else if c.is_whitespace() || c == '[' {
            self.held.push(c);
        } else {
            self.held.push(c);
            self.begin_sentence();
        }
    }

    /// Ends the sentence before what is held, and begins the next one with it.
    fn begin_sentence(&mut self) {
        self.end_sentence();
        let held = std::mem::take(&mut self.held);
        if self.is_full() {
            return;
        }
        let space = held.len() - held.trim_start().len();
        self.write(&held[..space]);
        self.begin = self.text.len();
        self.write(&held[space..]);
    }

    /// Checks the current sentence, and puts its proof on record.
    fn end_sentence(&mut self) {
        let sentence = self.text[self.begin..].to_owned();
        let words = citation::without_markers(&sentence);
        if words.chars().filter(|c| c.is_alphanumeric()).count() == 0 {
            self.checked = self.checked.map(|_| self.out.len());
            return;
        }
        let written = markers(&sentence);
        let aligned = self.align(&words);
        let mut cited: Vec<&(u32, Alignment)> = written
            .iter()
            .filter_map(|n| aligned.iter().find(|(m, _)| m == n))
            .collect();
        cited.dedup_by_key(|(n, _)| *n);
        let proved = cited
            .iter()
            .any(|(_, alignment)| alignment.verdict() == Verdict::Supported);
        // The model forgot its marker, or put another one: where one passage clearly says it, that
        // one is cited.
        let best = aligned
            .iter()
            .rev()
            .max_by(|a, b| a.1.strength().total_cmp(&b.1.strength()));
        let clear = best.filter(|(_, alignment)| alignment.verdict() != Verdict::Unsupported);
        let added = clear.filter(|(n, alignment)| {
            !written.contains(n)
                && (written.is_empty() || alignment.verdict() == Verdict::Supported)
                && !proved
        });
        if let Some(added) = added {
            cited.push(added);
        }
        keep_what_proves(&mut cited);
        let verdict = cited
            .iter()
            .map(|(_, alignment)| alignment.verdict())
            .min_by_key(|verdict| match verdict {
                Verdict::Supported => 0,
                Verdict::Partly => 1,
                Verdict::Unsupported => 2,
            })
            .unwrap_or(Verdict::Unsupported);
        let proofs: Vec<Citation> = cited
            .iter()
            .map(|(n, alignment)| self.cite(*n, alignment))
            .collect();
        let numbers: Vec<u32> = proofs.iter().map(|citation| citation.n).collect();
        if let Some(n) = numbers.iter().find(|n| !written.contains(n)) {
            self.write(&format!(" [{n}]"));
        }
        self.drop_unproved_markers(&numbers);
        self.count_corrections(&written, &numbers);
        self.release(&sentence, verdict);
        self.sentences.push(Sentence {
            text: self.text[self.begin..].trim().to_owned(),
            verdict,
            citations: numbers,
        });
        self.citations.extend(proofs);
    }

    /// `written`: the markers that the model put to a sentence; `numbers`: those it has now.
    fn count_corrections(&mut self, written: &[u32], numbers: &[u32]) {
        let lacking = |of: &[u32], among: &[u32]| of.iter().filter(|n| !among.contains(n)).count() as u32;
        let (added, dropped) = (lacking(numbers, written), lacking(written, numbers));
        let moved = added.min(dropped);
        self.corrections.markers_moved += moved;
        self.corrections.markers_added += added - moved;
        self.corrections.markers_dropped += dropped - moved;
    }

    /// Lets the sentence just checked be sent, or not, if sentences wait for that. `written`: as the model wrote it.
    fn release(&mut self, written: &str, verdict: Verdict) {
        let Some(checked) = &mut self.checked else { return };
        let (proved, removed) = (&self.text[self.begin..], verdict == Verdict::Unsupported);
        // White space before it stands in `out`, too.
        let before = self.out[*checked..].find(written.trim()).unwrap_or(0);
        let keep = if removed { *checked } else { *checked + before };
        self.out.truncate(keep);
        if !removed {
            self.out.push_str(proved.trim_start());
        }
        *checked = self.out.len();
    }

    /// A marker whose passage proves nothing of its sentence is taken out again.
    fn drop_unproved_markers(&mut self, proved: &[u32]) {
        let sentence = self.text[self.begin..].to_owned();
        let mut kept = String::with_capacity(sentence.len());
        let mut at = 0;
        for (range, numbers) in marker_ranges(&sentence) {
            kept.push_str(&sentence[at..range.start]);
            let good: Vec<String> = numbers
                .iter()
                .filter(|n| proved.contains(n))
                .map(ToString::to_string)
                .collect();
            if good.is_empty() {
                kept.truncate(kept.trim_end_matches(' ').len());
            } else {
                kept.push_str(&format!("[{}]", good.join(", ")));
            }
            at = range.end;
        }
        kept.push_str(&sentence[at..]);
        self.text.truncate(self.begin);
        self.text.push_str(&kept);
    }

    fn align(&self, sentence: &str) -> Vec<(u32, Alignment)> {
        self.sources
            .iter()
            .filter_map(|source| {
                let place = format!("{} {}", source.passage.title, source.passage.headings.join(" "));
                let text = SourceText::new(&source.page_text, source.passage.span, &place);
                Some((source.passage.rank, text.align(sentence, &self.asked)?))
            })
            .collect()
    }

    fn cite(&self, n: u32, alignment: &Alignment) -> Citation {
        self.sources[n as usize - 1].cite(alignment.span, alignment.quote.clone(), alignment.coverage)
    }
}

/// The words of what stands above a passage: its document's title and name, and the headings.
pub(super) fn place_words(passage: &Passage) -> Vec<Term> {
    let headings = passage.headings.join(" ");
    content_terms(&format!("{} {headings} {}", passage.title, file_words(passage)))
}

/// The words of a file's name, which people call a document by.
fn file_words(passage: &Passage) -> String {
    let stem = passage.path.file_stem().unwrap_or_default();
    stem.to_string_lossy().replace('_', " ")
}

/// A reader who checks a citation must find something there: beside one that carries the sentence, those stay that
/// carry a part of it and say nothing else; without one, those that carry a part.
fn keep_what_proves(cited: &mut Vec<&(u32, Alignment)>) {
    let best = |wanted| cited.iter().any(|(_, alignment)| alignment.verdict() == wanted);
    let (proved, partly) = (best(Verdict::Supported), best(Verdict::Partly));
    cited.retain(|(_, alignment)| match alignment.verdict() {
        Verdict::Supported => true,
        Verdict::Partly => !proved || alignment.fault.is_none(),
        Verdict::Unsupported => !proved && !partly,
    });
}

fn may_become_not_found(opening: &str) -> bool {
    let opening = opening.trim_start().to_uppercase();
    match opening.strip_prefix(NOT_FOUND) {
        // Some models cite a passage for it.
        Some(rest) => rest.chars().all(|c| c.is_ascii_digit() || " .,[]".contains(c)),
        None => NOT_FOUND.starts_with(&opening),
    }
}

fn is_not_found(text: &str) -> bool {
    text.trim().to_uppercase().starts_with(NOT_FOUND)
}

/// Whether a sentence that ends in a full stop or the like, markers aside, is over.
fn is_complete(sentence: &str) -> bool {
    let plain = citation::without_markers(sentence);
    let plain = plain.trim_end().trim_end_matches(['"', '”', '»', ')', '*', '_']);
    let numbered = plain
        .trim()
        .trim_end_matches('.')
        .chars()
        .all(|c| c.is_ascii_digit());
    let goes_on = ends_in_abbreviation(plain) || ends_in_ordinal(plain);
    plain.ends_with(['.', '!', '?', '。', '！', '？']) && !goes_on && !numbered
}

/// Chinese and Japanese part sentences without white space.
fn is_wide_stop(sentence: &str) -> bool {
    citation::without_markers(sentence).ends_with(['。', '！', '？'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    const PAGE: &str = "The lamp must be cleaned every 14 days. The keeper lives in the tower.";

    /// Shares words with the page, but not the number.
    const OTHER: &str = "The lamp must be cleaned by the cats.";

    fn source(rank: u32, name: &str, text: &str) -> Source {
        Source::for_test(rank, name, "A", text)
    }

    fn run(pieces: &[&str]) -> (Written, String) {
        let sent = Arc::new(Mutex::new(String::new()));
        let into = Arc::clone(&sent);
        let sink: AnswerSink = Arc::new(move |event| {
            if let AnswerEvent::Delta { text } = event {
                into.lock().unwrap().push_str(&text);
            }
        });
        let sources = vec![source(1, "a.pdf", PAGE), source(2, "a.pdf", OTHER)];
        let mut streamer = Streamer::new("", sources, sink);
        for piece in pieces {
            streamer.push(piece);
        }
        let written = streamer.finish();
        let sent = sent.lock().unwrap().clone();
        (written, sent)
    }

    #[test]
    fn a_forgotten_marker_is_added_where_the_source_is_clear() {
        let (written, sent) = run(&[
            "The lamp is cleaned",
            " every 14 days.",
            " The keeper lives in the tower.",
        ]);
        assert_eq!(
            written.text,
            "The lamp is cleaned every 14 days. [1] The keeper lives in the tower. [1]"
        );
        assert_eq!(sent, written.text);
        assert_eq!(
            written.citations[0].quote,
            "The lamp must be cleaned every 14 days."
        );
        assert_eq!(written.citations[1].quote, "The keeper lives in the tower.");
    }

    #[test]
    fn a_marker_after_the_full_stop_belongs_to_the_sentence_before() {
        let (written, sent) = run(&[
            "The lamp is cleaned every 14 days.",
            " [",
            "1",
            "]",
            " The keeper lives there.",
        ]);
        assert_eq!(
            written.sentences[0].text,
            "The lamp is cleaned every 14 days. [1]"
        );
        assert_eq!(written.sentences.len(), 2);
        assert!(sent.starts_with("The lamp is cleaned every 14 days. [1] The keeper"));
    }

    #[test]
    fn an_answer_from_another_document_than_the_question_names_is_in_conflict() {
        let conflict = |answer: &str| {
            let sources = vec![
                source(1, "compost_trial.md", "Lead: Jonas Lindqvist. Oats were sown."),
                source(2, "biochar_trial.md", "Lead: Ines Okafor. Barley was sown."),
            ];
            let mut streamer = Streamer::new("Who leads the compost trial?", sources, Arc::new(|_| {}));
            streamer.push(answer);
            streamer.finish().conflict
        };
        assert_eq!(
            conflict("Ines Okafor leads the compost trial. [2]"),
            Some(Conflict::Document)
        );
        assert_eq!(conflict("Jonas Lindqvist leads the compost trial. [1]"), None);
    }

    #[test]
    fn a_marker_that_proves_nothing_is_taken_out() {
        let (written, _) = run(&["The lamp must be cleaned every 14 days [2]."]);
        assert_eq!(written.text, "The lamp must be cleaned every 14 days. [1]");
        assert_eq!(written.sentences[0].verdict, Verdict::Supported);
    }

    #[test]
    fn not_found_is_never_shown() {
        let (written, sent) = run(&["NOT", " FOUND"]);
        assert!(written.not_found && sent.is_empty());
        let (written, sent) = run(&["NOT FOUND", " [1", "]."]);
        assert!(written.not_found && sent.is_empty());
        let (written, sent) = run(&["Not", " far from here lives the keeper in the tower."]);
        assert!(!written.not_found && sent.starts_with("Not far"));
    }

    #[test]
    fn no_more_sentences_are_taken_than_wanted() {
        let (sources, sink) = (Vec::new(), Arc::new(|_| {}));
        let mut streamer = Streamer::new("", sources, sink).at_most(2);
        streamer.push("One lamp. [1] Two");
        assert!(!streamer.is_full());
        streamer.push(" lamps.\nThree lamps. Four.");
        assert!(streamer.is_full());
        let written = streamer.finish();
        assert_eq!(
            (written.text.as_str(), written.sentences.len()),
            ("One lamp. Two lamps.", 2)
        );
    }

    #[test]
    fn corrections_of_markers_are_counted() {
        let counted = |text: &str| run(&[text]).0.corrections;
        let page = "The lamp must be cleaned every 14 days";
        assert_eq!(counted(&format!("{page}. [1]")), Corrections::default());
        for (text, added, moved, dropped) in [
            (format!("{page}."), 1, 0, 0),
            (format!("{page} [2]."), 0, 1, 0),
            (format!("{page} [1, 2]."), 0, 0, 1),
            ("Dolphins enjoy quantum mechanics. [1]".to_owned(), 0, 0, 1),
        ] {
            let wanted = Corrections {
                markers_added: added,
                markers_moved: moved,
                markers_dropped: dropped,
                sentences_removed: 0,
            };
            assert_eq!(counted(&text), wanted, "{text}");
        }
    }

    #[test]
    fn what_no_source_carries_is_neither_sent_nor_kept_where_it_is_to_be_removed() {
        let sent = Arc::new(Mutex::new(String::new()));
        let into = Arc::clone(&sent);
        let sink: AnswerSink = Arc::new(move |event| {
            if let AnswerEvent::Delta { text } = event {
                into.lock().unwrap().push_str(&text);
            }
        });
        let mut streamer = Streamer::new("", vec![source(1, "a.pdf", PAGE)], sink).leaving(Unproved::Removed);
        for piece in [
            "Dolphins enjoy quantum ",
            "mechanics. The lamp is cleaned",
            " every 14 days.\nWhales sing operas. ",
            "The keeper lives in the tower.",
        ] {
            streamer.push(piece);
            assert!(!sent.lock().unwrap().contains("quantum"));
        }
        let written = streamer.finish().without_unproved();
        let text = "The lamp is cleaned every 14 days. [1] The keeper lives in the tower. [1]";
        assert_eq!(written.text, text);
        assert_eq!(
            sent.lock().unwrap().split_whitespace().collect::<Vec<_>>(),
            text.split_whitespace().collect::<Vec<_>>()
        );
        assert_eq!((written.sentences.len(), written.citations.len()), (2, 2));
        assert_eq!(written.corrections.sentences_removed, 2);
    }

    #[test]
    fn invented_sentences_are_unsupported() {
        let (written, _) = run(&[
            "Dolphins enjoy quantum mechanics. ",
            "The keeper lives in the tower.",
        ]);
        assert_eq!(written.sentences[0].verdict, Verdict::Unsupported);
        assert_eq!(written.sentences[1].verdict, Verdict::Supported);
    }
}
