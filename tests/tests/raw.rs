//! Ends by bytes: they meet typed ends, learn classes from JSON and from rings, and refuse what cannot be.

use std::sync::mpsc::channel;
use std::time::Duration;

use ipc_core::raw::{Patience, RawChannel, RawClass, SharedConsumer};
use ipc_core::{Class, Wait};
use ipc_tests::{DEADLINE, Parcel, Ring, Tick, check, parcel, send, swapped};

const PARCEL_JSON: &str = include_str!("../classes/parcel.json");

fn raw(ring: &Ring) -> RawChannel<'_> {
    RawChannel::untyped(ring.path().to_str().unwrap()).wait(Wait::Sleep).capacity(ring.bytes()).dynamic_slots(4)
}

#[test]
fn raw_and_typed_ends_exchange_frames() {
    let ring = Ring::new(&["reader"]);
    let class = RawClass::from_json(PARCEL_JSON, "Parcel").unwrap();
    let mut producer = raw(&ring).reserve(&["reader"]).producer_of(&class).unwrap();
    let consumer = ring.channel().consumer("reader").unwrap();
    let observer = &mut raw(&ring).observer_of(&class).unwrap();
    for sequence in 0..1000 {
        let bytes = parcel(sequence, ring.bytes()).to_bytes().unwrap();
        let sent = if sequence % 2 == 0 {
            producer.send(&bytes, Patience::Endless)
        } else {
            producer.reserve(bytes.len(), Patience::Endless).unwrap().copy_from_slice(&bytes);
            producer.publish()
        };
        assert_eq!(sent.unwrap(), sequence);
        check(&consumer.recv().unwrap(), ring.bytes());
        assert_eq!(observer.recv(Patience::None).unwrap().bytes(), bytes);
    }
    drop(producer);
    assert!(consumer.recv().is_err_and(|error| error.is_closed()));

    let mut producer = ring.channel().producer().unwrap();
    let raw_consumer = raw(&ring).dynamic_consumer_of(&class).unwrap();
    for _ in 0..100 {
        let sequence = send(&mut producer, ring.bytes()).unwrap();
        check(&consumer.recv().unwrap(), ring.bytes());
        let frame = raw_consumer.recv(Patience::None).unwrap();
        assert_eq!(frame.sequence(), sequence);
        assert_eq!(frame.bytes(), parcel(sequence, ring.bytes()).to_bytes().unwrap());
    }
}

#[test]
fn a_class_read_from_a_ring_is_the_one_that_made_it() {
    let ring = Ring::new(&[]);
    ring.channel().create().unwrap();
    let class = raw(&ring).class().unwrap();
    assert_eq!(class, RawClass::of(Parcel::DESC));
    assert_eq!(class, RawClass::from_json(class.schema(), "Parcel").unwrap());
    let error = RawClass::from_json(PARCEL_JSON, "Parsel").unwrap_err().to_string();
    assert!(error.contains(r#"no class "Parsel": expected one of ["Parcel", "Tick"]"#), "{error}");
}

#[test]
fn a_raw_end_of_another_class_is_refused_as_a_typed_one_is() {
    let ring = Ring::new(&[]);
    ring.channel().create().unwrap();
    let raw = raw(&ring).producer_of(&RawClass::of(swapped::Tick::DESC)).unwrap_err();
    let typed = ring.channel_of::<swapped::Tick>().producer().unwrap_err();
    assert!(raw.is_mismatch());
    assert_eq!(raw.to_string(), typed.to_string());
}

#[test]
fn a_frame_of_a_length_that_its_class_cannot_have_is_refused() {
    let ring = Ring::new(&[]);
    let mut ticks = raw(&ring).producer_of(&RawClass::of(Tick::DESC)).unwrap();
    for len in [0, 7, 9, usize::MAX] {
        let error = ticks.reserve(len, Patience::None).unwrap_err().to_string();
        assert_eq!(error, format!("class Tick: expected a frame of 8 bytes, found {len}"));
    }
    raw(&ring).remove().unwrap();
    let mut parcels = raw(&ring).producer_of(&RawClass::of(Parcel::DESC)).unwrap();
    let error = parcels.send(&[0; 8], Patience::None).unwrap_err().to_string();
    assert_eq!(error, "class Parcel: expected a frame of at least 24, and under 4 GiB bytes, found 8");
}

#[test]
fn one_frame_is_reserved_at_a_time_and_published_once() {
    let ring = Ring::new(&["reader"]);
    let class = RawClass::of(Tick::DESC);
    let mut producer = raw(&ring).reserve(&["reader"]).producer_of(&class).unwrap();
    producer.reserve(8, Patience::None).unwrap().fill(1);
    let said = |error: ipc_core::Error| error.to_string().split_once(": ").unwrap().1.to_owned();
    let open = "a frame is being written: publish it or give it up before the next one";
    assert_eq!(said(producer.reserve(8, Patience::None).unwrap_err()), open);
    assert_eq!(said(producer.send(&[2; 8], Patience::None).unwrap_err()), open);
    assert_eq!(producer.publish().unwrap(), 0);
    let none = "no frame is reserved: reserve one, write it, then publish it once";
    assert_eq!(said(producer.publish().unwrap_err()), none);
    producer.reserve(8, Patience::None).unwrap().fill(3);
    producer.abandon();
    assert_eq!(said(producer.publish().unwrap_err()), none);
    assert_eq!(producer.send(&[4; 8], Patience::None).unwrap(), 1);
    let consumer = raw(&ring).consumer_of(&class, "reader").unwrap();
    assert_eq!(consumer.recv(Patience::None).unwrap().bytes(), [1; 8]);
    assert_eq!(consumer.recv(Patience::None).unwrap().bytes(), [4; 8]);
    assert!(consumer.recv(Patience::None).unwrap_err().is_empty());
}

#[test]
fn a_reserved_frame_outlives_batches_dropped_frames_and_syncs() {
    let ring = Ring::new(&["reader"]);
    let class = RawClass::of(Parcel::DESC);
    let mut producer = raw(&ring).reserve(&["reader"]).producer_of(&class).unwrap();
    let consumer = raw(&ring).consumer_of(&class, "reader").unwrap();
    // Several times around the ring, so that each comes behind a padding too.
    for round in 0..2000_usize {
        let bytes: Vec<u8> = (0..24 + round * 7 % 300).map(|at| (round + at) as u8).collect();
        let mut due = Vec::new();
        if round % 3 == 1 {
            producer.begin_batch();
        }
        if round % 2 == 1 {
            due.push((producer.send(&bytes[..24], Patience::None).unwrap(), 24));
        }
        producer.reserve(bytes.len(), Patience::None).unwrap();
        match round % 5 {
            0 => drop(producer.drop_frame().unwrap()),
            1 => producer.sync().unwrap(),
            2 => producer.begin_batch(),
            _ => {}
        }
        if round % 7 == 0 {
            producer.end_batch();
        }
        producer.reserved().unwrap().copy_from_slice(&bytes);
        due.push((producer.publish().unwrap(), bytes.len()));
        producer.end_batch();
        for (sequence, len) in due {
            let frame = consumer.recv(Patience::None).unwrap();
            assert_eq!((frame.sequence(), frame.bytes()), (sequence, &bytes[..len]), "round {round}");
        }
        assert!(consumer.recv(Patience::None).unwrap_err().is_empty(), "round {round}");
    }
}

#[test]
fn a_reserved_frame_is_zeroed() {
    let ring = Ring::new(&[]);
    let mut producer = raw(&ring).producer_of(&RawClass::of(Tick::DESC)).unwrap();
    for _ in 0..2 * ring.bytes() / 32 {
        let frame = producer.reserve(8, Patience::None).unwrap();
        assert_eq!(frame, [0; 8]);
        frame.fill(0xff);
        producer.publish().unwrap();
    }
}

#[test]
fn a_frame_number_is_released_once() {
    let ring = Ring::new(&["reader"]);
    let class = RawClass::of(Tick::DESC);
    let mut producer = raw(&ring).reserve(&["reader"]).producer_of(&class).unwrap();
    let consumer = raw(&ring).consumer_of(&class, "reader").unwrap();
    (0..4).for_each(|n| _ = producer.send(&[n; 8], Patience::None).unwrap());
    let numbers: Vec<_> = (0..4).map(|_| consumer.recv_unbound(Patience::None).unwrap().number).collect();
    assert!(consumer.holds_frames());
    for &number in [&numbers[1], &numbers[0], &numbers[3], &numbers[2]] {
        // SAFETY: nobody has the bytes of these frames.
        assert!(unsafe { consumer.release(number) });
        // SAFETY: as above.
        assert!(!unsafe { consumer.release(number) });
    }
    assert!(!consumer.holds_frames());
    // SAFETY: as above.
    assert!(!unsafe { consumer.release(numbers[3] + 1) });
}

#[test]
fn a_shared_frame_is_released_while_another_thread_waits_for_the_next() {
    let ring = Ring::new(&["reader"]);
    let class = RawClass::of(Tick::DESC);
    let mut producer = raw(&ring).reserve(&["reader"]).producer_of(&class).unwrap();
    let consumer = SharedConsumer::from(raw(&ring).consumer_of(&class, "reader").unwrap());
    producer.send(&[1; 8], Patience::None).unwrap();
    let frame = consumer.recv(Patience::None).unwrap();
    let (sender, received) = channel();
    let waiting = std::thread::spawn(move || {
        for _ in 0..3 {
            sender.send(consumer.recv(Patience::Until(DEADLINE)).unwrap()).unwrap();
        }
    });
    // The ring is full of what the waiting thread holds and of the first frame, which this thread then gives back.
    let mut sent = 1;
    while producer.send(&[2; 8], Patience::None).is_ok() {
        sent += 1;
    }
    assert!(sent > 3);
    assert_eq!(frame.bytes(), [1; 8]);
    drop(frame);
    let held: Vec<_> = (0..3).map(|_| received.recv().unwrap()).collect();
    waiting.join().unwrap();
    // The consumer is gone, and its frames keep the slot.
    assert!(raw(&ring).consumer_of(&class, "reader").is_err());
    assert!(held.iter().all(|frame| frame.bytes() == [2; 8]));
    assert!(producer.send(&[3; 8], Patience::Until(Duration::ZERO)).is_ok(), "the first frame's space");
    drop(held);
    let successor = raw(&ring).consumer_of(&class, "reader").unwrap();
    assert_eq!(successor.recv(Patience::None).unwrap().sequence(), 4);
}
