//! What the kernel carries: a pipe, a FIFO, a Unix socket. Spinning ends do not block, as their manuals advise who wants
//! no sleep; sleeping ends block. Each side copies: the sender into the kernel, the receiver out of it.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::fs::symlink;
use std::os::unix::net::{UnixListener, UnixStream};

use rustix::fs::{CWD, FileType, Mode, OFlags, fcntl_getfl, fcntl_setfl, mknodat, open};
use rustix::net::sockopt::{set_socket_recv_buffer_size, set_socket_send_buffer_size};
use rustix::pipe::{fcntl_setpipe_size, pipe};

use crate::link::{End, Link, Receiver, Sender};
use crate::message_line::pause;
use crate::payload::{self, WORD_BYTES};
use crate::task::Waiting;
use crate::{Failure, Outcome};

/// Bytes of every buffer: the most that the kernel gives a pipe of a user who is not root.
pub(crate) const BUFFER_BYTES: usize = 1 << 20;

/// A pipe without a name.
pub(crate) struct Pipe;
/// A pipe with a name.
pub(crate) struct Fifo;
/// A stream socket with a name in the file system.
pub(crate) struct UnixSocket;

impl Pipe {
    /// Makes it; the sides are siblings, which inherit nothing from each other, so the receiver opens it through the sender's
    /// `/proc`.
    pub(crate) fn sending(end: &End<'_>) -> Outcome<File> {
        let (reader, writer) = pipe()?;
        symlink(format!("/proc/{}/fd/{}", std::process::id(), reader.as_raw_fd()), end.directory.join(end.name))?;
        end.meeting.meet();
        end.meeting.meet();
        Ok(writer.into())
    }

    /// Opens what the other side made.
    pub(crate) fn receiving(end: &End<'_>) -> Outcome<File> {
        end.meeting.meet();
        let reader = File::open(end.directory.join(end.name))?;
        end.meeting.meet();
        Ok(reader)
    }
}

impl UnixSocket {
    /// Waits for the other side to connect.
    pub(crate) fn sending(end: &End<'_>) -> Outcome<UnixStream> {
        let listener = UnixListener::bind(end.directory.join(end.name))?;
        end.meeting.meet();
        Ok(listener.accept()?.0)
    }

    /// Connects.
    pub(crate) fn receiving(end: &End<'_>) -> Outcome<UnixStream> {
        end.meeting.meet();
        Ok(UnixStream::connect(end.directory.join(end.name))?)
    }
}

impl Link for Pipe {
    type Sender = Tx<File>;
    type Receiver = Rx<File>;

    fn sender(end: &End<'_>) -> Outcome<Tx<File>> {
        let writer = Self::sending(end)?;
        fcntl_setpipe_size(&writer, BUFFER_BYTES)?;
        Tx::new(writer, end)
    }

    fn receiver(end: &End<'_>) -> Outcome<Rx<File>> {
        Rx::new(Self::receiving(end)?, end)
    }
}

impl Link for Fifo {
    type Sender = Tx<File>;
    type Receiver = Rx<File>;

    fn sender(end: &End<'_>) -> Outcome<Tx<File>> {
        let path = end.directory.join(end.name);
        mknodat(CWD, &path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0)?;
        end.meeting.meet();
        // Waits for the reader.
        let writer = File::from(open(&path, OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty())?);
        fcntl_setpipe_size(&writer, BUFFER_BYTES)?;
        Tx::new(writer, end)
    }

    fn receiver(end: &End<'_>) -> Outcome<Rx<File>> {
        end.meeting.meet();
        Rx::new(File::open(end.directory.join(end.name))?, end)
    }
}

impl Link for UnixSocket {
    type Sender = Tx<UnixStream>;
    type Receiver = Rx<UnixStream>;

    fn sender(end: &End<'_>) -> Outcome<Tx<UnixStream>> {
        let stream = Self::sending(end)?;
        set_socket_send_buffer_size(&stream, BUFFER_BYTES)?;
        Tx::new(stream, end)
    }

    fn receiver(end: &End<'_>) -> Outcome<Rx<UnixStream>> {
        let stream = Self::receiving(end)?;
        set_socket_recv_buffer_size(&stream, BUFFER_BYTES)?;
        Rx::new(stream, end)
    }
}

/// The end that writes.
pub(crate) struct Tx<F> {
    file: F,
    payloads: Payloads,
}

/// The end that reads.
pub(crate) struct Rx<F> {
    file: F,
    payloads: Payloads,
}

/// Payloads on their way into the kernel, or out of it.
struct Payloads {
    words: Vec<u64>,
    /// Words of one payload.
    length: usize,
}

impl Payloads {
    fn new(end: &End<'_>) -> Self {
        Self { words: vec![0; end.task.words() * end.task.batch], length: end.task.words() }
    }

    /// The first so many of them, as the kernel takes them.
    fn bytes(&mut self, count: usize) -> &mut [u8] {
        let words = &mut self.words[..count * self.length];
        bytemuck::cast_slice_mut(words)
    }
}

impl<F: Write + AsFd> Tx<F> {
    fn new(file: F, end: &End<'_>) -> Outcome<Self> {
        set_blocking(&file, end.task.wait)?;
        Ok(Self { file, payloads: Payloads::new(end) })
    }
}

impl<F: Read + AsFd> Rx<F> {
    fn new(file: F, end: &End<'_>) -> Outcome<Self> {
        set_blocking(&file, end.task.wait)?;
        Ok(Self { file, payloads: Payloads::new(end) })
    }
}

fn set_blocking(file: &impl AsFd, wait: Waiting) -> Outcome {
    if wait == Waiting::Spin {
        fcntl_setfl(file, fcntl_getfl(file)? | OFlags::NONBLOCK)?;
    }
    Ok(())
}

impl<F: Write> Sender for Tx<F> {
    fn send(&mut self, number: u64) -> Outcome {
        self.send_batch(number, 1)
    }

    /// One call for all of them.
    fn send_batch(&mut self, first: u64, count: usize) -> Outcome {
        let Self { file, payloads } = self;
        for (payload, number) in payloads.words.chunks_exact_mut(payloads.length).zip(first..first + count as u64) {
            payload::write(payload, number);
        }
        let mut left = &*payloads.bytes(count);
        while !left.is_empty() {
            match file.write(left) {
                Ok(written) => left = &left[written..],
                Err(error) if again(&error) => pause(),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

impl<F: Read> Rx<F> {
    /// Reads at least one payload and at most so many, whole ones; gives how many.
    fn fill(&mut self, most: usize) -> Outcome<usize> {
        let Self { file, payloads } = self;
        let one = payloads.length * WORD_BYTES;
        let bytes = payloads.bytes(most);
        let mut filled = 0;
        while filled == 0 || filled % one != 0 {
            match file.read(&mut bytes[filled..]) {
                Ok(0) => return Err(Failure::from("the sender has gone")),
                Ok(read) => filled += read,
                Err(error) if again(&error) => pause(),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(filled / one)
    }
}

impl<F: Read> Receiver for Rx<F> {
    fn receive(&mut self) -> Outcome<u64> {
        self.fill(1)?;
        payload::read(&self.payloads.words[..self.payloads.length])
    }

    /// One call for all that are there.
    fn receive_batch(&mut self, first: u64, most: usize) -> Outcome<usize> {
        let count = self.fill(most)?;
        let payloads = self.payloads.words.chunks_exact(self.payloads.length).take(count);
        payloads.zip(first..).try_for_each(|(payload, number)| payload::expect(number, payload::read(payload)?))?;
        Ok(count)
    }
}

/// Whether a call is to be made again.
fn again(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}
