//! `ipc check`: whether a topology is sound.

use std::path::PathBuf;
use std::process::ExitCode;

use ipc_schema::Topology;

use crate::{Failure, print};

/// Check a topology: exit status 0 if it is sound, 1 if not, with everything that is wrong at once.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The topology: JSON with `schemas`, `channels` and `modules`.
    file: PathBuf,
}

/// Prints one line, or every error with its source line.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let topology = match Topology::from_file(&arguments.file) {
        Ok(topology) => topology,
        // The file as a whole: it could not be read.
        Err(errors) if errors.iter().any(|error| error.line == 0) => return Err(errors.into()),
        Err(errors) => {
            eprint!("{errors}");
            return Ok(ExitCode::from(1));
        }
    };
    let (modules, channels) = (topology.modules.len(), topology.channels.len());
    print(&format!("sound: {}, {}\n", counted(modules, "module"), counted(channels, "channel")))?;
    Ok(ExitCode::SUCCESS)
}

/// `1 module`, `2 modules`.
pub(crate) fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
