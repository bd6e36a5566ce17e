//! The small examples run as their documentation says.

use std::fs::remove_dir_all;
use std::process::{Output, Stdio};

use ipc_tests::programs::{release_program, ring_directory};

const TMPDIR: &str = env!("CARGO_TARGET_TMPDIR");

/// Runs both programs of the pair, the first of them started first, and gives what the consumer printed.
fn run_pair(first: &str, second: &str) -> Output {
    let rings = ring_directory(&format!("pair-{first}"), TMPDIR);
    let start = |name: &str| {
        let mut program = release_program(name, TMPDIR);
        program.env("IPC_DIR", &rings).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let [first_child, second_child] = [start(first), start(second)];
    let outputs = [first_child, second_child].map(|child| child.wait_with_output().unwrap());
    remove_dir_all(&rings).unwrap();
    for output in &outputs {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    outputs.into_iter().zip([first, second]).find(|(_, name)| *name == "consumer").unwrap().0
}

#[test]
fn the_consumer_gets_every_matrix_whichever_program_starts_first() {
    let expected = "1 × 1, trace 1\n2 × 2, trace 2\n3 × 3, trace 3\n4 × 4, trace 4\n5 × 5, trace 5\n";
    for (first, second) in [("producer", "consumer"), ("consumer", "producer")] {
        assert_eq!(String::from_utf8(run_pair(first, second).stdout).unwrap(), expected, "{first} first");
    }
}
