//! Classes in every exported language, held against Rust's: the same bytes for the same values, the same words for the same
//! faults.
#![forbid(unsafe_code)]

#[path = "../languages/mod.rs"]
mod languages;

use ipc_tests::reference::Reference;

mod every {
    ipc_core::include_schema!("tests/schemas/every.json");
}
mod frames {
    ipc_core::include_schema!("tests/schemas/frames.json");
}
mod random {
    include!(concat!(env!("OUT_DIR"), "/random.rs"));

    /// A few of the random schemas: each is built anew in every language.
    pub(super) fn few() -> Vec<ipc_tests::reference::Reference> {
        println!("IPC_RANDOM_SEED={SEED} draws these schemas again");
        let mut all = references();
        let schemas: Vec<_> = all.chunk_by(|a, b| a.schema == b.schema).map(<[_]>::len).take(6).collect();
        all.truncate(schemas.iter().sum());
        all
    }
}

/// Every row of the class language.
fn chosen() -> Vec<Reference> {
    macro_rules! references {
        ($file:literal, $module:ident: $($class:ident)*) => {
            vec![$(Reference::of::<$module::$class>($file, stringify!($class).trim_start_matches("r#"))),*]
        };
    }
    let mut all = references!("tests/schemas/every.json", every: Scalars Bounds Arrays Sizes Cube Head Leaf Tree Texts Forest class);
    all.extend(references!("tests/schemas/frames.json", frames: Vec3 SimpleMatrix State Head Label Cloud));
    all
}

#[test]
fn every_kind_of_fault_is_among_the_frames_that_each_language_is_asked_to_read() {
    let mut lines = Vec::new();
    for reference in chosen() {
        let schema = ipc_schema::Schema::from_file(&reference.schema).unwrap_or_else(|errors| panic!("{errors}"));
        languages::questions(&schema, &reference, &mut lines);
    }
    for fault in [
        "bytes for the fixed part",
        "expected an aligned frame of",
        "a region ends at byte",
        "the last region ends at byte",
        "of an array of variable elements is",
        "an array without elements has a region",
        "an absent member has a length",
        "the number of elements overflows 64 bits",
        "a frame is shorter than 4 GiB",
        "is negative, and sizes are unsigned",
        " * ",
        "is below zero, and sizes are unsigned",
        "is divided by zero",
        "(its max)",
        "expected a value from",
        "expected a value up to",
        "expected UTF-8, found an invalid sequence at byte",
    ] {
        assert!(
            lines.iter().any(|(_, answer)| answer.starts_with("! ") && answer.contains(fault)),
            "no frame has: {fault}"
        );
    }
}

#[test]
fn c_reads_and_writes_every_class_as_rust_does() {
    languages::c::LANGUAGE.agrees_with_rust(&chosen());
}

#[test]
fn c_reads_and_writes_random_classes_as_rust_does() {
    languages::c::LANGUAGE.agrees_with_rust(&random::few());
}

#[test]
fn c_plus_plus_reads_and_writes_every_class_as_rust_does() {
    languages::cpp::LANGUAGE.agrees_with_rust(&chosen());
}

#[test]
fn c_plus_plus_reads_and_writes_random_classes_as_rust_does() {
    languages::cpp::LANGUAGE.agrees_with_rust(&random::few());
}

#[test]
fn python_reads_and_writes_every_class_as_rust_does() {
    languages::python::LANGUAGE.agrees_with_rust(&chosen());
}

#[test]
fn python_at_run_time_reads_and_writes_every_class_as_rust_does() {
    languages::python::AT_RUN_TIME.agrees_with_rust(&chosen());
}

#[test]
fn python_at_run_time_reads_and_writes_random_classes_as_rust_does() {
    languages::python::AT_RUN_TIME.agrees_with_rust(&random::few());
}

#[test]
fn python_reads_and_writes_random_classes_as_rust_does() {
    languages::python::LANGUAGE.agrees_with_rust(&random::few());
}

#[test]
fn typescript_reads_and_writes_every_class_as_rust_does() {
    languages::typescript::LANGUAGE.agrees_with_rust(&chosen());
}

#[test]
fn typescript_reads_and_writes_random_classes_as_rust_does() {
    languages::typescript::LANGUAGE.agrees_with_rust(&random::few());
}

/// The bytes that the owned value of Rust has, then what is refused, by the programs `in_place`.
const IN_PLACE: &str = "\
-5 1 2 2.5 base abc hi x n 2 -1 3 0 00
no copy
class Cloud: expected bytes that start at a multiple of 8: copy them first
class Cloud, member weights: expected at least 240 bytes of room, found 239
class Cloud, member names: expected an index below 2, found 2
class Cloud, member label.score: expected a value from 0 up to 1, found 2
class Cloud, member cols: expected a value up to 2048, found 2049
";

/// What comes after: the two languages state dimensions in their own ways.
const IN_PLACE_REST: &str = "\
class Cloud, member names[0]: expected at most 5 bytes (its max), found 6
class Cloud, member points: expected 2 elements, because its size is rows × cols with rows = 2, cols = 1, found 1
class Cloud, member names[0]: expected UTF-8, found an invalid sequence at byte 0
class State, member temperature: expected a value from -40 up to 150, found 151
7
";

/// The frame that the programs `in_place` write, by Rust.
fn cloud() -> String {
    use frames::{Cloud, Head, Label, Vec3};
    let label = |score, text: &str| Label { score, text: text.into() };
    let zero = Vec3 { x: 0.0, y: 0.0, z: 0.0 };
    let cloud = Cloud {
        stamp: -5,
        rows: 2,
        cols: 1,
        head: Head { n: 1, m: 1, ..Head::default() },
        flag: true,
        points: vec![zero, Vec3 { y: 2.5, ..zero }],
        q: [0.0, 0.0, 0.0, 0.0, 0.0, 1.0],
        frame_id: Some("base".into()),
        name: "abc".into(),
        blob: None,
        label: label(0.5, "hi"),
        maybe: None,
        labels: vec![label(1.0, "x")],
        names: vec!["n".into(), String::new()],
        chunks: Some(vec![vec![0, 9]]),
        weights: Some(vec![-1.0, 0.0]),
        gain: Some(3.0),
        armed: Some(false),
    };
    cloud.to_bytes().unwrap().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn c_writes_and_reads_a_frame_where_it_lies_and_refuses_what_rust_does() {
    let exported = languages::c::LANGUAGE.exported("tests/schemas/frames.json", "in_place");
    let counts =
        "class Cloud, member labels: expected 2 elements, because its size is head.n with head.n = 2, found 1\n";
    let memory = "class Cloud, member labels: expected memory for 1 elements of 24 bytes, found 0 bytes\n";
    let expected = format!("{}\n{IN_PLACE}{counts}{IN_PLACE_REST}{memory}", cloud());
    assert_eq!(languages::c::in_place(&exported), expected);
}

#[test]
fn c_plus_plus_writes_and_reads_a_frame_where_it_lies_and_refuses_what_rust_does() {
    let exported = languages::cpp::LANGUAGE.exported("tests/schemas/frames.json", "in_place");
    let counts = "class Cloud, member labels: expected dimensions for 2 elements, found them for 0\n";
    assert_eq!(languages::cpp::in_place(&exported), format!("{}\n{IN_PLACE}{counts}{IN_PLACE_REST}", cloud()));
}

/// What languages refuse whose types do not say it.
const WIDER: &str = "class State, member self: expected a value from 0 up to 65535, found 65536\n";
const SHORTER: &str = "class State, member q: expected 6 elements, found 5\n";

/// numpy, Java and C# read what is not aligned.
const ALIGNMENT: &str = "class Cloud: expected bytes that start at a multiple of 8: copy them first\n";

#[test]
fn python_writes_and_reads_a_frame_where_it_lies_and_refuses_what_rust_does() {
    let exported = languages::python::LANGUAGE.exported("tests/schemas/frames.json", "in_place");
    let counts = "class Cloud, member labels: expected dimensions for 2 elements, found them for 0\n";
    let common = format!("{}\n{}{counts}{IN_PLACE_REST}", cloud(), IN_PLACE.replace(ALIGNMENT, ""));
    assert_eq!(languages::python::in_place(&exported), format!("{common}{WIDER}{SHORTER}"));
}

#[test]
fn java_writes_and_reads_a_frame_where_it_lies_and_refuses_what_rust_does() {
    let exported = languages::java::LANGUAGE.exported("tests/schemas/frames.json", "in_place");
    let counts = "class Cloud, member labels: expected dimensions for 2 elements, found them for 0\n";
    let common = format!("{}\n{}{counts}{IN_PLACE_REST}", cloud(), IN_PLACE.replace(ALIGNMENT, ""));
    assert_eq!(languages::java::in_place(&exported), format!("{common}{WIDER}{SHORTER}"));
}

#[test]
fn c_sharp_writes_and_reads_a_frame_where_it_lies_and_refuses_what_rust_does() {
    let exported = languages::csharp::LANGUAGE.exported("tests/schemas/frames.json", "in_place");
    let counts = "class Cloud, member labels: expected dimensions for 2 elements, found them for 0\n";
    let common = format!("{}\n{}{counts}{IN_PLACE_REST}", cloud(), IN_PLACE.replace(ALIGNMENT, ""));
    assert_eq!(languages::csharp::in_place(&exported), format!("{common}{SHORTER}"));
}

#[test]
fn typescript_writes_and_reads_a_frame_where_it_lies_and_refuses_what_rust_does() {
    let exported = languages::typescript::LANGUAGE.exported("tests/schemas/frames.json", "in_place");
    let counts = "class Cloud, member labels: expected dimensions for 2 elements, found them for 0\n";
    let common = format!("{}\n{IN_PLACE}{counts}{IN_PLACE_REST}", cloud());
    assert_eq!(languages::typescript::in_place(&exported), format!("{common}{WIDER}{SHORTER}"));
}

#[test]
fn ruff_and_mypy_find_nothing_in_exported_python() {
    let exported = |file| languages::python::LANGUAGE.exported(file, "form");
    languages::python::strict(&["tests/schemas/every.json", "tests/schemas/frames.json"].map(exported));
}

#[test]
fn clang_format_changes_nothing_in_exported_c_and_c_plus_plus() {
    for language in [languages::c::LANGUAGE, languages::cpp::LANGUAGE] {
        for file in ["tests/schemas/every.json", "tests/schemas/frames.json"] {
            let exported = language.exported(file, "form");
            for file in std::fs::read_dir(&exported.folder).unwrap() {
                let file = file.unwrap().path();
                let style = "--style=file:languages/clang-format.yaml";
                let formatted = languages::run(std::process::Command::new("clang-format").arg(style).arg(&file));
                assert!(std::fs::read_to_string(&file).unwrap() == formatted, "{}", file.display());
            }
        }
    }
}

#[test]
fn java_reads_and_writes_every_class_as_rust_does() {
    languages::java::LANGUAGE.agrees_with_rust(&chosen());
}

#[test]
fn java_reads_and_writes_random_classes_as_rust_does() {
    languages::java::LANGUAGE.agrees_with_rust(&random::few());
}

#[test]
fn c_sharp_reads_and_writes_every_class_as_rust_does() {
    languages::csharp::LANGUAGE.agrees_with_rust(&chosen());
}

#[test]
fn c_sharp_reads_and_writes_random_classes_as_rust_does() {
    languages::csharp::LANGUAGE.agrees_with_rust(&random::few());
}
