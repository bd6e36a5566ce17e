//! [ZeroMQ](https://zguide.zeromq.org) over `ipc://`: PUSH to PULL, payloads written into messages and read in them. A thread
//! of its own in each process works the socket, on the core of its side, to which the receiver yields while it polls.

use zmq::{Context, Message, Socket, SocketType};

use super::bytes;
use crate::Outcome;
use crate::contender::{Contender, Kind, Sides};
use crate::drivers;
use crate::link::{End, Link, Receiver, Sender};

/// A pair of sockets.
pub(crate) fn contender() -> Contender {
    Contender {
        name: "ZeroMQ",
        kind: Kind::Peer,
        sides: Sides::Processes,
        buffer: |task| format!("high-water marks of {} messages at both ends", task.depth),
        run: drivers::link::<Ipc>,
    }
}

struct Ipc;

struct Push {
    socket: Socket,
    payload_bytes: usize,
}

struct Pull {
    socket: Socket,
    /// Used again for each message.
    message: Message,
}

/// A socket with the settings of both ends.
fn socket(end: &End<'_>, kind: SocketType) -> Outcome<Socket> {
    let socket = Context::new().socket(kind)?;
    let depth = end.task.depth.try_into()?;
    socket.set_sndhwm(depth)?;
    socket.set_rcvhwm(depth)?;
    // What the other side will not read any more does not keep this one from ending.
    socket.set_linger(0)?;
    Ok(socket)
}

fn address(end: &End<'_>) -> String {
    format!("ipc://{}/{}", end.directory.display(), end.name)
}

impl Link for Ipc {
    type Sender = Push;
    type Receiver = Pull;

    fn sender(end: &End<'_>) -> Outcome<Push> {
        let socket = socket(end, zmq::PUSH)?;
        socket.bind(&address(end))?;
        end.meeting.meet();
        Ok(Push { socket, payload_bytes: end.task.payload_bytes })
    }

    fn receiver(end: &End<'_>) -> Outcome<Pull> {
        end.meeting.meet();
        let socket = socket(end, zmq::PULL)?;
        // A PUSH socket waits for somebody to be connected, so nothing is lost.
        socket.connect(&address(end))?;
        Ok(Pull { socket, message: Message::new() })
    }
}

impl Sender for Push {
    fn send(&mut self, number: u64) -> Outcome {
        let mut message = Message::with_size(self.payload_bytes);
        bytes::write(&mut message, number);
        Ok(self.socket.send(message, 0)?)
    }
}

impl Receiver for Pull {
    fn receive(&mut self) -> Outcome<u64> {
        loop {
            match self.socket.recv(&mut self.message, zmq::DONTWAIT) {
                Ok(()) => return bytes::read(&self.message),
                // The socket's thread may wait for this core.
                Err(zmq::Error::EAGAIN) => std::thread::yield_now(),
                Err(problem) => return Err(problem.into()),
            }
        }
    }
}
