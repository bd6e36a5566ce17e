//! Sealed memory: files without a name (memfd) whose size nobody can change, so that no access to a mapping faults.

use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, RawFd};
use std::os::unix::fs::PermissionsExt;

use rustix::fs::{
    FallocateFlags, FsWord, MemfdFlags, OFlags, SealFlags, fallocate, fcntl_add_seals, fcntl_get_seals, fcntl_getfl,
    fstatfs, memfd_create,
};
use rustix::io::Errno;

/// What keeps the size, and what keeps the seals.
const SEALS: SealFlags = SealFlags::SHRINK.union(SealFlags::GROW).union(SealFlags::SEAL);

/// The type that `statfs` gives for memory of ordinary pages.
const TMPFS: FsWord = 0x0102_1994;

/// A memfd of `bytes` zeros, sealed. Its space is there for certain, and it cannot be executed where the kernel knows how
/// to keep it from that (Linux 6.3). `mode` says how it can be opened anew by who has it open already.
pub(crate) fn make(name: &str, bytes: u64, mode: u32) -> io::Result<File> {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    let file = match memfd_create(name, flags | MemfdFlags::NOEXEC_SEAL) {
        Err(Errno::INVAL) => memfd_create(name, flags),
        outcome => outcome,
    };
    let file = File::from(file?);
    fallocate(&file, FallocateFlags::empty(), 0, bytes)?;
    file.set_permissions(PermissionsExt::from_mode(mode))?;
    fcntl_add_seals(&file, SEALS)?;
    Ok(file)
}

/// Says why a file is no sealed memory, if it is none.
pub(crate) fn check(file: &File) -> Result<(), String> {
    // A file in tmpfs has seals too, which never hold its size. One in huge pages may fault for the lack of such a page.
    let in_tmpfs = fstatfs(file).is_ok_and(|system| system.f_type == TMPFS);
    let seals = fcntl_get_seals(file).unwrap_or(SealFlags::empty());
    if in_tmpfs && seals.contains(SEALS) {
        return Ok(());
    }
    let name = std::fs::read_link(path_of(file)).unwrap_or_default();
    let place = if in_tmpfs { "" } else { " outside of tmpfs" };
    let names: Vec<_> = seals.iter_names().map(|(name, _)| name).collect();
    let found = if names.is_empty() { "no seals".to_owned() } else { format!("the seals {}", names.join(" ")) };
    Err(format!("expected a memfd with the seals SHRINK, GROW and SEAL, found {}{place} with {found}", name.display()))
}

/// Another description of the same file, for reading alone: nothing can be mapped writable through it.
pub(crate) fn read_only(file: &File) -> io::Result<File> {
    File::open(path_of(file))
}

/// Another description of the same file.
pub(crate) fn reopened(file: &File) -> io::Result<File> {
    File::options().read(true).write(true).open(path_of(file))
}

/// Whether this description is open for writing.
pub(crate) fn is_writable(file: &File) -> io::Result<bool> {
    Ok(fcntl_getfl(file)?.contains(OFlags::RDWR))
}

/// The file behind a descriptor that this process has inherited, by a descriptor of its own.
pub(crate) fn inherited(number: RawFd) -> io::Result<File> {
    // SAFETY: touches no memory; it fails for a number that is not open.
    let own = unsafe { libc::fcntl(number, libc::F_DUPFD_CLOEXEC, libc::STDERR_FILENO + 1) };
    if own == -1 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the kernel has just made it, and nobody else knows it.
    Ok(unsafe { File::from_raw_fd(own) })
}

/// Keeps an inherited descriptor from the programs that this process starts.
pub(crate) fn close_on_exec(number: RawFd) -> io::Result<()> {
    // SAFETY: touches no memory; it fails for a number that is not open.
    let outcome = unsafe { libc::fcntl(number, libc::F_SETFD, libc::FD_CLOEXEC) };
    if outcome == -1 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

fn path_of(file: &File) -> String {
    format!("/proc/self/fd/{}", file.as_raw_fd())
}
