//! Passwords of documents, from standard input or the terminal. Never from the command line: arguments are
//! seen by every program and stay in the shell's history.

use std::borrow::Cow;
use std::io::IsTerminal;

use footnote_core::{Error, Password, Result};
use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::Hinter;
use rustyline::history::DefaultHistory;
use rustyline::validate::Validator;
use rustyline::{ColorMode, Config, Editor, Helper};

/// The first line of standard input.
///
/// # Errors
/// There is none, or it is no password.
pub fn from_stdin() -> Result<Password> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    Password::new(line.trim_end_matches(['\r', '\n'])).ok_or_else(|| {
        Error::user("There is no password on standard input")
            .hint("Pipe it in as one line, for example `footnote add FILE --password-stdin < password.txt`")
    })
}

/// Whether somebody can be asked: a terminal on both sides that can hide what is typed.
pub fn can_ask() -> bool {
    let plain = std::env::var("TERM").is_ok_and(|term| ["dumb", "cons25", "emacs"].contains(&term.as_str()));
    !plain && std::io::stdin().is_terminal() && std::io::stdout().is_terminal()
}

/// Asks for the password of the document `name`; none if the answer is empty or Ctrl-C.
///
/// # Errors
/// The terminal cannot be read.
pub async fn ask(name: &str) -> Result<Option<Password>> {
    let prompt = format!("Password of {name} (Enter to leave it): ");
    tokio::task::spawn_blocking(move || {
        let unreadable = |e: ReadlineError| Error::runtime(format!("The terminal cannot be read: {e}"));
        let config = Config::builder()
            .auto_add_history(false)
            // Without colours, what is typed would be shown as it is.
            .color_mode(ColorMode::Forced)
            .build();
        let mut editor: Editor<Masked, DefaultHistory> = Editor::with_config(config).map_err(unreadable)?;
        editor.set_helper(Some(Masked));
        match editor.readline(&prompt) {
            Ok(line) => Ok(Password::new(line)),
            Err(ReadlineError::Eof | ReadlineError::Interrupted) => Ok(None),
            Err(error) => Err(unreadable(error)),
        }
    })
    .await
    .map_err(|e| Error::bug(format!("reading the terminal stopped: {e}")))?
}

/// Shows a star for every character.
struct Masked;

impl Helper for Masked {}
impl Validator for Masked {}
impl Hinter for Masked {
    type Hint = String;
}
impl Completer for Masked {
    type Candidate = String;
}
impl Highlighter for Masked {
    fn highlight<'l>(&self, line: &'l str, _pos: usize) -> Cow<'l, str> {
        "*".repeat(line.chars().count()).into()
    }

    fn highlight_char(&self, _line: &str, _pos: usize, kind: CmdKind) -> bool {
        kind != CmdKind::MoveCursor
    }
}
