//! Values as lines of JSON: what JSON cannot say by itself, and what is refused.

use ipc_schema::Schema;
use ipc_schema::value::{decode, encode, from_json, to_json};

const SCHEMA: &str = r#"{ "enums": [{ "enumName": "Mode", "base": "uint8", "values": { "Idle": 0, "Fault": 200 } }],
  "classes": [
    { "className": "Point", "members": [{ "name": "x", "type": "float" }] },
    { "className": "All", "members": [
      { "name": "n", "type": "uint8" },
      { "name": "big", "type": "uint64" },
      { "name": "low", "type": "int64", "optional": true },
      { "name": "wide", "type": "double" },
      { "name": "ok", "type": "bool" },
      { "name": "mode", "type": "Mode" },
      { "name": "blob", "type": "bytes" },
      { "name": "text", "type": "string", "max": 5 },
      { "name": "grid", "type": "array", "size": ["n", 2], "elem": { "type": "Point" } }] }] }"#;

const WHOLE: &str = concat!(
    r#"{"n":1,"big":18446744073709551615,"low":-9223372036854775808,"wide":"NaN","ok":true,"mode":"Fault","#,
    r#""blob":[0,255],"text":"a\n\"é","grid":[{"x":0.1},{"x":"-inf"}]}"#
);

/// The line that a line becomes as a frame and back.
fn through_a_frame(line: &str) -> Result<String, String> {
    let schema = Schema::from_text(SCHEMA, "inline").unwrap();
    let class = schema.class("All").unwrap();
    let value = from_json(&schema, class, line).map_err(|error| error.to_string())?;
    let frame = encode(&schema, class, &value).map_err(|error| error.to_string())?;
    Ok(to_json(&schema, class, &decode(&schema, class, &frame).unwrap()))
}

#[test]
fn a_line_of_every_kind_of_member_comes_back_from_its_frame() {
    assert_eq!(through_a_frame(WHOLE).unwrap(), WHOLE);
}

#[test]
fn other_spellings_of_the_same_value_are_read() {
    for (from, to) in [
        (r#""n":1"#, r#""n":1.0"#),
        (r#""n":1"#, r#""n":1e0"#),
        (r#""mode":"Fault""#, r#""mode":200"#),
        (r#"{"n":1,"#, "{ \"n\" : 1 ,\t"),
        ("é", "\\u00e9"),
    ] {
        let line = WHOLE.replace(from, to);
        assert!(line != WHOLE, "{from}");
        assert_eq!(through_a_frame(&line).unwrap(), WHOLE);
    }
    let absent = WHOLE.replace(r#""low":-9223372036854775808,"#, "");
    assert_eq!(through_a_frame(&absent).unwrap(), absent);
    assert_eq!(through_a_frame(&WHOLE.replace("-9223372036854775808", "null")).unwrap(), absent);
}

#[test]
fn what_is_no_value_of_the_class_is_refused_with_its_place() {
    for (from, to, expected) in [
        (r#""n":1"#, r#""n":256"#, "n: expected a value of type uint8, found an integer that it does not hold"),
        (r#""n":1"#, r#""n":1.5"#, "n: expected a value of type uint8, found a number that it does not hold"),
        (r#""n":1"#, r#""n":"1""#, "n: expected a value of type uint8, found a string"),
        (r#""n":1"#, r#""n":2"#, "grid: expected 4 elements, as its dimensions say, found 2"),
        (r#""n":1"#, r#""n":null"#, "n: a value is missing, and this member is not optional"),
        (r#""n":1,"#, "", "n: a value is missing, and this member is not optional"),
        (r#""n":1"#, r#""n":1,"n":1"#, "n: this member is stated twice"),
        (r#""mode""#, r#""mod""#, "it has no member `mod`: did you mean `mode`?"),
        (r#""Fault""#, r#""Broken""#, r#"mode: expected a value of type Mode ("Idle", "Fault"), found a string"#),
        (
            "18446744073709551615",
            "18446744073709551616",
            "big: expected a value of type uint64, found an integer that it",
        ),
        ("18446744073709551615", "1e300", "big: expected a value of type uint64, found a number that it does not hold"),
        (r#""NaN""#, "1e999", "wide: expected a value of type float64, found a number that it does not hold"),
        ("[0,255]", "[0,256]", "blob[1]: expected a value of type uint8, found a number that it does not hold"),
        ("[0,255]", r#""AA==""#, "blob: expected a value of type bytes, found a string"),
        (r#""a\n\"é""#, r#""sixsix""#, "text: 6 is above `max` 5"),
        (r#"{"x":0.1}"#, r#"{"x":true}"#, "grid[0].x: expected a value of type float32, found true or false"),
        (r#"{"x":0.1}"#, r#"[0.1]"#, "grid[0]: expected a value of type Point, found a list"),
        (r#"{"n":1,"#, r#"{"n":1"#, "column 7: this is no JSON"),
    ] {
        let line = WHOLE.replace(from, to);
        let error = through_a_frame(&line).expect_err(&line);
        assert!(error.contains(expected), "{line}\n{error}");
    }
    assert!(through_a_frame("").unwrap_err().contains("expected an object, found an empty text"));
    assert_eq!(through_a_frame("7").unwrap_err(), "expected a value of type All, found a number that it does not hold");
}
