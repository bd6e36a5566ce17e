//! `report.md`.

use super::plots::Plot;
use super::table::{TRANSPORTS_TITLE, Table};
use crate::results::Results;

/// The whole file.
pub(crate) fn render(results: &Results, plots: &[Plot]) -> String {
    let machine = &results.machine;
    let mut text = String::from("# Measured side by side\n\n");
    text += "Written by `cargo xtask bench`. Read ratios, never single figures: the machine's cores may be shared, and move.\n\n";
    let rows = [
        ("processor", machine.processor.clone()),
        ("cores used", machine.cores.to_string()),
        ("memory", format!("{} GiB", machine.memory_gib)),
        ("virtual machine", machine.virtual_machine.clone()),
        ("kernel", machine.kernel.clone()),
        ("frequency governor", machine.governor.clone()),
        ("compiler", machine.rustc.clone()),
        ("scheduling", machine.scheduling.clone()),
        ("run", format!("{}, {:.0} s of measuring", results.mode, results.measured_s)),
    ];
    text += "| machine | |\n| --- | --- |\n";
    for (what, value) in rows {
        text += &format!("| {what} | {value} |\n");
    }
    text += "\n## Goals\n\n";
    text += GOALS;
    text += &Table::of_goals(&results.goals).markdown();
    if let Some(table) = Table::of_transports(&results.groups) {
        text += &format!("\n## {TRANSPORTS_TITLE}\n\n{}", table.markdown());
    }
    if !plots.is_empty() {
        text += "\n## Plots\n";
        for plot in plots {
            text += &format!("\n![{}]({})\n", plot.chart.title, plot.file);
        }
    }
    text += "\n## All figures\n\n";
    text += METHOD;
    for group in &results.groups {
        text += &format!("\n### {}\n\n{}\n\n{}", group.title, group.how, Table::of_group(group).markdown());
    }
    text
}

const GOALS: &str = "\
Each figure is a ratio of two contenders' times (≤) or rates (≥), taken round by round and then ordered; the median \
decides. Contenders of a round run one after the other within seconds. Before and after each, a bare ping-pong of one \
message line each way is timed, the canary: rounds in which the canaries of the two contenders differ by more than a \
fifth are counted.

";

const METHOD: &str = "\
Two pinned processes unless it says threads; all sides but the first are on the second core. Each payload's words are all \
written and all read and compared. A figure of a round is the median of 16 equal laps; min, median and max are over the \
rounds, after one that does not count. × limit is the median of the ratios to the first row's time, where that is a \
limit. The canary's medians before and after a contender's turns stand beside them; a remark counts the turns during which \
it moved by more than a fifth. What lies between the sides is in the last column. How each figure is taken is in `benches/src/drivers`, \
`benches/src/ours` and `benches/src/limits`.
";
