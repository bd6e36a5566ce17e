//! `membarrier`: a full barrier on the cores of all registered processes, for the asymmetric fence mode.

use std::io;
use std::sync::OnceLock;

use rustix::thread::{MembarrierCommand, membarrier};

static REGISTERED: OnceLock<Result<(), rustix::io::Errno>> = OnceLock::new();

/// Registers this process, once. Every process that opens an asymmetric ring does so before its first store there.
pub(crate) fn register() -> io::Result<()> {
    (*REGISTERED.get_or_init(|| membarrier(MembarrierCommand::RegisterGlobalExpedited))).map_err(io::Error::from)
}

/// Runs a full barrier on this core and on every core that runs a registered process.
pub(crate) fn run() {
    // Works in a process that has registered, unless a filter was put on its system calls since. A sleeper whose barrier
    // fails can miss a wake, and finds out when its nap is over.
    let _ = membarrier(MembarrierCommand::GlobalExpedited);
}
