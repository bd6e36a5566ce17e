//! The first experiment: nine processes that pass the pictures of a clip through two rings.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use serde_json::Value;

use super::application::{Application, End, INTERRUPTED, build};
use super::report::Module;
use super::{Languages, Request, figures, report};
use crate::workspace::{root, target};
use crate::{Outcome, install, outside, python};

/// The processes as a frame meets them.
const MODULES: [&str; 9] = [
    "camera",
    "frame_display_1",
    "frame_display_2",
    "frame_checker",
    "filter",
    "edge_display_1",
    "edge_display_2",
    "edge_checker_1",
    "edge_checker_2",
];

/// Runs it once and prints its table.
pub(super) fn run(request: &Request) -> Outcome {
    let clip = outside::clip(request.clip.as_deref().unwrap_or(Path::new("bikes.mp4")))?;
    let languages = available(request.languages);
    let file = match languages {
        Languages::PythonAndCpp => "pipeline/app.json",
        Languages::Rust => "pipeline/rust.json",
    };
    let mut application = Application::new(file, Path::new(clip.file_stem().unwrap_or(clip.as_os_str())))?;
    match languages {
        Languages::PythonAndCpp => {
            application.find_programs_in(python_programs()?);
            application.find_programs_in(cpp_programs()?);
        }
        Languages::Rust => build("the modules in Rust", &["--bins", "--package", "ipc-examples"])?,
    }
    application.play(&clip, request.seconds.unwrap_or(60.0), request.pace)?;
    let out = application.out.clone();
    let end = application.run()?;

    let report = report::of(&modules(file, languages, &out)?);
    print!("{}", report.text);
    println!("pictures: {}", out.join("*/*.png").display());
    if report.lost > 0 {
        return Err(format!("{} frames were sent and did not arrive.", report.lost));
    }
    if end == End::Interrupted {
        println!("interrupted: the table counts what was sent until then");
        return Ok(ExitCode::from(INTERRUPTED));
    }
    Ok(ExitCode::SUCCESS)
}

/// What the processes can be written in here, and why not what was asked for.
fn available(wanted: Languages) -> Languages {
    if wanted == Languages::Rust {
        return Languages::Rust;
    }
    let tools = [("c++", "g++"), ("cmake", "cmake"), ("make", "make")];
    let missing = tools.iter().find(|(program, _)| !outside::succeeds(Command::new(program).arg("--version")));
    let problem = match missing {
        Some((program, package)) => format!("there is no {program} here (`apt install {package}` brings it)."),
        None => match outside::python() {
            Ok(_) => return Languages::PythonAndCpp,
            Err(problem) => problem,
        },
    };
    eprintln!("{problem}\nThe processes are those in Rust, then, in place of those in Python and C++.");
    Languages::Rust
}

/// A directory whose `python3` has the module `ipc`.
fn python_programs() -> Result<PathBuf, String> {
    eprintln!("building the Python module, which takes some minutes the first time");
    let python = python::provide()?;
    Ok(python.parent().expect("a program lies in a directory").to_owned())
}

/// The directory of the modules in C++.
fn cpp_programs() -> Result<PathBuf, String> {
    let (prefix, programs) = (target().join("demo-cpp/installed"), target().join("demo-cpp/programs"));
    eprintln!("building the C library");
    install::provide(&prefix)?;
    eprintln!("building the modules in C++");
    let mut configure = Command::new("cmake");
    configure.arg("-S").arg(root().join("examples/pipeline")).arg("-B").arg(&programs);
    configure.arg(format!("-DCMAKE_PREFIX_PATH={}", outside::text(&prefix)?));
    configure.arg(format!("-DIPC={}", outside::text(&target().join("release/ipc"))?));
    outside::output(&mut configure)?;
    outside::output(Command::new("cmake").arg("--build").arg(&programs))?;
    Ok(programs)
}

/// The modules of the application's file with what they wrote down.
fn modules(file: &str, languages: Languages, out: &Path) -> Result<Vec<Module>, String> {
    let path = root().join("examples").join(file);
    let text = std::fs::read_to_string(&path).map_err(|error| format!("cannot read {}: {error}.", path.display()))?;
    let application: Value = serde_json::from_str(&text).map_err(|error| format!("{}: {error}.", path.display()))?;
    let module = |name: &str| {
        let language = match (languages, application["modules"][name]["command"][0].as_str()) {
            (Languages::Rust, _) => "Rust",
            (_, Some("python3")) => "Python",
            _ => "C++",
        };
        Ok(Module { name: name.into(), language, ends: figures::read(out, name)? })
    };
    MODULES.into_iter().map(module).collect()
}
