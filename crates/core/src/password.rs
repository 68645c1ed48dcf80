//! Passwords of documents.

use std::fmt;

/// A document's password, as somebody typed it. It is held for the reading it was given for and stored
/// nowhere; it does not show when something that holds it is printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// The most bytes that are taken: no format knows longer ones.
    pub const MAX_BYTES: usize = 1024;

    /// The password that is this text; none for an empty one, and for one longer than
    /// [`Password::MAX_BYTES`].
    #[must_use]
    pub fn new(text: impl Into<String>) -> Option<Self> {
        let text = text.into();
        (1..=Self::MAX_BYTES).contains(&text.len()).then_some(Self(text))
    }

    /// The text, for those who open documents with it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_does_not_show() {
        let password = Password::new("lantern").unwrap();
        assert_eq!(format!("{password:?}"), "Password(..)");
        assert_eq!(password.expose(), "lantern");
    }

    #[test]
    fn what_no_document_can_have_is_no_password() {
        assert_eq!(Password::new(""), None);
        assert_eq!(Password::new("a".repeat(1025)), None);
    }
}
