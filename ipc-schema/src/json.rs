//! Strict JSON (RFC 8259) with the place of every value and key; duplicate keys are kept.

use std::ops::Range;

use jsonc_parser::ast::Value;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use crate::source::{Diagnostics, Span};

/// Arrays and objects nest at most this deep, so that no text can exhaust the stack.
const MAX_DEPTH: usize = 64;

/// Parses one source; `None` if it is no JSON, which is reported. `expected` says what its text is to be.
pub(crate) fn parse<'a>(
    text: &'a str,
    source: usize,
    expected: &str,
    diagnostics: &mut Diagnostics,
) -> Option<Value<'a>> {
    value(text, expected).map_err(|(range, message)| diagnostics.error(Span::at(source, range), message)).ok()
}

/// Parses one text; an error has its place. `expected` says what the text is to be.
///
/// # Errors
/// What is no JSON, nests too deep for any stack, or is empty.
pub fn value<'a>(text: &'a str, expected: &str) -> Result<Value<'a>, (Range<usize>, String)> {
    scan(text).map_err(|(at, message)| {
        let len = text[at..].chars().next().map_or(0, char::len_utf8);
        (at..at + len, message)
    })?;
    let strict = ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    match parse_to_ast(text, &CollectOptions::default(), &strict) {
        Ok(parsed) => parsed.value.ok_or_else(|| (0..0, format!("expected {expected}, found an empty text"))),
        Err(error) => {
            let range = error.range();
            let message = format!("this is no JSON: {}", lower_first(&error.kind().to_string()));
            Err((range.start..range.end.max(range.start), message))
        }
    }
}

/// What the parser does not check: depth, control characters in strings, and white space that JSON does not know.
fn scan(text: &str) -> Result<(), (usize, String)> {
    if text.starts_with('\u{feff}') {
        return Err((0, "this text begins with a byte order mark: save it as UTF-8 without one".to_owned()));
    }
    let mut previous = b' ';
    let (mut depth, mut in_string, mut escaped) = (0usize, false, false);
    for (at, byte) in text.bytes().enumerate() {
        if in_string {
            match byte {
                0..0x20 => return Err((at, format!("this is no JSON: control character {byte:#04x} inside a string"))),
                b'"' if !escaped => in_string = false,
                _ => {}
            }
            escaped = byte == b'\\' && !escaped;
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            b'0'..=b'9' | b'+' | b'-' | b'.' if !in_word(previous) => number(text, at)?,
            b'\t' | b'\n' | b'\r' | 0x20..0x7f => {}
            _ => {
                let found = text[at..].chars().next().map(|c| c.escape_unicode().to_string()).unwrap_or_default();
                return Err((at, format!("this is no JSON: character {found} outside a string")));
            }
        }
        if depth > MAX_DEPTH {
            return Err((at, format!("this JSON nests more than {MAX_DEPTH} deep")));
        }
        previous = byte;
    }
    Ok(())
}

/// Whether a byte can stand inside of a number or a keyword, also as other languages write them.
fn in_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'+' | b'-' | b'.')
}

/// Checks the number that begins here: other languages' numbers get an error of their own.
fn number(text: &str, at: usize) -> Result<(), (usize, String)> {
    let len = text[at..].bytes().take_while(|byte| in_word(*byte)).count();
    let number = &text[at..at + len];
    let rest = number.strip_prefix('-').unwrap_or(number);
    let (rest, exponent) = rest.split_once(['e', 'E']).map_or((rest, "0"), |(rest, exponent)| (rest, exponent));
    let (integer, fraction) = rest.split_once('.').unwrap_or((rest, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let is_json =
        digits(integer) && (integer == "0" || !integer.starts_with('0')) && digits(fraction) && digits(exponent);
    if is_json {
        return Ok(());
    }
    let rules = "no zero before other digits, no `+`, `_` or suffix, and digits on both sides of a point";
    let number: String = number.chars().take(40).collect();
    Err((at, format!("this is no JSON: `{number}` is no number of it, which is decimal, with {rules}")))
}

fn lower_first(message: &str) -> String {
    let mut chars = message.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(text: &str) -> bool {
        let mut diagnostics = Diagnostics::default();
        let accepted = parse(text, 0, "JSON", &mut diagnostics).is_some();
        assert_eq!(accepted, diagnostics.count() == 0, "{text}");
        accepted
    }

    #[test]
    fn what_is_no_json_is_refused() {
        for text in [
            "",
            " ",
            "[1,]",
            "{\"a\":1,}",
            "[1 2]",
            "[{} {}]",
            "{\"a\":1 \"b\":2}",
            "{a:1}",
            "{'a':1}",
            "'a'",
            "0x1",
            "+1",
            ".5",
            "5.",
            "[01]",
            "1e",
            "NaN",
            "Infinity",
            "-Infinity",
            "// c\n1",
            "/* c */ 1",
            "\"\\x41\"",
            "\"\\v\"",
            "\"a\tb\"",
            "\"a\nb\"",
            "\"\\ud800\"",
            "[] []",
            "[",
            "{\"a\"",
            "\u{a0}1",
            "\u{feff}[]",
            "\u{c}1",
            "nul",
            "tru",
            "{,}",
            "[,]",
            "{\"a\":}",
            "\"",
            "-",
            "[1,,2]",
            "[007]",
            "[5u8]",
            "[1_000]",
            "-01",
            "1.e5",
            "1e+",
            "1.5.2",
            "--1",
            "[1-2]",
        ] {
            assert!(!accepts(text), "{text}");
        }
    }

    #[test]
    fn json_is_accepted() {
        for text in [
            "[]",
            "{}",
            "1",
            "-0.5e+10",
            "[0,-0,10,1.0,1E5,1e-05,0.5]",
            "null",
            "\"\\u00e9\\n\\ud83d\\ude00\"",
            "[1, {\"a\": [true]}]",
            "{\"a\":1,\"a\":2}",
        ] {
            assert!(accepts(text), "{text}");
        }
    }

    #[test]
    fn what_other_programs_write_has_an_error_of_its_own() {
        for (text, expected) in [
            ("\u{feff}[]", "begins with a byte order mark: save it as UTF-8 without one"),
            ("[007]", "`007` is no number"),
            ("[5u8]", "`5u8` is no number"),
            ("{\"a\":1_000}", "`1_000` is no number"),
            ("[0x1F]", "`0x1F` is no number"),
        ] {
            let error = crate::Schema::from_text(text, "inline").unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        assert!(accepts(&format!("{}{}", "[".repeat(64), "]".repeat(64))));
        assert!(!accepts(&format!("{}{}", "[".repeat(65), "]".repeat(65))));
        assert!(!accepts(&"[".repeat(1_000_000)));
        assert!(!accepts(&"{\"a\":".repeat(1_000_000)));
    }
}
