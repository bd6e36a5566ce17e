//! Streams over named pipes and over those of a shell, with processes that are killed.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use ipc_core::raw::{Patience, RawClass};
use ipc_core::stream::{Channel, Duplex, RawChannel};
use ipc_core::{Class, Error};
use ipc_tests::streams::{Folder, check, load, mixed, next};
use ipc_tests::{DEADLINE, Parcel, Tick, eventually, swapped};

#[test]
fn writers_that_come_and_go_lose_nothing() {
    let folder = Folder::new();
    let path = folder.name("parcels");
    let channel = Channel::<Parcel>::fifo(&path);
    let mut consumer = channel.consumer().unwrap();
    std::thread::scope(|scope| {
        for writer in 0..3 {
            scope.spawn(move || {
                for turn in 0..200 {
                    let mut producer = channel.producer().unwrap();
                    for frame in 0..3 {
                        producer.send(&load(1000 * writer + 3 * turn + frame, 5000 * frame as u32)).unwrap();
                    }
                }
            });
        }
        let (mut next_of, mut ends) = ([0; 3], 0);
        while next_of != [600; 3] {
            match consumer.recv_timeout(DEADLINE) {
                Ok(frame) => {
                    let stamp = check(&frame);
                    let next = &mut next_of[stamp as usize / 1000];
                    assert_eq!(stamp % 1000, *next);
                    *next += 1;
                }
                Err(error) => {
                    assert!(error.is_closed(), "{error}");
                    ends += 1;
                }
            }
        }
        assert!(ends <= 600, "each end is told once");
    });
}

#[test]
fn ends_of_a_pipe_that_was_removed_meet_in_a_new_one() {
    let folder = Folder::new();
    let path = folder.name("parcels");
    let channel = Channel::<Parcel>::fifo(&path);
    let (mut consumer, mut producer) = (channel.consumer().unwrap(), channel.producer().unwrap());
    producer.send(&load(0, 3)).unwrap();
    assert_eq!(check(&consumer.recv_timeout(DEADLINE).unwrap()), 0);
    let mut consumer = std::thread::scope(|scope| {
        let reader = scope.spawn(move || {
            let mut stamps = Vec::new();
            while stamps.len() < 2 {
                match consumer.recv_timeout(DEADLINE) {
                    Ok(frame) => stamps.push(check(&frame)),
                    Err(error) => assert!(error.is_closed() || matches!(error, Error::Gone(_)), "{error}"),
                }
            }
            assert_eq!(stamps, [1, 2]);
            consumer
        });
        std::fs::remove_file(&path).unwrap();
        eventually("the reader that waits makes a new one", || Path::new(&path).exists());
        channel.producer().unwrap().send(&load(1, 3)).unwrap();
        // Whoever wrote to the old one is told so first.
        while let Err(error) = producer.send(&load(2, 3)) {
            assert!(matches!(error, Error::Gone(_)), "{error}");
        }
        reader.join().unwrap()
    });
    // It is not the reader alone who looks: this writer waits for one.
    assert!(matches!(consumer.try_recv(), Err(Error::Empty(_))));
    drop(consumer);
    assert!(producer.try_send(&load(3, 3)).is_err());
    std::fs::remove_file(&path).unwrap();
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| producer.send_timeout(&load(3, 3), DEADLINE).unwrap());
        let mut consumer = channel.consumer().unwrap();
        assert_eq!(check(&consumer.recv_timeout(DEADLINE).unwrap()), 3);
        writer.join().unwrap();
    });
}

#[test]
fn a_reader_that_waits_in_its_open_is_found() {
    let folder = Folder::new();
    let path = folder.name("parcels");
    let mut producer = Channel::<Parcel>::fifo(&path).producer().unwrap();
    let mut cat = Command::new("cat").arg(&path).stdout(Stdio::piped()).spawn().unwrap();
    producer.send_timeout(&load(0, 3), DEADLINE).unwrap();
    producer.close().unwrap();
    let mut bytes = Vec::new();
    cat.stdout.take().unwrap().read_to_end(&mut bytes).unwrap();
    assert!(cat.wait().unwrap().success());
    assert!(ipc_core::stream::is_stream(&bytes));
    let frame = load(0, 3).to_bytes().unwrap();
    assert_eq!(bytes.windows(frame.len()).filter(|window| *window == frame).count(), 1);
}

#[test]
fn another_class_is_refused_with_each_member_that_differs() {
    let folder = Folder::new();
    let path = folder.name("parcels");
    let mut consumer = Channel::<Tick>::fifo(&path).consumer().unwrap();
    let mut producer = Channel::<swapped::Tick>::fifo(&path).producer().unwrap();
    producer.send(&swapped::Tick { level: 1.5, count: 1 }).unwrap();
    let error = consumer.recv_timeout(DEADLINE).unwrap_err();
    assert!(error.is_mismatch());
    let (error, ring) = (error.to_string(), ring_mismatch(&folder));
    let first = format!("the named pipe {path} is for another class than this program's:\n");
    assert!(error.starts_with(&first), "{error}");
    // The members that differ, in the words that a ring has for them.
    let members = |text: &str| {
        let lines = text.lines().skip(1).take_while(|line| line.starts_with("  "));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    assert!(members(&error).len() > 2, "{error}");
    assert_eq!(members(&error), members(&ring));
    // Frames of the other class are skipped, one of the right class comes.
    let mut right = Channel::<Tick>::fifo(&path).producer().unwrap();
    right.send(&Tick { count: 2, level: 2.5 }).unwrap();
    assert_eq!(consumer.recv_timeout(DEADLINE).unwrap().count, 2);
}

/// What an end of a ring of the other class says.
fn ring_mismatch(folder: &Folder) -> String {
    let path = folder.name("ticks.ring");
    ipc_core::Channel::<swapped::Tick>::new(&path).create().unwrap();
    ipc_core::Channel::<Tick>::new(&path).producer().unwrap_err().to_string()
}

#[test]
fn whoever_reads_next_is_told_the_class() {
    let folder = Folder::new();
    let path = folder.name("parcels");
    let any = RawChannel::fifo(&path);
    let mut producer = Channel::<Parcel>::fifo(&path).producer().unwrap();
    for stamp in 0..3 {
        let mut consumer = any.consumer_of_any().unwrap();
        producer.send(&load(stamp, 5)).unwrap();
        assert_eq!(consumer.class(Patience::Until(DEADLINE)).unwrap(), &RawClass::of(Parcel::DESC));
        let frame = consumer.recv(Patience::Until(DEADLINE)).unwrap();
        assert_eq!(frame.bytes(), load(stamp, 5).to_bytes().unwrap());
    }
}

#[test]
fn a_second_reader_is_refused() {
    let folder = Folder::new();
    let path = folder.name("parcels");
    let channel = Channel::<Parcel>::fifo(&path);
    let first = channel.consumer().unwrap();
    let error = channel.consumer().unwrap_err().to_string();
    assert!(error.contains("another end has it open to read: give this one a pipe of its own"), "{error}");
    drop(first);
    channel.consumer().unwrap();
}

#[test]
fn a_reader_whose_descriptor_has_a_duplicate_meets_the_next_writer() {
    let folder = Folder::new();
    let path = folder.name("ticks");
    let class = RawClass::of(Tick::DESC);
    let mut consumer = RawChannel::fifo(&path).consumer_of(&class).unwrap();
    let duplicate = consumer.as_fd().try_clone_to_owned().unwrap();
    for count in 0..3 {
        let mut producer = Channel::<Tick>::fifo(&path).producer().unwrap();
        producer.send(&Tick { count, level: 0.5 }).unwrap();
        producer.leave();
        let frame = consumer.recv(Patience::Until(DEADLINE)).unwrap();
        assert_eq!(frame.bytes(), Tick { count, level: 0.5 }.to_bytes().unwrap());
        let error = consumer.recv(Patience::Until(DEADLINE)).unwrap_err();
        assert!(matches!(error, Error::Gone(_)), "{error}");
    }
    drop(duplicate);
}

#[test]
fn what_does_not_fit_now_is_not_sent_and_nothing_of_it_is_shown() {
    let folder = Folder::new();
    let path = folder.name("parcels");
    let channel = Channel::<Parcel>::fifo(&path);
    let mut consumer = channel.consumer().unwrap();
    let mut producer = channel.producer().unwrap();
    producer.try_send(&load(0, 5)).unwrap();
    let error = producer.try_send(&load(1, 1_000_000)).unwrap_err();
    assert!(error.is_full(), "{error}");
    let error = producer.send_timeout(&load(2, 1_000_000), Duration::from_millis(1)).unwrap_err();
    assert!(error.is_timed_out() && error.to_string().contains("no room for the frame within 1ms"), "{error}");
    assert_eq!(next(&mut consumer), 0);
    assert!(consumer.try_recv().is_err_and(|error| error.is_empty()));
    let mut reserved = producer.reserve(ipc_tests::ParcelDims { n: 2 }).unwrap();
    let frame = reserved.edit();
    *frame.stamp = 3;
    *frame.seal = 3 ^ 2;
    frame.data.copy_from_slice(&load(3, 2).data);
    assert_eq!(reserved.try_publish().unwrap(), 1);
    assert_eq!(next(&mut consumer), 3);
    assert!(consumer.recv_timeout(Duration::from_millis(1)).is_err_and(|error| error.is_timed_out()));
}

#[test]
fn a_large_frame_can_be_sent_bit_by_bit() {
    let folder = Folder::new();
    let path = folder.name("parcels");
    let mut consumer = Channel::<Parcel>::fifo(&path).consumer().unwrap();
    let class = RawClass::of(Parcel::DESC);
    let mut producer = RawChannel::fifo(&path).producer_of(&class).unwrap();
    let frame = load(1, 1_000_000).to_bytes().unwrap();
    producer.reserve(frame.len()).unwrap().copy_from_slice(&frame);
    let mut parts = 0;
    while producer.publish(Patience::None).is_err_and(|error| error.is_full()) {
        assert!(consumer.try_recv().is_err_and(|error| error.is_empty()), "not all of it is there");
        parts += 1;
    }
    assert_eq!(next(&mut consumer), 1);
    assert!((15..30).contains(&parts), "64 KiB each, and not from its beginning again: {parts}");
}

#[test]
fn what_is_no_frame_is_told_once_and_skipped() {
    let folder = Folder::new();
    let path = folder.name("parcels");
    let channel = Channel::<Parcel>::fifo(&path);
    let mut consumer = channel.consumer().unwrap();
    let mut producer = channel.producer().unwrap();
    producer.send(&load(0, 5)).unwrap();
    let mut shell = File::options().write(true).open(&path).unwrap();
    for _ in 0..3 {
        shell.write_all(b"hello, this is no frame\n").unwrap();
    }
    producer.send(&load(1, 5)).unwrap();
    assert_eq!(next(&mut consumer), 0);
    let error = consumer.recv_timeout(DEADLINE).unwrap_err().to_string();
    assert!(
        error.contains("carries something that is no frame: expected a block, found \"hello, this is n\""),
        "{error}"
    );
    assert_eq!(next(&mut consumer), 1);
}

#[test]
fn a_path_where_something_else_is_is_refused() {
    let folder = Folder::new();
    let path = folder.name("note");
    std::fs::write(&path, "mine").unwrap();
    let channel = Channel::<Parcel>::fifo(&path);
    for error in [channel.producer().unwrap_err(), channel.consumer().unwrap_err()] {
        assert!(error.to_string().contains("it is there, and is no named pipe: use another path"), "{error}");
    }
    let link = folder.name("link");
    std::os::unix::fs::symlink(folder.path("elsewhere"), &link).unwrap();
    assert!(matches!(Channel::<Parcel>::fifo(&link).consumer(), Err(Error::Os { .. })), "links are not followed");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
}

#[test]
fn both_directions_go_over_two_pipes() {
    let folder = Folder::new();
    let (parcels, ticks) = (folder.name("parcels"), folder.name("ticks"));
    let (parcels, ticks) = (Channel::<Parcel>::fifo(&parcels), Channel::<Tick>::fifo(&ticks));
    let mut ours = Duplex::open(&parcels, &ticks).unwrap();
    let mut theirs = Duplex::open(&ticks, &parcels).unwrap();
    let other_side = std::thread::spawn(move || {
        for stamp in 0..50 {
            let frame = theirs.recv().unwrap();
            assert_eq!(check(&frame), stamp);
            theirs.send(&Tick { count: frame.view().n(), level: 0.0 }).unwrap();
        }
    });
    for stamp in 0..50 {
        ours.send(&load(stamp, mixed(stamp))).unwrap();
        assert_eq!(ours.recv_timeout(DEADLINE).unwrap().count, mixed(stamp));
    }
    other_side.join().unwrap();
    assert!(ours.recv_timeout(DEADLINE).is_err_and(|error| error.is_closed()));
    assert!(matches!(ours.try_recv(), Err(Error::Empty(_))));
}
