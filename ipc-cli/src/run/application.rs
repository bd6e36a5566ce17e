//! What an application goes through: its modules start layer by layer against the flow of data, and end layer by layer with
//! it. Like a [`Module`], it is told what happens, and says what to do.

use std::time::{Duration, Instant};

use ipc_schema::Topology;
use ipc_schema::topology::OnEnd;

use super::event::Event;
use super::module::{Act, Module, State, Then};

/// All modules.
pub(crate) struct Application {
    pub(crate) modules: Vec<Module>,
    /// By the flow of data: the first layer has the sources.
    layers: Vec<Vec<usize>>,
    pub(crate) phase: Phase,
    /// For each module, how many starts its end has been weighed for.
    weighed: Vec<Option<u32>>,
}

/// Where it is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// This layer starts.
    Starting(usize),
    Running,
    /// This layer ends.
    Ending(usize),
    Over,
}

/// What to do, and with which module.
pub(crate) type Acts = Vec<(usize, Act)>;

impl Application {
    pub(crate) fn new(topology: &Topology, hang_after: Duration, now: Instant) -> Self {
        let modules = topology.modules.iter().map(|plan| Module::new(plan.clone(), hang_after, now));
        let layers: Vec<Vec<usize>> =
            topology.layers().iter().map(|layer| layer.iter().map(|module| module.0).collect()).collect();
        Self {
            modules: modules.collect(),
            phase: Phase::Starting(layers.len() - 1),
            layers,
            weighed: vec![None; topology.modules.len()],
        }
    }

    /// Starts the last layer.
    pub(crate) fn begin(&mut self, now: Instant) -> Acts {
        let last = self.layers.len() - 1;
        let mut acts = self.each(self.layers[last].clone(), |module, acts| module.start(now, acts));
        self.go_on(now, &mut acts);
        acts
    }

    /// Something happened to a module.
    pub(crate) fn with(&mut self, module: usize, now: Instant, what: impl FnOnce(&mut Module, &mut Vec<Act>)) -> Acts {
        let mut done = Vec::new();
        what(&mut self.modules[module], &mut done);
        let mut acts: Acts = done.into_iter().map(|act| (module, act)).collect();
        self.go_on(now, &mut acts);
        acts
    }

    /// Does what is due.
    pub(crate) fn tick(&mut self, now: Instant) -> Acts {
        let mut acts = self.each((0..self.modules.len()).collect(), |module, acts| module.tick(now, acts));
        self.go_on(now, &mut acts);
        acts
    }

    /// Ends all modules, layer by layer.
    pub(crate) fn quit(&mut self, why: &str, now: Instant) -> Acts {
        if matches!(self.phase, Phase::Ending(_) | Phase::Over) {
            return Vec::new();
        }
        let mut acts = vec![(0, Act::Tell(Event::Ending { why: why.to_owned() }))];
        // Those whose turn to start has not come, or comes again, do not start any more.
        let idle = (0..self.modules.len()).filter(|module| !self.modules[*module].is_alive()).collect();
        acts.extend(self.each(idle, |module, acts| module.quit(Then::Over, now, acts)));
        self.phase = Phase::Ending(0);
        acts.extend(self.each(self.layers[0].clone(), |module, acts| module.quit(Then::Over, now, acts)));
        self.go_on(now, &mut acts);
        acts
    }

    /// Ends all modules at once.
    pub(crate) fn kill(&mut self, why: &str, now: Instant) -> Acts {
        let mut acts = self.quit(why, now);
        for layer in self.layers.clone() {
            acts.extend(self.each(layer, |module, acts| {
                module.quit(Then::Over, now, &mut Vec::new());
                module.kill(why, acts);
            }));
        }
        acts
    }

    /// When something is due, if nothing happens before.
    pub(crate) fn next_tick(&self) -> Option<Instant> {
        self.modules.iter().filter_map(Module::next_tick).min()
    }

    /// The modules that did not end well, with the reason.
    pub(crate) fn failures(&self) -> Vec<String> {
        let failed = self.modules.iter().filter_map(|module| Some((module, module.failure.as_ref()?)));
        failed.map(|(module, why)| format!("{} {why}", module.plan.name)).collect()
    }

    fn each(&mut self, modules: Vec<usize>, mut what: impl FnMut(&mut Module, &mut Vec<Act>)) -> Acts {
        let mut acts = Vec::new();
        for module in modules {
            let mut done = Vec::new();
            what(&mut self.modules[module], &mut done);
            acts.extend(done.into_iter().map(|act| (module, act)));
        }
        acts
    }

    /// Goes from layer to layer as far as they let it.
    fn go_on(&mut self, now: Instant, acts: &mut Acts) {
        self.weigh_ends(now, acts);
        loop {
            let is_settled = |layer: &Vec<usize>| layer.iter().all(|module| self.modules[*module].is_settled());
            let is_over = |layer: &Vec<usize>| layer.iter().all(|module| self.modules[*module].is_over());
            match self.phase {
                Phase::Starting(layer) if is_settled(&self.layers[layer]) => {
                    let Some(next) = layer.checked_sub(1) else {
                        self.phase = Phase::Running;
                        acts.push((0, Act::Tell(Event::Running)));
                        continue;
                    };
                    self.phase = Phase::Starting(next);
                    // Who was started by hand meanwhile is not started twice.
                    let waiting = self.layers[next].iter().copied();
                    let waiting = waiting.filter(|module| self.modules[*module].state == State::Waiting).collect();
                    acts.extend(self.each(waiting, |module, acts| module.start(now, acts)));
                }
                Phase::Running if self.layers.iter().all(is_over) => self.phase = Phase::Over,
                Phase::Ending(layer) if is_over(&self.layers[layer]) => {
                    if layer + 1 == self.layers.len() {
                        self.phase = Phase::Over;
                        continue;
                    }
                    self.phase = Phase::Ending(layer + 1);
                    acts.extend(self.each(self.layers[layer + 1].clone(), |module, acts| module.finish(now, acts)));
                }
                _ => return,
            }
        }
    }

    /// What the end of a module means for the rest; each end counts once.
    fn weigh_ends(&mut self, now: Instant, acts: &mut Acts) {
        for index in 0..self.modules.len() {
            let module = &self.modules[index];
            if module.state != (State::Over { told: false }) || self.weighed[index] == Some(module.restarts) {
                continue;
            }
            self.weighed[index] = Some(module.restarts);
            let why = match (module.plan.on_end, &module.failure) {
                (OnEnd::Quit | OnEnd::QuitOnFailure, Some(failure)) => format!("{} {failure}", module.plan.name),
                (OnEnd::Quit, None) => format!("{} has ended", module.plan.name),
                _ => continue,
            };
            acts.extend(self.quit(&why, now));
        }
    }
}

#[cfg(test)]
mod tests;
