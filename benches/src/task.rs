//! [`Task`]: what the sides of one run do. The parent gives it to them as JSON on their command line.

use serde::{Deserialize, Serialize};

/// One cell of the tables, all but who measures it beside whom.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Task {
    /// Name of the contender.
    pub(crate) contender: String,
    pub(crate) work: Work,
    /// Bytes of a payload, a multiple of 8.
    pub(crate) payload_bytes: usize,
    /// Payloads that the buffer between the sides holds at least, where the contender lets one choose.
    pub(crate) depth: usize,
    /// Payloads in one call; 1 is one at a time.
    pub(crate) batch: usize,
    /// Sides that receive.
    pub(crate) consumers: usize,
    /// Sides that look on without holding the sender back.
    pub(crate) observers: usize,
    pub(crate) cores: Cores,
    pub(crate) wait: Waiting,
    pub(crate) fence: Fencing,
    pub(crate) ours: Ours,
    /// How often, a multiple of [`LAPS`](crate::laps::LAPS).
    pub(crate) steps: u64,
}

/// What is measured. Every figure is a time: less is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Work {
    /// There and back: nanoseconds a trip, and the distribution of single trips.
    RoundTrip,
    /// One way without pause: nanoseconds a payload.
    Stream,
    /// Bursts that the buffer holds, drained before the next: nanoseconds of the sender's processor time a payload.
    Bursts(Receivers),
    /// Receiving a payload that is there, and giving it back, without reading it: nanoseconds.
    ReceiveCall,
    /// Waiting for what does not come: milliseconds of processor time of all receivers in 10 s. A step is a millisecond.
    Idle,
    /// Copying from one place of memory to another: nanoseconds a payload. One side works.
    Copy,
    /// Changing one member of a shared value under its lock: nanoseconds. One side works.
    Change,
    /// Reading a shared value whole: nanoseconds. One side works.
    Look,
    /// Making the bytes of a value: nanoseconds. One side works.
    Write(Value),
    /// Reading every member of a value from its bytes: nanoseconds. One side works.
    Read(Value),
}

/// What the receivers do during a burst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Receivers {
    /// They receive.
    Awake,
    /// They wait for its end outside of the buffer.
    Held,
}

/// A value to write and read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Value {
    /// A sample of an inertial sensor, 48 bytes.
    Imu,
    /// SimpleMatrix of the paper with n = 175.
    Matrix,
}

/// Where the sides run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Cores {
    /// Side 0 on the first core that this program may use, all others on the second.
    Two,
    /// All on the first.
    One,
}

/// How an end waits, where the contender lets one choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Waiting {
    Spin,
    SpinThenSleep,
    Sleep,
}

/// Which side pays for making sleep possible, where the contender lets one choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Fencing {
    /// The sleeper, by `membarrier`.
    Asymmetric,
    /// Both, by a full fence each.
    Symmetric,
}

/// What only our ring has to choose.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Ours {
    pub(crate) class: ClassKind,
    pub(crate) by: By,
    pub(crate) publish_time: Stamp,
}

/// Whether frames carry the time at which they were published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Stamp {
    Off,
    On,
}

/// Which class carries the payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ClassKind {
    /// A struct of 48 or 64 bytes.
    Fixed,
    /// An array whose size a member gives.
    Variable,
}

/// How a frame comes into the ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum By {
    /// `send`: a value is copied in.
    Value,
    /// `reserve` and `publish`: written where it lies.
    Place,
    /// The same, by a copy past the caches: `copy_streaming`.
    Streamed,
}

impl Task {
    /// A task of two sides on two cores that spin, one payload at a time. The others are stated over it.
    pub(crate) fn new(contender: &str, work: Work, payload_bytes: usize) -> Self {
        let class = if matches!(payload_bytes, 48 | 64) { ClassKind::Fixed } else { ClassKind::Variable };
        let by = if class == ClassKind::Fixed { By::Value } else { By::Place };
        Self {
            contender: contender.into(),
            work,
            payload_bytes,
            depth: 1024,
            batch: 1,
            consumers: 1,
            observers: 0,
            cores: Cores::Two,
            wait: Waiting::Spin,
            fence: Fencing::Asymmetric,
            ours: Ours { class, by, publish_time: Stamp::Off },
            steps: 0,
        }
    }

    /// Words of a payload.
    pub(crate) fn words(&self) -> usize {
        self.payload_bytes / crate::payload::WORD_BYTES
    }
}
