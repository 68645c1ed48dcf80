//! The menu bar of the system. What stands in it comes from the window, in the window's words; what is chosen goes back
//! there, where the palette's commands are.
//!
//! macOS has one menu bar for all programs, and there cut, copy and paste have their keys from it. The other systems
//! have no such place, and their guidelines (GNOME, Windows 11) ask programs to do without a bar of their own: there
//! the window has its own controls and the palette.

use tauri::menu::{
    HELP_SUBMENU_ID, IsMenuItem, Menu, MenuItem, PredefinedMenuItem, Submenu, WINDOW_SUBMENU_ID,
};
use tauri::{AppHandle, Wry};
use tauri_specta::Event;

use crate::window;
use crate::wire::{CommandPicked, MenuKind, MenuLine, MenuView, StandardItem};

/// Before the identities of the window's commands, so that they are never taken for the tray's.
const PREFIX: &str = "command:";

/// Whether this system has a menu bar.
pub(crate) const fn has_bar() -> bool {
    cfg!(target_os = "macos")
}

/// Puts these menus into the system's bar.
///
/// # Errors
/// What the system says; the bar stays as it was.
pub(crate) fn show(handle: &AppHandle, menus: &[MenuView]) -> tauri::Result<()> {
    let bar = Menu::new(handle)?;
    for view in menus {
        bar.append(&menu(handle, view)?)?;
    }
    handle.set_menu(bar).map(drop)
}

/// Has the window do what was chosen; anything but its commands is another's.
pub(crate) fn picked(handle: &AppHandle, id: &str) {
    let Some(id) = command(id) else { return };
    window::raise(handle);
    if let Err(error) = (CommandPicked { id: id.to_owned() }).emit(handle) {
        tracing::warn!(%error, "an event was lost");
    }
}

fn command(id: &str) -> Option<&str> {
    id.strip_prefix(PREFIX)
}

fn menu(handle: &AppHandle, view: &MenuView) -> tauri::Result<Submenu<Wry>> {
    let label = plain(&view.label);
    let menu = match identity(view.kind) {
        Some(id) => Submenu::with_id(handle, id, label, true)?,
        None => Submenu::new(handle, label, true)?,
    };
    for line in &view.lines {
        menu.append(&*item(handle, line)?)?;
    }
    Ok(menu)
}

/// By which the system knows the menus that it adds to.
fn identity(kind: MenuKind) -> Option<&'static str> {
    match kind {
        MenuKind::Window => Some(WINDOW_SUBMENU_ID),
        MenuKind::Help => Some(HELP_SUBMENU_ID),
        MenuKind::App | MenuKind::File | MenuKind::Edit | MenuKind::View => None,
    }
}

fn item(handle: &AppHandle, line: &MenuLine) -> tauri::Result<Box<dyn IsMenuItem<Wry>>> {
    Ok(match line {
        MenuLine::Separator => Box::new(PredefinedMenuItem::separator(handle)?),
        MenuLine::Standard { item, label } => Box::new(standard(handle, *item, &plain(label))?),
        MenuLine::Command {
            id,
            label,
            keys,
            enabled,
        } => Box::new(MenuItem::with_id(
            handle,
            format!("{PREFIX}{id}"),
            plain(label),
            *enabled,
            keys.as_deref(),
        )?),
    })
}

fn standard(handle: &AppHandle, item: StandardItem, label: &str) -> tauri::Result<PredefinedMenuItem<Wry>> {
    let make = match item {
        StandardItem::Undo => PredefinedMenuItem::undo,
        StandardItem::Redo => PredefinedMenuItem::redo,
        StandardItem::Cut => PredefinedMenuItem::cut,
        StandardItem::Copy => PredefinedMenuItem::copy,
        StandardItem::Paste => PredefinedMenuItem::paste,
        StandardItem::SelectAll => PredefinedMenuItem::select_all,
        StandardItem::Services => PredefinedMenuItem::services,
        StandardItem::Hide => PredefinedMenuItem::hide,
        StandardItem::HideOthers => PredefinedMenuItem::hide_others,
        StandardItem::ShowAll => PredefinedMenuItem::show_all,
        StandardItem::Fullscreen => PredefinedMenuItem::fullscreen,
        StandardItem::Minimize => PredefinedMenuItem::minimize,
        StandardItem::Maximize => PredefinedMenuItem::maximize,
        StandardItem::CloseWindow => PredefinedMenuItem::close_window,
        StandardItem::BringToFront => PredefinedMenuItem::bring_all_to_front,
    };
    make(handle, Some(label))
}

/// A single ampersand would underline what follows it.
fn plain(label: &str) -> String {
    label.replace('&', "&&")
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use muda::accelerator::Accelerator;

    use super::*;

    /// Those of `ui/tests/unit/menu.test.ts`: the same file is read there.
    const KEYS: &str = include_str!("../../ui/tests/unit/menu.keys.txt");

    #[test]
    fn the_system_knows_all_keys_that_the_window_sends() {
        assert!(KEYS.lines().count() > 5);
        for keys in KEYS.lines() {
            assert!(Accelerator::from_str(keys).is_ok(), "{keys}");
        }
    }

    #[test]
    fn only_commands_of_the_window_are_handed_to_it() {
        assert_eq!(command("command:addFiles"), Some("addFiles"));
        assert_eq!(command("quit"), None);
    }

    #[test]
    fn a_label_is_shown_to_the_letter() {
        assert_eq!(plain("Q & A"), "Q && A");
    }

    #[test]
    fn the_system_finds_the_menus_that_it_adds_to() {
        assert_eq!(identity(MenuKind::Window), Some(WINDOW_SUBMENU_ID));
        assert_eq!(identity(MenuKind::Help), Some(HELP_SUBMENU_ID));
        assert_eq!(identity(MenuKind::App), None);
    }

    #[test]
    fn a_line_is_read_as_the_window_writes_it() {
        let line = |text: &str| serde_json::from_str::<MenuLine>(text).unwrap();
        assert_eq!(line(r#"{"kind":"separator"}"#), MenuLine::Separator);
        assert_eq!(
            line(r#"{"kind":"standard","item":"select_all","label":"All"}"#),
            MenuLine::Standard {
                item: StandardItem::SelectAll,
                label: "All".into()
            }
        );
        assert_eq!(
            line(r#"{"kind":"command","id":"find","label":"Find","keys":null,"enabled":true}"#),
            MenuLine::Command {
                id: "find".into(),
                label: "Find".into(),
                keys: None,
                enabled: true
            }
        );
    }
}
