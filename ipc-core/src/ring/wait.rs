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

/// A line on which somebody sleeps.
#[derive(Debug)]
pub(crate) struct Sleeper<'l> {
    pub(crate) line: &'l WaitLine,
    fence: Fence,
    /// The sequence to sleep on.
    pub(crate) sequence: u32,
    /// Whether that was announced.
    is_announced: bool,
}

impl<'l> Sleeper<'l> {
    pub(crate) fn new(line: &'l WaitLine, fence: Fence) -> Self {
        Self { line, fence, sequence: 0, is_announced: false }
    }

    /// Says that somebody is about to sleep; whether that is new, and needs a barrier before the last look.
    ///
    /// While the sequence on which this sleeper has slept before stays, and the flag, whoever publishes sees the flag already,
    /// and the barrier, which costs more than the rest of a nap, is not needed again. (A waker that has cleared the flag and not
    /// yet raised the sequence will wake who sleeps on the old one.)
    fn announce(&mut self) -> bool {
        // Acquire, pairs with the add in wake_all(): whoever sees a raised sequence sees what was published before it.
        let sequence = self.line.sequence.load(Ordering::Acquire);
        let was_announced = self.is_announced && (sequence == self.sequence || active(Fault::NeverAnnouncedAgain));
        (self.sequence, self.is_announced) = (sequence, true);
        let is_new = !was_announced || self.line.flag.load(Ordering::Relaxed) == 0;
        if is_new {
            self.line.flag.store(1, Ordering::Relaxed);
        }
        is_new
    }
}

/// Puts the caller to sleep until the next [`wake_sleepers`] on the line, unless `ready` says that there is no need.
///
/// `sleep` may return early for any reason.
pub(crate) fn sleep_unless<R>(
    sleeper: &mut Sleeper<'_>,
    ready: impl FnOnce() -> Option<R>,
    sleep: impl FnOnce(&Sleeper<'_>),
) -> Option<R> {
    if sleeper.announce() {
        // Pairs with after_publish() in wake_sleepers().
        sleeper.fence.before_sleep();
    }
    if !active(Fault::NoLastLook)
        && let Some(found) = ready()
    {
        return Some(found);
    }
    stop::at(Stop::Asleep);
    sleep(sleeper);
    None
}

/// The same on several lines, until the next wake on any of them: one barrier and one look for all.
pub(crate) fn sleep_unless_any<R>(
    sleepers: &mut [Sleeper<'_>],
    ready: impl FnOnce() -> Option<R>,
    sleep: impl FnOnce(&[Sleeper<'_>]),
) -> Option<R> {
    let (mut symmetric, mut asymmetric) = (false, false);
    for (index, sleeper) in sleepers.iter_mut().enumerate() {
        if active(Fault::AnnouncesOnOne) && index > 0 {
            sleeper.sequence = sleeper.line.sequence.load(Ordering::Acquire);
            continue;
        }
        let is_new = sleeper.announce();
        symmetric |= is_new && sleeper.fence == Fence::Symmetric;
        asymmetric |= is_new && sleeper.fence == Fence::Asymmetric;
    }
    // Each pairs with after_publish() in wake_sleepers().
    if symmetric {
        Fence::Symmetric.before_sleep();
    }
    if asymmetric {
        Fence::Asymmetric.before_sleep();
    }
    if !active(Fault::NoLastLook)
        && let Some(found) = ready()
    {
        return Some(found);
    }
    stop::at(Stop::Asleep);
    sleep(sleepers);
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
    if !active(Fault::RungFirst) {
        line.flag.store(0, Ordering::Relaxed);
    }
    stop::at(Stop::FlagCleared);
    if !active(Fault::NoWakeSequence) {
        line.sequence.fetch_add(1, Ordering::Release);
    }
    wake(line);
    if active(Fault::RungFirst) {
        line.flag.store(0, Ordering::Relaxed);
    }
}
