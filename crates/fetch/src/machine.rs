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

/// Bytes of memory that programs could still take without pushing others out, or `None` where the system does not say.
pub fn available_memory() -> Option<u64> {
    imp::available_memory()
}

/// Bytes of memory that this process holds now, or `None` where the system does not say.
pub fn process_memory() -> Option<u64> {
    imp::process_memory()
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
        entry("/proc/meminfo", "MemTotal:")
    }

    #[cfg(target_os = "linux")]
    pub fn available_memory() -> Option<u64> {
        entry("/proc/meminfo", "MemAvailable:")
    }

    #[cfg(target_os = "linux")]
    pub fn process_memory() -> Option<u64> {
        entry("/proc/self/status", "VmRSS:")
    }

    /// Bytes of an entry that the system writes in kibibytes.
    #[cfg(target_os = "linux")]
    fn entry(file: &str, name: &str) -> Option<u64> {
        let info = std::fs::read_to_string(file).ok()?;
        let line = info.lines().find_map(|l| l.strip_prefix(name))?;
        let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(kib * 1024)
    }

    /// Pages that are free, or hold what can be read again.
    #[cfg(not(target_os = "linux"))]
    pub fn available_memory() -> Option<u64> {
        let out = std::process::Command::new("vm_stat").output().ok()?;
        let text = String::from_utf8(out.stdout).ok()?;
        let page: u64 = text
            .split_once("page size of ")?
            .1
            .split(' ')
            .next()?
            .parse()
            .ok()?;
        let pages: u64 = ["Pages free:", "Pages inactive:", "Pages speculative:"]
            .iter()
            .filter_map(|name| text.lines().find_map(|line| line.strip_prefix(name)))
            .filter_map(|count| count.trim().trim_end_matches('.').parse::<u64>().ok())
            .sum();
        Some(pages * page)
    }

    #[cfg(not(target_os = "linux"))]
    pub fn process_memory() -> Option<u64> {
        let out = std::process::Command::new("ps")
            .args(["-o", "rss=", "-p", &std::process::id().to_string()])
            .output()
            .ok()?;
        let kib: u64 = String::from_utf8(out.stdout).ok()?.trim().parse().ok()?;
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
    use windows_sys::Win32::System::ProcessStatus::{GetProcessMemoryInfo, PROCESS_MEMORY_COUNTERS};
    use windows_sys::Win32::System::SystemInformation::{
        GetPhysicallyInstalledSystemMemory, GlobalMemoryStatusEx, MEMORYSTATUSEX,
    };
    use windows_sys::Win32::System::Threading::GetCurrentProcess;

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

    pub fn available_memory() -> Option<u64> {
        let mut status = MEMORYSTATUSEX {
            dwLength: size_of::<MEMORYSTATUSEX>() as u32,
            ..Default::default()
        };
        // SAFETY: `status` says its own size and outlives the call.
        let ok = unsafe { GlobalMemoryStatusEx(&mut status) };
        (ok != 0).then_some(status.ullAvailPhys)
    }

    pub fn process_memory() -> Option<u64> {
        let size = size_of::<PROCESS_MEMORY_COUNTERS>() as u32;
        let mut counters = PROCESS_MEMORY_COUNTERS {
            cb: size,
            ..Default::default()
        };
        // SAFETY: `counters` has the size that is told, and outlives the call; the handle is this process's own.
        let ok = unsafe { GetProcessMemoryInfo(GetCurrentProcess(), &mut counters, size) };
        (ok != 0).then_some(counters.WorkingSetSize as u64)
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
        let total = total_memory().unwrap();
        assert!(total > 100_000_000);
        assert!(available_memory().unwrap() < total);
        assert!((1_000_000..total).contains(&process_memory().unwrap()));
    }
}
