//! `ipc echo`: the frames of a ring or of a stream, to look at or to hand on.

use std::io::{ErrorKind, Write};
use std::process::ExitCode;

use ipc_core::raw::{self, Patience, RawClass, RawObserver};
use ipc_core::{Error, stream};
use ipc_schema::{Schema, value};

use crate::Failure;
use crate::place::Place;

/// Print the frames of a ring, a named pipe, a file or standard input, each as a line of JSON, up to the end of the stream.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// `-` for standard input, the path of a named pipe or of a file with a stream in it, or a ring's name or path. A ring is
    /// observed: it waits for nobody who looks at it so.
    place: String,
    /// Write the frames as they are, for another program's standard input, instead of lines.
    #[arg(long)]
    frames: bool,
    /// Read a file on while it grows, up to its writer's end.
    #[arg(long)]
    follow: bool,
    /// End after that many frames.
    #[arg(long)]
    count: Option<u64>,
}

/// Writes frame after frame.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let (class, mut source) = Source::open(arguments)?;
    let mut sink = Sink::open(&class, arguments.frames)?;
    let mut left = arguments.count.unwrap_or(u64::MAX);
    while left > 0 {
        let written = match source.next(|frame| sink.write(frame)) {
            Ok(written) => written?,
            Err(Error::Closed(_)) => break,
            // One who writes wrongly, or goes, ends nobody's looking on.
            Err(error @ (Error::Frame(_) | Error::NotAStream { .. } | Error::Mismatch(_))) => {
                eprintln!("error: {error}");
                continue;
            }
            Err(error) if error.is_gone() && matches!(Place::of(&arguments.place), Place::Fifo(_)) => {
                eprintln!("note: {error}");
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        if written == Written::NobodyReads {
            break;
        }
        left -= 1;
    }
    Ok(ExitCode::SUCCESS)
}

/// Where the frames come from.
enum Source {
    Stream(Box<stream::RawConsumer>),
    Ring(RawObserver),
}

impl Source {
    fn open(arguments: &Arguments) -> Result<(RawClass, Self), Error> {
        let channel = match Place::of(&arguments.place) {
            Place::Standard => stream::RawChannel::pipe(),
            Place::Fifo(path) => stream::RawChannel::fifo(path),
            Place::File(path) if arguments.follow => stream::RawChannel::file(path).follow(),
            Place::File(path) => stream::RawChannel::file(path),
            Place::Other(path) if arguments.follow => stream::RawChannel::file(path).follow(),
            Place::Other(name) => {
                let channel = raw::RawChannel::untyped(name);
                let class = channel.class()?;
                let observer = channel.observer_of(&class)?;
                return Ok((class, Self::Ring(observer)));
            }
        };
        let mut consumer = channel.consumer_of_any()?;
        let class = consumer.class(Patience::Endless)?.clone();
        Ok((class, Self::Stream(Box::new(consumer))))
    }

    fn next<R>(&mut self, take: impl FnOnce(&[u8]) -> R) -> Result<R, Error> {
        match self {
            Self::Stream(consumer) => consumer.recv(Patience::Endless).map(|frame| take(frame.bytes())),
            Self::Ring(observer) => observer.recv(Patience::Endless).map(|frame| take(frame.bytes())),
        }
    }
}

/// Where they go.
enum Sink {
    Frames(Box<stream::RawProducer>),
    /// The last class is theirs.
    Lines(Schema),
}

#[derive(PartialEq, Eq)]
enum Written {
    Done,
    /// The program that reads has what it wanted.
    NobodyReads,
}

impl Sink {
    fn open(class: &RawClass, frames: bool) -> Result<Self, Failure> {
        if frames {
            return Ok(Self::Frames(Box::new(stream::RawChannel::pipe().producer_of(class)?)));
        }
        Ok(Self::Lines(Schema::from_text(class.schema(), "the schema of the stream")?))
    }

    fn write(&mut self, frame: &[u8]) -> Result<Written, Failure> {
        let schema = match self {
            Self::Lines(schema) => schema,
            Self::Frames(producer) => match producer.send(frame, Patience::Endless) {
                Err(error) if error.is_gone() => return Ok(Written::NobodyReads),
                outcome => return Ok(outcome.map(|_| Written::Done)?),
            },
        };
        let class = schema.classes.last().ok_or("the schema has no class")?;
        let line = match value::decode(schema, class, frame) {
            Ok(value) => value::to_json(schema, class, &value),
            Err(error) => {
                eprintln!("error: class {}: {error}", class.name);
                return Ok(Written::Done);
            }
        };
        // Written at once, so that who looks on sees each frame when it comes.
        match writeln!(std::io::stdout(), "{line}") {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(Written::NobodyReads),
            outcome => Ok(outcome.map(|()| Written::Done)?),
        }
    }
}
