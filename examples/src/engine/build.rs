//! Builds the project: cargo, and what the compiler says as diagnostics.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::{BuildResult, Diagnostic, Level};

/// Where a build leaves the program.
pub(super) fn program(project: &Path) -> PathBuf {
    project.join("target/debug/ball")
}

/// Builds the project to its end.
pub(super) fn run(project: &Path) -> BuildResult {
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--offline", "--message-format=json", "--bin=ball"]);
    cargo.arg("--manifest-path").arg(project.join("Cargo.toml")).arg("--target-dir").arg(project.join("target"));
    let (succeeded, mut diagnostics, said) = match cargo.stdin(Stdio::null()).output() {
        Ok(output) => {
            let lines = output.stdout.split(|byte| *byte == b'\n');
            let diagnostics = lines.filter_map(|line| diagnostic(project, &serde_json::from_slice(line).ok()?));
            let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            (output.status.success(), diagnostics.collect::<Vec<_>>(), said)
        }
        Err(error) => (false, Vec::new(), format!("cargo cannot run: {error}")),
    };
    if !succeeded && diagnostics.is_empty() {
        // No compiler has run: cargo itself says why, of the project's manifest say.
        diagnostics.push(Diagnostic { level: Level::ERROR, text: said, ..Diagnostic::default() });
    }
    BuildResult { succeeded, n: diagnostics.len() as u32, diagnostics }
}

/// The error or warning that cargo hands on from the compiler in one line of its output, if it is one.
fn diagnostic(project: &Path, line: &Value) -> Option<Diagnostic> {
    let message = line.get("message")?;
    let level = match message["level"].as_str()? {
        "warning" => Level::WARNING,
        level if level.starts_with("error") => Level::ERROR,
        _ => return None,
    };
    let text = message["message"].as_str()?.to_owned();
    let spans = message["spans"].as_array()?;
    let Some(span) = spans.iter().find(|span| span["is_primary"] == true) else {
        // Those without a place are of the linker, or count the others.
        let counts = text.starts_with("aborting due to") || text.ends_with("emitted");
        return (!counts).then(|| Diagnostic { level, text, ..Diagnostic::default() });
    };
    let span = in_project(project, span);
    let line = span["line_start"].as_u64()? as u32;
    let file = project.join(span["file_name"].as_str()?).display().to_string();
    let label = span["label"].as_str().map(|label| format!(": {label}")).unwrap_or_default();
    Some(Diagnostic { level, file: Some(file), line, column: column(span)?, text: text + &label })
}

/// Where something in a macro of others is used.
fn in_project<'s>(project: &Path, span: &'s Value) -> &'s Value {
    let is_ours = span["file_name"].as_str().is_some_and(|file| project.join(file).starts_with(project));
    match span["expansion"].get("span") {
        Some(outer) if !is_ours => in_project(project, outer),
        _ => span,
    }
}

/// The byte at which it begins in its line, from 1: the compiler counts characters.
fn column(span: &Value) -> Option<u32> {
    let characters = span["column_start"].as_u64()?.saturating_sub(1) as usize;
    let line = span["text"][0]["text"].as_str().unwrap_or_default();
    Some(line.chars().take(characters).map(char::len_utf8).sum::<usize>() as u32 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_bytes_and_places_in_macros_of_others_are_where_they_are_used() {
        let used = serde_json::json!({
            "file_name": "src/main.rs", "line_start": 3, "column_start": 5, "is_primary": true, "expansion": null,
            "text": [{ "text": "//é ö!(1)" }],
        });
        let inside = serde_json::json!({
            "file_name": "/rustc/library/std/src/macros.rs", "line_start": 90, "column_start": 1, "is_primary": true,
            "expansion": { "span": used }, "text": [],
        });
        let line = |message: Value| serde_json::json!({ "reason": "compiler-message", "message": message });
        let error = line(serde_json::json!({ "level": "error", "message": "no", "spans": [inside] }));
        let found = diagnostic(Path::new("/project"), &error).unwrap();
        assert_eq!((found.file.as_deref(), found.line, found.column), (Some("/project/src/main.rs"), 3, 6));
        let linker = line(serde_json::json!({ "level": "error", "message": "linking failed", "spans": [] }));
        assert_eq!(diagnostic(Path::new("/project"), &linker).unwrap().file, None);
        let count = line(serde_json::json!({ "level": "warning", "message": "1 warning emitted", "spans": [] }));
        assert!(diagnostic(Path::new("/project"), &count).is_none());
    }
}
