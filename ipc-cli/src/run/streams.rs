//! The streams between the controller and one module's process.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::mpsc::SyncSender;

use ipc_core::control::{Command, Listener};
use ipc_schema::topology::Control;
use rustix::io::ioctl_fionbio;

use super::controller::Happening;
use super::event::Stream;
use super::link::End;
use super::output;

/// The controller's ends.
#[derive(Default)]
pub(crate) struct Streams {
    /// Which start of the module these are of.
    pub(crate) run: u32,
    /// Takes the controller's lines.
    control: Option<File>,
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
    /// Makes the streams of a module's next start; a thread reads each.
    pub(crate) fn open(
        &mut self,
        module: usize,
        control: Control,
        happenings: &SyncSender<Happening>,
    ) -> io::Result<Theirs> {
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
                self.read(module, Source::Control, ours.try_clone()?.into(), happenings);
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
        self.read(module, mixed, output.into(), happenings);
        self.read(module, Source::Log(Stream::Error), errors.into(), happenings);
        let input = match their_input {
            Some(input) => input,
            None => File::open("/dev/null")?.into(),
        };
        Ok(Theirs { standard: [input, their_output.into(), their_errors.into()], control: their_control })
    }

    /// Sends a line to the module. One that does not take it is known by what it does not answer.
    pub(crate) fn send(&mut self, command: Command) {
        if let Some(control) = &mut self.control {
            let _ = control.write_all(format!("{command}\n").as_bytes());
        }
    }

    fn read(&mut self, module: usize, source: Source, stream: OwnedFd, happenings: &SyncSender<Happening>) {
        self.open += 1;
        let (run, happenings) = (self.run, happenings.clone());
        std::thread::spawn(move || {
            // Nobody listens any more when the controller ends.
            output::read(stream, |text| {
                let _ = happenings.send(Happening::Line { module, run, source, text });
            });
            let _ = happenings.send(Happening::Silent { module, run });
        });
    }
}
