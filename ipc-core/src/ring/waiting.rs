//! Waiting for a condition of the ring: spin for a while, then sleep. Producers and consumers wait the same way.

use std::cell::Cell;
use std::hint::spin_loop;
use std::time::{Duration, Instant};

use super::protocol::Body;
use super::reader::Reader;
use super::wait::{Sleeper, sleep_unless, sleep_unless_any};
use crate::error::Error;
use crate::linux::futex;

/// How an end waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Wait {
    /// Looks again and again. The fastest, and takes a core for itself.
    Spin,
    /// Looks again and again for some 50 µs, then sleeps.
    #[default]
    SpinThenSleep,
    /// Sleeps at once.
    Sleep,
}

/// Time of looking before an end sleeps. A wake from sleep across cores costs about as much on a virtual machine, so
/// this at most doubles the time of a wait that ends in sleep.
const SPIN: Duration = Duration::from_micros(50);

/// Longest sleep without a look at whether the peers still live. The only timed step there is.
pub(crate) const NAP: Duration = Duration::from_millis(250);

/// Pauses between two looks: without them the looks steal the line that the peer is about to write.
const PAUSES: u32 = 1;

/// Most pauses of a consumer that follows a stream.
const MOST_PAUSES: u32 = 64;

/// Fewer records than this since the last wait are no stream.
const FEW: u64 = 3;

/// Looks between two looks at the clock.
const LOOKS: u32 = 64;

/// How a consumer keeps its distance from a producer that streams.
///
/// Each look of a consumer that has caught up takes the line away that the producer is writing. So the more records it
/// found since it last waited, the longer it stays away the next time, up to a quarter of the ring or two microseconds. An
/// exchange of single frames finds one at a time, and is not slowed down.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    /// Pauses before the first look of a wait.
    away: Cell<u32>,
    /// Where the consumer was when it last waited.
    position: Cell<u64>,
}

impl Pace {
    /// Pauses before the first look of a wait that begins at `position`, the last record having had `stride` bytes.
    fn pauses(&self, position: u64, stride: u64, capacity: u64) -> u32 {
        let found = position - self.position.replace(position);
        let away = self.away.get();
        self.away.set(if found < FEW * stride {
            0
        } else if found < capacity / 4 {
            (away + 4 * PAUSES).min(MOST_PAUSES)
        } else if found > capacity / 2 {
            away / 2
        } else {
            away
        });
        self.away.get()
    }
}

/// The first looks of a waiting consumer, which are all that a wait between two busy ends takes: true if one found a record.
#[inline(always)]
pub(crate) fn spin_briefly(how: Wait, pace: &Pace, reader: &Reader, body: &impl Body) -> bool {
    reader.is_there(body) || how != Wait::Sleep && spin_paced(pace, reader, body)
}

fn spin_paced(pace: &Pace, reader: &Reader, body: &impl Body) -> bool {
    pause(pace.pauses(reader.position(), reader.usual_stride(), body.capacity()));
    for _ in 0..LOOKS {
        if reader.is_there(body) {
            return true;
        }
        pause(PAUSES);
    }
    false
}

#[inline(always)]
fn pause(count: u32) {
    (0..count).for_each(|_| spin_loop());
}

/// Waits until `ready` gives something; `None` if the deadline came first. `ready` also runs after each nap, and once in as
/// long where wakes let nobody nap, so it is the place to look for dead peers: it is told when.
pub(crate) fn wait_until<R>(
    how: Wait,
    mut bed: impl Bed,
    deadline: Option<Instant>,
    mut ready: impl FnMut(After) -> Result<Option<R>, Error>,
) -> Result<Option<R>, Error> {
    let (mut after, mut has_slept, mut due) = (After::Look, false, None);
    loop {
        if let Some(found) = ready(after)? {
            return Ok(Some(found));
        }
        // Woken for nothing. Others can do that for longer than a nap: a slow consumer, while the slowest one is dead.
        if after == After::Look && has_slept {
            let now = Instant::now();
            if now >= *due.get_or_insert(now + NAP) {
                (after, due) = (After::Nap, None);
                continue;
            }
        }
        // Not again after a nap in which nothing happened.
        if (how == Wait::Spin || how == Wait::SpinThenSleep && after == After::Look)
            && let Some(found) = spin(how, deadline, &mut ready)?
        {
            return Ok(Some(found));
        }
        let left = match deadline.map(|deadline| deadline.saturating_duration_since(Instant::now())) {
            Some(Duration::ZERO) => return Ok(None),
            Some(left) => left.min(NAP),
            None => NAP,
        };
        after = After::Nap;
        if how == Wait::Spin {
            // A spinner looks for dead peers as often as a sleeper does.
            continue;
        }
        has_slept = true;
        match bed.sleep_unless(left, || ready(After::Look).transpose())? {
            Slept::Found(found) => return found.map(Some),
            Slept::Woken => after = After::Look,
            Slept::Nap => {}
        }
    }
}

/// Where an end sleeps: on the line of one ring, or on those of several.
pub(crate) trait Bed {
    /// Sleeps at most for `limit`, unless `ready` says that there is no need.
    fn sleep_unless<R>(&mut self, limit: Duration, ready: impl FnOnce() -> Option<R>) -> Result<Slept<R>, Error>;
}

/// What came of a sleep.
pub(crate) enum Slept<R> {
    /// There was no need.
    Found(R),
    /// Somebody woke the sleeper, or might have.
    Woken,
    /// The time passed.
    Nap,
}

impl Bed for Sleeper<'_> {
    fn sleep_unless<R>(&mut self, limit: Duration, ready: impl FnOnce() -> Option<R>) -> Result<Slept<R>, Error> {
        let mut napped = false;
        let found = sleep_unless(self, ready, |sleeper| napped = futex::wait(sleeper, limit));
        Ok(Slept::new(found, napped))
    }
}

impl Bed for Vec<Sleeper<'_>> {
    fn sleep_unless<R>(&mut self, limit: Duration, ready: impl FnOnce() -> Option<R>) -> Result<Slept<R>, Error> {
        let mut napped = Ok(false);
        let found = sleep_unless_any(self, ready, |sleepers| napped = futex::wait_any(sleepers, limit));
        match napped {
            Ok(napped) => Ok(Slept::new(found, napped)),
            Err(source) => Err(Error::WaitingForSeveral(source)),
        }
    }
}

impl<R> Slept<R> {
    fn new(found: Option<R>, napped: bool) -> Self {
        match found {
            Some(found) => Self::Found(found),
            None if napped => Self::Nap,
            None => Self::Woken,
        }
    }
}

/// What came before a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum After {
    /// Another look, or a wake.
    Look,
    /// A quarter of a second in which no look found anything.
    Nap,
}

fn spin<R>(
    how: Wait,
    deadline: Option<Instant>,
    ready: &mut impl FnMut(After) -> Result<Option<R>, Error>,
) -> Result<Option<R>, Error> {
    let budget = if how == Wait::Spin { NAP } else { SPIN };
    // The clock is read for the first time after some looks: a reading costs about as much as an exchange of frames.
    let mut end = None;
    loop {
        for _ in 0..LOOKS {
            pause(PAUSES);
            if let Some(found) = ready(After::Look)? {
                return Ok(Some(found));
            }
        }
        let now = Instant::now();
        let end = *end.get_or_insert_with(|| deadline.map_or(now + budget, |deadline| deadline.min(now + budget)));
        if now >= end {
            return Ok(None);
        }
    }
}
