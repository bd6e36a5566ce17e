//! [`Duplex`]: both directions.

use std::time::Duration;

use super::{Channel, Consumer, Frame, Producer};
use crate::class::Class;
use crate::error::Error;

/// Both directions between two programs: frames of `Out` go, frames of `In` come. Over two named pipes, which the other side
/// opens the other way around.
///
/// ```
/// use ipc_core::stream::{Channel, Duplex};
/// ipc_core::schema! { [{ "className": "Question", "members": [{ "name": "n", "type": "uint64" }] },
///                      { "className": "Answer", "members": [{ "name": "n", "type": "uint64" }] }] }
///
/// # let folder = std::env::temp_dir().join(format!("doc-duplex-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder).unwrap();
/// # let (questions, answers) = (folder.join("questions"), folder.join("answers"));
/// # let (questions, answers) = (questions.to_str().unwrap(), answers.to_str().unwrap());
/// let (questions, answers) = (Channel::<Question>::fifo(questions), Channel::<Answer>::fifo(answers));
/// let mut client = Duplex::open(&questions, &answers)?;
/// let mut server = Duplex::open(&answers, &questions)?;
/// client.send(&Question { n: 7 })?;
/// let question = server.recv()?;
/// server.send(&Answer { n: question.n + 1 })?;
/// assert_eq!(client.recv()?.n, 8);
/// # std::fs::remove_dir_all(&folder).unwrap();
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[derive(Debug)]
pub struct Duplex<Out: Class, In: Class> {
    /// The end that sends.
    pub out: Producer<Out>,
    /// The end that receives.
    pub input: Consumer<In>,
}

impl<Out: Class, In: Class> Duplex<Out, In> {
    /// Opens both ends; neither waits for the other side.
    ///
    /// # Errors
    ///
    /// As for [`Channel::producer`] and [`Channel::consumer`].
    pub fn open(out: &Channel<'_, Out>, input: &Channel<'_, In>) -> Result<Self, Error> {
        Ok(Self { out: out.producer()?, input: input.consumer()? })
    }

    /// See [`Producer::send`].
    pub fn send(&mut self, value: &Out) -> Result<u64, Error> {
        self.out.send(value)
    }

    /// See [`Consumer::recv`].
    pub fn recv(&mut self) -> Result<Frame<In>, Error> {
        self.input.recv()
    }

    /// See [`Consumer::try_recv`].
    pub fn try_recv(&mut self) -> Result<Frame<In>, Error> {
        self.input.try_recv()
    }

    /// See [`Consumer::recv_timeout`].
    pub fn recv_timeout(&mut self, limit: Duration) -> Result<Frame<In>, Error> {
        self.input.recv_timeout(limit)
    }
}
