use std::io::Write;

use footnote_core::ErrorCode;
use footnote_core::types::Page;

use super::*;
use crate::testing::{read_bytes, zip_of};

fn read(bytes: &[u8], name: &str) -> (Result<u32>, ExtractSummary, Vec<Page>) {
    let (result, about, pages) = read_bytes(bytes, name);
    assert!(pages.iter().zip(1..).all(|(page, number)| page.number == number));
    (result, about, pages)
}

fn labels(pages: &[Page]) -> Vec<&str> {
    pages
        .iter()
        .map(|page| page.label.as_deref().unwrap_or("-"))
        .collect()
}

fn gzip_of(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

fn tar_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, *bytes).unwrap();
    }
    tar.into_inner().unwrap()
}

#[test]
fn files_inside_are_read_by_their_own_formats() {
    let inner = zip_of(&[("deep.txt", b"the deep one")]);
    let bytes = zip_of(&[
        ("notes/a.md", b"# Alpha\n\nfirst"),
        ("b.txt", b"page one\x0cpage two"),
        ("__MACOSX/._b.txt", b"litter"),
        ("photo.png", b"\x89PNG\r\n\x1a\n\0\0\0\0\0\0\0\0"),
        ("inner.zip", &inner),
        ("broken.pdf", b"no pdf at all"),
    ]);
    let (result, about, pages) = read(&bytes, "all.zip");
    assert_eq!(result, Ok(4));
    assert_eq!(
        labels(&pages),
        [
            "notes/a.md · Alpha",
            "b.txt · 1",
            "b.txt · 2",
            "inner.zip · deep.txt"
        ]
    );
    assert_eq!(pages[3].text, "the deep one");
    assert_eq!(about.media_type, "application/zip");
    assert_eq!(about.warnings.len(), 2, "{:?}", about.warnings);
    assert!(
        about.warnings[0].starts_with("photo.png: "),
        "{:?}",
        about.warnings
    );
    assert!(
        about.warnings[1].starts_with("broken.pdf: "),
        "{:?}",
        about.warnings
    );
}

#[test]
fn tar_and_gzip_are_unpacked() {
    let tar = tar_of(&[("./x/one.txt", b"one"), ("two.html", b"<html><p>two</p></html>")]);
    for bytes in [tar.clone(), gzip_of(&tar)] {
        let (result, _, pages) = read(&bytes, "a.bin");
        assert_eq!(result, Ok(2));
        assert_eq!(labels(&pages), ["x/one.txt", "two.html"]);
    }
    let (result, about, pages) = read(&gzip_of(b"# Log\n"), "log.md.gz");
    assert_eq!((result, pages[0].text.as_str()), (Ok(1), "# Log\n"));
    assert_eq!(about.media_type, "text/markdown");
    let cut = &gzip_of(&tar)[..60];
    assert!(read(cut, "cut.tgz").0.is_err_and(|error| error.hint.is_some()));
}

#[test]
fn archives_in_archives_end_at_a_depth() {
    let mut bytes = zip_of(&[("a.txt", b"bottom")]);
    for _ in 0..2 {
        bytes = zip_of(&[("a.zip", &bytes)]);
    }
    assert_eq!(read(&bytes, "a.zip").2[0].text, "bottom");
    bytes = zip_of(&[("a.zip", &bytes)]);
    let error = read(&bytes, "a.zip").0.unwrap_err();
    assert!(
        error.message.contains("3 files deep") && error.hint.is_some(),
        "{error:?}"
    );
}

#[test]
fn bombs_are_refused() {
    let blanks = vec![b' '; 80 << 20];
    let error = read(&gzip_of(&blanks), "bomb.gz").0.unwrap_err();
    assert!(error.message.contains("unpacks to more than"), "{error:?}");
    let bytes = zip_of(&[("bomb.txt", &blanks), ("small.txt", b"small")]);
    let (result, about, pages) = read(&bytes, "bomb.zip");
    assert_eq!((result, pages[0].text.as_str()), (Ok(1), "small"));
    assert!(
        about.warnings[0].starts_with("bomb.txt: It unpacks"),
        "{:?}",
        about.warnings
    );
}

#[test]
fn one_budget_holds_for_all_files_inside() {
    let nest = Nest::outermost();
    let mut unpacked = 0;
    let big = vec![0_u8; 60 << 20];
    while let Ok(bytes) = nest.deeper().unwrap().unpack(big.len() as u64, big.as_slice()) {
        unpacked += bytes.len();
    }
    assert!((400 << 20..513 << 20).contains(&unpacked), "{unpacked}");
}

#[test]
fn protected_archives_say_so() {
    // Bit 0 of the flags, in the local header and in the directory.
    let mut bytes = zip_of(&[("secret.txt", b"hidden")]);
    let directory = bytes.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
    bytes[6] |= 1;
    bytes[directory + 8] |= 1;
    let error = read(&bytes, "secret.zip").0.unwrap_err();
    assert_eq!(error.code, Some(ErrorCode::PasswordNeeded));
    assert!(error.message.starts_with("secret.txt: "));
}

#[test]
fn archives_with_nothing_to_read_are_errors() {
    for bytes in [
        zip_of(&[]),
        zip_of(&[("a.bin", b"\0\x01\x02\x03\0\x01\x02\x03")]),
        zip_of(&[("a.txt", b"x")])[..40].to_vec(),
    ] {
        let error = read(&bytes, "a.zip").0.unwrap_err();
        assert!(error.hint.is_some(), "{error:?}");
    }
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_them_panic(bytes: Vec<u8>, kind in 0_usize..3) {
        let magic: [&[u8]; 3] = [b"PK\x03\x04", b"\x1f\x8b\x08\0", b""];
        let all = [magic[kind], &bytes].concat();
        let _ = read(&all, "a.zip");
    }
}
