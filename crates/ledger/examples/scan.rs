//! Time of a question about all documents, and of a search for exact words, over a register of many pages.
//!
//! `scan TEXT PAGES WORD`: pages of 3,000 characters of the file TEXT, repeated, 100 to a document, each with a place for
//! every word, as those of a PDF have.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, missing_docs)]

use std::sync::Arc;
use std::time::Instant;

use footnote_core::answer::AskRequest;
use footnote_core::engine::{Engine, EngineParts};
use footnote_core::history::{DocumentEvent, Occasion};
use footnote_core::memory::engine_parts;
use footnote_core::ports::{Ledger, RevisionCommit};
use footnote_core::query::Query;
use footnote_core::retrieve::SearchRequest;
use footnote_core::span::CharSpan;
use footnote_core::types::{Document, Page, PageSource, Scope, SearchMode, TextRect};
use footnote_ledger::SqliteLedger;
use tokio_util::sync::CancellationToken;

const PAGE_CHARS: usize = 3_000;
const PAGES_PER_DOCUMENT: usize = 100;

#[tokio::main]
async fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [file, pages, word] = args.as_slice() else {
        panic!("scan TEXT PAGES WORD");
    };
    let text = std::fs::read_to_string(file).expect("the text");
    let pages = pages_of(&text, pages.parse().expect("a number of pages"));
    let words = pages
        .iter()
        .flat_map(|page| page.text.split(|c: char| !c.is_alphanumeric()));
    let naive = words.filter(|w| w.eq_ignore_ascii_case(word)).count();
    let folder = tempfile::tempdir().unwrap();
    let ledger = Arc::new(SqliteLedger::open(folder.path().join("ledger.db")).unwrap());
    for (n, pages) in pages.chunks(PAGES_PER_DOCUMENT).enumerate() {
        register(&ledger, n, pages).await;
    }
    let engine = Engine::open(EngineParts {
        ledger,
        ..engine_parts()
    })
    .await
    .unwrap();
    println!("{naive} times exactly so, by splitting");
    for _ in 0..3 {
        let began = Instant::now();
        let request = AskRequest::new(format!("How many documents mention {word}?"));
        let answer = engine
            .ask(request, Arc::new(|_| {}), CancellationToken::new())
            .await
            .unwrap();
        let sum = answer.answer.lines().next().unwrap();
        println!("{:.0} ms  {sum}", began.elapsed().as_secs_f64() * 1e3);
        let began = Instant::now();
        let request = SearchRequest {
            query: Query::parse(&format!("\"{word} zanzibar\"")),
            scope: Scope::default(),
            mode: SearchMode::Text,
            limit: 10,
            per_document: None,
        };
        engine.search(&request, &CancellationToken::new()).await.unwrap();
        println!(
            "{:.0} ms  for exact words that no page has",
            began.elapsed().as_secs_f64() * 1e3
        );
    }
}

fn pages_of(text: &str, count: usize) -> Vec<Page> {
    let chars: Vec<char> = text.chars().collect();
    let places = |n: usize| TextRect {
        span: CharSpan::new(n as u32 * 6, n as u32 * 6 + 5),
        x: 72.5,
        y: n as f32,
        width: 30.25,
        height: 11.0,
    };
    (0..count)
        .map(|n| {
            let own: String = chars
                .iter()
                .cycle()
                .skip(n * PAGE_CHARS % chars.len())
                .take(PAGE_CHARS)
                .collect();
            let mut page = Page::new((n % PAGES_PER_DOCUMENT) as u32 + 1, own, PageSource::Text);
            page.rects = (0..PAGE_CHARS / 6).map(places).collect();
            page
        })
        .collect()
}

async fn register(ledger: &SqliteLedger, n: usize, pages: &[Page]) {
    let (id, revision) = (format!("d{n}"), format!("r{n}"));
    ledger
        .begin_revision(&id.as_str().into(), &revision.as_str().into())
        .await
        .unwrap();
    ledger.add_pages(&revision.as_str().into(), pages).await.unwrap();
    let document = Document {
        id: id.as_str().into(),
        collection: "default".into(),
        path: format!("/{id}.pdf").into(),
        title: id,
        author: None,
        date: None,
        language: None,
        media_type: "application/pdf".into(),
        revision: Some(revision.as_str().into()),
        content_hash: String::new(),
        bytes: 0,
        pages: pages.len() as u32,
        searchable_pages: pages.len() as u32,
        unread_images: 0,
        chunks: 0,
        warnings: Vec::new(),
        indexed_at: String::new(),
    };
    let commit = RevisionCommit {
        event: DocumentEvent::read(&document, revision.as_str().into(), Occasion::Added, None),
        document,
        job: "none".into(),
    };
    ledger.commit_revision(&commit).await.unwrap();
}
