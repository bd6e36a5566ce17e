//! Stop points: named places in the protocol where a test kills its own process. Empty without the feature
//! `stop-points`.
//!
//! `IPC_STOP_AT=Committed:3` ends the process with SIGKILL when it passes `Committed` for the third time.

/// A place in the protocol between two stores that a crash could separate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(dead_code, reason = "named by tests")]
pub(crate) enum Stop {
    /// The claim is stored, nothing of the record is written.
    Claimed,
    /// The next word is zeroed, the frame is not written.
    Zeroed,
    /// The frame is written, nothing is committed.
    Written,
    /// The same, for a record that follows a padding.
    Padded,
    /// The record behind a padding has its word, the padding has not.
    BehindPadding,
    /// The record is committed, the word ahead is not zeroed.
    Committed,
    /// The frames of a batch are written, and the word after them is zeroed.
    BatchZeroed,
    /// The batch is committed, the producer's line is not.
    BatchCommitted,
    /// The record is committed, nobody is woken yet.
    BeforeWake,
    /// The flag is cleared and the sequence not yet raised.
    FlagCleared,
    /// A consumer has its frame and has not released it.
    Received,
    /// A consumer's position is stored, nobody is woken yet.
    Released,
    /// A joiner has its lock and no position.
    JoinLocked,
    /// A joiner has stored its position and is not yet active.
    JoinPlaced,
    /// A joiner is active and has not looked at the limit.
    JoinActive,
    /// A sleeper has stored its flag and sleeps next.
    Asleep,
    /// A producer has the limit stored and not yet rescanned.
    LimitStored,
    /// The frames are on disk, nothing says so yet.
    BodySynced,
    /// The synced position is stored, not on disk yet.
    SyncedStored,
    /// Shared state: the lock is taken, no copy is claimed.
    LockTaken,
    /// Shared state: a copy is claimed, nothing of it is written.
    CopyClaimed,
    /// Shared state: the value is changed, the other copy is still the current one.
    ValueChanged,
    /// Shared state: the change is complete, the lock is not given back.
    CopyFlipped,
    /// Shared state: the lock is given back, nobody is woken yet.
    LockGivenBack,
    /// A ring is filled under no name.
    RingUnlinked,
}

/// Ends the process here if a test asked for it.
#[inline(always)]
pub(crate) fn at(_stop: Stop) {
    #[cfg(all(feature = "stop-points", not(loom)))]
    armed::check(_stop);
}

#[cfg(all(feature = "stop-points", not(loom)))]
mod armed {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::Stop;

    static ARMED: OnceLock<Option<(String, u64)>> = OnceLock::new();
    static PASSED: AtomicU64 = AtomicU64::new(0);

    pub(super) fn check(stop: Stop) {
        let armed = ARMED.get_or_init(|| {
            let text = std::env::var("IPC_STOP_AT").ok()?;
            let (name, count) = text.split_once(':').unwrap_or((&text, "1"));
            Some((name.to_owned(), count.parse().expect("IPC_STOP_AT is NAME or NAME:COUNT")))
        });
        let Some((name, count)) = armed else { return };
        // Single-threaded counting is enough: each test process has one end that passes its stop points.
        if *name == format!("{stop:?}") && PASSED.fetch_add(1, Ordering::Relaxed) + 1 == *count {
            let myself = rustix::process::getpid();
            let _ = rustix::process::kill_process(myself, rustix::process::Signal::KILL);
        }
    }
}
