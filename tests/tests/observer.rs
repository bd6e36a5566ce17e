//! Observers: they never hold the producer back, get whole frames, and know how many they did not get.

use std::time::Duration;

use ipc_core::Channel;
use ipc_tests::{DEADLINE, Parcel, ParcelDims, Ring, largest, parcel, send};

/// Fills the ring so that claiming the next largest frame takes the place of the newest one: after two frames of almost
/// half the capacity, the third begins at the start of the body again.
fn with_the_newest_frame_claimed(channel: Channel<'_, Parcel>, largest: u32) -> ipc_core::Producer<Parcel> {
    let mut producer = channel.producer().unwrap();
    let value = Parcel { n: largest, data: vec![7; largest as usize], ..Default::default() };
    for _ in 0..2 {
        producer.send(&value).unwrap();
    }
    drop(producer.reserve(ParcelDims { n: largest }).unwrap());
    producer
}

#[test]
fn an_observer_never_holds_the_producer_back_and_counts_what_it_skipped() {
    let ring = Ring::new(&[]).capacity(4096);
    let mut producer = ring.channel().producer().unwrap();
    let mut observer = ring.channel().observer().unwrap();
    let (mut seen, mut next) = (0, 0);
    for sent in 0..5000 {
        send(&mut producer, ring.bytes()).unwrap();
        if sent % 97 == 0 {
            let frame = observer.recv_timeout(DEADLINE).unwrap();
            assert_eq!(frame.bytes(), parcel(frame.sequence(), ring.bytes()).to_bytes().unwrap());
            assert!(frame.sequence() >= next, "never back");
            (seen, next) = (seen + 1, frame.sequence() + 1);
        }
    }
    assert_eq!(observer.skipped(), next - seen);
    assert!(observer.skipped() > 0);
}

#[test]
fn an_observer_in_another_process_gets_whole_frames_only() {
    let ring = Ring::new(&[]).capacity(4096);
    let mut producer = ring.peer();
    assert_eq!(producer.ask("produce"), "done");
    let mut observer = ring.peer();
    assert_eq!(observer.ask("observe"), "done");
    observer.tell("observe-all");
    assert_eq!(producer.ask("send 1"), "1");
    assert_eq!(observer.line().unwrap(), "saw 0", "it observes before the producer gets ahead");
    assert_eq!(producer.ask("send-to 20000"), "20000");
    assert_eq!(producer.ask("close"), "done");
    let answer = observer.answer().unwrap();
    let numbers: Vec<u64> = answer.split(' ').filter_map(|word| word.parse().ok()).collect();
    let [seen, skipped] = numbers[..] else { panic!("{answer}") };
    assert!(seen > 0 && seen + skipped == 20_000, "from the first to the last, which is there to the end: {answer}");
}

#[test]
fn latest_gives_the_newest_frame_and_then_nothing() {
    let ring = Ring::new(&[]);
    let mut producer = ring.channel().producer().unwrap();
    let mut observer = ring.channel().observer().unwrap();
    assert!(observer.latest().is_err_and(|error| error.is_empty()));
    for _ in 0..10 {
        send(&mut producer, ring.bytes()).unwrap();
    }
    assert_eq!(observer.latest().unwrap().sequence(), 9);
    assert!(observer.latest().is_err_and(|error| error.is_empty()));
    assert!(observer.recv_timeout(Duration::from_millis(5)).is_err_and(|error| error.is_timed_out()));
    producer.close().unwrap();
    assert!(observer.recv_timeout(DEADLINE).is_err_and(|error| error.is_closed()));
}

#[test]
fn a_lapped_observer_goes_on_with_the_newest_frame() {
    let ring = Ring::new(&[]).capacity(4096);
    let mut producer = ring.channel().producer().unwrap();
    let mut observer = ring.channel().observer().unwrap();
    for _ in 0..500 {
        send(&mut producer, ring.bytes()).unwrap();
    }
    producer.close().unwrap();
    assert_eq!(observer.recv_timeout(DEADLINE).unwrap().sequence(), 499);
    assert_eq!(observer.skipped(), 499);
}

#[test]
fn an_observer_whose_newest_frame_is_claimed_over_waits_for_the_next() {
    let ring = Ring::new(&[]).capacity(4096);
    let mut producer = with_the_newest_frame_claimed(ring.channel(), largest(4096) as u32);
    let mut observer = ring.channel().observer().unwrap();
    assert!(observer.try_recv().is_err_and(|error| error.is_empty()));
    assert!(observer.recv_timeout(Duration::from_millis(5)).is_err_and(|error| error.is_timed_out()));
    send(&mut producer, ring.bytes()).unwrap();
    assert_eq!(observer.recv_timeout(DEADLINE).unwrap().sequence(), 2);
}

#[test]
fn an_observer_believes_nothing_that_a_dead_producer_may_have_written_over() {
    let ring = Ring::new(&[]).capacity(4096);
    let mut producer = ring.channel().producer().unwrap();
    let most = largest(4096) as u32;
    let value = |n| Parcel { n, data: vec![7; n as usize], ..Default::default() };
    producer.send(&value(most)).unwrap();
    let mut observer = ring.channel().observer().unwrap();
    producer.send(&value(most - 1000)).unwrap();
    // It begins where the first frame does. The successor's frame stands before the end of the body, and needs less.
    producer.reserve(ParcelDims { n: most }).unwrap().edit().data.fill(0xff);
    producer.leave();
    let mut successor = ring.channel().open_producer().unwrap();
    successor.send(&Parcel::default()).unwrap();
    let observed = observer.recv_timeout(DEADLINE).unwrap();
    assert_eq!((observed.sequence(), observed.view().n()), (2, 0));
}

#[test]
fn an_observer_whose_newest_frame_is_claimed_over_sees_the_end() {
    let ring = Ring::new(&[]).capacity(4096);
    let producer = with_the_newest_frame_claimed(ring.channel(), largest(4096) as u32);
    let mut observer = ring.channel().observer().unwrap();
    producer.close().unwrap();
    assert!(observer.recv_timeout(DEADLINE).is_err_and(|error| error.is_closed()));
}
