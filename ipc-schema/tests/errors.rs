//! Every kind of schema error, with the exact text that a user sees: `tests/errors/NAME.json` beside `NAME.stderr`.
//!
//! `BLESS=1 cargo test -p ipc-schema` writes the texts anew; read the diff.

use std::path::Path;

use ipc_schema::Schema;

#[test]
fn every_bad_file_gives_its_expected_errors() {
    let mut names: Vec<_> = std::fs::read_dir("tests/errors")
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".json"))
        .collect();
    names.sort();
    let bless = std::env::var_os("BLESS").is_some();
    let mut wrong = Vec::new();
    for name in names {
        let path = format!("tests/errors/{name}");
        let errors = match Schema::from_file(&path) {
            Ok(_) => "this file has no error\n".to_owned(),
            Err(errors) => errors.to_string(),
        };
        let golden = Path::new(&path).with_extension("stderr");
        if bless {
            std::fs::write(&golden, &errors).unwrap();
        } else if std::fs::read_to_string(&golden).unwrap_or_default() != errors {
            wrong.push(format!("=== {path}\n{errors}"));
        }
    }
    assert!(wrong.is_empty(), "{}\nIf this is intended: BLESS=1 cargo test -p ipc-schema", wrong.join("\n"));
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = Schema::from_file("tests/errors/nowhere.json").unwrap_err().to_string();
    assert!(error.starts_with("error: cannot read this file: No such file"), "{error}");
    assert!(error.contains("--> tests/errors/nowhere.json"), "{error}");
}

#[test]
fn byte_ranges_point_at_the_very_token() {
    let text = r#"[{"className":"A","members":[{"name":"n","type":"unit16"},
        {"name":"a","type":"array","size":["n + \u006d"],"elem":{"type":"int"}}]}]"#;
    let errors = Schema::from_text(text, "inline").unwrap_err();
    let found: Vec<_> = errors.iter().map(|error| &text[error.range.clone()]).collect();
    assert_eq!(found, ["\"unit16\"", r"\u006d"]);
}
