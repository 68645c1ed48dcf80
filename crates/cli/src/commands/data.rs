//! `footnote data`

use std::path::Path;
use std::process::ExitCode;
use std::sync::Mutex;

use footnote_core::{Error, Result};
use footnote_fetch::free_space;
use footnote_ledger::{Move, MoveProgress, MoveStage, Origin, Removed, remove_data, size_of};
use tokio_util::sync::CancellationToken;

use crate::args::{DataCommand, Global};
use crate::compose::Composition;
use crate::{compose, output, progress};

pub async fn run(global: &Global, command: DataCommand, cancel: &CancellationToken) -> Result<ExitCode> {
    let composition = Composition::new(global)?;
    match command {
        DataCommand::Show => show(global, &composition),
        DataCommand::Move { dir, delete_old } => {
            move_to(global, &composition, &dir, delete_old, cancel).await
        }
    }
}

fn show(global: &Global, composition: &Composition) -> Result<ExitCode> {
    composition.data.check()?;
    let dir = &composition.data_dir;
    let (bytes, free) = (size_of(dir)?, free_space(dir));
    let (word, how) = match composition.data.origin() {
        Origin::Default => ("default", "the system's folder for application data"),
        Origin::Moved => ("moved", "moved there"),
        Origin::Named => ("named", "named with --data-dir or FOOTNOTE_DATA_DIR"),
    };
    if global.json {
        output::json(
            &serde_json::json!({ "data_dir": dir, "origin": word, "bytes": bytes, "free_disk": free }),
        )?;
    } else {
        output::line(dir.display().to_string())?;
        let room = free.map(|free| format!(", {} free on its disk", output::bytes(free)));
        output::line(format!(
            "{}{}; {how}",
            output::bytes(bytes),
            room.unwrap_or_default()
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn move_to(
    global: &Global,
    composition: &Composition,
    to: &Path,
    delete_old: bool,
    cancel: &CancellationToken,
) -> Result<ExitCode> {
    // Held to the end, so that nobody writes to it.
    let held = composition.data.acquire()?;
    let old = composition.data_dir.clone();
    let moving = {
        let (from, to, cancel) = (old.clone(), to.to_owned(), cancel.clone());
        let copying = move || Move::copy(&from, &to, free_space(&to), &shown(), &cancel);
        tokio::task::spawn_blocking(copying)
            .await
            .map_err(|e| Error::bug(format!("the move stopped: {e}")))??
    };
    compose::opens(moving.copy_dir()).await?;
    let (data, _lock) = moving.finish(&composition.data)?;
    drop(held);
    let removed = if delete_old {
        Some(remove_data(&old)?)
    } else {
        None
    };
    let named = data.origin() == Origin::Named;
    if global.json {
        output::json(&serde_json::json!({
            "from": old, "to": data.path(), "bytes": size_of(data.path())?, "in_use": !named, "deleted_old": delete_old,
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    output::line(format!("moved      {}", data.path().display()))?;
    if named {
        output::note(format!(
            "The folder was named: from now on name {} instead.",
            data.path().display()
        ));
    }
    match removed {
        None => output::note(format!(
            "The data in {} was kept; delete it when you like.",
            old.display()
        )),
        Some(Removed::All) => output::note(format!("The data in {} was deleted.", old.display())),
        Some(Removed::ButOthers) => output::note(format!(
            "The data in {} was deleted; files that are not Footnote's are still there.",
            old.display()
        )),
    }
    Ok(ExitCode::SUCCESS)
}

/// A bar for each stage.
fn shown() -> impl Fn(MoveProgress) {
    let bar = Mutex::new(None);
    move |progress: MoveProgress| {
        let mut bar = bar.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let title = match progress.stage {
            MoveStage::Copying => "Copying",
            MoveStage::Comparing => "Comparing",
        };
        if bar.as_ref().is_none_or(|(stage, _)| *stage != progress.stage) {
            *bar = Some((progress.stage, progress::bytes_bar(progress.total, title)));
        }
        if let Some((_, bar)) = &*bar {
            bar.set_position(progress.done);
            if progress.done >= progress.total {
                bar.finish_and_clear();
            }
        }
    }
}
