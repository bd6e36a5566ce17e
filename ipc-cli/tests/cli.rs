//! The `ipc` program, as a user calls it.
#![forbid(unsafe_code)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use ipc_core::{Channel, Class, Frame};
use ipc_schema::canonical;

const POSE: &str = r#"{ "namespace": "robot", "classes": [{ "className": "Pose", "comment": "where it is", "members": [
    { "name": "stamp", "type": "int64", "unit": "ns" }, { "name": "x", "type": "double" }] }] }"#;

/// where it is
#[derive(Clone, Copy, Debug, Frame)]
#[frame(namespace = "robot")]
#[repr(C)]
pub struct Pose {
    #[frame(unit = "ns")]
    stamp: i64,
    x: f64,
}

/// A folder of one test.
fn folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli").join(test);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn file(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn ipc<A: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = A>) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ipc")).args(arguments).output().unwrap()
}

fn export(file: &Path, lang: &str, out: &Path) -> Output {
    ipc(["export".as_ref(), file.as_os_str(), "--lang".as_ref(), lang.as_ref(), "--out".as_ref(), out.as_os_str()])
}

fn printed(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

/// Without its comments.
fn code(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

#[test]
fn export_makes_the_folder_and_says_what_it_wrote() {
    let folder = folder("writes");
    let out = folder.join("a/b");
    let (status, names, errors) = printed(&export(&file(&folder, "pose.json", POSE), "cpp", &out));
    assert_eq!((status, errors.as_str()), (0, ""));
    assert_eq!(names, format!("{0}/pose.hpp\n{0}/ipc_wire.hpp\n", out.display()));
    assert!(std::fs::read_to_string(out.join("pose.hpp")).unwrap().contains("namespace robot {"));
}

#[test]
fn the_errors_of_a_description_come_with_their_source_line_and_status_2() {
    let folder = folder("errors");
    let path = file(&folder, "pose.json", &POSE.replace("double", "doubel"));
    let (status, names, errors) = printed(&export(&path, "cpp", &folder.join("out")));
    assert_eq!((status, names.as_str()), (2, ""));
    assert!(errors.starts_with("error: unknown type `doubel`\n"), "{errors}");
    assert!(
        errors.contains("pose.json:2:80") && errors.contains("^^^^^^^^") && errors.contains("did you mean `double`?"),
        "{errors}"
    );
    assert!(!folder.join("out").exists(), "nothing is written");
}

#[test]
fn an_unknown_language_is_refused_with_those_there_are() {
    let folder = folder("language");
    let (status, _, errors) = printed(&export(&file(&folder, "pose.json", POSE), "cobol", &folder));
    assert_eq!(status, 2);
    for name in ["cobol", "c", "cpp", "rust"] {
        assert!(errors.contains(name), "{errors}");
    }
}

#[test]
fn a_class_from_a_derive_is_exported_by_its_canonical_text_and_from_its_ring() {
    let folder = folder("derive");
    let by_hand = file(&folder, "pose.json", POSE);
    let text = file(&folder, "derived.json", &canonical::of_desc(Pose::DESC));
    let ring = folder.join("poses.ring");
    let name = ring.to_str().unwrap().to_owned();
    let channel: Channel<Pose> = Channel::new(&name).capacity(4096);
    let producer = channel.producer().unwrap();
    for (lang, extension) in [("cpp", "hpp"), ("c", "h")] {
        for (source, stem) in [(&by_hand, "pose"), (&text, "derived"), (&ring, "poses")] {
            assert_eq!(printed(&export(source, lang, &folder)).0, 0, "{stem}");
            let named = |stem: &str| code(&folder.join(format!("{stem}.{extension}")));
            let expected = named("pose");
            // The guard of a C header has the file's name.
            assert_eq!(named(stem).replace(&stem.to_uppercase(), "POSE"), expected, "{lang} {stem}");
        }
    }
    drop(producer);
}

#[test]
fn exported_rust_is_what_the_macro_expands_to_in_the_form_of_rustfmt() {
    let folder = folder("rust");
    let (status, _, errors) = printed(&export(&file(&folder, "pose.json", POSE), "rust", &folder));
    assert_eq!((status, errors.as_str()), (0, ""));
    let path = folder.join("pose.rs");
    let check = ["--edition", "2024", "--config-path", "/dev/null", "--check"];
    assert!(Command::new("rustfmt").args(check).arg(&path).status().unwrap().success());
    assert!(code(&path).contains("#[allow(clippy::all,") && code(&path).contains("pub struct Pose {"));
}

#[test]
fn diff_of_the_same_class_is_status_0() {
    let folder = folder("same");
    let old = file(&folder, "old.json", POSE);
    let new = file(&folder, "new.json", &canonical::of_desc(Pose::DESC));
    assert_eq!(
        printed(&ipc(["diff".as_ref(), old.as_os_str(), new.as_os_str()])),
        (0, "identical\n".into(), String::new())
    );
}

#[test]
fn diff_names_member_offset_type_and_meaning_and_is_status_1() {
    let folder = folder("different");
    let old = file(&folder, "old.json", POSE);
    let other = POSE
        .replace("\"ns\"", "\"us\"")
        .replace("\"double\"", "\"float\"")
        .replace("\"stamp\", \"type\": \"int64\"", "\"stamp\", \"type\": \"int32\"");
    let new = file(
        &folder,
        "new.json",
        &other.replace(
            "}] }] }",
            "}] }, { \"className\": \"More\", \"members\": [{ \"name\": \"n\", \"type\": \"int\" }] }] }",
        ),
    );
    let (status, text, errors) = printed(&ipc(["diff".as_ref(), old.as_os_str(), new.as_os_str()]));
    let expected = "different:
  Pose.stamp: type: expected int64 at offset 0, found int32 at offset 0
  Pose.stamp: unit: expected \"ns\", found \"us\"
  Pose.x: type: expected float64 at offset 8, found float32 at offset 4
  More: class: expected none of that name, found one
";
    assert_eq!((status, text.as_str(), errors.as_str()), (1, expected, ""));
    let missing = ipc(["diff".as_ref(), old.as_os_str(), folder.join("none.json").as_os_str()]);
    let (status, _, errors) = printed(&missing);
    assert_eq!(status, 2);
    assert!(errors.contains("cannot read this file"), "{errors}");
}

#[test]
fn diff_tells_what_differs_in_meaning_alone_and_is_status_0() {
    let folder = folder("meaning");
    let old = file(&folder, "old.json", POSE);
    let other = POSE
        .replace("\"type\": \"double\"", "\"type\": \"double\", \"max\": 2, \"default\": 1.5, \"comment\": \"east\"");
    let new = file(&folder, "new.json", &other);
    let expected = "identical
meaning, which programs need not agree on:
  Pose.x: max: expected none, found 2.0
  Pose.x: default: expected none, found 1.5
  Pose.x: comment: expected none, found \"east\"
";
    let found = printed(&ipc(["diff".as_ref(), old.as_os_str(), new.as_os_str()]));
    assert_eq!(found, (0, expected.into(), String::new()));
}
