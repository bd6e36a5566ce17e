//! Sending and receiving allocate nothing, and make no system call. A program of its own, because it counts every
//! allocation of its process.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, Ordering};

use ipc_core::{Fence, Wait};
use ipc_tests::Ring;
use ipc_tests::hot::Exchange;

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

const ROUNDS: u32 = 10_000;

/// One test, since another that ran at the same time would be counted too.
#[test]
fn sending_and_receiving_allocate_nothing_and_make_no_system_call() {
    for (wait, fence) in [(Wait::Spin, Fence::Asymmetric), (Wait::SpinThenSleep, Fence::Symmetric)] {
        let ring = Ring::new(&["reader"]).wait(wait).fence(fence);
        let mut exchange = Exchange::open(&ring).unwrap();
        // An observer's buffer grows to the largest frame that it sees, which is the first here.
        exchange.run(1).unwrap();
        let before = ALLOCATIONS.load(Ordering::Relaxed);
        exchange.run(ROUNDS).unwrap();
        assert_eq!(ALLOCATIONS.load(Ordering::Relaxed) - before, 0, "with {wait:?} and {fence:?}");
    }
    for wait in [Wait::Spin, Wait::SpinThenSleep, Wait::Sleep] {
        for fence in [Fence::Asymmetric, Fence::Symmetric] {
            every_way_to_send_and_receive_calls_nothing(wait, fence);
        }
    }
    for fence in [Fence::Asymmetric, Fence::Symmetric] {
        two_processes_that_spin_call_nothing(fence);
    }
}

/// The kernel kills the process at its first system call, but those that bring its commands and take its answers.
fn every_way_to_send_and_receive_calls_nothing(wait: Wait, fence: Fence) {
    let ring = Ring::new(&["reader"]).wait(wait).fence(fence);
    let mut peer = ring.peer();
    assert_eq!(peer.ask("exchange-open"), "done");
    assert_eq!(peer.ask("seal"), "done");
    assert_eq!(peer.ask(&format!("exchange {ROUNDS}")), "done");
    // And so it does.
    peer.tell("create");
    assert_eq!(peer.answer(), None, "with {wait:?} and {fence:?} the filter lets a call pass");
}

/// The same where one waits for the other, who has room for all frames. Only the consumer waits, and looks at the clock,
/// which takes a system call where the kernel has no clock to share.
fn two_processes_that_spin_call_nothing(fence: Fence) {
    let ring = Ring::new(&["reader"]).wait(Wait::Spin).fence(fence).capacity(4 << 20);
    let (mut producer, mut consumer) = (ring.peer(), ring.peer());
    assert_eq!(producer.ask("hot-produce"), "done");
    assert_eq!(consumer.ask("hot-consume"), "done");
    assert_eq!(producer.ask("seal"), "done");
    assert_eq!(consumer.ask("seal-but-clock"), "done");
    consumer.tell(&format!("hot-receive {ROUNDS}"));
    assert_eq!(producer.ask(&format!("hot-send {ROUNDS}")), "done");
    assert_eq!(consumer.answer().as_deref(), Some("done"));
}
