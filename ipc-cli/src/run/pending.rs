//! A command whose outcome is not known yet: modules say themselves when they have stopped, go on, or have ended.

use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use super::application::{Acts, Application, Phase};
use super::module::{Module, State, Then};
use super::remote::Answer;
use super::request::{Request, Verb};

pub(crate) struct Pending {
    pub(crate) request: Request,
    pub(crate) reply: Option<UnixStream>,
    /// The modules concerned, and how often each had been restarted before.
    modules: Vec<(usize, u32)>,
    until: Instant,
    /// What could not be done at all.
    refused: Vec<String>,
}

/// How long a module may take to do what it is told, beyond the times that the topology states.
const GRACE: Duration = Duration::from_secs(5);

impl Pending {
    /// Tells the modules what to do.
    pub(crate) fn begin(
        request: Request,
        reply: Option<UnixStream>,
        application: &mut Application,
        now: Instant,
    ) -> (Self, Acts) {
        let mut pending = Self { request, reply, modules: Vec::new(), until: now + GRACE, refused: Vec::new() };
        let mut acts = Acts::new();
        if pending.request.module.is_none() && pending.request.verb == Verb::Quit {
            return (pending, application.quit("it was told to quit", now));
        }
        for index in pending.wanted(application) {
            let module = &application.modules[index];
            let restarts = module.restarts;
            let limit = match pending.request.verb {
                Verb::Restart => module.plan.quit_within + module.plan.ready_within,
                Verb::Quit => module.plan.quit_within,
                _ => Duration::ZERO,
            };
            let mut outcome = Ok(());
            acts.extend(application.with(index, now, |module, acts| match pending.request.verb {
                Verb::Stop => outcome = module.stop(acts),
                Verb::Resume => outcome = module.resume(acts),
                Verb::Restart => module.quit(Then::Start, now, acts),
                Verb::Quit | Verb::Detach | Verb::Status => module.quit(Then::Over, now, acts),
            }));
            match outcome {
                Ok(()) => pending.modules.push((index, restarts)),
                Err(why) => pending.refused.push(why),
            }
            pending.until = pending.until.max(now + limit + GRACE);
        }
        (pending, acts)
    }

    /// The modules that the command is for; for all of them, those that it can be for.
    fn wanted(&mut self, application: &Application) -> Vec<usize> {
        if let Phase::Ending(_) | Phase::Over = application.phase {
            self.refused.push("the application is ending".into());
            return Vec::new();
        }
        let modules = &application.modules;
        let Some(name) = &self.request.module else {
            let running = |module: &Module| matches!(module.state, State::Running | State::Stopped);
            let can = |module: &Module| self.request.verb == Verb::Restart || (running(module) && module.speaks());
            let all: Vec<_> = (0..modules.len()).filter(|index| can(&modules[*index])).collect();
            if all.is_empty() {
                self.refused.push("no module runs that speaks with its controller".into());
            }
            return all;
        };
        match modules.iter().position(|module| module.plan.name == *name) {
            Some(index) => vec![index],
            None => {
                let names: Vec<_> = modules.iter().map(|module| module.plan.name.as_str()).collect();
                self.refused.push(format!("there is no module `{name}`: expected one of {}", names.join(", ")));
                Vec::new()
            }
        }
    }

    /// The answer, once it is known.
    pub(crate) fn outcome(&mut self, application: &Application, now: Instant) -> Option<Answer> {
        if self.request.module.is_none() && self.request.verb == Verb::Quit {
            // Known when also the rings are gone.
            return None;
        }
        let states = self.modules.iter().map(|(index, before)| self.state(&application.modules[*index], *before));
        let states: Vec<_> = states.collect();
        if states.iter().any(Option::is_none) && now < self.until {
            return None;
        }
        let mut problems = self.refused.clone();
        let mut done = Vec::new();
        for ((index, _), state) in self.modules.iter().zip(states) {
            let module = &application.modules[*index];
            match state {
                Some(Ok(())) => done.push(module.plan.name.as_str()),
                Some(Err(problem)) => problems.push(problem),
                None => {
                    let state = match &module.hangs {
                        Some(why) => format!("hangs: {why}"),
                        None => format!("is {}", module.state_text()),
                    };
                    problems.push(format!("{} has not done so yet, it {state}", module.plan.name));
                }
            }
        }
        let mut texts = problems.clone();
        if !done.is_empty() {
            let (names, are) = (done.join(", "), if done.len() == 1 { "is" } else { "are" });
            texts.insert(0, format!("{names} {are} {}", self.participle()));
        }
        Some(Answer { ok: problems.is_empty(), text: texts.join("; "), status: None })
    }

    /// The answer when nothing runs any more.
    pub(crate) fn last(&mut self, application: &Application) -> Answer {
        let failures = application.failures();
        let text = if failures.is_empty() {
            "all modules have ended".to_owned()
        } else {
            format!("all modules have ended; {}", failures.join("; "))
        };
        let asked_for = self.request.verb == Verb::Quit;
        Answer { ok: asked_for && failures.is_empty(), text, status: None }
    }

    /// Whether a module is where the command was to bring it; `None` if not yet.
    fn state(&self, module: &Module, restarts_before: u32) -> Option<Result<(), String>> {
        let name = &module.plan.name;
        match (self.request.verb, module.state) {
            (Verb::Stop, State::Stopped) | (Verb::Resume, State::Running) => Some(Ok(())),
            (Verb::Stop | Verb::Resume, State::Running | State::Stopped) => None,
            (Verb::Restart, State::Running) if module.restarts > restarts_before => Some(Ok(())),
            (Verb::Restart, State::Starting { .. } | State::Running | State::Stopped | State::Quitting { .. }) => None,
            (Verb::Quit, State::Over { .. }) => Some(match &module.failure {
                None => Ok(()),
                Some(failure) => Err(format!("{name} {failure}")),
            }),
            (Verb::Quit, _) => None,
            (_, _) => Some(Err(match &module.failure {
                Some(failure) => format!("{name} {failure}"),
                None => format!("{name} is {}", module.state_text()),
            })),
        }
    }

    fn participle(&self) -> &'static str {
        match self.request.verb {
            Verb::Stop => "stopped",
            Verb::Resume => "resumed",
            Verb::Restart => "restarted",
            Verb::Quit | Verb::Detach | Verb::Status => "ended",
        }
    }
}
