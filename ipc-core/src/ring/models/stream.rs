//! Publish, poll, release and wrap: one producer, one consumer, records that go around the ring.

use loom::thread;

use super::*;

/// `before` frames of `sizes[0]` bytes are sent and consumed by one thread; then a producer sends `sizes[1..]` while a
/// consumer receives. Old words of the last lap lie ahead of both.
fn stream(units: usize, before: &[u32], unread: &[u32], sizes: &'static [u32]) {
    let ring = Arc::new(Ring::new(units, &[SLOT_ACTIVE]));
    let mut writer = Writer::resume(ring.control(), &ring.body).unwrap();
    let reader = Reader::at(0);
    for &size in before {
        assert!(ring.try_send(&mut writer, size));
        ring.try_receive(&reader, 0).unwrap();
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
        match ring.try_receive(&reader, 0) {
            Some(sequence) => {
                assert_eq!(sequence, expected, "every frame, in order");
                expected += 1;
            }
            None => thread::yield_now(),
        }
    }
    producer.join().unwrap();
    assert_eq!(ring.try_receive(&reader, 0), None, "nothing that was not sent");
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

/// A producer sends two frames as a batch, behind a padding, while a consumer receives.
fn batching() {
    let ring = Arc::new(Ring::new(8, &[SLOT_ACTIVE]));
    let mut writer = Writer::resume(ring.control(), &ring.body).unwrap();
    let reader = Reader::at(0);
    for size in [32, 16, 16] {
        assert!(ring.try_send(&mut writer, size));
        ring.try_receive(&reader, 0).unwrap();
    }
    let producer = {
        let ring = Arc::clone(&ring);
        thread::spawn(move || {
            writer.begin_batch(ring.control(), &ring.body);
            assert!(ring.try_send(&mut writer, 16) && ring.try_send(&mut writer, 16));
            assert!(writer.end_batch(ring.control(), &ring.body));
        })
    };
    let mut received = 0;
    while received < 2 {
        match ring.try_receive(&reader, 0) {
            Some(sequence) => {
                assert_eq!(sequence, 3 + received, "every frame, in order");
                received += 1;
            }
            None => {
                assert_eq!(received, 0, "all frames of a batch are there at once");
                thread::yield_now();
            }
        }
    }
    producer.join().unwrap();
    assert_eq!(ring.try_receive(&reader, 0), None, "nothing that was not sent");
}

#[test]
fn a_batch_is_one_commit() {
    holds(batching);
}

#[test]
fn a_batch_that_is_committed_relaxed_lets_a_torn_frame_through() {
    fails_with(Fault::RelaxedBatch, batching);
}
