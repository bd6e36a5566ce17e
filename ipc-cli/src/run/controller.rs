//! The controller: hears from modules, guard, people and signals, lets the [`Application`] say what to do, and does it.

use std::collections::VecDeque;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::{Duration, Instant};

use ipc_core::control::Said;
use ipc_core::raw::IsolatedRing;
use ipc_schema::Topology;

use super::application::{Acts, Application, Phase};
use super::event::{Event, Stream};
use super::face::Face;
use super::isolated::Memory;
use super::link::{End, Link, Order, Report, Start};
use super::module::Act;
use super::pending::Pending;
use super::printer::Printer;
use super::program;
use super::remote::{self, Answer};
use super::request::{Request, Verb};
use super::screen::Key;
use super::snapshot::Watch;
use super::steer::detached;
use super::streams::{Source, Streams};
use crate::check::counted;

/// What the controller hears.
pub(crate) enum Happening {
    /// From the guard.
    Guard(Report),
    /// The guard is no more.
    GuardGone,
    /// So many lines of modules were left out, since nobody reads what the controller prints.
    LeftOut(u64),
    /// A line of a module.
    Line { module: usize, run: u32, source: Source, text: String },
    /// One of a module's streams is at its end.
    Silent { module: usize, run: u32 },
    /// A line at the standard input.
    Typed(String),
    /// A key at the terminal.
    Key(Key),
    /// The terminal has another size.
    Resized,
    /// A request from another terminal.
    Asked(Request, UnixStream),
    /// Somebody asks this process to end, in these words.
    Signal(&'static str),
}

/// How many happenings may wait; then whoever tells them waits too, which is not for long.
pub(crate) const BACKLOG: usize = 1024;
/// How often the rings are looked at and the table is drawn.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// How long a module's last lines are waited for after its end. Something outside of the application may hold its streams.
const LAST_LINES: Duration = Duration::from_secs(2);

pub(crate) struct Controller<'t> {
    pub(crate) topology: &'t Topology,
    /// The topology's file, absolute.
    pub(crate) file: PathBuf,
    pub(crate) application: Application,
    pub(crate) link: Link,
    pub(crate) memory: Memory,
    pub(crate) watch: Watch,
    pub(crate) face: Face,
    pub(crate) printer: Printer,
    pub(crate) happenings: SyncSender<Happening>,
    pub(crate) streams: Vec<Streams>,
    pub(crate) pending: Vec<Pending>,
    /// Modules whose last lines are read until then.
    pub(crate) lingering: VecDeque<(usize, Instant)>,
    pub(crate) next_look: Instant,
}

/// Why the controller's work is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Over {
    /// All modules have ended.
    Ended,
    /// The guard is gone, and all modules with it.
    GuardGone,
}

impl Controller<'_> {
    /// Runs the application to its end.
    pub(crate) fn run(&mut self, inbox: &Receiver<Happening>) -> Over {
        let acts = self.application.begin(Instant::now());
        self.act(acts);
        loop {
            self.face.draw(&mut || self.watch.look(self.topology, &self.application, Instant::now()));
            if self.application.phase == Phase::Over {
                return Over::Ended;
            }
            let now = Instant::now();
            let next = self.application.next_tick().map_or(self.next_look, |tick| tick.min(self.next_look));
            match inbox.recv_timeout(next.saturating_duration_since(now)) {
                Ok(Happening::GuardGone) => return Over::GuardGone,
                Ok(happening) => {
                    self.hear(happening);
                    // What waits, before the table is drawn again; no more, since modules that flood end nobody's delay.
                    for happening in inbox.try_iter().take(BACKLOG) {
                        if matches!(happening, Happening::GuardGone) {
                            return Over::GuardGone;
                        }
                        self.hear(happening);
                    }
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
            }
            self.tick();
        }
    }

    fn tick(&mut self) {
        let now = Instant::now();
        if self.next_look <= now {
            self.next_look = now + LOOK_EVERY;
            self.watch.note(&self.application, now);
            for (channel, problem) in self.watch.find_astray() {
                let text = format!("channel {}: {problem}", self.topology.channels[channel].name);
                self.face.tell(&Event::Problem { module: None, text });
            }
            self.face.refresh();
            self.pending.iter().filter_map(|pending| pending.reply.as_ref()).for_each(remote::live);
        }
        while self.lingering.front().is_some_and(|(_, until)| *until <= now) {
            if let Some((module, _)) = self.lingering.pop_front() {
                self.finish(module);
            }
        }
        let acts = self.application.tick(now);
        self.act(acts);
        self.answer_pending(now);
    }

    fn hear(&mut self, happening: Happening) {
        let now = Instant::now();
        match happening {
            Happening::Guard(Report::Started { module, process }) => {
                self.with(&module, |module, acts| module.started(process, now, acts));
                // Now, so that nothing that it says can be told before.
                if let Some(module) = self.place(&module) {
                    self.streams[module].listen(module, &self.printer, &self.happenings);
                }
            }
            Happening::Guard(Report::Ended { module, end }) => self.end(&module, end, now),
            Happening::Line { module, run, source, text } if self.streams[module].run == run => {
                self.line(module, source, &text, now);
            }
            Happening::Silent { module, run } if self.streams[module].run == run => {
                self.streams[module].open -= 1;
                if self.streams[module].open == 0 && self.streams[module].end.is_some() {
                    self.finish(module);
                }
            }
            Happening::Line { .. } | Happening::Silent { .. } => {}
            Happening::LeftOut(lines) => self.tell_left_out(lines),
            Happening::Typed(line) => self.typed(&line),
            Happening::Key(key) => {
                if let Some(line) = self.face.key(key) {
                    self.typed(&line);
                }
            }
            Happening::Resized => self.face.refresh(),
            Happening::Asked(request, reply) => self.request(request, Some(reply)),
            Happening::Signal(why) => self.interrupt(why),
            Happening::Guard(Report::Ready) | Happening::GuardGone => {}
        }
    }

    /// The first time the modules are told to quit, the second time they are ended by force.
    fn interrupt(&mut self, why: &str) {
        let now = Instant::now();
        let acts = match self.application.phase {
            Phase::Ending(_) | Phase::Over => self.application.kill(&format!("had not ended at a second {why}"), now),
            _ => self.application.quit(why, now),
        };
        self.act(acts);
    }

    fn line(&mut self, module: usize, source: Source, text: &str, now: Instant) {
        let mut logged = Vec::new();
        let mut reports = Vec::new();
        match source {
            Source::Log(stream) => logged.push((stream, text)),
            Source::Mixed | Source::Control => self.streams[module].listener.line(text, |said| match said {
                Said::Log(line) => logged.push((Stream::Output, line)),
                Said::Report(report) => reports.push(report),
            }),
        }
        let name = &self.topology.modules[module].name;
        for (stream, line) in logged {
            self.face.tell(&Event::Output { module: name.clone(), stream, text: super::output::clean(line) });
        }
        for report in reports {
            match report {
                Ok(report) => self.with(name, |module, acts| module.said(report, now, acts)),
                Err(problem) => self.face.tell(&Event::Problem {
                    module: Some(name.clone()),
                    text: format!("said what is no report: {problem}"),
                }),
            }
        }
    }

    /// Tells how many lines were left out, if any were.
    pub(crate) fn tell_left_out(&mut self, lines: u64) {
        if lines > 0 {
            let text = format!("{} of modules left out here: nobody read them", counted(lines as usize, "line"));
            self.face.tell(&Event::Problem { module: None, text });
        }
    }

    /// A module has ended; its last lines come first.
    fn end(&mut self, name: &str, end: End, now: Instant) {
        let Some(module) = self.place(name) else { return };
        self.streams[module].end = Some(end);
        if self.streams[module].open == 0 {
            self.finish(module);
        } else {
            self.lingering.push_back((module, now + LAST_LINES));
        }
    }

    fn finish(&mut self, module: usize) {
        self.lingering.retain(|(other, _)| *other != module);
        let Some(end) = self.streams[module].end.take() else { return };
        let mut last = None;
        self.streams[module].listener.end(|_| last = Some(String::new()));
        let name = self.topology.modules[module].name.clone();
        if let Some(text) = last {
            self.face.tell(&Event::Output { module: name.clone(), stream: Stream::Output, text });
        }
        let now = Instant::now();
        self.with(&name, |module, acts| module.ended(&end, now, acts));
    }

    fn with(&mut self, name: &str, what: impl FnOnce(&mut super::module::Module, &mut Vec<Act>)) {
        if let Some(module) = self.place(name) {
            let acts = self.application.with(module, Instant::now(), what);
            self.act(acts);
        }
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.topology.modules.iter().position(|module| module.name == name)
    }

    fn act(&mut self, acts: Acts) {
        for (module, act) in acts {
            match act {
                Act::Tell(event) => self.face.tell(&event),
                Act::Look => {
                    if self.watch.is_drained(self.topology, &self.application, module) {
                        let name = &self.topology.modules[module].name;
                        self.with(name, |module, acts| module.drained(Instant::now(), acts));
                    }
                }
                Act::Send(command) => self.streams[module].send(command),
                Act::Start => {
                    if let Err(why) = self.start(module) {
                        let now = Instant::now();
                        self.with(&self.topology.modules[module].name, |module, acts| {
                            module.ended(&End::NotStarted(why), now, acts);
                        });
                    }
                }
                Act::Terminate => self.order(&Order::Terminate(self.topology.modules[module].name.clone())),
                Act::Kill => self.order(&Order::Kill(self.topology.modules[module].name.clone())),
            }
        }
    }

    /// A guard that is gone is heard of by itself.
    fn order(&self, order: &Order) {
        let _ = self.link.send(order, &[]);
    }

    fn start(&mut self, module: usize) -> Result<(), String> {
        let plan = &self.topology.modules[module];
        // The folder may be an empty path, which is here.
        let folder = std::env::current_dir().map_err(|error| error.to_string())?.join(&plan.folder);
        let own_search = plan.environment.iter().find(|(name, _)| name == "PATH").map(|(_, value)| value.into());
        let search = own_search.or_else(|| std::env::var_os("PATH"));
        let word = plan.command.first().ok_or("it has no command")?;
        let program = program::find(word, &folder, search.as_deref())?;
        let mut environment = plan.environment.clone();
        let file = self.file.to_str().ok_or("the topology's path is not UTF-8")?;
        environment.push(("IPC_TOPOLOGY".into(), file.into()));
        environment.push(("IPC_MODULE".into(), plan.name.clone()));
        if let Some(directory) = std::env::var_os("IPC_DIR").filter(|directory| !directory.is_empty()) {
            // Wherever the module runs, and it is the same.
            let directory = std::path::absolute(directory).map_err(|error| error.to_string())?;
            environment.push(("IPC_DIR".into(), directory.to_str().ok_or("IPC_DIR is not UTF-8")?.into()));
        }
        let theirs = self.streams[module].open(plan.control);
        let theirs = theirs.map_err(|error| format!("cannot make its streams: {error}"))?;
        let mut handed = Vec::new();
        let mut descriptors: Vec<BorrowedFd<'_>> = theirs.standard.iter().map(OwnedFd::as_fd).collect();
        if let Some(control) = &theirs.control {
            handed.push(("IPC_CONTROL_FD".to_owned(), format!("%{}", descriptors.len() - theirs.standard.len())));
            descriptors.push(control.as_fd());
        }
        let place = descriptors.len() - theirs.standard.len();
        let (variable, memory) = self.memory.hand(plan, place).map_err(|error| error.to_string())?;
        handed.extend(variable.map(|value| (IsolatedRing::VARIABLE.to_owned(), value)));
        descriptors.extend(memory.iter().map(OwnedFd::as_fd));
        let (module, command) = (plan.name.clone(), plan.command.clone());
        let start = Order::Start(Start { module, program, command, folder, environment, handed });
        self.link.send(&start, &descriptors).map_err(|error| error.to_string())
    }

    fn typed(&mut self, line: &str) {
        if line.trim().is_empty() {
            return;
        }
        match line.parse::<Request>() {
            Ok(request) => self.request(request, None),
            Err(answer) => self.face.tell(&Event::Command { command: line.trim().to_owned(), ok: false, answer }),
        }
    }

    fn request(&mut self, request: Request, reply: Option<UnixStream>) {
        let now = Instant::now();
        if request.verb == Verb::Status {
            let status = self.watch.look(self.topology, &self.application, now);
            let text = super::table::text(&status, super::table::WIDE);
            match reply {
                Some(reply) => remote::reply(reply, &Answer { ok: true, text, status: Some(status) }),
                None => self.face.tell(&Event::Command { command: request.to_string(), ok: true, answer: text }),
            }
            return;
        }
        if let (Some(channel), Some(slot)) = (&request.channel, &request.module) {
            let (ok, text) = match self.memory.detach(self.topology, channel, slot) {
                Ok(()) => (true, detached(slot)),
                Err(why) => (false, why),
            };
            return self.answer(&request, reply, &Answer { ok, text, status: None });
        }
        let (pending, acts) = Pending::begin(request, reply, &mut self.application, now);
        self.act(acts);
        self.pending.push(pending);
        self.answer_pending(now);
    }

    /// Answers the commands whose outcome is known.
    fn answer_pending(&mut self, now: Instant) {
        for mut pending in std::mem::take(&mut self.pending) {
            match pending.outcome(&self.application, now) {
                Some(answer) => self.answer(&pending.request, pending.reply, &answer),
                None => self.pending.push(pending),
            }
        }
    }

    /// Answers the commands that waited for the end of everything.
    pub(crate) fn answer_rest(&mut self) {
        for mut pending in std::mem::take(&mut self.pending) {
            let answer = pending.last(&self.application);
            self.answer(&pending.request, pending.reply, &answer);
        }
    }

    fn answer(&mut self, request: &Request, reply: Option<UnixStream>, answer: &Answer) {
        self.face.tell(&Event::Command { command: request.to_string(), ok: answer.ok, answer: answer.text.clone() });
        if let Some(reply) = reply {
            remote::reply(reply, answer);
        }
    }
}
