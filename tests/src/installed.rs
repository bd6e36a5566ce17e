//! The installed library for C and C++, programs in other languages that are built against it, and a Python with our module.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use ipc_schema::{Schema, export};

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

/// Builds a program of `tests/` against the installed library, with warnings as errors, and with what checks memory.
pub fn compile(compiler: &str, options: &[&str], source: &str, name: &str, target_tmpdir: &str) -> PathBuf {
    let built = Path::new(target_tmpdir).join(name);
    let strict = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-O1", "-g"];
    let checked = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
    let mut command = Command::new(compiler);
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(source);
    command.args(options).args(strict).args(checked).arg(source).arg("-o").arg(&built);
    run(command.args(flags(target_tmpdir)));
    built
}

/// Writes the classes of a description in C and C++ to a folder.
pub fn export_to(description: &Path, folder: &Path) {
    fs::create_dir_all(folder).expect("the folder can be made");
    let schema = Schema::from_file(description).expect("a description");
    let stem = description.file_stem().expect("a file").to_str().expect("text");
    for language in ["c", "cpp"] {
        let language = export::language(language).expect("a language that there is");
        for file in export::export(&schema, stem, language).expect("it can be exported") {
            fs::write(folder.join(file.name), file.text).expect("the folder can be written");
        }
    }
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
