//! Topologies: what a file becomes, and every kind of error with the exact text that a user sees:
//! `tests/topology/errors/NAME.json` beside `NAME.stderr`. `BLESS=1 cargo test -p ipc-schema` writes the texts anew.

use std::path::{Path, PathBuf};
use std::time::Duration;

use ipc_schema::Topology;
use ipc_schema::topology::{Control, OnEnd, OnFull, Restart, RestartWhen, RingLimits, Storage};
use jsonschema::Validator;
use serde_json::Value;

const GOOD: &str = "tests/topology/good";
const ERRORS: &str = "tests/topology/errors";

/// Files whose errors an editor does not show: it takes knowing what names stand for.
const SEMANTIC: [&str; 9] = [
    "blocking_circle",
    "frame_too_large",
    "name_of_a_type",
    "nobody",
    "schema_not_there",
    "schema_with_errors",
    "two_producers",
    "unknown_channel",
    "unknown_class",
];

fn good(name: &str) -> Topology {
    Topology::from_file(format!("{GOOD}/{name}.json")).unwrap_or_else(|errors| panic!("{errors}"))
}

fn json_files(folder: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries.filter(|path| path.extension().is_some_and(|it| it == "json")).collect();
    files.sort();
    files
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap().to_str().unwrap().to_owned()
}

fn validator() -> Validator {
    let schema = std::fs::read_to_string("topology.schema.json").unwrap();
    jsonschema::draft202012::new(&serde_json::from_str(&schema).unwrap()).unwrap()
}

fn names(topology: &Topology, modules: &[ipc_schema::topology::ModuleId]) -> Vec<String> {
    modules.iter().map(|module| topology[*module].name.clone()).collect()
}

#[test]
fn every_bad_file_gives_its_expected_errors() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut wrong = Vec::new();
    for path in json_files(ERRORS) {
        let errors = match Topology::from_file(&path) {
            Ok(_) => "this file has no error\n".to_owned(),
            Err(errors) => errors.to_string(),
        };
        let golden = path.with_extension("stderr");
        if bless {
            std::fs::write(&golden, &errors).unwrap();
        } else if std::fs::read_to_string(&golden).unwrap_or_default() != errors {
            wrong.push(format!("=== {}\n{errors}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}\nIf this is intended: BLESS=1 cargo test -p ipc-schema", wrong.join("\n"));
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = Topology::from_file("tests/topology/nowhere.json").unwrap_err().to_string();
    assert!(error.starts_with("error: cannot read this file: No such file"), "{error}");
    assert!(error.contains("--> tests/topology/nowhere.json"), "{error}");
}

#[test]
fn what_is_not_stated_has_its_default() {
    let topology = good("design");
    let [frames] = &topology.channels[..] else { panic!("{topology:?}") };
    assert_eq!(topology.class_of(frames).name, "VideoFrame");
    assert_eq!((frames.capacity_bytes, frames.largest_frame_bytes), (16 << 20, Some(120_000)));
    assert_eq!((frames.on_full, &frames.storage), (OnFull::Wait, &Storage::Memory));
    assert_eq!((frames.reserved.as_slice(), frames.dynamic_slots), (["display".to_owned()].as_slice(), 16));
    assert!(!frames.keep && !frames.isolated);
    assert_eq!(topology[frames.producer].name, "camera");
    assert_eq!(names(&topology, &frames.consumers), ["display"]);
    let display = topology.module("display").unwrap();
    assert_eq!(display.folder, Path::new(GOOD));
    let (first_delay, longest_delay) = (Duration::from_millis(100), Duration::from_secs(10));
    let restart = Restart { when: RestartWhen::OnFailure, first_delay, longest_delay, attempts: None };
    assert_eq!((display.restart, display.on_end), (restart, OnEnd::Continue));
    assert_eq!((display.ready_within, display.quit_within), (Duration::from_secs(60), Duration::from_secs(5)));
    assert_eq!(topology[display.consumes[0]].name, "frames");
}

#[test]
fn what_is_stated_is_in_the_model() {
    let topology = good("all_keys");
    assert_eq!(topology.schema.files.len(), 2, "each file is read once");
    let [frames, edges, raw, plain] = &topology.channels[..] else { panic!("{topology:?}") };
    assert_eq!(frames.capacity_bytes, 8 << 20, "64 frames of 120 000 bytes");
    assert_eq!((frames.on_full, frames.keep, frames.dynamic_slots), (OnFull::Drop, false, 4));
    assert_eq!(frames.storage, Storage::Disk(Path::new(GOOD).join("records/frames.ring")));
    assert_eq!((frames.reserved.as_slice(), frames.consumers.len()), (["filter".to_owned()].as_slice(), 2));
    assert_eq!((edges.largest_frame_bytes, edges.isolated), (Some(120_000), true));
    assert_eq!((raw.capacity_bytes, raw.keep, raw.largest_frame_bytes), (65_536, true, None));
    assert_eq!(names(&topology, &raw.observers), ["display"]);
    assert_eq!(plain.capacity_bytes, RingLimits::DEFAULT_CAPACITY);
    let camera = topology.module("camera").unwrap();
    assert_eq!(
        (camera.command.join(" "), camera.folder.as_path()),
        ("./camera clip.avi".into(), Path::new(GOOD).join("bin").as_path())
    );
    assert_eq!(camera.environment, [("LANG".into(), "C".into()), ("EMPTY".into(), String::new())]);
    assert_eq!(
        (camera.restart.attempts, camera.restart.when, camera.on_end),
        (Some(5), RestartWhen::Always, OnEnd::Quit)
    );
    assert_eq!(
        (camera.restart.first_delay, camera.restart.longest_delay),
        (Duration::from_millis(50), Duration::from_secs(1))
    );
    assert_eq!((camera.ready_within, camera.quit_within), (Duration::from_secs(120), Duration::from_millis(500)));
    assert!(topology.module("x-notes").is_none());
    let controls = ["camera", "filter", "clock"].map(|name| topology.module(name).unwrap().control);
    assert_eq!(controls, [Control::Stdio, Control::Descriptor, Control::Silent], "a module without channels is silent");
}

#[test]
fn modules_start_against_the_flow_of_data() {
    let topology = good("all_keys");
    let layers: Vec<_> = topology.layers().iter().map(|layer| names(&topology, layer)).collect();
    assert_eq!(layers, [vec!["camera", "clock"], vec!["filter", "recorder"], vec!["display"]]);
    assert_eq!(names(&topology, &topology.start_order()), ["display", "filter", "recorder", "camera", "clock"]);
}

#[test]
fn a_circle_in_which_one_channel_drops_is_sound() {
    let topology = good("circle_that_drops");
    assert_eq!(names(&topology, &topology.start_order()), ["imu", "video"]);
}

#[test]
fn the_schema_is_a_json_schema_and_accepts_every_good_file() {
    let schema = std::fs::read_to_string("topology.schema.json").unwrap();
    jsonschema::draft202012::meta::validate(&serde_json::from_str(&schema).unwrap()).unwrap();
    let validator = validator();
    for path in json_files(GOOD) {
        let value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let errors: Vec<_> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{path:?}: {errors:?}");
        good(&stem(&path));
    }
}

#[test]
fn the_schema_refuses_every_bad_file_but_those_whose_names_must_be_understood() {
    let validator = validator();
    let parsed = json_files(ERRORS).into_iter().filter_map(|path| {
        let value: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).ok()?;
        Some((stem(&path), value))
    });
    let accepted: Vec<String> = parsed.filter(|(_, value)| validator.is_valid(value)).map(|(name, _)| name).collect();
    assert_eq!(accepted, SEMANTIC);
}
