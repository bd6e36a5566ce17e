//! `cargo xtask install-c`: the library for C and C++, with its headers and what pkg-config and CMake find it by.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::Outcome;
use crate::workspace::{cargo, root, target};

/// What is installed as it is: from where, and where to under the prefix.
const FILES: [(&str, &str); 9] = [
    ("bindings/c/include/ipc.h", "include/ipc.h"),
    ("bindings/c/include/ipc_inline.h", "include/ipc_inline.h"),
    ("bindings/c/ipc.pc", "lib/pkgconfig/ipc.pc"),
    ("bindings/cpp/include/ipc/ipc.hpp", "include/ipc/ipc.hpp"),
    ("bindings/cpp/include/ipc/communicator.hpp", "include/ipc/communicator.hpp"),
    ("bindings/cpp/include/ipc/shared.hpp", "include/ipc/shared.hpp"),
    ("ipc-schema/src/export/cpp/ipc_wire.hpp", "include/ipc/ipc_wire.hpp"),
    ("bindings/cpp/cmake/ipc-config.cmake", "lib/cmake/ipc/ipc-config.cmake"),
    ("bindings/cpp/cmake/ipc-config-version.cmake", "lib/cmake/ipc/ipc-config-version.cmake"),
];

/// The shared library's name for the loader: `bindings/c/build.rs` says the same.
const SONAME: &str = "libipc.so.0";

/// Builds the library in release, puts it under `prefix`, and says how programs find it.
pub(crate) fn run(prefix: &Path) -> Outcome {
    provide(prefix)?;
    println!(
        "installed under {}; programs find it by pkg-config (PKG_CONFIG_PATH={0}/lib/pkgconfig) or",
        prefix.display()
    );
    println!(
        "CMake (CMAKE_PREFIX_PATH={}), and run with LD_LIBRARY_PATH={0}/lib where that is no system's place",
        prefix.display()
    );
    Ok(ExitCode::SUCCESS)
}

/// Builds the library in release, and puts it under `prefix`.
pub(crate) fn provide(prefix: &Path) -> Result<(), String> {
    let built = cargo(&["build", "--release", "--package", "ipc-c"]).status();
    if !built.map_err(|error| format!("cargo cannot run: {error}."))?.success() {
        return Err("the C library does not build; cargo says above why.".into());
    }
    let release = target().join("release");
    let mut files: Vec<(PathBuf, &str)> = FILES.iter().map(|(from, to)| (root().join(from), *to)).collect();
    files.push((release.join("libipc_c.a"), "lib/libipc.a"));
    files.push((release.join("libipc_c.so"), "lib/libipc.so.0"));
    for (from, to) in files {
        install(&from, &prefix.join(to))?;
    }
    let link = prefix.join("lib/libipc.so");
    let _ = fs::remove_file(&link);
    symlink(SONAME, &link).map_err(|error| format!("cannot make {}: {error}.", link.display()))
}

/// Beside the old file and then over it: a program that runs keeps the library that it has mapped.
fn install(from: &Path, to: &Path) -> Result<(), String> {
    let new = to.with_extension("new");
    let folder = to.parent().expect("a file lies in a folder");
    let copied = fs::create_dir_all(folder).and_then(|()| fs::copy(from, &new)).and_then(|_| fs::rename(&new, to));
    copied.map_err(|error| format!("cannot install {} as {}: {error}.", from.display(), to.display()))
}
