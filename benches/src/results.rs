//! What was measured, as it goes into `results.json`.

use serde::Serialize;

use crate::contender::Kind;
use crate::goals::Verdict;
use crate::laps::median;
use crate::machine::Machine;
use crate::task::Task;

/// All of it.
#[derive(Serialize)]
pub(crate) struct Results {
    pub(crate) machine: Machine,
    /// How much was measured: `full`, `quick` or `smoke`.
    pub(crate) mode: &'static str,
    pub(crate) measured_s: f64,
    pub(crate) groups: Vec<GroupResults>,
    pub(crate) goals: Vec<Verdict>,
}

/// Contenders that did the same work.
#[derive(Serialize)]
pub(crate) struct GroupResults {
    pub(crate) name: String,
    pub(crate) title: String,
    #[serde(skip)]
    pub(crate) how: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) cells: Vec<CellResults>,
}

/// What one contender did.
#[derive(Serialize)]
pub(crate) struct CellResults {
    pub(crate) label: String,
    pub(crate) kind: Kind,
    /// What lies between its sides.
    pub(crate) buffer: String,
    pub(crate) task: Option<Task>,
    /// The warm-up is not among them.
    pub(crate) rounds: Vec<Round>,
    /// Why there are no rounds.
    pub(crate) failure: Option<Failure>,
}

/// Why a contender has no figures.
#[derive(Debug, Clone, Serialize)]
pub(crate) enum Failure {
    /// It is not in this build, or this system lacks what it needs.
    Absent(String),
    /// It went wrong.
    Broken(String),
}

impl Failure {
    pub(crate) fn why(&self) -> &str {
        match self {
            Self::Absent(why) | Self::Broken(why) => why,
        }
    }
}

/// One contender's turn.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Round {
    pub(crate) figure: f64,
    /// The canary before and after; none on a machine with one core.
    pub(crate) canaries: Option<[f64; 2]>,
    /// Nanoseconds of single trips at the driver's quantiles; empty but for round trips.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) quantiles: Vec<u64>,
    /// How often a receiver slept during bursts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sleeps: Option<i64>,
}

impl CellResults {
    /// Least, median and greatest figure.
    pub(crate) fn summary(&self) -> Option<[f64; 3]> {
        let mut figures: Vec<f64> = self.rounds.iter().map(|round| round.figure).collect();
        let middle = median(&mut figures);
        Some([*figures.first()?, middle, *figures.last()?])
    }

    /// Median of the ratios to another cell's figures, round by round.
    pub(crate) fn ratio_to(&self, other: &Self) -> Option<f64> {
        let rounds = self.rounds.iter().zip(&other.rounds);
        let mut ratios: Vec<f64> = rounds.map(|(one, other)| one.figure / other.figure).collect();
        if ratios.is_empty() { None } else { Some(median(&mut ratios)) }
    }

    /// Median of each quantile over the rounds; empty if there are none.
    pub(crate) fn quantiles(&self) -> Vec<f64> {
        let count = self.rounds.first().map_or(0, |round| round.quantiles.len());
        (0..count)
            .map(|place| median(&mut self.rounds.iter().map(|round| round.quantiles[place] as f64).collect::<Vec<_>>()))
            .collect()
    }
}

impl GroupResults {
    /// The cell that the others are compared with: the first, if it is a limit.
    pub(crate) fn limit(&self) -> Option<&CellResults> {
        self.cells.first().filter(|cell| cell.kind == Kind::Limit)
    }

    /// The cell with that label.
    pub(crate) fn cell(&self, label: &str) -> Option<&CellResults> {
        self.cells.iter().find(|cell| cell.label == label)
    }
}
