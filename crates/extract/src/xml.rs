//! Small helpers over quick-xml. It expands no entities but the predefined ones, so documents
//! cannot blow up through them.

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, BytesText, Event};

/// A reader that forgives end tags that do not match.
pub(crate) fn reader(xml: &str) -> Reader<&[u8]> {
    let mut reader = Reader::from_str(xml);
    reader.config_mut().check_end_names = false;
    reader
}

/// Calls `visit` for every element's start. Stops at the first fault.
pub(crate) fn each_start(xml: &str, mut visit: impl FnMut(&BytesStart<'_>)) -> Result<(), quick_xml::Error> {
    let mut reader = reader(xml);
    loop {
        match reader.read_event()? {
            Event::Start(element) | Event::Empty(element) => visit(&element),
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

/// Calls `visit` with the local name and the text of every element that holds only text. Stops at
/// the first fault.
pub(crate) fn each_text(xml: &str, mut visit: impl FnMut(&str, &str)) {
    let mut reader = reader(xml);
    let (mut open, mut text) = (None, String::new());
    loop {
        match reader.read_event() {
            Ok(Event::Start(element)) => {
                open = Some(local(element.name().as_ref()).to_owned());
                text.clear();
            }
            Ok(Event::End(_)) => {
                if let Some(name) = open.take() {
                    visit(&name, &text);
                }
            }
            Ok(Event::Text(part)) if open.is_some() => text.push_str(&text_of(&part)),
            Ok(Event::GeneralRef(name)) if open.is_some() => text.push_str(&entity(&name)),
            Ok(Event::CData(data)) if open.is_some() => text.push_str(&data.into_inner()),
            Ok(Event::Eof) | Err(_) => return,
            _ => {}
        }
    }
}

/// A name without its prefix; producers choose prefixes freely.
pub(crate) fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

/// An attribute's value by local name.
pub(crate) fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    find(element, |key| local(key) == name)
}

/// An attribute's value by local name, only if its name has a prefix: `r:id` where there is `id` too.
pub(crate) fn prefixed_attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    find(element, |key| key.contains(':') && local(key) == name)
}

fn find(element: &BytesStart<'_>, same: impl Fn(&str) -> bool) -> Option<String> {
    element
        .attributes()
        .with_checks(false)
        .flatten()
        .find_map(|attribute| {
            same(attribute.key.as_ref()).then(|| {
                let raw = &attribute.value;
                quick_xml::escape::unescape(raw)
                    .map(|v| v.into_owned())
                    .unwrap_or_else(|_| raw.clone().into_owned())
            })
        })
}

/// The characters of a text event.
pub(crate) fn text_of(text: &BytesText<'_>) -> String {
    String::from(&**text)
}

/// The character that an entity stands for.
pub(crate) fn entity(reference: &BytesRef<'_>) -> String {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        return character.to_string();
    }
    quick_xml::escape::resolve_predefined_entity(reference)
        .unwrap_or_default()
        .to_owned()
}
