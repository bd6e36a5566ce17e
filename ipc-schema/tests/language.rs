//! The JSON Schema of the class language says what the parser does, as far as structure goes.

use jsonschema::Validator;
use serde_json::Value;

/// Files of `tests/errors` whose error an editor can show: wrong keys, kinds of values, spellings of names.
const STRUCTURAL: [&str; 26] = [
    "array_of_arrays",
    "bounds_kind",
    "class_empty",
    "classes_missing",
    "constant_range",
    "default",
    "empty_size",
    "enum_base",
    "enum_values",
    "import_with_errors",
    "json_too_deep",
    "missing_keys",
    "name_built_in",
    "name_no_identifier",
    "namespace",
    "one_error_hides_no_other",
    "optional_element",
    "root_kind",
    "size_number",
    "size_syntax",
    "size_without_array",
    "size_zero",
    "typo_in_required_key",
    "unknown_key",
    "unknown_key_far",
    "wrong_kinds",
];

fn validator() -> Validator {
    let schema = std::fs::read_to_string("class-language.schema.json").unwrap();
    jsonschema::draft202012::new(&serde_json::from_str(&schema).unwrap()).unwrap()
}

fn json_files(folder: &str) -> Vec<(String, Value)> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = entries.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    let parsed = files.filter_map(|path| {
        let value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).ok()?;
        Some((path.file_stem().unwrap().to_str().unwrap().to_owned(), value))
    });
    parsed.collect()
}

#[test]
fn the_schema_is_a_json_schema() {
    let schema = std::fs::read_to_string("class-language.schema.json").unwrap();
    jsonschema::draft202012::meta::validate(&serde_json::from_str(&schema).unwrap()).unwrap();
}

#[test]
fn it_accepts_every_good_file() {
    let validator = validator();
    for folder in ["tests/good", "tests/good/imports"] {
        for (name, value) in json_files(folder) {
            let errors: Vec<_> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{name}: {errors:?}");
        }
    }
}

#[test]
fn it_refuses_the_files_whose_structure_is_wrong_and_no_others() {
    let validator = validator();
    let refused = json_files("tests/errors").into_iter().filter(|(_, value)| !validator.is_valid(value));
    let mut refused: Vec<String> = refused.map(|(name, _)| name).collect();
    refused.sort();
    assert_eq!(refused, STRUCTURAL);
}

#[test]
fn it_says_where_and_what_is_wrong() {
    let validator = validator();
    for (text, place, expected) in [
        (r#"[{"className":"int","members":[{"name":"x","type":"int"}]}]"#, "/0/className", "is not allowed"),
        (
            r#"[{"className":"A","members":[{"name":"x","type":"string","min":1}]}]"#,
            "/0/members/0/min",
            "is not allowed",
        ),
        (r#"[{"className":"A","members":[{"name":"x","type":"bool","max":1}]}]"#, "/0/members/0/max", "is not allowed"),
        (r#"[{"className":"A","members":[{"name":"x","type":"int","max":1.5}]}]"#, "/0/members/0/max", "\"integer\""),
        (
            r#"[{"className":"A","members":[{"name":"x","type":"int","size":[2]}]}]"#,
            "/0/members/0/size",
            "is not allowed",
        ),
        (
            r#"[{"className":"A","members":[{"name":"x","type":"array","elem":{"type":"int"}}]}]"#,
            "/0/members/0",
            "\"size\" is a required",
        ),
        (r#"{"classes":[{"className":"A","membrs":[]}]}"#, "/classes/0", "'membrs' was unexpected"),
    ] {
        let value = serde_json::from_str(text).unwrap();
        assert!(ipc_schema::Schema::from_text(text, "inline").is_err(), "{text}");
        let errors: Vec<_> =
            validator.iter_errors(&value).map(|error| (error.instance_path().to_string(), error.to_string())).collect();
        assert!(errors.iter().any(|(at, error)| at == place && error.contains(expected)), "{text}: {errors:?}");
        assert!(errors.iter().all(|(at, _)| at.starts_with(place)), "{text}: {errors:?}");
    }
}

#[test]
fn a_description_may_name_its_json_schema() {
    let text = r#"{ "$schema": "class-language.schema.json", "constants": { "A": 1 },
        "classes": [{ "className": "A", "members": [{ "name": "x", "type": "int" }] }] }"#;
    let schema = ipc_schema::Schema::from_text(text, "inline").unwrap_or_else(|errors| panic!("{errors}"));
    assert!(validator().is_valid(&serde_json::from_str(text).unwrap()));
    let canonical = ipc_schema::canonical::of_class(&schema, schema.class_id("A").unwrap());
    assert!(!canonical.contains("$schema"), "{canonical}");
}
