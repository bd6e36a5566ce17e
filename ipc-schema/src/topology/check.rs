//! From raw declarations to the model: every rule of a topology, each error once and without followers.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::capacity::{self, RingLimits};
use super::flow::{self, Edge};
use super::model::{Channel, ChannelId, Control, Module, ModuleId, OnFull, Storage, Topology};
use super::parse::{RawChannel, RawModule, RawTopology};
use crate::model::{ClassId, Schema};
use crate::names::{GENERATED_SUFFIXES, Scope};
use crate::parse::RawFile;
use crate::source::{Diagnostics, Span, Spanned};

/// Checks a topology whose class descriptions were read. What it gives is whole only if there are no errors.
pub(super) fn check(
    raw: &RawTopology,
    files: &[RawFile],
    schema: Schema,
    folder: &Path,
    diagnostics: &mut Diagnostics,
) -> Topology {
    let mut links = vec![Links::default(); raw.channels.len()];
    let mut checker = Checker { raw, files, schema: &schema, folder, has_unknown: false, diagnostics };
    checker.names();
    let modules = raw.modules.iter().enumerate().map(|(index, module)| checker.module(index, module, &mut links));
    let modules = modules.collect();
    let channels = raw.channels.iter().zip(&links).filter_map(|(channel, links)| checker.channel(channel, links));
    let channels = channels.collect();
    checker.usage(&links);
    checker.blocking(&links);
    Topology { comment: raw.comment.clone(), schema, channels, modules }
}

/// Who uses a channel: modules by index, and where they say so.
#[derive(Clone, Default)]
struct Links {
    producer: Option<(usize, Span)>,
    consumers: Vec<usize>,
    observers: Vec<usize>,
}

struct Checker<'r, 'd> {
    raw: &'r RawTopology,
    files: &'r [RawFile],
    schema: &'r Schema,
    folder: &'r Path,
    /// Whether a module names a channel that is not there, so that one which nobody uses may be no further error.
    has_unknown: bool,
    diagnostics: &'d mut Diagnostics,
}

impl Checker<'_, '_> {
    fn names(&mut self) {
        let mut channels = Scope::new("a channel");
        let mut modules = Scope::new("a module");
        for channel in &self.raw.channels {
            channels.declare(&channel.name, self.diagnostics);
            self.name_length(&channel.name, RingLimits::MAX_CHANNEL_NAME_BYTES, "a channel");
        }
        for module in &self.raw.modules {
            modules.declare(&module.name, self.diagnostics);
            self.name_length(&module.name, RingLimits::MAX_RESERVED_NAME_BYTES, "a module");
        }
        self.names_of_types();
        for (index, channel) in self.raw.channels.iter().enumerate() {
            let Some(disk) = &channel.disk else { continue };
            let same = |other: &&RawChannel| other.disk.as_ref().is_some_and(|other| other.value == disk.value);
            if let Some(other) = self.raw.channels[..index].iter().find(same) {
                let message = format!("the channel `{}` has this file already", other.name.value);
                self.diagnostics.error(disk.span, message);
            }
        }
    }

    /// A module of code and a type cannot both have a name, in some languages.
    fn names_of_types(&mut self) {
        let types = self.files.iter().flat_map(|file| {
            let enums = file.enums.iter().map(|it| it.name.value.clone());
            let generated = |class: &String| GENERATED_SUFFIXES.map(|suffix| format!("{class}{suffix}"));
            let classes = file.classes.iter().map(|class| &class.name.value);
            enums.chain(classes.clone().cloned()).chain(classes.flat_map(generated))
        });
        let types: HashSet<String> = types.collect();
        for module in self.raw.modules.iter().filter(|module| types.contains(&module.name.value)) {
            let message = format!("the module `{}` has the name of a type", module.name.value);
            let help = "code that is generated for it could not tell them apart: rename one";
            self.diagnostics.error_help(module.name.span, message, help);
        }
    }

    fn name_length(&mut self, name: &Spanned<String>, most: usize, whose: &str) {
        if name.value.len() > most {
            let message = format!("the name of {whose} has at most {most} bytes, found {}", name.value.len());
            self.diagnostics.error(name.span, message);
        }
    }

    fn module(&mut self, index: usize, raw: &RawModule, links: &mut [Links]) -> Module {
        let mut used: Vec<(usize, &str)> = Vec::new();
        let [produces, consumes, observes] =
            [("produces", &raw.produces), ("consumes", &raw.consumes), ("observes", &raw.observes)].map(
                |(key, names)| {
                    let ids = names.iter().filter_map(|name| self.end(index, key, name, &mut used, links));
                    ids.map(ChannelId).collect()
                },
            );
        self.environment(raw);
        // Who has no channel has nothing to open, and so no need of the library.
        let control = if used.is_empty() { Control::Silent } else { Control::Stdio };
        Module {
            name: raw.name.value.clone(),
            comment: raw.comment.clone(),
            command: raw.command.clone(),
            folder: raw.folder.as_ref().map_or_else(|| self.folder.to_owned(), |folder| self.folder.join(folder)),
            environment: raw.environment.iter().map(|(name, value)| (name.value.clone(), value.clone())).collect(),
            produces,
            consumes,
            observes,
            control: raw.control.unwrap_or(control),
            restart: raw.restart,
            on_end: raw.on_end,
            ready_within: raw.ready_within,
            quit_within: raw.quit_within,
        }
    }

    /// One end of a module: the channel's index, noted in its links.
    fn end<'r>(
        &mut self,
        module: usize,
        key: &'r str,
        name: &Spanned<String>,
        used: &mut Vec<(usize, &'r str)>,
        links: &mut [Links],
    ) -> Option<usize> {
        let Some(channel) = self.raw.channels.iter().position(|channel| channel.name.value == name.value) else {
            self.unknown_channel(name);
            return None;
        };
        if let Some((_, earlier)) = used.iter().find(|(used, _)| *used == channel) {
            let module = &self.raw.modules[module].name.value;
            let message = format!("`{module}` names the channel `{}` in `{earlier}` already", name.value);
            self.diagnostics.error_help(name.span, message, "a module has one end of a channel");
            return None;
        }
        used.push((channel, key));
        let links = &mut links[channel];
        match (key, links.producer) {
            ("produces", Some((other, span))) => {
                let place = self.diagnostics.place(span);
                let message = format!(
                    "the channel `{}` has a producer already: `{}`, at {place}",
                    name.value, self.raw.modules[other].name.value
                );
                let help = "a ring has one producer: give each its own channel, and let the consumer read them all";
                self.diagnostics.error_help(name.span, message, help);
                return None;
            }
            ("produces", None) => links.producer = Some((module, name.span)),
            ("consumes", _) => links.consumers.push(module),
            _ => links.observers.push(module),
        }
        Some(channel)
    }

    fn unknown_channel(&mut self, name: &Spanned<String>) {
        self.has_unknown = true;
        if self.raw.has_all_channels {
            let declared = || self.raw.channels.iter().map(|channel| channel.name.value.as_str());
            let help = self.diagnostics.suggest(&name.value, declared);
            let help = help.or_else(|| Some("no channel of this name is declared in `channels`".to_owned()));
            self.diagnostics.report(name.span, format!("unknown channel `{}`", name.value), help);
        }
    }

    fn environment(&mut self, raw: &RawModule) {
        for (index, (name, _)) in raw.environment.iter().enumerate() {
            if name.value.is_empty() || name.value.contains(['=', '\0']) {
                let message = format!("`{}` cannot name a variable", name.value);
                self.diagnostics.error_help(name.span, message, "expected some text without `=` and NUL");
            } else if name.value.starts_with("IPC_") {
                let message = format!("the variable `{}` is not the module's to set", name.value);
                self.diagnostics.error_help(
                    name.span,
                    message,
                    "those that begin with `IPC_` come from the controller",
                );
            }
            if let Some((earlier, _)) = raw.environment[..index].iter().find(|(other, _)| other.value == name.value) {
                let help = format!("it already stands at {}", self.diagnostics.place(earlier.span));
                self.diagnostics.error_help(
                    name.span,
                    format!("the variable `{}` stands here twice", name.value),
                    help,
                );
            }
        }
        let texts = raw.command.iter().chain(raw.environment.iter().map(|(_, value)| value));
        if texts.clone().any(|text| text.contains('\0')) {
            let message = format!("the command or the environment of `{}` has a NUL in it", raw.name.value);
            self.diagnostics.error(raw.name.span, message);
        }
    }

    /// The channel, if its class and its sizes are sound and somebody writes it.
    fn channel(&mut self, raw: &RawChannel, links: &Links) -> Option<Channel> {
        let class = raw.class.as_ref().and_then(|name| self.class(name));
        let sizes = capacity::of(raw, class.map(|class| &self.schema[class]), self.diagnostics);
        let reserved = self.reserved(raw, links);
        let dynamic_slots = self.dynamic_slots(raw, links, reserved.len());
        self.contradictions(raw);
        let storage = raw.disk.as_ref().map_or(Storage::Memory, |path| Storage::Disk(self.disk_path(path)));
        let (capacity_bytes, largest_frame_bytes) = sizes?;
        let ids = |modules: &[usize]| modules.iter().copied().map(ModuleId).collect();
        Some(Channel {
            name: raw.name.value.clone(),
            comment: raw.comment.clone(),
            class: class?,
            capacity_bytes,
            largest_frame_bytes,
            reserved,
            dynamic_slots,
            on_full: raw.on_full,
            keep: raw.keep.as_ref().map_or(raw.disk.is_some(), |keep| keep.value),
            storage,
            isolated: raw.isolated.as_ref().is_some_and(|isolated| isolated.value),
            producer: ModuleId(links.producer?.0),
            consumers: ids(&links.consumers),
            observers: ids(&links.observers),
        })
    }

    fn class(&mut self, name: &Spanned<String>) -> Option<ClassId> {
        let class = self.schema.class_id(&name.value);
        let declared = || self.files.iter().flat_map(|file| &file.classes).map(|class| class.name.value.as_str());
        // A class with an error is declared, and not in the model: that error is enough.
        if class.is_some() || self.diagnostics.names_missing || declared().any(|declared| declared == name.value) {
            return class;
        }
        if self.files.iter().flat_map(|file| &file.enums).any(|it| it.name.value == name.value) {
            self.diagnostics.error(name.span, format!("expected a class, found the enum `{}`", name.value));
            return None;
        }
        let help = self.diagnostics.suggest(&name.value, declared);
        let help = help.or_else(|| Some("no file of `schemas` declares a class of this name".to_owned()));
        self.diagnostics.report(name.span, format!("unknown class `{}`", name.value), help);
        None
    }

    /// Those of the consumers whose place outlives them: all unless the channel says which.
    fn reserved(&mut self, raw: &RawChannel, links: &Links) -> Vec<String> {
        let modules = self.raw;
        let consumers = || links.consumers.iter().map(|module| modules.modules[*module].name.value.as_str());
        let Some(stated) = &raw.reserved else { return consumers().map(str::to_owned).collect() };
        let mut reserved: Vec<String> = Vec::new();
        for name in stated {
            if reserved.contains(&name.value) {
                self.diagnostics.error(name.span, format!("`{}` stands here twice", name.value));
            } else if consumers().all(|consumer| consumer != name.value)
                && self.raw.has_all_modules
                && !self.has_unknown
            {
                let message = format!("`{}` is no module that consumes `{}`", name.value, raw.name.value);
                let help = self.diagnostics.suggest(&name.value, consumers);
                let help = help.unwrap_or_else(|| {
                    "a place is reserved for a module with this channel in its `consumes`".to_owned()
                });
                self.diagnostics.error_help(name.span, message, help);
            }
            reserved.push(name.value.clone());
        }
        if reserved.len() > RingLimits::MAX_RESERVED as usize {
            let message =
                format!("expected at most {} reserved consumers, found {}", RingLimits::MAX_RESERVED, reserved.len());
            self.diagnostics.error(raw.name.span, message);
        }
        reserved
    }

    fn dynamic_slots(&mut self, raw: &RawChannel, links: &Links, reserved: usize) -> u32 {
        let needed = links.consumers.len().saturating_sub(reserved);
        let Some(stated) = &raw.dynamic_slots else {
            return RingLimits::DEFAULT_DYNAMIC_SLOTS.max(u32::try_from(needed).unwrap_or(u32::MAX));
        };
        let most = RingLimits::MAX_DYNAMIC_SLOTS;
        let slots = u32::try_from(stated.value).ok().filter(|slots| *slots <= most);
        if slots.is_none() {
            self.diagnostics.error(stated.span, format!("expected at most {most} slots, found {}", stated.value));
        } else if stated.value < needed as u64 {
            let message =
                format!("{needed} consumers of `{}` have no reserved place, and need a slot each", raw.name.value);
            self.diagnostics.error(stated.span, message);
        }
        slots.unwrap_or(most)
    }

    fn contradictions(&mut self, raw: &RawChannel) {
        let Some(isolated) = raw.isolated.as_ref().filter(|isolated| isolated.value) else { return };
        let help = "an isolated ring has no name: it is memory that only its modules receive, and goes with them";
        if raw.disk.is_some() {
            self.diagnostics.error_help(isolated.span, "a channel on disk cannot be isolated", help);
        } else if raw.keep.as_ref().is_some_and(|keep| keep.value) {
            self.diagnostics.error_help(isolated.span, "a channel that is kept cannot be isolated", help);
        }
    }

    fn disk_path(&mut self, path: &Spanned<String>) -> PathBuf {
        if Path::new(&path.value).extension().is_none_or(|extension| extension != "ring") {
            let help = "by it the `ipc` program tells a ring from a description";
            self.diagnostics.error_help(path.span, format!("expected a file `….ring`, found `{}`", path.value), help);
        }
        let path = self.folder.join(&path.value);
        // Without a `/` it would be the name of a ring in memory.
        if path.components().count() == 1 { Path::new(".").join(path) } else { path }
    }

    fn usage(&mut self, links: &[Links]) {
        if !self.raw.has_all_modules || self.has_unknown {
            return;
        }
        for (index, (channel, links)) in self.raw.channels.iter().zip(links).enumerate() {
            let name = &channel.name.value;
            if self.raw.channels[..index].iter().any(|earlier| earlier.name.value == *name) {
                continue;
            }
            if links.producer.is_none() {
                let help = "name it in the `produces` of one module";
                self.diagnostics.error_help(channel.name.span, format!("nobody produces `{name}`"), help);
            }
            if links.consumers.is_empty() && links.observers.is_empty() {
                let help = "name it in the `consumes` or `observes` of a module, or remove it";
                self.diagnostics.error_help(channel.name.span, format!("nobody consumes `{name}`"), help);
            }
        }
    }

    /// Modules that wait for each other in a circle, each with a full ring before it.
    fn blocking(&mut self, links: &[Links]) {
        let mut edges = Vec::new();
        for (index, (channel, links)) in self.raw.channels.iter().zip(links).enumerate() {
            if let (OnFull::Wait, Some((from, _))) = (channel.on_full, links.producer) {
                edges.extend(links.consumers.iter().map(|to| Edge { from, channel: index, to: *to }));
            }
        }
        for circle in flow::circles(self.raw.modules.len(), &edges) {
            let module = |index: usize| &self.raw.modules[index].name.value;
            let mut path = format!("`{}`", module(circle[0].from));
            for edge in &circle {
                path += &format!(" -{}-> `{}`", self.raw.channels[edge.channel].name.value, module(edge.to));
            }
            let message =
                format!("when these channels are full, each module waits for the next, and none goes on: {path}");
            let help = "let one of the channels drop, `\"on_full\": \"drop\"`, or let a module observe it";
            self.diagnostics.error_help(self.raw.channels[circle[0].channel].name.span, message, help);
        }
    }
}
