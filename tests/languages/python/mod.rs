//! Python: with the packages that `cargo xtask test` fetches.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Exported, Language, run};

pub(crate) const LANGUAGE: Language = Language { name: "python", build };

/// The same classes, made at run time by the module `ipc`.
pub(crate) const AT_RUN_TIME: Language = Language { name: "python", build: build_at_run_time };

/// What ruff checks beside its defaults: annotations, comprehensions, returns, style of today, unused suppressions.
const STRICT: &str = "ANN0,ANN1,ANN2,B,C4,E4,E7,E9,I,PERF,PIE,RET,RUF100,SIM,UP,W";

fn build(exported: &Exported) -> Command {
    let name = &exported.page.stem;
    fs::copy("languages/python/driver.py", packages(exported).join("driver.py")).expect("the folder can be written to");
    let mut program = python(exported);
    program.arg("driver.py").arg(format!("{name}.{name}"));
    program
}

fn build_at_run_time(exported: &Exported) -> Command {
    let name = &exported.page.stem;
    fs::copy("languages/python/run_time_driver.py", packages(exported).join("run_time_driver.py"))
        .expect("the folder can be written to");
    let mut program = Command::new(ipc_tests::installed::python());
    program.current_dir(packages(exported)).args(["run_time_driver.py", &format!("{name}.{name}")]);
    program
}

/// What a program prints that writes a frame in place and reads it there.
pub(crate) fn in_place(exported: &Exported) -> String {
    fs::copy("languages/python/in_place.py", packages(exported).join("in_place.py"))
        .expect("the folder can be written to");
    run(python(exported).arg("in_place.py"))
}

/// Linter, formatter and type checker, over all packages of a folder at once.
pub(crate) fn strict(packages_of_a_folder: &[Exported]) {
    let one = &packages_of_a_folder[0];
    let names: Vec<_> = packages_of_a_folder.iter().map(|exported| exported.page.stem.as_str()).collect();
    let tool = |name: &str| {
        let mut tool = python(one);
        tool.args(["-m", name]);
        tool
    };
    let isolated = ["--no-cache", "--isolated", "--target-version", "py310"];
    run(tool("ruff").arg("check").args(isolated).args(["--extend-select", STRICT]).args(&names));
    run(tool("ruff").args(["format", "--check", "--diff"]).args(isolated).args(&names));
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mypy");
    let packages = names.iter().flat_map(|name| ["-p", name]);
    run(tool("mypy").args(["--strict", "--python-version", "3.10", "--cache-dir"]).arg(cache).args(packages));
}

/// The folder that a package of classes lies in.
fn packages(exported: &Exported) -> &Path {
    exported.folder.parent().expect("it has a folder of its own")
}

fn python(exported: &Exported) -> Command {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("cargo's folder lies in the target folder");
    let python: PathBuf = target.join("outside/python/bin/python");
    assert!(
        python.exists(),
        "there is no {}: `cargo xtask test` fetches it; or leave it out: `--rust`",
        python.display()
    );
    let mut command = Command::new(python);
    command.current_dir(packages(exported)).env("PYTHONDONTWRITEBYTECODE", "1").args(["-W", "error"]);
    command
}
