//! The checked model of a topology. It exists only after all checks have passed, so every name resolves.

use std::path::PathBuf;
use std::time::Duration;

use crate::model::{Class, ClassId, Schema};

/// An application: its classes, its channels and its modules.
#[derive(Debug, Clone, PartialEq)]
pub struct Topology {
    /// What it is, for people.
    pub comment: Option<String>,
    /// The classes of all descriptions that it names. [`Schema::files`] holds every file, the topology's first.
    pub schema: Schema,
    /// Channels in declared order.
    pub channels: Vec<Channel>,
    /// Modules in declared order.
    pub modules: Vec<Module>,
}

/// Index of a channel in [`Topology::channels`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChannelId(pub usize);

/// Index of a module in [`Topology::modules`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModuleId(pub usize);

/// A named ring with its class, and who uses it.
#[derive(Debug, Clone, PartialEq)]
pub struct Channel {
    /// Name as written.
    pub name: String,
    /// What it carries, for people.
    pub comment: Option<String>,
    /// Class of its frames.
    pub class: ClassId,
    /// Bytes of the ring's body: a power of two in which the largest frame fits.
    pub capacity_bytes: u64,
    /// The largest frame in bytes: that of a fixed class, or what the topology states for a variable one.
    pub largest_frame_bytes: Option<u64>,
    /// Consumers whose place outlives them: names of modules, in declared order.
    pub reserved: Vec<String>,
    /// How many consumers without a reserved place can be attached at once.
    pub dynamic_slots: u32,
    /// What the producer does when the slowest consumer has no space left for it.
    pub on_full: OnFull,
    /// Where the ring is.
    pub storage: Storage,
    /// Whether it is a pair of sealed memfds that only its modules receive, in place of a file that the user's programs open.
    pub isolated: bool,
    /// Whether the ring stays when the application ends.
    pub keep: bool,
    /// The module that writes it.
    pub producer: ModuleId,
    /// The modules that get every frame, in declared order.
    pub consumers: Vec<ModuleId>,
    /// The modules that may skip frames, in declared order.
    pub observers: Vec<ModuleId>,
}

/// What a producer does when its ring is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnFull {
    /// It waits for the slowest consumer.
    #[default]
    Wait,
    /// It drops the frame, which consumers see by the sequence numbers.
    Drop,
}

/// Where a ring is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Storage {
    /// In memory, under the channel's name.
    #[default]
    Memory,
    /// A file of this path.
    Disk(PathBuf),
}

/// A process of the application.
#[derive(Debug, Clone, PartialEq)]
pub struct Module {
    /// Name as written.
    pub name: String,
    /// What it does, for people.
    pub comment: Option<String>,
    /// The program and its arguments.
    pub command: Vec<String>,
    /// The folder in which it runs; the topology's own, unless it says otherwise.
    pub folder: PathBuf,
    /// Variables that are added to the environment, in declared order.
    pub environment: Vec<(String, String)>,
    /// Channels that it writes, in declared order.
    pub produces: Vec<ChannelId>,
    /// Channels of which it gets every frame, in declared order.
    pub consumes: Vec<ChannelId>,
    /// Channels that it reads without holding anybody back, in declared order.
    pub observes: Vec<ChannelId>,
    /// How it speaks with the controller.
    pub control: Control,
    /// What happens when it ends by itself.
    pub restart: Restart,
    /// What its end, after which it is not restarted, means for the rest.
    pub on_end: OnEnd,
    /// How long it may take from its start until it says that it is ready.
    pub ready_within: Duration,
    /// How long it may take to end when it is told to, before it is ended by force.
    pub quit_within: Duration,
}

/// How a module speaks with the controller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Control {
    /// Over its standard input and output, beside its log.
    #[default]
    Stdio,
    /// Over a descriptor of its own, since it uses its standard streams for data.
    Descriptor,
    /// Not at all: a program that does not link the library. It is ready once it is started, and is ended by SIGTERM.
    Silent,
}

/// Whether and when a module that ended by itself is started again.
///
/// The first start comes after `first_delay`, and each further one after twice the delay of the one before, up to
/// `longest_delay`. A module that ran for longer than `longest_delay` begins anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Restart {
    /// After which ends.
    pub when: RestartWhen,
    /// The first delay.
    pub first_delay: Duration,
    /// The longest delay.
    pub longest_delay: Duration,
    /// How often in a row; without limit if not stated.
    pub attempts: Option<u32>,
}

/// After which ends a module is started again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RestartWhen {
    /// After none.
    #[default]
    Never,
    /// After an exit status that is not 0, or a signal.
    OnFailure,
    /// After every end.
    Always,
}

/// What the end of a module means for the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnEnd {
    /// The rest goes on.
    #[default]
    Continue,
    /// The application quits if the module failed.
    QuitOnFailure,
    /// The application quits.
    Quit,
}

impl Restart {
    /// The delay before a start, the first being number 0; `None` if there is no such start any more.
    pub fn delay(&self, number: u32) -> Option<Duration> {
        if self.when == RestartWhen::Never || self.attempts.is_some_and(|attempts| number >= attempts) {
            return None;
        }
        let doubled = 2u32.checked_pow(number).and_then(|times| self.first_delay.checked_mul(times));
        Some(doubled.map_or(self.longest_delay, |delay| delay.min(self.longest_delay)))
    }
}

impl Topology {
    /// The channel of this name.
    pub fn channel(&self, name: &str) -> Option<&Channel> {
        self.channels.iter().find(|channel| channel.name == name)
    }

    /// The module of this name.
    pub fn module(&self, name: &str) -> Option<&Module> {
        self.modules.iter().find(|module| module.name == name)
    }

    /// The class of a channel's frames.
    pub fn class_of(&self, channel: &Channel) -> &Class {
        &self.schema[channel.class]
    }
}

impl std::ops::Index<ChannelId> for Topology {
    type Output = Channel;

    fn index(&self, id: ChannelId) -> &Channel {
        &self.channels[id.0]
    }
}

impl std::ops::Index<ModuleId> for Topology {
    type Output = Module;

    fn index(&self, id: ModuleId) -> &Module {
        &self.modules[id.0]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_the_longest_and_end_with_the_attempts() {
        let ms = Duration::from_millis;
        let restart =
            Restart { when: RestartWhen::OnFailure, first_delay: ms(100), longest_delay: ms(500), attempts: Some(5) };
        let delays: Vec<_> = (0..6).map(|number| restart.delay(number)).collect();
        assert_eq!(delays, [Some(ms(100)), Some(ms(200)), Some(ms(400)), Some(ms(500)), Some(ms(500)), None]);
        assert_eq!(Restart { attempts: None, ..restart }.delay(u32::MAX), Some(ms(500)));
        assert_eq!(Restart { when: RestartWhen::Never, ..restart }.delay(0), None);
    }
}
