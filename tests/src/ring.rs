//! A ring in a private directory, which goes with it; the same settings for the test and for its processes.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use ipc_core::raw::{IsolatedRing, RawChannel, RawClass};
use ipc_core::{Channel, Class, Fence, PublishTime, Wait};

use crate::{Parcel, Peer};

/// Settings of a channel, and where its ring is.
#[derive(Debug, Clone)]
pub struct Ring {
    path: PathBuf,
    capacity: u64,
    reserved: Vec<&'static str>,
    dynamic_slots: u32,
    wait: Wait,
    fence: Fence,
    isolated: bool,
    /// `None` in the processes of a test: the test removes the directory.
    _directory: Option<Arc<Directory>>,
}

/// A directory that is removed with all in it.
#[derive(Debug)]
pub(crate) struct Directory(pub(crate) PathBuf);

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Ring {
    /// A ring in memory, with a capacity of 16 KiB and these reserved consumers.
    pub fn new(reserved: &[&'static str]) -> Self {
        Self::in_directory(Path::new("/dev/shm"), reserved)
    }

    /// A ring on disk, below cargo's directory for the temporary files of tests.
    pub fn on_disk(target: &str, reserved: &[&'static str]) -> Self {
        Self::in_directory(Path::new(target), reserved)
    }

    fn in_directory(parent: &Path, reserved: &[&'static str]) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let directory = parent.join(format!("ipc-tests-{}-{number}", std::process::id()));
        std::fs::create_dir(&directory).unwrap();
        Self {
            path: directory.join("parcels.ring"),
            capacity: 16 << 10,
            reserved: reserved.to_vec(),
            dynamic_slots: 4,
            wait: Wait::Sleep,
            fence: Fence::Asymmetric,
            isolated: false,
            _directory: Some(Arc::new(Directory(directory))),
        }
    }

    /// An isolated ring: its processes inherit it, or do not.
    pub(crate) fn isolated(reserved: &[&'static str], capacity: u64) -> Self {
        Self {
            path: "parcels".into(),
            capacity,
            reserved: reserved.to_vec(),
            dynamic_slots: 4,
            wait: Wait::Sleep,
            fence: Fence::Asymmetric,
            isolated: true,
            _directory: None,
        }
    }

    /// With another capacity.
    pub fn capacity(mut self, bytes: u64) -> Self {
        self.capacity = bytes;
        self
    }

    /// With another number of dynamic slots.
    pub fn dynamic_slots(mut self, count: u32) -> Self {
        self.dynamic_slots = count;
        self
    }

    /// With ends that wait in another way.
    pub fn wait(mut self, wait: Wait) -> Self {
        self.wait = wait;
        self
    }

    /// With another fence mode.
    pub fn fence(mut self, fence: Fence) -> Self {
        self.fence = fence;
        self
    }

    /// A ring of the same settings beside this one.
    pub fn beside(&self, name: &str) -> Self {
        Self { path: self.directory().join(name).with_extension("ring"), ..self.clone() }
    }

    /// The ring's file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The directory that only this ring is in.
    pub fn directory(&self) -> &Path {
        self.path.parent().unwrap()
    }

    /// Bytes of the body.
    pub fn bytes(&self) -> u64 {
        self.capacity
    }

    /// The channel of parcels.
    pub fn channel(&self) -> Channel<'_, Parcel> {
        self.channel_of()
    }

    /// The same place as a channel of another class.
    pub fn channel_of<T: Class>(&self) -> Channel<'_, T> {
        let name = Channel::new(self.path.to_str().unwrap());
        let channel = if self.isolated { name.isolated() } else { name };
        channel
            .capacity(self.capacity)
            .reserve(&self.reserved)
            .dynamic_slots(self.dynamic_slots)
            .wait(self.wait)
            .fence(self.fence)
            .publish_time(PublishTime::Off)
            .wait_for_ring(Duration::from_secs(30))
    }

    /// Makes its memory.
    pub(crate) fn create_isolated(&self) -> IsolatedRing {
        let name = RawChannel::untyped(self.path.to_str().unwrap());
        let channel = name.capacity(self.capacity).reserve(&self.reserved).dynamic_slots(self.dynamic_slots);
        channel.fence(self.fence).create_isolated_of(&RawClass::of(Parcel::DESC)).unwrap()
    }

    /// Starts a process that opens this ring's ends as it is told.
    pub fn peer(&self) -> Peer {
        Peer::start(self.command())
    }

    /// Starts a program in another language that does the same, with the ring's settings as its further arguments.
    pub fn peer_by(&self, mut program: Command) -> Peer {
        program.args(self.command().get_args());
        Peer::start(program)
    }

    /// Starts one that kills itself when it passes a stop point for the `count`-th time.
    pub fn peer_that_dies_at(&self, stop: &str, count: u64) -> Peer {
        let mut command = self.command();
        command.env("IPC_STOP_AT", format!("{stop}:{count}"));
        Peer::start(command)
    }

    /// Starts a process for which the ring has a name without a path, so that it stands in `IPC_DIR`.
    pub fn peer_in(&self, ipc_dir: &Path, name: &str) -> Peer {
        let mut command = Self { path: name.into(), ..self.clone() }.command();
        command.env("IPC_DIR", ipc_dir);
        Peer::start(command)
    }

    /// The command that [`peer`](Self::peer) runs.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(program("peer"));
        command.arg(&self.path).arg(self.capacity.to_string()).arg(self.reserved.join(","));
        command.arg(self.dynamic_slots.to_string()).arg(format!("{:?}", self.wait)).arg(format!("{:?}", self.fence));
        command
    }

    /// The settings that [`command`](Self::command) has put on a command line.
    pub fn from_arguments(mut arguments: impl Iterator<Item = String>) -> Self {
        let mut next = || arguments.next().expect("a test starts this program with a ring's settings");
        Self {
            path: next().into(),
            capacity: next().parse().unwrap(),
            reserved: next().leak().split(',').filter(|name| !name.is_empty()).collect(),
            dynamic_slots: next().parse().unwrap(),
            wait: match next().as_str() {
                "Spin" => Wait::Spin,
                "SpinThenSleep" => Wait::SpinThenSleep,
                _ => Wait::Sleep,
            },
            fence: if next() == "Symmetric" { Fence::Symmetric } else { Fence::Asymmetric },
            isolated: std::env::var_os(IsolatedRing::VARIABLE).is_some(),
            _directory: None,
        }
    }
}

/// Where cargo puts the programs of this package: beside the directory of the test programs.
pub(crate) fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.parent().and_then(Path::parent).unwrap().join(name)
}
