//! An isolated ring in the hands of a test, which gives it to processes as a controller does to its modules.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::process::CommandExt;

use ipc_core::Channel;
use ipc_core::raw::IsolatedRing;

use crate::{Parcel, Peer, Ring};

/// The ring and its settings.
#[derive(Debug)]
pub struct Isolated {
    settings: Ring,
    memory: IsolatedRing,
}

impl Isolated {
    /// A ring with a capacity of 4 KiB and these reserved consumers.
    pub fn new(reserved: &[&'static str]) -> Self {
        let settings = Ring::isolated(reserved, 4096);
        Self { memory: settings.create_isolated(), settings }
    }

    /// The memory itself.
    pub fn memory(&self) -> &IsolatedRing {
        &self.memory
    }

    /// The channel, for ends of the test's own.
    pub fn channel(&self) -> Channel<'_, Parcel> {
        self.settings.channel().held(&self.memory)
    }

    /// Bytes of the body.
    pub fn bytes(&self) -> u64 {
        self.settings.bytes()
    }

    /// Starts the process that may produce.
    pub fn producer(&self) -> Peer {
        self.given(self.memory.for_producer().unwrap().into_descriptors())
    }

    /// Starts a process that may consume and observe.
    pub fn reader(&self) -> Peer {
        self.given(self.memory.for_reader().unwrap().into_descriptors())
    }

    /// Starts a process that has those two for control and body.
    pub fn given(&self, [control, body]: [OwnedFd; 2]) -> Peer {
        let variable = format!("parcels={}:{}", control.as_raw_fd(), body.as_raw_fd());
        self.told(&variable, vec![control, body])
    }

    /// Starts a process that has these descriptors, and this in its environment.
    pub fn told(&self, variable: &str, descriptors: Vec<OwnedFd>) -> Peer {
        let mut command = self.settings.command();
        command.env(IsolatedRing::VARIABLE, variable);
        let inherit = move || {
            for descriptor in &descriptors {
                rustix::io::fcntl_setfd(descriptor, rustix::io::FdFlags::empty())?;
            }
            Ok::<_, io::Error>(())
        };
        // SAFETY: the closure makes system calls and does nothing else.
        unsafe { command.pre_exec(inherit) };
        Peer::start(command)
    }
}
