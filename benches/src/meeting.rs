//! Where the sides of one run meet: a small shared file with a barrier, and the two message lines of the canary.

use std::fs::File;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use memmap2::{MmapOptions, MmapRaw};
use rustix::thread::futex;

use crate::Outcome;
use crate::laps::{LAPS, per_step};
use crate::message_line::{MessageLine, pause};

/// Trips of the canary.
const TRIPS: u64 = 250 * LAPS;

/// Looks before a side that waits for the others leaves the core, which matters where several share one.
const LOOKS: u32 = 2000;

/// One side's view of the meeting.
///
/// # Invariants
///
/// 1. `map` maps a whole [`Shared`], page-aligned, readable and writable, until this value is dropped.
/// 2. It is accessed by atomics only, in every process.
pub(crate) struct Meeting {
    map: MmapRaw,
    side: usize,
    sides: usize,
}

/// What a side does after a while of waiting for the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Patience {
    /// It sleeps, so that others on its core can work.
    Sleep,
    /// It stays awake, so that its core stays warm.
    Yield,
}

/// The file.
#[repr(C)]
struct Shared {
    there: MessageLine,
    back: MessageLine,
    barrier: Barrier,
    /// The number of the last trip that the canary has made.
    trips: Line,
    ended: Line,
}

#[repr(C, align(128))]
struct Barrier {
    arrived: AtomicU32,
    /// How often all have arrived.
    generation: AtomicU32,
}

#[repr(C, align(128))]
struct Line(AtomicU32);

impl Meeting {
    /// Makes the file.
    pub(crate) fn create(path: &Path) -> Outcome {
        File::create_new(path)?.set_len(size_of::<Shared>() as u64)?;
        Ok(())
    }

    /// Opens it as one of `sides` sides.
    pub(crate) fn open(path: &Path, side: usize, sides: usize) -> Outcome<Self> {
        let file = File::options().read(true).write(true).open(path)?;
        Ok(Self { map: MmapOptions::new().len(size_of::<Shared>()).map_raw(&file)?, side, sides })
    }

    /// Waits until every side is here.
    pub(crate) fn meet(&self) {
        self.meet_among(self.sides, Patience::Sleep);
    }

    /// Waits until `parties` sides are here; the others take no part.
    pub(crate) fn meet_among(&self, parties: usize, patience: Patience) {
        let barrier = &self.shared().barrier;
        // Before the arrival, after which the others may go on. Acquire and the release below: what a side did before the
        // barrier is seen by all behind it.
        let generation = barrier.generation.load(Ordering::Acquire);
        if barrier.arrived.fetch_add(1, Ordering::AcqRel) as usize + 1 == parties {
            barrier.arrived.store(0, Ordering::Relaxed);
            barrier.generation.fetch_add(1, Ordering::Release);
            // Fails only for an address that is not mapped, which a reference is not.
            let _ = futex::wake(&barrier.generation, futex::Flags::empty(), i32::MAX as u32);
            return;
        }
        for _ in 0..LOOKS {
            if barrier.generation.load(Ordering::Acquire) != generation {
                return;
            }
            pause();
        }
        while barrier.generation.load(Ordering::Acquire) == generation {
            match patience {
                // Woken, already changed and interrupted all mean the same: look again.
                Patience::Sleep => drop(futex::wait(&barrier.generation, futex::Flags::empty(), generation, None)),
                Patience::Yield => std::thread::yield_now(),
            }
        }
    }

    /// The canary: sides 0 and 1 exchange bare messages, the others wait. Side 0 gets the nanoseconds of a trip.
    pub(crate) fn canary(&self) -> Outcome<Option<f64>> {
        let Shared { there, back, trips, .. } = self.shared();
        self.meet();
        let first = u64::from(trips.0.load(Ordering::Relaxed));
        self.meet();
        let mut figure = None;
        match self.side {
            0 => {
                figure = Some(per_step(TRIPS, |from, to| {
                    (first + from..first + to).try_for_each(|number| {
                        there.store::<6>(number);
                        back.wait_for::<6>(number)
                    })
                })?);
                trips.0.store((first + TRIPS) as u32, Ordering::Relaxed);
            }
            1 => {
                for number in first + 1..=first + TRIPS {
                    there.wait_for::<6>(number)?;
                    back.store::<6>(number);
                }
            }
            _ => {}
        }
        self.meet();
        Ok(figure)
    }

    /// Tells those who look on that the measurement is over.
    pub(crate) fn end(&self) {
        self.shared().ended.0.store(1, Ordering::Release);
    }

    /// Whether it is.
    pub(crate) fn has_ended(&self) -> bool {
        self.shared().ended.0.load(Ordering::Acquire) != 0
    }

    fn shared(&self) -> &Shared {
        // SAFETY: invariants 1 and 2; any bytes are valid atomics.
        unsafe { &*self.map.as_ptr().cast() }
    }
}
