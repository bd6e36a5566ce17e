//! Line charts as SVG, written by hand: two axes, lines with points and whiskers, a legend beside them.

use std::fmt::Write;

/// A chart.
pub(crate) struct Chart {
    pub(crate) title: String,
    pub(crate) x: Axis,
    pub(crate) y: Axis,
    pub(crate) series: Vec<Series>,
}

pub(crate) struct Axis {
    /// With its unit.
    pub(crate) label: &'static str,
    pub(crate) scale: Scale,
    /// Places and what stands there; none to find them.
    pub(crate) ticks: Option<Vec<(f64, String)>>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Scale {
    Linear,
    Log,
}

/// A line.
pub(crate) struct Series {
    pub(crate) label: String,
    pub(crate) style: Style,
    pub(crate) points: Vec<Point>,
}

/// Whose line it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Style {
    /// Red and thick.
    Ours,
    /// Red and thin.
    OursToo,
    /// Grey and dashed.
    Limit,
    /// In a colour of its own.
    Peer,
}

/// A point, with its range.
pub(crate) struct Point {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl Point {
    /// A point without a range.
    pub(crate) fn at(x: f64, y: f64) -> Self {
        Self { x, y, low: y, high: y }
    }
}

const WIDTH: f64 = 940.0;
const HEIGHT: f64 = 500.0;
/// The area within the axes.
const LEFT: f64 = 84.0;
const RIGHT: f64 = 700.0;
const TOP: f64 = 56.0;
const BOTTOM: f64 = 430.0;

const RED: &str = "#c8102e";
const GREYS: [&str; 5] = ["#111111", "#666666", "#8f8f8f", "#444444", "#a8a8a8"];
const COLOURS: [&str; 7] = ["#0072b2", "#e69f00", "#009e73", "#8f5bb5", "#56b4e9", "#a0522d", "#7a8b00"];
const DASHES: [&str; 4] = ["7 4", "2 3", "9 3 2 3", "4 4"];

impl Chart {
    /// The whole file.
    pub(crate) fn draw(&self) -> String {
        let points = || self.series.iter().flat_map(|series| &series.points);
        let ticks_x = self.x.ticks.clone().unwrap_or_default().into_iter().map(|(place, _)| place);
        let x = Span::over(self.x.scale, points().map(|point| point.x).chain(ticks_x), [LEFT + 14.0, RIGHT - 14.0]);
        let y = Span::over(
            self.y.scale,
            points().flat_map(|point| [point.low, point.high, point.y]),
            [BOTTOM - 10.0, TOP + 10.0],
        );
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" \
             height=\"{HEIGHT}\" font-family=\"Helvetica, Arial, sans-serif\" font-size=\"13\" fill=\"#222\">\n\
             <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
        );
        text(&mut svg, LEFT, 30.0, "start", "font-size=\"17\" font-weight=\"bold\"", &self.title);
        self.draw_axes(&mut svg, &x, &y);
        let (mut limits, mut peers) = (0, 0);
        let looks: Vec<String> = self
            .series
            .iter()
            .map(|series| match series.style {
                Style::Ours => format!("stroke=\"{RED}\" stroke-width=\"3.2\""),
                Style::OursToo => format!("stroke=\"{RED}\" stroke-width=\"1.6\" stroke-dasharray=\"5 3\""),
                Style::Limit => {
                    limits += 1;
                    let place = limits - 1;
                    let (grey, dash) = (GREYS[place % GREYS.len()], DASHES[place % DASHES.len()]);
                    format!("stroke=\"{grey}\" stroke-width=\"1.8\" stroke-dasharray=\"{dash}\"")
                }
                Style::Peer => {
                    peers += 1;
                    format!("stroke=\"{}\" stroke-width=\"1.8\"", COLOURS[(peers - 1) % COLOURS.len()])
                }
            })
            .collect();
        // What is ours lies on top.
        let mut order: Vec<usize> = (0..self.series.len()).collect();
        order.sort_by_key(|&place| self.series[place].style == Style::Ours);
        for place in order {
            draw_series(&mut svg, &self.series[place], &looks[place], &x, &y);
        }
        self.draw_legend(&mut svg, &looks);
        svg + "</svg>\n"
    }

    fn draw_axes(&self, svg: &mut String, x: &Span, y: &Span) {
        let ticks = |axis: &Axis, span: &Span| axis.ticks.clone().unwrap_or_else(|| span.ticks());
        for (place, label) in ticks(&self.x, x) {
            let at = x.place(place);
            line(svg, [at, TOP, at, BOTTOM], "stroke=\"#e4e4e4\"");
            text(svg, at, BOTTOM + 20.0, "middle", "", &label);
        }
        for (place, label) in ticks(&self.y, y) {
            let at = y.place(place);
            line(svg, [LEFT, at, RIGHT, at], "stroke=\"#e4e4e4\"");
            text(svg, LEFT - 8.0, at + 4.5, "end", "", &label);
        }
        line(svg, [LEFT, BOTTOM, RIGHT, BOTTOM], "stroke=\"#222\"");
        line(svg, [LEFT, TOP, LEFT, BOTTOM], "stroke=\"#222\"");
        text(svg, (LEFT + RIGHT) / 2.0, BOTTOM + 48.0, "middle", "", self.x.label);
        let (across, middle) = (22.0, (TOP + BOTTOM) / 2.0);
        text(svg, across, middle, "middle", &format!("transform=\"rotate(-90 {across} {middle})\""), self.y.label);
    }

    /// In the order in which the lines end at the right, so that the eye finds them.
    fn draw_legend(&self, svg: &mut String, looks: &[String]) {
        let end = |place: usize| self.series[place].points.last().map_or(0.0, |point| point.y);
        let mut order: Vec<usize> = (0..self.series.len()).collect();
        order.sort_by(|&one, &other| end(other).total_cmp(&end(one)));
        for (row, place) in order.into_iter().enumerate() {
            let at = TOP + 14.0 + 24.0 * row as f64;
            line(svg, [RIGHT + 18.0, at, RIGHT + 52.0, at], &looks[place]);
            let bold = if self.series[place].style == Style::Ours { "font-weight=\"bold\"" } else { "" };
            text(svg, RIGHT + 60.0, at + 4.5, "start", bold, &self.series[place].label);
        }
    }
}

fn draw_series(svg: &mut String, series: &Series, look: &str, x: &Span, y: &Span) {
    let places: Vec<(f64, f64)> = series.points.iter().map(|point| (x.place(point.x), y.place(point.y))).collect();
    for (point, (at, _)) in series.points.iter().zip(&places) {
        if point.low < point.high {
            let solid = look.split(" stroke-").next().unwrap_or(look);
            line(svg, [*at, y.place(point.low), *at, y.place(point.high)], &format!("{solid} stroke-opacity=\"0.35\""));
        }
    }
    let path: Vec<String> = places.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    push(svg, format_args!("<polyline points=\"{}\" fill=\"none\" stroke-linejoin=\"round\" {look}/>", path.join(" ")));
    let colour = look.split('"').nth(1).unwrap_or("#222");
    for (x, y) in places {
        push(svg, format_args!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2.8\" fill=\"{colour}\"/>"));
    }
}

fn line(svg: &mut String, [x1, y1, x2, y2]: [f64; 4], look: &str) {
    push(svg, format_args!("<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" {look}/>"));
}

fn text(svg: &mut String, x: f64, y: f64, anchor: &str, look: &str, words: &str) {
    let words = words.replace('&', "&amp;").replace('<', "&lt;");
    push(svg, format_args!("<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" {look}>{words}</text>"));
}

fn push(svg: &mut String, what: std::fmt::Arguments<'_>) {
    // Writing to a string does not fail.
    let _ = writeln!(svg, "{what}");
}

/// What an axis covers, and where.
struct Span {
    scale: Scale,
    values: [f64; 2],
    places: [f64; 2],
}

impl Span {
    fn over(scale: Scale, values: impl Iterator<Item = f64>, places: [f64; 2]) -> Self {
        let values = values.filter(|value| value.is_finite() && (scale == Scale::Linear || *value > 0.0));
        let [least, most] =
            values.fold([f64::INFINITY, f64::NEG_INFINITY], |[least, most], value| [least.min(value), most.max(value)]);
        let widened = match scale {
            _ if least < most => [least, most],
            Scale::Log => [least / 2.0, most * 2.0],
            Scale::Linear => [least - 1.0, most + 1.0],
        };
        Self { scale, values: widened, places }
    }

    fn place(&self, value: f64) -> f64 {
        let scaled = |value: f64| if self.scale == Scale::Log { value.max(f64::MIN_POSITIVE).log10() } else { value };
        let [first, last] = self.values.map(scaled);
        let [from, to] = self.places;
        from + (to - from) * (scaled(value) - first) / (last - first)
    }

    /// Round values: the powers of ten where these are many, the more between them the fewer they are.
    fn ticks(&self) -> Vec<(f64, String)> {
        let [least, most] = self.values;
        let powers = (least.max(f64::MIN_POSITIVE).log10().floor() as i32)..=(most.log10().ceil() as i32);
        let steps: &[f64] = match most / least {
            ratio if ratio > 1e4 => &[1.0],
            ratio if ratio > 10.0 => &[1.0, 2.0, 5.0],
            _ => &[1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0],
        };
        let values = powers.flat_map(|power| steps.iter().map(move |step| step * 10f64.powi(power)));
        values.filter(|value| (least..=most).contains(value)).map(|value| (value, readable(value))).collect()
    }
}

/// A round number with a thin space between thousands.
pub(crate) fn readable(value: f64) -> String {
    if value < 10.0 {
        return format!("{value:.4}").trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            text.push('\u{2009}');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_on_axes_are_readable() {
        assert_eq!([0.05, 1.0, 500.0, 20_000.0].map(readable), ["0.05", "1", "500", "20\u{2009}000"]);
    }

    #[test]
    fn a_log_axis_places_equal_ratios_equally() {
        let span = Span::over(Scale::Log, [1.0, 100.0].into_iter(), [0.0, 10.0]);
        assert_eq!([1.0, 10.0, 100.0].map(|value| span.place(value)), [0.0, 5.0, 10.0]);
    }
}
