//! What pages of files in files are called, and that their images come along.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use footnote_core::ocr::ExtractedPage;
use image::{GrayImage, ImageFormat, Luma};

use crate::testing::{read_extracted, zip_of};

/// The letter L, black on white.
fn letter() -> GrayImage {
    GrayImage::from_fn(60, 80, |x, y| {
        let ink =
            (10..20).contains(&x) && (10..70).contains(&y) || (10..50).contains(&x) && (60..70).contains(&y);
        Luma([if ink { 0 } else { 255 }])
    })
}

fn png() -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    letter().write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// A page with text, and `scans` pages that show the letter and have no text.
fn scanned(scans: usize) -> Vec<u8> {
    let pixels: String = letter()
        .pixels()
        .map(|pixel| format!("{:02x}", pixel.0[0]))
        .collect();
    let text = "BT /F 12 Tf 50 700 Td (A page with text) Tj ET";
    let kids: String = (0..=scans).map(|n| format!("{} 0 R ", 10 + n)).collect();
    let mut out = format!(
        "%PDF-1.4\n1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj\n\
         2 0 obj << /Type /Pages /Kids [{kids}] /Count {} /MediaBox [0 0 600 800] >> endobj\n\
         3 0 obj << /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >> endobj\n\
         4 0 obj << /Type /XObject /Subtype /Image /Width 60 /Height 80 /ColorSpace /DeviceGray \
         /BitsPerComponent 8 /Filter /ASCIIHexDecode /Length {} >>\nstream\n{pixels}>\nendstream endobj\n\
         5 0 obj << /Length {} >>\nstream\n{text}\nendstream endobj\n\
         6 0 obj << /Length 25 >>\nstream\n600 0 0 800 0 0 cm /I Do \nendstream endobj\n\
         10 0 obj << /Type /Page /Parent 2 0 R /Contents 5 0 R /Resources << /Font << /F 3 0 R >> >> >> endobj\n",
        scans + 1,
        pixels.len() + 1,
        text.len(),
    );
    for n in 1..=scans {
        out.push_str(&format!(
            "{} 0 obj << /Type /Page /Parent 2 0 R /Contents 6 0 R \
             /Resources << /XObject << /I 4 0 R >> >> >> endobj\n",
            10 + n
        ));
    }
    out.push_str("trailer << /Root 1 0 R >>\n%%EOF\n");
    out.into_bytes()
}

/// Number, label and, of a page with an image, what is said if nothing is recognised in it.
fn told(pages: &[ExtractedPage]) -> Vec<(u32, Option<&str>, Option<&str>)> {
    let told = pages.iter().map(|one| {
        assert_eq!(one.image.is_some(), one.warning.is_some());
        (one.page.number, one.page.label.as_deref(), one.warning.as_deref())
    });
    told.collect()
}

#[test]
fn pictures_in_an_archive_come_with_their_images() {
    let bytes = zip_of(&[("a.txt", b"first"), ("scans/l.png", &png())]);
    let (result, about, pages) = read_extracted(&bytes, "all.zip");
    assert_eq!(result, Ok(2));
    assert_eq!(
        told(&pages),
        [
            (1, Some("a.txt"), None),
            (2, Some("scans/l.png"), Some("scans/l.png: page 1 is an image")),
        ]
    );
    let image = pages[1].image.as_ref().unwrap();
    assert_eq!((image.width, image.height), (60, 80));
    assert_eq!(image.grey, letter().into_raw());
    assert!(about.warnings.is_empty(), "{:?}", about.warnings);
}

#[test]
fn pictures_attached_to_a_mail_come_with_their_images() {
    let mail = format!(
        "From: Ann <ann@example.org>\r\nTo: Bob <bob@example.org>\r\nSubject: The receipt\r\n\
         MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n\
         --x\r\nContent-Type: text/plain\r\n\r\nAttached.\r\n\
         --x\r\nContent-Type: image/png; name=\"l.png\"\r\nContent-Disposition: attachment; filename=\"l.png\"\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{}\r\n--x--\r\n",
        STANDARD.encode(png())
    );
    let (result, _, pages) = read_extracted(mail.as_bytes(), "receipt.eml");
    assert_eq!(result, Ok(2));
    let warned = (2, Some("l.png"), Some("l.png: page 1 is an image"));
    assert_eq!(told(&pages)[1], warned);
    assert_eq!(pages[1].image.as_ref().unwrap().grey, letter().into_raw());
    // The message lies in an archive: both names say where.
    let (_, _, pages) = read_extracted(&zip_of(&[("receipt.eml", mail.as_bytes())]), "mail.zip");
    let warned = (
        2,
        Some("receipt.eml · l.png"),
        Some("receipt.eml: l.png: page 1 is an image"),
    );
    assert_eq!(told(&pages)[1], warned);
}

#[test]
fn scanned_pages_of_a_pdf_in_an_archive_come_with_their_images() {
    let bytes = zip_of(&[("a.txt", b"first"), ("deed.pdf", &scanned(2))]);
    let (result, about, pages) = read_extracted(&bytes, "all.zip");
    assert_eq!(result, Ok(4), "{about:?}");
    let scan = "deed.pdf: page 2 has no text layer (a scan?)";
    let other = "deed.pdf: page 3 has no text layer (a scan?)";
    assert_eq!(
        told(&pages),
        [
            (1, Some("a.txt"), None),
            (2, Some("deed.pdf · 1"), None),
            (3, Some("deed.pdf · 2"), Some(scan)),
            (4, Some("deed.pdf · 3"), Some(other)),
        ]
    );
    let image = pages[2].image.as_ref().unwrap();
    let middle = |x: u32, y: u32| image.grey[(y * image.width + x) as usize];
    // The upright of the letter, and the paper beside it.
    assert_eq!(middle(image.width / 4, image.height / 2), 0);
    assert_eq!(middle(image.width / 2, image.height / 2), 255);
}
