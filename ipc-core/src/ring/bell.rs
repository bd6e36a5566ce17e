//! Doorbells: how a consumer waits in an event loop, rule 12 of ARCHITECTURE.md, section "Protocol".
//!
//! A doorbell is a FIFO that the producer writes a byte to. Its consumer arms it before it waits; then its slot says so, and
//! the wait line says that some slot does. The states of a slot's bell:
//!
//! | bell | meaning | a waker does |
//! | --- | --- | --- |
//! | none | the slot has no doorbell | nothing |
//! | silent | its consumer looks at the ring by itself, or the bell has been rung | nothing |
//! | armed | its consumer waits for the bell, or is about to | makes it silent, and rings |
//!
//! An armed bell is a sleeper to the producer: it raises the wait line's flag, so that a frame costs no more than before while
//! nobody waits. There is no sequence to compare at the moment of sleeping, as a futex does. In its place arming and ringing
//! meet in a read-modify-write of `bells`: either the waker comes later there, and sees that the slot is armed; or the waker
//! came before, and the flag that it had cleared is raised after that.

use super::faults::{Fault, active};
use super::fence::Fence;
use super::layout::{BELL_ARMED, BELL_SILENT};
use super::protocol::Control;
use super::sync::Ordering;

/// Arms the bell of a slot, unless `look` finds that there is no need.
///
/// `silence` takes the rings so far away and says whether there were any. If there were none and the bell is armed, it is
/// left as it is: who arms it again and again pays for one look.
pub(crate) fn arm<R, E>(
    control: Control<'_>,
    slot: usize,
    fence: Fence,
    mut silence: impl FnMut() -> Result<bool, E>,
    look: impl FnOnce() -> Option<R>,
) -> Result<Option<R>, E> {
    let (line, bell) = (&control.head.data_wait, &control.slots[slot].bell);
    let has_rung = !active(Fault::SilencedLate) && silence()?;
    let is_armed = bell.load(Ordering::Relaxed) == BELL_ARMED;
    if is_armed && !has_rung {
        return Ok(None);
    }
    if active(Fault::ArmedLate) {
        line.flag.store(1, Ordering::Relaxed);
    }
    bell.store(BELL_ARMED, Ordering::Relaxed);
    // Pairs with the swap in ring_armed(): who takes this value sees the bell. Who took the value before has cleared the flag
    // before, which stays raised from here on.
    line.bells.swap(1, Ordering::AcqRel);
    if !active(Fault::ArmedLate) {
        line.flag.store(1, Ordering::Relaxed);
    }
    // Pairs with after_publish() in wake_sleepers().
    fence.before_sleep();
    let found = if active(Fault::NoLastLook) { None } else { look() };
    if active(Fault::SilencedLate) {
        silence()?;
    }
    if found.is_some() {
        bell.store(BELL_SILENT, Ordering::Relaxed);
    }
    Ok(found)
}

/// Rings every armed bell. For who wakes the line's sleepers, once the flag is cleared.
pub(crate) fn ring_armed(control: Control<'_>, mut ring: impl FnMut(usize)) {
    // Pairs with the swap in arm().
    if control.head.data_wait.bells.swap(0, Ordering::AcqRel) == 0 {
        return;
    }
    for (index, slot) in control.slots.iter().enumerate() {
        let armed = BELL_ARMED;
        // Looked at first: most slots have none, and their lines are their consumers'.
        if slot.bell.load(Ordering::Relaxed) == armed
            && slot.bell.compare_exchange(armed, BELL_SILENT, Ordering::Relaxed, Ordering::Relaxed).is_ok()
        {
            ring(index);
        }
    }
}
