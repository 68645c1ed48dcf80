//! Files inside files: archives, attachments, mailboxes. One budget holds for all of a file's
//! insides, however deep they lie.

use std::cell::Cell;
use std::io::Read;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::rc::Rc;

use footnote_core::notice::{Notice, Warning};
use footnote_core::ocr::ExtractedPage;
use footnote_core::types::{ExtractSummary, PageUnit};
use footnote_core::{Error, ErrorCode, Password, Problem, Result};

use crate::page::{Sink, one_line};

/// Files in a file in a file in the file that was added: deeper ones are somebody's trap.
const MAX_DEPTH: u8 = 3;
/// Files inside one file, at all depths together.
const MAX_FILES: u32 = 10_000;
/// The largest single file that is unpacked: it is held in memory while it is read.
const MAX_FILE: u64 = 64 << 20;
/// Unpacked bytes of all files inside one file.
const MAX_TOTAL: u64 = 512 << 20;
/// How many times larger than packed a file may be, once it is larger than [`SMALL`]. Logs reach
/// a hundred.
const MAX_RATIO: u64 = 250;
/// Nobody minds unpacking this much for nothing.
const SMALL: u64 = 4 << 20;
/// Names in one warning.
const NAMED: usize = 5;
/// Warnings about insides of one file.
const MAX_WARNINGS: usize = 50;

/// Where a file lies: how deep inside others, and what may still be unpacked.
#[derive(Clone, Debug)]
pub(crate) struct Nest {
    depth: u8,
    left: Rc<Left>,
}

#[derive(Debug)]
struct Left {
    password: Option<Password>,
    bytes: Cell<u64>,
    files: Cell<u32>,
}

impl Nest {
    /// The place of a file that lies in no other, when there is no password.
    #[cfg(any(test, feature = "fuzz"))]
    pub(crate) fn outermost() -> Self {
        Self::opened_with(None)
    }

    /// The place of a file that lies in no other; the password is for what is locked there and inside.
    pub(crate) fn opened_with(password: Option<Password>) -> Self {
        let left = Left {
            password,
            bytes: Cell::new(MAX_TOTAL),
            files: Cell::new(MAX_FILES),
        };
        Self {
            depth: 0,
            left: Rc::new(left),
        }
    }

    /// What to try on what is locked.
    pub(crate) fn password(&self) -> Option<&Password> {
        self.left.password.as_ref()
    }

    /// The place of what lies in a file at this one.
    ///
    /// # Errors
    /// It is too deep inside others.
    pub(crate) fn deeper(&self) -> Result<Self> {
        if self.depth >= MAX_DEPTH {
            return Err(
                Error::user(format!("It is packed more than {MAX_DEPTH} files deep"))
                    .problem(Problem::PackedTooDeep {
                        most: MAX_DEPTH.into(),
                    })
                    .hint("Unpack the outer files and add what is inside"),
            );
        }
        Ok(Self {
            depth: self.depth + 1,
            left: Rc::clone(&self.left),
        })
    }

    /// Unpacks a file of `packed` bytes, within the limits on size and ratio.
    ///
    /// # Errors
    /// It is larger than the limits, or cannot be unpacked at all; what a fault in the middle
    /// leaves is returned.
    pub(crate) fn unpack(&self, packed: u64, from: impl Read) -> Result<Vec<u8>> {
        let by_ratio = packed.saturating_mul(MAX_RATIO).max(SMALL);
        let limit = MAX_FILE.min(by_ratio).min(self.left.bytes.get());
        let mut bytes = Vec::new();
        let read = from.take(limit + 1).read_to_end(&mut bytes);
        self.left
            .bytes
            .set(self.left.bytes.get().saturating_sub(bytes.len() as u64));
        if bytes.len() as u64 > limit {
            let megabytes = limit.div_ceil(1 << 20);
            return Err(Error::user(format!(
                "It unpacks to more than {megabytes} MB, the most that is read here"
            ))
            .problem(Problem::UnpacksTooLarge {
                megabytes: megabytes as u32,
            })
            .hint("If you trust the file, unpack it and add what is inside"));
        }
        match read {
            Err(_) if bytes.is_empty() => Err(Error::user("It cannot be unpacked")
                .problem(Problem::NotUnpacked)
                .hint("The file may be damaged; get it again")),
            _ => Ok(bytes),
        }
    }

    /// The most bytes that all files inside may unpack to, for readers that stream.
    pub(crate) fn total() -> u64 {
        MAX_TOTAL
    }

    /// Takes one file from the budget.
    fn take_file(&self) -> bool {
        let left = self.left.files.get();
        self.left.files.set(left.saturating_sub(1));
        left > 0
    }
}

/// Reads the files in a file one after the other into one run of pages. What fails becomes a
/// warning.
pub(crate) struct Container<'c, 's> {
    nest: Nest,
    sink: &'c mut Sink<'s>,
    pages: u32,
    warnings: Vec<Warning>,
    unknown: Vec<String>,
    fault: Option<Error>,
    full: bool,
}

impl<'c, 's> Container<'c, 's> {
    /// A container whose files lie at `nest`; `pages` were sent already.
    pub(crate) fn new(nest: Nest, pages: u32, sink: &'c mut Sink<'s>) -> Self {
        Self {
            nest,
            sink,
            pages,
            warnings: Vec::new(),
            unknown: Vec::new(),
            fault: None,
            full: false,
        }
    }

    /// Where its files lie.
    pub(crate) fn nest(&self) -> &Nest {
        &self.nest
    }

    /// Reads the file `name` by its own format; its pages are labelled "name · page".
    pub(crate) fn file(&mut self, name: &str, bytes: &[u8]) -> ControlFlow<()> {
        self.part(name, |nest, about, sink| {
            crate::parse::read_bytes(bytes, Path::new(name), nest, about, sink)
        })
    }

    /// Adds what `read` sends; see [`Container::file`]. Without a name labels stay as they are.
    pub(crate) fn part(
        &mut self,
        name: &str,
        read: impl FnOnce(&Nest, &mut ExtractSummary, &mut Sink<'_>) -> Result<u32>,
    ) -> ControlFlow<()> {
        if !self.nest.take_file() {
            if !self.full {
                self.full = true;
                self.warn(Warning::new(
                    format!("there are more than {MAX_FILES} files inside; the rest was not read"),
                    Notice::TooManyFiles { most: MAX_FILES },
                ));
            }
            return ControlFlow::Break(());
        }
        let (nest, pages, sink) = (&self.nest, &mut self.pages, &mut *self.sink);
        let mut about = ExtractSummary::default();
        let mut flow = ControlFlow::Continue(());
        // One file that makes its reader panic must not take the others along.
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            read(nest, &mut about, &mut |mut extracted| {
                *pages += 1;
                extracted.page.label = label(name, &extracted);
                extracted.page.number = *pages;
                // How many pages the whole has is known when all of it was read.
                extracted.of = None;
                extracted.warning = extracted.warning.map(|warning| warning.of_file(name));
                flow = sink(extracted);
                flow
            })
        }));
        match outcome {
            Ok(Ok(_)) => {}
            Ok(Err(error)) if error.code == Some(ErrorCode::Unsupported) => {
                self.unknown.push(name.to_owned())
            }
            Ok(Err(error)) => self.fail(name, error),
            Err(cause) => {
                let why = crate::parse::panic_text(cause.as_ref());
                self.fail(
                    name,
                    Error::user(format!("the reader gave up ({why})"))
                        .problem(Problem::DamagedFile { detail: why }),
                );
            }
        }
        for warning in about.warnings {
            self.warn(warning.of_file(name));
        }
        flow
    }

    /// Notes that the file `name` cannot be read.
    pub(crate) fn fail(&mut self, name: &str, error: Error) {
        let notice = Notice::FileUnreadable {
            detail: error.message.clone(),
        };
        self.warn(Warning::new(error.message.clone(), notice).of_file(name));
        // What a password would open says more than what is broken.
        if self.fault.is_none() || error.code == Some(ErrorCode::PasswordNeeded) {
            self.fault = Some(error.at(if name.is_empty() { "a message" } else { name }));
        }
    }

    fn warn(&mut self, warning: Warning) {
        if self.warnings.len() < MAX_WARNINGS {
            self.warnings.push(warning);
        }
    }

    /// Hands the warnings over. Returns how many pages there are, those before included.
    pub(crate) fn close(mut self, about: &mut ExtractSummary) -> u32 {
        about.warnings.append(&mut self.warnings);
        if !self.unknown.is_empty() {
            let names = self.unknown.iter().take(NAMED).map(|name| one_line(name));
            let mut list = names.collect::<Vec<_>>().join(", ");
            if self.unknown.len() > NAMED {
                list.push_str(&format!(" and {} more", self.unknown.len() - NAMED));
            }
            about.warnings.push(Warning::new(
                format!("not read, their formats are unknown: {list}"),
                Notice::UnknownFormats { files: list },
            ));
        }
        self.pages
    }

    /// Hands the warnings over. Returns how many pages there are.
    ///
    /// # Errors
    /// No file could be read; `what` names the container.
    pub(crate) fn close_or_fail(mut self, what: &str, about: &mut ExtractSummary) -> Result<u32> {
        if self.pages > 0 {
            return Ok(self.close(about));
        }
        if let Some(fault) = self.fault.take() {
            return Err(fault);
        }
        let (fact, problem, hint) = if self.unknown.is_empty() {
            (
                "is empty",
                Problem::EmptyContainer,
                "Get the file again from where it came",
            )
        } else {
            (
                "holds no file of a format that Footnote reads",
                Problem::NothingReadableInside,
                "Add documents, mails, web pages or texts",
            )
        };
        Err(Error::user(format!("The {what} {fact}"))
            .code(ErrorCode::Unsupported)
            .problem(problem)
            .hint(hint))
    }
}

/// What a page of the file `name` is called.
fn label(name: &str, extracted: &ExtractedPage) -> Option<String> {
    let page = &extracted.page;
    if name.is_empty() {
        return page.label.clone();
    }
    let undivided = matches!(page.unit, PageUnit::Section | PageUnit::Message) || extracted.of == Some(1);
    let whole = page.number == 1 && undivided;
    Some(match &page.label {
        Some(label) => format!("{name} · {label}"),
        None if whole => name.to_owned(),
        None => format!("{name} · {}", page.number),
    })
}

#[cfg(test)]
mod tests;
