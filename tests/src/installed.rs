//! The installed library for C and C++, programs in other languages that are built against it, and a Python with our module.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// The folder that `cargo xtask install-c` has put the library under, once for a test program.
pub fn prefix(target_tmpdir: &str) -> &'static Path {
    static PREFIX: OnceLock<PathBuf> = OnceLock::new();
    PREFIX.get_or_init(|| {
        let prefix = Path::new(target_tmpdir).join("prefix");
        let mut install = Command::new(env!("CARGO"));
        install.args(["run", "--quiet", "--package", "xtask", "--", "install-c", "--prefix"]).arg(&prefix);
        run(&mut install);
        prefix
    })
}

/// What pkg-config says that a compiler needs for the installed library.
pub fn flags(target_tmpdir: &str) -> Vec<String> {
    let mut pkg_config = Command::new("pkg-config");
    pkg_config.args(["--cflags", "--libs", "ipc"]);
    pkg_config.env("PKG_CONFIG_PATH", prefix(target_tmpdir).join("lib/pkgconfig"));
    let said = run(&mut pkg_config).stdout;
    String::from_utf8(said).expect("flags are text").split_whitespace().map(str::to_owned).collect()
}

/// A program that loads the installed library.
pub fn program(path: &Path, target_tmpdir: &str) -> Command {
    let mut command = Command::new(path);
    command.env("LD_LIBRARY_PATH", prefix(target_tmpdir).join("lib"));
    command
}

/// The interpreter of the environment in which `cargo xtask python` has installed the module, once for a test program.
pub fn python() -> &'static Path {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(|| {
        let mut build = Command::new(env!("CARGO"));
        let said = run(build.args(["run", "--quiet", "--package", "xtask", "--", "python"])).stdout;
        String::from_utf8(said).expect("a path is text").trim_end().into()
    })
}

/// Runs a step of a build: its output is part of the failure.
pub fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = [&output.stdout[..], &output.stderr].concat();
    assert!(output.status.success(), "{command:?}: {}\n{}", output.status, String::from_utf8_lossy(&said));
    output
}
