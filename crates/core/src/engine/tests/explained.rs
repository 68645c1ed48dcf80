//! Why something was not found, feedback, and cases, over the in-memory twins.

use super::*;
use crate::cases::{CaseLine, Expected, Fault};
use crate::explain::{Asked, ExplainRequest, Explanation, Fact, Remedy, SearchStage, Target};
use crate::types::{Complaint, Feedback, Scope};

const FOG: &str = "In fog the horn sounds twice a minute. A diesel engine drives it.";

async fn why(engine: &Engine, question: &str, path: &Path) -> Explanation {
    let document = engine.documents_at(path).await.unwrap().remove(0).id;
    explain(
        engine,
        Asked::Question {
            text: question.into(),
            scope: Scope::default(),
        },
        document,
        None,
    )
    .await
}

async fn explain(engine: &Engine, asked: Asked, document: DocumentId, page: Option<u32>) -> Explanation {
    let target = Target {
        document,
        page,
        span: None,
    };
    let request = ExplainRequest { asked, target };
    engine.explain(&request, &CancellationToken::new()).await.unwrap()
}

fn lost(explanation: &Explanation) -> Option<(SearchStage, &Fact)> {
    explanation.lost().map(|step| (step.stage, &step.fact))
}

#[tokio::test]
async fn what_is_read_and_cited_says_so_at_every_stage() {
    let world = World::new();
    let engine = world.engine().await;
    let lamp = world.file("lamp.txt", LAMP);
    world.add(&engine, &lamp).await;
    let question = "How often must the lamp be cleaned?";
    let given = why(&engine, question, &lamp).await;
    assert_eq!(lost(&given), None, "{given:?}");
    assert_eq!(given.steps.last().unwrap().fact, Fact::Given { n: 1 });
    let answer = ask(&engine, AskRequest::new(question)).await.1.unwrap();
    let document = given.document;
    let cited = explain(&engine, Asked::Turn(answer.turn.clone()), document.clone(), None).await;
    assert_eq!(cited.steps.last().unwrap().fact, Fact::Cited { n: 1 });
    assert!(cited.passage.unwrap().text.contains("14 days"));

    let fog = world.file("fog.txt", FOG);
    world.add(&engine, &fog).await;
    let later = engine.documents_at(&fog).await.unwrap().remove(0).id;
    let now = explain(&engine, Asked::Turn(answer.turn), later, None).await;
    assert_eq!(lost(&now), Some((SearchStage::Answer, &Fact::FoundNow)));
    assert_eq!(now.remedies, [Remedy::AskAgain]);
}

#[tokio::test]
async fn scope_and_filters_are_named() {
    let world = World::new();
    let engine = world.engine().await;
    let (lamp, fog) = (world.file("lamp.txt", LAMP), world.file("fog.txt", FOG));
    world.add(&engine, &lamp).await;
    world.add(&engine, &fog).await;
    let by_name = why(&engine, "lamp file:fog -horn", &lamp).await;
    let filter = "file:fog".to_owned();
    assert_eq!(
        lost(&by_name),
        Some((
            SearchStage::Filters,
            &Fact::FilteredOut {
                filter: filter.clone()
            }
        ))
    );
    assert_eq!(by_name.remedies, [Remedy::DropFilter { filter }]);
    let by_word = why(&engine, "fog file:fog -horn", &fog).await;
    let filter = "-horn".to_owned();
    assert_eq!(
        lost(&by_word),
        Some((SearchStage::Filters, &Fact::FilteredOut { filter }))
    );
    let let_through = why(&engine, "the \"diesel engine\"", &fog).await;
    assert_eq!(lost(&let_through), None, "{let_through:?}");

    let other = engine.documents_at(&fog).await.unwrap().remove(0).id;
    let scope = Scope {
        documents: vec![other],
        ..Scope::default()
    };
    let lamp = engine.documents_at(&lamp).await.unwrap().remove(0).id;
    let asked = Asked::Question {
        text: "lamp".into(),
        scope,
    };
    let elsewhere = explain(&engine, asked, lamp, None).await;
    assert_eq!(
        lost(&elsewhere),
        Some((SearchStage::Scope, &Fact::NotAsked { documents: 1 }))
    );
}

#[tokio::test]
async fn what_ranks_too_low_says_its_rank_and_names_words_of_its_own() {
    let world = World::new();
    let engine = world.engine().await;
    for n in 0..70 {
        let path = world.file(
            &format!("lamp{n}.txt"),
            &format!("The lamp number {n} is cleaned with vinegar."),
        );
        world.add(&engine, &path).await;
    }
    let harbour = world.file("harbour.txt", "Pilots board foreign vessels before breakfast.");
    world.add(&engine, &harbour).await;
    let far = why(&engine, "With what is the lamp cleaned?", &harbour).await;
    assert_eq!(
        lost(&far),
        Some((SearchStage::Fusion, &Fact::NotAmongBest { depth: 50 }))
    );
    let facts: Vec<_> = far
        .steps
        .iter()
        .map(|step| (step.stage, step.fact.clone()))
        .collect();
    assert!(
        facts.iter().any(|(stage, fact)| *stage == SearchStage::Meaning
            && matches!(fact, Fact::Ranked { rank } if *rank > 50)),
        "{facts:?}"
    );
    let words = vec!["lamp".to_owned(), "cleaned".to_owned()];
    assert!(
        facts.contains(&(SearchStage::Words, Fact::NoWords { words })),
        "{facts:?}"
    );
    let Some(Remedy::UseWords { words }) = far.remedies.first() else {
        panic!("{:?}", far.remedies)
    };
    assert!(words.contains(&"vessels".to_owned()), "{words:?}");

    // They are alike, so which of them come first is not told; but fifty are considered, and five are read.
    let mut below = 0;
    for n in 0..70 {
        let lamp = world.folder.path().join(format!("lamp{n}.txt"));
        let told = why(&engine, "With what is the lamp cleaned?", &lamp).await;
        let fact = told.lost().map(|step| &step.fact);
        below += usize::from(matches!(fact, Some(Fact::Below { rank, limit: 5 }) if *rank > 5));
    }
    assert!(below >= 45, "{below}");
}

#[tokio::test]
async fn a_page_that_is_an_image_says_what_to_install() {
    let world = World::new();
    let engine = world.engine().await;
    let scan = world.file("scan.txt", &format!("{IMAGE}The lamp is green."));
    world.add(&engine, &scan).await;
    let document = engine.documents_at(&scan).await.unwrap().remove(0);
    let asked = || Asked::Question {
        text: "What colour is the lamp?".into(),
        scope: Scope::default(),
    };
    let unread = explain(&engine, asked(), document.id.clone(), Some(1)).await;
    assert_eq!(
        lost(&unread),
        Some((SearchStage::Page, &Fact::ImageUnread { images: 1 }))
    );
    assert_eq!(unread.remedies, [Remedy::ReadImages]);
    let target = Target {
        document: document.id,
        page: Some(9),
        span: None,
    };
    let request = ExplainRequest {
        asked: asked(),
        target,
    };
    let error = engine
        .explain(&request, &CancellationToken::new())
        .await
        .unwrap_err();
    assert_eq!(error.message, "scan.txt has no page 9; its last is 1");
}

#[tokio::test]
async fn a_repeat_names_the_passage_it_was_left_out_for() {
    let world = World::new();
    let engine = world.engine().await;
    let same = "The lamp is cleaned every fortnight with vinegar by the keeper.";
    let path = world.file("twice.txt", &format!("{same}\u{c}{same}"));
    world.add(&engine, &path).await;
    let document = engine.documents_at(&path).await.unwrap().remove(0);
    assert_eq!(document.pages, 2, "the reader parts pages at form feeds");
    let asked = |text: &str| Asked::Question {
        text: text.into(),
        scope: Scope::default(),
    };
    let mut told = Vec::new();
    for page in [1, 2] {
        told.push(
            explain(
                &engine,
                asked("How is the lamp cleaned?"),
                document.id.clone(),
                Some(page),
            )
            .await,
        );
    }
    let repeats = told.iter().filter_map(lost).collect::<Vec<_>>();
    assert_eq!(repeats, [(SearchStage::Selection, &Fact::Repeats { rank: 1 })]);
}

#[tokio::test]
async fn a_count_says_whether_the_words_stand_there() {
    let world = World::new();
    let engine = world.engine().await;
    let (lamp, fog) = (world.file("lamp.txt", LAMP), world.file("fog.txt", FOG));
    world.add(&engine, &lamp).await;
    world.add(&engine, &fog).await;
    let question = "How many documents mention the horn?";
    let found = why(&engine, question, &fog).await;
    assert!(
        matches!(
            &found.steps.last().unwrap().fact,
            Fact::Mentioned { mentions: 1, .. }
        ),
        "{found:?}"
    );
    let missed = why(&engine, question, &lamp).await;
    assert!(
        matches!(
            lost(&missed),
            Some((SearchStage::Count, Fact::NotMentioned { .. }))
        ),
        "{missed:?}"
    );
}

#[tokio::test]
async fn feedback_is_kept_changed_and_taken_back() {
    let world = World::new();
    let engine = world.engine().await;
    world.add(&engine, &world.file("lamp.txt", LAMP)).await;
    let answer = ask(&engine, AskRequest::new("How often is the lamp cleaned?"))
        .await
        .1
        .unwrap();
    let kept = async || {
        engine
            .turns(&answer.conversation)
            .await
            .unwrap()
            .remove(0)
            .feedback
    };
    let down = Feedback::Down {
        reason: Some(Complaint::WrongSource),
        note: "It is in the annex".into(),
    };
    for feedback in [Some(Feedback::Up), Some(down), None] {
        engine.set_feedback(&answer.turn, feedback.clone()).await.unwrap();
        assert_eq!(kept().await, feedback);
    }
    assert!(engine.set_feedback(&"none".into(), None).await.is_err());
}

#[tokio::test]
async fn a_case_is_replayed_without_a_trace_among_the_conversations() {
    let world = World::new();
    let engine = world.engine().await;
    let lamp = world.file("lamp.txt", LAMP);
    world.add(&engine, &lamp).await;
    let document = engine.documents_at(&lamp).await.unwrap().remove(0).id;
    let expected = |text: &str| Expected::Answer { text: text.into() };
    let new = |text: &str, quote: &str| NewCase {
        question: "How often must the lamp be cleaned?".into(),
        expected: expected(text),
        source: Some((document.clone(), 1, quote.into())),
    };
    let wrong = engine
        .make_case(new("14 days", "every 12 days"))
        .await
        .unwrap_err();
    assert_eq!(wrong.message, "These words do not stand on page 1");
    assert!(engine.make_case(new("  ", "")).await.is_err());
    let quote = "The lamp of the lighthouse must be cleaned every 14 days.";
    let case = engine.make_case(new("every 14 days", quote)).await.unwrap();
    let cancel = CancellationToken::new();
    assert_eq!(engine.replay(&case, &cancel).await.unwrap().judgement.faults, []);
    assert!(engine.conversations().await.unwrap().is_empty());

    let lines: Vec<CaseLine> = engine.cases().await.unwrap().iter().map(CaseLine::from).collect();
    engine.remove_case(&case.id).await.unwrap();
    let imported = engine.import_cases(lines.clone()).await.unwrap();
    assert_eq!(imported, std::slice::from_ref(&case));
    assert_eq!(engine.cases().await.unwrap(), [case]);
    engine
        .remove(&document, crate::removal::Quotes::Stay)
        .await
        .unwrap();
    let left = engine.cases().await.unwrap();
    let judged = engine.replay(&left[0], &cancel).await.unwrap().judgement;
    assert!(judged.faults.contains(&Fault::SourceRemoved), "{judged:?}");
    let error = engine.import_cases(lines).await.unwrap_err();
    assert!(
        error.message.contains("lamp.txt is not among the documents"),
        "{error}"
    );
}
