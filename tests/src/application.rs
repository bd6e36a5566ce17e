//! An application in a private directory: its topology, and its modules as processes or as ends of the test itself.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use ipc_core::Error;
use ipc_core::raw::{Communicator, RawProducer};

use crate::Peer;
use crate::ring::program;

/// The classes of its channels: `Sample`, and `Scan`, which is variable and has its stamp elsewhere.
const CLASSES: &str = r#"[
  { "className": "Sample", "members": [
      { "name": "stamp", "type": "int64", "unit": "ns" },
      { "name": "value", "type": "uint64" } ] },
  { "className": "Scan", "members": [
      { "name": "n", "type": "uint32" },
      { "name": "weight", "type": "double" },
      { "name": "stamp", "type": "int64", "unit": "ns" },
      { "name": "ranges", "type": "array", "size": ["n"], "elem": { "type": "float" } } ] } ]"#;

/// A topology whose rings lie beside it, and go with it.
#[derive(Debug)]
pub struct Application {
    directory: PathBuf,
}

impl Application {
    /// Channels, each with the rest of what is to be said of it, and modules.
    pub fn new(channels: &[(&str, &str)], modules: &[(&str, &str)]) -> Self {
        let directory = directory();
        std::fs::write(directory.join("classes.json"), CLASSES).unwrap();
        let mut text = String::from("{ \"schemas\": [\"classes.json\"],\n  \"channels\": {");
        let comma = |index: usize| if index == 0 { "" } else { "," };
        for (index, (name, rest)) in channels.iter().enumerate() {
            let class = if rest.contains("\"class\"") { "" } else { "\"class\": \"Sample\", \"capacity\": 65536, " };
            write!(text, "{}\n    \"{name}\": {{ {class}\"disk\": \"{name}.ring\"{rest} }}", comma(index)).unwrap();
        }
        text += " },\n  \"modules\": {";
        for (index, (name, ends)) in modules.iter().enumerate() {
            write!(text, "{}\n    \"{name}\": {{ \"command\": [\"{name}\"], {ends} }}", comma(index)).unwrap();
        }
        text += " } }\n";
        std::fs::write(directory.join("app.json"), text).unwrap();
        Self { directory }
    }

    /// One module, `reader`, that reads these channels, each written by a module of its own that is named as the channel with a
    /// `_source` behind.
    pub fn of_sources(channels: &[&str]) -> Self {
        let quoted: Vec<_> = channels.iter().map(|name| format!("{name:?}")).collect();
        let reader = format!("\"consumes\": [{}]", quoted.join(", "));
        let sources: Vec<_> =
            channels.iter().map(|name| (format!("{name}_source"), format!("\"produces\": [{name:?}]"))).collect();
        let sources = sources.iter().map(|(name, ends)| (name.as_str(), ends.as_str()));
        let modules: Vec<_> = sources.chain([("reader", reader.as_str())]).collect();
        let channels: Vec<_> = channels.iter().map(|name| (*name, "")).collect();
        Self::new(&channels, &modules)
    }

    /// A copy of a topology's file, as `app.json`, and of the one file of classes that is named as it is.
    pub fn of_file(path: &str) -> Self {
        let (path, directory) = (Path::new(path), directory());
        let classes = format!("{}_classes.json", path.file_stem().unwrap().to_str().unwrap());
        std::fs::copy(path, directory.join("app.json")).unwrap();
        std::fs::copy(path.with_file_name(&classes), directory.join(classes)).unwrap();
        Self { directory }
    }

    /// The topology's file.
    pub fn path(&self) -> PathBuf {
        self.directory.join("app.json")
    }

    /// Where it and its rings are.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The ends of a module, in this process.
    pub fn open(&self, module: &str) -> Result<Communicator, Error> {
        Communicator::from_file(self.path(), module)
    }

    /// The one producer of a module, in this process.
    pub fn producer(&self, module: &str) -> RawProducer {
        self.open(module).unwrap().outputs.take(0).unwrap()
    }

    /// A module as a process of the program `communicator`, told what to do, as a controller starts it.
    pub fn start(&self, module: &str, arguments: &[&str]) -> Peer {
        Peer::start(self.command(module, arguments))
    }

    /// The command of [`start`](Self::start).
    pub fn command(&self, module: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program("communicator"));
        command.args(arguments).env("IPC_TOPOLOGY", self.path()).env("IPC_MODULE", module);
        command
    }
}

/// A directory that is nobody else's.
fn directory() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let directory = PathBuf::from(format!("/dev/shm/ipc-application-{}-{number}", std::process::id()));
    std::fs::create_dir(&directory).unwrap();
    directory
}

impl Drop for Application {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// The bytes of a `Sample`.
pub fn sample(stamp: i64, value: u64) -> [u8; 16] {
    let mut frame = [0; 16];
    frame[..8].copy_from_slice(&stamp.to_le_bytes());
    frame[8..].copy_from_slice(&value.to_le_bytes());
    frame
}

/// The bytes of a `Scan` with one range.
pub fn scan(stamp: i64) -> [u8; 28] {
    let mut frame = [0; 28];
    frame[..4].copy_from_slice(&1u32.to_le_bytes());
    frame[16..24].copy_from_slice(&stamp.to_le_bytes());
    frame
}

/// The stamp of a frame of either class.
pub fn stamp(frame: &[u8]) -> i64 {
    let at = if frame.len() == 16 { 0 } else { 16 };
    i64::from_le_bytes(frame[at..at + 8].try_into().unwrap())
}
