//! A job object and a low integrity level.

use std::ffi::c_void;
use std::io;
use std::mem::size_of_val;
use std::ptr::{null, null_mut};

use windows_sys::Win32::Foundation::{CloseHandle, HANDLE};
use windows_sys::Win32::Security::{
    SID, SID_AND_ATTRIBUTES, SID_IDENTIFIER_AUTHORITY, SetTokenInformation, TOKEN_ADJUST_DEFAULT,
    TOKEN_MANDATORY_LABEL, TOKEN_QUERY, TokenIntegrityLevel,
};
use windows_sys::Win32::System::JobObjects::{
    AssignProcessToJobObject, CreateJobObjectW, JOB_OBJECT_LIMIT_ACTIVE_PROCESS,
    JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION, JOB_OBJECT_LIMIT_PROCESS_MEMORY,
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION, JobObjectExtendedLimitInformation, QueryInformationJobObject,
    SetInformationJobObject,
};
use windows_sys::Win32::System::SystemServices::{
    SE_GROUP_INTEGRITY, SECURITY_MANDATORY_LOW_RID, SID_REVISION,
};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};

use super::{Enforcement, SandboxStatus};

pub(super) fn enter(memory_limit: u64) -> SandboxStatus {
    let job = match (confine(memory_limit), lower_integrity()) {
        (Ok(()), Ok(())) => Enforcement::Full,
        (Err(_), Err(_)) => Enforcement::None,
        _ => Enforcement::Partial,
    };
    SandboxStatus {
        job,
        ..SandboxStatus::default()
    }
}

/// A handle that is closed when it goes.
struct Owned(HANDLE);

impl Drop for Owned {
    fn drop(&mut self) {
        // SAFETY: it is open, and nothing else closes it.
        unsafe { CloseHandle(self.0) };
    }
}

/// What a call says that answers 0 if it fails.
fn done(answer: i32) -> io::Result<()> {
    if answer == 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(())
    }
}

/// Puts this process into a job of its own, which has no other: so much memory at most, no other program, and no window that asks
/// what to do about a crash. The job stays as long as the process does, without a handle.
fn confine(memory_limit: u64) -> io::Result<()> {
    // SAFETY: neither a name nor a descriptor is given.
    let job = unsafe { CreateJobObjectW(null(), null()) };
    if job.is_null() {
        return Err(io::Error::last_os_error());
    }
    let job = Owned(job);
    let mut limits = JOBOBJECT_EXTENDED_LIMIT_INFORMATION::default();
    limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_PROCESS_MEMORY
        | JOB_OBJECT_LIMIT_ACTIVE_PROCESS
        | JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION;
    limits.BasicLimitInformation.ActiveProcessLimit = 1;
    limits.ProcessMemoryLimit = usize::try_from(memory_limit).unwrap_or(usize::MAX);
    // SAFETY: the limits outlive the call, and their size is theirs; the handles are open.
    unsafe {
        done(SetInformationJobObject(
            job.0,
            JobObjectExtendedLimitInformation,
            (&raw const limits).cast::<c_void>(),
            size_of_val(&limits) as u32,
        ))?;
        done(AssignProcessToJobObject(job.0, GetCurrentProcess()))
    }
}

/// Takes from this process the right to change what is the user's. It cannot be taken back.
fn lower_integrity() -> io::Result<()> {
    let mut token = null_mut();
    // SAFETY: `token` outlives the call.
    done(unsafe {
        OpenProcessToken(
            GetCurrentProcess(),
            TOKEN_ADJUST_DEFAULT | TOKEN_QUERY,
            &raw mut token,
        )
    })?;
    let token = Owned(token);
    // S-1-16-4096.
    let mut low = SID {
        Revision: SID_REVISION as u8,
        SubAuthorityCount: 1,
        IdentifierAuthority: SID_IDENTIFIER_AUTHORITY {
            Value: [0, 0, 0, 0, 0, 16],
        },
        SubAuthority: [SECURITY_MANDATORY_LOW_RID as u32],
    };
    let label = TOKEN_MANDATORY_LABEL {
        Label: SID_AND_ATTRIBUTES {
            Sid: (&raw mut low).cast::<c_void>(),
            Attributes: SE_GROUP_INTEGRITY as u32,
        },
    };
    let length = size_of_val(&label) + size_of_val(&low);
    // SAFETY: the label and what it points to outlive the call; the length is what the system asks for, the label's and its SID's.
    done(unsafe {
        SetTokenInformation(
            token.0,
            TokenIntegrityLevel,
            (&raw const label).cast::<c_void>(),
            length as u32,
        )
    })
}

/// What the process may commit. Mapped files do not count.
pub(super) fn memory_limit(_mapped: u64) -> Option<u64> {
    let mut limits = JOBOBJECT_EXTENDED_LIMIT_INFORMATION::default();
    // SAFETY: without a handle the job of this process is asked; the limits outlive the call, and their size is theirs.
    let asked = unsafe {
        QueryInformationJobObject(
            null_mut(),
            JobObjectExtendedLimitInformation,
            (&raw mut limits).cast::<c_void>(),
            size_of_val(&limits) as u32,
            null_mut(),
        )
    };
    let is_set = limits.BasicLimitInformation.LimitFlags & JOB_OBJECT_LIMIT_PROCESS_MEMORY != 0;
    (asked != 0 && is_set).then_some(limits.ProcessMemoryLimit as u64)
}

pub(super) fn can_start_programs() -> bool {
    std::process::Command::new("cmd.exe")
        .args(["/c", "exit"])
        .status()
        .is_ok()
}
