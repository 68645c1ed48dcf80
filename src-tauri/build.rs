//! Embeds the interface and checks the window's permissions.

use std::path::Path;

/// Shown when the program was built before the interface was.
const PLACEHOLDER: &str = "<!doctype html><meta charset=\"utf-8\"><title>Footnote</title>\
<p>The interface was not built. Run <code>npm run build</code> and build the program again.</p>\n";

fn main() {
    // The interface is embedded at compile time. A clean clone has none yet, and must still pass
    // `cargo clippy` and `cargo test`.
    let dist = Path::new("../ui/dist");
    if !dist.join("index.html").exists() {
        let written =
            std::fs::create_dir_all(dist).and_then(|()| std::fs::write(dist.join("index.html"), PLACEHOLDER));
        if let Err(error) = written {
            println!("cargo::warning=ui/dist is missing and cannot be made: {error}");
        }
    }
    // The bundler gives files new names when they change, and index.html names them all.
    println!("cargo::rerun-if-changed=../ui/dist");
    println!("cargo::rerun-if-changed=../ui/dist/index.html");
    tauri_build::build();
}
