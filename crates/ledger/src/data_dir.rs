//! The user's own data folder.

use std::path::PathBuf;

/// Where index, register and conversations are kept unless the user says otherwise: the system's folder
/// for application data.
pub fn default_data_dir() -> PathBuf {
    let var = |name| {
        std::env::var_os(name)
            .filter(|v| !v.is_empty())
            .map(PathBuf::from)
    };
    let home = std::env::home_dir().unwrap_or_else(|| PathBuf::from("."));
    let data = if cfg!(windows) {
        var("LOCALAPPDATA").unwrap_or_else(|| home.join("AppData").join("Local"))
    } else if cfg!(target_os = "macos") {
        home.join("Library").join("Application Support")
    } else {
        var("XDG_DATA_HOME").unwrap_or_else(|| home.join(".local").join("share"))
    };
    data.join("footnote")
}
