//! [`Shared`]: one value that several processes have in common.

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::time::Duration;

use super::raw::RawShared;
use crate::class::{Class, PlainClass};
use crate::error::Error;
use crate::raw::{Patience, RawClass};

/// One value of a fixed class that several processes have in common: a state, where a [`Channel`](crate::Channel) is a stream.
///
/// Whoever has it open may change it, one at a time, in place; whoever reads it gets the last complete change, also while another
/// one is being made, and after its maker has died. It stays until it is [removed](Self::remove), or the machine is started
/// again.
///
/// ```
/// use ipc_core::{Char, Shared, schema};
///
/// schema! { [{ "className": "SharedData", "members": [
///     { "name": "counter", "type": "int" },
///     { "name": "message", "type": "array", "size": [256], "elem": { "type": "char" } } ] }] }
///
/// let mut shared = Shared::<SharedData>::create("doc-data", &SharedData::default())?;
/// let mut data = shared.lock()?;
/// data.counter += 1;
/// data.message[..2].copy_from_slice(&[Char(b'h'), Char(b'i')]);
/// data.publish()?; // both at once, for everybody
///
/// let mut reader = Shared::<SharedData>::open("doc-data")?; // in another process, say
/// let data = reader.read()?; // takes no lock
/// assert_eq!((data.counter, data.message[0]), (1, Char(b'h')));
/// # Shared::<SharedData>::remove("doc-data")?;
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// A name without `/` is the file `$IPC_DIR/NAME.shared`, beside the rings; a name with `/` is a path. A thread that shares a
/// value with another one opens it for itself, as a process does.
///
/// # Errors
///
/// Everything that opens shared state: [`Error::State`] for a name that cannot be, [`Error::Mismatch`] for state of another class,
/// [`Error::NotARing`] for a file that is none, [`Error::Os`] for what the system refuses. All that use it:
/// [`Error::Replaced`] when it was removed, [`Error::Damaged`] when somebody has broken it, [`Error::Forked`] in a forked child.
pub struct Shared<T: PlainClass> {
    raw: RawShared,
    class: PhantomData<fn(T) -> T>,
}

impl<T: PlainClass> Shared<T> {
    /// Opens shared state; makes it first, with that value, if it is not there.
    ///
    /// # Errors
    ///
    /// [`Error::Frame`] for a first value that its class refuses, and those above.
    pub fn create(name: &str, first: &T) -> Result<Self, Error> {
        let first = first.to_bytes()?;
        RawShared::create(name, &RawClass::of(T::DESC), &first).map(Self::new)
    }

    /// Opens shared state that is there.
    ///
    /// # Errors
    ///
    /// [`Error::NotThere`], and those above.
    pub fn open(name: &str) -> Result<Self, Error> {
        RawShared::open(name, &RawClass::of(T::DESC)).map(Self::new)
    }

    /// Removes shared state, of whatever class it is. Those who have it open learn so from [`Error::Replaced`].
    ///
    /// # Errors
    ///
    /// [`Error::NotThere`], [`Error::NotARing`], [`Error::Os`].
    pub fn remove(name: &str) -> Result<(), Error> {
        RawShared::remove(name)
    }

    fn new(raw: RawShared) -> Self {
        Self { raw, class: PhantomData }
    }

    /// The value as of the last complete change: a copy, which stays until this handle is used again.
    pub fn read(&mut self) -> Result<&T, Error> {
        T::view(self.raw.read()?)
    }

    /// The value as soon as it is another than this handle has read, locked or published last; if there was none, at once. Of
    /// several changes it gives the last.
    pub fn wait_changed(&mut self) -> Result<&T, Error> {
        T::view(self.raw.wait_changed(Patience::Endless)?)
    }

    /// The same within a time limit; [`Error::TimedOut`] if it stays as it is.
    pub fn wait_changed_timeout(&mut self, limit: Duration) -> Result<&T, Error> {
        T::view(self.raw.wait_changed(Patience::Until(limit))?)
    }

    /// Waits for the lock and takes it. A holder that dies gives it up.
    #[inline]
    pub fn lock(&mut self) -> Result<Locked<'_, T>, Error> {
        self.lock_within(Patience::Endless)
    }

    /// Takes the lock if it is free; [`Error::Locked`] if not.
    pub fn try_lock(&mut self) -> Result<Locked<'_, T>, Error> {
        self.lock_within(Patience::None)
    }

    /// Waits for the lock at most that long; [`Error::Locked`] if it does not become free.
    pub fn lock_timeout(&mut self, limit: Duration) -> Result<Locked<'_, T>, Error> {
        self.lock_within(Patience::Until(limit))
    }

    #[inline]
    fn lock_within(&mut self, patience: Patience) -> Result<Locked<'_, T>, Error> {
        self.raw.lock(patience)?;
        Ok(Locked { raw: &mut self.raw, class: PhantomData })
    }

    /// How many changes the value has had that this handle has read, locked or published last.
    pub fn version(&self) -> u64 {
        self.raw.version()
    }

    /// The file.
    pub fn path(&self) -> &Path {
        self.raw.path()
    }
}

impl<T: PlainClass> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("class", &T::DESC.name).field("raw", &self.raw).finish()
    }
}

/// The value of a [`Shared`], locked: it is changed here, and [published](Self::publish) then. Dropping this gives the lock back
/// and forgets the change, so that an error or a panic on the way publishes nothing half done.
#[must_use = "dropping it gives the lock back and forgets the change: publish() makes it visible"]
pub struct Locked<'s, T: PlainClass> {
    raw: &'s mut RawShared,
    class: PhantomData<&'s mut T>,
}

impl<T: PlainClass> Locked<'_, T> {
    /// Makes the change visible to all at once, wakes who waits for it, and gives the lock back.
    ///
    /// # Errors
    ///
    /// [`Error::Frame`] for a value that its class refuses; the change is forgotten then.
    #[inline]
    pub fn publish(self) -> Result<(), Error> {
        T::finish(self.raw.value_mut().expect(HELD))?;
        self.raw.publish()
    }

    /// What a holder that died had made of the value: the mark of its death. The value here is the one before, which is complete;
    /// what else belongs together, and what to keep of the unfinished one, is the program's to say. The mark goes with the
    /// next change that is published.
    pub fn unfinished(&self) -> Option<&T> {
        self.raw.unfinished().map(|bytes| T::view(bytes).expect(SIZED))
    }
}

const HELD: &str = "a guard is there while its handle has the lock";
const SIZED: &str = "the size was compared with the class's on opening";

impl<T: PlainClass> Deref for Locked<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        T::view(self.raw.value().expect(HELD)).expect(SIZED)
    }
}

impl<T: PlainClass> DerefMut for Locked<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        T::edit(self.raw.value_mut().expect(HELD)).expect(SIZED)
    }
}

impl<T: PlainClass> Drop for Locked<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.raw.discard();
    }
}

impl<T: PlainClass> fmt::Debug for Locked<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}
