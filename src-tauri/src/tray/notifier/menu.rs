//! The icon's menu, as `com.canonical.dbusmenu` tells it.

use std::collections::HashMap;

use gio::glib::Variant;
use gio::glib::prelude::*;

use crate::wire::{TrayAction, TrayView};

/// Its interface; after libdbusmenu's description.
pub(super) const XML: &str = r#"<node><interface name="com.canonical.dbusmenu">
  <property name="Version" type="u" access="read"/>
  <property name="TextDirection" type="s" access="read"/>
  <property name="Status" type="s" access="read"/>
  <property name="IconThemePath" type="as" access="read"/>
  <method name="GetLayout">
    <arg type="i" direction="in"/><arg type="i" direction="in"/><arg type="as" direction="in"/>
    <arg type="u" direction="out"/><arg type="(ia{sv}av)" direction="out"/>
  </method>
  <method name="GetGroupProperties">
    <arg type="ai" direction="in"/><arg type="as" direction="in"/><arg type="a(ia{sv})" direction="out"/>
  </method>
  <method name="GetProperty">
    <arg type="i" direction="in"/><arg type="s" direction="in"/><arg type="v" direction="out"/>
  </method>
  <method name="Event">
    <arg type="i" direction="in"/><arg type="s" direction="in"/><arg type="v" direction="in"/><arg type="u" direction="in"/>
  </method>
  <method name="EventGroup"><arg type="a(isvu)" direction="in"/><arg type="ai" direction="out"/></method>
  <method name="AboutToShow"><arg type="i" direction="in"/><arg type="b" direction="out"/></method>
  <method name="AboutToShowGroup">
    <arg type="ai" direction="in"/><arg type="ai" direction="out"/><arg type="ai" direction="out"/>
  </method>
  <signal name="ItemsPropertiesUpdated"><arg type="a(ia{sv})"/><arg type="a(ias)"/></signal>
  <signal name="LayoutUpdated"><arg type="u"/><arg type="i"/></signal>
</interface></node>"#;

/// What carries the lines.
const ROOT: i32 = 0;
/// The line that says the state.
pub(super) const STATE: i32 = 1;
const LINE_BELOW_STATE: i32 = 2;
const LINE_ABOVE_QUIT: i32 = 3;

type Properties = HashMap<String, Variant>;

/// The lines of the menu with their ids, which an action keeps for good.
fn lines(view: &TrayView) -> Vec<(i32, Properties)> {
    let separator = || Properties::from([("type".into(), "separator".to_variant())]);
    let mut lines = vec![(STATE, state(view)), (LINE_BELOW_STATE, separator())];
    for item in &view.items {
        if item.action == TrayAction::Quit {
            lines.push((LINE_ABOVE_QUIT, separator()));
        }
        lines.push((
            id(item.action),
            Properties::from([("label".into(), label(&item.label))]),
        ));
    }
    lines
}

/// The state, as a line that cannot be chosen.
pub(super) fn state(view: &TrayView) -> Properties {
    Properties::from([
        ("label".into(), label(&view.state)),
        ("enabled".into(), false.to_variant()),
    ])
}

/// A single underscore would underline what follows it.
fn label(text: &str) -> Variant {
    text.replace('_', "__").to_variant()
}

fn id(action: TrayAction) -> i32 {
    match action {
        TrayAction::Show => 11,
        TrayAction::Ask => 12,
        TrayAction::Pause => 13,
        TrayAction::Resume => 14,
        TrayAction::Quit => 15,
    }
}

/// What choosing a line does, if it is in the menu.
pub(super) fn action(view: &TrayView, line: i32) -> Option<TrayAction> {
    view.items
        .iter()
        .map(|item| item.action)
        .find(|action| id(*action) == line)
}

/// A line with those of its properties that are named, or all if none is; the root with its lines unless `depth` is 0.
pub(super) fn layout(view: &TrayView, line: i32, depth: i32, names: &[String]) -> Option<Variant> {
    let none = Vec::<Variant>::new();
    if line != ROOT {
        let properties = properties(view, line, names)?;
        return Some((line, properties, none).to_variant());
    }
    let children = if depth == 0 {
        none
    } else {
        let lines = lines(view).into_iter();
        lines
            .map(|(line, all)| (line, only(all, names), Vec::<Variant>::new()).to_variant())
            .collect()
    };
    Some((ROOT, properties(view, ROOT, names)?, children).to_variant())
}

/// Properties of a line; all if none is named.
pub(super) fn properties(view: &TrayView, line: i32, names: &[String]) -> Option<Properties> {
    if line == ROOT {
        let all = Properties::from([("children-display".into(), "submenu".to_variant())]);
        return Some(only(all, names));
    }
    let (_, all) = lines(view).into_iter().find(|(known, _)| *known == line)?;
    Some(only(all, names))
}

/// Properties of the lines that are asked for, or of all if none is.
pub(super) fn group(view: &TrayView, wanted: &[i32], names: &[String]) -> Vec<(i32, Properties)> {
    lines(view)
        .into_iter()
        .filter(|(line, _)| wanted.is_empty() || wanted.contains(line))
        .map(|(line, all)| (line, only(all, names)))
        .collect()
}

fn only(mut properties: Properties, names: &[String]) -> Properties {
    if !names.is_empty() {
        properties.retain(|name, _| names.contains(name));
    }
    properties
}
