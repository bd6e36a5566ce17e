//! Loads what was built: runs the program, and reads the ball that it prints.

use std::path::Path;
use std::process::{Command, Stdio};

use ipc_core::Error;
use ipc_core::stream::Channel;

use super::{Ball, build};

/// How many seconds the program has. It is ended by another process, which goes on where the engine dies.
const LIMIT: &str = "5";

/// What `timeout` ends with where the program did not.
const LATE: i32 = 124;

/// The ball that the project's program prints, a line of JSON that the class checks.
pub(super) fn run(project: &Path) -> Result<Ball, Box<dyn std::error::Error>> {
    let program = build::program(project);
    if !program.exists() {
        return Err("nothing is built yet: :EngineBuild does".into());
    }
    let mut limited = Command::new("timeout");
    limited.args(["-k", "1", LIMIT]).arg(program);
    let mut program = limited.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let balls: Channel<'_, Ball> = Channel::pipe().lines();
    let ball = balls.consumer_from(program.stdout.take().expect("piped")).and_then(|mut balls| balls.recv());
    let ended = program.wait()?;
    match ball {
        Err(Error::Closed(_)) if ended.code() == Some(LATE) => {
            Err(format!("the program printed no ball within {LIMIT} s").into())
        }
        Err(Error::Closed(_)) => Err(format!("the program ended without a ball, by {ended}").into()),
        ball => Ok(*ball?),
    }
}
