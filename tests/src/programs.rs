//! The programs of `examples/`, as `cargo xtask demo` builds them.

use std::path::PathBuf;
use std::process::Command;

/// Where a program of `examples/` is, built in release. `CARGO_TARGET_TMPDIR`, which only tests know, lies in the
/// target directory.
pub fn release_program(name: &str, target_tmpdir: &str) -> Command {
    let built = Command::new(env!("CARGO"))
        .args(["build", "--release", "--quiet", "--package", "ipc-examples", "--bin", name])
        .status()
        .expect("cargo runs");
    assert!(built.success(), "the program {name} does not build");
    Command::new(PathBuf::from(target_tmpdir).with_file_name("release").join(name))
}

/// A fresh, empty directory for the rings of one test.
pub fn ring_directory(test: &str, target_tmpdir: &str) -> PathBuf {
    let path = PathBuf::from(target_tmpdir).join(format!("{test}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).expect("the target directory can be written");
    path
}
