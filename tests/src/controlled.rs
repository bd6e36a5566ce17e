//! An application in a private directory, run by `ipc run --json`: its events are read, it is told what to do, and whatever
//! becomes of it, the test can see which of its processes and rings are left.

use std::fs;
use std::io::{BufRead, BufReader, PipeReader, Write, pipe};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Output, Stdio};
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::programs::start;
use crate::ring::program;
use crate::{DEADLINE, eventually};

/// The class of all channels.
const CLASSES: &str = r#"[{ "className": "Tick", "members": [{ "name": "number", "type": "uint64" }] }]"#;

/// A topology in a directory of its own, which is also where its rings are.
#[derive(Debug)]
pub struct Controlled {
    directory: PathBuf,
}

/// A controller that runs it. It is killed with the test, and so are all processes of the application.
#[derive(Debug)]
pub struct Run<'a> {
    application: &'a Controlled,
    child: Child,
    input: Option<ChildStdin>,
    events: Receiver<Value>,
    /// All that was read.
    pub seen: Vec<Value>,
}

/// A controller whose output nobody reads. It is killed with the test.
#[derive(Debug)]
pub struct Unread {
    child: Child,
    output: PipeReader,
}

impl Controlled {
    /// An application of these channels and modules, in JSON. In commands, `$WORKER` is the program `worker`, and `$MODULE` a
    /// module that is a shell script.
    pub fn new(channels: &str, modules: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let directory = PathBuf::from(format!("/dev/shm/ipc-controlled-{}-{number}", std::process::id()));
        fs::create_dir(&directory).unwrap();
        fs::write(directory.join("classes.json"), CLASSES).unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("controller/module.sh");
        let text =
            format!(r#"{{ "schemas": ["classes.json"], "channels": {{ {channels} }}, "modules": {{ {modules} }} }}"#);
        let text = text.replace("$WORKER", program("worker").to_str().unwrap());
        let text = text.replace("$MODULE", script.to_str().unwrap());
        fs::write(directory.join("app.json"), text).unwrap();
        Self { directory }
    }

    /// One that produces and one that consumes, and that writes down what it has had; with these keys beside their commands.
    pub fn pair(sender: &str, reader: &str) -> Self {
        Self::new(
            r#""ticks": { "class": "Tick", "capacity": "64 KiB" }"#,
            &format!(
                r#""sender": {{ "command": ["$WORKER", "send"], "produces": ["ticks"] {sender} }},
                   "reader": {{ "command": ["$WORKER", "read", "numbers"], "consumes": ["ticks"] {reader} }}"#
            ),
        )
    }

    /// The topology's file.
    pub fn file(&self) -> PathBuf {
        self.directory.join("app.json")
    }

    /// Where it is.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Runs it, as from a terminal, also where the tests themselves run without one.
    pub fn run(&self, arguments: &[&str]) -> Run<'_> {
        self.run_by(&["env", "--default-signal=HUP"], arguments)
    }

    /// Runs it by a command that becomes the controller.
    pub fn run_by(&self, starter: &[&str], arguments: &[&str]) -> Run<'_> {
        let plain = self.command("run", &[&["--json"], arguments].concat());
        let mut command = Command::new(starter[0]);
        command.args(&starter[1..]).arg(plain.get_program()).args(plain.get_args());
        command.env("IPC_DIR", self.rings_directory());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut child = command.spawn().unwrap();
        let (input, output) = (child.stdin.take(), child.stdout.take().unwrap());
        let (sender, events) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let event = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{line}: {error}"));
                if sender.send(event).is_err() {
                    break;
                }
            }
        });
        Run { application: self, child, input, events, seen: Vec::new() }
    }

    /// Runs it with an output that nobody reads.
    pub fn run_unread(&self) -> Unread {
        let (output, theirs) = pipe().unwrap();
        Unread { child: self.command("run", &["--json"]).stdin(Stdio::null()).stdout(theirs).spawn().unwrap(), output }
    }

    /// `ipc COMMAND FILE ARGUMENTS`.
    pub fn command(&self, command: &str, arguments: &[&str]) -> Command {
        let mut program = Command::new(ipc());
        program.arg(command).arg(self.file()).args(arguments).env("IPC_DIR", self.rings_directory());
        program
    }

    /// Runs such a command to its end, which does not wait for ever.
    pub fn ipc(&self, command: &str, arguments: &[&str]) -> Output {
        start(&mut self.command(command, arguments)).wait_with_output().unwrap()
    }

    /// The same, if it succeeds; gives what it printed.
    #[track_caller]
    pub fn tell(&self, command: &str, arguments: &[&str]) -> String {
        let output = self.ipc(command, arguments);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
        assert!(output.status.success(), "{command} {arguments:?}: {}", text(&output.stderr));
        text(&output.stdout)
    }

    /// The same, if it fails; gives the error.
    #[track_caller]
    pub fn refuses(&self, command: &str, arguments: &[&str]) -> String {
        let output = self.ipc(command, arguments);
        assert!(!output.status.success(), "{command} {arguments:?}: {}", String::from_utf8_lossy(&output.stdout));
        String::from_utf8_lossy(&output.stderr).trim_end().to_owned()
    }

    /// The numbers of all frames that the reader of a pair has had, in all its lives. Each was written down before it was given
    /// back.
    pub fn numbers(&self) -> Vec<u64> {
        let text = fs::read_to_string(self.directory.join("numbers")).unwrap();
        text.lines().map(|line| line.parse().unwrap()).collect()
    }

    /// What `ipc status --json` tells of it.
    #[track_caller]
    pub fn status(&self) -> Value {
        serde_json::from_str(&self.tell("status", &["--json"])).unwrap()
    }

    /// Where its rings are.
    pub fn rings_directory(&self) -> PathBuf {
        self.directory.join("rings")
    }

    /// The rings that are there, by their names.
    pub fn rings(&self) -> Vec<String> {
        let entries = fs::read_dir(self.rings_directory()).into_iter().flatten().flatten();
        let mut names: Vec<_> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// All processes that have come from a controller of this application, itself among them: id and command line.
    pub fn processes(&self) -> Vec<(i32, String)> {
        let mark = format!("IPC_DIR={}", self.rings_directory().display());
        let entries = fs::read_dir("/proc").unwrap().flatten();
        let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
        let found = ids.filter_map(|id| {
            let environment = fs::read(format!("/proc/{id}/environ")).ok()?;
            let marked = environment.split(|byte| *byte == 0).any(|variable| variable == mark.as_bytes());
            let line = fs::read(format!("/proc/{id}/cmdline")).ok()?;
            // The command line of one that has ended is empty.
            (marked && !line.is_empty()).then(|| (id, String::from_utf8_lossy(&line).replace('\0', " ")))
        });
        found.collect()
    }

    /// The one process whose command line has this in it.
    #[track_caller]
    pub fn process(&self, part: &str) -> i32 {
        let found: Vec<_> = self.processes().into_iter().filter(|(_, line)| line.contains(part)).collect();
        assert_eq!(found.len(), 1, "one process `{part}`: {found:?}");
        found[0].0
    }

    /// Waits until no process and no ring is left.
    #[track_caller]
    pub fn leaves_nothing(&self) {
        eventually("no process is left", || self.processes().is_empty());
        eventually("no ring is left", || self.rings().is_empty());
    }
}

impl Drop for Controlled {
    fn drop(&mut self) {
        // A test that fails leaves nothing either.
        for (process, _) in self.processes() {
            kill(process, Signal::KILL);
        }
        let _ = fs::remove_dir_all(&self.directory);
    }
}

impl Run<'_> {
    /// The next event.
    #[track_caller]
    pub fn event(&mut self) -> Value {
        self.event_within(DEADLINE).unwrap_or_else(|| panic!("the controller ended; it had told {:#?}", self.seen))
    }

    #[track_caller]
    fn event_within(&mut self, limit: Duration) -> Option<Value> {
        match self.events.recv_timeout(limit) {
            Ok(event) => {
                self.seen.push(event.clone());
                Some(event)
            }
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("nothing happens any more; it had told {:#?}", self.seen),
        }
    }

    /// Waits for an event of that kind, of that module if one is named.
    #[track_caller]
    pub fn wait_for(&mut self, kind: &str, module: &str) -> Value {
        let deadline = Instant::now() + DEADLINE;
        loop {
            assert!(Instant::now() < deadline, "`{kind}` of `{module}` never came: {:#?}", self.seen);
            let event = self.event();
            if event["event"] == kind && (module.is_empty() || event["module"] == module) {
                return event;
            }
        }
    }

    /// Waits for a line of a module that begins so; gives the rest of it.
    #[track_caller]
    pub fn wait_for_line(&mut self, module: &str, begins: &str) -> String {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let event = self.wait_for("output", module);
            assert!(Instant::now() < deadline, "`{module}` never said `{begins}`: {:#?}", self.seen);
            if let Some(rest) = event["text"].as_str().and_then(|text| text.strip_prefix(begins)) {
                return rest.to_owned();
            }
        }
    }

    /// Types a line at the controller's standard input.
    pub fn type_line(&mut self, line: &str) {
        writeln!(self.input.as_mut().expect("open until drop"), "{line}").unwrap();
    }

    /// Types a command; gives whether it was done, and the answer.
    #[track_caller]
    pub fn types(&mut self, command: &str) -> (bool, String) {
        self.type_line(command);
        let event = self.wait_for("command", "");
        assert_eq!(event["command"], command);
        (event["ok"].as_bool().unwrap(), event["answer"].as_str().unwrap().to_owned())
    }

    /// Sends the controller a signal.
    pub fn signal(&self, signal: Signal) {
        kill(self.child.id() as i32, signal);
    }

    /// Waits for its end; gives its exit status, with all events in `seen`.
    #[track_caller]
    pub fn ends(&mut self) -> ExitStatus {
        let deadline = Instant::now() + DEADLINE;
        while self.event_within(deadline.saturating_duration_since(Instant::now())).is_some() {}
        self.child.wait().unwrap()
    }

    /// Waits for its end, which must be good, and after which nothing is left.
    #[track_caller]
    pub fn ends_well(&mut self) {
        let status = self.ends();
        assert!(status.success(), "{status}: {:#?}", self.seen);
        self.application.leaves_nothing();
    }

    /// The names of the modules of which it told such an event, in the order of telling.
    pub fn modules_of(&self, kind: &str) -> Vec<&str> {
        self.seen.iter().filter(|event| event["event"] == kind).filter_map(|event| event["module"].as_str()).collect()
    }
}

impl Drop for Run<'_> {
    fn drop(&mut self) {
        // Both fail for one that has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Unread {
    /// Sends the controller a signal.
    pub fn signal(&self, signal: Signal) {
        kill(self.child.id() as i32, signal);
    }

    /// Waits for its end.
    #[track_caller]
    pub fn ends(&mut self) -> ExitStatus {
        let mut status = None;
        eventually("the controller ends", || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        status.unwrap()
    }

    /// Wakes the reader up: all events, to the controller's end.
    #[track_caller]
    pub fn read(&mut self) -> Vec<Value> {
        let lines = BufReader::new(&self.output).lines().map_while(Result::ok);
        lines.map(|line| serde_json::from_str(&line).unwrap_or_else(|error| panic!("{line}: {error}"))).collect()
    }
}

impl Drop for Unread {
    fn drop(&mut self) {
        // Both fail for one that has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a process a signal; it may be gone.
pub fn kill(process: i32, signal: Signal) {
    let _ = Pid::from_raw(process).map(|pid| kill_process(pid, signal));
}

/// The program `ipc`, built once.
pub fn ipc() -> PathBuf {
    static BUILT: Once = Once::new();
    BUILT.call_once(|| {
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--package", "ipc-cli"]).args((!cfg!(debug_assertions)).then_some("--release"));
        let built = build.status().unwrap();
        assert!(built.success(), "the program ipc does not build");
    });
    program("ipc")
}
