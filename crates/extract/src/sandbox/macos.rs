//! A profile of the system's sandbox.

use std::ffi::{CStr, c_char, c_int};
use std::ptr::null_mut;

use super::{Enforcement, SandboxStatus};

/// Everything is refused (files, the network, programs, services of the system) but what a process asks of itself: how many cores
/// there are, and the signal by which a program aborts. What is open already stays so.
const PROFILE: &CStr = c"(version 1) (deny default) (allow sysctl-read) (allow signal (target self))";

// Of the system's own library, and marked as deprecated since macOS 10.8; browsers confine their processes by it all the same,
// since nothing else binds a process that is no bundle.
unsafe extern "C" {
    fn sandbox_init(profile: *const c_char, flags: u64, error: *mut *mut c_char) -> c_int;
    fn sandbox_free_error(error: *mut c_char);
}

pub(super) fn enter(_memory_limit: u64) -> SandboxStatus {
    let mut error = null_mut();
    // SAFETY: the profile is a C string, and without flags it is taken for one; `error` outlives the call.
    let refused = unsafe { sandbox_init(PROFILE.as_ptr(), 0, &raw mut error) };
    if !error.is_null() {
        // SAFETY: it was made by the call above, and nothing else has it.
        unsafe { sandbox_free_error(error) };
    }
    let profile = if refused == 0 {
        Enforcement::Full
    } else {
        Enforcement::None
    };
    SandboxStatus {
        profile,
        ..SandboxStatus::default()
    }
}

/// The system takes a limit of address space and does not keep to it.
pub(super) fn memory_limit(_mapped: u64) -> Option<u64> {
    None
}

pub(super) fn can_start_programs() -> bool {
    std::process::Command::new("/usr/bin/true").status().is_ok()
}
