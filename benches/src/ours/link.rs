//! A ring as a [`Link`], of a fixed class and of the variable one.

use std::marker::PhantomData;

use ipc_core::{Class, Consumer, PlainClass, Producer, copy_streaming};

use super::{CONSUMERS, Payload, Payload48, Payload64, PayloadDims, channel};
use crate::Outcome;
use crate::link::{End, Link, Receiver, Sender};
use crate::payload;
use crate::task::By;

/// A ring of a fixed class, whose frames are sent by value or written in place. Which of the two is known to the compiler,
/// as it is in a program.
pub(crate) struct FixedRing<T, const IN_PLACE: bool>(PhantomData<T>);

/// A fixed class that is all payload.
pub(crate) trait FixedPayload: PlainClass {
    fn new(number: u64) -> Self;
    fn words(&self) -> &[u64];
    fn words_mut(&mut self) -> &mut [u64];
}

macro_rules! fixed_payload {
    ($($class:ty),*) => {$(
        impl FixedPayload for $class {
            #[inline(always)]
            fn new(number: u64) -> Self {
                let mut new = Self { words: Default::default() };
                payload::write(&mut new.words, number);
                new
            }

            #[inline(always)]
            fn words(&self) -> &[u64] {
                &self.words
            }

            #[inline(always)]
            fn words_mut(&mut self) -> &mut [u64] {
                &mut self.words
            }
        }
    )*};
}

fixed_payload!(Payload48, Payload64);

/// The sending end.
pub(crate) struct Tx<T: Class, const IN_PLACE: bool>(Producer<T>);

/// The receiving end.
pub(crate) struct Rx<T: Class>(Consumer<T>);

fn open_producer<T: Class>(end: &End<'_>) -> Outcome<Producer<T>> {
    let producer = channel(end).producer()?;
    end.meeting.meet();
    // The consumers' places are in the ring from its beginning, so nothing can be missed; but they are all to be there.
    end.meeting.meet();
    Ok(producer)
}

impl<T: Class> Rx<T> {
    fn open(end: &End<'_>) -> Outcome<Self> {
        // The ring is there then: who waits for one waits for work of the kernel too, which real-time sides keep from a core.
        end.meeting.meet();
        // Of a round trip's two rings side 0 receives from one.
        let consumer = channel(end).consumer(CONSUMERS[end.side.max(1) - 1])?;
        end.meeting.meet();
        Ok(Self(consumer))
    }
}

impl<T: FixedPayload, const IN_PLACE: bool> Link for FixedRing<T, IN_PLACE> {
    type Sender = Tx<T, IN_PLACE>;
    type Receiver = Rx<T>;

    fn sender(end: &End<'_>) -> Outcome<Tx<T, IN_PLACE>> {
        Ok(Tx(open_producer(end)?))
    }

    fn receiver(end: &End<'_>) -> Outcome<Rx<T>> {
        Rx::open(end)
    }
}

/// Sends the next payload of a fixed class.
#[inline(always)]
fn send_fixed<T: FixedPayload, const IN_PLACE: bool>(producer: &mut Producer<T>, number: u64) -> Outcome {
    if IN_PLACE {
        let mut place = producer.reserve(())?;
        payload::write(place.words_mut(), number);
        place.publish()?;
    } else {
        producer.send(&T::new(number))?;
    }
    Ok(())
}

impl<T: FixedPayload, const IN_PLACE: bool> Sender for Tx<T, IN_PLACE> {
    #[inline(always)]
    fn send(&mut self, number: u64) -> Outcome {
        send_fixed::<T, IN_PLACE>(&mut self.0, number)
    }

    #[inline(always)]
    fn send_batch(&mut self, first: u64, count: usize) -> Outcome {
        self.0.batch(|producer| {
            for number in first..first + count as u64 {
                send_fixed::<T, IN_PLACE>(producer, number)?;
            }
            Ok(())
        })
    }
}

impl<T: FixedPayload> Receiver for Rx<T> {
    #[inline(always)]
    fn receive(&mut self) -> Outcome<u64> {
        payload::read(self.0.recv()?.words())
    }

    #[inline(always)]
    fn receive_batch(&mut self, first: u64, most: usize) -> Outcome<usize> {
        let mut count = 0;
        for frame in &self.0.batch(most)? {
            payload::expect(first + count as u64, payload::read(frame?.words())?)?;
            count += 1;
        }
        Ok(count)
    }
}

/// A ring of the variable class.
pub(crate) struct VariableRing;

/// The sending end.
pub(crate) struct VariableTx {
    producer: Producer<Payload>,
    by: By,
    /// What `send` copies from.
    value: Payload,
}

/// The receiving end.
pub(crate) struct VariableRx(Rx<Payload>);

impl Link for VariableRing {
    type Sender = VariableTx;
    type Receiver = VariableRx;

    fn sender(end: &End<'_>) -> Outcome<VariableTx> {
        let words = end.task.words();
        let value = Payload { number: 0, count: words as u32, words: vec![0; words] };
        Ok(VariableTx { producer: open_producer(end)?, by: end.task.ours.by, value })
    }

    fn receiver(end: &End<'_>) -> Outcome<VariableRx> {
        Ok(VariableRx(Rx::open(end)?))
    }
}

/// Sends the next payload of the variable class.
#[inline(always)]
fn send_variable(producer: &mut Producer<Payload>, by: By, value: &mut Payload, number: u64) -> Outcome {
    match by {
        By::Value => {
            value.number = number;
            payload::write(&mut value.words, number);
            producer.send(value)?;
        }
        By::Streamed => {
            payload::write(&mut value.words, number);
            let mut place = producer.reserve(PayloadDims { count: value.count })?;
            let frame = place.edit();
            *frame.number = number;
            copy_streaming(frame.words, &value.words);
            place.publish()?;
        }
        By::Place => {
            let mut place = producer.reserve(PayloadDims { count: value.count })?;
            let frame = place.edit();
            *frame.number = number;
            payload::write(frame.words, number);
            place.publish()?;
        }
    }
    Ok(())
}

impl Sender for VariableTx {
    #[inline(always)]
    fn send(&mut self, number: u64) -> Outcome {
        send_variable(&mut self.producer, self.by, &mut self.value, number)
    }

    #[inline(always)]
    fn send_batch(&mut self, first: u64, count: usize) -> Outcome {
        let Self { producer, by, value } = self;
        let mut numbers = first..first + count as u64;
        producer.batch(|producer| numbers.try_for_each(|number| send_variable(producer, *by, value, number)))
    }
}

impl Receiver for VariableRx {
    #[inline(always)]
    fn receive(&mut self) -> Outcome<u64> {
        payload::read(self.0.0.recv()?.view().words())
    }

    #[inline(always)]
    fn receive_batch(&mut self, first: u64, most: usize) -> Outcome<usize> {
        let mut count = 0;
        for frame in &self.0.0.batch(most)? {
            payload::expect(first + count as u64, payload::read(frame?.view().words())?)?;
            count += 1;
        }
        Ok(count)
    }
}
