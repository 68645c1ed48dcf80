//! What the 256 codes of a simple font mean, asked of pdf-extract: it knows the standard encodings,
//! glyph names, the built-in encodings of embedded Type 1 and CFF fonts, and the standard widths.
//!
//! It gets a page of its own making that shows every code once, with a font dictionary that was
//! cleaned of all it would stop at, and may still panic: then the caller asks for less.

use std::panic::{AssertUnwindSafe, catch_unwind};

use pdf_extract::{
    Dictionary, Document, MediaBox, Object, OutputDev, OutputError, Stream, StringFormat, Transform,
    dictionary,
};

/// Unicode and width (in thousandths of the font size) of every code.
pub(super) type CodeTable = Vec<(String, f64)>;

struct Collector(CodeTable);

impl OutputDev for Collector {
    fn begin_page(
        &mut self,
        _: u32,
        _: &MediaBox,
        _: Option<(f64, f64, f64, f64)>,
    ) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_page(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn output_character(
        &mut self,
        _: &Transform,
        width: f64,
        _: f64,
        _: f64,
        text: &str,
    ) -> Result<(), OutputError> {
        self.0.push((text.to_owned(), width * 1000.0));
        Ok(())
    }

    fn begin_word(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_word(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_line(&mut self) -> Result<(), OutputError> {
        Ok(())
    }
}

/// Asks for all codes of `font`, whose embedded program, if any, is `program` under its key.
/// None if pdf-extract cannot say.
pub(super) fn ask(mut font: Dictionary, program: Option<(&str, Stream)>) -> Option<CodeTable> {
    let table = catch_unwind(AssertUnwindSafe(move || {
        let mut doc = Document::with_version("1.5");
        if let Some((key, stream)) = program {
            let id = doc.add_object(stream);
            font.set(
                "FontDescriptor",
                dictionary! { "Type" => "FontDescriptor", key => id },
            );
        }
        let font = doc.add_object(font);
        let codes: Vec<u8> = (0..=255).collect();
        let show = pdf_extract::content::Operation::new(
            "Tj",
            vec![Object::String(codes, StringFormat::Hexadecimal)],
        );
        let set = pdf_extract::content::Operation::new("Tf", vec!["F".into(), 1.into()]);
        let content = pdf_extract::content::Content {
            operations: vec![set, show],
        }
        .encode()
        .ok()?;
        let content = doc.add_object(Stream::new(Dictionary::new(), content));
        let pages = doc.new_object_id();
        let page = doc.add_object(dictionary! {
            "Type" => "Page",
            "Parent" => pages,
            "MediaBox" => vec![0.into(), 0.into(), 100.into(), 100.into()],
            "Contents" => content,
            "Resources" => dictionary! { "Font" => dictionary! { "F" => font } },
        });
        doc.objects.insert(
            pages,
            Object::Dictionary(dictionary! { "Type" => "Pages", "Kids" => vec![page.into()], "Count" => 1 }),
        );
        let catalog = doc.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages });
        doc.trailer.set("Root", catalog);
        let mut collector = Collector(Vec::with_capacity(256));
        pdf_extract::output_doc_page(&doc, &mut collector, 1).ok()?;
        Some(collector.0)
    }));
    table.ok().flatten().filter(|table| table.len() == 256)
}
