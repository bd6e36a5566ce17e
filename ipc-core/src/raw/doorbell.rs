//! Doorbells of consumers: a descriptor for event loops.

use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;

use rustix::time::Timespec;

use super::consumer::{Cursor, Slot};
use super::{RawConsumer, SharedConsumer};
use crate::error::Error;
use crate::linux::doorbell::Doorbell;
use crate::ring::bell;
use crate::ring::protocol::Record;
use crate::ring::waiting::NAP;

impl RawConsumer {
    /// See [`Consumer::doorbell`](crate::Consumer::doorbell). What does not wait is [`recv`](Self::recv) with
    /// [`Patience::None`](super::Patience::None).
    pub fn doorbell(&self) -> Result<BorrowedFd<'_>, Error> {
        self.slot().doorbell().map(AsFd::as_fd)
    }
}

impl SharedConsumer {
    /// See [`RawConsumer::doorbell`]. While another thread is in [`recv`](Self::recv), this one waits for it first.
    pub fn doorbell(&self) -> Result<BorrowedFd<'_>, Error> {
        let (slot, _cursor) = self.slot_and_cursor()?;
        slot.doorbell().map(AsFd::as_fd)
    }
}

impl Slot {
    /// The doorbell, made at the first call. Two threads do not ask at once.
    fn doorbell(&self) -> Result<&Doorbell, Error> {
        self.ring.check_life()?;
        if let Some(bell) = self.bell.get() {
            return Ok(bell);
        }
        let ring = &self.ring;
        if ring.name.isolated {
            let name = ring.name.path.to_string_lossy().trim_start_matches("memfd:").into();
            let problem = "an isolated ring has no place for doorbells: receive in a thread of its own, or make the \
                           channel one that is not isolated";
            return Err(Error::Channel { name, problem: problem.into() });
        }
        let bell = ring.make_bell(self.index).map_err(|error| {
            ring.remove_bell(self.index);
            ring.os("make a doorbell beside the ring, for an event loop", error)
        })?;
        Ok(self.bell.get_or_init(|| bell))
    }

    /// For who does not wait and has found no record: a look at all that may be there in its place. If that is nothing, the
    /// doorbell rings from now on.
    #[cold]
    #[inline(never)]
    pub(super) fn look_closer(&self, cursor: &Cursor) -> Result<Record, Error> {
        let found = match (self.look(cursor)?, self.bell.get()) {
            (None, Some(bell)) => self.arm(bell, cursor)?,
            (found, _) => found,
        };
        found.ok_or_else(|| Error::Empty(Arc::clone(&self.ring.name)))
    }

    fn arm(&self, bell: &Doorbell, cursor: &Cursor) -> Result<Option<Record>, Error> {
        let nap = Timespec { tv_sec: NAP.as_secs() as i64, tv_nsec: NAP.subsec_nanos().into() };
        let silence = || bell.silence(nap).map_err(|error| self.ring.os("silence the doorbell", error));
        let look = || self.look(cursor).transpose();
        bell::arm(self.ring.control(), self.index, self.ring.fence, silence, look)?.transpose()
    }
}
