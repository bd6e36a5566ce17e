//! Classes in every exported language, held against Rust's: the same bytes for the same values, the same words for the same
//! faults.
#![forbid(unsafe_code)]

#[path = "../languages/mod.rs"]
mod languages;

use ipc_tests::reference::Reference;

mod every {
    ipc_core::include_schema!("tests/schemas/every.json");
}
mod frames {
    ipc_core::include_schema!("tests/schemas/frames.json");
}
mod random {
    include!(concat!(env!("OUT_DIR"), "/random.rs"));

    /// A few of the random schemas: each is built anew in every language.
    pub(super) fn few() -> Vec<ipc_tests::reference::Reference> {
        println!("IPC_RANDOM_SEED={SEED} draws these schemas again");
        let mut all = references();
        let schemas: Vec<_> = all.chunk_by(|a, b| a.schema == b.schema).map(<[_]>::len).take(6).collect();
        all.truncate(schemas.iter().sum());
        all
    }
}

/// Every row of the class language.
fn chosen() -> Vec<Reference> {
    macro_rules! references {
        ($file:literal, $module:ident: $($class:ident)*) => {
            vec![$(Reference::of::<$module::$class>($file, stringify!($class).trim_start_matches("r#"))),*]
        };
    }
    let mut all =
        references!("tests/schemas/every.json", every: Scalars Bounds Arrays Sizes Head Leaf Tree Forest class);
    all.extend(references!("tests/schemas/frames.json", frames: Vec3 SimpleMatrix State Head Label Cloud));
    all
}

#[test]
fn c_plus_plus_reads_and_writes_every_class_as_rust_does() {
    languages::cpp::LANGUAGE.agrees_with_rust(&chosen());
}

#[test]
fn c_plus_plus_reads_and_writes_random_classes_as_rust_does() {
    languages::cpp::LANGUAGE.agrees_with_rust(&random::few());
}
