//! `ipc-bench`: our ring, bare limits and other libraries, measured side by side. `cargo xtask bench` builds and runs it.
//!
//! The parent process goes through the plan: each group of contenders in rounds, each contender once a round. One run
//! starts the sides as processes of their own, this program again. Every figure is a time, so less is better.

mod compile_time;
mod contender;
mod drivers;
mod goals;
mod laps;
mod limits;
mod link;
mod machine;
mod meeting;
mod message_line;
mod ours;
mod parent;
mod payload;
mod plan;
mod python;
mod report;
mod results;
mod rounds;
mod side;
mod task;

#[cfg(feature = "peers")]
mod classes;
#[cfg(feature = "peers")]
mod peers;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use lexopt::Arg::{Long, Short, Value};
use lexopt::ValueExt;

use crate::results::{Failure::Broken, Results};
use crate::rounds::Amount;

/// What went wrong, as a sentence.
type Failure = Box<dyn std::error::Error + Send + Sync>;
type Outcome<T = ()> = Result<T, Failure>;

const USAGE: &str = "\
ipc-bench [--quick | --smoke] [--only TEXT] [--out DIR] [--limit N]
    Measures our ring beside bare limits and other libraries, prints a table of
    the goals, and writes report.md, results.json and plots.
    --quick      only what the goals need, in under a minute; the report goes
                 into the target directory
    --smoke      everything once, with hardly any steps: shows that it works
    --only TEXT  only groups whose name or title has this text in it
    --out DIR    where the report goes; default benches/report
    --python PROGRAM  also from Python, by this interpreter
    --limit N    seconds after which a contender's turn is ended
";

fn main() -> ExitCode {
    let outcome = match request() {
        Ok(Request::Help) => {
            print!("{USAGE}");
            Ok(())
        }
        Ok(Request::Side { index, task, directory }) => side::main(index, &task, &directory),
        Ok(Request::Measure { amount, only, out, python }) => measure(&amount, &only, &out, python.as_deref()),
        Err(problem) => Err(format!("{problem}. Usage:\n\n{USAGE}").into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::FAILURE
        }
    }
}

/// What the command line asks for.
enum Request {
    Help,
    /// From the parent: one side of a run.
    Side {
        index: usize,
        task: task::Task,
        directory: PathBuf,
    },
    Measure {
        amount: Amount,
        only: String,
        out: PathBuf,
        /// An interpreter that has the module and what is measured beside it.
        python: Option<PathBuf>,
    },
}

fn request() -> Outcome<Request> {
    let mut arguments = lexopt::Parser::from_env();
    let (mut amount, mut only, mut out, mut python) = (rounds::FULL, String::new(), None, None);
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("quick") => amount = rounds::QUICK,
            Long("smoke") => amount = rounds::SMOKE,
            Long("only") => only = arguments.value()?.string()?,
            Long("limit") => amount.limit = Duration::from_secs(arguments.value()?.parse()?),
            Long("python") => python = Some(PathBuf::from(arguments.value()?)),
            Long("out") => out = Some(PathBuf::from(arguments.value()?)),
            Long("help") | Short('h') => return Ok(Request::Help),
            Value(word) if word == "side" => {
                let index = arguments.value()?.parse()?;
                let task = serde_json::from_str(&arguments.value()?.string()?)?;
                return Ok(Request::Side { index, task, directory: arguments.value()?.into() });
            }
            other => return Err(other.unexpected().into()),
        }
    }
    let out = match out {
        Some(out) => out,
        None if amount.name == rounds::FULL.name => Path::new(env!("CARGO_MANIFEST_DIR")).join("report"),
        None => target()?.join("bench").join(amount.name),
    };
    Ok(Request::Measure { amount, only, out, python })
}

/// The directory of build output: this program lies in `target/release`.
fn target() -> Outcome<PathBuf> {
    let program = std::env::current_exe()?;
    Ok(program.ancestors().nth(2).ok_or("this program lies in a target directory")?.to_path_buf())
}

/// Measures all that is asked for, and reports it.
fn measure(amount: &Amount, only: &str, out: &Path, python: Option<&Path>) -> Outcome {
    let wanted = |name: &str, title: &str| name.contains(only) || title.contains(only);
    let mut groups = if amount.name == rounds::QUICK.name { plan::quick() } else { plan::all() };
    groups.retain(|group| wanted(&group.name, &group.title));
    let mut results = Vec::new();
    let mut parent = parent::Parent::new(amount.limit)?;
    let began = Instant::now();
    for (place, group) in groups.iter().enumerate() {
        eprintln!("{:4.0} s  {}/{}  {}", began.elapsed().as_secs_f64(), place + 1, groups.len(), group.title);
        results.push(rounds::measure(&mut parent, group, amount));
    }
    if let Some(python) = python {
        eprintln!("{:4.0} s  from Python", began.elapsed().as_secs_f64());
        results.extend(python::measure(python, amount.rounds, &wanted));
    }
    let measured_s = began.elapsed().as_secs_f64();
    if amount.name != rounds::SMOKE.name && wanted("compile-time", "cargo check") {
        eprintln!("{measured_s:4.0} s  the time of compilation");
        results.push(compile_time::measure(&target()?.join("bench").join("compile-time")));
    }
    let goals = goals::judge(&results);
    let machine = machine::Machine::here();
    let results = Results { machine, mode: amount.name, measured_s, groups: results, goals };
    report::write(&results, out)?;
    print!("{}", report::text(&results));
    println!("report: {}", out.join("report.md").display());
    let failures = results.groups.iter().flat_map(|group| &group.cells).filter_map(|cell| cell.failure.as_ref());
    let failed: Vec<&str> =
        failures.filter(|failure| matches!(failure, Broken(_))).map(|failure| failure.why()).collect();
    if failed.is_empty() { Ok(()) } else { Err(format!("not all could be measured:\n{}", failed.join("\n")).into()) }
}
