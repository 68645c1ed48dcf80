//! Filters as SQL text. Every value is quoted here and nowhere else.

use footnote_core::ports::RowFilter;
use footnote_core::{DocumentId, RevisionId};

/// `text` as an SQL string.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The condition that a search runs under; none if every row may be seen.
pub(crate) fn condition(filter: &RowFilter) -> Option<String> {
    let mut conditions = Vec::new();
    if let Some(collection) = &filter.scope.collection {
        conditions.push(format!("collection = {}", quoted(collection)));
    }
    if !filter.scope.documents.is_empty() {
        conditions.push(one_of(
            "document",
            filter.scope.documents.iter().map(DocumentId::as_str),
        ));
    }
    if !filter.hidden.is_empty() {
        conditions.push(format!(
            "NOT ({})",
            one_of("revision", filter.hidden.iter().map(RevisionId::as_str))
        ));
    }
    (!conditions.is_empty()).then(|| conditions.join(" AND "))
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
    use footnote_core::types::Scope;

    #[test]
    fn nothing_asked_is_no_condition() {
        assert_eq!(condition(&RowFilter::default()), None);
    }

    #[test]
    fn quotes_cannot_end_a_string() {
        let filter = RowFilter {
            scope: Scope {
                collection: Some("it's' OR 1=1 --".into()),
                documents: vec!["a".into(), "b'".into()],
            },
            hidden: vec!["r".into()],
        };
        assert_eq!(
            condition(&filter).unwrap(),
            "collection = 'it''s'' OR 1=1 --' AND document IN ('a', 'b''') AND NOT (revision = 'r')"
        );
    }
}
