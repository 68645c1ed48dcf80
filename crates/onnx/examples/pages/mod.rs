//! What the measuring examples share: images of pages, and how far a reading is from the truth.

use footnote_core::ocr::PageImage;

/// A binary grey PGM of 8 bits; a comment `# dpi N` says how large its pixels are.
pub fn pgm(bytes: &[u8]) -> Option<PageImage> {
    let (mut at, mut fields, mut dpi) = (0, Vec::new(), 200.0);
    while fields.len() < 4 {
        let rest = bytes.get(at..)?;
        if rest.first()?.is_ascii_whitespace() {
            at += 1;
        } else if rest.starts_with(b"#") {
            let end = rest.iter().position(|b| *b == b'\n')?;
            let comment = String::from_utf8_lossy(&rest[1..end]).into_owned();
            dpi = comment
                .trim()
                .strip_prefix("dpi ")
                .and_then(|n| n.parse().ok())
                .unwrap_or(dpi);
            at += end;
        } else {
            let end = rest.iter().position(u8::is_ascii_whitespace)?;
            fields.push(String::from_utf8_lossy(&rest[..end]).into_owned());
            at += end;
        }
    }
    let (width, height): (u32, u32) = (fields[1].parse().ok()?, fields[2].parse().ok()?);
    let grey = bytes.get(at + 1..)?.to_vec();
    (fields[0] == "P5" && fields[3] == "255" && grey.len() as u64 == u64::from(width) * u64::from(height))
        .then_some(PageImage {
            width,
            height,
            dpi,
            grey,
        })
}

/// Edit distance (Levenshtein, 1965).
pub fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
