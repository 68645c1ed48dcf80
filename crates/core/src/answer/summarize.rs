//! Documents summarized: each section's facts are written and checked against it, and a summary is written from those.

use std::sync::Arc;
use std::time::Instant;

use tokio_util::sync::CancellationToken;

use super::exhaustive::proved;
use super::notes::{Cost, Digest, Facts, Note, list, send};
use super::sections::{Section, sections, spread};
use super::stream::Source;
use super::{AnswerSink, Answerer, Draft, Outcome, Understood, ms};
use crate::error::{Error, Result};
use crate::find::Language;
use crate::injection;
use crate::meant::Chosen;
use crate::prompt::Prompt;
use crate::sieve::{Sieve, in_scope};
use crate::span::CharSpan;
use crate::summary::SummaryRequest;
use crate::text::one_line;
use crate::types::{AnswerEvent, AnswerStage, Document, Passage, Scores, Summarized, Unproved};

/// Most sections that are read; of more, so many evenly spread ones. Each takes a processor seconds.
const MOST_SECTIONS: usize = 24;
/// Most documents that are summarized at once.
const MOST_DOCUMENTS: usize = 60;
/// Facts taken from a section, unless it is the only one.
const FACTS: usize = 2;
/// Facts of a document that is summarized with others.
const FACTS_AMONG_MANY: usize = 3;
/// Sentences of a summary, unless the request says how many.
const SENTENCES: usize = 6;

/// What was read, and what it cost.
#[derive(Default)]
struct Reading {
    digests: Vec<Digest>,
    summarized: Summarized,
    cost: Cost,
}

/// So many of the most important facts.
fn summary(prompt: &Prompt, most: usize) -> Facts<'_> {
    Facts {
        prompt,
        about: "",
        most,
        unproved: Unproved::Marked,
    }
}

impl Answerer {
    /// Summarizes the documents that are asked about; none if the words name none of them.
    pub(super) async fn summarize(
        &self,
        request: &SummaryRequest,
        understood: &Understood,
        scope: &crate::types::Scope,
        sink: &AnswerSink,
        cancel: &CancellationToken,
    ) -> Result<Option<Outcome>> {
        let scanning = Instant::now();
        let ledger = self.ledger.as_ref();
        let sieve = Sieve::new(&understood.asked.without_phrases(), scope, ledger, cancel).await?;
        let documents = match &sieve.scope {
            Some(scope) => in_scope(ledger, scope).await?,
            None => Vec::new(),
        };
        let spoken_of = self
            .spoken_of(Some(&request.of), &understood.conversation)
            .await?;
        let Some(chosen) = request.of.choose(&documents, &spoken_of) else {
            return Ok(None);
        };
        sink(AnswerEvent::Stage {
            stage: AnswerStage::Summarizing,
        });
        let mut draft = Draft::new(understood, scope);
        let wording = Wording(request.language);
        let chosen = match chosen {
            Chosen::Documents(chosen) => chosen,
            Chosen::Unclear => {
                let text = wording.which(&documents);
                return Ok(Some(self.nothing(draft, text, sieve, sink)));
            }
        };
        let reading = self.read(request, &chosen, sink, cancel).await?;
        draft.timings.search = ms(scanning);
        if reading.digests.iter().all(|digest| digest.notes.is_empty()) {
            if reading.cost.canceled {
                return Err(Error::canceled());
            }
            let text = wording.no_text(reading.digests.len());
            return Ok(Some(self.nothing(draft, text, sieve, sink)));
        }
        draft.found.filtered = sieve.outcome(true);
        self.tell(request, draft, reading, sink, cancel).await.map(Some)
    }

    /// Writes down the facts of the documents' sections.
    async fn read(
        &self,
        request: &SummaryRequest,
        documents: &[&Document],
        sink: &AnswerSink,
        cancel: &CancellationToken,
    ) -> Result<Reading> {
        let mut reading = Reading::default();
        reading.summarized.of_documents = documents.len() as u32;
        let documents = &documents[..documents.len().min(MOST_DOCUMENTS)];
        let most = (MOST_SECTIONS / documents.len().max(1)).max(1);
        let mut work = Vec::new();
        for document in documents {
            let sections = sections(document, self.ledger.as_ref(), cancel).await?;
            reading.summarized.of_sections += sections.len() as u32;
            work.push((document, spread(sections, most)));
        }
        let total: usize = work.iter().map(|(_, sections)| sections.len()).sum();
        let progress = |done: u32| {
            sink(AnswerEvent::Progress {
                done,
                total: total as u32,
            });
        };
        progress(0);
        for (document, sections) in work {
            let facts = if documents.len() == 1 && sections.len() == 1 {
                request.sentences.unwrap_or(SENTENCES)
            } else {
                FACTS
            };
            let mut digest = Digest {
                title: one_line(&injection::without(&document.title)),
                notes: Vec::new(),
            };
            for section in sections {
                if cancel.is_cancelled() {
                    reading.cost.canceled = true;
                    break;
                }
                let notes = self.note(document, &section, facts, &mut reading, cancel).await?;
                for note in notes {
                    if digest.notes.iter().all(|known| known.text != note.text) {
                        digest.notes.push(note);
                    }
                }
                reading.summarized.sections += 1;
                progress(reading.summarized.sections);
            }
            if documents.len() > 1 {
                self.condense(&mut digest, FACTS_AMONG_MANY, &mut reading, cancel)
                    .await?;
            }
            reading.summarized.documents += 1;
            reading.digests.push(digest);
            if reading.cost.canceled {
                break;
            }
        }
        Ok(reading)
    }

    /// The facts of one section.
    async fn note(
        &self,
        document: &Document,
        section: &Section,
        facts: usize,
        reading: &mut Reading,
        cancel: &CancellationToken,
    ) -> Result<Vec<Note>> {
        let mut sources = Vec::with_capacity(section.len());
        for (rank, (number, span)) in (1..).zip(section) {
            // Changed or removed meanwhile: what is left can still be summarized.
            let Some(revision) = &document.revision else {
                continue;
            };
            let Some(page) = self.ledger.page(revision, *number).await? else {
                continue;
            };
            sources.push(source(document, rank, *number, *span, page.text.into()));
        }
        let prompt = self.prompts.to_summarize();
        self.noted(sources, summary(&prompt, facts), &mut reading.cost, cancel)
            .await
    }

    /// At most `facts` of a document's notes, written from them.
    async fn condense(
        &self,
        digest: &mut Digest,
        facts: usize,
        reading: &mut Reading,
        cancel: &CancellationToken,
    ) -> Result<()> {
        if digest.notes.len() <= facts || reading.cost.canceled {
            return Ok(());
        }
        let sources = self.note_sources(digest).await?;
        let prompt = self.prompts.to_summarize();
        let condensed = self
            .noted(sources, summary(&prompt, facts), &mut reading.cost, cancel)
            .await?;
        if condensed.is_empty() {
            digest.notes.truncate(facts);
        } else {
            digest.notes = condensed;
        }
        Ok(())
    }

    /// Makes the answer of what was noted: of one document a text, if there is more than it should be long; of
    /// several, a list.
    async fn tell(
        &self,
        request: &SummaryRequest,
        mut draft: Draft,
        mut reading: Reading,
        sink: &AnswerSink,
        cancel: &CancellationToken,
    ) -> Result<Outcome> {
        let wanted = request.sentences.unwrap_or(SENTENCES);
        let digests = std::mem::take(&mut reading.digests);
        let prompt = self.prompts.to_summarize();
        let closing = Wording(request.language).read(&digests, &reading.summarized);
        draft.timings.first_token = Some(ms(draft.started));
        let mut told = match &digests[..] {
            [only] if only.notes.len() > wanted && !reading.cost.canceled => {
                let sources = self.note_sources(only).await?;
                draft.found.passages = sources.iter().map(|source| source.passage.clone()).collect();
                sink(AnswerEvent::Passages {
                    query: draft.query.clone(),
                    passages: draft.found.passages.clone(),
                });
                let ask = Facts {
                    unproved: draft.unproved,
                    ..summary(&prompt, wanted)
                };
                self.write_facts(sources, ask, &mut reading.cost, sink, cancel)
                    .await?
            }
            _ => {
                let told = list(&digests);
                draft.found.passages = told.citations.iter().map(super::exhaustive::passage).collect();
                send(&told.text, &told.citations, &draft, sink);
                told
            }
        };
        let last = format!("\n\n{closing}");
        told.text.push_str(&last);
        sink(AnswerEvent::Delta { text: last });
        told.sentences.push(proved(closing, Vec::new()));
        let mut answer = self.answer(&draft);
        answer.trace.prompt = prompt.id.into_owned();
        answer.trace.prompt_text = reading.cost.prompt_text;
        answer.trace.summarized = Some(reading.summarized);
        answer.trace.corrections = told.corrections;
        answer.answer = told.text;
        answer.sentences = told.sentences;
        answer.citations = told.citations;
        answer.tokens = reading.cost.tokens;
        answer.timings_ms.total = ms(draft.started);
        Ok(if reading.cost.canceled {
            Outcome::Canceled(answer)
        } else {
            Outcome::Done(answer)
        })
    }

    /// The notes as what is read, the places they were taken from as what carries it.
    async fn note_sources(&self, digest: &Digest) -> Result<Vec<Source>> {
        let first = digest
            .notes
            .iter()
            .filter_map(|note| Some((note, note.proofs.first()?)));
        let places: Vec<Passage> = (1..)
            .zip(first)
            .map(|(rank, (_, proof))| Passage {
                rank,
                ..super::exhaustive::passage(proof)
            })
            .collect();
        let mut sources = self.sources(&places).await?;
        for (source, note) in sources.iter_mut().zip(&digest.notes) {
            source.passage.text.clone_from(&note.text);
        }
        Ok(sources)
    }

    fn nothing(&self, mut draft: Draft, text: String, sieve: Sieve, sink: &AnswerSink) -> Outcome {
        draft.found.filtered = sieve.outcome(false);
        sink(AnswerEvent::Passages {
            query: draft.query.clone(),
            passages: Vec::new(),
        });
        let mut answer = self.answer(&draft);
        let advice = draft
            .found
            .filtered
            .and_then(|filtered| filtered.advice_in(Language::of(&draft.query)));
        answer.answer = advice.unwrap_or(text);
        answer.abstained = true;
        answer.timings_ms.total = ms(draft.started);
        Outcome::Abstained(answer)
    }
}

fn source(document: &Document, rank: u32, page: u32, span: CharSpan, page_text: Arc<str>) -> Source {
    let text = span.of(&page_text).to_owned();
    Source {
        passage: Passage {
            rank,
            document: document.id.clone(),
            revision: document.revision.clone().unwrap_or_else(|| "".into()),
            path: document.path.clone(),
            title: document.title.clone(),
            page,
            span,
            locator: Default::default(),
            headings: Vec::new(),
            injections: injection::find(&text),
            text,
            score: 1.0,
            scores: Scores::default(),
        },
        page_text,
    }
}

/// What is said around a summary.
struct Wording(Language);

impl Wording {
    fn say<'a>(&self, english: &'a str, german: &'a str) -> &'a str {
        match self.0 {
            Language::English => english,
            Language::German => german,
        }
    }

    /// Which document is meant?
    fn which(&self, documents: &[Document]) -> String {
        match documents.first() {
            None => self.say(
                "There are no documents to summarize yet. Add files or folders, then ask again.",
                "Es gibt noch keine Dokumente. Füge Dateien oder Ordner hinzu und frage dann noch einmal.",
            )
            .to_owned(),
            Some(one) => match self.0 {
                Language::English => format!(
                    "Which of the {} documents? Name it (“Summarize {}”), or choose it with @.",
                    documents.len(),
                    one_line(&one.title)
                ),
                Language::German => format!(
                    "Welches der {} Dokumente? Nenne es („Fasse {} zusammen“), oder wähle es mit @.",
                    documents.len(),
                    one_line(&one.title)
                ),
            },
        }
    }

    fn no_text(&self, documents: usize) -> String {
        if documents == 0 {
            return self.which(&[]);
        }
        self.say(
            "There is no text in what was asked for that could be summarized with proof.",
            "Darin steht kein Text, der sich mit Belegen zusammenfassen ließe.",
        )
        .to_owned()
    }

    /// What was read for it, and what was not.
    fn read(&self, digests: &[Digest], read: &Summarized) -> String {
        let spread = read.sections < read.of_sections;
        let how = match (spread, self.0) {
            (false, Language::English) => format!("all {} sections", read.sections),
            (true, Language::English) => format!(
                "{} of {} sections, evenly spread",
                read.sections, read.of_sections
            ),
            (false, Language::German) => format!("alle {} Abschnitte", read.sections),
            (true, Language::German) => {
                format!(
                    "{} von {} Abschnitten, gleichmäßig verteilt",
                    read.sections, read.of_sections
                )
            }
        };
        let mut text = match (digests, self.0) {
            ([one], Language::English) => format!("Read for this: {how}, of {}.", one.title),
            ([one], Language::German) => format!("Gelesen: {how}, aus {}.", one.title),
            (_, Language::English) => {
                format!(
                    "Read for this: {} of {} documents ({how}).",
                    read.documents, read.of_documents
                )
            }
            (_, Language::German) => {
                format!(
                    "Gelesen: {} von {} Dokumenten ({how}).",
                    read.documents, read.of_documents
                )
            }
        };
        let silent: Vec<&str> = digests
            .iter()
            .filter(|digest| digest.notes.is_empty())
            .map(|digest| digest.title.as_str())
            .collect();
        if !silent.is_empty() {
            let intro = self.say(
                " Nothing with proof came of: ",
                " Nichts Belegtes ergab sich aus: ",
            );
            text.push_str(&format!("{intro}{}.", silent.join(", ")));
        }
        text
    }
}
