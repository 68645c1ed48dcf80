//! The `footnote` command: the same engine as the window's, for terminals, scripts and tests.

mod args;
mod commands;
mod compose;
mod output;
mod password;
mod progress;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use footnote_core::Error;
use footnote_core::log::{self, KeptLog};
use footnote_ledger::DataDir;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::Layer;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use args::{Cli, Command};

fn main() -> ExitCode {
    compose::never_report();
    compose::bound_memory();
    // The reader of untrusted files is this program, started again in a process of its own.
    if std::env::args_os()
        .nth(1)
        .is_some_and(|arg| arg == footnote_extract::WORKER_ARG)
    {
        return footnote_extract::worker_main();
    }
    let cli = Cli::parse();
    let shown = tracing_subscriber::fmt::layer()
        .with_writer(|| output::Masking(std::io::stderr()))
        .with_filter(tracing_subscriber::EnvFilter::from_env("FOOTNOTE_LOG"));
    let data = DataDir::find(cli.global.data_dir.clone());
    tracing_subscriber::registry()
        .with(shown)
        .with(KeptLog::new(data.path()).layer())
        .init();
    log::keep_panics();
    let json = cli.global.json;
    let outcome = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Error::from)
        .and_then(|runtime| {
            let outcome = runtime.block_on(run(cli));
            // A model that is still computing must not keep the program from ending.
            runtime.shutdown_background();
            outcome
        });
    match outcome {
        Ok(code) => code,
        Err(error) if error.is_canceled() => ExitCode::from(130),
        Err(error) => {
            tracing::info!(class = error.class(), "a command failed");
            if json {
                let _ = output::json(&serde_json::json!({ "error": error }));
            }
            output::note(output::error_text(&error));
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> footnote_core::Result<ExitCode> {
    let cancel = cancel_on_ctrl_c();
    let global = cli.global;
    match cli.command {
        Command::Add {
            paths,
            collection,
            dry_run: true,
            ..
        } => commands::preflight::run(&global, &paths, &collection, &cancel).await,
        Command::Add {
            paths,
            collection,
            password,
            dry_run: false,
        } => commands::add::run(&global, &paths, &collection, password, &cancel).await,
        Command::Ask {
            question,
            ask,
            stream,
        } => commands::ask::run(&global, &question, &ask, stream, &cancel).await,
        Command::Chat { ask } => commands::chat::run(&global, &ask).await,
        Command::Search {
            query,
            limit,
            per_document,
            mode,
            scope,
        } => {
            let wanted = commands::search::Wanted {
                limit: limit.into(),
                per_document: per_document.map(usize::from),
                mode: mode.into(),
            };
            commands::search::run(&global, &query, &wanted, &scope, &cancel).await
        }
        Command::Why {
            question,
            document,
            page,
            text,
            collection,
            fresh,
        } => {
            let wanted = commands::why::Wanted {
                document,
                page,
                text,
                collection,
                fresh,
            };
            commands::why::run(&global, &question, wanted, &cancel).await
        }
        Command::Collections { command } => commands::collections::run(&global, command).await,
        Command::Documents { command } => commands::documents::run(&global, command, &cancel).await,
        Command::Watch { command } => commands::watch::run(&global, command, &cancel).await,
        Command::Jobs { command } => commands::jobs::run(&global, command, &cancel).await,
        Command::Trace {
            conversation,
            turn,
            otlp,
            texts,
            mask,
        } => {
            let wanted = commands::trace::Wanted {
                conversation,
                turn,
                otlp,
                texts,
                mask,
            };
            commands::trace::run(&global, &wanted).await
        }
        Command::Conversations { command } => commands::conversations::run(&global, command).await,
        Command::Extract { file, password } => {
            commands::extract::run(&global, &file, password, &cancel).await
        }
        Command::Models { command } => commands::models::run(&global, command, &cancel).await,
        Command::Prompts { command } => commands::prompts::run(&global, command, &cancel).await,
        Command::Eval { html, command } => {
            commands::eval::run(&global, command, html.as_deref(), &cancel).await
        }
        Command::Data { command } => commands::data::run(&global, command, &cancel).await,
        Command::Doctor { full, bundle } => commands::doctor::run(&global, full, bundle.as_deref()).await,
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "footnote", &mut std::io::stdout());
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// The first Ctrl-C stops the work cleanly, the second one the program.
fn cancel_on_ctrl_c() -> CancellationToken {
    let cancel = CancellationToken::new();
    let token = cancel.clone();
    tokio::spawn(async move {
        while tokio::signal::ctrl_c().await.is_ok() {
            if token.is_cancelled() {
                std::process::exit(130);
            }
            output::note("Stopping; press Ctrl-C again to end at once");
            token.cancel();
        }
    });
    cancel
}
