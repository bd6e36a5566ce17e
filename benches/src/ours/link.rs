//! A ring as a [`Link`], of a fixed class and of the variable one.

use std::marker::PhantomData;

use ipc_core::{Class, Consumer, PlainClass, Producer};

use super::{CONSUMERS, Payload, Payload48, Payload64, PayloadDims, channel};
use crate::Outcome;
use crate::link::{End, Link, Receiver, Sender};
use crate::payload;
use crate::task::By;

/// A ring of a fixed class.
pub(crate) struct FixedRing<T>(PhantomData<T>);

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
pub(crate) struct Tx<T: Class> {
    producer: Producer<T>,
    by: By,
    words: usize,
}

/// The receiving end.
pub(crate) struct Rx<T: Class>(Consumer<T>);

impl<T: Class> Tx<T> {
    fn open(end: &End<'_>) -> Outcome<Self> {
        let producer = channel(end).producer()?;
        end.meeting.meet();
        // The consumers' places are in the ring from its beginning, so nothing can be missed; but they are all to be there.
        end.meeting.meet();
        Ok(Self { producer, by: end.task.ours.by, words: end.task.words() })
    }
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

impl<T: FixedPayload> Link for FixedRing<T> {
    type Sender = Tx<T>;
    type Receiver = Rx<T>;

    fn sender(end: &End<'_>) -> Outcome<Tx<T>> {
        Tx::open(end)
    }

    fn receiver(end: &End<'_>) -> Outcome<Rx<T>> {
        Rx::open(end)
    }
}

/// Sends the next payload of a fixed class.
#[inline(always)]
fn send_fixed<T: FixedPayload>(producer: &mut Producer<T>, by: By, number: u64) -> Outcome {
    match by {
        By::Value => {
            producer.send(&T::new(number))?;
        }
        By::Place => {
            let mut place = producer.reserve(())?;
            payload::write(place.words_mut(), number);
            place.publish()?;
        }
    }
    Ok(())
}

impl<T: FixedPayload> Sender for Tx<T> {
    #[inline(always)]
    fn send(&mut self, number: u64) -> Outcome {
        send_fixed(&mut self.producer, self.by, number)
    }

    #[inline(always)]
    fn send_batch(&mut self, first: u64, count: usize) -> Outcome {
        let by = self.by;
        self.producer
            .batch(|producer| (first..first + count as u64).try_for_each(|number| send_fixed(producer, by, number)))
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
    tx: Tx<Payload>,
    /// What `send` copies from.
    value: Payload,
}

/// The receiving end.
pub(crate) struct VariableRx(Rx<Payload>);

impl Link for VariableRing {
    type Sender = VariableTx;
    type Receiver = VariableRx;

    fn sender(end: &End<'_>) -> Outcome<VariableTx> {
        let tx = Tx::open(end)?;
        let value = Payload { number: 0, count: tx.words as u32, words: vec![0; tx.words] };
        Ok(VariableTx { tx, value })
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
        send_variable(&mut self.tx.producer, self.tx.by, &mut self.value, number)
    }

    #[inline(always)]
    fn send_batch(&mut self, first: u64, count: usize) -> Outcome {
        let Self { tx, value } = self;
        let by = tx.by;
        let mut numbers = first..first + count as u64;
        tx.producer.batch(|producer| numbers.try_for_each(|number| send_variable(producer, by, value, number)))
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
