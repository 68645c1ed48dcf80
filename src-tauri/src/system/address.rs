//! Addresses of documents, in the system's browser or mail program.
//!
//! A document may say anything. What is opened is what the person was shown and nothing hides in it: one line of plain
//! characters, names of other scripts as the letters that stand for them (punycode), no part before the site that
//! looks like another site, no scheme that starts anything but a browser or a mail.

use footnote_core::{Error, Result};
use url::{Position, Url};

/// Longer ones are cut or refused by what would open them.
const LENGTH_MAX: usize = 8_000;

/// What a mail may be begun with. Others have made mail programs attach files of this machine.
const MAIL_FIELDS: &[&str] = &["to", "cc", "bcc", "subject", "body"];

/// An address that may be handed to the system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address(Url);

impl Address {
    /// Takes an address as it was shown to the person who wants it opened.
    ///
    /// # Errors
    /// It leads elsewhere than to the web or to mail, or something in it is hidden. The address can still be copied.
    pub(crate) fn parse(shown: &str) -> Result<Self> {
        if shown.len() > LENGTH_MAX {
            return Err(refused("it is too long"));
        }
        if !shown.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(refused("it has characters that are not shown as they are"));
        }
        let url = Url::parse(shown).map_err(|error| refused(&format!("it cannot be read ({error})")))?;
        match url.scheme() {
            "http" | "https" => site(&url)?,
            "mailto" => mail(&url)?,
            other => return Err(refused(&format!("“{other}:” is neither the web nor mail"))),
        }
        // Up to the path what was shown and what is opened are the same letters; behind it they may differ in how a
        // character is escaped.
        let start = &url[..Position::BeforePath];
        if !shown.starts_with(start) || url.as_str().len() > LENGTH_MAX {
            return Err(refused("it is written so that it leads elsewhere than it seems"));
        }
        Ok(Self(url))
    }

    /// As it is handed on.
    pub(crate) fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Hands it to the program that the system has for it.
    ///
    /// # Errors
    /// No program can be started.
    pub(crate) fn open(&self) -> Result<()> {
        open::that_detached(self.as_str()).map_err(|error| {
            Error::runtime(format!("The address could not be opened: {error}"))
                .hint("Choose a browser and a mail program in the system's settings, or copy the address")
        })
    }
}

fn site(url: &Url) -> Result<()> {
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused("a name stands before its site, as if it were the site"));
    }
    match url.host_str() {
        Some(host) if !host.is_empty() => Ok(()),
        _ => Err(refused("it names no site")),
    }
}

fn mail(url: &Url) -> Result<()> {
    // Line breaks in escapes would begin fields of their own; those of the text are its lines.
    let hidden = |text: &str| text.chars().any(char::is_control);
    if url.query_pairs().any(|(field, text)| {
        let field = field.to_ascii_lowercase();
        !MAIL_FIELDS.contains(&field.as_str()) || (field != "body" && hidden(&text))
    }) {
        return Err(refused("it asks the mail program for more than to begin a mail"));
    }
    let path = url.path().to_ascii_lowercase();
    if ["%0a", "%0d", "%00"].iter().any(|escape| path.contains(escape)) {
        return Err(refused("it has characters that are not shown as they are"));
    }
    Ok(())
}

fn refused(why: &str) -> Error {
    Error::user(format!("Footnote does not open this address: {why}"))
        .hint("Copy the address, and look at it before you go there")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn refusal(address: &str) -> String {
        Address::parse(address).unwrap_err().message
    }

    #[test]
    fn the_web_and_mail_are_handed_on_as_shown() {
        for address in [
            "https://law.example/tenancy?section=5#b",
            "http://localhost:8080/",
            "https://[2001:db8::1]/a",
            "https://xn--exmple-4nf.org/",
            "https://law.example/?to=ada@law.example",
            "mailto:office@law.example",
            "mailto:a@law.example,b@law.example?cc=c@law.example&subject=Deposit&body=One%0D%0ATwo",
        ] {
            assert_eq!(Address::parse(address).unwrap().as_str(), address);
        }
    }

    #[test]
    fn other_schemes_are_refused() {
        for address in [
            "file:///etc/passwd",
            "javascript:alert(1)",
            "data:text/html,x",
            "smb://host/share",
            "ms-msdt:/id",
            "footnote://document/1",
        ] {
            assert!(refusal(address).contains("neither the web nor mail"), "{address}");
        }
        for address in ["", "law.example", "/etc/passwd", "--help", "-a"] {
            assert!(refusal(address).contains("cannot be read"), "{address}");
        }
    }

    #[test]
    fn what_hides_something_is_refused() {
        assert!(refusal("https://bank.example@evil.example/").contains("before its site"));
        assert!(refusal("https://a:b@evil.example/").contains("before its site"));
        assert!(refusal("https://ex\u{430}mple.org/").contains("not shown as they are"));
        assert!(refusal("https://law.example/\u{202e}fdp.exe").contains("not shown as they are"));
        assert!(refusal("https://law.example/\n--flag").contains("not shown as they are"));
        assert!(refusal("https://law.example/ x").contains("not shown as they are"));
        // A site's name in escapes, or numbers that are an address of the network.
        assert!(refusal("https://%62ank.example/").contains("elsewhere"));
        assert!(refusal("https://0x7f.1/").contains("elsewhere"));
        assert!(refusal("https:\\\\law.example/").contains("elsewhere"));
        assert!(refusal(&format!("https://law.example/{}", "x".repeat(LENGTH_MAX))).contains("too long"));
    }

    #[test]
    fn a_mail_attaches_no_file_and_has_no_fields_of_its_own() {
        for address in [
            "mailto:a@law.example?attach=/etc/passwd",
            "mailto:a@law.example?Attachment=/etc/passwd",
            "mailto:a@law.example?subject=x%0D%0ABcc:b@evil.example",
        ] {
            assert!(
                refusal(address).contains("more than to begin a mail"),
                "{address}"
            );
        }
        assert!(refusal("mailto:a@law.example%0ABcc:b@evil.example").contains("not shown"));
    }

    proptest! {
        #[test]
        fn what_is_opened_is_what_was_shown(
            shown in prop_oneof![
                any::<String>(),
                "(https?|mailto|file|HTTPS):/{0,3}[a-zA-Z0-9.:@%\\\\\\[\\]-]{0,24}(/[ -~]{0,24})?",
            ],
        ) {
            if let Ok(address) = Address::parse(&shown) {
                let url = Url::parse(address.as_str()).unwrap();
                prop_assert!(["http", "https", "mailto"].contains(&url.scheme()));
                prop_assert!(address.as_str().bytes().all(|byte| byte.is_ascii_graphic()));
                prop_assert!(url.username().is_empty() && url.password().is_none());
                if let Some(host) = url.host_str() {
                    let shown_host = shown.split('/').nth(2).unwrap();
                    prop_assert!(shown_host.starts_with(host), "{} leads to {}", shown, host);
                }
                prop_assert_eq!(Address::parse(address.as_str()).unwrap(), address);
            }
        }
    }
}
