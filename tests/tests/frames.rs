//! Generated types, used as a user does.
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, clippy::all)]

use ipc_core::{AlignedBytes, Char, Class, ZeroRegions, include_schema};
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

fn cloud() -> Cloud {
    let label = |text: &str| Label { score: 0.5, text: text.to_owned() };
    Cloud {
        rows: 1,
        cols: 2,
        head: Head { n: 1, m: 0, ..Default::default() },
        points: vec![Vec3::default(); 2],
        label: label("a"),
        labels: vec![label("bé")],
        names: vec!["x".to_owned(), "y".to_owned()],
        ..Default::default()
    }
}

fn message<T: std::fmt::Debug>(result: Result<T, ipc_core::Error>) -> String {
    result.unwrap_err().to_string()
}

#[test]
fn an_array_that_disagrees_with_its_dimensions_is_refused_with_the_numbers() {
    let short = Cloud { points: vec![Vec3::default()], ..cloud() };
    assert_eq!(
        message(short.to_bytes()),
        "class Cloud, member points: expected 2 elements, because its size is rows × cols with rows = 1, cols = 2, found 1"
    );
    let negative = SimpleMatrix { n: -3, a: vec![0; 9] };
    assert_eq!(
        message(negative.to_bytes()),
        "class SimpleMatrix, member a: its size is (n*n) with n = -3: a size expression: -3 is negative, and sizes are \
         unsigned"
    );
    let names = Cloud { names: vec![], ..cloud() };
    assert_eq!(message(names.to_bytes()), "class Cloud, member names: expected 2 elements, found 0");
}

#[test]
fn bounds_are_refused_by_writers_and_those_of_dimensions_by_readers_too() {
    let wide = Cloud { rows: 0, cols: 2049, points: vec![], ..cloud() };
    assert_eq!(message(wide.to_bytes()), "class Cloud, member cols: expected a value up to 2048, found 2049");
    let long = Cloud { label: Label { score: 0.5, text: "123456789".to_owned() }, ..cloud() };
    assert_eq!(message(long.to_bytes()), "class Cloud, member label.text: expected at most 8 bytes (its max), found 9");
    let high = Cloud { label: Label { score: 1.5, text: String::new() }, ..cloud() };
    assert_eq!(message(high.to_bytes()), "class Cloud, member label.score: expected a value from 0 up to 1, found 1.5");
}

#[test]
fn a_frame_is_written_in_place_and_read_in_place() {
    let label = LabelDims { text: 2 };
    let dims = CloudDims {
        rows: 1,
        cols: 2,
        head: Head { n: 1, m: 2, ..Default::default() },
        frame_id: Some(3),
        labels: vec![label.clone()],
        label,
        names: vec![1, 0],
        chunks: Some(vec![4, 0]),
        weights: true,
        ..Default::default()
    };
    let mut frame = AlignedBytes::zeroed(Cloud::frame_len(&dims).unwrap() as usize);
    Cloud::init(&mut frame, &dims, ZeroRegions::Yes).unwrap();
    let mut writer = Cloud::edit(&mut frame).unwrap();
    *writer.stamp = 7;
    *writer.flag = true.into();
    writer.points[1].x = 3.5;
    writer.frame_id.as_mut().unwrap().copy_from_slice(b"map");
    writer.label.text.copy_from_slice(b"ok");
    *writer.labels.get_mut(0).unwrap().score = 0.25;
    writer.names.get_mut(0).unwrap().copy_from_slice(b"n");
    writer.chunks.as_mut().unwrap().get_mut(0).unwrap().fill(9);
    writer.weights.as_mut().unwrap()[1] = 2.0;
    writer.set_gain(Some(0.5));
    writer.set_armed(Some(true));
    assert_eq!((writer.rows(), writer.cols(), writer.gain()), (1, 2, Some(0.5)));
    assert!(writer.labels.get_mut(1).is_err());

    let view = Cloud::view(&frame).unwrap();
    assert_eq!((view.stamp(), view.flag(), view.points()[1].x), (7, true, 3.5));
    assert_eq!((view.frame_id().unwrap(), view.label().text().unwrap()), (Some("map"), "ok"));
    assert_eq!(view.labels().get(0).unwrap().score(), 0.25);
    let names: Result<Vec<_>, _> = view.names().iter().collect();
    assert_eq!(names.unwrap(), ["n", ""]);
    assert_eq!(view.chunks().unwrap().get(0).unwrap(), [9; 4]);
    assert_eq!(view.weights().unwrap(), [0.0, 2.0]);
    assert_eq!((view.gain(), view.armed(), view.blob()), (Some(0.5), Some(true), None));
    assert_eq!(view.to_owned().unwrap().head, dims.head);
    assert!(format!("{view:?}").contains("frame_id: Ok(Some(\"map\"))"));
}

#[test]
fn text_is_checked_when_it_is_read_as_text() {
    let mut bytes = Label { score: 0.0, text: "ab".to_owned() }.to_bytes().unwrap();
    *bytes.last_mut().unwrap() = 0xff;
    let frame = AlignedBytes::copy_of(&bytes);
    let view = Label::view(&frame).unwrap();
    assert_eq!(view.text_bytes(), [b'a', 0xff]);
    assert_eq!(message(view.text()), "class Label, member text: expected UTF-8, found an invalid sequence at byte 1");
}

#[test]
fn optional_members_of_a_fixed_class_have_getters_and_setters() {
    let mut state = State::default();
    state.set_temperature(Some(20.0));
    state.set_calibrated(Some(true));
    state.set_axis(Some(Vec3::default()));
    assert_eq!((state.temperature(), state.calibrated()), (Some(20.0), Some(true)));
    assert_eq!(state.axis(), Some(&Vec3::default()));
    state.set_temperature(None);
    assert_eq!(state.temperature(), None);
    assert!(format!("{state:?}").contains("temperature: None, calibrated: Some(true)"));
    let cold = {
        let mut state = state;
        state.set_temperature(Some(-50.0));
        state
    };
    assert_eq!(
        message(cold.to_bytes()),
        "class State, member temperature: expected a value from -40 up to 150, found -50"
    );
}

#[test]
fn an_enum_keeps_values_that_it_does_not_know() {
    assert_eq!(Mode::IN_FLIGHT.name(), Some("InFlight"));
    assert_eq!(format!("{:?} {:?}", Mode::FAULT, Mode(7)), "Fault Mode(7)");
    let state = State { mode: Mode(7), ..Default::default() };
    assert_eq!(State::from_bytes(&state.to_bytes().unwrap()).unwrap().mode, Mode(7));
}

#[test]
fn keywords_are_escaped() {
    let state = State { r#type: b'q'.into(), self_: 4, ..Default::default() };
    assert_eq!((state.r#type, state.self_), (Char(b'q'), 4));
}

#[test]
fn a_new_value_can_be_written_as_it_is() {
    assert_eq!(Cloud::default().name, "cloud");
    let matrix = SimpleMatrix::default();
    assert_eq!(SimpleMatrix::from_bytes(&matrix.to_bytes().unwrap()).unwrap(), matrix);
    let cloud = Cloud::default();
    assert_eq!(Cloud::from_bytes(&cloud.to_bytes().unwrap()).unwrap(), cloud);
}

#[test]
fn an_inline_schema_may_stand_in_a_function() {
    ipc_core::schema! {
        { "namespace": "here", "classes": [{ "className": "Local", "comment": "with a \"quote\"", "members": [
            { "name": "low", "type": "int", "min": -5, "max": 5, "default": -1 },
            { "name": "list", "type": "array", "size": [2], "elem": { "type": "double" }, "default": [-1.5, 2e3] }] }] }
    }
    assert_eq!((Local::default().low, Local::default().list), (-1, [-1.5, 2000.0]));
    assert_eq!(Local::DESC.comment, Some("with a \"quote\""));
    assert!(Local { low: 6, ..Default::default() }.to_bytes().is_err());
}

#[test]
fn views_and_writers_go_to_other_threads() {
    fn shared<T: Send + Sync + Copy>() {}
    fn sent<T: Send>() {}
    shared::<CloudRef<'static>>();
    sent::<CloudMut<'static>>();
}
