//! Curves as an SVG file: panels one below the other, over one axis of time.

use std::fmt::Write;

const WIDTH: f64 = 960.0;
const PANEL_HEIGHT: f64 = 230.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 24.0;
const GAP: f64 = 58.0;
const BOTTOM: f64 = 44.0;

/// Dark enough on white, and told apart by those who see fewer colours.
const COLOURS: [&str; 3] = ["#0072b2", "#d55e00", "#009e73"];

/// One frame with curves in it.
pub(super) struct Panel<'a> {
    pub(super) title: &'a str,
    pub(super) series: Vec<Series<'a>>,
}

/// Points of one kind: seconds, and a value.
pub(super) enum Series<'a> {
    Dots { points: Vec<(f64, f64)> },
    Line { name: &'a str, points: Vec<(f64, f64)> },
}

impl Series<'_> {
    fn points(&self) -> &[(f64, f64)] {
        match self {
            Self::Dots { points } | Self::Line { points, .. } => points,
        }
    }
}

/// The whole picture.
pub(super) fn svg(title: &str, time: &str, panels: &[Panel]) -> String {
    let height = TOP + panels.len() as f64 * (GAP + PANEL_HEIGHT) + BOTTOM;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" \
         font-size=\"13\" fill=\"#333\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <text x=\"{LEFT}\" y=\"30\" font-size=\"17\">{title}</text>\n"
    );
    let all = || panels.iter().flat_map(|panel| &panel.series).flat_map(Series::points);
    let seconds = Axis::around(all().map(|point| point.0), LEFT, WIDTH - RIGHT);
    for (number, panel) in panels.iter().enumerate() {
        let top = TOP + GAP + number as f64 * (GAP + PANEL_HEIGHT);
        draw(&mut svg, panel, &seconds, top);
    }
    let _ = writeln!(svg, "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{time}</text>", WIDTH - RIGHT, height - 8.0);
    svg + "</svg>\n"
}

fn draw(svg: &mut String, panel: &Panel, seconds: &Axis, top: f64) {
    let bottom = top + PANEL_HEIGHT;
    let values = panel.series.iter().flat_map(Series::points).map(|point| point.1);
    let values = Axis::around(values, bottom, top);
    let _ = writeln!(svg, "<text x=\"{LEFT}\" y=\"{}\">{}</text>", top - 12.0, panel.title);
    for tick in values.ticks() {
        let (y, strong) = (values.place(tick), if tick == 0.0 { "#999" } else { "#e4e4e4" });
        let _ = writeln!(
            svg,
            "<path d=\"M{LEFT} {y:.1}H{}\" stroke=\"{strong}\"/><text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            WIDTH - RIGHT,
            LEFT - 8.0,
            y + 4.5,
            values.label(tick)
        );
    }
    for tick in seconds.ticks() {
        let x = seconds.place(tick);
        let _ = writeln!(
            svg,
            "<path d=\"M{x:.1} {bottom}v5\" stroke=\"#999\"/><text x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
            bottom + 19.0,
            seconds.label(tick)
        );
    }
    let _ = writeln!(svg, "<path d=\"M{LEFT} {bottom}H{}\" stroke=\"#999\"/>", WIDTH - RIGHT);
    for (series, colour) in panel.series.iter().zip(COLOURS) {
        let places = series.points().iter().map(|(time, value)| (seconds.place(*time), values.place(*value)));
        match series {
            Series::Dots { .. } => {
                let dots: String = places.map(|(x, y)| format!("M{x:.1} {y:.1}h0")).collect();
                let _ = writeln!(
                    svg,
                    "<path d=\"{dots}\" stroke=\"{colour}\" stroke-width=\"4\" stroke-linecap=\"round\" \
                     stroke-opacity=\"0.7\"/>"
                );
            }
            Series::Line { name, .. } => {
                let places: Vec<(f64, f64)> = places.collect();
                let line: String = places.iter().map(|(x, y)| format!(" {x:.1},{y:.1}")).collect();
                let _ = writeln!(
                    svg,
                    "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.6\"/>",
                    line.trim_start()
                );
                let (x, y) = places.last().copied().unwrap_or((LEFT, top));
                let _ =
                    writeln!(svg, "<text x=\"{:.1}\" y=\"{:.1}\" fill=\"{colour}\">{name}</text>", x + 5.0, y + 4.5);
            }
        }
    }
}

/// Where values stand: a range that holds all of them and zero's side, from round number to round number.
struct Axis {
    least: f64,
    most: f64,
    step: f64,
    from: f64,
    to: f64,
}

impl Axis {
    /// `from` and `to` are where its ends stand in the picture.
    fn around(values: impl Iterator<Item = f64>, from: f64, to: f64) -> Self {
        let (least, most) =
            values.fold((0.0_f64, f64::MIN_POSITIVE), |(least, most), value| (least.min(value), most.max(value)));
        let rough = (most - least) / 6.0;
        let magnitude = 10_f64.powf(rough.log10().floor());
        let steps = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * magnitude);
        let step = steps.into_iter().find(|step| *step >= rough).unwrap_or(rough);
        Self { least: (least / step).floor() * step, most: (most / step).ceil() * step, step, from, to }
    }

    fn place(&self, value: f64) -> f64 {
        self.from + (value - self.least) / (self.most - self.least) * (self.to - self.from)
    }

    fn ticks(&self) -> impl Iterator<Item = f64> {
        let (least, step) = ((self.least / self.step).round(), self.step);
        let count = ((self.most - self.least) / step).round() as usize;
        (0..=count).map(move |number| (least + number as f64) * step)
    }

    /// With as many digits as tell it from its neighbours.
    fn label(&self, tick: f64) -> String {
        let digits = (-self.step.log10().floor()).max(0.0) as usize;
        format!("{tick:.digits$}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_has_round_ticks_around_all_values_and_zero() {
        let axis = Axis::around([0.4, 5.3].into_iter(), 100.0, 0.0);
        assert_eq!(axis.ticks().map(|tick| axis.label(tick)).collect::<Vec<_>>(), ["0", "1", "2", "3", "4", "5", "6"]);
        assert_eq!((axis.place(0.0), axis.place(6.0)), (100.0, 0.0));
        let axis = Axis::around([-0.03, 0.05].into_iter(), 0.0, 1.0);
        assert_eq!(
            axis.ticks().map(|tick| axis.label(tick)).collect::<Vec<_>>(),
            ["-0.04", "-0.02", "0.00", "0.02", "0.04", "0.06"]
        );
    }

    #[test]
    fn every_point_lies_within_its_panel() {
        let points = vec![(0.0, -2.0), (3.0, 7.0)];
        let panels = [Panel { title: "", series: vec![Series::Dots { points }] }];
        let svg = svg("title", "s", &panels);
        assert!(svg.contains(&format!("M{LEFT:.1} {:.1}h0", TOP + GAP + PANEL_HEIGHT)), "{svg}");
        assert!(svg.contains(&format!("M{:.1} ", WIDTH - RIGHT)), "{svg}");
    }
}
