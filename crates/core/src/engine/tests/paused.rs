//! Pausing, and what a halt leaves.

use super::*;
use crate::report::IngestEvent;

/// Pauses, at once or after the file, when the first job begins to read.
struct Pausing {
    engine: Engine,
    now: bool,
}

impl Reporter for Pausing {
    fn report(&self, event: IngestEvent) {
        if let IngestEvent::Job { job } = event
            && job.status == JobStatus::Running
            && job.step == Step::Reading
        {
            let (engine, now) = (self.engine.clone(), self.now);
            tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(engine.pause(now)))
                .unwrap();
        }
    }
}

async fn paused_at(now: bool) -> (World, Vec<JobStatus>) {
    let world = World::new();
    let engine = world.engine().await;
    let paths = [
        world.file("a.txt", LAMP),
        world.file("b.txt", "The boat is tarred."),
    ];
    let reporter = Pausing {
        engine: engine.clone(),
        now,
    };
    let outcome = engine
        .add(&paths, DEFAULT_COLLECTION, &reporter, &CancellationToken::new())
        .await
        .unwrap();
    (world, outcome.jobs.iter().map(|job| job.status).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_lets_the_file_at_work_end_and_survives_a_restart() {
    let (world, ended) = paused_at(false).await;
    assert_eq!(ended, [JobStatus::Done, JobStatus::Queued]);
    let engine = world.engine().await;
    assert!(engine.is_paused());
    let still = engine.resume(&Silent, &CancellationToken::new()).await.unwrap();
    assert_eq!(still.jobs[0].status, JobStatus::Queued);
    engine.unpause().await.unwrap();
    let resumed = engine.resume(&Silent, &CancellationToken::new()).await.unwrap();
    assert_eq!(resumed.jobs[0].status, JobStatus::Done);
    assert_eq!(engine.documents().await.unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_at_once_puts_the_file_at_work_back_in_line() {
    let (world, ended) = paused_at(true).await;
    assert_eq!(ended, [JobStatus::Queued, JobStatus::Queued]);
    let engine = world.engine().await;
    assert_eq!(engine.documents().await.unwrap().len(), 0);
    engine.unpause().await.unwrap();
    let resumed = engine.resume(&Silent, &CancellationToken::new()).await.unwrap();
    assert_eq!(resumed.jobs.len(), 2);
    assert_eq!(engine.documents().await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_retired_engine_writes_no_more_whatever_it_is_asked() {
    let world = World::new();
    let engine = world.engine().await;
    engine.retire().await;
    engine.unpause().await.unwrap();
    let outcome = world.add(&engine, &world.file("a.txt", LAMP)).await;
    assert_eq!(outcome.jobs[0].status, JobStatus::Queued);
    assert_eq!(engine.documents().await.unwrap().len(), 0);
}

#[tokio::test]
async fn a_halt_gives_nothing_up() {
    let world = World::new();
    let engine = world.engine().await;
    engine.halt();
    let outcome = world.add(&engine, &world.file("a.txt", LAMP)).await;
    assert_eq!(outcome.jobs[0].status, JobStatus::Queued);
    let next = world.engine().await;
    assert!(!next.is_paused(), "a halt is no pause");
    next.resume(&Silent, &CancellationToken::new()).await.unwrap();
    assert_eq!(next.documents().await.unwrap().len(), 1);
}

#[tokio::test]
async fn all_failed_jobs_run_again_but_for_locked_ones() {
    let world = World::new();
    let engine = world.engine().await;
    for (name, code) in [("a.txt", None), ("b.txt", Some(ErrorCode::PasswordNeeded))] {
        let mut fault = Error::user("broken");
        fault.code = code;
        world.extractor.faults.lock().unwrap().insert(name.into(), fault);
        world.add(&engine, &world.file(name, LAMP)).await;
    }
    let ran = engine
        .retry_failed(&Silent, &CancellationToken::new())
        .await
        .unwrap();
    assert_eq!(
        ran.iter().map(|job| job.status).collect::<Vec<_>>(),
        [JobStatus::Done]
    );
    let left = engine.unfinished_jobs().await.unwrap();
    assert_eq!(left.len(), 1);
    assert!(left[0].path.ends_with("b.txt"));
}
