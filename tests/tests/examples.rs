//! The small examples run as their documentation says.

use std::fs::remove_dir_all;
use std::io::{BufRead, BufReader};
use std::process::{Output, Stdio};

use ipc_core::stream::Channel;
use ipc_tests::programs::{output, release_program, ring_directory, start};
use ipc_tests::{DEADLINE, Peer};

const TMPDIR: &str = env!("CARGO_TARGET_TMPDIR");

/// Runs both programs of the pair, the first of them started first, and gives what the consumer printed.
fn run_pair(first: &str, second: &str) -> Output {
    let rings = ring_directory(&format!("pair-{first}"), TMPDIR);
    let start = |name| start(release_program(name, TMPDIR).env("IPC_DIR", &rings));
    let children = [start(first), start(second)];
    let outputs = children.map(|child| child.wait_with_output().unwrap());
    remove_dir_all(&rings).unwrap();
    for output in &outputs {
        assert!(output.status.success(), "{}: {}", output.status, String::from_utf8_lossy(&output.stderr));
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

ipc_core::include_schema!("../examples/classes/matrix.json");

#[test]
fn the_filter_of_a_pipeline_doubles_every_matrix() {
    let mut filter = release_program("doubled", TMPDIR);
    let mut filter = filter.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let pipe: Channel<'_, SimpleMatrix> = Channel::pipe();
    let mut producer = pipe.producer_into(filter.stdin.take().unwrap()).unwrap();
    let mut consumer = pipe.consumer_from(filter.stdout.take().unwrap()).unwrap();
    for n in 1..5 {
        producer.send(&SimpleMatrix { n, a: vec![n; (n * n) as usize] }).unwrap();
        assert!(consumer.recv_timeout(DEADLINE).unwrap().view().a().iter().all(|element| *element == 2 * n));
    }
    producer.close().unwrap();
    assert!(consumer.recv_timeout(DEADLINE).is_err_and(|error| error.is_closed()));
    assert!(filter.wait().unwrap().success());
}

#[test]
fn whoever_watches_shared_data_sees_counter_and_message_together() {
    let rings = ring_directory("shared-data", TMPDIR);
    let program = || {
        let mut program = release_program("shared_data", TMPDIR);
        program.env("IPC_DIR", &rings);
        program
    };
    let mut watcher = start(program().arg("watch"));
    let mut lines = BufReader::new(watcher.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert_eq!(lines.next().as_deref(), Some("0: "));
    for (counter, text) in [(1, "hello"), (2, "a longer one"), (3, "short")] {
        assert!(output(program().args(["say", text])).status.success());
        assert_eq!(lines.next(), Some(format!("{counter}: {text}")));
    }
    watcher.kill().unwrap();
    watcher.wait().unwrap();
    remove_dir_all(&rings).unwrap();
}

#[test]
fn ping_pong_measures_round_trips_and_streams() {
    let output = output(release_program("ping_pong", TMPDIR).arg("--short"));
    assert!(output.status.success(), "{}: {}", output.status, String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8(output.stdout).unwrap();
    for row in ["round trip, two bare atomics", "round trip, two rings", "ratio", "one at a time", "batches of 64"] {
        let line = printed.lines().find(|line| line.contains(row)).unwrap_or_else(|| panic!("no {row} in\n{printed}"));
        let figures: Vec<f64> = line.split_whitespace().rev().take(3).map(|figure| figure.parse().unwrap()).collect();
        assert!(figures[0] > 0.0 && figures.is_sorted_by(|more, less| more >= less), "min, median, max: {line}");
    }
}

#[test]
fn the_modules_of_the_tracker_merge_two_sensors() {
    let rings = ring_directory("tracker", TMPDIR);
    let topology = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/tracker.json");
    let modules = ["printer", "tracker", "satellites", "wheels"].map(|module| {
        let mut program = release_program("tracker", TMPDIR);
        program.env("IPC_TOPOLOGY", topology).env("IPC_MODULE", module).env("IPC_DIR", &rings);
        let mut module = Peer::start(program);
        while module.line().unwrap() != r#"{"ipc":"ready"}"# {}
        module
    });
    let told = modules.map(|mut module| {
        let told: Vec<String> = std::iter::from_fn(|| module.line()).filter(|line| !line.is_empty()).collect();
        assert!(module.succeeds());
        told
    });
    remove_dir_all(&rings).unwrap();
    let [printer, tracker, satellites, wheels] = told;
    assert_eq!(printer, ["after 59 s at 119.9 m"]);
    assert_eq!(tracker.len(), 2, "both sensors end: {tracker:?}");
    assert!(satellites.is_empty() && wheels.is_empty());
}
