//! Strict JSON (RFC 8259) with the place of every value and key; duplicate keys are kept.

use jsonc_parser::ast::Value;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use crate::source::{Diagnostics, Span};

/// Arrays and objects nest at most this deep, so that no text can exhaust the stack.
const MAX_DEPTH: usize = 64;

/// Parses one source; `None` if it is no JSON, which is reported.
pub(crate) fn parse<'a>(text: &'a str, source: usize, diagnostics: &mut Diagnostics) -> Option<Value<'a>> {
    if let Err((at, message)) = scan(text) {
        let len = text[at..].chars().next().map_or(0, char::len_utf8);
        diagnostics.error(Span::at(source, at..at + len), message);
        return None;
    }
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
        Ok(parsed) if parsed.value.is_some() => parsed.value,
        Ok(_) => {
            diagnostics.error(Span::at(source, 0..0), "expected a JSON array of classes, found an empty text");
            None
        }
        Err(error) => {
            let range = error.range();
            let span = Span::at(source, range.start..range.end.max(range.start));
            diagnostics.error(span, format!("this is no JSON: {}", lower_first(&error.kind().to_string())));
            None
        }
    }
}

/// What the parser does not check: depth, control characters in strings, and white space that JSON does not know.
fn scan(text: &str) -> Result<(), (usize, String)> {
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
            b'\t' | b'\n' | b'\r' | 0x20..0x7f => {}
            _ => {
                let found = text[at..].chars().next().map(|c| c.escape_unicode().to_string()).unwrap_or_default();
                return Err((at, format!("this is no JSON: character {found} outside a string")));
            }
        }
        if depth > MAX_DEPTH {
            return Err((at, format!("this JSON nests more than {MAX_DEPTH} deep")));
        }
    }
    Ok(())
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
        let accepted = parse(text, 0, &mut diagnostics).is_some();
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
            "null",
            "\"\\u00e9\\n\\ud83d\\ude00\"",
            "[1, {\"a\": [true]}]",
            "{\"a\":1,\"a\":2}",
        ] {
            assert!(accepts(text), "{text}");
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
