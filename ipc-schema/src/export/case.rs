//! Names in the styles of languages. Names of one scope differ in more than case and underscores, so they stay distinct.

/// `frame_id`, `FrameID` and `FRAME_ID` become `frameId`.
pub(super) fn camel(name: &str) -> String {
    let joined: String = words(name).iter().map(|word| title(&word.to_ascii_lowercase())).collect();
    identifier(joined[..1].to_ascii_lowercase() + &joined[1..])
}

/// `frame_id`, `FrameID` and `FRAME_ID` become `FRAME_ID`.
pub(super) fn upper_snake(name: &str) -> String {
    identifier(words(name).join("_").to_ascii_uppercase())
}

/// The same become `frame_id`.
pub(super) fn snake(name: &str) -> String {
    identifier(words(name).join("_").to_ascii_lowercase())
}

/// `simple_matrix` becomes `SimpleMatrix`; what is upper case stays so.
pub(super) fn pascal(name: &str) -> String {
    identifier(name.split('_').map(title).collect())
}

fn title(word: &str) -> String {
    let (first, rest) = word.split_at(word.len().min(1));
    first.to_ascii_uppercase() + rest
}

/// An underscore stands before a digit that would come first.
fn identifier(name: String) -> String {
    if name.starts_with(|c: char| c.is_ascii_digit()) { format!("_{name}") } else { name }
}

/// The words of a name: `HTTPError2_x` has `HTTP`, `Error2` and `x`.
fn words(name: &str) -> Vec<String> {
    let chars: Vec<char> = name.chars().collect();
    let mut words = vec![String::new()];
    for (i, &c) in chars.iter().enumerate() {
        let after_lower = i > 0 && (chars[i - 1].is_ascii_lowercase() || chars[i - 1].is_ascii_digit());
        let ends_acronym =
            i > 0 && chars[i - 1].is_ascii_uppercase() && chars.get(i + 1).is_some_and(char::is_ascii_lowercase);
        if c == '_' || c.is_ascii_uppercase() && (after_lower || ends_acronym) {
            words.push(String::new());
        }
        if c != '_' {
            words.last_mut().unwrap_or(&mut String::new()).push(c);
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::{camel, pascal, snake, upper_snake};

    #[test]
    fn names_take_the_style_of_a_language() {
        for name in ["frame_id", "FrameId", "frameID", "FRAME_ID", "_frame__id_"] {
            assert_eq!((camel(name), upper_snake(name)), ("frameId".to_owned(), "FRAME_ID".to_owned()), "{name}");
        }
        assert_eq!(snake("HTTPError2_x"), "http_error2_x");
        assert_eq!(camel("HTTPError2_x"), "httpError2X");
        assert_eq!(upper_snake("HTTPError2"), "HTTP_ERROR2");
        assert_eq!(pascal("simple_matrix"), "SimpleMatrix");
        assert_eq!(pascal("IMU"), "IMU");
        assert_eq!((camel("_2x"), pascal("_2x"), upper_snake("_2x")), ("_2x".into(), "_2x".into(), "_2X".into()));
    }
}
