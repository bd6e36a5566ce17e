//! The streams between the controller and one module's process.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::mpsc::SyncSender;

use ipc_core::control::{Command, Listener, PREFIX};
use ipc_schema::topology::Control;
use rustix::io::ioctl_fionbio;

use super::controller::Happening;
use super::event::Stream;
use super::link::End;
use super::output;
use super::printer::Printer;

/// The controller's ends.
#[derive(Default)]
pub(crate) struct Streams {
    /// Which start of the module these are of.
    pub(crate) run: u32,
    /// Takes the controller's lines.
    control: Option<File>,
    /// Those that are to be read, once the module is started.
    unread: Vec<(Source, OwnedFd)>,
    /// Tells reports from the log.
    pub(crate) listener: Listener,
    /// How many are not at their end.
    pub(crate) open: u32,
    /// How the module ended, while its last lines are still read.
    pub(crate) end: Option<End>,
}

/// The module's ends.
pub(crate) struct Theirs {
    /// Input, output, error output.
    pub(crate) standard: [OwnedFd; 3],
    pub(crate) control: Option<OwnedFd>,
}

/// Which of a module's streams a line came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// Nothing but its log.
    Log(Stream),
    /// Its log and its reports.
    Mixed,
    /// Nothing but its reports.
    Control,
}

impl Streams {
    /// Makes the streams of a module's next start.
    pub(crate) fn open(&mut self, control: Control) -> io::Result<Theirs> {
        *self = Self { run: self.run + 1, ..Self::default() };
        let (output, their_output) = io::pipe()?;
        let (errors, their_errors) = io::pipe()?;
        let (mut their_input, mut their_control) = (None, None);
        match control {
            Control::Stdio => {
                let (theirs, ours) = io::pipe()?;
                their_input = Some(OwnedFd::from(theirs));
                self.control = Some(File::from(OwnedFd::from(ours)));
            }
            Control::Descriptor => {
                let (ours, theirs) = UnixStream::pair()?;
                self.unread.push((Source::Control, ours.try_clone()?.into()));
                self.control = Some(File::from(OwnedFd::from(ours)));
                their_control = Some(OwnedFd::from(theirs));
            }
            Control::Silent => {}
        }
        if let Some(control) = &self.control {
            // A module that does not read its lines does not hold the controller up.
            ioctl_fionbio(control.as_fd(), true)?;
        }
        let mixed = if control == Control::Stdio { Source::Mixed } else { Source::Log(Stream::Output) };
        self.unread.push((mixed, output.into()));
        self.unread.push((Source::Log(Stream::Error), errors.into()));
        let input = match their_input {
            Some(input) => input,
            None => File::open("/dev/null")?.into(),
        };
        Ok(Theirs { standard: [input, their_output.into(), their_errors.into()], control: their_control })
    }

    /// Reads what the module, which is started, says: a thread for each stream.
    pub(crate) fn listen(&mut self, module: usize, printer: &Printer, happenings: &SyncSender<Happening>) {
        for (source, stream) in self.unread.drain(..) {
            self.open += 1;
            let (run, printer, happenings) = (self.run, printer.clone(), happenings.clone());
            std::thread::spawn(move || {
                // Nobody listens any more when the controller ends.
                output::read(stream, |text| {
                    // A report is not printed.
                    let room = if text.starts_with(PREFIX) { Some(0) } else { printer.room() };
                    let Some(left_out) = room else { return };
                    if left_out > 0 {
                        let _ = happenings.send(Happening::LeftOut(left_out));
                    }
                    let _ = happenings.send(Happening::Line { module, run, source, text });
                });
                let _ = happenings.send(Happening::Silent { module, run });
            });
        }
    }

    /// Sends a line to the module. One that does not take it is known by what it does not answer.
    pub(crate) fn send(&mut self, command: Command) {
        if let Some(control) = &mut self.control {
            // At once, and shorter than what a stream takes whole or not at all: no half line stays in one that is full.
            let _ = control.write(format!("{command}\n").as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::sync::mpsc::sync_channel;

    use super::*;

    #[test]
    fn nothing_of_a_module_is_read_before_its_start_is_told() {
        for control in [Control::Stdio, Control::Descriptor, Control::Silent] {
            let (mut streams, (happenings, inbox)) = (Streams::default(), sync_channel(9));
            let Theirs { standard: [_, output, errors], control: own } = streams.open(control).unwrap();
            File::from(output).write_all(b"{\"ipc\":\"ready\"}\n").unwrap();
            drop((errors, own));
            assert_eq!(streams.open, 0, "no thread reads");
            streams.listen(0, &Printer::start(io::sink()), &happenings);
            let streams = if control == Control::Descriptor { 3 } else { 2 };
            let told: Vec<_> = inbox.iter().take(streams + 1).collect();
            assert_eq!(told.iter().filter(|told| matches!(told, Happening::Line { run: 1, .. })).count(), 1);
        }
    }

    #[test]
    fn a_module_that_reads_nothing_gets_whole_lines_alone() {
        for control in [Control::Stdio, Control::Descriptor] {
            let mut streams = Streams::default();
            let theirs = streams.open(control).unwrap();
            let mut input = File::from(theirs.control.unwrap_or(theirs.standard.into_iter().next().unwrap()));
            (0..100_000).for_each(|id| streams.send(Command::Ask { id }));
            drop(streams);
            let mut text = String::new();
            input.read_to_string(&mut text).unwrap();
            assert!(text.ends_with('\n') && text.lines().count() > 100, "{control:?}");
            for (id, line) in text.lines().enumerate() {
                assert_eq!(line, Command::Ask { id: id as u64 }.to_string(), "{control:?}");
            }
        }
    }
}
