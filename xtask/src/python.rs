//! `cargo xtask python`: the Python module `ipc`, built and installed in a private environment below the target directory.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use crate::Outcome;
use crate::outside::{lock, output, outside, pip, python, succeeds, text};
use crate::workspace::root;

/// Builds and installs it, and prints the interpreter that has it.
pub(crate) fn run() -> Outcome {
    println!("{}", provide()?.display());
    Ok(ExitCode::SUCCESS)
}

/// An interpreter that has the module as it is in this workspace.
pub(crate) fn provide() -> Result<PathBuf, String> {
    let _alone = lock()?;
    let python = python()?;
    if !succeeds(Command::new(&python).args(["-c", "import numpy, maturin"])) {
        eprintln!("fetching what the Python module is built with: the packages maturin and numpy");
        pip(&python, &["install", "maturin==1.16.0", "numpy"])?;
    }
    let wheels = outside().join("wheels");
    let _ = fs::remove_dir_all(&wheels);
    let manifest = root().join("bindings/python/Cargo.toml");
    output(
        Command::new(&python)
            .args(["-m", "maturin", "build", "--quiet", "--release", "--manifest-path", text(&manifest)?])
            .args(["--interpreter", text(&python)?, "--out", text(&wheels)?])
            .current_dir(root()),
    )?;
    let made = fs::read_dir(&wheels).into_iter().flatten().flatten().next();
    let wheel = made.ok_or_else(|| format!("maturin has built no wheel in {}.", wheels.display()))?.path();
    pip(&python, &["install", "--force-reinstall", "--no-deps", "--no-index", text(&wheel)?])?;
    Ok(python)
}

/// The same, with the packages that the benchmark measures beside it.
pub(crate) fn with_peers() -> Result<PathBuf, String> {
    let python = provide()?;
    let _alone = lock()?;
    if !succeeds(Command::new(&python).args(["-c", "import zmq, iceoryx2"])) {
        eprintln!("fetching what the benchmark measures beside ours: the packages pyzmq and iceoryx2");
        pip(&python, &["install", "pyzmq", "iceoryx2==0.10.0"])?;
    }
    Ok(python)
}
