//! What is printed: results on standard output, everything else on standard error.

use std::collections::HashSet;
use std::io::{IsTerminal, Write};
use std::path::Path;

use footnote_core::export::DISAGREE;
use footnote_core::find::Language;
use footnote_core::locator::Locator;
use footnote_core::personal::masked;
use footnote_core::question::acronyms::Acronym;
use footnote_core::sieve::Filtered;
use footnote_core::text::one_line;
use footnote_core::types::{Answer, Citation};
use footnote_core::{DocumentId, Error, Result};
use serde::Serialize;

/// Writes a line of results.
///
/// # Errors
/// Standard output was closed or is full.
pub fn line(text: impl AsRef<str>) -> Result<()> {
    piece(format!("{}\n", text.as_ref()))
}

/// Writes part of a line and shows it at once.
///
/// # Errors
/// As [`line()`].
pub fn piece(text: impl AsRef<str>) -> Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_ref().as_bytes())
        .and_then(|()| out.flush())
        .map_err(|error| {
            // Somebody piped into `head`: that is an end, not a fault.
            if error.kind() == std::io::ErrorKind::BrokenPipe {
                Error::canceled()
            } else {
                Error::from(error)
            }
        })
}

/// Writes one object as a line.
///
/// # Errors
/// As [`line()`].
pub fn json(value: &impl Serialize) -> Result<()> {
    line(serde_json::to_string(value).map_err(|e| Error::bug(format!("the result cannot be written: {e}")))?)
}

/// Writes a file that is not there yet.
///
/// # Errors
/// It is there, or cannot be written.
pub fn new_file(path: &Path, text: &str) -> Result<()> {
    let written = std::fs::File::create_new(path).and_then(|mut file| file.write_all(text.as_bytes()));
    match written {
        Ok(()) => {
            note(format!("written to {}", path.display()));
            Ok(())
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Err(there(path)),
        Err(error) => Err(Error::from(error).at(path.display())),
    }
}

/// Refuses a file that is there, before the work is done whose result it is to hold.
///
/// # Errors
/// It is there.
pub fn check_new(path: &Path) -> Result<()> {
    if path.exists() { Err(there(path)) } else { Ok(()) }
}

fn there(path: &Path) -> Error {
    Error::user(format!("{} is there already", path.display())).hint("Choose another name, or move it away")
}

/// The text of a file; `-` is standard input.
///
/// # Errors
/// It cannot be read, or is not UTF-8.
pub fn text_of(file: &Path) -> Result<String> {
    let read = if file == Path::new("-") {
        std::io::read_to_string(std::io::stdin())
    } else {
        std::fs::read_to_string(file)
    };
    read.map_err(|error| match error.kind() {
        std::io::ErrorKind::InvalidData => Error::user(format!("{} is not text in UTF-8", file.display()))
            .hint("Save it as UTF-8 and try again"),
        _ => Error::from(error).at(file.display()),
    })
}

/// Writes a note to standard error.
pub fn note(text: impl AsRef<str>) {
    // There is nowhere left to complain to.
    let _ = writeln!(std::io::stderr().lock(), "{}", text.as_ref());
}

/// Writes log lines with personal data masked.
pub struct Masking<W>(pub W);

impl<W: Write> Write for Masking<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        // A line comes as a whole.
        self.0
            .write_all(masked(&String::from_utf8_lossy(bytes)).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

/// Says how many pages were looked through, on a line that the next report overwrites.
pub fn progress(done: u32, total: u32) {
    let mut err = std::io::stderr().lock();
    if err.is_terminal() {
        let end = if done == total { "\n" } else { "" };
        let _ = write!(err, "\r{done} of {total} pages looked through{end}");
    }
}

/// An error with its remedy, for people.
pub fn error_text(error: &Error) -> String {
    let bold = std::io::stderr().is_terminal();
    let label = if bold { "\x1b[1;31merror:\x1b[0m" } else { "error:" };
    match &error.hint {
        Some(hint) => format!("{label} {}\n  hint: {hint}", error.message),
        None => format!("{label} {}", error.message),
    }
}

/// The list of sources below an answer: number, file, page, quote; each number once per quote.
///
/// `withdrawn` documents are not in the library any more.
pub fn sources(answer: &Answer, withdrawn: &HashSet<DocumentId>) -> Vec<String> {
    let mut seen: Vec<&Citation> = Vec::new();
    for citation in &answer.citations {
        if !seen.iter().any(|c| c.n == citation.n && c.span == citation.span) {
            seen.push(citation);
        }
    }
    seen.sort_by_key(|citation| citation.n);
    seen.into_iter()
        .map(|citation| {
            let n = citation.n;
            if citation.path.as_os_str().is_empty() {
                return format!("[{n}] a document that was removed");
            }
            format!(
                "[{n}] {}: “{}”",
                place(citation, "", withdrawn),
                one_line(&citation.quote)
            )
        })
        .collect()
}

/// Said behind a place in a picture that was not surely read: ` (read from a picture, 62 % sure)`.
pub fn doubt(locator: &Locator) -> String {
    let doubt = locator.doubt(Language::English);
    doubt.map_or_else(String::new, |doubt| format!(" ({doubt})"))
}

fn place(citation: &Citation, day: &str, withdrawn: &HashSet<DocumentId>) -> String {
    let page = citation.locator.told(citation.page, Language::English);
    let removed = if withdrawn.contains(&citation.document) {
        " (withdrawn)"
    } else {
        ""
    };
    let doubt = doubt(&citation.locator);
    format!("{}, {page}{day}{removed}{doubt}", citation.path.display())
}

/// What documents say that do not agree, below an answer.
pub fn disagreements(answer: &Answer, withdrawn: &HashSet<DocumentId>) -> Vec<String> {
    let mut lines = Vec::new();
    for disagreement in &answer.disagreements {
        lines.push(DISAGREE.to_owned());
        for side in &disagreement.sides {
            let citation = &side.citation;
            let day = side.day().map_or_else(String::new, |day| format!(" ({day})"));
            lines.push(format!(
                "  [{}] {}: “{}”",
                citation.n,
                place(citation, &day, withdrawn),
                one_line(&citation.quote)
            ));
        }
    }
    lines
}

/// How a question was searched besides as it was typed.
pub fn understood(acronyms: &[Acronym], sub_questions: &[String]) -> Vec<String> {
    let acronyms = acronyms
        .iter()
        .map(|acronym| format!("Searched as {} and as {}", acronym.short, acronym.long));
    let several = (!sub_questions.is_empty())
        .then(|| format!("Searched one by one, too: {}", sub_questions.join("; ")));
    acronyms.chain(several).collect()
}

/// What filters did: `Filtered by file:lease after:2023: 3 of 38 documents`.
pub fn filtered(filtered: &Filtered) -> String {
    format!(
        "Filtered by {}: {} of {} documents",
        filtered.filters.join(" "),
        filtered.documents,
        filtered.of
    )
}

/// Said below a passage that has an instruction to the model in it.
pub const MARKED: &str = "   Warning: it has instructions to the model that reads it. They are not followed.";

/// Bytes for people, in decimal units.
pub fn bytes(count: u64) -> String {
    footnote_fetch::human_bytes(count)
}
