//! The parent of the sides: starts them, puts together what they print, and ends those that hang.

use std::fs::{self, DirBuilder};
use std::io::Read;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::Outcome;
use crate::contender::{self, Sides};
use crate::meeting::Meeting;
use crate::side::{self, Measured};
use crate::task::Task;

/// Exit code of a program that SIGINT ended, as shells count.
const INTERRUPTED: i32 = 130;

/// Starts the sides of one run after another.
pub(crate) struct Parent {
    directory: RunDirectory,
    runs: u32,
    /// Longest time of a run, after which its sides are killed.
    limit: Duration,
}

impl Parent {
    pub(crate) fn new(limit: Duration) -> Outcome<Self> {
        Ok(Self { directory: RunDirectory::new()?, runs: 0, limit })
    }

    /// Runs a task once, in a directory of its own.
    pub(crate) fn run(&mut self, task: &Task) -> Outcome<Measured> {
        self.runs += 1;
        let name = format!("{PREFIX}{}-{}", std::process::id(), self.runs);
        let directory = make_directory(self.directory.0.join(name))?;
        let outcome = self.run_in(task, &directory);
        fs::remove_dir_all(&directory)?;
        let named = |problem| format!("{} ({:?}, {} bytes): {problem}", task.contender, task.work, task.payload_bytes);
        outcome.map_err(|problem| named(problem).into())
    }

    fn run_in(&self, task: &Task, directory: &Path) -> Outcome<Measured> {
        let contender = contender::find(&task.contender).ok_or("this build does not have it")?;
        let sides = side::count(task, contender.sides);
        Meeting::create(&side::meeting_file(directory))?;
        let processes = if contender.sides == Sides::Threads { 1 } else { sides };
        let mut started = Started(Vec::new());
        let (say, hear) = channel();
        for index in 0..processes {
            let mut child = start(index, task, directory)?;
            let mut output = child.stdout.take().ok_or("the output is piped")?;
            started.0.push(child);
            let say = say.clone();
            std::thread::spawn(move || {
                let mut text = String::new();
                let read = output.read_to_string(&mut text);
                // Fails only when the parent has given this run up.
                let _ = say.send((index, read.map(|_| text)));
            });
        }
        let deadline = Instant::now() + self.limit;
        let mut all = Vec::new();
        for _ in 0..processes {
            let (index, text) = match hear.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(heard) => heard,
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    return Err(format!("not over after {} s, so it was killed", self.limit.as_secs()).into());
                }
            };
            let status = started.0[index].wait()?;
            if !status.success() {
                return Err(format!("side {index} ended with {status}; what it said is above").into());
            }
            all.extend(serde_json::from_str::<Vec<Measured>>(&text?)?);
        }
        Ok(together(all))
    }
}

/// What the sides of one run have measured, as one.
fn together(sides: Vec<Measured>) -> Measured {
    let mut all = Measured::default();
    for side in sides {
        if let Some(figure) = side.figure {
            all.figure = Some(all.figure.unwrap_or(0.0) + figure);
        }
        if !side.quantiles.is_empty() {
            all.quantiles = side.quantiles;
        }
        all.sleeps = all.sleeps.or(side.sleeps);
        all.canaries = all.canaries.or(side.canaries);
    }
    all
}

fn start(index: usize, task: &Task, directory: &Path) -> Outcome<Child> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("side").arg(index.to_string()).arg(serde_json::to_string(task)?).arg(directory);
    // Libraries that make temporary files make them there, so that they go with the run.
    command.env("IPC_DIR", directory).env("TMPDIR", directory);
    Ok(command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?)
}

/// The processes of a run. Those that still run are killed when this is dropped, by their id.
struct Started(Vec<Child>);

impl Drop for Started {
    fn drop(&mut self) {
        // All before the first is waited for: one that spins may keep another from ending.
        for child in &mut self.0 {
            // Fails only for a process that has ended and was waited for.
            let _ = child.kill();
        }
        for child in &mut self.0 {
            let _ = child.wait();
        }
    }
}

/// Names of what this program and the libraries under it make begin with this, followed by the parent's process id.
const PREFIX: &str = "ipc-bench-";

/// The directory of all runs, in memory where the system has that; removed at the end, and when a signal ends the
/// program.
struct RunDirectory(PathBuf);

impl RunDirectory {
    fn new() -> Outcome<Self> {
        let shared_memory = Path::new("/dev/shm");
        let parent = if shared_memory.is_dir() { shared_memory.to_path_buf() } else { std::env::temp_dir() };
        sweep(&parent);
        let path = make_directory(parent.join(format!("{PREFIX}{}", std::process::id())))?;
        let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
        std::thread::spawn(move || {
            if signals.forever().next().is_some() {
                sweep(&parent);
                std::process::exit(INTERRUPTED);
            }
        });
        Ok(Self(path))
    }
}

impl Drop for RunDirectory {
    fn drop(&mut self) {
        self.0.parent().map(sweep);
    }
}

/// Removes what this program has made in a directory, and what killed ones before it have left there: the directories of
/// their runs, and shared memory of libraries that name it after a run and do not remove it.
fn sweep(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let rest = name.to_str().and_then(|name| name.strip_prefix(PREFIX));
        let Some(id) = rest.and_then(|rest| rest.split('-').next()?.parse::<u32>().ok()) else { continue };
        if id == std::process::id() || !Path::new("/proc").join(id.to_string()).exists() {
            // Whatever fails here stays, and is tried again by the next program.
            let _ = fs::remove_dir_all(entry.path()).or_else(|_| fs::remove_file(entry.path()));
        }
    }
}

/// A new directory, as the library wants those of rings to be: its user's alone.
fn make_directory(path: PathBuf) -> Outcome<PathBuf> {
    // What a process of this very id left behind belongs to nobody now.
    let _ = fs::remove_dir_all(&path);
    match DirBuilder::new().mode(0o700).create(&path) {
        Ok(()) => Ok(path),
        Err(error) => Err(format!("cannot make the directory {}: {error}", path.display()).into()),
    }
}
