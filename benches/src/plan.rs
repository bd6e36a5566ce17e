//! The plan: which works are measured, with which contenders, in which order.

use crate::task::{Task, Work};

/// Contenders that do the same work, measured in turns.
pub(crate) struct Group {
    /// Short and unique: the first part of its cells' names.
    pub(crate) name: &'static str,
    /// Heading in the report.
    pub(crate) title: String,
    pub(crate) cells: Vec<Cell>,
}

/// One contender's part of a group.
pub(crate) struct Cell {
    /// Unique in the group: the contender, and in which way where it has several.
    pub(crate) label: String,
    pub(crate) task: Task,
}

impl Cell {
    fn new(label: impl Into<String>, task: Task) -> Self {
        Self { label: label.into(), task }
    }
}

/// All that is measured.
pub(crate) fn groups() -> Vec<Group> {
    let mut groups = Vec::new();
    for (name, bytes) in [("round-trip-48", 48), ("round-trip-64", 64)] {
        groups.push(Group {
            name,
            title: format!("Round trip, {bytes} B"),
            cells: ["two atomics", "ours", "rtrb"].map(|c| Cell::new(c, Task::new(c, Work::RoundTrip, bytes))).into(),
        });
    }
    for (name, depth) in
        [("stream-64-256", 256), ("stream-64-1024", 1024), ("stream-64-4096", 4096), ("stream-64-16384", 16384)]
    {
        let task = |contender| Task { depth, ..Task::new(contender, Work::Stream, 64) };
        groups.push(Group {
            name,
            title: format!("Stream, 64 B, one at a time, depth {depth}"),
            cells: ["bare ring", "ours", "rtrb"].map(|c| Cell::new(c, task(c))).into(),
        });
    }
    groups
}
