//! Deliberate faults for the loom models: each leaves out one step of the protocol, and its model must then fail.
//!
//! Outside of a loom build no fault is ever active, and the compiler removes the questions.

#[cfg(loom)]
use std::cell::Cell;

/// A step that is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The next record's word is not zeroed before a commit.
    NoZeroing,
    /// The padding's word is stored before the word of the record after it.
    PaddingFirst,
    /// A commit word is stored relaxed.
    RelaxedCommit,
    /// The first word of a batch is stored relaxed.
    RelaxedBatch,
    /// A consumer has no acquire fence after a non-zero word.
    NoFenceAfterPoll,
    /// A consumer publishes its position relaxed.
    RelaxedRelease,
    /// The producer has no fence between its limit and the rescan.
    NoFenceInRescan,
    /// The producer believes its first scan of the slots.
    NoRescan,
    /// A joiner has no fence between its slot and its look at the limit.
    NoFenceInJoin,
    /// A joiner does not look at the limit.
    NoLimitCheck,
    /// A joiner says that it is active before it has seen the limit.
    ActiveAtOnce,
    /// The producer does not fence its claim.
    NoFenceAfterClaim,
    /// An observer does not look at the claim again after it copied.
    NoClaimCheck,
    /// Shared state: its lock is taken relaxed.
    RelaxedTake,
    /// Shared state: its lock is given back relaxed.
    RelaxedGiveBack,
    /// Shared state: the version is stored relaxed.
    RelaxedFlip,
    /// Shared state: a dead holder's lock is freed without having its byte.
    BuriedUnlocked,
    /// A publisher does not fence between its commit and its look at the flag.
    NoFenceAfterPublish,
    /// A sleeper does not fence between its flag and its last look.
    NoFenceBeforeSleep,
    /// A sleeper that has slept before does not fence, whatever the sequence says.
    NeverAnnouncedAgain,
    /// A sleeper on several lines says so on the first of them alone.
    AnnouncesOnOne,
    /// A sleeper does not look again after it has stored its flag.
    NoLastLook,
    /// A consumer silences its doorbell after it has armed it and looked.
    SilencedLate,
    /// A consumer sets the flag before it has said that its doorbell is armed.
    ArmedLate,
    /// A waker looks for armed doorbells before it clears the flag.
    RungFirst,
    /// A waker does not add to the sequence: one 0/1 word for several sleepers.
    NoWakeSequence,
}

#[cfg(loom)]
thread_local! {
    static ACTIVE: Cell<Option<Fault>> = const { Cell::new(None) };
}

/// Whether this fault is being tried.
#[cfg(loom)]
pub(crate) fn active(fault: Fault) -> bool {
    ACTIVE.get() == Some(fault)
}

/// Whether this fault is being tried: never.
#[cfg(not(loom))]
#[inline(always)]
pub(crate) const fn active(_fault: Fault) -> bool {
    false
}

/// Runs a model with a fault in it, or with none. Loom runs all of a model's threads on the calling thread.
#[cfg(all(loom, test))]
pub(crate) fn with(fault: Option<Fault>, model: impl FnOnce()) {
    ACTIVE.set(fault);
    model();
    ACTIVE.set(None);
}
