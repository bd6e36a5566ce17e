//! An engine that an editor steers: it simulates the ball of a project, and builds that project while it runs.
//!
//! ```text
//!           ──engine.messages──▶
//!  engine                         editor          both are named pipes in the project's folder, with lines of JSON
//!           ◀──engine.commands──
//! ```
//!
//! Three threads: [`simulate`] never waits for anybody else; the [`Log`]'s waits for the editor; the one that runs
//! [`obey`] waits for commands, and for the compiler.

use std::path::Path;
use std::sync::mpsc::Sender;

use ipc_core::{Error, stream};

mod build;
mod load;
mod log;
mod simulation;

pub use log::Log;
pub use simulation::simulate;

ipc_core::include_schema!("classes/editor.json");

/// Does what editors ask, one thing after another; what they ask meanwhile waits in the pipe.
///
/// # Errors
///
/// What the system refuses.
pub fn obey(
    mut commands: stream::Consumer<EngineCommand>,
    project: &Path,
    log: &Log,
    balls: &Sender<Ball>,
) -> Result<(), Error> {
    loop {
        match commands.recv() {
            Ok(command) if command.command == Order::BUILD => build(project, log),
            Ok(command) if command.command == Order::REFRESH => refresh(project, log, balls),
            Ok(command) => log.say(Level::WARNING, format!("{:?} is no command of this engine", command.command)),
            // An editor has closed its end. The next call waits for the next.
            Err(Error::Closed(_)) => {}
            Err(error @ (Error::Frame(_) | Error::NotAStream { .. })) => log.say(Level::WARNING, error.to_string()),
            Err(error) => return Err(error),
        }
    }
}

fn build(project: &Path, log: &Log) {
    log.say(Level::INFO, format!("building {}", project.display()));
    let result = build::run(project);
    let count = |level| result.diagnostics.iter().filter(|diagnostic| diagnostic.level == level).count();
    let (errors, warnings) = (count(Level::ERROR), count(Level::WARNING));
    for Diagnostic { level, file, line, column, text } in &result.diagnostics {
        let file = file.as_ref().map(Path::new).map(|file| file.strip_prefix(project).unwrap_or(file));
        let place = file.map(|file| format!("{}:{line}:{column}: ", file.display())).unwrap_or_default();
        log.say(*level, format!("{place}{text}"));
    }
    let (level, outcome) = if result.succeeded { (Level::INFO, "succeeded") } else { (Level::ERROR, "failed") };
    log.tell(level, format!("the build {outcome}: {errors} errors, {warnings} warnings"), Some(result));
}

/// Has the simulation go on with what the built program prints.
pub fn refresh(project: &Path, log: &Log, balls: &Sender<Ball>) {
    match load::run(project) {
        Ok(ball) => {
            let Ball { height, gravity, bounce } = ball;
            log.say(Level::INFO, format!("refreshed: height {height} m, gravity {gravity} m/s², bounce {bounce}"));
            // It fails if the simulation has ended, and the process with it.
            let _ = balls.send(ball);
        }
        Err(error) => log.say(Level::ERROR, format!("not refreshed: {error}")),
    }
}
