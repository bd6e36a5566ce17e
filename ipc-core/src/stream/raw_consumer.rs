//! [`RawConsumer`]: receives the frames of a stream, by bytes. [`Consumer`](super::Consumer) is a thin layer over it.

use std::fmt;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::time::Instant;

use super::blocks::{Blocks, Expected, Record, Taken, next_block};
use super::buffer::Buffer;
use super::file::FileIn;
use super::lines::Lines;
use super::pipe::PipeIn;
use super::{Fill, Form};
use crate::content::AlignedBytes;
use crate::error::{Error, RingName};
use crate::linux::fork::Life;
use crate::raw::{Patience, RawClass};
use crate::ring::same_class::{Disbelief, believe, mismatch};

/// Receives the frames of a stream, by bytes.
///
/// # Errors
///
/// As for a [`Consumer`](super::Consumer), but that no frame is refused unless it comes as a line.
pub struct RawConsumer {
    name: Arc<RingName>,
    input: Input,
    buffer: Buffer,
    decoder: Decoder,
    /// `None` while any class would do and none has come.
    class: Option<RawClass>,
    expected: Option<Expected>,
    received: u64,
    /// Whether the last record was a writer's end.
    ended: bool,
    /// Whether what is at the front of the buffer is no block, and has been reported.
    lost: bool,
    /// Whether the input has ended, and a last line without its end was still to be read.
    at_end: bool,
    life: Life,
}

/// Where frames come from.
#[derive(Debug)]
pub(super) enum Input {
    Pipe(PipeIn),
    File(FileIn),
}

#[derive(Debug)]
enum Decoder {
    Blocks(Blocks),
    Lines(Lines),
}

/// A received frame.
#[derive(Debug)]
pub struct RawFrame {
    bytes: AlignedBytes,
    sequence: u64,
}

impl RawFrame {
    /// Its bytes. They begin 16-aligned.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The same, to keep.
    pub fn into_bytes(self) -> AlignedBytes {
        self.bytes
    }

    /// How many frames its consumer had received before it.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }
}

/// What the front of the buffer held.
enum Front {
    Frame(AlignedBytes),
    /// Something else, which was taken.
    Other,
    Needs(usize),
}

impl RawConsumer {
    pub(super) fn new(name: Arc<RingName>, input: Input, class: Option<&RawClass>, form: Form) -> Result<Self, Error> {
        let decoder = match (form, class) {
            (Form::Blocks, _) => Decoder::Blocks(Blocks::default()),
            (Form::Lines, Some(class)) => Decoder::Lines(Lines::new(class)?),
            (Form::Lines, None) => {
                let problem = "lines do not carry their class: state it".into();
                return Err(Error::Channel { name: name.place().into(), problem });
            }
        };
        let life = Life::current().map_err(|error| Error::os(name.path(), "prepare for forks", error))?;
        let (buffer, expected) = (Buffer::new(), class.map(expected));
        let class = class.cloned();
        Ok(Self {
            name,
            input,
            buffer,
            decoder,
            class,
            expected,
            received: 0,
            ended: false,
            lost: false,
            at_end: false,
            life,
        })
    }

    /// The next frame; waits for it. [`Error::Closed`] at the end of the stream.
    pub fn recv(&mut self, patience: Patience) -> Result<RawFrame, Error> {
        let deadline = patience.deadline();
        loop {
            let needed = match self.front()? {
                Front::Frame(bytes) => {
                    self.received += 1;
                    return Ok(RawFrame { bytes, sequence: self.received - 1 });
                }
                Front::Other => continue,
                Front::Needs(bytes) => bytes,
            };
            self.fill(needed, deadline, patience)?;
        }
    }

    /// The class: the one that was stated, or the one that the stream states, which is waited for.
    pub fn class(&mut self, patience: Patience) -> Result<&RawClass, Error> {
        let deadline = patience.deadline();
        while self.class.is_none() {
            // Without a class no frame is taken.
            if let Front::Needs(bytes) = self.front()? {
                self.fill(bytes, deadline, patience)?;
            }
        }
        Ok(self.class.as_ref().expect("there is one"))
    }

    /// Compares the class of what is there with the one that was stated. For who is about to append.
    pub(super) fn check_beginning(mut self) -> Result<(), Error> {
        match self.front() {
            Ok(Front::Needs(bytes)) => match self.fill(bytes, None, Patience::None) {
                Ok(()) => self.front().map(drop),
                Err(Error::Closed(_)) => Ok(()),
                Err(error) => Err(error),
            },
            outcome => outcome.map(drop),
        }
    }

    /// Whether a consumer that got [`Error::Gone`] can wait for a successor.
    pub(super) fn may_come_back(&self) -> bool {
        matches!(&self.input, Input::Pipe(pipe) if pipe.is_named())
    }

    /// Takes what is at the front of the buffer.
    fn front(&mut self) -> Result<Front, Error> {
        let input = self.buffer.filled();
        let taken = match &mut self.decoder {
            Decoder::Lines(lines) => match lines.line_in(input) {
                Ok(Some(bytes)) => {
                    let frame = lines.frame_of(&input[..bytes - 1]);
                    self.buffer.consume(bytes);
                    return Ok(frame?.map_or(Front::Other, Front::Frame));
                }
                Ok(None) => return Ok(Front::Needs(input.len() + 1)),
                Err(reason) => Err(reason),
            },
            Decoder::Blocks(blocks) => blocks.take(input, self.expected.as_ref()),
        };
        match taken {
            Ok(Taken::Needs(bytes)) => Ok(Front::Needs(bytes)),
            Ok(Taken::Block(bytes, record)) => {
                self.lost = false;
                self.buffer.consume(bytes);
                match record {
                    None => Ok(Front::Other),
                    Some(Record::Frame(frame)) => {
                        self.ended = false;
                        Ok(Front::Frame(frame))
                    }
                    Some(Record::End) => {
                        self.ended = true;
                        Ok(Front::Other)
                    }
                    Some(Record::Class(fingerprint, text)) => {
                        self.ended = false;
                        self.meet(&fingerprint, text).map(|()| Front::Other)
                    }
                }
            }
            Err(reason) => {
                let skipped = next_block(input);
                self.buffer.consume(skipped);
                match std::mem::replace(&mut self.lost, true) {
                    true => Ok(Front::Other),
                    false => Err(Error::NotAStream { stream: Arc::clone(&self.name), reason: reason.into() }),
                }
            }
        }
    }

    /// Compares a class that a writer states with the one that is expected.
    fn meet(&mut self, fingerprint: &[u8; 16], text: Vec<u8>) -> Result<(), Error> {
        if self.expected.as_ref().is_some_and(|expected| expected.fingerprint == *fingerprint) {
            return Ok(());
        }
        let theirs = believe(text, fingerprint).map_err(|reason| Error::NotAStream {
            stream: Arc::clone(&self.name),
            reason: match reason {
                Disbelief::NoSchema(reason) => reason.into(),
                Disbelief::OtherFingerprint => "its schema does not give the fingerprint beside it".into(),
            },
        })?;
        let class = theirs.classes.last().expect("believed for its last class");
        match &self.class {
            Some(ours) => Err(mismatch(&self.name.place(), "use another place", ours, &theirs, class)),
            None => {
                let class = RawClass::from_schema(&theirs, &class.name)?;
                self.expected = Some(expected(&class));
                self.class = Some(class);
                Ok(())
            }
        }
    }

    /// Gets more bytes, so that at least `needed` are there.
    fn fill(&mut self, needed: usize, deadline: Option<Instant>, patience: Patience) -> Result<(), Error> {
        if !self.life.is_current() {
            return Err(Error::Forked(Arc::clone(&self.name)));
        }
        let filled = match &mut self.input {
            _ if std::mem::take(&mut self.at_end) => Fill::End,
            Input::Pipe(pipe) => pipe.fill(&mut self.buffer, deadline)?,
            Input::File(file) => {
                if let Decoder::Lines(lines) = &mut self.decoder {
                    lines.search_anew();
                }
                // After a writer's end it waits for nothing, but goes on if there is more.
                let deadline = if self.ended { Some(Instant::now()) } else { deadline };
                match file.fill(&mut self.buffer, needed, deadline)? {
                    Fill::Nothing if self.ended => Fill::End,
                    filled => filled,
                }
            }
        };
        match filled {
            Fill::Bytes => Ok(()),
            Fill::Nothing => Err(match patience.limit() {
                Some(limit) => Error::TimedOut { ring: Arc::clone(&self.name), limit, slowest: None },
                None => Error::Empty(Arc::clone(&self.name)),
            }),
            Fill::End => self.end(),
        }
    }

    /// What the end of the input means.
    fn end(&mut self) -> Result<(), Error> {
        let is_end = match (&mut self.decoder, &self.input) {
            (Decoder::Lines(_), Input::Pipe(_)) if !self.buffer.filled().is_empty() => {
                // A last line without its end, which ends now.
                self.buffer.room(1)[0] = b'\n';
                self.buffer.add(1);
                self.at_end = true;
                return Ok(());
            }
            (Decoder::Lines(_), _) | (_, Input::File(_)) => true,
            (Decoder::Blocks(blocks), Input::Pipe(_)) => {
                blocks.forget();
                self.buffer.clear();
                self.ended
            }
        };
        (self.ended, self.lost) = (false, false);
        // A pipe without a name has no other writer: the next call says that it is over.
        self.ended |= matches!(&self.input, Input::Pipe(pipe) if !pipe.is_named());
        Err(if is_end { Error::Closed } else { Error::Gone }(Arc::clone(&self.name)))
    }
}

fn expected(class: &RawClass) -> Expected {
    Expected { fingerprint: class.fingerprint().0, frame_bytes: class.frame_bytes() }
}

/// For event loops: readable when [`recv`](RawConsumer::recv) may have something after an [`Error::Empty`]. Each call of it may
/// exchange the descriptor.
impl AsFd for RawConsumer {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match &self.input {
            Input::Pipe(pipe) => pipe.as_fd(),
            Input::File(file) => file.as_fd(),
        }
    }
}

impl fmt::Debug for RawConsumer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = f.debug_struct("RawConsumer");
        text.field("stream", &self.name).field("received", &self.received).finish_non_exhaustive()
    }
}
