//! How WebKitGTK draws the window.

/// Lets WebKitGTK draw by the processor alone where there is no graphics processor. To be called first of all in `main`, while
/// there is one thread.
///
/// It would draw through Mesa's software renderer otherwise, which compiles shaders with LLVM in two processes: 90 MB more at rest
/// (see `BENCHMARKS.md`), for a window that moves little. Whoever has set the variable is obeyed.
pub fn draw_without_graphics_processor() {
    #[cfg(target_os = "linux")]
    {
        const VARIABLE: &str = "WEBKIT_DISABLE_COMPOSITING_MODE";
        if std::env::var_os(VARIABLE).is_none() && !has_graphics_processor(std::path::Path::new("/dev/dri")) {
            // SAFETY: the program has one thread so far.
            unsafe { std::env::set_var(VARIABLE, "1") };
        }
    }
}

/// Whether a driver offers a node to draw with, among the devices of this folder.
#[cfg(target_os = "linux")]
fn has_graphics_processor(devices: &std::path::Path) -> bool {
    let named = |entry: std::fs::DirEntry| entry.file_name().to_string_lossy().starts_with("renderD");
    std::fs::read_dir(devices).is_ok_and(|entries| entries.flatten().any(named))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_node_to_draw_with_is_a_graphics_processor() {
        let devices = tempfile::tempdir().unwrap();
        assert!(!has_graphics_processor(&devices.path().join("none")));
        std::fs::write(devices.path().join("card0"), "").unwrap();
        assert!(!has_graphics_processor(devices.path()));
        std::fs::write(devices.path().join("renderD128"), "").unwrap();
        assert!(has_graphics_processor(devices.path()));
    }
}
