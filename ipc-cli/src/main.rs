//! The `ipc` program.
#![forbid(unsafe_code)]

mod diff;
mod export;
mod source;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Typed frames between processes: classes in other languages, and how two descriptions differ.
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
}

/// A failure, in whole lines.
type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Export(arguments) => export::run(&arguments),
        Command::Diff(arguments) => diff::run(&arguments),
    };
    result.unwrap_or_else(|failure| {
        let text = failure.to_string();
        // The errors of a description say `error:` themselves, each with its source line.
        eprintln!("{}{}", if text.starts_with("error") { "" } else { "error: " }, text.trim_end());
        ExitCode::from(2)
    })
}
