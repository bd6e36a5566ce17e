//! `cargo xtask test`: each step by name, its time, the number of tests, and at the first failure what to do.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::MetadataExt;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use crate::Outcome;
use crate::outside;
use crate::workspace::{cargo, target};

/// The protocol models run in a build of their own: `--cfg loom` changes ipc-core's atomics.
const LOOM: &[&str] = &["test", "--package", "ipc-core", "--release", "--lib", "models"];

/// All packages but the benchmark, with all features. That one is built by itself: together with the tests' packages its
/// ipc-core would have their stop points, and one of its features needs more than a C++ compiler.
const ALL: &[&str] = &["--workspace", "--exclude", "ipc-benches", "--all-features"];

/// With private items, because the documentation is written for those who read the code too.
const DOCUMENT: &[&str] = &["--no-deps", "--document-private-items"];

/// The crates that are meant to be published.
const PUBLISHED: &[&str] = &["ipc-schema", "ipc-codegen", "ipc-derive", "ipc-core", "ipc-cli"];

/// One command that must succeed.
struct Step {
    name: String,
    command: Command,
    /// What to do when it fails.
    advice: &'static str,
}

/// Numbers of tests, as the test programs report them.
#[derive(Default)]
struct Tally {
    passed: u64,
    failed: u64,
}

/// Which tests run.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Scope {
    /// All of them.
    All,
    /// Those that need a Rust toolchain alone.
    Rust,
}

/// Runs every step in order, to the first failure.
pub(crate) fn run(scope: Scope) -> Outcome {
    check_toolchain()?;
    if scope == Scope::All {
        outside::TOOLS.iter().try_for_each(|tool| outside::provide(tool, is_root()))?;
        outside::python_packages()?;
        outside::node_packages()?;
    } else {
        println!("left out: the tests of the demo, which need ffmpeg and video clips");
        println!("left out: classes and programs in other languages, which need their compilers");
        println!("left out: the terminal's screen of `ipc run`, which needs tmux");
        println!("left out: the engine that an editor steers, which needs Neovim");
        println!("left out: the instruction counts, which need valgrind");
        println!("left out: other libraries in the benchmark, some of which need a C++ compiler");
    }
    if !is_root() {
        println!("left out: that another user's ring is refused, since root alone can give a file to another user");
    }
    let began = Instant::now();
    let mut tally = Tally::default();
    for mut step in steps(scope) {
        println!("── {}", step.name);
        let (began, passed) = (Instant::now(), tally.passed);
        let mut succeeded = step.run(&mut tally)?;
        if step.command.get_args().any(|argument| argument == "test") && tally.passed == passed {
            println!("no test has run: a name on the command line above is no test's any more");
            succeeded = false;
        }
        println!("── {}: {} in {}", step.name, if succeeded { "ok" } else { "FAILED" }, seconds(began.elapsed()));
        if !succeeded {
            println!("{} passed, {} failed; stopped at `{}`", tally.passed, tally.failed.max(1), step.name);
            return Err(format!("`{}` failed. {}", step.name, step.advice));
        }
    }
    println!("{} passed, {} failed in {}", tally.passed, tally.failed, seconds(began.elapsed()));
    Ok(ExitCode::SUCCESS)
}

fn steps(scope: Scope) -> Vec<Step> {
    let mut test = cargo(&["test", "--workspace", "--exclude", "ipc-benches", "--no-fail-fast"]);
    let mut bench = vec!["--package", "ipc-benches"];
    match scope {
        Scope::All => {
            test.arg("--all-features");
        }
        Scope::Rust => bench.push("--no-default-features"),
    }
    let lint = ["--all-targets", "--", "-D", "warnings"];
    let with_args = |command: &str, packages: &[&str], rest: &[&str]| cargo(&[&[command], packages, rest].concat());
    let mut steps = vec![
        Step {
            name: "format".into(),
            command: cargo(&["fmt", "--all", "--check"]),
            advice: "Run `cargo fmt --all` and look at what it changed.",
        },
        Step {
            name: "lints".into(),
            command: with_args("clippy", ALL, &lint),
            advice: "Mend what clippy names above; `cargo clippy --workspace --all-targets` repeats it.",
        },
        Step {
            name: "lints of the benchmark".into(),
            command: with_args("clippy", &bench, &lint),
            advice: "Mend what clippy names above; `cargo clippy --package ipc-benches --all-targets` repeats it.",
        },
        Step {
            name: "tests".into(),
            command: test,
            advice: "The failing tests are listed above; `cargo test --all-features -p PACKAGE NAME` runs one of them.",
        },
        Step {
            name: "tests of the benchmark".into(),
            command: with_args("test", &bench, &["--no-fail-fast"]),
            advice: "The failing tests are listed above; `cargo test -p ipc-benches NAME` runs one of them.",
        },
        Step {
            name: "documentation".into(),
            command: with(with_args("doc", ALL, DOCUMENT), "RUSTDOCFLAGS", "-D warnings"),
            advice: "Mend the documentation comments that rustdoc names above.",
        },
        Step {
            name: "documentation of the benchmark".into(),
            command: with(with_args("doc", &bench, DOCUMENT), "RUSTDOCFLAGS", "-D warnings"),
            advice: "Mend the documentation comments that rustdoc names above.",
        },
        Step {
            name: "protocol models".into(),
            command: with(with(cargo(LOOM), "RUSTFLAGS", "--cfg loom"), "CARGO_TARGET_DIR", target().join("loom")),
            advice: "loom found an order of events that breaks the protocol; the model's name and the order are above.",
        },
    ];
    if scope == Scope::All {
        steps.push(Step {
            name: "instruction counts".into(),
            command: cargo(&["bench", "--package", "ipc-core", "--bench", "instructions"]),
            advice: "Sending or receiving takes more instructions than it did; what to do if that is intended is above.",
        });
    }
    steps.extend(PUBLISHED.iter().map(|name| Step {
        name: format!("package {name}"),
        command: package(name),
        advice: "A published crate must build from its own files alone; cargo says above what is missing.",
    }));
    steps
}

/// Builds a crate from what its package holds. The crates it depends on are taken from here, not from a registry, where
/// this version may be another one.
fn package(name: &str) -> Command {
    let mut command = cargo(&["package", "--quiet", "--allow-dirty", "--package", name]);
    command.args(
        PUBLISHED.iter().flat_map(|other| ["--config".into(), format!("patch.crates-io.{other}.path='{other}'")]),
    );
    command
}

fn with(mut command: Command, variable: &str, value: impl AsRef<std::ffi::OsStr>) -> Command {
    command.env(variable, value);
    command
}

impl Step {
    /// Runs the command, passes its output on, and counts the tests it reports.
    fn run(&mut self, tally: &mut Tally) -> Result<bool, String> {
        let cannot = |error| format!("`{}` cannot run: {error}.", self.name);
        let mut child = self.command.stdout(Stdio::piped()).spawn().map_err(cannot)?;
        for line in BufReader::new(child.stdout.take().expect("piped")).lines() {
            let line = line.map_err(cannot)?;
            tally.count(&line);
            println!("{line}");
        }
        Ok(child.wait().map_err(cannot)?.success())
    }
}

impl Tally {
    /// Adds a line such as `test result: ok. 12 passed; 0 failed; 0 ignored; …`; other lines count nothing.
    fn count(&mut self, line: &str) {
        let Some(result) = line.strip_prefix("test result: ") else { return };
        let words: Vec<&str> = result.split([' ', ';']).collect();
        let number_before = |word| {
            let at = words.iter().position(|w| *w == word)?;
            words.get(at.checked_sub(1)?)?.parse::<u64>().ok()
        };
        self.passed += number_before("passed").unwrap_or(0);
        self.failed += number_before("failed").unwrap_or(0);
    }
}

/// The parts of a Rust toolchain that a minimal installation leaves out.
fn check_toolchain() -> Result<(), String> {
    for (program, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        let found = cargo(&[program, "--version"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
        if !found.is_ok_and(|status| status.success()) {
            return Err(format!(
                "`cargo {program}` is not there. Get it with `rustup component add {component}`, \
                 or with the package of that name where Rust comes from the distribution."
            ));
        }
    }
    Ok(())
}

/// Whether this process may give files away: the system shows it under /proc as its effective user's.
fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::Tally;

    #[test]
    fn the_tally_adds_what_test_programs_report_and_nothing_else() {
        let mut tally = Tally::default();
        tally.count("running 12 tests");
        tally.count("test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 3 filtered out; finished in 0.01s");
        tally.count("test result: FAILED. 4 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 9s");
        assert_eq!((tally.passed, tally.failed), (16, 2));
    }
}
