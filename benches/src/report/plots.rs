//! The plots of the report: what is drawn, not how.

use super::svg::{Axis, Chart, Point, Scale, Series, Style, readable};
use crate::contender::Kind;
use crate::drivers::QUANTILES;
use crate::plan;
use crate::results::{CellResults, GroupResults, Results};

/// A plot and its file.
pub(crate) struct Plot {
    pub(crate) file: &'static str,
    pub(crate) chart: Chart,
}

/// All plots for which there are figures.
pub(crate) fn all(results: &Results) -> Vec<Plot> {
    let plots = [
        ("round-trip.svg", round_trip(results)),
        ("throughput.svg", throughput(results)),
        ("depth.svg", depth(results)),
        ("consumers.svg", consumers(results)),
    ];
    let drawable = plots.into_iter().filter(|(_, chart)| chart.series.iter().any(|series| series.points.len() > 1));
    drawable.map(|(file, chart)| Plot { file, chart }).collect()
}

/// Labels that the plots of all contenders leave out: variants of what is there.
const LEFT_OUT: [&str; 2] = ["FIFO", "ours, spin then sleep"];

fn group<'a>(results: &'a Results, name: &str) -> Option<&'a GroupResults> {
    results.groups.iter().find(|group| group.name == name)
}

fn style(cell: &CellResults) -> Style {
    match cell.kind {
        Kind::Limit => Style::Limit,
        Kind::Ours if cell.label == "ours" => Style::Ours,
        Kind::Ours => Style::OursToo,
        Kind::Peer => Style::Peer,
    }
}

fn round_trip(results: &Results) -> Chart {
    let cells = group(results, "round-trip-64").map_or(&[][..], |group| &group.cells);
    let series = cells.iter().filter(|cell| !LEFT_OUT.contains(&cell.label.as_str())).map(|cell| {
        let points = QUANTILES.iter().zip(cell.quantiles()).map(|(quantile, ns)| Point::at(nines(*quantile), ns));
        Series { label: cell.label.clone(), style: style(cell), points: points.collect() }
    });
    let ticks = [(0.0, "min"), (0.5, "50 %"), (0.9, "90 %"), (0.99, "99 %"), (0.999, "99.9 %"), (0.9999, "99.99 %")];
    Chart {
        title: "Round trip of 64 B between two spinning processes".into(),
        x: Axis {
            label: "share of the trips that are no slower",
            scale: Scale::Linear,
            ticks: Some(ticks.map(|(quantile, label)| (nines(quantile), label.into())).into()),
        },
        y: Axis { label: "time of a trip, ns (a clock reading included)", scale: Scale::Log, ticks: None },
        series: series.filter(|series| !series.points.is_empty()).collect(),
    }
}

/// How many nines a quantile has: 0.99 has two. So the tail takes as much room as the rest.
fn nines(quantile: f64) -> f64 {
    -(1.0 - quantile).log10()
}

fn throughput(results: &Results) -> Chart {
    let mut series: Vec<Series> = Vec::new();
    let sizes = std::iter::once((64, "stream-64-1024".to_owned()))
        .chain(plan::SIZES.map(|bytes| (bytes, format!("frames-{bytes}"))));
    for (bytes, name) in sizes {
        for cell in group(results, &name).map_or(&[][..], |group| &group.cells) {
            // The small class of a constant size is another contender than the frames of any size.
            let label = match (bytes, cell.label.as_str()) {
                (64, "ours, variable class") => "ours",
                (64, label) if label.starts_with("ours") => continue,
                (_, label) if LEFT_OUT.contains(&label) => continue,
                (_, label) => label,
            };
            let Some([least, middle, most]) = cell.summary() else { continue };
            let rate = |ns: f64| bytes as f64 / ns;
            let point = Point { x: bytes as f64, y: rate(middle), low: rate(most), high: rate(least) };
            match series.iter_mut().find(|series| series.label == label) {
                Some(series) => series.points.push(point),
                None => {
                    let style = if label == "ours" { Style::Ours } else { style(cell) };
                    series.push(Series { label: label.into(), style, points: vec![point] });
                }
            }
        }
    }
    let ticks = [
        (64, "64 B"),
        (1024, "1 KiB"),
        (16_384, "16 KiB"),
        (120_000, "120 kB"),
        (614_400, "614 kB"),
        (8_000_000, "8 MB"),
    ];
    Chart {
        title: "Throughput of one stream, one payload at a time".into(),
        x: Axis {
            label: "bytes of a payload",
            scale: Scale::Log,
            ticks: Some(ticks.map(|(bytes, label)| (f64::from(bytes), label.into())).into()),
        },
        y: Axis { label: "written and read, GB/s", scale: Scale::Log, ticks: None },
        // What carries small payloads alone is no curve.
        series: series.into_iter().filter(|series| series.points.len() > 1).collect(),
    }
}

fn depth(results: &Results) -> Chart {
    let mut series: Vec<Series> = Vec::new();
    let mut ticks = Vec::new();
    for (depth, group) in
        results.groups.iter().filter_map(|group| Some((group.name.strip_prefix("stream-64-")?, group)))
    {
        let Ok(x) = depth.parse::<f64>() else { continue };
        ticks.push((x, readable(x)));
        for cell in group.cells.iter().filter(|cell| ["bare ring", "ours", "rtrb"].contains(&cell.label.as_str())) {
            let Some([low, y, high]) = cell.summary() else { continue };
            let label = if cell.label == "rtrb" { "rtrb, threads" } else { &cell.label };
            let point = Point { x, y, low, high };
            match series.iter_mut().find(|series| series.label == label) {
                Some(series) => series.points.push(point),
                None => series.push(Series { label: label.into(), style: style(cell), points: vec![point] }),
            }
        }
    }
    Chart {
        title: "Stream of 64 B, one at a time".into(),
        x: Axis { label: "payloads that the buffer holds", scale: Scale::Log, ticks: Some(ticks) },
        y: Axis { label: "time of a payload, ns", scale: Scale::Log, ticks: None },
        series,
    }
}

fn consumers(results: &Results) -> Chart {
    let curve = |name: &str, label: &str, style| {
        let points = plan::CONSUMERS.iter().filter_map(|&count| {
            let label = plan::consumers_label(count);
            let [low, y, high] = group(results, name)?.cell(&label)?.summary()?;
            Some(Point { x: count as f64, y, low, high })
        });
        Series { label: label.into(), style, points: points.collect() }
    };
    Chart {
        title: "Cost of a 64 B frame to several consumers on one core".into(),
        x: Axis {
            label: "consumers",
            scale: Scale::Log,
            ticks: Some(plan::CONSUMERS.map(|count| (count as f64, count.to_string())).into()),
        },
        y: Axis { label: "ns a frame", scale: Scale::Log, ticks: None },
        series: vec![
            curve("bursts", "producer's part", Style::Ours),
            curve("stream-to-many", "stream read by all", Style::OursToo),
        ]
        .into_iter()
        .filter(|series| !series.points.is_empty())
        .collect(),
    }
}
