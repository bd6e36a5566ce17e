//! [`Contender`]: what is measured. The table of all of them.

use serde::Serialize;

use crate::Outcome;
use crate::side::{Measured, Side};
use crate::task::Task;
use crate::{limits, ours};

/// What is measured.
pub(crate) struct Contender {
    /// Its name in plans, tables and on a side's command line.
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) sides: Sides,
    /// What lies between its sides, for the report.
    pub(crate) buffer: fn(&Task) -> String,
    /// Does one side's part of a task, and measures it.
    pub(crate) run: fn(&Side<'_>) -> Outcome<Measured>,
}

/// Whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum Kind {
    /// Written bare, to see what the hardware or the kernel does.
    Limit,
    Ours,
    /// Another library.
    Peer,
}

/// What a side is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sides {
    Processes,
    /// Of one process.
    Threads,
    /// There is only one side.
    Alone,
}

/// Every contender of this build.
pub(crate) fn all() -> Vec<Contender> {
    let mut all = limits::contenders();
    all.extend(ours::contenders());
    #[cfg(feature = "peers")]
    all.extend(crate::peers::contenders());
    #[cfg(feature = "peers")]
    all.extend(crate::classes::contenders());
    all
}

/// The contender of that name, if this build has it.
pub(crate) fn find(name: &str) -> Option<Contender> {
    all().into_iter().find(|contender| contender.name == name)
}
