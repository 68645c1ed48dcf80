//! What a published folder's model card says.

use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Front matter is a few lines; the rest of a card is prose.
const MOST: u64 = 64 << 10;

/// The licence that the front matter of the card at `readme` states (`license`, or `license_name` where that says
/// `other`); none without a card or without the entry.
///
/// Format: <https://github.com/huggingface/hub-docs/blob/main/modelcard.md>.
pub(crate) fn stated_licence(readme: &Path) -> Option<String> {
    let mut text = Vec::new();
    File::open(readme).ok()?.take(MOST).read_to_end(&mut text).ok()?;
    licence_of(&String::from_utf8_lossy(&text))
}

fn licence_of(card: &str) -> Option<String> {
    let mut lines = card.trim_start_matches('\u{feff}').lines();
    if lines.next()?.trim_end() != "---" {
        return None;
    }
    let entries: Vec<(&str, &str)> = lines
        .take_while(|line| line.trim_end() != "---")
        .filter_map(|line| line.split_once(':'))
        .map(|(key, value)| (key, value.trim().trim_matches(['"', '\''])))
        .collect();
    let entry = |name| {
        entries
            .iter()
            .find(|(key, value)| *key == name && !value.is_empty())
    };
    let stated = entry("license").map(|(_, value)| *value);
    let named = entry("license_name").map(|(_, value)| *value);
    stated
        .filter(|value| *value != "other")
        .or(named)
        .or(stated)
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_licence_comes_from_the_front_matter_alone() {
        let card = "---\nlanguage: en\nlicense: \"apache-2.0\"\n---\nlicense: mit\n";
        assert_eq!(licence_of(card).as_deref(), Some("apache-2.0"));
        let named = "---\r\nlicense: other\r\nlicense_name: gemma\r\n---\r\n";
        assert_eq!(licence_of(named).as_deref(), Some("gemma"));
        assert_eq!(licence_of("# Model\nlicense: mit\n"), None);
        assert_eq!(licence_of("---\ntags: [a]\n---\nlicense: mit\n"), None);
    }
}
