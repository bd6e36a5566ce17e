//! The one error of this library.

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ipc_schema::desc::ClassDesc;
use ipc_schema::value::ValueError;

/// What went wrong, or what did not happen.
///
/// [`Full`](Self::Full), [`Empty`](Self::Empty), [`TimedOut`](Self::TimedOut) and [`Closed`](Self::Closed) are outcomes
/// that a program expects; making one allocates nothing. The rest are failures whose text says what was expected, what
/// was found, where, and what to do.
///
/// `Debug` gives the same text as `Display`, because that is what a `main` that returns it prints.
#[derive(thiserror::Error)]
#[non_exhaustive]
// A whole word says which variant it is. With a byte for that, a frame that `?` takes out of its result is moved in pieces
// that are not those in which it was stored, and the processor waits for all earlier stores: 27 ns a frame of a stream
// in place of 20.
#[repr(u64)]
pub enum Error {
    /// Bytes that are no frame of the class, or a value that its class refuses.
    #[error(transparent)]
    Frame(Box<FrameError>),
    /// The ring has no space until the slowest consumer goes on.
    #[error("{ring} is full: {}", slowest(ring, *slot, *attached))]
    Full {
        /// The ring.
        ring: Arc<RingName>,
        /// The slowest slot.
        slot: usize,
        /// Whether a consumer is attached to it.
        attached: bool,
    },
    /// No frame is there now.
    #[error("{0} has no new {thing}", thing = if .0.what == SHARED_STATE { "value" } else { "frame" })]
    Empty(Arc<RingName>),
    /// No frame came, or no space, or no change, within the time limit.
    #[error("{ring}: {} within {limit:?}{}", missing(ring, slowest.is_some()),
        slowest.map(|(slot, attached)| format!(": {}", self::slowest(ring, slot, attached))).unwrap_or_default())]
    TimedOut {
        /// The ring.
        ring: Arc<RingName>,
        /// The limit.
        limit: Duration,
        /// For a producer: the slowest slot, and whether a consumer is attached to it.
        slowest: Option<(usize, bool)>,
    },
    /// The producer ended the stream, and every frame of it was received.
    #[error("{0} was closed by its producer: the stream is over")]
    Closed(Arc<RingName>),
    /// Nobody is at the other end of a stream: a producer finds no reader, or the last writer went without ending the stream.
    #[error("{0}: nobody is at the other end: {what_now}", what_now = after_going(.0))]
    Gone(Arc<RingName>),
    /// A pipe has no room for the whole frame, or had none within the time limit.
    #[error("{stream} has no room for the frame{}: its reader is behind", limit.map(|limit| format!(" within {limit:?}")).unwrap_or_default())]
    NoRoom {
        /// The stream.
        stream: Arc<RingName>,
        /// The limit, if there was one.
        limit: Option<Duration>,
    },
    /// Bytes in a stream that no correct writer writes. They were skipped.
    #[error("{stream} carries something that is no frame: {reason}\nend the program that wrote it")]
    NotAStream {
        /// The stream.
        stream: Arc<RingName>,
        /// What was found.
        reason: Box<str>,
    },
    /// The ring was removed while it was open here.
    #[error("{0} was removed: {what_now}", what_now = after_removal(.0))]
    Replaced(Arc<RingName>),
    /// The ring is for another class.
    #[error("{0}")]
    Mismatch(Box<str>),
    /// The ring is for the same class, and differs from what the channel states.
    #[error("{ring} differs from this channel: {difference}\nstate the same in every program, or remove the ring")]
    Differs {
        /// The ring.
        ring: Arc<RingName>,
        /// Expected and found.
        difference: Box<str>,
    },
    /// There is no such ring.
    #[error("{ring} is not there{}: start {}, or check the name and IPC_DIR", after(*waited), maker(ring))]
    NotThere {
        /// The ring.
        ring: Arc<RingName>,
        /// How long it was waited for.
        waited: Option<Duration>,
    },
    /// The file is no ring, or not a whole one, or no shared state.
    #[error("{path} is no usable {what}: {reason}\ndelete the file if nothing needs it, or use another name", path = path.display())]
    NotARing {
        /// The file.
        path: PathBuf,
        /// What it was to be.
        what: &'static str,
        /// What is wrong with it.
        reason: Box<str>,
    },
    /// Something in the ring's shared memory that no correct peer writes. Nothing of it was believed.
    #[error("{ring} is damaged: {what}\nend the program that wrote it, and remove the ring")]
    Damaged {
        /// The ring.
        ring: Arc<RingName>,
        /// What was found.
        what: Box<str>,
    },
    /// The frame does not fit the ring.
    #[error(
        "a frame of {bytes} bytes does not fit {ring}, which takes at most {most}: a frame and two headers fit in half \
         the capacity, so give the channel a capacity of at least {needed} bytes"
    )]
    TooLarge {
        /// The ring.
        ring: Arc<RingName>,
        /// The frame's length.
        bytes: u64,
        /// The largest frame that fits.
        most: u64,
        /// The least capacity that would do.
        needed: u64,
    },
    /// Another producer has the ring open.
    #[error("{0} has a producer already: a ring has one; give this one a channel of its own")]
    ProducerTaken(Arc<RingName>),
    /// Another consumer is attached to the reserved slot.
    #[error("{ring}: a consumer is attached to the reserved slot {slot:?} already (process {process})")]
    SlotTaken {
        /// The ring.
        ring: Arc<RingName>,
        /// The slot's name.
        slot: Box<str>,
        /// Process id of the other consumer, as it wrote it.
        process: u32,
    },
    /// The ring has no reserved slot of that name.
    #[error("{ring} has no reserved slot {slot:?}: expected one of {known:?}; Channel::reserve states them")]
    NoSuchSlot {
        /// The ring.
        ring: Arc<RingName>,
        /// The name that was asked for.
        slot: Box<str>,
        /// The names that there are.
        known: Vec<String>,
    },
    /// All dynamic slots are in use.
    #[error("{ring}: all {slots} dynamic slots are in use: end a consumer, reserve slots, or make the ring with more")]
    NoFreeSlot {
        /// The ring.
        ring: Arc<RingName>,
        /// How many there are.
        slots: u32,
    },
    /// The handle was made before a fork, and this is the child.
    #[error("{0}: this handle belongs to the process that forked: open the channel again in the child")]
    Forked(Arc<RingName>),
    /// A description of classes that is none, or that has not the class that was asked for.
    #[error("{0}")]
    Description(Box<str>),
    /// A frame was to be reserved or sent while another one is reserved.
    #[error("{0}: a frame is being written: publish it or give it up before the next one")]
    FrameOpen(Arc<RingName>),
    /// A frame was to be published, and none is reserved.
    #[error("{0}: no frame is reserved: reserve one, write it, then publish it once")]
    NothingReserved(Arc<RingName>),
    /// Another handle has the lock of the shared state.
    #[error("{state} is locked by process {process}{}{}", within(*limit), holder(*process))]
    Locked {
        /// The shared state.
        state: Arc<RingName>,
        /// Process id of the holder, as it wrote it.
        process: u32,
        /// How long it was waited for.
        limit: Option<Duration>,
    },
    /// A value was to be published, and this handle has not the lock.
    #[error("{0}: this handle has not locked it: lock, change the value, then publish once")]
    NotLocked(Arc<RingName>),
    /// Shared state that cannot be.
    #[error("shared state {name:?}: {problem}")]
    State {
        /// Its name.
        name: Box<str>,
        /// What is wrong.
        problem: Box<str>,
    },
    /// A channel that cannot be.
    #[error("channel {name:?}: {problem}")]
    Channel {
        /// The channel's name.
        name: Box<str>,
        /// What is wrong.
        problem: Box<str>,
    },
    /// What a program and its application's file do not have in common.
    #[error("{0}")]
    Application(Box<str>),
    /// The controller has told the module to quit, which ends a wait for space.
    #[error("{0}: the controller has told this module to quit, which ended the wait for space: the frame was not sent")]
    Quit(Arc<RingName>),
    /// The line to the controller cannot be used.
    #[error("cannot speak with the controller: {0}")]
    Control(io::Error),
    /// The kernel cannot wait on several channels at once.
    #[error("cannot wait on several channels at once: {0}; this needs `futex_waitv`, which Linux has from 5.16 on")]
    WaitingForSeveral(io::Error),
    /// The operating system refused.
    #[error("{place}cannot {doing}: {source}", place = before_what(path))]
    Os {
        /// The file; empty for a pipe without a name.
        path: PathBuf,
        /// What was tried.
        doing: &'static str,
        /// Why it was refused.
        source: io::Error,
    },
}

/// What can be done when nobody is at the other end of a stream.
fn after_going(stream: &RingName) -> &'static str {
    if stream.path.as_os_str().is_empty() { "nobody comes later" } else { "call again to wait for a successor, or end" }
}

/// How a message begins that tells of a file.
fn before_what(path: &std::path::Path) -> String {
    if path.as_os_str().is_empty() { String::new() } else { format!("{}: ", path.display()) }
}

/// What shared state is called.
pub(crate) const SHARED_STATE: &str = "the shared state";

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What errors say of a ring, a stream or shared state: its class, its file, and the names of its slots.
#[derive(Debug, PartialEq, Eq)]
pub struct RingName {
    /// `the ring`, say.
    pub(crate) what: &'static str,
    /// Empty for who has not said of which class the ring is to be.
    pub(crate) class: String,
    pub(crate) path: PathBuf,
    pub(crate) reserved: Vec<String>,
    pub(crate) isolated: bool,
}

impl RingName {
    /// Its file; of an isolated ring `memfd:` and its name, under which the kernel lists open files; empty for a pipe
    /// without a name.
    pub fn path(&self) -> &std::path::Path {
        &self.path
    }

    /// What it is and where.
    pub(crate) fn place(&self) -> String {
        match self.path.as_os_str().is_empty() {
            true => self.what.to_owned(),
            false => format!("{} {}", self.what, self.path.display()),
        }
    }

    /// A slot, as people know it.
    pub(crate) fn slot(&self, slot: usize) -> String {
        match self.reserved.get(slot) {
            Some(name) => format!("the reserved slot {name:?}"),
            None => format!("the dynamic slot {slot}"),
        }
    }
}

impl fmt::Display for RingName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.place())?;
        if self.class.is_empty() { Ok(()) } else { write!(f, " of class {}", self.class) }
    }
}

fn slowest(ring: &RingName, slot: usize, attached: bool) -> String {
    match (ring.reserved.get(slot), attached) {
        (Some(name), true) => format!("the reserved consumer {name:?} is the slowest"),
        (Some(name), false) => {
            format!("it waits for the reserved consumer {name:?}, which is not attached: start it, or detach the slot")
        }
        (None, _) => format!("the dynamic consumer in slot {slot} is the slowest"),
    }
}

fn after_removal(ring: &RingName) -> &'static str {
    match ring.isolated {
        false => "open its name again to get the one that now has it",
        true => "it is isolated, and the controller that made it has ended the application",
    }
}

/// What did not come in time.
fn missing(ring: &RingName, is_producer: bool) -> &'static str {
    match (ring.what == SHARED_STATE, is_producer) {
        (true, _) => "no change",
        (false, true) => "no space",
        (false, false) => "no frame",
    }
}

fn maker(ring: &RingName) -> &'static str {
    if ring.what == SHARED_STATE { "a program that makes it" } else { "its producer" }
}

fn holder(process: u32) -> &'static str {
    if process == std::process::id() { ": this one; whoever has the lock publishes or discards first" } else { "" }
}

fn within(limit: Option<Duration>) -> String {
    limit.map(|limit| format!(", and was so for {limit:?}")).unwrap_or_default()
}

fn after(waited: Option<Duration>) -> String {
    waited.map(|waited| format!(" after {waited:?}")).unwrap_or_default()
}

impl Error {
    /// Whether there was no space.
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Full { .. } | Self::NoRoom { limit: None, .. })
    }

    /// Whether nobody is at the other end of a stream.
    pub fn is_gone(&self) -> bool {
        matches!(self, Self::Gone(_))
    }

    /// Whether there was no frame.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Empty(_))
    }

    /// Whether a time limit passed.
    pub fn is_timed_out(&self) -> bool {
        matches!(
            self,
            Self::TimedOut { .. } | Self::NoRoom { limit: Some(_), .. } | Self::Locked { limit: Some(_), .. }
        )
    }

    /// Whether another handle has the lock of the shared state.
    pub fn is_locked(&self) -> bool {
        matches!(self, Self::Locked { .. })
    }

    /// Whether the stream is over.
    pub fn is_closed(&self) -> bool {
        matches!(self, Self::Closed(_))
    }

    /// Whether the controller has told the module to quit.
    pub fn is_quit(&self) -> bool {
        matches!(self, Self::Quit(_))
    }

    /// Whether the ring is for another class, or differs from what the channel states.
    pub fn is_mismatch(&self) -> bool {
        matches!(self, Self::Mismatch(_) | Self::Differs { .. })
    }

    /// Whether there is no such ring.
    pub fn is_not_there(&self) -> bool {
        matches!(self, Self::NotThere { .. })
    }

    /// An error of the operating system.
    pub(crate) fn os(path: &std::path::Path, doing: &'static str, source: impl Into<io::Error>) -> Self {
        Self::Os { path: path.to_owned(), doing, source: source.into() }
    }
}

/// Bytes that are no frame of the class, or a value that its class refuses: which class, which member, and why.
#[derive(Debug, thiserror::Error)]
#[error("class {class}{}{}: {problem}", if path.is_empty() && inner.is_empty() { "" } else { ", member " }, self.path())]
pub struct FrameError {
    class: Cow<'static, str>,
    /// Innermost part first.
    path: Vec<Part>,
    /// What was inside of the innermost part, of a class that is known at run time alone.
    inner: String,
    problem: String,
}

/// A step from a class to what is inside.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Part {
    /// A member.
    Member(&'static str),
    /// An element of an array.
    Element(usize),
}

impl FrameError {
    /// Name of the frame's class.
    pub fn class(&self) -> &str {
        &self.class
    }

    /// Where it is: `points[3].x`; empty for the frame as a whole.
    pub fn path(&self) -> String {
        let mut path = String::new();
        for part in self.path.iter().rev() {
            match part {
                Part::Member(name) if path.is_empty() => path.push_str(name),
                Part::Member(name) => path.extend([".", name]),
                Part::Element(index) => path.push_str(&format!("[{index}]")),
            }
        }
        path + &self.inner
    }
}

impl Error {
    /// An error about a whole frame.
    #[cold]
    pub(crate) fn frame(desc: &'static ClassDesc, problem: String) -> Self {
        Self::Frame(Box::new(FrameError { class: desc.name.into(), path: Vec::new(), inner: String::new(), problem }))
    }

    /// The same about a frame of a class that is known at run time.
    #[cold]
    pub(crate) fn raw_frame(class: &str, problem: String) -> Self {
        Self::Frame(Box::new(FrameError {
            class: class.to_owned().into(),
            path: Vec::new(),
            inner: String::new(),
            problem,
        }))
    }

    /// An error about a value of a class that is known at run time.
    #[cold]
    pub(crate) fn value(class: &str, error: &ValueError) -> Self {
        let (class, inner) = (class.to_owned().into(), error.path());
        Self::Frame(Box::new(FrameError { class, path: Vec::new(), inner, problem: error.problem.to_string() }))
    }

    /// An error about the member of that index.
    #[cold]
    pub(crate) fn member(desc: &'static ClassDesc, index: usize, problem: String) -> Self {
        Self::frame(desc, problem).inside(desc, [Part::Member(desc.members[index].name)])
    }

    /// The error as one of a frame of the class `desc`, in which it lies at these parts, innermost first.
    #[cold]
    pub(crate) fn inside(mut self, desc: &'static ClassDesc, parts: impl IntoIterator<Item = Part>) -> Self {
        if let Self::Frame(error) = &mut self {
            error.class = desc.name.into();
            error.path.extend(parts);
        }
        self
    }

    /// A frame that cannot be cast to a struct.
    #[cold]
    pub(crate) fn cast(
        desc: &'static ClassDesc,
        found_bytes: usize,
        expected_bytes: usize,
        why: bytemuck::PodCastError,
    ) -> Self {
        Self::frame(desc, format!("expected an aligned frame of {expected_bytes} bytes, found {found_bytes} ({why})"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_main_that_returns_an_error_prints_its_lines() {
        let error = Error::Mismatch("the ring r is for another class:\n  expected A\n  found    B".into());
        assert_eq!(format!("{error:?}"), error.to_string());
        assert!(format!("{error:?}").lines().any(|line| line == "  found    B"));
    }
}
