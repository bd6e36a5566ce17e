//! Waiting and waking, with the kernel's futex modelled by a mutex and a condition variable. A lost wake shows as a
//! deadlock, which loom reports.

use loom::sync::{Condvar, Mutex};
use loom::thread;

use super::*;
use crate::ring::fence::Fence;
use crate::ring::wait::{Sleeper, sleep_unless, sleep_unless_any, wake_sleepers};

/// What the kernel does: compare and sleep are one step against wake.
#[derive(Default)]
pub(crate) struct Futex {
    queue: Mutex<()>,
    woken: Condvar,
}

impl Futex {
    pub(crate) fn wait(&self, sleeper: &Sleeper<'_>) {
        self.wait_any(std::slice::from_ref(sleeper));
    }

    fn wait_any(&self, sleepers: &[Sleeper<'_>]) {
        let queue = self.queue.lock().unwrap();
        if sleepers.iter().all(|sleeper| sleeper.line.sequence.load(Ordering::Relaxed) == sleeper.sequence) {
            drop(self.woken.wait(queue).unwrap());
        }
    }

    pub(crate) fn wake_all(&self) {
        let _queue = self.queue.lock().unwrap();
        self.woken.notify_all();
    }
}

/// `sleepers` consumers wait for one frame each, published by one producer.
fn waiting(sleepers: usize) {
    let ring = Arc::new(Ring::new(8, &vec![SLOT_ACTIVE; sleepers]));
    let futex = Arc::new(Futex::default());
    let threads: Vec<_> = (0..sleepers)
        .map(|slot| {
            let (ring, futex) = (Arc::clone(&ring), Arc::clone(&futex));
            thread::spawn(move || {
                let (reader, mut sleeper) = (Reader::at(0), Sleeper::new(&ring.head.data_wait, Fence::Symmetric));
                loop {
                    let received = ring.try_receive(&reader, slot).or_else(|| {
                        sleep_unless(&mut sleeper, || ring.try_receive(&reader, slot), |sleeper| futex.wait(sleeper))
                    });
                    if received.is_some() {
                        break;
                    }
                }
            })
        })
        .collect();
    let mut writer = Writer::resume(ring.control(), &ring.body).unwrap();
    assert!(ring.try_send(&mut writer, 0));
    wake_sleepers(&ring.head.data_wait, Fence::Symmetric, |_| futex.wake_all());
    for thread in threads {
        thread.join().unwrap();
    }
}

/// `sleepers` consumers wait for two frames each. The first sleep of each is a nap, so that it comes to sleep again on what it
/// has announced before.
fn napping(sleepers: usize) {
    let ring = Arc::new(Ring::new(8, &vec![SLOT_ACTIVE; sleepers]));
    let futex = Arc::new(Futex::default());
    let threads: Vec<_> = (0..sleepers)
        .map(|slot| {
            let (ring, futex) = (Arc::clone(&ring), Arc::clone(&futex));
            thread::spawn(move || {
                let (reader, mut sleeper) = (Reader::at(0), Sleeper::new(&ring.head.data_wait, Fence::Symmetric));
                let (mut has_napped, mut received) = (false, 0);
                while received < 2 {
                    let found = ring.try_receive(&reader, slot).or_else(|| {
                        sleep_unless(
                            &mut sleeper,
                            || ring.try_receive(&reader, slot),
                            |sleeper| {
                                if std::mem::replace(&mut has_napped, true) {
                                    futex.wait(sleeper);
                                }
                            },
                        )
                    });
                    received += usize::from(found.is_some());
                }
            })
        })
        .collect();
    let mut writer = Writer::resume(ring.control(), &ring.body).unwrap();
    for _ in 0..2 {
        assert!(ring.try_send(&mut writer, 0));
        wake_sleepers(&ring.head.data_wait, Fence::Symmetric, |_| futex.wake_all());
    }
    for thread in threads {
        thread.join().unwrap();
    }
}

/// The same in reverse: a producer sleeps until a consumer has made space.
fn waiting_for_space() {
    let ring = Arc::new(Ring::new(8, &[SLOT_ACTIVE]));
    let futex = Arc::new(Futex::default());
    let mut writer = Writer::resume(ring.control(), &ring.body).unwrap();
    while ring.try_send(&mut writer, 16) {}
    let producer = {
        let (ring, futex) = (Arc::clone(&ring), Arc::clone(&futex));
        thread::spawn(move || {
            loop {
                let sent = ring.try_send(&mut writer, 16)
                    || sleep_unless(
                        &mut Sleeper::new(&ring.head.space_wait, Fence::Symmetric),
                        || ring.try_send(&mut writer, 16).then_some(()),
                        |sleeper| futex.wait(sleeper),
                    )
                    .is_some();
                if sent {
                    break;
                }
            }
        })
    };
    let reader = Reader::at(0);
    assert_eq!(ring.try_receive(&reader, 0), Some(0));
    wake_sleepers(&ring.head.space_wait, Fence::Symmetric, |_| futex.wake_all());
    producer.join().unwrap();
}

/// One consumer waits for a frame of each of two rings, which two producers send.
fn waiting_for_any() {
    let rings = [Arc::new(Ring::new(8, &[SLOT_ACTIVE])), Arc::new(Ring::new(8, &[SLOT_ACTIVE]))];
    let futex = Arc::new(Futex::default());
    let producers: Vec<_> = rings
        .iter()
        .map(|ring| {
            let (ring, futex) = (Arc::clone(ring), Arc::clone(&futex));
            thread::spawn(move || {
                let mut writer = Writer::resume(ring.control(), &ring.body).unwrap();
                assert!(ring.try_send(&mut writer, 0));
                wake_sleepers(&ring.head.data_wait, Fence::Symmetric, |_| futex.wake_all());
            })
        })
        .collect();
    {
        let readers = [Reader::at(0), Reader::at(0)];
        let mut sleepers = rings.each_ref().map(|ring| Sleeper::new(&ring.head.data_wait, Fence::Symmetric));
        let look = || rings.iter().zip(&readers).find_map(|(ring, reader)| ring.try_receive(reader, 0));
        let mut received = 0;
        while received < 2 {
            let found = look().or_else(|| sleep_unless_any(&mut sleepers, look, |sleepers| futex.wait_any(sleepers)));
            received += usize::from(found.is_some());
        }
    }
    for producer in producers {
        producer.join().unwrap();
    }
}

#[test]
fn who_sleeps_on_several_rings_misses_no_frame_of_any() {
    holds(waiting_for_any);
}

#[test]
fn who_sleeps_on_several_rings_needs_each_step_on_all_of_them() {
    fails_with(Fault::AnnouncesOnOne, waiting_for_any);
    fails_with(Fault::NoFenceBeforeSleep, waiting_for_any);
    fails_with(Fault::NoFenceAfterPublish, waiting_for_any);
    fails_with(Fault::NoLastLook, waiting_for_any);
}

#[test]
fn a_sleeper_never_misses_a_frame() {
    holds(|| waiting(1));
}

#[test]
fn a_sleeper_that_naps_never_misses_a_frame() {
    holds(|| napping(1));
    holds(|| napping(2));
}

#[test]
fn who_announces_a_sleep_once_for_all_misses_a_frame() {
    fails_with(Fault::NeverAnnouncedAgain, || napping(2));
}

#[test]
fn several_sleepers_never_miss_a_frame() {
    holds(|| waiting(2));
}

#[test]
fn a_sleeping_producer_never_misses_space() {
    holds(waiting_for_space);
}

#[test]
fn without_a_fence_after_the_commit_a_wake_is_lost() {
    fails_with(Fault::NoFenceAfterPublish, || waiting(1));
}

#[test]
fn without_a_fence_before_the_last_look_a_wake_is_lost() {
    fails_with(Fault::NoFenceBeforeSleep, || waiting(1));
}

#[test]
fn without_a_last_look_a_wake_is_lost() {
    fails_with(Fault::NoLastLook, || waiting(1));
}

#[test]
fn one_word_for_several_sleepers_loses_a_wake() {
    fails_with(Fault::NoWakeSequence, || waiting(2));
}

#[test]
fn a_sleeping_producer_needs_the_same_fences() {
    fails_with(Fault::NoFenceAfterPublish, waiting_for_space);
    fails_with(Fault::NoFenceBeforeSleep, waiting_for_space);
}
