//! [`Sighting`]: a frame of a channel that a module observes.

use std::cell::RefCell;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use super::inputs::Inputs;
use crate::class::{Class, PlainClass};
use crate::error::Error;
use crate::raw::RawObserved;

/// A frame that a module has observed, as a copy. Its memory is used for another when it is dropped.
///
/// What an [`Observer`](crate::Observer) gives stays with that until it looks again; of these, several can be held.
pub struct Sighting<'c, T: Class> {
    frame: RawObserved,
    home: &'c RefCell<RawObserved>,
    class: PhantomData<fn() -> T>,
}

impl<'c, T: Class> Sighting<'c, T> {
    /// The frame of which [`Inputs::next`] has told.
    pub(crate) fn take(inputs: &'c Inputs, index: usize) -> Option<Result<Self, Error>> {
        let (frame, home) = inputs.lend(index)?;
        let sighting = Self { frame, home, class: PhantomData };
        Some(T::view(sighting.bytes()).map(drop).map(|()| sighting))
    }

    /// The typed view of the frame.
    pub fn view(&self) -> T::Ref<'_> {
        T::view(self.bytes()).expect("it was checked once, and nobody writes to a copy")
    }

    /// Its number, counted from the ring's first frame on.
    pub fn sequence(&self) -> u64 {
        self.frame.sequence()
    }

    /// When it was published, as CLOCK_MONOTONIC in nanoseconds, if the producer stamps its frames.
    pub fn publish_time_ns(&self) -> Option<u64> {
        self.frame.publish_time_ns()
    }

    /// Its bytes, as the wire rules lay them out.
    pub fn bytes(&self) -> &[u8] {
        self.frame.bytes()
    }
}

impl<T: PlainClass> Deref for Sighting<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.view()
    }
}

impl<T: Class> Drop for Sighting<'_, T> {
    fn drop(&mut self) {
        self.home.replace(std::mem::take(&mut self.frame));
    }
}

impl<T: Class> fmt::Debug for Sighting<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = f.debug_struct("Sighting");
        text.field("class", &T::DESC.name).field("sequence", &self.sequence()).field("bytes", &self.bytes().len());
        text.finish_non_exhaustive()
    }
}
