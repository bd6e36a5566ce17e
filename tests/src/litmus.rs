//! Dekker's pattern between two processes, as it stands behind sleeping: each stores to its own word and then loads the
//! other's. Both loads may give 0 only if a store was overtaken by the load after it.
//!
//! The publisher's side has nothing but a compiler fence in between, as in rings with asymmetric fences.

use std::fs::File;
use std::hint::{black_box, spin_loop};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering, compiler_fence};

use memmap2::MmapRaw;
use rustix::thread::{MembarrierCommand, membarrier};

/// What the two processes share, each word on cache lines of its own.
#[repr(C)]
struct Shared {
    /// The round that may begin; `u64::MAX` ends the test.
    round: Line,
    /// The round that the publisher has ended.
    ended: Line,
    /// The sleeper's word, in ring terms its flag.
    flag: Line,
    /// The publisher's word, in ring terms the commit word.
    word: Line,
    /// What the publisher has loaded of `flag`.
    publisher_saw: Line,
}

#[repr(C, align(128))]
struct Line(AtomicU64);

const END: u64 = u64::MAX;

/// The mapped file of a test.
#[derive(Debug)]
pub struct Litmus {
    map: MmapRaw,
}

impl Litmus {
    /// Makes the file.
    pub fn create(path: &Path) -> Self {
        let file = File::options().read(true).write(true).create_new(true).open(path).unwrap();
        file.set_len(size_of::<Shared>() as u64).unwrap();
        Self::map(&file)
    }

    fn map(file: &File) -> Self {
        // As every opener of such a ring does.
        membarrier(MembarrierCommand::RegisterGlobalExpedited).expect("membarrier is there from Linux 4.16 on");
        Self { map: MmapRaw::map_raw(file).unwrap() }
    }

    fn shared(&self) -> &Shared {
        assert!(self.map.len() >= size_of::<Shared>());
        // SAFETY: the mapping is page-aligned and large enough, lives as long as the borrow, and holds atomics only, for
        // which any bytes are valid and which both processes may use at once.
        unsafe { &*self.map.as_ptr().cast::<Shared>() }
    }

    /// Runs one round as the sleeper, with `fence` between its store and its load; true if neither side saw the other.
    pub fn round(&self, number: u64, fence: impl FnOnce()) -> bool {
        let shared = self.shared();
        shared.flag.0.store(0, Ordering::Relaxed);
        shared.word.0.store(0, Ordering::Relaxed);
        shared.round.0.store(number, Ordering::Release);
        // The other has to see the round first: some steps of delay, so that both sides begin at about the same time.
        (0..number % 4).for_each(|step| _ = black_box(step));
        shared.flag.0.store(1, Ordering::Relaxed);
        fence();
        let saw = shared.word.0.load(Ordering::Relaxed);
        while shared.ended.0.load(Ordering::Acquire) != number {
            spin_loop();
        }
        saw == 0 && shared.publisher_saw.0.load(Ordering::Relaxed) == 0
    }

    /// Ends the publisher.
    pub fn end(&self) {
        self.shared().round.0.store(END, Ordering::Release);
    }
}

/// The fence of a sleeper in a ring with asymmetric fences.
pub fn barrier() {
    membarrier(MembarrierCommand::GlobalExpedited).expect("this process has registered");
}

/// The publisher's side of every round, in a process of its own.
pub fn publish(path: &Path) {
    let litmus = Litmus::map(&File::options().read(true).write(true).open(path).unwrap());
    let shared = litmus.shared();
    let mut last = 0;
    loop {
        let round = shared.round.0.load(Ordering::Acquire);
        if round == END {
            return;
        }
        if round == last {
            spin_loop();
            continue;
        }
        last = round;
        shared.word.0.store(1, Ordering::Relaxed);
        compiler_fence(Ordering::SeqCst);
        let saw = shared.flag.0.load(Ordering::Relaxed);
        shared.publisher_saw.0.store(saw, Ordering::Relaxed);
        shared.ended.0.store(round, Ordering::Release);
    }
}
