//! The tray of macOS and Windows, as the window's toolkit has it.

use tauri::image::Image;
use tauri::menu::{Menu, MenuItem, PredefinedMenuItem};
use tauri::tray::{MouseButton, MouseButtonState, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, Wry};

use super::{Ear, Told, picture};
use crate::wire::{TrayAction, TrayView};

const ID: &str = "footnote";
/// Identity of the line that says the state; it does nothing.
const STATE: &str = "state";

/// The icon; goes with this.
pub(super) struct Icon {
    handle: AppHandle,
}

impl Icon {
    /// Shows the icon. None, and told so, if the system refuses.
    pub(super) fn start(handle: &AppHandle, view: TrayView, ear: Ear) -> Option<Self> {
        let shown = build(handle, &view, ear.clone());
        if let Err(error) = &shown {
            tracing::info!(%error, "there is no icon in the tray");
        }
        ear(Told::There(shown.is_ok()));
        shown.is_ok().then(|| Self {
            handle: handle.clone(),
        })
    }

    /// Shows something else.
    pub(super) fn update(&self, view: TrayView) {
        let Some(tray) = self.handle.tray_by_id(ID) else {
            return;
        };
        let put = menu(&self.handle, &view)
            .and_then(|menu| tray.set_menu(Some(menu)))
            .and_then(|()| tray.set_tooltip(Some(&view.title)))
            .and_then(|()| tray.set_icon(Some(image(view.attention))));
        if let Err(error) = put {
            tracing::info!(%error, "the icon in the tray stays as it was");
        }
    }
}

impl Drop for Icon {
    fn drop(&mut self) {
        drop(self.handle.remove_tray_by_id(ID));
    }
}

fn build(handle: &AppHandle, view: &TrayView, ear: Ear) -> tauri::Result<()> {
    let picked = ear.clone();
    TrayIconBuilder::with_id(ID)
        .icon(image(view.attention))
        .tooltip(&view.title)
        .menu(&menu(handle, view)?)
        // As is the custom there: on Windows a click shows the program, on a Mac it opens the menu.
        .show_menu_on_left_click(cfg!(target_os = "macos"))
        .on_menu_event(move |_, event| {
            if let Some(action) = named(event.id().as_ref()) {
                picked(Told::Picked(action));
            }
        })
        .on_tray_icon_event(move |_, event| {
            if cfg!(windows)
                && let TrayIconEvent::Click {
                    button: MouseButton::Left,
                    button_state: MouseButtonState::Up,
                    ..
                } = event
            {
                ear(Told::Picked(TrayAction::Show));
            }
        })
        .build(handle)
        .map(drop)
}

fn menu(handle: &AppHandle, view: &TrayView) -> tauri::Result<Menu<Wry>> {
    let menu = Menu::new(handle)?;
    menu.append(&MenuItem::with_id(
        handle,
        STATE,
        &view.state,
        false,
        None::<&str>,
    )?)?;
    menu.append(&PredefinedMenuItem::separator(handle)?)?;
    for item in &view.items {
        if item.action == TrayAction::Quit {
            menu.append(&PredefinedMenuItem::separator(handle)?)?;
        }
        // A single ampersand would underline what follows it.
        let label = item.label.replace('&', "&&");
        menu.append(&MenuItem::with_id(
            handle,
            name(item.action),
            label,
            true,
            None::<&str>,
        )?)?;
    }
    Ok(menu)
}

fn image(attention: bool) -> Image<'static> {
    let picture = picture::icon(4, attention);
    Image::new_owned(picture.rgba, picture.side, picture.side)
}

const NAMES: [(TrayAction, &str); 5] = [
    (TrayAction::Show, "show"),
    (TrayAction::Ask, "ask"),
    (TrayAction::Pause, "pause"),
    (TrayAction::Resume, "resume"),
    (TrayAction::Quit, "quit"),
];

fn name(action: TrayAction) -> &'static str {
    NAMES
        .iter()
        .find(|(known, _)| *known == action)
        .map_or("", |(_, name)| name)
}

fn named(id: &str) -> Option<TrayAction> {
    NAMES
        .iter()
        .find(|(_, name)| *name == id)
        .map(|(action, _)| *action)
}
