//! [rtrb](https://docs.rs/rtrb) between two threads: `push` and `pop` one at a time, chunks for batches. An item is a payload
//! of 48 or 64 bytes; a larger payload is a chunk of words, written and read where it lies.
//!
//! Who finds the ring full, or empty, tries again after one `spin_loop`, as rtrb's own benchmarks do (four made no difference).

use std::any::Any;
use std::collections::HashMap;
use std::hint::spin_loop;
use std::sync::Mutex;

use rtrb::chunks::ChunkError;
use rtrb::{Consumer, Producer, RingBuffer};

use crate::Outcome;
use crate::contender::{Contender, Kind, Sides};
use crate::drivers;
use crate::link::{End, Link, Receiver, Sender};
use crate::payload;

/// Rings of items, and of words.
pub(crate) fn contender() -> Contender {
    Contender {
        name: "rtrb",
        kind: Kind::Peer,
        sides: Sides::Threads,
        buffer: |task| format!("{} items of {} B, between threads", task.depth, task.payload_bytes),
        run: |side| match side.task.payload_bytes {
            48 => drivers::link::<Items<6>>(side),
            64 => drivers::link::<Items<8>>(side),
            _ => drivers::link::<Words>(side),
        },
    }
}

/// Consumers on their way from the thread that made the ring to the other one, by the link's name.
static CONSUMERS: Mutex<Option<HashMap<String, Box<dyn Any + Send>>>> = Mutex::new(None);

/// Makes a ring, and leaves its consumer for the other side.
fn make<T: Send + 'static>(end: &End<'_>, items: usize) -> Outcome<Producer<T>> {
    let (producer, consumer) = RingBuffer::<T>::new(items);
    let mut consumers = CONSUMERS.lock().map_err(|_| "the other side panicked")?;
    consumers.get_or_insert_default().insert(end.name.into(), Box::new(consumer));
    drop(consumers);
    end.meeting.meet();
    Ok(producer)
}

/// Takes the consumer that the other side has left.
fn take<T: 'static>(end: &End<'_>) -> Outcome<Consumer<T>> {
    end.meeting.meet();
    let mut consumers = CONSUMERS.lock().map_err(|_| "the other side panicked")?;
    let consumer = consumers.as_mut().and_then(|consumers| consumers.remove(end.name));
    let consumer = consumer.and_then(|any| any.downcast().ok());
    Ok(*consumer.ok_or("the other side left no consumer of this type")?)
}

/// A ring of items that are payloads.
struct Items<const WORDS: usize>;

struct ItemsTx<const WORDS: usize>(Producer<[u64; WORDS]>);
struct ItemsRx<const WORDS: usize>(Consumer<[u64; WORDS]>);

impl<const WORDS: usize> Link for Items<WORDS> {
    type Sender = ItemsTx<WORDS>;
    type Receiver = ItemsRx<WORDS>;

    fn sender(end: &End<'_>) -> Outcome<Self::Sender> {
        make(end, end.task.depth).map(ItemsTx)
    }

    fn receiver(end: &End<'_>) -> Outcome<Self::Receiver> {
        take(end).map(ItemsRx)
    }
}

#[inline(always)]
fn item<const WORDS: usize>(number: u64) -> [u64; WORDS] {
    let mut item = [0; WORDS];
    payload::write(&mut item, number);
    item
}

impl<const WORDS: usize> Sender for ItemsTx<WORDS> {
    #[inline(always)]
    fn send(&mut self, number: u64) -> Outcome {
        while self.0.push(item(number)).is_err() {
            spin_loop();
        }
        Ok(())
    }

    #[inline(always)]
    fn send_batch(&mut self, first: u64, count: usize) -> Outcome {
        loop {
            if let Ok(chunk) = self.0.write_chunk_uninit(count) {
                chunk.fill_from_iter((first..).map(item));
                return Ok(());
            }
            spin_loop();
        }
    }
}

impl<const WORDS: usize> Receiver for ItemsRx<WORDS> {
    #[inline(always)]
    fn receive(&mut self) -> Outcome<u64> {
        loop {
            if let Ok(item) = self.0.pop() {
                return payload::read(&item);
            }
            spin_loop();
        }
    }

    #[inline(always)]
    fn receive_batch(&mut self, first: u64, most: usize) -> Outcome<usize> {
        let mut count = most;
        loop {
            match self.0.read_chunk(count) {
                Ok(chunk) => {
                    let (one, two) = chunk.as_slices();
                    for (number, item) in (first..).zip(one.iter().chain(two)) {
                        payload::expect(number, payload::read(item)?)?;
                    }
                    chunk.commit_all();
                    return Ok(count);
                }
                Err(ChunkError::TooFewSlots(0)) => spin_loop(),
                Err(ChunkError::TooFewSlots(there)) => count = there,
            }
        }
    }
}

/// A ring of words. A payload is a chunk of them; the ring's size is a multiple of it, so a chunk is never in two pieces.
struct Words;

struct WordsTx {
    ring: Producer<u64>,
    words: usize,
}

struct WordsRx {
    ring: Consumer<u64>,
    words: usize,
}

impl Link for Words {
    type Sender = WordsTx;
    type Receiver = WordsRx;

    fn sender(end: &End<'_>) -> Outcome<WordsTx> {
        let words = end.task.words();
        Ok(WordsTx { ring: make(end, end.task.depth * words)?, words })
    }

    fn receiver(end: &End<'_>) -> Outcome<WordsRx> {
        Ok(WordsRx { ring: take(end)?, words: end.task.words() })
    }
}

impl Sender for WordsTx {
    #[inline(always)]
    fn send(&mut self, number: u64) -> Outcome {
        loop {
            if let Ok(mut chunk) = self.ring.write_chunk_uninit(self.words) {
                let (words, _) = chunk.as_mut_slices();
                for word in words {
                    word.write(number);
                }
                // SAFETY: the chunk is in one piece, and each of its words was written.
                unsafe { chunk.commit_all() };
                return Ok(());
            }
            spin_loop();
        }
    }
}

impl Receiver for WordsRx {
    #[inline(always)]
    fn receive(&mut self) -> Outcome<u64> {
        loop {
            if let Ok(chunk) = self.ring.read_chunk(self.words) {
                let number = payload::read(chunk.as_slices().0)?;
                chunk.commit_all();
                return Ok(number);
            }
            spin_loop();
        }
    }
}
