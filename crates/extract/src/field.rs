//! Fields of word processors' documents: instructions whose results stand in the text.

/// Where the hyperlink that a field's instruction makes leads; none for other fields. `\l` is a place
/// in the document itself.
pub(crate) fn hyperlink(instruction: &str) -> Option<String> {
    let rest = instruction.trim_start().strip_prefix("HYPERLINK")?;
    let target = rest.split('"').nth(1)?;
    Some(if rest.trim_start().starts_with("\\l") {
        format!("#{target}")
    } else {
        target.to_owned()
    })
}
