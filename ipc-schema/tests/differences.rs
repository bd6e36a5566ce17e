//! The text that a user sees when a program and a ring do not fit together.

use ipc_schema::Schema;
use ipc_schema::diff::{diff, render};

fn rendered(expected: &str, found: &str) -> Vec<String> {
    let read = |text| Schema::from_text(text, "inline").unwrap_or_else(|errors| panic!("{errors}"));
    let (expected, found) = (read(expected), read(found));
    let text = render(&diff(&expected, expected.classes.last().unwrap(), &found, found.classes.last().unwrap()));
    text.lines().map(str::to_owned).collect()
}

#[test]
fn swapped_members_of_one_size_are_named_with_their_offsets() {
    let one = r#"[{ "className": "A", "members": [{ "name": "x", "type": "int" }, { "name": "y", "type": "int" }] }]"#;
    let two = r#"[{ "className": "A", "members": [{ "name": "y", "type": "int" }, { "name": "x", "type": "int" }] }]"#;
    let expected = [
        "  A.x: place: expected at offset 0, found at offset 4",
        "  A.y: place: expected at offset 4, found at offset 0",
        "  A: order of members: expected x, y, found y, x",
    ];
    assert_eq!(rendered(one, two), expected);
    assert!(rendered(one, one).is_empty());
}

#[test]
fn every_kind_of_difference_is_told() {
    let one = r#"{ "namespace": "robot",
        "enums": [{ "enumName": "Mode", "base": "uint8", "values": { "Idle": 0, "Fault": 200 } }],
        "classes": [{ "className": "Vec3", "members": [{ "name": "x", "type": "float" }, { "name": "y", "type": "float", "unit": "m" }] },
        { "className": "Cloud", "members": [{ "name": "n", "type": "uint16" }, { "name": "cols", "type": "uint16" },
            { "name": "gone", "type": "string" }, { "name": "mode", "type": "Mode" },
            { "name": "points", "type": "array", "size": ["n*cols"], "elem": { "type": "Vec3", "unit": "m" } },
            { "name": "more", "type": "array", "size": [2], "elem": { "type": "Vec3" } },
            { "name": "maybe", "type": "int8", "optional": true }] }] }"#;
    let two = r#"{
        "enums": [{ "enumName": "Mode", "base": "int8", "values": { "Idle": 0, "Fault": 100, "Run": 2 } }],
        "classes": [{ "className": "Vec3", "members": [{ "name": "x", "type": "double" }, { "name": "y", "type": "float", "unit": "mm" }] },
        { "className": "Cloud", "members": [{ "name": "n", "type": "uint16" }, { "name": "cols", "type": "uint32" },
            { "name": "mode", "type": "Mode" },
            { "name": "points", "type": "array", "size": ["cols*n"], "elem": { "type": "Vec3", "unit": "cm" } },
            { "name": "more", "type": "array", "size": [2], "elem": { "type": "Vec3" } },
            { "name": "maybe", "type": "int8" }, { "name": "new", "type": "bytes" }] }] }"#;
    let expected = [
        "  Cloud: namespace: expected \"robot\", found none",
        "  Cloud.cols: type: expected uint16 at offset 2, found uint32 at offset 4",
        "  Cloud.gone: member: expected string with its length at offset 4, found no such member",
        "  Cloud.mode: base of enum: expected uint8, found int8",
        "  Cloud.mode: value of enum: expected Fault = 200, found Fault = 100",
        "  Cloud.mode: value of enum: expected no such value, found Run = 2",
        "  Cloud.points: type: expected Vec3[(n*cols)] in a region of computed size, found Vec3[(cols*n)] in a region of computed size",
        "  Cloud.points: unit of elements: expected \"m\", found \"cm\"",
        "  Cloud.points: namespace: expected \"robot\", found none",
        "  Cloud.points.x: type: expected float32 at offset 0, found float64 at offset 0",
        "  Cloud.points.y: place: expected at offset 4, found at offset 8",
        "  Cloud.points.y: unit: expected \"m\", found \"mm\"",
        "  Cloud.more: place: expected at offset 12, found at offset 16",
        "  Cloud.maybe: place: expected at offset 28, found at offset 48",
        "  Cloud.maybe: presence: expected optional, found always there",
        "  Cloud.new: member: expected no such member, found bytes with its length at offset 52",
    ];
    assert_eq!(rendered(one, two), expected);
}

#[test]
fn an_enum_and_a_class_of_one_name_and_size_differ() {
    let one = r#"{ "enums": [{ "enumName": "E", "base": "uint8", "values": { "A": 0 } }],
        "classes": [{ "className": "Cloud", "members": [{ "name": "e", "type": "E" }] }] }"#;
    let two = r#"[{ "className": "E", "members": [{ "name": "x", "type": "uint8" }] },
        { "className": "Cloud", "members": [{ "name": "e", "type": "E" }] }]"#;
    assert_eq!(rendered(one, two), ["  Cloud.e: type: expected the enum E at offset 0, found the class E at offset 0"]);
}

#[test]
fn an_empty_unit_is_none() {
    let with = |unit: &str| {
        format!(
            r#"[{{ "className": "Cloud", "members": [{{ "name": "x", "type": "array", "size": [2],
                "elem": {{ "type": "int"{unit} }}{unit} }}] }}]"#
        )
    };
    assert!(rendered(&with(r#", "unit": """#), &with("")).is_empty());
    assert_eq!(rendered(&with(r#", "unit": "m""#), &with("")).len(), 2);
}
