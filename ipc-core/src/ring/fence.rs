//! The fence mode: which side pays for making sleep possible. The one place that argues the substitution.
//!
//! Before a consumer sleeps it stores its flag and then looks at the ring once more; after a producer has committed it
//! looks at the flag. One of the two must see the other's store, so each side needs a full barrier between its store and
//! its load (Dekker's pattern). Two ways to have it:
//!
//! * **Symmetric**: a `SeqCst` fence on both sides. The publisher pays some 20 to 100 cycles for every frame.
//! * **Asymmetric**: the publisher has a compiler fence only, and the sleeper calls
//!   `membarrier(MEMBARRIER_CMD_GLOBAL_EXPEDITED)`. The kernel runs a full barrier on every core that runs a thread of a
//!   registered process before that call returns. So at some moment between the sleeper's store and its load, the
//!   publisher's core passes through a full barrier. If the publisher's commit comes before that moment, the sleeper's
//!   load sees the commit. If it comes after, the publisher's look at the flag comes after too (the compiler fence keeps
//!   that order in the program, and the barrier keeps the load from having been done early), so it sees the flag. A
//!   publisher that is not running passes through a full barrier when it is scheduled in.
//!
//! The promise of the kernel covers registered processes only, so every opener registers before its first store, and one
//! that cannot is refused. `tests/tests/litmus.rs` shows that the barrier is needed and that it suffices.

use super::faults::{Fault, active};
#[cfg(not(loom))]
use super::sync::compiler_fence;
use super::sync::{Ordering, fence};

/// How sleeping is made safe; fixed when a ring is created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fence {
    /// A full fence for each published frame. Needs nothing from the kernel.
    Symmetric,
    /// A full fence in the other processes' cores when somebody goes to sleep, by `membarrier` (Linux 4.16).
    Asymmetric,
}

impl Fence {
    /// Between a store that a sleeper waits for and the look at its flag. Pairs with [`Fence::before_sleep`].
    #[inline(always)]
    pub(crate) fn after_publish(self) {
        if active(Fault::NoFenceAfterPublish) {
            return;
        }
        match self {
            Self::Symmetric => fence(Ordering::SeqCst),
            #[cfg(not(loom))]
            Self::Asymmetric => compiler_fence(Ordering::SeqCst),
            #[cfg(loom)]
            Self::Asymmetric => unreachable!("only the symmetric form is modelled"),
        }
    }

    /// Between the store of a sleeper's flag and its last look. Pairs with [`Fence::after_publish`].
    pub(crate) fn before_sleep(self) {
        if active(Fault::NoFenceBeforeSleep) {
            return;
        }
        match self {
            Self::Symmetric => fence(Ordering::SeqCst),
            #[cfg(not(loom))]
            Self::Asymmetric => crate::linux::membarrier::run(),
            #[cfg(loom)]
            Self::Asymmetric => unreachable!("only the symmetric form is modelled"),
        }
    }
}
