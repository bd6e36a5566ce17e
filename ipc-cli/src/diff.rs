//! `ipc diff`: whether two descriptions are the same on the wire, and what differs.

use std::path::PathBuf;
use std::process::ExitCode;

use ipc_schema::diff;

use crate::{Failure, source};

/// Compare two class descriptions, or a description with a ring (NAME.ring): exit status 0 if programs built from them understand each other, 1 if not.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The description that is expected.
    old: PathBuf,
    /// The one that is compared with it.
    new: PathBuf,
}

/// Prints a line for each difference.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let (old, new) = (source::read(&arguments.old)?, source::read(&arguments.new)?);
    let mut lines = Vec::new();
    for class in &old.classes {
        match new.class(&class.name) {
            Some(other) => lines.extend(diff::diff(&old, class, &new, other).iter().map(ToString::to_string)),
            None => lines.push(format!("{}: class: expected one of that name, found none", class.name)),
        }
    }
    let added = new.classes.iter().filter(|class| old.class(&class.name).is_none());
    lines.extend(added.map(|class| format!("{}: class: expected none of that name, found one", class.name)));
    if lines.is_empty() {
        println!("identical: {} classes", old.classes.len());
        return Ok(ExitCode::SUCCESS);
    }
    println!("different:");
    lines.iter().for_each(|line| println!("  {line}"));
    Ok(ExitCode::from(1))
}
