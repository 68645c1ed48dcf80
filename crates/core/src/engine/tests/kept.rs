//! Conversations after they were had.

use super::*;

#[tokio::test]
async fn conversations_can_be_found_renamed_pinned_and_deleted() {
    let world = World::new();
    let engine = world.engine().await;
    world.add(&engine, &world.file("lamp.txt", LAMP)).await;
    // Taken from the end.
    *world.generator.script.lock().unwrap() = vec![
        "The keeper lives in the tower [1].".into(),
        "The lamp must be cleaned every 14 days [1].".into(),
    ];
    let mut ids = Vec::new();
    for question in [
        "How often must the lamp be cleaned?",
        "Where does the keeper live?",
    ] {
        ids.push(
            ask(&engine, AskRequest::new(question))
                .await
                .1
                .unwrap()
                .conversation,
        );
    }
    let order = async || {
        let all = engine.conversations().await.unwrap();
        all.into_iter()
            .map(|conversation| conversation.id)
            .collect::<Vec<_>>()
    };
    assert_eq!(order().await, [ids[1].clone(), ids[0].clone()]);
    assert!(engine.pin_conversation(&ids[0], true).await.unwrap().pinned);
    assert_eq!(order().await, [ids[0].clone(), ids[1].clone()]);
    let renamed = engine
        .rename_conversation(&ids[0], "  Käfer\n and lamps ")
        .await
        .unwrap();
    assert_eq!(renamed.title, "Käfer and lamps");
    assert!(engine.rename_conversation(&ids[0], " ").await.is_err());
    assert!(engine.rename_conversation(&"none".into(), "x").await.is_err());

    let found = async |words: &str| engine.search_conversations(words).await.unwrap();
    let hits = found("OFTEN 14 days").await;
    assert_eq!((hits.len(), &hits[0].conversation.id), (1, &ids[0]));
    assert!(
        hits[0].turn.is_some() && hits[0].excerpt.contains("cleaned"),
        "{:?}",
        hits[0]
    );
    let hits = found("kafer").await;
    assert_eq!(
        (hits[0].turn.as_ref(), &*hits[0].excerpt),
        (None, "Käfer and lamps")
    );
    assert!(found("dolphins").await.is_empty());
    assert!(engine.search_conversations(" ").await.is_err());

    engine.remove_conversation(&ids[0]).await.unwrap();
    assert_eq!(order().await, [ids[1].clone()]);
    assert!(found("often").await.is_empty());
}
