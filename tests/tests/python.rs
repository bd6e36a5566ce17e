//! What the Python module promises by itself, each promise in a process of its own; what it has in common with other
//! languages is in `bindings.rs` and `languages.rs`.
#![forbid(unsafe_code)]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::{env, fs};

use ipc_schema::{Schema, export};
use ipc_tests::controlled::{Controlled, Run, ipc, kill};
use ipc_tests::eventually;
use ipc_tests::installed::{python, run};
use ipc_tests::programs::{output, ring_directory};
use rustix::process::Signal;

const PACKAGE: &str = env!("CARGO_MANIFEST_DIR");
const TMPDIR: &str = env!("CARGO_TARGET_TMPDIR");

/// A folder with packages of exported classes: `frames` and `words`.
fn packages() -> &'static Path {
    static PACKAGES: OnceLock<PathBuf> = OnceLock::new();
    PACKAGES.get_or_init(|| {
        let packages = Path::new(TMPDIR).join("packages");
        for (name, file) in [("frames", "tests/schemas/frames.json"), ("words", "python/words.json")] {
            let schema = Schema::from_file(Path::new(PACKAGE).join(file)).unwrap();
            let language = export::language("python").unwrap();
            fs::create_dir_all(packages.join(name)).unwrap();
            for file in export::export(&schema, name, language).unwrap() {
                fs::write(packages.join(name).join(file.name), file.text).unwrap();
            }
        }
        packages
    })
}

/// A file of promises.
fn promises(file: &str) -> Command {
    let mut command = Command::new(python());
    command.env("PYTHONPATH", packages());
    command.args(["-W", "error"]).arg(Path::new(PACKAGE).join("python").join(file));
    command
}

/// Each name is a function of the file, which is in `python`.
macro_rules! promises {
    ($file:literal: $($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                let rings = ring_directory(stringify!($name), TMPDIR);
                let shown = output(promises($file).arg(stringify!($name)).env("IPC_DIR", &rings));
                assert!(shown.status.success(), "{}\n{}", shown.status, String::from_utf8_lossy(&shown.stderr));
                fs::remove_dir_all(&rings).unwrap();
            }
        )*

        #[test]
        fn every_promise_of_the_file_is_a_test() {
            let listed = String::from_utf8(run(&mut promises($file)).stdout).unwrap();
            assert_eq!(listed.lines().collect::<Vec<_>>(), [$(stringify!($name)),*]);
        }
    };
}

promises! {
    "promises.py":
    a_received_array_stands_in_the_ring_and_is_read_only
    receiving_allocates_no_more_for_a_large_frame
    a_frame_is_written_where_it_lies
    nothing_that_was_cut_from_an_array_can_write_a_published_frame
    nothing_that_was_cut_from_a_frame_given_up_can_write_the_next_one
    an_exception_gives_a_frame_up
    a_frame_or_an_array_of_it_keeps_its_place
    arrays_outlive_both_ends
    a_closed_producer_frees_its_place_though_an_array_of_it_lives
    a_batch_becomes_visible_at_its_end
    text_and_nested_classes_are_written_and_read
    exported_values_are_sent_whatever_their_members_are_called
    mistakes_are_named_with_what_was_expected
    a_ring_of_any_class_is_read_without_a_description
    dropped_frames_and_skipped_ones_are_counted
    an_exception_leaves_the_stream_open_and_the_end_of_a_with_ends_it
    a_forked_child_cannot_use_what_it_inherits
    a_killed_reader_is_followed_by_another_one
    the_papers_channel_carries_blocks_of_bytes
}

mod waiting {
    use super::*;

    promises! {
        "waiting.py":
        ctrl_c_ends_a_wait_at_once
        other_threads_run_while_one_waits
        asyncio_gets_every_frame_beside_other_tasks
        a_cancelled_wait_of_asyncio_loses_no_frame
        asyncio_waits_without_a_thread_and_asleep
        asyncio_waits_in_a_thread_where_no_doorbell_can_be_made
        selectors_wait_for_a_consumer
        frames_that_asyncio_was_waiting_for_are_skipped_as_others
        a_closed_consumer_frees_its_slot_though_somebody_waits
    }
}

mod shared_state {
    use super::*;

    promises! {
        "shared_state.py":
        shared_state_is_changed_in_place_and_seen_as_one
        a_change_of_shared_state_that_fails_is_forgotten
        a_killed_holder_of_shared_state_leaves_the_last_value_and_what_it_had_written
        a_closed_shared_state_gives_its_lock_back_though_an_array_of_it_lives
        other_threads_read_while_one_waits_for_a_change
        ctrl_c_ends_a_wait_for_shared_state
    }
}

mod streams {
    use super::*;

    promises! {
        "streams.py":
        received_frames_are_their_own_and_read_only
        a_loan_is_filled_in_place_and_sent_at_its_end
        what_is_not_there_now_is_an_outcome
        an_exception_leaves_the_stream_open_and_the_end_of_a_with_ends_it
        ctrl_c_ends_every_wait_at_once
        other_threads_run_while_one_waits_and_may_close
        frames_of_several_threads_stay_whole
        asyncio_gets_every_frame_beside_other_tasks
        a_cancelled_wait_of_asyncio_loses_nothing
        a_stream_of_any_class_is_read_without_a_description
        lines_are_objects_of_json_and_what_the_class_refuses_is_named
        both_directions_are_one_duplex
        a_parent_and_its_child_are_joined_by_the_pipes_that_it_has_made
        mistakes_are_named_with_what_was_expected
    }
}

mod modules {
    use super::*;

    promises! {
        "modules.py":
        a_main_loop_gets_frames_of_all_channels_where_they_lie_and_ends_with_their_streams
        three_producers_are_merged_by_a_member
        frames_come_in_the_order_that_the_module_chooses
        the_end_of_one_stream_is_told_to_who_asks_for_it
        a_loop_stops_goes_on_and_quits_as_its_controller_says
        a_question_is_answered_while_python_is_busy_with_the_interpreters_lock
        quit_ends_a_wait_for_space_and_the_with_ends_as_the_loop_would
        a_full_channel_that_drops_keeps_its_producer_waiting_for_nothing
        a_module_that_only_produces_goes_on_until_it_is_told
        ctrl_c_ends_every_wait_of_a_module_at_once
        what_a_module_prints_comes_at_once_and_reports_are_whole_between_its_lines
        other_threads_run_while_a_module_waits
        asyncio_gets_every_frame_of_every_channel_and_quits
        a_cancelled_wait_of_asyncio_loses_nothing_that_came
        observed_channels_give_copies_that_hold_nobody_back
        classes_that_a_program_knows_are_compared_with_the_files
        an_exception_leaves_the_streams_of_a_module_open
    }
}

/// An application of modules in Python, which are those of `worker.py`.
fn workers(restart: &str) -> Controlled {
    let worker = Path::new(PACKAGE).join("python/worker.py");
    let command = |what| format!(r#""command": [{:?}, {worker:?}, "{what}"]"#, python());
    Controlled::new(
        r#""ticks": { "class": "Tick", "capacity": "64 KiB" }"#,
        &format!(
            r#""sender": {{ {}, "produces": ["ticks"] }}, "reader": {{ {}, "consumes": ["ticks"] {restart} }}"#,
            command("send"),
            command("read")
        ),
    )
}

#[test]
fn a_controller_stops_and_restarts_and_ends_modules_in_python() {
    let application = workers("");
    let mut run = application.run(&[]);
    assert_eq!(run.wait_for_line("reader", "first "), "0");
    run.wait_for_line("reader", "at 100");
    assert_eq!(application.tell("stop", &["reader"]), "reader is stopped");
    eventually("the ring is full", || {
        let status = application.status();
        let ticks = &status["channels"][0];
        ticks["used_bytes"].as_u64() > Some(60 << 10) && ticks["slowest"] == "reader"
    });
    assert_eq!(application.tell("resume", &["reader"]), "reader is resumed");
    assert_eq!(application.tell("restart", &["reader"]), "reader is restarted");
    assert_ne!(run.wait_for_line("reader", "first "), "0");
    assert_eq!(application.tell("quit", &[]), "all modules have ended");
    run.ends_well();
    assert_in_order(&run);
}

#[test]
fn a_reader_in_python_that_is_killed_goes_on_where_it_was() {
    let application = workers(r#", "restart": { "when": "on-failure", "first_delay": "10 ms" }"#);
    let mut run = application.run(&[]);
    for _ in 0..3 {
        run.wait_for_line("reader", "at ");
        kill(application.process("worker.py read"), Signal::KILL);
        run.wait_for_line("reader", "first ");
    }
    assert_eq!(run.types("quit").1, "all modules have ended");
    run.ends_well();
    assert_in_order(&run);
}

/// The reader, which itself fails if a frame of its life is missing, went on with the frames that it had not given back, and
/// has the last that was sent.
#[track_caller]
fn assert_in_order(run: &Run<'_>) {
    let said = |begins: &str| -> Vec<u64> {
        let texts = run.seen.iter().filter_map(|event| event["text"].as_str());
        texts.filter_map(|text| text.strip_prefix(begins)?.parse().ok()).collect()
    };
    let firsts = said("first ");
    assert!(firsts.len() > 1 && firsts[0] == 0, "{firsts:?}");
    let mut reached = 0;
    for text in run.seen.iter().filter_map(|event| event["text"].as_str()) {
        if let Some(first) = text.strip_prefix("first ") {
            let first: u64 = first.parse().unwrap();
            assert!(first == 0 || first >= reached, "it had given back {reached}, and got {first} again");
        }
        if let Some(number) = text.strip_prefix("at ") {
            reached = number.parse().unwrap();
        }
    }
    assert_eq!(said("last ").last(), said("sent ").last());
}

#[test]
fn the_tracker_in_python_merges_two_sensors() {
    let example = Path::new(PACKAGE).with_file_name("examples").join("python/tracker.json");
    let rings = ring_directory("tracker-in-python", TMPDIR);
    let mut path = python().parent().unwrap().as_os_str().to_owned();
    path.push(":");
    path.push(env::var_os("PATH").unwrap());
    let ran = output(Command::new(ipc()).arg("run").arg(example).env("IPC_DIR", &rings).env("PATH", path));
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let told = String::from_utf8(ran.stdout).unwrap();
    assert!(told.contains("after 59 s at 119.9 m"), "{told}");
    fs::remove_dir_all(&rings).unwrap();
}

#[test]
fn mypy_and_ruff_find_nothing_in_the_module() {
    let module = Path::new(PACKAGE).with_file_name("bindings").join("python/ipc");
    let tool = |name: &str| {
        let mut tool = Command::new(python());
        tool.args(["-m", name]).current_dir(TMPDIR);
        tool
    };
    run(tool("mypy").args(["--strict", "--python-version", "3.10", "-p", "ipc"]));
    run(tool("ruff")
        .args(["check", "--no-cache", "--isolated", "--select", "E,F,W,I,B,C4,SIM", "--line-length", "120"])
        .arg(&module));
    run(tool("ruff").args(["format", "--check", "--diff", "--isolated", "--line-length", "120"]).arg(&module));
}

#[test]
fn type_checkers_know_the_members_of_exported_frames() {
    // Pyright takes a folder with its settings, so both check a copy.
    let project = Path::new(TMPDIR).join("types");
    fs::create_dir_all(&project).unwrap();
    fs::copy(Path::new(PACKAGE).join("python/types_of_frames.py"), project.join("types_of_frames.py")).unwrap();
    let settings = format!(
        r#"{{"include": ["types_of_frames.py"], "extraPaths": [{:?}], "pythonVersion": "3.10", "typeCheckingMode": "strict",
        "enableTypeIgnoreComments": false, "reportUnnecessaryTypeIgnoreComment": true}}"#,
        packages()
    );
    fs::write(project.join("pyrightconfig.json"), settings).unwrap();
    let mypy = ["-m", "mypy", "--strict", "--python-version", "3.10", "types_of_frames.py"];
    run(Command::new(python()).env("MYPYPATH", packages()).args(mypy).current_dir(&project));
    let pyright = Path::new(TMPDIR).with_file_name("outside/node/node_modules/pyright/index.js");
    assert!(pyright.exists(), "there is no {}: `cargo xtask test` fetches it", pyright.display());
    run(Command::new("node").arg(pyright).arg("--pythonpath").arg(python()).arg("--project").arg(&project));
}
