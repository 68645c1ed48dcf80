//! Texts of an Office Open XML workbook that have raised or lowered parts. calamine reads them as if all stood on the line.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{BufReader, Read};

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::docx::script_of;
use crate::page::collapse;
use crate::script::{self, Script};
use crate::xml::{entity, local, text_of};

/// What texts are written as so that they say the same without the place of their parts, by what calamine makes of them.
#[derive(Debug, Default)]
pub(super) struct RaisedTexts(HashMap<String, String>);

impl RaisedTexts {
    /// Reads the table of shared strings. Of what is damaged, what stands before it counts.
    pub(super) fn read(xml: impl Read) -> Self {
        let mut reader = Reader::from_reader(BufReader::new(xml));
        reader.config_mut().check_end_names = false;
        let mut raised = HashMap::new();
        let mut plain = HashSet::new();
        let mut item = Item::default();
        let mut buffer = Vec::new();
        loop {
            buffer.clear();
            match reader.read_event_into(&mut buffer) {
                Ok(Event::Start(element) | Event::Empty(element)) => match local(element.name().as_ref()) {
                    "si" => item = Item::default(),
                    "r" => item.script = Script::Line,
                    "vertAlign" => item.script = script_of(&element).unwrap_or_default(),
                    "t" => item.begin(),
                    "rPh" => item.skip = true,
                    _ => {}
                },
                Ok(Event::Text(text)) => item.push(&text_of(&text)),
                Ok(Event::GeneralRef(name)) => item.push(&entity(&name)),
                Ok(Event::End(element)) => match local(element.name().as_ref()) {
                    "t" => item.end(),
                    "rPh" => item.skip = false,
                    "si" => {
                        let Item { read, written, .. } = std::mem::take(&mut item);
                        if read == written {
                            plain.insert(hash(&collapse(&read)));
                        } else {
                            raised.insert(collapse(&read), written);
                        }
                    }
                    _ => {}
                },
                Ok(Event::Eof) | Err(_) => break,
                Ok(_) => {}
            }
        }
        // Which of two cells that read the same has the raised text cannot be told.
        raised.retain(|read, _| !plain.contains(&hash(read)));
        Self(raised)
    }

    /// What `text`, as calamine reads it, is written as.
    pub(super) fn written<'a>(&'a self, text: &'a str) -> &'a str {
        if self.0.is_empty() {
            return text;
        }
        self.0.get(&collapse(text)).map_or(text, String::as_str)
    }
}

/// A shared string.
#[derive(Default)]
struct Item {
    /// As if all of it stood on the line.
    read: String,
    written: String,
    script: Script,
    /// Where the text being read begins in `written`.
    from: Option<usize>,
    /// It is how the text is pronounced.
    skip: bool,
}

impl Item {
    fn begin(&mut self) {
        self.from = (!self.skip).then_some(self.written.len());
    }

    fn push(&mut self, text: &str) {
        if self.from.is_some() {
            self.read.push_str(text);
            self.written.push_str(text);
        }
    }

    fn end(&mut self) {
        if let Some(from) = self.from.take() {
            script::rewrite(&mut self.written, from, self.script);
        }
    }
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}
