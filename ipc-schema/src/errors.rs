//! What is wrong with a schema: every error of a file at once, each with its place and what to do.

use std::fmt;
use std::ops::Range;

/// Everything that is wrong with a schema; never empty.
///
/// `Display` shows all of it, each error with its source line:
///
/// ```text
/// error: expected a type, found `unit16`
///   --> robot.json:4:31
///    |
///  4 |     { "name": "n", "type": "unit16" }
///    |                            ^^^^^^^^
///    = help: did you mean `uint16`?
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaErrors {
    pub(crate) errors: Vec<SchemaError>,
}

/// One error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaError {
    /// The file's path, or the name that was given for a text.
    pub file: String,
    /// Line, from 1; 0 if the error concerns the file as a whole.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Bytes of the file that it concerns.
    pub range: Range<usize>,
    /// The line of the source, without its end; of a long line a part, with `…` for what is left out.
    pub source_line: String,
    /// Characters of `source_line` that it concerns; the start is at most its length.
    pub mark: Range<usize>,
    /// What was expected and what was found.
    pub message: String,
    /// What to do, if there is more to say.
    pub help: Option<String>,
}

impl SchemaErrors {
    /// The errors, by file and place.
    pub fn iter(&self) -> std::slice::Iter<'_, SchemaError> {
        self.errors.iter()
    }
}

impl<'a> IntoIterator for &'a SchemaErrors {
    type Item = &'a SchemaError;
    type IntoIter = std::slice::Iter<'a, SchemaError>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl std::error::Error for SchemaErrors {}

impl fmt::Display for SchemaErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.errors.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for SchemaError {}

impl fmt::Display for SchemaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "error: {}", printable(&self.message))?;
        let gutter = self.line.to_string().len();
        if self.line == 0 {
            writeln!(f, "  --> {}", self.file)?;
        } else {
            let (indent, carets) = (" ".repeat(self.mark.start), "^".repeat(self.mark.len().max(1)));
            writeln!(f, "{:gutter$}--> {}:{}:{}", "  ", self.file, self.line, self.column, gutter = gutter + 1)?;
            writeln!(f, "{:gutter$}  |", "")?;
            writeln!(f, " {} | {}", self.line, printable(&self.source_line))?;
            writeln!(f, "{:gutter$}  | {indent}{carets}", "")?;
        }
        match &self.help {
            Some(help) => writeln!(f, "{:gutter$}  = help: {}", "", printable(help)),
            None => Ok(()),
        }
    }
}

/// Every character takes one column: a tab counts as a space, and no terminal obeys what stands in a source.
fn printable(text: &str) -> String {
    let shown = |c: char| match c {
        '\t' => ' ',
        c if c.is_control() => char::REPLACEMENT_CHARACTER,
        c => c,
    };
    text.chars().map(shown).collect()
}
