//! Ownership by open-file-description locks: the kernel releases them on any death of their holder.
//!
//! A lock belongs to an open file description, which lives as long as any descriptor or mapping refers to it. So each
//! handle locks on a description of its own, which is never mapped; a child that inherits the descriptor over fork
//! closes it at once (see `fork`).

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::fd::AsRawFd;

use super::fork::OwnFile;

/// A handle's own description of a ring file, with the locks that it has taken.
#[derive(Debug)]
pub(crate) struct Locks {
    file: OwnFile,
}

impl Locks {
    /// Opens the file again.
    pub(crate) fn new(file: &File) -> io::Result<Self> {
        let path = format!("/proc/self/fd/{}", file.as_raw_fd());
        Ok(Self { file: OwnFile::open(|| File::options().read(true).write(true).open(path))? })
    }

    /// Takes the lock of a byte; false if somebody else holds it.
    pub(crate) fn try_lock(&self, byte: u64) -> io::Result<bool> {
        match self.control(libc::F_OFD_SETLK, libc::F_WRLCK, byte..byte + 1) {
            Ok(_) => Ok(true),
            Err(error) if matches!(error.raw_os_error(), Some(libc::EAGAIN | libc::EACCES)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Takes the lock of a byte, after whoever holds it.
    pub(crate) fn lock(&self, byte: u64) -> io::Result<()> {
        loop {
            match self.control(libc::F_OFD_SETLKW, libc::F_WRLCK, byte..byte + 1) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                outcome => return outcome.map(drop),
            }
        }
    }

    /// Gives the lock of a byte back.
    pub(crate) fn unlock(&self, byte: u64) -> io::Result<()> {
        self.control(libc::F_OFD_SETLK, libc::F_UNLCK, byte..byte + 1).map(drop)
    }

    /// Whether another handle, in any process, holds the lock of a byte.
    pub(crate) fn is_held(&self, byte: u64) -> io::Result<bool> {
        self.control(libc::F_OFD_GETLK, libc::F_WRLCK, byte..byte + 1).map(|found| found != libc::F_UNLCK)
    }

    fn control(&self, command: libc::c_int, kind: libc::c_int, bytes: Range<u64>) -> io::Result<libc::c_int> {
        control(&*self.file, command, kind, bytes)
    }
}

/// One `fcntl` on some bytes; gives the lock type that the kernel wrote back.
fn control(file: &impl AsRawFd, command: libc::c_int, kind: libc::c_int, bytes: Range<u64>) -> io::Result<libc::c_int> {
    let mut lock = libc::flock {
        l_type: kind as libc::c_short,
        l_whence: libc::SEEK_SET as libc::c_short,
        l_start: bytes.start as libc::off_t,
        l_len: (bytes.end - bytes.start) as libc::off_t,
        l_pid: 0,
    };
    // SAFETY: the descriptor is open, and `lock` is a whole `flock` that lives through the call.
    let outcome = unsafe { libc::fcntl(file.as_raw_fd(), command, &raw mut lock) };
    if outcome == -1 { Err(io::Error::last_os_error()) } else { Ok(libc::c_int::from(lock.l_type)) }
}

/// The lock of a whole file that was opened for writing, up to drop: for those who write to it by turns.
#[derive(Debug)]
pub(crate) struct WholeFile<'f>(&'f File);

impl<'f> WholeFile<'f> {
    /// Takes it, after whoever holds it.
    pub(crate) fn lock(file: &'f File) -> io::Result<Self> {
        loop {
            match control(file, libc::F_OFD_SETLKW, libc::F_WRLCK, ALL) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                outcome => return outcome.map(|_| Self(file)),
            }
        }
    }
}

impl Drop for WholeFile<'_> {
    fn drop(&mut self) {
        // It fails for a file that is not open, which cannot be.
        let _ = control(self.0, libc::F_OFD_SETLK, libc::F_UNLCK, ALL);
    }
}

/// Takes the lock of all of what was opened for writing here, up to its closing; false if somebody else holds it.
pub(crate) fn try_lock_for_good(file: &impl AsRawFd) -> io::Result<bool> {
    match control(file, libc::F_OFD_SETLK, libc::F_WRLCK, ALL) {
        Ok(_) => Ok(true),
        Err(error) if matches!(error.raw_os_error(), Some(libc::EAGAIN | libc::EACCES)) => Ok(false),
        Err(error) => Err(error),
    }
}

const ALL: Range<u64> = 0..i64::MAX as u64;

impl Drop for Locks {
    fn drop(&mut self) {
        if self.file.is_open() {
            // Not by closing alone: a program that another thread starts has a copy of the descriptor up to its exec. This
            // fails for a file that is not open, which cannot be.
            let _ = self.control(libc::F_OFD_SETLK, libc::F_UNLCK, ALL);
        }
    }
}
