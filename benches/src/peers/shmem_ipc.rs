//! [shmem-ipc](https://docs.rs/shmem-ipc)'s shared ring: items are written and read where they lie. An item is a payload of
//! 48 or 64 bytes, or a word of a larger one. Both sides spin, so they use the ring without its signals, as its low-level
//! access is for.

use std::fs::File;
use std::io::{IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::{UnixListener, UnixStream};

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags,
    recvmsg, sendmsg,
};
use shmem_ipc::sharedring;

use crate::Outcome;
use crate::contender::{Contender, Kind, Sides};
use crate::drivers;
use crate::link::{End, Link, Receiver, Sender};
use crate::message_line::pause;
use crate::payload;

/// Rings of items, and of words.
pub(crate) fn contender() -> Contender {
    Contender {
        name: "shmem-ipc",
        kind: Kind::Peer,
        sides: Sides::Processes,
        buffer: |task| format!("{} items of {} B, and what is left of the last page", task.depth, task.payload_bytes),
        run: |side| match side.task.payload_bytes {
            48 => drivers::link::<Items<6>>(side),
            64 => drivers::link::<Items<8>>(side),
            _ => drivers::link::<Words>(side),
        },
    }
}

/// Descriptors of a ring: its memory, and its two signals.
const DESCRIPTORS: usize = 3;

/// Gives a ring's descriptors to the side that sends.
fn give(end: &End<'_>, descriptors: [BorrowedFd<'_>; DESCRIPTORS]) -> Outcome {
    let listener = UnixListener::bind(end.directory.join(end.name))?;
    end.meeting.meet();
    let (stream, _) = listener.accept()?;
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS))];
    let mut messages = SendAncillaryBuffer::new(&mut space);
    messages.push(SendAncillaryMessage::ScmRights(&descriptors));
    sendmsg(&stream, &[IoSlice::new(&[0])], &mut messages, SendFlags::empty())?;
    Ok(())
}

/// Gets them from the side that receives.
fn get(end: &End<'_>) -> Outcome<[File; DESCRIPTORS]> {
    end.meeting.meet();
    let stream = UnixStream::connect(end.directory.join(end.name))?;
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS))];
    let mut messages = RecvAncillaryBuffer::new(&mut space);
    recvmsg(&stream, &mut [IoSliceMut::new(&mut [0])], &mut messages, RecvFlags::CMSG_CLOEXEC)?;
    let files = messages.drain().flat_map(|message| match message {
        RecvAncillaryMessage::ScmRights(files) => files.map(File::from).collect(),
        _ => Vec::new(),
    });
    files.collect::<Vec<_>>().try_into().map_err(|_| "the other side gave another number of descriptors".into())
}

/// A ring of items that are payloads.
struct Items<const WORDS: usize>;

struct ItemsTx<const WORDS: usize>(sharedring::Sender<[u64; WORDS]>);
struct ItemsRx<const WORDS: usize>(sharedring::Receiver<[u64; WORDS]>);

impl<const WORDS: usize> Link for Items<WORDS> {
    type Sender = ItemsTx<WORDS>;
    type Receiver = ItemsRx<WORDS>;

    fn sender(end: &End<'_>) -> Outcome<Self::Sender> {
        let [memory, empty, full] = get(end)?;
        Ok(ItemsTx(sharedring::Sender::open(end.task.depth, memory, empty, full)?))
    }

    fn receiver(end: &End<'_>) -> Outcome<Self::Receiver> {
        let ring = sharedring::Receiver::new(end.task.depth)?;
        give(end, [ring.memfd().as_file().as_fd(), ring.empty_signal().as_fd(), ring.full_signal().as_fd()])?;
        Ok(ItemsRx(ring))
    }
}

impl<const WORDS: usize> Sender for ItemsTx<WORDS> {
    #[inline(always)]
    fn send(&mut self, number: u64) -> Outcome {
        self.send_batch(number, 1)
    }

    #[inline(always)]
    fn send_batch(&mut self, first: u64, count: usize) -> Outcome {
        let ring = self.0.sender_mut();
        let (mut number, end) = (first, first + count as u64);
        while number < end {
            if ring.write_count()? == 0 {
                pause();
                continue;
            }
            ring.send(|items, room| {
                let count = room.min((end - number) as usize);
                // SAFETY: the ring gives `room` items to write, which are the sender's until this closure returns.
                let items = unsafe { std::slice::from_raw_parts_mut(items, count) };
                for item in items {
                    payload::write(item, number);
                    number += 1;
                }
                count
            })?;
        }
        Ok(())
    }
}

impl<const WORDS: usize> ItemsRx<WORDS> {
    /// Waits for items, and passes at most `most` of them, in one piece, to `read`.
    #[inline(always)]
    fn take<R>(&mut self, most: usize, read: impl FnOnce(&[[u64; WORDS]]) -> Outcome<R>) -> Outcome<R> {
        let ring = self.0.receiver_mut();
        while ring.read_count()? == 0 {
            pause();
        }
        let mut outcome = None;
        ring.recv(|items, there| {
            let count = there.min(most);
            // SAFETY: the ring gives `there` items to read, which are the receiver's until this closure returns.
            outcome = Some(read(unsafe { std::slice::from_raw_parts(items, count) }));
            count
        })?;
        outcome.unwrap_or_else(|| Err("the ring says that it has items, and gives none".into()))
    }
}

impl<const WORDS: usize> Receiver for ItemsRx<WORDS> {
    #[inline(always)]
    fn receive(&mut self) -> Outcome<u64> {
        self.take(1, |items| payload::read(&items[0]))
    }

    #[inline(always)]
    fn receive_batch(&mut self, first: u64, most: usize) -> Outcome<usize> {
        self.take(most, |items| {
            for (number, item) in (first..).zip(items) {
                payload::expect(number, payload::read(item)?)?;
            }
            Ok(items.len())
        })
    }
}

/// A ring of words. A payload may stand in two pieces, at the ring's end and at its beginning.
struct Words;

struct WordsTx {
    ring: sharedring::Sender<u64>,
    words: usize,
}

struct WordsRx {
    ring: sharedring::Receiver<u64>,
    words: usize,
}

impl Link for Words {
    type Sender = WordsTx;
    type Receiver = WordsRx;

    fn sender(end: &End<'_>) -> Outcome<WordsTx> {
        let words = end.task.words();
        let [memory, empty, full] = get(end)?;
        Ok(WordsTx { ring: sharedring::Sender::open(end.task.depth * words, memory, empty, full)?, words })
    }

    fn receiver(end: &End<'_>) -> Outcome<WordsRx> {
        let words = end.task.words();
        let ring = sharedring::Receiver::new(end.task.depth * words)?;
        give(end, [ring.memfd().as_file().as_fd(), ring.empty_signal().as_fd(), ring.full_signal().as_fd()])?;
        Ok(WordsRx { ring, words })
    }
}

impl Sender for WordsTx {
    fn send(&mut self, number: u64) -> Outcome {
        let ring = self.ring.sender_mut();
        let mut left = self.words;
        while left > 0 {
            if ring.write_count()? < left {
                pause();
                continue;
            }
            ring.send(|words, room| {
                let count = room.min(left);
                // SAFETY: the ring gives `room` words to write, which are the sender's until this closure returns.
                payload::write(unsafe { std::slice::from_raw_parts_mut(words, count) }, number);
                left -= count;
                count
            })?;
        }
        Ok(())
    }
}

impl Receiver for WordsRx {
    fn receive(&mut self) -> Outcome<u64> {
        let ring = self.ring.receiver_mut();
        let mut left = self.words;
        let mut number = None;
        while left > 0 {
            if ring.read_count()? < left {
                pause();
                continue;
            }
            let mut piece = Ok(0);
            ring.recv(|words, there| {
                let count = there.min(left);
                // SAFETY: the ring gives `there` words to read, which are the receiver's until this closure returns.
                piece = payload::read(unsafe { std::slice::from_raw_parts(words, count) });
                left -= count;
                count
            })?;
            let piece = piece?;
            payload::expect(*number.get_or_insert(piece), piece)?;
        }
        number.ok_or_else(|| "a payload without words".into())
    }
}
