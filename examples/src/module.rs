//! What every module of the pipeline does besides its work: it ends with the demo, says how far it is, and at the end
//! says in one line of JSON what its ends of the rings did.

use std::error::Error;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use rustix::process::{Signal, set_parent_process_death_signal};
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};

/// Runs a module: its work gives the figures of its ends of the rings, or an error that is printed.
///
/// The process ends when the one that started it ends, in whatever way.
pub fn run(work: impl FnOnce() -> Result<Vec<Meter>, Box<dyn Error>>) -> ExitCode {
    let outcome = set_parent_process_death_signal(Some(Signal::KILL)).map_err(Into::into).and_then(|()| work());
    match outcome {
        Ok(ends) => {
            let ends: Vec<Value> = ends.iter().map(Meter::to_json).collect();
            println!("{}", json!({ "ends": ends }));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// CLOCK_MONOTONIC in nanoseconds: one clock for all processes.
pub fn now_ns() -> i64 {
    let now = clock_gettime(ClockId::Monotonic);
    now.tv_sec * 1_000_000_000 + now.tv_nsec
}

/// Prints the number of frames so far, at most every 100 ms.
pub struct Progress {
    frames: u64,
    printed: Instant,
}

impl Progress {
    /// No frames yet.
    pub fn new() -> Self {
        Self { frames: 0, printed: Instant::now() }
    }

    /// One frame more.
    pub fn step(&mut self) {
        self.frames += 1;
        if self.printed.elapsed() >= Duration::from_millis(100) {
            self.printed = Instant::now();
            println!("{}", json!({ "progress": self.frames }));
        }
    }
}

impl Default for Progress {
    fn default() -> Self {
        Self::new()
    }
}

/// What one end of a ring, a producer or a consumer, does to a frame.
#[derive(Clone, Copy)]
pub enum Action {
    /// From asking for the frame's place until it is published: waiting for space and filling the frame are in it.
    Write,
    /// From having the frame until every pixel was read and compared with the checksum: waiting for it is not in it.
    Read,
}

/// The figures of one end of a ring.
pub struct Meter {
    channel: &'static str,
    action: Action,
    time_ns: Histogram<u64>,
    /// From the picture's stamp until this process had the frame; empty for producers.
    age_ns: Histogram<u64>,
}

impl Meter {
    /// The meter of a producer or consumer of this channel.
    pub fn new(channel: &'static str, action: Action) -> Self {
        let empty = || Histogram::new(3).expect("3 digits are allowed");
        Self { channel, action, time_ns: empty(), age_ns: empty() }
    }

    /// Counts one frame that was written or read since then.
    pub fn count(&mut self, began: Instant) {
        self.time_ns += nanoseconds(began.elapsed());
    }

    /// Notes the age of a frame that came now.
    pub fn arrived(&mut self, stamp_ns: i64) {
        self.age_ns += (now_ns() - stamp_ns).max(0) as u64;
    }

    fn to_json(&self) -> Value {
        let action = match self.action {
            Action::Write => "write",
            Action::Read => "read",
        };
        json!({
            "channel": self.channel,
            "action": action,
            "frames": self.time_ns.len(),
            "time_ns": summary(&self.time_ns),
            "age_ns": summary(&self.age_ns),
        })
    }
}

/// Median, 99th percentile and maximum; null if nothing was measured.
fn summary(histogram: &Histogram<u64>) -> Value {
    if histogram.is_empty() {
        return Value::Null;
    }
    json!([histogram.value_at_quantile(0.5), histogram.value_at_quantile(0.99), histogram.max()])
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
