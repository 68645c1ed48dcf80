//! Models loaded at the same moment. One test: what goes wrong does so with the first sessions of a process only.

mod common;

use std::sync::Barrier;

use footnote_core::ocr::PageImage;
use footnote_core::ports::TextRecognizer;
use tokio_util::sync::CancellationToken;

#[test]
fn models_are_loaded_beside_each_other() {
    const AT_ONCE: usize = 8;
    let Some(first) = common::recognizer() else {
        return;
    };
    let mut recognizers = vec![first];
    recognizers.extend((1..AT_ONCE).filter_map(|_| common::recognizer()));
    let blank = PageImage {
        width: 64,
        height: 64,
        dpi: 100.0,
        grey: vec![255; 64 * 64],
    };
    let start = Barrier::new(AT_ONCE);
    std::thread::scope(|scope| {
        for recognizer in &recognizers {
            scope.spawn(|| {
                start.wait();
                let read = recognizer.recognize(&blank, &CancellationToken::new());
                assert_eq!(read.expect("the model is loaded and runs"), []);
            });
        }
    });
}
