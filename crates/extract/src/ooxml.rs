//! What all Office Open XML packages share: relations between parts, and what they say about
//! themselves.

use std::collections::HashMap;

use footnote_core::types::ExtractSummary;

use crate::package::Package;
use crate::page::collapse;
use crate::xml::{attribute, each_start, each_text};

/// Where a part's relation leads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Relation {
    /// The last word of its type: `slide`, `hyperlink`, `comments`.
    pub kind: String,
    /// A part's name, or an address outside if `external`.
    pub target: String,
    /// Whether it leads out of the package.
    pub external: bool,
}

/// The relations of the part `name` by id; of the package itself for an empty name.
pub(crate) fn relations(package: &mut Package<'_>, name: &str) -> HashMap<String, Relation> {
    let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
    let gap = if folder.is_empty() { "" } else { "/" };
    let mut found = HashMap::new();
    let Some(xml) = package.side_text(&format!("{folder}{gap}_rels/{file}.rels")) else {
        return found;
    };
    let _ = each_start(&xml, |element| {
        let (Some(id), Some(target)) = (attribute(element, "Id"), attribute(element, "Target")) else {
            return;
        };
        let kind = attribute(element, "Type").unwrap_or_default();
        let external = attribute(element, "TargetMode").is_some_and(|mode| mode == "External");
        let kind = kind.rsplit('/').next().unwrap_or_default().to_owned();
        // Links into the document itself are not parts either.
        let external = external || kind == "hyperlink";
        let relation = Relation {
            kind,
            target: if external {
                target
            } else {
                resolve(folder, &target)
            },
            external,
        };
        found.insert(id, relation);
    });
    found
}

/// The name of a part as another in `folder` refers to it.
fn resolve(folder: &str, target: &str) -> String {
    if let Some(absolute) = target.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut path: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => {
                path.pop();
            }
            _ => path.push(part),
        }
    }
    path.join("/")
}

/// The name of the part that holds the document, `usual` if the package does not say.
pub(crate) fn main_part(package: &mut Package<'_>, usual: &str) -> String {
    let relations = relations(package, "");
    let named = relations
        .into_values()
        .find(|relation| relation.kind == "officeDocument");
    named
        .map(|relation| relation.target)
        .unwrap_or_else(|| usual.to_owned())
}

/// Fills in what the package says about itself: title, author, date, language.
pub(crate) fn describe(package: &mut Package<'_>, about: &mut ExtractSummary) {
    let relations = relations(package, "");
    let named = relations
        .into_values()
        .find(|relation| relation.kind == "core-properties");
    let name = named.map_or_else(|| "docProps/core.xml".to_owned(), |relation| relation.target);
    let Some(xml) = package.side_text(&name) else {
        return;
    };
    let (mut created, mut modified) = (None, None);
    each_text(&xml, |name, text| {
        let text = Some(collapse(text)).filter(|text| !text.is_empty());
        match name {
            "title" => about.title = text,
            "creator" => about.author = text,
            "language" => about.language = text,
            "created" => created = text,
            "modified" => modified = text,
            _ => {}
        }
    });
    about.date = modified.or(created);
}
