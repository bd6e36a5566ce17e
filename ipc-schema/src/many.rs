//! Large descriptions, by which the cost of generated code is measured: how many tokens it is, how long it compiles.

use std::fmt::Write;

/// Which members the classes have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Members {
    /// Scalars alone: every class is a plain struct.
    Scalars,
    /// All that the language has. Every other class is fixed, and classes nest four deep.
    Mixed,
}

/// A description of `class_count` classes with `member_count` members each, at least two; always the same.
pub fn schema(class_count: usize, member_count: usize, members: Members) -> String {
    let mut json = String::from("{ \"namespace\": \"many\",\n\"enums\": [");
    for number in 0..10 {
        let values: Vec<_> = (0..8).map(|value| format!("\"Value{value}\": {value}")).collect();
        let (comma, values) = (if number > 0 { ",\n" } else { "" }, values.join(", "));
        let _ = write!(
            json,
            "{comma}{{ \"enumName\": \"Mode{number}\", \"base\": \"uint8\", \"values\": {{ {values} }} }}"
        );
    }
    json += "],\n\"classes\": [";
    for class in 0..class_count {
        let _ = write!(json, "{}\n{{ \"className\": \"C{class}\", \"members\": [", if class > 0 { "," } else { "" });
        for member in 0..member_count {
            let rest = match members {
                Members::Scalars => scalar(class, member),
                Members::Mixed => mixed(class, member),
            };
            let _ = write!(json, "{}\n  {{ \"name\": \"m{member}\", {rest} }}", if member > 0 { "," } else { "" });
        }
        json += "] }";
    }
    json += "] }\n";
    json
}

fn scalar(class: usize, member: usize) -> String {
    const SCALARS: [&str; 8] = ["uint8", "int16", "uint32", "int64", "float", "double", "bool", "char"];
    format!("\"type\": \"{}\"", SCALARS[(member * 7 + class) % SCALARS.len()])
}

fn mixed(class: usize, member: usize) -> String {
    let is_fixed = class.is_multiple_of(2);
    // A class two before this one, in groups of ten; only one member, or sizes would grow with the power of the depth.
    let nested = (class % 10 >= 2 && member == 4).then(|| format!("C{}", class - 2));
    let array = |size: &str, elem: &str| {
        format!("\"type\": \"array\", \"size\": [{size}], \"elem\": {{ \"type\": \"{elem}\" }}")
    };
    match (member, (class + member) % 9) {
        (0, _) => "\"type\": \"uint16\", \"max\": 100".into(),
        (1, _) => "\"type\": \"uint32\"".into(),
        (4, _) if let Some(nested) = nested => match class % 4 {
            3 => array("\"m0\"", &nested),
            _ => format!("\"type\": \"{nested}\""),
        },
        (_, 0) => "\"type\": \"double\", \"unit\": \"m\", \"comment\": \"a measured value\"".into(),
        (_, 1) => format!("\"type\": \"Mode{}\"", member % 10),
        (_, 2) => "\"type\": \"int32\", \"optional\": true".into(),
        (_, 3) => array("4", "float"),
        (_, 4) => "\"type\": \"bool\"".into(),
        (_, 5) => "\"type\": \"uint64\", \"min\": 1, \"max\": 1000".into(),
        (_, _) if is_fixed => array("2, 3", "int16"),
        (_, 6) => "\"type\": \"string\"".into(),
        (_, 7) => array(&format!("\"m0*m1+{member}\""), "double"),
        (_, _) if class % 4 == 1 => array("\"m0\"", "string"),
        (_, _) => "\"type\": \"bytes\", \"optional\": true".into(),
    }
}
