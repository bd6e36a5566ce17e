//! Goes through the plan: each group in rounds, each of its contenders once a round, so that what is compared was measured
//! within the same seconds.

use std::time::Duration;

use crate::Outcome;
use crate::contender::{self, Kind};
use crate::laps::LAPS;
use crate::parent::Parent;
use crate::plan::{Cell, Group};
use crate::results::{CellResults, Failure, GroupResults, Round};
use crate::task::{Task, Work};

/// How much is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Amount {
    pub(crate) name: &'static str,
    /// Rounds that count; one before them does not.
    pub(crate) rounds: usize,
    /// What a contender's turn is to take.
    pub(crate) turn: Duration,
    /// How often consumers wait idly, and how long.
    pub(crate) idle: (usize, Duration),
    /// Longest time of a turn, after which its sides are killed.
    pub(crate) limit: Duration,
}

/// For the report.
pub(crate) const FULL: Amount = Amount {
    name: "full",
    rounds: 9,
    turn: Duration::from_millis(250),
    idle: (3, Duration::from_secs(10)),
    limit: Duration::from_secs(60),
};

/// For a look.
pub(crate) const QUICK: Amount = Amount {
    name: "quick",
    rounds: 5,
    turn: Duration::from_millis(50),
    idle: (1, Duration::from_secs(2)),
    limit: Duration::from_secs(30),
};

/// To see that everything works; the figures say nothing.
pub(crate) const SMOKE: Amount = Amount {
    name: "smoke",
    rounds: 1,
    turn: Duration::ZERO,
    idle: (1, Duration::from_millis(50)),
    limit: Duration::from_secs(30),
};

/// Measures a group.
pub(crate) fn measure(parent: &mut Parent, group: &Group, amount: &Amount) -> GroupResults {
    let mut cells: Vec<CellResults> = group.cells.iter().map(begin).collect();
    let is_idle = group.cells.iter().all(|cell| cell.task.work == Work::Idle);
    let rounds = if is_idle { amount.idle.0 } else { amount.rounds };
    let mut steps: Vec<u64> = group.cells.iter().map(|cell| first_steps(&cell.task, amount)).collect();
    let warm_up = amount.turn > Duration::ZERO && !is_idle;
    for round in 0..rounds + usize::from(warm_up) {
        let mut order: Vec<usize> = (0..cells.len()).collect();
        if round % 2 == 1 {
            // So that nobody always comes after the same one.
            order.reverse();
        }
        for place in order {
            let (cell, results) = (&group.cells[place], &mut cells[place]);
            if results.failure.is_some() {
                continue;
            }
            match turn(parent, &Task { steps: steps[place], ..cell.task.clone() }) {
                Ok(found) if warm_up && round == 0 => steps[place] = steps_of(&cell.task, found.figure, amount),
                Ok(found) => results.rounds.push(found),
                Err(problem) => {
                    eprintln!("error: {problem}");
                    (results.failure, results.rounds) = (Some(Failure::Broken(problem.to_string())), Vec::new());
                }
            }
            if let Some(task) = &mut results.task {
                task.steps = steps[place];
            }
        }
    }
    GroupResults { name: group.name.clone(), title: group.title.clone(), how: group.how, unit: group.unit, cells }
}

/// A cell before its first round.
fn begin(cell: &Cell) -> CellResults {
    let contender = contender::find(&cell.task.contender);
    let absent = || Failure::Absent(format!("this build has no {}", cell.task.contender));
    CellResults {
        label: cell.label.clone(),
        kind: contender.as_ref().map_or(Kind::Peer, |contender| contender.kind),
        buffer: contender.as_ref().map_or_else(String::new, |contender| (contender.buffer)(&cell.task)),
        task: Some(cell.task.clone()),
        rounds: Vec::new(),
        failure: contender.is_none().then(absent),
    }
}

fn turn(parent: &mut Parent, task: &Task) -> Outcome<Round> {
    let measured = parent.run(task)?;
    let figure = measured.figure.ok_or_else(|| format!("{}: no side measured anything", task.contender))?;
    let crate::side::Measured { quantiles, canaries, sleeps, .. } = measured;
    Ok(Round { figure, canaries, quantiles, sleeps })
}

/// Steps of the round that does not count, from which those of the others are found.
fn first_steps(task: &Task, amount: &Amount) -> u64 {
    if task.work == Work::Idle {
        return amount.idle.1.as_millis() as u64;
    }
    if amount.turn.is_zero() {
        return LAPS;
    }
    let steps = match task.work {
        Work::RoundTrip => 320,
        Work::ReceiveCall => 16,
        _ => (16_000_000 / task.payload_bytes as u64).clamp(LAPS, 16_000),
    };
    steps.next_multiple_of(LAPS)
}

/// Steps that take as long as a turn is to take.
fn steps_of(task: &Task, figure_ns: f64, amount: &Amount) -> u64 {
    // What a step takes besides the figure, and how many there are to be at least.
    let (overhead_ns, least) = match task.work {
        Work::Bursts(_) => (200.0 * task.consumers as f64, LAPS),
        Work::ReceiveCall => (2e6, 6 * LAPS),
        // Who writes reads too, and the other way round.
        Work::Write(_) | Work::Read(_) => (3.0 * figure_ns + 100.0, LAPS),
        _ => (0.0, LAPS),
    };
    let steps = amount.turn.as_nanos() as f64 / (figure_ns + overhead_ns).max(1.0);
    (steps as u64).max(least).next_multiple_of(LAPS)
}
