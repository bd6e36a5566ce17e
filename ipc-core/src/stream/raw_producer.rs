//! [`RawProducer`]: sends frames into a stream, by bytes. [`Producer`](super::Producer) is a thin layer over it.

use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use std::time::Instant;

use super::Form;
use super::file::FileOut;
use super::header::{HEADER_BYTES, Header, Kind, PIPE_BLOCK_BYTES};
use super::lines::Lines;
use super::pipe::{PipeOut, Reader};
use crate::content::AlignedBytes;
use crate::error::{Error, RingName};
use crate::linux::fork::Life;
use crate::raw::{Patience, RawClass};

/// Sends frames into a stream, by bytes.
///
/// A frame is written by [`reserve`](Self::reserve) and [`publish`](Self::publish), or handed over by [`send`](Self::send).
/// In a program whose `main` is not Rust's (or Python's), see that it ignores SIGPIPE: else a reader that goes ends it.
///
/// # Errors
///
/// As for a [`Producer`](super::Producer).
pub struct RawProducer {
    name: Arc<RingName>,
    output: Output,
    class: RawClass,
    lines: Option<Lines>,
    /// This writer's number in the stream.
    writer: u64,
    /// Whether the present reader has the class.
    told: bool,
    sent: u64,
    /// The frame that is written.
    frame: AlignedBytes,
    /// The same as a line, if that is how it goes into a pipe.
    line: String,
    /// So much of it is in the pipe already.
    begun: usize,
    ended: bool,
    life: Life,
}

/// Where frames go.
#[derive(Debug)]
pub(super) enum Output {
    Pipe(PipeOut),
    File(FileOut),
}

impl RawProducer {
    pub(super) fn new(name: Arc<RingName>, output: Output, class: &RawClass, form: Form) -> Result<Self, Error> {
        let life = Life::current().map_err(|error| Error::os(name.path(), "prepare for forks", error))?;
        let lines = (form == Form::Lines).then(|| Lines::new(class)).transpose()?;
        Ok(Self {
            name,
            output,
            class: class.clone(),
            lines,
            // Each RandomState has other keys.
            writer: RandomState::new().build_hasher().finish(),
            told: false,
            sent: 0,
            frame: AlignedBytes::default(),
            line: String::new(),
            begun: 0,
            ended: false,
            life,
        })
    }

    /// A frame of that many bytes, to be written all over; its bytes begin 16-aligned. [`publish`](Self::publish) sends it.
    pub fn reserve(&mut self, len_bytes: usize) -> Result<&mut [u8], Error> {
        let allowed = self.class.frame_bytes();
        if u32::try_from(len_bytes).is_ok_and(|len| allowed.contains(&len)) {
            return Ok(self.frame_of(len_bytes));
        }
        let expected = match allowed.start() == allowed.end() {
            true => allowed.start().to_string(),
            false => format!("at least {}, and under 4 GiB", allowed.start()),
        };
        Err(Error::raw_frame(self.class.name(), format!("expected a frame of {expected} bytes, found {len_bytes}")))
    }

    /// The same for who knows that the class has frames of that length.
    pub(super) fn frame_of(&mut self, len_bytes: usize) -> &mut [u8] {
        // Of a line that is given up, the beginning is there: the next one ends it first.
        self.told &= self.lines.is_none() || self.begun == 0;
        self.begun = 0;
        self.frame.resize(len_bytes);
        &mut self.frame
    }

    /// What [`reserve`](Self::reserve) gave.
    pub(super) fn reserved(&mut self) -> &mut [u8] {
        &mut self.frame
    }

    /// The same, to read.
    pub(super) fn written(&self) -> &[u8] {
        &self.frame
    }

    /// Sends a frame's bytes; gives the number of frames that were sent before it.
    pub fn send(&mut self, frame: &[u8], patience: Patience) -> Result<u64, Error> {
        self.reserve(frame.len())?.copy_from_slice(frame);
        self.publish(patience)
    }

    /// Sends the frame that was reserved: whole, or not at all. After [`Error::NoRoom`] another call goes on where this one
    /// stopped, so that a large frame can be sent bit by bit; whoever reserves another one gives it up. (Of one that goes as a line
    /// the reader meets the beginning then, and refuses it.)
    pub fn publish(&mut self, patience: Patience) -> Result<u64, Error> {
        let frame = std::mem::take(&mut self.frame);
        let outcome = self.put(Kind::Frame, &frame, patience);
        self.frame = frame;
        outcome?;
        self.sent += 1;
        Ok(self.sent - 1)
    }

    /// The same, but a line that has begun is brought to its end, however long that takes.
    pub(super) fn publish_whole(&mut self, patience: Patience) -> Result<u64, Error> {
        match self.publish(patience) {
            Err(Error::NoRoom { .. }) if self.lines.is_some() && self.begun > 0 => self.publish(Patience::Endless),
            outcome => outcome,
        }
    }

    /// How many frames were sent.
    pub fn sent(&self) -> u64 {
        self.sent
    }

    /// The class.
    pub fn class(&self) -> &RawClass {
        &self.class
    }

    /// Waits until somebody reads; [`Error::Gone`] if nobody has come in time. A file, and a pipe without a name, need no reader.
    pub fn wait_for_reader(&mut self, patience: Patience) -> Result<(), Error> {
        if !self.life.is_current() {
            return Err(Error::Forked(Arc::clone(&self.name)));
        }
        let Output::Pipe(pipe) = &mut self.output else { return Ok(()) };
        match pipe.reader(patience.deadline())? {
            Reader::None => return Err(Error::Gone(Arc::clone(&self.name))),
            // Lines have nothing to tell.
            Reader::New => self.told &= self.lines.is_some(),
            Reader::Same => {}
        }
        if !self.told && self.lines.is_none() {
            self.begun = 0;
        }
        Ok(())
    }

    /// Ends the stream: the reader gets what is left, and then [`Error::Closed`]. Waits until that is sent; a pipe that nobody
    /// reads ends without it.
    pub fn close(mut self) -> Result<(), Error> {
        self.end(Patience::Endless)
    }

    /// Goes without ending the stream: its reader gets [`Error::Gone`].
    pub fn leave(mut self) {
        self.ended = true;
    }

    /// The same for who waits in slices: after [`Error::NoRoom`] another call goes on. Nothing is sent after the end.
    pub fn end(&mut self, patience: Patience) -> Result<(), Error> {
        self.ended = true;
        if self.lines.is_some() {
            return Ok(());
        }
        self.begun = 0;
        let outcome = self.wait_for_reader(Patience::None).and_then(|()| self.put(Kind::End, &[], patience));
        self.ended = !matches!(outcome, Err(Error::NoRoom { .. }));
        if let Err(Error::Gone(_)) = outcome { Ok(()) } else { outcome }
    }

    fn put(&mut self, kind: Kind, bytes: &[u8], patience: Patience) -> Result<(), Error> {
        let deadline = patience.deadline();
        self.wait_for_reader(patience)?;
        let Self { name, output, class, lines, line, writer, told, begun, .. } = self;
        let fingerprint = class.fingerprint().0;
        let record = |kind: Kind, bytes: &[u8]| Header {
            kind,
            record_bytes: bytes.len() as u32,
            offset: 0,
            block_bytes: bytes.len() as u32,
            writer: *writer,
            fingerprint,
        };
        let text = class.schema().as_bytes();
        let pipe = match output {
            Output::File(file) => {
                return match lines {
                    Some(lines) => file.append(&[], &[(lines.line_of(bytes)? + "\n").as_bytes()]),
                    None => {
                        let (class, this) = (record(Kind::Class, text).to_bytes(), record(kind, bytes).to_bytes());
                        file.append(&[&class, text], &[&this, bytes])
                    }
                };
            }
            Output::Pipe(pipe) => pipe,
        };
        let outcome = match lines {
            Some(lines) => {
                if *begun == 0 {
                    // An empty line first ends what another writer may have left that died in the midst of its own.
                    let first = if *told { "" } else { "\n" };
                    *line = format!("{first}{}\n", lines.line_of(bytes)?);
                }
                pipe.write_on(line.as_bytes(), begun, deadline)
            }
            None if !*told && !put_blocks(pipe, record(Kind::Class, text), text, &mut 0, deadline)? => Ok(false),
            None => {
                *told = true;
                put_blocks(pipe, record(kind, bytes), bytes, begun, deadline)
            }
        };
        match outcome {
            Ok(true) => (*told, *begun) = (true, 0),
            Ok(false) => return Err(Error::NoRoom { stream: Arc::clone(name), limit: patience.limit() }),
            Err(error) => {
                (*told, *begun) = (false, 0);
                return Err(error);
            }
        }
        Ok(())
    }
}

/// Writes a record from the byte `begun` on; false if the deadline came before its end. If the rest does not follow, its reader
/// drops it at the next record.
fn put_blocks(
    pipe: &mut PipeOut,
    record: Header,
    bytes: &[u8],
    begun: &mut usize,
    deadline: Option<Instant>,
) -> Result<bool, Error> {
    let most = if pipe.is_pipe { PIPE_BLOCK_BYTES - HEADER_BYTES } else { bytes.len().max(1) };
    loop {
        let block = &bytes[*begun..bytes.len().min(*begun + most)];
        let header = Header { offset: *begun as u32, block_bytes: block.len() as u32, ..record };
        if !pipe.write(&[&header.to_bytes(), block], deadline)? {
            return Ok(false);
        }
        *begun += block.len();
        if *begun == bytes.len() {
            return Ok(true);
        }
    }
}

impl Drop for RawProducer {
    fn drop(&mut self) {
        if !self.ended && self.life.is_current() && !std::thread::panicking() {
            // What fails here is reported by close(); here nobody listens.
            let _ = self.end(Patience::Endless);
        }
    }
}

impl fmt::Debug for RawProducer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawProducer").field("stream", &self.name).field("sent", &self.sent).finish_non_exhaustive()
    }
}
