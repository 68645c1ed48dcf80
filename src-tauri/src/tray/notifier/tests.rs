//! The icon on a bus of its own, before a desktop that the test plays.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use gio::glib::VariantTy;
use gio::{BusNameOwnerFlags, OwnerId};

use super::*;
use crate::wire::TrayItem;

/// Longer than any of this takes on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(30);

/// A bus with nobody on it.
struct Bus {
    daemon: Child,
    address: String,
}

impl Bus {
    fn start() -> Self {
        let mut daemon = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--print-address=1"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("dbus-daemon does not start; the tests need the package `dbus`");
        let mut address = String::new();
        BufReader::new(daemon.stdout.take().unwrap())
            .read_line(&mut address)
            .unwrap();
        let address = address.trim().to_owned();
        assert!(!address.is_empty(), "the bus has no address");
        Self { daemon, address }
    }

    fn connect(&self) -> DBusConnection {
        let flags = DBusConnectionFlags::AUTHENTICATION_CLIENT | DBusConnectionFlags::MESSAGE_BUS_CONNECTION;
        DBusConnection::for_address_sync(&self.address, flags, None, Cancellable::NONE).unwrap()
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

const DESKTOP_XML: &str = r#"<node><interface name="org.kde.StatusNotifierWatcher">
  <method name="RegisterStatusNotifierItem"><arg type="s" direction="in"/></method>
  <property name="IsStatusNotifierHostRegistered" type="b" access="read"/>
  <signal name="StatusNotifierHostUnregistered"/>
</interface></node>"#;

/// A desktop with a tray.
struct Desktop {
    connection: DBusConnection,
    name: OwnerId,
    turning: MainLoop,
    shows: Arc<AtomicBool>,
    items: Receiver<String>,
    signals: Receiver<String>,
}

impl Desktop {
    /// `shows`: whether anything shows the icons that it lists.
    fn start(bus: &Bus, shows: bool) -> Self {
        let connection = bus.connect();
        let shows = Arc::new(AtomicBool::new(shows));
        let (started, begun) = mpsc::channel();
        let (registered, items) = mpsc::channel();
        let (told, signals) = mpsc::channel();
        let (serving, showing) = (connection.clone(), Arc::clone(&shows));
        std::thread::spawn(move || {
            let context = MainContext::new();
            let turning = MainLoop::new(Some(&context), false);
            let registered = Mutex::new(registered);
            context
                .with_thread_default(|| {
                    let node = DBusNodeInfo::for_xml(DESKTOP_XML).unwrap();
                    serving
                        .register_object(
                            WATCHER_PATH,
                            &node.lookup_interface(WATCHER).unwrap(),
                            move |_, sender, _, _, _, values, call: DBusMethodInvocation| {
                                let (name,) = values.get::<(String,)>().unwrap();
                                assert_eq!(name, sender);
                                let _ = registered.lock().unwrap().send(name);
                                call.return_value(None);
                            },
                            move |_, _, _, _, _| showing.load(Ordering::SeqCst).to_variant(),
                            |_, _, _, _, _, _| false,
                        )
                        .unwrap();
                    let _ = serving.signal_subscribe(
                        None,
                        None,
                        None,
                        None,
                        None,
                        DBusSignalFlags::NONE,
                        move |_, _, path, _, signal, _| {
                            if [ITEM_PATH, MENU_PATH].contains(&path) {
                                let _ = told.send(signal.to_owned());
                            }
                        },
                    );
                    let name = gio::bus_own_name_on_connection(
                        &serving,
                        WATCHER,
                        BusNameOwnerFlags::NONE,
                        |_, _| {},
                        |_, _| {},
                    );
                    started.send((name, turning.clone())).unwrap();
                    turning.run();
                })
                .unwrap();
        });
        let (name, turning) = begun.recv_timeout(PATIENCE).unwrap();
        Self {
            connection,
            name,
            turning,
            shows,
            items,
            signals,
        }
    }

    fn item(&self) -> String {
        self.items.recv_timeout(PATIENCE).expect("no icon came")
    }

    fn call(
        &self,
        item: &str,
        path: &str,
        interface: &str,
        method: &str,
        values: Variant,
    ) -> Result<Variant, glib::Error> {
        self.connection.call_sync(
            Some(item),
            path,
            interface,
            method,
            Some(&values),
            None,
            DBusCallFlags::NONE,
            30_000,
            Cancellable::NONE,
        )
    }

    fn property(&self, item: &str, name: &str) -> Variant {
        let answer = self
            .call(
                item,
                ITEM_PATH,
                "org.freedesktop.DBus.Properties",
                "Get",
                (ITEM, name).to_variant(),
            )
            .unwrap();
        answer.child_value(0).as_variant().unwrap()
    }

    /// Labels of the menu with their lines; separators as lines without one.
    fn menu(&self, item: &str) -> Vec<(i32, String)> {
        let wanted = (0_i32, -1_i32, Vec::<String>::new()).to_variant();
        let layout = self.call(item, MENU_PATH, MENU, "GetLayout", wanted).unwrap();
        assert_eq!(layout.type_(), VariantTy::new("(u(ia{sv}av))").unwrap());
        let root = layout.child_value(1);
        root.child_value(2)
            .iter()
            .map(|line| {
                let line = line.as_variant().unwrap();
                let properties = line.child_value(1);
                let label = glib::VariantDict::new(Some(&properties)).lookup::<String>("label");
                (
                    line.child_value(0).get().unwrap(),
                    label.unwrap().unwrap_or_default(),
                )
            })
            .collect()
    }

    fn choose(&self, item: &str, line: i32) {
        let event = (line, "clicked", 0_i32.to_variant(), 0_u32).to_variant();
        self.call(item, MENU_PATH, MENU, "Event", event).unwrap();
    }

    /// Waits for a signal of the icon or its menu.
    fn signal(&self, wanted: &str) {
        while self.signals.recv_timeout(PATIENCE).expect(wanted) != wanted {}
    }

    fn leave(self) {
        gio::bus_unown_name(self.name);
        self.turning.quit();
        let _ = self.connection.close_sync(Cancellable::NONE);
    }
}

fn view(state: &str, actions: &[TrayAction]) -> TrayView {
    TrayView {
        title: format!("Footnote: {state}"),
        state: state.into(),
        attention: false,
        items: actions
            .iter()
            .map(|action| TrayItem {
                action: *action,
                label: format!("{action:?}_it"),
            })
            .collect(),
        keeps: false,
    }
}

const ALL: [TrayAction; 4] = [
    TrayAction::Show,
    TrayAction::Ask,
    TrayAction::Pause,
    TrayAction::Quit,
];

/// The icon on a bus, with what it tells.
fn icon(bus: &Bus) -> (Icon, Receiver<Told>) {
    let (send, told) = mpsc::channel();
    let send = Mutex::new(send);
    let ear: Ear = Arc::new(move |heard| {
        let _ = send.lock().unwrap().send(heard);
    });
    (
        Icon::on(Some(bus.address.clone()), view("Ready", &ALL), ear).unwrap(),
        told,
    )
}

fn hears(told: &Receiver<Told>, wanted: Told) {
    while told
        .recv_timeout(PATIENCE)
        .unwrap_or_else(|_| panic!("{wanted:?} was not told"))
        != wanted
    {}
}

#[test]
fn a_desktop_reads_the_icon_and_its_menu_and_hears_what_changes() {
    let bus = Bus::start();
    let desktop = Desktop::start(&bus, true);
    let (icon, told) = icon(&bus);
    let item = desktop.item();
    hears(&told, Told::There(true));

    let text = |name| desktop.property(&item, name).get::<String>().unwrap();
    assert_eq!(text("Title"), "Footnote: Ready");
    assert_eq!(
        (text("Status"), text("Category"), text("Id")),
        ("Active".into(), "ApplicationStatus".into(), "footnote".into())
    );
    assert_eq!(desktop.property(&item, "Menu").str(), Some(MENU_PATH));
    let (_, _, name, state) = desktop
        .property(&item, "ToolTip")
        .get::<(String, Vec<Pixmap>, String, String)>()
        .unwrap();
    assert_eq!((name.as_str(), state.as_str()), ("Footnote", "Ready"));
    for name in ["IconPixmap", "AttentionIconPixmap"] {
        let pictures = desktop.property(&item, name).get::<Vec<Pixmap>>().unwrap();
        assert_eq!(
            pictures.iter().map(|(width, ..)| *width).collect::<Vec<_>>(),
            [32, 64]
        );
        assert!(
            pictures
                .iter()
                .all(|(w, h, bytes)| bytes.len() == (w * h * 4) as usize)
        );
        // Opacity comes first.
        assert!(
            pictures[0]
                .2
                .chunks(4)
                .all(|pixel| pixel[0] != 0 || name == "AttentionIconPixmap" || pixel == [0; 4])
        );
    }
    let lines = |labels: &[&str]| labels.iter().map(|label| (*label).to_owned()).collect::<Vec<_>>();
    let labels = |menu: Vec<(i32, String)>| menu.into_iter().map(|(_, label)| label).collect::<Vec<_>>();
    assert_eq!(
        labels(desktop.menu(&item)),
        lines(&["Ready", "", "Show__it", "Ask__it", "Pause__it", "", "Quit__it"])
    );

    icon.update(view("Reading 1 of 2 files\0", &ALL));
    desktop.signal("ItemsPropertiesUpdated");
    assert_eq!(text("Title"), "Footnote: Reading 1 of 2 files");
    let mut failed = view("1 file could not be read", &[TrayAction::Show, TrayAction::Quit]);
    failed.attention = true;
    icon.update(failed);
    desktop.signal("NewStatus");
    desktop.signal("LayoutUpdated");
    assert_eq!(text("Status"), "NeedsAttention");
    assert_eq!(
        labels(desktop.menu(&item)),
        lines(&["1 file could not be read", "", "Show__it", "", "Quit__it"])
    );
}

#[test]
fn what_is_chosen_is_told_and_nonsense_is_refused() {
    let bus = Bus::start();
    let desktop = Desktop::start(&bus, true);
    let (_icon, told) = icon(&bus);
    let item = desktop.item();
    hears(&told, Told::There(true));
    let menu = desktop.menu(&item);
    for action in ALL {
        let (line, _) = menu
            .iter()
            .find(|(_, label)| *label == format!("{action:?}__it"))
            .unwrap();
        desktop.choose(&item, *line);
        hears(&told, Told::Picked(action));
    }
    desktop
        .call(&item, ITEM_PATH, ITEM, "Activate", (3_i32, 4_i32).to_variant())
        .unwrap();
    hears(&told, Told::Picked(TrayAction::Show));

    // The state, a line that is not there, and one that was only pointed at.
    desktop.choose(&item, menu::STATE);
    desktop.choose(&item, 999);
    let pointed = (menu[2].0, "hovered", 0_i32.to_variant(), 0_u32).to_variant();
    desktop.call(&item, MENU_PATH, MENU, "Event", pointed).unwrap();
    let wanted = (999_i32, -1_i32, Vec::<String>::new()).to_variant();
    assert!(desktop.call(&item, MENU_PATH, MENU, "GetLayout", wanted).is_err());
    assert!(
        desktop
            .call(
                &item,
                MENU_PATH,
                MENU,
                "GetProperty",
                (menu[2].0, "nonsense").to_variant()
            )
            .is_err()
    );
    let label = desktop
        .call(
            &item,
            MENU_PATH,
            MENU,
            "GetProperty",
            (menu[2].0, "label").to_variant(),
        )
        .unwrap();
    assert_eq!(label.child_value(0).as_variant().unwrap().str(), Some("Show__it"));
    let group = (vec![menu::STATE], Vec::<String>::new()).to_variant();
    let group = desktop
        .call(&item, MENU_PATH, MENU, "GetGroupProperties", group)
        .unwrap();
    assert_eq!(group.child_value(0).n_children(), 1);
    desktop
        .call(&item, MENU_PATH, MENU, "AboutToShow", (0_i32,).to_variant())
        .unwrap();
    let picked = told.try_iter().find(|heard| matches!(heard, Told::Picked(_)));
    assert_eq!(picked, None, "something was picked that nobody chose");
}

#[test]
fn a_desktop_may_come_late_hide_its_tray_go_and_come_back() {
    let bus = Bus::start();
    let (_icon, told) = icon(&bus);
    assert_eq!(told.recv_timeout(PATIENCE), Ok(Told::There(false)));
    let desktop = Desktop::start(&bus, true);
    desktop.item();
    hears(&told, Told::There(true));

    desktop.shows.store(false, Ordering::SeqCst);
    desktop
        .connection
        .emit_signal(
            None,
            WATCHER_PATH,
            WATCHER,
            "StatusNotifierHostUnregistered",
            None,
        )
        .unwrap();
    hears(&told, Told::There(false));
    desktop.leave();
    let desktop = Desktop::start(&bus, true);
    desktop.item();
    hears(&told, Told::There(true));
    desktop.leave();
    hears(&told, Told::There(false));
}

#[test]
fn a_list_of_icons_that_nothing_shows_is_no_tray() {
    let bus = Bus::start();
    let desktop = Desktop::start(&bus, false);
    let (_icon, told) = icon(&bus);
    desktop.item();
    assert_eq!(told.recv_timeout(PATIENCE), Ok(Told::There(false)));
}

#[test]
fn an_icon_that_is_switched_off_leaves_the_bus() {
    let bus = Bus::start();
    let desktop = Desktop::start(&bus, true);
    let (icon, told) = icon(&bus);
    let item = desktop.item();
    hears(&told, Told::There(true));
    let (gone, left) = mpsc::channel();
    // Heard in the desktop's loop, as a desktop would.
    let (context, connection, name) = (
        desktop.turning.context(),
        desktop.connection.clone(),
        item.clone(),
    );
    let (listening, listens) = mpsc::channel();
    context.spawn(async move {
        let _ = connection.signal_subscribe(
            Some(BUS),
            Some(BUS),
            Some("NameOwnerChanged"),
            Some(BUS_PATH),
            Some(&name),
            DBusSignalFlags::NONE,
            move |_, _, _, _, _, values| {
                let _ = gone.send(values.child_value(2).get::<String>());
            },
        );
        let _ = listening.send(());
    });
    listens.recv_timeout(PATIENCE).unwrap();
    drop(icon);
    assert_eq!(
        left.recv_timeout(PATIENCE),
        Ok(Some(String::new())),
        "the icon stayed"
    );
    assert!(
        told.try_iter().all(|heard| heard != Told::There(false)),
        "an icon that is not wanted told something"
    );
}

#[test]
fn without_a_bus_or_when_it_ends_there_is_no_tray_and_nothing_else_happens() {
    let bus = Bus::start();
    let desktop = Desktop::start(&bus, true);
    let (icon, told) = icon(&bus);
    desktop.item();
    hears(&told, Told::There(true));
    let nowhere = bus.address.clone();
    // The desktop's end is told by the library as a fault of its own; here it is wanted.
    desktop.connection.set_exit_on_close(false);
    drop(bus);
    hears(&told, Told::There(false));
    icon.update(view("Reading 1 of 2 files", &ALL));
    drop(icon);

    let (send, told) = mpsc::channel();
    let send = Mutex::new(send);
    let ear: Ear = Arc::new(move |heard| send.lock().unwrap().send(heard).unwrap());
    let icon = Icon::on(Some(nowhere), view("Ready", &ALL), ear).unwrap();
    assert_eq!(told.recv_timeout(PATIENCE), Ok(Told::There(false)));
    icon.update(view("Reading 1 of 2 files", &ALL));
}
