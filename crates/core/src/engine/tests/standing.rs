//! Quotes of documents that were read again.

use super::*;
use crate::standing::{PieceKind, Quoted, Standing};
use crate::types::Citation;

const LEASE: &str = "Either party may end the tenancy by giving three months' written notice. Notice by electronic mail is not sufficient.";

fn quoted(citation: &Citation, passages: &[crate::types::Passage]) -> Quoted {
    Quoted {
        page: citation.page,
        start: citation.span.start,
        text: citation.quote.clone(),
        around: passages
            .iter()
            .find(|passage| passage.rank == citation.n)
            .map(|passage| passage.text.clone()),
    }
}

async fn cited() -> (World, Engine, Citation, Quoted) {
    let (world, engine) = library(&[
        ("lease.txt", LEASE),
        ("other.txt", "Nothing of the kind stands here."),
    ])
    .await;
    let request = AskRequest::new("How do I end the tenancy with written notice?");
    let (_, answer) = ask(&engine, request).await;
    let answer = answer.unwrap();
    let citation = answer.citations[0].clone();
    let quoted = quoted(&citation, &answer.passages);
    (world, engine, citation, quoted)
}

async fn now(world: &World, engine: &Engine, citation: &Citation, quoted: &Quoted, text: &str) -> Standing {
    let outcome = world.add(engine, &world.file("lease.txt", text)).await;
    assert_eq!(outcome.jobs[0].status, JobStatus::Done);
    let found = engine
        .standing(&citation.document, vec![quoted.clone()])
        .await
        .unwrap();
    assert_ne!(found.revision.as_ref(), Some(&citation.revision));
    found.standings[0].clone()
}

#[tokio::test]
async fn a_quote_stands_changes_and_goes_with_its_document() {
    let (world, engine, citation, quoted) = cited().await;
    let moved = format!("A preface.\n\nAnd more of it.\n\n{LEASE}");
    let Standing::Stands { places } = now(&world, &engine, &citation, &quoted, &moved).await else {
        panic!("it stands elsewhere");
    };
    let page = engine.page(&citation.document, places[0].page).await.unwrap();
    assert_eq!(places[0].span.of(&page.text), citation.quote);

    let other = LEASE.replace("three months'", "six weeks'");
    let Standing::Changed { places, pieces } = now(&world, &engine, &citation, &quoted, &other).await else {
        panic!("it changed");
    };
    let page = engine.page(&citation.document, places[0].page).await.unwrap();
    let today: String = pieces
        .iter()
        .filter(|piece| piece.kind != PieceKind::Deleted)
        .map(|piece| piece.text.as_str())
        .collect();
    assert_eq!(places[0].span.of(&page.text), today);

    let gone = "The flat is sold, and nobody lives there.";
    assert_eq!(
        now(&world, &engine, &citation, &quoted, gone).await,
        Standing::Gone
    );
}

#[tokio::test]
async fn a_document_read_again_for_another_embedder_says_what_it_said() {
    let (mut world, engine, citation, quoted) = cited().await;
    drop(engine);
    world.change_embedder();
    let engine = world.engine().await;
    engine.resume(&Silent, &CancellationToken::new()).await.unwrap();
    let found = engine.standing(&citation.document, vec![quoted]).await.unwrap();
    assert_ne!(found.revision.as_ref(), Some(&citation.revision));
    assert!(matches!(&found.standings[0], Standing::Stands { places } if places[0].span == citation.span));
}

#[tokio::test]
async fn the_chunks_of_a_document_are_those_of_today() {
    let (world, engine, citation, _) = cited().await;
    let texts = async || -> Vec<String> {
        let chunks = engine.chunks(&citation.document).await.unwrap();
        chunks.into_iter().map(|chunk| chunk.text).collect()
    };
    assert_eq!(texts().await, [LEASE]);
    world
        .add(&engine, &world.file("lease.txt", "The flat is sold."))
        .await;
    assert_eq!(texts().await, ["The flat is sold."]);
}

#[tokio::test]
async fn of_a_document_that_was_removed_nothing_is_said() {
    let (_world, engine, citation, quoted) = cited().await;
    engine
        .remove(&citation.document, crate::removal::Quotes::Stay)
        .await
        .unwrap();
    let error = engine
        .standing(&citation.document, vec![quoted])
        .await
        .unwrap_err();
    assert_eq!(error.code, Some(ErrorCode::NotFound));
}
