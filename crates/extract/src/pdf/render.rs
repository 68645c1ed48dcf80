//! Pages as images, by the crate `hayro`: for pages whose text is missing or worthless.
//!
//! Rendering runs on a thread of its own, so that a page that takes too long costs its image and
//! not the file. A thread that is late is left to itself; it ends with the process.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use footnote_core::Password;
use footnote_core::ocr::PageImage;
use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::Pdf;
use hayro::hayro_syntax::page::Page;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings, render};

use crate::picture::fit;
use crate::source::Bytes;

/// Pixels an inch: letters of eight points are then high enough to be recognised.
const DPI: f32 = 200.0;
/// Below what the app grants a page.
const TIME_LIMIT: Duration = Duration::from_secs(20);
/// Threads that were late; more are not started in one process.
const MOST_LATE: u32 = 3;
/// Threads that were late. A process reads one file, whose insides may be many PDFs; each of these
/// threads may still run.
static LATE: AtomicU32 = AtomicU32::new(0);
/// Pages nest forms, and the renderer recurses along.
const STACK: usize = 32 * 1024 * 1024;

type Answer = Result<PageImage, String>;

/// Renders pages of one file, as they are asked for.
pub(super) struct Renderer<'a> {
    bytes: &'a [u8],
    /// The same; copied at the first use if need be.
    shared: Option<Arc<Bytes>>,
    /// What opens it, if it is locked.
    password: Option<Password>,
    thread: Option<(SyncSender<u32>, Receiver<Answer>)>,
}

impl<'a> Renderer<'a> {
    /// Nothing is started yet. `password` opens the file, if it is locked.
    pub(super) fn new(bytes: &'a [u8], shared: Option<Arc<Bytes>>, password: Option<Password>) -> Self {
        Self {
            bytes,
            shared,
            password,
            thread: None,
        }
    }

    /// The page with this number, from 1; or why there is none, for people.
    pub(super) fn image(&mut self, number: u32) -> Answer {
        if LATE.load(Ordering::Relaxed) >= MOST_LATE {
            return Err("pages before it took too long to draw".to_owned());
        }
        let (requests, answers) = match self.thread.take() {
            Some(thread) => thread,
            None => self.start()?,
        };
        let ended = |_| "the drawing stopped".to_owned();
        requests.send(number).map_err(|e| ended(e.to_string()))?;
        match answers.recv_timeout(TIME_LIMIT) {
            Ok(answer) => {
                self.thread = Some((requests, answers));
                answer
            }
            Err(error) => {
                LATE.fetch_add(1, Ordering::Relaxed);
                Err(match error {
                    std::sync::mpsc::RecvTimeoutError::Timeout => {
                        format!("drawing it took longer than {} s", TIME_LIMIT.as_secs())
                    }
                    std::sync::mpsc::RecvTimeoutError::Disconnected => ended(String::new()),
                })
            }
        }
    }

    fn start(&mut self) -> Result<(SyncSender<u32>, Receiver<Answer>), String> {
        let bytes = Arc::clone(
            self.shared
                .get_or_insert_with(|| Arc::new(Bytes::Held(self.bytes.to_vec()))),
        );
        let password = self.password.clone();
        let (requests, asked) = sync_channel::<u32>(1);
        let (answer, answers) = sync_channel(1);
        std::thread::Builder::new()
            .name("render".into())
            .stack_size(STACK)
            .spawn(move || serve(bytes, password, &asked, &answer))
            .map_err(|error| error.to_string())?;
        Ok((requests, answers))
    }
}

fn serve(bytes: Arc<Bytes>, password: Option<Password>, asked: &Receiver<u32>, answer: &SyncSender<Answer>) {
    let password = password.as_ref().map_or("", Password::expose);
    let opened = catch_unwind(AssertUnwindSafe(|| Pdf::new_with_password(bytes, password)));
    let pdf = match opened {
        Ok(Ok(pdf)) => Ok(pdf),
        Ok(Err(_)) => Err("the file is damaged".to_owned()),
        Err(cause) => Err(crate::parse::panic_text(cause.as_ref())),
    };
    let cache = RenderCache::new();
    let settings = InterpreterSettings::default();
    while let Ok(number) = asked.recv() {
        let drawn = match &pdf {
            Ok(pdf) => catch_unwind(AssertUnwindSafe(|| {
                let index = number.saturating_sub(1) as usize;
                let page = pdf
                    .pages()
                    .get(index)
                    .ok_or("it is not in the file's list of pages")?;
                draw(page, &cache, &settings)
            }))
            .unwrap_or_else(|cause| Err(crate::parse::panic_text(cause.as_ref()))),
            Err(why) => Err(why.clone()),
        };
        if answer.send(drawn).is_err() {
            return;
        }
    }
}

fn draw<'a>(page: &'a Page<'a>, cache: &RenderCache<'a>, settings: &InterpreterSettings) -> Answer {
    let (width, height) = page.render_dimensions();
    if !(width >= 1.0 && height >= 1.0) {
        return Err("it has no size".to_owned());
    }
    let scale = fit(width, height, DPI / 72.0);
    let pixmap = render(
        page,
        cache,
        settings,
        &RenderSettings::default(),
        &PixmapSettings {
            x_scale: scale,
            y_scale: scale,
            bg_color: WHITE,
        },
    );
    let (width, height) = (u32::from(pixmap.width()), u32::from(pixmap.height()));
    if width == 0 || height == 0 {
        return Err("it has no size".to_owned());
    }
    let grey: Vec<u8> = pixmap
        .data_as_u8_slice()
        .chunks_exact(4)
        .map(|p| crate::picture::luma([p[0], p[1], p[2]]))
        .collect();
    if grey.windows(2).all(|pair| pair[0] == pair[1]) {
        return Err("nothing is drawn on it that this reader can draw".to_owned());
    }
    Ok(PageImage {
        width,
        height,
        dpi: scale * 72.0,
        grey,
    })
}
