//! What the formats' tests share: packages and compound files built by hand, and pages read from them.

use std::io::Write;
use std::ops::ControlFlow;
use std::path::Path;

use footnote_core::ocr::ExtractedPage;
use footnote_core::types::{ExtractSummary, Page};
use footnote_core::{Error, ErrorCode, Password, Result};

use crate::nest::Nest;
use crate::page::Sink;
use crate::source::Source;

/// What was read, and what it says about itself.
pub(crate) struct Outcome {
    pub pages: Vec<Page>,
    pub about: ExtractSummary,
}

impl Outcome {
    /// The pages' texts.
    pub(crate) fn texts(&self) -> Vec<&str> {
        self.pages.iter().map(|page| page.text.as_str()).collect()
    }

    /// The text at every place of the first page.
    pub(crate) fn place(&self, address: &str) -> Option<&str> {
        let page = self.pages.first()?;
        let place = page.places.iter().find(|place| place.address == address)?;
        Some(place.span.of(&page.text))
    }

    /// The first page's links: their texts and where they lead.
    pub(crate) fn links(&self) -> Vec<(&str, &str)> {
        let page = &self.pages[0];
        let links = page.links.iter();
        links
            .map(|link| (link.span.of(&page.text), link.target.as_str()))
            .collect()
    }
}

/// Reads with a format's reader and checks what holds for every page.
pub(crate) fn read(
    reader: impl FnOnce(&mut ExtractSummary, &mut Sink<'_>) -> Result<u32>,
) -> Result<Outcome> {
    let (mut pages, mut about) = (Vec::new(), ExtractSummary::default());
    let sent = reader(&mut about, &mut |extracted| {
        crate::invariants::check(&extracted.page);
        pages.push(extracted.page);
        ControlFlow::Continue(())
    })?;
    assert_eq!(sent as usize, pages.len());
    Ok(Outcome { pages, about })
}

/// A file's content through the front door.
pub(crate) fn read_file(name: &str, bytes: &[u8]) -> Result<Outcome> {
    read_file_with(None, name, bytes)
}

/// As [`read_file`], with a password.
pub(crate) fn read_file_with(password: Option<&str>, name: &str, bytes: &[u8]) -> Result<Outcome> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    let mut pages = Vec::new();
    let about = crate::parse::parse_file(
        &Source::open(&path)?,
        &path,
        &Nest::opened_with(password.and_then(Password::new)),
        &mut |extracted| {
            crate::invariants::check(&extracted.page);
            pages.push(extracted.page);
            ControlFlow::Continue(())
        },
    )?;
    Ok(Outcome { pages, about })
}

/// A zip package.
pub(crate) fn package(parts: &[(&str, &str)]) -> Vec<u8> {
    let files: Vec<(&str, &[u8])> = parts
        .iter()
        .map(|(name, text)| (*name, text.as_bytes()))
        .collect();
    zip_of(&files)
}

/// A ZIP archive of files.
pub(crate) fn zip_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, zip::write::SimpleFileOptions::default())
            .unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A compound file.
pub(crate) fn compound(streams: &[(&str, &[u8])]) -> Vec<u8> {
    let mut file =
        cfb::CompoundFile::create_with_version(cfb::Version::V3, std::io::Cursor::new(Vec::new())).unwrap();
    for (name, content) in streams {
        file.create_stream(format!("/{name}"))
            .unwrap()
            .write_all(content)
            .unwrap();
    }
    file.flush().unwrap();
    file.into_inner().into_inner()
}

/// Asserts that an error asks for the password.
pub(crate) fn assert_locked(outcome: Result<Outcome>) {
    let error = fault(outcome);
    assert_eq!(error.code, Some(ErrorCode::PasswordNeeded), "{}", error.message);
    assert!(error.hint.unwrap().contains("password"));
}

/// Asserts that an error tells of a password, and does not ask for one that would not help.
pub(crate) fn assert_sealed(outcome: Result<Outcome>) {
    let error = fault(outcome);
    assert!(error.message.contains("cannot open"), "{}", error.message);
    assert_eq!(error.code, None);
}

/// The error, which must have a remedy.
pub(crate) fn fault(outcome: Result<Outcome>) -> Error {
    let error = outcome.err().expect("an error");
    assert!(error.hint.is_some(), "{}", error.message);
    error
}

/// Reads a file as it is read inside others: its result, what it says about itself, its pages.
pub(crate) fn read_bytes(bytes: &[u8], name: &str) -> (Result<u32>, ExtractSummary, Vec<Page>) {
    let (result, about, extracted) = read_extracted(bytes, name);
    (result, about, extracted.into_iter().map(|one| one.page).collect())
}

/// Reads as [`read_bytes`] does, with the images of pages.
pub(crate) fn read_extracted(bytes: &[u8], name: &str) -> (Result<u32>, ExtractSummary, Vec<ExtractedPage>) {
    let (mut about, mut pages) = (ExtractSummary::default(), Vec::new());
    let result = crate::parse::read_bytes(
        bytes,
        Path::new(name),
        &Nest::outermost(),
        &mut about,
        &mut |extracted| {
            crate::invariants::check(&extracted.page);
            pages.push(extracted);
            ControlFlow::Continue(())
        },
    );
    (result, about, pages)
}
