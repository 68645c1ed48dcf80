//! Reads every file named on standard input and prints one JSON line a file: how it ended, how long
//! it took, how much text came out. With a folder as argument, the texts are written there, and the images
//! of pages without text as PGM files.

use std::io::{BufRead, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use footnote_core::ocr::ExtractedPage;
use footnote_core::ports::Extractor;
use footnote_extract::{WORKER_ARG, WorkerConfig, WorkerExtractor, worker_main};

fn main() -> std::process::ExitCode {
    if std::env::args().nth(1).as_deref() == Some(WORKER_ARG) {
        return worker_main();
    }
    let Ok(program) = std::env::current_exe() else {
        return std::process::ExitCode::FAILURE;
    };
    let extractor = WorkerExtractor::new(WorkerConfig::new(program));
    let folder = std::env::args_os().nth(1).map(PathBuf::from);
    let mut out = std::io::stdout().lock();
    for file in std::io::stdin().lock().lines().map_while(Result::ok) {
        let since = Instant::now();
        let (mut text, mut chars, mut pages, mut empty, mut failed) = (String::new(), 0, 0, 0, 0);
        let mut images = 0;
        let result = extractor.extract(
            Path::new(&file),
            &mut |extracted: ExtractedPage| {
                let page = extracted.page;
                images += i32::from(extracted.image.is_some());
                if let (Some(folder), Some(image)) = (&folder, extracted.image) {
                    let name = Path::new(&file).file_stem().unwrap_or_default().to_string_lossy();
                    let at = folder.join(format!("{name}-{}.pgm", page.number));
                    let mut bytes =
                        format!("P5\n# dpi {}\n{} {}\n255\n", image.dpi, image.width, image.height)
                            .into_bytes();
                    bytes.extend(image.grey);
                    let _ = std::fs::write(at, bytes);
                }
                use footnote_core::types::PageSource;
                pages += 1;
                chars += page.text.chars().filter(|c| !c.is_whitespace()).count();
                empty += i32::from(page.source == PageSource::Empty);
                failed += i32::from(page.source == PageSource::Failed);
                text.push_str(&page.text);
                text.push('\u{c}');
                ControlFlow::Continue(())
            },
            &Default::default(),
        );
        let line = serde_json::json!({
            "file": file, "ms": since.elapsed().as_millis() as u64, "pages": pages, "chars": chars,
            "empty": empty, "failed": failed, "images": images,
            "error": result.as_ref().err().map(|e| e.message.clone()),
            "code": result.as_ref().err().and_then(|e| e.code),
            "warnings": result.map(|s| s.warnings).unwrap_or_default(),
        });
        if writeln!(out, "{line}").is_err() {
            return std::process::ExitCode::FAILURE;
        }
        if let Some(folder) = &folder {
            let name = Path::new(&file)
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let _ = std::fs::write(folder.join(name + ".txt"), &text);
        }
    }
    std::process::ExitCode::SUCCESS
}
