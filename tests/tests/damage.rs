//! Rings that somebody has cut, overwritten or made up: they are refused with an error that says what is wrong, and never
//! believed. No panic, no hang, no access outside of the ring.

use ipc_core::{Channel, Error};
use ipc_tests::format::{PREAMBLE_BYTES, RingFile, control};
use ipc_tests::{DEADLINE, Parcel, Ring, eventually, largest};

/// A ring with 20 frames in it, of which its reserved consumer has read 5.
fn used_ring() -> Ring {
    let ring = Ring::new(&["a"]).capacity(4096);
    let mut producer = ring.channel().producer().unwrap();
    let consumer = ring.channel().consumer("a").unwrap();
    for _ in 0..20 {
        ipc_tests::send(&mut producer, ring.bytes()).unwrap();
        if consumer.missed() == 0 && producer.next_sequence() <= 5 {
            ipc_tests::check(&consumer.recv_timeout(DEADLINE).unwrap(), ring.bytes());
        }
    }
    producer.leave();
    ring
}

/// Every way to open an end.
fn open_all(channel: Channel<'_, Parcel>) -> [Error; 4] {
    [
        channel.producer().map(drop).unwrap_err(),
        channel.consumer("a").map(drop).unwrap_err(),
        channel.dynamic_consumer().map(drop).unwrap_err(),
        channel.observer().map(drop).unwrap_err(),
    ]
}

#[track_caller]
fn refused_as_no_ring(ring: &Ring, what: &str) {
    for error in open_all(ring.channel()) {
        assert!(matches!(error, Error::NotARing { .. }), "{what}: {error:?}");
        assert!(error.to_string().contains("is no usable ring"), "{error}");
    }
}

#[test]
fn a_truncated_file_is_refused_wherever_it_was_cut() {
    let ring = used_ring();
    let file = RingFile::open(ring.path());
    let whole = file.bytes();
    let cuts =
        [file.body + 1, file.body, file.control + 1, file.schema + 10, file.schema, PREAMBLE_BYTES + 3, 50, 8, 0];
    for bytes in [whole - 1].into_iter().chain(cuts) {
        file.truncate(bytes);
        refused_as_no_ring(&ring, &format!("{bytes} bytes"));
    }
    file.truncate(whole + 1);
    refused_as_no_ring(&ring, "a byte too many");
}

#[test]
fn a_foreign_file_is_refused() {
    let ring = Ring::new(&["a"]);
    for foreign in [&b""[..], b"hello", &[0; 300_000], &[0xff; 300_000], b"IPCRING\0"] {
        std::fs::write(ring.path(), foreign).unwrap();
        refused_as_no_ring(&ring, "a foreign file");
        assert_eq!(std::fs::read(ring.path()).unwrap(), foreign, "nothing is written to it");
    }
}

#[test]
fn what_is_no_regular_file_is_refused() {
    let ring = Ring::new(&["a"]);
    let refused = |what: &str| {
        for error in open_all(ring.channel()) {
            assert!(matches!(error, Error::Os { .. }), "{what}: {error:?}");
        }
    };
    std::fs::create_dir(ring.path()).unwrap();
    refused("a directory");
    std::fs::remove_dir(ring.path()).unwrap();

    let fifo = std::process::Command::new("mkfifo").arg(ring.path()).status().unwrap();
    assert!(fifo.success());
    refused("a pipe");
    std::fs::remove_file(ring.path()).unwrap();

    let elsewhere = ring.directory().join("elsewhere.ring");
    ring.channel().create().unwrap();
    std::fs::rename(ring.path(), &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, ring.path()).unwrap();
    refused("a link, also to a good ring");
}

#[test]
fn every_overwritten_byte_of_the_preamble_is_noticed() {
    let ring = used_ring();
    let file = RingFile::open(ring.path());
    for offset in 0..PREAMBLE_BYTES + 64 {
        let byte = file.byte(offset);
        file.write(offset, &[byte ^ 0x10]);
        refused_as_no_ring(&ring, &format!("byte {offset}"));
        file.write(offset, &[byte]);
    }
    ring.channel().open_producer().expect("it is whole again");
}

#[test]
fn every_overwritten_byte_of_the_schema_is_noticed() {
    let ring = used_ring();
    let file = RingFile::open(ring.path());
    for offset in file.schema..file.schema + file.schema_bytes {
        let byte = file.byte(offset);
        for changed in [byte ^ 1, 0, 0xff, b'"', b'{'] {
            if changed != byte {
                file.write(offset, &[changed]);
                let error = ring.channel().observer().map(drop).unwrap_err();
                assert!(matches!(error, Error::NotARing { .. }), "byte {offset}: {error}");
            }
        }
        file.write(offset, &[byte]);
    }
    ring.channel().open_producer().expect("it is whole again");
}

#[test]
fn no_number_in_the_control_region_is_believed_unchecked() {
    let places = [
        control::CLAIM,
        control::TAIL,
        control::LAST,
        control::NEXT_SEQUENCE,
        control::LIMIT,
        control::STATE,
        control::SYNCED,
        control::SYNCED_SEQUENCE,
        control::DROPPED,
        control::DATA_WAIT,
        control::SPACE_WAIT,
        control::BOOT,
        control::slot(0),
        control::slot(0) + 8,
        control::slot(1),
        control::slot(1) + 8,
    ];
    for place in places {
        for value in HOSTILE {
            let ring = used_ring();
            RingFile::open(ring.path()).set(place, value);
            use_every_end(&ring, &format!("{value} at {place}"));
        }
    }
}

#[test]
fn no_position_of_a_slot_is_believed_unchecked_in_any_state() {
    for slot in [0, 1] {
        for state in [0, 1, 2, 3, u32::MAX] {
            for position in HOSTILE {
                let ring = used_ring();
                let file = RingFile::open(ring.path());
                file.set(control::slot(slot), position);
                file.set_u32(control::slot(slot) + 8, state);
                use_every_end(&ring, &format!("slot {slot} in state {state} at {position}"));
            }
        }
    }
}

#[test]
fn no_position_of_a_slot_is_believed_unchecked_while_a_producer_is_open() {
    for state in [0, 1, 2, 3, u32::MAX] {
        for position in HOSTILE {
            let ring = used_ring();
            let mut producer = ring.channel().open_producer().unwrap();
            let file = RingFile::open(ring.path());
            file.set(control::slot(1), position);
            file.set_u32(control::slot(1) + 8, state);
            let outcome = (0..200).try_for_each(|_| producer.try_send(&Parcel::default()).map(drop));
            let error = outcome.expect_err("the reserved consumer is not there");
            assert!(error.is_full() || matches!(error, Error::Damaged { .. }), "{error:?}");
        }
    }
}

/// Numbers that no position, state or count can be, or that lead where nothing is.
const HOSTILE: [u64; 9] = [u64::MAX, 1 << 63, (1 << 62) + 16, 1 << 62, 1 << 40, 4096 * 3, 4096 + 8, 16, 1];

/// Has a process do everything that an end can do. What matters is that it answers each time, and neither dies nor hangs.
#[track_caller]
fn use_every_end(ring: &Ring, what: &str) {
    let uses = ["produce", "try-send", "try-send", "consume a", "try-recv", "try-recv", "skip", "try-recv", "drop"];
    let others = ["join", "produce", "try-send", "try-recv", "observe", "look", "look", "drop", "produce", "close"];
    let known = ["Damaged", "Full", "Empty", "Closed", "Replaced", "Frame", "ProducerTaken", "NoFreeSlot"];
    let mut process = ring.peer();
    for command in uses.iter().chain(&others) {
        let answer = process.ask(&format!("may {command}"));
        let is_number = answer.parse::<u64>().is_ok();
        let is_error = known.iter().any(|known| answer.starts_with(&format!("{known}: ")));
        assert!(is_number || is_error || answer == "done" || answer == "absent", "{command} with {what}: {answer}");
    }
}

#[test]
fn a_position_that_no_slot_can_have_is_named_with_its_slot() {
    for (position, fault) in [(8, "no multiple of 16"), (1 << 20, "after the tail")] {
        let ring = used_ring();
        RingFile::open(ring.path()).set(control::slot(0), position);
        let error = ring.channel().open_producer().map(drop).unwrap_err();
        assert!(matches!(error, Error::Damaged { .. }), "{error:?}");
        assert!(error.to_string().contains("slot 0") && error.to_string().contains(fault), "{error}");
        let error = ring.channel().consumer("a").map(drop).unwrap_err();
        assert!(error.to_string().contains(&format!("slot \"a\": its position is {position}")), "{error}");
    }
}

#[test]
fn a_slot_that_the_producer_must_have_lapped_is_named() {
    let ring = Ring::new(&["a"]).capacity(4096);
    let mut producer = ring.channel().producer().unwrap();
    let consumer = ring.channel().consumer("a").unwrap();
    for _ in 0..100 {
        ipc_tests::send(&mut producer, ring.bytes()).unwrap();
        drop(consumer.recv_timeout(DEADLINE).unwrap());
    }
    producer.leave();
    drop(consumer);
    RingFile::open(ring.path()).set(control::slot(0), 0);
    let error = ring.channel().open_producer().map(drop).unwrap_err();
    assert!(matches!(error, Error::Damaged { .. }), "{error:?}");
    assert!(error.to_string().contains("slot 0 has position 0, which lies more than the capacity before"), "{error}");
    let error = ring.channel().consumer("a").map(drop).unwrap_err();
    assert!(error.to_string().contains("slot \"a\": its position is 0"), "{error}");
}

#[test]
fn a_successor_names_the_producers_line_if_no_producer_can_have_written_it() {
    for place in [control::CLAIM, control::TAIL, control::LAST, control::NEXT_SEQUENCE] {
        let ring = used_ring();
        RingFile::open(ring.path()).set(place, (1 << 62) + 16);
        let error = ring.channel().open_producer().map(drop).unwrap_err();
        assert!(matches!(error, Error::Damaged { .. }), "{error:?}");
        assert!(error.to_string().contains("the producer's line has"), "{error}");
    }
}

#[test]
fn a_slot_that_goes_back_is_named() {
    let ring = Ring::new(&["a"]).capacity(4096);
    let mut producer = ring.channel().producer().unwrap();
    let consumer = ring.channel().consumer("a").unwrap();
    let file = RingFile::open(ring.path());
    let error = (0..1000).find_map(|_| {
        let sent = ipc_tests::send(&mut producer, ring.bytes());
        if sent.is_ok() {
            drop(consumer.recv_timeout(DEADLINE).unwrap());
            if file.get(control::slot(0)) > 8000 {
                // Before the position that the limit came from, and no more than the capacity before the tail.
                file.set(control::slot(0), file.get(control::LIMIT) - 4096 - 16);
            }
        }
        sent.err()
    });
    let error = error.expect("a producer that has seen a position does not go on from one before it");
    assert!(error.to_string().contains("gone back"), "{error}");
    let error = producer.try_send(&ipc_tests::parcel(0, ring.bytes())).expect_err("nor does it the second time");
    assert!(error.to_string().contains("gone back"), "{error}");
}

#[test]
fn a_slot_that_lies_in_a_batch_which_nobody_can_have_read_is_named() {
    let ring = Ring::new(&["a"]).capacity(4096);
    let mut producer = ring.channel().producer().unwrap();
    let file = RingFile::open(ring.path());
    let error = producer.batch(|producer| {
        producer.try_send(&Parcel::default()).unwrap();
        file.set(control::slot(0), 48);
        (0..200).find_map(|_| producer.try_send(&Parcel::default()).err())
    });
    let error = error.expect("a batch that does not write over its own first frames");
    assert!(matches!(error, Error::Damaged { .. }), "{error:?}");
    assert!(error.to_string().contains("slot 0 has position 48, which lies after the tail"), "{error}");
}

#[test]
fn no_record_is_believed_unchecked() {
    let records: [(u32, u32, u64, &str); 15] = [
        (1, 1, 0, "claims 1 bytes"),
        (15, 1, 0, "claims 15 bytes"),
        (31, 2, 0, "claims 31 bytes"),
        (2048, 1, 0, "claims 2048 bytes"),
        (4096, 1, 0, "claims 4096 bytes"),
        (u32::MAX, 1, 0, "claims 4294967295 bytes"),
        (0x8000_0000, 2, 0, "claims 2147483648 bytes"),
        (48, 0, 0, "kind 0"),
        (48, 4, 0, "kind 4"),
        (48, u32::MAX, 0, "kind 4294967295"),
        (48, 3, 0, "kind 3"),
        (4096, 3, 0, "kind 3"),
        (48, 1, u64::MAX, "sequence 18446744073709551615"),
        (48, 1, (1 << 62) + 1, "sequence 4611686018427387905"),
        (48, 1, (1 << 61) + 1, "sequence 2305843009213693953"),
    ];
    // At the beginning, where a reader knows the sequence number, and in the middle, where it takes what comes.
    for (at, (word, kind, sequence, says)) in [0, 1].into_iter().flat_map(|at| records.map(|record| (at, record))) {
        let ring = Ring::new(&["a"]).capacity(4096);
        let mut producer = ring.channel().producer().unwrap();
        let consumer = ring.channel().consumer("a").unwrap();
        for _ in 0..at {
            ipc_tests::send(&mut producer, ring.bytes()).unwrap();
            drop(consumer.recv_timeout(DEADLINE).unwrap());
        }
        drop((producer, consumer));
        let file = RingFile::open(ring.path());
        file.set_header(file.get(control::slot(0)), word, kind, sequence);
        let mut process = ring.peer();
        for (open, using) in [("consume a", "try-recv"), ("join", "skip"), ("observe", "look")] {
            // Who joins or observes looks at once whether there is more than the producer's line tells of.
            let answer = process.ask(open);
            let answer = if answer == "done" { process.ask(using) } else { answer };
            assert!(answer.starts_with("Damaged: ") && answer.contains(says), "{word} {kind} {sequence}: {answer}");
        }
        let answer = process.ask("produce");
        assert!(answer.starts_with("Damaged: ") && answer.contains(says), "{word} {kind} {sequence}: {answer}");
    }
}

#[test]
fn a_record_that_claims_more_than_is_left_of_the_body_is_refused() {
    let ring = Ring::new(&["a"]).capacity(4096);
    let mut producer = ring.channel().producer().unwrap();
    let consumer = ring.channel().consumer("a").unwrap();
    let n = largest(4096) as u32;
    for _ in 0..2 {
        producer.send(&Parcel { n, data: vec![0; n as usize], ..Default::default() }).unwrap();
        drop(consumer.recv_timeout(DEADLINE).unwrap());
    }
    RingFile::open(ring.path()).set_header(4064, 48, 1, 2);
    let error = consumer.try_recv().map(drop).unwrap_err();
    assert!(error.to_string().contains("claims 48 bytes, with 32 up to the end"), "{error}");
}

#[test]
fn a_sequence_number_that_goes_back_is_refused() {
    let ring = used_ring();
    let file = RingFile::open(ring.path());
    let consumer = ring.channel().consumer("a").unwrap();
    drop(consumer.recv_timeout(DEADLINE).unwrap());
    file.set_header(file.get(control::slot(0)), 48, 1, 3);
    let error = consumer.recv_timeout(DEADLINE).map(drop).unwrap_err();
    assert!(matches!(error, Error::Damaged { .. }) && error.to_string().contains("sequence 3"), "{error}");
}

#[test]
fn records_that_fill_a_whole_lap_are_not_gone_over_for_ever() {
    // The last number is the one after which a reader would have taken any.
    for last in [3, (1 << 61) - 1, (1 << 62) - 1] {
        let ring = Ring::new(&["a"]).capacity(4096);
        ring.channel().create().unwrap();
        let file = RingFile::open(ring.path());
        for (record, sequence) in [0, 1, 2, last].into_iter().enumerate() {
            file.set_header(1024 * record as u64, 1024, 1, sequence);
        }
        let consumer = ring.channel().consumer("a").unwrap();
        let error = consumer.skip_to_latest().unwrap_err();
        assert!(matches!(error, Error::Damaged { .. }), "{error}");
    }
}

#[test]
fn a_frame_that_its_class_refuses_is_an_error_and_the_next_frame_arrives() {
    let ring = used_ring();
    let file = RingFile::open(ring.path());
    let consumer = ring.channel().consumer("a").unwrap();
    // The dimension of frame 5: more data than the record has.
    let record = file.get(control::slot(0));
    file.write(file.body + record % file.capacity + 16 + 8, &u32::MAX.to_le_bytes());
    assert!(matches!(consumer.recv_timeout(DEADLINE).map(drop), Err(Error::Frame(_))));
    assert!(file.get(control::slot(0)) > record, "its space was given back");
    assert_eq!(consumer.recv_timeout(DEADLINE).unwrap().sequence(), 6);
}

#[test]
fn random_damage_to_a_ring_in_use_never_kills_or_hangs_a_process() {
    let mut random = Random(20_260_101);
    for round in 0..24 {
        let ring = Ring::new(&["a"]).capacity(4096);
        ring.channel().create().unwrap();
        let file = RingFile::open(ring.path());
        let mut processes =
            ["churn produce 400", "churn a 400", "churn join 400", "churn observe 400"].map(|command| {
                let mut process = ring.peer();
                process.tell(command);
                process
            });
        let (start, bytes) = match round % 3 {
            0 => (file.control, control::slot(5)),
            1 => (file.body, file.capacity),
            _ => (file.control, file.body + file.capacity - file.control),
        };
        let mut damage = || {
            let at = start + random.below(bytes);
            file.write(at, &[file.byte(at) ^ 1 << random.below(8)]);
        };
        for process in &mut processes {
            let mut answer = None;
            eventually("the process has used its end 400 times", || {
                damage();
                answer = process.printed().pop();
                assert!(answer.is_some() || process.lives(), "a process died of damage in round {round}");
                answer.is_some()
            });
            assert!(answer.is_some_and(|answer| answer.starts_with("= fine ")));
        }
    }
}

#[test]
fn random_damage_to_the_head_of_a_ring_is_an_error_for_every_opener() {
    let mut random = Random(7);
    let ring = used_ring();
    let file = RingFile::open(ring.path());
    for _ in 0..3000 {
        let head = if random.below(2) == 0 { (0, PREAMBLE_BYTES + 64) } else { (file.schema, file.schema_bytes) };
        let changes: Vec<_> = (0..1 + random.below(3))
            .map(|_| {
                let at = head.0 + random.below(head.1);
                (at, file.byte(at))
            })
            .collect();
        for &(at, byte) in &changes {
            file.write(at, &[byte ^ (1 + random.below(255) as u8)]);
        }
        let error = ring.channel().observer().map(drop).unwrap_err();
        assert!(matches!(error, Error::NotARing { .. }), "{error}");
        for &(at, byte) in changes.iter().rev() {
            file.write(at, &[byte]);
        }
    }
    ring.channel().observer().expect("it is whole again");
}

/// Random numbers that are the same in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}
