//! From JSON to raw declarations: which keys a topology has, and what kind of value each takes. Names are not resolved here.

use std::time::Duration;

use jsonc_parser::ast::Value;

use super::model::{Control, OnEnd, OnFull, Restart, RestartWhen};
use super::units::{self, BYTES, DURATION};
use crate::reader::{Keys, Reader};
use crate::source::{Diagnostics, Spanned, nearest};

/// The keys of each kind of object. Keys that begin with `x-` are free everywhere.
pub(super) const FILE_KEYS: &[&str] = &["$schema", "comment", "schemas", "channels", "modules"];
pub(super) const CHANNEL_KEYS: &[&str] = &[
    "class",
    "comment",
    "capacity",
    "largest_frame",
    "reserved",
    "dynamic_slots",
    "on_full",
    "disk",
    "keep",
    "isolated",
];
pub(super) const MODULE_KEYS: &[&str] = &[
    "command",
    "comment",
    "folder",
    "environment",
    "produces",
    "consumes",
    "observes",
    "control",
    "restart",
    "on_end",
    "ready_within",
    "quit_within",
];
pub(super) const RESTART_KEYS: &[&str] = &["when", "first_delay", "longest_delay", "attempts"];

const ON_FULL: &[(&str, OnFull)] = &[("wait", OnFull::Wait), ("drop", OnFull::Drop)];
const WHEN: &[(&str, RestartWhen)] =
    &[("never", RestartWhen::Never), ("on-failure", RestartWhen::OnFailure), ("always", RestartWhen::Always)];
const CONTROL: &[(&str, Control)] =
    &[("stdio", Control::Stdio), ("descriptor", Control::Descriptor), ("none", Control::Silent)];
const ON_END: &[(&str, OnEnd)] =
    &[("continue", OnEnd::Continue), ("quit-on-failure", OnEnd::QuitOnFailure), ("quit", OnEnd::Quit)];

const FIRST_DELAY: Duration = Duration::from_millis(100);
const LONGEST_DELAY: Duration = Duration::from_secs(10);
const READY_WITHIN: Duration = Duration::from_secs(60);
const QUIT_WITHIN: Duration = Duration::from_secs(5);

/// The declarations of a topology.
#[derive(Debug, Default)]
pub(super) struct RawTopology {
    pub(super) comment: Option<String>,
    pub(super) schemas: Vec<Spanned<String>>,
    pub(super) channels: Vec<RawChannel>,
    pub(super) modules: Vec<RawModule>,
    /// Whether all names of channels are there, so that another name is an error.
    pub(super) has_all_channels: bool,
    /// Whether the channels of all modules could be read, so that one that nobody uses is an error.
    pub(super) has_all_modules: bool,
}

#[derive(Debug)]
pub(super) struct RawChannel {
    pub(super) name: Spanned<String>,
    pub(super) comment: Option<String>,
    pub(super) class: Option<Spanned<String>>,
    pub(super) capacity: Option<Spanned<Capacity>>,
    pub(super) largest_frame: Option<Spanned<u64>>,
    pub(super) reserved: Option<Vec<Spanned<String>>>,
    pub(super) dynamic_slots: Option<Spanned<u64>>,
    pub(super) on_full: OnFull,
    pub(super) disk: Option<Spanned<String>>,
    pub(super) keep: Option<Spanned<bool>>,
    pub(super) isolated: Option<Spanned<bool>>,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Capacity {
    Bytes(u64),
    Frames(u64),
}

#[derive(Debug)]
pub(super) struct RawModule {
    pub(super) name: Spanned<String>,
    pub(super) comment: Option<String>,
    pub(super) command: Vec<String>,
    pub(super) folder: Option<String>,
    pub(super) environment: Vec<(Spanned<String>, String)>,
    pub(super) produces: Vec<Spanned<String>>,
    pub(super) consumes: Vec<Spanned<String>>,
    pub(super) observes: Vec<Spanned<String>>,
    pub(super) control: Option<Control>,
    pub(super) restart: Restart,
    pub(super) on_end: OnEnd,
    pub(super) ready_within: Duration,
    pub(super) quit_within: Duration,
}

/// Reads the declarations of one source.
pub(super) fn topology(root: &Value<'_>, source: usize, diagnostics: &mut Diagnostics) -> Option<RawTopology> {
    Reader { source, diagnostics }.topology(root)
}

impl Reader<'_> {
    fn topology(&mut self, root: &Value<'_>) -> Option<RawTopology> {
        let expected = "a topology: `{ \"schemas\": [ … ], \"channels\": { … }, \"modules\": { … } }`";
        let keys = self.object(root, expected, FILE_KEYS)?;
        // Tells an editor where the JSON Schema is.
        self.text(&keys, "$schema");
        let schemas = self.required(&keys, "schemas", "a topology");
        let schemas = schemas.and_then(|schemas| self.list(schemas, "a list of class descriptions' files"));
        self.diagnostics.names_missing |= schemas.is_none();
        let schemas = self.each(schemas.unwrap_or_default(), |reader, name| {
            let name = reader.string(name, "the name of a class description's file");
            reader.diagnostics.names_missing |= name.is_none();
            name
        });
        let channels = self.required(&keys, "channels", "a topology");
        let channels = self.named(channels, "an object of channels, name to `{ \"class\": … }`");
        let has_all_channels = channels.is_some();
        let channels = channels.unwrap_or_default().into_iter().map(|(name, value)| self.channel(name, value));
        let channels = channels.collect();
        let modules = self.required(&keys, "modules", "a topology");
        let modules = self.named(modules, "an object of modules, name to `{ \"command\": [ … ] }`");
        let mut has_all_modules = modules.is_some();
        let modules = modules.unwrap_or_default().into_iter();
        let modules = modules.map(|(name, value)| self.module(name, value, &mut has_all_modules)).collect();
        let comment = self.text(&keys, "comment");
        Some(RawTopology { comment, schemas, channels, modules, has_all_channels, has_all_modules })
    }

    fn channel(&mut self, name: Spanned<String>, value: &Value<'_>) -> RawChannel {
        let keys = self.object(value, "a channel: `{ \"class\": …, \"capacity\": … }`", CHANNEL_KEYS);
        let keys = keys.unwrap_or_else(|| Keys::none(CHANNEL_KEYS, self.span(value)));
        let is_object = matches!(value, Value::Object(_));
        let class = if is_object { self.required(&keys, "class", "a channel") } else { None };
        RawChannel {
            name,
            comment: self.text(&keys, "comment"),
            class: class.and_then(|class| self.string(class, "the name of a class")),
            capacity: keys.get("capacity").and_then(|value| self.capacity(value)),
            largest_frame: self.with_unit(&keys, "largest_frame", "a size", BYTES, units::bytes),
            reserved: keys.get("reserved").map(|value| self.names(Some(value), "a list of modules' names")),
            dynamic_slots: keys.get("dynamic_slots").and_then(|value| self.count(value, 0)),
            on_full: self.choice(keys.get("on_full"), ON_FULL),
            disk: keys.get("disk").and_then(|value| self.string(value, "the path of a file")),
            keep: self.flag(&keys, "keep"),
            isolated: self.flag(&keys, "isolated"),
        }
    }

    /// A module, and whether all that it says of channels could be read: a key that is unknown may be meant to.
    fn module(&mut self, name: Spanned<String>, value: &Value<'_>, is_whole: &mut bool) -> RawModule {
        let before = self.diagnostics.count();
        let keys = self.object(value, "a module: `{ \"command\": [ … ], … }`", MODULE_KEYS);
        let [produces, consumes, observes] = ["produces", "consumes", "observes"].map(|key| {
            let names = keys.as_ref().and_then(|keys| keys.get(key));
            self.names(names, "a list of channels' names")
        });
        *is_whole &= self.diagnostics.count() == before;
        let keys = keys.unwrap_or_else(|| Keys::none(MODULE_KEYS, self.span(value)));
        let is_object = matches!(value, Value::Object(_));
        let command = if is_object { self.required(&keys, "command", "a module") } else { None };
        let arguments = self.names(command, "a list: the program and its arguments");
        if let (Some(Value::Array(list)), []) = (command, &arguments[..])
            && list.elements.is_empty()
        {
            self.diagnostics.error(self.range(list), "expected a program and its arguments, found an empty list");
        }
        if let Some(program) = arguments.first().filter(|program| program.value.is_empty()) {
            self.diagnostics.error(program.span, "expected a program, found an empty string");
        }
        let variables = self.named(keys.get("environment"), "an object of variables, name to string");
        let variables = variables.unwrap_or_default().into_iter();
        let environment = variables.filter_map(|(name, value)| Some((name, self.string(value, "a string")?.value)));
        let environment = environment.collect();
        let [ready_within, quit_within] = [("ready_within", READY_WITHIN), ("quit_within", QUIT_WITHIN)]
            .map(|(key, default)| self.duration(&keys, key).map_or(default, |stated| stated.value));
        RawModule {
            name,
            comment: self.text(&keys, "comment"),
            command: arguments.into_iter().map(|argument| argument.value).collect(),
            folder: self.text(&keys, "folder"),
            environment,
            produces,
            consumes,
            observes,
            control: keys.get("control").map(|value| self.choice(Some(value), CONTROL)),
            restart: self.restart(keys.get("restart")),
            on_end: self.choice(keys.get("on_end"), ON_END),
            ready_within,
            quit_within,
        }
    }

    /// `"on-failure"`, or an object with the delays too.
    fn restart(&mut self, value: Option<&Value<'_>>) -> Restart {
        let mut restart = Restart {
            when: RestartWhen::Never,
            first_delay: FIRST_DELAY,
            longest_delay: LONGEST_DELAY,
            attempts: None,
        };
        let Some(value) = value else { return restart };
        if let Value::StringLit(_) = value {
            restart.when = self.choice(Some(value), WHEN);
            return restart;
        }
        let expected = "`never`, `on-failure`, `always`, or `{ \"when\": …, \"first_delay\": … }`";
        let Some(keys) = self.object(value, expected, RESTART_KEYS) else { return restart };
        let when = self.required(&keys, "when", "a restart");
        restart.when = self.choice(when, WHEN);
        let (first, longest) = (self.duration(&keys, "first_delay"), self.duration(&keys, "longest_delay"));
        restart.first_delay = first.as_ref().map_or(FIRST_DELAY, |stated| stated.value);
        restart.longest_delay = longest.as_ref().map_or(LONGEST_DELAY.max(restart.first_delay), |stated| stated.value);
        if restart.first_delay > restart.longest_delay
            && let Some(stated) = longest.or(first)
        {
            let (first, longest) = (restart.first_delay, restart.longest_delay);
            self.diagnostics
                .error(stated.span, format!("the first delay, {first:?}, is above the longest, {longest:?}"));
        }
        let attempts = keys.get("attempts").and_then(|value| self.count(value, 1));
        restart.attempts = attempts.map(|count| u32::try_from(count.value).unwrap_or(u32::MAX));
        restart
    }

    fn capacity(&mut self, value: &Value<'_>) -> Option<Spanned<Capacity>> {
        let span = self.span(value);
        let expected = "a size or a number of frames, such as `\"16 MiB\"` or `\"64 frames\"`";
        let text = match value {
            Value::NumberLit(literal) => format!("{} B", literal.value),
            other => self.string(other, expected)?.value,
        };
        let capacity = match (units::bytes(&text), units::frames(&text)) {
            (Some(bytes), _) => Capacity::Bytes(bytes),
            (None, Some(frames)) => Capacity::Frames(frames),
            (None, None) => {
                self.diagnostics.error_help(span, format!("expected {expected}, found `{text}`"), BYTES);
                return None;
            }
        };
        Some(Spanned { value: capacity, span })
    }

    fn duration(&mut self, keys: &Keys<'_, '_>, key: &str) -> Option<Spanned<Duration>> {
        self.with_unit(keys, key, "a duration", DURATION, units::duration)
    }

    fn with_unit<T>(
        &mut self,
        keys: &Keys<'_, '_>,
        key: &str,
        expected: &str,
        help: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<Spanned<T>> {
        let text = self.string(keys.get(key)?, expected)?;
        let value = read(&text.value);
        if value.is_none() {
            self.diagnostics.error_help(text.span, format!("expected {expected}, found `{}`", text.value), help);
        }
        Some(Spanned { value: value?, span: text.span })
    }

    fn count(&mut self, value: &Value<'_>, least: u64) -> Option<Spanned<u64>> {
        let Value::NumberLit(literal) = value else { return self.expected(value, "a number") };
        let count = literal.value.parse().ok().filter(|count| *count >= least);
        if count.is_none() {
            let message = format!("expected a whole number from {least}, found {}", literal.value);
            self.diagnostics.error(self.range(literal), message);
        }
        Some(Spanned { value: count?, span: self.range(literal) })
    }

    fn flag(&mut self, keys: &Keys<'_, '_>, key: &str) -> Option<Spanned<bool>> {
        match keys.get(key)? {
            Value::BooleanLit(literal) => Some(Spanned { value: literal.value, span: self.range(literal) }),
            other => self.expected(other, "true or false"),
        }
    }

    /// One of several words; the first if there is no value.
    fn choice<T: Copy>(&mut self, value: Option<&Value<'_>>, choices: &[(&str, T)]) -> T {
        let words = || choices.iter().map(|(word, _)| *word);
        let Some(text) = value.and_then(|value| {
            let expected: Vec<_> = words().map(|word| format!("`{word}`")).collect();
            self.string(value, &expected.join(" or "))
        }) else {
            return choices[0].1;
        };
        if let Some((_, choice)) = choices.iter().find(|(word, _)| *word == text.value) {
            return *choice;
        }
        let expected: Vec<_> = words().map(|word| format!("`{word}`")).collect();
        let help = nearest(&text.value, words()).map(|near| format!("did you mean `{near}`?"));
        self.diagnostics.report(text.span, format!("expected {}, found `{}`", expected.join(" or "), text.value), help);
        choices[0].1
    }

    fn names(&mut self, value: Option<&Value<'_>>, expected: &str) -> Vec<Spanned<String>> {
        let list = value.and_then(|value| self.list(value, expected));
        self.each(list.unwrap_or_default(), |reader, name| reader.string(name, "a string"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_json_schema_knows_the_same_keys_words_and_defaults() {
        let schema: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string("topology.schema.json").unwrap()).unwrap();
        let keys_of = |object: &serde_json::Value| {
            let mut keys: Vec<String> = object["properties"].as_object().unwrap().keys().cloned().collect();
            keys.sort_unstable();
            keys
        };
        let sorted = |keys: &[&'static str]| {
            let mut keys = keys.to_vec();
            keys.sort_unstable();
            keys
        };
        assert_eq!(keys_of(&schema), sorted(FILE_KEYS));
        for (object, keys) in [("channel", CHANNEL_KEYS), ("module", MODULE_KEYS), ("backOff", RESTART_KEYS)] {
            assert_eq!(keys_of(&schema["$defs"][object]), sorted(keys), "{object}");
        }
        let words = |place: &serde_json::Value| -> Vec<String> {
            place["enum"].as_array().unwrap().iter().map(|word| word.as_str().unwrap().to_owned()).collect()
        };
        let defs = &schema["$defs"];
        assert_eq!(words(&defs["channel"]["properties"]["on_full"]), ON_FULL.iter().map(|it| it.0).collect::<Vec<_>>());
        assert_eq!(words(&defs["when"]), WHEN.iter().map(|it| it.0).collect::<Vec<_>>());
        assert_eq!(words(&defs["module"]["properties"]["on_end"]), ON_END.iter().map(|it| it.0).collect::<Vec<_>>());
        let control = &defs["module"]["properties"]["control"];
        assert_eq!(words(control), CONTROL.iter().map(|it| it.0).collect::<Vec<_>>());
        for (object, key, default) in [
            ("backOff", "first_delay", FIRST_DELAY),
            ("backOff", "longest_delay", LONGEST_DELAY),
            ("module", "ready_within", READY_WITHIN),
            ("module", "quit_within", QUIT_WITHIN),
        ] {
            let stated = defs[object]["properties"][key]["default"].as_str().unwrap();
            assert_eq!(units::duration(stated), Some(default), "{key}");
        }
    }
}
