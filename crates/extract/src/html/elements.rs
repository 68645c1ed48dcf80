//! What elements mean.

use ego_tree::iter::Edge;
use scraper::ElementRef;
use scraper::node::{Element, Node};

use crate::page::collapse;
use crate::script::{Script, rewrite};

/// The text that an element shows, on one line.
pub(super) fn visible_text(node: ElementRef<'_>) -> String {
    let mut text = String::new();
    let mut skipped = None;
    let mut raised = None;
    for edge in node.traverse() {
        match edge {
            Edge::Open(node) if skipped.is_none() => match node.value() {
                Node::Text(part) => text.push_str(part),
                Node::Element(element) if is_hidden(element) => skipped = Some(node.id()),
                Node::Element(element) if raised.is_none() && script(element.name()).is_some() => {
                    raised = script(element.name()).map(|script| (node.id(), text.len(), script));
                }
                Node::Element(element) if element.name() == "br" || is_block(element.name()) => {
                    text.push(' ')
                }
                _ => {}
            },
            Edge::Close(node) if skipped == Some(node.id()) => skipped = None,
            Edge::Close(node) => {
                if let Some((_, from, script)) = raised.take_if(|(id, ..)| *id == node.id()) {
                    rewrite(&mut text, from, script);
                }
            }
            Edge::Open(_) => {}
        }
    }
    collapse(&text)
}

pub(super) fn is_hidden(element: &Element) -> bool {
    const SKIPPED: &[&str] = &[
        "script",
        "style",
        "nav",
        "template",
        "noscript",
        "svg",
        "iframe",
        "object",
        "head",
        "select",
        "datalist",
        "canvas",
        "audio",
        "video",
        "math-annotation",
    ];
    SKIPPED.contains(&element.name())
        || element.attr("hidden").is_some()
        || element.attr("role").is_some_and(|role| role == "navigation")
        || element.attr("style").is_some_and(|style| {
            let style: String = style.chars().filter(|c| !c.is_whitespace()).collect();
            style.contains("display:none") || style.contains("visibility:hidden")
        })
}

pub(super) fn heading(name: &str) -> Option<u8> {
    match name.as_bytes() {
        [b'h', digit @ b'1'..=b'6'] => Some(digit - b'0'),
        _ => None,
    }
}

/// Where an element sets its text on the line, if it moves it.
pub(super) fn script(name: &str) -> Option<Script> {
    match name {
        "sup" => Some(Script::Above),
        "sub" => Some(Script::Below),
        _ => None,
    }
}

pub(super) fn is_block(name: &str) -> bool {
    const BLOCKS: &[&str] = &[
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "caption",
        "center",
        "dd",
        "details",
        "dialog",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "header",
        "hr",
        "legend",
        "main",
        "option",
        "p",
        "section",
        "summary",
        "table",
        "tbody",
        "tfoot",
        "thead",
        "tr",
    ];
    BLOCKS.contains(&name)
}
