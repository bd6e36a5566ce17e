//! The controller's screen: the table above, what was told below it, and a line to type commands.

use std::collections::VecDeque;
use std::io::{self, stdout};
use std::sync::Arc;

use rustix::termios::tcgetwinsize;

use super::event::Event;
use super::face::{Names, Told};
use super::printer::Printer;
use super::request::HELP;
use super::snapshot::Snapshot;
use super::style::{Line, Paint, width};
use super::table;
use super::terminal::{ENTER, LEAVE, Terminal};

/// How many lines are kept to look back at, and are printed in the end.
const KEPT: usize = 5000;

/// A key that means something here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    Char(char),
    Enter,
    Backspace,
    /// Forgets the line.
    Clear,
    Up,
    Down,
    PageUp,
    PageDown,
    /// Is for the application, not for what is typed.
    Interrupt,
}

pub(crate) struct Screen {
    terminal: Arc<Terminal>,
    printer: Printer,
    names: Names,
    told: Told,
    /// How many lines below those that are shown.
    back: usize,
    line: String,
    /// What was typed before, and where in it the line is.
    history: Vec<String>,
    recalled: usize,
    snapshot: Option<Snapshot>,
    dirty: bool,
    open: bool,
}

impl Screen {
    /// Takes the terminal, on which the printer prints.
    pub(crate) fn open(names: Names, terminal: Arc<Terminal>, printer: Printer) -> io::Result<Self> {
        let (hook, panicked) = (std::panic::take_hook(), Arc::clone(&terminal));
        std::panic::set_hook(Box::new(move |panic| {
            panicked.restore();
            hook(panic);
        }));
        terminal.make_raw()?;
        printer.print(ENTER.into());
        Ok(Self {
            terminal,
            printer,
            names,
            told: Told::new(),
            back: 0,
            line: String::new(),
            history: Vec::new(),
            recalled: 0,
            snapshot: None,
            dirty: true,
            open: true,
        })
    }

    /// Adds what happened to the lower part.
    pub(crate) fn tell(&mut self, event: &Event) {
        for line in self.names.lines(event) {
            self.told.push_back(line);
            if self.told.len() > KEPT {
                self.told.pop_front();
            }
            if self.back > 0 {
                // Who looks back sees the same lines.
                self.back = (self.back + 1).min(self.told.len());
            }
        }
        self.dirty = true;
    }

    pub(crate) fn refresh(&mut self) {
        self.snapshot = None;
        self.dirty = true;
    }

    /// Draws the screen if something has changed.
    pub(crate) fn draw(&mut self, look: &mut dyn FnMut() -> Snapshot) {
        if !self.dirty {
            return;
        }
        self.dirty = false;
        let (columns, rows) = size();
        let snapshot = self.snapshot.get_or_insert_with(look);
        let table = table::lines(snapshot, columns.saturating_sub(2));
        let lines = self.lines(&table, columns, rows);
        // Without clearing, so that nothing flickers; hidden, so that the cursor does not run about.
        let mut text = String::from("\u{1b}[?2026h\u{1b}[?25l");
        for (row, line) in lines.iter().enumerate() {
            // Where a line ends, the cursor may stand on its last column, and what follows must not clear that.
            let rest = if line.width() < columns { "\u{1b}[K" } else { "" };
            text.push_str(&format!("\u{1b}[{};1H{}{rest}", row + 1, line.painted()));
        }
        let column = (3 + width(&self.line)).min(columns);
        text.push_str(&format!("\u{1b}[{};{column}H\u{1b}[?25h\u{1b}[?2026l", lines.len()));
        self.printer.draw(text);
    }

    /// All lines of the screen, from top to bottom.
    fn lines(&mut self, table: &[Line], columns: usize, rows: usize) -> Vec<Line> {
        let inset = |line: &Line| {
            let mut inset = Line::default();
            inset.push(" ", Paint::Plain);
            inset.append(line);
            inset
        };
        let mut lines: Vec<Line> = fitted(table, rows).iter().map(inset).collect();
        let space = rows.saturating_sub(lines.len() + 2);
        let wrapped = |line: &Line| line.wrapped(columns.saturating_sub(1), self.names.indent());
        // Who looks back sees the first lines on a whole screen.
        let mut filled = 0;
        let first = self.told.iter().take_while(|line| {
            let is_needed = filled < space;
            filled += if is_needed { wrapped(line).len() } else { 0 };
            is_needed
        });
        let first = first.count();
        let back = self.back.min(self.told.len() - first);
        let mut shown = VecDeque::new();
        for line in self.told.range(..self.told.len() - back).rev() {
            if shown.len() >= space {
                break;
            }
            wrapped(line).into_iter().rev().for_each(|line| shown.push_front(line));
        }
        shown.drain(..shown.len().saturating_sub(space));
        self.back = back;
        let mut rule = Line::default();
        let note = if self.back > 0 { format!(" {} more below ", self.back) } else { String::new() };
        rule.push("─".repeat(columns.saturating_sub(width(&note) + 2)), Paint::Dim);
        rule.push(note, Paint::Busy);
        rule.push("──", Paint::Dim);
        lines.push(rule);
        lines.extend(shown.iter().map(inset));
        lines.resize(rows.saturating_sub(1), Line::default());
        lines.push(self.prompt(columns));
        for line in &mut lines {
            line.cut(columns);
        }
        lines
    }

    fn prompt(&self, columns: usize) -> Line {
        let mut prompt = Line::default();
        prompt.push("❯ ", Paint::Good);
        prompt.push(&self.line, Paint::Plain);
        let help = format!("{HELP}  ·  Ctrl-C quits");
        if self.line.is_empty() && width(&help) + 4 <= columns {
            prompt.push(help, Paint::Dim);
        }
        prompt
    }

    /// Takes a key; gives a line that was typed.
    pub(crate) fn key(&mut self, key: Key) -> Option<String> {
        self.dirty = true;
        match key {
            Key::Char(char) => self.line.push(char),
            Key::Backspace => drop(self.line.pop()),
            Key::Clear => self.line.clear(),
            Key::Up | Key::Down => {
                self.recalled = match key {
                    Key::Up => self.recalled.saturating_sub(1),
                    _ => (self.recalled + 1).min(self.history.len()),
                };
                self.line = self.history.get(self.recalled).cloned().unwrap_or_default();
            }
            Key::PageUp => self.back = (self.back + size().1 / 2).min(self.told.len()),
            Key::PageDown => self.back = self.back.saturating_sub(size().1 / 2),
            Key::Interrupt => {}
            Key::Enter => {
                let line = std::mem::take(&mut self.line);
                if !line.trim().is_empty() && self.history.last() != Some(&line) {
                    self.history.push(line.clone());
                }
                self.recalled = self.history.len();
                self.back = 0;
                return Some(line);
            }
        }
        None
    }

    /// Gives the terminal back; gives what was told.
    pub(crate) fn close(&mut self) -> (Names, Told) {
        if std::mem::take(&mut self.open) {
            self.terminal.make_as_before();
            self.printer.print(LEAVE.into());
        }
        (self.names.clone(), std::mem::take(&mut self.told))
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.close();
    }
}

/// The table on a screen of so many rows, of which what was told keeps four, or a third: without empty lines if that helps,
/// else cut, which it says.
fn fitted(table: &[Line], rows: usize) -> Vec<Line> {
    // Without the rule, and what is typed.
    let rows = rows.saturating_sub(2);
    let space = rows - (rows / 3).min(4);
    let mut lines = table.to_vec();
    if lines.len() > space {
        lines.retain(|line| line.width() > 0);
    }
    if lines.len() > space {
        let kept = space.saturating_sub(1);
        let mut note = Line::default();
        note.push(format!("… {} more, on a taller terminal", lines.len() - kept), Paint::Busy);
        lines.truncate(kept);
        lines.push(note);
        lines.truncate(space);
    }
    lines
}

/// Reads keys until the terminal is closed or given back.
pub(crate) fn read_keys(terminal: &Terminal, mut pressed: impl FnMut(Key)) {
    let mut keys = Keys::default();
    let mut chunk = [0; 256];
    loop {
        match terminal.read(&mut chunk) {
            0 => return,
            bytes => keys.push(&chunk[..bytes], &mut pressed),
        }
    }
}

/// Makes keys of bytes.
#[derive(Default)]
struct Keys {
    part: Vec<u8>,
}

impl Keys {
    fn push(&mut self, bytes: &[u8], pressed: &mut impl FnMut(Key)) {
        self.part.extend_from_slice(bytes);
        while let Some((key, length)) = first_key(&self.part) {
            self.part.drain(..length);
            key.into_iter().for_each(&mut *pressed);
        }
    }
}

/// The first key, if it means something here, and its bytes; `None` if it is not whole.
fn first_key(bytes: &[u8]) -> Option<(Option<Key>, usize)> {
    let key = match bytes.first()? {
        b'\r' | b'\n' => Key::Enter,
        0x7f | 0x08 => Key::Backspace,
        0x03 | 0x04 => Key::Interrupt,
        0x15 => Key::Clear,
        0x1b => return Some(sequence(bytes)),
        0..0x20 => return Some((None, 1)),
        first => {
            let length = match first {
                0..0x80 => 1,
                0x80..0xe0 => 2,
                0xe0..0xf0 => 3,
                _ => 4,
            };
            let char = std::str::from_utf8(bytes.get(..length)?).ok().and_then(|text| text.chars().next());
            return Some((char.map(Key::Char), length));
        }
    };
    Some((Some(key), 1))
}

/// What begins with the escape character. A terminal sends such a sequence at once.
fn sequence(bytes: &[u8]) -> (Option<Key>, usize) {
    if !matches!(bytes.get(1), Some(b'[' | b'O')) {
        return (Some(Key::Clear), 1);
    }
    let end = bytes[2..].iter().position(|byte| (0x40..=0x7e).contains(byte)).map_or(bytes.len(), |end| end + 3);
    let key = match &bytes[2..end] {
        b"A" => Some(Key::Up),
        b"B" => Some(Key::Down),
        b"5~" => Some(Key::PageUp),
        b"6~" => Some(Key::PageDown),
        _ => None,
    };
    (key, end)
}

/// Columns and rows of the terminal.
fn size() -> (usize, usize) {
    match tcgetwinsize(stdout()) {
        Ok(size) if size.ws_col > 0 && size.ws_row > 0 => (size.ws_col.into(), size.ws_row.into()),
        _ => (80, 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole_on_a_usual_terminal_and_says_on_a_low_one_what_is_missing() {
        // Nine modules and two channels.
        let mut text: Vec<_> = (0..16).map(|line| format!("line {line}")).collect();
        (text[1], text[12]) = (String::new(), String::new());
        let table = text.iter().map(|text| {
            let mut line = Line::default();
            line.push(text, Paint::Plain);
            line
        });
        let table: Vec<_> = table.collect();
        let shown = |rows| fitted(&table, rows).iter().map(Line::plain).collect::<Vec<_>>();
        assert_eq!(shown(24), text);
        assert_eq!(shown(20), text.iter().filter(|line| !line.is_empty()).cloned().collect::<Vec<_>>());
        assert_eq!(shown(8), ["line 0", "line 2", "line 3", "… 11 more, on a taller terminal"]);
        assert_eq!((shown(3).len(), shown(2).len(), shown(0).len()), (1, 0, 0));
    }

    fn keys(chunks: &[&[u8]]) -> Vec<Key> {
        let (mut keys, mut pressed) = (Keys::default(), Vec::new());
        for chunk in chunks {
            keys.push(chunk, &mut |key| pressed.push(key));
        }
        pressed
    }

    #[test]
    fn keys_are_read_from_the_bytes_of_a_terminal() {
        assert_eq!(keys(&[b"aq\r"]), [Key::Char('a'), Key::Char('q'), Key::Enter]);
        assert_eq!(keys(&[b"\x1b[A\x1b[5~\x1b[6~\x1bOB"]), [Key::Up, Key::PageUp, Key::PageDown, Key::Down]);
        assert_eq!(keys(&[b"\x03\x7f\x15\x1b"]), [Key::Interrupt, Key::Backspace, Key::Clear, Key::Clear]);
        assert_eq!(keys(&["é".as_bytes().split_at(1).0, "é".as_bytes().split_at(1).1]), [Key::Char('é')]);
        assert_eq!(keys(&[b"\x1b[1;5Cx\t"]), [Key::Char('x')], "what means nothing is left out");
    }
}
