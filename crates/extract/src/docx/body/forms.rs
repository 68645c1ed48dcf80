//! What a form says without words of its own: check boxes, lists to choose from, signs of symbol fonts.

use quick_xml::events::BytesStart;

use super::Body;
use crate::xml::attribute;

/// A field of a form that is being read.
pub(super) enum Form {
    /// A box, as it begins, and as it was left.
    Check(bool, Option<bool>),
    /// A list, and which of its entries is chosen.
    List(usize, Vec<String>),
}

impl Body<'_> {
    /// Takes an element that may be part of a field of a form.
    pub(super) fn form(&mut self, name: &str, element: &BytesStart<'_>) {
        let value = attribute(element, "val");
        let is_on = value
            .as_deref()
            .is_none_or(|value| value != "0" && value != "false");
        match (name, &mut self.form) {
            ("checkBox", _) => self.form = Some(Form::Check(false, None)),
            ("ddList", _) => self.form = Some(Form::List(0, Vec::new())),
            ("default", Some(Form::Check(default, _))) => *default = is_on,
            ("checked", Some(Form::Check(_, checked))) => *checked = Some(is_on),
            ("result", Some(Form::List(chosen, _))) => {
                *chosen = value.and_then(|value| value.parse().ok()).unwrap_or(0);
            }
            ("listEntry", Some(Form::List(_, entries))) => entries.push(value.unwrap_or_default()),
            _ => {}
        }
    }

    /// Ends the field: what it shows becomes text.
    pub(super) fn end_form(&mut self) {
        match self.form.take() {
            Some(Form::Check(default, checked)) => {
                self.push(if checked.unwrap_or(default) { "☒" } else { "☐" })
            }
            Some(Form::List(chosen, entries)) => self.push(entries.get(chosen).map_or("", String::as_str)),
            None => {}
        }
    }
}

/// The sign that a symbol font draws for a character, if it is one that says something.
pub(super) fn sign(element: &BytesStart<'_>) -> Option<&'static str> {
    let font = attribute(element, "font")?.to_ascii_lowercase();
    let code = u32::from_str_radix(&attribute(element, "char")?, 16).ok()? & 0xff;
    Some(match (font.as_str(), code) {
        ("wingdings", 0xfe) | ("wingdings 2", 0x52) => "☑",
        ("wingdings", 0xfd | 0x78) | ("wingdings 2", 0x51 | 0x53 | 0x54) => "☒",
        ("wingdings", 0x6f | 0x70 | 0x71 | 0x72 | 0xa8) | ("wingdings 2", 0x30 | 0xa3) => "☐",
        ("wingdings", 0xfc) | ("wingdings 2", 0x50) => "✓",
        ("wingdings", 0xfb) | ("wingdings 2", 0x4f) => "✗",
        ("wingdings", 0xe0 | 0xe8) | ("symbol", 0xae) => "→",
        ("wingdings", 0xdf) | ("symbol", 0xac) => "←",
        ("wingdings", 0xe1) | ("symbol", 0xad) => "↑",
        ("wingdings", 0xe2) | ("symbol", 0xaf) => "↓",
        ("wingdings", 0x28) => "☎",
        ("wingdings", 0x2a) => "✉",
        ("symbol", 0x61) => "α",
        ("symbol", 0x62) => "β",
        ("symbol", 0x67) => "γ",
        ("symbol", 0x64) => "δ",
        ("symbol", 0x44) => "Δ",
        ("symbol", 0x65) => "ε",
        ("symbol", 0x6c) => "λ",
        ("symbol", 0x6d) => "µ",
        ("symbol", 0x70) => "π",
        ("symbol", 0x73) => "σ",
        ("symbol", 0x53) => "Σ",
        ("symbol", 0x77) => "ω",
        ("symbol", 0x57) => "Ω",
        ("symbol", 0xa3) => "≤",
        ("symbol", 0xb3) => "≥",
        ("symbol", 0xb1) => "±",
        ("symbol", 0xb4) => "×",
        ("symbol", 0xb8) => "÷",
        ("symbol", 0xb0) => "°",
        ("symbol", 0xb9) => "≠",
        ("symbol", 0xbb) => "≈",
        ("symbol", 0xa5) => "∞",
        ("symbol", 0x2d) => "−",
        ("wingdings" | "wingdings 2" | "wingdings 3" | "webdings" | "symbol", 0x21..) => "•",
        _ => return None,
    })
}
