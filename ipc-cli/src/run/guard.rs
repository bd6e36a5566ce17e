//! The guard: the process that starts all modules and outlives the controller, so that whatever becomes of that, no process
//! and no ring stays behind.
//!
//! ```text
//! ipc run ──────── guard ──┬── module          each in its own process group, with a death signal from the guard
//! (controller)             ├── sh ── module    grandchildren whose parent ends become children of the guard
//!                          └── …
//! ```
//!
//! The controller is gone when its end of the link is closed: then the guard ends every process below it and removes the
//! rings. If the guard itself is ended, the modules get their death signal, what they had started becomes the controller's,
//! and that does the same ([`clean_up`]).

use std::collections::HashMap;
use std::io::{self, Read};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode, Stdio};

use ipc_core::raw::RawChannel;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::{Errno, FdFlags, fcntl_setfd};
use rustix::process::{Pid, Signal, WaitOptions, getpid, kill_process, kill_process_group, setsid, wait};
use signal_hook::consts::SIGCHLD;

use super::descendants;
use super::link::{End, Link, Order, Report, Start};
use super::terminal::Terminal;
use super::wrapper;
use crate::Failure;

/// The hidden subcommand.
pub(crate) const NAME: &str = "run-guard";

/// Runs as the guard of the controller that started this process.
pub(crate) fn run() -> Result<ExitCode, Failure> {
    let link = Link::inherited()?;
    // Ctrl-C at the terminal is the controller's business; without a terminal of its own the guard may still mend it.
    setsid()?;
    descendants::adopt()?;
    let mut guard = Guard { link, modules: HashMap::new(), rings: Vec::new(), terminal: None, _name: None };
    let outcome = guard.serve();
    if let Some(terminal) = &guard.terminal {
        terminal.restore();
    }
    // As long as the guard has the application's name, nobody starts it again.
    clean_up(&guard.rings);
    outcome.map(|()| ExitCode::SUCCESS)
}

/// Ends every process below this one, and removes these rings.
pub(crate) fn clean_up(rings: &[String]) {
    descendants::end_all();
    for ring in rings {
        // It may not be there yet, or not any more.
        let _ = RawChannel::untyped(ring).remove();
    }
}

struct Guard {
    link: Link,
    modules: HashMap<String, Running>,
    rings: Vec<String>,
    terminal: Option<Terminal>,
    _name: Option<OwnedFd>,
}

struct Running {
    pid: Pid,
    mark: Vec<String>,
    /// How it ended, once it has; what it had started is ended now.
    end: Option<End>,
}

impl Guard {
    /// Obeys, until the controller is gone.
    fn serve(&mut self) -> Result<(), Failure> {
        let (mut woken, wake) = UnixStream::pair()?;
        woken.set_nonblocking(true)?;
        signal_hook::low_level::pipe::register(SIGCHLD, wake)?;
        loop {
            let mut ready = [PollFd::new(self.link.descriptor(), PollFlags::IN), PollFd::new(&woken, PollFlags::IN)];
            match poll(&mut ready, None) {
                Ok(_) | Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            let is_ordered = !ready[0].revents().is_empty();
            while woken.read(&mut [0; 64]).is_ok_and(|bytes| bytes > 0) {}
            if is_ordered {
                match self.link.receive::<Order>()? {
                    Some((order, descriptors)) => self.obey(order, descriptors)?,
                    None => return Ok(()),
                }
            }
            self.reap()?;
        }
    }

    fn obey(&mut self, order: Order, descriptors: Vec<OwnedFd>) -> io::Result<()> {
        match order {
            Order::Begin { rings } => {
                let mut descriptors = descriptors.into_iter();
                self._name = descriptors.next();
                self.terminal = descriptors.next().and_then(|terminal| Terminal::remember(terminal).ok());
                self.rings = rings;
                self.tell(&Report::Ready)
            }
            Order::Start(start) => {
                let module = start.module.clone();
                match self.start(start, descriptors) {
                    Ok(process) => self.tell(&Report::Started { module, process }),
                    Err(error) => self.tell(&Report::Ended { module, end: End::NotStarted(error.to_string()) }),
                }
            }
            Order::Terminate(module) => {
                if let Some(running) = self.modules.get(&module) {
                    // To all that the module has not sent away on purpose: a shell does not pass it on.
                    let _ = kill_process_group(running.pid, Signal::TERM);
                    // Also if it is stopped by the terminal's or somebody's signal.
                    let _ = kill_process_group(running.pid, Signal::CONT);
                }
                Ok(())
            }
            Order::Kill(module) => {
                if let Some(running) = self.modules.get(&module).filter(|running| running.end.is_none()) {
                    let _ = kill_process(running.pid, Signal::KILL);
                }
                Ok(())
            }
            Order::Goodbye => {
                self.terminal = None;
                Ok(())
            }
        }
    }

    fn start(&mut self, start: Start, descriptors: Vec<OwnedFd>) -> io::Result<u32> {
        let mut descriptors = descriptors.into_iter();
        let mut next = || descriptors.next().ok_or(io::Error::other("a module has three standard streams"));
        let (input, output, errors) = (next()?, next()?, next()?);
        let handed: Vec<OwnedFd> = descriptors.collect();
        for descriptor in &handed {
            // This process has one thread, so no other program inherits it.
            fcntl_setfd(descriptor, FdFlags::empty())?;
        }
        let mut command = wrapper::command(&start.program, &start.command)?;
        command.current_dir(&start.folder).process_group(0).stdin(input).stdout(output).stderr(errors);
        command.envs(start.environment.iter().map(|(name, value)| (name, value)));
        let numbers: Vec<_> = handed.iter().map(AsFd::as_fd).collect();
        command.envs(start.handed.iter().map(|(name, value)| (name, with_numbers(value, &numbers))));
        // Nobody waits for the child by its handle: reap() waits for all.
        let process = command.spawn()?.id();
        let pid = i32::try_from(process).ok().and_then(Pid::from_raw).ok_or(io::Error::other("no process id"))?;
        let marks = start.environment.iter().filter(|(name, _)| name.starts_with("IPC_"));
        let mark = marks.map(|(name, value)| format!("{name}={value}")).collect();
        self.modules.insert(start.module, Running { pid, mark, end: None });
        Ok(process)
    }

    /// Collects what has ended, and reports the modules of which nothing is left.
    fn reap(&mut self) -> io::Result<()> {
        while let Ok(Some((pid, status))) = wait(WaitOptions::NOHANG) {
            if let Some(running) = self.modules.values_mut().find(|running| running.pid == pid) {
                running.end = Some(End::of(status));
            }
        }
        let ended = |running: &mut Running| running.end.is_some() && !running.has_rest();
        let gone: Vec<_> = self.modules.extract_if(|_, running| ended(running)).collect();
        for (module, running) in gone {
            if let Some(end) = running.end {
                self.tell(&Report::Ended { module, end })?;
            }
        }
        Ok(())
    }

    /// A controller that is gone is noticed by its closed link.
    fn tell(&self, report: &Report) -> io::Result<()> {
        match self.link.send(report, &[]) {
            Err(error) if matches!(error.kind(), io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset) => Ok(()),
            outcome => outcome,
        }
    }
}

impl Running {
    /// Ends what is left of the module; whether there was something.
    fn has_rest(&self) -> bool {
        let mark: Vec<_> = self.mark.iter().map(String::as_str).collect();
        descendants::end_rest(self.pid, &mark) > 0
    }
}

/// Puts the numbers of descriptors in place of `%0`, `%1`, ….
fn with_numbers(value: &str, descriptors: &[BorrowedFd<'_>]) -> String {
    let numbered = descriptors.iter().enumerate().rev();
    numbered.fold(value.to_owned(), |value, (place, descriptor)| {
        value.replace(&format!("%{place}"), &descriptor.as_raw_fd().to_string())
    })
}

/// Starts a guard; gives the link to it and its process.
pub(crate) fn start() -> io::Result<(Link, std::process::Child)> {
    let (link, theirs) = Link::pair()?;
    // Whatever file this program was started from, and if that was replaced since.
    let mut command = Command::new("/proc/self/exe");
    command.arg0("ipc").arg(NAME).stdin(theirs).stdout(Stdio::null()).stderr(Stdio::null());
    Ok((link, command.spawn()?))
}

/// This process, for those that it starts.
pub(crate) fn own_id() -> i32 {
    getpid().as_raw_pid()
}
