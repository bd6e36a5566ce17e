//! What people ask of a running application, at its terminal or from another one.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A command, to one module or to all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Request {
    pub(crate) verb: Verb,
    pub(crate) module: Option<String>,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verb {
    Stop,
    Resume,
    Restart,
    Quit,
    Status,
}

pub(crate) const VERBS: [(&str, Verb); 5] = [
    ("stop", Verb::Stop),
    ("resume", Verb::Resume),
    ("restart", Verb::Restart),
    ("quit", Verb::Quit),
    ("status", Verb::Status),
];

/// What can be typed.
pub(crate) const HELP: &str = "stop [MODULE], resume [MODULE], restart [MODULE], quit [MODULE], status";

impl Verb {
    pub(crate) fn word(self) -> &'static str {
        VERBS.iter().find(|(_, verb)| *verb == self).map_or("", |(word, _)| word)
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
        let request = Self { verb: *verb, module: words.next().map(str::to_owned) };
        match words.next() {
            None => Ok(request),
            Some(extra) => Err(format!("expected one module at most, found `{extra}` too")),
        }
    }
}

/// As it is typed.
impl std::fmt::Display for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.verb.word())?;
        self.module.as_ref().map_or(Ok(()), |module| write!(f, " {module}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_line_is_a_command_to_one_module_or_to_all() {
        let parse = |line: &str| line.parse::<Request>();
        assert_eq!(parse(" stop  filter "), Ok(Request { verb: Verb::Stop, module: Some("filter".into()) }));
        assert_eq!(parse("quit"), Ok(Request { verb: Verb::Quit, module: None }));
        assert!(parse("halt").unwrap_err().starts_with("expected stop [MODULE]"));
        assert_eq!(parse("stop a b").unwrap_err(), "expected one module at most, found `b` too");
    }
}
