//! The processes that have come from this one, whatever they did to get away: this process is a subreaper, so those whose
//! parent has ended are its children.

use std::collections::HashMap;

use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitOptions, getpid, kill_process, set_child_subreaper, wait};

/// A process, as the kernel lists it.
struct Process {
    pid: Pid,
    parent: i32,
    group: i32,
}

/// From now on, processes below this one whose parent ends become its children.
pub(crate) fn adopt() -> std::io::Result<()> {
    Ok(set_child_subreaper(Some(getpid()))?)
}

/// Ends all of them, and waits until the last is gone.
pub(crate) fn end_all() {
    loop {
        all().iter().for_each(|process| kill(process.pid));
        // One of them, which was killed, ends now; what it had started becomes a child, and is seen in the next round.
        match wait(WaitOptions::empty()) {
            Ok(_) | Err(Errno::INTR) => while matches!(wait(WaitOptions::NOHANG), Ok(Some(_))) {},
            Err(_) => return,
        }
    }
}

/// Ends what is left of a module whose own process has ended: what is in its process group, or carries its mark in the
/// environment. Gives how many these are; when they have ended, others may have become visible.
pub(crate) fn end_rest(group: Pid, mark: &[&str]) -> usize {
    let rest = all().into_iter().filter(|process| process.group == group.as_raw_pid() || carries(process.pid, mark));
    rest.inspect(|process| kill(process.pid)).count()
}

/// What is left of a run of this topology whose controller and guard were ended in the same instant, by process id and command
/// line. The caller has the application's name, so no other run is there.
pub(crate) fn left_over(topology: &str) -> Vec<(i32, String)> {
    let mark = format!("IPC_TOPOLOGY={topology}");
    let others = processes().into_iter().map(|process| process.pid).filter(|pid| *pid != getpid());
    let left = others.filter(|pid| carries(*pid, &[&mark])).map(|pid| {
        let line = std::fs::read(format!("/proc/{}/cmdline", pid.as_raw_pid())).unwrap_or_default();
        (pid.as_raw_pid(), String::from_utf8_lossy(&line).replace('\0', " ").trim_end().to_owned())
    });
    left.collect()
}

fn kill(pid: Pid) {
    // It may have ended by itself.
    let _ = kill_process(pid, Signal::KILL);
}

/// All processes below this one that have not ended.
fn all() -> Vec<Process> {
    let mut below: HashMap<i32, Vec<Process>> = HashMap::new();
    for process in processes() {
        below.entry(process.parent).or_default().push(process);
    }
    let (mut found, mut parents) = (Vec::new(), vec![getpid().as_raw_pid()]);
    while let Some(parent) = parents.pop() {
        let children = below.remove(&parent).unwrap_or_default();
        parents.extend(children.iter().map(|child| child.pid.as_raw_pid()));
        found.extend(children);
    }
    found
}

/// All processes that have not ended.
fn processes() -> Vec<Process> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    let names = entries.flatten().filter_map(|entry| entry.file_name().to_str().map(str::to_owned));
    names.filter_map(|name| Process::read(name.parse().ok()?)).collect()
}

impl Process {
    /// `None` for one that has ended.
    fn read(pid: i32) -> Option<Self> {
        let line = std::fs::read(format!("/proc/{pid}/stat")).ok()?;
        let line = String::from_utf8_lossy(&line);
        // After the name, which is in parentheses and may have some of its own: state, parent, process group.
        let mut words = line.rsplit_once(')')?.1.split_whitespace();
        let state = words.next()?;
        let (parent, group) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        (state != "Z" && state != "X").then_some(Self { pid: Pid::from_raw(pid)?, parent, group })
    }
}

/// Whether a process was started with these variables.
fn carries(pid: Pid, mark: &[&str]) -> bool {
    let environment = std::fs::read(format!("/proc/{}/environ", pid.as_raw_pid())).unwrap_or_default();
    mark.iter().all(|variable| environment.split(|byte| *byte == 0).any(|found| found == variable.as_bytes()))
}
