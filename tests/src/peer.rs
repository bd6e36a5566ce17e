//! A process under a test's control: [`Peer`] sends it commands and reads its answers, each with a deadline.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// How long a test waits for what must happen. A deadline, and no measure: what it waits for comes long before.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// A process that obeys commands, and is killed with the test.
#[derive(Debug)]
pub struct Peer {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
}

impl Peer {
    /// Starts a program.
    pub fn start(mut command: Command) -> Self {
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the peer program is built");
        let (input, output) = (child.stdin.take(), child.stdout.take().expect("piped"));
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Self { child, input, lines }
    }

    /// Has it do something, and gives its answer.
    #[track_caller]
    pub fn ask(&mut self, command: &str) -> String {
        self.tell(command);
        self.answer().unwrap_or_else(|| panic!("the process died at `{command}`"))
    }

    /// Has it do something, without waiting.
    pub fn tell(&mut self, command: &str) {
        // A process that has died says so by giving no answer.
        let _ = writeln!(self.input.as_mut().expect("open until drop"), "{command}");
    }

    /// Its next answer; `None` if it died.
    #[track_caller]
    pub fn answer(&mut self) -> Option<String> {
        loop {
            let line = self.line()?;
            if let Some(answer) = line.strip_prefix("= ") {
                return Some(answer.to_owned());
            }
        }
    }

    /// The next line that it printed, a report or an answer; `None` if it died.
    #[track_caller]
    pub fn line(&mut self) -> Option<String> {
        match self.lines.recv_timeout(DEADLINE) {
            Ok(line) => Some(line),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("the process {} hangs", self.id()),
        }
    }

    /// The lines that it has printed and that nobody has read yet.
    pub fn printed(&mut self) -> Vec<String> {
        self.lines.try_iter().collect()
    }

    /// Whether it has not ended.
    pub fn lives(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Kills it with SIGKILL, and gives all that it had printed.
    pub fn kill(&mut self) -> Vec<String> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.lines.iter().collect()
    }

    /// Kills it and not the processes that it has forked, which hold its output open.
    pub fn kill_without_children(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Closes its input, and gives what it and its children print up to their end.
    pub fn end(&mut self) -> Vec<String> {
        self.input = None;
        self.lines.iter().collect()
    }

    /// Waits for its end, after its input was closed, and says whether it reports success.
    pub fn succeeds(&mut self) -> bool {
        self.child.wait().unwrap().success()
    }

    /// Waits until a stop point has killed it, and gives all that it had printed.
    #[track_caller]
    pub fn killed_itself(mut self) -> Vec<String> {
        let mut printed = Vec::new();
        while let Some(line) = self.line() {
            assert!(!line.starts_with("= "), "it was to die at its stop point, and answered {line}");
            printed.push(line);
        }
        let status = self.child.wait().unwrap();
        assert_eq!(status.signal(), Some(libc::SIGKILL), "{status}");
        printed
    }

    /// Waits until the process sleeps in the kernel on a futex, which is how ends of a ring sleep.
    #[track_caller]
    pub fn sleeps(&self) {
        self.sleeps_in(&[libc::SYS_futex, libc::SYS_futex_waitv]);
    }

    /// Waits until the process sleeps in `poll`, which is how ends of a stream sleep.
    #[track_caller]
    pub fn polls(&self) {
        self.sleeps_in(&[libc::SYS_poll, libc::SYS_ppoll]);
    }

    /// Waits until the process sleeps in an event loop.
    #[track_caller]
    pub fn watches(&self) {
        self.sleeps_in(&[libc::SYS_epoll_wait, libc::SYS_epoll_pwait, libc::SYS_epoll_pwait2]);
    }

    #[track_caller]
    fn sleeps_in(&self, calls: &[i64]) {
        let path = format!("/proc/{}/syscall", self.id());
        eventually("the process sleeps", || {
            let call = std::fs::read_to_string(&path).unwrap_or_default();
            call.split(' ').next().and_then(|number| number.parse().ok()).is_some_and(|number| calls.contains(&number))
        });
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // Both fail for a process that is gone already, which is what this is for.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until a condition holds.
///
/// # Panics
///
/// If it does not come to hold.
#[track_caller]
pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !holds() {
        assert!(Instant::now() < deadline, "it never came that {what}");
        std::thread::yield_now();
    }
}
