//! Consumers that come late, or that died while they came.

use ipc_tests::format::{RingFile, control};
use ipc_tests::{DEADLINE, Parcel, Ring, check, send};

/// A slot's state while its consumer does not yet know that the producer respects its position, and after.
const JOINING: u32 = 2;
const ACTIVE: u32 = 1;

#[test]
fn what_a_joiner_left_that_died_a_lap_ago_holds_no_producer_back() {
    for state in [JOINING, ACTIVE] {
        let ring = Ring::new(&[]).capacity(4096).dynamic_slots(1);
        let mut producer = ring.channel().producer().unwrap();
        let mut fill = || {
            for _ in 0..200 {
                send(&mut producer, ring.bytes()).unwrap();
            }
        };
        fill();
        let file = RingFile::open(ring.path());
        file.set(control::slot(0), 64);
        file.set_u32(control::slot(0) + 8, state);
        fill();
        producer.leave();
        file.set(control::slot(0), 64);
        file.set_u32(control::slot(0) + 8, state);
        let mut producer = ring.channel().open_producer().unwrap();
        send(&mut producer, ring.bytes()).unwrap();
        assert_eq!(file.get_u32(control::slot(0) + 8), 0, "the slot is free");
    }
}

#[test]
fn the_limit_does_not_go_back_for_a_joiner_that_slept_over_a_restart() {
    let ring = Ring::new(&[]).capacity(4096).dynamic_slots(1);
    let mut producer = ring.channel().producer().unwrap();
    let file = RingFile::open(ring.path());
    while file.get(control::LIMIT) <= ring.bytes() {
        producer.try_send(&Parcel::default()).unwrap();
    }
    producer.leave();
    let limit = file.get(control::LIMIT);
    let mut successor = ring.channel().open_producer().unwrap();
    // It loaded the tail when that was here. The last producer may have written over it since.
    file.set(control::slot(0), limit - ring.bytes() - 1024);
    file.set_u32(control::slot(0) + 8, JOINING);
    successor.try_send(&Parcel::default()).unwrap();
    assert_eq!(file.get(control::LIMIT), limit);
}

#[test]
fn a_limit_that_somebody_has_overwritten_keeps_no_joiner_out_after_the_producers_next_look() {
    let ring = Ring::new(&[]).capacity(4096);
    let mut producer = ring.channel().producer().unwrap();
    RingFile::open(ring.path()).set(control::LIMIT, u64::MAX);
    send(&mut producer, ring.bytes()).unwrap();
    let consumer = ring.channel().dynamic_consumer().unwrap();
    send(&mut producer, ring.bytes()).unwrap();
    check(&consumer.recv_timeout(DEADLINE).unwrap(), ring.bytes());
}

#[test]
fn frames_dropped_before_the_first_one_are_counted_too() {
    let ring = Ring::new(&["a"]);
    let mut producer = ring.channel().producer().unwrap();
    let consumer = ring.channel().consumer("a").unwrap();
    for _ in 0..5 {
        producer.drop_frame().unwrap();
    }
    send(&mut producer, ring.bytes()).unwrap();
    assert_eq!(consumer.recv().unwrap().sequence(), 5);
    assert_eq!(consumer.missed(), 5);
}
