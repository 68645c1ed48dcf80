//! Where the data is kept, and moving it while the window stands.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use footnote_core::{Error, Problem, Result};
use footnote_fetch::free_space;
use tokio_util::sync::CancellationToken;

use super::{App, Phase, locked};
use crate::blocking::blocking;
use crate::state::{self, Data, Lock, Models, Move, MovePlan, MoveProgress, Opened, Origin, Removed};
use crate::wire::{DataFolder, MoveEvent, MoveStage};

/// Time that answers under way get to be kept.
const ANSWERS_WAIT: Duration = Duration::from_secs(10);
/// Bytes move faster than a person reads.
const EVENT_EVERY: Duration = Duration::from_millis(100);

impl App {
    /// Where the data is, and how large.
    ///
    /// # Errors
    /// The folder cannot be looked into.
    pub(crate) async fn data_folder(&self) -> Result<DataFolder> {
        let data = locked(&self.inner.data).clone();
        blocking(move || {
            Ok(DataFolder {
                path: crate::wire::path_text(data.path()),
                origin: data.origin().into(),
                bytes: state::size_of(data.path())?,
                free: free_space(data.path()),
            })
        })
        .await
    }

    /// Whether the data can be moved to a folder; what that would come to.
    ///
    /// # Errors
    /// Why it cannot.
    pub(crate) async fn plan_move(&self, to: PathBuf) -> Result<MovePlan> {
        let data = self.movable()?;
        blocking(move || Move::plan(data.path(), &to, free_space(&to))).await
    }

    /// Moves the data and goes on there. Until the copy is found to be the same and opens, the old folder stays in use;
    /// so it does if anything fails.
    ///
    /// # Errors
    /// What is in the way, or [`Error::canceled`].
    pub(crate) async fn move_data(
        &self,
        to: PathBuf,
        on_event: impl Fn(MoveEvent) + Send + Sync + 'static,
    ) -> Result<()> {
        let turn = self.begin_work()?;
        let data = self.movable()?;
        let mut held = self.inner.lock.lock().await;
        if held.is_none() {
            return Err(Error::runtime("The data folder is not in use by this window")
                .problem(Problem::MoveNotOurs)
                .hint("Close the other Footnote first, then try again"));
        }
        on_event(stage(MoveStage::Stopping));
        tracing::info!("moving the data folder");
        let opened = self.opened();
        self.set_phase(Phase::Starting).await;
        self.rest(opened).await;
        let done = carry(data.clone(), to, on_event, turn.cancel.clone()).await;
        let outcome = match done {
            Ok((moved, lock)) => {
                self.inner.log.go_to(moved.path());
                *locked(&self.inner.old_data) = Some(data.path().to_owned());
                *locked(&self.inner.models) = Models::new(&self.inner.options);
                *locked(&self.inner.data) = moved;
                *held = Some(lock);
                self.listen();
                tracing::info!("the data folder was moved");
                Ok(())
            }
            Err(error) => {
                tracing::warn!(class = error.class(), %error, "the data folder was not moved");
                Err(error)
            }
        };
        drop(held);
        self.compose().await;
        self.tell_library();
        outcome
    }

    /// Deletes the data in the folder it was moved from. True if something else is still there.
    ///
    /// # Errors
    /// What could not be deleted.
    pub(crate) async fn remove_old_data(&self) -> Result<bool> {
        let Some(old) = locked(&self.inner.old_data).take() else {
            return Err(Error::user("There is no old data folder to delete").problem(Problem::NoOldData));
        };
        let kept = old.clone();
        let removed = blocking(move || state::remove_data(&old)).await;
        if removed.is_err() {
            *locked(&self.inner.old_data) = Some(kept);
        }
        Ok(removed? == Removed::ButOthers)
    }

    fn movable(&self) -> Result<Data> {
        let data = locked(&self.inner.data).clone();
        if data.origin() == Origin::Named {
            return Err(Error::user("The data folder was named when Footnote was started")
                .problem(Problem::DataNamedAtStart)
                .hint("Start Footnote without --data-dir and FOOTNOTE_DATA_DIR to choose it here"));
        }
        Ok(data)
    }

    /// Has everything come to rest that writes to the data folder. What was being read waits in line.
    async fn rest(&self, opened: Option<Arc<Opened>>) {
        for cancel in locked(&self.inner.asks).values() {
            cancel.cancel();
        }
        let began = Instant::now();
        while !locked(&self.inner.asks).is_empty() && began.elapsed() < ANSWERS_WAIT {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.stop_following().await;
        if let Some(opened) = opened {
            opened.engine.retire().await;
        }
    }
}

/// Copies, compares, opens the copy, and switches to it.
async fn carry(
    data: Data,
    to: PathBuf,
    on_event: impl Fn(MoveEvent) + Send + Sync + 'static,
    cancel: CancellationToken,
) -> Result<(Data, Lock)> {
    let on_event = Arc::new(on_event);
    let told = Arc::clone(&on_event);
    let last = Mutex::new(None::<Instant>);
    let paced = move |progress: MoveProgress| {
        let mut last = locked(&last);
        let whole = progress.done >= progress.total;
        if whole || last.is_none_or(|at| at.elapsed() >= EVENT_EVERY) {
            *last = Some(Instant::now());
            told(progress.into());
        }
    };
    let from = data.path().to_owned();
    let stop = cancel.clone();
    let moving = blocking(move || Move::copy(&from, &to, free_space(&to), &paced, &stop)).await?;
    on_event(stage(MoveStage::Opening));
    state::opens(moving.copy_dir()).await?;
    if cancel.is_cancelled() {
        return Err(Error::canceled());
    }
    blocking(move || moving.finish(&data)).await
}

fn stage(stage: MoveStage) -> MoveEvent {
    MoveEvent {
        stage,
        done: 0,
        total: 0,
    }
}
