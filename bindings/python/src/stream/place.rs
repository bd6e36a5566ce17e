//! [`Place`]: where a stream of frames goes, from keyword arguments.

use std::os::fd::{FromRawFd, OwnedFd, RawFd};
use std::path::PathBuf;

use ipc_core::Error;
use ipc_core::raw::RawClass;
use ipc_core::stream::{RawChannel, RawConsumer, RawProducer};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;

/// Where a stream goes.
pub(crate) enum Place {
    Fifo(String),
    File(String),
    /// A descriptor of its own.
    Pipe(OwnedFd),
    /// Standard input or output.
    Standard,
}

/// How frames go there.
#[derive(Clone, Copy)]
pub(crate) struct Way {
    /// Each one as a line of JSON.
    pub(crate) lines: bool,
    /// Whoever reads a file waits at its end for more.
    pub(crate) follow: bool,
}

impl Place {
    /// The place that one of the arguments gives; without any it is a standard stream.
    pub(crate) fn of(fifo: Option<PathBuf>, pipe: Option<&Bound<'_, PyAny>>, file: Option<PathBuf>) -> PyResult<Self> {
        match (fifo, pipe, file) {
            (None, None, None) => Ok(Self::Standard),
            (Some(path), None, None) => text(path).map(Self::Fifo),
            (None, None, Some(path)) => text(path).map(Self::File),
            (None, Some(pipe), None) => duplicate(pipe).map(Self::Pipe),
            _ => Err(PyTypeError::new_err("expected one of fifo, pipe and file: a stream goes one way")),
        }
    }

    pub(crate) fn producer(self, class: &RawClass, way: Way) -> Result<RawProducer, Error> {
        match self {
            Self::Pipe(pipe) => way.over(RawChannel::pipe()).producer_into_of(class, pipe),
            place => way.over(place.channel()).producer_of(class),
        }
    }

    /// A consumer of that class, or of any.
    pub(crate) fn consumer(self, class: Option<&RawClass>, way: Way) -> Result<RawConsumer, Error> {
        match (self, class) {
            (Self::Pipe(pipe), class) => way.over(RawChannel::pipe()).consumer_from_of(class, pipe),
            (place, Some(class)) => way.over(place.channel()).consumer_of(class),
            (place, None) => way.over(place.channel()).consumer_of_any(),
        }
    }

    fn channel(&self) -> RawChannel<'_> {
        match self {
            Self::Fifo(path) => RawChannel::fifo(path),
            Self::File(path) => RawChannel::file(path),
            Self::Pipe(_) | Self::Standard => RawChannel::pipe(),
        }
    }

    /// What it is, for people.
    pub(crate) fn described(&self) -> String {
        match self {
            Self::Fifo(path) => format!("the named pipe {path}"),
            Self::File(path) => format!("the file {path}"),
            Self::Pipe(_) => "a pipe".to_owned(),
            Self::Standard => "a standard stream".to_owned(),
        }
    }
}

impl Way {
    fn over(self, channel: RawChannel<'_>) -> RawChannel<'_> {
        let channel = if self.lines { channel.lines() } else { channel };
        if self.follow { channel.follow() } else { channel }
    }
}

fn text(path: PathBuf) -> PyResult<String> {
    let text = path.into_os_string().into_string();
    text.map_err(|path| PyValueError::new_err(format!("expected a path in UTF-8, found {path:?}")))
}

/// Another descriptor of what is open, a number or an object that has one; the caller's stays as it is.
fn duplicate(pipe: &Bound<'_, PyAny>) -> PyResult<OwnedFd> {
    let number: RawFd = match pipe.extract() {
        Ok(number) => number,
        Err(_) => pipe.call_method0("fileno")?.extract()?,
    };
    let duplicate = pipe.py().import("os")?.call_method1("dup", (number,))?.extract()?;
    // SAFETY: it was made just now, and nobody else knows it.
    Ok(unsafe { OwnedFd::from_raw_fd(duplicate) })
}
