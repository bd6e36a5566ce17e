//! The table at the end of the demo.

use std::io::IsTerminal;

use serde_json::Value;

const NOTES: &str = "\
time, sent:     from asking for the frame's place in the ring until it is published; waiting for space and filling it
                are in it (the camera copies the pixels in, edges computes them there)
time, received: from having the frame until every pixel was read and its checksum compared; waiting for it is not in it
age:            from the camera's stamp, before its write, until the process has the frame
";

/// Prints a row for each end of a ring, and gives the number of frames that were sent and did not arrive.
pub(crate) fn print(modules: &[(&str, Vec<Value>)]) -> u64 {
    let paint = if std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none() { COLOURS } else { PLAIN };
    let (text, lost) = render(modules, &paint);
    print!("{text}{NOTES}");
    lost
}

/// What to print around headings, good and bad figures.
struct Paint {
    heading: &'static str,
    good: &'static str,
    bad: &'static str,
    end: &'static str,
}

const PLAIN: Paint = Paint { heading: "", good: "", bad: "", end: "" };
const COLOURS: Paint = Paint { heading: "\x1b[1m", good: "\x1b[32m", bad: "\x1b[1;31m", end: "\x1b[0m" };

/// The table, and the number of lost frames.
fn render(modules: &[(&str, Vec<Value>)], paint: &Paint) -> (String, u64) {
    let all = || modules.iter().flat_map(|(_, ends)| ends);
    let sent = |ring: &Value| -> u64 { all().filter(|end| writes(end) && end["channel"] == *ring).map(frames).sum() };

    let heading = |names: [&str; 3], lost: &str, time: [&str; 3], age: [&str; 3]| {
        let line = row(names, &format!("{lost:>5}"), &time.map(String::from), &age.map(String::from));
        format!("{}{line}{}\n", paint.heading, paint.end)
    };
    let mut text = heading([""; 3], "", ["time, µs", "", ""], ["age, µs", "", ""]);
    text += &heading(["process", "ring", "frames"], "lost", ["p50", "p99", "max"], ["p50", "p99", "max"]);
    let mut lost_in_all = 0;
    for (module, ends) in modules {
        for (number, end) in ends.iter().enumerate() {
            let name = if number == 0 { module } else { "" };
            let ring = end["channel"].as_str().unwrap_or("?");
            let (verb, lost) = if writes(end) {
                ("sent", format!("{:5}", ""))
            } else {
                let lost = sent(&end["channel"]).saturating_sub(frames(end));
                lost_in_all += lost;
                ("received", format!("{}{lost:5}{}", if lost == 0 { paint.good } else { paint.bad }, paint.end))
            };
            let counted = format!("{} {verb}", frames(end));
            text += &row([name, ring, &counted], &lost, &quantiles(&end["time_ns"]), &quantiles(&end["age_ns"]));
            text += "\n";
        }
    }
    (text, lost_in_all)
}

/// One line: names to the left, figures to the right. `lost` is already as wide as its column, for it may be painted.
fn row([process, ring, frames]: [&str; 3], lost: &str, time: &[String; 3], age: &[String; 3]) -> String {
    let figures = |[p50, p99, max]: &[String; 3]| format!("{p50:>9}{p99:>9}{max:>9}");
    let line = format!("{process:<14} {ring:<7} {frames:<14}{lost} {}  {}", figures(time), figures(age));
    line.trim_end().to_owned()
}

fn writes(end: &Value) -> bool {
    end["action"] == "write"
}

fn frames(end: &Value) -> u64 {
    end["frames"].as_u64().unwrap_or(0)
}

/// Median, 99th percentile and maximum in µs; empty where nothing was measured.
fn quantiles(nanoseconds: &Value) -> [String; 3] {
    [0, 1, 2]
        .map(|place| nanoseconds[place].as_f64().map_or_else(String::new, |value| format!("{:.1}", value / 1000.0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_consumer_that_got_fewer_frames_than_were_sent_has_lost_them() {
        let end = |channel, action, frames| json!({ "channel": channel, "action": action, "frames": frames });
        let modules = [
            ("camera", vec![end("frames", "write", 10)]),
            ("edges", vec![end("frames", "read", 10), end("edges", "write", 10)]),
            ("edge-checker", vec![end("edges", "read", 7)]),
        ];
        assert_eq!(render(&modules, &PLAIN).1, 3);
    }

    #[test]
    fn a_row_gives_frames_loss_and_times_under_their_headings() {
        let end = json!({ "channel": "frames", "action": "read", "frames": 250,
                          "time_ns": [12_345, 45_678, 1_234_567], "age_ns": [1_000, 2_000, 3_000] });
        assert_eq!(
            render(&[("frame-checker", vec![end])], &PLAIN).0,
            "                                            time, µs                      age, µs
process        ring    frames         lost       p50      p99      max        p50      p99      max
frame-checker  frames  250 received      0      12.3     45.7   1234.6        1.0      2.0      3.0
"
        );
    }
}
