//! Two things compared.

use super::*;

#[tokio::test]
async fn each_side_is_searched_for_and_told_of_by_itself() {
    let (_world, engine) = library(&[
        ("north.txt", "The rent of North Wharf is 900 euros a month."),
        ("south.txt", "The rent of South Wharf is 700 euros a month."),
        ("boat.txt", "The boat needs paint."),
    ])
    .await;
    let question = "Compare North Wharf with South Wharf in terms of the rent.";
    let (events, answer) = ask(&engine, AskRequest::new(question)).await;
    let answer = answer.unwrap();
    assert_eq!(
        answer.answer,
        "**North Wharf**\n\n- The rent of North Wharf is 900 euros a month. [1]\n\n\
         **South Wharf**\n\n- The rent of South Wharf is 700 euros a month. [2]"
    );
    assert_exact(&engine, &answer).await;
    assert!(matches!(events.last(), Some(AnswerEvent::Done { .. })));
}

#[tokio::test]
async fn a_side_that_is_a_document_is_looked_for_there() {
    let (_world, engine) = library(&[
        ("lease-2019.txt", "The deposit is 800 euros."),
        ("lease-2024.txt", "The deposit is 950 euros."),
    ])
    .await;
    let question = "Compare lease 2019 and lease 2024 regarding the deposit";
    let answer = ask(&engine, AskRequest::new(question)).await.1.unwrap();
    let quotes: Vec<&str> = answer
        .citations
        .iter()
        .map(|citation| citation.quote.as_str())
        .collect();
    assert_eq!(quotes, ["The deposit is 800 euros.", "The deposit is 950 euros."]);
}

#[tokio::test]
async fn a_side_that_is_nowhere_is_said_to_be() {
    let (_world, engine) = library(&[("north.txt", "The rent of North Wharf is 900 euros.")]).await;
    let answer = ask(
        &engine,
        AskRequest::new("Compare North Wharf and quantum dolphins"),
    )
    .await
    .1
    .unwrap();
    assert!(
        answer
            .answer
            .ends_with("Your documents say nothing about quantum dolphins that was found."),
        "{}",
        answer.answer
    );
    let neither = ask(
        &engine,
        AskRequest::new("Compare quantum dolphins and marble elephants"),
    )
    .await
    .1
    .unwrap();
    assert!(neither.abstained);
}
