//! [`Inputs`]: the channels that a module reads, as the enum that `include_topology!` makes of them.

use std::fmt::Debug;
use std::marker::PhantomData;
use std::time::Duration;

use super::inputs::{Inputs as RawInputs, Next};
use super::order::Order;
use crate::error::Error;
use crate::raw::Patience;
use crate::ring::waiting::Wait;

/// One of the channels that a module reads. `include_topology!` implements it; nobody else should.
pub trait InputChannel: Copy + Debug + 'static {
    /// What comes of all of them: a variant a channel, and one for the end of each.
    type Input<'c>;

    /// The members by which frames of all of them can be merged.
    type Member: Copy;

    /// All of them: those that the module consumes, then those that it observes.
    const ALL: &'static [Self];

    /// Its name.
    fn name(self) -> &'static str;

    /// The name of a member.
    fn member(member: Self::Member) -> &'static str;

    /// Takes the frame that is there.
    fn take(self, inputs: &RawInputs) -> Result<Self::Input<'_>, Error>;

    /// The end of its stream.
    fn closed<'c>(self) -> Self::Input<'c>;
}

/// All channels that a module reads, waited for at once. `for input in &inputs` is a module's main loop: it ends when all streams
/// are over, or when the controller has told the module to quit.
///
/// Frames come in the order of their publishing, unless another order was chosen. Within a channel it is always that in which
/// they were sent.
///
/// # Errors
///
/// What waits gives [`Error::Frame`] for a frame that its class refuses, which is skipped, and once what else a channel's end
/// gives: after that the channel counts as closed.
#[derive(Debug)]
pub struct Inputs<C> {
    raw: RawInputs,
    channels: PhantomData<fn() -> C>,
}

impl<C: InputChannel> Inputs<C> {
    pub(crate) fn new(raw: RawInputs) -> Self {
        Self { raw, channels: PhantomData }
    }

    /// By the time of publishing, among the frames that wait: what happened first comes first.
    pub fn by_arrival(&mut self) {
        self.set(&Order::Arrival);
    }

    /// One frame of each channel in turn, so that none keeps another waiting for more than a frame of each.
    pub fn in_turn(&mut self) {
        self.set(&Order::Round);
    }

    /// Always of the first of these channels that has a frame; those that are not named come after them.
    pub fn by_priority(&mut self, first: &[C]) {
        self.set(&Order::Priority(first.iter().map(|channel| channel.name().to_owned()).collect()));
    }

    /// By a member, over all channels: see [`Order::Merged`] for what a silent channel means.
    pub fn merged_by(&mut self, member: C::Member) {
        self.set(&Order::merged(C::member(member)));
    }

    /// The same, in which frames wait no longer than that for a silent channel.
    pub fn merged_within(&mut self, member: C::Member, limit: Duration) {
        self.set(&Order::merged_within(C::member(member), limit));
    }

    fn set(&mut self, order: &Order) {
        self.raw.set_order(order).expect("the compiler has checked the order");
    }

    /// Sets how to wait; [`Wait::SpinThenSleep`] if it was not called.
    pub fn set_wait(&mut self, wait: Wait) {
        self.raw.set_wait(wait);
    }

    /// What comes next; waits for it. `None` at the end of the main loop.
    pub fn next(&self) -> Result<Option<C::Input<'_>>, Error> {
        self.next_with(Patience::Endless)
    }

    /// What comes next, if that is within so long a time. `None` if not, and at the end of the main loop, which
    /// [`is_over`](Self::is_over) then says.
    pub fn next_timeout(&self, limit: Duration) -> Result<Option<C::Input<'_>>, Error> {
        self.next_with(Patience::Until(limit))
    }

    /// What comes next, if it is there.
    pub fn try_next(&self) -> Result<Option<C::Input<'_>>, Error> {
        self.next_with(Patience::None)
    }

    fn next_with(&self, patience: Patience) -> Result<Option<C::Input<'_>>, Error> {
        match self.raw.next(patience)? {
            Next::Frame(index) => C::ALL[index].take(&self.raw).map(Some),
            Next::Closed(index) => Ok(Some(C::ALL[index].closed())),
            Next::AllClosed | Next::Quit | Next::TimedOut | Next::Stopped => Ok(None),
        }
    }

    /// Whether the main loop is at its end: all streams are over, or the controller has told the module to quit.
    pub fn is_over(&self) -> bool {
        self.raw.is_over()
    }

    /// Frames of a channel that this module did not get: that it skipped as an observer, or that the producer dropped.
    pub fn missed(&self, channel: C) -> u64 {
        let index = self.raw.index(channel.name());
        index.and_then(|index| self.raw.missed(index)).unwrap_or(0)
    }

    /// See [`go_on`](crate::raw::Inputs::go_on).
    pub fn go_on(&self) -> Result<bool, Error> {
        self.raw.go_on()
    }

    /// What comes, up to the end of the main loop.
    pub fn iter(&self) -> InputsIter<'_, C> {
        InputsIter { inputs: self, has_failed: false }
    }
}

/// What comes to a module, up to the end of its main loop.
#[derive(Debug)]
pub struct InputsIter<'c, C> {
    inputs: &'c Inputs<C>,
    has_failed: bool,
}

impl<'c, C: InputChannel> Iterator for InputsIter<'c, C> {
    type Item = Result<C::Input<'c>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.has_failed {
            return None;
        }
        let next = self.inputs.next();
        // Every other error is told once.
        self.has_failed = matches!(next, Err(Error::WaitingForSeveral(_)));
        next.transpose()
    }
}

impl<'c, C: InputChannel> IntoIterator for &'c Inputs<C> {
    type Item = Result<C::Input<'c>, Error>;
    type IntoIter = InputsIter<'c, C>;

    fn into_iter(self) -> InputsIter<'c, C> {
        self.iter()
    }
}
