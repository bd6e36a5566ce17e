//! [`Channel`]: a ring's name together with its class and what every program must agree on.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use crate::class::{Class, ZeroRegions};
use crate::consumer::Consumer;
use crate::error::Error;
use crate::observer::Observer;
use crate::producer::{Producer, PublishTime};
use crate::ring::fence::Fence;
use crate::ring::mapped::BodyAccess;
use crate::ring::open::Wish;
use crate::ring::waiting::Wait;

/// A named ring with its class. State it once as a constant, and open every end from it:
///
/// ```
/// ipc_core::schema! { [{ "className": "Pose", "members": [{ "name": "x", "type": "double" }] }] }
///
/// const POSES: ipc_core::Channel<Pose> = ipc_core::Channel::new("doc-poses").reserve(&["planner"]);
///
/// let mut producer = POSES.producer()?;
/// let planner = POSES.consumer("planner")?;
/// producer.send(&Pose { x: 1.5 })?;
/// assert_eq!(planner.recv()?.x, 1.5);
/// # POSES.remove()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A name without `/` is the file `$IPC_DIR/NAME.ring`; `IPC_DIR` is `ipc-UID` under `/dev/shm` unless it is set. A name
/// with `/` is a path.
///
/// What is stated (capacity, reserved consumers, dynamic slots, fence mode) is compared with a ring that is there
/// already, and a difference is an error. What is not stated accepts any ring, and takes the default in a new one.
pub struct Channel<'a, T> {
    name: &'a str,
    capacity: Option<u64>,
    reserved: Option<&'a [&'a str]>,
    dynamic_slots: Option<u32>,
    fence: Option<Fence>,
    access: Access,
    wait: Wait,
    publish_time: PublishTime,
    zero_regions: ZeroRegions,
    wait_for_ring: Duration,
    class: PhantomData<fn(T) -> T>,
}

/// Who may open a ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Access {
    /// Processes of the same user: file mode 0600.
    #[default]
    Owner,
    /// Processes of the file's group as well: file mode 0660. Name such a ring by a path, in a directory that the group can
    /// use: the directory of rings without a path is its user's alone.
    Group,
}

impl<'a, T: Class> Channel<'a, T> {
    /// A channel of this name.
    pub const fn new(name: &'a str) -> Self {
        Self {
            name,
            capacity: None,
            reserved: None,
            dynamic_slots: None,
            fence: None,
            access: Access::Owner,
            wait: Wait::SpinThenSleep,
            publish_time: PublishTime::Off,
            zero_regions: ZeroRegions::Yes,
            wait_for_ring: Duration::from_secs(60),
            class: PhantomData,
        }
    }

    /// Bytes of the ring's body, a power of two; 16 MiB if not stated. A frame takes at most half of it; for a consumer that
    /// holds a frame while it waits for the next, the ring must have room for three.
    pub const fn capacity(mut self, bytes: u64) -> Self {
        self.capacity = Some(bytes);
        self
    }

    /// Names of the reserved consumers. Each gets every frame from the ring's beginning on, also those sent before it
    /// first attached or after it died; the producer never overtakes it.
    pub const fn reserve(mut self, names: &'a [&'a str]) -> Self {
        self.reserved = Some(names);
        self
    }

    /// How many dynamic consumers can be attached at once; 16 if not stated.
    pub const fn dynamic_slots(mut self, count: u32) -> Self {
        self.dynamic_slots = Some(count);
        self
    }

    /// The fence mode of a new ring; asymmetric if not stated and the kernel can.
    pub const fn fence(mut self, fence: Fence) -> Self {
        self.fence = Some(fence);
        self
    }

    /// Who may open a new ring.
    pub const fn access(mut self, access: Access) -> Self {
        self.access = access;
        self
    }

    /// How ends opened from this channel wait.
    pub const fn wait(mut self, wait: Wait) -> Self {
        self.wait = wait;
        self
    }

    /// Whether a producer opened from this channel stamps its frames.
    pub const fn publish_time(mut self, publish_time: PublishTime) -> Self {
        self.publish_time = publish_time;
        self
    }

    /// Whether a producer opened from this channel zeroes the regions of a frame that it reserves.
    pub const fn zero_regions(mut self, zero_regions: ZeroRegions) -> Self {
        self.zero_regions = zero_regions;
        self
    }

    /// How long a consumer or observer waits for a ring that is not there; 60 s if not stated.
    pub const fn wait_for_ring(mut self, limit: Duration) -> Self {
        self.wait_for_ring = limit;
        self
    }

    /// Makes the ring, or compares with the one that is there.
    ///
    /// # Errors
    ///
    /// These are the same for everything that opens a ring: [`Error::Channel`] for a name or sizes that cannot be,
    /// [`Error::Mismatch`] for a ring of another class, [`Error::Differs`] for one that differs from what is stated,
    /// [`Error::NotARing`] for a file that is none, [`Error::Damaged`] for one that somebody has broken, [`Error::Os`] for
    /// what the system refuses.
    pub fn create(&self) -> Result<(), Error> {
        self.wish().create_or_open(BodyAccess::Read).map(drop)
    }

    /// Opens the producer's end: makes the ring, or goes on with the one that is there (the paper's mode *create*).
    ///
    /// # Errors
    ///
    /// [`Error::ProducerTaken`] if there is a producer, and those of [`create`](Self::create).
    pub fn producer(&self) -> Result<Producer<T>, Error> {
        self.new_producer(self.wish().create_or_open(BodyAccess::Write)?)
    }

    /// Opens the producer's end of a ring that must be there (the paper's mode *write*).
    ///
    /// # Errors
    ///
    /// [`Error::NotThere`], and those of [`producer`](Self::producer).
    pub fn open_producer(&self) -> Result<Producer<T>, Error> {
        self.new_producer(self.wish().open(BodyAccess::Write)?)
    }

    /// Opens a reserved consumer's end (the paper's mode *read*): it goes on where its last holder stopped.
    ///
    /// # Errors
    ///
    /// [`Error::NotThere`] if the ring does not come in time, [`Error::NoSuchSlot`], [`Error::SlotTaken`], and those of
    /// [`create`](Self::create).
    pub fn consumer(&self, reserved: &str) -> Result<Consumer<T>, Error> {
        Consumer::reserved(self.wish().open_within(BodyAccess::Read, self.wait_for_ring)?, reserved, self.wait)
    }

    /// Opens a dynamic consumer's end: it gets every frame from now on, while it lives.
    ///
    /// # Errors
    ///
    /// [`Error::NotThere`] if the ring does not come in time, [`Error::NoFreeSlot`], and those of [`create`](Self::create).
    pub fn dynamic_consumer(&self) -> Result<Consumer<T>, Error> {
        Consumer::dynamic(self.wish().open_within(BodyAccess::Read, self.wait_for_ring)?, self.wait)
    }

    /// Opens an observer: it never holds the producer back, and may skip frames.
    ///
    /// # Errors
    ///
    /// [`Error::NotThere`] if the ring does not come in time, and those of [`create`](Self::create).
    pub fn observer(&self) -> Result<Observer<T>, Error> {
        Observer::new(self.wish().open_within(BodyAccess::Read, self.wait_for_ring)?, self.wait)
    }

    /// Removes the ring. Ends that have it open learn so from [`Error::Replaced`], its frames are lost. Its class and sizes may be
    /// others than this channel's.
    ///
    /// # Errors
    ///
    /// [`Error::NotThere`], [`Error::NotARing`], [`Error::Os`].
    pub fn remove(&self) -> Result<(), Error> {
        self.wish().remove()
    }

    /// Frees a reserved slot whose consumer will not come back, so that it no longer holds the producer back; the frames
    /// that it had not read are lost to it. A consumer that attaches later begins with the frames from then on.
    ///
    /// # Errors
    ///
    /// [`Error::NotThere`], [`Error::NoSuchSlot`], [`Error::SlotTaken`] if somebody is attached, and those of
    /// [`create`](Self::create).
    pub fn detach(&self, reserved: &str) -> Result<(), Error> {
        self.wish().open(BodyAccess::Read)?.detach(reserved)
    }

    fn new_producer(&self, ring: crate::ring::mapped::Mapped) -> Result<Producer<T>, Error> {
        Producer::new(ring, self.wait, self.publish_time, self.zero_regions)
    }

    fn wish(&self) -> Wish<'a> {
        Wish {
            name: self.name,
            class: T::DESC,
            capacity: self.capacity,
            reserved: self.reserved,
            dynamic_slots: self.dynamic_slots,
            fence: self.fence,
            group: self.access == Access::Group,
        }
    }
}

impl<T> Clone for Channel<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Channel<'_, T> {}

impl<T: Class> fmt::Debug for Channel<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channel").field("class", &T::DESC.name).field("wish", &self.wish()).finish_non_exhaustive()
    }
}
