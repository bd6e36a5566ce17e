//! `ipc run` with real processes: what it starts, how it is steered, and what it tells. How it ends is in `controller_ends`.
#![forbid(unsafe_code)]

use std::process::Stdio;

use ipc_tests::controlled::{Controlled, Run, kill};
use ipc_tests::eventually;
use rustix::process::Signal;
use serde_json::Value;

/// Two modules that are shell scripts, without channels.
fn scripts(first: &str, second: &str) -> Controlled {
    Controlled::new(
        "",
        &format!(
            r#""one": {{ "command": ["$MODULE"], "control": "stdio" {first} }},
               "two": {{ "command": ["$MODULE"], "control": "stdio" {second} }}"#
        ),
    )
}

#[test]
fn rings_are_made_modules_start_against_the_flow_and_every_frame_arrives() {
    let application = Controlled::pair("", "");
    let mut run = application.run(&[]);
    assert_eq!(run.wait_for_line("reader", "first "), "0");
    assert_eq!(application.rings(), ["ticks.ring"]);
    run.wait_for_line("reader", "at 100");
    assert_eq!(run.types("quit").1, "all modules have ended");
    run.ends_well();
    assert_eq!(run.modules_of("ready"), ["reader", "sender"], "who writes starts when all can read");
    assert_eq!(run.modules_of("quitting"), ["sender", "reader"], "who reads ends after who writes");
    let last = run.seen.iter().filter_map(|event| event["text"].as_str()?.strip_prefix("last ")).next_back();
    let sent = run.seen.iter().filter_map(|event| event["text"].as_str()?.strip_prefix("sent ")).next_back();
    assert_eq!(last, sent, "and takes all that is left");
    assert_eq!(run.modules_of("ended"), ["sender", "reader"]);
    assert_eq!(run.seen.iter().find(|event| event["event"] == "end").unwrap()["ok"], true);
}

#[test]
fn stop_and_resume_and_restart_and_quit_are_typed_or_come_from_another_terminal() {
    let application = Controlled::pair("", "");
    let mut run = application.run(&[]);
    run.wait_for("running", "");
    let answers = |run: &mut Run<'_>, command: &str, module: &str| {
        let expected = application.tell(command, &[module]);
        run.wait_for("command", "");
        // The opposite, so that typing has something to do.
        match command {
            "stop" => application.tell("resume", &[module]),
            "resume" => application.tell("stop", &[module]),
            _ => String::new(),
        };
        if matches!(command, "stop" | "resume") {
            run.wait_for("command", "");
        }
        assert_eq!(run.types(&format!("{command} {module}")), (true, expected.clone()));
        expected
    };
    assert_eq!(answers(&mut run, "stop", "reader"), "reader is stopped");
    // The ring fills while its consumer stands still, and the producer waits.
    eventually("the ring is full", || {
        let status = application.status();
        let ticks = &status["channels"][0];
        ticks["used_bytes"].as_u64() > Some(60 << 10) && ticks["slowest"] == "reader"
    });
    assert_eq!(answers(&mut run, "resume", "reader"), "reader is resumed");
    assert_eq!(answers(&mut run, "restart", "reader"), "reader is restarted");
    assert_eq!(application.tell("stop", &[]), "sender, reader are stopped");
    assert_eq!(application.tell("resume", &[]), "sender, reader are resumed");
    assert_eq!(application.tell("quit", &["sender"]), "sender is ended");
    run.wait_for("ended", "sender");
    assert_eq!(application.tell("restart", &["sender"]), "sender is restarted");
    assert_eq!(application.tell("quit", &[]), "all modules have ended");
    application.leaves_nothing();
    run.ends_well();
}

#[test]
fn what_cannot_be_done_is_refused_with_the_reason() {
    let application = Controlled::new(
        "",
        r#""one": { "command": ["$MODULE"], "control": "stdio" }, "clock": { "command": ["sleep", "1000"] }"#,
    );
    let not_there = format!("error: {} does not run: `ipc run` starts it", application.file().display());
    assert_eq!(application.refuses("stop", &[]), not_there);
    let mut run = application.run(&[]);
    run.wait_for("running", "");
    let unknown = "there is no module `tow`: expected one of one, clock";
    assert_eq!(application.refuses("stop", &["tow"]), format!("error: {unknown}"));
    run.wait_for("command", "");
    assert_eq!(run.types("stop tow"), (false, unknown.into()));
    let (_, answer) = run.types("halt");
    assert_eq!(answer, "expected stop, resume, restart or quit [MODULE], detach CHANNEL SLOT, status; found `halt`");
    let silent = "error: clock does not speak with its controller (`\"control\": \"none\"`)";
    assert_eq!(application.refuses("stop", &["clock"]), silent);
    assert_eq!(application.tell("stop", &[]), "one is stopped", "of all, those that can");
    assert_eq!(application.tell("quit", &["one"]), "one is ended");
    assert_eq!(application.refuses("resume", &["one"]), "error: one is ended");
    application.tell("quit", &[]);
    run.ends_well();
}

#[test]
fn each_restart_policy_starts_again_after_its_ends_alone() {
    let quick =
        |when: &str| format!(r#", "restart": {{ "when": "{when}", "first_delay": "10 ms", "longest_delay": "1 h" }}"#);
    let fails = r#""command": ["sh", "-c", "exit 3"]"#;
    let succeeds = r#""command": ["true"]"#;
    let modules = |command: &str, restart: &str| {
        format!(r#""other": {{ "command": ["sleep", "1000"] }}, "module": {{ {command} {restart} }}"#)
    };
    // One that is started again four times, and then no more.
    let attempts = r#", "restart": { "when": "on-failure", "first_delay": "10 ms", "attempts": 4 }"#;
    for (command, restart, starts) in
        [(fails, quick("never"), 1), (succeeds, quick("on-failure"), 1), (fails, attempts.to_owned(), 5)]
    {
        let application = Controlled::new("", &modules(command, &restart));
        let mut run = application.run(&[]);
        let last = loop {
            let ended = run.wait_for("ended", "module");
            if ended["restart_in_ms"].is_null() {
                break ended;
            }
        };
        assert_eq!(last["exit_status"], if command == fails { 3 } else { 0 });
        assert_eq!(run.modules_of("started").iter().filter(|name| **name == "module").count(), starts, "{restart}");
        run.types("quit");
        let status = run.ends();
        assert_eq!(status.code(), Some(i32::from(command == fails)));
    }
    for (command, restart) in [(fails, quick("on-failure")), (succeeds, quick("always")), (fails, quick("always"))] {
        let application = Controlled::new("", &modules(command, &restart));
        let mut run = application.run(&[]);
        let delays: Vec<_> = (0..4).map(|_| run.wait_for("ended", "module")["restart_in_ms"].as_u64()).collect();
        assert_eq!(delays, [Some(10), Some(20), Some(40), Some(80)], "{restart}");
        run.type_line("quit");
        run.ends();
        application.leaves_nothing();
    }
}

#[test]
fn the_end_of_a_module_means_for_the_rest_what_the_topology_says() {
    for (on_end, exits, goes_on) in
        [("continue", 3, true), ("quit-on-failure", 0, true), ("quit-on-failure", 3, false), ("quit", 0, false)]
    {
        let application = Controlled::new(
            "",
            &format!(
                r#""other": {{ "command": ["sleep", "1000"] }},
                   "module": {{ "command": ["sh", "-c", "exit {exits}"], "on_end": "{on_end}" }}"#
            ),
        );
        let mut run = application.run(&[]);
        run.wait_for("ended", "module");
        if goes_on {
            assert_eq!(application.tell("quit", &["other"]), "other is ended");
        } else {
            run.wait_for("ending", "");
            run.wait_for("ended", "other");
        }
        assert_eq!(run.ends().code(), Some(i32::from(exits != 0)), "{on_end}");
        application.leaves_nothing();
    }
}

#[test]
fn a_killed_module_is_named_and_starts_again_where_it_was() {
    for victim in ["sender", "reader"] {
        let restart = r#", "restart": { "when": "on-failure", "first_delay": "10 ms" }"#;
        let application = Controlled::pair(restart, restart);
        let mut run = application.run(&[]);
        run.wait_for_line("reader", "at 100");
        kill(application.process(if victim == "sender" { "worker send" } else { "worker read" }), Signal::KILL);
        let ended = run.wait_for("ended", victim);
        assert_eq!((&ended["signal"], &ended["how"]), (&9.into(), &"was ended by SIGKILL".into()));
        let last: u64 = run.seen.iter().filter_map(at).max().unwrap();
        run.wait_for("ready", victim);
        let first = (victim == "reader").then(|| run.wait_for_line("reader", "first ").parse::<u64>().unwrap());
        run.wait_for_line("reader", &format!("at {}", last + 300));
        run.type_line("quit");
        run.ends_well();

        let mut numbers = application.numbers();
        let twice: Vec<_> = numbers.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
        numbers.dedup();
        assert!(numbers.into_iter().eq(0..=said(&run, "sent ")), "{victim}: every frame, in order");
        // The frame that the reader had not given back comes again, and no other.
        assert!(twice.is_empty() || first.is_some_and(|first| twice == [first]), "{victim}: {twice:?}, {first:?}");
    }
}

#[test]
fn a_restarted_consumer_loses_nothing_and_gets_nothing_twice() {
    let application = Controlled::pair("", "");
    let mut run = application.run(&[]);
    run.wait_for_line("reader", "at 100");
    for _ in 0..3 {
        assert_eq!(application.tell("restart", &["reader"]), "reader is restarted");
        let last: u64 = run.wait_for_line("reader", "last ").parse().unwrap();
        assert_eq!(run.wait_for_line("reader", "first "), (last + 1).to_string());
        run.wait_for_line("reader", "at ");
    }
    run.type_line("quit");
    run.ends_well();
    assert!(application.numbers().into_iter().eq(0..=said(&run, "sent ")), "every frame, once");
}

/// The number that a module has said last, behind these words.
fn said(run: &Run<'_>, words: &str) -> u64 {
    run.seen.iter().rev().find_map(|event| event["text"].as_str()?.strip_prefix(words)).unwrap().parse().unwrap()
}

/// The number of a frame that the reader had.
fn at(event: &Value) -> Option<u64> {
    event["text"].as_str()?.strip_prefix("at ")?.parse().ok()
}

#[test]
fn a_module_that_hangs_is_named_and_one_that_goes_on_too() {
    let application = Controlled::pair("", "");
    let mut run = application.run(&["--hang-after", "2"]);
    run.wait_for("running", "");
    let reader = application.process("worker read");
    kill(reader, Signal::STOP);
    let why = run.wait_for("hangs", "reader")["why"].as_str().unwrap().to_owned();
    assert!(why.starts_with("it has not answered for "), "{why}");
    let status = application.tell("status", &[]);
    assert!(status.lines().any(|line| line.starts_with("reader") && line.contains("✖ hangs")), "{status}");
    let refused = application.refuses("stop", &["reader"]);
    let expected = "error: reader has not done so yet, it hangs: it has not answered for ";
    assert!(refused.starts_with(expected), "{refused}");
    kill(reader, Signal::CONT);
    run.wait_for("recovered", "reader");
    run.type_line("quit");
    run.ends_well();
}

#[test]
fn a_controller_that_stands_still_is_named_by_who_asks_it() {
    let application = Controlled::pair("", "");
    let mut run = application.run(&[]);
    run.wait_for("running", "");
    run.signal(Signal::STOP);
    let controller = application.process("app.json");
    let expected = format!("its controller, process {controller}, has given no sign of life for 5 s: `kill -CONT");
    let commands = ["status", "run", "stop", "resume", "restart", "quit"];
    let asked = commands.map(|command| (command, application.command(command, &[]).stderr(Stdio::piped()).spawn()));
    for (command, asked) in asked {
        let output = asked.unwrap().wait_with_output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && error.contains(&expected), "{command}: {error}");
    }
    run.signal(Signal::CONT);
    // It hears all of them now, the last one too.
    run.ends();
    application.leaves_nothing();
}

#[test]
fn a_command_that_takes_its_time_is_waited_for() {
    let application = Controlled::new(
        "",
        r#""one": { "command": ["$MODULE"], "control": "stdio" },
           "two": { "command": ["$MODULE", "stubborn"], "control": "stdio", "quit_within": "7 s" }"#,
    );
    let mut run = application.run(&[]);
    run.wait_for("running", "");
    let answer = application.refuses("quit", &["two"]);
    assert_eq!(answer, "error: two did not end within 7.0 s and was ended by force");
    run.type_line("quit");
    run.ends();
    application.leaves_nothing();
}

#[test]
fn an_application_whose_file_is_gone_is_reached_by_where_it_was() {
    for gone in ["file", "moved", "folder"] {
        let application = scripts("", "");
        let folder = application.directory().join("moved");
        std::fs::create_dir(&folder).unwrap();
        std::fs::rename(application.file(), folder.join("app.json")).unwrap();
        // What the tests name is a link, here.
        std::os::unix::fs::symlink("moved/app.json", application.file()).unwrap();
        let mut run = application.run(&[]);
        run.wait_for("running", "");
        match gone {
            "file" => std::fs::remove_file(folder.join("app.json")).unwrap(),
            "moved" => std::fs::rename(folder.join("app.json"), folder.join("new.json")).unwrap(),
            _ => std::fs::remove_dir_all(&folder).unwrap(),
        }
        assert_eq!(application.tell("stop", &["one"]), "one is stopped", "{gone}");
        assert!(application.tell("status", &[]).contains("■ stopped"), "{gone}");
        assert_eq!(application.tell("quit", &[]), "all modules have ended", "{gone}");
        run.ends_well();
        let refused = application.refuses("stop", &[]);
        assert!(refused.contains("is not there, and no application of it runs"), "{refused}");
    }
}

#[test]
fn a_main_loop_that_does_not_come_back_hangs_and_is_ended_by_force() {
    let application = Controlled::new(
        r#""ticks": { "class": "Tick", "capacity": "64 KiB" }"#,
        r#""sender": { "command": ["$WORKER", "send"], "produces": ["ticks"] },
           "reader": { "command": ["$WORKER", "hang"], "consumes": ["ticks"], "quit_within": "300 ms" }"#,
    );
    let mut run = application.run(&["--hang-after", "2"]);
    run.wait_for("hangs", "reader");
    eventually("the status says why", || {
        let status = application.status();
        status["modules"][1]["note"].as_str().is_some_and(|why| why.starts_with("its main loop has not come back for "))
    });
    run.type_line("quit");
    assert_eq!(run.wait_for("forced", "reader")["why"], "did not end within 0.3 s");
    let status = run.ends();
    assert_eq!(status.code(), Some(1));
    let end = run.seen.iter().find(|event| event["event"] == "end").unwrap();
    assert_eq!(end["failed"], serde_json::json!(["reader did not end within 0.3 s and was ended by force"]));
    application.leaves_nothing();
}

#[test]
fn one_that_is_not_ready_in_time_is_ended_and_named() {
    let application = Controlled::new(
        "",
        r#""one": { "command": ["$MODULE", "late"], "control": "stdio", "ready_within": "300 ms" },
           "two": { "command": ["$MODULE"], "control": "stdio", "on_end": "quit" }"#,
    );
    let mut run = application.run(&[]);
    let why = run.wait_for("forced", "one")["why"].as_str().unwrap().to_owned();
    assert!(why.starts_with("was not ready within 0.3 s (a module that does not link the library"), "{why}");
    run.wait_for("running", "");
    run.type_line("quit");
    assert_eq!(run.ends().code(), Some(1));
    application.leaves_nothing();
}

#[test]
fn a_program_that_is_not_there_is_named_with_where_it_was_looked_for() {
    let application = Controlled::new(
        "",
        r#""one": { "command": ["./nowhere"] }, "two": { "command": ["no-such-program"] },
           "three": { "command": ["sh"], "folder": "missing" }"#,
    );
    let mut run = application.run(&[]);
    assert_eq!(run.ends().code(), Some(1));
    let how = |module: &str| {
        let ended = run.seen.iter().find(|event| event["event"] == "ended" && event["module"] == module).unwrap();
        ended["how"].as_str().unwrap().to_owned()
    };
    let directory = application.directory().display();
    assert_eq!(how("one"), format!("could not be started: {directory}/./nowhere is not there"));
    assert!(how("two").starts_with("could not be started: there is no program `no-such-program` in PATH, which is /"));
    assert_eq!(how("three"), format!("could not be started: its folder {directory}/missing is not there"));
    application.leaves_nothing();
}

#[test]
fn an_application_runs_once() {
    let application = scripts("", "");
    let mut run = application.run(&[]);
    run.wait_for("running", "");
    let refused = application.refuses("run", &[]);
    assert!(
        refused.contains("app.json runs already (controller ") && refused.ends_with("`ipc quit` ends it"),
        "{refused}"
    );
    assert_eq!(application.processes().len(), 4, "controller, guard and two modules as before");
    application.tell("quit", &[]);
    run.ends_well();
}

#[test]
fn output_is_kept_line_by_line_whatever_its_bytes_are() {
    let application = Controlled::new(
        "",
        r#""one": { "command": ["sh", "-c", "printf 'whole\\nin '; printf 'parts\\n\\377\\376 bytes\\nno end'; echo wrong >&2"] }"#,
    );
    let mut run = application.run(&[]);
    run.ends_well();
    let lines = |stream: &str| -> Vec<&str> {
        let outputs = run.seen.iter().filter(|event| event["event"] == "output" && event["stream"] == stream);
        outputs.filter_map(|event| event["text"].as_str()).collect()
    };
    assert_eq!(lines("output"), ["whole", "in parts", "\u{fffd}\u{fffd} bytes", "no end"]);
    assert_eq!(lines("error"), ["wrong"]);
    let ended = run.seen.iter().position(|event| event["event"] == "ended");
    let output = run.seen.iter().rposition(|event| event["event"] == "output");
    assert!(output < ended, "a module's last words come before its end");
}

#[test]
fn a_module_whose_standard_streams_carry_data_is_steered_by_another_descriptor() {
    let application = Controlled::new(
        r#""ticks": { "class": "Tick", "capacity": "64 KiB" }"#,
        r#""sender": { "command": ["$WORKER", "send"], "produces": ["ticks"] },
           "copy": { "command": ["sh", "-c", "printf 'some {\"ipc\":\"stopped\"} data' | $WORKER copy > copied"],
                     "control": "descriptor", "observes": ["ticks"] }"#,
    );
    let mut run = application.run(&[]);
    run.wait_for("ready", "copy");
    let copied = application.directory().join("copied");
    eventually("the data is copied", || {
        std::fs::read(&copied).is_ok_and(|data| data == br#"some {"ipc":"stopped"} data"#)
    });
    assert_eq!(application.tell("stop", &["copy"]), "copy is stopped");
    assert_eq!(application.tell("resume", &["copy"]), "copy is resumed");
    run.type_line("quit");
    run.ends_well();
}

#[test]
fn the_status_tells_of_modules_and_rings_also_without_a_controller() {
    let application = Controlled::pair("", "");
    let output = application.ipc("status", &[]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text.starts_with("app.json  not running") && !text.contains("CHANNEL"), "{text}");
    let mut run = application.run(&[]);
    run.wait_for_line("reader", "at 200");
    eventually("there are rates and latencies", || {
        let status = application.status();
        let (modules, ticks) = (&status["modules"], &status["channels"][0]);
        assert_eq!(
            (&status["phase"], &modules[0]["name"], &ticks["class"]),
            (&"running".into(), &"sender".into(), &"Tick".into())
        );
        ticks["frames_per_s"].as_f64() > Some(1.0)
            && ticks["latency_p99_ns"].as_u64() > Some(0)
            && modules[0]["sent_per_s"].as_f64() > Some(1.0)
            && modules[1]["received_per_s"].as_f64() > Some(1.0)
    });
    let text = application.tell("status", &[]);
    assert!(text.lines().any(|line| line.starts_with("reader  ● running")), "{text}");
    run.type_line("quit");
    run.ends_well();
}

#[test]
fn a_ring_that_is_deleted_meanwhile_is_named_once_with_what_to_do() {
    let application = Controlled::new(
        r#""ticks": { "class": "Tick", "capacity": "64 KiB" },
           "kept": { "class": "Tick", "capacity": "64 KiB", "disk": "kept.ring" },
           "alone": { "class": "Tick", "capacity": "64 KiB", "isolated": true }"#,
        r#""sender": { "command": ["$WORKER", "send"], "produces": ["ticks", "kept", "alone"] },
           "reader": { "command": ["$WORKER", "read"], "consumes": ["ticks", "kept", "alone"] }"#,
    );
    let mut run = application.run(&[]);
    run.wait_for_line("reader", "first ");
    for (channel, path) in [
        ("ticks", application.rings_directory().join("ticks.ring")),
        ("kept", application.directory().join("kept.ring")),
    ] {
        std::fs::remove_file(&path).unwrap();
        let told = run.wait_for("problem", "")["text"].as_str().unwrap().to_owned();
        let begins = format!("channel {channel}: its ring {} was deleted, moved or replaced: ", path.display());
        assert!(told.starts_with(&begins) && told.ends_with("by `ipc quit`, and run it again"), "{told}");
        let status = application.status();
        let row = status["channels"].as_array().unwrap().iter().find(|row| row["name"] == channel).unwrap();
        assert_eq!(told, format!("channel {channel}: {}", row["problem"].as_str().unwrap()));
    }
    // A module that is started again makes another one, which is no remedy.
    application.tell("restart", &["reader"]);
    assert_eq!(application.rings(), ["ticks.ring"]);
    let status = application.status();
    assert!(status["channels"][0]["problem"].is_string(), "{status}");
    assert!(status["channels"][2]["problem"].is_null(), "an isolated one has no file");
    run.type_line("quit");
    run.ends_well();
    assert_eq!(run.seen.iter().filter(|event| event["event"] == "problem").count(), 2, "{:#?}", run.seen);
}

#[test]
fn a_slot_is_detached_by_hand() {
    let application = Controlled::new(
        r#""ticks": { "class": "Tick", "capacity": "4 KiB", "keep": true }"#,
        r#""sender": { "command": ["$WORKER", "send"], "produces": ["ticks"] },
           "reader": { "command": ["sleep", "1000"], "consumes": ["ticks"], "control": "none" }"#,
    );
    let mut run = application.run(&[]);
    let sent = || application.status()["channels"][0].clone();
    run.wait_for("running", "");
    eventually("the producer waits for who does not come", || {
        let ticks = sent();
        ticks["slowest"] == "reader" && ticks["slowest_attached"] == false && ticks["used_bytes"].as_u64() > Some(4000)
    });
    let before = sent()["sent"].as_u64().unwrap();
    let detach = |slot: &str| {
        let mut command = std::process::Command::new(ipc_tests::controlled::ipc());
        command.args(["detach", "ticks", slot]).env("IPC_DIR", application.rings_directory()).stderr(Stdio::piped());
        command.output().unwrap()
    };
    let refused = detach("raeder");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("expected one of [\"reader\"]"), "{refused:?}");
    assert!(detach("reader").status.success());
    eventually("the producer goes on", || sent()["sent"].as_u64() > Some(before + 100));
    run.type_line("quit");
    assert!(run.ends().success());
    assert_eq!(application.rings(), ["ticks.ring"], "it was asked to stay");
}

#[test]
fn a_slot_of_an_isolated_channel_is_detached_by_its_controller() {
    let application = Controlled::new(
        r#""ticks": { "class": "Tick", "capacity": "4 KiB", "isolated": true }"#,
        r#""sender": { "command": ["$WORKER", "send"], "produces": ["ticks"] },
           "reader": { "command": ["sleep", "1000"], "consumes": ["ticks"], "control": "none" }"#,
    );
    let mut run = application.run(&[]);
    let sent = || application.status()["channels"][0].clone();
    run.wait_for("running", "");
    eventually("the producer waits for who does not come", || sent()["used_bytes"].as_u64() > Some(4000));
    let before = sent()["sent"].as_u64().unwrap();
    let detach = |words: [&str; 2]| {
        let mut command = std::process::Command::new(ipc_tests::controlled::ipc());
        command.arg("detach").args(words).arg("--app").arg(application.file());
        let output = command.output().unwrap();
        (output.status.success(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
    };
    assert_eq!(
        detach(["tocks", "reader"]),
        (false, "error: there is no channel `tocks`: expected one of ticks\n".into())
    );
    assert!(detach(["ticks", "raeder"]).1.contains("expected one of [\"reader\"]"));
    assert_eq!(detach(["ticks", "reader"]), (true, "the slot reader holds nobody back any more\n".into()));
    eventually("the producer goes on", || sent()["sent"].as_u64() > Some(before + 100));
    while run.wait_for("command", "")["ok"] == false {}
    assert!(run.types("detach ticks raeder").1.contains("expected one of [\"reader\"]"), "typed as well");
    run.type_line("quit");
    run.ends_well();
}
