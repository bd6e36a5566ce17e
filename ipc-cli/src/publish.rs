//! `ipc pub`: frames into a ring or a stream, from lines of JSON or from another program.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use ipc_core::raw::{self, Patience, RawClass};
use ipc_core::{Error, stream};

use crate::place::Place;
use crate::{Failure, source};

/// Send frames from standard input, one JSON object a line, into a ring, a named pipe, a file or standard output. Exit status 1
/// if lines were refused.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// `-` for standard output, the path of a named pipe or of a file with a stream in it, or a ring's name or path. What is
    /// not there is made: a ring from a name, a file from a path (`./` for one here).
    place: String,
    /// The description of the class: a JSON file, or a ring (NAME.ring). Not needed for a ring or a file that is there.
    #[arg(long)]
    schema: Option<PathBuf>,
    /// Which class of the description; not needed if it has but one.
    #[arg(long)]
    class: Option<String>,
    /// Read the frames of another program, as they are, instead of lines.
    #[arg(long, conflicts_with_all = ["schema", "class"])]
    frames: bool,
}

/// Sends frame after frame, up to the end of standard input.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let place = Place::of(&arguments.place);
    let (class, mut input) = if arguments.frames {
        let mut input = stream::RawChannel::pipe().consumer_of_any()?;
        (input.class(Patience::Endless)?.clone(), input)
    } else {
        let class = class(arguments, place)?;
        let input = stream::RawChannel::pipe().lines().consumer_of(&class)?;
        (class, input)
    };
    let mut sink = Sink::open(place, &class)?;
    let mut refused = 0;
    loop {
        let frame = match input.recv(Patience::Endless) {
            Ok(frame) => frame,
            Err(Error::Closed(_)) => break,
            Err(error @ Error::Frame(_)) => {
                eprintln!("error: {error}");
                refused += 1;
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        match sink.send(frame.bytes()) {
            // What `| head` does is no failure.
            Err(error) if error.is_gone() && place == Place::Standard => break,
            outcome => outcome?,
        }
    }
    sink.close()?;
    Ok(ExitCode::from(u8::from(refused > 0)))
}

/// The class that lines are of: as stated, or as what is there has it.
fn class(arguments: &Arguments, place: Place<'_>) -> Result<RawClass, Failure> {
    if let Some(file) = &arguments.schema {
        return stated(file, arguments.class.as_deref());
    }
    match place {
        Place::File(path) => Ok(stream::RawChannel::file(path).consumer_of_any()?.class(Patience::None)?.clone()),
        Place::Other(name) if is_ring(name) => Ok(raw::RawChannel::untyped(name).class()?),
        _ => Err("nothing says of which class the lines are: name its description with --schema FILE".into()),
    }
}

fn stated(file: &Path, class: Option<&str>) -> Result<RawClass, Failure> {
    let schema = source::read(file)?;
    let class = match (class, &schema.classes[..]) {
        (Some(class), _) => class,
        (None, [only]) => &only.name,
        (None, several) => {
            let names: Vec<_> = several.iter().map(|class| class.name.as_str()).collect();
            return Err(
                format!("{} has the classes {}: name one with --class", file.display(), names.join(", ")).into()
            );
        }
    };
    Ok(RawClass::from_schema(&schema, class)?)
}

/// Whether a ring is there, so that nobody waits for one.
fn is_ring(name: &str) -> bool {
    let no_wait = std::time::Duration::ZERO;
    !matches!(raw::RawChannel::untyped(name).wait_for_ring(no_wait).class(), Err(Error::NotThere { .. }))
}

/// Where the frames go.
enum Sink {
    Stream(stream::RawProducer),
    Ring(raw::RawProducer),
}

impl Sink {
    fn open(place: Place<'_>, class: &RawClass) -> Result<Self, Error> {
        let channel = match place {
            Place::Standard => stream::RawChannel::pipe(),
            Place::Fifo(path) => stream::RawChannel::fifo(path),
            Place::File(path) => stream::RawChannel::file(path),
            Place::Other(path) if path.contains('/') && !path.ends_with(".ring") => stream::RawChannel::file(path),
            Place::Other(name) => return raw::RawChannel::untyped(name).producer_of(class).map(Self::Ring),
        };
        channel.producer_of(class).map(Self::Stream)
    }

    fn send(&mut self, frame: &[u8]) -> Result<(), Error> {
        match self {
            Self::Stream(producer) => producer.send(frame, Patience::Endless).map(drop),
            Self::Ring(producer) => {
                producer.reserve(frame.len(), Patience::Endless)?.copy_from_slice(frame);
                producer.publish().map(drop)
            }
        }
    }

    fn close(self) -> Result<(), Error> {
        match self {
            Self::Stream(producer) => producer.close(),
            Self::Ring(producer) => producer.close(),
        }
    }
}
