//! `ipc diff`: whether two descriptions are the same on the wire, and what differs.

use std::path::PathBuf;
use std::process::ExitCode;

use ipc_schema::diff;

use crate::{Failure, print, source};

/// Compare two class descriptions, or a description with a ring (NAME.ring): exit status 0 if programs built from them understand each other, 1 if not.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The description that is expected.
    old: PathBuf,
    /// The one that is compared with it.
    new: PathBuf,
}

/// Prints a line for each difference, then those that programs need not agree on.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let (old, new) = (source::read(&arguments.old)?, source::read(&arguments.new)?);
    let (mut wire, mut meaning) = (Vec::new(), Vec::new());
    for class in &old.classes {
        match new.class(&class.name) {
            Some(other) => {
                wire.extend(diff::diff(&old, class, &new, other).iter().map(ToString::to_string));
                meaning.extend(diff::meaning(class, other).iter().map(ToString::to_string));
            }
            None => wire.push(format!("{}: class: expected one of that name, found none", class.name)),
        }
    }
    let added = new.classes.iter().filter(|class| old.class(&class.name).is_none());
    wire.extend(added.map(|class| format!("{}: class: expected none of that name, found one", class.name)));
    let mut lines = vec![if wire.is_empty() { "identical" } else { "different:" }.to_owned()];
    lines.extend(wire.iter().map(|line| format!("  {line}")));
    if !meaning.is_empty() {
        lines.push("meaning, which programs need not agree on:".to_owned());
        lines.extend(meaning.iter().map(|line| format!("  {line}")));
    }
    print(&(lines.join("\n") + "\n"))?;
    Ok(ExitCode::from(u8::from(!wire.is_empty())))
}
