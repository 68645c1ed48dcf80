//! Searches by words in languages with more endings than English.

use super::*;
use crate::query::Query;
use crate::types::{Passage, SearchMode};

async fn by_words(engine: &Engine, query: &str) -> Vec<Passage> {
    let request = SearchRequest {
        query: Query::parse(query),
        scope: crate::types::Scope::default(),
        mode: SearchMode::Text,
        limit: 10,
        per_document: None,
    };
    let cancel = CancellationToken::new();
    engine.search(&request, &cancel).await.unwrap().passages
}

#[tokio::test]
async fn german_words_are_found_in_other_forms_and_in_compounds() {
    const LEASE: &str = "Die Kündigungsfristen sind in diesem Vertrag für beide Seiten gleich, und sie werden nach dem ersten Jahr nicht länger.";
    let (_world, engine) = library(&[
        ("lager.txt", LEASE),
        (
            "lamp.txt",
            "The lamp of the lighthouse is cleaned by the keeper, and the stairs are cleaned by the owner.",
        ),
    ])
    .await;
    for query in [
        "Kündigungsfrist",
        "Frist zur Kündigung",
        "Wie lang ist die Frist?",
        "Kuendigungen",
    ] {
        let found = by_words(&engine, query).await;
        let names: Vec<_> = found
            .iter()
            .map(|passage| passage.path.file_name().unwrap())
            .collect();
        assert_eq!(names, ["lager.txt"], "{query}");
        assert_eq!(found[0].text, LEASE, "the terms are not part of the text");
    }
    // A phrase is looked for in the text, where no term stands.
    assert!(by_words(&engine, "\"kundig\"").await.is_empty());
    assert!(by_words(&engine, "Freundschaft").await.is_empty());
}
