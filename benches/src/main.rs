//! `ipc-bench`: our ring, bare limits and other libraries, measured side by side. `cargo xtask bench` builds and runs it.
//!
//! The parent process goes through the plan: each group of contenders in rounds, each contender once a round. One run
//! starts the sides as processes of their own, this program again. Every figure is a time, so less is better.

#![allow(dead_code, unused_imports, reason = "the report is still to come")]

mod contender;
mod drivers;
mod laps;
mod limits;
mod link;
mod meeting;
mod message_line;
mod ours;
mod parent;
mod payload;
mod plan;
mod side;
mod task;

#[cfg(feature = "peers")]
mod classes;
#[cfg(feature = "peers")]
mod peers;

use std::process::ExitCode;

/// What went wrong, as a sentence.
type Failure = Box<dyn std::error::Error + Send + Sync>;
type Outcome<T = ()> = Result<T, Failure>;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [first, index, task, directory] = &arguments[..]
        && first == "side"
    {
        return side::main(index.parse()?, &serde_json::from_str(task)?, directory.as_ref());
    }
    let only = arguments.first().cloned().unwrap_or_default();
    let mut parent = parent::Parent::new(std::time::Duration::from_secs(30))?;
    for group in plan::groups() {
        if !group.title.contains(&only) && !group.name.contains(&only) {
            continue;
        }
        println!("{}", group.title);
        let mut all: Vec<Vec<f64>> = vec![vec![]; group.cells.len()];
        for round in 0..7 {
            for (place, cell) in group.cells.iter().enumerate() {
                if contender::find(&cell.task.contender).is_none() {
                    continue;
                }
                let steps = if round == 0 { 16 * 100 } else { ((5e7 / all[place][0]) as u64).next_multiple_of(16) };
                let measured = parent.run(&task::Task { steps, ..cell.task.clone() })?;
                let figure = measured.figure.unwrap_or(f64::NAN);
                if round == 1 {
                    all[place].clear();
                    all[place].push(figure);
                } else {
                    all[place].push(figure);
                }
                println!("   {} {:.1} {:?} {:?}", cell.label, figure, measured.canaries, measured.quantiles);
            }
        }
        for (cell, figures) in group.cells.iter().zip(&mut all) {
            println!("  {:20} {:.1?} median {:.1}", cell.label, figures, laps::median(&mut figures.clone()));
        }
    }
    Ok(())
}
