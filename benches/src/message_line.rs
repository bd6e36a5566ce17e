//! One message in one cache line of shared memory: the least that a message between two processes can be.

use std::hint::spin_loop;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::Outcome;

/// A message of up to 64 bytes. Two of them stand on different pairs of cache lines, since processors fetch pairs.
#[repr(C, align(128))]
pub(crate) struct MessageLine([AtomicU64; 8]);

/// Pauses between two looks: without them the looks steal the line that the peer is about to write.
pub(crate) const PAUSES: u32 = 4;

/// Pauses between two looks at something that the other side will write.
#[inline(always)]
pub(crate) fn pause() {
    for _ in 0..PAUSES {
        spin_loop();
    }
}

impl MessageLine {
    /// Stores a message of `WORDS` words; the first word says that it is there.
    #[inline(always)]
    pub(crate) fn store<const WORDS: usize>(&self, number: u64) {
        for word in &self.0[1..WORDS] {
            word.store(number, Ordering::Relaxed);
        }
        // Pairs with the load in is_there().
        self.0[0].store(number, Ordering::Release);
    }

    /// Whether the message of this number is there.
    #[inline(always)]
    pub(crate) fn is_there(&self, number: u64) -> bool {
        // Pairs with the store in store().
        self.0[0].load(Ordering::Acquire) == number
    }

    /// Waits for the message of this number, and reads all of its words.
    #[inline(always)]
    pub(crate) fn wait_for<const WORDS: usize>(&self, number: u64) -> Outcome {
        while !self.is_there(number) {
            pause();
        }
        if self.0[1..WORDS].iter().any(|word| word.load(Ordering::Relaxed) != number) {
            return Err(format!("the words of message {number} differ").into());
        }
        Ok(())
    }
}
