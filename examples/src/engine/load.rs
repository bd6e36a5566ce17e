//! Loads what was built: runs the program, and reads the ball that it prints.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use ipc_core::Error;
use ipc_core::stream::Channel;

use super::{Ball, build};

/// How long a program may take to print its ball.
const PATIENCE: Duration = Duration::from_secs(5);

/// The ball that the project's program prints, a line of JSON that the class checks.
pub(super) fn run(project: &Path) -> Result<Ball, Box<dyn std::error::Error>> {
    let program = build::program(project);
    if !program.exists() {
        return Err("nothing is built yet: :EngineBuild does".into());
    }
    let mut program = Command::new(program).stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let output = program.stdout.take().expect("piped");
    let balls: Channel<'_, Ball> = Channel::pipe().lines();
    let ball = balls.consumer_from(output).and_then(|mut balls| balls.recv_timeout(PATIENCE));
    // One that has printed its ball has no more to say, and one that has not may never end.
    let is_closed = ball.as_ref().is_err_and(Error::is_closed);
    if !is_closed {
        program.kill()?;
    }
    let ended = program.wait()?;
    match ball {
        Ok(ball) => Ok(*ball),
        Err(_) if is_closed => Err(format!("the program ended without a ball, by {ended}").into()),
        Err(error) if error.is_timed_out() => Err(format!("the program printed no ball within {PATIENCE:?}").into()),
        Err(error) => Err(error.into()),
    }
}
