//! An error of a frame says where it is, through every class and array around it.
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, clippy::all)]

use ipc_core::{AlignedBytes, Class, Error, schema};

schema! {
    [{ "className": "Outer", "members": [
        { "name": "head", "type": "Head" },
        { "name": "one", "type": "Item" },
        { "name": "items", "type": "array", "size": ["head.n"], "elem": { "type": "Item" } },
        { "name": "points", "type": "array", "size": ["head.n"], "elem": { "type": "Point" } },
        { "name": "names", "type": "array", "size": [2], "elem": { "type": "string", "max": 3 } }] },
     { "className": "Head", "members": [{ "name": "n", "type": "uint16", "max": 10 }] },
     { "className": "Item", "members": [
        { "name": "k", "type": "uint8" }, { "name": "x", "type": "float", "min": -1, "max": 1 },
        { "name": "text", "type": "string", "max": 4 },
        { "name": "list", "type": "array", "size": ["k"], "elem": { "type": "uint8", "max": 9 } }] },
     { "className": "Point", "members": [
        { "name": "grid", "type": "array", "size": [2, 2], "elem": { "type": "int", "min": 0 } }] }]
}

fn item(x: f32, text: &str, list: &[u8]) -> Item {
    Item { k: list.len() as u8, x, text: text.to_owned(), list: list.to_vec() }
}

fn outer() -> Outer {
    Outer {
        head: Head { n: 2 },
        one: item(0.0, "a", &[]),
        items: vec![item(0.5, "b", &[1]), item(1.0, "c", &[2, 3])],
        points: vec![Point::default(); 2],
        names: vec!["x".to_owned(), "y".to_owned()],
    }
}

fn refused(change: impl FnOnce(&mut Outer)) -> String {
    let mut value = outer();
    change(&mut value);
    value.to_bytes().unwrap_err().to_string()
}

#[test]
fn a_value_is_refused_with_the_path_to_what_is_wrong() {
    assert_eq!(refused(|it| it.one.x = 2.0), "class Outer, member one.x: expected a value from -1 up to 1, found 2");
    let found = refused(|it| it.items[1].x = -2.0);
    assert_eq!(found, "class Outer, member items[1].x: expected a value from -1 up to 1, found -2");
    let found = refused(|it| it.items[1].list[1] = 10);
    assert_eq!(found, "class Outer, member items[1].list[1]: expected a value up to 9, found 10");
    let found = refused(|it| it.items[0].text = "abcde".to_owned());
    assert_eq!(found, "class Outer, member items[0].text: expected at most 4 bytes (its max), found 5");
    let found = refused(|it| it.points[1].grid[1][0] = -1);
    assert_eq!(found, "class Outer, member points[1].grid[2]: expected a value from 0, found -1");
    let found = refused(|it| it.names[1] = "long".to_owned());
    assert_eq!(found, "class Outer, member names[1]: expected at most 3 bytes (its max), found 4");
    assert_eq!(refused(|it| it.head.n = 11), "class Outer, member head.n: expected a value up to 10, found 11");
    let found = refused(|it| it.items[1].k = 1);
    assert_eq!(
        found,
        "class Outer, member items[1].list: expected 1 elements, because its size is k with k = 1, found 2"
    );
}

#[test]
fn a_frame_is_refused_with_the_path_to_what_is_wrong() {
    let bytes = outer().to_bytes().unwrap();
    let text = bytes.windows(1).position(|byte| byte == b"c").unwrap();
    let mut frame = AlignedBytes::copy_of(&bytes);
    frame[text] = 0xff;
    let view = Outer::view(&frame).unwrap();
    let problem = "expected UTF-8, found an invalid sequence at byte 0";
    let error = Outer::load(view).unwrap_err();
    assert_eq!(error.to_string(), format!("class Outer, member items[1].text: {problem}"));
    let Error::Frame(error) = error else { panic!("{error}") };
    assert_eq!((error.class(), error.path().as_str()), ("Outer", "items[1].text"));
    frame[0] = 11;
    let error = Outer::view(&frame).unwrap_err().to_string();
    assert_eq!(error, "class Outer, member head.n: expected a value up to 10, found 11");
}
