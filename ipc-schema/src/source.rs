//! The texts that are being read, places in them, and the errors found so far.

use std::ops::Range;
use std::path::PathBuf;

use crate::errors::{SchemaError, SchemaErrors};

/// After this many errors the rest is counted only: a hostile text must not make its reader work without end.
const MAX_ERRORS: usize = 100;

/// A longer message is cut, since names in it are as long as a text makes them.
const MAX_MESSAGE_CHARS: usize = 2000;

/// Characters of a source line that an error shows, and how many of them stand before its column.
const EXCERPT_CHARS: usize = 160;
const EXCERPT_CHARS_BEFORE: usize = 60;

/// Suggestions are looked for among this many names at most, and only for the first errors, for the same reason.
const MAX_CANDIDATES: usize = 1000;
const MAX_SUGGESTIONS: usize = 10;

/// A place: bytes of one source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) source: usize,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Span {
    pub(crate) fn at(source: usize, range: Range<usize>) -> Self {
        Self { source, start: range.start, end: range.end }
    }
}

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Spanned<T> {
    pub(crate) value: T,
    pub(crate) span: Span,
}

/// One text.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) name: String,
    pub(crate) path: Option<PathBuf>,
    pub(crate) text: String,
}

/// All texts of a schema, and what is wrong with them.
#[derive(Debug, Default)]
pub(crate) struct Diagnostics {
    pub(crate) sources: Vec<Source>,
    problems: Vec<(Span, String, Option<String>)>,
    unlisted: usize,
    /// Whether some declarations could not be read at all, so that a name nobody declares is no further error.
    pub(crate) names_missing: bool,
}

impl Diagnostics {
    pub(crate) fn error(&mut self, span: Span, message: impl Into<String>) {
        self.report(span, message.into(), None);
    }

    pub(crate) fn error_help(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.report(span, message.into(), Some(help.into()));
    }

    pub(crate) fn report(&mut self, span: Span, message: String, help: Option<String>) {
        if self.is_full() {
            self.unlisted += 1;
        } else {
            self.problems.push((span, message, help));
        }
    }

    /// How many errors there are: compared before and after a step, it says whether the step found any.
    pub(crate) fn count(&self) -> usize {
        self.problems.len() + self.unlisted
    }

    /// "did you mean …?", if one of the candidates is close to `name`. They are asked for only if the error is an early one.
    pub(crate) fn suggest<'a, C>(&self, name: &str, candidates: impl FnOnce() -> C) -> Option<String>
    where
        C: IntoIterator<Item = &'a str>,
    {
        if self.problems.len() >= MAX_SUGGESTIONS {
            return None;
        }
        nearest(name, candidates().into_iter().take(MAX_CANDIDATES)).map(|near| format!("did you mean `{near}`?"))
    }

    /// `file:line` of a place, to name it in another place's error.
    pub(crate) fn place(&self, span: Span) -> String {
        if self.is_full() {
            return String::new();
        }
        let source = &self.sources[span.source];
        format!("{}:{}", source.name, line_and_column(&source.text, span.start).0)
    }

    /// Whether further errors are not listed, so that no work goes into their text.
    fn is_full(&self) -> bool {
        self.problems.len() >= MAX_ERRORS
    }

    /// Bytes `range` of a JSON string's value, as a place in the source; `literal` is the string with its quotes.
    pub(crate) fn inside_string(&self, literal: Span, range: Range<usize>) -> Span {
        let raw = &self.sources[literal.source].text[literal.start + 1..literal.end - 1];
        let at = |offset| literal.start + 1 + raw_offset(raw, offset);
        Span::at(literal.source, at(range.start)..at(range.end))
    }

    /// The errors in order, if there are any.
    pub(crate) fn into_errors(mut self) -> Option<SchemaErrors> {
        self.problems.sort_by_key(|(span, ..)| (span.source, span.start, span.end));
        let mut errors: Vec<_> =
            self.problems.iter().map(|(span, message, help)| self.located(*span, message, help)).collect();
        if let (Some(last), true) = (errors.last_mut(), self.unlisted > 0) {
            let more = format!("{} further errors are not listed", self.unlisted);
            last.help = Some(last.help.take().map_or(more.clone(), |help| format!("{help}; {more}")));
        }
        (!errors.is_empty()).then_some(SchemaErrors { errors })
    }

    fn located(&self, span: Span, message: &str, help: &Option<String>) -> SchemaError {
        let source = &self.sources[span.source];
        let (line, column, source_line) = line_and_column(&source.text, span.start);
        let (source_line, mark) =
            excerpt(source_line, column - 1, source.text.get(span.start..span.end).unwrap_or_default());
        SchemaError {
            file: source.name.clone(),
            line,
            column,
            range: span.start..span.end,
            source_line,
            mark,
            message: shortened(message),
            help: help.as_deref().map(shortened),
        }
    }
}

/// The part of a line around a column from 0, and where in it the characters stand that the error is about.
fn excerpt(line: &str, column: usize, concerned: &str) -> (String, Range<usize>) {
    let chars = line.chars().count();
    let column = column.min(chars);
    let first = column.saturating_sub(EXCERPT_CHARS_BEFORE).min(chars.saturating_sub(EXCERPT_CHARS));
    let last = chars.min(first + EXCERPT_CHARS);
    let before = if first > 0 { "…" } else { "" };
    let after = if last < chars { "…" } else { "" };
    let part: String = line.chars().skip(first).take(last - first).collect();
    let start = column - first + before.chars().count();
    let on_this_line = concerned.split('\n').next().unwrap_or_default().chars().take(last - column).count();
    (format!("{before}{part}{after}"), start..start + on_this_line)
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(MAX_MESSAGE_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Line and column from 1, and the line itself; column in characters.
fn line_and_column(text: &str, at: usize) -> (usize, usize, &str) {
    let before = &text[..at.min(text.len())];
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = text[start..].split('\n').next().unwrap_or_default().trim_end_matches('\r');
    (before.matches('\n').count() + 1, before[start..].chars().count() + 1, line)
}

/// Offset in the source of byte `offset` of a JSON string's value: each escape is longer than what it stands for.
fn raw_offset(raw: &str, offset: usize) -> usize {
    let (mut at, mut decoded) = (0, 0);
    while decoded < offset && at < raw.len() {
        let rest = &raw[at..];
        let (raw_len, decoded_len) = match rest.as_bytes() {
            [b'\\', b'u', ..] => {
                let unit = rest.get(2..6).and_then(|hex| u32::from_str_radix(hex, 16).ok()).unwrap_or(0);
                // A surrogate pair is two escapes for one character of four bytes.
                char::from_u32(unit).map_or((12, 4), |c| (6, c.len_utf8()))
            }
            [b'\\', ..] => (2, 1),
            _ => rest.chars().next().map_or((1, 1), |c| (c.len_utf8(), c.len_utf8())),
        };
        at += raw_len;
        decoded += decoded_len;
    }
    at.min(raw.len())
}

/// The candidate with the fewest edits to `name`, if they are few for its length.
pub(crate) fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if name.len() > 64 {
        return None;
    }
    let most = (1 + name.len() / 4).min(name.len().saturating_sub(1));
    let near = candidates.into_iter().filter_map(|candidate| Some((edits(name, candidate, most)?, candidate)));
    near.min_by_key(|(edits, _)| *edits).map(|(_, candidate)| candidate)
}

/// Insertions, deletions, replacements and swaps of neighbours (optimal string alignment) that lead from `a` to `b`,
/// without regard to case; `None` if they are more than `most`.
fn edits(a: &str, b: &str, most: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > most {
        return None;
    }
    let (a, b) = (a.to_ascii_lowercase().into_bytes(), b.to_ascii_lowercase().into_bytes());
    let mut before_last = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(before_last[j - 2] + 1);
            }
            row.push(least);
        }
        // A swap reaches two rows back, so two rows above the limit end it.
        if last.iter().chain(&row).all(|edits| *edits > most) {
            return None;
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last.pop().filter(|edits| *edits <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_in_a_string_count_its_escapes() {
        // The value of "a\u0062\ncé\ud83d\ude00d" is "ab\ncé😀d".
        let raw = r"a\u0062\ncé\ud83d\ude00d";
        for (decoded, found) in [(0, "a"), (1, r"\u0062"), (2, r"\n"), (3, "c"), (4, "é"), (6, r"\ud83d"), (10, "d")] {
            assert!(raw[raw_offset(raw, decoded)..].starts_with(found), "{decoded}");
        }
        assert_eq!(raw_offset(raw, 11), raw.len());
    }

    #[test]
    fn a_long_line_is_shown_around_its_column() {
        let line: String = (0..1000).map(|i| if i == 500 { '€' } else { 'a' }).collect();
        for column in [0, 1, 60, 61, 500, 840, 841, 999, 1000] {
            let concerned: String = line.chars().skip(column).take(3).collect();
            let (part, mark) = excerpt(&line, column, &concerned);
            assert_eq!(part.matches('…').count(), if (61..900).contains(&column) { 2 } else { 1 }, "{column}");
            assert!(part.chars().count() <= EXCERPT_CHARS + 2, "{column}");
            assert_eq!(part.chars().skip(mark.start).take(mark.len()).collect::<String>(), concerned, "{column}");
        }
        assert_eq!(excerpt("\tab", 1, "ab\nnext"), ("\tab".to_owned(), 1..3));
        assert_eq!(excerpt("ab", 2, ""), ("ab".to_owned(), 2..2));
        assert_eq!(excerpt("", 0, "\n"), (String::new(), 0..0));
    }

    #[test]
    fn a_near_name_is_suggested_and_a_far_one_is_not() {
        let near = |name| nearest(name, ["uint16", "uint32", "float32", "comment"]);
        assert_eq!(near("unit16"), Some("uint16"));
        assert_eq!(near("UINT16"), Some("uint16"));
        assert_eq!(near("coment"), Some("comment"));
        assert_eq!(near("velocity"), None);
        assert_eq!(near(&"c".repeat(65)), None);
    }

    #[test]
    fn edits_are_counted_up_to_the_limit() {
        for (a, b, least) in
            [("abcd", "abcd", 0), ("abcd", "ABDC", 1), ("badc", "abcd", 2), ("", "ab", 2), ("ab", "", 2)]
        {
            assert_eq!(edits(a, b, least), Some(least), "{a} {b}");
            assert_eq!(least.checked_sub(1).and_then(|most| edits(a, b, most)), None, "{a} {b}");
        }
        assert_eq!(edits("kitten", "sitting", 3), Some(3));
        assert_eq!(edits(&"a".repeat(64), &"b".repeat(64), 5), None);
    }

    #[test]
    fn only_the_first_errors_get_suggestions() {
        let members: Vec<_> = (0..20).map(|i| format!(r#"{{"name":"m{i}","type":"unit16"}}"#)).collect();
        let text = format!(r#"[{{"className":"A","members":[{}]}}]"#, members.join(","));
        let errors = crate::Schema::from_text(&text, "inline").unwrap_err();
        let suggested = errors.iter().filter(|error| error.help.as_deref() == Some("did you mean `uint16`?"));
        assert_eq!((errors.iter().count(), suggested.count()), (20, MAX_SUGGESTIONS));
    }
}
