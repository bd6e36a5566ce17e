//! Isolated channels: the memory of their rings, which only their modules receive, and this process keeps for those that are
//! started again.

use std::os::fd::OwnedFd;

use ipc_core::Error;
use ipc_core::raw::{Handover, IsolatedRing, RawChannel};
use ipc_schema::Topology;
use ipc_schema::topology::{ChannelId, Module};

use super::rings;

/// By channel; `None` for one that is a file.
pub(crate) struct Memory(pub(crate) Vec<Option<IsolatedRing>>);

impl Memory {
    /// What a module inherits: its descriptors, and what its variable says of them if the first one has that place among all
    /// that it inherits. No variable if it has no isolated channel.
    pub(crate) fn hand(&self, plan: &Module, first: usize) -> Result<(Option<String>, Vec<OwnedFd>), Error> {
        let of = |channels: &[ChannelId], hand: fn(&IsolatedRing) -> Result<Handover, Error>| {
            let rings = channels.iter().filter_map(|channel| self.0[channel.0].as_ref());
            rings.map(hand).collect::<Result<Vec<_>, _>>()
        };
        let mut handed = of(&plan.produces, IsolatedRing::for_producer)?;
        handed.extend(of(&plan.consumes, IsolatedRing::for_reader)?);
        handed.extend(of(&plan.observes, IsolatedRing::for_reader)?);
        let place = |index: usize| format!("%{}", first + index);
        let entries = handed.iter().enumerate().map(|(index, one)| one.entry(place(2 * index), place(2 * index + 1)));
        let entries: Vec<_> = entries.collect();
        let variable = (!entries.is_empty()).then(|| entries.join(" "));
        Ok((variable, handed.into_iter().flat_map(Handover::into_descriptors).collect()))
    }

    /// Frees a reserved slot of a channel.
    ///
    /// # Errors
    ///
    /// Why that cannot be.
    pub(crate) fn detach(&self, topology: &Topology, name: &str, slot: &str) -> Result<(), String> {
        let Some(index) = topology.channels.iter().position(|channel| channel.name == name) else {
            let names: Vec<_> = topology.channels.iter().map(|channel| channel.name.as_str()).collect();
            return Err(format!("there is no channel `{name}`: expected one of {}", names.join(", ")));
        };
        let file = rings::name(&topology.channels[index]);
        let ring = match &self.0[index] {
            Some(ring) => RawChannel::untyped(ring.channel()).held(ring),
            None => RawChannel::untyped(&file),
        };
        ring.detach(slot).map_err(|error| error.to_string())
    }

    /// Tells whoever has a ring open still, outside of the application, that it is over.
    pub(crate) fn end(&self) {
        for ring in self.0.iter().flatten() {
            // A module may have spoiled it.
            let _ = RawChannel::untyped(ring.channel()).held(ring).remove();
        }
    }
}
