//! Systems without a protection that Footnote knows.

use super::SandboxStatus;

pub(super) fn enter(_memory_limit: u64) -> SandboxStatus {
    SandboxStatus::default()
}

pub(super) fn memory_limit(_mapped: u64) -> Option<u64> {
    None
}

/// Nothing here refuses it, so it is not tried.
pub(super) fn can_start_programs() -> bool {
    true
}
