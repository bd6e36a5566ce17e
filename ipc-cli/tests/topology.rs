//! `ipc check` and `ipc graph`, as a user calls them. `BLESS=1` writes the pictures of `tests/graph` anew: look at them.
#![forbid(unsafe_code)]

use std::path::Path;
use std::process::Command;

const APP: &str = "tests/graph/app.json";

fn ipc(arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_ipc")).args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn check_of_a_sound_topology_is_status_0() {
    assert_eq!(ipc(&["check", APP]), (0, "sound: 7 modules, 4 channels\n".into(), String::new()));
}

#[test]
fn check_tells_everything_that_is_wrong_at_once_and_is_status_1() {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("wrong.json");
    let classes = Path::new("tests/graph/classes.json").canonicalize().unwrap();
    let app = std::fs::read_to_string(APP).unwrap();
    let app = app.replace("classes.json", classes.to_str().unwrap());
    let app = app
        .replace("\"Status\"", "\"Staus\"")
        .replace("[\"archive\"] }", "[\"archve\"] }")
        .replace("16 MiB", "128 KiB");
    std::fs::write(&file, app).unwrap();
    let (status, printed, errors) = ipc(&["check", file.to_str().unwrap()]);
    assert_eq!((status, printed.as_str()), (1, ""));
    for (place, error) in [
        ("wrong.json:4:52", "a frame of `VideoFrame` has 120000 bytes, and a ring of 128 KiB"),
        ("wrong.json:7:26", "unknown class `Staus`"),
        ("wrong.json:11:126", "unknown channel `archve`"),
        ("wrong.json:14:55", "unknown channel `archve`"),
    ] {
        assert!(errors.contains(place) && errors.contains(error), "{place} {error}: {errors}");
    }
    assert_eq!(errors.matches("error: ").count(), 4, "{errors}");
    assert!(
        errors.contains("did you mean `archive`?") && errors.contains("write `\"capacity\": \"512 KiB\"`"),
        "{errors}"
    );
}

#[test]
fn what_cannot_be_read_is_status_2() {
    let (status, _, errors) = ipc(&["check", "tests/graph/nowhere.json"]);
    assert_eq!(status, 2);
    assert!(errors.starts_with("error: cannot read this file: No such file"), "{errors}");
    let (status, printed, errors) = ipc(&["graph", "tests/graph/classes.json"]);
    assert_eq!((status, printed.as_str()), (2, ""));
    assert!(errors.starts_with("error: expected a topology: "), "{errors}");
}

#[test]
fn who_has_read_enough_of_what_is_printed_makes_it_no_failure() {
    let (classes, out) = ("tests/graph/classes.json", concat!(env!("CARGO_TARGET_TMPDIR"), "/unread"));
    for (arguments, status) in [
        (["graph", APP].as_slice(), 0),
        (&["status", APP], 1),
        (&["status", "--json", APP], 1),
        (&["check", APP], 0),
        (&["diff", classes, classes], 0),
        (&["export", classes, "--lang", "c", "--out", out], 0),
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = Command::new(env!("CARGO_BIN_EXE_ipc")).args(arguments).stdout(writer).output().unwrap();
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), errors.as_str()), (Some(status), ""), "{arguments:?}");
    }
}

#[test]
fn graph_prints_the_same_picture_each_time_in_every_format() {
    for (format, extension) in [("svg", "svg"), ("mermaid", "mmd"), ("dot", "dot")] {
        let (status, picture, errors) = ipc(&["graph", APP, "--format", format]);
        assert_eq!((status, errors.as_str()), (0, ""), "{format}");
        let golden = Path::new(APP).with_extension(extension);
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&golden, &picture).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&golden).unwrap(), picture, "{format}: if this is intended, BLESS=1");
        for name in ["camera", "clock", "frames", "Edges · 4 MiB", "drops when full · isolated", "on disk"] {
            assert!(picture.contains(name), "{format}: {name}");
        }
    }
    let (_, svg, _) = ipc(&["graph", APP]);
    assert!(svg.contains("clip &amp; shows") && svg.contains("&lt;edges") && !svg.contains("<edges"), "{svg}");
}
