//! What a module did to each frame, and how long it took: a row for each in the file `$DEMO_OUT/MODULE.csv`.

use std::env::{self, VarError};
use std::fs::File;
use std::io::{self, LineWriter, Write};
use std::path::Path;

use ipc_core::Frame;
use rustix::time::{ClockId, clock_gettime};

use crate::pipeline::VideoFrame;

/// CLOCK_MONOTONIC in nanoseconds: one clock for all processes.
pub fn now_ns() -> i64 {
    let now = clock_gettime(ClockId::Monotonic);
    now.tv_sec * 1_000_000_000 + now.tv_nsec
}

/// The name that the application's file gives this module.
///
/// # Errors
///
/// It was not started as a module.
pub fn module_name() -> Result<String, VarError> {
    env::var("IPC_MODULE")
}

const COLUMNS: &str = "channel,action,sequence,began_ns,time_ns,stamp_ns,published_ns";

/// Rows of these columns; without `DEMO_OUT` they go nowhere.
pub struct Figures(Box<dyn Write>);

impl Figures {
    /// No row yet.
    ///
    /// # Errors
    ///
    /// Those of making the file.
    pub fn new() -> Result<Self, Box<dyn std::error::Error>> {
        let mut file: Box<dyn Write> = match env::var_os("DEMO_OUT") {
            Some(folder) => Box::new(LineWriter::new(File::create(Path::new(&folder).join(module_name()? + ".csv"))?)),
            None => Box::new(io::sink()),
        };
        writeln!(file, "{COLUMNS}")?;
        Ok(Self(file))
    }

    /// The producer goes on now; the frame's place was asked for at `began_ns`.
    ///
    /// # Errors
    ///
    /// Those of writing to the file.
    pub fn wrote(&mut self, channel: &str, sequence: u64, began_ns: i64) -> io::Result<()> {
        writeln!(self.0, "{channel},write,{sequence},{began_ns},{},,", now_ns() - began_ns)
    }

    /// The last pixel of a frame was read now; it came at `began_ns`.
    ///
    /// # Errors
    ///
    /// Those of writing to the file.
    pub fn read(&mut self, channel: &str, frame: &Frame<VideoFrame>, began_ns: i64) -> io::Result<()> {
        let (time_ns, sequence, stamp) = (now_ns() - began_ns, frame.sequence(), frame.stamp);
        let published_ns = frame.publish_time_ns().unwrap_or_default();
        writeln!(self.0, "{channel},read,{sequence},{began_ns},{time_ns},{stamp},{published_ns}")
    }
}
