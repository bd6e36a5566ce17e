//! How long a crate with many classes takes to compile: 100 classes of 20 members each, half of them variable, checked by
//! `cargo check` with everything that the crate depends on already there.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::Outcome;
use crate::contender::Kind;
use crate::goals::COMPILE_TIME;
use crate::results::{CellResults, Failure, GroupResults, Round};

const CLASSES: usize = 100;
const MEMBERS: usize = 20;
const RUNS: usize = 3;

/// The crate.
const LIB: &str = "//! Many classes.\n\nipc_core::include_schema!(\"classes.json\");\n";

/// Types of the members that are no array.
const TYPES: [&str; 6] = ["uint64", "double", "int", "float", "uint16", "bool"];

/// Measures it in a crate that it makes in `directory`, which also keeps what was built there before.
pub(crate) fn measure(directory: &Path) -> GroupResults {
    let (name, label) = COMPILE_TIME.split_once('/').expect("a cell's name has two parts");
    let mut cell = CellResults {
        label: label.into(),
        kind: Kind::Ours,
        buffer: String::new(),
        task: None,
        rounds: Vec::new(),
        failure: None,
    };
    match check_all(directory) {
        Ok(rounds) => cell.rounds = rounds,
        Err(problem) => cell.failure = Some(Failure::Broken(problem.to_string())),
    }
    let title =
        format!("Clean `cargo check` of a crate of {CLASSES} classes of {MEMBERS} members, half of them variable");
    let how = "Three times: the crate's file as new as one just saved, nothing left of its last check, and everything \
               that it depends on checked before. Default features.";
    GroupResults { name: name.into(), title, how, unit: "s", cells: vec![cell] }
}

fn check_all(directory: &Path) -> Outcome<Vec<Round>> {
    let source = directory.join("src");
    fs::create_dir_all(&source)?;
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("the package lies in the workspace")?;
    fs::write(
        directory.join("Cargo.toml"),
        format!(
            "[package]\nname = \"hundred-classes\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n\
             [workspace]\n\n[dependencies]\nipc-core.path = {:?}\n",
            workspace.join("ipc-core")
        ),
    )?;
    // The same versions of everything as in the workspace.
    fs::copy(workspace.join("Cargo.lock"), directory.join("Cargo.lock"))?;
    fs::write(source.join("lib.rs"), LIB)?;
    fs::write(directory.join("classes.json"), classes())?;
    check(directory)?;
    (0..RUNS)
        .map(|_| {
            // As new as a file that was just saved, and nothing left of the crate's last check.
            fs::write(source.join("lib.rs"), LIB)?;
            fs::remove_dir_all(directory.join("target/debug/incremental"))?;
            let began = Instant::now();
            check(directory)?;
            Ok(Round { figure: began.elapsed().as_secs_f64(), canaries: None, quantiles: Vec::new(), sleeps: None })
        })
        .collect()
}

fn check(directory: &Path) -> Outcome {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // Not what the surroundings say: a user's own defaults.
    cargo.env_remove("CARGO_INCREMENTAL").env_remove("RUSTFLAGS").env("CARGO_TARGET_DIR", directory.join("target"));
    let output = cargo.args(["check", "--quiet"]).current_dir(directory).stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("a crate of {CLASSES} classes does not compile: {}", String::from_utf8_lossy(&output.stderr)).into())
}

/// A member whose size another one gives.
const ARRAY: &str = r#"{ "name": "values", "type": "array", "size": ["count"], "elem": { "type": "double" } }"#;

/// The classes. Every second one has an array whose size a member gives, and a string.
fn classes() -> String {
    let mut text = String::from("[");
    for class in 0..CLASSES {
        let mut members: Vec<String> = (0..MEMBERS)
            .map(|member| format!("{{ \"name\": \"m{member}\", \"type\": \"{}\" }}", TYPES[member % TYPES.len()]))
            .collect();
        if class % 2 == 1 {
            members[MEMBERS - 3] = "{ \"name\": \"count\", \"type\": \"uint32\" }".into();
            members[MEMBERS - 2] = ARRAY.into();
            members[MEMBERS - 1] = "{ \"name\": \"text\", \"type\": \"string\" }".into();
        }
        let comma = if class == 0 { "" } else { ",\n" };
        // Writing to a string does not fail.
        let _ = write!(text, "{comma}{{ \"className\": \"Class{class}\", \"members\": [{}] }}", members.join(", "));
    }
    text + "]\n"
}
