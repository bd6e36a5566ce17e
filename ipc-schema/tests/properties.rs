//! What holds for every schema and every value.

use ipc_schema::arbitrary::{self, Choices};
use ipc_schema::diff::diff;
use ipc_schema::model::ClassId;
use ipc_schema::value::{DynValue, check_bounds, decode, encode, from_json, to_json};
use ipc_schema::{Limits, Schema, canonical};
use proptest::prelude::*;

fn random(bytes: &[u8]) -> (String, Schema, DynValue) {
    let mut choices = Choices::new(bytes);
    let text = arbitrary::schema(&mut choices);
    let schema = Schema::from_text(&text, "random").unwrap_or_else(|errors| panic!("{text}\n{errors}"));
    let value = arbitrary::value(&mut choices, &schema, outermost(&schema));
    (text, schema, value)
}

fn outermost(schema: &Schema) -> ClassId {
    schema.class_id(&format!("C{}", schema.classes.len() - 1)).unwrap()
}

/// What two peers may write differently, whether it counts or not.
const EDITS: [(&str, &str); 20] = [
    ("\"unit\": \"m/s\"", "\"unit\": \"\""),
    ("\"unit\": \"m/s\"", "\"unit\": \"km/h\""),
    ("\"unit\": \"m/s\"", "\"comment\": \"m/s\""),
    ("\"comment\": \"what it is\"", "\"unit\": \"\""),
    ("\"comment\": \"what it is\"", "\"unit\": \"none\""),
    ("\"type\": \"uint8\"", "\"type\": \"byte\""),
    ("\"type\": \"uint8\"", "\"type\": \"char\""),
    ("\"type\": \"int\"", "\"type\": \"float\""),
    ("\"type\": \"string\"", "\"type\": \"bytes\""),
    ("\"type\": \"Small\"", "\"type\": \"int8\""),
    ("\"type\": \"Small\"", "\"type\": \"Wide\""),
    ("\"Zero\": 0", "\"Zero\": 1"),
    ("\"Zero\": 0", "\"Null\": 0"),
    ("\"base\": \"int8\"", "\"base\": \"int16\""),
    ("random.test", "random.text"),
    (", \"optional\": true", ""),
    ("\"CONSTANT\": 2", "\"CONSTANT\": 3"),
    ("\"CONSTANT\"", "\"2\""),
    (
        "{ \"enumName\": \"Small\", \"base\": \"int8\", \"values\": { \"Least\": -128, \"Zero\": 0, \"Most\": 127 } },",
        "",
    ),
    (
        "\"classes\": [",
        "\"classes\": [{ \"className\": \"Small\", \"members\": [{ \"name\": \"x\", \"type\": \"int8\" }] },",
    ),
];

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..400)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_value_comes_back_from_its_frame(bytes in bytes()) {
        let (text, schema, value) = random(&bytes);
        let class = &schema[outermost(&schema)];
        let frame = encode(&schema, class, &value).unwrap_or_else(|error| panic!("{text}\n{value:?}\n{error}"));
        let back = decode(&schema, class, &frame).unwrap_or_else(|error| panic!("{text}\n{value:?}\n{error}"));
        // By its debug text, in which a NaN equals itself.
        prop_assert_eq!(format!("{back:?}"), format!("{value:?}"));
        prop_assert_eq!(encode(&schema, class, &back).unwrap(), frame);
    }

    #[test]
    fn a_value_comes_back_from_its_json(bytes in bytes()) {
        let (text, schema, value) = random(&bytes);
        let class = &schema[outermost(&schema)];
        let line = to_json(&schema, class, &value);
        let back = from_json(&schema, class, &line).unwrap_or_else(|error| panic!("{text}\n{line}\n{error}"));
        // JSON has one NaN, so by the line that comes of it.
        prop_assert_eq!(to_json(&schema, class, &back), line);
    }

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in bytes(), frame in prop::collection::vec(prop_oneof![Just(0u8), 0u8..16, any::<u8>()], 0..300)) {
        let (_, schema, _) = random(&bytes);
        for class in &schema.classes {
            if let Ok(value) = decode(&schema, class, &frame) {
                to_json(&schema, class, &value);
                if check_bounds(&schema, class, &value).is_ok() {
                    // What was read can be written, and then it is as long as it was.
                    prop_assert_eq!(encode(&schema, class, &value).unwrap().len(), frame.len());
                }
            }
        }
    }

    #[test]
    fn a_damaged_frame_is_refused_or_another_value(bytes in bytes(), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in 0usize..4) {
        let (_, schema, value) = random(&bytes);
        let class = &schema[outermost(&schema)];
        let mut frame = encode(&schema, class, &value).unwrap();
        let at = at.index(frame.len());
        frame[at] = byte;
        let shorter = &frame[..frame.len().saturating_sub(cut)];
        if let Ok(value) = decode(&schema, class, shorter)
            && check_bounds(&schema, class, &value).is_ok() {
            prop_assert_eq!(encode(&schema, class, &value).unwrap().len(), shorter.len());
        }
    }

    #[test]
    fn canonical_text_read_back_is_the_same_class(bytes in bytes()) {
        let (_, schema, _) = random(&bytes);
        let id = outermost(&schema);
        let text = canonical::of_class(&schema, id);
        let back = Schema::from_untrusted(&text, Limits::default()).unwrap_or_else(|errors| panic!("{text}\n{errors}"));
        let class = back.class(&schema[id].name).unwrap();
        prop_assert_eq!(class.fingerprint, schema[id].fingerprint);
        prop_assert_eq!(class.layout, schema[id].layout);
        prop_assert_eq!(diff(&schema, &schema[id], &back, class), []);
        prop_assert_eq!(canonical::of_class(&back, back.class_id(&schema[id].name).unwrap()), text);
    }

    #[test]
    fn classes_differ_exactly_if_their_fingerprints_do(a in bytes(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut b = a.clone();
        if !b.is_empty() {
            let at = at.index(b.len());
            b[at] = byte;
        }
        let ((_, a, _), (_, b, _)) = (random(&a), random(&b));
        for (a_class, b_class) in a.classes.iter().filter_map(|class| Some((class, b.class(&class.name)?))) {
            let equal = a_class.fingerprint == b_class.fingerprint;
            prop_assert_eq!(diff(&a, a_class, &b, b_class).is_empty(), equal);
        }
    }

    #[test]
    fn edited_classes_differ_exactly_if_their_fingerprints_do(bytes in bytes(), edits in prop::collection::vec((0..EDITS.len(), any::<prop::sample::Index>()), 1..4)) {
        let (text, a, _) = random(&bytes);
        let mut edited = text.clone();
        for (edit, place) in edits {
            let (from, to) = EDITS[edit];
            let places: Vec<usize> = edited.match_indices(from).map(|(at, _)| at).collect();
            if !places.is_empty() {
                let at = places[place.index(places.len())];
                edited.replace_range(at..at + from.len(), to);
            }
        }
        let Ok(b) = Schema::from_text(&edited, "edited") else { return Ok(()) };
        for (a_class, b_class) in a.classes.iter().filter_map(|class| Some((class, b.class(&class.name)?))) {
            let equal = a_class.fingerprint == b_class.fingerprint;
            let differences = diff(&a, a_class, &b, b_class);
            prop_assert_eq!(differences.is_empty(), equal, "{}\n{}\n{:?}", text, edited, differences);
        }
    }

    #[test]
    fn no_text_makes_the_reader_panic(bytes in bytes(), at in any::<prop::sample::Index>(), len in 0usize..8, with in "[\\[\\]{}\",:0-9a-z*\\\\ é]{0,4}") {
        let (text, _, _) = random(&bytes);
        let mut chars: Vec<char> = text.chars().collect();
        let at = at.index(chars.len());
        let end = (at + len).min(chars.len());
        chars.splice(at..end, with.chars());
        let text: String = chars.into_iter().collect();
        if let Err(errors) = Schema::from_text(&text, "damaged") {
            let rendered = errors.to_string();
            prop_assert!(!rendered.is_empty());
            for error in &errors {
                prop_assert!(text.get(error.range.clone()).is_some(), "{error:?} is no range of the text");
            }
        }
    }
}
