//! The controller's side of a module under test: what it says, and what it hears.

use ipc_core::raw::{Patience, RawProducer};

use crate::Peer;
use crate::application::sample;

/// A module has opened all its ends.
pub const READY: &str = r#"{"ipc":"ready"}"#;
/// The controller tells it to take and send no frames.
pub const STOP: &str = r#"{"ipc":"stop"}"#;
/// To go on.
pub const RESUME: &str = r#"{"ipc":"resume"}"#;
/// To end its main loop.
pub const QUIT: &str = r#"{"ipc":"quit"}"#;
/// Its main loop has stopped.
pub const STOPPED: &str = r#"{"ipc":"stopped"}"#;
/// It goes on.
pub const RESUMED: &str = r#"{"ipc":"resumed"}"#;
/// It ends.
pub const QUITTING: &str = r#"{"ipc":"quitting"}"#;

/// Sends a `Sample` of this stamp.
pub fn send(producer: &mut RawProducer, stamp: i64) {
    producer.send(&sample(stamp, 0), Patience::Endless).unwrap();
}

/// The next line that a module says, its log or a report.
pub fn heard(module: &mut Peer) -> String {
    loop {
        match module.line() {
            Some(line) if line.is_empty() => {}
            Some(line) => return line,
            None => return "nothing more".to_owned(),
        }
    }
}

/// The next lines of a module are these.
#[track_caller]
pub fn hears(module: &mut Peer, expected: &[&str]) {
    for expected in expected {
        assert_eq!(heard(module), *expected);
    }
}
