//! The plan: which works are measured, with which contenders, in which order.

use crate::goals;
use crate::limits::VALUE_BYTES;
use crate::ours;
use crate::ours::receive_call::LARGE_BYTES;
use crate::task::{By, ClassKind, Cores, Fencing, Ours, Receivers, Stamp, Task, Value, Waiting, Work};

/// Contenders that do the same work, measured in turns.
pub(crate) struct Group {
    /// Short and unique: the first part of its cells' names.
    pub(crate) name: String,
    /// How it is measured, so that somebody else can do it again.
    pub(crate) how: &'static str,
    /// Heading in the report.
    pub(crate) title: String,
    /// What a step is, and so the figure's unit.
    pub(crate) unit: &'static str,
    /// In the order of the report. The first is the limit, if it is one.
    pub(crate) cells: Vec<Cell>,
}

/// One contender's part of a group.
pub(crate) struct Cell {
    /// Unique in the group: the contender, and in which way where it has several.
    pub(crate) label: String,
    pub(crate) task: Task,
}

/// Sizes of the curve of throughput, in bytes, besides 64.
pub(crate) const SIZES: [usize; 5] = [1024, 16_384, 120_000, 614_400, LARGE_BYTES];

/// Depths at which streams of 64 B are compared.
const DEPTHS: [usize; 4] = [256, 1024, 4096, 16_384];

/// Numbers of consumers of one ring.
pub(crate) const CONSUMERS: [usize; 4] = [1, 2, 4, 8];

/// Payloads of a batch.
const BATCH: usize = 64;

/// Bytes of the paper's SimpleMatrix with n = 175, as a frame.
const MATRIX_BYTES: usize = 8 + 175 * 175 * 4;

/// Peers that carry payloads between processes.
const PEERS: [&str; 5] = ["iceoryx2", "shmem-ipc", "ipc-channel", "ZeroMQ", "Aeron"];

/// The groups that compare transports: round trips, small frames, large ones. What the ring is called in them.
pub(crate) const TRANSPORTS: [&str; 3] = ["transports-trip", "transports-64", "transports-120000"];
pub(crate) const RING: &str = "ours, ring";

/// What the kernel carries.
const KERNEL: [&str; 3] = ["pipe", "FIFO", "Unix socket"];

/// All that is measured.
pub(crate) fn all() -> Vec<Group> {
    let mut groups = vec![round_trip(48), round_trip(64)];
    groups.extend([Cores::One, Cores::Two].map(sleeping));
    groups.extend(DEPTHS.map(stream_of_64));
    groups.push(batches());
    groups.extend(SIZES.map(frames));
    groups.extend([bursts(), streams_to_many(), readiness(), receive_call(), idle()]);
    groups.extend(transports());
    groups.extend([Work::Change, Work::Look].map(shared_state));
    groups.extend(classes());
    groups
}

/// What the goals need, and the limits beside it.
pub(crate) fn quick() -> Vec<Group> {
    let mut groups = all();
    for group in &mut groups {
        let mut first = true;
        let name = &group.name;
        group.cells.retain(|cell| std::mem::take(&mut first) || goals::mention(&goals::id(name, &cell.label)));
    }
    groups.retain(|group| group.cells.iter().any(|cell| goals::mention(&goals::id(&group.name, &cell.label))));
    groups
}

impl Cell {
    fn new(label: &str, task: Task) -> Self {
        Self { label: label.into(), task }
    }

    /// Contenders that do the very same task, each under its own name.
    fn each(names: &[&str], task: &Task) -> Vec<Self> {
        names.iter().map(|name| Self::new(name, Task { contender: (*name).into(), ..task.clone() })).collect()
    }
}

fn round_trip(bytes: usize) -> Group {
    let task = Task::new(ours::NAME, Work::RoundTrip, bytes);
    let sleeps = |wait| Task { wait, ..task.clone() };
    let mut cells = Cell::each(&["two atomics"], &task);
    cells.push(Cell::new("ours", task.clone()));
    cells.push(Cell::new("ours, spin then sleep", sleeps(Waiting::SpinThenSleep)));
    if bytes == 64 {
        cells.extend(Cell::each(&["ours, C++"], &task));
        let ours = Ours { class: ClassKind::Variable, by: By::Place, ..task.ours };
        cells.push(Cell::new("ours, variable class", Task { ours, ..task.clone() }));
    }
    cells.extend(Cell::each(&["rtrb"], &task));
    cells.extend(Cell::each(&PEERS, &task));
    cells.extend(Cell::each(&KERNEL, &task));
    Group {
        name: format!("round-trip-{bytes}"),
        how: "A trip there over one link, and back over another; the next one begins when the answer was read and \
              compared. A lap's time is divided by its trips. Quantiles are of other trips, each with a clock \
              reading.",
        title: format!("Round trip, {bytes} B, spinning"),
        unit: "ns a trip",
        cells,
    }
}

fn sleeping(cores: Cores) -> Group {
    let task = Task { cores, wait: Waiting::Sleep, ..Task::new(ours::NAME, Work::RoundTrip, 48) };
    let contender = |name: &str, fence| Task { contender: name.into(), fence, ..task.clone() };
    let mut cells = vec![
        Cell::new("futex", contender("futex", Fencing::Symmetric)),
        Cell::new("futex, timed", contender("futex, timed", Fencing::Symmetric)),
        Cell::new("futex, membarrier", contender("futex", Fencing::Asymmetric)),
        Cell::new("ours, symmetric fences", contender(ours::NAME, Fencing::Symmetric)),
        Cell::new("ours, asymmetric fences", contender(ours::NAME, Fencing::Asymmetric)),
    ];
    cells.extend(Cell::each(&KERNEL, &task));
    let (name, place) = match cores {
        Cores::One => ("sleeping-one-core", "on one core"),
        Cores::Two => ("sleeping-two-cores", "across two cores"),
    };
    Group {
        name: name.into(),
        how: "As spinning ones. The bare futex keeps the discipline of our ring: the sender looks at a flag, and \
              makes the system call only when somebody sleeps. Symmetric fences on both sides, or a barrier in the \
              sleeper alone: `membarrier`. Timed: a sleep that would end by itself after a quarter of a second, as ours, \
              which then looks whether its peer still lives.",
        title: format!("Round trip, 48 B, sleeping, {place}"),
        unit: "ns a trip",
        cells,
    }
}

fn stream_of_64(depth: usize) -> Group {
    let task = Task { depth, ..Task::new(ours::NAME, Work::Stream, 64) };
    // As many bytes as our ring has.
    let records = Task { depth: ours::capacity(&task) as usize / ours::record_bytes(&task), ..task.clone() };
    let mut cells = Cell::each(&["bare ring"], &task);
    cells.extend(Cell::each(&["bare ring of records"], &records));
    cells.extend(Cell::each(&[ours::NAME, "rtrb"], &task));
    if depth == 1024 {
        cells.extend(Cell::each(&["ours, C++"], &task));
        let ours = |ours| Task { ours, ..task.clone() };
        cells.push(Cell::new("ours, in place", ours(Ours { by: By::Place, ..task.ours })));
        let variable = Ours { class: ClassKind::Variable, by: By::Place, ..task.ours };
        cells.push(Cell::new("ours, variable class", ours(variable)));
        cells.push(Cell::new("ours, publish time", ours(Ours { publish_time: Stamp::On, ..task.ours })));
        cells.push(Cell::new("ours, symmetric fences", Task { fence: Fencing::Symmetric, ..task.clone() }));
        cells.extend(Cell::each(&PEERS, &task));
        cells.extend(Cell::each(&KERNEL, &task));
    }
    Group {
        name: format!("stream-64-{depth}"),
        how: "The receiver times its laps: what has not been read and compared does not count. Every buffer holds at \
              least as many payloads as the depth says; ours is the least power of two of bytes that does.",
        title: format!("Stream, 64 B, one at a time, depth {depth}"),
        unit: "ns a payload",
        cells,
    }
}

fn batches() -> Group {
    let task = Task { batch: BATCH, ..Task::new(ours::NAME, Work::Stream, 64) };
    // As many bytes as our ring has.
    let records = Task { depth: ours::capacity(&task) as usize / ours::record_bytes(&task), ..task.clone() };
    let mut cells = Cell::each(&["bare ring of records"], &records);
    cells.extend(Cell::each(&["bare ring", ours::NAME, "rtrb"], &task));
    cells.extend(Cell::each(&PEERS, &task));
    cells.extend(Cell::each(&KERNEL, &task));
    Group {
        name: "batch-64".into(),
        how: "As one at a time, with whatever a contender has for batches: ours `Producer::batch` and \
              `Consumer::batch`. The bare ring of records has as many bytes as our ring, and publishes once a batch.",
        title: format!("Stream, 64 B, batches of {BATCH}, depth 1024"),
        unit: "ns a payload",
        cells,
    }
}

fn frames(bytes: usize) -> Group {
    // The buffers hold some 64 KiB to 8 MB, and a few payloads at least.
    let depth = (1_000_000 / bytes).clamp(8, 1024);
    let task =
        Task { depth: if bytes == LARGE_BYTES { 3 } else { depth }, ..Task::new(ours::NAME, Work::Stream, bytes) };
    let same_bytes = Task { depth: ours::slots(&task) as usize, ..task.clone() };
    let mut cells = Cell::each(&["bare ring"], &same_bytes);
    cells.push(Cell::new("ours", task.clone()));
    let by = |by| Task { ours: Ours { by, ..task.ours }, ..task.clone() };
    cells.push(Cell::new("ours, send", by(By::Value)));
    cells.push(Cell::new("ours, streamed", by(By::Streamed)));
    cells.extend(Cell::each(&["memcpy"], &same_bytes));
    cells.extend(Cell::each(&PEERS, &task));
    cells.extend(Cell::each(&KERNEL, &task));
    Group {
        name: format!("frames-{bytes}"),
        how: "As streams of 64 B. Ours reserves, writes every word in place and publishes; regions are not zeroed \
              before. The bare ring has as many slots as our ring has records, and the same loops write and read. \
              Sent, or streamed, a frame is written elsewhere and then copied. `memcpy` copies on one core and nobody \
              reads.",
        title: format!("Stream of frames of {bytes} B, written in place, read whole"),
        unit: "ns a frame",
        cells,
    }
}

fn bursts() -> Group {
    let task = Task::new(ours::NAME, Work::Bursts(Receivers::Held), 64);
    let mut cells = Cell::each(&["bare ring"], &task);
    for consumers in CONSUMERS {
        cells.push(Cell::new(&consumers_label(consumers), Task { consumers, ..task.clone() }));
    }
    cells.push(Cell::new("ours, 1 consumer, observer", Task { observers: 1, ..task.clone() }));
    let ours = |ours| Task { ours, ..task.clone() };
    cells.push(Cell::new("ours, 1 consumer, in place", ours(Ours { by: By::Place, ..task.ours })));
    cells.push(Cell::new("ours, 1 consumer, publish time", ours(Ours { publish_time: Stamp::On, ..task.ours })));
    Group {
        name: "bursts".into(),
        how: "Processor time of the producer's thread over a burst that its buffer holds, divided by its frames; the \
              clock's own cost is taken off. All consumers drain the ring between two bursts, and wait outside of it \
              during one.",
        title: "Producer's processor time, 64 B, bursts of 512, consumers held during a burst".into(),
        unit: "ns a payload",
        cells,
    }
}

/// The label of a cell with so many consumers.
pub(crate) fn consumers_label(consumers: usize) -> String {
    format!("ours, {consumers} consumer{}", if consumers == 1 { "" } else { "s" })
}

fn streams_to_many() -> Group {
    let task = Task { wait: Waiting::SpinThenSleep, ..Task::new(ours::NAME, Work::Stream, 64) };
    let cells = CONSUMERS.map(|consumers| Cell::new(&consumers_label(consumers), Task { consumers, ..task.clone() }));
    Group {
        name: "stream-to-many".into(),
        how: "As streams to one; the first consumer times its laps. All of them share the second core.",
        title: "Stream, 64 B, to several consumers that share one core and spin, then sleep".into(),
        unit: "ns a payload",
        cells: cells.into(),
    }
}

fn readiness() -> Group {
    let task = Task::new(ours::NAME, Work::Bursts(Receivers::Awake), 64);
    let ready = Task { wait: Waiting::SpinThenSleep, ..task.clone() };
    let symmetric = Task { fence: Fencing::Symmetric, ..ready.clone() };
    Group {
        name: "readiness".into(),
        how: "As above, but the consumer receives while the producer sends, by spinning or by spinning before it \
              would sleep. How often it slept is in the remarks: none of these figures is to hold a wake.",
        title: "Producer's processor time, 64 B, bursts of 512, one consumer that is awake and receives".into(),
        unit: "ns a payload",
        cells: vec![
            Cell::new("ours, spin", task),
            Cell::new("ours, spin then sleep", ready),
            Cell::new("ours, spin then sleep, symmetric fences", symmetric),
        ],
    }
}

fn receive_call() -> Group {
    let cells = [64, LARGE_BYTES].map(|bytes| {
        let task = Task::new(ours::NAME, Work::ReceiveCall, bytes);
        let ours = Ours { class: ClassKind::Variable, by: By::Place, ..task.ours };
        Cell::new(&format!("ours, {bytes} B"), Task { ours, ..task })
    });
    Group {
        name: "receive-call".into(),
        how: "One frame at a time: the producer writes it whole, publishes it and is silent; then the consumer times \
              one receiving call and the release. Both sizes begin on a page that the consumer has not touched for a \
              lap. The clock's own cost is taken off.",
        title: "Receiving a frame and giving it back, without reading it".into(),
        unit: "ns a frame",
        cells: cells.into(),
    }
}

fn idle() -> Group {
    let task = Task { consumers: 8, wait: Waiting::SpinThenSleep, ..Task::new(ours::NAME, Work::Idle, 64) };
    Group {
        name: "idle".into(),
        how: "Each consumer waits in one call, as a new program does, and reads its own processor time before and \
              after; the sum, scaled to 10 s where the run is shorter.",
        title: "Processor time of 8 consumers that wait for 10 s for what does not come".into(),
        unit: "ms in all",
        cells: vec![Cell::new("ours", task)],
    }
}

/// The ring, and whatever else carries its frames.
fn transports() -> [Group; 3] {
    let group = |name, how, title: &str, unit, work, bytes| {
        let ring = Task { wait: Waiting::SpinThenSleep, depth: 8, ..Task::new(ours::NAME, work, bytes) };
        let ring = Task { ours: Ours { class: ClassKind::Variable, by: By::Place, ..ring.ours }, ..ring };
        let mut cells = vec![Cell::new(RING, ring.clone())];
        cells.extend(Cell::each(&ours::transport::ALL.map(|(name, _)| name), &ring));
        Group { name: String::from(name), how, title: title.into(), unit, cells }
    };
    [
        group(
            TRANSPORTS[0],
            "As other round trips, with frames of a class whose array has a size that varies, the same over each \
             transport. The ring spins and then sleeps, as new programs do; the others sleep in the kernel.",
            "Round trip of typed frames of 64 B, over each transport",
            "ns a trip",
            Work::RoundTrip,
            64,
        ),
        group(
            TRANSPORTS[1],
            "The same frames one way, without pause. The file is in memory (tmpfs), and followed as it grows.",
            "Stream of typed frames of 64 B, over each transport",
            "ns a frame",
            Work::Stream,
            64,
        ),
        group(
            TRANSPORTS[2],
            "The same, as large as the paper's pictures.",
            "Stream of typed frames of 120 kB, over each transport",
            "ns a frame",
            Work::Stream,
            120_000,
        ),
    ]
}

fn shared_state(work: Work) -> Group {
    let (name, title) = match work {
        Work::Change => ("shared-change", "Changing one member of a shared value"),
        _ => ("shared-read", "Reading a shared value whole"),
    };
    Group {
        name: name.into(),
        how: "One process, which nobody hinders, and a value of 256 bytes. The bare mutex is robust, shared between \
              processes, and locked for reading too; its value is changed where it stands. Ours copies the value before it is \
              changed, so that there always is a complete one.",
        title: title.into(),
        unit: "ns a time",
        cells: Cell::each(&["robust mutex", ours::shared::NAME], &Task::new("robust mutex", work, VALUE_BYTES)),
    }
}

fn classes() -> Vec<Group> {
    let mut groups = Vec::new();
    for (value, name, bytes) in [(Value::Imu, "imu", 48), (Value::Matrix, "matrix", MATRIX_BYTES)] {
        for (work, verb) in [(Work::Write(value), "write"), (Work::Read(value), "read")] {
            let what = match value {
                Value::Imu => "an IMU sample of 48 bytes",
                Value::Matrix => "SimpleMatrix with n = 175",
            };
            let doing = if verb == "write" { "Writing" } else { "Reading" };
            groups.push(Group {
                name: format!("{verb}-{name}"),
                how: "On one core, without a channel, into one buffer: the same value in every contender's own type. \
                      Reading means every member. `frames` alone go through a ring, and are published and received.",
                title: format!("{doing} {what}"),
                unit: "ns a value",
                cells: Cell::each(
                    &["frames", "frames, send", "frames, bytes", "prost", "rmp-serde", "rkyv", "flatbuffers"],
                    &Task::new("frames", work, bytes),
                ),
            });
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::goals::GOALS;

    #[test]
    fn every_goal_names_cells_of_the_plan() {
        let groups = all();
        let known: HashSet<String> = groups
            .iter()
            .flat_map(|group| group.cells.iter().map(|cell| goals::id(&group.name, &cell.label)))
            .chain([goals::COMPILE_TIME.into()])
            .chain(crate::python::cells())
            .collect();
        for goal in GOALS {
            for id in goal.figure.cells() {
                assert!(known.contains(id), "{}: {id}", goal.what);
            }
        }
    }

    #[test]
    fn names_of_groups_and_labels_in_a_group_are_unique() {
        let groups = all();
        let names: HashSet<&String> = groups.iter().map(|group| &group.name).collect();
        assert_eq!(names.len(), groups.len());
        for group in &groups {
            let labels: HashSet<&String> = group.cells.iter().map(|cell| &cell.label).collect();
            assert_eq!(labels.len(), group.cells.len(), "{}", group.name);
        }
    }
}
