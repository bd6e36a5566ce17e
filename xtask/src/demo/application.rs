//! An application under its controller: what it finds in its environment, and its ending with the demo.

use std::ffi::OsString;
use std::fs;
use std::io::{IsTerminal, stdin};
use std::os::unix::fs::{DirBuilderExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use rustix::process::{Pid, Signal, kill_process, set_parent_process_death_signal};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::Pace;
use crate::workspace::{cargo, root, target};
use crate::{Outcome, outside};

/// Exit code of a program that SIGINT ended, as shells count.
pub(super) const INTERRUPTED: u8 = 130;

/// How an application ended.
#[derive(PartialEq)]
pub(super) enum End {
    /// All its modules came to their end.
    Whole,
    /// Someone stopped it, by Ctrl-C say.
    Interrupted,
}

/// An application that is to run.
pub(super) struct Application {
    command: Command,
    path: Vec<PathBuf>,
    rings: RingDirectory,
    /// Where its modules write what comes of them: figures, pictures.
    pub(super) out: PathBuf,
}

impl Application {
    /// The application of this file below `examples/`. What the last run of this name left is removed.
    pub(super) fn new(file: &str, name: &Path) -> Result<Self, String> {
        build("the controller", &["--package", "ipc-cli"])?;
        let out = target().join("demo").join(name);
        let _ = fs::remove_dir_all(&out);
        fs::create_dir_all(&out).map_err(|error| format!("cannot make {}: {error}.", out.display()))?;
        let rings = RingDirectory::new()?;
        let this = std::env::current_exe().map_err(|error| format!("this program has no path: {error}."))?;
        let mut command = Command::new(this);
        command
            .arg(format!("--{CONTROLLER}"))
            .arg(target().join("release/ipc"))
            .arg(root().join("examples").join(file));
        // The controller's lines go where errors go: standard output has the report alone.
        command.env("IPC_DIR", &rings.0).env("DEMO_OUT", &out).stdout(std::io::stderr());
        Ok(Self { command, path: vec![ffmpeg()?, target().join("release")], rings, out })
    }

    /// States a variable that its modules read.
    pub(super) fn tell(&mut self, variable: &str, value: impl Into<OsString>) {
        self.command.env(variable, value.into());
    }

    /// States what its camera sees, and says so.
    pub(super) fn play(&mut self, clip: &Path, seconds: f64, pace: Pace) -> Result<(), String> {
        let clip = std::path::absolute(clip).map_err(|error| format!("{} has no path: {error}.", clip.display()))?;
        eprintln!("playing {} for {seconds} s; Ctrl-C ends it earlier", clip.display());
        self.tell("DEMO_CLIP", clip);
        self.tell("DEMO_SECONDS", seconds.to_string());
        self.tell("DEMO_PACE", if pace == Pace::Fast { "fast" } else { "clip" });
        Ok(())
    }

    /// Its modules' programs are looked for here first.
    pub(super) fn find_programs_in(&mut self, directory: PathBuf) {
        self.path.insert(0, directory);
    }

    /// Runs it to its end.
    pub(super) fn run(mut self) -> Result<End, String> {
        let known = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths(self.path.iter().cloned().chain(std::env::split_paths(&known)));
        self.command.env("PATH", path.map_err(|error| format!("the search path cannot be extended: {error}."))?);

        let mut signals =
            Signals::new([SIGINT, SIGTERM, SIGHUP]).map_err(|error| format!("cannot handle signals: {error}."))?;
        let mut controller = self.command.spawn().map_err(|error| format!("ipc run cannot be started: {error}."))?;
        let (listening, pid) = (signals.handle(), Pid::from_child(&controller));
        let listener = thread::spawn(move || {
            let mut end = End::Whole;
            for signal in signals.forever() {
                end = End::Interrupted;
                // A terminal sends Ctrl-C to both of us.
                if signal != SIGINT || !stdin().is_terminal() {
                    let _ = kill_process(pid, Signal::INT);
                }
            }
            end
        });
        let status = controller.wait().map_err(|error| format!("ipc run is lost: {error}."))?;
        listening.close();
        let end = listener.join().expect("it does not panic");
        drop(self.rings);
        if status.success() || end == End::Interrupted { Ok(end) } else { Err(format!("ipc run ended with {status}.")) }
    }
}

/// The hidden command that becomes the controller.
pub(crate) const CONTROLLER: &str = "controller";

/// Becomes `ipc run`, which quits when the demo ends in whatever way: its arguments are the program and the file.
pub(crate) fn controller(program: OsString, file: OsString) -> Outcome {
    let set = set_parent_process_death_signal(Some(Signal::TERM));
    set.map_err(|error| format!("the controller cannot be tied to the demo: {error}."))?;
    Err(format!("ipc run cannot be started: {}.", Command::new(program).arg("run").arg(file).exec()))
}

/// Builds programs of this workspace in release: cargo shows how far it is.
pub(super) fn build(what: &str, arguments: &[&str]) -> Result<(), String> {
    eprintln!("building {what}");
    let built = cargo(&[&["build", "--release"], arguments].concat()).status();
    match built {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err("it does not build; cargo says why above.".into()),
        Err(error) => Err(format!("cargo cannot run: {error}.")),
    }
}

/// A directory in which an ffmpeg lies under this name.
fn ffmpeg() -> Result<PathBuf, String> {
    let (ffmpeg, directory) = (outside::ffmpeg()?, outside::outside().join("bin"));
    let link = directory.join("ffmpeg");
    if ffmpeg.is_absolute() && fs::read_link(&link).ok().as_ref() != Some(&ffmpeg) {
        let _ = fs::remove_file(&link);
        let linked = fs::create_dir_all(&directory).and_then(|()| symlink(&ffmpeg, &link));
        linked.map_err(|error| format!("cannot make {}: {error}.", link.display()))?;
    }
    Ok(directory)
}

/// A directory for the rings of this run alone, in memory; removed with them at the end.
struct RingDirectory(PathBuf);

impl RingDirectory {
    fn new() -> Result<Self, String> {
        let shared_memory = Path::new("/dev/shm");
        let parent = if shared_memory.is_dir() { shared_memory.to_path_buf() } else { target() };
        let path = parent.join(format!("ipc-demo-{}", std::process::id()));
        // What a run of this very process id left behind belongs to nobody now.
        let _ = fs::remove_dir_all(&path);
        let made = fs::DirBuilder::new().mode(0o700).create(&path);
        made.map_err(|error| format!("cannot make the directory {}: {error}.", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for RingDirectory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
