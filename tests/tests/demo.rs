//! `cargo xtask demo`, on real clips: nothing is lost, and it ends cleanly whoever ends it.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus};
use std::sync::{Mutex, MutexGuard, Once};

use ipc_tests::programs::{ends, output, process, start};
use rustix::process::{Pid, Signal, kill_process};

/// One demo at a time: two of them would write the same pictures.
static ALONE: Mutex<()> = Mutex::new(());

/// What the demo fetches and builds is there. It takes as long as the network and the compiler do, so that this alone
/// has no deadline.
static READY: Once = Once::new();

fn alone() -> MutexGuard<'static, ()> {
    READY.call_once(|| {
        let made = demo(&["bikes.mp4", "--fast", "--frames", "1"]).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    });
    ALONE.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// A demo that runs, and has shown that frames flow.
struct Running {
    demo: Child,
    stderr: BufReader<std::process::ChildStderr>,
    said: String,
    modules: Vec<(Pid, OwnedFd)>,
}

/// What a demo printed.
struct Ended {
    status: ExitStatus,
    stdout: String,
    stderr: String,
}

fn demo(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO"));
    command.args(["run", "--quiet", "--package", "xtask", "--", "demo"]).args(arguments);
    command
}

impl Running {
    /// Starts a demo in the clip's own time, and waits until it reports frames.
    fn start() -> Self {
        let mut demo = start(&mut demo(&["bikes.mp4"]));
        let mut stderr = BufReader::new(demo.stderr.take().unwrap());
        let mut said = String::new();
        while !said.contains("frames: ") {
            assert_ne!(stderr.read_line(&mut said).unwrap(), 0, "the demo ended early: {said}");
        }
        let children = fs::read_to_string(format!("/proc/{0}/task/{0}/children", demo.id())).unwrap();
        let pids = children.split_whitespace().map(|pid| Pid::from_raw(pid.parse().unwrap()).unwrap());
        let modules: Vec<_> = pids.map(|pid| (pid, process(pid))).collect();
        assert_eq!(modules.len(), 5, "ffmpeg, the camera, the filter and two checkers run: {children}");
        Self { demo, stderr, said, modules }
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.demo)
    }

    fn module(&self, name: &str) -> Pid {
        let is_it = |pid| fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|comm| comm.trim_end() == name);
        self.modules.iter().find(|(pid, _)| is_it(pid)).unwrap_or_else(|| panic!("no process {name}")).0
    }

    /// Waits for the end of the demo and of every process it started.
    fn end(mut self) -> Ended {
        self.stderr.read_to_string(&mut self.said).unwrap();
        let mut stdout = String::new();
        self.demo.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
        let status = self.demo.wait().unwrap();
        let left = self.modules.iter().filter(|(_, module)| !ends(module)).count();
        assert_eq!(left, 0, "processes of the demo are still there, long after its end");
        Ended { status, stdout, stderr: self.said }
    }
}

/// Frames and lost frames of each row of the table that received.
fn received(table: &str) -> Vec<(u64, u64)> {
    let rows = table.lines().filter_map(|line| line.split_once(" received "));
    let number = |text: &str| text.parse().unwrap_or_else(|_| panic!("a number, not {text}, in\n{table}"));
    rows.map(|(before, after)| {
        (number(before.split_whitespace().last().unwrap()), number(after.split_whitespace().next().unwrap()))
    })
    .collect()
}

fn ring_directory(demo: Pid) -> PathBuf {
    PathBuf::from(format!("/dev/shm/ipc-demo-{demo}"))
}

#[test]
fn three_clips_pass_through_without_loss_and_are_drawn() {
    let _alone = alone();
    for clip in ["bikes", "bigbuckbunny", "carphone_pristine"] {
        let output = output(&mut demo(&[&format!("{clip}.mp4"), "--fast", "--frames", "60"]));
        let [stdout, stderr] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        assert!(output.status.success(), "{clip}: {stdout}{stderr}");
        assert_eq!(received(&stdout), [(60, 0); 3], "{clip}: {stdout}");

        let pictures = stdout.lines().find_map(|line| line.strip_prefix("pictures: ")).unwrap();
        for channel in ["frames", "edges"] {
            let path = pictures.replace("{frames,edges}", channel);
            let mut reader = png::Decoder::new(BufReader::new(fs::File::open(&path).unwrap())).read_info().unwrap();
            let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
            let info = reader.next_frame(&mut pixels).unwrap();
            assert_eq!((info.width, info.height), (1024, 820), "{path}: 5 × 4 pictures of 200 × 200, 4 apart");
            let last_row = &pixels[info.line_size * 700..][..info.line_size];
            assert!(last_row.iter().any(|pixel| *pixel != last_row[0]), "{path}: the last row of pictures is empty");
        }
    }
}

#[test]
fn an_interrupt_ends_the_stream_and_every_frame_sent_until_then_arrives() {
    let _alone = alone();
    let running = Running::start();
    let pid = running.pid();
    kill_process(pid, Signal::INT).unwrap();
    let ended = running.end();
    assert_eq!(ended.status.code(), Some(130), "{}", ended.stderr);
    let received = received(&ended.stdout);
    assert_eq!(received.len(), 3, "{}", ended.stdout);
    assert!(received.iter().all(|(frames, lost)| *frames > 0 && *lost == 0), "{}", ended.stdout);
    assert!(!ring_directory(pid).exists(), "the rings are removed");
}

#[test]
fn a_module_that_dies_is_named_and_the_others_are_ended() {
    let _alone = alone();
    let running = Running::start();
    let pid = running.pid();
    kill_process(running.module("edges"), Signal::KILL).unwrap();
    let ended = running.end();
    assert_eq!(ended.status.code(), Some(1), "{}", ended.stderr);
    assert!(ended.stderr.contains("edges ended with signal: 9"), "{}", ended.stderr);
    assert!(!ring_directory(pid).exists(), "the rings are removed");
}

#[test]
fn no_process_outlives_a_demo_that_was_killed() {
    let _alone = alone();
    let running = Running::start();
    let pid = running.pid();
    kill_process(pid, Signal::KILL).unwrap();
    assert_eq!(running.end().status.signal(), Some(9));
    fs::remove_dir_all(ring_directory(pid)).unwrap();
}

#[test]
fn a_clip_that_is_no_video_is_refused_with_what_ffmpeg_says() {
    let _alone = alone();
    let output = output(&mut demo(&[concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")]));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("ffmpeg ended with") && !stderr.contains("It said: nothing"), "{stderr}");
}
