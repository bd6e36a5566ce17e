//! Text with colours, measured in columns of a terminal.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// How a piece of text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paint {
    Plain,
    Bold,
    Dim,
    Good,
    Busy,
    Bad,
    Calm,
    /// One of several that stand apart from each other: the names of modules.
    Name(usize),
}

/// A line of text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Line(Vec<(String, Paint)>);

/// Columns that a text takes.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

impl Line {
    /// Adds a piece.
    pub(crate) fn push(&mut self, text: impl Into<String>, paint: Paint) {
        let text = text.into();
        if !text.is_empty() {
            self.0.push((text, paint));
        }
    }

    /// Adds the pieces of another line.
    pub(crate) fn append(&mut self, other: &Self) {
        self.0.extend_from_slice(&other.0);
    }

    /// Columns that it takes.
    pub(crate) fn width(&self) -> usize {
        self.0.iter().map(|(text, _)| width(text)).sum()
    }

    /// Shortens it to so many columns, with a mark where something is left out.
    pub(crate) fn cut(&mut self, columns: usize) {
        if self.width() <= columns {
            return;
        }
        let mut left = columns.saturating_sub(1);
        let mut kept = Vec::new();
        for (text, paint) in std::mem::take(&mut self.0) {
            let mut part = String::new();
            for char in text.chars() {
                let Some(rest) = left.checked_sub(char.width().unwrap_or(0)) else {
                    left = 0;
                    break;
                };
                left = rest;
                part.push(char);
            }
            kept.push((part, paint));
            if left == 0 {
                break;
            }
        }
        if columns > 0 {
            kept.push(("…".into(), Paint::Dim));
        }
        self.0 = kept;
    }

    /// The same in lines of so many columns, broken at blanks where there are some; all but the first are indented.
    pub(crate) fn wrapped(&self, columns: usize, indent: usize) -> Vec<Self> {
        // A narrow terminal has no columns to give away.
        let indent = if 2 * indent < columns { indent } else { 0 };
        let chars = self.0.iter().flat_map(|(text, paint)| text.chars().map(|char| (char, *paint)));
        let chars: Vec<_> = chars.collect();
        let (mut rest, mut lines) = (&chars[..], Vec::new());
        loop {
            let mut line = Self::default();
            line.push(" ".repeat(if lines.is_empty() { 0 } else { indent }), Paint::Plain);
            let mut left = columns.saturating_sub(line.width());
            let fits = rest.iter().take_while(|(char, _)| match left.checked_sub(char.width().unwrap_or(0)) {
                Some(less) => {
                    left = less;
                    true
                }
                None => false,
            });
            let fits = fits.count();
            // What stands before the indent is the name of who speaks.
            let least = if lines.is_empty() { indent } else { 0 };
            let blank = rest.get(..=fits).and_then(|part| part.iter().rposition(|(char, _)| *char == ' '));
            let (end, next) = match blank {
                _ if fits == rest.len() => (fits, fits),
                Some(at) if at > least => (at, at + 1),
                _ => (fits.max(1), fits.max(1)),
            };
            for part in rest[..end].chunk_by(|(_, one), (_, other)| one == other) {
                line.push(part.iter().map(|(char, _)| char).collect::<String>(), part[0].1);
            }
            lines.push(line);
            rest = &rest[next..];
            if rest.is_empty() {
                return lines;
            }
        }
    }

    /// Without colours.
    pub(crate) fn plain(&self) -> String {
        self.0.iter().map(|(text, _)| text.as_str()).collect()
    }

    /// With the escape sequences of a terminal.
    pub(crate) fn painted(&self) -> String {
        let mut painted = String::new();
        for (text, paint) in &self.0 {
            match paint.code() {
                "" => painted.push_str(text),
                code => painted.push_str(&format!("\u{1b}[{code}m{text}\u{1b}[0m")),
            }
        }
        painted
    }
}

impl Paint {
    fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Bold => "1",
            Self::Dim => "2",
            Self::Good => "32",
            Self::Busy => "33",
            Self::Bad => "31",
            Self::Calm => "34",
            // No red, which says that something is wrong.
            Self::Name(index) => ["36", "35", "32", "34", "33", "96", "95", "92", "94", "93"][index % 10],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_cut_where_its_columns_end() {
        let mut line = Line::default();
        line.push("ab", Paint::Plain);
        line.push("日本語", Paint::Bad);
        assert_eq!(line.width(), 8);
        for (columns, expected) in [(8, "ab日本語"), (7, "ab日本…"), (6, "ab日…"), (2, "a…"), (1, "…"), (0, "")]
        {
            let mut cut = line.clone();
            cut.cut(columns);
            assert_eq!(cut.plain(), expected, "{columns}");
            assert!(cut.width() <= columns);
        }
        assert_eq!(line.painted(), "ab\u{1b}[31m日本語\u{1b}[0m");
    }

    #[test]
    fn a_line_is_wrapped_at_blanks_behind_the_name_of_who_speaks() {
        let mut line = Line::default();
        line.push("ipc", Paint::Bold);
        line.push(" · ", Paint::Dim);
        line.push("stop tow: expected 日本語 or one", Paint::Bad);
        let wrapped = |columns| line.wrapped(columns, 6).iter().map(Line::plain).collect::<Vec<_>>();
        assert_eq!(wrapped(80), [line.plain()]);
        assert_eq!(wrapped(16), ["ipc · stop tow:", "      expected", "      日本語 or", "      one"]);
        assert_eq!(
            wrapped(13),
            ["ipc · stop", "      tow:", "      expecte", "      d", "      日本語", "      or one"]
        );
        assert_eq!(wrapped(5)[..2], ["ipc ·", "stop"], "no indent, where that is most of it");
        assert_eq!(wrapped(0).len(), line.plain().chars().count(), "and it ends");
        assert!(line.wrapped(16, 6)[1].painted().ends_with("\u{1b}[31mexpected\u{1b}[0m"));
        assert_eq!(Line::default().wrapped(80, 6), [Line::default()]);
    }
}
