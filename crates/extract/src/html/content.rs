//! The content of a page without its frame: menus, side columns, teasers, comments.
//!
//! Long texts that are not links stand in the content. The innermost element that holds nearly all
//! of them is it, unless that would leave out much other text; a page of few words is taken whole.

use std::collections::{HashMap, HashSet};

use ego_tree::{NodeId, NodeRef};
use footnote_core::types::BlockKind;
use scraper::node::{Element, Node};
use scraper::{Html, Selector};

use super::reader::Found;
use crate::page::{Piece, heading_level};

/// A text shorter than this may be a label.
const LONG: usize = 80;
/// With less long text, nothing tells content from frame.
const ENOUGH: usize = 400;
/// No more pieces than this stand between a title and the text.
const BYLINE: usize = 12;

#[derive(Clone, Copy, Default)]
struct Stats {
    /// Weight of long texts.
    good: usize,
    /// Weight of all that is not a link.
    plain: usize,
}

/// The pieces that are content, in order.
pub(super) fn select(document: &Html, found: Vec<Found>) -> Vec<Piece> {
    let tree = &document.tree;
    let weights: Vec<Stats> = found.iter().map(weigh).collect();
    let stats = sum(tree, &found, &weights, |_| true);
    let total = stats.get(&tree.root().id()).copied().unwrap_or_default();
    let pieces = |keep: &dyn Fn(usize) -> bool| -> Vec<Piece> {
        let kept = found.iter().enumerate().filter(|(n, _)| keep(*n));
        kept.map(|(_, found)| found.piece.clone()).collect()
    };
    if total.good < ENOUGH {
        return pieces(&|_| true);
    }
    // Elements that call themselves frame, and do not hold the better part of the page after all.
    let framing: HashSet<NodeId> = stats
        .iter()
        .filter(|(id, held)| {
            let element = tree.get(**id).and_then(|node| node.value().as_element());
            element.is_some_and(|element| match frame(element) {
                Frame::No => false,
                Frame::Comments => total.good - held.good >= ENOUGH && held.good * 3 < total.good * 2,
                Frame::Side => held.good * 3 < total.good,
            })
        })
        .map(|(id, _)| *id)
        .collect();
    let framed: Vec<bool> = found
        .iter()
        .map(|found| lineage(tree.get(found.owner)).any(|node| framing.contains(&node.id())))
        .collect();
    let inner = sum(tree, &found, &weights, |n| !framed[n]);
    let left = inner.get(&tree.root().id()).copied().unwrap_or_default();
    if left.good < ENOUGH {
        return pieces(&|_| true);
    }
    let main = main_element(document, &inner, left);
    let within: Vec<bool> = found
        .iter()
        .zip(&framed)
        .map(|(found, framed)| !framed && lineage(tree.get(found.owner)).any(|node| node.id() == main))
        .collect();
    // The title often stands above the element with the text.
    let first = within.iter().position(|within| *within).unwrap_or(0);
    let is_title = |n: usize| heading_level(found[n].piece.kind) == Some(1);
    let titled = (0..found.len()).any(|n| within[n] && is_title(n));
    let title = (0..first).rev().find(|n| !titled && is_title(*n));
    // Between them stand who wrote it and when.
    let byline = title
        .filter(|title| first - title <= BYLINE)
        .map_or(first, |title| title + 1);
    let said = |n: usize| (byline..first).contains(&n) && !framed[n] && weights[n].plain > 0;
    pieces(&|n| within[n] || title == Some(n) || said(n))
}

/// The innermost element with nearly all long texts; the root if that leaves out too much.
fn main_element(document: &Html, stats: &HashMap<NodeId, Stats>, left: Stats) -> NodeId {
    let of = |id: NodeId| stats.get(&id).copied().unwrap_or_default();
    let holds = |id: NodeId| of(id).plain * 5 >= left.plain * 2;
    // What the page itself calls its content, if it is one element.
    for name in ["main", "[role=main]", "article"] {
        let Ok(selector) = Selector::parse(name) else {
            continue;
        };
        let mut named = document.select(&selector);
        if let (Some(one), None) = (named.next(), named.next())
            && of(one.id()).good * 10 >= left.good * 7
            && holds(one.id())
        {
            return narrowed(one.id(), document, &of, 97);
        }
    }
    let root = document.tree.root().id();
    let inner = narrowed(root, document, &of, 97);
    if holds(inner) { inner } else { root }
}

/// Goes down from `at` while one child holds that many percent of the long texts of `at`.
fn narrowed(at: NodeId, document: &Html, of: &dyn Fn(NodeId) -> Stats, percent: usize) -> NodeId {
    let (mut at, whole) = (at, of(at));
    while let Some(node) = document.tree.get(at) {
        let down = node.children().find(|child| {
            let is_container = child.value().as_element().is_some_and(|element| {
                !matches!(
                    element.name(),
                    "p" | "pre" | "table" | "ul" | "ol" | "dl" | "blockquote" | "tbody" | "tr"
                )
            });
            let held = of(child.id());
            // Short texts beside it are content too, as long as they are not links.
            is_container && held.good * 100 >= whole.good * percent && held.plain * 100 >= whole.plain * 60
        });
        match down {
            Some(child) => at = child.id(),
            None => break,
        }
    }
    at
}

/// Adds up the pieces below every element.
fn sum(
    tree: &ego_tree::Tree<Node>,
    found: &[Found],
    weights: &[Stats],
    counts: impl Fn(usize) -> bool,
) -> HashMap<NodeId, Stats> {
    let mut stats: HashMap<NodeId, Stats> = HashMap::new();
    for (n, found) in found.iter().enumerate().filter(|(n, _)| counts(*n)) {
        for node in lineage(tree.get(found.owner)) {
            let sum = stats.entry(node.id()).or_default();
            sum.good += weights[n].good;
            sum.plain += weights[n].plain;
        }
    }
    stats
}

/// A node and all above it.
fn lineage<'a>(node: Option<NodeRef<'a, Node>>) -> impl Iterator<Item = NodeRef<'a, Node>> {
    std::iter::successors(node, NodeRef::parent)
}

fn weigh(found: &Found) -> Stats {
    // A wide character says as much as two or three letters.
    let weight = |text: &str| -> usize {
        let letters = text.chars().filter(|c| c.is_alphanumeric());
        letters.map(|c| if u32::from(c) >= 0x2e80 { 3 } else { 1 }).sum()
    };
    let all = weight(&found.piece.text);
    let bytes = found.piece.text.len().max(1);
    let plain = all - all * found.linked.min(bytes) / bytes;
    let telling = match found.piece.kind {
        BlockKind::Heading { .. } | BlockKind::Caption => false,
        _ => all >= LONG && plain * 3 >= all * 2,
    };
    Stats {
        good: if telling { plain } else { 0 },
        plain,
    }
}

/// What an element says it is.
enum Frame {
    No,
    /// Beside the content.
    Side,
    /// What readers wrote below it.
    Comments,
}

fn frame(element: &Element) -> Frame {
    const SIDE: &[&str] = &[
        "sidebar",
        "aside",
        "related",
        "recommended",
        "recommendations",
        "recirc",
        "promo",
        "promotion",
        "sponsor",
        "sponsored",
        "advert",
        "advertisement",
        "ad",
        "ads",
        "newsletter",
        "subscribe",
        "subscription",
        "breadcrumb",
        "breadcrumbs",
        "cookie",
        "cookies",
        "consent",
        "gdpr",
        "share",
        "sharing",
        "social",
        "footer",
        "masthead",
        "popup",
        "modal",
        "overlay",
        "pagination",
        "pager",
        "nav",
        "navbar",
        "navigation",
        "menu",
        "widget",
        "widgets",
        "trending",
        "popular",
        "teaser",
        "teasers",
        "outbrain",
        "taboola",
        "login",
        "signup",
        "banner",
        "tags",
        "taglist",
        "skip",
        "navbox",
        "catlinks",
        "toolbar",
    ];
    const STEMS: &[&str] = &[
        "related",
        "recommend",
        "sponsor",
        "advert",
        "newsletter",
        "breadcrumb",
        "sidebar",
    ];
    const COMMENTS: &[&str] = &[
        "comment",
        "comments",
        "commentlist",
        "disqus",
        "respond",
        "replies",
    ];
    let name = element.name();
    if matches!(name, "html" | "body" | "main" | "article" | "h1" | "h2" | "p") {
        return Frame::No;
    }
    let role = element.attr("role").unwrap_or_default();
    if matches!(name, "footer" | "aside")
        || matches!(role, "complementary" | "contentinfo" | "banner" | "search")
    {
        return Frame::Side;
    }
    let mut side = false;
    for attribute in ["class", "id"] {
        let words = words(element.attr(attribute).unwrap_or_default());
        // `has-sidebar` is said of the element with the content.
        if words
            .iter()
            .any(|word| matches!(word.as_str(), "has" | "with" | "no" | "without"))
        {
            continue;
        }
        for word in words {
            if COMMENTS.contains(&word.as_str()) {
                return Frame::Comments;
            }
            side |= SIDE.contains(&word.as_str()) || STEMS.iter().any(|stem| word.starts_with(stem));
        }
    }
    if side { Frame::Side } else { Frame::No }
}

/// The words of a class: `relatedPosts` and `related-posts` alike.
fn words(class: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for c in class.chars().take(400) {
        if !c.is_alphanumeric() || (c.is_uppercase() && before.is_lowercase()) {
            words.push(String::new());
        }
        if let (true, Some(word)) = (c.is_alphanumeric(), words.last_mut()) {
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    words
}
