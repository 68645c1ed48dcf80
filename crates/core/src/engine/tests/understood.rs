//! Questions that are several, with acronyms, or about documents of some days; and copies of one text.

use super::*;
use crate::dropped::Dropped;

/// So many texts that have nothing to do with anything, so that ranks mean something.
fn with_filler<'a>(files: &[(&'a str, &'a str)], filler: &'a [(String, String)]) -> Vec<(&'a str, &'a str)> {
    let filler = filler.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    files.iter().copied().chain(filler).collect()
}

fn filler(about: &str) -> Vec<(String, String)> {
    (0..12)
        .map(|n| {
            (
                format!("other-{n}.txt"),
                format!("Item {n} of the inventory: {about}, counted twice and kept dry."),
            )
        })
        .collect()
}

#[tokio::test]
async fn an_acronym_is_searched_with_its_words_and_the_other_way_round() {
    let filler = filler("rope and paint");
    let files = with_filler(
        &[
            (
                "glossary.txt",
                "The service level agreement (SLA) is signed by both parties.",
            ),
            (
                "contract.txt",
                "The service level agreement ends after 36 months in any case.",
            ),
            ("memo.txt", "The SLA costs 900 euros each month."),
        ],
        &filler,
    );
    let (_world, engine) = library(&files).await;
    let (_, answer) = ask(
        &engine,
        AskRequest::new("After how many months does the SLA end?"),
    )
    .await;
    let answer = answer.unwrap();
    assert_eq!(answer.trace.acronyms.len(), 1);
    assert_eq!(answer.trace.acronyms[0].long, "service level agreement");
    assert!(
        answer
            .passages
            .iter()
            .any(|passage| passage.text.contains("36 months")),
        "{:?}",
        answer.passages
    );
    let (_, answer) = ask(
        &engine,
        AskRequest::new("How many euros does the service level agreement cost?"),
    )
    .await;
    let answer = answer.unwrap();
    // Both the whole and one of its questions have it.
    let (_, several) = ask(
        &engine,
        AskRequest::new("After how many months does the SLA end, and who counts the rope?"),
    )
    .await;
    let trace = several.unwrap().trace;
    assert_eq!((trace.sub_questions.len(), trace.acronyms.len()), (2, 1));
    let texts: Vec<&str> = answer
        .passages
        .iter()
        .map(|passage| passage.text.as_str())
        .collect();
    assert!(texts.iter().any(|text| text.contains("900 euros")), "{texts:?}");
}

#[tokio::test]
async fn each_of_several_questions_has_its_passages() {
    let files: Vec<(String, String)> = (0..8)
        .map(|n| {
            (
                format!("lamp-{n}.txt"),
                format!(
                    "The lamp of the lighthouse is cleaned and cleaned again, says keeper {n} of the lamp."
                ),
            )
        })
        .chain([(
            "rent.txt".to_owned(),
            "The rent of the cottage is 410 euros.".to_owned(),
        )])
        .collect();
    let (_world, engine) = library(&files).await;
    let (_, answer) = ask(
        &engine,
        AskRequest::new("Who cleans the lamp of the lighthouse, and how high is the rent?"),
    )
    .await;
    let answer = answer.unwrap();
    assert_eq!(
        answer.trace.sub_questions,
        ["Who cleans the lamp of the lighthouse", "how high is the rent"]
    );
    assert!(
        answer
            .passages
            .iter()
            .take(3)
            .any(|passage| passage.text.contains("410"))
    );
}

#[tokio::test]
async fn copies_in_other_documents_come_behind_what_is_not_said_yet() {
    let same = "The lamp of the lighthouse must be cleaned every 14 days by the keeper.";
    let mut files: Vec<(String, String)> = (0..6)
        .map(|n| (format!("copy-{n}.txt"), same.to_owned()))
        .collect();
    files.push((
        "vinegar.txt".into(),
        "The lamp of the lighthouse is cleaned with vinegar.".into(),
    ));
    let (_world, engine) = library(&files).await;
    let (_, answer) = ask(
        &engine,
        AskRequest::new("How is the lamp of the lighthouse cleaned?"),
    )
    .await;
    let answer = answer.unwrap();
    assert_eq!(answer.passages.len(), 5);
    assert!(
        answer.passages[1].text.contains("vinegar"),
        "{:?}",
        answer.passages
    );
    let copies = answer
        .trace
        .candidates
        .iter()
        .filter_map(|candidate| candidate.dropped.as_ref());
    assert!(
        copies
            .clone()
            .any(|reason| *reason == Dropped::RepeatsElsewhere { rank: 1 }),
        "{:?}",
        copies.collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn what_no_source_carries_is_left_out_on_request() {
    let world = World::new();
    let engine = world.engine().await;
    world.add(&engine, &world.file("lamp.txt", LAMP)).await;
    let script =
        "The lamp of the lighthouse must be cleaned every 14 days. [1] Dolphins enjoy quantum mechanics.";
    let answer = async |unproved| {
        world.generator.script.lock().unwrap().push(script.into());
        let request = AskRequest {
            unproved,
            ..AskRequest::new("How often must the lamp of the lighthouse be cleaned?")
        };
        ask(&engine, request).await.1.unwrap()
    };
    let marked = answer(crate::types::Unproved::Marked).await;
    assert!(marked.answer.contains("Dolphins") && marked.sentences.len() == 2);
    let removed = answer(crate::types::Unproved::Removed).await;
    assert!(!removed.answer.contains("Dolphins") && removed.sentences.len() == 1);
    assert_eq!(removed.trace.corrections.sentences_removed, 1);
    assert_exact(&engine, &removed).await;
}
