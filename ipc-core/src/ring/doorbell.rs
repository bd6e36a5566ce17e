//! The FIFOs of doorbells: where they stand, who makes and removes them, and how a producer rings them.
//!
//! A doorbell stands beside its ring, under the ring's name, its inode number and the slot's: another ring of that name has
//! other doorbells. Its consumer makes it, and holds the slot's lock meanwhile; who removes it does too, or has removed the ring.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, fchown};
use std::path::PathBuf;

use parking_lot::Mutex;
use rustix::fs::{CWD, FileType, Mode, fchmod, fstat, mknodat};

use super::bell::ring_armed;
use super::layout::{BELL_NONE, BELL_SILENT, WaitLine};
use super::mapped::Mapped;
use super::sync::Ordering;
use crate::linux::doorbell::Doorbell;
use crate::linux::fork::OwnFile;
use crate::linux::futex;

/// What the mode of a ring has, and its doorbells with it, that is shared with a group.
const GROUP: u32 = 0o060;

impl Mapped {
    /// Makes the doorbell of a slot whose lock the caller holds.
    pub(crate) fn make_bell(&self, slot: usize) -> io::Result<Doorbell> {
        let (path, ring) = (self.bell_path(slot)?, self.files.head.metadata()?);
        // Before the FIFO is there, so that it is removed whoever dies.
        self.control().slots[slot].bell.store(BELL_SILENT, Ordering::Relaxed);
        // After a power cut one may stand there that nothing says.
        let _ = std::fs::remove_file(&path);
        mknodat(CWD, &path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0)?;
        let flags = libc::O_NONBLOCK | libc::O_NOFOLLOW | libc::O_CLOEXEC;
        let fifo = File::options().read(true).custom_flags(flags).open(&path)?;
        if ring.mode() & GROUP == GROUP {
            fchown(&fifo, None, Some(ring.gid()))?;
            fchmod(&fifo, Mode::from_raw_mode(0o660))?;
        }
        Doorbell::new(fifo)
    }

    /// Removes the doorbell of a slot, if there is one.
    pub(crate) fn remove_bell(&self, slot: usize) {
        if self.control().slots[slot].bell.swap(BELL_NONE, Ordering::Relaxed) != BELL_NONE
            && let Ok(path) = self.bell_path(slot)
        {
            // It may be gone, or never have been made.
            let _ = std::fs::remove_file(path);
        }
    }

    fn bell_path(&self, slot: usize) -> io::Result<PathBuf> {
        if self.name.isolated {
            // It has no path, whatever its modules write into its slots.
            return Err(io::ErrorKind::Unsupported.into());
        }
        let mut path = self.name.path.clone().into_os_string();
        path.push(format!(".{}.{slot}.bell", self.files.head.metadata()?.ino()));
        Ok(path.into())
    }

    /// Opens the doorbell of a slot to ring it: a FIFO, and nothing else that somebody may have put in its place.
    fn open_bell(&self, slot: usize) -> io::Result<File> {
        // By a descriptor that opens nothing: to open a device can do something by itself.
        let flags = libc::O_PATH | libc::O_NOFOLLOW | libc::O_CLOEXEC;
        let place = File::options().read(true).custom_flags(flags).open(self.bell_path(slot)?)?;
        let (found, ring) = (place.metadata()?, self.files.head.metadata()?);
        let is_shared = ring.mode() & GROUP == GROUP && found.gid() == ring.gid();
        let is_trusted = found.uid() == rustix::process::geteuid().as_raw() || is_shared;
        if FileType::from_raw_mode(found.mode()) != FileType::Fifo || !is_trusted {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        // For reading too, so that to write after its reader has gone is no SIGPIPE.
        let path = format!("/proc/self/fd/{}", place.as_raw_fd());
        File::options().read(true).write(true).custom_flags(libc::O_NONBLOCK | libc::O_CLOEXEC).open(path)
    }
}

/// The doorbells that an end has rung. It keeps them open: when it dies, the kernel tells their consumers.
#[derive(Debug, Default)]
pub(crate) struct Bells(Mutex<Vec<(usize, OwnFile)>>);

impl Bells {
    /// Wakes all who wait for a line's next wake, in a sleep or for their doorbells.
    pub(crate) fn wake_all(&self, ring: &Mapped, line: &WaitLine) {
        futex::wake_all(line);
        ring_armed(ring.control(), |slot| self.ring(ring, slot));
    }

    /// Rings every doorbell, armed or not: of who opens a ring, and holds them from then on.
    pub(crate) fn ring_all(&self, ring: &Mapped) {
        for (index, slot) in ring.control().slots.iter().enumerate() {
            if slot.bell.load(Ordering::Relaxed) != BELL_NONE {
                self.ring(ring, index);
            }
        }
    }

    /// Rings the doorbell of a slot. One that cannot be opened rings by itself.
    fn ring(&self, ring: &Mapped, slot: usize) {
        let mut open = self.0.lock();
        // Its consumer has gone, and another one's doorbell may stand there.
        open.retain(|(other, bell)| *other != slot || fstat(&**bell).is_ok_and(|found| found.st_nlink > 0));
        let known = open.iter().position(|(other, _)| *other == slot);
        let index = known.or_else(|| {
            open.push((slot, OwnFile::open(|| ring.open_bell(slot)).ok()?));
            Some(open.len() - 1)
        });
        if let Some(index) = index {
            // If it is full, it has rung.
            let _ = rustix::io::write(&*open[index].1, &[0]);
        }
    }

    /// Lets go of them, as the end does that holds them.
    pub(crate) fn clear(&self) {
        self.0.lock().clear();
    }
}
