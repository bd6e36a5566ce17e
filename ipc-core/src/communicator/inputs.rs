//! [`Inputs`]: all channels that a module reads, waited for at once.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ipc_schema::model::Schema;

use super::input::{End, Input, Waiting};
use super::open::{Opened, Reading};
use super::order::Order;
use super::stamp::Stamp;
use super::steering::{Course, Steering};
use crate::error::Error;
use crate::raw::{Patience, RawClass, RawConsumer, RawObserved, SharedConsumer};
use crate::ring::waiting::{Wait, wait_until};

/// All channels that a module reads: first those that it consumes, then those that it observes.
///
/// [`next`](Self::next) says which of them the next frame is of. The frame itself is then taken from that channel's end, which
/// has it at hand: [`consumer`](Self::consumer) or [`shared_consumer`](Self::shared_consumer) for what it consumes,
/// [`take_observed`](Self::take_observed) for what it observes. `Send`, and not `Sync`.
pub struct Inputs {
    list: Vec<Input>,
    schema: Schema,
    rule: Rule,
    /// The channels in the order in which they are looked at.
    sequence: Vec<usize>,
    /// In a round, the channel at which the next look begins.
    turn: Cell<usize>,
    /// When the frames of a merge have waited long enough.
    due: Cell<Option<Instant>>,
    /// Of the frame that was found last.
    publish_time_ns: Cell<Option<u64>>,
    wait: Wait,
    steering: Option<Arc<Steering>>,
}

/// What a look at the channels compares.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rule {
    /// Nothing: the first frame that is found is the next.
    First,
    /// The same, each look beginning one channel later.
    Round,
    /// Publish times.
    Arrival,
    /// Stamps, of all channels.
    Merged { limit: Option<Duration> },
}

/// What came of waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Next {
    /// The next frame is of the channel of that index, and is there to be taken.
    Frame(usize),
    /// The stream of the channel of that index is over. This is said once.
    Closed(usize),
    /// The streams of all channels are over: there is nothing more to wait for.
    AllClosed,
    /// The controller has told the module to quit, or is gone.
    Quit,
    /// Nothing came for as long as the caller had patience.
    TimedOut,
    /// The module is stopped, and was for that long: said by [`Inputs::next_briefly`] alone.
    Stopped,
}

impl Inputs {
    pub(super) fn new(opened: Vec<Opened<Reading>>, schema: Schema, steering: Option<Arc<Steering>>) -> Self {
        let list: Vec<_> = opened.into_iter().map(Input::new).collect();
        let sequence = (0..list.len()).collect();
        let (turn, due, publish_time_ns) = (Cell::new(0), Cell::new(None), Cell::new(None));
        Self {
            list,
            schema,
            rule: Rule::Arrival,
            sequence,
            turn,
            due,
            publish_time_ns,
            wait: Wait::default(),
            steering,
        }
    }

    /// How many channels there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether the module reads no channel.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The name of a channel.
    pub fn name(&self, index: usize) -> Option<&str> {
        self.list.get(index).map(|input| input.name.as_str())
    }

    /// The index of the channel of that name.
    pub fn index(&self, name: &str) -> Option<usize> {
        self.list.iter().position(|input| input.name == name)
    }

    /// The same; an error that names those that there are.
    ///
    /// # Errors
    ///
    /// [`Error::Application`] for a channel that the module does not read.
    pub fn find(&self, name: &str) -> Result<usize, Error> {
        self.index(name).ok_or_else(|| {
            let known: Vec<_> = self.list.iter().map(|input| &input.name).collect();
            Error::Application(format!("the module reads no channel {name:?}: expected one of {known:?}").into())
        })
    }

    /// The class of a channel.
    pub fn class(&self, index: usize) -> Option<&RawClass> {
        self.list.get(index).map(|input| &input.raw_class)
    }

    /// Sets in which order frames come; [`Order::Arrival`] if it was not called.
    ///
    /// # Errors
    ///
    /// [`Error::Application`] for a channel that the module does not read, or a member by which frames cannot be merged.
    pub fn set_order(&mut self, order: &Order) -> Result<(), Error> {
        let mut sequence: Vec<usize> = (0..self.list.len()).collect();
        let mut stamps = vec![None; self.list.len()];
        let rule = match order {
            Order::Arrival => Rule::Arrival,
            Order::Round => Rule::Round,
            Order::Priority(names) => {
                let first = names.iter().map(|name| self.find(name)).collect::<Result<Vec<_>, _>>()?;
                sequence.sort_by_key(|index| first.iter().position(|other| other == index).unwrap_or(first.len()));
                Rule::First
            }
            Order::Merged { by, limit } => {
                stamps = self.stamps(by)?.into_iter().map(Some).collect();
                Rule::Merged { limit: *limit }
            }
        };
        (self.rule, self.sequence) = (rule, sequence);
        self.list.iter_mut().zip(stamps).for_each(|(input, stamp)| input.stamp = stamp);
        Ok(())
    }

    /// Sets how to wait; [`Wait::SpinThenSleep`] if it was not called.
    pub fn set_wait(&mut self, wait: Wait) {
        self.wait = wait;
    }

    /// Makes the consumers such that any thread may release their frames, for a language without borrows.
    #[must_use]
    pub fn shared(mut self) -> Self {
        let share = |end| if let End::Consumer(consumer) = end { End::Shared(consumer.into()) } else { end };
        self.list = self.list.into_iter().map(|input| Input { end: share(input.end), ..input }).collect();
        self
    }

    /// The consumer of a channel. `None` if the module observes it, or the consumers are [`shared`](Self::shared).
    pub fn consumer(&self, index: usize) -> Option<&RawConsumer> {
        match &self.list.get(index)?.end {
            End::Consumer(consumer) => Some(consumer),
            _ => None,
        }
    }

    /// The consumer of a channel, if the consumers are [`shared`](Self::shared) and the module does not observe it.
    pub fn shared_consumer(&self, index: usize) -> Option<&SharedConsumer> {
        match &self.list.get(index)?.end {
            End::Shared(consumer) => Some(consumer),
            _ => None,
        }
    }

    /// Whether the module observes a channel.
    pub fn is_observed(&self, index: usize) -> bool {
        matches!(self.list.get(index), Some(Input { end: End::Observer { .. }, .. }))
    }

    /// Takes the frame of which [`next`](Self::next) has told, from a channel that the module observes: exchanges it for `place`,
    /// whose memory is used again. False, with nothing done, if there is none.
    pub fn take_observed(&self, index: usize, place: &mut RawObserved) -> bool {
        match self.list.get(index) {
            Some(Input { end: End::Observer { observer, .. }, .. }) => observer.borrow_mut().exchange(place),
            _ => false,
        }
    }

    /// The same, and where its memory is to go when it is not needed any more.
    pub(super) fn lend(&self, index: usize) -> Option<(RawObserved, &RefCell<RawObserved>)> {
        let End::Observer { observer, spare, .. } = &self.list.get(index)?.end else { return None };
        let mut frame = spare.take();
        observer.borrow_mut().exchange(&mut frame).then_some((frame, spare))
    }

    /// Frames of a channel that this module did not get: that it skipped as an observer, or that the producer dropped.
    pub fn missed(&self, index: usize) -> Option<u64> {
        Some(match &self.list.get(index)?.end {
            End::Consumer(consumer) => consumer.missed(),
            End::Shared(consumer) => consumer.missed(),
            End::Observer { observer, .. } => observer.borrow().skipped(),
        })
    }

    /// Whether there is nothing more to wait for: all streams are over, or the controller has told the module to quit.
    pub fn is_over(&self) -> bool {
        self.steering.as_ref().is_some_and(|steering| steering.is_to_quit())
            || self.list.iter().all(|input| input.has_ended.get())
    }

    /// The index of the channel whose frame is next, after a wait for one. It stays next until it is taken.
    ///
    /// While the controller has stopped the module, this waits, whatever the patience.
    ///
    /// # Errors
    ///
    /// What a channel's end gives, once: after that the channel counts as closed. [`Error::WaitingForSeveral`].
    pub fn next(&self, patience: Patience) -> Result<Next, Error> {
        self.note(self.wait_for_next(patience, None))
    }

    /// The same, but a wait while the module is stopped is as brief: for a language that looks after signals between its waits.
    pub fn next_briefly(&self, limit: Duration) -> Result<Next, Error> {
        self.note(self.wait_for_next(Patience::Until(limit), Some(limit)))
    }

    /// Tells the controller what comes to the main loop.
    fn note(&self, next: Result<Next, Error>) -> Result<Next, Error> {
        if let Some(steering) = &self.steering {
            match next {
                Ok(Next::Frame(index)) => steering.received(index, self.publish_time_ns.get()),
                _ => steering.is_busy(),
            }
        }
        next
    }

    /// Whether the module's main loop goes on, for a module that has no frame to wait for: false once the controller has told
    /// it to quit, or is gone. While the module is stopped, this waits.
    pub fn go_on(&self) -> Result<bool, Error> {
        Ok(self.goes_on(None)?.unwrap_or(true))
    }

    /// The same, but a wait while the module is stopped is as brief, and then gives `None`.
    pub fn go_on_briefly(&self, limit: Duration) -> Result<Option<bool>, Error> {
        self.goes_on(Some(limit))
    }

    fn goes_on(&self, limit: Option<Duration>) -> Result<Option<bool>, Error> {
        let Some(steering) = &self.steering else { return Ok(Some(true)) };
        let course = self.held(steering, limit)?;
        steering.is_busy();
        Ok((course != Course::Hold).then_some(course != Course::Quit))
    }
}

impl Inputs {
    /// Waits while the module is stopped, for so long, and then for what comes.
    fn wait_for_next(&self, patience: Patience, stopped: Option<Duration>) -> Result<Next, Error> {
        let mut end = None;
        loop {
            if let Some(steering) = &self.steering {
                match self.held(steering, stopped)? {
                    Course::Go => {}
                    Course::Hold => return Ok(Next::Stopped),
                    Course::Quit => return Ok(Next::Quit),
                }
            }
            let end = match patience {
                Patience::None => return Ok(self.look()?.unwrap_or(Next::TimedOut)),
                Patience::Until(limit) => *end.get_or_insert_with(|| Instant::now().checked_add(limit)),
                Patience::Endless => None,
            };
            if let Some(next) = self.look_until(end)? {
                return Ok(next);
            }
        }
    }

    /// Looks until something is found; `None` if the wait begins anew.
    fn look_until(&self, end: Option<Instant>) -> Result<Option<Next>, Error> {
        if let Some(next) = self.look()? {
            return Ok(Some(next));
        }
        let steering = self.steering.as_deref();
        steering.inspect(|steering| steering.is_idle());
        let open = self.list.iter().filter(|input| !input.has_ended.get());
        let sleepers = steering.map(Steering::sleeper).into_iter();
        let sleepers: Vec<_> = sleepers.chain(open.map(Input::sleeper)).collect();
        let due = self.due.get();
        let deadline = [end, due].into_iter().flatten().min();
        let found = wait_until(self.wait, sleepers, deadline, |_| {
            if steering.is_some_and(|steering| steering.course() != Course::Go) {
                return Ok(Some(None));
            }
            let next = self.look()?;
            // Frames of a merge have begun to wait: there is another deadline now.
            Ok(if next.is_some() || self.due.get() != due { Some(next) } else { None })
        });
        match found? {
            Some(next) => Ok(next),
            None if deadline == due && deadline != end => Ok(None),
            None => Ok(Some(Next::TimedOut)),
        }
    }

    /// What the main loop does, after it has held still for as long as the controller wants that, or for as long as stated.
    fn held(&self, steering: &Steering, limit: Option<Duration>) -> Result<Course, Error> {
        let course = steering.course();
        if course != Course::Hold {
            return Ok(course);
        }
        steering.is_idle();
        let deadline = limit.and_then(|limit| Instant::now().checked_add(limit));
        let moves = |_| Ok(Some(steering.course()).filter(|course| *course != Course::Hold));
        let course = wait_until(Wait::Sleep, steering.sleeper(), deadline, moves)?;
        Ok(course.unwrap_or(Course::Hold))
    }

    /// The next frame, or the end of a stream, if there is one.
    fn look(&self) -> Result<Option<Next>, Error> {
        let mut found: Option<(i128, usize, Waiting)> = None;
        let (mut are_all_closed, mut is_one_awaited) = (true, false);
        let begin = if self.rule == Rule::Round { self.turn.get() } else { 0 };
        for &index in self.sequence[begin..].iter().chain(&self.sequence[..begin]) {
            let input = &self.list[index];
            if input.has_ended.get() {
                continue;
            }
            are_all_closed = false;
            let waiting = match input.peek() {
                Ok(Some(waiting)) => {
                    input.is_silent.set(false);
                    input.is_left_out.set(false);
                    waiting
                }
                Ok(None) => {
                    input.is_silent.set(true);
                    is_one_awaited |= !input.is_left_out.get();
                    continue;
                }
                Err(error) => {
                    input.has_ended.set(true);
                    return if error.is_closed() { Ok(Some(Next::Closed(index))) } else { Err(error) };
                }
            };
            let key = match self.rule {
                Rule::First | Rule::Round => return Ok(Some(self.found(index, waiting))),
                Rule::Arrival => waiting.publish_time_ns.unwrap_or(0).into(),
                Rule::Merged { .. } => waiting.stamp,
            };
            if found.is_none_or(|(least, ..)| key < least) {
                found = Some((key, index, waiting));
            }
        }
        let Some((_, index, waiting)) = found else {
            return Ok(are_all_closed.then_some(Next::AllClosed));
        };
        if let Rule::Merged { limit } = self.rule
            && is_one_awaited
            && !self.has_waited(limit)
        {
            return Ok(None);
        }
        Ok(Some(self.found(index, waiting)))
    }

    /// Whether the frames of a merge have waited for that long.
    fn has_waited(&self, limit: Option<Duration>) -> bool {
        let Some(limit) = limit else { return false };
        let now = Instant::now();
        let due = self.due.get().or_else(|| now.checked_add(limit));
        self.due.set(due);
        let has_waited = due.is_some_and(|due| now >= due);
        if has_waited {
            self.list.iter().for_each(|input| input.is_left_out.set(input.is_silent.get()));
        }
        has_waited
    }

    /// The frame that is next.
    fn found(&self, index: usize, waiting: Waiting) -> Next {
        self.due.set(None);
        self.publish_time_ns.set(waiting.publish_time_ns);
        if self.rule == Rule::Round {
            self.turn.set((index + 1) % self.list.len());
        }
        Next::Frame(index)
    }

    /// The stamp of each channel.
    fn stamps(&self, by: &str) -> Result<Vec<Stamp>, Error> {
        let cannot = |name: &str, problem: String| {
            Error::Application(format!("frames of the channel {name:?} cannot be merged by {by:?}: {problem}").into())
        };
        let find =
            |input: &Input| Stamp::find(&self.schema, input.class, by).map_err(|problem| cannot(&input.name, problem));
        let stamps = self.list.iter().map(find).collect::<Result<Vec<_>, _>>()?;
        for (stamp, input) in stamps.iter().zip(&self.list) {
            if let Some(difference) = stamps[0].differs(stamp) {
                return Err(cannot(&input.name, format!("in the channel {:?} {difference}", self.list[0].name)));
            }
        }
        Ok(stamps)
    }
}

impl fmt::Debug for Inputs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.list.iter().map(|input| &input.name)).finish()
    }
}
