//! `cargo xtask bench`: builds the benchmark and runs it.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use crate::Outcome;
use crate::outside::with_c_tools;
use crate::workspace::{cargo, target};

/// What the user asked for.
#[derive(Default)]
pub(crate) struct Request {
    pub(crate) amount: Amount,
    /// Only groups of contenders that have this text in their name or title.
    pub(crate) only: Option<String>,
    /// Where the report goes.
    pub(crate) out: Option<PathBuf>,
    pub(crate) aeron: Aeron,
    pub(crate) python: Python,
}

/// Whether Aeron takes part, which has to be built from C.
#[derive(Default, Clone, Copy, PartialEq)]
pub(crate) enum Aeron {
    #[default]
    No,
    Yes,
}

/// Whether it is measured from Python, too.
#[derive(Default, Clone, Copy, PartialEq)]
pub(crate) enum Python {
    #[default]
    No,
    Yes,
}

/// How much is measured.
#[derive(Default, Clone, Copy, PartialEq)]
pub(crate) enum Amount {
    /// All, for the report.
    #[default]
    Full,
    /// What the goals need, for a look.
    Quick,
}

/// Builds and runs it.
pub(crate) fn run(request: &Request) -> Outcome {
    let mut build = cargo(&["build", "--release", "--quiet", "--package", "ipc-benches"]);
    if request.aeron == Aeron::Yes {
        build.args(["--features", "aeron"]);
        build = with_c_tools(build).map_err(|problem| {
            format!("{problem}\nThe benchmark without Aeron needs nothing of that: leave `--aeron` out.")
        })?;
    }
    match build.status() {
        Ok(status) if status.success() => {}
        Ok(_) => return Err("the benchmark does not build; cargo says why above.".into()),
        Err(error) => return Err(format!("cargo cannot run: {error}.")),
    }
    let mut bench = Command::new(target().join("release").join("ipc-bench"));
    if request.amount == Amount::Quick {
        bench.arg("--quick");
    }
    if let Some(text) = &request.only {
        bench.arg("--only").arg(text);
    }
    if let Some(directory) = &request.out {
        bench.arg("--out").arg(directory);
    }
    if request.python == Python::Yes {
        bench.arg("--python").arg(crate::python::with_peers()?);
    }
    match bench.status() {
        Ok(status) if status.success() => Ok(ExitCode::SUCCESS),
        Ok(status) => Err(format!("the benchmark ended with {status}; what went wrong is above.")),
        Err(error) => Err(format!("the benchmark cannot run: {error}.")),
    }
}
