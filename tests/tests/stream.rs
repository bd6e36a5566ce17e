//! Streams between processes: every byte, every sequence number, any order of start, and the end.

use std::sync::atomic::{AtomicU64, Ordering};

use ipc_core::{Fence, Wait};
use ipc_tests::format::{RingFile, control};
use ipc_tests::{Ring, eventually, largest, parcel, send};

const FRAMES: u64 = 100_000;

#[test]
fn four_consumers_get_every_byte_of_100_000_frames_from_empty_to_the_largest() {
    let ring = Ring::new(&["a", "b", "c"]).capacity(64 << 10).wait(Wait::SpinThenSleep);
    let sizes = || (0..FRAMES).map(|sequence| parcel(sequence, ring.bytes()).n);
    assert_eq!(sizes().min(), Some(0));
    assert_eq!(sizes().max(), Some(largest(ring.bytes()) as u32));

    let mut producer = ring.peer();
    assert_eq!(producer.ask("produce"), "done");
    let mut consumers = ["consume a", "consume b", "consume c", "join"].map(|attach| {
        let mut consumer = ring.peer();
        assert_eq!(consumer.ask(attach), "done");
        consumer.tell("drain");
        consumer
    });
    producer.tell(&format!("send-to {FRAMES}"));
    producer.tell("close");
    for consumer in &mut consumers {
        assert_eq!(consumer.answer().unwrap(), format!("closed 0..{FRAMES}"));
    }
    assert_eq!(producer.answer().unwrap(), FRAMES.to_string());
}

#[test]
fn every_way_to_wait_and_both_fence_modes_deliver_every_frame() {
    for fence in [Fence::Symmetric, Fence::Asymmetric] {
        for wait in [Wait::Spin, Wait::SpinThenSleep, Wait::Sleep] {
            let ring = Ring::new(&["a", "b"]).capacity(4096).wait(wait).fence(fence);
            let mut producer = ring.peer();
            producer.tell("produce");
            producer.tell("send-to 2000");
            producer.tell("close");
            let mut consumers = ["a", "b"].map(|name| {
                let mut consumer = ring.peer();
                assert_eq!(consumer.ask(&format!("consume {name}")), "done");
                consumer.tell("drain");
                consumer
            });
            for consumer in &mut consumers {
                assert_eq!(consumer.answer().unwrap(), "closed 0..2000", "{wait:?} {fence:?}");
            }
        }
    }
}

#[test]
fn frames_sent_before_a_reserved_consumer_first_attaches_reach_it() {
    let ring = Ring::new(&["late"]);
    let mut producer = ring.peer();
    assert_eq!(producer.ask("produce"), "done");
    assert_eq!(producer.ask("send 20"), "20");
    assert_eq!(producer.ask("close"), "done");
    drop(producer);
    let mut consumer = ring.peer();
    assert_eq!(consumer.ask("consume late"), "done");
    assert_eq!(consumer.ask("drain"), "closed 0..20");
}

#[test]
fn a_dynamic_consumer_gets_the_frames_from_its_attaching_on() {
    let ring = Ring::new(&[]);
    let mut producer = ring.peer();
    assert_eq!(producer.ask("produce"), "done");
    assert_eq!(producer.ask("send 500"), "500");
    let mut consumer = ring.peer();
    assert_eq!(consumer.ask("join"), "done");
    assert_eq!(producer.ask("send 20"), "520");
    assert_eq!(producer.ask("close"), "done");
    assert_eq!(consumer.ask("drain"), "closed 500..520");
}

#[test]
fn a_consumer_may_start_first_and_waits_for_the_ring() {
    let ring = Ring::new(&["early"]);
    let mut consumer = ring.peer();
    consumer.tell("consume early");
    let stat = format!("/proc/{}/syscall", consumer.id());
    let poll = format!("{} ", libc::SYS_ppoll);
    eventually("the consumer sleeps until the directory changes", || {
        std::fs::read_to_string(&stat).is_ok_and(|call| call.starts_with(&poll) || call.starts_with("7 "))
    });
    // Another file does not end the wait.
    std::fs::write(ring.directory().join("other"), "").unwrap();
    let mut producer = ring.peer();
    assert_eq!(producer.ask("produce"), "done");
    assert_eq!(consumer.answer().unwrap(), "done");
    assert_eq!(producer.ask("send 3"), "3");
    assert_eq!(consumer.ask("recv 3"), "0..3");
}

#[test]
fn the_end_of_a_stream_reaches_every_consumer_also_those_that_sleep() {
    let ring = Ring::new(&["a", "b"]);
    let mut producer = ring.peer();
    assert_eq!(producer.ask("produce"), "done");
    let mut ends = ["consume a", "consume b", "join", "observe"].map(|attach| {
        let mut end = ring.peer();
        assert_eq!(end.ask(attach), "done");
        end.tell(if attach == "observe" { "observe-all" } else { "drain" });
        end.sleeps();
        end
    });
    assert_eq!(producer.ask("send 5"), "5");
    ends[2].sleeps();
    assert!(ends[3].line().unwrap().starts_with("saw "));
    assert_eq!(producer.ask("close"), "done");
    for end in &mut ends[..3] {
        assert_eq!(end.answer().unwrap(), "closed 0..5");
        assert_eq!(end.ask("state"), "Closed");
    }
    assert!(ends[3].answer().unwrap().starts_with("seen "));
}

#[test]
fn a_batch_wakes_its_consumers_once() {
    let ring = Ring::new(&["a"]);
    let mut producer = ring.channel().producer().unwrap();
    let mut consumer = ring.peer();
    assert_eq!(consumer.ask("consume a"), "done");
    consumer.tell("recv 3");
    consumer.sleeps();
    let file = RingFile::open(ring.path());
    let wakes = file.get_u32(control::DATA_WAIT + 4);
    producer.batch(|producer| (0..3).for_each(|_| drop(send(producer, ring.bytes()))));
    assert_eq!(file.get_u32(control::DATA_WAIT + 4), wakes + 1);
    assert_eq!(consumer.answer().unwrap(), "0..3");
}

#[test]
fn the_end_of_a_stream_wakes_its_consumers() {
    let ring = Ring::new(&[]);
    let producer = ring.channel().producer().unwrap();
    let file = RingFile::open(ring.path());
    let wakes = file.get_u32(control::DATA_WAIT + 4);
    producer.close().unwrap();
    assert_eq!(file.get_u32(control::DATA_WAIT + 4), wakes + 1, "not left to the next look at the peers' locks");
}

#[test]
fn a_frame_sent_just_before_the_end_arrives_before_it() {
    const ROUNDS: u64 = 2000;
    let ring = Ring::new(&["a"]).wait(Wait::Spin);
    ring.channel().create().unwrap();
    let (opened, ended) = (AtomicU64::new(0), AtomicU64::new(0));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let consumer = ring.channel().consumer("a").unwrap();
            for round in 0..ROUNDS {
                eventually("the producer has opened", || opened.load(Ordering::Acquire) > round);
                assert_eq!(consumer.iter().count(), 1, "the one frame of round {round}");
                ended.store(round + 1, Ordering::Release);
            }
        });
        for round in 0..ROUNDS {
            let mut producer = ring.channel().open_producer().unwrap();
            opened.store(round + 1, Ordering::Release);
            send(&mut producer, ring.bytes()).unwrap();
            producer.close().unwrap();
            eventually("the consumer sees the end", || ended.load(Ordering::Acquire) > round);
        }
    });
}

#[test]
fn a_crash_does_not_look_like_an_end() {
    let ring = Ring::new(&["a"]);
    let mut consumer = ring.peer();
    let mut producer = ring.peer();
    assert_eq!(producer.ask("produce"), "done");
    assert_eq!(consumer.ask("consume a"), "done");
    assert_eq!(producer.ask("send 7"), "7");
    assert_eq!(consumer.ask("state"), "Open");
    producer.kill();
    assert_eq!(consumer.ask("state"), "Gone");
    assert_eq!(consumer.ask("recv 7"), "0..7");
    consumer.tell("recv 3");
    consumer.sleeps();
    let mut successor = ring.peer();
    assert_eq!(successor.ask("continue"), "done");
    assert_eq!(successor.ask("send 3"), "10");
    assert_eq!(consumer.answer().unwrap(), "7..10");
    assert_eq!(consumer.ask("state"), "Open");
}

#[test]
fn neither_a_panic_nor_leaving_ends_the_stream_and_dropping_does() {
    for (go, state) in [("panic", "Gone"), ("leave", "Gone"), ("drop", "Closed")] {
        let ring = Ring::new(&["a"]);
        let mut producer = ring.peer();
        assert_eq!(producer.ask("produce"), "done");
        assert_eq!(producer.ask("send 2"), "2");
        let mut consumer = ring.peer();
        assert_eq!(consumer.ask("consume a"), "done");
        assert_eq!(producer.ask(go), "done");
        assert_eq!(consumer.ask("recv 2"), "0..2");
        assert_eq!(consumer.ask("state"), state, "after {go}");
    }
}

#[test]
fn a_closed_ring_goes_on_with_its_next_producer() {
    let ring = Ring::new(&["a"]);
    let mut consumer = ring.peer();
    let mut first = ring.peer();
    assert_eq!(first.ask("produce"), "done");
    assert_eq!(consumer.ask("consume a"), "done");
    assert_eq!(first.ask("send 4"), "4");
    assert_eq!(first.ask("close"), "done");
    assert_eq!(consumer.ask("drain"), "closed 0..4");
    let mut second = ring.peer();
    assert_eq!(second.ask("continue"), "done");
    assert_eq!(second.ask("send 4"), "8");
    assert_eq!(second.ask("close"), "done");
    assert_eq!(consumer.ask("drain"), "closed 4..8");
}
