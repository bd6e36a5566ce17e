//! What a module goes through, from its first start to its last end: a state machine without clock and processes. It is told
//! what happens and what time it is, and says what to do.
//!
//! ```text
//!              ready                    stop
//! Starting ───────────────► Running ◄────────────► Stopped
//!    ▲  │                      │       resume         │
//!    │  └──────────────┬───────┴──────────────────────┘
//!    │            ends │                      │ quit, restart
//!    │     ┌───────────┤                      ▼
//!    │     ▼           ▼             ends   Quitting
//!    └─ BackOff      Over ◄────────────────── │
//!    ▲                                        │ ends, and was to restart
//!    └────────────────────────────────────────┘
//! ```
//!
//! Where the whole application ends, a module that reads goes from Running over Draining to Quitting.

use std::time::{Duration, Instant};

use ipc_core::control::{Command, Report, Status};
use ipc_schema::topology::{Control, Module as Plan};

use super::event::{Event, seconds};
use super::link::End;

/// A module as the controller knows it.
pub(crate) struct Module {
    pub(crate) plan: Plan,
    pub(crate) state: State,
    pub(crate) process: Option<u32>,
    /// How often it was started again.
    pub(crate) restarts: u32,
    /// Why it does not go on, if it does not.
    pub(crate) hangs: Option<String>,
    /// Its last answer, and when that came.
    pub(crate) status: Option<(Status, Instant)>,
    /// What was bad about its last end; `None` if that was good, or it has not ended.
    pub(crate) failure: Option<String>,
    /// Since when it runs.
    pub(crate) since: Instant,
    hang_after: Duration,
    /// Restarts since its last long run.
    row: u32,
    question: Question,
    /// Why it is ended by force, if it is.
    forced: Option<String>,
}

/// Where it is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Its turn has not come.
    Waiting,
    /// It is started, and not ready.
    Starting { until: Instant },
    /// It is ready.
    Running,
    /// It takes and sends no frames.
    Stopped,
    /// It takes what those before it have left, which have ended; then it is told to end.
    Draining { until: Instant, look: Instant },
    /// It was told to end.
    Quitting { until: Instant, then: Then },
    /// It is started again then.
    BackOff { until: Instant },
    /// It has ended for good; whether because it was told to.
    Over { told: bool },
}

/// What comes after an end that a module was told to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Then {
    Over,
    Start,
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Act {
    /// Start its process.
    Start,
    /// Look whether something is left for it in its rings.
    Look,
    /// Send it a line.
    Send(Command),
    /// Ask its processes to end.
    Terminate,
    /// End its processes by force.
    Kill,
    /// Let people know.
    Tell(Event),
}

#[derive(Debug, Clone, Copy)]
enum Question {
    /// The next one comes then.
    Next(Instant),
    /// It was asked this, then.
    Asked(u64, Instant),
}

const ASK_EVERY: Duration = Duration::from_secs(1);
/// How often its rings are looked at while it drains.
const LOOK_EVERY: Duration = Duration::from_millis(20);

impl Module {
    pub(crate) fn new(plan: Plan, hang_after: Duration, now: Instant) -> Self {
        Self {
            plan,
            state: State::Waiting,
            process: None,
            restarts: 0,
            hangs: None,
            status: None,
            failure: None,
            since: now,
            hang_after,
            row: 0,
            question: Question::Next(now),
            forced: None,
        }
    }

    pub(crate) fn name(&self) -> String {
        self.plan.name.clone()
    }

    /// Whether it answers to commands.
    pub(crate) fn speaks(&self) -> bool {
        self.plan.control != Control::Silent
    }

    /// Whether it has a process, or is about to have one.
    pub(crate) fn is_alive(&self) -> bool {
        !matches!(self.state, State::Waiting | State::BackOff { .. } | State::Over { .. })
    }

    /// Whether those that start after it may start.
    pub(crate) fn is_settled(&self) -> bool {
        matches!(self.state, State::Running | State::Stopped | State::Over { .. })
    }

    pub(crate) fn is_over(&self) -> bool {
        matches!(self.state, State::Over { .. })
    }

    pub(crate) fn start(&mut self, now: Instant, acts: &mut Vec<Act>) {
        self.state = State::Starting { until: now + self.plan.ready_within };
        self.since = now;
        self.forced = None;
        self.status = None;
        acts.push(Act::Start);
    }

    /// Its process is there.
    pub(crate) fn started(&mut self, process: u32, now: Instant, acts: &mut Vec<Act>) {
        self.process = Some(process);
        acts.push(Act::Tell(Event::Started { module: self.name(), process, restarts: self.restarts }));
        if !self.speaks() && matches!(self.state, State::Starting { .. }) {
            self.ready(now, acts);
        }
    }

    /// It has told something.
    pub(crate) fn said(&mut self, report: Report, now: Instant, acts: &mut Vec<Act>) {
        let module = self.name();
        match (report, self.state) {
            (Report::Ready, State::Starting { .. }) if self.forced.is_none() => self.ready(now, acts),
            (Report::Stopped, State::Running) => {
                self.state = State::Stopped;
                acts.push(Act::Tell(Event::Stopped { module }));
            }
            (Report::Resumed, State::Stopped) => {
                self.state = State::Running;
                acts.push(Act::Tell(Event::Resumed { module }));
            }
            (Report::Quitting, _) => acts.push(Act::Tell(Event::Quitting { module })),
            (Report::Status(status), _) => self.answered(status, now, acts),
            (Report::Error { text }, _) => {
                let text = format!("did not understand a line of the controller: {text}");
                acts.push(Act::Tell(Event::Problem { module: Some(module), text }));
            }
            (Report::Ready | Report::Stopped | Report::Resumed, _) => {}
        }
    }

    /// It and all that it had started have ended.
    pub(crate) fn ended(&mut self, end: &End, now: Instant, acts: &mut Vec<Act>) {
        let forced = self.forced.take();
        (self.process, self.hangs) = (None, None);
        let told = match self.state {
            State::Quitting { then, .. } => Some(then),
            // It has seen itself that nothing more comes.
            State::Draining { .. } => Some(Then::Over),
            _ => None,
        };
        if let Some(then) = told {
            // SIGTERM is what ends a module that does not speak.
            let expected = !end.is_failure() || *end == End::Signal(signal_hook::consts::SIGTERM);
            self.failure = forced.map(|why| format!("{why} and was ended by force"));
            self.failure = self.failure.take().or_else(|| (!expected).then(|| end.to_string()));
            acts.push(Act::Tell(Event::ended(&self.name(), end, None, self.failure.is_some())));
            return match then {
                Then::Over => self.state = State::Over { told: true },
                Then::Start => self.start_again(now, acts),
            };
        }
        self.failure = forced.or_else(|| end.is_failure().then(|| end.to_string()));
        let delay = self.delay(now);
        let delay_ms = delay.map(|delay| delay.as_millis() as u64);
        acts.push(Act::Tell(Event::ended(&self.name(), end, delay_ms, self.failure.is_some())));
        self.state = match delay {
            Some(delay) => State::BackOff { until: now + delay },
            None => State::Over { told: false },
        };
    }

    /// Tells it to stop.
    ///
    /// # Errors
    ///
    /// Why that cannot be; so for `resume`.
    pub(crate) fn stop(&mut self, acts: &mut Vec<Act>) -> Result<(), String> {
        self.command(Command::Stop, acts)
    }

    /// Tells it to go on.
    pub(crate) fn resume(&mut self, acts: &mut Vec<Act>) -> Result<(), String> {
        self.command(Command::Resume, acts)
    }

    /// Lets it take what is left for it, then tells it to end. It has its time for either.
    pub(crate) fn finish(&mut self, now: Instant, acts: &mut Vec<Act>) {
        if self.state == State::Running && self.speaks() && !self.plan.consumes.is_empty() {
            self.state = State::Draining { until: now + self.plan.quit_within, look: now + LOOK_EVERY };
            acts.push(Act::Look);
        } else {
            self.quit(Then::Over, now, acts);
        }
    }

    /// Nothing is left for it.
    pub(crate) fn drained(&mut self, now: Instant, acts: &mut Vec<Act>) {
        if let State::Draining { .. } = self.state {
            self.quit(Then::Over, now, acts);
        }
    }

    /// Tells it to end, whatever it does.
    pub(crate) fn quit(&mut self, then: Then, now: Instant, acts: &mut Vec<Act>) {
        match self.state {
            State::Waiting | State::BackOff { .. } | State::Over { .. } => match then {
                Then::Over => self.state = State::Over { told: true },
                Then::Start => self.start_again(now, acts),
            },
            State::Quitting { until, .. } => self.state = State::Quitting { until, then },
            State::Starting { .. } | State::Running | State::Stopped | State::Draining { .. } => {
                if self.speaks() {
                    acts.push(Act::Send(Command::Quit));
                }
                // Who is not ready may not listen yet.
                if !self.speaks() || matches!(self.state, State::Starting { .. }) {
                    acts.push(Act::Terminate);
                }
                self.state = State::Quitting { until: now + self.plan.quit_within, then };
            }
        }
    }

    /// Ends it now.
    pub(crate) fn kill(&mut self, why: &str, acts: &mut Vec<Act>) {
        if self.is_alive() && self.forced.is_none() {
            self.forced = Some(why.to_owned());
            acts.push(Act::Tell(Event::Forced { module: self.name(), why: why.to_owned() }));
            acts.push(Act::Kill);
        }
    }

    /// Does what is due.
    pub(crate) fn tick(&mut self, now: Instant, acts: &mut Vec<Act>) {
        match self.state {
            State::Starting { until } if until <= now => {
                let limit = seconds(self.plan.ready_within.as_millis() as u64);
                let why = format!(
                    "was not ready within {limit} (a module that does not link the library states `\"control\": \"none\"`)"
                );
                self.kill(&why, acts);
            }
            State::Quitting { until, .. } if until <= now => {
                let limit = seconds(self.plan.quit_within.as_millis() as u64);
                self.kill(&format!("did not end within {limit}"), acts);
            }
            State::Draining { until, .. } if until <= now => self.quit(Then::Over, now, acts),
            State::Draining { until, look } if look <= now => {
                self.state = State::Draining { until, look: now + LOOK_EVERY };
                acts.push(Act::Look);
            }
            State::BackOff { until } if until <= now => {
                self.row += 1;
                self.restarts += 1;
                self.start(now, acts);
            }
            State::Running | State::Stopped if self.speaks() => self.look_after(now, acts),
            _ => {}
        }
    }

    /// When something is due, if nothing happens before.
    pub(crate) fn next_tick(&self) -> Option<Instant> {
        match self.state {
            State::Starting { until } | State::Quitting { until, .. } if self.forced.is_none() => Some(until),
            State::Draining { until, look } => Some(until.min(look)),
            State::BackOff { until } => Some(until),
            State::Running | State::Stopped if self.speaks() => Some(match self.question {
                Question::Next(at) => at,
                Question::Asked(_, at) if self.hangs.is_none() => at + self.hang_after,
                Question::Asked(_, at) => at + self.hang_after + ASK_EVERY,
            }),
            _ => None,
        }
    }

    fn ready(&mut self, now: Instant, acts: &mut Vec<Act>) {
        self.state = State::Running;
        self.question = Question::Next(now);
        acts.push(Act::Tell(Event::Ready { module: self.name() }));
    }

    fn start_again(&mut self, now: Instant, acts: &mut Vec<Act>) {
        self.row = 0;
        self.restarts += 1;
        self.start(now, acts);
    }

    /// After which time it is started again, having ended by itself.
    fn delay(&mut self, now: Instant) -> Option<Duration> {
        use ipc_schema::topology::RestartWhen;
        let restart = &self.plan.restart;
        if now - self.since > restart.longest_delay {
            self.row = 0;
        }
        if restart.when == RestartWhen::OnFailure && self.failure.is_none() { None } else { restart.delay(self.row) }
    }

    fn command(&self, command: Command, acts: &mut Vec<Act>) -> Result<(), String> {
        if !self.speaks() {
            return Err(format!("{} does not speak with its controller (`\"control\": \"none\"`)", self.plan.name));
        }
        if !matches!(self.state, State::Running | State::Stopped) {
            return Err(format!("{} is {}", self.plan.name, self.state_text()));
        }
        acts.push(Act::Send(command));
        Ok(())
    }

    fn answered(&mut self, status: Status, now: Instant, acts: &mut Vec<Act>) {
        let Question::Asked(id, at) = self.question else { return };
        if status.id != id {
            return;
        }
        self.question = Question::Next(at + ASK_EVERY);
        let busy = Duration::from_millis(status.busy_ms);
        let why = (busy >= self.hang_after)
            .then(|| format!("its main loop has not come back for {}", seconds(status.busy_ms)));
        self.status = Some((status, now));
        self.set_hangs(why, acts);
    }

    /// Asks how it is, and notices that it does not answer.
    fn look_after(&mut self, now: Instant, acts: &mut Vec<Act>) {
        match self.question {
            Question::Next(at) if at <= now => {
                let id = self.status.as_ref().map_or(0, |(status, _)| status.id) + 1;
                self.question = Question::Asked(id, now);
                acts.push(Act::Send(Command::Ask { id }));
            }
            Question::Asked(_, at) if at + self.hang_after <= now => {
                let silent = seconds((now - at).as_millis() as u64);
                self.set_hangs(Some(format!("it has not answered for {silent}")), acts);
            }
            _ => {}
        }
    }

    /// Told once, when it begins and when it is over.
    fn set_hangs(&mut self, why: Option<String>, acts: &mut Vec<Act>) {
        let module = self.name();
        match (&self.hangs, &why) {
            (None, Some(why)) => acts.push(Act::Tell(Event::Hangs { module, why: why.clone() })),
            (Some(_), None) => acts.push(Act::Tell(Event::Recovered { module })),
            _ => {}
        }
        self.hangs = why;
    }

    /// Its state in one or two words.
    pub(crate) fn state_text(&self) -> &'static str {
        match self.state {
            _ if self.hangs.is_some() => "hangs",
            State::Waiting => "waiting",
            State::Starting { .. } => "starting",
            State::Running => "running",
            State::Stopped => "stopped",
            State::Draining { .. } => "draining",
            State::Quitting { .. } => "quitting",
            State::BackOff { .. } => "restarting",
            State::Over { .. } if self.failure.is_some() => "failed",
            State::Over { .. } => "ended",
        }
    }
}

#[cfg(test)]
mod tests;
