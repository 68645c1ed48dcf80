//! `footnote collections`

use std::process::ExitCode;

use footnote_core::Result;

use super::documents::find;
use crate::args::{CollectionsCommand, Global};
use crate::compose::Composition;
use crate::output;

pub async fn run(global: &Global, command: CollectionsCommand) -> Result<ExitCode> {
    let engine = Composition::new(global)?.engine().await?;
    match command {
        CollectionsCommand::List => {
            let collections = engine.collections().await?;
            if global.json {
                output::json(&serde_json::json!({ "collections": collections }))?;
                return Ok(ExitCode::SUCCESS);
            }
            if collections.is_empty() {
                output::note(
                    "No collections yet: documents make one, with `footnote add FOLDER --collection C`.",
                );
            }
            for collection in collections {
                output::line(format!(
                    "{:>7} documents  {}",
                    collection.documents, collection.name
                ))?;
            }
            Ok(ExitCode::SUCCESS)
        }
        CollectionsCommand::Rename { from, to } => {
            engine.rename_collection(&from, &to).await?;
            if global.json {
                output::json(&serde_json::json!({ "renamed": from, "to": to.trim() }))?;
            }
            Ok(ExitCode::SUCCESS)
        }
        CollectionsCommand::Move {
            collection,
            documents: names,
        } => {
            let mut documents = Vec::new();
            for name in &names {
                documents.extend(find(&engine, name).await?);
            }
            let ids: Vec<_> = documents.iter().map(|document| document.id.clone()).collect();
            let stayed = engine.move_to_collection(&ids, &collection).await?;
            if global.json {
                let moved: Vec<_> = ids.iter().filter(|id| !stayed.contains(id)).collect();
                output::json(&serde_json::json!({ "moved": moved, "stayed": stayed }))?;
            } else {
                for document in documents.iter().filter(|document| stayed.contains(&document.id)) {
                    let path = document.path.display();
                    output::note(format!(
                        "{path} stayed where it is: {collection} has the same file already"
                    ));
                }
            }
            Ok(if stayed.is_empty() {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            })
        }
    }
}
