//! Building the tree, no deeper than any page that somebody wrote: the builder looks through all
//! open elements at many tags, so depth alone can make a small file take minutes.

use std::cell::Cell;

use html5ever::buffer_queue::BufferQueue;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts};
use html5ever::{TokenizerResult, local_name};
use scraper::{Html, HtmlTreeSink};

/// Open elements beyond this are left out; what is in them stays.
const MAX_OPEN: u32 = 400;

/// Parses a page.
pub(super) fn parse(source: &str) -> Html {
    let sink = HtmlTreeSink::new(Html::new_document());
    let limit = Limit {
        builder: TreeBuilder::new(sink, TreeBuilderOpts::default()),
        open: Cell::new(0),
        dropped: Cell::new(0),
    };
    let tokenizer = Tokenizer::new(limit, TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(source));
    // It stops after each script; none is run here.
    while !matches!(tokenizer.feed(&input), TokenizerResult::Done) {}
    tokenizer.end();
    tokenizer.sink.builder.sink.0.into_inner()
}

type Handle = <HtmlTreeSink as html5ever::tree_builder::TreeSink>::Handle;

/// Passes tokens on, but for tags that nest too deep.
struct Limit {
    builder: TreeBuilder<Handle, HtmlTreeSink>,
    open: Cell<u32>,
    dropped: Cell<u32>,
}

impl Limit {
    /// Whether the tag goes to the builder.
    fn passes(&self, tag: &Tag) -> bool {
        if !nests(tag) {
            return true;
        }
        let (open, dropped) = (self.open.get(), self.dropped.get());
        match tag.kind {
            TagKind::StartTag if open >= MAX_OPEN => {
                if !tag.self_closing {
                    self.dropped.set(dropped + 1);
                }
                false
            }
            TagKind::StartTag => {
                self.open.set(open + 1);
                true
            }
            TagKind::EndTag if dropped > 0 => {
                self.dropped.set(dropped - 1);
                false
            }
            TagKind::EndTag => {
                self.open.set(open.saturating_sub(1));
                true
            }
        }
    }
}

/// Whether elements of this name stay open until they are closed. Those whose end others imply
/// pile up in no tree, and raw text must reach the builder.
fn nests(tag: &Tag) -> bool {
    const OTHERS: &[&str] = &[
        "html",
        "head",
        "body",
        "p",
        "li",
        "dt",
        "dd",
        "tr",
        "td",
        "th",
        "tbody",
        "thead",
        "tfoot",
        "caption",
        "colgroup",
        "option",
        "optgroup",
        "rp",
        "rt",
        "rb",
        "rtc",
        "a",
        "nobr",
        "button",
        "select",
        "template",
        "frameset",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "script",
        "style",
        "title",
        "textarea",
        "xmp",
        "iframe",
        "noembed",
        "noframes",
        "noscript",
        "plaintext",
        "area",
        "base",
        "basefont",
        "bgsound",
        "br",
        "col",
        "embed",
        "frame",
        "hr",
        "image",
        "img",
        "input",
        "keygen",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
    ];
    let closed = tag.self_closing && tag.name != local_name!("div") && tag.name != local_name!("span");
    !closed && !OTHERS.contains(&&*tag.name)
}

impl TokenSink for Limit {
    type Handle = Handle;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<Handle> {
        match &token {
            Token::TagToken(tag) if !self.passes(tag) => TokenSinkResult::Continue,
            _ => self.builder.process_token(token, line),
        }
    }

    fn end(&self) {
        self.builder.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.builder
            .adjusted_current_node_present_but_not_in_html_namespace()
    }
}
