//! What the ends of streams promise in every language that has them: each promise takes the language of the processes that it
//! starts. The test itself is a peer in Rust.

use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use ipc_core::Error;
use ipc_core::stream::{Channel, Consumer};
use ipc_tests::streams::{Folder, Language, channel, check, load, mixed, next, recorded, said, stamps};
use ipc_tests::{DEADLINE, Parcel, Tick, eventually, swapped};

/// Makes each of them a test for a language.
macro_rules! shown_by {
    ($language:expr) => {
        shown_by! {
            $language;
            either_end_of_a_named_pipe_may_come_first
            frames_of_megabytes_pass_whole_to_a_slow_reader
            large_frames_of_writers_at_the_same_time_stay_whole
            a_writer_killed_in_the_midst_of_a_frame_leaves_no_half_of_it
            a_reader_that_is_killed_is_an_outcome_and_its_successor_gets_whole_frames
            a_sender_that_sleeps_is_woken_by_the_reader_that_comes_back
            an_end_that_a_child_has_inherited_sends_nothing_and_ends_nothing
            a_shell_pipes_producer_filter_and_consumer
            a_pipeline_that_is_cut_is_told_to_both_sides
            a_parent_and_its_child_are_joined_by_pipes
            writers_append_by_turns_and_a_file_is_its_users_alone
            a_file_is_followed_while_it_grows_up_to_its_end_and_beyond
            a_file_that_is_followed_and_removed_is_told
            a_writer_killed_at_a_random_moment_leaves_whole_frames_and_its_successor_goes_on
            a_writer_of_lines_killed_in_the_midst_of_one_spoils_no_other
            another_class_is_refused_by_both_ends_in_the_words_of_rust
        }
    };
    ($language:expr; $($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                streams::$name($language);
            }
        )*
    };
}

pub(crate) fn either_end_of_a_named_pipe_may_come_first(language: Language) {
    let pairs = [(language, Language::Rust), (Language::Rust, language)];
    let cases = pairs.into_iter().flat_map(|pair| [(pair, "fifo"), (pair, "fifo-lines")]);
    for (((of_writer, of_reader), kind), writer_first) in cases.flat_map(|case| [(case, true), (case, false)]) {
        let folder = Folder::new();
        let path = folder.name("parcels");
        let (mut writer, mut reader) = (of_writer.peer(kind, &path), of_reader.peer(kind, &path));
        if writer_first {
            assert_eq!(writer.ask("produce"), "done");
            writer.tell("send 0 200");
            writer.polls();
            assert_eq!(reader.ask("consume"), "done");
            reader.tell("drain");
        } else {
            assert_eq!(reader.ask("consume"), "done");
            reader.tell("drain");
            reader.polls();
            assert_eq!(writer.ask("produce"), "done");
            writer.tell("send 0 200");
        }
        assert_eq!(writer.answer().unwrap(), "done");
        assert_eq!(writer.ask("close"), "done");
        let answer = reader.answer().unwrap();
        assert!(answer.starts_with("200 Closed: the named pipe "), "{answer}");
    }
}

pub(crate) fn frames_of_megabytes_pass_whole_to_a_slow_reader(language: Language) {
    let folder = Folder::new();
    let path = folder.name("parcels");
    let mut consumer = Channel::<Parcel>::fifo(&path).consumer().unwrap();
    let mut writer = language.peer("fifo", &path);
    writer.ask("produce");
    writer.tell("send-of 0 3 8000000");
    for stamp in 0..3 {
        writer.polls(); // the pipe is full
        let frame = consumer.recv_timeout(DEADLINE).unwrap();
        assert_eq!((check(&frame), frame.view().n()), (stamp, 8_000_000));
    }
}

pub(crate) fn large_frames_of_writers_at_the_same_time_stay_whole(language: Language) {
    let folder = Folder::new();
    let path = folder.name("parcels");
    let mut consumer = Channel::<Parcel>::fifo(&path).consumer().unwrap();
    let mut writers = [0, 1, 2].map(|_| language.peer("fifo", &path));
    for (index, writer) in writers.iter_mut().enumerate() {
        assert_eq!(writer.ask("produce"), "done");
        writer.tell(&format!("send-of {} {} 300000", 100 * index, 100 * index + 20));
    }
    let mut next_of = [0, 100, 200];
    for _ in 0..60 {
        let stamp = next(&mut consumer);
        let next = &mut next_of[stamp as usize / 100];
        assert_eq!(stamp, *next, "the frames of one writer come in order");
        *next += 1;
    }
    for mut writer in writers {
        assert_eq!(writer.answer().unwrap(), "done");
        assert_eq!(writer.ask("close"), "done");
        drop(writer);
    }
    assert!(consumer.recv_timeout(DEADLINE).is_err_and(|error| error.is_closed()));
}

pub(crate) fn a_writer_killed_in_the_midst_of_a_frame_leaves_no_half_of_it(language: Language) {
    let folder = Folder::new();
    let path = folder.name("parcels");
    let mut consumer = Channel::<Parcel>::fifo(&path).consumer().unwrap();
    let kill_one_in_the_midst = || {
        let mut writer = language.peer("fifo", &path);
        writer.ask("produce");
        writer.ask("send-of 7 8 10");
        writer.tell("send-of 8 9 5000000");
        writer.polls();
        writer.kill();
    };
    kill_one_in_the_midst();
    assert_eq!(next(&mut consumer), 7);
    let gone = consumer.recv_timeout(DEADLINE).unwrap_err();
    assert!(gone.is_gone());
    assert!(gone.to_string().contains("nobody is at the other end: call again to wait for a successor"), "{gone}");
    assert!(consumer.try_recv().is_err_and(|error| error.is_empty()), "it waits for the successor");

    // The successor comes before the reader has seen that the writer is gone: nothing between them but what they wrote.
    kill_one_in_the_midst();
    let mut successor = language.peer("fifo", &path);
    successor.ask("produce");
    successor.tell("send-of 20 22 100000");
    successor.polls(); // the pipe is full again
    let stamps = [0; 3].map(|_| next(&mut consumer));
    assert_eq!(stamps, [7, 20, 21]);
    assert_eq!(successor.answer().unwrap(), "done");
    successor.ask("leave");
    assert!(consumer.recv_timeout(DEADLINE).is_err_and(|error| error.is_gone()), "leaving is no end");
}

pub(crate) fn a_reader_that_is_killed_is_an_outcome_and_its_successor_gets_whole_frames(language: Language) {
    let folder = Folder::new();
    let path = folder.name("parcels");
    let channel = Channel::<Parcel>::fifo(&path);
    let mut producer = channel.producer().unwrap();
    assert!(producer.try_send(&load(0, 1)).is_err_and(|error| error.is_gone()), "nobody has come yet");
    let mut reader = language.peer("fifo", &path);
    reader.ask("consume");
    producer.send(&load(1, 1)).unwrap();
    assert_eq!(reader.ask("recv"), "1 of 1");
    // It takes the beginning of this frame, and dies.
    let sender = std::thread::spawn(move || {
        let outcome = producer.send(&load(2, 5_000_000));
        (producer, outcome)
    });
    reader.tell("recv-within-ms 1");
    reader.kill();
    let (mut producer, outcome) = sender.join().unwrap();
    assert!(outcome.is_err_and(|error| error.is_gone()), "5 MB cannot have been read");
    assert!(producer.try_send(&load(3, 1)).is_err_and(|error| error.is_gone()));

    let mut successor = language.peer("fifo", &path);
    successor.ask("consume");
    producer.send_timeout(&load(4, 10_000), DEADLINE).unwrap();
    assert_eq!(successor.ask("recv"), "4 of 10000");
    assert_eq!(producer.sent(), 2);
}

pub(crate) fn a_sender_that_sleeps_is_woken_by_the_reader_that_comes_back(language: Language) {
    let folder = Folder::new();
    let path = folder.name("parcels");
    let mut writer = language.peer("fifo", &path);
    writer.ask("produce");
    let mut first = language.peer("fifo", &path);
    first.ask("consume");
    writer.ask("send-of 0 1 5");
    first.kill();
    assert!(writer.ask("send-of 1 2 5").starts_with("Gone"), "told once");
    writer.tell("send-of 2 3 5");
    writer.polls();
    let mut second = language.peer("fifo", &path);
    second.ask("consume");
    assert_eq!(writer.answer().unwrap(), "done");
    // The first frame was still in the pipe, whole.
    assert_eq!([second.ask("recv"), second.ask("recv")], ["0 of 5", "2 of 5"]);
}

pub(crate) fn an_end_that_a_child_has_inherited_sends_nothing_and_ends_nothing(language: Language) {
    let folder = Folder::new();
    let path = folder.name("parcels");
    let mut consumer = Channel::<Parcel>::fifo(&path).consumer().unwrap();
    let mut writer = language.peer("fifo", &path);
    writer.ask("produce");
    writer.ask("send-of 1 2 5");
    writer.tell("fork");
    let child = writer.line().unwrap();
    assert!(child.contains("this handle belongs to the process that forked"), "{child}");
    assert_eq!(writer.answer().unwrap(), "done");
    assert_eq!(next(&mut consumer), 1);
    assert!(consumer.try_recv().is_err_and(|error| error.is_empty()));
    writer.kill();
    assert!(consumer.recv_timeout(DEADLINE).is_err_and(|error| error.is_gone()), "the child has written no end");
}

pub(crate) fn a_shell_pipes_producer_filter_and_consumer(language: Language) {
    let bytes: u64 = (0..500).map(|stamp| 2 * u64::from(mixed(stamp))).sum();
    let expected = (format!("500 frames, {bytes} bytes\n"), String::new());
    for pipeline in ["P produce 500 | P filter | P consume", "R produce 500 | P filter | R consume"] {
        assert_eq!(shell(language, pipeline), expected);
    }
    // Streams can be joined, kept in files and read from them as any bytes can.
    let folder = Folder::new();
    let kept = folder.name("kept");
    assert_eq!(shell(language, &format!("P produce 500 | P filter > {kept}; P consume < {kept}")), expected);
    let none = shell(language, "P produce 0 | P consume");
    assert_eq!(none, ("0 frames, 0 bytes\n".to_owned(), String::new()));
}

pub(crate) fn a_pipeline_that_is_cut_is_told_to_both_sides(language: Language) {
    let (out, error) = shell(language, "P produce 100 | head -c 300000 | P consume");
    assert_eq!(out, "", "{error}");
    let gone: Vec<_> = error
        .lines()
        .filter(|line| *line == "Gone: the pipe of class Parcel: nobody is at the other end: nobody comes later")
        .collect();
    assert_eq!(gone.len(), 2, "neither SIGPIPE for the producer nor an end for the consumer: {error}");
}

pub(crate) fn a_parent_and_its_child_are_joined_by_pipes(language: Language) {
    let mut child = language.program(&["pipe", "filter"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let pipe: Channel<'_, Parcel> = Channel::pipe();
    let mut producer = pipe.producer_into(child.stdin.take().unwrap()).unwrap();
    let mut consumer = pipe.consumer_from(child.stdout.take().unwrap()).unwrap();
    for stamp in 0..40 {
        producer.send(&load(stamp, mixed(stamp))).unwrap();
        let frame = consumer.recv_timeout(DEADLINE).unwrap();
        assert_eq!((check(&frame), frame.view().n()), (stamp, 2 * mixed(stamp)));
    }
    producer.close().unwrap();
    assert!(consumer.recv_timeout(DEADLINE).is_err_and(|error| error.is_closed()));
    assert!(child.wait().unwrap().success());
    eventually("it stays closed", || consumer.try_recv().is_err_and(|error| error.is_closed()));
}

pub(crate) fn writers_append_by_turns_and_a_file_is_its_users_alone(language: Language) {
    for kind in ["file", "file-lines"] {
        let folder = Folder::new();
        let path = folder.name("parcels");
        let mut writers = [0, 1, 2].map(|_| language.peer(kind, &path));
        for (index, writer) in writers.iter_mut().enumerate() {
            assert_eq!(writer.ask("produce"), "done");
            writer.tell(&format!("send-of {} {} 3000", 1000 * index, 1000 * index + 100));
        }
        for mut writer in writers {
            assert_eq!(writer.answer().unwrap(), "done");
            assert_eq!(writer.ask("close"), "done");
        }
        let stamps = stamps(kind, &path);
        for writer in 0..3 {
            let of_one: Vec<_> = stamps.iter().copied().filter(|stamp| stamp / 1000 == writer).collect();
            assert_eq!(of_one, (1000 * writer..1000 * writer + 100).collect::<Vec<_>>());
        }
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

pub(crate) fn a_file_is_followed_while_it_grows_up_to_its_end_and_beyond(language: Language) {
    let folder = Folder::new();
    let path = folder.name("parcels");
    let mut reader = language.peer("follow", &path);
    assert_eq!(reader.ask("consume"), "done"); // before there is a file
    reader.tell("drain");
    reader.polls();
    let mut writer = language.peer("file", &path);
    assert_eq!(writer.ask("produce"), "done");
    assert_eq!(writer.ask("send 0 100"), "done");
    assert_eq!((0..100).map(|_| reader.line().unwrap()).last().unwrap(), "got 99");
    reader.polls();
    assert_eq!(writer.ask("close"), "done");
    assert!(reader.answer().unwrap().starts_with("100 Closed: the file "));
    // A closed stream goes on with its next producer.
    reader.tell("recv");
    reader.polls();
    assert_eq!(writer.ask("produce"), "done");
    assert_eq!(writer.ask("send-of 100 101 3000000"), "done");
    assert_eq!(reader.answer().unwrap(), "100 of 3000000");
}

pub(crate) fn a_file_that_is_followed_and_removed_is_told(language: Language) {
    let folder = Folder::new();
    let path = folder.name("parcels");
    recorded("file", &path, 0..1);
    let mut reader = language.peer("follow", &path);
    reader.ask("consume");
    assert_eq!(reader.ask("recv"), "0 of 0");
    reader.tell("recv");
    reader.polls();
    std::fs::remove_file(&path).unwrap();
    let answer = reader.answer().unwrap();
    assert!(answer.starts_with("Replaced: the file "), "{answer}");
}

pub(crate) fn a_writer_killed_at_a_random_moment_leaves_whole_frames_and_its_successor_goes_on(language: Language) {
    let folder = Folder::new();
    let path = folder.name("parcels");
    let mut following: Consumer<Parcel> = channel("follow", &path).consumer().unwrap();
    let mut next = 0;
    for _ in 0..20 {
        let mut writer = language.peer("file", &path);
        assert_eq!(writer.ask("produce"), "done");
        writer.tell(&format!("send-of {next} {} 300000", next + 1_000_000));
        let frame = following.recv_timeout(DEADLINE).unwrap();
        assert_eq!(check(&frame), next);
        writer.kill();
        next += 1;
        while let Ok(frame) = following.try_recv() {
            assert_eq!(check(&frame), next);
            next += 1;
        }
    }
    assert_eq!(stamps("file", &path), (0..next).collect::<Vec<_>>());
}

pub(crate) fn a_writer_of_lines_killed_in_the_midst_of_one_spoils_no_other(language: Language) {
    let folder = Folder::new();
    let path = folder.name("parcels");
    let mut consumer: Consumer<Parcel> = channel("fifo-lines", &path).consumer().unwrap();
    let mut writer = language.peer("fifo-lines", &path);
    writer.ask("produce");
    writer.tell("send-of 0 1 400000");
    writer.polls();
    writer.kill();
    let mut successor = language.peer("fifo-lines", &path);
    successor.ask("produce");
    successor.tell("send-of 1 2 300");
    successor.polls(); // nothing is read yet
    let mut outcomes = std::iter::repeat_with(|| consumer.recv_timeout(DEADLINE));
    assert!(matches!(outcomes.next().unwrap(), Err(Error::Frame(_))));
    assert_eq!(check(&outcomes.next().unwrap().unwrap()), 1);
    assert_eq!(successor.answer().unwrap(), "done");
}

pub(crate) fn another_class_is_refused_by_both_ends_in_the_words_of_rust(language: Language) {
    let folder = Folder::new();
    let path = folder.name("ticks");
    let ticks = Channel::<Tick>::fifo(&path);
    let told = |receives: &dyn Fn() -> String| {
        std::thread::scope(|scope| {
            let mut producer = Channel::<swapped::Tick>::fifo(&path).producer().unwrap();
            // The class comes first, and whoever has seen that may be gone before the frame.
            scope.spawn(move || producer.send(&swapped::Tick { level: 1.5, count: 1 }).is_ok());
            receives()
        })
    };
    let ours = told(&|| said(&ticks.consumer().unwrap().recv_timeout(DEADLINE).unwrap_err()));
    assert!(ours.starts_with("Mismatch: ") && ours.contains("Tick.level"), "{ours}");
    assert_eq!(told(&|| language.peer("fifo", &path).ask("recv-tick")), ours);

    let path = folder.name("kept");
    let kept: Channel<'_, Parcel> = Channel::file(&path);
    Channel::<Tick>::file(&path).producer().unwrap().send(&Tick::default()).unwrap();
    assert_eq!(language.peer("file", &path).ask("produce"), said(&kept.producer().unwrap_err()));
}

/// Runs a pipeline in a shell, in which `P` is the program of the language, and `R` that in Rust; gives what it printed.
fn shell(language: Language, pipeline: &str) -> (String, String) {
    let program = |language: Language| {
        let command = language.program(&["pipe"]);
        let words = std::iter::once(command.get_program()).chain(command.get_args());
        words.map(|word| format!("'{}'", word.to_str().unwrap())).collect::<Vec<_>>().join(" ")
    };
    let line = pipeline.split(' ').map(|word| match word {
        "P" => program(language),
        "R" => program(Language::Rust),
        word => word.to_owned(),
    });
    let line = line.collect::<Vec<_>>().join(" ");
    let output = Command::new("sh").args(["-c", &line]).stdin(Stdio::null()).output().unwrap();
    (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
}
