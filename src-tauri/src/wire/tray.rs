//! The icon in the system's tray.

use serde::{Deserialize, Serialize};
use specta::Type;

/// What can be chosen from the icon's menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum TrayAction {
    /// Bring the window to the front.
    Show,
    /// Bring it to the front, to type a question.
    Ask,
    /// Pause indexing after the file at work.
    Pause,
    /// End the pause.
    Resume,
    /// End the program.
    Quit,
}

/// One line of the icon's menu.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct TrayItem {
    /// What it does.
    pub action: TrayAction,
    /// What it is called.
    pub label: String,
}

/// What the icon shows, in the window's language. It may be seen by others: nothing in it names a document.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct TrayView {
    /// The program's name with its state.
    pub title: String,
    /// The state alone.
    pub state: String,
    /// Whether something waits to be looked at.
    pub attention: bool,
    /// Its menu, but for the state that stands above it.
    pub items: Vec<TrayItem>,
    /// Whether closing the window leaves the program in the tray.
    pub keeps: bool,
}

/// The desktop began or ceased to show icons of programs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type, tauri_specta::Event)]
#[serde(rename_all = "camelCase")]
pub struct TrayChanged {
    /// Whether it shows them.
    pub there: bool,
}

/// A question is to be typed: the window is in front already.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type, tauri_specta::Event)]
pub struct QuestionWanted;
