//! The first opening after a start-up of the machine (rule 11 of ARCHITECTURE.md, section "Protocol"): what was not synced may be torn, and nobody who is
//! named in the control region still lives.

use std::os::unix::fs::FileExt;

use super::layout::{HEADER_BYTES, LOCK_SETUP, SLOT_ACTIVE, SLOT_FREE};
use super::mapped::Mapped;
use super::protocol::{Body, plausible};
use super::reader::Reader;
use super::sync::Ordering;
use crate::error::Error;
use crate::linux::boot_id;

/// Makes a ring from before the last start-up usable; does nothing to any other.
pub(crate) fn prepare(ring: &Mapped, body_offset: u64) -> Result<(), Error> {
    let now = boot_id().map_err(|error| ring.os("read the boot id", error))?;
    if is_of(ring, now) {
        return Ok(());
    }
    if ring.files.body.is_some() {
        return Err(
            ring.damaged("its boot id is another one's, and an isolated ring is gone after a start-up".to_owned())
        );
    }
    ring.locks.lock(LOCK_SETUP).map_err(|error| ring.os("lock the ring", error))?;
    // Another opener may have done it while this one waited for the lock.
    let outcome = if is_of(ring, now) { Ok(()) } else { reset(ring, body_offset, now) };
    ring.locks.unlock(LOCK_SETUP).map_err(|error| ring.os("unlock the ring", error))?;
    outcome
}

fn is_of(ring: &Mapped, boot: [u64; 2]) -> bool {
    // Pairs with the release stores in reset().
    let found = &ring.control().head.boot.boot_id;
    [found[0].load(Ordering::Acquire), found[1].load(Ordering::Acquire)] == boot
}

/// Only the holder of the set-up lock is here, and every other opener of this boot waits for it, so the order of the
/// stores does not matter up to the last two.
fn reset(ring: &Mapped, body_offset: u64, now: [u64; 2]) -> Result<(), Error> {
    let control = ring.control();
    let (head, capacity) = (control.head, ring.body().capacity());
    let synced = head.state.synced.load(Ordering::Relaxed);
    if !plausible(synced) {
        return Err(ring.damaged(format!("its synced position is {synced}")));
    }
    head.producer.tail.store(synced, Ordering::Relaxed);
    head.producer.last.store(synced, Ordering::Relaxed);
    head.producer.claim.store(synced + HEADER_BYTES, Ordering::Relaxed);
    head.producer.next_sequence.store(head.state.synced_sequence.load(Ordering::Relaxed), Ordering::Relaxed);
    head.limit.limit.store(0, Ordering::Relaxed);
    for line in [&head.data_wait, &head.space_wait] {
        line.flag.store(0, Ordering::Relaxed);
        line.bells.store(0, Ordering::Relaxed);
    }
    // What was committed after the last sync does not count: nothing is committed at `synced` any more.
    let word = body_offset + (synced & (capacity - 1));
    ring.files
        .body()
        .write_all_at(&[0; size_of::<u64>()], word)
        .map_err(|error| ring.os("clear the first record that was not synced", error))?;
    for (index, slot) in control.slots.iter().enumerate() {
        if index >= ring.reserved() || slot.state.load(Ordering::Relaxed) != SLOT_ACTIVE {
            slot.state.store(SLOT_FREE, Ordering::Relaxed);
            // A joiner never goes back behind this, and it may lie after what was synced.
            slot.position.store(0, Ordering::Relaxed);
            continue;
        }
        let position = slot.position.load(Ordering::Relaxed);
        if !leads_to(ring, position, synced) {
            slot.position.store(synced, Ordering::Relaxed);
        }
    }
    head.boot.boot_id[0].store(now[0], Ordering::Release);
    head.boot.boot_id[1].store(now[1], Ordering::Release);
    Ok(())
}

/// Whether whole records follow each other from `position` to `synced`.
fn leads_to(ring: &Mapped, position: u64, synced: u64) -> bool {
    let (body, capacity) = (ring.body(), ring.body().capacity());
    if position > synced || !plausible(position) || synced - position > capacity {
        return false;
    }
    let reader = Reader::at(position);
    while reader.position() < synced {
        if !matches!(reader.poll(body), Ok(Some(_))) {
            return false;
        }
    }
    reader.position() == synced
}
