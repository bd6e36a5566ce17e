//! What people see of a running application: lines, lines of JSON, or a screen.

use std::collections::VecDeque;
use std::io::{IsTerminal, stdout};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;

use super::event::{Event, Stream};
use super::printer::Printer;
use super::screen::{Key, Screen};
use super::snapshot::Snapshot;
use super::style::{Line, Paint, width};

/// One of the three, and what prints it.
pub(crate) struct Face {
    kind: Kind,
    printer: Printer,
}

/// Which of the three.
pub(crate) enum Kind {
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
    pub(crate) fn new(kind: Kind, printer: Printer) -> Self {
        Self { kind, printer }
    }

    /// Tells what happened.
    pub(crate) fn tell(&mut self, event: &Event) {
        match &mut self.kind {
            Kind::Lines(names) => {
                for line in names.lines(event) {
                    let line = if stdout().is_terminal() { line.painted() } else { line.plain() };
                    self.printer.print(line + "\n");
                }
            }
            Kind::Json => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                if let Ok(line) = serde_json::to_string(&Timed { time_ms: since.as_millis() as u64, event }) {
                    self.printer.print(line + "\n");
                }
            }
            Kind::Screen(screen) => screen.tell(event),
        }
    }

    /// Something may have changed: the next [`draw`](Self::draw) looks again.
    pub(crate) fn refresh(&mut self) {
        if let Kind::Screen(screen) = &mut self.kind {
            screen.refresh();
        }
    }

    /// Draws what has changed.
    pub(crate) fn draw(&mut self, look: &mut dyn FnMut() -> Snapshot) {
        if let Kind::Screen(screen) = &mut self.kind {
            screen.draw(look);
        }
    }

    /// Takes a key; gives a line that was typed.
    pub(crate) fn key(&mut self, key: Key) -> Option<String> {
        match &mut self.kind {
            Kind::Screen(screen) => screen.key(key),
            _ => None,
        }
    }

    /// Leaves the screen, and prints what was told on it.
    pub(crate) fn close(&mut self) {
        if let Kind::Screen(screen) = &mut self.kind {
            let (names, told) = screen.close();
            told.iter().for_each(|line| self.printer.print(line.painted() + "\n"));
            self.kind = Kind::Lines(names);
        }
    }
}

impl Names {
    pub(crate) fn new(names: impl Iterator<Item = String>) -> Self {
        let names: Vec<_> = names.collect();
        let columns = names.iter().map(|name| width(name)).max().unwrap_or_default().max(3);
        Self { names, columns }
    }

    /// Columns before what is said.
    pub(crate) fn indent(&self) -> usize {
        self.columns + width(" · ")
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
