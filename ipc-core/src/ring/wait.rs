//! Sleeping and waking: rule 7 of ARCHITECTURE.md, section "Protocol".
//!
//! A [`WaitLine`] holds a flag and a sequence. The states, as the peer that wakes sees them:
//!
//! | flag | meaning | a publisher does |
//! | --- | --- | --- |
//! | 0 | nobody sleeps, or everybody was woken | nothing |
//! | 1 | somebody is about to sleep, or asleep on the sequence it read | stores 0, adds 1 to the sequence, wakes all |
//!
//! The sequence is what makes several sleepers safe. With a single 0/1 word, a sleeper that stores 1 between another
//! sleeper's store and that one's `futex_wait` undoes the wake in between; the sequence has moved on by then, so the
//! kernel refuses to let anyone sleep on the old one.
//!
//! A sleeper that is killed leaves the flag at 1, which costs the next publisher one needless wake.

use super::faults::{Fault, active};
use super::fence::Fence;
use super::layout::WaitLine;
use super::stop::{self, Stop};
use super::sync::Ordering;

/// Puts the caller to sleep until the next [`wake_sleepers`], unless `ready` says that there is no need.
///
/// `sleep` gets the line and the sequence to sleep on; it may return early for any reason. `announced` is the sequence on
/// which this sleeper has slept before in the same wait: while that stays, and the flag, whoever publishes sees the flag
/// already, and the barrier, which costs more than the rest of a nap, is not needed again. (A waker that has cleared the flag and
/// not yet raised the sequence will wake who sleeps on the old one.)
pub(crate) fn sleep_unless<R>(
    line: &WaitLine,
    fence: Fence,
    announced: &mut Option<u32>,
    ready: impl FnOnce() -> Option<R>,
    sleep: impl FnOnce(&WaitLine, u32),
) -> Option<R> {
    // Acquire, pairs with the add in wake_all(): whoever sees a raised sequence sees what was published before it.
    let sequence = line.sequence.load(Ordering::Acquire);
    let is_announced = *announced == Some(sequence) || active(Fault::NeverAnnouncedAgain) && announced.is_some();
    if !is_announced || line.flag.load(Ordering::Relaxed) == 0 {
        line.flag.store(1, Ordering::Relaxed);
        // Pairs with after_publish() in wake_sleepers().
        fence.before_sleep();
        *announced = Some(sequence);
    }
    if !active(Fault::NoLastLook)
        && let Some(found) = ready()
    {
        return Some(found);
    }
    stop::at(Stop::Asleep);
    sleep(line, sequence);
    None
}

/// Wakes all sleepers, if there are any, after something was published. `wake` is the futex call.
#[inline(always)]
pub(crate) fn wake_sleepers(line: &WaitLine, fence: Fence, wake: impl FnOnce(&WaitLine)) {
    // Pairs with before_sleep() in sleep_unless().
    fence.after_publish();
    if line.flag.load(Ordering::Relaxed) != 0 {
        wake_all(line, wake);
    }
}

/// Wakes all sleepers, whatever the flag says.
#[cold]
pub(crate) fn wake_all(line: &WaitLine, wake: impl FnOnce(&WaitLine)) {
    line.flag.store(0, Ordering::Relaxed);
    stop::at(Stop::FlagCleared);
    if !active(Fault::NoWakeSequence) {
        line.sequence.fetch_add(1, Ordering::Release);
    }
    wake(line);
}
