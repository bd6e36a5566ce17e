//! Whether `membarrier` does what rings with asymmetric fences rely on: see `ring/fence.rs` of ipc-core.

use std::sync::atomic::{Ordering, compiler_fence};
use std::time::Instant;

use ipc_core::Fence;
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
    // With it, never, in a number of rounds in which it would have been seen ten times.
    let many = |seen: &Seen| seen.rounds * bare.missed >= 10 * bare.rounds;
    let fenced = run(barrier, |seen| seen.missed > 0 || many(seen));
    println!("missed without the barrier: {} of {}; {} rounds with it", bare.missed, bare.rounds, fenced.rounds);
    assert_eq!(fenced.missed, 0, "in {} rounds", fenced.rounds);
    assert!(many(&fenced), "{} rounds show nothing if {} of {} miss", fenced.rounds, bare.missed, bare.rounds);
}

/// And that our sleepers ask for it: what it prevents is too rare, and over too soon, for a test of wakes to see.
#[test]
fn a_sleeper_asks_for_the_barrier_in_asymmetric_rings_alone() {
    for (fence, sleeps) in [(Fence::Asymmetric, false), (Fence::Symmetric, true)] {
        let ring = Ring::new(&["reader"]).fence(fence);
        ring.channel().create().unwrap();
        let mut reader = ring.peer();
        assert_eq!(reader.ask("consume reader"), "done");
        assert_eq!(reader.ask("die-at-membarrier"), "done");
        reader.tell("recv 1");
        if sleeps {
            reader.sleeps();
        } else {
            assert_eq!(reader.answer(), None, "it sleeps without a barrier");
        }
    }
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
