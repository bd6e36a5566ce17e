//! What happens to an application, for people and for programs.

use std::fmt;

use serde::Serialize;

use super::link::End;

/// One thing that happened. As JSON its name stands in `event`; the keys are described in the README.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Event {
    /// The rings are there, and the modules are started.
    Begin { file: String, modules: usize, channels: usize },
    /// A module's process is there.
    Started { module: String, process: u32, restarts: u32 },
    /// It has opened all its ends.
    Ready { module: String },
    /// All modules are ready, or have ended.
    Running,
    /// A line of its output.
    Output { module: String, stream: Stream, text: String },
    /// Its main loop stands still.
    Stopped { module: String },
    /// Its main loop goes on.
    Resumed { module: String },
    /// Its main loop ends.
    Quitting { module: String },
    /// It does not answer, or its main loop does not come back.
    Hangs { module: String, why: String },
    /// It hangs no more.
    Recovered { module: String },
    /// It was not ready in time, or did not end in time, and is ended by force.
    Forced { module: String, why: String },
    /// It is no more, nor is what it had started.
    Ended {
        module: String,
        /// As it stands after the module's name: `ended with exit status 1`.
        how: String,
        failed: bool,
        exit_status: Option<i32>,
        signal: Option<i32>,
        /// After which time it is started again.
        restart_in_ms: Option<u64>,
    },
    /// Something about a module, or the application, that somebody should know.
    Problem { module: Option<String>, text: String },
    /// A command, and how it went.
    Command { command: String, ok: bool, answer: String },
    /// The modules are told to quit.
    Ending { why: String },
    /// Nothing runs any more.
    End { ok: bool, failed: Vec<String> },
}

/// From where a line of output came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Stream {
    Output,
    Error,
}

impl Event {
    /// A module's end.
    pub(crate) fn ended(module: &str, end: &End, restart_in_ms: Option<u64>, failed: bool) -> Self {
        let (exit_status, signal) = match end {
            End::Exit(status) => (Some(*status), None),
            End::Signal(signal) => (None, Some(*signal)),
            End::NotStarted(_) => (None, None),
        };
        Self::Ended { module: module.into(), how: end.to_string(), failed, exit_status, signal, restart_in_ms }
    }

    /// Of which module it tells.
    pub(crate) fn module(&self) -> Option<&str> {
        match self {
            Self::Started { module, .. }
            | Self::Ready { module }
            | Self::Output { module, .. }
            | Self::Stopped { module }
            | Self::Resumed { module }
            | Self::Quitting { module }
            | Self::Hangs { module, .. }
            | Self::Recovered { module }
            | Self::Forced { module, .. }
            | Self::Ended { module, .. } => Some(module),
            Self::Problem { module, .. } => module.as_deref(),
            Self::Begin { .. } | Self::Running | Self::Command { .. } | Self::Ending { .. } | Self::End { .. } => None,
        }
    }

    /// Whether it is something that went wrong.
    pub(crate) fn is_bad(&self) -> bool {
        match self {
            Self::Hangs { .. } | Self::Forced { .. } | Self::Problem { .. } => true,
            Self::Ended { failed, .. } => *failed,
            Self::Command { ok, .. } | Self::End { ok, .. } => !ok,
            _ => false,
        }
    }
}

/// What happened, without the module's name.
impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Begin { file, modules, channels } => {
                let counted = crate::check::counted;
                write!(f, "starting {file}: {}, {}", counted(*modules, "module"), counted(*channels, "channel"))
            }
            Self::Started { process, restarts: 0, .. } => write!(f, "started as process {process}"),
            Self::Started { process, restarts, .. } => write!(f, "started as process {process}, restart {restarts}"),
            Self::Ready { .. } => f.write_str("ready"),
            Self::Running => f.write_str("running"),
            Self::Output { text, .. } => f.write_str(text),
            Self::Stopped { .. } => f.write_str("stopped"),
            Self::Resumed { .. } => f.write_str("resumed"),
            Self::Quitting { .. } => f.write_str("quitting"),
            Self::Hangs { why, .. } => write!(f, "hangs: {why}"),
            Self::Recovered { .. } => f.write_str("goes on, and hangs no more"),
            Self::Forced { why, .. } => write!(f, "{why}: ending it by force"),
            Self::Ended { how, restart_in_ms: None, .. } => f.write_str(how),
            Self::Ended { how, restart_in_ms: Some(ms), .. } => {
                write!(f, "{how}; it is started again in {}", seconds(*ms))
            }
            Self::Problem { text, .. } => f.write_str(text),
            Self::Command { command, answer, .. } => write!(f, "{command}: {answer}"),
            Self::Ending { why } => write!(f, "ending: {why}"),
            Self::End { ok: true, .. } => f.write_str("ended"),
            Self::End { failed, .. } => {
                f.write_str("ended, and not well:")?;
                failed.iter().try_for_each(|why| write!(f, "\n  {why}"))
            }
        }
    }
}

/// `20 ms`, `0.4 s`, `12 s`.
pub(crate) fn seconds(ms: u64) -> String {
    let seconds = ms as f64 / 1000.0;
    match ms {
        0..100 => format!("{ms} ms"),
        100..10_000 => format!("{seconds:.1} s"),
        _ => format!("{seconds:.0} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_is_told_in_the_unit_that_shows_it() {
        assert_eq!([10, 99, 100, 9_900, 12_000].map(seconds), ["10 ms", "99 ms", "0.1 s", "9.9 s", "12 s"]);
    }
}
