//! The user's copies of prompts.

use super::*;

/// The prompt of an answer, as its trace has it: id and text.
async fn answered_with(engine: &Engine) -> (String, String) {
    let (_, answer) = ask(engine, AskRequest::new("How often must the lamp be cleaned?")).await;
    let trace = answer.unwrap().trace;
    (trace.prompt, trace.prompt_text)
}

#[tokio::test]
async fn a_copy_is_used_from_the_next_question_on_and_every_one_can_be_gone_back_to() {
    let world = World::new();
    let engine = world.engine().await;
    world.add(&engine, &world.file("lamp.txt", LAMP)).await;
    let (id, built_in) = answered_with(&engine).await;

    let texts = ["Answer like a pirate, or write NOT FOUND.", "Be kind. NOT FOUND"];
    for (number, text) in (1..).zip(texts) {
        let now = engine.edit_prompt(&id, text).await.unwrap();
        assert_eq!((now.in_use(), now.text(Some(number))), (Some(number), Some(text)));
        let (used, sent) = answered_with(&engine).await;
        assert_eq!(used, format!("{id}+{number}"));
        assert!(sent.starts_with(text), "{sent}");
    }
    engine.use_prompt(&id, Some(1)).await.unwrap();
    assert!(answered_with(&engine).await.1.starts_with(texts[0]));

    // What was there before is not kept twice.
    assert_eq!(engine.edit_prompt(&id, texts[1]).await.unwrap().in_use(), Some(2));
    let own = engine.prompt(&id).await.unwrap().prompt.text;
    let now = engine.edit_prompt(&id, own).await.unwrap();
    assert_eq!((now.in_use(), now.copies.len()), (None, 2));
    assert_eq!(answered_with(&engine).await, (id.clone(), built_in));

    // What cannot be used changes nothing.
    assert!(engine.edit_prompt(&id, "Answer briefly.").await.is_err());
    assert!(engine.use_prompt(&id, Some(3)).await.is_err());
    assert!(engine.use_prompt("none.v1", None).await.is_err());
    assert_eq!(engine.prompt(&id).await.unwrap(), now);
}

#[tokio::test]
async fn a_trial_stands_before_what_is_in_use_and_leaves_no_trace() {
    let mut world = World::new();
    let engine = world.engine().await;
    world.add(&engine, &world.file("lamp.txt", LAMP)).await;
    let (id, _) = answered_with(&engine).await;
    engine.edit_prompt(&id, "Mine. NOT FOUND").await.unwrap();
    drop(engine);
    world.trial.try_out(&id, "Trial. NOT FOUND").unwrap();
    let engine = world.engine().await;
    let (used, sent) = answered_with(&engine).await;
    assert_eq!(used, format!("{id}+trial"));
    assert!(sent.starts_with("Trial. NOT FOUND"), "{sent}");
    let kept = engine.prompt(&id).await.unwrap();
    assert_eq!((kept.copies.len(), kept.in_use()), (1, Some(1)));
}

#[tokio::test]
async fn a_follow_up_names_the_prompt_that_made_it_stand_alone() {
    let world = World::new();
    let engine = world.engine().await;
    world.add(&engine, &world.file("lamp.txt", LAMP)).await;
    engine
        .edit_prompt("rewrite.v2", "Say it whole, as JSON.")
        .await
        .unwrap();
    let (_, first) = ask(&engine, AskRequest::new("Where does the keeper live?")).await;
    let first = first.unwrap();
    assert_eq!(first.trace.rewrite_prompt, None);
    let mut follow = AskRequest::new("How often must it be cleaned?");
    follow.conversation = Some(first.conversation);
    let (_, answer) = ask(&engine, follow).await;
    assert_eq!(
        answer.unwrap().trace.rewrite_prompt.as_deref(),
        Some("rewrite.v2+1")
    );
}
