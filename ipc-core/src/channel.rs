//! [`Channel`]: a ring's name together with its class and what every program must agree on.

use std::any::type_name;
use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use ipc_schema::topology::OnFull;

use crate::class::{Class, ZeroRegions};
use crate::consumer::Consumer;
use crate::error::Error;
use crate::observer::Observer;
use crate::producer::Producer;
use crate::raw::{IsolatedRing, PublishTime, RawClass, RawConsumer, RawObserver, RawProducer, RingMonitor, Settings};
use crate::ring::fence::Fence;
use crate::ring::mapped::{BodyAccess, Mapped};
use crate::ring::open::Wish;
use crate::ring::place::{Access, Place};
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
    stated: Stated<'a>,
    class: PhantomData<fn(T) -> T>,
}

/// A channel whose class is known at run time alone, and is named when an end is opened.
pub type RawChannel<'a> = Channel<'a, Untyped>;

/// The class of a [`RawChannel`].
#[derive(Debug)]
pub enum Untyped {}

/// What a channel states.
#[derive(Debug, Clone, Copy)]
struct Stated<'a> {
    name: &'a str,
    capacity: Option<u64>,
    reserved: Option<&'a [&'a str]>,
    dynamic_slots: Option<u32>,
    fence: Option<Fence>,
    place: Place<'a>,
    wait: Wait,
    publish_time: PublishTime,
    on_full: OnFull,
    zero_regions: ZeroRegions,
    wait_for_ring: Duration,
}

impl<'a, T: Class> Channel<'a, T> {
    /// A channel of this name.
    pub const fn new(name: &'a str) -> Self {
        Self::named(name)
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
        self.raw().create_of(&RawClass::of(T::DESC))
    }

    /// Opens the producer's end: makes the ring, or goes on with the one that is there (the paper's mode *create*).
    ///
    /// # Errors
    ///
    /// [`Error::ProducerTaken`] if there is a producer, and those of [`create`](Self::create).
    pub fn producer(&self) -> Result<Producer<T>, Error> {
        self.raw().producer_of(&RawClass::of(T::DESC)).map(Producer::new)
    }

    /// Opens the producer's end of a ring that must be there (the paper's mode *write*).
    ///
    /// # Errors
    ///
    /// [`Error::NotThere`], and those of [`producer`](Self::producer).
    pub fn open_producer(&self) -> Result<Producer<T>, Error> {
        self.raw().open_producer_of(&RawClass::of(T::DESC)).map(Producer::new)
    }

    /// Opens a reserved consumer's end (the paper's mode *read*): it goes on where its last holder stopped.
    ///
    /// # Errors
    ///
    /// [`Error::NotThere`] if the ring does not come in time, [`Error::NoSuchSlot`], [`Error::SlotTaken`], and those of
    /// [`create`](Self::create).
    pub fn consumer(&self, reserved: &str) -> Result<Consumer<T>, Error> {
        self.raw().consumer_of(&RawClass::of(T::DESC), reserved).map(Consumer::new)
    }

    /// Opens a dynamic consumer's end: it gets every frame from now on, while it lives.
    ///
    /// # Errors
    ///
    /// [`Error::NotThere`] if the ring does not come in time, [`Error::NoFreeSlot`], and those of [`create`](Self::create).
    pub fn dynamic_consumer(&self) -> Result<Consumer<T>, Error> {
        self.raw().dynamic_consumer_of(&RawClass::of(T::DESC)).map(Consumer::new)
    }

    /// Opens an observer: it never holds the producer back, and may skip frames.
    ///
    /// # Errors
    ///
    /// [`Error::NotThere`] if the ring does not come in time, and those of [`create`](Self::create).
    pub fn observer(&self) -> Result<Observer<T>, Error> {
        self.raw().observer_of(&RawClass::of(T::DESC)).map(Observer::new)
    }

    fn raw(&self) -> RawChannel<'a> {
        Channel { stated: self.stated, class: PhantomData }
    }
}

/// The class of a ring is stated when an end is opened.
impl<'a> RawChannel<'a> {
    /// A channel of this name.
    pub const fn untyped(name: &'a str) -> Self {
        Self::named(name)
    }

    /// The class of the ring that is there, after a wait for it. It is read from the ring's text, which is believed only if
    /// it gives the ring's fingerprint.
    ///
    /// # Errors
    ///
    /// As for [`consumer_of`](Self::consumer_of).
    pub fn class(&self) -> Result<RawClass, Error> {
        let wish = self.stated.wish(None);
        wish.open_within(BodyAccess::Read, self.stated.wait_for_ring)?;
        wish.class_there()
    }

    /// See [`create`](Channel::create).
    pub fn create_of(&self, class: &RawClass) -> Result<(), Error> {
        self.stated.wish(Some(class)).create_or_open(BodyAccess::Read).map(drop)
    }

    /// Makes an isolated ring, whatever place this channel states: two pieces of sealed memory, for who hands them to the
    /// modules of the channel.
    ///
    /// # Errors
    ///
    /// [`Error::Channel`] for a name or sizes that cannot be, [`Error::Os`] for what the system refuses.
    pub fn create_isolated_of(&self, class: &RawClass) -> Result<IsolatedRing, Error> {
        let files = self.isolated().stated.wish(Some(class)).make_sealed(class)?;
        Ok(IsolatedRing::new(self.stated.name, files))
    }

    /// See [`producer`](Channel::producer).
    pub fn producer_of(&self, class: &RawClass) -> Result<RawProducer, Error> {
        self.new_producer(class, self.stated.wish(Some(class)).create_or_open(BodyAccess::Write)?)
    }

    /// See [`open_producer`](Channel::open_producer).
    pub fn open_producer_of(&self, class: &RawClass) -> Result<RawProducer, Error> {
        self.new_producer(class, self.stated.wish(Some(class)).open(BodyAccess::Write)?)
    }

    /// See [`consumer`](Channel::consumer).
    pub fn consumer_of(&self, class: &RawClass, reserved: &str) -> Result<RawConsumer, Error> {
        RawConsumer::reserved(self.open_to_read(class)?, reserved, self.stated.wait)
    }

    /// See [`dynamic_consumer`](Channel::dynamic_consumer).
    pub fn dynamic_consumer_of(&self, class: &RawClass) -> Result<RawConsumer, Error> {
        RawConsumer::dynamic(self.open_to_read(class)?, self.stated.wait)
    }

    /// See [`observer`](Channel::observer).
    pub fn observer_of(&self, class: &RawClass) -> Result<RawObserver, Error> {
        RawObserver::new(self.open_to_read(class)?, self.stated.wait)
    }

    fn open_to_read(&self, class: &RawClass) -> Result<Mapped, Error> {
        self.stated.wish(Some(class)).open_within(BodyAccess::Read, self.stated.wait_for_ring)
    }

    fn new_producer(&self, class: &RawClass, ring: Mapped) -> Result<RawProducer, Error> {
        let Stated { wait, publish_time, on_full, zero_regions, .. } = self.stated;
        RawProducer::new(ring, class, Settings { wait, publish_time, on_full, zero_regions })
    }
}

impl<'a, T> Channel<'a, T> {
    const fn named(name: &'a str) -> Self {
        let stated = Stated {
            name,
            capacity: None,
            reserved: None,
            dynamic_slots: None,
            fence: None,
            place: Place::File(Access::Owner),
            wait: Wait::SpinThenSleep,
            publish_time: PublishTime::Off,
            on_full: OnFull::Wait,
            zero_regions: ZeroRegions::Yes,
            wait_for_ring: Duration::from_secs(60),
        };
        Self { stated, class: PhantomData }
    }

    /// Bytes of the ring's body, a power of two; 16 MiB if not stated. A frame takes at most half of it; for a consumer that
    /// holds a frame while it waits for the next, the ring must have room for three.
    pub const fn capacity(mut self, bytes: u64) -> Self {
        self.stated.capacity = Some(bytes);
        self
    }

    /// Names of the reserved consumers. Each gets every frame from the ring's beginning on, also those sent before it
    /// first attached or after it died; the producer never overtakes it.
    pub const fn reserve(mut self, names: &'a [&'a str]) -> Self {
        self.stated.reserved = Some(names);
        self
    }

    /// How many dynamic consumers can be attached at once; 16 if not stated.
    pub const fn dynamic_slots(mut self, count: u32) -> Self {
        self.stated.dynamic_slots = Some(count);
        self
    }

    /// The fence mode of a new ring; asymmetric if not stated and the kernel can.
    pub const fn fence(mut self, fence: Fence) -> Self {
        self.stated.fence = Some(fence);
        self
    }

    /// Who may open a new ring.
    pub const fn access(mut self, access: Access) -> Self {
        self.stated.place = Place::File(access);
        self
    }

    /// The ring is an isolated one, in sealed memory that only the modules of its channel receive from their controller
    /// (`ipc run`), as `IPC_ISOLATED` says. It is there from the start, and nobody but its controller removes it.
    pub const fn isolated(mut self) -> Self {
        self.stated.place = Place::Inherited;
        self
    }

    /// The ring is this isolated one, which this process has made.
    pub const fn held(mut self, ring: &'a IsolatedRing) -> Self {
        self.stated.place = Place::Held(ring.files());
        self
    }

    /// How ends opened from this channel wait.
    pub const fn wait(mut self, wait: Wait) -> Self {
        self.stated.wait = wait;
        self
    }

    /// Whether a producer opened from this channel stamps its frames.
    pub const fn publish_time(mut self, publish_time: PublishTime) -> Self {
        self.stated.publish_time = publish_time;
        self
    }

    /// What [`Producer::deliver`] of a producer opened from this channel does when the ring is full; waits if not stated.
    pub const fn on_full(mut self, on_full: OnFull) -> Self {
        self.stated.on_full = on_full;
        self
    }

    /// Whether a producer opened from this channel zeroes the regions of a frame that it reserves.
    pub const fn zero_regions(mut self, zero_regions: ZeroRegions) -> Self {
        self.stated.zero_regions = zero_regions;
        self
    }

    /// How long a consumer or observer waits for a ring that is not there; 60 s if not stated.
    pub const fn wait_for_ring(mut self, limit: Duration) -> Self {
        self.stated.wait_for_ring = limit;
        self
    }

    /// Removes the ring. Ends that have it open learn so from [`Error::Replaced`], its frames are lost. Its class and sizes may be
    /// others than this channel's.
    ///
    /// # Errors
    ///
    /// [`Error::NotThere`], [`Error::NotARing`], [`Error::Os`].
    pub fn remove(&self) -> Result<(), Error> {
        self.stated.wish(None).remove()
    }

    /// Opens the ring that is there to look at how it is, without a place in it.
    ///
    /// # Errors
    ///
    /// [`Error::NotThere`], and those of [`create`](Self::create).
    pub fn monitor(&self) -> Result<RingMonitor, Error> {
        self.stated.wish(None).open(BodyAccess::Read).map(RingMonitor::new)
    }

    /// Frees a reserved slot whose consumer will not come back, so that it no longer holds the producer back; the frames
    /// that it had not read are lost to it. A consumer that attaches later begins with the frames from then on.
    ///
    /// # Errors
    ///
    /// [`Error::NotThere`], [`Error::NoSuchSlot`], [`Error::SlotTaken`] if somebody is attached, and those of
    /// [`create`](Self::create).
    pub fn detach(&self, reserved: &str) -> Result<(), Error> {
        self.stated.wish(None).open(BodyAccess::Read)?.detach(reserved)
    }
}

impl<'a> Stated<'a> {
    fn wish(self, class: Option<&'a RawClass>) -> Wish<'a> {
        Wish {
            name: self.name,
            class,
            capacity: self.capacity,
            reserved: self.reserved,
            dynamic_slots: self.dynamic_slots,
            fence: self.fence,
            place: self.place,
        }
    }
}

impl<T> Clone for Channel<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Channel<'_, T> {}

impl<T> fmt::Debug for Channel<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channel").field("class", &type_name::<T>()).field("stated", &self.stated).finish()
    }
}
