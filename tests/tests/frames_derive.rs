//! `#[derive(Frame)]`, used as a user does.
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, clippy::all)]

use ipc_core::{Bool, Class, Frame, include_schema};

mod json {
    use super::include_schema;
    include_schema!("tests/schemas/derived.json");
}

/// A point.
#[derive(Clone, Copy, Debug, PartialEq, Frame)]
#[frame(schema = "tests/schemas/derived.json")]
#[repr(C)]
pub struct Point {
    /// Forward.
    #[frame(unit = "m", min = -5.0, max = 5)]
    pub x: f64,
    /// Left.
    #[frame(unit = "m")]
    pub y: f64,
    /// Seen.
    pub seen: Bool,
    /// Nothing.
    #[frame(pad)]
    pub _pad: [u8; 7],
}

/// A head.
#[derive(Clone, Copy, Debug, PartialEq, Frame)]
#[frame(schema = "tests/schemas/derived.json")]
#[repr(C)]
pub struct Head {
    /// A size.
    #[frame(max = 4)]
    pub n: i16,
}

/// A label.
#[derive(Clone, Debug, PartialEq, Frame)]
#[frame(schema = "tests/schemas/derived.json")]
pub struct Label {
    /// What it says.
    #[frame(max = 8)]
    pub text: String,
}

/// Everything.
#[derive(Clone, Debug, PartialEq, Frame)]
#[frame(schema = "tests/schemas/derived.json")]
pub struct Everything {
    /// A byte, so that something needs padding.
    pub small: u8,
    /// Nested plain.
    pub head: Head,
    /// A bool.
    pub flag: bool,
    /// Another.
    pub origin: Point,
    /// A matrix.
    pub matrix: [[f32; 3]; 2],
    /// A kind.
    pub mode: json::Mode,
    /// A size.
    #[frame(max = 100)]
    pub rows: u32,
    /// Points.
    #[frame(size = ["rows", "COLS"])]
    pub points: Vec<Point>,
    /// Text.
    pub r#type: String,
    /// Blob.
    #[frame(bytes)]
    pub blob: Option<Vec<u8>>,
    /// Nested.
    #[frame(variable)]
    pub label: Label,
    /// Nested, many.
    #[frame(variable, size = "head.n")]
    pub labels: Vec<Label>,
    /// Texts.
    #[frame(size = "2")]
    pub names: Vec<String>,
    /// Blobs.
    #[frame(bytes, size = "head.n")]
    pub chunks: Option<Vec<Vec<u8>>>,
    /// Optional, fixed.
    #[frame(min = 0, max = 1)]
    pub gain: Option<f64>,
    /// Optional, fixed.
    pub armed: Option<bool>,
    /// Optional, fixed, nested.
    pub target: Option<Point>,
}

/// A class of which one member is not to be used any more.
#[derive(Clone, Debug, Default, Frame)]
#[allow(non_snake_case)]
pub struct Old {
    /// Still there.
    #[deprecated(note = "use text")]
    pub code: u8,
    /// The text.
    pub text: String,
    /// Named as another language does.
    pub frameId: u32,
}

/// A class that is not to be used any more.
#[derive(Clone, Debug, Frame)]
#[deprecated]
pub struct Older {
    /// A size.
    pub n: u8,
    /// Numbers.
    #[frame(size = "n")]
    pub list: Vec<u8>,
    /// Where.
    pub origin: Point,
}

/// The same, mapped.
#[derive(Clone, Copy, Debug, Default, Frame)]
#[repr(C)]
pub struct OldPlain {
    /// Still there.
    #[deprecated]
    #[frame(max = 3)]
    pub code: u8,
}

#[test]
fn deprecated_members_are_described_and_still_travel() {
    assert_eq!(Old::DESC.members[0].deprecated, Some("use text"));
    assert_eq!(Old::default().to_bytes().unwrap().len(), 16);
    assert_eq!(OldPlain::DESC.members[0].deprecated, Some(""));
}

fn point(x: f64) -> Point {
    Point { x, y: 0.5, seen: true.into(), _pad: [0; 7] }
}

fn everything() -> Everything {
    let label = |text: &str| Label { text: text.to_owned() };
    Everything {
        small: 1,
        head: Head { n: 2 },
        flag: true,
        origin: point(1.0),
        matrix: [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]],
        mode: json::Mode::FAULT,
        rows: 2,
        points: vec![point(2.0); 4],
        r#type: "kind".to_owned(),
        blob: Some(vec![1, 2, 3]),
        label: label("a"),
        labels: vec![label("bb"), label("")],
        names: vec!["x".to_owned(), "yy".to_owned()],
        chunks: Some(vec![vec![], vec![9]]),
        gain: Some(0.25),
        armed: None,
        target: Some(point(-1.0)),
    }
}

#[test]
fn a_derived_class_is_the_class_of_its_json() {
    assert_eq!(Point::DESC.fingerprint, json::Point::DESC.fingerprint);
    assert_eq!(Everything::DESC.fingerprint, json::Everything::DESC.fingerprint);
    assert_eq!(Everything::DESC.size, json::Everything::DESC.size);
    assert_eq!(size_of::<Point>(), size_of::<json::Point>());
}

#[test]
fn a_derived_value_is_read_by_the_type_of_its_json() {
    let bytes = everything().to_bytes().unwrap();
    let other = json::Everything::from_bytes(&bytes).unwrap();
    assert_eq!(other.labels[0].text, "bb");
    assert_eq!(other.to_bytes().unwrap(), bytes);
    assert_eq!(Everything::from_bytes(&bytes).unwrap(), everything());
}

#[test]
fn bounds_of_nested_members_hold() {
    let far = Everything { origin: point(6.0), ..everything() };
    assert_eq!(
        far.to_bytes().unwrap_err().to_string(),
        "class Everything, member origin.x: expected a value from -5 up to 5, found 6"
    );
    let large = Everything { head: Head { n: 5 }, ..everything() };
    assert!(large.to_bytes().unwrap_err().to_string().contains("member head"), "the max of head.n holds here too");
}
