//! What the controller and its guard tell each other: JSON, one message at a time, with descriptors beside it.

use std::fmt;
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::path::PathBuf;

use rustix::io::Errno;
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, SocketFlags, SocketType, recvmsg, sendmsg, socketpair,
};
use rustix::process::WaitStatus;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// What the controller wants. Modules are told by their names.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Order {
    /// The first order. With it come what keeps the application's name taken, and the terminal if one is drawn on.
    Begin {
        /// Rings to remove at the end, each by the name of its channel or by its path.
        rings: Vec<String>,
    },
    /// Start a module. With it come its standard input, output and error output, then what `handed` speaks of.
    Start(Start),
    /// Ask a module's processes to end (SIGTERM).
    Terminate(String),
    /// End all processes of a module by force.
    Kill(String),
    /// The controller ends as it should, and has left the terminal in order.
    Goodbye,
}

/// How a module is started.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Start {
    pub(crate) module: String,
    pub(crate) program: PathBuf,
    /// As the topology states it; its first word is what the program finds as its own name.
    pub(crate) command: Vec<String>,
    pub(crate) folder: PathBuf,
    pub(crate) environment: Vec<(String, String)>,
    /// Variables that tell of descriptors: `%0` stands for the number that the first one has in the module.
    pub(crate) handed: Vec<(String, String)>,
}

/// What the guard tells.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Report {
    /// The answer to [`Order::Begin`].
    Ready,
    /// A module's process is there.
    Started { module: String, process: u32 },
    /// A module has ended, and so have all processes that it had started.
    Ended { module: String, end: End },
}

/// How a module ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum End {
    /// By itself.
    Exit(i32),
    /// By a signal.
    Signal(i32),
    /// It could not be started at all.
    NotStarted(String),
}

/// One end of a connection.
pub(crate) struct Link(OwnedFd);

/// The longest message: less than the kernel takes at once unless it is told otherwise.
const MAX_BYTES: usize = 128 << 10;
/// The most descriptors with a message, which is the kernel's limit.
const MAX_DESCRIPTORS: usize = 253;

impl Link {
    /// Both ends.
    pub(crate) fn pair() -> io::Result<(Self, OwnedFd)> {
        let (ours, theirs) = socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?;
        Ok((Self(ours), theirs))
    }

    /// The end that this process was started with as its standard input.
    pub(crate) fn inherited() -> io::Result<Self> {
        use std::os::fd::AsFd;
        io::stdin().as_fd().try_clone_to_owned().map(Self)
    }

    /// A second handle of the same end.
    pub(crate) fn again(&self) -> io::Result<Self> {
        self.0.try_clone().map(Self)
    }

    pub(crate) fn descriptor(&self) -> &OwnedFd {
        &self.0
    }

    /// Sends a message whole.
    pub(crate) fn send(&self, message: &impl Serialize, descriptors: &[BorrowedFd<'_>]) -> io::Result<()> {
        let text = serde_json::to_vec(message)?;
        if text.len() > MAX_BYTES || descriptors.len() > MAX_DESCRIPTORS {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!(
                    "its command and environment take {} bytes with {} descriptors: expected at most {MAX_BYTES} and \
                     {MAX_DESCRIPTORS}",
                    text.len(),
                    descriptors.len()
                ),
            ));
        }
        let mut space = vec![MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_DESCRIPTORS))];
        let mut beside = SendAncillaryBuffer::new(&mut space);
        if !descriptors.is_empty() {
            beside.push(SendAncillaryMessage::ScmRights(descriptors));
        }
        loop {
            match sendmsg(&self.0, &[IoSlice::new(&text)], &mut beside, SendFlags::NOSIGNAL) {
                Err(Errno::INTR) => {}
                outcome => return Ok(outcome.map(drop)?),
            }
        }
    }

    /// The next message; `None` when the other side is gone.
    pub(crate) fn receive<T: DeserializeOwned>(&self) -> io::Result<Option<(T, Vec<OwnedFd>)>> {
        let mut text = vec![0; MAX_BYTES];
        let mut space = vec![MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_DESCRIPTORS))];
        let mut beside = RecvAncillaryBuffer::new(&mut space);
        let received = loop {
            match recvmsg(&self.0, &mut [IoSliceMut::new(&mut text)], &mut beside, RecvFlags::CMSG_CLOEXEC) {
                Err(Errno::INTR) => {}
                Err(Errno::CONNRESET) => return Ok(None),
                outcome => break outcome?,
            }
        };
        if received.bytes == 0 {
            return Ok(None);
        }
        if received.flags.intersects(ReturnFlags::TRUNC | ReturnFlags::CTRUNC) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a message came in part only"));
        }
        let descriptors = beside.drain().filter_map(|message| match message {
            RecvAncillaryMessage::ScmRights(descriptors) => Some(descriptors),
            _ => None,
        });
        let descriptors = descriptors.flatten().collect();
        Ok(Some((serde_json::from_slice(&text[..received.bytes])?, descriptors)))
    }
}

impl End {
    /// What the kernel says of a process that has ended.
    pub(crate) fn of(status: WaitStatus) -> Self {
        match status.terminating_signal() {
            Some(signal) => Self::Signal(signal),
            None => Self::Exit(status.exit_status().unwrap_or_default()),
        }
    }

    pub(crate) fn is_failure(&self) -> bool {
        *self != Self::Exit(0)
    }
}

/// Goes after the name of a module: `ended with exit status 1`.
impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exit(0) => f.write_str("ended"),
            Self::Exit(status) => write!(f, "ended with exit status {status}"),
            Self::Signal(signal) => match signal_hook::low_level::signal_name(*signal) {
                Some(name) => write!(f, "was ended by {name}"),
                None => write!(f, "was ended by signal {signal}"),
            },
            Self::NotStarted(why) => write!(f, "could not be started: {why}"),
        }
    }
}
