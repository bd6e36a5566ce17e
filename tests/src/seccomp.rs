//! Filters on the system calls of this process, as a container's sandbox puts them.

use libc::{BPF_ABS, BPF_JEQ, BPF_JMP, BPF_K, BPF_LD, BPF_RET, BPF_W, c_long, sock_filter, sock_fprog};

/// Makes `membarrier` fail with EPERM from now on.
pub fn refuse_membarrier() {
    install(&[libc::SYS_membarrier], libc::SECCOMP_RET_ERRNO | libc::EPERM as u32, libc::SECCOMP_RET_ALLOW);
}

/// Makes the kernel one that does not know `futex_waitv`.
pub fn refuse_futex_waitv() {
    install(&[libc::SYS_futex_waitv], libc::SECCOMP_RET_ERRNO | libc::ENOSYS as u32, libc::SECCOMP_RET_ALLOW);
}

/// Has the kernel kill this process at `membarrier`.
pub fn die_at_membarrier() {
    install(&[libc::SYS_membarrier], libc::SECCOMP_RET_KILL_PROCESS, libc::SECCOMP_RET_ALLOW);
}

/// Has the kernel kill this process at any system call but those by which it gets commands and gives answers, and these.
pub fn refuse_all_but(calls: &[c_long]) {
    let calls = [calls, &[libc::SYS_read, libc::SYS_write]].concat();
    install(&calls, libc::SECCOMP_RET_ALLOW, libc::SECCOMP_RET_KILL_PROCESS);
}

/// What becomes of these calls, and of all others.
fn install(calls: &[c_long], these: u32, others: u32) {
    let step = |code: u32, k: u32, jf: u8| sock_filter { code: code as u16, jt: 0, jf, k };
    // The number of the system call is what `seccomp_data` begins with.
    let mut program = vec![step(BPF_LD | BPF_W | BPF_ABS, 0, 0)];
    for &call in calls {
        program.push(step(BPF_JMP | BPF_JEQ | BPF_K, call as u32, 1));
        program.push(step(BPF_RET | BPF_K, these, 0));
    }
    program.push(step(BPF_RET | BPF_K, others, 0));
    let program = sock_fprog { len: program.len() as u16, filter: program.as_mut_ptr() };
    // SAFETY: sets a flag of this process, and touches no memory.
    let refused = unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) };
    assert_eq!(refused, 0, "{}", std::io::Error::last_os_error());
    // SAFETY: reads the program, which lives until the call returns.
    let refused = unsafe { libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const program) };
    assert_eq!(refused, 0, "{}", std::io::Error::last_os_error());
}
