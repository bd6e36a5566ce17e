//! The whole application: which modules (processes) it has, and through which channels they pass which frames.
//!
//! A topology is a JSON file that names class descriptions, channels and modules; the README lists its keys. It is read
//! with the same errors as a class description: all at once, each with its place.
//!
//! ```text
//! JSON ─ json ─ parse ─ check ─► model     what macros, a communicator, a controller and `ipc graph` work from
//!          (load: schemas)  │      │
//!                           └ flow ┘       who comes before whom; who may wait for whom in a circle
//! ```
//!
//! ```
//! use ipc_schema::Topology;
//!
//! # let folder = std::env::temp_dir().join(format!("ipc-topology-doc-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder)?;
//! # std::fs::write(folder.join("pose.json"), r#"[{ "className": "Pose", "members": [{ "name": "x", "type": "double" }] }]"#)?;
//! let topology = Topology::from_text_in(
//!     r#"{ "schemas": ["pose.json"],
//!          "channels": { "poses": { "class": "Pose", "capacity": "64 KiB" } },
//!          "modules": {
//!            "tracker": { "command": ["./tracker"], "produces": ["poses"] },
//!            "planner": { "command": ["./planner"], "consumes": ["poses"] } } }"#,
//!     "app.json",
//!     &folder,
//! )?;
//! let poses = topology.channel("poses").unwrap();
//! assert_eq!(topology[poses.producer].name, "tracker");
//! assert_eq!(poses.reserved, ["planner"]);
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod model;

mod capacity;
mod check;
mod flow;
mod parse;
mod units;

use std::path::Path;

use crate::errors::SchemaErrors;
use crate::json;
use crate::load::{self, Loader};

pub use capacity::RingLimits;
pub use model::{
    Channel, ChannelId, Control, Module, ModuleId, OnEnd, OnFull, Restart, RestartWhen, Storage, Topology,
};
pub use units::bytes_text;

impl Topology {
    /// Reads a file, and all class descriptions that it names.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, SchemaErrors> {
        let path = path.as_ref();
        let text = std::fs::read(path).map_err(|error| load::unreadable(path, &error))?;
        read(&text, path.display().to_string(), Some(path), path.parent().unwrap_or(Path::new("")))
    }

    /// Reads a text whose paths are relative to a folder; `origin` names it in errors.
    pub fn from_text_in(text: &str, origin: &str, folder: &Path) -> Result<Self, SchemaErrors> {
        read(text.as_bytes(), origin.to_owned(), None, folder)
    }
}

fn read(text: &[u8], name: String, path: Option<&Path>, folder: &Path) -> Result<Topology, SchemaErrors> {
    let mut loader = Loader::new(true);
    let raw = loader.source(text, name, path.map(Path::to_owned)).and_then(|(source, text)| {
        let root = json::parse(&text, source, "a JSON object: a topology", &mut loader.diagnostics)?;
        parse::topology(&root, source, &mut loader.diagnostics)
    });
    let raw = raw.unwrap_or_default();
    for schema in &raw.schemas {
        loader.import(&schema.value, schema.span, folder);
    }
    let schema = loader.check();
    let topology = check::check(&raw, &loader.files, schema, folder, &mut loader.diagnostics);
    match loader.diagnostics.into_errors() {
        Some(errors) => Err(errors),
        None => Ok(topology),
    }
}
