//! What people see of a running application: lines, lines of JSON, or a screen.

use std::collections::VecDeque;
use std::io::{IsTerminal, Write, stdout};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;

use super::event::{Event, Stream};
use super::screen::{Key, Screen};
use super::snapshot::Snapshot;
use super::style::{Line, Paint, width};

/// One of the three.
pub(crate) enum Face {
    Lines(Names),
    Json,
    Screen(Box<Screen>),
}

/// The modules' names, which stand before their lines.
#[derive(Clone)]
pub(crate) struct Names {
    names: Vec<String>,
    columns: usize,
}

/// An event and when it was.
#[derive(Serialize)]
struct Timed<'e> {
    time_ms: u64,
    #[serde(flatten)]
    event: &'e Event,
}

impl Face {
    /// Tells what happened.
    pub(crate) fn tell(&mut self, event: &Event) {
        match self {
            Self::Lines(names) => {
                for line in names.lines(event) {
                    print(&if stdout().is_terminal() { line.painted() } else { line.plain() });
                }
            }
            Self::Json => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                if let Ok(line) = serde_json::to_string(&Timed { time_ms: since.as_millis() as u64, event }) {
                    print(&line);
                }
            }
            Self::Screen(screen) => screen.tell(event),
        }
    }

    /// Something may have changed: the next [`draw`](Self::draw) looks again.
    pub(crate) fn refresh(&mut self) {
        if let Self::Screen(screen) = self {
            screen.refresh();
        }
    }

    /// Draws what has changed.
    pub(crate) fn draw(&mut self, look: &mut dyn FnMut() -> Snapshot) {
        if let Self::Screen(screen) = self {
            screen.draw(look);
        }
    }

    /// Takes a key; gives a line that was typed, or what asks the application to end.
    pub(crate) fn key(&mut self, key: Key) -> Option<Result<String, &'static str>> {
        match self {
            Self::Screen(screen) => screen.key(key),
            _ => None,
        }
    }

    /// Leaves the screen, and prints what was told on it.
    pub(crate) fn close(&mut self) {
        if let Self::Screen(screen) = self {
            let (names, told) = screen.close();
            told.iter().for_each(|line| print(&line.painted()));
            *self = Self::Lines(names);
        }
    }
}

/// Whoever reads may have gone.
fn print(line: &str) {
    let mut out = stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

impl Names {
    pub(crate) fn new(names: impl Iterator<Item = String>) -> Self {
        let names: Vec<_> = names.collect();
        let columns = names.iter().map(|name| width(name)).max().unwrap_or_default().max(3);
        Self { names, columns }
    }

    /// An event as lines: the module's name, a bar, and what was said; dots where it is the controller that speaks.
    pub(crate) fn lines(&self, event: &Event) -> Vec<Line> {
        let name = event.module().unwrap_or("ipc");
        let paint = self.names.iter().position(|other| other == name).map_or(Paint::Bold, Paint::Name);
        let (bar, told) = match event {
            Event::Output { stream: Stream::Output, .. } => (" │ ", Paint::Plain),
            Event::Output { stream: Stream::Error, .. } => (" ┃ ", Paint::Plain),
            event if event.is_bad() => (" · ", Paint::Bad),
            Event::Ready { .. } | Event::Running => (" · ", Paint::Good),
            _ => (" · ", Paint::Dim),
        };
        let text = event.to_string();
        // An empty line is one too.
        let texts = if text.is_empty() { vec![""] } else { text.lines().collect() };
        let one = texts.into_iter().map(|text| {
            let mut line = Line::default();
            line.push(format!("{name}{}", " ".repeat(self.columns.saturating_sub(width(name)))), paint);
            line.push(bar, Paint::Dim);
            line.push(text, told);
            line
        });
        one.collect()
    }
}

/// The last lines that were told.
pub(crate) type Told = VecDeque<Line>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_line_of_a_module_is_one_too() {
        let names = Names::new(["camera".to_owned()].into_iter());
        let lines = |text: &str| {
            let event = Event::Output { module: "camera".into(), stream: Stream::Error, text: text.into() };
            names.lines(&event).iter().map(Line::plain).collect::<Vec<_>>()
        };
        assert_eq!(lines(""), ["camera ┃ "]);
        assert_eq!(lines("on"), ["camera ┃ on"]);
    }
}
