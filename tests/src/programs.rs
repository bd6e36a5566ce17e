//! The programs of `examples/`, as `cargo xtask demo` builds them.

use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Once;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use crate::DEADLINE;

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

/// The program `ipc`, built once for a test program.
pub fn ipc(target_tmpdir: &str) -> Command {
    static BUILT: Once = Once::new();
    BUILT.call_once(|| {
        let build = ["build", "--quiet", "--package", "ipc-cli", "--bin", "ipc"];
        let built = Command::new(env!("CARGO")).args(build).status().expect("cargo runs");
        assert!(built.success(), "the program ipc does not build");
    });
    Command::new(PathBuf::from(target_tmpdir).with_file_name("debug").join("ipc"))
}

/// Starts a program with its output piped. One that hangs is killed at the [`DEADLINE`], so that whoever waits for its
/// end or reads what it prints goes on, and finds that it was killed.
pub fn start(program: &mut Command) -> Child {
    start_within(program, DEADLINE)
}

/// The same for a program that takes longer, since it compiles others say.
pub fn start_within(program: &mut Command, limit: Duration) -> Child {
    let piped = program.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = piped.spawn().unwrap_or_else(|error| panic!("{program:?}: {error}"));
    let process = process(Pid::from_child(&child));
    std::thread::spawn(move || {
        if !ends_within(&process, limit) {
            // It fails for a process that has just ended.
            let _ = pidfd_send_signal(&process, Signal::KILL);
        }
    });
    child
}

/// Runs a program to its end, as [`start`] does.
pub fn output(program: &mut Command) -> Output {
    start(program).wait_with_output().expect("a child that nobody waited for")
}

/// A process that runs, whatever becomes of its number.
pub fn process(pid: Pid) -> OwnedFd {
    pidfd_open(pid, PidfdFlags::empty()).expect("the process is there")
}

/// Whether a process ends by the [`DEADLINE`].
pub fn ends(process: &OwnedFd) -> bool {
    ends_within(process, DEADLINE)
}

fn ends_within(process: &OwnedFd, limit: Duration) -> bool {
    let limit = Timespec { tv_sec: limit.as_secs() as i64, tv_nsec: 0 };
    poll(&mut [PollFd::new(process, PollFlags::IN)], Some(&limit)).expect("a process can be waited for") == 1
}

/// A fresh, empty directory for the rings of one test.
pub fn ring_directory(test: &str, target_tmpdir: &str) -> PathBuf {
    let path = PathBuf::from(target_tmpdir).join(format!("{test}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).expect("the target directory can be written");
    path
}
