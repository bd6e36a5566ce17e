//! How an application is at one moment: what the table shows and `ipc status` prints.

use std::time::{Duration, Instant};

use ipc_core::raw::{RingMonitor, RingStatus, SlotStatus};
use ipc_schema::Topology;
use serde::{Deserialize, Serialize};

use super::application::{Application, Phase};

/// An application at one moment. As JSON its keys are described in the README.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Snapshot {
    /// The topology's file.
    pub(crate) file: String,
    /// `starting`, `running` or `ending`; `not running` for one that is looked at by its rings alone.
    pub(crate) phase: String,
    /// Process id of the controller; 0 if there is none.
    pub(crate) controller: u32,
    pub(crate) seconds: u64,
    pub(crate) modules: Vec<ModuleRow>,
    pub(crate) channels: Vec<ChannelRow>,
}

/// A module.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct ModuleRow {
    pub(crate) name: String,
    pub(crate) state: String,
    /// What there is to say to that.
    pub(crate) note: Option<String>,
    pub(crate) process: Option<u32>,
    pub(crate) restarts: u32,
    /// Frames that it was given a second, in all its channels.
    pub(crate) received_per_s: Option<f64>,
    /// Frames that it sent a second, in all its channels.
    pub(crate) sent_per_s: Option<f64>,
    /// From a frame's publishing until the module has it, over the last second: the worst of its channels.
    pub(crate) latency_p50_ns: Option<u64>,
    pub(crate) latency_p99_ns: Option<u64>,
}

/// A channel.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct ChannelRow {
    pub(crate) name: String,
    pub(crate) class: String,
    pub(crate) frames_per_s: Option<f64>,
    /// Frames that were sent since the ring was made.
    pub(crate) sent: u64,
    /// Frames that the producer dropped.
    pub(crate) dropped: u64,
    pub(crate) used_bytes: u64,
    pub(crate) capacity_bytes: u64,
    pub(crate) producer: String,
    /// The consumer that is furthest behind, if one is behind.
    pub(crate) slowest: Option<String>,
    pub(crate) behind_frames: u64,
    /// Whether that consumer is there.
    pub(crate) slowest_attached: bool,
    /// The worst of its consumers.
    pub(crate) latency_p50_ns: Option<u64>,
    pub(crate) latency_p99_ns: Option<u64>,
    /// What is wrong with the ring.
    pub(crate) problem: Option<String>,
}

/// Makes snapshots, and remembers what rates are counted from.
pub(crate) struct Watch {
    file: String,
    began: Instant,
    rings: Vec<RingMonitor>,
    /// By channel: what is wrong with the ring's file, which modules do not learn of.
    astray: Vec<Option<String>>,
    sent: Vec<Rate>,
    received: Vec<Rate>,
}

/// So many a second.
#[derive(Clone, Default)]
struct Rate {
    /// Counts and their times, over the last second or a little more.
    counts: Vec<(Instant, u64)>,
}

const SPAN: Duration = Duration::from_secs(1);

impl Rate {
    /// Notes a count.
    fn note(&mut self, now: Instant, count: u64) {
        if self.counts.last().is_some_and(|(at, last)| count < *last || *at == now) {
            // A module that was started again counts anew.
            self.counts.clear();
        }
        self.counts.push((now, count));
        // The newest of those that are old enough stays, to count from.
        while self.counts.len() > 2 && now - self.counts[1].0 >= SPAN {
            self.counts.remove(0);
        }
    }

    fn a_second(&self) -> Option<f64> {
        let ((from, first), (to, last)) = (self.counts.first()?, self.counts.last()?);
        let time = (*to - *from).as_secs_f64();
        (time > 0.0).then(|| (last - first) as f64 / time)
    }
}

impl Watch {
    pub(crate) fn new(file: String, rings: Vec<RingMonitor>, topology: &Topology, now: Instant) -> Self {
        let rates = |count| vec![Rate::default(); count];
        let astray = vec![None; rings.len()];
        let (sent, received) = (rates(topology.channels.len()), rates(topology.modules.len()));
        Self { file, began: now, rings, astray, sent, received }
    }

    /// Looks whether rings are still the files that modules open; gives those channels that no longer are, each once, and what
    /// is to be done.
    pub(crate) fn find_astray(&mut self) -> Vec<(usize, String)> {
        let mut found = Vec::new();
        for (index, (ring, astray)) in self.rings.iter().zip(&mut self.astray).enumerate() {
            let is_there = ring.is_at_its_path().unwrap_or(true);
            if is_there {
                *astray = None;
            } else if astray.is_none() {
                let text = format!(
                    "its ring {} was deleted, moved or replaced: modules that have it open go on in the old one, those that \
                     start now open another, and no frame goes between them; end the application by `ipc quit`, and run it again",
                    ring.path().display()
                );
                found.push((index, text.clone()));
                *astray = Some(text);
            }
        }
        found
    }

    /// Whether a module has taken all that those before it have left, which have ended.
    pub(crate) fn is_drained(&self, topology: &Topology, application: &Application, module: usize) -> bool {
        let module = &topology.modules[module];
        let ended =
            module.consumes.iter().filter(|channel| application.modules[topology[**channel].producer.0].is_over());
        ended.into_iter().all(|channel| {
            // From a ring that cannot be read nobody takes anything.
            let Ok(status) = self.rings[channel.0].status() else { return true };
            let is_reserved = topology[*channel].reserved.contains(&module.name);
            let own = |slot: &&SlotStatus| {
                if is_reserved { slot.name.as_ref() == Some(&module.name) } else { slot.name.is_none() }
            };
            !status.slots.iter().filter(own).any(|slot| slot.attached && slot.behind_bytes > 0)
        })
    }

    /// Notes what rates are counted from. Called every so often, so that who asks first is told them too.
    pub(crate) fn note(&mut self, application: &Application, now: Instant) {
        for (rate, ring) in self.sent.iter_mut().zip(&self.rings) {
            if let Ok(status) = ring.status() {
                rate.note(now, status.next_sequence.saturating_sub(status.dropped));
            }
        }
        for (rate, module) in self.received.iter_mut().zip(&application.modules) {
            let Some((status, at)) = &module.status else { continue };
            if rate.counts.last().is_none_or(|(last, _)| last < at) {
                let received = status.channels.iter().fold(0, |sum: u64, channel| sum.saturating_add(channel.received));
                rate.note(*at, received);
            }
        }
    }

    /// How everything is now.
    pub(crate) fn look(&self, topology: &Topology, application: &Application, now: Instant) -> Snapshot {
        let phase = match application.phase {
            Phase::Starting(_) => "starting",
            Phase::Running => "running",
            Phase::Ending(_) | Phase::Over => "ending",
        };
        let statuses: Vec<_> = self.rings.iter().map(|ring| ring.status().map_err(|error| error.to_string())).collect();
        let channels = statuses.into_iter().enumerate().map(|(index, status)| {
            let mut row = ChannelRow::of(topology, index, status);
            row.problem = row.problem.or_else(|| self.astray[index].clone());
            row.frames_per_s = self.sent[index].a_second();
            let readers = application.modules.iter().filter_map(|module| {
                let (status, at) = module.status.as_ref()?;
                let channel = status.channels.iter().find(|channel| channel.name == row.name)?;
                channel.latency.filter(|_| now.saturating_duration_since(*at) < 3 * SPAN)
            });
            let worst = readers.max_by_key(|latency| latency.p99_ns);
            (row.latency_p50_ns, row.latency_p99_ns) = (worst.map(|it| it.p50_ns), worst.map(|it| it.p99_ns));
            row
        });
        let channels: Vec<_> = channels.collect();
        let modules = application.modules.iter().enumerate().map(|(index, module)| {
            let status = module.status.as_ref().filter(|(_, at)| now.saturating_duration_since(*at) < 3 * SPAN);
            let plan = &module.plan;
            let reads = !plan.consumes.is_empty() || !plan.observes.is_empty();
            let worst = status.and_then(|(status, _)| {
                status.channels.iter().filter_map(|channel| channel.latency).max_by_key(|latency| latency.p99_ns)
            });
            let sent: Option<f64> = plan.produces.iter().map(|channel| self.sent[channel.0].a_second()).sum();
            ModuleRow {
                name: module.name(),
                state: module.state_text().into(),
                note: module
                    .hangs
                    .clone()
                    .or_else(|| module.failure.clone().filter(|_| !module.is_settled() || module.is_over())),
                process: module.process,
                restarts: module.restarts,
                received_per_s: status.filter(|_| reads).and_then(|_| self.received[index].a_second()),
                sent_per_s: sent.filter(|_| !plan.produces.is_empty()),
                latency_p50_ns: worst.map(|latency| latency.p50_ns),
                latency_p99_ns: worst.map(|latency| latency.p99_ns),
            }
        });
        let modules = modules.collect();
        let seconds = (now - self.began).as_secs();
        Snapshot {
            file: self.file.clone(),
            phase: phase.into(),
            controller: std::process::id(),
            seconds,
            modules,
            channels,
        }
    }
}

impl ChannelRow {
    /// What a ring tells by itself.
    pub(crate) fn of(topology: &Topology, index: usize, status: Result<RingStatus, String>) -> Self {
        let channel = &topology.channels[index];
        let mut row = Self {
            name: channel.name.clone(),
            class: topology.class_of(channel).name.clone(),
            capacity_bytes: channel.capacity_bytes,
            ..Self::default()
        };
        let status = match status {
            Ok(status) => status,
            Err(problem) => {
                row.problem = Some(problem);
                return row;
            }
        };
        row.sent = status.next_sequence.saturating_sub(status.dropped);
        row.dropped = status.dropped;
        row.used_bytes = status.used_bytes;
        row.producer = match status.producer {
            ipc_core::ProducerState::NeverOpened => "not yet there",
            ipc_core::ProducerState::Open => "open",
            ipc_core::ProducerState::Closed => "closed",
            ipc_core::ProducerState::Gone => "gone",
            ipc_core::ProducerState::Replaced => "removed",
        }
        .into();
        if let Some(slot) = status.slowest() {
            let dynamic = || format!("process {}", slot.process);
            row.slowest = Some(slot.name.clone().unwrap_or_else(dynamic));
            row.behind_frames = slot.behind_frames;
            row.slowest_attached = slot.attached;
        }
        row
    }
}

#[cfg(test)]
mod tests {
    use ipc_core::control::{ChannelStatus, Status};

    use super::*;

    #[test]
    fn who_asks_first_is_told_the_rates_of_the_last_second_and_nothing_where_none_is_known() {
        let topology = Topology::from_file("tests/run/chain.json").unwrap();
        let began = Instant::now();
        let mut application = Application::new(&topology, Duration::from_secs(5), began);
        let mut watch = Watch::new("chain.json".into(), Vec::new(), &topology, began);
        let sink = topology.modules.iter().position(|module| module.name == "sink").unwrap();
        for second in 0..3 {
            let at = began + second * SPAN;
            let channel = ChannelStatus { name: "edges".into(), received: u64::from(second * second), latency: None };
            application.modules[sink].status = Some((Status { channels: vec![channel], ..Status::default() }, at));
            watch.note(&application, at);
        }
        let snapshot = watch.look(&topology, &application, began + 2 * SPAN);
        assert_eq!(snapshot.modules[sink].received_per_s, Some(3.0), "from 1 to 4");
        // No ring was looked at.
        assert!(snapshot.modules.iter().all(|module| module.sent_per_s.is_none()), "{snapshot:?}");
    }
}
