//! Files without error, one or more for each row of the class language, with their frozen layouts and fingerprints.
//!
//! `BLESS=1 cargo test -p ipc-schema` writes the golden files anew. A changed fingerprint means that programs built before
//! and after refuse each other: it needs a new version of the wire rules.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use ipc_schema::model::{Dim, Number, Type, Value};
use ipc_schema::{Limits, Schema, canonical};

fn read(name: &str) -> Schema {
    Schema::from_file(format!("tests/good/{name}.json")).unwrap_or_else(|errors| panic!("{errors}"))
}

fn golden(path: &str, text: &str) {
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap_or_default(), text, "{path}");
}

#[test]
fn layouts_and_fingerprints_are_frozen() {
    let mut text = String::new();
    for name in ["array_form", "meaning", "object_form", "scalars", "text_and_arrays"] {
        writeln!(text, "{name}.json").unwrap();
        for class in &read(name).classes {
            let layout = class.layout;
            let kind = if layout.fixed { "fixed" } else { "variable" };
            writeln!(
                text,
                "  {} {} {kind}, size {}, align {}",
                class.fingerprint, class.name, layout.size, layout.align
            )
            .unwrap();
            for member in &class.members {
                let place = member.place.map(|place| format!("{:?} {}+{}", place.kind, place.offset, place.size));
                writeln!(text, "    {}: {}", member.name, place.as_deref().unwrap_or("nothing in the fixed part"))
                    .unwrap();
            }
            if let Some((offset, count)) = layout.presence {
                writeln!(text, "    presence {offset}+{count}").unwrap();
            }
        }
    }
    golden("tests/good/layouts.txt", &text);
}

#[test]
fn canonical_text_is_frozen_and_reads_back() {
    for (file, class) in [("object_form", "Cloud"), ("meaning", "Meaning"), ("text_and_arrays", "Scan")] {
        let schema = read(file);
        let text = canonical::of_class(&schema, schema.class_id(class).unwrap());
        golden(&format!("tests/good/{file}.canonical"), &text);
        let back = Schema::from_untrusted(&text, Limits::default()).unwrap_or_else(|errors| panic!("{errors}"));
        assert_eq!(back.class(class), Some(&renumbered(schema.class(class).unwrap(), &schema, &back)));
    }
}

/// The class with its types' ids as they are in another schema.
fn renumbered(class: &ipc_schema::model::Class, from: &Schema, to: &Schema) -> ipc_schema::model::Class {
    let mut class = class.clone();
    for member in &mut class.members {
        member.ty = match member.ty {
            Type::Class(id) => Type::Class(to.class_id(&from[id].name).unwrap()),
            Type::Enum(id) => {
                let index = to.enums.iter().position(|other| other.name == from[id].name).unwrap();
                Type::Enum(ipc_schema::model::EnumId(index))
            }
            other => other,
        };
    }
    class
}

#[test]
fn both_spellings_of_scalars_mean_the_same() {
    let schema = read("scalars");
    let types = |name| schema.class(name).unwrap().members.iter().map(|member| member.ty).collect::<Vec<_>>();
    let one = types("Scalars");
    assert_eq!(types("PaperScalars"), [one[1], one[2], one[3], one[4], one[8], one[9]]);
}

#[test]
fn files_that_import_each_other_are_read_once_and_share_their_names() {
    let schema = read("object_form");
    let names: Vec<_> = schema.files.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(names, ["object_form.json", "common.json", "base.json", "other.json"]);
    let cloud = schema.class("Cloud").unwrap();
    assert_eq!((cloud.namespace.as_str(), schema.class("Vec3").unwrap().namespace.as_str()), ("robot", "common"));
    let ranges = cloud.member("ranges").unwrap();
    assert_eq!(ranges.dims, [Dim::Constant { value: 6, canonical: "(3*2)".to_owned() }]);
    // Whichever file comes first, the classes are the same.
    let other = Schema::from_file("tests/good/imports/other.json").unwrap();
    assert_eq!(other.class("Cloud").unwrap().fingerprint, cloud.fingerprint);
    assert_eq!(other.class("Pose").unwrap().namespace, "");
}

#[test]
fn a_text_imports_from_the_folder_that_it_is_given() {
    let text = r#"{ "import": ["imports/base.json"], "classes": [{ "className": "A", "members": [{ "name": "a", "type": "Axis" }] }] }"#;
    let schema =
        Schema::from_text_in(text, "inline", Path::new("tests/good")).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(schema.files, [PathBuf::from("tests/good/imports/base.json")]);
    let error = Schema::from_text(text, "inline").unwrap_err().to_string();
    assert!(error.contains("this text cannot import"), "{error}");
    assert!(!error.contains("unknown type"), "{error}");
}

#[test]
fn classes_come_after_those_that_they_use() {
    let schema = read("text_and_arrays");
    let names: Vec<_> = schema.classes.iter().map(|class| class.name.as_str()).collect();
    assert_eq!(names, ["Head", "Entry", "Scan"]);
}

#[test]
fn meanings_and_defaults_are_kept() {
    let schema = read("meaning");
    let class = schema.class("Meaning").unwrap();
    let member = |name| class.member(name).unwrap();
    assert_eq!((class.since.as_deref(), class.deprecated.as_deref()), (Some("1.2"), Some("use Better")));
    assert_eq!(member("speed").meaning.max, Some(Number::Float(2000.0)));
    assert_eq!(member("speed").default, Some(Value::Number(Number::Float(0.0))));
    assert_eq!(member("letter").default, Some(Value::Number(Number::Int(65))));
    assert_eq!(member("level").default, Some(Value::Text("Low".to_owned())));
    assert_eq!(member("text").default, Some(Value::Text("hé".to_owned())));
    assert_eq!(member("matrix").meaning.unit.as_deref(), Some("frame"));
    assert_eq!(member("matrix").elem_meaning.unit.as_deref(), Some("px"));
    assert_eq!(member("x_axis").presence_bit, Some(1));
}

#[test]
fn a_text_of_unknown_origin_is_bounded() {
    let text = std::fs::read_to_string("tests/good/array_form.json").unwrap();
    assert!(Schema::from_untrusted(&text, Limits { text_bytes: text.len() }).is_ok());
    let error = Schema::from_untrusted(&text, Limits { text_bytes: text.len() - 1 }).unwrap_err().to_string();
    assert!(error.contains("expected at most"), "{error}");
}

#[test]
fn errors_without_end_are_counted_and_not_listed() {
    let classes = |json: &str| (0..4_000).map(|i| json.replace('#', &i.to_string())).collect::<Vec<_>>().join(",");
    for class in [
        r#"{"className":"C#x","members":[{"name":"a","type":"T#"}]}"#,
        r#"{"className":"C","members":[{"name":"a","type":"int"}]}"#,
    ] {
        let errors = Schema::from_untrusted(&format!("[{}]", classes(class)), Limits::default()).unwrap_err();
        assert_eq!(errors.iter().count(), 100);
        assert!(errors.to_string().contains("further errors are not listed"), "{errors}");
    }
}
