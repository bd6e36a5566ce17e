//! Whether `membarrier` does what rings with asymmetric fences rely on: see `ring/fence.rs` of ipc-core.

use std::sync::atomic::{Ordering, compiler_fence};
use std::time::Instant;

use ipc_tests::litmus::{Litmus, barrier};
use ipc_tests::{DEADLINE, Ring};

#[test]
fn membarrier_takes_the_place_of_the_publishers_fence() {
    // The harness sees what it looks for: without a barrier on the sleeper's side, both miss each other.
    let bare = run(|| compiler_fence(Ordering::SeqCst), |seen| seen.missed >= 50 || seen.rounds >= 1_000_000);
    if std::thread::available_parallelism().is_ok_and(|cores| cores.get() == 1) {
        return println!("one core shows nothing: a core sees its own stores in order");
    }
    assert!(bare.missed > 0, "both saw each other in all of {} rounds: this machine shows nothing", bare.rounds);
    // With it, never, in a number of rounds in which it would have been seen many times.
    let many = |seen: &Seen| seen.rounds * bare.missed >= 20 * bare.rounds;
    let fenced = run(barrier, |seen| seen.missed > 0 || many(seen));
    println!("missed without the barrier: {} of {}; {} rounds with it", bare.missed, bare.rounds, fenced.rounds);
    assert_eq!(fenced.missed, 0, "in {} rounds", fenced.rounds);
    assert!(many(&fenced), "{} rounds show nothing if {} of {} miss", fenced.rounds, bare.missed, bare.rounds);
}

struct Seen {
    rounds: u64,
    /// Rounds in which neither side saw the other.
    missed: u64,
}

/// Runs rounds until it has seen enough, or the time is over.
fn run(fence: impl Fn(), enough: impl Fn(&Seen) -> bool) -> Seen {
    let ring = Ring::new(&[]);
    let path = ring.directory().join("litmus");
    let litmus = Litmus::create(&path);
    let mut publisher = ring.peer();
    publisher.tell(&format!("litmus {}", path.display()));
    let deadline = Instant::now() + DEADLINE;
    let mut seen = Seen { rounds: 0, missed: 0 };
    while !enough(&seen) && Instant::now() < deadline {
        seen.rounds += 1;
        seen.missed += u64::from(litmus.round(seen.rounds, &fence));
    }
    litmus.end();
    assert_eq!(publisher.answer().unwrap(), "done");
    seen
}
