//! Isolated channels of a running application: `ipc run` hands their memory to their modules, again to those that are started
//! again, and to nobody else.
#![forbid(unsafe_code)]

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use ipc_tests::{DEADLINE, Peer, programs};
use rustix::process::{Pid, Signal, kill_process};

const TOPOLOGY: &str = r#"{
  "schemas": ["classes.json"],
  "channels": {
    "secret": { "class": "Sample", "capacity": 4096, "isolated": true },
    "plain": { "class": "Sample", "capacity": 4096, "on_full": "wait" } },
  "modules": {
    "source": { "command": ["COMMUNICATOR", "send", "0", "1", "1000000000"], "produces": ["secret"], "restart": RESTART },
    "reader": { "command": ["COMMUNICATOR", "read", "arrival"], "consumes": ["secret"], "restart": RESTART },
    "viewer": { "command": ["sh", "-c", "COMMUNICATOR read arrival; true"], "observes": ["secret"] },
    "other": { "command": ["COMMUNICATOR", "send", "0", "1", "1000000000"], "produces": ["plain"] },
    "sink": { "command": ["COMMUNICATOR", "read", "arrival"], "consumes": ["plain"] } } }"#;

const RESTART: &str = r#"{ "when": "always", "first_delay": "10 ms" }"#;

const CLASSES: &str = r#"[{ "className": "Sample", "members": [
    { "name": "stamp", "type": "int64", "unit": "ns" }, { "name": "value", "type": "uint64" } ] }]"#;

/// A running application, in a directory of its own.
struct Application {
    directory: PathBuf,
    controller: Peer,
    /// The last process of each module.
    processes: HashMap<String, i32>,
    deadline: Instant,
}

impl Application {
    fn start(name: &str) -> Self {
        let directory =
            PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("isolated-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let text = TOPOLOGY.replace("COMMUNICATOR", env!("CARGO_BIN_EXE_communicator")).replace("RESTART", RESTART);
        std::fs::write(directory.join("app.json"), text).unwrap();
        std::fs::write(directory.join("classes.json"), CLASSES).unwrap();
        let mut ipc = programs::ipc(env!("CARGO_TARGET_TMPDIR"));
        ipc.args(["run", "--lines"]).arg(directory.join("app.json")).env("IPC_DIR", &directory);
        let mut application = Self {
            directory,
            controller: Peer::start(ipc),
            processes: HashMap::new(),
            deadline: Instant::now() + DEADLINE,
        };
        application.until("ipc", |told| told == "running");
        application
    }

    /// The next that is told of, or printed by, a module: its name and the rest.
    fn told(&mut self) -> (String, String) {
        assert!(Instant::now() < self.deadline, "what is waited for does not come");
        let line = self.controller.line().expect("it runs");
        let (name, rest) = line.split_once(['·', '│']).unwrap_or_else(|| panic!("{line}"));
        let (name, rest) = (name.trim().to_owned(), rest.trim().to_owned());
        if let Some(process) = rest.strip_prefix("started as process ") {
            let process = process.split(',').next().unwrap().parse().unwrap();
            self.processes.insert(name.clone(), process);
        }
        (name, rest)
    }

    /// What a module tells once it is this.
    fn until(&mut self, name: &str, is_it: impl Fn(&str) -> bool) -> String {
        loop {
            match self.told() {
                (of, told) if of == name && is_it(&told) => return told,
                _ => {}
            }
        }
    }

    /// The number of the next frame that a module prints.
    fn frame(&mut self, name: &str) -> i64 {
        let told = self.until(name, |told| told.starts_with("secret "));
        told.strip_prefix("secret ").unwrap().parse().unwrap()
    }

    /// Kills a module's process, and gives the number of the last frame that it had printed.
    fn kill(&mut self, name: &str) -> i64 {
        kill_process(Pid::from_raw(self.processes[name]).unwrap(), Signal::KILL).unwrap();
        let mut last = -1;
        loop {
            match self.told() {
                (of, told) if of == name && told.starts_with("started as") => return last,
                (of, told) if of == name => {
                    last = told.strip_prefix("secret ").map_or(last, |number| number.parse().unwrap());
                }
                _ => {}
            }
        }
    }

    fn quit(mut self) {
        let mut ipc = programs::ipc(env!("CARGO_TARGET_TMPDIR"));
        let quit = ipc.arg("quit").arg(self.directory.join("app.json")).output().unwrap();
        assert!(quit.status.success(), "{quit:?}");
        while self.controller.line().is_some() {}
        assert!(self.controller.succeeds());
        std::fs::remove_dir_all(&self.directory).unwrap();
    }
}

/// What a process has open of the channel's memory: whether that is the body, and whether it can write it.
fn open_in(process: i32) -> Vec<(bool, bool)> {
    let listed = std::fs::read_dir(format!("/proc/{process}/fd")).unwrap();
    let found = listed.filter_map(|entry| {
        let entry = entry.unwrap();
        let link = std::fs::read_link(entry.path()).ok()?.into_os_string().into_string().ok()?;
        let name = link.strip_prefix("/memfd:")?;
        assert!(name.starts_with("secret"), "{link}");
        let number = entry.file_name().into_string().unwrap();
        let info = std::fs::read_to_string(format!("/proc/{process}/fdinfo/{number}")).unwrap();
        let flags = info.lines().find_map(|line| line.strip_prefix("flags:")).unwrap().trim();
        let flags = u32::from_str_radix(flags, 8).unwrap();
        Some((name.contains("body"), flags & libc::O_ACCMODE as u32 == libc::O_RDWR as u32))
    });
    found.collect()
}

fn children(process: i32) -> Vec<i32> {
    let listed = std::fs::read_to_string(format!("/proc/{process}/task/{process}/children")).unwrap();
    listed.split_whitespace().map(|child| child.parse().unwrap()).collect()
}

#[test]
fn only_the_modules_of_an_isolated_channel_receive_its_memory() {
    let mut application = Application::start("receive");
    // All have opened their ends, and frames pass.
    application.frame("reader");
    application.frame("viewer");
    let controller = application.controller.id() as i32;
    let guard = children(controller);
    assert_eq!(guard.len(), 1);
    for process in [guard[0], application.processes["other"], application.processes["sink"]] {
        assert_eq!(open_in(process), [], "{process}");
    }
    let viewer = children(application.processes["viewer"]);
    assert_eq!(viewer.len(), 1, "the shell has started it");
    for (process, writes) in [
        (application.processes["source"], true),
        (application.processes["reader"], false),
        (application.processes["viewer"], false),
        (viewer[0], false),
    ] {
        let open = open_in(process);
        assert!(open.iter().any(|(is_body, _)| !is_body), "{open:?}");
        let bodies: Vec<_> = open.iter().filter(|(is_body, _)| *is_body).map(|(_, can_write)| *can_write).collect();
        assert!(!bodies.is_empty() && bodies.iter().all(|can_write| *can_write == writes), "{open:?}");
    }
    let files: Vec<_> = std::fs::read_dir(&application.directory).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert!(
        files.iter().any(|file| file == "plain.ring") && !files.iter().any(|file| file == "secret.ring"),
        "{files:?}"
    );
    application.quit();
}

#[test]
fn a_module_that_is_started_again_is_given_the_memory_again_and_goes_on_where_it_was() {
    let mut application = Application::start("again");
    for _ in 0..3 {
        assert!(application.frame("reader") >= 0);
        let last = application.kill("reader");
        let next = application.frame("reader");
        // The frame that it had in hand comes again.
        assert!(next >= 0 && (last < 0 || next == last || next == last + 1), "{next} after {last}");
        assert_eq!(application.frame("reader"), next + 1);
    }
    while application.frame("reader") < 1000 {}
    application.kill("source");
    // It counts from 0 again.
    while application.frame("reader") >= 1000 {}
    application.quit();
}

#[test]
fn ends_that_are_opened_one_by_one_are_those_of_the_memory_too() {
    let mut ipc = programs::ipc(env!("CARGO_TARGET_TMPDIR"));
    ipc.args(["run", "--lines", concat!(env!("CARGO_MANIFEST_DIR"), "/topology/isolated.json")]);
    ipc.env("PATH", Path::new(env!("CARGO_BIN_EXE_module")).parent().unwrap()).env("IPC_DIR", "/nowhere");
    let output = programs::output(&mut ipc);
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && told.contains("printer │ 500 pictures\n"), "{told}");

    let mut alone = Command::new(env!("CARGO_BIN_EXE_module"));
    let output = alone.arg("isolated-printer").output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && text.contains("IPC_ISOLATED does not name it"), "{text}");
}

#[test]
fn a_controller_that_is_killed_leaves_no_process_that_has_the_memory() {
    let mut application = Application::start("killed");
    application.frame("reader");
    let processes: Vec<_> = ["source", "reader", "viewer"].map(|name| application.processes[name]).to_vec();
    application.controller.kill_without_children();
    let gone = |process: &i32| !Path::new(&format!("/proc/{process}")).exists();
    ipc_tests::eventually("all modules have ended", || processes.iter().all(gone));
    std::fs::remove_dir_all(&application.directory).unwrap();
}

#[test]
fn a_module_of_an_isolated_channel_that_no_controller_has_started_is_told_what_does() {
    let application = Application::start("alone");
    let mut alone = Command::new(env!("CARGO_BIN_EXE_communicator"));
    alone
        .args(["read", "arrival"])
        .env("IPC_TOPOLOGY", application.directory.join("app.json"))
        .env("IPC_MODULE", "reader");
    let output = alone.output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success());
    assert!(text.contains("it is isolated, and IPC_ISOLATED does not name it") && text.contains("`ipc run`"), "{text}");
    application.quit();
}
