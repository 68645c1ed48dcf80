//! Questions about all documents.

use super::*;
use crate::types::Verdict;
use proptest::prelude::*;

fn file(name: &str, text: &str) -> (String, String) {
    (name.to_owned(), text.to_owned())
}

#[tokio::test]
async fn how_many_documents_mention_a_word_is_counted_over_every_page() {
    let (_world, engine) = library(&[
        file(
            "a.txt",
            "The lamp shines. Two lamps, and the lamp's glass.\n\nNo more of it.",
        ),
        file("b.txt", "A lamplighter has no light."),
        file("c.txt", "LAMPS are sold here."),
    ])
    .await;
    let (events, answer) = ask(&engine, AskRequest::new("How many documents mention the lamp?")).await;
    let answer = answer.unwrap();
    assert!(
        answer.answer.starts_with("“lamp” is mentioned 4 times on 2 pages, in 2 of 3 documents. [1, 3]\n\n- a.txt: 3 times, page 1 [1, 2].\n- c.txt: once"),
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
    assert_eq!(answer.citations[1].quote, "Two lamps, and the lamp's glass.");
    assert_eq!(answer.tokens.generated, 0);
    let scan = answer.trace.scan.as_ref().unwrap();
    assert_eq!(
        (scan.mentions, scan.documents_with, scan.documents, scan.pages),
        (4, 2, 3, 3)
    );
    assert!(
        events
            .iter()
            .any(|e| matches!(e, AnswerEvent::Progress { done: 3, total: 3 }))
    );
    assert!(matches!(events.last(), Some(AnswerEvent::Done { .. })));
    assert_eq!(engine.turns(&answer.conversation).await.unwrap().len(), 1);
}

#[tokio::test]
async fn german_questions_and_those_with_filters_are_counted_alike() {
    let (_world, engine) = library(&[
        file(
            "haus.txt",
            "Die Häuser am Hafen.\n\nDas Haus des Wärters, nur ein Entwurf.",
        ),
        file("boot.txt", "Ein Hausboot, kein Auto."),
    ])
    .await;
    let said = async |question: &str| ask(&engine, AskRequest::new(question)).await.1.unwrap();
    let answer = said("Welche Dokumente erwähnen das Haus?").await;
    assert!(
        answer.answer.starts_with("„Haus“ wird 2-mal auf 1 Seite erwähnt, in 1 von 2 Dokumenten. [1]\n\n- haus.txt: 2-mal, Seite 1 [1, 2]."),
        "{}",
        answer.answer
    );
    let answer = said("Erwähnt irgendein Dokument Delfine?").await;
    assert_eq!(
        answer.answer,
        "Nein: „Delfine“ wird in keinem von 2 Dokumenten erwähnt."
    );
    assert!(!answer.abstained);
    let answer = said("Welche Dokumente erwähnen das Haus? -Entwurf").await;
    assert!(
        answer.answer.starts_with("„Haus“ wird 1-mal"),
        "{}",
        answer.answer
    );
    let answer = said("Which documents mention \"hausboot\" or the house? file:boot").await;
    assert!(
        answer.answer.starts_with(
            "“hausboot” or “house” is mentioned once on 1 page, in 1 of 1 document (file:boot). [1]"
        ),
        "{}",
        answer.answer
    );
    let answer = said("Which documents mention \"hausboot\" and the house?").await;
    assert!(
        answer
            .answer
            .starts_with("“hausboot” and “house” are not both mentioned in any of 2"),
        "{}",
        answer.answer
    );
    let answer = said("Which documents mention the house? file:nothing").await;
    assert!(
        answer.abstained && answer.answer.contains("leave out file:nothing"),
        "{}",
        answer.answer
    );
}

#[tokio::test]
async fn what_is_not_listed_is_said() {
    let files: Vec<_> = (0..104)
        .map(|n| {
            file(
                &format!("{n:03}.txt"),
                &"The lamp. ".repeat(if n == 7 { 9 } else { 1 }),
            )
        })
        .collect();
    let (_world, engine) = library(&files).await;
    let (_, answer) = ask(&engine, AskRequest::new("How many documents mention the lamp?")).await;
    let answer = answer.unwrap();
    assert!(
        answer
            .answer
            .starts_with("“lamp” is mentioned 112 times on 104 pages, in 104 of 104 documents.")
    );
    assert!(
        answer
            .answer
            .contains("- 007.txt: 9 times, page 1 [1], and 8 more."),
        "{}",
        answer.answer
    );
    assert!(
        answer
            .answer
            .ends_with("Not listed: 4 more documents with 4 mentions."),
        "{}",
        answer.answer
    );
    assert_eq!(answer.citations.len(), 100);
}

#[tokio::test]
async fn a_count_can_be_stopped() {
    let (_world, engine) = library(&[file("a.txt", "The lamp.")]).await;
    let cancel = CancellationToken::new();
    cancel.cancel();
    let request = AskRequest::new("How many documents mention the lamp?");
    let stopped = engine.ask(request, Arc::new(|_| {}), cancel).await;
    assert!(stopped.unwrap_err().is_canceled());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn counts_are_those_of_counting_words(
        texts in proptest::collection::vec(
            proptest::collection::vec(prop_oneof![Just("lamp"), Just("Lamps"), Just("clamp"), Just("horn."), Just("\n\n"), Just("LAMP,")], 1..40),
            1..6),
    ) {
        let files: Vec<_> = texts
            .iter()
            .enumerate()
            .map(|(n, words)| file(&format!("{n}.txt"), &format!("x {}", words.join(" "))))
            .collect();
        let naive: Vec<usize> = texts
            .iter()
            .map(|words| words.iter().filter(|word| matches!(**word, "lamp" | "Lamps" | "LAMP,")).count())
            .collect();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (_world, engine) = library(&files).await;
            let (_, answer) = ask(&engine, AskRequest::new("How many documents mention a lamp?")).await;
            let answer = answer.unwrap();
            let scan = answer.trace.scan.clone().unwrap();
            assert_eq!(scan.mentions as usize, naive.iter().sum::<usize>());
            assert_eq!(scan.documents_with as usize, naive.iter().filter(|count| **count > 0).count());
            assert_eq!(scan.documents as usize, files.len());
            assert_exact(&engine, &answer).await;
        });
    }
}

#[tokio::test]
async fn all_deadlines_of_a_document_are_listed_with_their_words() {
    let (_world, engine) = library(&[
        file(
            "lease.txt",
            "Rent is due by the 3rd of May. It was built on 4 May 1902.\n\nThe deposit is returned within 30 days, and repairs \
             are reported within 30 days.",
        ),
        file("loan.txt", "Pay it back by 1 June 2026."),
    ])
    .await;
    let (_, answer) = ask(&engine, AskRequest::new("List all deadlines in the lease")).await;
    let answer = answer.unwrap();
    assert!(
        answer.answer.starts_with(
            "3 deadlines, 2 of them different, on 1 page, in 1 of 1 document (file:lease.txt). [1]\n\n- lease.txt: page 1 “due by the 3rd \
             of May” [1], “within 30 days” [2].\n\nTold by words"
        ),
        "{}",
        answer.answer
    );
    assert_exact(&engine, &answer).await;
    let scan = answer.trace.scan.as_ref().unwrap();
    assert_eq!(
        (&scan.terms[..], scan.mentions),
        (&["deadlines".to_owned()][..], 3)
    );
    let (_, answer) = ask(&engine, AskRequest::new("Welche Fristen gibt es?")).await;
    let answer = answer.unwrap();
    assert!(
        answer
            .answer
            .starts_with("4 Fristen, davon 3 verschiedene, auf 2 Seiten, in 2 von 2 Dokumenten."),
        "{}",
        answer.answer
    );
    let (_, answer) = ask(
        &engine,
        AskRequest::new("Are there any phone numbers in the loan?"),
    )
    .await;
    assert!(
        answer
            .unwrap()
            .answer
            .starts_with("No telephone numbers were found in 1 document (file:loan.txt).")
    );
}

#[tokio::test]
async fn mentions_are_counted_in_the_document_that_a_question_names() {
    let (_world, engine) = library(&[
        file("rules.txt", "The lamp is cleaned. The lamp is lit."),
        file("log.txt", "The lamp broke."),
    ])
    .await;
    let (_, answer) = ask(
        &engine,
        AskRequest::new("How often is the lamp mentioned in the rules?"),
    )
    .await;
    let answer = answer.unwrap();
    assert!(
        answer
            .answer
            .starts_with("“lamp” is mentioned 2 times on 1 page, in 1 of 1 document (file:rules.txt)."),
        "{}",
        answer.answer
    );
    // No document is called so: passages are searched.
    let (_, answer) = ask(
        &engine,
        AskRequest::new("How often is the lamp mentioned in the almanac?"),
    )
    .await;
    assert!(answer.unwrap().trace.scan.is_none());
}

#[tokio::test]
async fn a_list_cites_every_place() {
    let text = (0..60)
        .map(|n| format!("The lamp of room {n} is lit.\n\n"))
        .collect::<String>();
    let (_world, engine) = library(&[file("rooms.txt", &text)]).await;
    let (_, answer) = ask(&engine, AskRequest::new("Where is the lamp mentioned?")).await;
    assert_eq!(answer.unwrap().citations.len(), 60);
    let (_, answer) = ask(&engine, AskRequest::new("How often is the lamp mentioned?")).await;
    assert_eq!(answer.unwrap().citations.len(), CITED_IN_COUNT);
}

/// Citations of one document behind a count.
const CITED_IN_COUNT: usize = 5;
