//! What the modules of a pipeline wrote down: for each frame that one wrote or read, its number and its times.

use std::fs;
use std::path::Path;

/// What one end of a ring, a producer or a consumer, did.
pub(super) struct End {
    pub(super) channel: String,
    pub(super) action: Action,
    /// Numbers of the frames, in the order in which they came.
    pub(super) sequences: Vec<u64>,
    /// How long each took.
    pub(super) time: Times,
    /// How old each was when it came; producers have none.
    pub(super) age: Times,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Action {
    /// From asking for the frame's place until it was published.
    Write,
    /// From having the frame until the last of its pixels was read.
    Read,
}

/// Times in nanoseconds, sorted.
#[derive(Default)]
pub(super) struct Times(Vec<u64>);

impl Times {
    pub(super) fn of(mut times_ns: Vec<u64>) -> Self {
        times_ns.sort_unstable();
        Self(times_ns)
    }

    /// The least time that so large a share of all does not exceed, in µs; `None` if there is none.
    pub(super) fn quantile_us(&self, share: f64) -> Option<f64> {
        let rank = (share * self.0.len() as f64).ceil() as usize;
        let time_ns = self.0.get(rank.saturating_sub(1).min(self.0.len().checked_sub(1)?))?;
        Some(*time_ns as f64 / 1000.0)
    }

    /// All times of several ends.
    pub(super) fn together<'a>(ends: impl Iterator<Item = &'a Self>) -> Self {
        Self::of(ends.flat_map(|times| &times.0).copied().collect())
    }

    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// How many are below so many µs.
    pub(super) fn below_us(&self, limit_us: u64) -> usize {
        self.0.partition_point(|time_ns| *time_ns < 1000 * limit_us)
    }
}

/// The ends of a module, from its file `MODULE.csv` in this folder; none if it wrote none.
pub(super) fn read(folder: &Path, module: &str) -> Result<Vec<End>, String> {
    let path = folder.join(module).with_extension("csv");
    let text = fs::read_to_string(&path).unwrap_or_default();
    parse(&text).map_err(|line| format!("{}: a row of figures is not understood: {line}", path.display()))
}

fn parse(text: &str) -> Result<Vec<End>, String> {
    let mut ends: Vec<(End, Vec<u64>, Vec<u64>)> = Vec::new();
    // The row that a module was writing when it was killed is none.
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    for line in whole.lines().skip(1) {
        let row = Row::parse(line).ok_or(line)?;
        let known = ends.iter().position(|(end, ..)| end.channel == row.channel && end.action == row.action);
        let place = known.unwrap_or_else(|| {
            let (channel, action) = (row.channel.to_owned(), row.action);
            let end = End { channel, action, sequences: Vec::new(), time: Times::default(), age: Times::default() };
            ends.push((end, Vec::new(), Vec::new()));
            ends.len() - 1
        });
        let (end, times, ages) = &mut ends[place];
        end.sequences.push(row.sequence);
        times.push(row.time_ns);
        ages.extend(row.age_ns);
    }
    let finish = |(end, times, ages)| End { time: Times::of(times), age: Times::of(ages), ..end };
    Ok(ends.into_iter().map(finish).collect())
}

struct Row<'a> {
    channel: &'a str,
    action: Action,
    sequence: u64,
    time_ns: u64,
    age_ns: Option<u64>,
}

impl<'a> Row<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let columns: Vec<&str> = line.split(',').collect();
        let [channel, action, sequence, time, age] = columns[..] else { return None };
        let action = match action {
            "write" => Action::Write,
            "read" => Action::Read,
            _ => return None,
        };
        let age_ns = if age.is_empty() { None } else { Some(age.parse().ok()?) };
        Some(Self { channel, action, sequence: sequence.parse().ok()?, time_ns: time.parse().ok()?, age_ns })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_become_the_ends_of_a_module_and_a_row_that_was_cut_short_is_none() {
        let text =
            "channel,action,sequence,time_ns,age_ns\nframes,read,0,70,900\nedges,write,0,50,\nframes,read,1,60,9";
        let ends = parse(text).unwrap();
        let told: Vec<_> = ends.iter().map(|end| (end.channel.as_str(), end.action, &end.sequences[..])).collect();
        assert_eq!(told, [("frames", Action::Read, &[0][..]), ("edges", Action::Write, &[0][..])]);
        assert_eq!((ends[0].age.count(), ends[1].age.count()), (1, 0));
    }

    #[test]
    fn a_row_that_is_none_is_shown() {
        assert_eq!(parse("head\nframes,peek,0,1,\n").err().unwrap(), "frames,peek,0,1,");
    }

    #[test]
    fn quantiles_are_times_that_were_measured() {
        let times = Times::of((1..=1000).rev().map(|time| 1000 * time).collect());
        let quantiles = [0.5, 0.99, 0.999, 1.0].map(|share| times.quantile_us(share).unwrap());
        assert_eq!(quantiles, [500.0, 990.0, 999.0, 1000.0]);
        assert_eq!((times.below_us(1000), Times::default().quantile_us(0.5)), (999, None));
    }
}
