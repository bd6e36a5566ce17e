//! [`Outputs`]: all channels that a module writes.

use super::open::Opened;
use crate::error::Error;
use crate::raw::{RawClass, RawProducer};

/// All channels that a module writes, in the order in which its topology names them.
#[derive(Debug)]
pub struct Outputs {
    list: Vec<Output>,
}

#[derive(Debug)]
struct Output {
    name: String,
    class: RawClass,
    producer: Option<RawProducer>,
}

impl Outputs {
    pub(super) fn new(opened: Vec<Opened<RawProducer>>) -> Self {
        let output = |Opened { name, raw_class: class, end, .. }| Output { name, class, producer: Some(end) };
        Self { list: opened.into_iter().map(output).collect() }
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
        self.list.get(index).map(|output| output.name.as_str())
    }

    /// The index of the channel of that name.
    pub fn index(&self, name: &str) -> Option<usize> {
        self.list.iter().position(|output| output.name == name)
    }

    /// The same; an error that names those that there are.
    ///
    /// # Errors
    ///
    /// [`Error::Application`] for a channel that the module does not write.
    pub fn find(&self, name: &str) -> Result<usize, Error> {
        self.index(name).ok_or_else(|| {
            let known: Vec<_> = self.list.iter().map(|output| &output.name).collect();
            Error::Application(format!("the module writes no channel {name:?}: expected one of {known:?}").into())
        })
    }

    /// The class of a channel.
    pub fn class(&self, index: usize) -> Option<&RawClass> {
        self.list.get(index).map(|output| &output.class)
    }

    /// The producer of a channel, unless it was taken.
    pub fn get_mut(&mut self, index: usize) -> Option<&mut RawProducer> {
        self.list.get_mut(index)?.producer.as_mut()
    }

    /// The producer of a channel, to keep: its stream ends when it is dropped.
    pub fn take(&mut self, index: usize) -> Option<RawProducer> {
        self.list.get_mut(index)?.producer.take()
    }
}
