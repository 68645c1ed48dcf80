//! `footnote watch`

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use footnote_core::engine::Engine;
use footnote_core::removal::Quotes;
use footnote_core::report::{FolderEvent, IngestEvent, Reporter};
use footnote_core::watch::{Fate, FolderState, FolderStatus};
use footnote_core::{Error, ErrorCode, FolderId, Result};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::documents::{confirmed, quotes, with};
use crate::args::{Global, WatchCommand};
use crate::compose::{self, Composition};
use crate::output;
use crate::progress::Terminal;

pub async fn run(global: &Global, command: WatchCommand, cancel: &CancellationToken) -> Result<ExitCode> {
    let engine = Composition::new(global)?.engine().await?;
    match command {
        WatchCommand::Add {
            folder,
            collection,
            ignore,
        } => {
            let folder = engine.watch_folder(&folder, &collection, ignore).await?;
            if global.json {
                output::json(&folder)?;
            } else {
                output::line(format!("watching   {}", folder.path.display()))?;
                output::note("`footnote watch run` reads it and follows its changes; so does the window.");
            }
        }
        WatchCommand::List => list(global, &engine.watched_folders().await?)?,
        WatchCommand::Ignore { folder, patterns } => {
            let found = find(&engine, &folder).await?;
            engine.set_folder_ignore(&found.folder.id, patterns).await?;
        }
        WatchCommand::Move { folder, collection } => {
            let found = find(&engine, &folder).await?;
            let stayed = engine.move_folder(&found.folder.id, &collection).await?;
            if global.json {
                output::json(&serde_json::json!({ "collection": collection.trim(), "stayed": stayed }))?;
            } else if !stayed.is_empty() {
                output::note(format!(
                    "{} stayed where they are: {} has the same files already",
                    stayed.len(),
                    collection.trim()
                ));
            }
        }
        WatchCommand::Remove {
            folder,
            documents,
            with_quotes,
            yes,
        } => {
            let fate = if documents {
                Fate::Remove(quotes(with_quotes))
            } else {
                Fate::Keep
            };
            return remove(&engine, &folder, fate, yes).await;
        }
        WatchCommand::Pause { folder } => {
            let found = find(&engine, &folder).await?;
            engine.pause_folder(&found.folder.id, true).await?;
        }
        WatchCommand::Resume { folder } => {
            let found = find(&engine, &folder).await?;
            engine.pause_folder(&found.folder.id, false).await?;
        }
        WatchCommand::Run { remove_many } => follow(global, &engine, remove_many, cancel).await?,
    }
    Ok(ExitCode::SUCCESS)
}

fn list(global: &Global, folders: &[FolderStatus]) -> Result<()> {
    if global.json {
        return output::json(&serde_json::json!({ "folders": folders }));
    }
    if folders.is_empty() {
        output::note("No folder is watched: `footnote watch add FOLDER` begins.");
    }
    for status in folders {
        output::line(line(status))?;
        for error in &status.errors {
            output::line(format!("           {}", error.message))?;
        }
    }
    Ok(())
}

/// `watching   /home/ada/letters  38 documents, 2 waiting, last looked through 2026-01-15T09:30:00Z`
fn line(status: &FolderStatus) -> String {
    let mut facts = vec![format!("{} documents", status.documents)];
    if status.waiting > 0 {
        facts.push(format!("{} waiting", status.waiting));
    }
    if status.missing > 0 {
        facts.push(format!("{} whose files went away at once", status.missing));
    }
    if let Some(at) = &status.folder.last_scan {
        facts.push(format!("last looked through {at}"));
    }
    if !status.folder.ignore.is_empty() {
        facts.push(format!("without {}", status.folder.ignore.join(" ")));
    }
    let state = match status.state {
        FolderState::Idle => "idle",
        FolderState::Watching => "watching",
        FolderState::Scanning => "scanning",
        FolderState::Offline => "offline",
        FolderState::Paused => "paused",
    };
    format!(
        "{state:<10} {}  {}",
        status.folder.path.display(),
        facts.join(", ")
    )
}

async fn remove(engine: &Engine, folder: &Path, fate: Fate, yes: bool) -> Result<ExitCode> {
    let found = find(engine, folder).await?;
    let many = found.documents;
    if let Fate::Remove(quotes) = fate
        && !yes
        && !confirmed(&format!(
            "Remove {many} documents from Footnote{}? The files stay.",
            with(quotes)
        ))?
    {
        output::note("It is still watched, and nothing was removed.");
        return Ok(ExitCode::FAILURE);
    }
    let removed = engine.unwatch_folder(&found.folder.id, fate).await?;
    let rest = if fate != Fate::Keep {
        format!("{removed} documents removed")
    } else {
        format!("its {many} documents stay")
    };
    output::note(format!(
        "No longer watching {}; {rest}.",
        found.folder.path.display()
    ));
    Ok(ExitCode::SUCCESS)
}

/// Prints what jobs come to, and wakes whoever shows the folders.
struct Follow {
    terminal: Terminal,
    changed: Arc<Notify>,
}

impl Reporter for Follow {
    fn report(&self, event: IngestEvent) {
        self.terminal.report(event);
    }

    fn folder(&self, event: FolderEvent) {
        self.terminal.folder(event);
        self.changed.notify_one();
    }
}

async fn follow(
    global: &Global,
    engine: &Engine,
    remove_many: bool,
    cancel: &CancellationToken,
) -> Result<()> {
    if engine.watched_folders().await?.is_empty() {
        return Err(Error::user("No folder is watched").hint("`footnote watch add FOLDER` begins"));
    }
    if engine.is_paused() {
        output::note("Indexing is paused: files that change wait. `footnote jobs resume` ends the pause");
    }
    let changed = Arc::new(Notify::new());
    let reporter: Arc<dyn Reporter> = Arc::new(Follow {
        terminal: Terminal::new(global.json),
        changed: Arc::clone(&changed),
    });
    // What an earlier run left, beside what is new.
    let left = {
        let (engine, reporter) = (engine.clone(), Arc::clone(&reporter));
        tokio::spawn(async move {
            let resumed = engine.resume(reporter.as_ref(), &CancellationToken::new()).await;
            resumed.map(|_| ())
        })
    };
    let following = engine.follow(compose::watcher(), reporter, cancel);
    tokio::pin!(following);
    let mut shown = HashMap::new();
    loop {
        tokio::select! {
            () = &mut following => break,
            () = changed.notified() => show(global, engine, &mut shown, remove_many).await?,
        }
    }
    left.await
        .map_err(|e| Error::bug(format!("reading what was left stopped: {e}")))?
}

/// Shows the folders whose state has changed since they were shown.
async fn show(
    global: &Global,
    engine: &Engine,
    shown: &mut HashMap<FolderId, (FolderState, u32)>,
    remove_many: bool,
) -> Result<()> {
    for status in engine.watched_folders().await? {
        let id = status.folder.id.clone();
        let now = (status.state, status.missing);
        if status.state == FolderState::Scanning || shown.get(&id) == Some(&now) {
            continue;
        }
        shown.insert(id.clone(), now);
        if global.json {
            output::json(&serde_json::json!({ "folder": status }))?;
        } else {
            output::note(line(&status));
            for error in &status.errors {
                output::note(output::error_text(error));
            }
        }
        if status.missing > 0 && remove_many {
            let removed = engine.settle_missing(&id, Fate::Remove(Quotes::Stay)).await?;
            output::note(format!("{removed} documents removed"));
        } else if status.missing > 0 {
            output::note("They stay for now: their drive may not have come up. --remove-many removes them.");
        }
    }
    Ok(())
}

async fn find(engine: &Engine, folder: &Path) -> Result<FolderStatus> {
    let path: PathBuf = std::path::absolute(folder)?.components().collect();
    let folders = engine.watched_folders().await?;
    folders
        .into_iter()
        .find(|status| status.folder.path == path)
        .ok_or_else(|| {
            Error::user(format!("{} is not watched", folder.display()))
                .code(ErrorCode::NotFound)
                .hint("`footnote watch list` shows those that are")
        })
}
