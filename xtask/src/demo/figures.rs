//! What the modules of a pipeline wrote down: for each frame that one wrote or read, its number and its times.

use std::fs;
use std::path::Path;

/// What one end of a ring, a producer or a consumer, did with each frame, in the order in which they came.
pub(super) struct End {
    pub(super) channel: String,
    pub(super) action: Action,
    pub(super) frames: Vec<Frame>,
}

/// What was done with a frame. All moments are in nanoseconds of one clock.
pub(super) struct Frame {
    pub(super) sequence: u64,
    /// Its place was asked for, or it came.
    pub(super) began_ns: u64,
    /// How long it took.
    pub(super) time_ns: u64,
    /// What a reader knows of it.
    pub(super) origin: Option<Origin>,
}

/// Moments before a frame came.
pub(super) struct Origin {
    /// The camera had its picture.
    pub(super) stamp_ns: u64,
    /// It was published.
    pub(super) published_ns: u64,
}

impl End {
    /// How long each frame took.
    pub(super) fn times(&self) -> Times {
        Times::of(self.frames.iter().map(|frame| frame.time_ns).collect())
    }

    /// How old each picture was when it came; a producer knows of none.
    pub(super) fn ages(&self) -> Times {
        let origins = self.frames.iter().filter_map(|frame| Some((frame, frame.origin.as_ref()?)));
        Times::of(origins.map(|(frame, origin)| frame.began_ns.saturating_sub(origin.stamp_ns)).collect())
    }
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Action {
    /// From asking for the frame's place until the producer goes on.
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
    pub(super) fn together(ends: impl Iterator<Item = Self>) -> Self {
        Self::of(ends.flat_map(|times| times.0).collect())
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
    let mut ends: Vec<End> = Vec::new();
    // The row that a module was writing when it was killed is none.
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    for line in whole.lines().skip(1) {
        let (channel, action, frame) = row(line).ok_or(line)?;
        match ends.iter_mut().find(|end| end.channel == channel && end.action == action) {
            Some(end) => end.frames.push(frame),
            None => ends.push(End { channel: channel.to_owned(), action, frames: vec![frame] }),
        }
    }
    Ok(ends)
}

/// Channel, action, and what was done with the frame.
fn row(line: &str) -> Option<(&str, Action, Frame)> {
    let columns: Vec<&str> = line.split(',').collect();
    let [channel, action, sequence, began, time, stamp, published] = columns[..] else { return None };
    let (action, origin) = match action {
        "write" => (Action::Write, None),
        "read" => (Action::Read, Some(Origin { stamp_ns: stamp.parse().ok()?, published_ns: published.parse().ok()? })),
        _ => return None,
    };
    let [sequence, began_ns, time_ns] = [sequence.parse().ok()?, began.parse().ok()?, time.parse().ok()?];
    Some((channel, action, Frame { sequence, began_ns, time_ns, origin }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_become_the_ends_of_a_module_and_a_row_that_was_cut_short_is_none() {
        let text = "\
channel,action,sequence,began_ns,time_ns,stamp_ns,published_ns
frames,read,0,1000,70,100,900
edges,write,0,1100,50,,
frames,read,1,2000,60,19";
        let ends = parse(text).unwrap();
        let told: Vec<_> = ends.iter().map(|end| (end.channel.as_str(), end.action, end.frames.len())).collect();
        assert_eq!(told, [("frames", Action::Read, 1), ("edges", Action::Write, 1)]);
        assert_eq!(ends[0].ages().quantile_us(1.0), Some(0.9), "from the camera's having it until it came");
        assert_eq!((ends[1].ages().count(), ends[1].times().quantile_us(1.0)), (0, Some(0.05)));
    }

    #[test]
    fn a_row_that_is_none_is_shown() {
        assert_eq!(parse("head\nframes,peek,0,1,2,3,4\n").err().unwrap(), "frames,peek,0,1,2,3,4");
        assert_eq!(parse("head\nframes,read,0,1,2,,\n").err().unwrap(), "frames,read,0,1,2,,");
    }

    #[test]
    fn quantiles_are_times_that_were_measured() {
        let times = Times::of((1..=1000).rev().map(|time| 1000 * time).collect());
        let quantiles = [0.5, 0.99, 0.999, 1.0].map(|share| times.quantile_us(share).unwrap());
        assert_eq!(quantiles, [500.0, 990.0, 999.0, 1000.0]);
        assert_eq!((times.below_us(1000), Times::default().quantile_us(0.5)), (999, None));
    }
}
