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
fn a_joiner_never_stands_before_the_last_consumer_in_its_slot() {
    let ring = Ring::new(&[]).dynamic_slots(1);
    let mut producer = ring.channel().producer().unwrap();
    send(&mut producer, ring.bytes()).unwrap();
    drop(ring.channel().dynamic_consumer().unwrap());
    let file = RingFile::open(ring.path());
    let position = file.get(control::slot(0));
    assert!(position > file.get(control::TAIL), "it went over what is committed behind the stored tail");
    let mut joiner = ring.peer_that_dies_at("JoinPlaced", 1);
    joiner.tell("join");
    joiner.killed_itself();
    assert_eq!(file.get(control::slot(0)), position);
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
fn a_consumer_joins_during_a_batch_that_goes_around_the_ring() {
    let ring = Ring::new(&[]).capacity(4096);
    let mut producer = ring.channel().producer().unwrap();
    let consumer = producer.batch(|producer| {
        for _ in 0..200 {
            producer.send(&Parcel::default()).unwrap();
        }
        ring.channel().dynamic_consumer().unwrap()
    });
    let last = std::iter::from_fn(|| Some(consumer.try_recv().ok()?.sequence())).last();
    assert_eq!(last, Some(199));
}

#[test]
fn who_joins_wakes_the_producer_which_may_wait_for_the_slots_dead_consumer() {
    let ring = Ring::new(&[]);
    ring.channel().create().unwrap();
    let file = RingFile::open(ring.path());
    let wakes = file.get_u32(control::SPACE_WAIT + 4);
    let _consumer = ring.channel().dynamic_consumer().unwrap();
    assert_eq!(file.get_u32(control::SPACE_WAIT + 4), wakes + 1);
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

#[test]
fn frames_dropped_before_a_consumer_joined_are_none_that_it_missed() {
    let ring = Ring::new(&[]);
    let mut producer = ring.channel().producer().unwrap();
    send(&mut producer, ring.bytes()).unwrap();
    producer.drop_frame().unwrap();
    send(&mut producer, ring.bytes()).unwrap();
    let consumer = ring.channel().dynamic_consumer().unwrap();
    send(&mut producer, ring.bytes()).unwrap();
    assert_eq!(consumer.recv().unwrap().sequence(), 3);
    assert_eq!(consumer.missed(), 0);
}
