//! Joining a running ring: the producer may have the space already that the joiner is about to read.

use loom::thread;

use super::*;

/// A producer goes around a ring that nobody reads, while a consumer joins and reads what it finds.
fn joining() {
    joining_while(2, 6);
}

/// The producer goes so far that a joiner which sleeps at the wrong moment is more than a lap behind.
fn joining_a_lap_late() {
    joining_while(1, 8);
}

fn joining_while(before: usize, during: usize) {
    let ring = Arc::new(Ring::new(8, &[SLOT_FREE]));
    let mut writer = Writer::resume(ring.control(), &ring.body).unwrap();
    for _ in 0..before {
        assert!(ring.try_send(&mut writer, 16));
    }
    let producer = {
        let ring = Arc::clone(&ring);
        thread::spawn(move || {
            for _ in 0..during {
                // A ring that the joiner has filled is a fine end.
                if !ring.try_send(&mut writer, 16) {
                    break;
                }
            }
        })
    };
    let reader = Reader::join(ring.control(), &ring.body, &ring.slots[0]).unwrap();
    let mut last = None;
    for _ in 0..2 {
        if let Some(sequence) = ring.try_receive(&reader, 0) {
            assert!(last.is_none_or(|last| sequence == last + 1), "every frame from the first on");
            last = Some(sequence);
        }
    }
    producer.join().unwrap();
}

/// A producer dies while it writes over the place that a joiner is about to take. Its successor writes less far.
fn joining_over_a_restart() {
    let ring = Arc::new(Ring::new(8, &[SLOT_FREE]));
    let joiner = {
        let ring = Arc::clone(&ring);
        thread::spawn(move || {
            Reader::join(ring.control(), &ring.body, &ring.slots[0]).expect("whole records from there on");
        })
    };
    let producer = {
        let ring = Arc::clone(&ring);
        thread::spawn(move || {
            let mut writer = Writer::resume(ring.control(), &ring.body).unwrap();
            if (0..3).all(|_| ring.try_send(&mut writer, 16)) {
                // Begins behind a padding and is never committed; there is no space if the joiner came before.
                let _ = writer.claim_anew(ring.control(), &ring.body, KIND_FRAME, 32);
            }
        })
    };
    producer.join().unwrap();
    let mut successor = Writer::resume(ring.control(), &ring.body).unwrap();
    ring.try_send(&mut successor, 0);
    joiner.join().unwrap();
}

#[test]
fn a_joiner_is_either_seen_by_the_rescan_or_sees_the_limit() {
    holds(joining);
}

#[test]
fn a_joiner_that_slept_a_lap_is_not_taken_for_a_broken_slot() {
    holds(joining_a_lap_late);
}

#[test]
fn a_joiner_that_slept_over_a_restart_sees_how_far_the_last_producer_went() {
    holds(joining_over_a_restart);
}

#[test]
fn a_joiner_that_does_not_look_at_the_limit_takes_what_the_last_producer_wrote_over() {
    fails_with(Fault::NoLimitCheck, joining_over_a_restart);
}

#[test]
fn a_joiner_that_claims_to_be_active_at_once_is_taken_for_a_broken_slot() {
    fails_with(Fault::ActiveAtOnce, joining_a_lap_late);
}

#[test]
fn a_producer_that_does_not_rescan_overruns_a_joiner() {
    fails_with(Fault::NoRescan, joining);
}

#[test]
fn a_producer_without_a_fence_before_the_rescan_overruns_a_joiner() {
    fails_with(Fault::NoFenceInRescan, joining);
}

#[test]
fn a_joiner_without_a_fence_is_overrun() {
    fails_with(Fault::NoFenceInJoin, joining);
}

#[test]
fn a_joiner_that_does_not_look_at_the_limit_is_overrun() {
    fails_with(Fault::NoLimitCheck, joining);
}
