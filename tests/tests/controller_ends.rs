//! However an application run by `ipc run` ends, no process, no lock and no ring stays behind.
#![forbid(unsafe_code)]

use ipc_core::raw::RawChannel;
use ipc_tests::controlled::{Controlled, Run, kill};
use ipc_tests::eventually;
use rustix::process::Signal;

/// A shell between the controller and each module; one of them leaves a daemon behind, forked twice in a session of its own.
fn with_grandchildren() -> Controlled {
    Controlled::new(
        r#""ticks": { "class": "Tick", "capacity": "64 KiB" }"#,
        r#""sender": { "command": ["sh", "-c", "$WORKER send; true"], "produces": ["ticks"],
                       "restart": { "when": "on-failure", "first_delay": "10 ms" } },
           "reader": { "command": ["sh", "-c", "(setsid sh -c 'sleep 1111 & sleep 1112' &); $WORKER read; true"],
                       "consumes": ["ticks"], "restart": { "when": "on-failure", "first_delay": "10 ms" } },
           "clock": { "command": ["sh", "-c", "trap '' TERM INT HUP; sleep 1113 & sleep 1114; sleep 1115"], "quit_within": "100 ms" }"#,
    )
}

/// Runs it, until frames flow and all its processes are there.
fn run_whole(application: &Controlled) -> Run<'_> {
    let mut run = application.run(&[]);
    run.wait_for_line("reader", "at 100");
    is_whole(application);
    run
}

/// Waits until all processes of it are there.
fn is_whole(application: &Controlled) {
    for part in ["worker send", "worker read", "sleep 1111", "sleep 1112", "sleep 1113", "sleep 1114", "run-guard"] {
        eventually(part, || application.processes().iter().filter(|(_, line)| line.contains(part)).count() >= 1);
    }
}

#[test]
fn nothing_is_left_after_quit_and_after_each_signal() {
    for way in ["typed", "told", "INT", "TERM", "HUP"] {
        let application = Controlled::pair("", "");
        let mut run = application.run(&[]);
        run.wait_for_line("reader", "at 100");
        match way {
            "typed" => run.type_line("quit"),
            "told" => drop(application.tell("quit", &[])),
            "INT" => run.signal(Signal::INT),
            "TERM" => run.signal(Signal::TERM),
            _ => run.signal(Signal::HUP),
        }
        run.ends_well();
        assert_eq!(run.modules_of("ended"), ["sender", "reader"], "{way}");
    }
}

#[test]
fn under_nohup_the_end_of_the_terminal_ends_nothing() {
    let application = Controlled::pair("", "");
    let mut run = application.run_by(&["nohup"], &[]);
    run.wait_for("running", "");
    run.signal(Signal::HUP);
    application.tell("quit", &[]);
    run.ends_well();
    let ending = run.seen.iter().find(|event| event["event"] == "ending").unwrap();
    assert_eq!(ending["why"], "it was told to quit");
}

#[test]
fn nothing_is_left_when_the_controller_is_killed() {
    let application = with_grandchildren();
    let run = run_whole(&application);
    run.signal(Signal::KILL);
    application.leaves_nothing();
    // And at once it runs again: the name was free only when nothing was left.
    let mut again = application.run(&[]);
    assert_eq!(again.wait_for_line("reader", "first "), "0", "of a new ring");
    again.signal(Signal::KILL);
    let mut at_once = application.run(&[]);
    assert_eq!(at_once.wait_for_line("reader", "first "), "0");
    at_once.signal(Signal::KILL);
    application.leaves_nothing();
}

#[test]
fn nothing_is_left_when_the_guard_is_killed_and_the_controller_says_so() {
    let application = with_grandchildren();
    let mut run = run_whole(&application);
    kill(application.process("run-guard"), Signal::KILL);
    assert_eq!(run.ends().code(), Some(1));
    let end = run.seen.last().unwrap();
    assert!(end["failed"][0].as_str().unwrap().starts_with("the guard, the process that started"), "{end}");
    application.leaves_nothing();
}

#[test]
fn what_is_left_when_controller_and_guard_are_killed_in_the_same_instant_is_named_by_the_next_run() {
    let application = with_grandchildren();
    let run = run_whole(&application);
    let guard = application.process("run-guard");
    // Neither can do anything any more.
    kill(guard, Signal::STOP);
    run.signal(Signal::STOP);
    kill(guard, Signal::KILL);
    run.signal(Signal::KILL);
    eventually("modules end by themselves", || {
        application.processes().iter().all(|(_, line)| line.starts_with("sleep") || line.contains("sleep 1112"))
    });
    assert_eq!(application.rings(), ["ticks.ring"]);
    let (left, _) = application.processes().into_iter().find(|(_, line)| line.starts_with("sleep 1111")).unwrap();
    let mut again = application.run(&[]);
    assert_eq!(again.wait_for_line("reader", "first "), "0", "of a new ring");
    let problems = again.seen.iter().filter(|event| event["event"] == "problem");
    let named = problems.filter_map(|event| event["text"].as_str());
    let expected = format!("process {left}, `sleep 1111`, is left of a run");
    assert!(named.clone().any(|text| text.starts_with(&expected)), "{expected}: {:?}", named.collect::<Vec<_>>());
}

#[test]
fn nothing_is_left_when_modules_are_stubborn() {
    let application = with_grandchildren();
    let mut run = run_whole(&application);
    run.type_line("quit");
    assert_eq!(run.ends().code(), Some(1));
    let end = run.seen.iter().find(|event| event["event"] == "end").unwrap();
    assert_eq!(end["failed"], serde_json::json!(["clock did not end within 0.1 s and was ended by force"]));
    application.leaves_nothing();
}

#[test]
fn a_second_ctrl_c_ends_all_by_force() {
    let application = Controlled::new(
        "",
        r#""one": { "command": ["$MODULE", "stubborn"], "control": "stdio", "quit_within": "1 h" },
           "two": { "command": ["$MODULE", "stubborn"], "control": "stdio", "quit_within": "1 h" }"#,
    );
    let mut run = application.run(&[]);
    run.wait_for("running", "");
    run.signal(Signal::INT);
    while run.modules_of("quitting").len() < 2 {
        run.wait_for("quitting", "");
    }
    run.signal(Signal::INT);
    assert_eq!(run.ends().code(), Some(1));
    assert_eq!(run.modules_of("forced").len(), 2);
    application.leaves_nothing();
}

/// One module that prints more than the controller keeps for its reader, and then makes a file; one that says little.
fn with_much_to_print() -> Controlled {
    let flood = format!("yes {} | head -n 10000; touch printed; exec sleep 1000", "x".repeat(1000));
    Controlled::new(
        "",
        &format!(
            r#""flood": {{ "command": ["sh", "-c", "{flood}"] }},
               "quiet": {{ "command": ["$MODULE"], "control": "stdio", "restart": {{ "when": "on-failure", "first_delay": "10 ms" }} }}"#
        ),
    )
}

#[test]
fn a_controller_whose_output_nobody_reads_steers_on_and_ends_at_the_next_signal() {
    let application = with_much_to_print();
    let mut run = application.run_unread();
    eventually("the module that prints stands still for nobody", || application.directory().join("printed").exists());
    assert_eq!(application.tell("stop", &["quiet"]), "quiet is stopped");
    assert_eq!(application.tell("resume", &["quiet"]), "quiet is resumed");
    assert_eq!(application.tell("restart", &["quiet"]), "quiet is restarted");
    kill(application.process("module.sh"), Signal::KILL);
    eventually("it is started again", || {
        let status = application.status();
        status["modules"][1]["restarts"] == 2 && status["modules"][1]["state"] == "running"
    });
    run.signal(Signal::TERM);
    eventually("nothing but the controller is left", || {
        application.processes().len() == 1 && application.rings().is_empty()
    });
    assert!(application.process("ipc run") > 0, "it waits for its reader");
    run.signal(Signal::TERM);
    assert_eq!(run.ends().code(), Some(1));
    application.leaves_nothing();
}

#[test]
fn what_nobody_read_is_told_when_somebody_reads_again() {
    let application = with_much_to_print();
    let mut run = application.run_unread();
    eventually("the module has printed all", || application.directory().join("printed").exists());
    run.signal(Signal::TERM);
    let events = run.read();
    assert!(run.ends().success(), "{:#?}", events.last());
    let printed = events.iter().filter(|event| event["event"] == "output" && event["module"] == "flood").count();
    let problems = events.iter().filter(|event| event["event"] == "problem" && event["module"].is_null());
    let left_out = problems.map(|event| {
        let text = event["text"].as_str().unwrap();
        text.strip_suffix(" lines of modules left out here: nobody read them").unwrap().parse::<usize>().unwrap()
    });
    assert_eq!(printed + left_out.sum::<usize>(), 10_000, "each line is printed or counted");
    assert!(printed > 1000, "{printed}");
    application.leaves_nothing();
}

#[test]
fn a_third_signal_ends_a_controller_that_waits_for_its_guard() {
    let application = with_grandchildren();
    let mut run = run_whole(&application);
    let guard = application.process("run-guard");
    kill(guard, Signal::STOP);
    run.signal(Signal::TERM);
    run.wait_for("ending", "");
    run.signal(Signal::INT);
    run.wait_for("forced", "");
    run.signal(Signal::TERM);
    assert_eq!(run.ends().code(), Some(1));
    kill(guard, Signal::CONT);
    application.leaves_nothing();
}

#[test]
fn what_a_killed_module_had_started_is_ended_before_it_starts_again() {
    for (victim, part) in [("sender", "worker send; true"), ("reader", "worker read; true")] {
        let application = with_grandchildren();
        let mut run = run_whole(&application);
        // The shell, so that the module itself becomes an orphan that has the ring open.
        let shell =
            application.processes().into_iter().find(|(_, line)| line.starts_with("sh -c") && line.contains(part));
        kill(shell.unwrap().0, Signal::KILL);
        run.wait_for("ended", victim);
        run.wait_for("ready", victim);
        is_whole(&application);
        let count = |part: &str| application.processes().iter().filter(|(_, line)| line.starts_with(part)).count();
        eventually("each is there once", || count("sleep 1111") == 1 && count("sleep 1112") == 1);
        run.signal(Signal::KILL);
        application.leaves_nothing();
    }
}

#[test]
fn a_ring_that_a_dead_run_left_is_made_anew_and_one_that_stays_goes_on() {
    for (keep, first) in [("false", "0"), ("true", "5")] {
        let application = Controlled::new(
            &format!(r#""ticks": {{ "class": "Tick", "capacity": "64 KiB", "keep": {keep} }}"#),
            r#""sender": { "command": ["$WORKER", "send"], "produces": ["ticks"] },
               "reader": { "command": ["$WORKER", "read"], "consumes": ["ticks"] }"#,
        );
        // What a machine leaves that lost its power with controller and guard: a ring with five frames that the reader has had.
        let path = application.rings_directory().join("ticks.ring");
        std::fs::create_dir(application.rings_directory()).unwrap();
        rustix::fs::chmod(application.rings_directory(), rustix::fs::Mode::RWXU).unwrap();
        let classes = application.directory().join("classes.json");
        let class = ipc_core::raw::RawClass::from_file(classes, "Tick").unwrap();
        let channel = RawChannel::untyped(path.to_str().unwrap()).capacity(64 << 10).reserve(&["reader"]);
        let mut producer = channel.producer_of(&class).unwrap();
        for _ in 0..5 {
            producer.send(&[0; 8], ipc_core::raw::Patience::Endless).unwrap();
        }
        let reader = channel.consumer_of(&class, "reader").unwrap();
        for _ in 0..5 {
            reader.recv(ipc_core::raw::Patience::None).unwrap();
        }
        // It is in use: this test has it open.
        if keep == "false" {
            let refused = application.refuses("run", &[]);
            let process = std::process::id();
            assert!(refused.contains(&format!("is in use by its producer, process {process}")), "{refused}");
            assert_eq!(application.rings(), ["ticks.ring"], "and it is still there");
        }
        drop((producer, reader));
        let mut run = application.run(&[]);
        assert_eq!(run.wait_for_line("reader", "first "), first);
        run.type_line("quit");
        assert!(run.ends().success());
        assert_eq!(application.rings().len(), usize::from(keep == "true"));
    }
}

#[test]
fn a_run_that_cannot_begin_leaves_nothing() {
    let application = Controlled::pair("", "");
    std::fs::create_dir(application.rings_directory()).unwrap();
    rustix::fs::chmod(application.rings_directory(), rustix::fs::Mode::RWXU).unwrap();
    std::fs::create_dir(application.rings_directory().join("ticks.ring")).unwrap();
    let refused = application.refuses("run", &[]);
    assert!(refused.contains("ticks.ring"), "{refused}");
    eventually("no process is left", || application.processes().is_empty());
}
