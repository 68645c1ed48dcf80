//! What the window's process keeps in memory while nobody uses it.

/// Watches for rest until the program ends, and gives back then what it can spare (see [`give_back`]). Does nothing but on Linux.
///
/// It rests while it computes less than a fiftieth of the time, whatever it is that it could be doing: no part of the program has
/// to say so.
pub(crate) fn watch() {
    #[cfg(target_os = "linux")]
    tauri::async_runtime::spawn(async {
        let mut state = State::default();
        loop {
            let before = computed();
            tokio::time::sleep(PERIOD).await;
            if state.ends(computed().saturating_sub(before)) {
                give_back();
            }
        }
    });
}

#[cfg(target_os = "linux")]
use linux::{PERIOD, State, computed, give_back};

#[cfg(target_os = "linux")]
mod linux {
    use std::ffi::{c_int, c_void};
    use std::time::Duration;

    /// How long nothing may happen before it is rest.
    pub(super) const PERIOD: Duration = Duration::from_secs(5);
    /// A fiftieth of that. The window at rest takes a quarter of it, for the line that blinks where one writes.
    const LITTLE: Duration = Duration::from_millis(100);

    /// Whether the program rests.
    #[derive(Default)]
    pub(super) struct State {
        resting: bool,
    }

    impl State {
        /// Takes what was computed in a period that ends now. Whether rest began with it.
        pub(super) fn ends(&mut self, computed: Duration) -> bool {
            let rested = std::mem::replace(&mut self.resting, computed < LITTLE);
            self.resting && !rested
        }
    }

    /// The processor's time that this process has taken since its start; zero where the system does not say.
    pub(super) fn computed() -> Duration {
        let mut time = libc::timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        // SAFETY: `time` may be written to.
        if unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &raw mut time) } != 0 {
            return Duration::ZERO;
        }
        Duration::new(
            time.tv_sec.unsigned_abs(),
            u32::try_from(time.tv_nsec).unwrap_or_default(),
        )
    }

    /// Gives back free memory of the allocator, and the pages of code and constants that this process has touched. Most of those
    /// were used once, at the start: the system maps sixteen for each that is needed. They stay in the system's cache of files as
    /// long as nobody else needs the memory, and those that are used again are mapped again, in a microsecond each.
    pub(super) fn give_back() {
        #[cfg(target_env = "gnu")]
        // SAFETY: it may be called at any time and by any thread.
        unsafe {
            libc::malloc_trim(0);
        }
        // SAFETY: the function is called for each program and library that is loaded, until it returns, and keeps nothing.
        unsafe { libc::dl_iterate_phdr(Some(unmap), std::ptr::null_mut()) };
    }

    /// Unmaps what is never written to of one program or library.
    unsafe extern "C" fn unmap(object: *mut libc::dl_phdr_info, _size: usize, _data: *mut c_void) -> c_int {
        /// What the kernel brings itself has this name; it has no file.
        const KERNEL: &[u8] = b"linux-vdso";
        // SAFETY: the C library calls this with a description that lives until it returns.
        let (base, name, headers) = unsafe {
            let object = &*object;
            if object.dlpi_phdr.is_null() || object.dlpi_name.is_null() {
                return 0;
            }
            let headers = std::slice::from_raw_parts(object.dlpi_phdr, usize::from(object.dlpi_phnum));
            (
                object.dlpi_addr,
                std::ffi::CStr::from_ptr(object.dlpi_name),
                headers,
            )
        };
        if name.to_bytes().starts_with(KERNEL) {
            return 0;
        }
        // SAFETY: it asks for a number of the system.
        let page = u64::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(4096);
        let relocated = headers
            .iter()
            .any(|header| header.p_type == libc::PT_DYNAMIC && rewrites_code(base, header));
        for header in headers.iter().filter(|header| header.p_type == libc::PT_LOAD) {
            if header.p_flags & libc::PF_W != 0 || relocated {
                continue;
            }
            let start = (base + header.p_vaddr).next_multiple_of(page);
            let end = (base + header.p_vaddr + header.p_memsz) / page * page;
            if let Some(length) = end
                .checked_sub(start)
                .and_then(|length| usize::try_from(length).ok())
            {
                // SAFETY: the segment is a private mapping of a file that was never written to, so that each of its pages is
                // the file's and comes back as it was. What cannot be unmapped, locked memory, stays.
                unsafe { libc::madvise(start as *mut c_void, length, libc::MADV_DONTNEED) };
            }
        }
        0
    }

    /// Whether the loader has written to the code of this object (`DT_TEXTREL`): its pages are not the file's any more.
    fn rewrites_code(base: u64, dynamic: &libc::Elf64_Phdr) -> bool {
        const END: i64 = 0;
        const TEXT_RELOCATIONS: i64 = 22;
        const FLAGS: i64 = 30;
        const FLAG_TEXT_RELOCATIONS: u64 = 4;
        let entries = usize::try_from(dynamic.p_memsz).unwrap_or_default() / size_of::<[u64; 2]>();
        // SAFETY: a loaded object's dynamic section is in memory, readable and of this length.
        let entries =
            unsafe { std::slice::from_raw_parts((base + dynamic.p_vaddr) as *const (i64, u64), entries) };
        let mut entries = entries.iter().take_while(|(tag, _)| *tag != END);
        entries.any(|(tag, value)| {
            *tag == TEXT_RELOCATIONS || *tag == FLAGS && value & FLAG_TEXT_RELOCATIONS != 0
        })
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn rest_begins_once_and_again_after_work() {
            let mut state = State::default();
            let [little, much] = [1, 1000].map(Duration::from_millis);
            let began = [much, little, little, much, much, little].map(|computed| state.ends(computed));
            assert_eq!(began, [false, true, false, false, false, true]);
        }

        #[test]
        fn what_is_given_back_comes_back_as_it_was() {
            /// Pages of this process that are code.
            fn code() -> u64 {
                let maps = std::fs::read_to_string("/proc/self/smaps").unwrap();
                let lines = maps.lines().scan(false, |code, line| {
                    let mut words = line.split_whitespace();
                    match (words.next()?, words.next()) {
                        (range, Some(rights)) if range.contains('-') && !range.ends_with(':') => {
                            *code = rights.contains('x')
                        }
                        ("Rss:", Some(size)) if *code => return Some(size.parse().unwrap()),
                        _ => {}
                    }
                    Some(0)
                });
                lines.sum()
            }
            let page = include_str!("rest.rs");
            let sorted = || {
                let mut words: Vec<&str> = page.split_whitespace().collect();
                words.sort_unstable();
                words.concat()
            };
            let (before, was) = (sorted(), code());
            give_back();
            let left = code();
            assert!(left < was, "{left} of {was} KiB of code are left");
            assert_eq!(sorted(), before);
        }
    }
}
