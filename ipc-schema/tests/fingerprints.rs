//! The fingerprint is the hash of the documented text, and a constant description has the same one as its JSON.

use ipc_schema::desc::{ClassDesc, DimDesc, EnumDesc, MeaningDesc, MemberDesc, TypeDesc};
use ipc_schema::model::Scalar;
use ipc_schema::{Fingerprint, Limits, Schema, canonical};
use sha2::Digest;

const NONE: MemberDesc = MemberDesc {
    name: "",
    ty: TypeDesc::String,
    dims: &[],
    optional: false,
    meaning: MeaningDesc::NONE,
    elem_meaning: MeaningDesc::NONE,
    default: None,
    since: None,
    deprecated: None,
};
const METRES: MeaningDesc = MeaningDesc { unit: Some("m"), ..MeaningDesc::NONE };
const FLOAT: TypeDesc = TypeDesc::Scalar(Scalar::Float32);
const UINT16: TypeDesc = TypeDesc::Scalar(Scalar::Uint16);

const VEC3: ClassDesc = ClassDesc::new(
    "common",
    "Vec3",
    &[
        MemberDesc { name: "x", ty: FLOAT, meaning: METRES, ..NONE },
        MemberDesc { name: "y", ty: FLOAT, meaning: METRES, ..NONE },
        MemberDesc { name: "z", ty: FLOAT, meaning: METRES, ..NONE },
    ],
);
const MODE: EnumDesc =
    EnumDesc { name: "Mode", comment: None, base: Scalar::Uint8, values: &[("Idle", 0), ("Fault", 200)] };
const AXIS: EnumDesc =
    EnumDesc { name: "Axis", comment: Some("an axis"), base: Scalar::Uint8, values: &[("Y", 1), ("X", 0), ("Z", 2)] };

/// `tests/good/object_form.json`, as a derive would write it.
const CLOUD: ClassDesc = ClassDesc {
    comment: Some("one sweep"),
    ..ClassDesc::new(
        "robot",
        "Cloud",
        &[
            MemberDesc {
                name: "stamp",
                ty: TypeDesc::Scalar(Scalar::Int64),
                meaning: MeaningDesc { unit: Some("ns"), ..MeaningDesc::NONE },
                ..NONE
            },
            MemberDesc { name: "rows", ty: UINT16, ..NONE },
            MemberDesc {
                name: "cols",
                ty: UINT16,
                meaning: MeaningDesc { max: Some("2048"), ..MeaningDesc::NONE },
                ..NONE
            },
            MemberDesc {
                name: "points",
                ty: TypeDesc::Class(&VEC3),
                dims: &[DimDesc::Expr("rows"), DimDesc::Expr("cols")],
                ..NONE
            },
            MemberDesc { name: "q", ty: TypeDesc::Scalar(Scalar::Float64), dims: &[DimDesc::Constant(6)], ..NONE },
            MemberDesc { name: "frame_id", optional: true, ..NONE },
            MemberDesc { name: "mode", ty: TypeDesc::Enum(&MODE), ..NONE },
            MemberDesc { name: "axis", ty: TypeDesc::Enum(&AXIS), ..NONE },
            MemberDesc {
                name: "ranges",
                ty: FLOAT,
                dims: &[DimDesc::ConstantExpr { value: 6, canonical: "(3*2)" }],
                ..NONE
            },
        ],
    )
};

fn json() -> Schema {
    Schema::from_file("tests/good/object_form.json").unwrap()
}

#[test]
fn a_fingerprint_is_the_hash_of_the_documented_text() {
    let vec3 = "ipc 1\nclass 6:common 4:Vec3\n\
        member 1:x float32 unit 1:m\nmember 1:y float32 unit 1:m\nmember 1:z float32 unit 1:m\n";
    let truncated = |text: &str| Fingerprint(sha2::Sha256::digest(text)[..16].try_into().unwrap());
    let cloud = format!(
        "ipc 1\nclass 5:robot 5:Cloud\n\
        member 5:stamp int64 unit 2:ns\n\
        member 4:rows uint16\n\
        member 4:cols uint16\n\
        member 6:points class {} [rows] [cols]\n\
        member 1:q float64 [6]\n\
        member 8:frame_id string optional\n\
        member 4:mode enum 4:Mode uint8{{4:Idle=0,5:Fault=200}}\n\
        member 4:axis enum 4:Axis uint8{{1:X=0,1:Y=1,1:Z=2}}\n\
        member 6:ranges float32 [(3*2)]\n",
        truncated(vec3)
    );
    assert_eq!(json().class("Cloud").unwrap().fingerprint, truncated(&cloud));
}

#[test]
fn a_constant_description_has_the_fingerprint_and_layout_of_its_json() {
    let schema = json();
    for (desc, name) in [(&VEC3, "Vec3"), (&CLOUD, "Cloud")] {
        let class = schema.class(name).unwrap();
        assert_eq!(desc.fingerprint, class.fingerprint, "{name}");
        assert_eq!(desc.layout(), class.layout, "{name}");
        assert_eq!((desc.size, desc.align, desc.fixed), (class.layout.size, class.layout.align, class.layout.fixed));
        for (index, member) in class.members.iter().enumerate() {
            assert_eq!(desc.place(index), member.place, "{name}.{}", member.name);
        }
    }
}

#[test]
fn a_constant_description_has_the_canonical_text_of_its_json() {
    let schema = json();
    let text = canonical::of_desc(&CLOUD);
    // The order of an enum's values is the declared one, which the fingerprint does not depend on.
    let declared = text.replace(r#"{"Y":1,"X":0,"Z":2}"#, r#"{"Z":2,"X":0,"Y":1}"#);
    assert_eq!(declared, canonical::of_class(&schema, schema.class_id("Cloud").unwrap()));
    let back = Schema::from_untrusted(&text, Limits::default()).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(back.class("Cloud").unwrap().fingerprint, CLOUD.fingerprint);
}

/// Fingerprints of one class `A`, with its members and some more keys.
fn of(members: &str, more: &str) -> Fingerprint {
    let text = format!(
        r#"{{ "constants": {{ "K": 2, "TWO": 2, "THREE": 3 }},
        "enums": [{{ "enumName": "E", "base": "int8", "values": {{ "P": 0, "Q": 1 }} }},
                  {{ "enumName": "F", "base": "int8", "values": {{ "Q": 1, "P": 0 }} }}],
        "classes": [{{ "className": "A", "members": [{members}] {more} }}] }}"#
    );
    let schema = Schema::from_text(&text, "inline").unwrap_or_else(|errors| panic!("{errors}"));
    schema.classes[0].fingerprint
}

#[test]
fn what_counts_on_the_wire_changes_the_fingerprint() {
    let n = r#"{ "name": "n", "type": "int" }"#;
    let array = |size: &str| {
        format!(r#"{n}, {{ "name": "a", "type": "array", "size": [{size}], "elem": {{ "type": "int" }} }}"#)
    };
    let mut prints = vec![
        of(n, ""),
        of(r#"{ "name": "m", "type": "int" }"#, ""),
        of(r#"{ "name": "n", "type": "uint32" }"#, ""),
        of(r#"{ "name": "n", "type": "int", "unit": "m" }"#, ""),
        of(r#"{ "name": "n", "type": "int", "optional": true }"#, ""),
        of(n, r#", "namespace": "other""#),
        of(&format!(r#"{n}, {{ "name": "m", "type": "int" }}"#), ""),
        of(&format!(r#"{{ "name": "m", "type": "int" }}, {n}"#), ""),
        of(r#"{ "name": "n", "type": "E" }"#, ""),
        of(r#"{ "name": "n", "type": "F" }"#, ""),
    ];
    for size in ["4", "\"K*2\"", "\"THREE+1\"", "2, 2", "\"n\"", "\"n*1\"", "\"1*n\"", "\"n\", 1"] {
        prints.push(of(&array(size), ""));
    }
    prints
        .push(of(&array("4").replace(r#""elem": { "type": "int" }"#, r#""elem": { "type": "int", "unit": "m" }"#), ""));
    prints
        .push(of(&array("4").replace(r#""elem": { "type": "int" }"#, r#""elem": { "type": "int" }, "unit": "m""#), ""));
    let count = prints.len();
    prints.sort();
    prints.dedup();
    assert_eq!(prints.len(), count);
}

#[test]
fn what_does_not_count_on_the_wire_leaves_the_fingerprint() {
    let plain = of(r#"{ "name": "n", "type": "int" }"#, "");
    for (members, more) in [
        (r#"{ "type": "int32", "name": "n" }"#, ""),
        (
            r#"{ "name": "n", "type": "int", "comment": "c", "min": 0, "max": 5, "default": 1, "since": "1", "deprecated": "" }"#,
            "",
        ),
        (
            r#"{ "name": "n", "type": "int", "x-free": 1, "optional": false }"#,
            r#", "comment": "c", "since": "1", "deprecated": "d""#,
        ),
    ] {
        assert_eq!(of(members, more), plain, "{members}");
    }
    let array =
        |size: &str| format!(r#"{{ "name": "a", "type": "array", "size": [{size}], "elem": {{ "type": "int" }} }}"#);
    assert_eq!(of(&array("\" (K) * 2 \""), ""), of(&array("\"TWO*K\""), ""));
    assert_eq!(of(&array("2"), ""), of(&array("\"K\""), ""));
}
