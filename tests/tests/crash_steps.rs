//! A process killed at each step of the protocol: after it, the others go on, a successor goes on, and every consumer has
//! every committed frame once and whole. What must be there to the frame is compared exactly.

use std::collections::BTreeSet;
use std::time::Duration;

use ipc_core::Wait;
use ipc_tests::format::{RingFile, control};
use ipc_tests::{Parcel, Peer, Ring, eventually, parcel};

/// Frames that all producers of a test send together.
const FRAMES: u64 = 300;

/// Where a producer dies: the stop, how often it passes, and how many frames are committed that it has not reported.
const PRODUCER: &[(&str, &[u64], u64)] = &[
    ("LimitStored", &[1, 2, 5], 0),
    ("Claimed", &[1, 2, 40, 200], 0),
    ("Written", &[1, 2, 40, 200], 0),
    ("Zeroed", &[1, 2, 40, 200], 0),
    ("Padded", &[1, 2, 3], 0),
    ("BehindPadding", &[1, 2, 3], 0),
    ("Committed", &[1, 2, 40, 200], 1),
    ("BeforeWake", &[1, 2, 40, 200], 1),
    ("FlagCleared", &[1], 1),
];

/// Where a producer dies that sends batches, and how many batches are committed when it passes for the n-th time, less n.
const BATCH: &[(&str, u64)] = &[("BatchZeroed", 1), ("BatchCommitted", 0)];

/// Where a consumer dies: the stop, and how many frames it has given back when it passes for the n-th time, less n.
const CONSUMER: &[(&str, u64)] = &[("Received", 1), ("Released", 0)];

/// Where a dynamic consumer dies while it joins.
const JOINER: &[&str] = &["JoinLocked", "JoinPlaced", "JoinActive"];

/// Tested each by itself, those of a sync in `disk.rs`, those of shared state in `shared.rs`.
const OTHERS: &[&str] = &[
    "Asleep",
    "BodySynced",
    "SyncedStored",
    "RingUnlinked",
    "LockTaken",
    "CopyClaimed",
    "ValueChanged",
    "CopyFlipped",
    "LockGivenBack",
];

#[test]
fn there_is_a_test_for_each_stop_point() {
    let source = include_str!("../../ipc-core/src/ring/stop.rs");
    let body = source.split_once("enum Stop {").unwrap().1.split_once('}').unwrap().0;
    let stops: BTreeSet<_> = body.lines().filter_map(|line| line.trim().strip_suffix(',')).collect();
    let tested = PRODUCER.iter().map(|it| it.0).chain(CONSUMER.iter().map(|it| it.0));
    let tested = tested.chain(BATCH.iter().map(|it| it.0));
    let tested: BTreeSet<_> = tested.chain(JOINER.iter().copied()).chain(OTHERS.iter().copied()).collect();
    assert_eq!(stops, tested);
}

/// A consumer that sleeps until frames come, and takes them all.
fn drain(ring: &Ring, attach: &str) -> Peer {
    let mut consumer = ring.peer();
    assert_eq!(consumer.ask(attach), "done");
    consumer.tell("drain");
    consumer.sleeps();
    consumer
}

/// The sequence numbers in `sent 3` or `got 3`.
fn numbers(printed: &[String]) -> Vec<u64> {
    printed.iter().filter_map(|line| line.split_once(' ')?.1.parse().ok()).collect()
}

#[test]
fn a_producer_killed_at_any_step_leaves_whole_frames_and_a_successor_goes_on() {
    for &(stop, counts, unreported) in PRODUCER {
        for &count in counts {
            let ring = Ring::new(&["a"]).capacity(4096);
            ring.channel().create().unwrap();
            let mut consumers = [drain(&ring, "consume a"), drain(&ring, "join")];
            let mut producer = ring.peer_that_dies_at(stop, count);
            assert_eq!(producer.ask("produce"), "done");
            producer.tell(&format!("send-to {FRAMES}"));
            let reported = numbers(&producer.killed_itself()).len() as u64;

            let mut successor = ring.peer();
            assert_eq!(successor.ask("continue"), "done");
            successor.tell(&format!("send-to {FRAMES}"));
            assert_eq!(successor.line().unwrap(), format!("sent {}", reported + unreported), "{stop} {count}");
            successor.tell("close");
            for consumer in &mut consumers {
                assert_eq!(consumer.answer().unwrap(), format!("closed 0..{FRAMES}"), "{stop} {count}");
            }
        }
    }
}

#[test]
fn a_producer_killed_in_a_batch_leaves_all_of_it_or_nothing() {
    const SIZE: u64 = 10;
    const CAPACITY: u64 = 1 << 16;
    // A full ring would end a batch early.
    let bytes = |sequence| 64 + parcel(sequence, CAPACITY).data.len() as u64;
    assert!((0..3 * SIZE).map(bytes).sum::<u64>() < CAPACITY);
    for &(stop, missing) in BATCH {
        for count in [1, 2, 3] {
            let ring = Ring::new(&["a"]).capacity(CAPACITY);
            ring.channel().create().unwrap();
            let mut consumers = [drain(&ring, "consume a"), drain(&ring, "join")];
            let mut producer = ring.peer_that_dies_at(stop, count);
            assert_eq!(producer.ask("produce"), "done");
            producer.tell(&format!("batches-to {FRAMES} {SIZE}"));
            producer.killed_itself();

            let mut successor = ring.peer();
            assert_eq!(successor.ask("continue"), "done");
            successor.tell(&format!("send-to {FRAMES}"));
            assert_eq!(successor.line().unwrap(), format!("sent {}", SIZE * (count - missing)), "{stop} {count}");
            successor.tell("close");
            for consumer in &mut consumers {
                assert_eq!(consumer.answer().unwrap(), format!("closed 0..{FRAMES}"), "{stop} {count}");
            }
        }
    }
}

#[test]
fn a_reserved_consumer_killed_at_any_step_gets_every_frame_it_had_not_given_back() {
    for &(stop, held) in CONSUMER {
        for count in [1, 2, 40, 200] {
            let ring = Ring::new(&["a", "b"]).capacity(4096);
            let mut producer = ring.peer();
            assert_eq!(producer.ask("produce"), "done");
            producer.tell(&format!("send-to {FRAMES}"));
            producer.tell("close");
            let mut survivor = ring.peer();
            assert_eq!(survivor.ask("consume b"), "done");
            survivor.tell("drain");
            let mut consumer = ring.peer_that_dies_at(stop, count);
            assert_eq!(consumer.ask("consume a"), "done");
            consumer.tell("log");
            assert_eq!(numbers(&consumer.killed_itself()), (0..count - held).collect::<Vec<_>>(), "{stop} {count}");

            let mut successor = ring.peer();
            assert_eq!(successor.ask("consume a"), "done");
            assert_eq!(successor.ask("drain"), format!("closed {}..{FRAMES}", count - held), "{stop} {count}");
            assert_eq!(survivor.answer().unwrap(), format!("closed 0..{FRAMES}"), "{stop} {count}");
        }
    }
}

#[test]
fn a_dynamic_consumer_killed_at_any_step_is_freed_and_the_producer_goes_on() {
    for (stop, _) in CONSUMER {
        let ring = Ring::new(&["a"]).capacity(4096).dynamic_slots(1);
        let mut producer = ring.peer();
        assert_eq!(producer.ask("produce"), "done");
        let mut consumer = ring.peer_that_dies_at(stop, 3);
        assert_eq!(consumer.ask("join"), "done");
        let mut survivor = drain(&ring, "consume a");
        consumer.tell("log");
        producer.tell(&format!("send-to {FRAMES}"));
        consumer.killed_itself();
        assert_eq!(producer.answer().unwrap(), FRAMES.to_string(), "{stop}");
        assert_eq!(producer.ask("close"), "done");
        assert_eq!(survivor.answer().unwrap(), format!("closed 0..{FRAMES}"), "{stop}");
        let file = RingFile::open(ring.path());
        assert_eq!(file.get_u32(control::slot(1) + 8), 0, "the slot is free");
    }
}

/// What a slot's state is while its consumer does not yet know that the producer respects its position.
const JOINING: u32 = 2;

#[test]
fn a_consumer_killed_while_it_joins_neither_stops_the_producer_nor_keeps_the_slot() {
    // A reserved slot that was detached is joined as well.
    let ways: [(&[&str], &str); 2] = [(&[], "join"), (&["a"], "consume a")];
    for (stop, (reserved, attach)) in JOINER.iter().flat_map(|stop| ways.map(|way| (stop, way))) {
        let ring = Ring::new(reserved).capacity(4096).dynamic_slots(1);
        let mut producer = ring.peer();
        assert_eq!(producer.ask("produce"), "done");
        reserved.iter().for_each(|name| ring.channel().detach(name).unwrap());
        assert_eq!(producer.ask("send 100"), "100");
        let mut joiner = ring.peer_that_dies_at(stop, 1);
        joiner.tell(attach);
        joiner.killed_itself();
        let file = RingFile::open(ring.path());
        assert_eq!(file.get_u32(control::slot(0) + 8), if *stop == "JoinActive" { JOINING } else { 0 }, "{stop}");

        assert_eq!(producer.ask("send 200"), "300", "{stop} {attach}");
        assert_eq!(file.get_u32(control::slot(0) + 8), 0, "{stop} {attach}");
        let mut next = ring.peer();
        assert_eq!(next.ask(attach), "done", "{stop}");
        producer.tell("send 100");
        assert_eq!(next.ask("recv 100"), "300..400", "{stop} {attach}");
    }
}

#[test]
fn a_consumer_killed_when_it_goes_to_sleep_loses_no_wake_of_another() {
    let ring = Ring::new(&["a", "b"]).capacity(4096);
    ring.channel().create().unwrap();
    let mut sleeper = ring.peer_that_dies_at("Asleep", 1);
    assert_eq!(sleeper.ask("consume a"), "done");
    sleeper.tell("drain");
    sleeper.killed_itself();
    let mut other = drain(&ring, "consume b");
    let mut producer = ring.peer();
    assert_eq!(producer.ask("produce"), "done");
    producer.tell(&format!("send-to {FRAMES}"));
    producer.tell("close");
    let mut successor = ring.peer();
    assert_eq!(successor.ask("consume a"), "done");
    assert_eq!(successor.ask("drain"), format!("closed 0..{FRAMES}"));
    assert_eq!(other.answer().unwrap(), format!("closed 0..{FRAMES}"));
}

#[test]
fn a_producer_killed_when_it_goes_to_sleep_for_space_is_followed_by_another() {
    let ring = Ring::new(&["a"]).capacity(4096);
    let mut producer = ring.peer_that_dies_at("Asleep", 1);
    assert_eq!(producer.ask("produce"), "done");
    producer.tell(&format!("send-to {FRAMES}"));
    let sent = numbers(&producer.killed_itself()).len() as u64;
    assert!(sent > 0 && sent < FRAMES);
    let mut successor = ring.peer();
    assert_eq!(successor.ask("continue"), "done");
    successor.tell(&format!("send-to {FRAMES}"));
    successor.tell("close");
    let mut consumer = ring.peer();
    assert_eq!(consumer.ask("consume a"), "done");
    assert_eq!(consumer.ask("drain"), format!("closed 0..{FRAMES}"));
}

#[test]
fn a_consumer_killed_while_it_wakes_the_producer_does_not_leave_it_asleep() {
    let ring = Ring::new(&["a"]).capacity(4096);
    let mut producer = ring.peer();
    assert_eq!(producer.ask("produce"), "done");
    producer.tell(&format!("send-to {FRAMES}"));
    producer.sleeps();
    let mut consumer = ring.peer_that_dies_at("FlagCleared", 1);
    assert_eq!(consumer.ask("consume a"), "done");
    consumer.tell("log");
    consumer.killed_itself();
    let mut successor = ring.peer();
    assert_eq!(successor.ask("consume a"), "done");
    successor.tell("drain");
    assert_eq!(producer.answer().unwrap(), FRAMES.to_string());
    assert_eq!(producer.ask("close"), "done");
    assert!(successor.answer().unwrap().ends_with(&format!("..{FRAMES}")));
}

#[test]
fn a_creator_killed_at_its_last_step_leaves_nothing_behind() {
    let ring = Ring::new(&["a"]);
    let mut creator = ring.peer_that_dies_at("RingUnlinked", 1);
    creator.tell("produce");
    creator.killed_itself();
    assert_eq!(std::fs::read_dir(ring.directory()).unwrap().count(), 0);
    let mut next = ring.peer();
    assert_eq!(next.ask("produce"), "done");
    assert_eq!(next.ask("send 3"), "3");
}

#[test]
fn a_producer_that_sleeps_for_a_dynamic_consumer_goes_on_when_that_is_killed() {
    for wait in [Wait::Sleep, Wait::SpinThenSleep, Wait::Spin] {
        let ring = Ring::new(&[]).capacity(4096).wait(wait);
        let mut producer = ring.peer();
        assert_eq!(producer.ask("produce"), "done");
        let mut consumer = ring.peer();
        assert_eq!(consumer.ask("join"), "done");
        producer.tell("send 500");
        if wait == Wait::Spin {
            let file = RingFile::open(ring.path());
            eventually("the ring is full", || file.get(control::TAIL) > 2048);
        } else {
            producer.sleeps();
        }
        consumer.kill();
        assert_eq!(producer.answer().unwrap(), "500");
    }
}

#[test]
fn a_producer_that_is_woken_in_vain_finds_the_dead_consumer_that_it_waits_for() {
    let ring = Ring::new(&[]).capacity(128 << 10);
    let mut producer = ring.channel().producer().unwrap();
    let mut dead = ring.peer();
    assert_eq!(dead.ask("join"), "done");
    let slow = ring.channel().dynamic_consumer().unwrap();
    let small = Parcel::default();
    while producer.try_send(&small).is_ok() {}
    let waiting = std::thread::spawn(move || producer.send(&small).map(drop));
    let file = RingFile::open(ring.path());
    eventually("the producer sleeps", || file.get_u32(control::SPACE_WAIT) == 1);
    dead.kill();
    // What the slow one gives back wakes the producer, more often than it would look by itself, and is no space for it.
    while !waiting.is_finished() {
        slow.try_recv().expect("the producer goes on before the slow consumer has given back all that is there");
        std::thread::sleep(Duration::from_millis(2));
    }
    waiting.join().unwrap().unwrap();
}

#[test]
fn a_producer_that_sleeps_for_a_dynamic_consumer_is_woken_when_that_detaches() {
    let ring = Ring::new(&[]).capacity(4096);
    let mut producer = ring.peer();
    assert_eq!(producer.ask("produce"), "done");
    let mut consumer = ring.peer();
    assert_eq!(consumer.ask("join"), "done");
    producer.tell("send 500");
    producer.sleeps();
    assert_eq!(consumer.ask("drop"), "done");
    assert_eq!(producer.answer().unwrap(), "500");
    // Woken, and not left to the next look at the peers' locks.
    assert_eq!(consumer.ask("join"), "done");
    let file = RingFile::open(ring.path());
    let wakes = file.get_u32(control::SPACE_WAIT + 4);
    assert_eq!(consumer.ask("drop"), "done");
    assert_eq!(file.get_u32(control::SPACE_WAIT + 4), wakes + 1);
}

#[test]
fn a_consumer_killed_in_its_sleep_keeps_its_place() {
    let ring = Ring::new(&["a"]);
    let mut producer = ring.peer();
    assert_eq!(producer.ask("produce"), "done");
    let mut consumer = drain(&ring, "consume a");
    consumer.kill();
    assert_eq!(producer.ask("send 20"), "20");
    let mut successor = ring.peer();
    assert_eq!(successor.ask("consume a"), "done");
    assert_eq!(successor.ask("recv 20"), "0..20");
}

#[test]
fn a_producer_killed_in_its_sleep_is_followed_by_another() {
    let ring = Ring::new(&["a"]).capacity(4096);
    let mut producer = ring.peer();
    assert_eq!(producer.ask("produce"), "done");
    producer.tell("send 500");
    producer.sleeps();
    producer.kill();
    let mut successor = ring.peer();
    assert_eq!(successor.ask("continue"), "done");
    successor.tell("send-to 500");
    successor.tell("close");
    let mut consumer = ring.peer();
    assert_eq!(consumer.ask("consume a"), "done");
    assert_eq!(consumer.ask("drain"), "closed 0..500");
}
