//! What people ask of a running application, at its terminal or from another one.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A command, to one module or to all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Request {
    pub(crate) verb: Verb,
    /// For [`Verb::Detach`], that of the slot.
    pub(crate) module: Option<String>,
    /// For [`Verb::Detach`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) channel: Option<String>,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verb {
    Stop,
    Resume,
    Restart,
    Quit,
    Detach,
    Status,
}

pub(crate) const VERBS: [(&str, Verb); 6] = [
    ("stop", Verb::Stop),
    ("resume", Verb::Resume),
    ("restart", Verb::Restart),
    ("quit", Verb::Quit),
    ("detach", Verb::Detach),
    ("status", Verb::Status),
];

/// What can be typed.
pub(crate) const HELP: &str = "stop, resume, restart or quit [MODULE], detach CHANNEL SLOT, status";

impl Verb {
    pub(crate) fn word(self) -> &'static str {
        VERBS.iter().find(|(_, verb)| *verb == self).map_or("", |(word, _)| word)
    }
}

impl Request {
    /// To one module, or to all.
    pub(crate) fn new(verb: Verb, module: Option<String>) -> Self {
        Self { verb, module, channel: None }
    }

    /// Free a slot of a channel.
    pub(crate) fn detach(channel: String, slot: String) -> Self {
        Self { verb: Verb::Detach, module: Some(slot), channel: Some(channel) }
    }
}

impl FromStr for Request {
    type Err = String;

    /// A line such as `stop filter`.
    fn from_str(line: &str) -> Result<Self, String> {
        let mut words = line.split_whitespace();
        let word = words.next().unwrap_or_default();
        let found = VERBS.iter().find(|(verb, _)| *verb == word);
        let Some((_, verb)) = found else { return Err(format!("expected {HELP}; found `{line}`")) };
        match (*verb, words.next(), words.next(), words.next()) {
            (Verb::Detach, Some(channel), Some(slot), None) => Ok(Self::detach(channel.into(), slot.into())),
            (Verb::Detach, ..) => Err(format!("expected detach CHANNEL SLOT, found `{line}`")),
            (verb, module, None, _) => Ok(Self::new(verb, module.map(str::to_owned))),
            (_, _, Some(extra), _) => Err(format!("expected one module at most, found `{extra}` too")),
        }
    }
}

/// As it is typed.
impl std::fmt::Display for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.verb.word())?;
        [&self.channel, &self.module].into_iter().flatten().try_for_each(|name| write!(f, " {name}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_line_is_a_command_to_one_module_or_to_all() {
        let parse = |line: &str| line.parse::<Request>();
        assert_eq!(parse(" stop  filter "), Ok(Request::new(Verb::Stop, Some("filter".into()))));
        assert_eq!(parse("quit"), Ok(Request::new(Verb::Quit, None)));
        assert!(parse("halt").unwrap_err().starts_with("expected stop, resume"));
        assert_eq!(parse("detach frames filter"), Ok(Request::detach("frames".into(), "filter".into())));
        assert_eq!(parse("detach frames filter").unwrap().to_string(), "detach frames filter");
        assert_eq!(parse("detach frames").unwrap_err(), "expected detach CHANNEL SLOT, found `detach frames`");
        assert_eq!(parse("stop a b").unwrap_err(), "expected one module at most, found `b` too");
    }
}
