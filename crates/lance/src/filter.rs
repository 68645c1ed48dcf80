//! Filters as SQL text. Every value is quoted here and nowhere else.

use footnote_core::collections::{Which, Written};
use footnote_core::ports::RowFilter;
use footnote_core::{DocumentId, RevisionId};

/// No row is so; a condition like any other, which the indexes of columns understand.
const NOWHERE: &str = "revision = ''";

/// `text` as an SQL string.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The condition that a search runs under; none if every row may be seen.
pub(crate) fn condition(filter: &RowFilter) -> Option<String> {
    let mut conditions = Vec::new();
    if let Some(within) = &filter.within {
        let parts: Vec<String> = within.iter().map(written).collect();
        conditions.push(match parts.as_slice() {
            [] => NOWHERE.to_owned(),
            [part] => part.clone(),
            parts => format!("({})", parts.join(" OR ")),
        });
    }
    if !filter.documents.is_empty() {
        conditions.push(these(&filter.documents));
    }
    if !filter.hidden.is_empty() {
        conditions.push(format!(
            "NOT ({})",
            one_of("revision", filter.hidden.iter().map(RevisionId::as_str))
        ));
    }
    (!conditions.is_empty()).then(|| conditions.join(" AND "))
}

fn written(Written { name, which }: &Written) -> String {
    let name = format!("collection = {}", quoted(name));
    match which {
        Which::Only(documents) if documents.is_empty() => NOWHERE.to_owned(),
        Which::Only(documents) => format!("({name} AND {})", these(documents)),
        Which::Except(documents) if !documents.is_empty() => {
            format!("({name} AND NOT ({}))", these(documents))
        }
        Which::All | Which::Except(_) => name,
    }
}

/// The condition that a row is of one of these documents; there must be at least one.
pub(crate) fn these(documents: &[DocumentId]) -> String {
    one_of("document", documents.iter().map(DocumentId::as_str))
}

/// The condition that `column` is one of `values`; there must be at least one.
pub(crate) fn one_of<'a>(column: &str, values: impl Iterator<Item = &'a str>) -> String {
    let values: Vec<String> = values.map(quoted).collect();
    match values.as_slice() {
        [value] => format!("{column} = {value}"),
        values => format!("{column} IN ({})", values.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_asked_is_no_condition() {
        assert_eq!(condition(&RowFilter::default()), None);
    }

    #[test]
    fn quotes_cannot_end_a_string() {
        let filter = RowFilter {
            within: Some(vec![Written::all("it's' OR 1=1 --")]),
            documents: vec!["a".into(), "b'".into()],
            hidden: vec!["r".into()],
        };
        assert_eq!(
            condition(&filter).unwrap(),
            "collection = 'it''s'' OR 1=1 --' AND document IN ('a', 'b''') AND NOT (revision = 'r')"
        );
    }

    #[test]
    fn a_collection_is_what_was_written_under_its_names_but_for_what_was_moved() {
        let within = |within: Vec<Written>| {
            condition(&RowFilter {
                within: Some(within),
                ..RowFilter::default()
            })
        };
        let which = |name: &str, which| Written {
            name: name.into(),
            which,
        };
        // Nobody is in a collection without documents.
        assert_eq!(within(vec![]).unwrap(), NOWHERE);
        assert_eq!(within(vec![which("a", Which::Only(vec![]))]).unwrap(), NOWHERE);
        assert_eq!(
            within(vec![which("a", Which::Except(vec![]))]).unwrap(),
            "collection = 'a'"
        );
        assert_eq!(
            within(vec![
                which("a", Which::Except(vec!["x".into(), "y".into()])),
                which("b", Which::Only(vec!["z'".into()])),
                Written::all("c"),
            ])
            .unwrap(),
            "((collection = 'a' AND NOT (document IN ('x', 'y'))) OR (collection = 'b' AND document = 'z''') \
             OR collection = 'c')"
        );
    }
}
