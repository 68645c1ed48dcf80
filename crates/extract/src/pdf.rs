//! PDF: one page after the other, each sent once its neighbours are known.

mod about;
mod annotation;
mod apart;
mod blocks;
mod cmap;
mod composite;
mod field;
mod files;
mod font;
mod furniture;
mod hyphen;
mod interpreter;
mod lexer;
mod links;
mod load;
mod matrix;
mod object;
mod order;
mod outline;
mod page;
mod path;
mod probe;
mod render;
mod repair;
mod rows;
mod script;
mod string;
mod table;
mod tree;
mod words;

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use footnote_core::Result;
use footnote_core::notice::{Notice, Warning};
use footnote_core::ocr::ExtractedPage;
use footnote_core::types::{ExtractSummary, Page, PageSource};

use pdf_extract::ObjectId;

use crate::nest::Nest;
use crate::page::Sink;
use crate::source::Bytes;
use furniture::{Held, Window};
use load::damaged;
use page::{Fault, Known};
use render::Renderer;

/// Reads a PDF that lies at `nest`, then the files inside it; `shared` are the same bytes, if they can be
/// shared. Returns the number of pages.
pub(crate) fn read(
    bytes: &[u8],
    shared: Option<Arc<Bytes>>,
    nest: &Nest,
    about: &mut ExtractSummary,
    sink: &mut Sink<'_>,
) -> Result<u32> {
    let (doc, password) = load::load(bytes, nest.password())?;
    let pages = catch_unwind(AssertUnwindSafe(|| doc.get_pages())).unwrap_or_default();
    if pages.is_empty() {
        return Err(damaged("it has no pages"));
    }
    let pages: Vec<ObjectId> = pages.into_values().collect();
    let mut known = catch_unwind(AssertUnwindSafe(|| Known::new(&doc, &pages)))
        .map_err(|_| damaged("its catalog cannot be read"))?;
    let total = u32::try_from(pages.len()).ok();
    let mut window = Window::new(pages.len());
    let mut sender = Sender {
        renderer: Renderer::new(bytes, shared, password),
        sent: 0,
        total,
    };
    let mut flow = ControlFlow::Continue(());
    for (number, id) in (1..).zip(pages.iter().copied()) {
        let read = catch_unwind(AssertUnwindSafe(|| page::read(&doc, id, number, &mut known)));
        let held = read.unwrap_or_else(|cause| {
            let why = crate::parse::panic_text(cause.as_ref());
            let fault = Fault::Unreadable(
                Warning::new(
                    format!("page {number} could not be read ({why})"),
                    Notice::PageUnreadable {
                        page: number,
                        detail: why,
                    },
                ),
                Vec::new(),
            );
            Held::new(
                Page::new(number, "", PageSource::Failed),
                &[],
                0.0,
                0,
                Some(fault),
            )
        });
        let mut ready = window.push(held).into_iter();
        flow = ready.try_for_each(|held| sender.send(held, about, sink));
        if flow.is_break() {
            break;
        }
    }
    if flow.is_continue() {
        let mut rest = window.finish().into_iter();
        flow = rest.try_for_each(|held| sender.send(held, about, sink));
    }
    about::describe(&doc, about);
    if flow.is_break() {
        return Ok(sender.sent);
    }
    Ok(files::read(&doc, &pages, nest, sender.sent, about, sink))
}

/// Sends pages, those that need it with their images.
struct Sender<'a> {
    renderer: Renderer<'a>,
    sent: u32,
    total: Option<u32>,
}

impl Sender<'_> {
    fn send(
        &mut self,
        held: Held<Option<Fault>>,
        about: &mut ExtractSummary,
        sink: &mut Sink<'_>,
    ) -> ControlFlow<()> {
        let number = held.page.number;
        let mut extracted = ExtractedPage::new(held.page, self.total);
        match held.with {
            None => {}
            Some(Fault::Final(warning)) => about.warnings.push(warning),
            // Drawn only now: no image is held back with its page.
            Some(Fault::Unreadable(warning, links)) => match self.renderer.image(number) {
                Ok(image) => {
                    extracted.image = Some(image);
                    extracted.links = links;
                    extracted.warning = Some(warning);
                }
                Err(why) => about.warnings.push(warning.and(
                    format_args!("it cannot be shown either ({why})"),
                    Notice::NotDrawn { detail: why.clone() },
                )),
            },
        }
        self.sent += 1;
        sink(extracted)
    }
}

#[cfg(test)]
mod tests;
