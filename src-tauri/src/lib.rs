//! The desktop shell: one window, its commands, and the events they send. What the commands do is
//! the engine's business; what the engine is made of is said in [`state`].

mod app;
mod bindings;
mod blocking;
mod commands;
mod drawing;
mod files;
mod ingest;
mod instance;
mod menu;
mod notices;
mod notify;
mod options;
mod rest;
mod samples;
pub mod state;
mod system;
mod tray;
mod window;
pub mod wire;

use std::process::ExitCode;

pub use bindings::{bindings, check_bindings};
use footnote_core::log::{self, KeptLog};
use tauri::{RunEvent, WindowEvent};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::app::App;
use crate::instance::Start;
use crate::options::Options;

pub use drawing::draw_without_graphics_processor;
pub use state::{bound_memory, never_report};

/// Runs the reader of untrusted files if this process was started as one.
pub fn worker() -> Option<ExitCode> {
    state::worker()
}

/// Shows the window and runs until it is closed.
pub fn run() -> ExitCode {
    let parsed = Options::from_process();
    let data = state::data(parsed.as_ref().unwrap_or(&Options::default()));
    let log = KeptLog::new(data.path());
    let shown = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_filter(tracing_subscriber::EnvFilter::from_env("FOOTNOTE_LOG"));
    tracing_subscriber::registry()
        .with(shown)
        .with(log.layer())
        .init();
    log::keep_panics();
    let options = match parsed {
        Ok(options) => options,
        Err(message) => {
            tracing::error!(%message, "the arguments are not understood");
            return ExitCode::from(2);
        }
    };
    let lock = match instance::begin(&data, &options.arrivals) {
        Start::First(lock) => Some(lock),
        Start::Handed => return ExitCode::SUCCESS,
        Start::Refused(error) => {
            tracing::warn!(class = error.class(), %error, "the data folder cannot be had");
            None
        }
    };
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "the window was started");
    let app = App::new(&options, data.clone(), lock, log);
    let specta = bindings::builder();
    let shell = app.clone();
    let built = tauri::Builder::default()
        .plugin(tauri_plugin_dialog::init())
        .plugin(window::memory(data.machine()))
        .manage(app.clone())
        .invoke_handler(specta.invoke_handler())
        .on_menu_event(|handle, event| menu::picked(handle, event.id().as_ref()))
        .setup(move |tauri| {
            specta.mount_events(tauri);
            // The window first: the engine takes a moment, and says so in the window.
            window::open(tauri.handle())?;
            shell.start(tauri.handle().clone());
            rest::watch();
            Ok(())
        })
        .build(tauri::generate_context!());
    let built = match built {
        Ok(built) => built,
        Err(error) => {
            tracing::error!(%error, "the window cannot be opened");
            return ExitCode::FAILURE;
        }
    };
    built.run(move |handle, event| match event {
        RunEvent::WindowEvent {
            event: WindowEvent::CloseRequested { api, .. },
            ..
        } if app.hides() || app.asks_before_closing() => api.prevent_close(),
        RunEvent::ExitRequested { api, .. } if app.begin_quit() => {
            // The window is gone already; work in hand gets a moment to stop at a clean place.
            api.prevent_exit();
            let (app, handle) = (app.clone(), handle.clone());
            tauri::async_runtime::spawn(async move {
                app.finish_quit().await;
                handle.exit(0);
            });
        }
        // A click on the icon in the dock, while the window is hidden.
        #[cfg(target_os = "macos")]
        RunEvent::Reopen { .. } => window::raise(handle),
        // Elsewhere they come as arguments.
        #[cfg(target_os = "macos")]
        RunEvent::Opened { urls } => {
            let mut told = wire::Arrivals::default();
            urls.iter().for_each(|url| told.push(url.as_str().as_ref()));
            app.arrive(told);
        }
        _ => {}
    });
    ExitCode::SUCCESS
}
