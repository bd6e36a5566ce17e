//! One side of a run: pinned to its core, it meets the others, does its part, and prints what it measured.

use std::path::{Path, PathBuf};

use rustix::process::{Signal, set_parent_process_death_signal};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use serde::{Deserialize, Serialize};

use crate::Outcome;
use crate::contender::{self, Sides};
use crate::link::{End, Link};
use crate::meeting::Meeting;
use crate::task::{Cores, Task};

/// One side of a run.
pub(crate) struct Side<'a> {
    /// 0 sends, or asks; the others receive, or answer.
    pub(crate) index: usize,
    pub(crate) task: &'a Task,
    pub(crate) meeting: &'a Meeting,
    directory: &'a Path,
}

/// What a side measured. The parent puts together what all sides of a run say.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Measured {
    /// The figure, on those sides that measure it; those of several sides are added up.
    pub(crate) figure: Option<f64>,
    /// Nanoseconds of single trips at [`QUANTILES`](crate::drivers::QUANTILES); empty but for round trips.
    pub(crate) quantiles: Vec<u64>,
    /// How often a receiver slept in a burst; none where nobody counts.
    pub(crate) sleeps: Option<i64>,
    /// The canary before and after, on side 0.
    pub(crate) canaries: Option<[f64; 2]>,
}

impl Side<'_> {
    /// The sending end of a link of this name.
    pub(crate) fn sender<L: Link>(&self, link: &str) -> Outcome<L::Sender> {
        L::sender(&self.end(&self.name(link)))
    }

    /// The receiving end of a link of this name.
    pub(crate) fn receiver<L: Link>(&self, link: &str) -> Outcome<L::Receiver> {
        L::receiver(&self.end(&self.name(link)))
    }

    /// A link's name that no other run has: the directory's is one.
    pub(crate) fn name(&self, link: &str) -> String {
        let run = self.directory.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        format!("{run}-{link}")
    }

    /// A file of that name in the run's directory.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    fn end<'a>(&'a self, name: &'a str) -> End<'a> {
        let &Self { index: side, task, meeting, directory } = self;
        End { directory, name, side, task, meeting }
    }
}

/// The meeting's file in a run's directory.
pub(crate) fn meeting_file(directory: &Path) -> PathBuf {
    directory.join("meeting")
}

/// Sides that take part in a task.
pub(crate) fn count(task: &Task, sides: Sides) -> usize {
    // One that works alone has a partner all the same, for the canary.
    if sides == Sides::Alone { 2 } else { 1 + task.consumers + task.observers }
}

/// What a process does that the parent started as `side INDEX TASK DIRECTORY`: one side, or all of them as threads.
pub(crate) fn main(index: usize, task: &Task, directory: &Path) -> Outcome {
    // Without the parent there is nobody to end a side that waits for another.
    set_parent_process_death_signal(Some(Signal::KILL))?;
    let contender =
        contender::find(&task.contender).ok_or_else(|| format!("this build has no contender {:?}", task.contender))?;
    let run = |index| run(index, task, directory, &contender);
    let measured = match contender.sides {
        Sides::Processes | Sides::Alone => vec![run(index)?],
        Sides::Threads => std::thread::scope(|scope| {
            let threads: Vec<_> =
                (0..count(task, contender.sides)).map(|index| scope.spawn(move || run(index))).collect();
            threads.into_iter().map(|thread| thread.join().map_err(|_| "a side panicked")?).collect::<Outcome<Vec<_>>>()
        })?,
    };
    println!("{}", serde_json::to_string(&measured)?);
    Ok(())
}

fn run(index: usize, task: &Task, directory: &Path, contender: &contender::Contender) -> Outcome<Measured> {
    let sides = count(task, contender.sides);
    let meeting = Meeting::open(&meeting_file(directory), index, sides)?;
    let cores = cores()?;
    let own = cores[usize::from(index > 0).min(cores.len() - 1)];
    // Two sides that spin on one core exchange a message in each of their slices of time, which says nothing.
    let canary = || if cores.len() > 1 { meeting.canary() } else { Ok(None) };

    pin(own)?;
    let before = canary()?;
    pin(if task.cores == Cores::One { cores[0] } else { own })?;
    let side = Side { index, task, meeting: &meeting, directory };
    let idle = contender.sides == Sides::Alone && index > 0;
    let mut measured = if idle { Measured::default() } else { (contender.run)(&side)? };
    pin(own)?;
    measured.canaries = before.zip(canary()?).map(|(before, after)| [before, after]);
    Ok(measured)
}

/// The cores that this program may use.
pub(crate) fn cores() -> Outcome<Vec<usize>> {
    let allowed = sched_getaffinity(None)?;
    Ok((0..CpuSet::MAX_CPU).filter(|&core| allowed.is_set(core)).collect())
}

/// Pins this thread to a core.
fn pin(core: usize) -> Outcome {
    let mut one = CpuSet::new();
    one.set(core);
    Ok(sched_setaffinity(None, &one)?)
}
