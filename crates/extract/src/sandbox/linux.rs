//! Landlock and a filter of system calls.

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetStatus, Scope,
};

use super::{Enforcement, SandboxStatus};

/// The newest Landlock whose rights are known here; older kernels enforce what they know.
const NEWEST: ABI = ABI::V6;

pub(super) fn enter(_memory_limit: u64) -> SandboxStatus {
    SandboxStatus {
        landlock: landlock(),
        seccomp: filter::seccomp(),
        ..SandboxStatus::default()
    }
}

fn landlock() -> Enforcement {
    let restrict = || {
        let rules = Ruleset::default()
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(AccessFs::from_all(NEWEST))?
            .handle_access(AccessNet::from_all(NEWEST))?
            .scope(Scope::from_all(NEWEST))?;
        // No rule: nothing is allowed.
        rules.create()?.restrict_self()
    };
    match restrict().map(|done| done.ruleset) {
        Ok(RulesetStatus::FullyEnforced) => Enforcement::Full,
        Ok(RulesetStatus::PartiallyEnforced) => Enforcement::Partial,
        Ok(RulesetStatus::NotEnforced) | Err(_) => Enforcement::None,
    }
}

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
mod filter {
    use std::collections::BTreeMap;

    use seccompiler::{
        BpfProgram, SeccompAction, SeccompCmpArgLen as Width, SeccompCmpOp, SeccompCondition, SeccompFilter,
        SeccompRule, TargetArch, apply_filter,
    };

    use super::Enforcement;

    /// What computing, memory, threads and writing to pipes need; everything on open files or on
    /// the process itself.
    const ALLOWED: &[libc::c_long] = &[
        libc::SYS_read,
        libc::SYS_readv,
        libc::SYS_pread64,
        libc::SYS_write,
        libc::SYS_writev,
        libc::SYS_lseek,
        libc::SYS_fstat,
        libc::SYS_close,
        libc::SYS_brk,
        libc::SYS_munmap,
        libc::SYS_mremap,
        libc::SYS_madvise,
        libc::SYS_membarrier,
        libc::SYS_futex,
        libc::SYS_set_robust_list,
        libc::SYS_rseq,
        libc::SYS_set_tid_address,
        libc::SYS_sigaltstack,
        libc::SYS_rt_sigaction,
        libc::SYS_rt_sigprocmask,
        libc::SYS_rt_sigreturn,
        libc::SYS_restart_syscall,
        libc::SYS_exit,
        libc::SYS_exit_group,
        libc::SYS_getpid,
        libc::SYS_gettid,
        libc::SYS_getrandom,
        libc::SYS_clock_gettime,
        libc::SYS_clock_getres,
        libc::SYS_clock_nanosleep,
        libc::SYS_nanosleep,
        libc::SYS_gettimeofday,
        libc::SYS_sched_yield,
        libc::SYS_sched_getaffinity,
        libc::SYS_getcpu,
        libc::SYS_ppoll,
    ];

    pub(super) fn seccomp() -> Enforcement {
        let applied = program().is_ok_and(|program| apply_filter(&program).is_ok());
        if applied {
            Enforcement::Full
        } else {
            Enforcement::None
        }
    }

    fn program() -> Result<BpfProgram, seccompiler::BackendError> {
        let masked = |arg, mask: u64, value: u64| {
            SeccompCondition::new(arg, Width::Qword, SeccompCmpOp::MaskedEq(mask), value)
        };
        let only = |condition: Result<SeccompCondition, _>| Ok(vec![SeccompRule::new(vec![condition?])?]);
        let mut rules: BTreeMap<i64, Vec<SeccompRule>> =
            ALLOWED.iter().map(|call| (*call, Vec::new())).collect();
        // Threads, not processes.
        let thread = libc::CLONE_THREAD as u64;
        rules.insert(libc::SYS_clone, only(masked(0, thread, thread))?);
        // Memory, not code.
        let code = libc::PROT_EXEC as u64;
        rules.insert(libc::SYS_mmap, only(masked(2, code, 0))?);
        rules.insert(libc::SYS_mprotect, only(masked(2, code, 0))?);
        // A thread's name.
        let name = SeccompCondition::new(0, Width::Dword, SeccompCmpOp::Eq, libc::PR_SET_NAME as u64);
        rules.insert(libc::SYS_prctl, only(name)?);
        // Asking for limits (where the stack ends), not setting them.
        rules.insert(libc::SYS_prlimit64, only(masked(2, u64::MAX, 0))?);
        // A signal to itself: that is how a program aborts.
        let own = u64::from(std::process::id());
        let to_self = SeccompCondition::new(0, Width::Dword, SeccompCmpOp::Eq, own);
        rules.insert(libc::SYS_tgkill, only(to_self)?);
        // Libraries answer "there is no such call" by trying an older one, down to those above;
        // any other error they take for final.
        let refused = SeccompAction::Errno(libc::ENOSYS as u32);
        let arch = if cfg!(target_arch = "x86_64") {
            TargetArch::x86_64
        } else {
            TargetArch::aarch64
        };
        SeccompFilter::new(rules, refused, SeccompAction::Allow, arch)?.try_into()
    }
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
mod filter {
    pub(super) fn seccomp() -> super::Enforcement {
        super::Enforcement::None
    }
}

/// Mapped files count as address space.
pub(super) fn memory_limit(mapped: u64) -> Option<u64> {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: the pointer is to a local that outlives the call.
    let asked = unsafe { libc::getrlimit(libc::RLIMIT_AS, &mut limit) };
    (asked == 0 && limit.rlim_cur != libc::RLIM_INFINITY).then(|| limit.rlim_cur.saturating_sub(mapped))
}

pub(super) fn can_start_programs() -> bool {
    std::process::Command::new("true").status().is_ok()
}
