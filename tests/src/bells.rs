//! A consumer in an event loop: it waits for its doorbell, and for nothing else.

use ipc_core::{Consumer, Error, Frame, ProducerState};
use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use rustix::fd::OwnedFd;

use crate::{Parcel, check};

/// An event loop that watches one consumer's doorbell.
#[derive(Debug)]
struct Watched<'c> {
    consumer: &'c Consumer<Parcel>,
    events: OwnedFd,
}

impl<'c> Watched<'c> {
    fn new(consumer: &'c Consumer<Parcel>) -> Result<Self, Error> {
        let events = epoll::create(CreateFlags::CLOEXEC).unwrap();
        epoll::add(&events, consumer.doorbell()?, EventData::new_u64(0), EventFlags::IN).unwrap();
        Ok(Self { consumer, events })
    }

    /// Sleeps up to the next event.
    fn wait(&self) {
        let mut events = Vec::with_capacity(1);
        epoll::wait(&self.events, rustix::buffer::spare_capacity(&mut events), None).unwrap();
    }

    /// The next frame; sleeps in the loop while there is none.
    fn next(&self) -> Result<Frame<'c, Parcel>, Error> {
        loop {
            match self.consumer.try_recv() {
                Err(error) if error.is_empty() => self.wait(),
                outcome => return outcome,
            }
        }
    }
}

/// Receives up to the end of the stream, and checks every byte; gives the numbers of the frames.
pub fn drain(consumer: &Consumer<Parcel>, capacity: u64) -> Result<String, Error> {
    let (watched, mut range) = (Watched::new(consumer)?, None);
    loop {
        match watched.next() {
            Ok(frame) => range = Some(add(range, &frame, capacity)),
            Err(error) if error.is_closed() => return Ok(format!("closed {}", text(range))),
            Err(error) => return Err(error),
        }
    }
}

/// Receives that many frames in the same way.
pub fn receive(consumer: &Consumer<Parcel>, capacity: u64, count: u64) -> Result<String, Error> {
    let (watched, mut range) = (Watched::new(consumer)?, None);
    for _ in 0..count {
        range = Some(add(range, &watched.next()?, capacity));
    }
    Ok(text(range))
}

/// Waits until the producer is gone without an end; gives the number of events that this took.
pub fn until_gone(consumer: &Consumer<Parcel>) -> Result<String, Error> {
    let (watched, mut events) = (Watched::new(consumer)?, 0);
    while consumer.producer_state()? != ProducerState::Gone {
        match consumer.try_recv() {
            Err(error) if error.is_empty() => {}
            outcome => return outcome.map(|frame| format!("frame {}", frame.sequence())),
        }
        watched.wait();
        events += 1;
    }
    Ok(events.to_string())
}

fn add(range: Option<(u64, u64)>, frame: &Frame<'_, Parcel>, capacity: u64) -> (u64, u64) {
    check(frame, capacity);
    let (first, next) = range.unwrap_or((frame.sequence(), frame.sequence()));
    assert_eq!(frame.sequence(), next, "frames follow each other");
    (first, next + 1)
}

fn text(range: Option<(u64, u64)>) -> String {
    let (first, next) = range.unwrap_or_default();
    format!("{first}..{next}")
}
