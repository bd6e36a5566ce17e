//! A module's main loop: many channels waited for at once, in the order that it chooses, and its controller, in whose place the
//! test is. Each module under test is a process.
#![forbid(unsafe_code)]

use ipc_core::raw::{Patience, RawProducer};
use ipc_tests::Peer;
use ipc_tests::application::{Application, sample, scan};

const READY: &str = r#"{"ipc":"ready"}"#;

fn send(producer: &mut RawProducer, stamp: i64) {
    producer.send(&sample(stamp, 0), Patience::Endless).unwrap();
}

/// The next line that a module says, its log or a report.
fn heard(module: &mut Peer) -> String {
    loop {
        match module.line() {
            Some(line) if line.is_empty() => {}
            Some(line) => return line,
            None => return "nothing more".to_owned(),
        }
    }
}

#[track_caller]
fn hears(module: &mut Peer, expected: &[&str]) {
    for expected in expected {
        assert_eq!(heard(module), *expected);
    }
}

#[test]
fn several_producers_feed_one_consumer_and_no_frame_is_lost() {
    let application = Application::of_sources(&["a", "b", "c"]);
    let mut reader = application.start("reader", &["read", "arrival"]);
    hears(&mut reader, &[READY]);
    let mut sources: Vec<_> = ["a", "b", "c"]
        .iter()
        .map(|name| application.start(&format!("{name}_source"), &["send", "0", "1", "2000"]))
        .collect();
    let mut next = [0; 3];
    let mut closed = 0;
    while closed < 3 {
        let line = heard(&mut reader);
        let (name, rest) = line.split_once(' ').unwrap();
        let index = ["a", "b", "c"].iter().position(|other| *other == name).unwrap();
        if rest == "is closed" {
            assert_eq!(next[index], 2000);
            closed += 1;
        } else {
            assert_eq!(rest, next[index].to_string());
            next[index] += 1;
        }
    }
    hears(&mut reader, &["all are closed", "nothing more"]);
    assert!(reader.succeeds());
    assert!(sources.iter_mut().all(|source| {
        source.end();
        source.succeeds()
    }));
}

#[test]
fn frames_that_wait_come_in_the_order_of_their_publishing() {
    let application = Application::of_sources(&["a", "b"]);
    let [mut a, mut b] = ["a_source", "b_source"].map(|module| application.producer(module));
    for stamp in [3, 1] {
        send(&mut b, stamp);
        send(&mut a, stamp);
        send(&mut a, stamp + 10);
    }
    let mut reader = application.start("reader", &["read", "arrival"]);
    hears(&mut reader, &[READY, "b 3", "a 3", "a 13", "b 1", "a 1", "a 11"]);
    a.close().unwrap();
    hears(&mut reader, &["a is closed"]);
    send(&mut b, 5);
    hears(&mut reader, &["b 5"]);
}

#[test]
fn a_round_gives_a_frame_of_each_channel_in_turn() {
    let application = Application::of_sources(&["a", "b", "c"]);
    let [mut a, mut b, mut c] = ["a_source", "b_source", "c_source"].map(|module| application.producer(module));
    (0..4).for_each(|stamp| send(&mut a, stamp));
    (0..2).for_each(|stamp| send(&mut c, stamp));
    send(&mut b, 0);
    let mut reader = application.start("reader", &["read", "round"]);
    hears(&mut reader, &[READY, "a 0", "b 0", "c 0", "a 1", "c 1", "a 2", "a 3"]);
}

#[test]
fn the_first_of_a_priority_comes_first() {
    let application = Application::of_sources(&["a", "b", "c"]);
    let [mut a, mut b, mut c] = ["a_source", "b_source", "c_source"].map(|module| application.producer(module));
    for producer in [&mut a, &mut b, &mut c] {
        (0..2).for_each(|stamp| send(producer, stamp));
    }
    let mut reader = application.start("reader", &["read", "priority:c"]);
    hears(&mut reader, &[READY, "c 0", "c 1", "a 0", "a 1", "b 0", "b 1"]);
    send(&mut b, 2);
    hears(&mut reader, &["b 2"]);
}

#[test]
fn a_merge_over_three_producers_is_in_total_order() {
    let channels = [("a", ""), ("b", ""), ("c", r#", "class": "Scan", "capacity": 65536"#)];
    let ends = r#""consumes": ["a", "b", "c"]"#;
    let modules = [
        ("one", r#""produces": ["a"]"#),
        ("two", r#""produces": ["b"]"#),
        ("three", r#""produces": ["c"]"#),
        ("reader", ends),
    ];
    let application = Application::new(&channels, &modules);
    let mut reader = application.start("reader", &["read", "merged:stamp"]);
    hears(&mut reader, &[READY]);
    let mut one = application.start("one", &["send", "-3000", "3", "2000"]);
    let mut two = application.start("two", &["send", "-100", "7", "500"]);
    let mut scans = application.producer("three");
    for stamp in 0..1000 {
        scans.send(&scan(stamp * 5 - 1000), Patience::Endless).unwrap();
    }
    scans.close().unwrap();
    let mut expected: Vec<i64> = (0..2000).map(|n| n * 3 - 3000).chain((0..500).map(|n| n * 7 - 100)).collect();
    expected.extend((0..1000).map(|n| n * 5 - 1000));
    expected.sort_unstable();
    let mut merged = Vec::new();
    loop {
        let line = heard(&mut reader);
        match line.split_once(' ').unwrap() {
            ("all", _) => break,
            (_, "is closed") => {}
            (_, stamp) => merged.push(stamp.parse::<i64>().unwrap()),
        }
    }
    assert_eq!(merged, expected);
    one.end();
    two.end();
}
