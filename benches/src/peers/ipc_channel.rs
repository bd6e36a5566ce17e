//! [ipc-channel](https://docs.rs/ipc-channel): a channel of bytes. A payload is copied into a socket, or into several pieces
//! where it is larger than the socket's buffer, and out of it into a new vector. The receiver polls.

use ipc_channel::TryRecvError;
use ipc_channel::ipc::{IpcBytesReceiver, IpcBytesSender, IpcOneShotServer, IpcSender, bytes_channel};

use super::bytes;
use crate::Outcome;
use crate::contender::{Contender, Kind, Sides};
use crate::drivers;
use crate::link::{End, Link, Receiver, Sender};
use crate::message_line::pause;

/// A channel of bytes.
pub(crate) fn contender() -> Contender {
    Contender {
        name: "ipc-channel",
        kind: Kind::Peer,
        sides: Sides::Processes,
        buffer: |_| "a socket's buffer, as large as the system makes it".into(),
        run: drivers::link::<Bytes>,
    }
}

struct Bytes;

struct BytesTx {
    channel: IpcBytesSender,
    payload: Vec<u8>,
}

struct BytesRx(IpcBytesReceiver);

impl Link for Bytes {
    type Sender = BytesTx;
    type Receiver = BytesRx;

    fn sender(end: &End<'_>) -> Outcome<BytesTx> {
        end.meeting.meet();
        let server = std::fs::read_to_string(end.directory.join(end.name))?;
        let (channel, receiver) = bytes_channel()?;
        IpcSender::connect(server)?.send(receiver)?;
        Ok(BytesTx { channel, payload: vec![0; end.task.payload_bytes] })
    }

    fn receiver(end: &End<'_>) -> Outcome<BytesRx> {
        let (server, name) = IpcOneShotServer::new()?;
        std::fs::write(end.directory.join(end.name), name)?;
        end.meeting.meet();
        Ok(BytesRx(server.accept()?.1))
    }
}

impl Sender for BytesTx {
    fn send(&mut self, number: u64) -> Outcome {
        bytes::write(&mut self.payload, number);
        Ok(self.channel.send(&self.payload)?)
    }
}

impl Receiver for BytesRx {
    fn receive(&mut self) -> Outcome<u64> {
        loop {
            match self.0.try_recv() {
                Ok(payload) => return bytes::read(&payload),
                Err(TryRecvError::Empty) => pause(),
                Err(TryRecvError::IpcError(problem)) => return Err(problem.into()),
            }
        }
    }
}
