//! `ipc echo` and `ipc pub` in a shell.
#![forbid(unsafe_code)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use ipc_core::raw::{Patience, RawChannel, RawClass};

const TONE: &str = r#"[{ "className": "Tone", "members": [
    { "name": "hz", "type": "float", "min": 0 }, { "name": "name", "type": "string", "optional": true }] }]"#;

const LINES: &str = "{\"hz\":440.0,\"name\":\"a\"}\n{\"hz\":0.5}\n";

/// A folder of one test, with the description.
fn folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("streams").join(test);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("tone.json"), TONE).unwrap();
    std::fs::write(folder.join("lines"), LINES).unwrap();
    folder
}

/// Runs a script in a folder, with the program in `PATH`.
fn sh(folder: &Path, script: &str) -> Output {
    let program = Path::new(env!("CARGO_BIN_EXE_ipc")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let mut command = Command::new("timeout");
    command.args(["60", "sh", "-c", script]).current_dir(folder).env("PATH", path).env("IPC_DIR", folder.join("rings"));
    command.output().unwrap()
}

#[track_caller]
fn prints(output: &Output, expected: &str) {
    let (out, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!((&*out, &*error), (expected, ""), "{}", output.status);
    assert!(output.status.success());
}

#[test]
fn lines_go_through_a_pipeline_of_frames() {
    let folder = folder("pipeline");
    prints(&sh(&folder, "ipc pub - --schema tone.json <lines | cat | ipc echo -"), LINES);
    prints(
        &sh(&folder, "ipc pub - --schema tone.json <lines | ipc echo - --count 1"),
        &LINES[..LINES.find('\n').unwrap() + 1],
    );
}

#[test]
fn frames_go_into_a_file_and_out_of_it_and_its_class_need_not_be_stated_twice() {
    let folder = folder("file");
    prints(
        &sh(&folder, "ipc pub ./tones --schema tone.json <lines && ipc pub tones <lines && ipc echo tones"),
        &LINES.repeat(2),
    );
    prints(
        &sh(&folder, "ipc echo tones --frames | ipc pub ./copy --frames && ipc echo copy --follow"),
        &LINES.repeat(2),
    );
}

#[test]
fn frames_go_through_a_named_pipe() {
    let folder = folder("fifo");
    prints(&sh(&folder, "mkfifo p; ipc pub p --schema tone.json <lines & ipc echo p; wait"), LINES);
}

#[test]
fn frames_go_into_a_ring_and_out_of_it() {
    let folder = folder("ring");
    std::fs::create_dir(folder.join("rings")).unwrap();
    let class = RawClass::from_json(TONE, "Tone").unwrap();
    let ring = folder.join("rings/tones.ring");
    let channel = RawChannel::untyped(ring.to_str().unwrap()).reserve(&["reader"]);
    channel.create_of(&class).unwrap();
    prints(&sh(&folder, "chmod 700 rings; ipc pub tones <lines"), "");
    let reader = channel.consumer_of(&class, "reader").unwrap();
    let lens: Vec<_> = (0..2).map(|_| reader.recv(Patience::None).unwrap().bytes().len()).collect();
    assert_eq!(lens, [17, 16]);
    // An observer begins with the newest frame, and sees the end.
    prints(&sh(&folder, "ipc echo tones --frames | ipc echo -"), LINES.split_inclusive('\n').nth(1).unwrap());
}

#[test]
fn lines_that_the_class_refuses_are_told_and_the_others_go_on() {
    let folder = folder("refused");
    let script =
        r#"printf '{"hz":-1}\n{"hz":1}\n{"h":1}\n' | ipc pub ./tones --schema tone.json; echo $?; ipc echo tones"#;
    let output = sh(&folder, script);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "1\n{\"hz\":1.0}\n");
    let errors = String::from_utf8_lossy(&output.stderr);
    let expected = "error: class Tone, member hz: -1.0 is below `min` 0.0\nerror: class Tone: it has no member `h`";
    assert!(errors.starts_with(expected), "{errors}");
}

#[test]
fn an_output_without_a_name_is_not_named() {
    let folder = folder("full");
    let output = sh(&folder, "ipc pub - --schema tone.json <lines >/dev/full");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(errors, "error: cannot write to the pipe: No space left on device (os error 28)\n");
}

#[test]
fn what_is_missing_is_named() {
    let folder = folder("missing");
    let output = sh(&folder, "ipc pub - <lines | cat");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(errors, "error: nothing says of which class the lines are: name its description with --schema FILE\n");
    std::fs::write(
        folder.join("two.json"),
        TONE.replace("}] }]", "}] }, { \"className\": \"B\", \"members\": [{ \"name\": \"x\", \"type\": \"int\" }] }]"),
    )
    .unwrap();
    let output = sh(&folder, "ipc pub - --schema two.json <lines | cat");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.contains("two.json has the classes Tone, B: name one with --class"), "{errors}");
    let output = sh(&folder, "echo hello | ipc echo -");
    assert!(String::from_utf8_lossy(&output.stderr).contains("the pipe carries something that is no frame"));
}
