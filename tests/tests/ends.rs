//! What producers and consumers promise each other, end by end: outcomes, losses, and what is released when.

use std::time::Duration;

use ipc_core::{Delivery, Error, Producer, PublishTime, Wait};
use ipc_tests::format::{RingFile, control};
use ipc_tests::{DEADLINE, Parcel, ParcelDims, Ring, check, largest, parcel, send};

/// A limit that is expected to pass.
const SHORT: Duration = Duration::from_millis(5);

/// A parcel with this much data.
fn sized(n: u64) -> Parcel {
    Parcel { n: n as u32, data: vec![1; n as usize], ..Default::default() }
}

#[test]
fn a_consumer_that_finds_nothing_says_so_at_once_or_after_its_limit() {
    for wait in [Wait::Spin, Wait::SpinThenSleep, Wait::Sleep] {
        let ring = Ring::new(&["a"]).wait(wait);
        let mut producer = ring.channel().producer().unwrap();
        let consumer = ring.channel().consumer("a").unwrap();
        assert!(consumer.try_recv().is_err_and(|error| error.is_empty()));
        assert!(consumer.recv_timeout(SHORT).is_err_and(|error| error.is_timed_out()));
        assert!(consumer.recv_timeout(Duration::ZERO).is_err_and(|error| error.is_timed_out()));
        send(&mut producer, ring.bytes()).unwrap();
        send(&mut producer, ring.bytes()).unwrap();
        assert_eq!(consumer.recv_timeout(DEADLINE).unwrap().sequence(), 0);
        assert_eq!(consumer.try_recv().unwrap().sequence(), 1);
    }
}

#[test]
fn a_producer_that_finds_no_space_says_so_at_once_or_after_its_limit() {
    for wait in [Wait::Spin, Wait::SpinThenSleep, Wait::Sleep] {
        let ring = Ring::new(&["a"]).capacity(4096).wait(wait);
        let mut producer = ring.channel().producer().unwrap();
        let consumer = ring.channel().consumer("a").unwrap();
        while producer.try_send(&sized(500)).is_ok() {}
        assert!(producer.try_send(&sized(500)).is_err_and(|error| error.is_full()));
        assert!(producer.send_timeout(&sized(500), SHORT).is_err_and(|error| error.is_timed_out()));
        assert!(producer.try_reserve(ParcelDims { n: 500 }).is_err_and(|error| error.is_full()));
        assert!(producer.reserve_timeout(ParcelDims { n: 500 }, SHORT).is_err_and(|error| error.is_timed_out()));
        // Two: the next frame needs a padding before it as well.
        (0..2).for_each(|_| drop(consumer.recv_timeout(DEADLINE).unwrap()));
        producer.send_timeout(&sized(500), DEADLINE).unwrap();
    }
}

#[test]
fn full_names_the_slowest_consumer_and_whether_anyone_is_attached() {
    let ring = Ring::new(&["quick", "slow"]).capacity(4096);
    let mut producer = ring.channel().producer().unwrap();
    let quick = ring.channel().consumer("quick").unwrap();
    let full = loop {
        match producer.try_send(&sized(200)) {
            Ok(_) => drop(quick.recv_timeout(DEADLINE).unwrap()),
            Err(error) => break error,
        }
    };
    assert!(matches!(full, Error::Full { slot: 1, attached: false, .. }), "{full:?}");
    assert!(full.to_string().contains("\"slow\"") && full.to_string().contains("not attached"), "{full}");

    let _slow = ring.channel().consumer("slow").unwrap();
    let full = producer.try_send(&sized(200)).unwrap_err();
    assert!(matches!(full, Error::Full { slot: 1, attached: true, .. }), "{full:?}");
    assert!(full.to_string().contains("\"slow\" is the slowest"), "{full}");
}

#[test]
fn a_detached_slot_holds_nobody_back_and_begins_anew() {
    let ring = Ring::new(&["gone"]).capacity(4096);
    let mut producer = ring.channel().producer().unwrap();
    while producer.try_send(&sized(200)).is_ok() {}
    {
        let _attached = ring.channel().consumer("gone").unwrap();
        assert!(matches!(ring.channel().detach("gone"), Err(Error::SlotTaken { .. })), "not under its consumer");
    }
    ring.channel().detach("gone").unwrap();
    for _ in 0..100 {
        producer.try_send(&sized(200)).unwrap();
    }
    let next = producer.next_sequence();
    let consumer = ring.channel().consumer("gone").unwrap();
    producer.try_send(&sized(200)).unwrap();
    assert_eq!(consumer.recv_timeout(DEADLINE).unwrap().sequence(), next);
}

#[test]
fn the_largest_frame_fits_and_a_larger_one_says_what_it_needs() {
    for stamp in [PublishTime::Off, PublishTime::On] {
        let ring = Ring::new(&["a"]).capacity(4096);
        let mut producer = ring.channel().publish_time(stamp).producer().unwrap();
        let consumer = ring.channel().consumer("a").unwrap();
        let most = largest(4096) - if stamp == PublishTime::On { 16 } else { 0 };
        for _ in 0..20 {
            producer.send_timeout(&sized(most), DEADLINE).unwrap();
            assert_eq!(consumer.recv_timeout(DEADLINE).unwrap().view().data().len() as u64, most);
        }
        let error = producer.send(&sized(most + 1)).unwrap_err();
        let Error::TooLarge { bytes, most: most_bytes, needed, .. } = &error else { panic!("{error:?}") };
        assert_eq!((*bytes, *most_bytes), (most + 25, most + 24));
        assert!(error.to_string().contains(&format!("at least {needed} bytes")), "{error}");
        let larger = Ring::new(&[]).capacity(*needed);
        larger.channel().publish_time(stamp).producer().unwrap().send(&sized(most + 1)).unwrap();
    }
}

#[test]
fn a_dropped_frame_takes_a_sequence_number_and_the_ledger_counts_it() {
    let ring = Ring::new(&["a"]).capacity(4096);
    let mut producer = ring.channel().producer().unwrap();
    let consumer = ring.channel().consumer("a").unwrap();
    let mut sent = Vec::new();
    let mut dropped = Vec::new();
    for _ in 0..30 {
        match producer.send_or_drop(&sized(200)).unwrap() {
            Delivery::Sent(sequence) => sent.push(sequence),
            Delivery::Dropped(sequence) => dropped.push(sequence),
            Delivery::Unsent => unreachable!("no controller tells it to quit"),
        }
    }
    assert!(!dropped.is_empty() && sent.len() + dropped.len() == 30);
    let mut received: Vec<u64> = (0..sent.len()).map(|_| consumer.recv_timeout(DEADLINE).unwrap().sequence()).collect();
    received.push(
        producer
            .send_timeout(&sized(1), DEADLINE)
            .and_then(|_| Ok(consumer.recv_timeout(DEADLINE)?.sequence()))
            .unwrap(),
    );
    assert_eq!(received[..sent.len()], sent);
    assert_eq!(received[sent.len()], 30);
    assert_eq!(consumer.missed(), dropped.len() as u64);
    assert_eq!(producer.dropped(), dropped.len() as u64);
    producer.leave();
    let producer = ring.channel().open_producer().unwrap();
    assert_eq!((producer.dropped(), producer.next_sequence()), (dropped.len() as u64, 31), "also for a successor");
}

#[test]
fn a_successor_gives_no_frame_the_number_of_a_dropped_one() {
    let ring = Ring::new(&["a"]);
    let mut producer = ring.channel().producer().unwrap();
    send(&mut producer, ring.bytes()).unwrap();
    assert_eq!(producer.drop_frame().unwrap(), 1);
    producer.leave();
    assert_eq!(ring.channel().open_producer().unwrap().next_sequence(), 2);
}

#[test]
fn a_reservation_that_is_dropped_publishes_nothing() {
    let ring = Ring::new(&["a"]);
    let mut producer = ring.channel().producer().unwrap();
    let consumer = ring.channel().consumer("a").unwrap();
    let mut reservation = producer.reserve(ParcelDims { n: 3000 }).unwrap();
    reservation.edit().data.fill(0xff);
    drop(reservation);
    assert!(consumer.try_recv().is_err_and(|error| error.is_empty()));
    for _ in 0..20 {
        send(&mut producer, ring.bytes()).unwrap();
        check(&consumer.recv_timeout(DEADLINE).unwrap(), ring.bytes());
    }
    assert_eq!(producer.next_sequence(), 20);
}

#[test]
fn reservations_that_are_dropped_leave_no_record_behind_wherever_they_were() {
    let ring = Ring::new(&["a"]).capacity(4096);
    let mut producer = ring.channel().producer().unwrap();
    let consumer = ring.channel().consumer("a").unwrap();
    // Rubbish that would be a word: kind 1, 48 bytes.
    let give_up = |producer: &mut Producer<Parcel>, n: u32| {
        let mut reservation = producer.reserve(ParcelDims { n }).unwrap();
        reservation
            .edit()
            .data
            .chunks_mut(8)
            .for_each(|word| word.copy_from_slice(&[48, 0, 0, 0, 1, 0, 0, 0][..word.len()]));
    };
    let mut sent = 0;
    for turn in 0..20_000_u32 {
        // Runs of one size, so that words are zeroed ahead, around dropped ones of others, in batches and out of them.
        let (size, other) = (turn / 21 % 11 * 24, turn % 13 * 40);
        match turn % 7 {
            1 => give_up(&mut producer, other),
            3 => producer.batch(|producer| give_up(producer, other)),
            5 => producer.batch(|producer| {
                producer.send(&sized(size.into())).unwrap();
                give_up(producer, other);
                sent += 1;
            }),
            _ => {
                producer.send(&sized(size.into())).unwrap();
                sent += 1;
            }
        }
        let end = loop {
            match consumer.try_recv() {
                Ok(frame) => assert_eq!((frame.sequence() + 1, frame.view().n()), (sent, size), "in turn {turn}"),
                Err(error) => break error,
            }
        };
        assert!(end.is_empty(), "in turn {turn}: {end}");
    }
    assert_eq!(producer.next_sequence(), sent);
}

#[test]
fn a_producer_that_is_taken_out_of_its_batch_ends_it() {
    let ring = Ring::new(&["a"]);
    let other = Ring::new(&[]);
    let mut producer = ring.channel().producer().unwrap();
    let consumer = ring.channel().consumer("a").unwrap();
    let mut taken = producer.batch(|producer| {
        producer.send(&sized(8)).unwrap();
        std::mem::replace(producer, other.channel().producer().unwrap())
    });
    taken.send(&sized(9)).unwrap();
    taken.close().unwrap();
    let received = consumer.iter().map(|frame| frame.unwrap().view().n()).collect::<Vec<_>>();
    assert_eq!(received, [8, 9]);
}

#[test]
fn a_reserved_frame_is_zeroed() {
    let ring = Ring::new(&[]).capacity(4096);
    let mut producer = ring.channel().producer().unwrap();
    for _ in 0..50 {
        producer.send(&Parcel { stamp: u64::MAX, seal: u64::MAX, n: 300, data: vec![0xff; 300] }).unwrap();
        let mut reservation = producer.reserve(ParcelDims { n: 300 }).unwrap();
        let frame = reservation.edit();
        assert!(frame.data.iter().all(|&byte| byte == 0) && *frame.stamp == 0 && *frame.seal == 0);
    }
}

#[test]
fn frames_held_at_once_are_given_back_over_the_released_prefix() {
    let ring = Ring::new(&["a"]);
    let mut producer = ring.channel().producer().unwrap();
    let consumer = ring.channel().consumer("a").unwrap();
    let file = RingFile::open(ring.path());
    for _ in 0..4 {
        producer.send(&sized(40)).unwrap();
    }
    let [first, second, third, fourth] = [(); 4].map(|()| consumer.recv_timeout(DEADLINE).unwrap());
    let position = || file.get(control::slot(0)) / 80;
    drop(second);
    assert_eq!(position(), 0, "the first is held");
    drop(first);
    assert_eq!(position(), 2);
    drop(fourth);
    assert_eq!(position(), 2, "the third is held");
    assert_eq!(third.sequence(), 2);
    drop(third);
    assert_eq!(position(), 4);
}

#[test]
fn a_held_frame_is_not_overwritten() {
    let ring = Ring::new(&["a"]).capacity(4096);
    let mut producer = ring.channel().producer().unwrap();
    let consumer = ring.channel().consumer("a").unwrap();
    let value = parcel(0, 4096);
    producer.send(&value).unwrap();
    let held = consumer.recv_timeout(DEADLINE).unwrap();
    while producer.try_send(&sized(100)).is_ok() {
        drop(consumer.recv_timeout(DEADLINE).unwrap());
    }
    check(&held, 4096);
    drop(held);
    producer.try_send(&sized(100)).unwrap();
}

#[test]
fn a_batch_takes_what_is_there_up_to_its_limit_and_gives_all_back_at_once() {
    let ring = Ring::new(&["a"]);
    let mut producer = ring.channel().producer().unwrap();
    let mut consumer = ring.channel().consumer("a").unwrap();
    let file = RingFile::open(ring.path());
    for _ in 0..10 {
        producer.send(&sized(40)).unwrap();
    }
    let batch = consumer.batch(7).unwrap();
    let sequences: Vec<u64> = batch.iter().map(|frame| frame.unwrap().sequence()).collect();
    assert_eq!(sequences, (0..7).collect::<Vec<_>>());
    assert_eq!(batch.iter().count(), 0, "each frame once");
    assert_eq!(file.get(control::slot(0)), 0);
    drop(batch);
    assert_eq!(file.get(control::slot(0)), 7 * 80);
    assert_eq!(consumer.batch(7).unwrap().iter().count(), 3);
    assert!(consumer.try_recv().is_err_and(|error| error.is_empty()));
}

#[test]
fn skipping_leads_to_the_newest_frame() {
    let ring = Ring::new(&["a"]);
    let mut producer = ring.channel().producer().unwrap();
    let consumer = ring.channel().consumer("a").unwrap();
    assert_eq!(consumer.skip_to_latest().unwrap(), 0);
    for _ in 0..20 {
        send(&mut producer, ring.bytes()).unwrap();
    }
    assert_eq!(consumer.skip_to_latest().unwrap(), 19);
    let newest = consumer.recv_timeout(DEADLINE).unwrap();
    assert_eq!(newest.sequence(), 19);
    check(&newest, ring.bytes());
    assert_eq!(consumer.missed(), 0, "what a consumer skips was not lost");
}

#[test]
fn publish_times_travel_only_if_they_are_asked_for() {
    let ring = Ring::new(&["a"]);
    let consumer = ring.channel();
    let mut producer = ring.channel().publish_time(PublishTime::On).producer().unwrap();
    let consumer = consumer.consumer("a").unwrap();
    let mut observer = ring.channel().observer().unwrap();
    let mut last = 1;
    for _ in 0..20 {
        send(&mut producer, ring.bytes()).unwrap();
        let frame = consumer.recv_timeout(DEADLINE).unwrap();
        check(&frame, ring.bytes());
        let time = frame.publish_time_ns().unwrap();
        assert!(time >= last);
        last = time;
    }
    assert_eq!(observer.latest().unwrap().publish_time_ns(), Some(last));
    producer.leave();
    let mut producer = ring.channel().producer().unwrap();
    send(&mut producer, ring.bytes()).unwrap();
    assert_eq!(consumer.recv_timeout(DEADLINE).unwrap().publish_time_ns(), None, "one ring may hold both");
}

#[test]
fn an_end_may_move_to_another_thread() {
    let ring = Ring::new(&["a"]);
    let mut producer = ring.channel().producer().unwrap();
    let consumer = ring.channel().consumer("a").unwrap();
    std::thread::scope(|scope| {
        scope.spawn(move || (0..500).all(|_| send(&mut producer, 16 << 10).is_ok()));
        let receiver = scope.spawn(move || consumer.iter().map(|frame| check(&frame.unwrap(), 16 << 10)).count());
        assert_eq!(receiver.join().unwrap(), 500);
    });
}

#[test]
fn removing_a_ring_tells_all_who_wait_and_frees_its_name() {
    let ring = Ring::new(&["a", "b"]).capacity(4096);
    let mut producer = ring.peer();
    assert_eq!(producer.ask("produce"), "done");
    let mut waiting = ring.peer();
    assert_eq!(waiting.ask("consume a"), "done");
    // Slot b is not attached: the producer fills the ring and waits, then the consumer has read all and waits.
    producer.tell("send 500");
    waiting.tell("log");
    producer.sleeps();
    waiting.sleeps();
    let mut observer = ring.channel().observer().unwrap();
    ring.channel().remove().unwrap();
    assert!(waiting.answer().unwrap().starts_with("Replaced: "));
    assert!(producer.answer().unwrap().starts_with("Replaced: "));
    assert_eq!(waiting.ask("state"), "Replaced");
    while !matches!(observer.try_recv().map(drop), Err(Error::Replaced(_))) {}
    assert!(!ring.path().exists());

    let mut next = ring.peer();
    assert_eq!(next.ask("produce"), "done");
    assert_eq!(next.ask("send 1"), "1", "a new ring begins at 0");
}
