//! What a program sets up before anything else, for the whole process.

use std::env;

/// What switches that off in ONNX Runtime 1.30, and the name that takes its place in later versions.
const VARIABLES: [&str; 2] = ["ORT_DISABLE_TELEMETRY", "ORT_TELEMETRY_DISABLED"];

/// Keeps ONNX Runtime from collecting what it would send to its maker. To be called first of all in `main`.
///
/// On Linux and macOS the library writes an identifier of the machine and a queue of events (system, processor, memory, sessions) into
/// the user's cache folder, and sends them when there is a connection. The switch of its interface (`with_telemetry(false)`)
/// comes too late: by then the identifier is there, and the event about the process is sent all the same. Only these variables,
/// set before the library starts, keep it from doing any of that.
pub fn never_report() {
    for name in VARIABLES {
        if env::var_os(name).is_none_or(|value| value != "1") {
            // SAFETY: the programs call this while they have one thread. Tests and examples come here when they load
            // the library; their other threads use the environment through the standard library, which locks it.
            unsafe { env::set_var(name, "1") };
        }
    }
}
