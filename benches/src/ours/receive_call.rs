//! What it costs to receive a frame and to give it back, without reading it: whether that depends on the frame's size.
//!
//! One frame at a time. The producer writes it whole, publishes it, and is then silent; the consumer, which has stayed awake,
//! times `recv` and the drop of the frame with one pair of clock readings, whose own cost is taken off.
//!
//! So that the size is all that differs, each timed frame follows one that is not timed and is larger than a few pages:
//! both sizes then begin on a page that the consumer has not touched for a lap. Before it publishes a small frame the producer writes as many
//! bytes into memory of its own as a large one has, so that its caches are in the same state.

use std::hint::black_box;
use std::time::Instant;

use super::{CONSUMERS, Payload, PayloadDims, named};
use crate::Outcome;
use crate::laps::median;
use crate::meeting::Patience;
use crate::payload::{self, WORD_BYTES};
use crate::side::{Measured, Side};
use crate::task::Task;

/// Bytes of the large frames.
pub(crate) const LARGE_BYTES: usize = 8_000_000;

/// Bytes of the frames between the timed ones. Four of them and four large frames fit the ring's 32 MiB, and a fifth does
/// not, so that the padding at the end of a lap stands before it and not before a timed frame.
const BETWEEN_BYTES: usize = 350_000;

/// The ring is made for so many large frames.
pub(super) fn ring(task: &Task) -> Task {
    Task { payload_bytes: LARGE_BYTES, depth: 4, ..task.clone() }
}

/// Runs one side.
pub(crate) fn run(side: &Side<'_>) -> Outcome<Measured> {
    let task = ring(side.task);
    let name = side.name("there");
    let channel = named::<Payload>(&name, &task);
    let meet = || side.meeting.meet_among(2, Patience::Yield);
    let (large, between, timed) = (LARGE_BYTES / WORD_BYTES, BETWEEN_BYTES / WORD_BYTES, side.task.words());
    if side.index == 0 {
        let mut producer = channel.producer()?;
        side.meeting.meet();
        let mut private = vec![0; large];
        side.meeting.meet();
        for number in 1..=side.task.steps {
            for words in [between, timed] {
                payload::write(black_box(&mut private[..large - words]), number);
                let mut place = producer.reserve(PayloadDims { count: words as u32 })?;
                payload::write(place.edit().words, number);
                place.publish()?;
                meet();
                meet();
            }
        }
        return Ok(Measured::default());
    }
    side.meeting.meet();
    let consumer = channel.consumer(CONSUMERS[0])?;
    let clock = clock_cost_ns();
    let mut times = Vec::with_capacity(side.task.steps as usize);
    side.meeting.meet();
    for _ in 0..side.task.steps {
        for is_timed in [false, true] {
            meet();
            let began = Instant::now();
            let frame = consumer.recv()?;
            let words = frame.view().words().len();
            drop(frame);
            let time = began.elapsed().as_nanos() as f64;
            if is_timed {
                times.push(time - clock);
            }
            payload::expect(if is_timed { timed } else { between } as u64, words as u64)?;
            meet();
        }
    }
    Ok(Measured { figure: Some(median(&mut times)), ..Measured::default() })
}

/// What a pair of clock readings costs by itself.
fn clock_cost_ns() -> f64 {
    let mut costs: Vec<f64> = (0..1001).map(|_| Instant::now().elapsed().as_nanos() as f64).collect();
    median(&mut costs)
}
