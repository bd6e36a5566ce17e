//! What the Python module promises by itself, each promise in a process of its own; what it has in common with other
//! languages is in `bindings.rs` and `languages.rs`.
#![forbid(unsafe_code)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use ipc_schema::{Schema, export};
use ipc_tests::installed::{python, run};
use ipc_tests::programs::{output, ring_directory};

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

fn promises() -> Command {
    let mut command = Command::new(python());
    command.env("PYTHONPATH", packages());
    command.args(["-W", "error"]).arg(Path::new(PACKAGE).join("python/promises.py"));
    command
}

/// Each name is a function of `python/promises.py`.
macro_rules! promises {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                let rings = ring_directory(stringify!($name), TMPDIR);
                let shown = output(promises().arg(stringify!($name)).env("IPC_DIR", &rings));
                assert!(shown.status.success(), "{}\n{}", shown.status, String::from_utf8_lossy(&shown.stderr));
                fs::remove_dir_all(&rings).unwrap();
            }
        )*

        #[test]
        fn every_promise_of_the_file_is_a_test() {
            let listed = String::from_utf8(run(&mut promises()).stdout).unwrap();
            assert_eq!(listed.lines().collect::<Vec<_>>(), [$(stringify!($name)),*]);
        }
    };
}

promises! {
    a_received_array_stands_in_the_ring_and_is_read_only
    receiving_allocates_no_more_for_a_large_frame
    a_frame_is_written_where_it_lies
    nothing_that_was_cut_from_an_array_can_write_a_published_frame
    nothing_that_was_cut_from_a_frame_given_up_can_write_the_next_one
    an_exception_gives_a_frame_up
    a_frame_or_an_array_of_it_keeps_its_place
    arrays_outlive_both_ends
    a_closed_producer_frees_its_place_though_an_array_of_it_lives
    ctrl_c_ends_a_wait_at_once
    other_threads_run_while_one_waits
    asyncio_gets_every_frame_beside_other_tasks
    a_cancelled_wait_of_asyncio_loses_no_frame
    frames_that_asyncio_was_waiting_for_are_skipped_as_others
    a_closed_consumer_frees_its_slot_though_somebody_waits
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
    shared_state_is_changed_in_place_and_seen_as_one
    a_change_of_shared_state_that_fails_is_forgotten
    a_killed_holder_of_shared_state_leaves_the_last_value_and_what_it_had_written
    a_closed_shared_state_gives_its_lock_back_though_an_array_of_it_lives
    ctrl_c_ends_a_wait_for_shared_state
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
