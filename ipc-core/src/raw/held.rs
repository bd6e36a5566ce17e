//! [`Held`]: the frames that a consumer has handed out. Its slot's position moves over the released prefix.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use super::consumer::Slot;

/// Frames that were handed out and are not all released.
#[derive(Debug)]
pub(crate) struct Held {
    /// Number of the oldest frame that is not released.
    first: Cell<u64>,
    /// Number of the next frame that is handed out.
    next: Cell<u64>,
    /// Where each of these frames' records ends, and whether it was released. Not kept up while there is only one: once
    /// that is released, so is everything that was read.
    ends: RefCell<VecDeque<(u64, bool)>>,
}

impl Held {
    pub(crate) fn new() -> Self {
        // Room for the frames that a program holds at once, so that receiving allocates nothing.
        Self { first: Cell::new(0), next: Cell::new(0), ends: RefCell::new(VecDeque::with_capacity(64)) }
    }

    /// The number that is given next.
    #[inline(always)]
    pub(crate) fn next(&self) -> u64 {
        self.next.get()
    }

    /// Notes a frame that was handed out, or a range of them; gives its number.
    #[inline(always)]
    pub(crate) fn hold(&self, start: u64, end: u64) -> u64 {
        let number = self.next.replace(self.next.get() + 1);
        if number != self.first.get() {
            self.hold_another(start, end);
        }
        number
    }

    /// One more while others are held.
    #[inline(never)]
    fn hold_another(&self, start: u64, end: u64) {
        let mut ends = self.ends.borrow_mut();
        if self.next.get() - self.first.get() == 2 {
            // The one that was alone: all of it lies before this one.
            ends.clear();
            ends.push_back((start, false));
        }
        ends.push_back((end, false));
    }

    #[inline(never)]
    fn is_one_of_several(&self, number: u64) -> bool {
        !self.ends.borrow()[(number - self.first.get()) as usize].1
    }

    /// Whether any frame is held.
    pub(crate) fn is_empty(&self) -> bool {
        self.first == self.next
    }

    /// Releases the frame of that number, which is held, and moves the slot over the prefix of all that are released: up to
    /// `alone` if no other frame is held.
    #[inline(always)]
    pub(crate) fn let_go(&self, number: u64, slot: &Slot, alone: impl FnOnce() -> u64) {
        let is_alone = number == self.first.get() && number + 1 == self.next.get();
        if is_alone {
            self.first.set(number + 1);
            slot.release(alone());
        } else {
            self.let_go_of_one(number, slot);
        }
    }

    /// The same for a number that a caller states who may be wrong: whether it is held.
    #[inline(always)]
    pub(crate) fn try_let_go(&self, number: u64, slot: &Slot, alone: impl FnOnce() -> u64) -> bool {
        let is_held = number >= self.first.get() && number < self.next.get() && self.is_one(number);
        if is_held {
            self.let_go(number, slot, alone);
        }
        is_held
    }

    /// Whether one of the numbers from the first held one on is held itself.
    #[inline(always)]
    fn is_one(&self, number: u64) -> bool {
        self.next.get() - self.first.get() == 1 || self.is_one_of_several(number)
    }

    /// Releases one of several.
    #[inline(never)]
    fn let_go_of_one(&self, number: u64, slot: &Slot) {
        let mut ends = self.ends.borrow_mut();
        let index = (number - self.first.get()) as usize;
        ends[index].1 = true;
        let mut released = None;
        while let Some(&(end, true)) = ends.front() {
            ends.pop_front();
            self.first.set(self.first.get() + 1);
            released = Some(end);
        }
        if let Some(position) = released {
            slot.release(position);
        }
    }
}
