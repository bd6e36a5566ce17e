//! Publish, poll, release and wrap: one producer, one consumer, records that go around the ring.

use loom::thread;

use super::*;

/// `before` frames of `sizes[0]` bytes are sent and consumed by one thread; then a producer sends `sizes[1..]` while a
/// consumer receives. Old words of the last lap lie ahead of both.
fn stream(units: usize, before: &[u32], unread: &[u32], sizes: &'static [u32]) {
    let ring = Arc::new(Ring::new(units, &[SLOT_ACTIVE]));
    let mut writer = Writer::resume(ring.control(), &ring.body).unwrap();
    let mut reader = Reader { position: 0, next_sequence: 0 };
    for &size in before {
        assert!(ring.try_send(&mut writer, size));
        ring.try_receive(&mut reader, 0).unwrap();
    }
    for &size in unread {
        assert!(ring.try_send(&mut writer, size));
    }
    let total = (before.len() + unread.len() + sizes.len()) as u64;
    let producer = {
        let ring = Arc::clone(&ring);
        thread::spawn(move || {
            for &size in sizes {
                while !ring.try_send(&mut writer, size) {
                    thread::yield_now();
                }
            }
        })
    };
    let mut expected = before.len() as u64;
    while expected < total {
        match ring.try_receive(&mut reader, 0) {
            Some(sequence) => {
                assert_eq!(sequence, expected, "every frame, in order");
                expected += 1;
            }
            None => thread::yield_now(),
        }
    }
    producer.join().unwrap();
    assert_eq!(ring.try_receive(&mut reader, 0), None, "nothing that was not sent");
}

/// Four records of 32 bytes a lap; the ring is full when the threads start.
fn wrapping() {
    stream(8, &[16, 16], &[16, 16, 16], &[16, 16]);
}

/// The tail is 16 bytes before the end, so a record of 32 bytes goes to the start, where an old record of
/// another length stands.
fn padding() {
    stream(8, &[32, 16, 16], &[], &[16, 0]);
}

#[test]
fn every_frame_arrives_whole_and_in_order() {
    holds(wrapping);
}

#[test]
fn a_padding_and_the_record_after_it_are_one_commit() {
    holds(padding);
}

#[test]
fn without_zeroing_an_old_word_is_taken_for_a_new_one() {
    fails_with(Fault::NoZeroing, wrapping);
}

#[test]
fn a_relaxed_commit_lets_a_torn_frame_through() {
    fails_with(Fault::RelaxedCommit, wrapping);
}

#[test]
fn without_a_fence_after_the_poll_a_frame_is_torn() {
    fails_with(Fault::NoFenceAfterPoll, wrapping);
}

#[test]
fn a_relaxed_release_lets_the_producer_overwrite_a_frame_that_is_being_read() {
    fails_with(Fault::RelaxedRelease, wrapping);
}

#[test]
fn a_padding_that_is_committed_first_leads_to_an_old_word() {
    fails_with(Fault::PaddingFirst, padding);
}
