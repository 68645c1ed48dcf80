//! The menu bar of the system.

use serde::{Deserialize, Serialize};
use specta::Type;

/// What a menu is; the system treats some in a way of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum MenuKind {
    /// That of the program, under its name.
    App,
    /// Chats and documents.
    File,
    /// What is typed and selected.
    Edit,
    /// What is shown, and how.
    View,
    /// The system's, of windows.
    Window,
    /// The system's, with a search in all menus.
    Help,
}

/// What the system itself does, in its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum StandardItem {
    /// Takes back what was typed.
    Undo,
    /// Types it again.
    Redo,
    /// Cuts what is selected.
    Cut,
    /// Copies what is selected.
    Copy,
    /// Pastes.
    Paste,
    /// Selects all of a text.
    SelectAll,
    /// What other programs offer.
    Services,
    /// Hides the program.
    Hide,
    /// Hides the others.
    HideOthers,
    /// Shows all again.
    ShowAll,
    /// Fills the screen.
    Fullscreen,
    /// Puts the window away.
    Minimize,
    /// Makes the window as large as it can be.
    Maximize,
    /// Closes the window.
    CloseWindow,
    /// Brings all windows to the front.
    BringToFront,
}

/// One line of a menu.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum MenuLine {
    /// Something that the window does.
    Command {
        /// As the window knows it.
        id: String,
        /// What it is called.
        label: String,
        /// Keys that do the same, as `CmdOrCtrl+Shift+O`.
        keys: Option<String>,
        /// Whether it can be done now.
        enabled: bool,
    },
    /// Something that the system does.
    Standard {
        /// What it is.
        item: StandardItem,
        /// What it is called.
        label: String,
    },
    /// A line between groups.
    Separator,
}

/// One menu.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct MenuView {
    /// What it is.
    pub kind: MenuKind,
    /// What it is called.
    pub label: String,
    /// What stands in it.
    pub lines: Vec<MenuLine>,
}

/// A command of the window was chosen in the menu bar; the window is in front already.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type, tauri_specta::Event)]
#[serde(rename_all = "camelCase")]
pub struct CommandPicked {
    /// As the window knows it.
    pub id: String,
}
