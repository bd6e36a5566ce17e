//! Where `ipc echo` and `ipc pub` find frames: `-`, a named pipe, a file with a stream in it, or a ring.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::FileTypeExt;

use ipc_core::stream::is_stream;

/// A place, by its name and what is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place<'a> {
    /// Standard input or output.
    Standard,
    /// A named pipe that is there.
    Fifo(&'a str),
    /// A file with a stream of frames in it.
    File(&'a str),
    /// What else is there, or nothing: the name of a ring, or its path.
    Other(&'a str),
}

impl<'a> Place<'a> {
    pub(crate) fn of(name: &'a str) -> Self {
        if name == "-" {
            return Self::Standard;
        }
        match std::fs::metadata(name) {
            Ok(found) if found.file_type().is_fifo() => Self::Fifo(name),
            Ok(found) if found.is_file() && begins_a_stream(name) => Self::File(name),
            _ => Self::Other(name),
        }
    }
}

fn begins_a_stream(path: &str) -> bool {
    let mut beginning = [0; 8];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut beginning));
    read.is_ok() && is_stream(&beginning)
}
