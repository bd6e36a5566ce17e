//! The second experiment: each picture of a camera with the motion that was measured since the one before.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use super::application::{Application, End, INTERRUPTED, build};
use super::figures::Times;
use super::plot::{self, Panel, Series};
use super::{Languages, Pace, Request};
use crate::{Outcome, outside};

/// How many samples the device's queue holds, as `examples/src/motion.rs` says.
const QUEUE_SAMPLES: usize = 100;

/// Runs it once, says how far each picture's samples lie from it, and plots that.
pub(super) fn run(request: &Request) -> Outcome {
    if request.pace == Pace::Fast || request.languages == Languages::Rust {
        return Err("`demo sync` takes neither --fast nor --rust: it runs in its own time, and is in Rust.".into());
    }
    let clip = outside::clip(request.clip.as_deref().unwrap_or(Path::new("bigbuckbunny.mp4")))?;
    let flight = outside::flight()?;
    let mut application = Application::new("sync/app.json", Path::new("sync"))?;
    build("the modules in Rust", &["--bins", "--package", "ipc-examples"])?;
    application.play(&clip, request.seconds.unwrap_or(20.0), request.pace)?;
    application.tell("DEMO_MOTION", std::path::absolute(flight).map_err(|error| format!("no path: {error}."))?);
    let out = application.out.clone();
    let end = application.run()?;

    let path = out.join("samples.csv");
    let text = fs::read_to_string(&path).map_err(|error| format!("cannot read {}: {error}.", path.display()))?;
    let samples = parse(&text).map_err(|line| format!("{}: a row is not understood: {line}", path.display()))?;
    let pictures = fs::read_dir(&out).into_iter().flatten().flatten();
    let pictures = pictures.filter(|entry| entry.path().extension().is_some_and(|it| it == "pgm")).count();
    let outcome = Matched::of(&samples).ok_or("no sample has come: the application ended too early.")?;
    print!("{}", outcome.report(pictures));
    let offsets = out.join("offsets.svg");
    fs::write(&offsets, outcome.plot(&samples)).map_err(|e| format!("cannot write {}: {e}.", offsets.display()))?;
    println!("plot: {}\nsamples: {}\npictures: {}", offsets.display(), path.display(), out.join("*.pgm").display());
    if outcome.lost > 0 {
        return Err(format!("{} samples were measured and did not arrive.", outcome.lost));
    }
    Ok(if end == End::Interrupted { ExitCode::from(INTERRUPTED) } else { ExitCode::SUCCESS })
}

/// A sample with the picture that it belongs to.
struct Sample {
    picture: u64,
    picture_ns: i64,
    rate_hz: f64,
    /// Most samples that had waited in the device's queue.
    queue: usize,
    index: u64,
    stamp_ns: i64,
    position: [f64; 3],
}

fn parse(text: &str) -> Result<Vec<Sample>, &str> {
    text.lines().skip(1).map(|line| Sample::parse(line).ok_or(line)).collect()
}

impl Sample {
    fn parse(line: &str) -> Option<Self> {
        let columns: Vec<&str> = line.split(',').collect();
        let [picture, picture_ns, rate, queue, index, stamp, x, y, z, ..] = columns[..] else { return None };
        Some(Self {
            picture: picture.parse().ok()?,
            picture_ns: picture_ns.parse().ok()?,
            rate_hz: rate.parse().ok()?,
            queue: queue.parse().ok()?,
            index: index.parse().ok()?,
            stamp_ns: stamp.parse().ok()?,
            position: [x.parse().ok()?, y.parse().ok()?, z.parse().ok()?],
        })
    }

    /// When both it and its picture were still to come.
    fn begin_ns(&self) -> i64 {
        self.stamp_ns.min(self.picture_ns)
    }

    /// How long before its picture it was measured; negative if after it.
    fn before_ms(&self) -> f64 {
        (self.picture_ns - self.stamp_ns) as f64 / 1e6
    }
}

/// How the samples lie to their pictures.
struct Matched {
    samples: usize,
    /// How many numbers are left out from one sample to the next, be it forwards or backwards.
    lost: u64,
    /// Most samples of one picture.
    most: usize,
    /// Most samples that waited in the device's queue.
    fullest: usize,
    /// What half of the pictures' rates do not exceed.
    rate_hz: f64,
    /// For each picture with samples: its time since the beginning, and how long before it the newest and the oldest of its
    /// samples were measured.
    pictures: Vec<(f64, f64, f64)>,
    /// For each of these pictures, the distance to the nearest sample of all, in ns.
    nearest: Times,
}

impl Matched {
    /// `None` if there is no sample.
    fn of(samples: &[Sample]) -> Option<Self> {
        let (first, last) = (samples.first()?, samples.last()?);
        let begin_ns = first.begin_ns();
        let gaps = samples.windows(2).map(|pair| pair[1].index.abs_diff(pair[0].index + 1));
        let groups: Vec<&[Sample]> = samples.chunk_by(|a, b| a.picture == b.picture).collect();
        let pictures = groups.iter().map(|group| {
            let (oldest, newest) = (&group[0], &group[group.len() - 1]);
            ((newest.picture_ns - begin_ns) as f64 / 1e9, newest.before_ms(), oldest.before_ms())
        });
        let nearest = groups.iter().map(|group| {
            let picture_ns = group[0].picture_ns;
            let after = samples.partition_point(|sample| sample.stamp_ns < picture_ns);
            let around = &samples[after.saturating_sub(1)..(after + 1).min(samples.len())];
            around.iter().map(|sample| sample.stamp_ns.abs_diff(picture_ns)).min().unwrap_or(0)
        });
        let mut rates: Vec<f64> = groups.iter().map(|group| group[0].rate_hz).collect();
        rates.sort_by(f64::total_cmp);
        Some(Self {
            samples: samples.len(),
            lost: first.index + gaps.sum::<u64>(),
            most: groups.iter().map(|group| group.len()).max()?,
            fullest: last.queue,
            rate_hz: rates[rates.len() / 2],
            pictures: pictures.collect(),
            nearest: Times::of(nearest.collect()),
        })
    }

    fn report(&self, pictures: usize) -> String {
        let Self { samples, lost, most, fullest, rate_hz, .. } = self;
        let row = |name: &str, mut offsets: Vec<f64>| {
            offsets.sort_by(f64::total_cmp);
            let at = |share: f64| offsets[((share * offsets.len() as f64).ceil() as usize).max(1) - 1];
            format!("{name:<16}{:>9.2}{:>9.2}{:>9.2}{:>9.2}\n", at(0.0), at(0.5), at(0.99), at(1.0))
        };
        let nearest = |share: f64| self.nearest.quantile_us(share).unwrap_or(0.0) / 1000.0;
        format!(
            "\
{pictures} pictures of 1280 × 480 on disk, {rate_hz:.1} a second; {samples} samples, {lost} lost
at most {most} samples belong to a picture; at most {fullest} waited in the device's queue, which holds {QUEUE_SAMPLES}

ms before its picture      min      p50      p99      max
{}{}{:<16}{:>9.2}{:>9.2}{:>9.2}{:>9.2}   (of all samples, before or after)
",
            row("newest sample", self.pictures.iter().map(|(_, newest, _)| *newest).collect()),
            row("oldest sample", self.pictures.iter().map(|(.., oldest)| *oldest).collect()),
            "nearest sample",
            nearest(0.0),
            nearest(0.5),
            nearest(0.99),
            nearest(1.0),
        )
    }

    /// How long before each picture its newest sample was measured, and below it where the device was.
    fn plot(&self, samples: &[Sample]) -> String {
        let newest = self.pictures.iter().map(|(time, newest, _)| (*time, *newest)).collect();
        let begin_ns = samples.first().map_or(0, Sample::begin_ns);
        let axis = |axis: usize| {
            let point = |sample: &Sample| ((sample.stamp_ns - begin_ns) as f64 / 1e9, sample.position[axis]);
            samples.iter().map(point).collect()
        };
        plot::svg(
            "Pictures and the motion of their camera, brought together over two rings",
            "seconds",
            &[
                Panel {
                    title: "from each picture's newest sample to the picture, ms (the device measures every 5 ms)",
                    series: vec![Series::Dots { points: newest }],
                },
                Panel {
                    title: "where the device was, m",
                    series: ["x", "y", "z"]
                        .into_iter()
                        .enumerate()
                        .map(|(place, name)| Series::Line { name, points: axis(place) })
                        .collect(),
                },
            ],
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sample of a picture that is taken each 40 ms, measured so many ms before it.
    fn sample(picture: u64, index: u64, before_ms: f64) -> Sample {
        let picture_ns = 40_000_000 * picture as i64;
        let stamp_ns = picture_ns - (before_ms * 1e6) as i64;
        Sample { picture, picture_ns, rate_hz: 25.0, queue: 3, index, stamp_ns, position: [0.0; 3] }
    }

    #[test]
    fn a_gap_between_the_numbers_of_samples_is_a_loss_and_so_is_a_wrong_order() {
        for (indices, lost) in [([0, 1, 2], 0), ([0, 1, 3], 1), ([1, 2, 3], 1), ([0, 2, 1], 3), ([0, 0, 1], 1)] {
            let samples: Vec<Sample> = indices.iter().map(|index| sample(1, *index, 3.0)).collect();
            assert_eq!(Matched::of(&samples).unwrap().lost, lost, "{indices:?}");
        }
        assert!(Matched::of(&[]).is_none());
    }

    #[test]
    fn each_picture_is_held_against_its_own_samples_and_the_nearest_of_all() {
        let samples = [sample(1, 0, 9.0), sample(1, 1, 4.0), sample(2, 2, 39.0), sample(2, 3, 2.0)];
        let matched = Matched::of(&samples).unwrap();
        assert_eq!(matched.pictures, [(0.009, 4.0, 9.0), (0.049, 2.0, 39.0)]);
        assert_eq!(matched.nearest.quantile_us(1.0), Some(2000.0));
        assert_eq!(matched.nearest.quantile_us(0.1), Some(1000.0), "a sample that came with the next picture");
        assert_eq!((matched.most, matched.fullest, matched.samples), (2, 3, 4));
    }
}
