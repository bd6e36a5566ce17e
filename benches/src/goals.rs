//! The goals, as data, and whether a run met them.

use serde::Serialize;

use crate::laps::median;
use crate::results::{CellResults, Failure, GroupResults, Round};

/// One goal. Ratios are taken round by round, of two cells that were measured within the same seconds; the median of
/// these is what counts.
pub(crate) struct Goal {
    pub(crate) what: &'static str,
    pub(crate) figure: Figure,
    pub(crate) bound: Bound,
}

/// A figure made of those of cells, which are times. Cells are named `group/label`.
pub(crate) enum Figure {
    /// Time of the first over the time of the second.
    Time(&'static str, &'static str),
    /// Time of the first over the least time of the others, as far as they are in this build.
    TimeToBest(&'static str, &'static [&'static str]),
    /// Rate of the first over the rate of the second.
    Rate(&'static str, &'static str),
    /// The figure itself, in this unit.
    Plain(&'static str, &'static str),
}

/// What the figure must be.
#[derive(Clone, Copy)]
pub(crate) enum Bound {
    AtMost(f64),
    AtLeast(f64),
    /// Nothing: it stands beside a goal to explain it.
    Free,
}

/// The cell that holds the time of compilation.
pub(crate) const COMPILE_TIME: &str = "compile-time/ours";

/// The goals.
pub(crate) const GOALS: &[Goal] = &[
    goal(
        "from Python, frames of 120 kB, against pyzmq",
        Figure::Rate("python-frames/ours", "python-frames/pyzmq"),
        Bound::AtLeast(5.0),
    ),
    goal(
        "from Python, frames of 120 kB, against shared memory and a lock",
        Figure::Rate("python-frames/ours", "python-frames/shared memory"),
        Bound::AtLeast(5.0),
    ),
    goal(
        "from Python, frames of 120 kB, against iceoryx2",
        Figure::Rate("python-frames/ours", "python-frames/iceoryx2"),
        Bound::AtLeast(1.0),
    ),
    goal(
        "from Python, round trip, 64 B, against iceoryx2",
        Figure::Time("python-round-trip/ours", "python-round-trip/iceoryx2"),
        Bound::AtMost(0.2),
    ),
    goal(
        "from Python, the call that receives, 8 MB against 64 B",
        Figure::Time("python-receive-call/ours, 8000000 B", "python-receive-call/ours, 64 B"),
        Bound::AtMost(1.5),
    ),
    goal(
        "round trip, 48 B, spin, against the bare ping-pong",
        Figure::Time("round-trip-48/ours", "round-trip-48/two atomics"),
        Bound::AtMost(1.15),
    ),
    goal(
        "round trip, 64 B, against iceoryx2",
        Figure::Time("round-trip-64/ours", "round-trip-64/iceoryx2"),
        Bound::AtMost(0.2),
    ),
    goal(
        "round trip, 64 B, C++ against Rust",
        Figure::Time("round-trip-64/ours, C++", "round-trip-64/ours"),
        Bound::AtMost(1.1),
    ),
    goal(
        "stream, 64 B, depth 1024, C++ against Rust",
        Figure::Time("stream-64-1024/ours, C++", "stream-64-1024/ours"),
        Bound::AtMost(1.1),
    ),
    goal(
        "    against Rust in place",
        Figure::Time("stream-64-1024/ours, C++", "stream-64-1024/ours, in place"),
        Bound::Free,
    ),
    goal(
        "stream, 64 B, against rtrb between threads, depth 256",
        Figure::Rate("stream-64-256/ours", "stream-64-256/rtrb"),
        Bound::AtLeast(1.0),
    ),
    goal(
        "    against a bare ring of records",
        Figure::Rate("stream-64-256/ours", "stream-64-256/bare ring of records"),
        Bound::Free,
    ),
    goal(
        "stream, 64 B, against rtrb between threads, depth 1024",
        Figure::Rate("stream-64-1024/ours", "stream-64-1024/rtrb"),
        Bound::AtLeast(1.0),
    ),
    goal(
        "    against a bare ring of records",
        Figure::Rate("stream-64-1024/ours", "stream-64-1024/bare ring of records"),
        Bound::Free,
    ),
    goal(
        "stream, 64 B, against rtrb between threads, depth 4096",
        Figure::Rate("stream-64-4096/ours", "stream-64-4096/rtrb"),
        Bound::AtLeast(1.0),
    ),
    goal(
        "    against a bare ring of records",
        Figure::Rate("stream-64-4096/ours", "stream-64-4096/bare ring of records"),
        Bound::Free,
    ),
    goal(
        "stream, 64 B, against rtrb between threads, depth 16384",
        Figure::Rate("stream-64-16384/ours", "stream-64-16384/rtrb"),
        Bound::AtLeast(1.0),
    ),
    goal(
        "    against a bare ring of records",
        Figure::Rate("stream-64-16384/ours", "stream-64-16384/bare ring of records"),
        Bound::Free,
    ),
    goal(
        "stream, 64 B, batches of 64, against a bare ring of records",
        Figure::Rate("batch-64/ours", "batch-64/bare ring of records"),
        Bound::AtLeast(0.9),
    ),
    goal(
        "stream, 64 B, against iceoryx2",
        Figure::Rate("stream-64-1024/ours", "stream-64-1024/iceoryx2"),
        Bound::AtLeast(20.0),
    ),
    goal(
        "stream, 64 B, one at a time, against Aeron",
        Figure::Rate("stream-64-1024/ours", "stream-64-1024/Aeron"),
        Bound::AtLeast(1.0),
    ),
    goal(
        "stream, 64 B, batches of 64, against Aeron",
        Figure::Rate("batch-64/ours", "batch-64/Aeron"),
        Bound::AtLeast(3.0),
    ),
    goal(
        "a change of shared state against a bare robust mutex",
        Figure::Time("shared-change/ours, shared state", "shared-change/robust mutex"),
        Bound::AtMost(1.0),
    ),
    goal(
        "    reading it",
        Figure::Time("shared-read/ours, shared state", "shared-read/robust mutex"),
        Bound::AtMost(1.0),
    ),
    goal(
        "frames of 120 kB against the bare ring",
        Figure::Rate("frames-120000/ours", "frames-120000/bare ring"),
        Bound::AtLeast(0.97),
    ),
    goal(
        "    copied past the caches",
        Figure::Rate("frames-120000/ours, streamed", "frames-120000/bare ring"),
        Bound::Free,
    ),
    goal(
        "frames of 614 kB against the bare ring",
        Figure::Rate("frames-614400/ours", "frames-614400/bare ring"),
        Bound::AtLeast(0.97),
    ),
    goal(
        "    copied past the caches",
        Figure::Rate("frames-614400/ours, streamed", "frames-614400/bare ring"),
        Bound::Free,
    ),
    goal(
        "the call that receives, 8 MB against 64 B",
        Figure::Time("receive-call/ours, 8000000 B", "receive-call/ours, 64 B"),
        Bound::AtMost(1.1),
    ),
    goal(
        "producer's processor time, 8 consumers against 1",
        Figure::Time("bursts/ours, 8 consumers", "bursts/ours, 1 consumer"),
        Bound::AtMost(1.5),
    ),
    goal(
        "producer's cost, sleepers possible, against spin only",
        Figure::Time("readiness/ours, spin then sleep", "readiness/ours, spin"),
        Bound::AtMost(1.05),
    ),
    goal(
        "    the same with symmetric fences",
        Figure::Time("readiness/ours, spin then sleep, symmetric fences", "readiness/ours, spin"),
        Bound::Free,
    ),
    goal(
        "sleeping round trip, one core, against a bare futex",
        Figure::Time("sleeping-one-core/ours, symmetric fences", "sleeping-one-core/futex"),
        Bound::AtMost(1.15),
    ),
    goal(
        "    against a bare futex that is timed, as ours is",
        Figure::Time("sleeping-one-core/ours, symmetric fences", "sleeping-one-core/futex, timed"),
        Bound::Free,
    ),
    goal(
        "sleeping round trip, two cores, against a bare futex",
        Figure::Time("sleeping-two-cores/ours, symmetric fences", "sleeping-two-cores/futex"),
        Bound::AtMost(1.15),
    ),
    goal(
        "    against a bare futex that is timed, as ours is",
        Figure::Time("sleeping-two-cores/ours, symmetric fences", "sleeping-two-cores/futex, timed"),
        Bound::Free,
    ),
    goal(
        "    one core, both with membarrier",
        Figure::Time("sleeping-one-core/ours, asymmetric fences", "sleeping-one-core/futex, membarrier"),
        Bound::Free,
    ),
    goal(
        "    two cores, both with membarrier",
        Figure::Time("sleeping-two-cores/ours, asymmetric fences", "sleeping-two-cores/futex, membarrier"),
        Bound::Free,
    ),
    goal(
        "    the barrier itself: bare futex, two cores, with over without",
        Figure::Time("sleeping-two-cores/futex, membarrier", "sleeping-two-cores/futex"),
        Bound::Free,
    ),
    goal("processor time of 8 idle consumers over 10 s", Figure::Plain("idle/ours", "ms"), Bound::AtMost(10.0)),
    goal(
        "IMU sample, write, against the fastest serialiser",
        Figure::TimeToBest("write-imu/frames, bytes", &WRITE_IMU),
        Bound::AtMost(1.0),
    ),
    goal("    in place, and published in a ring too", Figure::TimeToBest("write-imu/frames", &WRITE_IMU), Bound::Free),
    goal(
        "IMU sample, read, against the fastest serialiser",
        Figure::TimeToBest("read-imu/frames, bytes", &READ_IMU),
        Bound::AtMost(1.0),
    ),
    goal("    in place, and received from a ring too", Figure::TimeToBest("read-imu/frames", &READ_IMU), Bound::Free),
    goal(
        "SimpleMatrix, write, against the fastest serialiser",
        Figure::TimeToBest("write-matrix/frames, bytes", &WRITE_MATRIX),
        Bound::AtMost(1.0),
    ),
    goal(
        "    in place, and published in a ring too",
        Figure::TimeToBest("write-matrix/frames", &WRITE_MATRIX),
        Bound::Free,
    ),
    goal(
        "SimpleMatrix, read, against the fastest serialiser",
        Figure::TimeToBest("read-matrix/frames, bytes", &READ_MATRIX),
        Bound::AtMost(1.0),
    ),
    goal(
        "    in place, and received from a ring too",
        Figure::TimeToBest("read-matrix/frames", &READ_MATRIX),
        Bound::Free,
    ),
    goal("clean cargo check of 100 classes of 20 members", Figure::Plain(COMPILE_TIME, "s"), Bound::AtMost(3.0)),
];

const WRITE_IMU: [&str; 4] = ["write-imu/prost", "write-imu/rmp-serde", "write-imu/rkyv", "write-imu/flatbuffers"];
const READ_IMU: [&str; 4] = ["read-imu/prost", "read-imu/rmp-serde", "read-imu/rkyv", "read-imu/flatbuffers"];
const WRITE_MATRIX: [&str; 4] =
    ["write-matrix/prost", "write-matrix/rmp-serde", "write-matrix/rkyv", "write-matrix/flatbuffers"];
const READ_MATRIX: [&str; 4] =
    ["read-matrix/prost", "read-matrix/rmp-serde", "read-matrix/rkyv", "read-matrix/flatbuffers"];

const fn goal(what: &'static str, figure: Figure, bound: Bound) -> Goal {
    Goal { what, figure, bound }
}

/// The name of a cell.
pub(crate) fn id(group: &str, label: &str) -> String {
    format!("{group}/{label}")
}

/// Whether a goal needs that cell.
pub(crate) fn mention(id: &str) -> bool {
    GOALS.iter().any(|goal| goal.figure.cells().contains(&id))
}

impl Figure {
    /// The cells that it is made of.
    pub(crate) fn cells(&self) -> Vec<&'static str> {
        match self {
            Self::Time(ours, other) | Self::Rate(ours, other) => vec![ours, other],
            Self::TimeToBest(ours, others) => [&[*ours], *others].concat(),
            Self::Plain(cell, _) => vec![cell],
        }
    }
}

/// A goal and what a run has to say to it.
#[derive(Debug, Serialize)]
pub(crate) struct Verdict {
    pub(crate) what: &'static str,
    /// What the goal wants: `≤ 1.15`.
    pub(crate) bound: String,
    /// What the figures are in; empty for ratios.
    pub(crate) unit: &'static str,
    /// Least, median and greatest figure of all rounds; none if it was not measured.
    pub(crate) figures: Option<[f64; 3]>,
    pub(crate) rounds: usize,
    /// Rounds in which the canaries of the cells differ by more than a fifth.
    pub(crate) marked: usize,
    /// `met`, `not met`, or why there is no figure.
    pub(crate) verdict: String,
}

/// What a run has to say to every goal.
pub(crate) fn judge(groups: &[GroupResults]) -> Vec<Verdict> {
    GOALS.iter().map(|goal| goal.judge(groups)).collect()
}

impl Goal {
    fn judge(&self, groups: &[GroupResults]) -> Verdict {
        let unit = if let Figure::Plain(_, unit) = self.figure { unit } else { "" };
        let bound = match self.bound {
            Bound::AtMost(most) => format!("≤ {most}"),
            Bound::AtLeast(least) => format!("≥ {least}"),
            Bound::Free => String::new(),
        };
        let mut verdict =
            Verdict { what: self.what, bound, unit, figures: None, rounds: 0, marked: 0, verdict: String::new() };
        match self.rounds(groups) {
            Err(why) => verdict.verdict = why,
            Ok(rounds) => {
                let mut figures: Vec<f64> = rounds.iter().map(|(figure, _)| *figure).collect();
                let middle = median(&mut figures);
                verdict.figures = Some([figures[0], middle, figures[figures.len() - 1]]);
                verdict.rounds = rounds.len();
                verdict.marked = rounds.iter().filter(|(_, marked)| *marked).count();
                verdict.verdict = match self.bound {
                    Bound::AtMost(most) if middle <= most => "met".into(),
                    Bound::AtLeast(least) if middle >= least => "met".into(),
                    Bound::Free => "reported".into(),
                    _ => "not met".into(),
                };
            }
        }
        verdict
    }

    /// The figure of each round, and whether its canaries differ.
    fn rounds(&self, groups: &[GroupResults]) -> Result<Vec<(f64, bool)>, String> {
        let find = |id: &str| {
            let (group, label) = id.split_once('/').expect("a cell's name has two parts");
            let cells = groups.iter().filter(|results| results.name == group).flat_map(|results| &results.cells);
            let cell: Option<&CellResults> = cells.into_iter().find(|cell| cell.label == label);
            let cell = cell.ok_or_else(|| format!("not measured: {id} was left out"))?;
            if cell.rounds.is_empty() {
                return Err(format!(
                    "not measured: {}",
                    cell.failure.as_ref().map_or("it has no rounds", Failure::why)
                ));
            }
            Ok(cell)
        };
        let pair = |one: &str, other: &str, figure: fn(f64, f64) -> f64| {
            let (one, other) = (find(one)?, find(other)?);
            let rounds = one.rounds.iter().zip(&other.rounds);
            Ok(rounds.map(|(one, other)| (figure(one.figure, other.figure), differ(one, other))).collect())
        };
        match &self.figure {
            Figure::Time(ours, other) => pair(ours, other, |ours, other| ours / other),
            Figure::Rate(ours, other) => pair(ours, other, |ours, other| other / ours),
            Figure::Plain(cell, _) => Ok(find(cell)?.rounds.iter().map(|round| (round.figure, false)).collect()),
            Figure::TimeToBest(ours, others) => {
                let ours = find(ours)?;
                let others: Vec<_> = others.iter().map(|other| find(other)).collect();
                if let (Some(Err(why)), true) = (others.first(), others.iter().all(Result::is_err)) {
                    return Err(why.clone());
                }
                let others: Vec<_> = others.into_iter().flatten().collect();
                let best = |place: usize| {
                    let rounds = others.iter().filter_map(|other| other.rounds.get(place));
                    rounds.min_by(|one, other| one.figure.total_cmp(&other.figure))
                };
                let rounds = ours.rounds.iter().enumerate().filter_map(|(place, round)| Some((round, best(place)?)));
                Ok(rounds.map(|(ours, best)| (ours.figure / best.figure, differ(ours, best))).collect())
            }
        }
    }
}

/// Whether the machine was another one in these two rounds: whether any two of their canaries differ by more than a
/// fifth.
pub(crate) fn differ(one: &Round, other: &Round) -> bool {
    let canaries = || one.canaries.iter().chain(&other.canaries).flatten().copied();
    canaries().fold(0.0, f64::max) > 1.2 * canaries().fold(f64::INFINITY, f64::min)
}
