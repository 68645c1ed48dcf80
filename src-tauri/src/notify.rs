//! Notifications of the system, for work that ended while nobody looked.

use tauri::{AppHandle, Manager};

/// Shows one, unless the window has the focus. Choosing it brings the window to the front, where the system tells of
/// that. A system without notifications is no fault.
pub(crate) fn show(handle: &AppHandle, title: String, body: String) {
    let focused = |window: &tauri::WebviewWindow| window.is_focused().unwrap_or(false);
    if handle.webview_windows().values().any(focused) {
        return;
    }
    let shown = handle.clone();
    // Where its choice is heard.
    let sent = handle.run_on_main_thread(move || system::show(&shown, &title, &body));
    if let Err(error) = sent {
        tracing::info!(%error, "a notification was not shown");
    }
}

/// The desktop's notifications, whichever it is (`org.freedesktop.Notifications`).
#[cfg(target_os = "linux")]
mod system {
    use std::cell::{Cell, RefCell};
    use std::collections::HashMap;

    use gio::prelude::*;
    use tauri::AppHandle;

    use crate::window;

    const NAME: &str = "org.freedesktop.Notifications";
    const PATH: &str = "/org/freedesktop/Notifications";
    const WAIT_MS: i32 = 3000;

    thread_local! {
        /// The connection, once choices are heard on it.
        static BUS: RefCell<Option<gio::DBusConnection>> = const { RefCell::new(None) };
        /// The notification that stands: a later one takes its place.
        static STANDS: Cell<u32> = const { Cell::new(0) };
    }

    pub(super) fn show(handle: &AppHandle, title: &str, body: &str) {
        let (title, body) = (title.to_owned(), body.to_owned());
        if let Some(bus) = BUS.with_borrow(Clone::clone) {
            send(&bus, &title, &body);
            return;
        }
        let handle = handle.clone();
        gio::bus_get(
            gio::BusType::Session,
            gio::Cancellable::NONE,
            move |bus| match bus {
                Ok(bus) => {
                    listen(&bus, handle);
                    send(&bus, &title, &body);
                    BUS.set(Some(bus));
                }
                Err(error) => tracing::info!(%error, "this session has no bus for notifications"),
            },
        );
    }

    fn listen(bus: &gio::DBusConnection, handle: AppHandle) {
        let chosen = move |id: Option<u32>| {
            if id.is_some_and(|id| id == STANDS.get()) {
                window::raise(&handle);
            }
        };
        // The subscription lasts as long as the connection, which is the program's.
        let _ = bus.signal_subscribe(
            Some(NAME),
            Some(NAME),
            Some("ActionInvoked"),
            Some(PATH),
            None,
            gio::DBusSignalFlags::NONE,
            move |_, _, _, _, _, values| chosen(values.try_child_value(0).and_then(|id| id.get())),
        );
    }

    fn send(bus: &gio::DBusConnection, title: &str, body: &str) {
        let hints: HashMap<String, gio::glib::Variant> = HashMap::from([
            ("category".into(), "transfer.complete".to_variant()),
            ("desktop-entry".into(), "Footnote".to_variant()),
        ]);
        // Some desktops take the body for markup.
        let body = body.replace('&', "&amp;").replace('<', "&lt;");
        let message = (
            "Footnote",
            STANDS.get(),
            "footnote-desktop",
            title,
            body.as_str(),
            // What a click on it is called.
            vec!["default".to_owned(), "Footnote".to_owned()],
            hints,
            -1_i32,
        );
        bus.call(
            Some(NAME),
            PATH,
            NAME,
            "Notify",
            Some(&message.to_variant()),
            None,
            gio::DBusCallFlags::NONE,
            WAIT_MS,
            gio::Cancellable::NONE,
            |answer| match answer {
                Ok(answer) => STANDS.set(answer.try_child_value(0).and_then(|id| id.get()).unwrap_or(0)),
                Err(error) => tracing::info!(%error, "a notification was not shown"),
            },
        );
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use tauri::AppHandle;

    pub(super) fn show(handle: &AppHandle, title: &str, body: &str) {
        let mut notification = notify_rust::Notification::new();
        notification.summary(title).body(body);
        #[cfg(windows)]
        notification.app_id(&handle.config().identifier);
        #[cfg(target_os = "macos")]
        // Said once; the second time it is an error that means nothing.
        let _ = notify_rust::set_application(&handle.config().identifier);
        if let Err(error) = notification.show() {
            tracing::info!(%error, "a notification was not shown");
        }
    }
}
