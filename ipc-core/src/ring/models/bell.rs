//! Waiting for a doorbell. What the kernel keeps of a FIFO is whether there is a byte in it; a lost ring shows as a deadlock.

use std::convert::Infallible;

use loom::sync::{Condvar, Mutex};
use loom::thread;

use super::wait::Futex;
use super::*;
use crate::ring::bell::{arm, ring_armed};
use crate::ring::fence::Fence;
use crate::ring::wait::{Sleeper, sleep_unless, wake_sleepers};

/// A FIFO, and the event loop that waits for it.
#[derive(Default)]
struct Bell {
    rung: Mutex<bool>,
    woken: Condvar,
}

impl Bell {
    fn ring(&self) {
        *self.rung.lock().unwrap() = true;
        self.woken.notify_all();
    }

    fn silence(&self) -> Result<bool, Infallible> {
        Ok(std::mem::take(&mut *self.rung.lock().unwrap()))
    }

    fn wait(&self) {
        let mut rung = self.rung.lock().unwrap();
        while !*rung {
            rung = self.woken.wait(rung).unwrap();
        }
    }
}

/// A consumer with a doorbell waits for `frames` frames, and `sleepers` others sleep for one each.
fn waiting(frames: u64, sleepers: usize) {
    let ring = Arc::new(Ring::new(8, &vec![SLOT_ACTIVE; 1 + sleepers]));
    let (bell, futex) = (Arc::new(Bell::default()), Arc::new(Futex::default()));
    let mut threads = vec![{
        let (ring, bell) = (Arc::clone(&ring), Arc::clone(&bell));
        thread::spawn(move || {
            let (reader, mut received) = (Reader::at(0), 0);
            let look = || ring.try_receive(&reader, 0);
            while received < frames {
                let found = look().or_else(|| {
                    let Ok(found) = arm(ring.control(), 0, Fence::Symmetric, || bell.silence(), look);
                    found
                });
                match found {
                    Some(_) => received += 1,
                    None => bell.wait(),
                }
            }
        })
    }];
    threads.extend((1..=sleepers).map(|slot| {
        let (ring, futex) = (Arc::clone(&ring), Arc::clone(&futex));
        thread::spawn(move || {
            let (reader, mut sleeper) = (Reader::at(0), Sleeper::new(&ring.head.data_wait, Fence::Symmetric));
            let look = || ring.try_receive(&reader, slot);
            while look().or_else(|| sleep_unless(&mut sleeper, look, |sleeper| futex.wait(sleeper))).is_none() {}
        })
    }));
    let mut writer = Writer::resume(ring.control(), &ring.body).unwrap();
    for _ in 0..frames {
        assert!(ring.try_send(&mut writer, 0));
        wake_sleepers(&ring.head.data_wait, Fence::Symmetric, |_| {
            futex.wake_all();
            ring_armed(ring.control(), |slot| {
                assert_eq!(slot, 0, "no other slot has a bell");
                bell.ring();
            });
        });
    }
    for thread in threads {
        thread.join().unwrap();
    }
}

#[test]
fn who_waits_for_its_doorbell_misses_no_frame() {
    holds(|| waiting(1, 0));
    holds(|| waiting(2, 0));
}

#[test]
fn a_doorbell_beside_a_sleeper_misses_no_frame() {
    holds(|| waiting(1, 1));
}

#[test]
fn a_doorbell_needs_the_fences_and_the_last_look_of_a_sleeper() {
    fails_with(Fault::NoFenceAfterPublish, || waiting(1, 0));
    fails_with(Fault::NoFenceBeforeSleep, || waiting(1, 0));
    fails_with(Fault::NoLastLook, || waiting(1, 0));
}

#[test]
fn a_doorbell_that_is_silenced_after_it_was_armed_loses_a_ring() {
    fails_with(Fault::SilencedLate, || waiting(1, 0));
}

#[test]
fn a_doorbell_that_is_armed_after_the_flag_was_raised_loses_a_ring() {
    fails_with(Fault::ArmedLate, || waiting(2, 0));
}

#[test]
fn a_flag_that_is_cleared_after_the_doorbells_were_rung_loses_a_ring() {
    fails_with(Fault::RungFirst, || waiting(2, 0));
}
