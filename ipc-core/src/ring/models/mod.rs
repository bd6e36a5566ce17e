//! Loom models of the protocol. Loom tries every order of the threads' steps, and every value that a relaxed load may
//! see, within a bound on preemptions.
//!
//! Each model is a function; `holds` runs it as it is, and `fails_with` runs it with one step left out and expects it
//! to fail, so that no model can pass without looking. Run by
//! `RUSTFLAGS="--cfg loom" cargo test --release -p ipc-core --lib models`.

use std::panic::{AssertUnwindSafe, catch_unwind};
// Not loom's: a model that fails drops what its other threads hold when loom is no longer there to count.
use std::sync::Arc;

use loom::cell::UnsafeCell;
use loom::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use super::faults::{self, Fault};
use super::layout::{
    BootLine, ControlHead, HEADER_BYTES, KIND_FRAME, LedgerLine, LimitLine, ProducerLine, RECORD_ALIGN, RecordHeader,
    SLOT_ACTIVE, SLOT_FREE, SlotLine, StateLine, WaitLine,
};
use super::protocol::{Body, Control, Record};
use super::reader::{Reader, release};
use super::writer::{NoSpace, Writer};

mod bell;
mod join;
mod observe;
mod stream;
mod wait;

pub(crate) use wait::Futex;

/// A ring on the heap: as many slots and bytes as a model needs.
struct Ring {
    head: ControlHead,
    slots: Vec<SlotLine>,
    body: Memory,
}

/// A body whose record headers and payloads are separate loom cells, one of each for every 16 bytes.
struct Memory {
    headers: Vec<RecordHeader>,
    /// The first payload word of a record whose header stands before it: a plain cell, so that loom sees data races.
    plain: Vec<UnsafeCell<u64>>,
    /// The same for observers, who race with the producer on purpose.
    relaxed: Vec<AtomicU64>,
}

// SAFETY: loom checks each access to `plain`, and reports two that race.
unsafe impl Sync for Memory {}

impl Body for Memory {
    fn capacity(&self) -> u64 {
        self.headers.len() as u64 * RECORD_ALIGN
    }

    fn header(&self, position: u64) -> &RecordHeader {
        &self.headers[self.unit(position)]
    }
}

impl Memory {
    fn unit(&self, position: u64) -> usize {
        (position / RECORD_ALIGN) as usize % self.headers.len()
    }

    fn write(&self, start: u64, value: u64) {
        let unit = self.unit(start + HEADER_BYTES);
        // SAFETY: loom reports an access that races with this one.
        self.plain[unit].with_mut(|cell| unsafe { *cell = value });
        self.relaxed[unit].store(value, Ordering::Relaxed);
    }

    fn read(&self, record: &Record) -> u64 {
        // SAFETY: loom reports an access that races with this one.
        self.plain[self.unit(record.start + record.header_bytes)].with(|cell| unsafe { *cell })
    }

    fn read_relaxed(&self, record: &Record) -> u64 {
        self.relaxed[self.unit(record.start + record.header_bytes)].load(Ordering::Relaxed)
    }
}

impl Ring {
    fn new(units: usize, slots: &[u32]) -> Self {
        Self {
            head: ControlHead {
                producer: ProducerLine {
                    claim: AtomicU64::new(0),
                    tail: AtomicU64::new(0),
                    last: AtomicU64::new(0),
                    next_sequence: AtomicU64::new(0),
                },
                limit: LimitLine { limit: AtomicU64::new(0) },
                state: StateLine {
                    state: AtomicU32::new(0),
                    openings: AtomicU32::new(0),
                    synced: AtomicU64::new(0),
                    synced_sequence: AtomicU64::new(0),
                },
                ledger: LedgerLine { dropped: AtomicU64::new(0) },
                data_wait: WaitLine::new(),
                space_wait: WaitLine::new(),
                boot: BootLine { boot_id: [AtomicU64::new(0), AtomicU64::new(0)] },
            },
            slots: slots
                .iter()
                .map(|&state| SlotLine {
                    position: AtomicU64::new(0),
                    state: AtomicU32::new(state),
                    process: AtomicU32::new(0),
                    bell: AtomicU32::new(0),
                })
                .collect(),
            body: Memory {
                headers: (0..units)
                    .map(|_| RecordHeader { word: AtomicU64::new(0), sequence: AtomicU64::new(0) })
                    .collect(),
                plain: (0..units).map(|_| UnsafeCell::new(0)).collect(),
                relaxed: (0..units).map(|_| AtomicU64::new(0)).collect(),
            },
        }
    }

    fn control(&self) -> Control<'_> {
        Control { head: &self.head, slots: &self.slots }
    }

    /// Sends the next frame, whose value is its sequence number plus one, if there is space.
    fn try_send(&self, writer: &mut Writer, frame_bytes: u32) -> bool {
        let at_hand = writer.claim(&self.body, KIND_FRAME, frame_bytes);
        match at_hand.map_or_else(|| writer.claim_anew(self.control(), &self.body, KIND_FRAME, frame_bytes), Ok) {
            Ok(claim) => {
                if frame_bytes > 0 {
                    self.body.write(claim.start, writer.next_sequence() + 1);
                }
                writer.commit(&self.body, claim);
                true
            }
            Err(NoSpace::Slot(_) | NoSpace::Batch) => false,
            Err(NoSpace::Broken(_, broken)) => panic!("{broken}"),
            Err(NoSpace::Replaced) => unreachable!("no model removes its ring"),
        }
    }

    /// Receives a frame if there is one, checks its value, and releases it.
    fn try_receive(&self, reader: &Reader, slot: usize) -> Option<u64> {
        let record = reader.poll(&self.body).expect("a whole record")?;
        if record.frame_bytes > 0 {
            assert_eq!(self.body.read(&record), record.sequence + 1, "the frame is torn");
        }
        release(&self.slots[slot], record.end);
        Some(record.sequence)
    }
}

/// Runs a model in every order of its steps with up to three preemptions.
pub(crate) fn holds(model: impl Fn() + Sync + Send + 'static) {
    check(None, model);
}

/// Runs a model with one step of the protocol left out, and expects that some order makes it fail.
pub(crate) fn fails_with(fault: Fault, model: impl Fn() + Sync + Send + 'static) {
    let outcome = catch_unwind(AssertUnwindSafe(|| check(Some(fault), model)));
    assert!(outcome.is_err(), "the model does not notice {fault:?}");
}

fn check(fault: Option<Fault>, model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.max_branches = 20_000;
    faults::with(fault, || builder.check(model));
}
