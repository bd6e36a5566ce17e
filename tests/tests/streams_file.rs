//! Streams in files: appended by turns, followed, cut at any byte; and streams as lines of JSON.

use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::fs::FileExt;
use std::process::{Command, Stdio};
use std::time::Duration;

use ipc_core::raw::{Patience, RawClass};
use ipc_core::stream::{Channel, Consumer, RawChannel};
use ipc_core::{Class, Error};
use ipc_tests::streams::{Folder, channel, check, load, mixed, next, recorded, stamps};
use ipc_tests::{DEADLINE, Parcel, Tick, eventually, swapped};

#[test]
fn a_file_cut_at_any_byte_shows_whole_frames_and_the_next_writer_repairs_it() {
    for kind in ["file", "file-lines"] {
        let folder = Folder::new();
        let path = folder.name("parcels");
        let ends = recorded(kind, &path, 4..7);
        let whole = std::fs::read(&path).unwrap();
        // Lines have no parts but their ends.
        for cut in (0..whole.len() as u64).step_by(if kind == "file" { 1 } else { 7 }) {
            if kind == "file-lines" && whole[cut as usize] == b'\n' {
                // Only the end of a line is missing, which the next writer adds.
                continue;
            }
            std::fs::write(&path, &whole[..cut as usize]).unwrap();
            let left = ends.iter().filter(|end| **end <= cut).count() as u64;
            let expected: Vec<_> = (4..4 + left).collect();
            let mut following: Consumer<Parcel> = channel(kind, &path).follow().consumer().unwrap();
            let mut seen = Vec::new();
            while let Ok(frame) = following.try_recv() {
                seen.push(check(&frame));
            }
            assert_eq!(seen, expected, "{kind} cut at byte {cut}");
            // Who follows has looked at the tail; then it is cut off, and another frame stands in its place.
            recorded(kind, &path, 20..21);
            assert_eq!(check(&following.try_recv().unwrap()), 20, "{kind} cut at byte {cut}");
            assert!(matches!(following.try_recv(), Err(Error::Empty(_))));
            assert_eq!(stamps(kind, &path), [expected, vec![20]].concat());
        }
    }
}

#[test]
fn a_file_of_another_class_or_of_something_else_is_refused_and_left_as_it_is() {
    let folder = Folder::new();
    let path = folder.name("ticks");
    Channel::<Tick>::file(&path).producer().unwrap().send(&Tick { count: 1, level: 0.5 }).unwrap();
    let before = std::fs::read(&path).unwrap();
    let other = Channel::<swapped::Tick>::file(&path);
    let error = other.producer().unwrap_err();
    assert!(error.is_mismatch() && error.to_string().contains("for another class than this program's"), "{error}");
    assert!(other.consumer().unwrap().recv().unwrap_err().is_mismatch());
    assert_eq!(std::fs::read(&path).unwrap(), before);

    for note in ["remember the milk, and what comes after it, and then some", "short"] {
        std::fs::write(&path, note).unwrap();
        let outcome = Channel::<Tick>::file(&path).producer().and_then(|mut producer| producer.send(&Tick::default()));
        assert!(matches!(outcome, Err(Error::NotAStream { .. })), "{outcome:?}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), note);
    }
    assert!(matches!(Channel::<Tick>::file(&folder.name("none")).consumer(), Err(Error::Os { .. })));
}

#[test]
fn any_tool_reads_a_recording_with_its_class() {
    let folder = Folder::new();
    let path = folder.name("parcels");
    recorded("file", &path, 0..3);
    let mut any = RawChannel::file(&path).consumer_of_any().unwrap();
    assert_eq!(any.class(Patience::None).unwrap().name(), "Parcel");
    let frames: Vec<_> = std::iter::from_fn(|| any.recv(Patience::None).ok()).collect();
    assert_eq!(frames.len(), 3);
    assert_eq!(frames[2].bytes(), load(2, mixed(2) % 4000).to_bytes().unwrap());
    assert!(any.recv(Patience::None).is_err_and(|error| error.is_closed()));
}

#[test]
fn damage_anywhere_in_a_file_gives_errors_or_frames_and_ends() {
    let folder = Folder::new();
    let path = folder.name("parcels");
    recorded("file", &path, 4..12);
    let whole = std::fs::read(&path).unwrap();
    let file = File::options().write(true).open(&path).unwrap();
    for at in 0..whole.len() {
        for byte in [whole[at] ^ 0xff, whole[at] ^ 1] {
            file.write_all_at(&[byte], at as u64).unwrap();
            let mut consumer = Channel::<Parcel>::file(&path).consumer().unwrap();
            let mut steps = 0;
            while !consumer.recv().is_err_and(|error| error.is_closed()) {
                steps += 1;
                assert!(steps < 100, "byte {at}");
            }
        }
        file.write_all_at(&whole[at..=at], at as u64).unwrap();
    }
    assert_eq!(stamps("file", &path), (4..12).collect::<Vec<_>>());
}

#[test]
fn a_shell_writes_lines_and_what_the_class_refuses_is_told_by_member() {
    let folder = Folder::new();
    let path = folder.name("ticks");
    let mut consumer = Channel::<Tick>::fifo(&path).lines().consumer().unwrap();
    let script = format!(
        r#"exec 3>'{path}'; echo '{{"level":"NaN", "count":7}}' >&3; echo '{{"count":-1,"level":0}}' >&3; echo >&3
           echo '{{"count":1,"level":0,"levl":1}}' >&3; echo 'hello' >&3; printf '{{"count":8,"level":0.5}}' >&3"#
    );
    let mut shell = Command::new("sh").args(["-c", &script]).spawn().unwrap();
    let mut next = || consumer.recv_timeout(DEADLINE);
    let frame = next().unwrap();
    assert!(frame.count == 7 && frame.level.is_nan());
    for expected in [
        "class Tick, member count: expected a value of type uint32, found an integer that it does not hold",
        "class Tick: it has no member `levl`: did you mean `level`?",
        "class Tick: column 1: this is no JSON",
    ] {
        let error = next().unwrap_err();
        assert!(matches!(error, Error::Frame(_)), "{error}");
        assert!(error.to_string().starts_with(expected), "{error}");
    }
    assert_eq!(next().unwrap().count, 8);
    assert!(next().is_err_and(|error| error.is_closed()), "all who write are gone");
    assert!(shell.wait().unwrap().success());
    assert!(consumer.try_recv().is_err_and(|error| error.is_empty()), "others may come");
}

#[test]
fn a_shell_reads_lines() {
    let folder = Folder::new();
    let path = folder.name("ticks");
    let channel = Channel::<Tick>::fifo(&path).lines();
    let mut producer = channel.producer().unwrap();
    let mut cat = Command::new("cat").arg(&path).stdout(Stdio::piped()).spawn().unwrap();
    producer.send(&Tick { count: u32::MAX, level: f32::NEG_INFINITY }).unwrap();
    let error = channel.producer().unwrap().try_send(&Tick::default()).unwrap_err().to_string();
    assert!(error.contains("another end has it open to write lines to"), "{error}");
    producer.send(&Tick { count: 0, level: 0.1 }).unwrap();
    producer.close().unwrap();
    let mut text = String::new();
    cat.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    assert!(cat.wait().unwrap().success());
    assert_eq!(text, "\n{\"count\":4294967295,\"level\":\"-inf\"}\n{\"count\":0,\"level\":0.1}\n");
}

#[test]
fn a_line_can_be_sent_bit_by_bit_and_one_that_is_given_up_spoils_no_other() {
    let folder = Folder::new();
    let path = folder.name("parcels");
    let class = RawClass::of(Parcel::DESC);
    let mut consumer: Consumer<Parcel> = channel("fifo-lines", &path).consumer().unwrap();
    let mut producer = RawChannel::fifo(&path).lines().producer_of(&class).unwrap();
    let [large, small] = [load(1, 100_000), load(2, 5)].map(|parcel| parcel.to_bytes().unwrap());
    producer.reserve(large.len()).unwrap().copy_from_slice(&large);
    let mut parts = 0;
    while producer.publish(Patience::None).is_err_and(|error| error.is_full()) {
        assert!(consumer.try_recv().is_err_and(|error| error.is_empty()), "not all of it is there");
        parts += 1;
    }
    assert!(parts > 3, "a pipe has no room for it");
    assert_eq!(next(&mut consumer), 1);
    assert!(producer.send(&large, Patience::Until(Duration::from_millis(1))).is_err_and(|error| error.is_timed_out()));
    assert!(consumer.try_recv().is_err_and(|error| error.is_empty()));
    producer.send(&small, Patience::None).unwrap();
    assert!(matches!(consumer.try_recv(), Err(Error::Frame(_))), "the half of a line");
    assert_eq!(next(&mut consumer), 2);
    // A typed producer sends whole lines or nothing.
    drop(producer);
    assert!(consumer.try_recv().is_err_and(|error| error.is_closed()));
    let mut producer = channel("fifo-lines", &path).producer().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| producer.try_send(&load(3, 100_000)).unwrap());
        assert_eq!(next(&mut consumer), 3);
    });
}

#[test]
fn a_line_without_its_end_is_kept_by_who_appends_and_what_is_no_line_is_left_as_it_is() {
    let folder = Folder::new();
    let path = folder.name("ticks");
    let channel = Channel::<Tick>::file(&path).lines();
    let append = || channel.producer().and_then(|mut producer| producer.send(&Tick { count: 2, level: 0.0 }));
    for (before, left) in [("{\"count\":1}", "{\"count\":1}\n"), ("\n{\"count\":{", "\n"), ("\n  ", "\n")] {
        std::fs::write(&path, before).unwrap();
        append().unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), format!("{left}{{\"count\":2,\"level\":0.0}}\n"));
    }
    for note in ["remember the milk", "{\"count\":1}\nremember the milk"] {
        std::fs::write(&path, note).unwrap();
        let error = append().unwrap_err();
        assert!(matches!(error, Error::NotAStream { .. }), "{error}");
        assert!(error.to_string().contains("expected an object of JSON on a line, found \"remember"), "{error}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), note);
    }
}

#[test]
fn a_line_in_a_file_is_shown_when_its_end_is_there() {
    let folder = Folder::new();
    let path = folder.name("ticks");
    let mut consumer = Channel::<Tick>::file(&path).lines().follow().consumer().unwrap();
    let mut file = File::options().append(true).open(&path).unwrap();
    file.write_all(b"{\"count\":1,").unwrap();
    assert!(consumer.try_recv().is_err_and(|error| error.is_empty()));
    file.write_all(b"\"level\":0}\n").unwrap();
    eventually("the line is there", || consumer.try_recv().is_ok_and(|frame| frame.count == 1));
}
