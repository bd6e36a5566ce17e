//! Observers: they copy without holding the producer back, and throw away what was overwritten meanwhile.

use loom::thread;

use super::*;
use crate::ring::observe::{Observation, newest, observe, still_there};

/// A producer laps an observer, which copies two frames.
fn observing() {
    let ring = Arc::new(Ring::new(8, &[]));
    let mut writer = Writer::resume(ring.control(), &ring.body).unwrap();
    // Two, so that the newest is overwritten by a record before which the producer did not rescan (and fence).
    for _ in 0..2 {
        assert!(ring.try_send(&mut writer, 16));
    }
    let producer = {
        let ring = Arc::clone(&ring);
        thread::spawn(move || {
            for _ in 0..3 {
                assert!(ring.try_send(&mut writer, 16), "an observer never holds the producer back");
            }
        })
    };
    let mut reader = Reader::at(newest(ring.control(), &ring.body).unwrap());
    let mut last = None;
    for _ in 0..2 {
        match observe(ring.control(), &ring.body, &reader).expect("a whole record") {
            Observation::Record(record, ahead) => {
                let value = ring.body.read_relaxed(&record);
                if still_there(ring.control(), &ring.body, record.start) {
                    assert_eq!(value, record.sequence + 1, "the copy is torn");
                    assert!(last.is_none_or(|last| record.sequence > last), "never back");
                    last = Some(record.sequence);
                    reader = ahead;
                }
            }
            Observation::Lapped(last) => reader.jump(last),
            Observation::Nothing => {}
        }
    }
    producer.join().unwrap();
}

#[test]
fn an_observer_gets_whole_frames_or_notices() {
    holds(observing);
}

#[test]
fn without_a_fence_after_the_claim_a_copy_is_torn() {
    fails_with(Fault::NoFenceAfterClaim, observing);
}

#[test]
fn without_a_second_look_at_the_claim_a_copy_is_torn() {
    fails_with(Fault::NoClaimCheck, observing);
}
