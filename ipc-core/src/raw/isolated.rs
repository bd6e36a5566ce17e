//! [`IsolatedRing`]: a ring in sealed memory, as the one who made it has it, and what its modules inherit.

use std::fmt;
use std::os::fd::OwnedFd;
use std::path::Path;

use crate::error::Error;
use crate::linux::sealed;
use crate::ring::place::{RingFiles, VARIABLE};

/// A ring without a name, in two pieces of memory whose size is sealed: [`RawChannel::create_isolated_of`] makes it.
///
/// Only processes that are given its descriptors can open it, by a channel that is [`isolated`](crate::Channel::isolated). Its maker
/// keeps it, hands the descriptors to each module again when that is restarted, and opens ends of its own by a channel that
/// is [`held`](crate::Channel::held). The memory goes with the last process that has it open.
///
/// ```
/// use ipc_core::raw::{IsolatedRing, Patience, RawChannel, RawClass};
///
/// let json = r#"[{ "className": "Tone", "members": [{ "name": "hz", "type": "float" }] }]"#;
/// let class = RawClass::from_json(json, "Tone")?;
/// let channel = RawChannel::untyped("tones").capacity(4096).reserve(&["speaker"]);
/// let ring = channel.create_isolated_of(&class)?;
///
/// let speaker = ring.for_reader()?; // two descriptors, which the module that reads inherits
/// assert_eq!(speaker.entry(7, 8), "tones=7:8"); // how its variable IPC_ISOLATED names them
///
/// let mut producer = channel.held(&ring).producer_of(&class)?; // an end of the maker's own
/// producer.send(&440.0_f32.to_le_bytes(), Patience::Endless)?;
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// [`RawChannel::create_isolated_of`]: crate::raw::RawChannel::create_isolated_of
#[derive(Debug)]
pub struct IsolatedRing {
    channel: String,
    files: RingFiles,
}

/// What one module inherits of an isolated ring. Both descriptors are closed on exec, which who starts the module has end for
/// that module alone.
#[derive(Debug)]
pub struct Handover {
    channel: String,
    control: OwnedFd,
    body: OwnedFd,
}

impl IsolatedRing {
    /// The variable of a module's environment that says which descriptors it has inherited.
    pub const VARIABLE: &str = VARIABLE;

    pub(crate) fn new(channel: &str, files: RingFiles) -> Self {
        Self { channel: channel.to_owned(), files }
    }

    pub(crate) const fn files(&self) -> &RingFiles {
        &self.files
    }

    /// Name of the channel.
    pub fn channel(&self) -> &str {
        &self.channel
    }

    /// What the module that produces inherits.
    pub fn for_producer(&self) -> Result<Handover, Error> {
        // The body by the description that this process has: nobody can open another one for writing.
        self.handover(self.files.body().try_clone())
    }

    /// What a module that consumes or observes inherits: the body is open for reading alone.
    pub fn for_reader(&self) -> Result<Handover, Error> {
        self.handover(sealed::read_only(self.files.body()))
    }

    fn handover(&self, body: std::io::Result<std::fs::File>) -> Result<Handover, Error> {
        let body = body.map_err(|error| self.refused(error))?;
        let control = sealed::reopened(&self.files.head).map_err(|error| self.refused(error))?;
        Ok(Handover { channel: self.channel.clone(), control: control.into(), body: body.into() })
    }

    fn refused(&self, error: std::io::Error) -> Error {
        Error::os(Path::new(&self.channel), "open the memory of the isolated ring once more", error)
    }
}

impl Handover {
    /// The entry in [`IsolatedRing::VARIABLE`] for a module that has the descriptors under these numbers, or under
    /// placeholders for them. A space separates entries.
    pub fn entry(&self, control: impl fmt::Display, body: impl fmt::Display) -> String {
        format!("{}={control}:{body}", self.channel)
    }

    /// The descriptors of the control part and of the body.
    pub fn into_descriptors(self) -> [OwnedFd; 2] {
        [self.control, self.body]
    }
}
