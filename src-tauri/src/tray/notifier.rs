//! The tray of Linux desktops: the `StatusNotifierItem` protocol, over a connection of its own to the session's bus. It
//! loads no library of the system, and neither a session without a bus nor a desktop without a tray is a fault.

mod menu;
#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gio::glib::variant::ObjectPath;
use gio::glib::{self, MainContext, MainLoop, Variant};
use gio::prelude::*;
use gio::{
    BusType, Cancellable, DBusCallFlags, DBusConnection, DBusConnectionFlags, DBusMethodInvocation,
    DBusNodeInfo, DBusSignalFlags,
};
use tauri::AppHandle;

use super::{Ear, Told, picture};
use crate::wire::{TrayAction, TrayView};

/// Where desktops hear of icons.
const WATCHER: &str = "org.kde.StatusNotifierWatcher";
const WATCHER_PATH: &str = "/StatusNotifierWatcher";
const BUS: &str = "org.freedesktop.DBus";
const BUS_PATH: &str = "/org/freedesktop/DBus";
const ITEM: &str = "org.kde.StatusNotifierItem";
/// Where a desktop looks if it is told the name of a connection alone.
const ITEM_PATH: &str = "/StatusNotifierItem";
const MENU: &str = "com.canonical.dbusmenu";
const MENU_PATH: &str = "/MenuBar";
const WAIT_MS: i32 = 3000;

/// After the specification at freedesktop.org, with the names that are in use.
const ITEM_XML: &str = r#"<node><interface name="org.kde.StatusNotifierItem">
  <property name="Category" type="s" access="read"/>
  <property name="Id" type="s" access="read"/>
  <property name="Title" type="s" access="read"/>
  <property name="Status" type="s" access="read"/>
  <property name="WindowId" type="i" access="read"/>
  <property name="IconName" type="s" access="read"/>
  <property name="IconPixmap" type="a(iiay)" access="read"/>
  <property name="OverlayIconName" type="s" access="read"/>
  <property name="OverlayIconPixmap" type="a(iiay)" access="read"/>
  <property name="AttentionIconName" type="s" access="read"/>
  <property name="AttentionIconPixmap" type="a(iiay)" access="read"/>
  <property name="AttentionMovieName" type="s" access="read"/>
  <property name="ToolTip" type="(sa(iiay)ss)" access="read"/>
  <property name="ItemIsMenu" type="b" access="read"/>
  <property name="Menu" type="o" access="read"/>
  <method name="ContextMenu"><arg type="i" direction="in"/><arg type="i" direction="in"/></method>
  <method name="Activate"><arg type="i" direction="in"/><arg type="i" direction="in"/></method>
  <method name="SecondaryActivate"><arg type="i" direction="in"/><arg type="i" direction="in"/></method>
  <method name="Scroll"><arg type="i" direction="in"/><arg type="s" direction="in"/></method>
  <signal name="NewTitle"/>
  <signal name="NewIcon"/>
  <signal name="NewAttentionIcon"/>
  <signal name="NewToolTip"/>
  <signal name="NewStatus"><arg type="s"/></signal>
</interface></node>"#;

/// The icon; goes with this.
pub(super) struct Icon {
    shared: Arc<Shared>,
    context: MainContext,
    turning: MainLoop,
}

impl Icon {
    /// Shows the icon as soon as the desktop has a place for it.
    pub(super) fn start(_: &AppHandle, view: TrayView, ear: Ear) -> Option<Self> {
        Self::on(None, view, ear)
    }

    /// `address`: that of a bus, instead of the session's.
    fn on(address: Option<String>, view: TrayView, ear: Ear) -> Option<Self> {
        let context = MainContext::new();
        let turning = MainLoop::new(Some(&context), false);
        let shared = Arc::new(Shared {
            view: Mutex::new(readable(view)),
            revision: AtomicU32::new(1),
            connection: Mutex::default(),
            ended: AtomicBool::new(false),
            ear,
        });
        let icon = Self {
            shared: Arc::clone(&shared),
            context: context.clone(),
            turning: turning.clone(),
        };
        // A thread of its own: a bus that hangs holds up neither the window nor the engine.
        let thread = std::thread::Builder::new().name("tray".into()).spawn(move || {
            let served = context.with_thread_default(|| serve(address, &shared, &turning));
            if !matches!(served, Ok(Ok(()))) {
                tracing::info!("this session has no bus for an icon in the tray");
            }
            shared.tell(Told::There(false));
        });
        if let Err(error) = thread {
            tracing::info!(%error, "there is no thread for an icon in the tray");
            (icon.shared.ear)(Told::There(false));
            return None;
        }
        Some(icon)
    }

    /// Shows something else.
    pub(super) fn update(&self, view: TrayView) {
        self.shared.put(readable(view));
    }
}

impl Drop for Icon {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::SeqCst);
        let turning = self.turning.clone();
        // From inside: a loop that has not begun to turn would not be stopped otherwise.
        self.context.spawn(async move { turning.quit() });
    }
}

/// What hears a signal with its values.
type Heard = Box<dyn Fn(&DBusConnection, &Variant)>;

struct Shared {
    view: Mutex<TrayView>,
    /// Of the menu's lines.
    revision: AtomicU32,
    /// While there is one.
    connection: Mutex<Option<DBusConnection>>,
    ended: AtomicBool,
    ear: Ear,
}

impl Shared {
    fn view(&self) -> MutexGuard<'_, TrayView> {
        self.view.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, told: Told) {
        if !self.ended.load(Ordering::SeqCst) {
            (self.ear)(told);
        }
    }

    fn put(&self, view: TrayView) {
        let before = std::mem::replace(&mut *self.view(), view.clone());
        let connection = self
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let emit = |path: &str, interface: &str, signal: &str, values: Option<Variant>| {
            let Some(connection) = &connection else {
                return;
            };
            if let Err(error) = connection.emit_signal(None, path, interface, signal, values.as_ref()) {
                tracing::debug!(%error, "the tray was not told of a change");
            }
        };
        let item = |signal: &str, values: Option<Variant>| emit(ITEM_PATH, ITEM, signal, values);
        if before.title != view.title || before.state != view.state {
            item("NewTitle", None);
            item("NewToolTip", None);
        }
        if before.attention != view.attention {
            item("NewStatus", Some((status(&view),).to_variant()));
        }
        if before.items != view.items {
            let revision = self.revision.fetch_add(1, Ordering::SeqCst) + 1;
            emit(
                MENU_PATH,
                MENU,
                "LayoutUpdated",
                Some((revision, 0_i32).to_variant()),
            );
        } else if before.state != view.state {
            let changed = vec![(menu::STATE, menu::state(&view))];
            let values = (changed, Vec::<(i32, Vec<String>)>::new()).to_variant();
            emit(MENU_PATH, MENU, "ItemsPropertiesUpdated", Some(values));
        }
    }
}

/// No text of the bus may have the character that ends one.
fn readable(mut view: TrayView) -> TrayView {
    let labels = view.items.iter_mut().map(|item| &mut item.label);
    for text in labels.chain([&mut view.title, &mut view.state]) {
        text.retain(|c| c != '\0');
    }
    view
}

/// Serves the icon until the loop is told to end, or the bus is gone.
fn serve(address: Option<String>, shared: &Arc<Shared>, turning: &MainLoop) -> Result<(), glib::Error> {
    let address = match address {
        Some(address) => address,
        None => gio::dbus_address_get_for_bus_sync(BusType::Session, Cancellable::NONE)?.to_string(),
    };
    // Not the connection that all of the program shares: that one cannot be closed when the icon is to go, and takes the
    // program with it when the bus ends.
    let connection = DBusConnection::for_address_sync(
        &address,
        DBusConnectionFlags::AUTHENTICATION_CLIENT | DBusConnectionFlags::MESSAGE_BUS_CONNECTION,
        None,
        Cancellable::NONE,
    )?;
    let closed = turning.clone();
    connection.connect_closed(move |_, _, _| closed.quit());
    offer_item(&connection, shared)?;
    offer_menu(&connection, shared)?;
    *shared.connection.lock().unwrap_or_else(PoisonError::into_inner) = Some(connection.clone());
    look_for_host(&connection, shared);
    turning.run();
    *shared.connection.lock().unwrap_or_else(PoisonError::into_inner) = None;
    if !connection.is_closed() {
        connection.close_sync(Cancellable::NONE)?;
    }
    Ok(())
}

/// Puts the icon where there is a place for it, whenever there is one.
fn look_for_host(connection: &DBusConnection, shared: &Arc<Shared>) {
    let hear = |sender: &str, path: &str, signal: &str, subject: Option<&str>, heard: Heard| {
        // Lasts as long as the connection. The library's own watch on a name ends the program when the bus ends.
        let _ = connection.signal_subscribe(
            Some(sender),
            Some(sender),
            Some(signal),
            Some(path),
            subject,
            DBusSignalFlags::NONE,
            move |connection, _, _, _, _, values| heard(connection, values),
        );
    };
    let owned = Arc::clone(shared);
    hear(
        BUS,
        BUS_PATH,
        "NameOwnerChanged",
        Some(WATCHER),
        Box::new(move |connection, values| {
            match values.get::<(String, String, String)>() {
                Some((_, _, owner)) if !owner.is_empty() => register(connection, &owned),
                _ => owned.tell(Told::There(false)),
            };
        }),
    );
    for signal in ["StatusNotifierHostRegistered", "StatusNotifierHostUnregistered"] {
        let shared = Arc::clone(shared);
        let ask = Box::new(move |connection: &DBusConnection, _: &Variant| ask_for_host(connection, &shared));
        hear(WATCHER, WATCHER_PATH, signal, None, ask);
    }
    register(connection, shared);
}

fn register(connection: &DBusConnection, shared: &Arc<Shared>) {
    let name = connection
        .unique_name()
        .map(|name| name.to_string())
        .unwrap_or_default();
    let (connection, shared) = (connection.clone(), Arc::clone(shared));
    connection.clone().call(
        Some(WATCHER),
        WATCHER_PATH,
        WATCHER,
        "RegisterStatusNotifierItem",
        Some(&(name,).to_variant()),
        None,
        DBusCallFlags::NO_AUTO_START,
        WAIT_MS,
        Cancellable::NONE,
        move |registered| match registered {
            Ok(_) => ask_for_host(&connection, &shared),
            Err(error) => {
                tracing::info!(%error, "the desktop does not take the icon in its tray");
                shared.tell(Told::There(false));
            }
        },
    );
}

/// Something that lists icons need not show them.
fn ask_for_host(connection: &DBusConnection, shared: &Arc<Shared>) {
    let shared = Arc::clone(shared);
    connection.call(
        Some(WATCHER),
        WATCHER_PATH,
        "org.freedesktop.DBus.Properties",
        "Get",
        Some(&(WATCHER, "IsStatusNotifierHostRegistered").to_variant()),
        None,
        DBusCallFlags::NO_AUTO_START,
        WAIT_MS,
        Cancellable::NONE,
        move |answer| {
            let there = answer
                .ok()
                .and_then(|answer| answer.try_child_value(0)?.as_variant()?.get::<bool>());
            shared.tell(Told::There(there == Some(true)));
        },
    );
}

fn offer_item(connection: &DBusConnection, shared: &Arc<Shared>) -> Result<(), glib::Error> {
    let node = DBusNodeInfo::for_xml(ITEM_XML)?;
    let Some(interface) = node.lookup_interface(ITEM) else {
        return Ok(());
    };
    let (chosen, told) = (Arc::clone(shared), Arc::clone(shared));
    connection.register_object(
        ITEM_PATH,
        &interface,
        move |_, _, _, _, method, _, call: DBusMethodInvocation| {
            call.return_value(None);
            // A wheel over the icon means nothing, and its menu is shown by the desktop.
            if matches!(method, "Activate" | "SecondaryActivate") {
                chosen.tell(Told::Picked(TrayAction::Show));
            }
        },
        move |_, _, _, _, property| item_property(&told.view(), property),
        |_, _, _, _, _, _| false,
    )?;
    Ok(())
}

fn status(view: &TrayView) -> &'static str {
    if view.attention {
        "NeedsAttention"
    } else {
        "Active"
    }
}

/// Width, height, and bytes in the order opacity, red, green, blue.
type Pixmap = (i32, i32, Vec<u8>);

fn pixmaps(attention: bool) -> Vec<Pixmap> {
    [4, 2]
        .map(|by| {
            let picture = picture::icon(by, attention);
            let mut bytes = picture.rgba;
            bytes.chunks_exact_mut(4).for_each(|pixel| pixel.rotate_right(1));
            (picture.side as i32, picture.side as i32, bytes)
        })
        .to_vec()
}

/// A property that the interface lists; nothing else is asked for.
fn item_property(view: &TrayView, property: &str) -> Variant {
    match property {
        "Category" => "ApplicationStatus".to_variant(),
        "Id" => "footnote".to_variant(),
        "Title" => view.title.to_variant(),
        "Status" => status(view).to_variant(),
        "WindowId" => 0_i32.to_variant(),
        "IconPixmap" => pixmaps(false).to_variant(),
        "AttentionIconPixmap" => pixmaps(true).to_variant(),
        "OverlayIconPixmap" => Vec::<Pixmap>::new().to_variant(),
        "ToolTip" => ("", Vec::<Pixmap>::new(), "Footnote", view.state.as_str()).to_variant(),
        "ItemIsMenu" => false.to_variant(),
        "Menu" => ObjectPath::try_from(MENU_PATH).map_or_else(|_| "".to_variant(), |path| path.to_variant()),
        _ => "".to_variant(),
    }
}

fn offer_menu(connection: &DBusConnection, shared: &Arc<Shared>) -> Result<(), glib::Error> {
    let node = DBusNodeInfo::for_xml(menu::XML)?;
    let Some(interface) = node.lookup_interface(MENU) else {
        return Ok(());
    };
    let shared = Arc::clone(shared);
    connection.register_object(
        MENU_PATH,
        &interface,
        move |_, _, _, _, method, values, call: DBusMethodInvocation| match menu_answer(
            &shared, method, &values,
        ) {
            Some(answer) => call.return_value(Some(&answer)),
            None => call.return_dbus_error("org.freedesktop.DBus.Error.InvalidArgs", "there is no such line"),
        },
        |_, _, _, _, property| match property {
            "Version" => 3_u32.to_variant(),
            "TextDirection" => "ltr".to_variant(),
            "Status" => "normal".to_variant(),
            _ => Vec::<String>::new().to_variant(),
        },
        |_, _, _, _, _, _| false,
    )?;
    Ok(())
}

/// None if it was asked about a line that is not there.
fn menu_answer(shared: &Shared, method: &str, values: &Variant) -> Option<Variant> {
    match method {
        "GetLayout" => {
            let (line, depth, names) = values.get::<(i32, i32, Vec<String>)>()?;
            let layout = menu::layout(&shared.view(), line, depth, &names)?;
            Some(Variant::tuple_from_iter([
                shared.revision.load(Ordering::SeqCst).to_variant(),
                layout,
            ]))
        }
        "GetGroupProperties" => {
            let (lines, names) = values.get::<(Vec<i32>, Vec<String>)>()?;
            Some((menu::group(&shared.view(), &lines, &names),).to_variant())
        }
        "GetProperty" => {
            let (line, name) = values.get::<(i32, String)>()?;
            let value = menu::properties(&shared.view(), line, &[])?.remove(&name)?;
            Some((value,).to_variant())
        }
        "Event" => {
            let (line, event, ..) = values.get::<(i32, String, Variant, u32)>()?;
            happened(shared, line, &event);
            Some(().to_variant())
        }
        "EventGroup" => {
            let (events,) = values.get::<(Vec<(i32, String, Variant, u32)>,)>()?;
            for (line, event, ..) in &events {
                happened(shared, *line, event);
            }
            Some((Vec::<i32>::new(),).to_variant())
        }
        // What is shown is always current.
        "AboutToShow" => Some((false,).to_variant()),
        "AboutToShowGroup" => Some((Vec::<i32>::new(), Vec::<i32>::new()).to_variant()),
        _ => None,
    }
}

fn happened(shared: &Shared, line: i32, event: &str) {
    let picked = menu::action(&shared.view(), line).filter(|_| event == "clicked");
    if let Some(action) = picked {
        shared.tell(Told::Picked(action));
    }
}
