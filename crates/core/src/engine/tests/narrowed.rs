//! Searches and questions with filters.

use super::*;
use crate::query::Query;
use crate::types::SearchMode;

async fn found(engine: &Engine, query: &str) -> (Vec<String>, Option<String>) {
    let request = SearchRequest {
        query: Query::parse(query),
        scope: crate::types::Scope::default(),
        mode: SearchMode::Hybrid,
        limit: 10,
        per_document: None,
    };
    let outcome = engine.search(&request, &CancellationToken::new()).await.unwrap();
    let mut names: Vec<String> = outcome
        .passages
        .iter()
        .map(|passage| passage.path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    names.sort();
    (names, outcome.filtered.and_then(|filtered| filtered.advice))
}

#[tokio::test]
async fn exact_words_must_stand_in_the_passage() {
    let (_world, engine) = library(&[
        ("a.txt", "Every lamp is\ncleaned with vinegar."),
        ("b.txt", "Cleaned is the lamp, cleaned is every lamp."),
        ("c.txt", "The LAMP IS cleaned twice, the lamp of the café."),
    ])
    .await;
    assert_eq!(found(&engine, "\"lamp is cleaned\"").await.0, ["a.txt", "c.txt"]);
    assert_eq!(
        found(&engine, "\"lamp is cleaned\" \"the cafe\"").await.0,
        ["c.txt"]
    );
    assert_eq!(found(&engine, "\"lamp is cleaned\" -twice").await.0, ["a.txt"]);
    let (none, advice) = found(&engine, "\"lamp was cleaned\"").await;
    assert!(none.is_empty() && advice.unwrap().contains("“lamp was cleaned”"));
    let (none, advice) = found(&engine, "lamp -lamps").await;
    assert!(none.is_empty() && advice.unwrap().contains("Leave -lamps out"));
}

#[tokio::test]
async fn what_is_excluded_does_not_use_up_the_search() {
    let drafts: Vec<(String, String)> = (0..120)
        .map(|n| (format!("{n}.txt"), format!("lamp lamp lamp draft {n}")))
        .collect();
    let mut files: Vec<(&str, &str)> = drafts.iter().map(|(name, text)| (&**name, &**text)).collect();
    files.push((
        "final.txt",
        "Somewhere far below all others a single lamp is named once.",
    ));
    let (_world, engine) = library(&files).await;
    assert_eq!(found(&engine, "lamp -draft").await.0, ["final.txt"]);
}

#[tokio::test]
async fn file_names_narrow_and_an_empty_result_says_what_to_relax() {
    let (_world, engine) = library(&[
        ("Lease 2023.txt", "The lamp belongs to the landlord."),
        ("notes.txt", "The lamp belongs to the keeper."),
    ])
    .await;
    assert_eq!(found(&engine, "lamp file:lease").await.0, ["Lease 2023.txt"]);
    assert_eq!(found(&engine, "lamp -file:\"lease 2023\"").await.0, ["notes.txt"]);
    let (none, advice) = found(&engine, "lamp file:letter").await;
    assert!(none.is_empty());
    assert_eq!(
        advice.unwrap(),
        "None of 2 documents is named so. Check or leave out file:letter."
    );
    let (none, advice) = found(&engine, "lamp after:2020").await;
    assert!(none.is_empty() && advice.unwrap().contains("after:2020"));
    let (none, advice) = found(&engine, "lamp after:2024 before:2023").await;
    assert!(none.is_empty() && advice.unwrap().contains("No day"));
}

#[tokio::test]
async fn a_question_is_answered_from_what_its_filters_leave() {
    let (_world, engine) = library(&[
        ("lease.txt", "The lamp belongs to the landlord of the tower."),
        ("notes.txt", "The lamp belongs to the keeper of the tower."),
    ])
    .await;
    let (_, answer) = ask(
        &engine,
        AskRequest::new("Whom does the lamp of the tower belong to? file:notes"),
    )
    .await;
    let answer = answer.unwrap();
    assert!(
        answer
            .citations
            .iter()
            .all(|citation| citation.quote.contains("keeper"))
    );
    assert_eq!(answer.trace.query, "Whom does the lamp of the tower belong to?");
    let filtered = answer.trace.filtered.unwrap();
    assert_eq!((filtered.documents, filtered.of), (1, 2));
    let (_, answer) = ask(
        &engine,
        AskRequest::new("Whom does the lamp belong to? file:letter"),
    )
    .await;
    let answer = answer.unwrap();
    assert!(
        answer.abstained && answer.answer.contains("leave out file:letter"),
        "{}",
        answer.answer
    );
    let (_, refused) = ask(&engine, AskRequest::new("file:lease")).await;
    assert!(refused.unwrap_err().message.contains("no words to search for"));
}
