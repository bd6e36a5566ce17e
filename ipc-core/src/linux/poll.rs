//! Waiting until a descriptor is ready.

use std::io;
use std::os::fd::AsFd;
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// Sleeps until one of these events, or an error, or the other side's end; empty if `deadline` came first. Looks once, also
/// after the deadline.
pub(crate) fn ready(descriptor: impl AsFd, events: PollFlags, deadline: Option<Instant>) -> io::Result<PollFlags> {
    loop {
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let left = left.map(|left| Timespec { tv_sec: left.as_secs() as i64, tv_nsec: left.subsec_nanos().into() });
        let mut asked = [PollFd::new(&descriptor, events)];
        match poll(&mut asked, left.as_ref()) {
            Ok(_) => return Ok(asked[0].revents()),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}
