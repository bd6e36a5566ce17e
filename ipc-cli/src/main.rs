//! The `ipc` program.
#![forbid(unsafe_code)]

mod check;
mod diff;
mod export;
mod graph;
mod source;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Typed frames between processes: classes in other languages, how two descriptions differ, and applications of many modules.
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
}

/// A failure, in whole lines.
type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Export(arguments) => export::run(&arguments),
        Command::Diff(arguments) => diff::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Graph(arguments) => graph::run(&arguments),
    };
    result.unwrap_or_else(|failure| {
        let text = failure.to_string();
        // The errors of a description say `error:` themselves, each with its source line.
        eprintln!("{}{}", if text.starts_with("error") { "" } else { "error: " }, text.trim_end());
        ExitCode::from(2)
    })
}
