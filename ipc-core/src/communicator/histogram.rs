//! [`Histogram`]: how long frames took, in buckets whose width grows with the time. One thread counts while another reads.

use std::array;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::control::Latency;

/// Buckets for each power of two: a time is told within a sixteenth.
const STEPS: u32 = 8;

/// Powers of two of nanoseconds: the last bucket holds all from an hour on.
const POWERS: u32 = 40;

const BUCKETS: usize = (POWERS * STEPS) as usize;

#[derive(Debug)]
pub(super) struct Histogram(Box<[AtomicU32; BUCKETS]>);

impl Histogram {
    pub(super) fn new() -> Self {
        Self(Box::new(array::from_fn(|_| AtomicU32::new(0))))
    }

    /// Counts a time.
    pub(super) fn add(&self, ns: u64) {
        self.0[bucket(ns)].fetch_add(1, Ordering::Relaxed);
    }

    /// What was counted since the call before; `None` if nothing was.
    pub(super) fn take(&self) -> Option<Latency> {
        let counts = self.0.each_ref().map(|count| count.swap(0, Ordering::Relaxed));
        let total: u64 = counts.iter().copied().map(u64::from).sum();
        let quantile = |hundredths: u64| {
            let wanted = (total * hundredths).div_ceil(100);
            let mut below = 0;
            let found = counts.iter().position(|&count| {
                below += u64::from(count);
                below >= wanted
            });
            middle(found.unwrap_or(BUCKETS - 1))
        };
        (total > 0).then(|| Latency { p50_ns: quantile(50), p99_ns: quantile(99) })
    }
}

/// The first [`STEPS`] buckets are one nanosecond wide, the next as many too, and from there on twice as wide for each power.
fn bucket(ns: u64) -> usize {
    let power = ns.checked_ilog2().unwrap_or(0).saturating_sub(STEPS.ilog2());
    let step = ns >> power;
    ((u64::from(power * STEPS) + step) as usize).min(BUCKETS - 1)
}

/// The time in the middle of a bucket.
fn middle(bucket: usize) -> u64 {
    let (bucket, steps) = (bucket as u64, u64::from(STEPS));
    let power = (bucket / steps).saturating_sub(1);
    let first = (bucket - power * steps) << power;
    first + (1 << power) / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_within_a_sixteenth() {
        for ns in
            (0..1000).chain((10..39).flat_map(|power| [(1 << power) - 1, 1 << power, (1 << power) + (1 << power) / 3]))
        {
            let told = middle(bucket(ns));
            assert!(told.abs_diff(ns) * 16 <= ns, "{ns} was told as {told}");
        }
        assert!(bucket(u64::MAX) < BUCKETS);
    }

    #[test]
    fn quantiles_are_of_what_was_counted_since_the_last_time() {
        let histogram = Histogram::new();
        assert_eq!(histogram.take(), None);
        (0..98).for_each(|_| histogram.add(5));
        (0..2).for_each(|_| histogram.add(1 << 20));
        let Some(Latency { p50_ns: 5, p99_ns }) = histogram.take() else { panic!() };
        assert_eq!(bucket(p99_ns), bucket(1 << 20));
        assert_eq!(histogram.take(), None);
        histogram.add(7);
        assert_eq!(histogram.take(), Some(Latency { p50_ns: 7, p99_ns: 7 }));
    }
}
