//! Fork: a handle belongs to the process that opened it, and a child keeps nothing of its parent's alive.

use ipc_tests::format::{RingFile, control};
use ipc_tests::{DEADLINE, Ring};

#[test]
fn a_forked_childs_handles_are_poisoned_and_its_parents_go_on() {
    let ring = Ring::new(&["a", "child"]);
    let mut process = ring.peer();
    assert_eq!(process.ask("produce"), "done");
    assert_eq!(process.ask("consume a"), "done");
    assert_eq!(process.ask("send 2"), "2");
    let file = RingFile::open(ring.path());
    let line = || [control::TAIL, control::LAST, control::NEXT_SEQUENCE].map(|at| file.get(at));
    let before = line();
    process.tell("fork");
    let mut printed = Vec::new();
    while !(printed.iter().any(|line| line == "child lives") && printed.iter().any(|line| line == "= forked")) {
        printed.push(process.line().expect("it lives"));
    }
    for end in ["child sends: ", "child receives: "] {
        let refused = format!("{end}Forked: ");
        assert!(printed.iter().any(|line| line.starts_with(&refused)), "{printed:?}");
    }
    assert_eq!(line(), before, "the line is the parent's, who may have written to it since the fork");
    // Closing its input ends the child after it has dropped what it inherited; the parent then ends as well, by closing.
    let last = process.end();
    assert!(last.iter().any(|line| line.starts_with("child opens: ")), "{last:?}");
    let consumer = ring.channel().consumer("a").unwrap();
    assert_eq!(consumer.recv_timeout(DEADLINE).unwrap().sequence(), 0);
    assert_eq!(consumer.recv_timeout(DEADLINE).unwrap().sequence(), 1);
}

#[test]
fn a_parents_death_releases_its_locks_though_a_forked_child_lives_on() {
    let ring = Ring::new(&["a", "child"]);
    let mut parent = ring.peer();
    assert_eq!(parent.ask("produce"), "done");
    assert_eq!(parent.ask("consume a"), "done");
    assert_eq!(parent.ask("send 1"), "1");
    parent.tell("fork");
    while parent.line().expect("it lives") != "child lives" {}
    parent.kill_without_children();

    let mut successor = ring.peer();
    assert_eq!(successor.ask("continue"), "done");
    assert_eq!(successor.ask("consume a"), "done");
    assert_eq!(successor.ask("send 1"), "2");
    assert_eq!(successor.ask("recv 2"), "0..2");
    // The child lives still, and what it drops is not the successor's; opening again is how it gets ends of its own.
    assert_eq!(parent.end().last().map(String::as_str), Some("child opens: Open"));
    assert_eq!(successor.ask("send 1"), "3");
    assert_eq!(successor.ask("recv 1"), "2..3");
}

#[test]
fn a_forked_child_frees_no_slot_of_its_parents() {
    let ring = Ring::new(&["child"]);
    ring.channel().create().unwrap();
    let mut parent = ring.peer();
    assert_eq!(parent.ask("join"), "done");
    parent.tell("fork");
    while parent.line().expect("it lives") != "child lives" {}
    parent.kill_without_children();
    assert_eq!(parent.end().last().map(String::as_str), Some("child opens: NeverOpened"));
    let file = RingFile::open(ring.path());
    assert_eq!(file.get_u32(control::slot(1) + 8), 1, "it may be another's by then");
}

#[test]
fn a_forked_child_does_not_wait_for_a_lock_that_another_thread_of_its_parent_holds() {
    let ring = Ring::new(&["a"]);
    let mut process = ring.peer();
    assert_eq!(process.ask("produce"), "done");
    assert_eq!(process.ask("send 1"), "1");
    process.tell("fork-shared a");
    let mut printed: Vec<_> = (0..4).map(|_| process.line().expect("it lives")).collect();
    printed.sort();
    assert_eq!(printed[0], "= forked, missed 0");
    assert_eq!(printed[1], "child has missed 0");
    assert!(printed[2].starts_with("child receives: Forked: "), "{printed:?}");
    assert!(printed[3].starts_with("child skips: Forked: "), "{printed:?}");
}
