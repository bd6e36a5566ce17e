//! Waiting until a file appears under its name.

use std::io;
use std::mem::MaybeUninit;
use std::path::Path;
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::inotify;

use super::files::directory_of;

/// Watches one directory.
#[derive(Debug)]
pub(crate) struct Watch(rustix::fd::OwnedFd);

impl Watch {
    /// Begins to watch the directory of `path` for files that appear there.
    pub(crate) fn directory_of(path: &Path) -> io::Result<Self> {
        let watch = inotify::init(inotify::CreateFlags::CLOEXEC | inotify::CreateFlags::NONBLOCK)?;
        let appears = inotify::WatchFlags::CREATE | inotify::WatchFlags::MOVED_TO;
        let directory_goes = inotify::WatchFlags::DELETE_SELF | inotify::WatchFlags::MOVE_SELF;
        inotify::add_watch(&watch, directory_of(path), appears | directory_goes)?;
        Ok(Self(watch))
    }

    /// Sleeps until something has appeared in the directory, or it has gone itself; false if `deadline` came first.
    pub(crate) fn wait(&self, deadline: Option<Instant>) -> io::Result<bool> {
        let limit = match deadline.map(|deadline| deadline.saturating_duration_since(Instant::now())) {
            Some(left) if left.is_zero() => return Ok(false),
            left => {
                left.map(|left| Timespec { tv_sec: left.as_secs() as i64, tv_nsec: i64::from(left.subsec_nanos()) })
            }
        };
        let mut ready = [PollFd::new(&self.0, PollFlags::IN)];
        match poll(&mut ready, limit.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let mut buffer = [MaybeUninit::uninit(); 1024];
        let mut events = inotify::Reader::new(&self.0, &mut buffer);
        // Which files appeared does not matter: the caller looks for its own. Read them all, or poll() stays ready.
        while events.next().is_ok() {}
        Ok(true)
    }
}
