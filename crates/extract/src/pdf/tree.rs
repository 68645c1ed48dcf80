//! Name trees (ISO 32000-1, 7.9.6), read without trusting them.

use std::collections::HashSet;

use pdf_extract::{Dictionary, Document, Object, ObjectId};

use super::object::{as_dict, get, get_dict, resolve};

/// Nodes of one tree; more refer to themselves or are somebody's trap.
const MOST_NODES: usize = 20_000;

/// Calls `found` with every name of a tree and its value, resolved, in the tree's order, until it
/// returns false.
pub(super) fn walk<'a>(
    doc: &'a Document,
    root: &'a Dictionary,
    mut found: impl FnMut(&'a [u8], &'a Object) -> bool,
) {
    let mut seen: HashSet<ObjectId> = HashSet::new();
    let mut open = vec![root];
    let mut count = 0;
    while let Some(node) = open.pop() {
        count += 1;
        if count > MOST_NODES {
            return;
        }
        if let Some(Object::Array(pairs)) = get(doc, node, b"Names") {
            for pair in pairs.chunks_exact(2) {
                if let (Some(Object::String(name, _)), Some(value)) =
                    (resolve(doc, &pair[0]), resolve(doc, &pair[1]))
                    && !found(name, value)
                {
                    return;
                }
            }
        }
        if let Some(Object::Array(kids)) = get(doc, node, b"Kids") {
            for kid in kids.iter().rev().take(MOST_NODES) {
                if kid.as_reference().is_ok_and(|id| !seen.insert(id)) {
                    continue;
                }
                open.extend(resolve(doc, kid).and_then(as_dict));
            }
        }
    }
}

/// A name tree of the catalog.
pub(super) fn named<'a>(doc: &'a Document, key: &[u8]) -> Option<&'a Dictionary> {
    get_dict(doc, get_dict(doc, doc.catalog().ok()?, b"Names")?, key)
}
