//! How a ring is, seen by who has no place in it: the figures are right, they hold nobody back, and nothing is believed
//! unchecked.
#![forbid(unsafe_code)]

use ipc_core::ProducerState;
use ipc_core::raw::{Patience, RawChannel, RawClass, RawConsumer, RawProducer};
use ipc_tests::Ring;
use ipc_tests::format::{RingFile, control};

const CLASS: &str = r#"[{ "className": "Tick", "members": [{ "name": "number", "type": "uint64" }] }]"#;
/// Bytes from one record to the next: header and frame, in multiples of 16.
const STRIDE: u64 = 32;
const CAPACITY: u64 = 4096;

fn class() -> RawClass {
    RawClass::from_json(CLASS, "Tick").unwrap()
}

fn channel(ring: &Ring) -> RawChannel<'_> {
    RawChannel::untyped(ring.path().to_str().unwrap()).capacity(CAPACITY).reserve(&["a", "b"]).dynamic_slots(2)
}

fn send(producer: &mut RawProducer, count: usize) {
    (0..count).for_each(|_| _ = producer.send(&[0; 8], Patience::None).unwrap());
}

fn take(consumer: &RawConsumer, count: usize) {
    (0..count).for_each(|_| drop(consumer.recv(Patience::None).unwrap()));
}

#[test]
fn a_monitor_tells_who_is_there_and_how_far_behind() {
    let ring = Ring::new(&[]);
    assert!(channel(&ring).monitor().unwrap_err().is_not_there());
    channel(&ring).create_of(&class()).unwrap();
    let monitor = channel(&ring).monitor().unwrap();
    let status = monitor.status().unwrap();
    assert_eq!((status.capacity_bytes, status.used_bytes, status.next_sequence, status.dropped), (CAPACITY, 0, 0, 0));
    assert_eq!((status.producer, status.is_in_use(), status.slots.len()), (ProducerState::NeverOpened, false, 2));

    let mut producer = channel(&ring).producer_of(&class()).unwrap();
    let a = channel(&ring).consumer_of(&class(), "a").unwrap();
    let guest = channel(&ring).dynamic_consumer_of(&class()).unwrap();
    send(&mut producer, 10);
    take(&a, 7);
    take(&guest, 10);
    let status = monitor.status().unwrap();
    assert_eq!((status.used_bytes, status.next_sequence, status.producer), (10 * STRIDE, 10, ProducerState::Open));
    let seen: Vec<_> =
        status.slots.iter().map(|slot| (slot.name.as_deref(), slot.attached, slot.behind_frames)).collect();
    assert_eq!(seen, [(Some("a"), true, 3), (Some("b"), false, 10), (None, true, 0)]);
    assert_eq!(status.slots[0].behind_bytes, 3 * STRIDE);
    assert_eq!((status.slots[0].process, status.slots[1].process), (std::process::id(), 0));
    assert_eq!(status.slowest().unwrap().name.as_deref(), Some("b"));
    // A frame that is held is not given back.
    let held = a.recv(Patience::None).unwrap();
    assert_eq!(monitor.status().unwrap().slots[0].behind_frames, 3);
    drop(held);
    assert_eq!(monitor.status().unwrap().slots[0].behind_frames, 2);

    drop(guest);
    channel(&ring).detach("b").unwrap();
    let status = monitor.status().unwrap();
    assert_eq!((status.slots.len(), status.slots[1].holds, status.used_bytes), (2, false, 2 * STRIDE));
    producer.leave();
    assert_eq!(monitor.status().unwrap().producer, ProducerState::Gone);
    channel(&ring).producer_of(&class()).unwrap().close().unwrap();
    assert_eq!(monitor.status().unwrap().producer, ProducerState::Closed);
    channel(&ring).remove().unwrap();
    assert_eq!(monitor.status().unwrap().producer, ProducerState::Replaced);
}

#[test]
fn a_monitor_sees_each_frame_at_once_and_holds_nobody_back_however_often_the_ring_goes_around() {
    let ring = Ring::new(&[]);
    let mut producer = channel(&ring).producer_of(&class()).unwrap();
    channel(&ring).detach("b").unwrap();
    let a = channel(&ring).consumer_of(&class(), "a").unwrap();
    let monitor = channel(&ring).monitor().unwrap();
    for number in 0..2000 {
        assert_eq!(producer.send(&[0; 8], Patience::None).unwrap(), number);
        let status = monitor.status().unwrap();
        assert_eq!((status.next_sequence, status.used_bytes), (number + 1, STRIDE), "{number}");
        take(&a, 1);
    }
}

#[test]
fn a_monitor_sees_that_its_ring_is_no_longer_the_file_of_that_name() {
    let ring = Ring::new(&[]);
    channel(&ring).create_of(&class()).unwrap();
    let (monitor, aside) = (channel(&ring).monitor().unwrap(), ring.path().with_extension("aside"));
    assert!(monitor.is_at_its_path().unwrap());
    std::fs::rename(ring.path(), &aside).unwrap();
    assert!(!monitor.is_at_its_path().unwrap(), "nothing is there");
    channel(&ring).create_of(&class()).unwrap();
    assert!(!monitor.is_at_its_path().unwrap(), "another is there");
    assert!(channel(&ring).monitor().unwrap().is_at_its_path().unwrap());
    std::fs::rename(&aside, ring.path()).unwrap();
    assert!(monitor.is_at_its_path().unwrap(), "it is there again");
    let memory = RawChannel::untyped("ticks").create_isolated_of(&class()).unwrap();
    let isolated = RawChannel::untyped("ticks").held(&memory).monitor().unwrap();
    assert!(isolated.is_at_its_path().unwrap());
}

#[test]
fn dropped_frames_are_counted() {
    let ring = Ring::new(&[]);
    let mut producer = channel(&ring).on_full(ipc_core::OnFull::Drop).producer_of(&class()).unwrap();
    let monitor = channel(&ring).monitor().unwrap();
    while matches!(producer.deliver(&[0; 8]).unwrap(), ipc_core::Delivery::Sent(_)) {}
    let status = monitor.status().unwrap();
    assert_eq!((status.dropped, status.next_sequence), (1, status.slots[0].behind_frames));
    assert!(status.used_bytes > CAPACITY - 2 * STRIDE, "{status:?}");
}

#[test]
fn no_figure_of_a_damaged_ring_is_believed() {
    let ring = Ring::new(&[]);
    let mut producer = channel(&ring).producer_of(&class()).unwrap();
    send(&mut producer, 10);
    producer.leave();
    let (monitor, file) = (channel(&ring).monitor().unwrap(), RingFile::open(ring.path()));
    for place in [control::TAIL, control::LAST, control::slot(0), control::slot(1)] {
        let before = file.get(place);
        for value in [8, 1 << 40, u64::MAX, u64::MAX - 15, 1 << 63] {
            file.set(place, value);
            match monitor.status() {
                // Where a record may stand by its number there need not be one.
                Ok(status) => assert!(status.used_bytes <= CAPACITY, "{place}: {value}: {status:?}"),
                Err(error) => assert!(error.to_string().contains("is damaged"), "{error}"),
            }
        }
        file.set(place, before);
    }
    file.set_u32(control::slot(1) + 8, 7);
    let error = monitor.status().unwrap_err().to_string();
    assert!(error.contains("slot 1 has state 7"), "{error}");
    file.set_u32(control::slot(1) + 8, 1);
    file.set(control::slot(0), 1 << 40);
    let error = monitor.status().unwrap_err().to_string();
    assert!(error.contains("slot 0 has position 1099511627776, a lap after the end 320"), "{error}");
}
