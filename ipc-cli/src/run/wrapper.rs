//! What a module is before it is its program: this program, which sets the death signal for itself and then becomes the
//! other. Between `fork` and `exec` that would take unsafe code.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use rustix::process::{Signal, getppid, set_parent_process_death_signal};

use super::guard;
use crate::Failure;

/// The hidden subcommand.
pub(crate) const NAME: &str = "run-module";

/// Becomes a module's program.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    guard: i32,
    program: PathBuf,
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
    command: Vec<OsString>,
}

/// The command by which the guard, which is this process, starts a module.
pub(crate) fn command(program: &Path, command: &[String]) -> io::Result<Command> {
    let mut wrapped = Command::new("/proc/self/exe");
    wrapped.arg0("ipc").arg(NAME).arg(guard::own_id().to_string()).arg(program).arg("--").args(command);
    Ok(wrapped)
}

/// Does not return but with an error.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    // It holds for what this process becomes.
    set_parent_process_death_signal(Some(Signal::KILL))?;
    if getppid().is_none_or(|parent| parent.as_raw_pid() != arguments.guard) {
        // The guard ended before the signal was set.
        return Ok(ExitCode::FAILURE);
    }
    let (name, rest) = arguments.command.split_first().ok_or("a module has a command")?;
    let error = Command::new(&arguments.program).arg0(name).args(rest).exec();
    eprintln!("cannot run {}: {error}", arguments.program.display());
    // As a shell does.
    Ok(ExitCode::from(126))
}
