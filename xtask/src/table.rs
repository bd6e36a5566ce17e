//! The table at the end of the demo.

use std::io::IsTerminal;

use serde_json::Value;

const HEADING: &str = "\
process        channel   frames          lost   time, µs      p50      p99      max   age, µs    p50      p99      max";

/// Prints a row for each end of a ring, and gives the number of frames that were sent and did not arrive.
pub(crate) fn print(modules: &[(&str, Vec<Value>)]) -> u64 {
    let paint = if std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none() { COLOURS } else { PLAIN };
    let (text, lost) = render(modules, &paint);
    print!("{text}");
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

fn render(modules: &[(&str, Vec<Value>)], paint: &Paint) -> (String, u64) {
    let ends = || modules.iter().flat_map(|(_, ends)| ends);
    let sent =
        |channel: &Value| -> u64 { ends().filter(|end| writes(end) && end["channel"] == *channel).map(frames).sum() };

    let mut text = format!("{}{HEADING}{}\n", paint.heading, paint.end);
    let mut lost_in_all = 0;
    for (module, ends) in modules {
        for (row, end) in ends.iter().enumerate() {
            let name = if row == 0 { module } else { "" };
            let channel = end["channel"].as_str().unwrap_or("?");
            let (verb, action, lost) = if writes(end) {
                ("sent", "write", format!("{:4}", ""))
            } else {
                let lost = sent(&end["channel"]).saturating_sub(frames(end));
                lost_in_all += lost;
                let paint_lost = if lost == 0 { paint.good } else { paint.bad };
                ("received", "read", format!("{paint_lost}{lost:4}{}", paint.end))
            };
            let counted = format!("{} {verb}", frames(end));
            let [time, age] = [quantiles(&end["time_ns"]), quantiles(&end["age_ns"])];
            let row = format!("{name:<14} {channel:<9} {counted:<15} {lost}   {action:<8} {time}          {age}");
            text += row.trim_end();
            text += "\n";
        }
    }
    text += NOTES;
    (text, lost_in_all)
}

const NOTES: &str = "\
write: from asking for the frame's place in the ring until it is published, waiting for space and filling it included
       (the camera copies the pixels in; edges computes them there)
read:  from having the frame until every pixel was read and its checksum compared; waiting for it is not in it
age:   from the camera's stamp, before its write, until the process has the frame
";

fn writes(end: &Value) -> bool {
    end["action"] == "write"
}

fn frames(end: &Value) -> u64 {
    end["frames"].as_u64().unwrap_or(0)
}

/// Three columns in µs, blank where nothing was measured.
fn quantiles(nanoseconds: &Value) -> String {
    let column = |place: usize| match nanoseconds[place].as_f64() {
        Some(value) => format!("{:8.1}", value / 1000.0),
        None => format!("{:8}", ""),
    };
    format!("{} {} {}", column(0), column(1), column(2))
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
    fn figures_stand_under_their_headings() {
        let end = json!({ "channel": "frames", "action": "read", "frames": 250,
                          "time_ns": [12_345, 45_678, 1_234_567], "age_ns": [1_000, 2_000, 3_000] });
        let text = render(&[("frame-checker", vec![end])], &PLAIN).0;
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[1].starts_with("frame-checker  frames    250 received"), "{}", lines[1]);
        for (heading, figure) in [("p50", "12.3"), ("p99", "45.7"), ("max", "1234.6")] {
            let ends_at = |line: &str, word| line.find(word).map(|at| line[..at].chars().count() + str::len(word));
            assert_eq!(ends_at(lines[0], heading), ends_at(lines[1], figure), "\n{}\n{}", lines[0], lines[1]);
        }
    }
}
