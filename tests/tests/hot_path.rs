//! Sending and receiving allocate nothing. A program of its own, because it counts every allocation of its process.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, Ordering};

use ipc_core::Wait;
use ipc_tests::{ParcelDims, Ring};

struct Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, address: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(address, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

#[test]
fn sending_and_receiving_allocate_nothing() {
    let ring = Ring::new(&["reader"]).wait(Wait::Spin);
    let channel = ring.channel();
    let mut producer = channel.producer().unwrap();
    let consumer = channel.consumer("reader").unwrap();
    let mut exchange = |count: u32| {
        for n in 0..count {
            let mut frame = producer.reserve(ParcelDims { n: n % 100 }).unwrap();
            frame.edit().data.fill(7);
            frame.publish().unwrap();
            let first = consumer.recv().unwrap();
            assert!(first.view().data().iter().all(|&byte| byte == 7));
            assert!(consumer.try_recv().is_err_and(|error| error.is_empty()), "outcomes allocate nothing either");
        }
    };
    exchange(1);
    let before = ALLOCATIONS.load(Ordering::Relaxed);
    exchange(10_000);
    assert_eq!(ALLOCATIONS.load(Ordering::Relaxed) - before, 0);
}
