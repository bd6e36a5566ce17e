//! Generated types, used as a user does.
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, clippy::all)]

use ipc_core::{Class, include_schema};
use ipc_schema::Schema;
use ipc_tests::agree::agree;

include_schema!("tests/schemas/frames.json");

#[test]
fn a_fixed_class_is_a_plain_struct_with_its_defaults() {
    let state = State { stamp: 7, ..Default::default() };
    assert_eq!(state.stamp, 7);
    assert_eq!(state.ready, true);
    assert_eq!(state.mode, Mode::IN_FLIGHT);
    assert_eq!(state.pose[1].z, 1.5);
    assert_eq!(state.temperature(), None);
}

#[test]
fn an_owned_value_comes_back_from_its_bytes() {
    let label = |text: &str| Label { score: 0.5, text: text.to_owned() };
    let cloud = Cloud {
        stamp: 1,
        rows: 2,
        cols: 3,
        head: Head { n: 2, m: 1, ..Default::default() },
        flag: true,
        points: vec![Vec3 { x: 1.0, y: 2.0, z: 3.0 }; 6],
        q: [0.5; 6],
        frame_id: Some("map".to_owned()),
        name: "sweep".to_owned(),
        blob: None,
        label: label("a"),
        maybe: Some(label("b")),
        labels: vec![label("c"), label("dd")],
        names: vec!["x".to_owned(), String::new()],
        chunks: Some(vec![vec![1, 2, 3]]),
        weights: Some(vec![1.0, 2.0, 3.0]),
        gain: Some(2.5),
        armed: Some(true),
    };
    let bytes = cloud.to_bytes().unwrap();
    assert_eq!(Cloud::from_bytes(&bytes).unwrap(), cloud);
    assert_eq!(Cloud::DESC.members[5].name, "points");
}

#[test]
fn generated_code_agrees_with_the_model_on_every_row_of_the_class_language() {
    let schema = Schema::from_file("tests/schemas/frames.json").unwrap();
    agree::<Vec3>(&schema, "Vec3");
    agree::<SimpleMatrix>(&schema, "SimpleMatrix");
    agree::<State>(&schema, "State");
    agree::<Head>(&schema, "Head");
    agree::<Label>(&schema, "Label");
    agree::<Cloud>(&schema, "Cloud");
}
