//! Draws the schemas of `tests/random_schemas.rs` and `tests/languages.rs`: files, and a module for each that includes it.

use std::fmt::Write;
use std::path::Path;

use ipc_schema::Schema;
use ipc_schema::arbitrary::{self, Choices};

const COUNT: u64 = 24;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=IPC_RANDOM_SEED");
    let seed: u64 = match std::env::var_os("IPC_RANDOM_SEED") {
        None => 1,
        Some(text) => text
            .to_str()
            .and_then(|text| text.parse().ok())
            .unwrap_or_else(|| panic!("expected IPC_RANDOM_SEED to be a number up to 2^64 - 1, found {text:?}")),
    };
    let folder = std::env::var("OUT_DIR").expect("cargo sets it");
    let mut code = String::new();
    let mut calls = String::new();
    let mut references = String::new();
    for number in 0..COUNT {
        let text = arbitrary::schema(&mut Choices::new(&bytes(seed.wrapping_mul(1000).wrapping_add(number))));
        let path = Path::new(&folder).join(format!("random_{number}.json"));
        std::fs::write(&path, &text).expect("the output folder is writable");
        let schema = Schema::from_text(&text, "random")
            .unwrap_or_else(|errors| panic!("a drawn schema has an error, with IPC_RANDOM_SEED={seed}: {errors:?}"));
        let _ = writeln!(code, "mod random_{number} {{ ipc_core::include_schema!({path:?}); }}");
        let _ = writeln!(calls, "let schema = ipc_schema::Schema::from_file({path:?}).unwrap();");
        for class in &schema.classes {
            let name = &class.name;
            let _ = writeln!(calls, "ipc_tests::agree::agree::<random_{number}::{name}>(&schema, {name:?});");
            let _ = writeln!(
                references,
                "ipc_tests::reference::Reference::of::<random_{number}::{name}>({path:?}, {name:?}),"
            );
        }
    }
    let _ = writeln!(code, "#[allow(dead_code)] const SEED: u64 = {seed};");
    let _ = writeln!(code, "#[allow(dead_code)] fn check_all() {{ {calls} }}");
    let _ = writeln!(
        code,
        "#[allow(dead_code)] fn references() -> Vec<ipc_tests::reference::Reference> {{ vec![{references}] }}"
    );
    std::fs::write(Path::new(&folder).join("random.rs"), code).expect("the output folder is writable");
}

/// Random bytes (splitmix64).
fn bytes(seed: u64) -> Vec<u8> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed >> 56) as u8
    };
    (0..400).map(|_| next()).collect()
}
