//! What is offered to be asked next.

use super::*;

const LEASE: &str = "# Rent\n\nThe tenant pays a rent of 900 euros for the mooring each month.\n\n\
    # 4.2 Notice period\n\nThe tenant ends the mooring contract with a notice of three months, in writing.\n\n\
    # Say \"hello\"\n\nThe tenant greets the harbour master at the mooring.\n";

async fn offered(engine: &Engine, question: &str, conversation: Option<&Answer>) -> (Answer, Vec<String>) {
    let mut request = AskRequest::new(question);
    request.conversation = conversation.map(|answer| answer.conversation.clone());
    let answer = ask(engine, request).await.1.unwrap();
    let offered = engine
        .suggestions(&answer.conversation, &answer.turn, &CancellationToken::new())
        .await
        .unwrap();
    (answer, offered)
}

/// Sections long enough to be chunks of their own.
fn lease() -> String {
    let filler = |about: &str| format!("The tenant and the mooring are named in the {about}. ").repeat(40);
    LEASE
        .replace("each month.", &format!("each month. {}", filler("rent list")))
        .replace("in writing.", &format!("in writing. {}", filler("notice file")))
}

#[tokio::test]
async fn parts_that_were_found_and_not_used_are_offered_and_can_be_answered() {
    let (_world, engine) = library(&[("lease.md", &lease())]).await;
    let (first, offers) = offered(&engine, "What rent does the tenant pay for the mooring?", None).await;
    assert_eq!(
        first.citations[0].quote,
        "The tenant pays a rent of 900 euros for the mooring each month."
    );
    assert_eq!(offers, ["What is said about Notice period?"]);
    let (second, after) = offered(&engine, &offers[0], Some(&first)).await;
    assert!(!second.abstained, "{}", second.answer);
    // Neither what was asked already nor what would be taken for a filter.
    assert!(
        after
            .iter()
            .all(|offer| !offer.contains("Notice") && !offer.contains("hello")),
        "{after:?}"
    );
}

#[tokio::test]
async fn nothing_is_offered_where_nothing_else_was_found() {
    let (_world, engine) = library(&[("lamp.txt", LAMP)]).await;
    let (_, offers) = offered(&engine, "How often must the lamp be cleaned?", None).await;
    assert!(offers.is_empty(), "{offers:?}");
    let missing = engine
        .suggestions(&"none".into(), &"none".into(), &CancellationToken::new())
        .await;
    assert!(missing.is_err());
}
