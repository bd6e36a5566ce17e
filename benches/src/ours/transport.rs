//! The ring's frames over what else carries them, as a [`Link`]: named pipe, pipe, socket, file, and lines of JSON.

use ipc_core::stream::{Channel, Consumer, Producer};

use super::{Payload, PayloadDims};
use crate::Outcome;
use crate::limits::{Pipe, UnixSocket};
use crate::link::{End, Link, Receiver, Sender};
use crate::payload;

/// Their names in plans and tables, and when to use which.
pub(crate) const ALL: [(&str, &str); 5] = [
    (
        FIFO,
        "the peer cannot map memory but opens files, and comes and goes as it likes: an editor, a console, a script",
    ),
    (PIPE, "parent and child; `producer | filter | consumer` in a shell"),
    (SOCKET, "as a pipe, where a connected socket is there already"),
    (FILE, "the stream is to be kept: read later, or followed while it grows"),
    (LINES, "the peer knows no binary: a plug-in, `jq`, a person"),
];

const FIFO: &str = "ours, FIFO";
const PIPE: &str = "ours, pipe";
const SOCKET: &str = "ours, Unix socket";
const FILE: &str = "ours, file";
const LINES: &str = "ours, lines of JSON in a FIFO";

/// The one that the task names.
pub(crate) struct Transport;

/// The sending end.
pub(crate) struct Tx {
    producer: Producer<Payload>,
    count: u32,
}

/// The receiving end.
pub(crate) struct Rx(Consumer<Payload>);

/// The channel of the named pipe, the file or the lines at that path; an unnamed pipe for the others.
fn channel<'p>(end: &End<'_>, path: &'p str) -> Channel<'p, Payload> {
    match end.task.contender.as_str() {
        FIFO => Channel::fifo(path),
        LINES => Channel::fifo(path).lines(),
        FILE => Channel::file(path).follow(),
        _ => Channel::pipe(),
    }
}

fn path(end: &End<'_>) -> String {
    end.directory.join(end.name).display().to_string()
}

impl Link for Transport {
    type Sender = Tx;
    type Receiver = Rx;

    fn sender(end: &End<'_>) -> Outcome<Tx> {
        let path = path(end);
        let channel = channel(end, &path);
        let producer = match end.task.contender.as_str() {
            PIPE => channel.producer_into(Pipe::sending(end)?)?,
            SOCKET => channel.producer_into(UnixSocket::sending(end)?)?,
            _ => {
                let producer = channel.producer()?;
                end.meeting.meet();
                producer
            }
        };
        Ok(Tx { producer, count: end.task.words() as u32 })
    }

    fn receiver(end: &End<'_>) -> Outcome<Rx> {
        let path = path(end);
        let channel = channel(end, &path);
        let consumer = match end.task.contender.as_str() {
            PIPE => channel.consumer_from(Pipe::receiving(end)?)?,
            SOCKET => channel.consumer_from(UnixSocket::receiving(end)?)?,
            _ => {
                // A file is there only when its producer has come.
                end.meeting.meet();
                channel.consumer()?
            }
        };
        Ok(Rx(consumer))
    }
}

impl Sender for Tx {
    fn send(&mut self, number: u64) -> Outcome {
        let mut place = self.producer.reserve(PayloadDims { count: self.count })?;
        let frame = place.edit();
        *frame.number = number;
        payload::write(frame.words, number);
        place.publish()?;
        Ok(())
    }
}

impl Receiver for Rx {
    fn receive(&mut self) -> Outcome<u64> {
        payload::read(self.0.recv()?.view().words())
    }
}
