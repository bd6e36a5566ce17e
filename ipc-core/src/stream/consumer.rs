//! [`Consumer`]: receives the frames of a stream, and [`Frame`], one of them.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::time::Duration;

use super::raw_consumer::{RawConsumer, RawFrame};
use crate::class::{Class, PlainClass};
use crate::error::Error;
use crate::raw::Patience;

/// Receives the frames of class `T` of a stream.
///
/// # Errors
///
/// What receives gives [`Error::Closed`] at the end of the stream, [`Error::Gone`] when the last writer of a pipe went without
/// ending it (a half frame is dropped then), [`Error::Mismatch`] when a writer states another class, whose frames are skipped,
/// [`Error::Frame`] for a frame or a line that the class refuses, [`Error::NotAStream`] for anything else that somebody wrote,
/// which is skipped too. After any of them the next call goes on. What does not wait gives [`Error::Empty`], what waits for a
/// time [`Error::TimedOut`]. [`Error::Replaced`] says that a file which is followed was removed, [`Error::Os`] is what the
/// system refuses, and [`Error::Forked`] comes in a forked child.
pub struct Consumer<T: Class> {
    raw: RawConsumer,
    class: PhantomData<fn() -> T>,
}

impl<T: Class> Consumer<T> {
    pub(super) fn new(raw: RawConsumer) -> Self {
        Self { raw, class: PhantomData }
    }

    /// The next frame; waits for it. [`Error::Closed`] at the end of the stream.
    pub fn recv(&mut self) -> Result<Frame<T>, Error> {
        self.recv_with(Patience::Endless)
    }

    /// The next frame if it is there; [`Error::Empty`] if not.
    pub fn try_recv(&mut self) -> Result<Frame<T>, Error> {
        self.recv_with(Patience::None)
    }

    /// The next frame; waits for it at most that long.
    pub fn recv_timeout(&mut self, limit: Duration) -> Result<Frame<T>, Error> {
        self.recv_with(Patience::Until(limit))
    }

    /// Every frame up to the end of the stream.
    pub fn iter(&mut self) -> Iter<'_, T> {
        Iter { consumer: self, ended: false }
    }

    fn recv_with(&mut self, patience: Patience) -> Result<Frame<T>, Error> {
        let raw = self.raw.recv(patience)?;
        T::view(raw.bytes())?;
        Ok(Frame { raw, class: PhantomData })
    }
}

impl<'c, T: Class> IntoIterator for &'c mut Consumer<T> {
    type Item = Result<Frame<T>, Error>;
    type IntoIter = Iter<'c, T>;

    fn into_iter(self) -> Iter<'c, T> {
        self.iter()
    }
}

impl<T: Class> fmt::Debug for Consumer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Consumer").field("class", &T::DESC.name).field("raw", &self.raw).finish()
    }
}

/// The frames of a [`Consumer`] up to the end of the stream, or to an error that stays. After [`Error::Frame`] and
/// [`Error::NotAStream`] it goes on, and in a named pipe after [`Error::Gone`], with the successor of who is gone.
#[derive(Debug)]
pub struct Iter<'c, T: Class> {
    consumer: &'c mut Consumer<T>,
    ended: bool,
}

impl<T: Class> Iterator for Iter<'_, T> {
    type Item = Result<Frame<T>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let outcome = self.consumer.recv();
        self.ended = match &outcome {
            Ok(_) | Err(Error::Frame(_) | Error::NotAStream { .. }) => false,
            Err(Error::Gone(_)) => !self.consumer.raw.may_come_back(),
            Err(_) => true,
        };
        if matches!(outcome, Err(Error::Closed(_))) { None } else { Some(outcome) }
    }
}

/// A received frame, in memory of its own. A frame of a plain class can be used like a reference to the class.
pub struct Frame<T: Class> {
    /// They are a frame of the class: that was checked when they came.
    raw: RawFrame,
    class: PhantomData<fn() -> T>,
}

impl<T: Class> Frame<T> {
    /// The typed view of the frame.
    pub fn view(&self) -> T::Ref<'_> {
        T::view(self.raw.bytes()).expect("it was checked when it came")
    }

    /// How many frames its consumer had received before it.
    pub fn sequence(&self) -> u64 {
        self.raw.sequence()
    }

    /// Its bytes, as the wire rules lay them out.
    pub fn bytes(&self) -> &[u8] {
        self.raw.bytes()
    }
}

impl<T: PlainClass> Deref for Frame<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.view()
    }
}

impl<T: Class> fmt::Debug for Frame<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = f.debug_struct("Frame");
        text.field("class", &T::DESC.name).field("sequence", &self.sequence()).field("bytes", &self.bytes().len());
        text.finish_non_exhaustive()
    }
}
