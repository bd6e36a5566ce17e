//! Waiting for what happens to files: one appears under its name, is opened, grows, or is removed.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;
use std::time::Instant;

use rustix::event::PollFlags;
use rustix::fs::inotify;

use super::files::directory_of;
use super::poll;

/// Watches one directory, or one file.
#[derive(Debug)]
pub(crate) struct Watch(rustix::fd::OwnedFd);

/// Readable when something has happened.
impl AsFd for Watch {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl Watch {
    /// Begins to watch the directory of `path` for files that appear there.
    pub(crate) fn directory_of(path: &Path) -> io::Result<Self> {
        let appears = inotify::WatchFlags::CREATE | inotify::WatchFlags::MOVED_TO;
        let directory_goes = inotify::WatchFlags::DELETE_SELF | inotify::WatchFlags::MOVE_SELF;
        Self::new(directory_of(path), appears | directory_goes)
    }

    /// Begins to watch a file for who opens it.
    pub(crate) fn opening_of(path: &Path) -> io::Result<Self> {
        Self::new(path, inotify::WatchFlags::OPEN)
    }

    /// Begins to watch a file for what is written to it, and for its removal.
    pub(crate) fn growing_of(path: &Path) -> io::Result<Self> {
        Self::new(path, inotify::WatchFlags::MODIFY | inotify::WatchFlags::ATTRIB)
    }

    /// Begins to watch a file for its removal or renaming.
    pub(crate) fn removal_of(path: &Path) -> io::Result<Self> {
        Self::new(path, inotify::WatchFlags::ATTRIB | inotify::WatchFlags::MOVE_SELF)
    }

    fn new(path: &Path, events: inotify::WatchFlags) -> io::Result<Self> {
        let watch = inotify::init(inotify::CreateFlags::CLOEXEC | inotify::CreateFlags::NONBLOCK)?;
        inotify::add_watch(&watch, path, events)?;
        Ok(Self(watch))
    }

    /// Sleeps until something has happened, in a directory also to itself; false if `deadline` came first.
    pub(crate) fn wait(&self, deadline: Option<Instant>) -> io::Result<bool> {
        if poll::ready(&self.0, PollFlags::IN, deadline)?.is_empty() {
            return Ok(false);
        }
        self.take();
        Ok(true)
    }

    /// Whether something has happened since the last call.
    pub(crate) fn take(&self) -> bool {
        let mut buffer = [MaybeUninit::uninit(); 1024];
        let mut events = inotify::Reader::new(&self.0, &mut buffer);
        // Which files appeared does not matter: the caller looks for its own. Read them all, or poll() stays ready.
        let happened = events.next().is_ok();
        while happened && events.next().is_ok() {}
        happened
    }
}
