//! Who may change the value, and which copy is whole: rules 1 to 5 of ARCHITECTURE.md, section "Shared state".
//!
//! The states of the lock word, and who leaves them:
//!
//! | holder | died | meaning | left by |
//! | --- | --- | --- | --- |
//! | 0 | 0 | free | [`take`] |
//! | 0 | 1 | free, and a holder has died in the middle of a change | [`take`] |
//! | h | 0, 1 | handle h has it, or has died with it | [`give_back`] by h, [`bury`] by who has shown that h is dead |

use super::layout::{DIED, HOLDER, Head, LockLine, current};
use crate::ring::faults::{Fault, active};
use crate::ring::stop::{self, Stop};
use crate::ring::sync::{Ordering, fence};

/// Whose turn it is to take a lock that is free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// That of those who have waited for long, if there are any.
    Others,
    /// One's own.
    Mine,
}

/// What a reader finds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Snapshot<R> {
    /// A whole value, and its version.
    Whole(u64, R),
    /// Two changes began meanwhile: look again.
    Overtaken,
}

/// Takes the lock for handle `me`, if it is free. Gives the mark: [`DIED`] or 0.
#[inline(always)]
pub(crate) fn take(line: &LockLine, me: u32, turn: Turn) -> Option<u32> {
    if turn == Turn::Others && line.turn.load(Ordering::Relaxed) != 0 {
        return None;
    }
    let mark = line.lock.load(Ordering::Relaxed);
    if mark & HOLDER != 0 {
        return None;
    }
    // Acquire, pairs with the stores in give_back() and bury().
    let order = if active(Fault::RelaxedTake) { Ordering::Relaxed } else { Ordering::Acquire };
    line.lock.compare_exchange(mark, mark & DIED | me, order, Ordering::Relaxed).ok()?;
    if turn == Turn::Mine {
        line.turn.store(0, Ordering::Relaxed);
    }
    stop::at(Stop::LockTaken);
    Some(mark & DIED)
}

/// Gives the lock back, with that mark on it. Whoever may sleep on the wait line is to be woken then.
#[inline(always)]
pub(crate) fn give_back(line: &LockLine, mark: u32) {
    // Pairs with the exchange in take().
    let order = if active(Fault::RelaxedGiveBack) { Ordering::Relaxed } else { Ordering::Release };
    line.lock.store(mark, order);
}

/// Frees the lock if `dead` holds it; whether it did. The caller knows that this handle is dead, and that nobody becomes it
/// meanwhile: it has locked its byte.
pub(crate) fn bury(line: &LockLine, dead: u32) -> bool {
    // Acquire, pairs with the dead one's stores by way of the kernel, which has given its byte to the caller.
    let word = line.lock.load(Ordering::Acquire);
    if word & HOLDER != dead {
        return false;
    }
    // Who died before its claim has begun nothing, and who died after its flip has left nothing undone.
    let is_undone = line.claim.load(Ordering::Relaxed) != line.version.load(Ordering::Relaxed);
    give_back(line, if is_undone { DIED } else { 0 });
    true
}

/// Frees the lock if its holder has died; whether it did. The holder's byte shows that it has, and while the caller has that byte
/// nobody else becomes that holder. `try_lock` and `unlock` are the kernel's.
pub(crate) fn bury_dead<E>(
    line: &LockLine,
    me: u32,
    try_lock: impl FnOnce(u32) -> Result<bool, E>,
    unlock: impl Fn(u32) -> Result<(), E>,
) -> Result<bool, E> {
    let holder = line.lock.load(Ordering::Relaxed) & HOLDER;
    if holder == 0 {
        return Ok(false);
    }
    if holder == me {
        // Who asks has not the lock: somebody has written over it, or the guard of a lock was forgotten.
        return Ok(bury(line, me));
    }
    if !try_lock(holder)? {
        return Ok(false);
    }
    if active(Fault::BuriedUnlocked) {
        unlock(holder)?;
        return Ok(bury(line, holder));
    }
    let buried = bury(line, holder);
    unlock(holder)?;
    Ok(buried)
}

/// Claims the spare copy, for the holder of the lock; gives the version that is current.
#[inline(always)]
pub(crate) fn claim(line: &LockLine) -> Result<u64, String> {
    let version = line.version.load(Ordering::Relaxed);
    let found = line.claim.load(Ordering::Relaxed);
    if found.wrapping_sub(version) > 1 {
        return Err(disagree(version, found));
    }
    if version == u64::MAX {
        return Err(format!("it has version {version}, which has no next one"));
    }
    // Release, so that a reader who sees it sees the version before it.
    line.claim.store(version + 1, Ordering::Release);
    if !active(Fault::NoFenceAfterClaim) {
        // Pairs with the fence in snapshot(): a reader that sees a byte written from now on sees this claim.
        fence(Ordering::Release);
    }
    stop::at(Stop::CopyClaimed);
    Ok(version)
}

/// Makes the spare copy the current one: the change is complete.
#[inline(always)]
pub(crate) fn flip(line: &LockLine, version: u64) {
    stop::at(Stop::ValueChanged);
    // Pairs with the load in snapshot().
    let order = if active(Fault::RelaxedFlip) { Ordering::Relaxed } else { Ordering::Release };
    line.version.store(version.wrapping_add(1), order);
    stop::at(Stop::CopyFlipped);
}

/// Has `copy` take the current copy by relaxed loads, and says whether it stood still meanwhile.
///
/// The copy that is current in version v is written again by who claims v + 2, so what was copied is whole if the claim is v or
/// v + 1 after it.
#[inline(always)]
pub(crate) fn snapshot<R>(head: &Head, copy: impl FnOnce(usize) -> R) -> Result<Snapshot<R>, String> {
    let line = &head.line;
    // Pairs with flip().
    let version = line.version.load(Ordering::Acquire);
    let copied = copy(current(version));
    // Pairs with the fence in claim().
    fence(Ordering::Acquire);
    let claim = line.claim.load(Ordering::Acquire);
    if claim.wrapping_sub(version) <= 1 || active(Fault::NoClaimCheck) {
        return Ok(Snapshot::Whole(version, copied));
    }
    // Whoever claimed more than the next version had seen that one complete.
    if line.version.load(Ordering::Relaxed) == version {
        Err(disagree(version, claim))
    } else {
        Ok(Snapshot::Overtaken)
    }
}

#[cold]
fn disagree(version: u64, claim: u64) -> String {
    format!("it has version {version}, and {claim} is claimed: expected the same or the next one")
}
