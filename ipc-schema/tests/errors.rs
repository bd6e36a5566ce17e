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
fn a_file_that_is_no_utf_8_says_where() {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("latin1.json");
    std::fs::write(&path, b"[\n  { \"className\": \"Gr\xf6\xdfe\" }]").unwrap();
    let errors = Schema::from_file(&path).unwrap_err();
    let places: Vec<_> = errors.iter().map(|error| (error.line, error.column)).collect();
    assert_eq!(places, [(2, 21)]);
    assert!(errors.to_string().contains("this is no UTF-8 from here on"), "{errors}");
}

#[test]
fn byte_ranges_point_at_the_very_token() {
    let text = r#"[{"className":"A","members":[{"name":"n","type":"unit16"},
        {"name":"a","type":"array","size":["n + \u006d"],"elem":{"type":"int"}}]}]"#;
    let errors = Schema::from_text(text, "inline").unwrap_err();
    let found: Vec<_> = errors.iter().map(|error| &text[error.range.clone()]).collect();
    assert_eq!(found, ["\"unit16\"", r"\u006d"]);
}

#[test]
fn an_error_in_a_long_line_shows_the_part_around_it() {
    let padding = "é".repeat(100_000);
    let text = format!(
        r#"[{{"x":"{padding}", {}"className":"A","members":[{{"name":"n","type":"unit16"}}],"y":"{padding}"}}]"#,
        "\t".repeat(20)
    );
    let errors = Schema::from_text(&text, "inline").unwrap_err();
    let shown: Vec<String> = errors.iter().map(|error| error.to_string()).collect();
    assert_eq!(shown.len(), 3);
    assert!(shown.iter().all(|error| error.len() < 1_000), "{shown:?}");
    let lines: Vec<Vec<char>> = shown[1].lines().map(|line| line.chars().collect()).collect();
    let carets: Vec<usize> = (0..lines[4].len()).filter(|at| lines[4][*at] == '^').collect();
    assert_eq!(carets.iter().map(|at| lines[3][*at]).collect::<String>(), "\"unit16\"", "{}", shown[1]);
}

#[test]
fn a_long_name_is_shown_in_part() {
    let name = "n".repeat(200_000);
    let text =
        format!(r#"[{{"className":"A","members":[{{"name":"n","type":"{name}"}},{{"name":"m","type":"{name}"}}]}}]"#);
    let shown = Schema::from_text(&text, "inline").unwrap_err().to_string();
    assert!(shown.len() < 6_000, "{}", shown.len());
}

#[test]
fn no_control_character_of_a_source_reaches_a_terminal() {
    let shown = Schema::from_text("[{\"className\":\"\u{1b}[2J\u{7f}\u{9b}\"}]", "inline").unwrap_err().to_string();
    assert!(shown.chars().all(|c| c == '\n' || !c.is_control()), "{shown:?}");
    let shown = Schema::from_text(r#"[{"className":"A","members":[{"name":"n","type":"\u001b[2J"}]}]"#, "inline");
    let shown = shown.unwrap_err().to_string();
    assert!(shown.chars().all(|c| c == '\n' || !c.is_control()), "{shown:?}");
}
