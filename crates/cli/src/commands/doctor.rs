//! `footnote doctor`: machine, runtime, models and index, each with a remedy where one is needed; and a text about all of
//! it to give to whoever helps.

use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;

use footnote_core::diagnostics::{Census, DataPlace, Diagnostics, LOG_LINES, Machine, Redaction};
use footnote_core::log::KeptLog;
use footnote_core::{Error, Result};
use footnote_extract::SandboxStatus;
use footnote_fetch::{ModelStatus, Role, available_memory, free_space, process_memory, total_memory};
use footnote_ledger::Origin;
use footnote_onnx::{Attempt, FormChoice, Operators, Runtime, RuntimeOptions, RuntimeReport};
use serde_json::{Value, json};

use crate::args::Global;
use crate::compose::{Composition, state_word};
use crate::output;

/// A data folder with less room than this is worth a warning.
const LITTLE_SPACE: u64 = 2_000_000_000;

/// What a check came to.
struct Finding {
    name: &'static str,
    state: String,
    details: Value,
    error: Option<Error>,
}

pub async fn run(global: &Global, full: bool, bundle: Option<&Path>) -> Result<ExitCode> {
    if let Some(file) = bundle {
        output::check_new(file)?;
    }
    let composition = Composition::new(global)?;
    let (runtime, report) = runtime(&composition).await;
    let mut findings = vec![machine(&composition), runtime, reader().await];
    findings.push(models(&composition, full).await?);
    let (store, census) = store(&composition, full, bundle.is_some()).await;
    findings.push(store);
    if let Some(file) = bundle {
        let faults = findings
            .iter()
            .filter_map(|finding| Some((finding.name, finding.error.clone()?)));
        let text = diagnostics(&composition, report, census, faults.collect()).text();
        output::new_file(file, &text)?;
        output::note("Read it before you give it away; nothing was sent.");
    }
    let sound = findings.iter().all(|finding| finding.error.is_none());
    if global.json {
        let mut report = serde_json::Map::new();
        report.insert("version".into(), env!("CARGO_PKG_VERSION").into());
        report.insert("sound".into(), sound.into());
        for finding in findings {
            let mut details = finding.details;
            details["error"] = json!(finding.error);
            report.insert(finding.name.into(), details);
        }
        output::json(&report)?;
    } else {
        output::line(format!("Footnote {}", env!("CARGO_PKG_VERSION")))?;
        for finding in &findings {
            let mark = if finding.error.is_some() { "✗" } else { "✓" };
            output::line(format!("{mark} {:<8} {}", finding.name, finding.state))?;
            if let Some(error) = &finding.error {
                output::line(format!("  {}", error.message))?;
                output::line(format!(
                    "  → {}",
                    error.hint.as_deref().unwrap_or("No remedy is known")
                ))?;
            }
        }
    }
    Ok(if sound {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// What goes into the text.
fn diagnostics(
    composition: &Composition,
    runtime: Option<RuntimeReport>,
    census: Option<Census>,
    faults: Vec<(&'static str, Error)>,
) -> Diagnostics {
    let mut redaction = Redaction::of_user();
    redaction.also(&composition.data_dir, "[data folder]");
    redaction.also(composition.models.dir(), "[models]");
    Diagnostics {
        program: "command",
        version: env!("CARGO_PKG_VERSION"),
        machine: Machine {
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory: total_memory(),
            memory_free: available_memory(),
            memory_used: process_memory(),
            disk_free: free_space(&composition.data_dir),
            models_disk_free: free_space(composition.models.dir()),
        },
        data: match composition.data.origin() {
            Origin::Default => DataPlace::Default,
            Origin::Moved => DataPlace::Moved,
            Origin::Named => DataPlace::Named,
        },
        runtime: runtime.as_ref().map(Into::into),
        models: composition.models_in_use(),
        settings: Vec::new(),
        census,
        faults,
        log: KeptLog::new(&composition.data_dir).last(LOG_LINES),
        redaction,
    }
}

fn machine(composition: &Composition) -> Finding {
    // The folder may not be there yet; its nearest ancestor is on the same disk.
    let place = composition.data_dir.ancestors().find(|path| path.exists());
    let free = place.and_then(free_space);
    let memory = total_memory();
    let cores = std::thread::available_parallelism().map(usize::from).unwrap_or(1);
    let text = |bytes: Option<u64>| bytes.map_or_else(|| "unknown".into(), output::bytes);
    let error = free.filter(|free| *free < LITTLE_SPACE).map(|free| {
        Error::runtime(format!(
            "Only {} are free in {}",
            output::bytes(free),
            composition.data_dir.display()
        ))
        .hint("Free some space, or move the data to another disk with `footnote data move`")
    });
    Finding {
        name: "machine",
        state: format!(
            "{cores} cores, {} memory, {} free for data",
            text(memory),
            text(free)
        ),
        details: json!({
            "cores": cores, "memory": memory, "free_disk": free,
            "data_dir": composition.data_dir, "models_dir": composition.models.dir(),
        }),
        error,
    }
}

/// Which operators a generator is imported for, and what was measured.
fn form_text(choice: &FormChoice) -> String {
    let FormChoice {
        form,
        reading,
        writing,
        graphics,
        graphics_form: _,
    } = choice;
    let whose = match form.operators {
        Operators::Panels => "Footnote's own operators",
        Operators::Portable | Operators::Half | Operators::HalfFourBit => "ONNX Runtime's operators",
    };
    let processor = format!(
        "generators on {whose} (measured here: Footnote's read {reading:.1} times and write {writing:.1} times as \
         fast as ONNX Runtime's)"
    );
    match graphics {
        None => processor,
        Some(Attempt {
            provider,
            reason: Some(reason),
            ..
        }) => format!("{processor}, not on {}: {reason}", provider.label()),
        Some(attempt) => format!(
            "generators on {} in half precision; what it refuses: {processor}",
            attempt.provider.label()
        ),
    }
}

fn with_form(mut report: Value, choice: &FormChoice) -> Value {
    report["generator_form"] = json!(choice);
    report
}

async fn runtime(composition: &Composition) -> (Finding, Option<RuntimeReport>) {
    let cache = composition.models.prepared_dir();
    let loaded = tokio::task::spawn_blocking(move || {
        let runtime = Runtime::load(RuntimeOptions::default())?;
        let choice = runtime.generator_form(&cache);
        Ok((runtime.report(), choice))
    })
    .await;
    match loaded {
        Ok(Ok((report, choice))) => {
            let reasons: Vec<String> = report
                .providers
                .attempts
                .iter()
                .filter_map(|attempt| {
                    Some(format!(
                        "{}: {}",
                        attempt.provider.label(),
                        attempt.reason.as_ref()?
                    ))
                })
                .collect();
            let why = if reasons.is_empty() {
                String::new()
            } else {
                format!(" ({})", reasons.join("; "))
            };
            let finding = Finding {
                name: "runtime",
                state: format!(
                    "ONNX Runtime {}, {}{why}, {}; {}",
                    report.version,
                    report.providers.chosen.label(),
                    report.library.display(),
                    form_text(&choice)
                ),
                details: with_form(json!(report), &choice),
                error: None,
            };
            (finding, Some(report))
        }
        Ok(Err(error)) => (unusable("runtime", error), None),
        Err(stopped) => {
            let error = Error::bug(format!("loading ONNX Runtime stopped: {stopped}"));
            (unusable("runtime", error), None)
        }
    }
}

fn unusable(name: &'static str, error: Error) -> Finding {
    Finding {
        name,
        state: "not usable".into(),
        details: json!({}),
        error: Some(error),
    }
}

/// The process that reads files, and what it could do if a file took it over.
async fn reader() -> Finding {
    let asked = tokio::task::spawn_blocking(|| crate::compose::extractor()?.sandbox_status()).await;
    match asked.unwrap_or_else(|stopped| Err(Error::bug(format!("starting the reader stopped: {stopped}")))) {
        Ok(status) => Finding {
            name: "reader",
            state: reader_text(&status),
            details: json!(status),
            error: None,
        },
        Err(error) => unusable("reader", error),
    }
}

fn reader_text(status: &SandboxStatus) -> String {
    let tried = [
        ("other files", status.files_refused),
        ("the network", status.network_refused),
        ("other programs", status.programs_refused),
    ];
    let list = |refused: bool| {
        let names: Vec<&str> = tried
            .iter()
            .filter(|(_, is)| *is == refused)
            .map(|(name, _)| *name)
            .collect();
        (!names.is_empty()).then(|| names.join(", "))
    };
    let mut said = vec!["a process of its own for each file".to_owned()];
    said.extend(list(true).map(|names| format!("out of its reach: {names}")));
    said.extend(list(false).map(|names| format!("not kept from it by this system: {names}")));
    said.extend(
        status
            .memory_limit
            .map(|limit| format!("memory at most {}", output::bytes(limit))),
    );
    said.join("; ")
}

async fn models(composition: &Composition, full: bool) -> Result<Finding> {
    let mut rows = Vec::new();
    let mut states = Vec::new();
    let mut error = None;
    for role in [Role::Embedder, Role::Generator, Role::Ocr] {
        let wanted = match role {
            Role::Embedder => composition.global().embedder.as_deref(),
            Role::Ocr => None,
            _ => composition
                .global()
                .generator
                .as_deref()
                .filter(|name| !Path::new(name).is_dir()),
        };
        let entry = composition.catalog.choose(role, wanted)?.clone();
        let status = if full {
            let (models, entry) = (composition.models.clone(), entry.clone());
            tokio::task::spawn_blocking(move || {
                models.verify(&entry, &mut |_, _, _| {}, &AtomicBool::new(false))
            })
            .await
            .map_err(|e| Error::bug(format!("verifying stopped: {e}")))??
        } else {
            composition.models.status(&entry)
        };
        let word = state_word(status);
        if status != ModelStatus::Present {
            error = Some(
                Error::runtime(format!("The {} {} is {word}", role.as_str(), entry.id))
                    .hint(format!("Run `footnote models fetch {}`", entry.id)),
            );
        }
        states.push(format!("{} {word}", entry.id));
        rows.push(json!({
            "id": entry.id, "role": role.as_str(), "status": word, "bytes": entry.size(),
            "files": entry.files.iter().map(|f| json!({ "name": f.name, "sha256": f.sha256 })).collect::<Vec<_>>(),
        }));
    }
    Ok(Finding {
        name: "models",
        state: states.join(", "),
        details: json!({ "in_use": rows }),
        error,
    })
}

async fn store(composition: &Composition, full: bool, count: bool) -> (Finding, Option<Census>) {
    let (details, faults, census) = match look_over(composition, full, count).await {
        Ok(looked) => looked,
        Err(error) => return (unusable("store", error), None),
    };
    let finding = Finding {
        name: "store",
        state: format!(
            "{} documents, {} chunks, {}",
            details["documents"],
            details["rows"],
            output::bytes(details["bytes"].as_u64().unwrap_or(0))
        ),
        details,
        error: (!faults.is_empty()).then(|| {
            Error::runtime(faults.join("; "))
                .hint("`footnote documents verify` names the documents; remove them and add them again")
        }),
    };
    (finding, census)
}

/// With `count`, also what goes into diagnostics.
async fn look_over(
    composition: &Composition,
    full: bool,
    count: bool,
) -> Result<(Value, Vec<String>, Option<Census>)> {
    let engine = composition.engine().await?;
    let health = engine.store_health().await?;
    let documents = engine.documents().await?;
    let mut faults = health.faults.clone();
    faults.extend(engine.ledger_faults().await?);
    if full {
        for entry in engine.verify().await? {
            let path = entry.document.path.display().to_string();
            faults.extend(entry.faults.into_iter().map(|fault| format!("{path}: {fault}")));
        }
    }
    let details = json!({
        "documents": documents.len(), "rows": health.rows, "unindexed_rows": health.unindexed_rows,
        "bytes": health.bytes, "spec": engine.spec(), "unfinished_jobs": engine.unfinished_jobs().await?.len(),
        "faults": faults,
    });
    let census = if count { Some(engine.census().await?) } else { None };
    Ok((details, faults, census))
}
