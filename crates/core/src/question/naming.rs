//! Documents that a question names: "What does the 2019 lease say about rent?" is asked of `lease-2019.pdf`.
//!
//! A name is taken for one only if the question has all of it, in one piece, and something besides; then the documents of
//! that name are searched first, and all others if they do not say.

use std::collections::HashSet;

use crate::ids::DocumentId;
use crate::text::{Term, content_terms};

/// What a document is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentName {
    /// Which document.
    pub id: DocumentId,
    /// Its file's name, with its ending.
    pub file: String,
    /// Its title.
    pub title: String,
}

/// Documents that a question names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Their ids; several if they have the same name.
    pub documents: Vec<DocumentId>,
    /// The first one's file name.
    pub file: String,
    /// The words of the question that are not the name.
    pub rest: String,
}

/// Words that a name may have without the question saying them: kinds of documents and states of files.
const KINDS: &str = "agreement contract report document letter minutes notes file copy final draft scan signed version \
    memo manual guide form vertrag bericht protokoll schreiben brief dokument datei kopie entwurf endfassung fassung notizen";
/// Endings of file names, which ask nothing.
const ENDINGS: &str = "pdf docx doc odt rtf xlsx xls ods csv pptx odp txt md html eml";
/// More documents of one name are not named but spoken of.
const MOST: usize = 3;

/// The documents that `question`, without filters, names; none if it names none, or nothing is asked about them.
pub fn named_in(question: &str, names: &[DocumentName]) -> Option<Named> {
    by_file(question, names).or_else(|| by_words(question, names))
}

/// By a file's name with its ending, as it is written.
fn by_file(question: &str, names: &[DocumentName]) -> Option<Named> {
    let lower = question.to_lowercase();
    let found = names.iter().filter_map(|name| {
        let file = name.file.to_lowercase();
        let stands = file.contains('.') && whole(&lower, &file);
        stands.then_some((file.len(), name))
    });
    let found: Vec<_> = found.collect();
    // "lease.pdf" stands in "old-lease.pdf", too.
    let longest = found.iter().map(|(length, _)| *length).max()?;
    let best: Vec<&DocumentName> = found
        .into_iter()
        .filter_map(|(length, name)| (length == longest).then_some(name))
        .collect();
    let rest = lower.replace(&best[0].file.to_lowercase(), " ");
    told(&best, content_terms(&rest))
}

/// Whether `part` stands in `text` with no letter or digit at either end.
fn whole(text: &str, part: &str) -> bool {
    text.match_indices(part).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + part.len()..].chars().next();
        let open = |next: Option<char>| next.is_none_or(|c| !c.is_alphanumeric());
        open(before) && open(after)
    })
}

/// By the words of a title or a file's name.
fn by_words(question: &str, names: &[DocumentName]) -> Option<Named> {
    let kinds: HashSet<Term> = content_terms(KINDS).into_iter().collect();
    let endings: HashSet<Term> = content_terms(ENDINGS).into_iter().collect();
    let mut asked = content_terms(&apart(question));
    asked.retain(|term| !endings.contains(term));
    let mut best: Option<(usize, Vec<&DocumentName>, Vec<Term>)> = None;
    for name in names {
        let stem = name.file.rsplit_once('.').map_or(&*name.file, |(stem, _)| stem);
        let found = [stem, &name.title]
            .into_iter()
            .filter_map(|words| matched(&asked, words, &kinds))
            .max_by_key(|(count, _)| *count);
        let Some((count, rest)) = found else { continue };
        match &mut best {
            Some((most, names, _)) if *most == count => names.push(name),
            Some((most, ..)) if *most > count => {}
            _ => best = Some((count, vec![name], rest)),
        }
    }
    let (_, found, rest) = best?;
    told(&found, rest)
}

/// How many words of a name the question has, and the words besides; none if it lacks one that counts, if there is only
/// one, or if others stand between them.
fn matched(asked: &[Term], name: &str, kinds: &HashSet<Term>) -> Option<(usize, Vec<Term>)> {
    let mut wanted: HashSet<Term> = content_terms(&apart(name)).into_iter().collect();
    wanted.retain(|term| !kinds.contains(term) || asked.contains(term));
    if wanted.len() < 2 || wanted.iter().all(|term| kinds.contains(term)) {
        return None;
    }
    let window = asked
        .windows(wanted.len())
        .position(|words| words.iter().collect::<HashSet<_>>() == wanted.iter().collect())?;
    let mut rest = asked.to_vec();
    rest.drain(window..window + wanted.len());
    Some((wanted.len(), rest))
}

/// Of what was found, none if too many have the name or nothing is asked.
fn told(found: &[&DocumentName], rest: Vec<Term>) -> Option<Named> {
    let rest: Vec<String> = rest.into_iter().map(|term| term.0).collect();
    (found.len() <= MOST && !rest.is_empty()).then(|| Named {
        documents: found.iter().map(|name| name.id.clone()).collect(),
        file: found[0].file.clone(),
        rest: rest.join(" "),
    })
}

/// "lease-2019.pdf" is one word to Unicode.
fn apart(name: &str) -> String {
    name.replace(['_', '-', '.'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Vec<DocumentName> {
        let name = |file: &str, title: &str| DocumentName {
            id: file.into(),
            file: file.into(),
            title: title.into(),
        };
        vec![
            name("lease-2019.pdf", "Residential lease"),
            name("lease-2024.pdf", "Residential lease"),
            name("old-lease-2019.pdf", "old-lease-2019.pdf"),
            name("Mietvertrag_Amsel.docx", "Mietvertrag Amsel"),
            name("scan0001.pdf", "Compost trial, final report"),
            name("report.md", "Report"),
            name("warsaw.txt", "Warsaw"),
        ]
    }

    fn found(question: &str) -> Option<(Vec<String>, String)> {
        let named = named_in(question, &names())?;
        let ids = named.documents.into_iter().map(|id| id.0).collect();
        Some((ids, named.rest))
    }

    fn one(question: &str) -> Option<String> {
        found(question).map(|(ids, _)| ids.join(" "))
    }

    #[test]
    fn a_file_s_name_names_it_and_no_longer_one() {
        let (ids, rest) = found("What is the deposit in lease-2019.pdf?").unwrap();
        assert_eq!((ids, rest), (vec!["lease-2019.pdf".into()], "deposit".into()));
        assert_eq!(
            one("Who signed OLD-LEASE-2019.pdf?").as_deref(),
            Some("old-lease-2019.pdf")
        );
        assert_eq!(
            one("What does report.md say of bees?").as_deref(),
            Some("report.md")
        );
        assert_eq!(one("lease-2019.pdf"), None);
    }

    #[test]
    fn all_words_of_a_name_in_one_piece_name_it() {
        let (ids, rest) = found("What does the 2019 lease say about rent?").unwrap();
        assert_eq!(ids, ["lease-2019.pdf"]);
        assert!(rest.contains("rent") && !rest.contains("2019"), "{rest}");
        assert_eq!(
            one("Wie hoch ist die Kaution im Mietvertrag Amsel?").as_deref(),
            Some("Mietvertrag_Amsel.docx")
        );
        // Kinds of documents may be left out, and said.
        assert_eq!(
            one("Who leads the compost trial?").as_deref(),
            Some("scan0001.pdf")
        );
        assert_eq!(
            one("Which plots does the final report of the compost trial exclude?").as_deref(),
            Some("scan0001.pdf")
        );
        assert_eq!(one("Which plots of the trial got compost?"), None);
        assert_eq!(
            one("Which old lease 2019 clause covers pets?").as_deref(),
            Some("old-lease-2019.pdf")
        );
    }

    #[test]
    fn what_only_looks_like_a_name_is_none() {
        for question in [
            // Which of two?
            "What does the lease say about rent?",
            "Is there a lease of a boat from 2019?",
            // One word is a subject.
            "How large is Warsaw?",
            "What is the report about?",
            // Nothing is asked of it.
            "the 2019 lease",
            "",
        ] {
            assert_eq!(one(question), None, "{question}");
        }
        assert_eq!(named_in("What of the 2019 lease?", &[]), None);
    }
}
