//! From Python: our module beside other packages, by `python/contenders.py`, each contender's turn a process of its own that
//! starts a second one.

use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Outcome;
use crate::contender::Kind;
use crate::results::{CellResults, Failure, GroupResults, Round};

/// A work of `contenders.py`.
struct Work {
    /// The group's name; what follows `python-` is its name there.
    name: &'static str,
    title: &'static str,
    how: &'static str,
    unit: &'static str,
    contenders: &'static [&'static str],
    /// Steps of a turn.
    steps: u32,
}

const WORKS: [Work; 3] = [
    Work {
        name: "python-frames",
        title: "From Python: frames of 120 kB into and out of numpy",
        how: "The sender writes every element of an array of numpy: of the frame itself in ours, iceoryx2 and under the \
              lock, of its own array in `ours, send` and pyzmq. The receiver gets an array of numpy, which is the frame \
              itself but under the lock, and compares its first and last element. The receiver times itself.",
        unit: "ns a frame",
        contenders: &["ours", "ours, send", "pyzmq", "shared memory", "iceoryx2"],
        steps: 4000,
    },
    Work {
        name: "python-round-trip",
        title: "From Python: round trip, 64 B, spinning",
        how: "A number in 64 bytes there, and back increased.",
        unit: "ns a trip",
        contenders: &["ours", "pyzmq", "shared memory", "iceoryx2"],
        steps: 4000,
    },
    Work {
        name: "python-receive-call",
        title: "From Python: the call that receives, by size",
        how: "The median time of `recv` of a frame that is there, and of taking its array of numpy: a copy would grow with \
              the frame. In one process, which writes and reads the first and the last element; the reading of the clock \
              is part of it.",
        unit: "ns a call",
        contenders: &["ours, 64 B", "ours, 4096 B", "ours, 120000 B", "ours, 1000000 B", "ours, 8000000 B"],
        steps: 4000,
    },
];

/// Every cell, for the goals.
#[cfg(test)]
pub(crate) fn cells() -> impl Iterator<Item = String> {
    WORKS.iter().flat_map(|work| work.contenders.iter().map(|label| crate::goals::id(work.name, label)))
}

/// Measures all that is wanted, in rounds.
pub(crate) fn measure(python: &Path, rounds: usize, wanted: &dyn Fn(&str, &str) -> bool) -> Vec<GroupResults> {
    let works = WORKS.iter().filter(|work| wanted(work.name, work.title));
    works.map(|work| measure_work(python, work, rounds)).collect()
}

fn measure_work(python: &Path, work: &Work, rounds: usize) -> GroupResults {
    let mut cells: Vec<CellResults> = work
        .contenders
        .iter()
        .map(|label| CellResults {
            label: (*label).into(),
            kind: if label.starts_with("ours") { Kind::Ours } else { Kind::Peer },
            buffer: String::new(),
            task: None,
            rounds: Vec::new(),
            failure: None,
        })
        .collect();
    for _ in 0..rounds {
        for cell in cells.iter_mut().filter(|cell| cell.failure.is_none()) {
            match turn(python, &cell.label, work) {
                Ok(figure) => {
                    cell.rounds.push(Round { figure, canaries: None, quantiles: Vec::new(), sleeps: None });
                }
                Err(problem) => cell.failure = Some(Failure::Broken(problem.to_string())),
            }
        }
    }
    GroupResults { name: work.name.into(), title: work.title.into(), how: work.how, unit: work.unit, cells }
}

/// One contender's turn: nanoseconds a step.
fn turn(python: &Path, contender: &str, work: &Work) -> Outcome<f64> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("python/contenders.py");
    let directory = PathBuf::from(format!("/dev/shm/ipc-bench-python-{}", std::process::id()));
    std::fs::DirBuilder::new().mode(0o700).create(&directory)?;
    let mut command = Command::new(python);
    command.arg(script).arg(contender).arg(work.name.trim_start_matches("python-")).arg(work.steps.to_string());
    let output = command.arg(&directory).stdin(Stdio::null()).output();
    std::fs::remove_dir_all(&directory)?;
    let output = output?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(format!("{contender} ended with {}: {said}", output.status).into());
    }
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}
