//! `ipc graph`: a topology as a picture. Modules are boxes, channels are edges with their label on them.

mod dot;
mod layout;
mod mermaid;
mod svg;

use std::path::PathBuf;
use std::process::ExitCode;

use ipc_schema::Topology;
use ipc_schema::topology::{Channel, OnFull, Storage, bytes_text};

use crate::Failure;

/// Print a picture of a topology: its modules, and its channels with their classes and capacities.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The topology: JSON with `schemas`, `channels` and `modules`.
    file: PathBuf,
    /// SVG stands by itself; Mermaid goes into Markdown, DOT to graphviz.
    #[arg(long, value_enum, default_value_t = Format::Svg)]
    format: Format,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    Svg,
    Mermaid,
    Dot,
}

/// Prints the picture.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let topology = Topology::from_file(&arguments.file)?;
    let title = arguments.file.file_stem().unwrap_or_default().to_string_lossy();
    let text = match arguments.format {
        Format::Svg => svg::draw(&topology, &title),
        Format::Mermaid => mermaid::draw(&topology),
        Format::Dot => dot::draw(&topology, &title),
    };
    crate::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// What stands on a channel's edge under its name, line by line.
fn label(topology: &Topology, channel: &Channel) -> Vec<String> {
    let mut lines = vec![format!("{} · {}", topology.class_of(channel).name, bytes_text(channel.capacity_bytes))];
    let mut notes = Vec::new();
    if channel.on_full == OnFull::Drop {
        notes.push("drops when full");
    }
    if let Storage::Disk(_) = channel.storage {
        notes.push("on disk");
    }
    if channel.isolated {
        notes.push("isolated");
    }
    if !notes.is_empty() {
        lines.push(notes.join(" · "));
    }
    lines
}
