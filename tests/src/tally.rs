//! Shared state in a private directory, which goes with it: a [`Tally`], and processes that do with it as they are told.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use ipc_core::{Error, Shared};

use crate::ring::{Directory, program};
use crate::{Peer, Tally};

/// Where shared state is.
#[derive(Debug, Clone)]
pub struct State {
    path: PathBuf,
    _directory: Arc<Directory>,
}

impl State {
    /// A place in memory, where nothing is yet.
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let directory = Path::new("/dev/shm").join(format!("ipc-state-{}-{number}", std::process::id()));
        std::fs::create_dir(&directory).unwrap();
        Self { path: directory.join("tally.shared"), _directory: Arc::new(Directory(directory)) }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The same, as the name that a program states.
    pub fn name(&self) -> &str {
        self.path.to_str().unwrap()
    }

    /// A handle of this process; makes the state if it is not there.
    pub fn create(&self) -> Shared<Tally> {
        Shared::create(self.name(), &tally(0)).unwrap()
    }

    /// A handle of this process, if that is possible.
    pub fn open(&self) -> Result<Shared<Tally>, Error> {
        Shared::open(self.name())
    }

    /// Removes it.
    pub fn remove(&self) -> Result<(), Error> {
        Shared::<Tally>::remove(self.name())
    }

    /// Starts a process that opens the state, making it first if need be, and does as it is told.
    pub fn peer(&self) -> Peer {
        Peer::start(self.command())
    }

    /// Starts a program in another language that does the same, with the state's name as its further argument.
    pub fn peer_by(&self, mut program: Command) -> Peer {
        program.arg(&self.path);
        Peer::start(program)
    }

    /// Starts one to which the kernel refuses `membarrier`.
    pub fn peer_without_membarrier(&self) -> Peer {
        let mut command = self.command();
        command.arg("without-membarrier");
        Peer::start(command)
    }

    /// Starts one that kills itself when it passes a stop point for the `count`-th time.
    pub fn peer_that_dies_at(&self, stop: &str, count: u64) -> Peer {
        let mut command = self.command();
        command.env("IPC_STOP_AT", format!("{stop}:{count}"));
        Peer::start(command)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(program("holder"));
        command.arg(&self.path);
        command
    }
}

impl Default for State {
    fn default() -> Self {
        Self::new()
    }
}

/// A tally of this count.
pub fn tally(count: u64) -> Tally {
    Tally { count, words: [count; 63] }
}

/// The count of a tally, all of whose words have it.
///
/// # Panics
///
/// If one has not.
#[track_caller]
pub fn count(tally: &Tally) -> u64 {
    assert!(tally.words.iter().all(|&word| word == tally.count), "the value is torn: {tally:?}");
    tally.count
}
