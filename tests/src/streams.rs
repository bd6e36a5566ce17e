//! Places of streams in private directories, the processes that open their ends, and frames of any size to check.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use ipc_core::stream::{Channel, Consumer, Frame};
use ipc_core::{Class, Error};

use crate::installed::python;
use crate::{DEADLINE, Parcel, Peer};

/// A directory of one test, which goes with it.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// A new one.
    #[expect(clippy::new_without_default, reason = "each is another folder")]
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = Path::new("/dev/shm").join(format!("ipc-streams-{}-{number}", std::process::id()));
        std::fs::create_dir(&folder).unwrap();
        Self(folder)
    }

    /// A path in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// A path in it, as channels take it.
    pub fn name(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A language with a program that obeys as `tests/src/bin/stream_peer.rs` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// That program itself.
    Rust,
    /// `tests/bindings/stream_peer.py`.
    Python,
}

impl Language {
    /// Starts a process that opens ends of a place as it is told: `fifo`, `file`, `follow`, or one of these with `-lines`.
    pub fn peer(self, kind: &str, path: &str) -> Peer {
        Peer::start(self.program(&[kind, path]))
    }

    /// The program that [`peer`](Self::peer) runs; with `pipe` and a task it is one part of a shell's pipeline.
    pub fn program(self, arguments: &[&str]) -> Command {
        let mut command = match self {
            Self::Rust => Command::new(program_path()),
            Self::Python => {
                let mut command = Command::new(python());
                command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("bindings/stream_peer.py"));
                command
            }
        };
        command.args(arguments);
        command
    }
}

/// Where cargo puts it: beside the directory of the test programs.
fn program_path() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.parent().and_then(Path::parent).unwrap().join("stream_peer")
}

/// The channel that a [peer](Language::peer) uses.
pub fn channel<'p, T: Class>(kind: &str, path: &'p str) -> Channel<'p, T> {
    let (kind, lines) = kind.strip_suffix("-lines").map_or((kind, false), |kind| (kind, true));
    let channel = match kind {
        "fifo" => Channel::fifo(path),
        "file" => Channel::file(path),
        "follow" => Channel::file(path).follow(),
        _ => Channel::pipe(),
    };
    if lines { channel.lines() } else { channel }
}

/// A parcel with that much data, every byte of which follows from its stamp.
pub fn load(stamp: u64, n: u32) -> Parcel {
    let data = (0..n).map(|at| byte(stamp, at)).collect();
    Parcel { stamp, n, data, seal: stamp ^ u64::from(n) }
}

fn byte(stamp: u64, at: u32) -> u8 {
    ((stamp << 32 | u64::from(at)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8
}

/// How much data the parcel of that stamp has in a mixed stream: mostly little, now and then more than a pipe holds.
pub fn mixed(stamp: u64) -> u32 {
    match stamp % 32 {
        0 => 0,
        1 => 200_000,
        2 => 4048 - 24, // a whole block of a pipe
        3 => 4048 - 23, // and one byte more
        other => 31 * other as u32,
    }
}

/// The stamp of a frame, every byte of which was compared.
///
/// # Panics
///
/// If one differs.
pub fn check(frame: &Frame<Parcel>) -> u64 {
    let view = frame.view();
    let stamp = view.stamp();
    assert_eq!(view.seal(), stamp ^ u64::from(view.n()), "the seal of frame {stamp}");
    assert!((0..).zip(view.data()).all(|(at, found)| *found == byte(stamp, at)), "the data of frame {stamp}");
    stamp
}

/// The next frame's stamp; a stream that hangs fails.
///
/// # Panics
///
/// If no frame comes, or one that was changed.
#[track_caller]
pub fn next(consumer: &mut Consumer<Parcel>) -> u64 {
    check(&consumer.recv_timeout(DEADLINE).unwrap())
}

/// The stamps of all frames of a file, every byte of which was compared.
///
/// # Panics
///
/// If one differs, or the file is none.
#[track_caller]
pub fn stamps(kind: &str, path: &str) -> Vec<u64> {
    let mut consumer: Consumer<Parcel> = channel(kind, path).consumer().unwrap();
    consumer.iter().map(|frame| check(&frame.unwrap())).collect()
}

/// A file with these frames, of mixed sizes; gives where each ends.
///
/// # Panics
///
/// If the file cannot be written.
pub fn recorded(kind: &str, path: &str, frames: Range<u64>) -> Vec<u64> {
    let mut producer = channel(kind, path).producer().unwrap();
    let mut ends = Vec::new();
    for stamp in frames {
        producer.send(&load(stamp, mixed(stamp) % 4000)).unwrap();
        ends.push(std::fs::metadata(path).unwrap().len());
    }
    producer.leave();
    ends
}

/// An error as one line: its kind, then its text.
pub fn said(error: &Error) -> String {
    let kind = match error {
        Error::Frame(_) => "Frame",
        Error::Empty(_) => "Empty",
        Error::TimedOut { .. } => "TimedOut",
        Error::Closed(_) => "Closed",
        Error::Gone(_) => "Gone",
        Error::NoRoom { .. } => "NoRoom",
        Error::NotAStream { .. } => "NotAStream",
        Error::Replaced(_) => "Replaced",
        Error::Mismatch(_) => "Mismatch",
        Error::Channel { .. } => "Channel",
        Error::Os { .. } => "Os",
        _ => "Other",
    };
    format!("{kind}: {}", error.to_string().replace('\n', " | "))
}
