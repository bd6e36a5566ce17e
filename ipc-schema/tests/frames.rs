//! Frames computed by hand from the wire rules, byte by byte: encoding gives them, and decoding gives the values back.

use ipc_schema::Schema;
use ipc_schema::value::{DynValue, decode, encode};

/// Bytes from hex; `#` begins a comment.
fn hex(text: &str) -> Vec<u8> {
    let digits: String = text.lines().map(|line| line.split('#').next().unwrap()).collect();
    let digits: Vec<char> = digits.chars().filter(|c| !c.is_whitespace()).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(&pair.iter().collect::<String>(), 16).unwrap()).collect()
}

fn class(values: impl IntoIterator<Item = DynValue>) -> DynValue {
    DynValue::Class(values.into_iter().map(Some).collect())
}

fn int(value: i128) -> DynValue {
    DynValue::Int(value)
}

fn ints(values: impl IntoIterator<Item = i128>) -> DynValue {
    DynValue::List(values.into_iter().map(DynValue::Int).collect())
}

fn text(text: &str) -> DynValue {
    DynValue::Text(text.to_owned())
}

/// The last class of the schema.
fn holds(schema: &str, value: &DynValue, frame: &str) {
    let schema = Schema::from_text(schema, "frames.rs").unwrap_or_else(|errors| panic!("{errors}"));
    let class = schema.classes.last().unwrap();
    assert_eq!(encode(&schema, class, value).unwrap(), hex(frame));
    assert_eq!(decode(&schema, class, &hex(frame)).unwrap(), *value);
}

fn refused(schema: &str, frame: &str) -> String {
    let schema = Schema::from_text(schema, "frames.rs").unwrap_or_else(|errors| panic!("{errors}"));
    decode(&schema, schema.classes.last().unwrap(), &hex(frame)).unwrap_err().to_string()
}

const MATRIX: &str = r#"[{ "className": "SimpleMatrix", "members": [
    { "name": "n", "type": "int", "comment": " " },
    { "name": "a", "type": "array", "size": ["n*n"], "elem": { "type": "int" } } ] }]"#;

#[test]
fn the_matrix_of_the_paper() {
    let value = class([int(2), ints([1, 2, 3, -1])]);
    holds(
        MATRIX,
        &value,
        "02000000 # n
        00000000 # to 8
        01000000 02000000 03000000 ffffffff",
    );
    holds(MATRIX, &class([int(0), ints([])]), "00000000 00000000 # the empty region stands at 8 too");
}

#[test]
fn a_fixed_class_is_a_c_struct() {
    let schema = r#"[{ "className": "A", "members": [{ "name": "a", "type": "byte" }, { "name": "b", "type": "uint32" },
        { "name": "c", "type": "short" }] }]"#;
    holds(
        schema,
        &class([int(1), int(0x01020304), int(-2)]),
        "01 000000 # to 4
        04030201
        feff 0000 # size a multiple of 4",
    );
}

#[test]
fn enums_keep_unknown_values_and_constant_arrays_are_inline() {
    let schema = r#"{ "constants": { "K": 2 }, "enums": [{ "enumName": "Mode", "base": "uint16", "values": { "Idle": 0 } }],
        "classes": [{ "className": "A", "members": [{ "name": "mode", "type": "Mode" }, { "name": "c", "type": "char" },
        { "name": "m", "type": "array", "size": [2, "K"], "elem": { "type": "int16" } }] }] }"#;
    holds(schema, &class([int(300), int(65), ints([1, 2, 3, -2])]), "2c01 41 00 0100 0200 0300 feff");
}

#[test]
fn every_scalar_has_its_bytes() {
    let schema = r#"[{ "className": "A", "members": [{ "name": "a", "type": "int8" }, { "name": "b", "type": "bool" },
        { "name": "c", "type": "uint16" }, { "name": "d", "type": "float" }, { "name": "e", "type": "double" },
        { "name": "f", "type": "long" }, { "name": "g", "type": "uint64" }] }]"#;
    let value = class([
        int(-1),
        DynValue::Bool(true),
        int(0xfffe),
        DynValue::Float32(1.0),
        DynValue::Float64(-2.0),
        int(i64::MIN.into()),
        int(u64::MAX.into()),
    ]);
    holds(schema, &value, "ff 01 feff 0000803f 00000000000000c0 0000000000000080 ffffffffffffffff");
}

#[test]
fn a_string_leaves_its_length_in_place_and_its_bytes_in_a_region() {
    let schema = r#"[{ "className": "A", "members": [{ "name": "id", "type": "byte" }, { "name": "name", "type": "string" }] }]"#;
    holds(
        schema,
        &class([int(7), text("héy")]),
        "07 000000 04000000 # id, length of name
        68c3a979 # no terminator, no padding after it",
    );
}

#[test]
fn padding_before_an_empty_region_counts() {
    let schema = r#"[{ "className": "A", "members": [{ "name": "s", "type": "string" }, { "name": "t", "type": "bytes" },
        { "name": "u", "type": "string" }] }]"#;
    holds(
        schema,
        &class([text("abc"), DynValue::Bytes(vec![]), text("")]),
        "03000000 00000000 00000000
        00000000 # to 16
        616263
        0000000000 # to 24, where t and u stand, empty",
    );
}

#[test]
fn absent_members_are_zero_and_their_regions_empty() {
    let schema = r#"[{ "className": "A", "members": [{ "name": "a", "type": "uint8", "optional": true },
        { "name": "b", "type": "uint16", "optional": true }, { "name": "s", "type": "string", "optional": true },
        { "name": "t", "type": "string", "optional": true }] }]"#;
    let value = DynValue::Class(vec![None, Some(int(0x0102)), None, Some(text("x"))]);
    holds(
        schema,
        &value,
        "00 00 0201 00000000 01000000
        0a # presence: bits 1 and 3
        000000 # to 16
        78",
    );
    assert_eq!(
        refused(schema, "00 00 0000 05000000 00000000 00 000000 6162636465"),
        "s: an absent member has a length of 5 bytes"
    );
}

#[test]
fn the_size_of_an_absent_array_is_not_evaluated() {
    let schema = r#"[{ "className": "A", "members": [{ "name": "n", "type": "int8" },
        { "name": "a", "type": "array", "size": ["1 / n"], "elem": { "type": "int8" }, "optional": true }] }]"#;
    holds(
        schema,
        &DynValue::Class(vec![Some(int(0)), None]),
        "00 00 # n, presence
        000000000000 # the empty region stands at 8",
    );
    assert_eq!(refused(schema, "00 01 000000000000"), "a: a size expression: 1 is divided by zero");
    assert_eq!(refused(schema, "ff 01 000000000000"), "a: a size expression: -1 is negative, and sizes are unsigned");
}

#[test]
fn the_ninth_optional_member_takes_a_second_presence_byte() {
    let members: Vec<_> =
        (0..9).map(|i| format!(r#"{{ "name": "m{i}", "type": "bool", "optional": true }}"#)).collect();
    let schema = format!(r#"[{{ "className": "A", "members": [{}] }}]"#, members.join(","));
    holds(&schema, &class((0..9).map(|_| DynValue::Bool(true))), "010101010101010101 ff01");
}

#[test]
fn an_array_of_strings_is_a_table_of_ends_and_the_bodies() {
    let schema = r#"[{ "className": "A", "members": [{ "name": "n", "type": "uint16" },
        { "name": "names", "type": "array", "size": ["n"], "elem": { "type": "string" } }] }]"#;
    let value = class([int(3), DynValue::List(vec![text("a"), text(""), text("bcd")])]);
    holds(
        schema,
        &value,
        "0300 0000 14000000 # n, length of the region
        01000000 01000000 04000000 # ends, counted from the first body
        00000000 # to 16
        61626364",
    );
    holds(schema, &class([int(0), DynValue::List(vec![])]), "0000 0000 00000000");
    assert_eq!(
        refused(schema, "0000 0000 04000000 00000000"),
        "names: an array without elements has a region of 4 bytes"
    );
}

const PAIR: &str =
    r#"{ "className": "P", "members": [{ "name": "k", "type": "uint8" }, { "name": "s", "type": "string" }] }"#;

#[test]
fn bodies_of_classes_start_at_multiples_of_eight() {
    let schema = format!(
        r#"[{PAIR}, {{ "className": "A", "members": [
        {{ "name": "ps", "type": "array", "size": [2], "elem": {{ "type": "P" }} }}] }}]"#
    );
    let value = class([DynValue::List(vec![class([int(1), text("abc")]), class([int(2), text("")])])]);
    holds(
        &schema,
        &value,
        "20000000 # length of the region, for a constant count too
        00000000 # to 8
        0b000000 18000000 # ends 11 and 24
        01 000000 03000000 616263 # body 0
        0000000000 # to 16
        02 000000 00000000 # body 1",
    );
}

#[test]
fn a_nested_variable_class_is_a_body_in_a_region() {
    let schema = format!(
        r#"[{PAIR}, {{ "className": "A", "members": [{{ "name": "p", "type": "P" }}, {{ "name": "t", "type": "double" }}] }}]"#
    );
    holds(
        &schema,
        &class([class([int(1), text("abc")]), DynValue::Float64(1.0)]),
        "0b000000 00000000 000000000000f03f
        01 000000 03000000 616263",
    );
    assert_eq!(
        refused(&schema, "0b000000 00000000 000000000000f03f 01 000000 04000000 616263"),
        "p.s: a region ends at byte 12 of only 11 bytes"
    );
}

#[test]
fn a_size_reaches_into_a_nested_fixed_class() {
    let schema = r#"[{ "className": "Head", "members": [{ "name": "n", "type": "uint8" }, { "name": "flag", "type": "bool" }] },
        { "className": "V", "members": [{ "name": "x", "type": "float32" }, { "name": "y", "type": "int8" }] },
        { "className": "A", "members": [{ "name": "head", "type": "Head" },
            { "name": "vs", "type": "array", "size": ["head.n + 1"], "elem": { "type": "V" } },
            { "name": "k", "type": "int64" }] }]"#;
    let v = |x, y| class([DynValue::Float32(x), int(y)]);
    let value = class([class([int(1), DynValue::Bool(true)]), DynValue::List(vec![v(1.0, 2), v(-2.0, -2)]), int(-1)]);
    holds(
        schema,
        &value,
        "01 01 000000000000 # head, to 8: vs leaves nothing
        ffffffffffffffff # k
        0000803f 02 000000
        000000c0 fe 000000",
    );
}

#[test]
fn dimensions_are_row_major() {
    let schema = r#"[{ "className": "A", "members": [{ "name": "rows", "type": "uint16" }, { "name": "cols", "type": "uint16", "max": 3 },
        { "name": "points", "type": "array", "size": ["rows", "cols"], "elem": { "type": "uint8" } }] }]"#;
    holds(schema, &class([int(2), int(3), ints(1..=6)]), "0200 0300 00000000 010203040506");
    assert_eq!(refused(schema, "0200 0400 00000000 0102030405060708"), "points.cols: 4 is above `max` 3");
}

#[test]
fn what_lies_about_its_length_is_refused() {
    assert_eq!(refused(MATRIX, "0200"), "expected 4 bytes for the fixed part, found 2");
    assert_eq!(refused(MATRIX, "02000000 00000000 01000000"), "a: a region ends at byte 24 of only 12 bytes");
    assert_eq!(refused(MATRIX, "00000000 00000000 00"), "the last region ends at byte 8, but there are 9 bytes");
    assert_eq!(refused(MATRIX, "00000000"), "a: a region ends at byte 8 of only 4 bytes");
    assert_eq!(refused(MATRIX, "ffffff7f 00000000"), "a: a frame is shorter than 4 GiB, and this one is not");
    let cube = MATRIX.replace("\"int\"", "\"uint64\"");
    assert_eq!(
        refused(&cube, "ffffffffffffffff"),
        "a: a size expression: 18446744073709551615 * 18446744073709551615 overflows 64 bits"
    );
    let text = r#"[{ "className": "A", "members": [{ "name": "s", "type": "string", "max": 4 }] }]"#;
    assert_eq!(refused(text, "05000000 00000000 6162636465"), "s: 5 is above `max` 4");
    assert_eq!(refused(text, "02000000 00000000 ff61"), "s: the text is no UTF-8 at byte 0");
}

#[test]
fn any_non_zero_byte_reads_as_true_and_nan_travels_unchanged() {
    let schema =
        r#"[{ "className": "A", "members": [{ "name": "b", "type": "bool" }, { "name": "f", "type": "float" }] }]"#;
    let schema = Schema::from_text(schema, "frames.rs").unwrap();
    let value = decode(&schema, &schema.classes[0], &hex("05 000000 0100a07f")).unwrap();
    assert_eq!(encode(&schema, &schema.classes[0], &value).unwrap(), hex("01 000000 0100a07f"));
}

#[test]
fn writers_refuse_what_breaks_a_bound_or_a_type() {
    let schema = r#"[{ "className": "A", "members": [{ "name": "n", "type": "int8", "min": -1, "max": 1 },
        { "name": "a", "type": "array", "size": [2], "elem": { "type": "double", "min": 0 } }] }]"#;
    let schema = Schema::from_text(schema, "frames.rs").unwrap();
    let encode = |value: DynValue| encode(&schema, &schema.classes[0], &value).map_err(|error| error.to_string());
    let doubles = |values: &[f64]| DynValue::List(values.iter().map(|value| DynValue::Float64(*value)).collect());
    assert!(encode(class([int(1), doubles(&[0.0, 1.0])])).is_ok());
    assert_eq!(encode(class([int(2), doubles(&[0.0, 1.0])])), Err("n: 2 is above `max` 1".to_owned()));
    assert_eq!(encode(class([int(1), doubles(&[0.0, -1.0])])), Err("a[1]: -1.0 is below `min` 0.0".to_owned()));
    assert_eq!(encode(class([int(1), doubles(&[0.0, f64::NAN])])), Err("a[1]: NaN is below `min` 0.0".to_owned()));
    assert_eq!(
        encode(class([int(1), doubles(&[0.0])])),
        Err("a: expected 2 elements, as its dimensions say, found 1".to_owned())
    );
    assert_eq!(
        encode(class([text("1"), doubles(&[0.0, 0.0])])),
        Err("n: expected a value of type int8, found a text".to_owned())
    );
    assert_eq!(
        encode(DynValue::Class(vec![Some(int(1)), None])),
        Err("a: a value is missing, and this member is not optional".to_owned())
    );
}

#[test]
fn a_float32_may_have_the_very_number_that_bounds_it() {
    let schema = r#"[{ "className": "A", "members": [
        { "name": "x", "type": "float", "min": 0.3, "max": 0.7, "default": 0.7 }] }]"#;
    let schema = Schema::from_text(schema, "frames.rs").unwrap_or_else(|errors| panic!("{errors}"));
    let encode = |value| encode(&schema, &schema.classes[0], &class([DynValue::Float32(value)])).is_ok();
    assert!(encode(0.3) && encode(0.7));
    assert!(!encode(0.3f32.next_down()) && !encode(0.7f32.next_up()));
}
