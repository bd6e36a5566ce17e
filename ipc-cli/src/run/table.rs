//! The table of an application: its modules and its channels, as lines of a given width. Columns that have no place go, the
//! least important first.

use ipc_schema::topology::bytes_text;

use super::event::seconds;
use super::snapshot::{ChannelRow, ModuleRow, Snapshot};
use super::style::{Line, Paint, width};

/// Wide enough for all columns.
pub(crate) const WIDE: usize = 160;

const GAP: usize = 2;

/// A column: its head, its cells, and when it goes: 0 never.
struct Column {
    head: &'static str,
    cells: Vec<(String, Paint)>,
    right: bool,
    goes: u8,
}

/// Title, modules and channels.
pub(crate) fn lines(snapshot: &Snapshot, columns: usize) -> Vec<Line> {
    let mut lines = vec![title(snapshot, columns), Line::default()];
    lines.extend(grid(modules(&snapshot.modules), columns));
    if !snapshot.channels.is_empty() {
        lines.push(Line::default());
        lines.extend(grid(channels(&snapshot.channels), columns));
    }
    for line in &mut lines {
        line.cut(columns);
    }
    lines
}

/// The same without colours.
pub(crate) fn text(snapshot: &Snapshot, columns: usize) -> String {
    let lines: Vec<_> = lines(snapshot, columns).iter().map(|line| line.plain().trim_end().to_owned()).collect();
    lines.join("\n")
}

fn title(snapshot: &Snapshot, columns: usize) -> Line {
    let mut line = Line::default();
    let file = std::path::Path::new(&snapshot.file);
    let name = file.file_name().map_or(snapshot.file.clone(), |name| name.to_string_lossy().into_owned());
    line.push(name, Paint::Bold);
    let paint = if snapshot.phase == "running" { Paint::Good } else { Paint::Busy };
    line.push("  ", Paint::Plain);
    line.push(&snapshot.phase, paint);
    if snapshot.controller != 0 {
        let (minutes, rest) = (snapshot.seconds / 60, snapshot.seconds % 60);
        line.push(format!("  {}:{:02}:{rest:02}", minutes / 60, minutes % 60), Paint::Plain);
        let right = format!("controller {}", snapshot.controller);
        if let Some(space) = columns.checked_sub(line.width() + width(&right) + GAP) {
            line.push(" ".repeat(space + GAP), Paint::Plain);
            line.push(right, Paint::Dim);
        }
    }
    line
}

fn modules(rows: &[ModuleRow]) -> Vec<Column> {
    let state = |row: &ModuleRow| {
        let (sign, paint) = match row.state.as_str() {
            "running" => ("●", Paint::Good),
            "stopped" => ("■", Paint::Calm),
            "hangs" | "failed" => ("✖", Paint::Bad),
            "starting" | "draining" | "quitting" | "restarting" => ("◌", Paint::Busy),
            _ => ("○", Paint::Dim),
        };
        (format!("{sign} {}", row.state), paint)
    };
    let plain = |text: String| (text, Paint::Plain);
    let restarts =
        |row: &ModuleRow| (row.restarts.to_string(), if row.restarts > 0 { Paint::Busy } else { Paint::Dim });
    let column = |head, right, goes, cell: &dyn Fn(&ModuleRow) -> (String, Paint)| Column {
        head,
        cells: rows.iter().map(cell).collect(),
        right,
        goes,
    };
    vec![
        column("MODULE", false, 0, &|row| (row.name.clone(), Paint::Bold)),
        column("STATE", false, 0, &state),
        column("PID", true, 3, &|row| (row.process.map(|process| process.to_string()).unwrap_or_default(), Paint::Dim)),
        column("RESTARTS", true, 4, &|row| {
            if row.state == "not running" { plain(String::new()) } else { restarts(row) }
        }),
        column("IN/S", true, 1, &|row| plain(row.received_per_s.map(rate).unwrap_or_default())),
        column("OUT/S", true, 2, &|row| plain(row.sent_per_s.map(rate).unwrap_or_default())),
        column("P50", true, 6, &|row| plain(row.latency_p50_ns.map(time).unwrap_or_default())),
        column("P99", true, 5, &|row| plain(row.latency_p99_ns.map(time).unwrap_or_default())),
        column("", false, 7, &|row| (row.note.clone().unwrap_or_default(), Paint::Bad)),
    ]
}

fn channels(rows: &[ChannelRow]) -> Vec<Column> {
    let plain = |text: String| (text, Paint::Plain);
    let fill = |row: &ChannelRow| {
        let share = row.used_bytes as f64 / row.capacity_bytes.max(1) as f64;
        let paint = match share {
            share if share < 0.5 => Paint::Good,
            share if share < 0.9 => Paint::Busy,
            _ => Paint::Bad,
        };
        (format!("{}{:>4.0} %", bar(share), share * 100.0), paint)
    };
    let slowest = |row: &ChannelRow| match (&row.slowest, &row.problem) {
        (_, Some(problem)) => (problem.lines().next().unwrap_or_default().to_owned(), Paint::Bad),
        (Some(name), None) if row.slowest_attached => plain(format!("{name} −{}", row.behind_frames)),
        (Some(name), None) => (format!("{name} −{}, not there", row.behind_frames), Paint::Busy),
        (None, None) => plain(String::new()),
    };
    let dropped = |row: &ChannelRow| (row.dropped.to_string(), if row.dropped > 0 { Paint::Busy } else { Paint::Dim });
    let column = |head, right, goes, cell: &dyn Fn(&ChannelRow) -> (String, Paint)| Column {
        head,
        cells: rows.iter().map(cell).collect(),
        right,
        goes,
    };
    vec![
        column("CHANNEL", false, 0, &|row| (row.name.clone(), Paint::Bold)),
        column("CLASS", false, 7, &|row| (row.class.clone(), Paint::Dim)),
        column("SIZE", true, 8, &|row| (bytes_text(row.capacity_bytes), Paint::Dim)),
        column("FRAMES/S", true, 1, &|row| plain(row.frames_per_s.map(rate).unwrap_or_default())),
        column("SENT", true, 6, &|row| plain(row.sent.to_string())),
        column("FILL", false, 2, &fill),
        column("DROPPED", true, 4, &dropped),
        column("P50", true, 6, &|row| plain(row.latency_p50_ns.map(time).unwrap_or_default())),
        column("P99", true, 5, &|row| plain(row.latency_p99_ns.map(time).unwrap_or_default())),
        column("SLOWEST", false, 3, &slowest),
    ]
}

/// Head and rows of those columns that have something to say and a place.
fn grid(mut columns: Vec<Column>, space: usize) -> Vec<Line> {
    let rows = columns[0].cells.len();
    columns.retain(|column| column.goes == 0 || column.cells.iter().any(|(text, _)| !text.is_empty()));
    let wide = |column: &Column| {
        column.cells.iter().map(|(text, _)| width(text)).chain([width(column.head)]).max().unwrap_or_default()
    };
    // The last one may be cut.
    let needed = |columns: &[Column]| {
        let shown = columns.iter().enumerate().map(|(index, column)| {
            let whole = wide(column);
            if index + 1 == columns.len() && !column.right { whole.min(12) } else { whole }
        });
        shown.sum::<usize>() + GAP * columns.len().saturating_sub(1)
    };
    while needed(&columns) > space {
        let Some(least) =
            (0..columns.len()).filter(|index| columns[*index].goes > 0).max_by_key(|index| columns[*index].goes)
        else {
            break;
        };
        columns.remove(least);
    }
    let widths: Vec<_> = columns.iter().map(wide).collect();
    let mut lines = vec![Line::default(); rows + 1];
    for (index, (column, wide)) in columns.iter().zip(widths).enumerate() {
        let head = (column.head.to_owned(), Paint::Dim);
        for (line, (text, paint)) in lines.iter_mut().zip([&head].into_iter().chain(&column.cells)) {
            if index > 0 {
                line.push(" ".repeat(GAP), Paint::Plain);
            }
            let space = " ".repeat(wide - width(text));
            let (before, after) = if column.right { (space, String::new()) } else { (String::new(), space) };
            line.push(before, Paint::Plain);
            line.push(text, *paint);
            line.push(after, Paint::Plain);
        }
    }
    lines
}

/// A share of a bar, in eighths of a character.
fn bar(share: f64) -> String {
    const CELLS: usize = 8;
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = (share.clamp(0.0, 1.0) * (CELLS * 8) as f64).round() as usize;
    let mut bar = "█".repeat(eighths / 8) + EIGHTHS[eighths % 8];
    bar.push_str(&" ".repeat(CELLS - width(&bar)));
    format!("▕{bar}▏")
}

/// `0.5`, `30.0`, `12 345`.
fn rate(a_second: f64) -> String {
    match a_second {
        none if none < 0.05 => "0".into(),
        few if few < 1000.0 => format!("{few:.1}"),
        many => grouped(many as u64),
    }
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

/// `850 ns`, `41 µs`, `2.5 ms`, `1.2 s`, `>999 s`.
fn time(ns: u64) -> String {
    match ns {
        0..1_000 => format!("{ns} ns"),
        1_000..10_000 => format!("{:.1} µs", ns as f64 / 1e3),
        10_000..1_000_000 => format!("{} µs", ns / 1_000),
        1_000_000..10_000_000 => format!("{:.1} ms", ns as f64 / 1e6),
        10_000_000..1_000_000_000 => format!("{} ms", ns / 1_000_000),
        1_000_000_000..999_000_000_000 => seconds(ns / 1_000_000),
        _ => ">999 s".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot() -> Snapshot {
        let module =
            |name: &str, state: &str| ModuleRow { name: name.into(), state: state.into(), ..Default::default() };
        let camera = ModuleRow { process: Some(4711), sent_per_s: Some(30.0), ..module("camera", "running") };
        let display = ModuleRow {
            process: Some(4712),
            restarts: 2,
            received_per_s: Some(29.96),
            latency_p50_ns: Some(41_000),
            latency_p99_ns: Some(2_500_000),
            ..module("display", "stopped")
        };
        let edges = ModuleRow { note: Some("ended with exit status 3".into()), ..module("edges", "failed") };
        let frames = ChannelRow {
            name: "frames".into(),
            class: "VideoFrame".into(),
            frames_per_s: Some(12_345.6),
            sent: 99,
            dropped: 7,
            used_bytes: 4 << 20,
            capacity_bytes: 16 << 20,
            slowest: Some("display".into()),
            behind_frames: 12,
            slowest_attached: true,
            ..Default::default()
        };
        Snapshot {
            file: "/robot/app.json".into(),
            phase: "running".into(),
            controller: 42,
            seconds: 83,
            modules: vec![camera, display, edges],
            channels: vec![frames],
        }
    }

    #[test]
    fn a_wide_table_has_every_column() {
        let expected = "\
app.json  running  0:01:23                                                                            controller 42

MODULE   STATE       PID  RESTARTS  IN/S  OUT/S    P50     P99
camera   ● running  4711         0         30.0
display  ■ stopped  4712         2  30.0         41 µs  2.5 ms
edges    ✖ failed                0                              ended with exit status 3

CHANNEL  CLASS         SIZE  FRAMES/S  SENT  FILL              DROPPED  SLOWEST
frames   VideoFrame  16 MiB    12 345    99  ▕██      ▏  25 %        7  display −12";
        assert_eq!(text(&snapshot(), 115), expected);
    }

    #[test]
    fn a_narrow_table_keeps_what_matters_and_fits() {
        for columns in [20, 40, 60, 80] {
            for line in lines(&snapshot(), columns) {
                assert!(line.width() <= columns, "{columns}: {}", line.plain());
            }
        }
        let narrow = text(&snapshot(), 40);
        assert!(
            narrow.contains("MODULE   STATE") && narrow.contains("FRAMES/S") && !narrow.contains("CLASS"),
            "{narrow}"
        );
    }

    #[test]
    fn times_and_rates_have_the_digits_that_matter() {
        let times = [850, 4_100, 41_000, 2_500_000, 41_000_000, 1_200_000_000, 998_900_000_000, u64::MAX].map(time);
        assert_eq!(times, ["850 ns", "4.1 µs", "41 µs", "2.5 ms", "41 ms", "1.2 s", "999 s", ">999 s"]);
        assert_eq!([0.0, 0.5, 29.97, 1234.5, 1_234_567.0].map(rate), ["0", "0.5", "30.0", "1 234", "1 234 567"]);
    }
}
