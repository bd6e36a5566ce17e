//! `cargo xtask demo` and `demo sync`, on real clips: nothing is lost, no process takes more memory than its share, and it
//! ends cleanly whoever ends it.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, ExitStatus, Output};
use std::sync::{Mutex, MutexGuard, Once};
use std::time::{Duration, Instant};

use ipc_tests::eventually;
use ipc_tests::programs::{ends, process, ring_directory, start_within};
use rustix::process::{Pid, Signal, kill_process};

const TMPDIR: &str = env!("CARGO_TARGET_TMPDIR");

/// One demo at a time: the controller runs an application once.
static ALONE: Mutex<()> = Mutex::new(());

/// What the demo fetches and builds is there. It takes as long as the network and the compilers do, so that this alone
/// has no deadline.
static READY: Once = Once::new();

fn alone() -> MutexGuard<'static, ()> {
    READY.call_once(|| {
        for arguments in [&["bikes.mp4", "--fast", "--seconds", "0.1"][..], &["sync", "--seconds", "0.5"]] {
            let made = demo(arguments).output().unwrap();
            assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        }
    });
    ALONE.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// A demo looks whether all that it runs is built, which takes long on a busy machine.
const LIMIT: Duration = Duration::from_secs(900);

fn output(demo: &mut Command) -> Output {
    start_within(demo, LIMIT).wait_with_output().unwrap()
}

fn demo(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO"));
    command.args(["run", "--quiet", "--package", "xtask", "--", "demo"]).args(arguments);
    command
}

/// Where a demo on this clip writes.
fn out(clip: &str) -> PathBuf {
    Path::new(TMPDIR).with_file_name("demo").join(clip)
}

/// A demo that runs, and of which every module has had frames.
struct Running {
    demo: Child,
    stderr: BufReader<ChildStderr>,
    said: String,
    modules: Vec<Module>,
    /// The modules, and what they and the controller have started.
    all: Vec<OwnedFd>,
}

/// A process of the application.
struct Module {
    name: String,
    pid: Pid,
}

/// What a demo printed.
struct Ended {
    status: ExitStatus,
    stdout: String,
    stderr: String,
}

impl Running {
    /// Starts a demo in the clip's own time, and waits until frames have come to its far ends.
    fn start(arguments: &[&str]) -> Self {
        let out = out("bikes");
        let mut demo = start_within(&mut demo(&[&["bikes.mp4"], arguments].concat()), LIMIT);
        let mut stderr = BufReader::new(demo.stderr.take().unwrap());
        let mut said = String::new();
        while !said.contains("· running\n") {
            assert_ne!(stderr.read_line(&mut said).unwrap(), 0, "the demo ended early: {said}");
        }
        for end in ["edge_checker_1", "edge_checker_2", "edge_display_1", "frame_display_2"] {
            let file = out.join(end).with_extension("csv");
            eventually("every module has frames", || {
                fs::read_to_string(&file).is_ok_and(|rows| rows.lines().count() > 10)
            });
        }
        let processes = processes_with("DEMO_OUT", &out);
        let all = processes.iter().map(|(pid, _)| process(*pid)).collect();
        // What a module has started has its variables too.
        let is_module = |pid: Pid| parent(pid).is_none_or(|parent| variable(parent, "IPC_MODULE").is_none());
        let modules: Vec<Module> = processes
            .iter()
            .filter(|(pid, _)| is_module(*pid))
            .filter_map(|(pid, _)| Some(Module { name: variable(*pid, "IPC_MODULE")?, pid: *pid }))
            .collect();
        let names: Vec<&str> = modules.iter().map(|module| module.name.as_str()).collect();
        assert_eq!(modules.len(), 9, "{names:?}");
        Self { demo, stderr, said, modules, all }
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.demo)
    }

    fn module(&self, name: &str) -> Pid {
        self.modules.iter().find(|module| module.name == name).unwrap().pid
    }

    /// Waits for the end of the demo and of every process that belongs to it.
    fn end(mut self) -> Ended {
        let mut stdout = String::new();
        self.demo.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
        self.stderr.read_to_string(&mut self.said).unwrap();
        let status = self.demo.wait().unwrap();
        let left = self.all.iter().filter(|process| !ends(process)).count();
        assert_eq!(left, 0, "processes of the demo are still there, long after its end");
        Ended { status, stdout, stderr: self.said }
    }
}

/// Processes that have this variable with this value.
fn processes_with(name: &str, value: &Path) -> Vec<(Pid, PathBuf)> {
    let numbers = fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let pids = numbers.filter_map(Pid::from_raw);
    let with = pids.filter_map(|pid| Some((pid, PathBuf::from(variable(pid, name)?))));
    with.filter(|(_, found)| found == value).collect()
}

/// A variable that a process was started with.
fn variable(pid: Pid, name: &str) -> Option<String> {
    let environment = fs::read(format!("/proc/{pid}/environ")).ok()?;
    let environment = String::from_utf8_lossy(&environment).into_owned();
    environment.split('\0').find_map(|pair| Some(pair.strip_prefix(name)?.strip_prefix('=')?.to_owned()))
}

fn parent(pid: Pid) -> Option<Pid> {
    Pid::from_raw(status(pid, "PPid:")? as i32)
}

/// A number of a process's status; memory is in kB.
fn status(pid: Pid, key: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix(key)?.split_whitespace().next()?.parse().ok())
}

/// Frames and lost frames of each row of the table that read.
fn read(table: &str) -> Vec<(u64, u64)> {
    let rows = table.lines().filter_map(|line| line.split_once(" read "));
    let number = |text: &str| text.parse().unwrap_or_else(|_| panic!("a number, not {text}, in\n{table}"));
    rows.filter(|(before, _)| before.contains("frames ") || before.contains("edges "))
        .map(|(before, after)| {
            (number(before.split_whitespace().last().unwrap()), number(after.split_whitespace().next().unwrap()))
        })
        .collect()
}

fn rings(demo: Pid) -> PathBuf {
    PathBuf::from(format!("/dev/shm/ipc-demo-{demo}"))
}

fn texts(output: Output) -> [String; 2] {
    [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap())
}

/// Bytes of memory beside the rings that a module may have. An interpreter with numpy takes 25 MB and their code as much again;
/// the others are a program of less than a megabyte and its C library. A second copy of one ring alone would be above it.
fn own_share(pid: Pid) -> u64 {
    let program = fs::read_link(format!("/proc/{pid}/exe")).unwrap();
    if program.file_name().unwrap().to_string_lossy().starts_with("python") { 64 << 20 } else { 12 << 20 }
}

#[test]
fn nine_processes_run_for_a_minute_without_loss_and_within_their_share_of_memory() {
    let _alone = alone();
    let running = Running::start(&["--seconds", "60"]);
    let began = Instant::now();

    let sizes = ["frames", "edges"]
        .map(|ring| (ring, fs::metadata(rings(running.pid()).join(ring).with_extension("ring")).unwrap().len()));
    let memory = |module: &Module, key| status(module.pid, key).map(|kilobytes| 1024 * kilobytes);
    let mut settled = Vec::new();
    while let Some(taken) = running.modules.iter().map(|module| memory(module, "VmRSS:")).collect::<Option<Vec<u64>>>()
    {
        for (module, taken) in running.modules.iter().zip(&taken) {
            // Those of its rings that it can touch are its share by right.
            let of_rings: u64 = match module.name.as_str() {
                "filter" => sizes.iter().map(|(_, bytes)| bytes).sum(),
                name => sizes[usize::from(name.starts_with("edge"))].1,
            };
            let (most, own) = (of_rings + own_share(module.pid), memory(module, "RssAnon:").unwrap_or(0));
            assert!(*taken <= most, "{} has {taken} bytes in memory; its share is {most}", module.name);
            assert!(own <= own_share(module.pid), "{} has {own} bytes of its own", module.name);
        }
        // After a third of the time each has all that it needs: what it takes from then on would never end.
        let own = || running.modules.iter().map(|module| memory(module, "RssAnon:")).collect::<Option<Vec<u64>>>();
        if began.elapsed() > Duration::from_secs(20) {
            if settled.is_empty() {
                settled = own().unwrap_or_default();
            }
            for ((module, now), then) in running.modules.iter().zip(own().unwrap_or_default()).zip(&settled) {
                assert!(now <= then + (1 << 20), "{} had {then} bytes of its own, and has {now}", module.name);
            }
        }
        std::thread::sleep(Duration::from_millis(250));
    }
    assert_eq!(settled.len(), 9, "it ran for more than 20 s");

    let ended = running.end();
    assert!(ended.status.success(), "{}{}", ended.stdout, ended.stderr);
    let read = read(&ended.stdout);
    assert_eq!((read.len(), read[0].1), (8, 0), "{}", ended.stdout);
    assert!(read[0].0 >= 25 * 59 && read.iter().all(|end| *end == read[0]), "25 frames a second: {}", ended.stdout);
    for language in [" Python ", " C++ "] {
        assert!(ended.stdout.contains(language), "{}", ended.stdout);
    }
}

#[test]
fn three_clips_pass_in_rust_without_loss_and_are_shown() {
    let _alone = alone();
    for clip in ["bikes", "bigbuckbunny", "carphone_pristine"] {
        let output = output(&mut demo(&[&format!("{clip}.mp4"), "--rust", "--fast", "--seconds", "4"]));
        let succeeded = output.status.success();
        let [stdout, stderr] = texts(output);
        assert!(succeeded, "{clip}: {stdout}{stderr}");
        let read = read(&stdout);
        assert!(read.len() == 8 && read.iter().all(|(frames, lost)| *frames > 90 && *lost == 0), "{clip}: {stdout}");
        assert!(!stdout.contains("Python") && !stdout.contains("C++"), "{clip}: {stdout}");

        for display in ["frame_display_1", "frame_display_2", "edge_display_1", "edge_display_2"] {
            let path = out(clip).join(display).join("0003.png");
            let file = fs::File::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let mut reader = png::Decoder::new(BufReader::new(file)).read_info().unwrap();
            let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
            let info = reader.next_frame(&mut pixels).unwrap();
            assert_eq!((info.width, info.height), (200, 200), "{}", path.display());
            assert!(pixels.iter().any(|pixel| *pixel != pixels[0]), "{} is empty", path.display());
        }
    }
}

#[test]
fn an_interrupt_ends_the_stream_and_every_frame_sent_until_then_arrives() {
    let _alone = alone();
    for languages in [&[][..], &["--rust"]] {
        let running = Running::start(languages);
        let pid = running.pid();
        kill_process(pid, Signal::INT).unwrap();
        let ended = running.end();
        assert_eq!(ended.status.code(), Some(130), "{}{}", ended.stdout, ended.stderr);
        let read = read(&ended.stdout);
        assert_eq!(read.len(), 8, "{}", ended.stdout);
        assert!(read.iter().all(|(frames, lost)| *frames > 0 && *lost == 0), "{}", ended.stdout);
        assert!(!rings(pid).exists(), "the rings are removed");
    }
}

#[test]
fn a_module_that_dies_is_named_and_the_others_are_ended() {
    let _alone = alone();
    let running = Running::start(&[]);
    let pid = running.pid();
    kill_process(running.module("filter"), Signal::KILL).unwrap();
    let ended = running.end();
    assert_eq!(ended.status.code(), Some(1), "{}", ended.stderr);
    assert!(ended.stderr.lines().any(|line| line.contains("filter") && line.contains("SIGKILL")), "{}", ended.stderr);
    assert!(!rings(pid).exists(), "the rings are removed");
}

#[test]
fn no_process_outlives_a_demo_that_was_killed() {
    let _alone = alone();
    let running = Running::start(&[]);
    let pid = running.pid();
    kill_process(pid, Signal::KILL).unwrap();
    assert_eq!(running.end().status.signal(), Some(9));
    fs::remove_dir_all(rings(pid)).unwrap();
}

#[test]
fn a_clip_that_is_no_video_is_refused_with_what_ffmpeg_says() {
    let _alone = alone();
    let output = output(&mut demo(&[concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"), "--rust"]));
    let code = output.status.code();
    let [_, stderr] = texts(output);
    assert_eq!(code, Some(1), "{stderr}");
    for said in ["matches no streams", "the clip was not decoded", "camera ended with exit status 1"] {
        assert!(stderr.contains(said), "{stderr}");
    }
}

/// A folder with every program that is found here, but this one.
fn programs_without(missing: &str) -> PathBuf {
    let folder = ring_directory("programs", TMPDIR);
    for directory in std::env::split_paths(&std::env::var_os("PATH").unwrap()) {
        for program in fs::read_dir(directory).into_iter().flatten().flatten() {
            if program.file_name() != missing {
                // The first of a name is the one that is found.
                let _ = std::os::unix::fs::symlink(program.path(), folder.join(program.file_name()));
            }
        }
    }
    folder
}

#[test]
fn without_a_compiler_it_says_so_and_runs_in_rust() {
    let _alone = alone();
    let programs = programs_without("cmake");
    let output = output(demo(&["bikes.mp4", "--fast", "--seconds", "1"]).env("PATH", &programs));
    fs::remove_dir_all(programs).unwrap();
    let succeeded = output.status.success();
    let [stdout, stderr] = texts(output);
    assert!(succeeded, "{stdout}{stderr}");
    assert!(stderr.contains("there is no cmake here (`apt install cmake` brings it)"), "{stderr}");
    assert!(stdout.contains(" Rust ") && read(&stdout).len() == 8, "{stdout}");
}

#[test]
fn a_window_that_its_user_closes_ends_nothing_and_loses_nothing() {
    let _alone = alone();
    let players = ring_directory("players", TMPDIR);
    // In place of ffplay: it sees two pictures, and goes.
    let player = players.join("ffplay");
    fs::write(&player, "#!/bin/sh\nhead -c 240000 > \"$DEMO_OUT/$IPC_MODULE.seen\"\n").unwrap();
    fs::set_permissions(&player, fs::Permissions::from_mode(0o755)).unwrap();
    let mut path = std::ffi::OsString::from(&players);
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap());
    let output =
        output(demo(&["bikes.mp4", "--rust", "--fast", "--seconds", "4"]).env("PATH", path).env("DISPLAY", ":99"));
    fs::remove_dir_all(players).unwrap();
    let succeeded = output.status.success();
    let [stdout, stderr] = texts(output);
    assert!(succeeded, "{stdout}{stderr}");
    assert_eq!(read(&stdout), [(100, 0); 8], "{stdout}");
    for display in ["frame_display_1", "frame_display_2", "edge_display_1", "edge_display_2"] {
        let seen = fs::metadata(out("bikes").join(display).with_extension("seen")).unwrap();
        assert_eq!(seen.len(), 240_000, "{display} has shown its pictures in a window");
    }
}

#[test]
fn every_picture_gets_its_samples_and_none_is_lost() {
    let _alone = alone();
    let output = output(&mut demo(&["sync", "--seconds", "6"]));
    let succeeded = output.status.success();
    let [stdout, stderr] = texts(output);
    assert!(succeeded, "{stdout}{stderr}");
    assert!(stdout.contains("150 pictures of 1280 × 480 on disk") && stdout.contains(" samples, 0 lost"), "{stdout}");

    let rows = fs::read_to_string(out("sync").join("samples.csv")).unwrap();
    let rows: Vec<Vec<&str>> = rows.lines().skip(1).map(|row| row.split(',').collect()).collect();
    for (place, row) in rows.iter().enumerate() {
        assert_eq!(row[4].parse(), Ok(place), "the samples' own numbers: {row:?}");
    }
    // 200 a second, but for what the decoder takes to begin.
    assert!(rows.len() > 200 * 5, "{}", rows.len());
    // The decoder may give its last pictures at once, between two samples.
    let last: u32 = rows.last().unwrap()[0].parse().unwrap();
    assert!(last >= 145, "the samples go on to the last pictures, and not to picture {last} alone");
    let picture = fs::read(out("sync").join("000149.pgm")).unwrap();
    assert_eq!(picture.len(), "P5\n1280 480\n255\n".len() + 1280 * 480);
    let plot = fs::read_to_string(out("sync").join("offsets.svg")).unwrap();
    assert!(plot.starts_with("<svg ") && plot.trim_end().ends_with("</svg>"), "{plot}");
}
