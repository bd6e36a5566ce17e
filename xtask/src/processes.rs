//! The processes of a demo: started, listened to, ended together.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// What happens while the processes run. `usize` is the place of the process in the order of starting.
pub(crate) enum Event {
    /// It printed a line.
    Line(usize, String),
    /// It ended; the text is its standard error output.
    Ended(usize, ExitStatus, String),
    /// Someone asks this program to stop, by Ctrl-C say.
    Interrupt,
}

/// What the threads that listen report.
enum Heard {
    Line(usize, String),
    /// Both output streams ended; the text is its standard error output.
    Silent(usize, String),
    Interrupt,
}

/// Processes that are killed, if they still run, when this is dropped.
pub(crate) struct Processes {
    started: Vec<Process>,
    heard: Receiver<Heard>,
    hear: Sender<Heard>,
}

struct Process {
    name: &'static str,
    child: Child,
    runs: bool,
}

impl Processes {
    /// No process yet. From now on Ctrl-C is an event.
    pub(crate) fn new() -> Result<Self, String> {
        let (hear, heard) = channel();
        let mut signals =
            Signals::new([SIGINT, SIGTERM, SIGHUP]).map_err(|e| format!("cannot handle signals: {e}."))?;
        let interrupts = hear.clone();
        thread::spawn(move || signals.forever().all(|_| interrupts.send(Heard::Interrupt).is_ok()));
        Ok(Self { started: Vec::new(), heard, hear })
    }

    /// Starts a process whose output lines become events. Gives its place.
    pub(crate) fn start(&mut self, name: &'static str, command: &mut Command) -> Result<usize, String> {
        let stdout = self.spawn(name, command)?;
        let place = self.started.len() - 1;
        self.listen(place, BufReader::new(stdout).lines());
        Ok(place)
    }

    /// Starts a process whose output is data. Gives its place and that output.
    pub(crate) fn start_source(&mut self, name: &'static str, command: &mut Command) -> Result<(usize, Stdio), String> {
        let data = self.spawn(name, command)?;
        let place = self.started.len() - 1;
        self.listen(place, std::iter::empty());
        Ok((place, data.into()))
    }

    /// Each in a process group of its own: Ctrl-C reaches this program alone, and it says who stops how.
    fn spawn(&mut self, name: &'static str, command: &mut Command) -> Result<ChildStdout, String> {
        use std::os::unix::process::CommandExt;
        let command = command.process_group(0).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| format!("{name} cannot be started: {error}."))?;
        let stdout = child.stdout.take().expect("piped");
        self.started.push(Process { name, child, runs: true });
        Ok(stdout)
    }

    fn listen(&mut self, place: usize, lines: impl Iterator<Item = std::io::Result<String>> + Send + 'static) {
        let mut stderr = self.started[place].child.stderr.take().expect("piped");
        let errors = thread::spawn(move || {
            let mut said = Vec::new();
            let _ = stderr.read_to_end(&mut said);
            String::from_utf8_lossy(&said).trim_end().to_owned()
        });
        let hear = self.hear.clone();
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let _ = hear.send(Heard::Line(place, line));
            }
            let _ = hear.send(Heard::Silent(place, errors.join().unwrap_or_default()));
        });
    }

    /// Waits for the next event; `None` when all processes have ended.
    pub(crate) fn next(&mut self) -> Option<Event> {
        if !self.started.iter().any(|process| process.runs) {
            return None;
        }
        Some(match self.heard.recv().expect("this end keeps a sender") {
            Heard::Line(place, line) => Event::Line(place, line),
            Heard::Interrupt => Event::Interrupt,
            Heard::Silent(place, said) => {
                let process = &mut self.started[place];
                process.runs = false;
                Event::Ended(place, process.child.wait().expect("a child that nobody waited for"), said)
            }
        })
    }

    /// The name it was started with.
    pub(crate) fn name(&self, place: usize) -> &'static str {
        self.started[place].name
    }

    /// Kills it, if it still runs.
    pub(crate) fn kill(&mut self, place: usize) {
        let process = &mut self.started[place];
        if process.runs {
            let _ = process.child.kill();
        }
    }

    /// Kills all that still run.
    pub(crate) fn kill_all(&mut self) {
        (0..self.started.len()).for_each(|place| self.kill(place));
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        self.kill_all();
        for process in &mut self.started {
            let _ = process.child.wait();
        }
    }
}
