//! The `ipc` program.
#![forbid(unsafe_code)]

mod check;
mod diff;
mod echo;
mod export;
mod graph;
mod place;
mod publish;
mod run;
mod source;

use std::io::{ErrorKind, Write, stdout};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use run::{Verb, guard, steer, wrapper};

/// Typed frames between processes: classes in other languages, how two descriptions differ, frames to look at and to send, and
/// applications of many modules.
#[derive(Parser)]
#[command(version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Export(export::Arguments),
    Diff(diff::Arguments),
    Check(check::Arguments),
    Graph(graph::Arguments),
    Echo(echo::Arguments),
    #[command(name = "pub")]
    Publish(publish::Arguments),
    Run(run::Arguments),
    /// Stop a module of a running application, or all: it takes and sends no frames until it is resumed.
    Stop(steer::Arguments),
    /// Let a stopped module, or all, go on.
    Resume(steer::Arguments),
    /// End a module, or all, and start it again.
    Restart(steer::Arguments),
    /// End a module for good, or the application.
    Quit(steer::Arguments),
    /// Print how an application is: its modules and its channels. Exit status 1 if it does not run.
    Status(steer::StatusArguments),
    /// Free a reserved slot whose consumer will not come back, so that it holds its producer back no longer.
    Detach(steer::DetachArguments),
    #[command(name = guard::NAME, hide = true)]
    Guard,
    #[command(name = wrapper::NAME, hide = true)]
    Module(wrapper::Arguments),
}

/// A failure, in whole lines.
type Failure = Box<dyn std::error::Error>;

/// Prints a text of many lines. Who reads it may have had enough of it, as `head` and `grep -q` do: that is no failure.
fn print(text: &str) -> Result<(), Failure> {
    match stdout().write_all(text.as_bytes()).and_then(|()| stdout().flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Export(arguments) => export::run(&arguments),
        Command::Diff(arguments) => diff::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Graph(arguments) => graph::run(&arguments),
        Command::Echo(arguments) => echo::run(&arguments),
        Command::Publish(arguments) => publish::run(&arguments),
        Command::Run(arguments) => run::run(&arguments),
        Command::Stop(arguments) => steer::run(Verb::Stop, &arguments),
        Command::Resume(arguments) => steer::run(Verb::Resume, &arguments),
        Command::Restart(arguments) => steer::run(Verb::Restart, &arguments),
        Command::Quit(arguments) => steer::run(Verb::Quit, &arguments),
        Command::Status(arguments) => steer::status(&arguments),
        Command::Detach(arguments) => steer::detach(&arguments),
        Command::Guard => guard::run(),
        Command::Module(arguments) => wrapper::run(&arguments),
    };
    result.unwrap_or_else(|failure| {
        let text = failure.to_string();
        // The errors of a description say `error:` themselves, each with its source line.
        eprintln!("{}{}", if text.starts_with("error") { "" } else { "error: " }, text.trim_end());
        ExitCode::from(2)
    })
}
