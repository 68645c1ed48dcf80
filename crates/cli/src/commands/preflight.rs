//! `footnote add --dry-run`

use std::path::PathBuf;
use std::process::ExitCode;

use footnote_core::Result;
use footnote_core::preflight::Preflight;
use footnote_core::types::FileKind;
use tokio_util::sync::CancellationToken;

use crate::args::Global;
use crate::compose::Composition;
use crate::output;

pub async fn run(
    global: &Global,
    paths: &[PathBuf],
    collection: &str,
    cancel: &CancellationToken,
) -> Result<ExitCode> {
    let engine = Composition::new(global)?.engine().await?;
    let found = engine.preflight(paths, collection, |_| {}, cancel).await?;
    if global.json {
        output::json(&found)?;
    } else {
        for line in lines(&found) {
            output::line(line)?;
        }
        for error in &found.errors {
            output::note(output::error_text(error));
        }
    }
    Ok(if found.errors.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn lines(found: &Preflight) -> Vec<String> {
    let mut lines = vec![match found.seconds {
        Some(seconds) => format!(
            "{}, {}, would be read in about {}",
            files(found.files),
            output::bytes(found.bytes),
            time(seconds)
        ),
        None => format!(
            "{}, {}, would be read",
            files(found.files),
            output::bytes(found.bytes)
        ),
    }];
    for tally in &found.kinds {
        let size = output::bytes(tally.bytes);
        lines.push(format!("  {:>6}  {:<17} {size}", tally.files, name(tally.kind)));
    }
    let mut count = |number: u32, said: &str| {
        if number > 0 {
            lines.push(format!("  {number:>6}  {said}"));
        }
    };
    count(found.changed, "of these changed since the last time");
    count(found.unchanged, "in the library as they are, and not read again");
    count(
        found.copies.len() as u32,
        "of these with the content of a document elsewhere:",
    );
    for copied in &found.copies {
        lines.push(format!(
            "          {} is a copy of {}",
            copied.path.display(),
            copied.of.display()
        ));
    }
    let unsupported = found.unsupported.iter().map(|left| left.files).sum();
    if unsupported > 0 {
        lines.push(format!(
            "{} would be left out: their format is not read",
            files(unsupported)
        ));
    }
    for left in &found.unsupported {
        let extension = match left.extension.as_str() {
            "" => "without extension".to_owned(),
            extension => format!(".{extension}"),
        };
        lines.push(format!("  {:>6}  {extension}", left.files));
    }
    lines
}

fn files(number: u32) -> String {
    format!("{number} {}", if number == 1 { "file" } else { "files" })
}

fn time(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..5400 => format!("{} min", (seconds + 30) / 60),
        _ => format!("{} h", (seconds + 1800) / 3600),
    }
}

fn name(kind: FileKind) -> &'static str {
    match kind {
        FileKind::Pdf => "PDF",
        FileKind::Document => "office documents",
        FileKind::Sheet => "sheets",
        FileKind::Slides => "slides",
        FileKind::Web => "web pages",
        FileKind::Mail => "e-mails",
        FileKind::Book => "books",
        FileKind::Picture => "pictures",
        FileKind::Archive => "archives",
        FileKind::Code => "code and data",
        FileKind::Text => "texts",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use footnote_core::preflight::{Copied, KindTally, LeftOut};

    #[test]
    fn what_would_be_added_is_told_in_lines() {
        let found = Preflight {
            files: 3,
            bytes: 4_200_000,
            kinds: vec![
                KindTally {
                    kind: FileKind::Pdf,
                    files: 2,
                    bytes: 4_000_000,
                },
                KindTally {
                    kind: FileKind::Sheet,
                    files: 1,
                    bytes: 200_000,
                },
            ],
            seconds: Some(95),
            unchanged: 1,
            changed: 1,
            copies: vec![Copied {
                path: "/b.pdf".into(),
                of: "/a.pdf".into(),
            }],
            unsupported: vec![
                LeftOut {
                    extension: "mp4".into(),
                    files: 12,
                },
                LeftOut {
                    extension: String::new(),
                    files: 1,
                },
            ],
            errors: Vec::new(),
        };
        assert_eq!(
            lines(&found).join("\n"),
            "3 files, 4.2 MB, would be read in about 2 min\n\
             \u{20}      2  PDF               4.0 MB\n\
             \u{20}      1  sheets            200.0 kB\n\
             \u{20}      1  of these changed since the last time\n\
             \u{20}      1  in the library as they are, and not read again\n\
             \u{20}      1  of these with the content of a document elsewhere:\n\
             \u{20}         /b.pdf is a copy of /a.pdf\n\
             13 files would be left out: their format is not read\n\
             \u{20}     12  .mp4\n\
             \u{20}      1  without extension"
        );
    }
}
