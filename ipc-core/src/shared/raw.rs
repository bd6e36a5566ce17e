//! [`RawShared`]: shared state by bytes. The typed [`Shared`](crate::Shared) is a thin layer over it.

use std::fmt;
use std::num::NonZeroU64;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::layout::{DIED, MAX_HANDLES, current, lock_of, spare};
use super::mapped::Mapped;
use super::open::Wish;
use super::protocol::{Snapshot, Turn, bury, bury_dead, claim, flip, give_back, snapshot, take};
use crate::content::AlignedBytes;
use crate::error::Error;
use crate::linux::futex;
use crate::raw::{Patience, RawClass};
use crate::ring::stop::{self, Stop};
use crate::ring::sync::Ordering;
use crate::ring::wait::{Sleeper, wake_all, wake_sleepers};
use crate::ring::waiting::{After, Wait, wait_until};

/// Looks of a waiting handle before it asks whether the holder lives, and has the lock kept free for it.
const PATIENT_LOOKS: u32 = 256;

/// No version: nobody has the time for as many changes.
const NEVER: u64 = u64::MAX;

/// Copies that a reader lets holders spoil before it waits for the lock.
const MAX_TRIES: u32 = 64;

/// A handle of shared state.
///
/// Its value is bytes here: that they are one of the class is the caller's business, but for their number. The lock belongs to
/// the handle and not to a borrow of it, for callers whose language has none: [`lock`](Self::lock) takes it,
/// [`publish`](Self::publish) and [`discard`](Self::discard) give it back, and so does dropping the handle.
///
/// # Errors
///
/// As for [`Shared`](crate::Shared), but that no value is refused.
pub struct RawShared {
    state: Mapped,
    /// Number of this handle, whose byte of the file it has locked.
    me: u32,
    process: u32,
    /// The version that is being made in the spare copy, while this handle has the lock. Who changes a value pays for every word
    /// that is stored from taking the lock to giving it back, so that is all.
    held: Option<NonZeroU64>,
    /// Whether the holder before this one, which has the lock, died in the middle of a change.
    is_heir: bool,
    /// What was read last.
    copy: AlignedBytes,
    /// What a dead holder had made of the value.
    unfinished: AlignedBytes,
    /// Version that was seen last; [`NEVER`] if none was.
    seen: u64,
}

impl RawShared {
    /// Opens shared state of this class; makes it first, with that value, if it is not there.
    pub fn create(name: &str, class: &RawClass, value: &[u8]) -> Result<Self, Error> {
        let wish = Wish { name, class: Some(class) };
        check_fixed(&wish, class)?;
        let expected = *class.frame_bytes().start();
        if value.len() != expected as usize {
            return Err(wish.impossible(format!(
                "its first value has {} bytes: class {} has {expected}",
                value.len(),
                class.name()
            )));
        }
        Self::new(wish.create_or_open(class, value)?)
    }

    /// Opens shared state of this class that is there.
    pub fn open(name: &str, class: &RawClass) -> Result<Self, Error> {
        let wish = Wish { name, class: Some(class) };
        check_fixed(&wish, class)?;
        Self::new(wish.open()?)
    }

    /// The class of the shared state that is there. It is read from its text, which is believed only if it gives the fingerprint.
    pub fn class(name: &str) -> Result<RawClass, Error> {
        Wish { name, class: None }.class_there()
    }

    /// Removes the shared state, of whatever class it is. Those who have it open learn so from [`Error::Replaced`].
    pub fn remove(name: &str) -> Result<(), Error> {
        Wish { name, class: None }.remove()
    }

    fn new(state: Mapped) -> Result<Self, Error> {
        let me = number(&state)?;
        // Whoever had this number before may have died with the lock.
        if bury(&state.head().line, me) {
            wake_all(&state.head().wait, futex::wake_all);
        }
        let copy = AlignedBytes::zeroed(state.value_bytes());
        let unfinished = AlignedBytes::default();
        let process = std::process::id();
        Ok(Self { state, me, process, held: None, is_heir: false, copy, unfinished, seen: NEVER })
    }

    /// The value as of the last complete change. Takes no lock, unless changes are so quick that none of its tries is whole.
    pub fn read(&mut self) -> Result<&[u8], Error> {
        self.state.check()?;
        for _ in 0..MAX_TRIES {
            if self.try_read()? {
                return Ok(&self.copy);
            }
        }
        self.read_patiently()?;
        Ok(&self.copy)
    }

    /// The value when its version is another than that of the last value that this handle has read, locked or published. The
    /// first time, if there was none, at once.
    pub fn wait_changed(&mut self, patience: Patience) -> Result<&[u8], Error> {
        self.state.check()?;
        if self.held.is_some() {
            return Err(self.locked(None));
        }
        let (state, seen) = (&self.state, self.seen);
        // Pairs with flip().
        let has_changed = || seen != state.head().line.version.load(Ordering::Acquire);
        let changed = match patience {
            Patience::None => has_changed().then_some(()),
            _ => wait_until(Wait::SpinThenSleep, sleeper(state), patience.deadline(), |_| {
                state.check()?;
                Ok(has_changed().then_some(()))
            })?,
        };
        match (changed, patience.limit()) {
            (Some(()), _) => self.read(),
            (None, None) => Err(Error::Empty(Arc::clone(&state.name))),
            (None, Some(limit)) => Err(Error::TimedOut { ring: Arc::clone(&state.name), limit, slowest: None }),
        }
    }

    /// Takes the lock. Gives the value, to change in place; others see the change when it is [published](Self::publish), and
    /// the last complete value until then.
    #[inline]
    pub fn lock(&mut self, patience: Patience) -> Result<&mut [u8], Error> {
        self.state.check()?;
        if self.held.is_some() {
            return Err(self.locked(None));
        }
        let mark = match take(&self.state.head().line, self.me, Turn::Others) {
            Some(mark) => mark,
            None => self.take_patiently(patience)?,
        };
        let line = &self.state.head().line;
        if line.process.load(Ordering::Relaxed) != self.process {
            line.process.store(self.process, Ordering::Relaxed);
        }
        let version = match claim(line) {
            Ok(version) => version,
            Err(what) => {
                self.unlock(mark);
                return Err(self.state.damaged(what));
            }
        };
        let next = NonZeroU64::MIN.saturating_add(version);
        if mark == DIED {
            self.inherit(version);
        }
        // SAFETY: take() has given the lock, claim() the spare copy, and `held` was none, so nothing refers to it.
        unsafe { self.state.renew(current(version), spare(version)) };
        self.held = Some(next);
        Ok(self.spare_mut(next))
    }

    /// Keeps what a dead holder has left in the spare copy.
    #[cold]
    fn inherit(&mut self, version: u64) {
        self.unfinished.resize(self.state.value_bytes());
        self.state.copy_relaxed(spare(version), &mut self.unfinished);
        self.is_heir = true;
    }

    /// The value that is being changed, while this handle has the lock.
    #[inline]
    pub fn value(&self) -> Option<&[u8]> {
        // SAFETY: the handle has the lock, and the bytes can be written through a borrow of it alone.
        self.held.map(|next| unsafe { self.state.bytes(current(next.get())) })
    }

    /// The same, to change.
    #[inline]
    pub fn value_mut(&mut self) -> Option<&mut [u8]> {
        self.held.map(|next| self.spare_mut(next))
    }

    /// What a holder that died had made of the value, while this handle has the lock: for repair. The mark of its death goes
    /// with the next change that is published.
    pub fn unfinished(&self) -> Option<&[u8]> {
        self.held.filter(|_| self.is_heir).map(|_| &*self.unfinished)
    }

    /// Makes the change visible, and gives the lock back.
    #[inline]
    pub fn publish(&mut self) -> Result<(), Error> {
        self.state.check()?;
        let Some(next) = self.held.take() else { return Err(Error::NotLocked(Arc::clone(&self.state.name))) };
        flip(&self.state.head().line, next.get() - 1);
        self.seen = next.get();
        if self.is_heir {
            self.is_heir = false;
        }
        self.unlock(0);
        Ok(())
    }

    /// Forgets the change, and gives the lock back. Does nothing if this handle has not the lock.
    #[inline]
    pub fn discard(&mut self) {
        if let Some(next) = self.held.take() {
            self.forget(next);
        }
    }

    #[cold]
    fn forget(&mut self, next: NonZeroU64) {
        if self.state.is_inherited() {
            return;
        }
        self.seen = next.get() - 1;
        let mut mark = 0;
        if std::mem::take(&mut self.is_heir) {
            // What the dead one left is for the next holder, then.
            let unfinished = std::mem::take(&mut self.unfinished);
            self.spare_mut(next).copy_from_slice(&unfinished);
            mark = DIED;
        }
        self.unlock(mark);
    }

    /// How many changes the value has had that this handle has read, locked or published last.
    pub fn version(&self) -> u64 {
        match self.held {
            Some(next) => next.get() - 1,
            None if self.seen == NEVER => 0,
            None => self.seen,
        }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        self.state.name.path()
    }

    #[inline(always)]
    fn spare_mut(&mut self, next: NonZeroU64) -> &mut [u8] {
        // SAFETY: who calls has the lock and has claimed the copy that this version is made in; the borrow of this handle is the
        // only way to it.
        unsafe { self.state.bytes_mut(current(next.get())) }
    }

    #[inline(always)]
    fn unlock(&self, mark: u32) {
        let head = self.state.head();
        give_back(&head.line, mark);
        stop::at(Stop::LockGivenBack);
        wake_sleepers(&head.wait, self.state.fence, futex::wake_all);
    }

    /// Waits for the lock; gives its mark.
    #[cold]
    fn take_patiently(&self, patience: Patience) -> Result<u32, Error> {
        let line = &self.state.head().line;
        if patience == Patience::None {
            self.bury_dead()?;
            return take(line, self.me, Turn::Mine).ok_or_else(|| self.locked(None));
        }
        let mut looks = 0;
        let taken = wait_until(Wait::SpinThenSleep, sleeper(&self.state), patience.deadline(), |after| {
            self.state.check()?;
            Ok(take(line, self.me, self.turn(&mut looks, after)?))
        })?;
        taken.ok_or_else(|| {
            // Nobody is to wait for one that has gone; others who have waited for long say so at their next look.
            line.turn.store(0, Ordering::Relaxed);
            self.locked(patience.limit())
        })
    }

    /// Whose turn it is at the next look of a wait. Who has looked for long asks whether the holder lives, and says that the
    /// next turn is its own: else one that gives the lock back and takes it again in no time could keep it for ever.
    fn turn(&self, looks: &mut u32, after: After) -> Result<Turn, Error> {
        *looks = looks.saturating_add(1);
        if *looks == PATIENT_LOOKS || after == After::Nap {
            self.bury_dead()?;
            *looks = PATIENT_LOOKS;
        }
        if *looks < PATIENT_LOOKS {
            return Ok(Turn::Others);
        }
        let turn = &self.state.head().line.turn;
        if turn.load(Ordering::Relaxed) == 0 {
            turn.store(1, Ordering::Relaxed);
        }
        Ok(Turn::Mine)
    }

    /// Frees the lock if its holder has died, and wakes who waits for it.
    fn bury_dead(&self) -> Result<(), Error> {
        let Self { state, me, .. } = self;
        let locks = &state.locks;
        let buried = bury_dead(
            &state.head().line,
            *me,
            |holder| locks.try_lock(lock_of(holder)),
            |holder| locks.unlock(lock_of(holder)),
        );
        if buried.map_err(|error| state.os("lock a handle's place", error))? {
            wake_all(&state.head().wait, futex::wake_all);
        }
        Ok(())
    }

    /// Copies the current value, if it stands still.
    #[inline]
    fn try_read(&mut self) -> Result<bool, Error> {
        let Self { state, copy, .. } = self;
        match snapshot(state.head(), |current| state.copy_relaxed(current, copy)).map_err(|what| state.damaged(what))? {
            Snapshot::Whole(version, ()) => self.seen = version,
            Snapshot::Overtaken => return Ok(false),
        }
        Ok(true)
    }

    /// Reads while others change the value as fast as they can: with the lock, if nothing else helps.
    #[cold]
    fn read_patiently(&mut self) -> Result<(), Error> {
        let mut looks = 0;
        loop {
            if self.try_read()? {
                return Ok(());
            }
            let turn = self.turn(&mut looks, After::Look)?;
            if let Some(mark) = take(&self.state.head().line, self.me, turn) {
                let outcome = self.try_read();
                self.unlock(mark);
                if outcome? {
                    return Ok(());
                }
            }
            std::hint::spin_loop();
        }
    }

    #[cold]
    fn locked(&self, limit: Option<Duration>) -> Error {
        let process = self.state.head().line.process.load(Ordering::Relaxed);
        Error::Locked { state: Arc::clone(&self.state.name), process, limit }
    }
}

/// The lowest number that no other handle has, and its byte.
fn number(state: &Mapped) -> Result<u32, Error> {
    for number in 1..=MAX_HANDLES {
        if state.locks.try_lock(lock_of(number)).map_err(|error| state.os("lock a handle's place", error))? {
            return Ok(number);
        }
    }
    Err(state.os("find a place for one more handle", std::io::ErrorKind::QuotaExceeded.into()))
}

fn check_fixed(wish: &Wish<'_>, class: &RawClass) -> Result<(), Error> {
    let bytes = class.frame_bytes();
    if bytes.start() == bytes.end() {
        return Ok(());
    }
    Err(wish.impossible(format!(
        "class {} is variable: expected one of constant size, without text, bytes and arrays whose size is a member",
        class.name()
    )))
}

fn sleeper(state: &Mapped) -> Sleeper<'_> {
    Sleeper::new(&state.head().wait, state.fence)
}

impl Drop for RawShared {
    fn drop(&mut self) {
        self.discard();
    }
}

impl fmt::Debug for RawShared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = f.debug_struct("RawShared");
        text.field("state", &self.state.name).field("is_locked", &self.held.is_some()).finish_non_exhaustive()
    }
}
