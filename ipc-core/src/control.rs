//! What a controller and the modules of an application tell each other: lines of JSON.
//!
//! | from | line | meaning |
//! | --- | --- | --- |
//! | controller | `{"ipc":"stop"}` | takes and sends no frames until resumed |
//! | | `{"ipc":"resume"}` | goes on |
//! | | `{"ipc":"quit"}` | ends its main loop; the end of the controller's lines means the same |
//! | | `{"ipc":"ask","id":7}` | answers with a status of that id |
//! | module | `{"ipc":"ready"}` | all its ends are open |
//! | | `{"ipc":"stopped"}`, `{"ipc":"resumed"}`, `{"ipc":"quitting"}` | its main loop is there |
//! | | `{"ipc":"status","id":7,"busy_ms":0,"channels":{"frames":{"received":1200,"p50_ns":41000,"p99_ns":90000}}}` | see [`Status`] |
//! | | the same with `"more":true` | the next line goes on with the status of this id |
//! | | `{"ipc":"error","text":"…"}` | a line of the controller was not understood |
//!
//! Every line begins as [`PREFIX`]. A module that speaks over its standard output shares it with its log, of which the last
//! line may not be whole. So it writes a line break, the line and its break at once, and who listens leaves out one empty line
//! before each of them: see [`Listener`]. No line is longer than what a pipe takes at once, [`MAX_REPORT_BYTES`], so whatever else
//! writes there, each is whole; what is longer comes in several: see [`Report::lines`].
//!
//! Unknown keys mean nothing, so that a controller and its modules can be of different versions.

use std::fmt;

use ipc_schema::canonical::quoted;
use ipc_schema::json;
use jsonc_parser::ast::{Object, Value};

/// How every line begins.
pub const PREFIX: &str = "{\"ipc\":";

/// The most bytes of a report with both line breaks: what Linux writes to a pipe in one piece, however full that is (PIPE_BUF).
pub const MAX_REPORT_BYTES: usize = 4096;

/// The most characters of an error's text: each may take six bytes.
const MAX_ERROR_CHARS: usize = 600;

/// What a controller tells a module. `Display` gives the line, without its break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Take and send no frames until [`Resume`](Self::Resume).
    Stop,
    /// Go on.
    Resume,
    /// End the main loop.
    Quit,
    /// Answer with a [`Report::Status`].
    Ask {
        /// Comes back in the answer.
        id: u64,
    },
}

/// What a module tells its controller. `Display` gives the line, without its breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// All its ends are open.
    Ready,
    /// Its main loop has stopped.
    Stopped,
    /// Its main loop goes on.
    Resumed,
    /// Its main loop ends.
    Quitting,
    /// The answer to [`Command::Ask`].
    Status(Status),
    /// It did not understand a line.
    Error {
        /// What was wrong with it.
        text: String,
    },
}

/// How a module is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Status {
    /// The id of the question.
    pub id: u64,
    /// For how long its main loop has not been back in the communicator; 0 while it waits there.
    pub busy_ms: u64,
    /// The channels that it reads.
    pub channels: Vec<ChannelStatus>,
    /// Whether this is a part, and the next line goes on with it.
    pub more: bool,
}

/// How a channel is, seen from a module that reads it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChannelStatus {
    /// The channel's name.
    pub name: String,
    /// Frames that its main loop was given since the module started.
    pub received: u64,
    /// Of those that it was given since the status before; `None` if there was none.
    pub latency: Option<Latency>,
}

/// The times from a frame's publishing to its being given to the main loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Latency {
    /// The time that half of the frames did not exceed.
    pub p50_ns: u64,
    /// The time that 99 of 100 frames did not exceed.
    pub p99_ns: u64,
}

impl Command {
    /// Reads a line of the controller.
    ///
    /// # Errors
    ///
    /// What was expected and what was found, for [`Report::Error`].
    pub fn parse(line: &str) -> Result<Self, String> {
        let line = Line::parse(line)?;
        match line.kind()? {
            "stop" => Ok(Self::Stop),
            "resume" => Ok(Self::Resume),
            "quit" => Ok(Self::Quit),
            "ask" => Ok(Self::Ask { id: number(&line.0, "id")? }),
            other => Err(format!("expected \"stop\", \"resume\", \"quit\" or \"ask\", found {other:?}")),
        }
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stop => write!(f, "{PREFIX}\"stop\"}}"),
            Self::Resume => write!(f, "{PREFIX}\"resume\"}}"),
            Self::Quit => write!(f, "{PREFIX}\"quit\"}}"),
            Self::Ask { id } => write!(f, "{PREFIX}\"ask\",\"id\":{id}}}"),
        }
    }
}

impl Report {
    /// Reads a line of a module that begins as [`PREFIX`].
    ///
    /// # Errors
    ///
    /// What was expected and what was found.
    pub fn parse(line: &str) -> Result<Self, String> {
        let line = Line::parse(line)?;
        match line.kind()? {
            "ready" => Ok(Self::Ready),
            "stopped" => Ok(Self::Stopped),
            "resumed" => Ok(Self::Resumed),
            "quitting" => Ok(Self::Quitting),
            "status" => {
                let channels = object(&line.0, "channels")?;
                let names = channels.properties.iter().map(|property| property.name.as_str());
                let channels = names.map(|name| ChannelStatus::read(name, object(channels, name)?));
                let (id, busy_ms) = (number(&line.0, "id")?, number(&line.0, "busy_ms")?);
                let more = matches!(member(&line.0, "more"), Ok(Value::BooleanLit(more)) if more.value);
                Ok(Self::Status(Status { id, busy_ms, channels: channels.collect::<Result<_, String>>()?, more }))
            }
            "error" => Ok(Self::Error { text: text(&line.0, "text")?.to_owned() }),
            other => Err(format!("expected the report of a module, found {other:?}")),
        }
    }

    /// The lines that a module writes, without their breaks, each of at most [`MAX_REPORT_BYTES`] with them. A status of many
    /// channels comes in parts, which a [`Listener`] puts together; the text of an error is cut.
    pub fn lines(&self) -> Vec<String> {
        match self {
            Self::Status(status) => status.parts().map(|part| Self::Status(part).to_string()).collect(),
            Self::Error { text } if text.chars().count() > MAX_ERROR_CHARS => {
                let text = text.chars().take(MAX_ERROR_CHARS).chain(['…']).collect();
                vec![Self::Error { text }.to_string()]
            }
            _ => vec![self.to_string()],
        }
    }
}

impl Status {
    fn parts(&self) -> impl Iterator<Item = Self> {
        // Of all but the channels, with the longest numbers.
        const REST_BYTES: usize = 128;
        let (mut parts, mut bytes) = (vec![Vec::new()], REST_BYTES);
        for channel in &self.channels {
            let more = channel.to_string().len() + 1;
            if bytes + more > MAX_REPORT_BYTES {
                parts.push(Vec::new());
                bytes = REST_BYTES;
            }
            bytes += more;
            parts.last_mut().expect("there is one").push(channel.clone());
        }
        let last = parts.len() - 1;
        let parts = parts.into_iter().enumerate();
        parts.map(move |(index, channels)| Self { channels, more: index < last, ..*self })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ready => write!(f, "{PREFIX}\"ready\"}}"),
            Self::Stopped => write!(f, "{PREFIX}\"stopped\"}}"),
            Self::Resumed => write!(f, "{PREFIX}\"resumed\"}}"),
            Self::Quitting => write!(f, "{PREFIX}\"quitting\"}}"),
            Self::Error { text } => write!(f, "{PREFIX}\"error\",\"text\":{}}}", quoted(text)),
            Self::Status(Status { id, busy_ms, channels, more }) => {
                let more = if *more { ",\"more\":true" } else { "" };
                write!(f, "{PREFIX}\"status\",\"id\":{id},\"busy_ms\":{busy_ms}{more},\"channels\":{{")?;
                for (index, channel) in channels.iter().enumerate() {
                    write!(f, "{}{channel}", if index == 0 { "" } else { "," })?;
                }
                f.write_str("}}")
            }
        }
    }
}

/// As a member of a status' `channels`.
impl fmt::Display for ChannelStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{{\"received\":{}", quoted(&self.name), self.received)?;
        if let Some(Latency { p50_ns, p99_ns }) = self.latency {
            write!(f, ",\"p50_ns\":{p50_ns},\"p99_ns\":{p99_ns}")?;
        }
        f.write_str("}")
    }
}

impl ChannelStatus {
    fn read(name: &str, status: &Object<'_>) -> Result<Self, String> {
        let latency = match status.get("p50_ns") {
            Some(_) => Some(Latency { p50_ns: number(status, "p50_ns")?, p99_ns: number(status, "p99_ns")? }),
            None => None,
        };
        Ok(Self { name: name.to_owned(), received: number(status, "received")?, latency })
    }
}

/// Tells a module's reports from its log.
#[derive(Debug, Default)]
pub struct Listener {
    /// An empty line came, which belongs to the report that may follow.
    empty: bool,
    /// What has come of a status whose parts have not all come.
    begun: Option<Status>,
}

/// What a module said in one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said<'l> {
    /// A line of its log, without its break.
    Log(&'l str),
    /// A report, or what is wrong with it.
    Report(Result<Report, String>),
}

impl Listener {
    /// Takes the next line of a module's output, without its break; `hear` gets what was said.
    pub fn line<'l>(&mut self, line: &'l str, mut hear: impl FnMut(Said<'l>)) {
        if line.starts_with(PREFIX) {
            self.empty = false;
            let report = match Report::parse(line) {
                Ok(Report::Status(part)) => match self.join(part) {
                    Some(status) => Ok(Report::Status(status)),
                    None => return,
                },
                report => report,
            };
            return hear(Said::Report(report));
        }
        self.end(&mut hear);
        if line.is_empty() {
            self.empty = true;
        } else {
            hear(Said::Log(line));
        }
    }

    /// There are no more lines.
    pub fn end<'l>(&mut self, mut hear: impl FnMut(Said<'l>)) {
        if std::mem::take(&mut self.empty) {
            hear(Said::Log(""));
        }
    }

    /// Adds a part of a status; gives it when it is whole.
    fn join(&mut self, part: Status) -> Option<Status> {
        let begun = self.begun.take().filter(|begun| begun.id == part.id);
        let mut channels = begun.map_or(Vec::new(), |begun| begun.channels);
        channels.extend(part.channels);
        let status = Status { channels, ..part };
        if status.more {
            self.begun = Some(status);
            return None;
        }
        Some(status)
    }
}

/// An object of JSON, as one line.
struct Line<'j>(Object<'j>);

impl<'j> Line<'j> {
    fn parse(line: &'j str) -> Result<Self, String> {
        let expected = format!("a line such as {PREFIX}\"ready\"}}");
        match json::value(line, &expected) {
            Ok(Value::Object(object)) => Ok(Self(object)),
            Ok(_) => Err(format!("expected {expected}, found {line:?}")),
            Err((_, message)) => Err(format!("{line:?}: {message}")),
        }
    }

    fn kind(&self) -> Result<&str, String> {
        text(&self.0, "ipc")
    }
}

fn member<'o, 'j>(object: &'o Object<'j>, key: &str) -> Result<&'o Value<'j>, String> {
    object.get(key).map(|property| &property.value).ok_or_else(|| format!("expected the key {key:?}"))
}

fn text<'o>(object: &'o Object<'_>, key: &str) -> Result<&'o str, String> {
    match member(object, key)? {
        Value::StringLit(text) => Ok(&text.value),
        _ => Err(format!("expected a string as {key:?}")),
    }
}

fn number(object: &Object<'_>, key: &str) -> Result<u64, String> {
    match member(object, key)? {
        Value::NumberLit(number) => number.value.parse().ok(),
        _ => None,
    }
    .ok_or_else(|| format!("expected a whole number of at most 64 bits as {key:?}"))
}

fn object<'o, 'j>(object: &'o Object<'j>, key: &str) -> Result<&'o Object<'j>, String> {
    match member(object, key)? {
        Value::Object(inner) => Ok(inner),
        _ => Err(format!("expected an object as {key:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_read_as_it_was_written() {
        for command in [Command::Stop, Command::Resume, Command::Quit, Command::Ask { id: u64::MAX }] {
            let line = command.to_string();
            assert!(line.starts_with(PREFIX), "{line}");
            assert_eq!(Command::parse(&line), Ok(command));
        }
    }

    #[test]
    fn every_report_is_read_as_it_was_written() {
        let frames = ChannelStatus {
            name: "frames".to_owned(),
            received: 1200,
            latency: Some(Latency { p50_ns: 41_000, p99_ns: 90_000 }),
        };
        let idle = ChannelStatus { name: "idle".to_owned(), ..Default::default() };
        let status = Status { id: 7, busy_ms: 0, channels: vec![frames, idle], more: true };
        let error = Report::Error { text: "\"so\" \\ and\n\u{1} on".to_owned() };
        for report in [Report::Ready, Report::Stopped, Report::Resumed, Report::Quitting, Report::Status(status), error]
        {
            let line = report.to_string();
            assert!(line.starts_with(PREFIX) && !line.contains('\n'), "{line}");
            assert_eq!(Report::parse(&line), Ok(report));
        }
    }

    #[test]
    fn the_lines_are_those_of_the_table() {
        assert_eq!(Command::Stop.to_string(), r#"{"ipc":"stop"}"#);
        assert_eq!(Command::Ask { id: 7 }.to_string(), r#"{"ipc":"ask","id":7}"#);
        let frames = ChannelStatus {
            name: "frames".to_owned(),
            received: 1200,
            latency: Some(Latency { p50_ns: 41_000, p99_ns: 90_000 }),
        };
        assert_eq!(
            Report::Status(Status { id: 7, channels: vec![frames], ..Default::default() }).to_string(),
            r#"{"ipc":"status","id":7,"busy_ms":0,"channels":{"frames":{"received":1200,"p50_ns":41000,"p99_ns":90000}}}"#
        );
    }

    #[test]
    fn unknown_keys_mean_nothing() {
        assert_eq!(Command::parse(r#"{"ipc":"stop","by":"somebody","at":[1,{}]}"#), Ok(Command::Stop));
        let status = r#"{"ipc":"status","id":1,"busy_ms":2,"load":0.5,"channels":{"a":{"received":3,"lost":0}}}"#;
        let a = ChannelStatus { name: "a".to_owned(), received: 3, latency: None };
        assert_eq!(
            Report::parse(status),
            Ok(Report::Status(Status { id: 1, busy_ms: 2, channels: vec![a], more: false }))
        );
    }

    #[test]
    fn what_is_no_command_is_told_with_what_was_expected() {
        let problem = |line: &str| Command::parse(line).unwrap_err();
        assert!(problem(r#"{"ipc":"halt"}"#).contains("\"halt\""));
        assert!(problem(r#"{"ipc":"ask"}"#).contains("\"id\""));
        assert!(problem(r#"{"ipc":"ask","id":-1}"#).contains("\"id\""));
        assert!(problem(r#"{"ipc":"ask","id":"7"}"#).contains("\"id\""));
        assert!(problem(r#"{"ipc":1}"#).contains("\"ipc\""));
        assert!(problem("stop").contains("stop"));
        assert!(problem("").contains("expected a line"));
        assert!(problem(&format!("{PREFIX}{}", "[".repeat(100_000))).contains("64 deep"));
    }

    #[test]
    fn what_is_longer_than_a_pipe_takes_at_once_comes_in_several_lines_and_is_put_together() {
        let channel = |number| ChannelStatus {
            name: format!("channel_{number}"),
            received: u64::MAX,
            latency: Some(Latency { p50_ns: u64::MAX, p99_ns: u64::MAX }),
        };
        let status = |id, count| {
            let channels = (0..count).map(channel).collect();
            Report::Status(Status { id, busy_ms: u64::MAX, channels, more: false })
        };
        let mut listener = Listener::default();
        let mut hear = |lines: &[String]| {
            let mut heard = Vec::new();
            for line in lines {
                assert!(line.len() + 2 <= MAX_REPORT_BYTES, "{}", line.len());
                listener.line("", |said| panic!("{said:?}"));
                listener.line(line, |said| heard.push(said));
            }
            heard.into_iter().map(|said| format!("{said:?}")).collect::<Vec<_>>()
        };
        let said = |report| format!("{:?}", Said::Report(Ok(report)));
        for count in [0, 1, 20, 50, 100, 1000] {
            let lines = status(u64::MAX, count).lines();
            assert!(count < 50 || lines.len() > 1, "{count}");
            assert_eq!(hear(&lines), [said(status(u64::MAX, count))], "{count}");
        }
        // One that never became whole is forgotten.
        assert!(hear(&status(7, 100).lines()[..1]).is_empty());
        assert_eq!(hear(&status(8, 1).lines()), [said(status(8, 1))]);
        let error = Report::Error { text: "\u{1}".repeat(10_000) };
        assert_eq!(hear(&error.lines()), [said(Report::Error { text: "\u{1}".repeat(600) + "…" })]);
    }

    #[test]
    fn a_listener_tells_reports_from_the_log_and_leaves_out_the_line_break_before_each() {
        let output = "one\n\n{\"ipc\":\"ready\"}\nhalf\n{\"ipc\":\"stopped\"}\nof a line\n\n\n{\"ipc\":1}\n\nlast\n\n";
        let mut listener = Listener::default();
        let mut heard = Vec::new();
        for line in output.lines() {
            listener.line(line, |said| heard.push(said));
        }
        listener.end(|said| heard.push(said));
        let bad = Said::Report(Err("expected a string as \"ipc\"".to_owned()));
        let expected = [
            Said::Log("one"),
            Said::Report(Ok(Report::Ready)),
            Said::Log("half"),
            Said::Report(Ok(Report::Stopped)),
            Said::Log("of a line"),
            Said::Log(""),
            bad,
            Said::Log(""),
            Said::Log("last"),
            Said::Log(""),
        ];
        assert_eq!(heard, expected);
    }
}
