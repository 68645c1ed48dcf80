//! PDFs by hand: objects 1 (catalog) and 2 (page tree) are written at the end, others from 3 on.

use std::io::Write;

/// A file in the making.
pub struct Pdf {
    out: Vec<u8>,
    places: Vec<usize>,
    pages: Vec<usize>,
}

impl Pdf {
    pub fn new() -> Self {
        Self {
            out: b"%PDF-1.7\n".to_vec(),
            places: Vec::new(),
            pages: Vec::new(),
        }
    }

    /// Adds an object; returns its number.
    pub fn object(&mut self, body: &str) -> usize {
        self.bytes(body.as_bytes())
    }

    fn bytes(&mut self, body: &[u8]) -> usize {
        let number = 3 + self.places.len();
        self.places.push(self.out.len());
        writeln!(self.out, "{number} 0 obj").unwrap();
        self.out.extend_from_slice(body);
        self.out.extend_from_slice(b"\nendobj\n");
        number
    }

    /// Adds a stream; returns its number.
    pub fn stream(&mut self, dict: &str, content: &[u8]) -> usize {
        let length = if dict.contains("/Length ") {
            String::new()
        } else {
            format!("/Length {}", content.len())
        };
        let mut body = format!("<< {dict} {length} >>\nstream\n").into_bytes();
        body.extend_from_slice(content);
        body.extend_from_slice(b"\nendstream");
        self.bytes(&body)
    }

    /// Adds a page with these entries.
    pub fn page(&mut self, entries: &str) {
        self.raw_page(&format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] {entries} >>"
        ));
    }

    /// Adds an object that the page tree names as a page.
    pub fn raw_page(&mut self, body: &str) {
        let number = self.object(body);
        self.pages.push(number);
    }

    /// Adds a page that says `text`.
    pub fn text_page(&mut self, text: &str) {
        let content = self.stream("", format!("BT /F 12 Tf 50 700 Td ({text}) Tj ET").as_bytes());
        self.page(&format!(
            "/Contents {content} 0 R /Resources << /Font << /F << /Type /Font /Subtype /Type1 \
             /BaseFont /Helvetica /Encoding /WinAnsiEncoding >> >> >>"
        ));
    }

    /// The file; `catalog` are more entries of its catalog.
    pub fn end(mut self, catalog: &str) -> Vec<u8> {
        let kids: String = self.pages.iter().map(|page| format!("{page} 0 R ")).collect();
        let first = self.out.len();
        write!(
            self.out,
            "1 0 obj\n<< /Type /Catalog /Pages 2 0 R {catalog} >>\nendobj\n"
        )
        .unwrap();
        let second = self.out.len();
        let count = self.pages.len();
        write!(
            self.out,
            "2 0 obj\n<< /Type /Pages /Kids [{kids}] /Count {count} >>\nendobj\n"
        )
        .unwrap();
        let table = self.out.len();
        write!(
            self.out,
            "xref\n0 {}\n0000000000 65535 f \n",
            3 + self.places.len()
        )
        .unwrap();
        for place in [first, second].iter().chain(&self.places) {
            writeln!(self.out, "{place:010} 00000 n ").unwrap();
        }
        let size = 3 + self.places.len();
        write!(
            self.out,
            "trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n"
        )
        .unwrap();
        self.out
    }
}
