//! The tables, as text for a terminal and as Markdown.

use crate::goals::{Verdict, differ};
use crate::laps::median;
use crate::ours::transport;
use crate::plan::{RING, TRANSPORTS};
use crate::results::{CellResults, GroupResults, Results};

/// A table: the first column and the last are text, those between are figures.
pub(crate) struct Table {
    heading: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// All tables, the goals last, where a terminal shows them.
pub(crate) fn text(results: &Results) -> String {
    let groups = results.groups.iter().map(|group| format!("\n{}\n{}", group.title, Table::of_group(group).text()));
    let transports = Table::of_transports(&results.groups);
    let transports = transports.map_or_else(String::new, |table| format!("\n{TRANSPORTS_TITLE}\n{}", table.text()));
    let goals = Table::of_goals(&results.goals).text();
    format!("{}{transports}\nGoals (medians of ratios within a round)\n{goals}", groups.collect::<String>())
}

/// Heading of the table of transports.
pub(crate) const TRANSPORTS_TITLE: &str = "Which transport, when (times as many as the ring's)";

impl Table {
    /// A row for each contender.
    pub(crate) fn of_group(group: &GroupResults) -> Self {
        let heading =
            ["contender", "min", "median", "max", "× limit", "canary, ns", "buffer, remarks"].map(String::from);
        let mut heading = Vec::from(heading);
        heading[2] = format!("median, {}", group.unit);
        let rows = group.cells.iter().map(|cell| {
            let figures = match cell.summary() {
                Some(figures) => figures.map(figure),
                None => [const { String::new() }; 3],
            };
            let ratio = group.limit().and_then(|limit| cell.ratio_to(limit)).map_or_else(String::new, figure);
            let [min, median, max] = figures;
            vec![cell.label.clone(), min, median, max, ratio, canary(cell), remarks(cell)]
        });
        Self { heading, rows: rows.collect() }
    }

    /// A row for each transport, with its times as ratios to the ring's; `None` if one of the groups was left out.
    pub(crate) fn of_transports(groups: &[GroupResults]) -> Option<Self> {
        let find = |name: &str| groups.iter().find(|group| group.name == name);
        let groups: Vec<_> = TRANSPORTS.into_iter().map(find).collect::<Option<_>>()?;
        let row = |label: &str, when: &str| {
            let ratio = |group: &&GroupResults| group.cell(label)?.ratio_to(group.cell(RING)?).map(figure);
            let ratios = groups.iter().map(|group| ratio(group).unwrap_or_default());
            let name = label.trim_start_matches("ours, ").to_owned();
            std::iter::once(name).chain(ratios).chain([when.to_owned()]).collect()
        };
        let heading = ["transport", "round trip, 64 B", "stream, 64 B", "stream, 120 kB", "use it when"];
        let mut rows = vec![row(RING, "both sides can map memory: always, between programs of one machine")];
        rows.extend(transport::ALL.map(|(label, when)| row(label, when)));
        Some(Self { heading: heading.map(String::from).into(), rows })
    }

    /// A row for each goal.
    pub(crate) fn of_goals(goals: &[Verdict]) -> Self {
        let heading = ["what", "goal", "min", "median", "max", "verdict"].map(String::from);
        let rows = goals.iter().map(|goal| {
            let figures = goal.figures.map_or([const { String::new() }; 3], |figures| figures.map(figure));
            let [min, median, max] = figures;
            let unit = if goal.unit.is_empty() { String::new() } else { format!(" {}", goal.unit) };
            let marked = match goal.marked {
                0 => String::new(),
                marked => format!("; canaries differ in {marked} of {} rounds", goal.rounds),
            };
            let bound = format!("{}{}", goal.bound, if goal.bound.is_empty() { "" } else { &unit });
            vec![goal.what.into(), bound, min, median, max, format!("{}{marked}", goal.verdict)]
        });
        Self { heading: heading.into(), rows: rows.collect() }
    }

    fn text(&self) -> String {
        let all = || std::iter::once(&self.heading).chain(&self.rows);
        let width = |column: usize| all().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..self.heading.len()).map(width).collect();
        all()
            .map(|row| {
                let last = row.len() - 1;
                let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, width))| match column {
                    0 => format!("  {cell:width$}"),
                    _ if column == last => format!("  {cell}"),
                    _ => format!("  {cell:>width$}"),
                });
                format!("{}\n", cells.collect::<String>().trim_end())
            })
            .collect()
    }

    pub(crate) fn markdown(&self) -> String {
        let last = self.heading.len() - 1;
        let rule =
            (0..self.heading.len()).map(|column| if column == 0 || column == last { " --- |" } else { " ---: |" });
        let line = |row: &Vec<String>| {
            let cells = row.iter().map(|cell| {
                let indented = cell.trim_start();
                let indent = "&emsp;".repeat((cell.len() - indented.len()) / 4);
                format!(" {indent}{} |", indented.replace('|', "\\|"))
            });
            format!("|{}\n", cells.collect::<String>())
        };
        let rows: String = self.rows.iter().map(line).collect();
        format!("{}|{}\n{rows}", line(&self.heading), rule.collect::<String>())
    }
}

/// The canary before and after a contender's turns: medians.
fn canary(cell: &CellResults) -> String {
    let all =
        |place: usize| cell.rounds.iter().filter_map(move |round| Some(round.canaries?[place])).collect::<Vec<_>>();
    match [all(0), all(1)] {
        [before, after] if before.is_empty() || after.is_empty() => String::new(),
        both => both.map(|mut canaries| format!("{:.0}", median(&mut canaries))).join(" → "),
    }
}

/// What a reader is to know of a contender's figures.
fn remarks(cell: &CellResults) -> String {
    let mut remarks = vec![cell.buffer.clone()];
    remarks.extend(cell.failure.as_ref().map(|failure| format!("not measured: {}", failure.why())));
    let moved = cell.rounds.iter().filter(|round| differ(round, round)).count();
    if moved > 0 {
        remarks.push(format!("canary moved in {moved} of {} rounds", cell.rounds.len()));
    }
    let sleeps: Vec<i64> = cell.rounds.iter().filter_map(|round| round.sleeps).collect();
    if !sleeps.is_empty() {
        remarks.push(format!("the receiver slept {} times in all", sleeps.iter().sum::<i64>()));
    }
    remarks.retain(|remark| !remark.is_empty());
    remarks.join("; ")
}

/// A figure with three significant digits.
pub(crate) fn figure(value: f64) -> String {
    match value.abs() {
        size if size >= 99.95 => format!("{value:.0}"),
        size if size >= 9.995 => format!("{value:.1}"),
        size if size >= 0.0995 || size == 0.0 => format!("{value:.2}"),
        _ => format!("{value:.4}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_keep_three_digits() {
        let shown = [12_345.6, 99.96, 12.34, 1.234, 0.1234, 0.012_34, 0.0].map(figure);
        assert_eq!(shown, ["12346", "100", "12.3", "1.23", "0.12", "0.0123", "0.00"]);
    }

    #[test]
    fn columns_of_figures_end_together() {
        let row = |cells: [&str; 3]| cells.map(String::from).to_vec();
        let table = Table { heading: row(["what", "min", "note"]), rows: vec![row(["a", "10.5", "x"])] };
        assert_eq!(table.text(), "  what   min  note\n  a     10.5  x\n");
        assert_eq!(table.markdown(), "| what | min | note |\n| --- | ---: | --- |\n| a | 10.5 | x |\n");
    }
}
