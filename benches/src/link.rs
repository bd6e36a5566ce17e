//! [`Link`]: one direction between two sides. Most contenders are one; the drivers make a round trip of two, and a
//! stream of one.

use std::path::Path;

use crate::Outcome;
use crate::meeting::Meeting;
use crate::payload;
use crate::task::Task;

/// One direction between two sides, set up as its own manual advises for speed.
pub(crate) trait Link {
    type Sender: Sender;
    type Receiver: Receiver;

    /// Both are called at about the same time, in different processes (or threads, see `Sides`); whichever must be first
    /// waits for nothing, the other waits for it. They return when both are there and nothing sent from now on can be missed.
    fn sender(end: &End<'_>) -> Outcome<Self::Sender>;
    /// See [`sender`](Self::sender).
    fn receiver(end: &End<'_>) -> Outcome<Self::Receiver>;
}

/// What an end of a link is told.
pub(crate) struct End<'a> {
    /// Of this run alone, on tmpfs; removed afterwards by the parent.
    pub(crate) directory: &'a Path,
    /// Of this link in the run: `[a-z0-9-]+`, unique on the machine.
    pub(crate) name: &'a str,
    /// Which side this is; 0 is pinned to the first core, all others to the second.
    pub(crate) side: usize,
    /// What is measured.
    pub(crate) task: &'a Task,
    /// Barrier of all sides: each must call it equally often.
    pub(crate) meeting: &'a Meeting,
}

/// The end that sends. Numbers begin at 1 and grow by 1.
pub(crate) trait Sender {
    /// Writes all words of a payload and sends it; spins while there is no room.
    fn send(&mut self, number: u64) -> Outcome;

    /// Sends `count` payloads, with numbers from `first` on, by whatever the contender has for batches.
    fn send_batch(&mut self, first: u64, count: usize) -> Outcome {
        (first..first + count as u64).try_for_each(|number| self.send(number))
    }
}

/// The end that receives.
pub(crate) trait Receiver {
    /// Waits for a payload, reads all of its words and gives its number.
    fn receive(&mut self) -> Outcome<u64>;

    /// Receives what is there, at least 1 and at most `most` payloads, with numbers from `first` on; gives how many.
    fn receive_batch(&mut self, first: u64, _most: usize) -> Outcome<usize> {
        payload::expect(first, self.receive()?)?;
        Ok(1)
    }
}
