//! Whether `membarrier` does what rings with asymmetric fences rely on: see `ring/fence.rs` of ipc-core.

use std::sync::atomic::{Ordering, compiler_fence};
use std::time::{Duration, Instant};

use ipc_tests::Ring;
use ipc_tests::litmus::{Litmus, barrier};

#[test]
fn membarrier_takes_the_place_of_the_publishers_fence() {
    // The harness sees what it looks for: without a barrier on the sleeper's side, both miss each other.
    let bare = run(Duration::from_secs(60), 50, || compiler_fence(Ordering::SeqCst));
    if std::thread::available_parallelism().is_ok_and(|cores| cores.get() > 1) {
        assert!(bare.missed > 0, "both saw each other in all of {} rounds: this machine shows nothing", bare.rounds);
    }
    // With it, never, in a number of rounds in which it would have been seen many times.
    let fenced = run(Duration::from_secs(4), 1, barrier);
    println!("missed without the barrier: {} of {}; {} rounds with it", bare.missed, bare.rounds, fenced.rounds);
    assert_eq!(fenced.missed, 0, "in {} rounds", fenced.rounds);
}

struct Seen {
    rounds: u64,
    /// Rounds in which neither side saw the other.
    missed: u64,
}

/// Runs rounds up to a million, for as long as the time lasts, up to so many in which the sides missed each other.
fn run(limit: Duration, missed: u64, fence: impl Fn()) -> Seen {
    let ring = Ring::new(&[]);
    let path = ring.directory().join("litmus");
    let litmus = Litmus::create(&path);
    let mut publisher = ring.peer();
    publisher.tell(&format!("litmus {}", path.display()));
    let deadline = Instant::now() + limit;
    let mut seen = Seen { rounds: 0, missed: 0 };
    while seen.rounds < 1_000_000 && seen.missed < missed && Instant::now() < deadline {
        seen.rounds += 1;
        seen.missed += u64::from(litmus.round(seen.rounds, &fence));
    }
    litmus.end();
    assert_eq!(publisher.answer().unwrap(), "done");
    seen
}
