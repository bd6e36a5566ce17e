//! Removing rings: everybody learns of it, whatever ends are open and whoever dies in between.

use std::time::Duration;

use ipc_core::{Channel, Error};
use ipc_tests::format::{RingFile, control};
use ipc_tests::{Parcel, Ring, Tick, send};

/// What the ring's state is once it was removed.
const REPLACED: u32 = 3;

#[test]
fn a_producer_that_always_has_space_learns_that_its_ring_was_removed() {
    let ring = Ring::new(&[]).capacity(4096);
    let mut producer = ring.channel().producer().unwrap();
    ring.channel().remove().unwrap();
    let outcome = (0..1000).try_for_each(|_| send(&mut producer, ring.bytes()).map(drop));
    assert!(matches!(outcome, Err(Error::Replaced(_))), "{outcome:?}");
}

#[test]
fn a_ring_of_another_size_or_class_can_be_removed() {
    let ring = Ring::new(&["a"]).capacity(4096);
    ring.channel().create().unwrap();
    let wider: Channel<Parcel> = ring.channel().capacity(8192);
    assert!(wider.producer().is_err_and(|error| error.is_mismatch()));
    wider.remove().unwrap();
    wider.create().unwrap();
    let other = ring.channel_of::<Tick>().capacity(8192);
    assert!(other.producer().is_err_and(|error| error.is_mismatch()));
    other.remove().unwrap();
    other.create().unwrap();
}

#[test]
fn a_removed_ring_stays_removed_for_a_producer_that_closes() {
    let ring = Ring::new(&["a"]);
    let producer = ring.channel().producer().unwrap();
    let consumer = ring.channel().consumer("a").unwrap();
    ring.channel().remove().unwrap();
    assert!(matches!(producer.close(), Err(Error::Replaced(_))));
    assert!(matches!(consumer.recv(), Err(Error::Replaced(_))), "not an end of the stream");
}

#[test]
fn iterating_over_a_removed_ring_ends_after_its_error() {
    let ring = Ring::new(&["a"]);
    let _producer = ring.channel().producer().unwrap();
    let consumer = ring.channel().consumer("a").unwrap();
    ring.channel().remove().unwrap();
    assert_eq!(consumer.iter().map(|frame| frame.is_err()).collect::<Vec<_>>(), [true]);
}

#[test]
fn a_ring_whose_remover_died_halfway_is_removed_by_the_next_opener() {
    let ring = Ring::new(&["a"]);
    let mut producer = ring.channel().producer().unwrap();
    send(&mut producer, ring.bytes()).unwrap();
    producer.leave();
    RingFile::open(ring.path()).set_u32(control::STATE, REPLACED);
    let gone = ring.channel().wait_for_ring(Duration::ZERO).consumer("a").map(drop);
    assert!(gone.as_ref().is_err_and(Error::is_not_there), "{gone:?}");
    assert!(!ring.path().exists());
    assert_eq!(ring.channel().producer().unwrap().next_sequence(), 0, "a new ring");
}
