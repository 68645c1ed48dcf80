//! What building indexes takes of the process's memory.

use std::env;

/// The library's name for the most, in MiB, that one part of a text index may take while it is built or merged with others.
const PART: &str = "LANCE_FTS_PARTITION_SIZE";
/// Some 100,000 chunks. Its own value, 2048, merges a text index of a million chunks in more than a gigabyte of memory.
const PART_MIB: &str = "64";

/// Bounds the memory in which indexes are built, however large they are, and has what they took go back to the system. To be
/// called in `main` as long as there is one thread. A bound that the environment has already stays.
///
/// LanceDB takes the bound of text indexes from their parameters only where they are new, and from the environment where they are
/// added to.
pub fn bound_memory() {
    if env::var_os(PART).is_none() {
        // SAFETY: there is one thread.
        unsafe { env::set_var(PART, PART_MIB) };
    }
    return_memory();
}

/// Has the C library give freed memory back to the system at once, where it otherwise keeps it for each thread apart: building an
/// index takes and frees hundreds of megabytes on one thread after another. Does nothing but on Linux with the GNU C library.
fn return_memory() {
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

/// Gives memory that is free back to the system. What building an index takes and frees is in small blocks, too, and those still in
/// use among them keep the rest from going back by itself. Does nothing but on Linux with the GNU C library.
pub(crate) fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: it may be called at any time and by any thread.
    unsafe {
        libc::malloc_trim(0);
    }
}
