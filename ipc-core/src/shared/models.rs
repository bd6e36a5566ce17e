//! Loom models of shared state, run as those of the ring: `holds` in every order, `fails_with` with one step left out.

// Arc is not loom's: a model that fails drops what its other threads hold when loom is no longer there to count.
use std::convert::Infallible;
use std::sync::Arc;

use loom::cell::UnsafeCell;
use loom::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use loom::thread;

use super::layout::{DIED, Head, LockLine, current, spare};
use super::protocol::{Snapshot, Turn, bury, bury_dead, claim, flip, give_back, snapshot, take};
use crate::ring::faults::Fault;
use crate::ring::fence::Fence;
use crate::ring::layout::WaitLine;
use crate::ring::models::{Futex, fails_with, holds};
use crate::ring::wait::{Sleeper, sleep_unless, wake_sleepers};

/// Shared state on the heap.
struct State {
    head: Head,
    /// The copies as holders see them: plain cells, so that loom sees data races.
    plain: [UnsafeCell<u64>; 2],
    /// As readers see them, who race with holders on purpose: two words each.
    relaxed: [[AtomicU64; 2]; 2],
    /// What the kernel keeps for each handle: whether its byte is locked.
    bytes: [AtomicBool; 3],
}

// SAFETY: loom checks each access to `plain`, and reports two that race.
unsafe impl Sync for State {}

impl State {
    fn new() -> Self {
        let words = || [AtomicU64::new(0), AtomicU64::new(0)];
        Self {
            head: Head {
                line: LockLine {
                    lock: AtomicU32::new(0),
                    turn: AtomicU32::new(0),
                    process: AtomicU32::new(0),
                    removed: AtomicU32::new(0),
                    version: AtomicU64::new(0),
                    claim: AtomicU64::new(0),
                },
                wait: WaitLine::new(),
            },
            plain: [UnsafeCell::new(0), UnsafeCell::new(0)],
            relaxed: [words(), words()],
            bytes: [AtomicBool::new(false), AtomicBool::new(false), AtomicBool::new(false)],
        }
    }

    /// Claims the spare copy and adds one to it.
    fn change(&self) -> u64 {
        let version = claim(&self.head.line).expect("no model damages the state");
        let (from, to) = (current(version), spare(version));
        // SAFETY: loom reports an access that races with this one.
        let value = self.plain[from].with(|cell| unsafe { *cell }) + 1;
        // SAFETY: as above.
        self.plain[to].with_mut(|cell| unsafe { *cell = value });
        for word in &self.relaxed[to] {
            word.store(value, Ordering::Relaxed);
        }
        version
    }

    /// One change, if the lock is free.
    fn try_add(&self, me: u32) -> bool {
        let taken = take(&self.head.line, me, Turn::Others).is_some();
        if taken {
            flip(&self.head.line, self.change());
            give_back(&self.head.line, 0);
        }
        taken
    }

    fn add(&self, me: u32) {
        while !self.try_add(me) {
            thread::yield_now();
        }
    }

    /// Reads once, as handles do that have not the lock; gives version and value.
    fn try_read(&self) -> Option<(u64, u64)> {
        let copy = |copy: usize| [0, 1].map(|word| self.relaxed[copy][word].load(Ordering::Relaxed));
        match snapshot(&self.head, copy).expect("no model damages the state") {
            Snapshot::Whole(version, [first, second]) => {
                assert_eq!(first, second, "the value is torn");
                Some((version, first))
            }
            Snapshot::Overtaken => None,
        }
    }

    /// The kernel's lock of a handle's byte.
    fn try_lock_byte(&self, handle: u32) -> bool {
        self.bytes[handle as usize].compare_exchange(false, true, Ordering::Acquire, Ordering::Relaxed).is_ok()
    }

    fn unlock_byte(&self, handle: u32) {
        self.bytes[handle as usize].store(false, Ordering::Release);
    }

    /// As a waiting handle does.
    fn bury_dead(&self, me: u32) {
        let try_lock = |holder| Ok::<_, Infallible>(self.try_lock_byte(holder));
        let unlock = |holder| Ok(self.unlock_byte(holder));
        let Ok(_) = bury_dead(&self.head.line, me, try_lock, unlock);
    }
}

/// Two handles add one each.
fn adding() {
    let state = Arc::new(State::new());
    let other = {
        let state = Arc::clone(&state);
        thread::spawn(move || state.add(2))
    };
    state.add(1);
    other.join().unwrap();
    assert_eq!(state.try_read(), Some((2, 2)));
}

/// A reader beside a holder that changes the value as often as it takes to come around to the copy that is read.
fn reading() {
    let state = Arc::new(State::new());
    let reader = {
        let state = Arc::clone(&state);
        thread::spawn(move || {
            if let Some((version, value)) = state.try_read() {
                assert_eq!(version, value, "the value is of another version");
            }
        })
    };
    for _ in 0..3 {
        state.add(1);
    }
    reader.join().unwrap();
}

/// The same beside a holder that gives its second change up: the copy is written, and its version never comes.
fn giving_up() {
    let state = Arc::new(State::new());
    let reader = {
        let state = Arc::clone(&state);
        thread::spawn(move || {
            if let Some((version, value)) = state.try_read() {
                assert_eq!(version, value, "the value is of another version");
            }
        })
    };
    state.add(1);
    assert!(take(&state.head.line, 1, Turn::Others).is_some());
    state.change();
    give_back(&state.head.line, 0);
    reader.join().unwrap();
    assert_eq!(state.try_read(), Some((1, 1)));
}

/// Handle 1 dies in the middle of a change. Handle 2 waits for the lock; a third process opens meanwhile, may become handle 1
/// anew, and adds as well.
fn dying() {
    let state = Arc::new(State::new());
    assert!(state.try_lock_byte(1) && state.try_lock_byte(2));
    assert_eq!(take(&state.head.line, 1, Turn::Others), Some(0));
    state.change();
    state.unlock_byte(1);
    let newcomer = {
        let state = Arc::clone(&state);
        thread::spawn(move || {
            if state.try_lock_byte(1) {
                bury(&state.head.line, 1);
                let taken = state.try_add(1);
                state.unlock_byte(1);
                u64::from(taken)
            } else {
                0
            }
        })
    };
    let mark = loop {
        state.bury_dead(2);
        if let Some(mark) = take(&state.head.line, 2, Turn::Others) {
            break mark;
        }
        thread::yield_now();
    };
    let version = state.change();
    flip(&state.head.line, version);
    give_back(&state.head.line, 0);
    let others = newcomer.join().unwrap();
    assert!(mark == DIED || version == 1, "whoever has the lock first learns of the death");
    assert_eq!(state.try_read(), Some((1 + others, 1 + others)), "a change was lost");
}

/// Somebody sleeps until the value changes.
fn waiting_for_a_change() {
    let state = Arc::new(State::new());
    let futex = Arc::new(Futex::default());
    let sleeper = {
        let (state, futex) = (Arc::clone(&state), Arc::clone(&futex));
        thread::spawn(move || {
            let mut sleeper = Sleeper::new(&state.head.wait, Fence::Symmetric);
            let changed = || (state.head.line.version.load(Ordering::Acquire) != 0).then_some(());
            while changed().or_else(|| sleep_unless(&mut sleeper, changed, |sleeper| futex.wait(sleeper))).is_none() {}
        })
    };
    state.add(1);
    wake_sleepers(&state.head.wait, Fence::Symmetric, |_| futex.wake_all());
    sleeper.join().unwrap();
}

/// Somebody sleeps until the lock is free.
fn waiting_for_the_lock() {
    let state = Arc::new(State::new());
    let futex = Arc::new(Futex::default());
    assert!(take(&state.head.line, 1, Turn::Others).is_some());
    let sleeper = {
        let (state, futex) = (Arc::clone(&state), Arc::clone(&futex));
        thread::spawn(move || {
            let mut sleeper = Sleeper::new(&state.head.wait, Fence::Symmetric);
            let added = || state.try_add(2).then_some(());
            while added().or_else(|| sleep_unless(&mut sleeper, added, |sleeper| futex.wait(sleeper))).is_none() {}
        })
    };
    flip(&state.head.line, state.change());
    give_back(&state.head.line, 0);
    wake_sleepers(&state.head.wait, Fence::Symmetric, |_| futex.wake_all());
    sleeper.join().unwrap();
    assert_eq!(state.try_read(), Some((2, 2)));
}

#[test]
fn no_change_is_lost() {
    holds(adding);
}

#[test]
fn a_lock_that_is_taken_or_given_back_relaxed_loses_changes() {
    fails_with(Fault::RelaxedTake, adding);
    fails_with(Fault::RelaxedGiveBack, adding);
}

#[test]
fn a_reader_never_sees_a_torn_value() {
    holds(reading);
    holds(giving_up);
}

#[test]
fn without_a_fence_after_the_claim_a_value_is_torn() {
    fails_with(Fault::NoFenceAfterClaim, reading);
}

#[test]
fn without_a_look_at_the_claim_a_value_is_torn() {
    fails_with(Fault::NoClaimCheck, reading);
}

#[test]
fn a_version_that_is_stored_relaxed_comes_before_its_value() {
    fails_with(Fault::RelaxedFlip, reading);
}

#[test]
fn a_dead_holder_is_found_once_and_leaves_the_last_complete_value() {
    holds(dying);
}

#[test]
fn a_dead_holder_that_is_buried_without_its_byte_may_be_alive_again() {
    fails_with(Fault::BuriedUnlocked, dying);
}

#[test]
fn who_waits_for_a_change_never_misses_it() {
    holds(waiting_for_a_change);
    fails_with(Fault::NoFenceAfterPublish, waiting_for_a_change);
}

#[test]
fn who_waits_for_the_lock_never_misses_it() {
    holds(waiting_for_the_lock);
    fails_with(Fault::NoFenceBeforeSleep, waiting_for_the_lock);
}
