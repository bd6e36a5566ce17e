//! [`Outputs`]: all channels that a module writes.

use super::open::Opened;
use crate::raw::RawProducer;

/// All channels that a module writes, in the order in which its topology names them.
#[derive(Debug)]
pub struct Outputs {
    list: Vec<(String, Option<RawProducer>)>,
}

impl Outputs {
    pub(super) fn new(opened: Vec<Opened<RawProducer>>) -> Self {
        Self { list: opened.into_iter().map(|output| (output.name, Some(output.end))).collect() }
    }

    /// How many channels there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether the module writes no channel.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The name of a channel.
    pub fn name(&self, index: usize) -> Option<&str> {
        self.list.get(index).map(|(name, _)| name.as_str())
    }

    /// The index of the channel of that name.
    pub fn index(&self, name: &str) -> Option<usize> {
        self.list.iter().position(|(other, _)| other == name)
    }

    /// The producer of a channel, unless it was taken.
    pub fn get_mut(&mut self, index: usize) -> Option<&mut RawProducer> {
        self.list.get_mut(index)?.1.as_mut()
    }

    /// The producer of a channel, to keep: its stream ends when it is dropped.
    pub fn take(&mut self, index: usize) -> Option<RawProducer> {
        self.list.get_mut(index)?.1.take()
    }
}
