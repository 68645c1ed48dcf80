//! Documents summarized.

use super::*;
use crate::ids::ConversationId;
use crate::types::{Summarized, Verdict};

/// A text of so many sections: each begins with a sentence of its own.
fn long(sections: usize) -> String {
    let section = |n: usize| {
        format!(
            "Chapter {n} tells of lamp number {n}. {}",
            format!("It goes on in chapter {n}. ").repeat(98)
        )
    };
    (1..=sections).map(section).collect::<Vec<_>>().join("\n\n")
}

#[tokio::test]
async fn a_named_document_is_read_section_by_section_and_every_sentence_is_proved() {
    let (_world, engine) = library(&[("lighthouse.txt", long(3)), ("b.txt", "Something else.".into())]).await;
    let (events, answer) = ask(&engine, AskRequest::new("Please summarize lighthouse.txt")).await;
    let answer = answer.unwrap();
    assert_eq!(
        answer.trace.summarized,
        Some(Summarized {
            documents: 1,
            of_documents: 1,
            sections: 3,
            of_sections: 3
        })
    );
    assert!(
        answer
            .answer
            .starts_with("- Chapter 1 tells of lamp number 1. [1]\n- ")
            && answer
                .answer
                .ends_with("\n\nRead for this: all 3 sections, of lighthouse.txt."),
        "{}",
        answer.answer
    );
    assert_exact(&engine, &answer).await;
    assert!(
        answer
            .sentences
            .iter()
            .all(|sentence| sentence.verdict == Verdict::Supported)
    );
    assert!(
        events
            .iter()
            .any(|e| matches!(e, AnswerEvent::Progress { done: 3, total: 3 }))
    );
    assert!(matches!(events.last(), Some(AnswerEvent::Done { .. })));
}

#[tokio::test]
async fn of_a_long_document_evenly_spread_sections_are_read_and_what_was_noted_is_condensed() {
    let (_world, engine) = library(&[("lighthouse.txt", long(40))]).await;
    let (_, answer) = ask(&engine, AskRequest::new("Fasse dieses Dokument zusammen")).await;
    let answer = answer.unwrap();
    let read = answer.trace.summarized.clone().unwrap();
    assert_eq!(read.sections, 24);
    assert!(read.of_sections > 24);
    assert!(
        answer.answer.starts_with("Chapter 1 tells of lamp number 1.")
            && answer
                .answer
                .ends_with("Abschnitten, gleichmäßig verteilt, aus lighthouse.txt."),
        "{}",
        answer.answer
    );
    assert_exact(&engine, &answer).await;
}

#[tokio::test]
async fn all_documents_are_told_of_one_by_one() {
    let (_world, engine) = library(&[("a.txt", "The lamp shines."), ("b.txt", "The keeper sleeps.")]).await;
    let (_, answer) = ask(&engine, AskRequest::new("Summarize all documents")).await;
    let answer = answer.unwrap();
    assert_eq!(
        answer.answer,
        "**a.txt**\n\n- The lamp shines. [1]\n\n**b.txt**\n\n- The keeper sleeps. [2]\n\n\
         Read for this: 2 of 2 documents (all 2 sections)."
    );
    assert_exact(&engine, &answer).await;
}

#[tokio::test]
async fn it_is_asked_which_document_is_meant_unless_the_answer_before_says_so() {
    let (_world, engine) = library(&[("a.txt", LAMP), ("b.txt", "The boat needs paint.")]).await;
    let (_, first) = ask(&engine, AskRequest::new("Summarize this document")).await;
    let first = first.unwrap();
    assert!(
        first.abstained && first.answer.starts_with("Which of the 2 documents?"),
        "{}",
        first.answer
    );
    let (_, about) = ask(&engine, AskRequest::new("How often must the lamp be cleaned?")).await;
    let mut next = AskRequest::new("Summarize this document");
    next.conversation = Some(about.unwrap().conversation);
    let answer = ask(&engine, next).await.1.unwrap();
    assert!(answer.answer.ends_with("of a.txt."), "{}", answer.answer);
}

#[tokio::test]
async fn what_is_no_document_is_searched_for() {
    let (_world, engine) = library(&[("a.txt", LAMP), ("b.txt", "The boat needs paint.")]).await;
    let (_, answer) = ask(&engine, AskRequest::new("What is the lamp about?")).await;
    assert_eq!(answer.unwrap().trace.summarized, None);
}

#[tokio::test]
async fn what_nothing_proves_is_left_out() {
    let (world, engine) = library(&[("a.txt", "The lamp shines.")]).await;
    world
        .generator
        .script
        .lock()
        .unwrap()
        .push("The lamp shines. [1] Dolphins enjoy quantum mechanics. [1]".into());
    let (_, answer) = ask(&engine, AskRequest::new("Summarize this document")).await;
    let answer = answer.unwrap();
    assert!(
        answer.answer.starts_with("- The lamp shines. [1]\n\nRead"),
        "{}",
        answer.answer
    );
}

#[tokio::test]
async fn stopping_keeps_what_was_noted() {
    let (_world, engine) = library(&[("lighthouse.txt", long(9))]).await;
    let cancel = CancellationToken::new();
    let stop = cancel.clone();
    let sink: AnswerSink = Arc::new(move |event| {
        if matches!(event, AnswerEvent::Progress { done: 1.., .. }) {
            stop.cancel();
        }
    });
    let conversation = ConversationId::new();
    let mut request = AskRequest::new("Summarize this document");
    request.conversation = Some(conversation.clone());
    assert!(engine.ask(request, sink, cancel).await.is_err());
    let turns = engine.turns(&conversation).await.unwrap();
    assert!(
        turns[0]
            .answer
            .answer
            .starts_with("- Chapter 1 tells of lamp number 1. [1]")
    );
}
