//! `ipc run`: the controller of an application.
//!
//! ```text
//!  mod          what happens in which order, from the topology to the exit status
//!  module       a module's life  ┐ state machines: told what happens, they say what to do
//!  application  all of them      ┘
//!  controller   hears from everybody, asks those two, and does what they say
//!  streams, output      a module's lines
//!  interrupts           signals, and what ends this process in the last resort
//!  request, pending     what people ask for, and when it is done
//!  remote, steer        from another terminal: both sides
//!  rings, isolated      the rings, in files and in memory that is handed to modules
//!  snapshot             how the rings and the modules are
//!  event, face          what is told: as lines, as JSON, or on a
//!  screen, table, style
//!  printer, terminal    whoever reads that may sleep; the terminal is given back
//!  guard, link, wrapper, descendants    processes, and how none stays behind
//!  program      where a module's program is
//! ```

mod application;
mod controller;
mod descendants;
mod event;
mod face;
pub(crate) mod guard;
mod interrupts;
mod isolated;
mod link;
mod module;
mod output;
mod pending;
mod printer;
mod program;
mod remote;
mod request;
mod rings;
mod screen;
mod snapshot;
pub(crate) mod steer;
mod streams;
mod style;
mod table;
mod terminal;
pub(crate) mod wrapper;

use std::collections::VecDeque;
use std::io::{IsTerminal, stdin, stdout};
use std::os::fd::AsFd;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitCode};
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::{Duration, Instant};

use ipc_schema::Topology;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::net::Shutdown;
use rustix::process::getpgrp;
use rustix::termios::tcgetpgrp;

use crate::Failure;
use application::Application;
use controller::{BACKLOG, Controller, Happening, Over};
use event::Event;
use face::{Face, Kind, Names};
use interrupts::Interrupts;
use link::{Link, Order, Report};
use printer::Printer;
use request::Request;
pub(crate) use request::Verb;
use screen::{Key, Screen};
use snapshot::Watch;
use streams::Streams;
use terminal::Terminal;

/// Run an application: make its rings, start its modules, show how they are, and end them. Exit status 0 if all ended well.
///
/// On a terminal it shows a table, what the modules print below it, and takes commands: stop, resume, restart and quit, with a
/// module's name or for all, and status. Ctrl-C tells the modules to quit, in the order of the flow of data; a second one ends
/// them by force. However it ends, no process stays, and no ring but those that the topology keeps.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The topology: JSON with `schemas`, `channels` and `modules`.
    file: PathBuf,
    /// Print what happens as JSON, one event a line.
    #[arg(long)]
    json: bool,
    /// Print what happens as lines, on a terminal too.
    #[arg(long, conflicts_with = "json")]
    lines: bool,
    /// A module hangs if it does not answer, or is busy with one frame, for so many seconds.
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds)]
    hang_after: Duration,
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<f64>().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.filter(|limit| !limit.is_zero()).ok_or_else(|| "expected a number of seconds above 0".into())
}

/// Runs the application to its end.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let topology = Topology::from_file(&arguments.file)?;
    if topology.modules.is_empty() {
        return Err(format!("{} has no modules: there is nothing to run", arguments.file.display()).into());
    }
    let file = std::path::absolute(&arguments.file)?;
    let listener = take_name(&file)?;
    let left_over = descendants::left_over(&file.to_string_lossy());
    rings::check_unused(&topology)?;
    let names = Names::new(topology.modules.iter().map(|module| module.name.clone()));
    let on_screen = !arguments.json && !arguments.lines && screen_is_possible();

    let (happenings, inbox) = sync_channel(BACKLOG);
    let interrupts = Interrupts::hear(happenings.clone())?;
    // Children of a guard that was ended come here.
    descendants::adopt()?;
    let mut guard = GuardProcess::start(&topology, &listener, on_screen)?;
    interrupts.guarded_by(guard.link.again()?);
    let (monitors, memory) = rings::make(&topology)?;
    hear_guard(guard.link.again()?, interrupts.clone(), happenings.clone());
    hear_requests(listener, happenings.clone());

    let printer = Printer::start(stdout());
    let terminal = if on_screen { Some(Terminal::remember(stdin().as_fd().try_clone_to_owned()?)?) } else { None };
    let terminal = terminal.map(Arc::new);
    let kind = match &terminal {
        Some(terminal) => Kind::Screen(Box::new(Screen::open(names, Arc::clone(terminal), printer.clone())?)),
        None if arguments.json => Kind::Json,
        None => Kind::Lines(names),
    };
    let mut face = Face::new(kind, printer.clone());
    hear_input(terminal, interrupts, happenings.clone());
    let now = Instant::now();
    let shown = arguments.file.display().to_string();
    let (modules, channels) = (topology.modules.len(), topology.channels.len());
    face.tell(&Event::Begin { file: shown.clone(), modules, channels });
    for (process, command) in left_over {
        let left = "is left of a run whose controller and guard were ended in the same instant";
        let text = format!("process {process}, `{command}`, {left}: `kill {process}` ends it");
        face.tell(&Event::Problem { module: None, text });
    }
    let mut controller = Controller {
        topology: &topology,
        application: Application::new(&topology, arguments.hang_after, now),
        link: guard.link.again()?,
        memory,
        watch: Watch::new(file.display().to_string(), monitors, &topology, now),
        file,
        face,
        printer: printer.clone(),
        happenings,
        streams: topology.modules.iter().map(|_| Streams::default()).collect(),
        pending: Vec::new(),
        lingering: VecDeque::new(),
        next_look: now,
    };
    let over = controller.run(&inbox);
    controller.face.close();
    controller.memory.end();
    let mut failed = controller.application.failures();
    match over {
        Over::Ended => guard.end(),
        Over::GuardGone => {
            guard::clean_up(&rings::passing(&topology));
            failed.insert(
                0,
                "the guard, the process that started the modules, was ended, and all modules with it".into(),
            );
        }
    }
    controller.tell_left_out(printer.left_out());
    controller.face.tell(&Event::End { ok: failed.is_empty(), failed: failed.clone() });
    controller.answer_rest();
    // From now on nobody hears signals but who ends this process at once.
    drop(inbox);
    printer.finish();
    Ok(ExitCode::from(u8::from(!failed.is_empty())))
}

/// How long the guard of a run before, whose controller was killed, may take to end all that is left.
const LAST_RUN_ENDS_WITHIN: Duration = Duration::from_secs(30);

/// Takes the application's name, so that it runs once.
fn take_name(file: &Path) -> Result<UnixListener, Failure> {
    let deadline = Instant::now() + LAST_RUN_ENDS_WITHIN;
    loop {
        if let Some(listener) = remote::listen(file)? {
            return Ok(listener);
        }
        // Answers if it runs. If its guard is just cleaning up, the connection ends without an answer.
        let request = Request::new(Verb::Status, None);
        if let Some(status) = remote::ask(file, &request)?.and_then(|answer| answer.status) {
            let file = file.display();
            let controller = status.controller;
            return Err(format!(
                "{file} runs already (controller {controller}): `ipc status` shows it, `ipc quit` ends it"
            )
            .into());
        }
        if Instant::now() > deadline {
            return Err(format!("{}: what is left of its last run does not end", file.display()).into());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn screen_is_possible() -> bool {
    stdin().is_terminal() && stdout().is_terminal() && std::env::var_os("TERM").is_some_and(|term| term != "dumb")
}

/// The guard, as the controller has it. When this is dropped it is told to end all.
struct GuardProcess {
    link: Link,
    process: Child,
}

impl GuardProcess {
    fn start(topology: &Topology, name: &UnixListener, on_screen: bool) -> Result<Self, Failure> {
        let (link, process) = guard::start().map_err(|error| format!("cannot start the guard process: {error}"))?;
        let guard = Self { link, process };
        let terminal = stdin();
        let mut descriptors = vec![name.as_fd()];
        descriptors.extend(on_screen.then(|| terminal.as_fd()));
        guard.link.send(&Order::Begin { rings: rings::passing(topology) }, &descriptors)?;
        match guard.link.receive::<Report>()? {
            Some((Report::Ready, _)) => Ok(guard),
            _ => Err("the guard process ended before it began".into()),
        }
    }

    /// Lets it clean up, and waits until it has.
    fn end(&mut self) {
        // It may be gone.
        let _ = self.link.send(&Order::Goodbye, &[]);
        let _ = rustix::net::shutdown(self.link.descriptor(), Shutdown::Both);
        let _ = self.process.wait();
    }
}

impl Drop for GuardProcess {
    fn drop(&mut self) {
        self.end();
    }
}

fn hear_guard(link: Link, interrupts: Interrupts, happenings: SyncSender<Happening>) {
    std::thread::spawn(move || {
        while let Ok(Some((report, _))) = link.receive() {
            let _ = happenings.send(Happening::Guard(report));
        }
        if !interrupts.are_over() {
            let _ = happenings.send(Happening::GuardGone);
        }
    });
}

fn hear_requests(listener: UnixListener, happenings: SyncSender<Happening>) {
    std::thread::spawn(move || {
        remote::serve(&listener, move |request, reply| {
            let _ = happenings.send(Happening::Asked(request, reply));
        });
    });
}

/// Hears what is typed. That there is no more to hear says nothing: `ipc run app.json < /dev/null` runs on.
fn hear_input(terminal: Option<Arc<Terminal>>, interrupts: Interrupts, happenings: SyncSender<Happening>) {
    std::thread::spawn(move || {
        if let Some(terminal) = terminal {
            return screen::read_keys(&terminal, |key| match key {
                Key::Interrupt => interrupts.interrupt("Ctrl-C"),
                key => drop(happenings.send(Happening::Key(key))),
            });
        }
        let mut lines = stdin().lines();
        loop {
            wait_for_turn();
            let Some(Ok(line)) = lines.next() else { return };
            let _ = happenings.send(Happening::Typed(line));
        }
    });
}

/// Waits until what is typed at a terminal is for this process: to read it in the background would stop it.
fn wait_for_turn() {
    let input = stdin();
    if !input.is_terminal() {
        return;
    }
    loop {
        // There is a line, or the terminal is closed.
        let _ = poll(&mut [PollFd::new(&input, PollFlags::IN)], None);
        if tcgetpgrp(&input).is_ok_and(|foreground| foreground != getpgrp()) {
            // It is for whoever has the terminal now. Nothing tells when that changes.
            std::thread::sleep(Duration::from_millis(100));
        } else {
            return;
        }
    }
}
