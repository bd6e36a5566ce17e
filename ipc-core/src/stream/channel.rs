//! [`Channel`]: where a stream of frames goes, together with its class.

use std::any::type_name;
use std::fmt;
use std::marker::PhantomData;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Form;
use super::consumer::Consumer;
use super::file::{AtEnd, FileIn, FileOut};
use super::pipe::{PipeIn, PipeOut, Turns};
use super::producer::Producer;
use super::raw_consumer::{Input, RawConsumer};
use super::raw_producer::{Output, RawProducer};
use crate::class::Class;
use crate::error::{Error, RingName};
use crate::raw::{RawClass, Untyped};

/// Where a stream of frames goes, with its class. State it once as a constant, and open both ends from it:
///
/// ```
/// use ipc_core::stream::Channel;
/// ipc_core::schema! { [{ "className": "Order", "members": [{ "name": "build", "type": "bool" }] }] }
///
/// const ORDERS: Channel<Order> = Channel::fifo("/run/user/1000/engine.orders");
/// ```
pub struct Channel<'a, T> {
    stated: Stated<'a>,
    class: PhantomData<fn(T) -> T>,
}

/// A channel whose class is known at run time alone.
pub type RawChannel<'a> = Channel<'a, Untyped>;

#[derive(Debug, Clone, Copy)]
struct Stated<'a> {
    place: Place<'a>,
    form: Form,
    at_end: AtEnd,
}

#[derive(Debug, Clone, Copy)]
enum Place<'a> {
    Fifo(&'a str),
    Pipe,
    File(&'a str),
}

impl<'a, T> Channel<'a, T> {
    /// A named pipe. Whichever end comes first makes it, for this user alone; none waits for the other to open it.
    ///
    /// Several producers may write to it, also large frames at the same time. One consumer reads: a second one is refused.
    /// The pipe stays when both are gone. If somebody removes it, both ends meet in a new one: to them it is as if the other
    /// had gone and come back.
    pub const fn fifo(path: &'a str) -> Self {
        Self::at(Place::Fifo(path))
    }

    /// Standard output for its producer, standard input for its consumer; or the pipe that they are given.
    pub const fn pipe() -> Self {
        Self::at(Place::Pipe)
    }

    /// A file that producers append to by turns. A consumer reads it from the beginning to its present end.
    pub const fn file(path: &'a str) -> Self {
        Self::at(Place::File(path))
    }

    const fn at(place: Place<'a>) -> Self {
        Self { stated: Stated { place, form: Form::Blocks, at_end: AtEnd::End }, class: PhantomData }
    }

    /// Each frame is one JSON object on a line, checked against the class on both sides. For peers that know no other form.
    ///
    /// Members by name, in any order; absent ones left out, or `null`; enums by the name of their value or as a number;
    /// bytes as a list of numbers; arrays flat, row-major; what JSON has no number for as `"NaN"`, `"inf"`, `"-inf"`.
    /// A named pipe has one producer of lines, since longer ones are not written at once.
    pub const fn lines(mut self) -> Self {
        self.stated.form = Form::Lines;
        self
    }

    /// A consumer of a file waits at its end for more, until a producer has ended the stream.
    pub const fn follow(mut self) -> Self {
        self.stated.at_end = AtEnd::Follow;
        self
    }
}

impl<T: Class> Channel<'_, T> {
    /// Opens an end that sends.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`] for a file with frames of another class, [`Error::NotAStream`] for one with something else,
    /// [`Error::Channel`] for a path where something else is, or a pipe that has its producer of lines, [`Error::Os`] for
    /// what the system refuses.
    pub fn producer(&self) -> Result<Producer<T>, Error> {
        self.raw().producer_of(&RawClass::of(T::DESC)).map(Producer::new)
    }

    /// Opens an end that receives. A class that differs is told when the stream's beginning comes.
    ///
    /// # Errors
    ///
    /// [`Error::Channel`] for a path where something else is, or a pipe that has a consumer, [`Error::Os`] for what the
    /// system refuses.
    pub fn consumer(&self) -> Result<Consumer<T>, Error> {
        self.raw().consumer_of(&RawClass::of(T::DESC)).map(Consumer::new)
    }

    /// An end that sends into this pipe, a child's standard input say.
    ///
    /// # Errors
    ///
    /// As for [`producer`](Self::producer).
    pub fn producer_into(&self, pipe: impl Into<OwnedFd>) -> Result<Producer<T>, Error> {
        self.raw().producer_into_of(&RawClass::of(T::DESC), pipe.into()).map(Producer::new)
    }

    /// An end that receives from this pipe, a child's standard output say.
    ///
    /// # Errors
    ///
    /// As for [`consumer`](Self::consumer).
    pub fn consumer_from(&self, pipe: impl Into<OwnedFd>) -> Result<Consumer<T>, Error> {
        self.raw().consumer_from_of(Some(&RawClass::of(T::DESC)), pipe.into()).map(Consumer::new)
    }

    fn raw(&self) -> RawChannel<'_> {
        Channel { stated: self.stated, class: PhantomData }
    }
}

/// The class is stated when an end is opened.
impl RawChannel<'_> {
    /// See [`producer`](Channel::producer).
    pub fn producer_of(&self, class: &RawClass) -> Result<RawProducer, Error> {
        let Stated { place, form, .. } = self.stated;
        let output = match place {
            Place::Pipe => return self.producer_into_of(class, duplicate(std::io::stdout(), "standard output")?),
            Place::Fifo(path) => {
                let turns = if form == Form::Lines { Turns::Alone } else { Turns::Blocks };
                Output::Pipe(PipeOut::named(&self.name(class.name()), Path::new(path), turns)?)
            }
            Place::File(path) => {
                let file = FileOut::open(&self.name(class.name()), form)?;
                if form == Form::Blocks {
                    RawChannel::file(path).consumer_of(class)?.check_beginning()?;
                }
                Output::File(file)
            }
        };
        RawProducer::new(self.name(class.name()), output, class, form)
    }

    /// See [`consumer`](Channel::consumer).
    pub fn consumer_of(&self, class: &RawClass) -> Result<RawConsumer, Error> {
        self.open_consumer(Some(class))
    }

    /// A consumer of any class: [`RawConsumer::class`] tells which it is.
    ///
    /// # Errors
    ///
    /// As for [`consumer_of`](Self::consumer_of); [`Error::Channel`] for lines, which do not tell.
    pub fn consumer_of_any(&self) -> Result<RawConsumer, Error> {
        self.open_consumer(None)
    }

    fn open_consumer(&self, class: Option<&RawClass>) -> Result<RawConsumer, Error> {
        let name = self.name(class.map(RawClass::name).unwrap_or_default());
        let input = match self.stated.place {
            Place::Pipe => return self.consumer_from_of(class, duplicate(std::io::stdin(), "standard input")?),
            Place::Fifo(path) => Input::Pipe(PipeIn::named(&name, Path::new(path))?),
            Place::File(_) => Input::File(FileIn::open(&name, self.stated.at_end)?),
        };
        RawConsumer::new(name, input, class, self.stated.form)
    }

    /// See [`producer_into`](Channel::producer_into).
    pub fn producer_into_of(&self, class: &RawClass, pipe: OwnedFd) -> Result<RawProducer, Error> {
        let name = named("the pipe", class.name(), "");
        let output = Output::Pipe(PipeOut::unnamed(&name, pipe)?);
        RawProducer::new(name, output, class, self.stated.form)
    }

    /// See [`consumer_from`](Channel::consumer_from); without a class one of any.
    pub fn consumer_from_of(&self, class: Option<&RawClass>, pipe: OwnedFd) -> Result<RawConsumer, Error> {
        let name = named("the pipe", class.map(RawClass::name).unwrap_or_default(), "");
        let input = Input::Pipe(PipeIn::unnamed(&name, pipe));
        RawConsumer::new(name, input, class, self.stated.form)
    }

    fn name(&self, class: &str) -> Arc<RingName> {
        match self.stated.place {
            Place::Fifo(path) => named("the named pipe", class, path),
            Place::File(path) => named("the file", class, path),
            Place::Pipe => named("the pipe", class, ""),
        }
    }
}

fn named(what: &'static str, class: &str, path: &str) -> Arc<RingName> {
    Arc::new(RingName {
        what,
        class: class.to_owned(),
        path: PathBuf::from(path),
        reserved: Vec::new(),
        isolated: false,
    })
}

/// Another descriptor of a standard stream, which stays open for others.
fn duplicate(standard: impl AsFd, what: &str) -> Result<OwnedFd, Error> {
    let duplicate = standard.as_fd().try_clone_to_owned();
    duplicate.map_err(|error| Error::os(Path::new(what), "use it for frames", error))
}

impl<T> Clone for Channel<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Channel<'_, T> {}

impl<T> fmt::Debug for Channel<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channel").field("class", &type_name::<T>()).field("stated", &self.stated).finish()
    }
}
