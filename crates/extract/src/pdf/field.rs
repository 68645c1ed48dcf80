//! Form fields (ISO 32000-1, 12.7): what a widget's field holds.

use pdf_extract::{Dictionary, Document, Object};

use super::object::{get, get_dict, get_name, inherited, number};
use super::string;

/// Flags of fields, by their bit.
const RADIO: i64 = 1 << 15;
const PUSH_BUTTON: i64 = 1 << 16;
const PASSWORD: i64 = 1 << 13;

/// Check boxes and radio buttons, each on and off.
pub(super) const MARKS: [&str; 4] = ["☑", "☐", "◉", "◯"];

/// What a field holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Field {
    /// The state of a check box or a radio button, as a sign.
    Mark(&'static str),
    /// What was typed or chosen.
    Text(String),
}

impl Field {
    /// What the field of a widget holds; none if it is empty, a button to press, or a password.
    pub(super) fn of(doc: &Document, widget: &Dictionary) -> Option<Self> {
        let flags = inherited(doc, widget, b"Ff").and_then(|flags| number(doc, flags));
        let flags = flags.unwrap_or(0.0) as i64;
        match inherited(doc, widget, b"FT")?.as_name().ok()? {
            b"Btn" if flags & PUSH_BUTTON != 0 => None,
            b"Btn" => {
                let on = is_on(doc, widget);
                let [box_on, box_off, radio_on, radio_off] = MARKS;
                Some(Self::Mark(match (flags & RADIO != 0, on) {
                    (false, true) => box_on,
                    (false, false) => box_off,
                    (true, true) => radio_on,
                    (true, false) => radio_off,
                }))
            }
            b"Tx" if flags & PASSWORD != 0 => None,
            b"Tx" => value(doc, widget).map(Self::Text),
            b"Ch" => {
                let chosen: Vec<String> = match inherited(doc, widget, b"V")? {
                    Object::Array(values) => values.iter().filter_map(|v| option(doc, widget, v)).collect(),
                    value => option(doc, widget, value).into_iter().collect(),
                };
                (!chosen.is_empty()).then(|| Self::Text(chosen.join("\n")))
            }
            _ => None,
        }
    }
}

/// The nearest value above the widget.
fn value(doc: &Document, widget: &Dictionary) -> Option<String> {
    let mut holder = widget;
    for _ in 0..32 {
        if holder.has(b"V") {
            return string::paragraphs(doc, holder, b"V");
        }
        holder = get_dict(doc, holder, b"Parent")?;
    }
    None
}

/// What a choice's option shows: options may have a name for export beside it.
fn option(doc: &Document, widget: &Dictionary, value: &Object) -> Option<String> {
    let Object::String(chosen, _) = super::object::resolve(doc, value)? else {
        return None;
    };
    let shown = inherited(doc, widget, b"Opt")
        .and_then(|options| options.as_array().ok())
        .into_iter()
        .flatten()
        .filter_map(|option| super::object::resolve(doc, option)?.as_array().ok())
        .find_map(|pair| match pair.as_slice() {
            [Object::String(name, _), Object::String(shown, _)] if name == chosen => Some(shown),
            _ => None,
        });
    let text = string::text(shown.unwrap_or(chosen));
    let text = crate::page::collapse(&text);
    (!text.is_empty()).then_some(text)
}

/// Whether a check box or radio button is on: by its own state, else by its field's value.
fn is_on(doc: &Document, widget: &Dictionary) -> bool {
    if let Some(state) = get_name(doc, widget, b"AS") {
        return state != b"Off";
    }
    let value = inherited(doc, widget, b"V").and_then(|value| value.as_name().ok());
    let Some(value) = value.filter(|value| *value != b"Off") else {
        return false;
    };
    // A radio button is on if the value is the name of its own state.
    let states = get_dict(doc, widget, b"AP").and_then(|looks| get(doc, looks, b"N"));
    match states {
        Some(Object::Dictionary(states)) => states.has(value),
        _ => true,
    }
}

/// The size of the default appearance's font; none if it is to be chosen by the viewer.
pub(super) fn font_size(doc: &Document, widget: &Dictionary) -> Option<f64> {
    let Object::String(look, _) = inherited(doc, widget, b"DA")? else {
        return None;
    };
    let look = String::from_utf8_lossy(look);
    let words: Vec<&str> = look.split_whitespace().collect();
    let at = words.iter().position(|word| *word == "Tf")?;
    let size: f64 = words.get(at.checked_sub(1)?)?.parse().ok()?;
    (size > 0.0 && size.is_finite()).then_some(size)
}
