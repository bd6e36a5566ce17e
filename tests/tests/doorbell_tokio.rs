//! A consumer as a stream of frames, beside other branches and tasks of tokio.

use std::pin::pin;
use std::time::Duration;

use ipc_core::{Error, Frames};
use ipc_tests::{Parcel, Peer, Ring};
use tokio::time::interval;

/// A ring with a producer in another process, and a stream in this one.
fn ends(ring: &Ring) -> (Peer, Frames<Parcel>) {
    let mut producer = ring.peer();
    assert_eq!(producer.ask("produce"), "done");
    (producer, ring.channel().consumer("reader").unwrap().into_stream().unwrap())
}

#[tokio::test]
async fn a_stream_beside_a_timer_gets_every_frame() {
    let ring = Ring::new(&["reader"]);
    let (mut producer, mut frames) = ends(&ring);
    producer.tell("send-pausing 2000 3");
    producer.tell("close");
    let (mut clock, mut ticks, mut next) = (interval(Duration::from_millis(1)), 0, 0);
    loop {
        tokio::select! {
            frame = frames.next() => match frame {
                Some(frame) => {
                    assert_eq!(frame.unwrap().sequence(), next);
                    next += 1;
                }
                None => break,
            },
            _ = clock.tick() => ticks += 1,
        }
    }
    assert_eq!(next, 2000);
    assert!(ticks > 10, "the timer ran {ticks} times");
    assert!(frames.next().await.is_none(), "a stream that has ended stays so");
}

#[tokio::test]
async fn a_wait_that_is_given_up_takes_no_frame() {
    let ring = Ring::new(&["reader"]);
    let (mut producer, mut frames) = ends(&ring);
    for sequence in 0..50 {
        for polls in 0..3 {
            // Looks that many times, and is then dropped.
            let mut waiting = pin!(frames.next());
            for _ in 0..polls {
                tokio::select! {
                    biased;
                    frame = &mut waiting => panic!("{frame:?} was not sent yet"),
                    () = tokio::task::yield_now() => {}
                }
            }
        }
        producer.tell("send 1");
        assert_eq!(frames.next().await.unwrap().unwrap().sequence(), sequence);
        producer.answer().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn frames_go_to_other_tasks_and_hold_their_place() {
    let ring = Ring::new(&["reader"]);
    let (mut producer, mut frames) = ends(&ring);
    assert_eq!(producer.ask("send 2"), "2");
    let first = frames.next().await.unwrap().unwrap();
    let second = tokio::spawn(async move {
        let second = frames.next().await.unwrap().unwrap();
        drop(frames);
        second
    });
    let second = second.await.unwrap();
    // The slot is held by frames alone by now.
    assert!(producer.ask("send-within-ms 1000").parse::<u64>().is_ok());
    loop {
        let answer = producer.ask("send-within-ms 1");
        if answer.starts_with("TimedOut") {
            break;
        }
    }
    for (sequence, frame) in [&first, &second].into_iter().enumerate() {
        let expected = ipc_tests::parcel(sequence as u64, ring.bytes());
        assert_eq!(frame.bytes(), ipc_core::Class::to_bytes(&expected).unwrap().as_slice());
        assert_eq!(frame.view().data(), expected.data);
    }
}

#[tokio::test]
async fn what_ends_a_stream_is_told_once() {
    let ring = Ring::new(&["reader"]);
    let (_producer, mut frames) = ends(&ring);
    ring.channel().remove().unwrap();
    assert!(matches!(frames.next().await, Some(Err(Error::Replaced(_)))));
    assert!(frames.next().await.is_none());
}

#[tokio::test]
async fn a_killed_producers_successor_goes_on_with_the_stream() {
    let ring = Ring::new(&["reader"]);
    let (mut producer, mut frames) = ends(&ring);
    assert_eq!(producer.ask("send 1"), "1");
    assert_eq!(frames.next().await.unwrap().unwrap().sequence(), 0);
    producer.kill();
    let mut successor = ring.peer();
    successor.tell("produce");
    successor.tell("send 1");
    successor.tell("close");
    assert_eq!(frames.next().await.unwrap().unwrap().sequence(), 1);
    assert!(frames.next().await.is_none());
}
