//! A module's main loop: many channels waited for at once, in the order that it chooses, and its controller, in whose place the
//! test is. Each module under test is a process.
#![forbid(unsafe_code)]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use ipc_core::control::{Listener, MAX_REPORT_BYTES, Report, Said, Status};
use ipc_core::raw::Patience;
use ipc_tests::application::{Application, scan};
use ipc_tests::main_loop::{QUIT, QUITTING, READY, RESUME, RESUMED, STOP, STOPPED, heard, hears, send};
use ipc_tests::{Peer, eventually};

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

#[test]
fn a_merge_waits_for_a_silent_channel_until_it_is_closed() {
    let application = Application::of_sources(&["a", "b", "c"]);
    let [mut a, mut b, c] = ["a_source", "b_source", "c_source"].map(|module| application.producer(module));
    let mut reader = application.start("reader", &["read", "merged:stamp"]);
    hears(&mut reader, &[READY]);
    send(&mut a, 5);
    send(&mut b, 3);
    reader.sleeps();
    assert_eq!(received(&mut reader), [0, 0, 0]);
    c.close().unwrap();
    hears(&mut reader, &["c is closed", "b 3"]);
    send(&mut b, 9);
    hears(&mut reader, &["a 5"]);
    a.close().unwrap();
    hears(&mut reader, &["a is closed", "b 9"]);
}

#[test]
fn a_merge_with_a_limit_goes_on_without_a_silent_channel_until_it_speaks_again() {
    let application = Application::of_sources(&["a", "b", "c"]);
    let [mut a, mut b, mut c] = ["a_source", "b_source", "c_source"].map(|module| application.producer(module));
    send(&mut b, 7);
    send(&mut a, 5);
    let mut reader = application.start("reader", &["read", "merged:stamp:20"]);
    hears(&mut reader, &[READY, "a 5", "b 7"]);
    // c has a frame again, and is waited for again.
    send(&mut c, 6);
    hears(&mut reader, &["c 6"]);
    send(&mut c, 20);
    send(&mut a, 21);
    send(&mut b, 22);
    hears(&mut reader, &["c 20", "a 21", "b 22"]);
}

#[test]
fn observed_channels_take_part_in_every_order() {
    let channels = [("a", ""), ("b", "")];
    let modules = [
        ("one", r#""produces": ["a"]"#),
        ("two", r#""produces": ["b"]"#),
        ("reader", r#""consumes": ["b"], "observes": ["a"]"#),
    ];
    for order in ["arrival", "round", "priority:a", "merged:stamp"] {
        let application = Application::new(&channels, &modules);
        let [mut a, mut b] = ["one", "two"].map(|module| application.producer(module));
        let mut reader = application.start("reader", &["read", order]);
        hears(&mut reader, &[READY]);
        send(&mut a, 1);
        send(&mut b, 2);
        let mut heard = [heard(&mut reader), if order == "merged:stamp" { String::new() } else { heard(&mut reader) }];
        heard.sort_unstable();
        if order == "merged:stamp" {
            // The next of b is not known.
            assert_eq!(heard[1], "a 1");
            a.close().unwrap();
            hears(&mut reader, &["a is closed", "b 2"]);
        } else {
            assert_eq!(heard, ["a 1", "b 2"], "{order}");
            a.close().unwrap();
            hears(&mut reader, &["a is closed"]);
        }
    }
}

#[test]
fn twenty_rings_cost_no_processor_while_idle_and_each_of_them_wakes() {
    let names: Vec<String> = (0..20).map(|index| format!("c{index}")).collect();
    let application = Application::of_sources(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let mut sources: Vec<_> = names.iter().map(|name| application.producer(&format!("{name}_source"))).collect();
    let mut reader = application.start("reader", &["read", "arrival"]);
    hears(&mut reader, &[READY]);
    reader.sleeps();
    let before = processor_time(&reader);
    sleep(Duration::from_secs(2));
    let used = processor_time(&reader) - before;
    assert!(used < Duration::from_millis(20), "an idle wait used {used:?} of two seconds");
    let wakes = sources.iter_mut().enumerate().map(|(index, source)| {
        reader.sleeps();
        let start = Instant::now();
        send(source, 7);
        hears(&mut reader, &[&format!("c{index} 7")]);
        start.elapsed()
    });
    assert_woken(wakes.collect());
}

/// That it was the wakes, and not the ends of naps of 250 ms: these would come after 125 ms in the middle. Most of them, since
/// on a busy machine any one may take long.
#[track_caller]
fn assert_woken(mut wakes: Vec<Duration>) {
    wakes.sort_unstable();
    assert!(wakes[wakes.len() / 2] < Duration::from_millis(50), "{wakes:?}");
}

#[test]
fn what_the_controller_wants_wakes_a_module_that_sleeps() {
    let application = Application::of_sources(&["a", "b"]);
    let mut reader = application.start("reader", &["read", "arrival"]);
    hears(&mut reader, &[READY]);
    let wakes = [(STOP, STOPPED), (RESUME, RESUMED)].repeat(10).into_iter().map(|(command, report)| {
        reader.sleeps();
        let start = Instant::now();
        reader.tell(command);
        hears(&mut reader, &[report]);
        start.elapsed()
    });
    assert_woken(wakes.collect());
}

/// Of all threads of a process.
fn processor_time(peer: &Peer) -> Duration {
    let threads = fs::read_dir(format!("/proc/{}/task", peer.id())).unwrap();
    let times = threads.map(|thread| {
        let text = fs::read_to_string(thread.unwrap().path().join("schedstat")).unwrap();
        text.split(' ').next().unwrap().parse::<u64>().unwrap()
    });
    Duration::from_nanos(times.sum())
}

#[test]
fn more_rings_than_one_call_of_the_kernel_takes_wake_all_the_same() {
    const COUNT: usize = 300;
    let names: Vec<String> = (0..COUNT).map(|index| format!("c{index}")).collect();
    let small = r#", "class": "Sample", "capacity": 4096"#;
    let channels: Vec<_> = names.iter().map(|name| (name.as_str(), small)).collect();
    let all = names.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(",");
    let (produces, consumes) = (format!("\"produces\": [{all}]"), format!("\"consumes\": [{all}]"));
    let application = Application::new(&channels, &[("writer", &produces), ("reader", &consumes)]);
    let mut writer = application.open("writer").unwrap();
    let mut reader = application.start("reader", &["read", "arrival"]);
    hears(&mut reader, &[READY]);
    let wakes = [0, 126, 127, 128, 130, 252, 253, 254, 255, 256, 298, 299].map(|index| {
        reader.sleeps();
        let start = Instant::now();
        send(writer.outputs.get_mut(index).unwrap(), 7);
        hears(&mut reader, &[&format!("c{index} 7")]);
        start.elapsed()
    });
    assert_woken(wakes.into());
    reader.sleeps();
    reader.tell(QUIT);
    hears(&mut reader, &[QUITTING, "told to quit", "nothing more"]);
}

#[test]
fn a_producer_that_is_killed_keeps_nobody_from_the_other_channels_and_its_successor_goes_on() {
    let application = Application::of_sources(&["a", "b"]);
    let mut b = application.producer("b_source");
    let mut reader = application.start("reader", &["read", "arrival"]);
    hears(&mut reader, &[READY]);
    let mut source = application.start("a_source", &["send", "0", "1", "1000000"]);
    hears(&mut reader, &["a 0", "a 1"]);
    source.kill();
    let mut last = 1;
    send(&mut b, -1);
    loop {
        let line = heard(&mut reader);
        if line == "b -1" {
            break;
        }
        last += 1;
        assert_eq!(line, format!("a {last}"));
    }
    reader.sleeps();
    let mut successor = application.producer("a_source");
    send(&mut b, -2);
    hears(&mut reader, &["b -2"]);
    send(&mut successor, 7);
    hears(&mut reader, &["a 7"]);
}

#[test]
fn a_module_that_is_stopped_takes_no_frame_until_it_is_resumed() {
    let application = Application::of_sources(&["a"]);
    let mut a = application.producer("a_source");
    let mut reader = application.start("reader", &["read", "arrival"]);
    hears(&mut reader, &[READY]);
    reader.tell(STOP);
    hears(&mut reader, &[STOPPED]);
    send(&mut a, 1);
    assert_eq!(received(&mut reader), [0]);
    reader.tell(RESUME);
    hears(&mut reader, &[RESUMED, "a 1"]);
    reader.tell(STOP);
    hears(&mut reader, &[STOPPED]);
    reader.tell(QUIT);
    hears(&mut reader, &[QUITTING, "told to quit", "nothing more"]);
    assert!(reader.succeeds());
}

#[test]
fn quit_ends_the_main_loop_also_with_frames_that_wait() {
    let application = Application::of_sources(&["a", "b"]);
    let mut a = application.producer("a_source");
    let mut reader = application.start("reader", &["read", "merged:stamp"]);
    hears(&mut reader, &[READY]);
    send(&mut a, 1);
    reader.tell(QUIT);
    hears(&mut reader, &[QUITTING, "told to quit", "nothing more"]);
    assert!(reader.succeeds());
    let mut successor = application.start("reader", &["read", "arrival"]);
    hears(&mut successor, &[READY, "a 1"]);
}

#[test]
fn the_end_of_the_controllers_lines_is_as_quit() {
    let application = Application::of_sources(&["a", "b"]);
    let mut reader = application.start("reader", &["read", "arrival"]);
    hears(&mut reader, &[READY]);
    reader.sleeps();
    let mut told = reader.end();
    told.retain(|line| !line.is_empty());
    assert_eq!(told, [QUITTING, "told to quit"]);
    assert!(reader.succeeds());
}

#[test]
fn quit_ends_a_wait_for_space_and_a_stop_is_heard_in_it() {
    let application = Application::of_sources(&["a"]);
    let mut source = application.start("a_source", &["send", "0", "1", "1000000"]);
    hears(&mut source, &[READY]);
    source.sleeps();
    // It waits for a reader that does not come.
    source.tell(STOP);
    let mut sent = 0;
    loop {
        match heard(&mut source).as_str() {
            STOPPED => break,
            line => assert_eq!(line, format!("Sent({sent})")),
        }
        sent += 1;
    }
    let Some(Status { busy_ms: 0, .. }) = status(&mut source) else { panic!("it waits, and does not hang") };
    source.tell(RESUME);
    hears(&mut source, &[RESUMED]);
    source.tell(QUIT);
    hears(&mut source, &[QUITTING, "Unsent", "sent", "nothing more"]);
    assert!(source.succeeds());
    let ends = application.open("reader").unwrap();
    let consumer = ends.inputs.consumer(0).unwrap();
    let frames = std::iter::from_fn(|| consumer.recv(Patience::None).ok().map(|frame| frame.sequence()));
    assert!(frames.eq(0..sent), "every frame that it had sent, and no other");
}

#[test]
fn a_full_channel_that_drops_keeps_its_producer_waiting_for_nothing() {
    let modules = [("source", r#""produces": ["a"]"#), ("reader", r#""consumes": ["a"]"#)];
    let application = Application::new(&[("a", r#", "on_full": "drop""#)], &modules);
    let mut source = application.start("source", &["send", "0", "1", "3000"]);
    hears(&mut source, &[READY]);
    let told: Vec<String> = std::iter::repeat_with(|| heard(&mut source)).take_while(|line| line != "sent").collect();
    let sent = told.iter().take_while(|line| line.starts_with("Sent")).count();
    assert!(sent > 0 && sent < 3000 && told.len() == 3000);
    assert!(told[sent..].iter().enumerate().all(|(index, line)| *line == format!("Dropped({})", sent + index)));
}

#[test]
fn a_question_is_answered_with_counts_and_latencies_since_the_last() {
    let application = Application::of_sources(&["a", "b"]);
    let mut a = application.producer("a_source");
    let mut reader = application.start("reader", &["read", "arrival"]);
    hears(&mut reader, &[READY]);
    for stamp in 0..5 {
        send(&mut a, stamp);
        hears(&mut reader, &[&format!("a {stamp}")]);
    }
    reader.sleeps();
    let Status { busy_ms, channels, .. } = status(&mut reader).unwrap();
    assert_eq!((busy_ms, channels.len()), (0, 2));
    assert_eq!((channels[0].name.as_str(), channels[0].received), ("a", 5));
    assert_eq!((channels[1].name.as_str(), channels[1].received, channels[1].latency), ("b", 0, None));
    let latency = channels[0].latency.unwrap();
    assert!(latency.p50_ns > 0 && latency.p50_ns <= latency.p99_ns);
    let Status { channels, .. } = status(&mut reader).unwrap();
    assert_eq!((channels[0].received, channels[0].latency), (5, None));
}

#[test]
fn a_module_that_hangs_still_answers_and_says_for_how_long_it_is_away() {
    let application = Application::of_sources(&["a"]);
    let mut a = application.producer("a_source");
    let mut module = application.start("reader", &["hang"]);
    hears(&mut module, &[READY]);
    send(&mut a, 0);
    hears(&mut module, &["hanging"]);
    let mut longest = 0;
    eventually("it is away for a while", || {
        let busy_ms = status(&mut module).unwrap().busy_ms;
        assert!(busy_ms >= longest);
        longest = busy_ms;
        busy_ms > 20
    });
}

#[test]
fn a_line_that_is_no_command_is_answered_by_an_error_and_harms_nothing() {
    let application = Application::of_sources(&["a"]);
    let mut reader = application.start("reader", &["read", "arrival"]);
    hears(&mut reader, &[READY]);
    for line in [r#"{"ipc":"dance"}"#, "hello", "{\"ipc\":", &"x".repeat(100_000)] {
        reader.tell(line);
        let Ok(Report::Error { text }) = Report::parse(&heard(&mut reader)) else { panic!("{line}") };
        assert!(!text.is_empty());
    }
    reader.tell(r#"{"ipc":"stop","because":"of nothing"}"#);
    hears(&mut reader, &[STOPPED]);
}

#[test]
fn a_report_begins_a_line_whatever_the_log_has_left() {
    let application = Application::of_sources(&["a"]);
    let mut module = application.start("reader", &["murmur"]);
    hears(&mut module, &[READY]);
    module.sleeps();
    module.tell(STOP);
    hears(&mut module, &["half a line", STOPPED]);
}

#[test]
fn reports_are_whole_among_the_pieces_of_a_log() {
    let one = Application::of_sources(&["a"]);
    // One status of all these is longer than what a pipe takes at once.
    let names: Vec<_> = (0..100).map(|number| format!("a_channel_with_a_name_that_is_long_{number}")).collect();
    let many = Application::of_sources(&names.iter().map(String::as_str).collect::<Vec<_>>());
    for (application, channels) in [(one, 1), (many, 100)] {
        let mut module = application.start("reader", &["chatter"]);
        const QUESTIONS: u64 = 300;
        let (mut listener, mut answered) = (Listener::default(), 0);
        (0..QUESTIONS).for_each(|id| module.tell(&format!(r#"{{"ipc":"ask","id":{id}}}"#)));
        while answered < QUESTIONS {
            let line = module.line().unwrap();
            assert!(line.len() + 2 <= MAX_REPORT_BYTES, "{line}");
            listener.line(&line, |said| match said {
                Said::Report(Ok(Report::Ready)) => {}
                Said::Report(Ok(Report::Status(status))) => {
                    assert_eq!((status.id, status.channels.len()), (answered, channels));
                    answered += 1;
                }
                Said::Report(other) => panic!("{other:?}"),
                // A line may be in two pieces, around a report.
                Said::Log(line) => assert!(["a log in pieces", "a log ", "in pieces", ""].contains(&line), "{line:?}"),
            });
        }
    }
}

#[test]
fn a_module_whose_streams_carry_data_speaks_over_a_descriptor() {
    let application = Application::of_sources(&["a"]);
    let mut a = application.producer("a_source");
    let (controller, module) = UnixStream::pair().unwrap();
    let program = application.command("reader", &["read", "arrival"]);
    let mut shell = Command::new("sh");
    // The socket is the shell's standard input, since that is what this program can hand over, and the module's descriptor 5.
    shell.args(["-c", "exec \"$@\" 5<&0 0</dev/null", "sh"]).arg(program.get_program()).args(program.get_args());
    shell.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?)))).env("IPC_CONTROL_FD", "5");
    let mut child = shell.stdin(OwnedFd::from(module)).stdout(Stdio::piped()).spawn().unwrap();
    drop(shell);
    let mut lines =
        BufReader::new(controller.try_clone().unwrap()).lines().map(Result::unwrap).filter(|line| !line.is_empty());
    assert_eq!(lines.next().unwrap(), READY);
    send(&mut a, 7);
    (&controller).write_all(format!("{STOP}\n").as_bytes()).unwrap();
    assert_eq!(lines.next().unwrap(), STOPPED);
    controller.shutdown(std::net::Shutdown::Write).unwrap();
    assert_eq!(lines.next().unwrap(), QUITTING);
    assert!(child.wait().unwrap().success());
    let mut log = String::new();
    child.stdout.unwrap().read_to_string(&mut log).unwrap();
    assert!(["a 7\ntold to quit\n", "told to quit\n"].contains(&log.as_str()), "no report is among the data: {log}");
}

/// A module of `topology/fusion.json`, compiled for it.
fn typed(application: &Application, module: &str) -> Peer {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fusion"));
    command.env("IPC_TOPOLOGY", application.path()).env("IPC_MODULE", module).env("IPC_DIR", application.directory());
    Peer::start(command)
}

const FUSION: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/topology/fusion.json");

#[test]
fn typed_modules_merge_their_inputs_and_hold_a_frame_while_they_send() {
    let application = Application::of_file(FUSION);
    let [mut recorder, mut tracker] = ["recorder", "tracker"].map(|module| typed(&application, module));
    hears(&mut recorder, &[READY]);
    hears(&mut tracker, &[READY]);
    let [mut camera, mut imu] = ["camera", "imu"].map(|module| typed(&application, module));
    hears(&mut camera, &[READY, "100 images", "nothing more"]);
    hears(&mut imu, &[READY, "nothing more"]);
    let mut told = [(); 4].map(|()| heard(&mut tracker));
    // Ends of channels come when they are seen, also before frames of others.
    told.sort_unstable();
    assert_eq!(told, ["Closed_ is over", "Images is over", "MotionSamples is over", "begin"]);
    hears(&mut tracker, &["990: 100 tracks", "nothing more"]);
    let summary = heard(&mut recorder);
    assert!(summary.ends_with("tracks missed"), "{summary}");
    assert!([recorder, tracker, camera, imu].iter_mut().all(Peer::succeeds));
}

#[test]
fn a_module_that_only_produces_has_a_loop_that_stops_goes_on_and_quits() {
    let modules = [("source", r#""produces": ["a"]"#), ("reader", r#""consumes": ["a"]"#)];
    let application = Application::new(&[("a", r#", "on_full": "drop""#)], &modules);
    let mut source = application.start("source", &["send", "0", "1", "1000000000"]);
    hears(&mut source, &[READY]);
    source.tell(STOP);
    let mut number = 0;
    let mut deliveries_before = |source: &mut Peer, report: &str| {
        loop {
            match heard(source) {
                line if line == report => break,
                line => assert!(line == format!("Sent({number})") || line == format!("Dropped({number})"), "{line}"),
            }
            number += 1;
        }
    };
    deliveries_before(&mut source, STOPPED);
    // The next that it says is its answer, not that it has sent something.
    assert!(status(&mut source).is_some());
    source.tell(RESUME);
    hears(&mut source, &[RESUMED]);
    source.tell(QUIT);
    deliveries_before(&mut source, QUITTING);
    hears(&mut source, &["sent", "nothing more"]);
    assert!(source.succeeds());
}

#[test]
fn a_program_that_was_built_for_another_topology_says_what_differs() {
    let application = Application::of_file(FUSION);
    let module = |module: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fusion"));
        command
            .env("IPC_TOPOLOGY", application.path())
            .env("IPC_MODULE", module)
            .env("IPC_DIR", application.directory());
        let failed = output(command);
        assert!(!failed.status.success());
        String::from_utf8(failed.stderr).unwrap()
    };
    let change = |file: &str, old: &str, new: &str| {
        let path = application.directory().join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(old));
        fs::write(path, text.replace(old, new)).unwrap();
    };
    change("app.json", r#""recorder": {"#, r#""writer": {"#);
    assert!(module("writer").contains("was started as the module \"writer\""), "{}", module("writer"));
    change("app.json", r#""observes": ["closed"],"#, "");
    change(
        "app.json",
        r#""writer": { "command": ["fusion"], "consumes": ["tracks"] }"#,
        r#""writer": { "command": ["fusion"], "consumes": ["tracks", "closed"] }"#,
    );
    assert!(
        module("tracker").contains("it knows the channel \"closed\", and the file observes []"),
        "{}",
        module("tracker")
    );
    change("app.json", r#""produces": ["images"]"#, r#""produces": ["images", "more"]"#);
    change("app.json", r#""images": {"#, r#""more": { "class": "Image", "capacity": "64 KiB" }, "images": {"#);
    change("app.json", r#""consumes": ["tracks", "closed"]"#, r#""consumes": ["tracks", "closed", "more"]"#);
    assert!(
        module("camera").contains("produces [\"images\", \"more\"], and it knows [\"images\"]"),
        "{}",
        module("camera")
    );
    change("fusion_classes.json", r#""text", "type": "string""#, r#""text", "type": "bytes""#);
    assert!(
        module("imu").contains("the class Remark of the channel \"closed\" is another in the file"),
        "{}",
        module("imu")
    );
}

#[test]
fn a_kernel_that_cannot_wait_on_several_rings_is_named_with_the_least_that_can() {
    let application = Application::of_sources(&["a", "b"]);
    let failed = output(application.command("reader", &["old-kernel"]));
    assert!(!failed.status.success());
    let text = String::from_utf8(failed.stderr).unwrap();
    assert!(text.contains("futex_waitv") && text.contains("5.16"), "{text}");
}

#[test]
fn whoever_is_started_without_a_controller_is_told_how_to_start() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_communicator"));
    command.args(["read", "arrival"]).env_remove("IPC_TOPOLOGY").env_remove("IPC_MODULE");
    let failed = output(command);
    let text = String::from_utf8(failed.stderr).unwrap();
    assert!(text.contains("ipc run") && text.contains("from_file"), "{text}");
    let application = Application::of_sources(&["a"]);
    let failed = output(application.command("painter", &["read", "arrival"]));
    let text = String::from_utf8(failed.stderr).unwrap();
    assert!(text.contains("\"painter\"") && text.contains("[\"a_source\", \"reader\"]"), "{text}");
}

fn output(mut command: Command) -> Output {
    command.stdin(Stdio::null()).output().unwrap()
}

/// Asks a module how it is.
fn status(module: &mut Peer) -> Option<Status> {
    module.tell(r#"{"ipc":"ask","id":7}"#);
    match Report::parse(&heard(module)) {
        Ok(Report::Status(status)) if status.id == 7 => Some(status),
        _ => None,
    }
}

/// How many frames of each channel a module has been given.
fn received(module: &mut Peer) -> Vec<u64> {
    status(module).unwrap().channels.iter().map(|channel| channel.received).collect()
}
