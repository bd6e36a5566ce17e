//! A module's main loop in C and C++, as `communicator` shows it for Rust: the test is in the controller's place, the modules are
//! processes under the address and undefined-behaviour sanitizers.
#![forbid(unsafe_code)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use ipc_core::control::{Report, Status};
use ipc_core::raw::Patience;
use ipc_tests::Peer;
use ipc_tests::application::{Application, scan};
use ipc_tests::installed::{compile, export_to, program};
use ipc_tests::main_loop::{QUIT, QUITTING, READY, RESUME, RESUMED, STOP, STOPPED, heard, hears, send};

const TMPDIR: &str = env!("CARGO_TARGET_TMPDIR");

/// A language with a program that does as `tests/src/bin/communicator.rs` does.
#[derive(Debug, Clone, Copy)]
enum Language {
    C,
    Cpp,
}

use Language::{C, Cpp};

const LANGUAGES: [Language; 2] = [C, Cpp];

impl Language {
    /// A module, started as a controller starts it.
    fn start(self, application: &Application, module: &str, arguments: &[&str]) -> Peer {
        Peer::start(self.command(application, module, arguments))
    }

    fn command(self, application: &Application, module: &str, arguments: &[&str]) -> Command {
        static BUILT_C: OnceLock<PathBuf> = OnceLock::new();
        static BUILT_CPP: OnceLock<PathBuf> = OnceLock::new();
        let built = match self {
            C => BUILT_C.get_or_init(|| compile("cc", &["-std=c11"], "bindings/module.c", "module-c", TMPDIR)),
            Cpp => BUILT_CPP.get_or_init(|| {
                // Any application has them.
                let folder = Path::new(TMPDIR).join("exported/classes");
                export_to(&Application::of_sources(&["a"]).directory().join("classes.json"), &folder);
                let options = ["-std=c++17", "-I", folder.to_str().unwrap()];
                compile("c++", &options, "bindings/module.cpp", "module-cpp", TMPDIR)
            }),
        };
        let mut command = program(built, TMPDIR);
        command.args(arguments).env("IPC_TOPOLOGY", application.path()).env("IPC_MODULE", module);
        command
    }
}

#[test]
fn a_merge_over_three_producers_is_in_total_order() {
    for language in LANGUAGES {
        let channels = [("a", ""), ("b", ""), ("c", r#", "class": "Scan", "capacity": 65536"#)];
        let modules = [
            ("one", r#""produces": ["a"]"#),
            ("two", r#""produces": ["b"]"#),
            ("three", r#""produces": ["c"]"#),
            ("reader", r#""consumes": ["a", "c"], "observes": ["b"]"#),
        ];
        let application = Application::new(&channels, &modules);
        let mut two = application.producer("two");
        send(&mut two, -5000);
        let mut reader = language.start(&application, "reader", &["read", "merged:stamp"]);
        hears(&mut reader, &[READY]);
        let mut one = language.start(&application, "one", &["send", "-3000", "3", "2000"]);
        let mut scans = application.producer("three");
        for stamp in 0..1000 {
            scans.send(&scan(stamp * 5 - 1000), Patience::Endless).unwrap();
        }
        scans.close().unwrap();
        hears(&mut reader, &["b -5000"]);
        two.close().unwrap();
        hears(&mut reader, &["b is closed"]);
        let mut expected: Vec<i64> = (0..2000).map(|n| n * 3 - 3000).chain((0..1000).map(|n| n * 5 - 1000)).collect();
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
        assert_eq!(merged, expected, "{language:?}");
        assert_eq!(heard(&mut reader), "nothing more");
        one.end();
        assert!(reader.succeeds() && one.succeeds(), "{language:?}: it frees all that it had");
    }
}

#[test]
fn frames_come_in_the_order_that_the_module_chooses() {
    let orders: [(&str, [&str; 4]); 3] = [
        ("arrival", ["b 1", "a 2", "a 3", "b 4"]),
        ("round", ["a 2", "b 1", "a 3", "b 4"]),
        ("priority:b", ["b 1", "b 4", "a 2", "a 3"]),
    ];
    for (language, (order, expected)) in
        LANGUAGES.into_iter().flat_map(|language| orders.map(|order| (language, order)))
    {
        let application = Application::of_sources(&["a", "b"]);
        let [mut a, mut b] = ["a_source", "b_source"].map(|module| application.producer(module));
        send(&mut b, 1);
        send(&mut a, 2);
        send(&mut a, 3);
        send(&mut b, 4);
        let mut reader = language.start(&application, "reader", &["read", order]);
        hears(&mut reader, &[READY]);
        hears(&mut reader, &expected);
    }
}

#[test]
fn a_module_stops_goes_on_answers_and_quits() {
    for language in LANGUAGES {
        let application = Application::of_sources(&["a"]);
        let mut a = application.producer("a_source");
        let mut reader = language.start(&application, "reader", &["read", "arrival"]);
        hears(&mut reader, &[READY]);
        reader.tell(STOP);
        hears(&mut reader, &[STOPPED]);
        send(&mut a, 1);
        assert_eq!(received(&mut reader), 0, "{language:?}");
        reader.tell(RESUME);
        hears(&mut reader, &[RESUMED, "a 1"]);
        assert_eq!(received(&mut reader), 1, "{language:?}");
        reader.tell(QUIT);
        hears(&mut reader, &[QUITTING, "told to quit", "nothing more"]);
        assert!(reader.succeeds(), "{language:?}");
    }
}

#[test]
fn quit_ends_a_wait_for_space_and_a_stop_is_heard_in_it() {
    for language in LANGUAGES {
        let application = Application::of_sources(&["a"]);
        let mut source = language.start(&application, "a_source", &["send", "0", "1", "1000000"]);
        hears(&mut source, &[READY]);
        source.sleeps();
        source.tell(STOP);
        let mut sent = 0;
        loop {
            match heard(&mut source).as_str() {
                STOPPED => break,
                line => assert_eq!(line, format!("Sent({sent})")),
            }
            sent += 1;
        }
        source.tell(RESUME);
        hears(&mut source, &[RESUMED]);
        source.tell(QUIT);
        hears(&mut source, &[QUITTING, "Unsent", "sent", "nothing more"]);
        assert!(source.succeeds(), "{language:?}");
        let ends = application.open("reader").unwrap();
        let consumer = ends.inputs.consumer(0).unwrap();
        let frames = std::iter::from_fn(|| consumer.recv(Patience::None).ok().map(|frame| frame.sequence()));
        assert!(frames.eq(0..sent), "{language:?}: every frame that it had sent, and no other");
    }
}

#[test]
fn a_full_channel_that_drops_keeps_its_producer_waiting_for_nothing() {
    for language in LANGUAGES {
        let modules = [("source", r#""produces": ["a"]"#), ("reader", r#""consumes": ["a"]"#)];
        let application = Application::new(&[("a", r#", "on_full": "drop""#)], &modules);
        let mut source = language.start(&application, "source", &["send", "0", "1", "3000"]);
        hears(&mut source, &[READY]);
        let told: Vec<String> =
            std::iter::repeat_with(|| heard(&mut source)).take_while(|line| line != "sent").collect();
        let sent = told.iter().take_while(|line| line.starts_with("Sent")).count();
        assert!(sent > 0 && sent < 3000 && told.len() == 3000, "{language:?}: {sent} of {}", told.len());
        assert!(told[sent..].iter().enumerate().all(|(index, line)| *line == format!("Dropped({})", sent + index)));
    }
}

#[test]
fn frames_that_are_held_outlive_their_communicator() {
    for language in LANGUAGES {
        let application = Application::of_sources(&["a", "b"]);
        let [mut a, mut b] = ["a_source", "b_source"].map(|module| application.producer(module));
        send(&mut a, 1);
        send(&mut b, 2);
        send(&mut a, 3);
        let mut reader = language.start(&application, "reader", &["hold"]);
        hears(&mut reader, &[READY]);
        let told: Vec<_> =
            std::iter::repeat_with(|| heard(&mut reader)).take_while(|line| line != "nothing more").collect();
        assert_eq!(
            told.into_iter().filter(|line| line != QUITTING).collect::<Vec<_>>(),
            ["held 3", "held 2", "held 1"]
        );
        assert!(reader.succeeds(), "{language:?}: it frees all that it had");
        let mut successor = language.start(&application, "reader", &["read", "arrival"]);
        send(&mut a, 4);
        hears(&mut successor, &[READY, "a 4"]);
    }
}

#[test]
fn what_a_module_has_not_is_told_with_the_texts_of_rust() {
    for language in LANGUAGES {
        let modules = [
            ("reader", r#""consumes": ["a"], "produces": ["b"]"#),
            ("source", r#""produces": ["a"]"#),
            ("sink", r#""consumes": ["b"]"#),
        ];
        let application = Application::new(&[("a", ""), ("b", "")], &modules);
        let classes = application.directory().join("classes.json");
        let mut reader = language.start(&application, "reader", &["refusals", classes.to_str().unwrap()]);
        hears(
            &mut reader,
            &[
                READY,
                r#"the module reads no channel "x": expected one of ["a"]"#,
                r#"the channel "a" is for another class than this program's:"#,
                r#"the module writes no channel "a": expected one of ["b"]"#,
                r#"the channel "b" is for another class than this program's:"#,
                r#"frames of the channel "a" cannot be merged by "weight": the class Sample has no member "weight""#,
                r#"the module reads no channel "x": expected one of ["a"]"#,
                "no frame on any channel",
                "no frame on any channel within 1ms",
            ],
        );
        reader.end();
        assert!(reader.succeeds(), "{language:?}");
        let mut alone = language.command(&application, "painter", &["read", "arrival"]);
        let failed = |command: &mut Command| {
            let output = command.stdin(Stdio::null()).output().unwrap();
            assert!(!output.status.success());
            String::from_utf8(output.stderr).unwrap().trim_end().to_owned()
        };
        assert_eq!(failed(&mut alone), application.open("painter").unwrap_err().to_string(), "{language:?}");
        let text = failed(alone.env_remove("IPC_TOPOLOGY"));
        assert!(text.contains("ipc run") && text.contains("from_file"), "{language:?}: {text}");
    }
}

/// How many frames of its first channel a module has been given, as it answers its controller.
fn received(module: &mut Peer) -> u64 {
    module.tell(r#"{"ipc":"ask","id":7}"#);
    match Report::parse(&heard(module)) {
        Ok(Report::Status(Status { id: 7, channels, .. })) => channels[0].received,
        other => panic!("{other:?}"),
    }
}
