//! Reading a schema: from a file with all that it imports, or from a text.

use std::path::{Path, PathBuf};

use crate::check;
use crate::errors::{SchemaError, SchemaErrors};
use crate::json;
use crate::model::Schema;
use crate::parse::{self, RawFile};
use crate::source::{Diagnostics, Source, Span};

/// How much a text of unknown origin may ask of its reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Greatest length of the text.
    pub text_bytes: usize,
}

impl Default for Limits {
    /// 256 KiB of text: thousands of members.
    fn default() -> Self {
        Self { text_bytes: 256 << 10 }
    }
}

impl Schema {
    /// Reads a file and all that it imports, directly or through others.
    ///
    /// An import is relative to the file that names it. Each file is read once, however often it is imported; files may
    /// import each other. All names of all files share the scopes.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, SchemaErrors> {
        let path = path.as_ref();
        let text = std::fs::read(path).map_err(|error| unreadable(path, &error))?;
        Loader::new(true).load(&text, path.display().to_string(), Some(path.to_owned()), path.parent())
    }

    /// Reads a text that imports nothing; `origin` names it in errors.
    pub fn from_text(text: &str, origin: &str) -> Result<Self, SchemaErrors> {
        Loader::new(false).load(text.as_bytes(), origin.to_owned(), None, None)
    }

    /// Reads a text whose imports are relative to a folder; `origin` names it in errors.
    pub fn from_text_in(text: &str, origin: &str, folder: &Path) -> Result<Self, SchemaErrors> {
        Loader::new(true).load(text.as_bytes(), origin.to_owned(), None, Some(folder))
    }

    /// Reads a text that another process wrote: of bounded length, and without imports.
    ///
    /// Depths (of the JSON, of expressions, of nested classes) are bounded for every schema.
    pub fn from_untrusted(text: &str, limits: Limits) -> Result<Self, SchemaErrors> {
        if text.len() > limits.text_bytes {
            let message = format!("expected at most {} bytes of text, found {}", limits.text_bytes, text.len());
            return Err(whole_file("schema text", message));
        }
        Self::from_text(text, "schema text")
    }
}

/// Reads files, each once, and keeps what is wrong with them.
pub(crate) struct Loader {
    pub(crate) diagnostics: Diagnostics,
    imports_allowed: bool,
    /// Identity of every file that was read, so that each is read once.
    seen: Vec<PathBuf>,
    /// Imported files first.
    pub(crate) files: Vec<RawFile>,
}

impl Loader {
    pub(crate) fn new(imports_allowed: bool) -> Self {
        Self { diagnostics: Diagnostics::default(), imports_allowed, seen: Vec::new(), files: Vec::new() }
    }

    fn load(
        mut self,
        text: &[u8],
        name: String,
        path: Option<PathBuf>,
        folder: Option<&Path>,
    ) -> Result<Schema, SchemaErrors> {
        self.seen.extend(path.as_ref().map(|path| identity(path)));
        self.read(text, name, path, folder.unwrap_or(Path::new("")));
        let schema = self.check();
        self.diagnostics.into_errors().map_or(Ok(schema), Err)
    }

    /// The schema of all files that were read.
    pub(crate) fn check(&mut self) -> Schema {
        let mut schema = check::check(&self.files, &mut self.diagnostics);
        schema.files = self.diagnostics.sources.iter().filter_map(|source| source.path.clone()).collect();
        schema
    }

    /// Takes a text as the next source: its index, and the text to parse.
    pub(crate) fn source(&mut self, text: &[u8], name: String, path: Option<PathBuf>) -> Option<(usize, String)> {
        let index = self.diagnostics.sources.len();
        let is_utf8 = std::str::from_utf8(text);
        let text = String::from_utf8_lossy(text).into_owned();
        self.diagnostics.sources.push(Source { name, path, text: text.clone() });
        match is_utf8 {
            Ok(_) => Some((index, text)),
            Err(error) => {
                let at = error.valid_up_to();
                self.diagnostics
                    .error(Span::at(index, at..at), "this is no UTF-8 from here on: save the file as UTF-8");
                None
            }
        }
    }

    fn read(&mut self, text: &[u8], name: String, path: Option<PathBuf>, folder: &Path) {
        let text = self.source(text, name, path);
        let root = text.as_ref().and_then(|(index, text)| {
            let root = json::parse(text, *index, "a JSON array of classes", &mut self.diagnostics)?;
            Some((root, *index))
        });
        let Some((root, index)) = root else {
            self.diagnostics.names_missing = true;
            return;
        };
        let file = parse::file(&root, index, &mut self.diagnostics);
        for import in &file.imports {
            self.import(&import.value, import.span, folder);
        }
        self.files.push(file);
    }

    /// Reads a file that another one names.
    pub(crate) fn import(&mut self, name: &str, span: Span, folder: &Path) {
        if !self.imports_allowed {
            self.diagnostics.error(span, "this text cannot import: it belongs to no folder");
            self.diagnostics.names_missing = true;
            return;
        }
        let path = folder.join(name);
        let id = identity(&path);
        if self.seen.contains(&id) {
            return;
        }
        match std::fs::read(&path) {
            Ok(text) => {
                self.seen.push(id);
                let folder = path.parent().unwrap_or(Path::new("")).to_owned();
                self.read(&text, path.display().to_string(), Some(path), &folder);
            }
            Err(error) => {
                let message = format!("cannot read `{}`: {error}", path.display());
                self.diagnostics.error_help(span, message, "an import is relative to the file that names it");
                self.diagnostics.names_missing = true;
            }
        }
    }
}

/// What tells one file from another; a file that is not there is told by its path.
fn identity(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

pub(crate) fn unreadable(path: &Path, error: &std::io::Error) -> SchemaErrors {
    whole_file(&path.display().to_string(), format!("cannot read this file: {error}"))
}

fn whole_file(name: &str, message: String) -> SchemaErrors {
    let error = SchemaError {
        file: name.to_owned(),
        line: 0,
        column: 0,
        range: 0..0,
        source_line: String::new(),
        mark: 0..0,
        message,
        help: None,
    };
    SchemaErrors { errors: vec![error] }
}
