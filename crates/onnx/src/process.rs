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

/// Has the C library give freed memory back to the system at once, where it otherwise keeps it for each thread apart: building an
/// index takes and frees hundreds of megabytes on one thread after another. To be called in `main` as long as there is one thread.
/// Does nothing but on Linux with the GNU C library.
pub fn return_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        /// Where threads allocate; each keeps what it once had.
        const ARENAS: libc::c_int = 2;
        /// From this many bytes on a block is the system's own again when it is freed, and as many may stay free at the end of an
        /// arena. The library's first value, which it raises up to 32 MiB if it is not set.
        const THRESHOLD: libc::c_int = 128 << 10;
        for (parameter, value) in [
            (libc::M_ARENA_MAX, ARENAS),
            (libc::M_MMAP_THRESHOLD, THRESHOLD),
            (libc::M_TRIM_THRESHOLD, THRESHOLD),
        ] {
            // SAFETY: it sets a parameter of the allocator, and no other thread allocates meanwhile. It refuses what it does
            // not know, and then all stays as it was.
            unsafe { libc::mallopt(parameter, value) };
        }
    }
}
