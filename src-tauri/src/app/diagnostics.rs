//! What is told of the installation to whoever helps.

use footnote_core::Error;
use footnote_core::diagnostics::{DataPlace, Diagnostics, LOG_LINES, Machine, ModelInUse, Redaction};
use footnote_fetch::{available_memory, free_space, process_memory, total_memory};

use super::{App, Phase, locked};
use crate::state::{Models, Opened, Origin};
use crate::wire::ModelCard;

impl App {
    /// All that is told, also while the engine is not up. `settings` are the window's.
    pub(crate) async fn diagnostics(&self, settings: Vec<(String, String)>) -> Diagnostics {
        let data = locked(&self.inner.data).clone();
        let (models, opened) = (self.models(), self.opened());
        let mut faults = Vec::new();
        let mut redaction = Redaction::of_user();
        redaction.also(data.path(), "[data folder]");
        redaction.also(data.machine(), "[default folder]");
        let mut machine = Machine {
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory: total_memory(),
            memory_free: available_memory(),
            memory_used: process_memory(),
            disk_free: free_space(data.path()),
            models_disk_free: None,
        };
        let mut in_use = Vec::new();
        match models {
            Ok(models) => {
                redaction.also(models.store.dir(), "[models]");
                machine.models_disk_free = free_space(models.store.dir());
                in_use = models_in_use(models, opened.clone()).await;
            }
            Err(error) => faults.push(("models", error)),
        }
        match &*self.inner.phase.borrow() {
            Phase::Starting => faults.push(("engine", Error::runtime("It is being started"))),
            Phase::NeedsModels => faults.push(("engine", Error::runtime("Models are missing"))),
            Phase::Failed(error) => faults.push(("engine", error.clone())),
            Phase::Ready(_) => {}
        }
        if let Some(failure) = &*locked(&self.inner.failure) {
            faults.push((
                "a model that was tried",
                Error::runtime(failure.error.message.clone()),
            ));
        }
        let census = match &opened {
            None => None,
            Some(opened) => match opened.engine.census().await {
                Ok(census) => Some(census),
                Err(error) => {
                    faults.push(("stores", error));
                    None
                }
            },
        };
        Diagnostics {
            program: "window",
            version: env!("CARGO_PKG_VERSION"),
            machine,
            data: match data.origin() {
                Origin::Default => DataPlace::Default,
                Origin::Moved => DataPlace::Moved,
                Origin::Named => DataPlace::Named,
            },
            runtime: opened.as_deref().map(|opened| (&opened.runtime.report()).into()),
            models: in_use,
            settings,
            census,
            faults,
            log: self.inner.log.last(LOG_LINES),
            redaction,
        }
    }
}

/// Looks at the disk, so not on a thread that others wait for.
async fn models_in_use(models: Models, opened: Option<std::sync::Arc<Opened>>) -> Vec<ModelInUse> {
    let view = tokio::task::spawn_blocking(move || models.view(opened.as_deref(), None)).await;
    let cards = view.map(|view| view.models).unwrap_or_default();
    cards.into_iter().filter(|card| card.in_use).map(named).collect()
}

/// The name of an imported model is its file's: what it is, is told instead.
fn named(card: ModelCard) -> ModelInUse {
    let id = match card.imported {
        Some(imported) => format!(
            "imported {} {}",
            imported.architecture,
            imported.weights.unwrap_or_default()
        ),
        None if card.id.starts_with("imported/") => "imported".to_owned(),
        None => card.id,
    };
    let state = serde_json::to_value(card.state).ok();
    let state = state.and_then(|state| state.as_str().map(str::to_owned));
    ModelInUse {
        role: card.role,
        id: id.trim_end().to_owned(),
        state: state.unwrap_or_default(),
    }
}
