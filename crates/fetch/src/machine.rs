//! What this module must know of the machine: free disk space, and memory to choose defaults by.

use std::path::Path;

/// Bytes a user may still write on the disk that holds `path`, or `None` where the system does not say.
/// `path` need not exist yet; its nearest existing ancestor is asked.
pub fn free_space(path: &Path) -> Option<u64> {
    let existing = path.ancestors().find(|p| p.exists())?;
    imp::free_space(existing)
}

/// Physical memory in bytes, or `None` where the system does not say.
pub fn total_memory() -> Option<u64> {
    imp::total_memory()
}

/// Whether this run is an automatic check (`CI=true`), where the smaller models are chosen.
pub fn is_ci() -> bool {
    std::env::var("CI").is_ok_and(|v| !v.is_empty() && v != "0" && v != "false")
}

#[cfg(unix)]
mod imp {
    use std::path::Path;

    pub fn free_space(path: &Path) -> Option<u64> {
        let stat = rustix::fs::statvfs(path).ok()?;
        Some(stat.f_bavail.saturating_mul(stat.f_frsize))
    }

    #[cfg(target_os = "linux")]
    pub fn total_memory() -> Option<u64> {
        let info = std::fs::read_to_string("/proc/meminfo").ok()?;
        let line = info.lines().find_map(|l| l.strip_prefix("MemTotal:"))?;
        let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(kib * 1024)
    }

    #[cfg(not(target_os = "linux"))]
    pub fn total_memory() -> Option<u64> {
        let out = std::process::Command::new("sysctl")
            .args(["-n", "hw.memsize"])
            .output()
            .ok()?;
        String::from_utf8(out.stdout).ok()?.trim().parse().ok()
    }
}

#[cfg(windows)]
mod imp {
    use std::os::windows::ffi::OsStrExt;
    use std::path::Path;

    use windows_sys::Win32::Storage::FileSystem::GetDiskFreeSpaceExW;
    use windows_sys::Win32::System::SystemInformation::GetPhysicallyInstalledSystemMemory;

    pub fn free_space(path: &Path) -> Option<u64> {
        let wide: Vec<u16> = path.as_os_str().encode_wide().chain([0]).collect();
        let mut free = 0u64;
        // SAFETY: `wide` is a terminated string and `free` outlives the call; the other results are declined.
        let ok = unsafe {
            GetDiskFreeSpaceExW(
                wide.as_ptr(),
                &mut free,
                std::ptr::null_mut(),
                std::ptr::null_mut(),
            )
        };
        (ok != 0).then_some(free)
    }

    pub fn total_memory() -> Option<u64> {
        let mut kib = 0u64;
        // SAFETY: `kib` outlives the call.
        let ok = unsafe { GetPhysicallyInstalledSystemMemory(&mut kib) };
        (ok != 0).then_some(kib * 1024)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_does_not_exist_yet_is_measured_by_its_parent() {
        let dir = tempfile::tempdir().unwrap();
        assert!(free_space(&dir.path().join("not/yet")).is_some());
    }

    #[test]
    fn memory_is_known() {
        assert!(total_memory().unwrap() > 100_000_000);
    }
}
