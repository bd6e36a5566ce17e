//! What is Linux's own: files, locks, futexes, barriers, descriptors, fork, polling. Another system would give the same functions.

pub(crate) mod doorbell;
pub(crate) mod files;
pub(crate) mod fork;
pub(crate) mod futex;
pub(crate) mod inherited;
pub(crate) mod locks;
pub(crate) mod membarrier;
pub(crate) mod poll;
pub(crate) mod sealed;
pub(crate) mod watch;

use std::io;

/// The kernel's boot id, as two halves: another value after each start-up.
pub(crate) fn boot_id() -> io::Result<[u64; 2]> {
    let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id")?;
    let hex: String = text.chars().filter(char::is_ascii_hexdigit).collect();
    let id = u128::from_str_radix(&hex, 16).map_err(io::Error::other)?;
    Ok([(id >> 64) as u64, id as u64])
}

/// CLOCK_MONOTONIC in nanoseconds.
pub(crate) fn monotonic_ns() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}
