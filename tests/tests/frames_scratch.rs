//! A crate of its own that knows `ipc-core` by another name, built by cargo as a user's is.

use std::path::Path;
use std::process::Command;

const MANIFEST: &str = r#"
[package]
name = "scratch"
version = "0.0.0"
edition = "2024"

[dependencies]
engine = { package = "ipc-core", path = "IPC_CORE" }

[workspace]
"#;

const MAIN: &str = r#"
#![forbid(unsafe_code)]
#![deny(warnings)]

mod facade {
    pub use engine as inner;
}

use engine::Class;

engine::include_schema!("schemas/root.json");

mod inline {
    crate::facade::inner::schema! {
        [{ "className": "Inline", "members": [{ "name": "text", "type": "string" }] }]
    }
}

#[derive(Clone, Copy, Debug, engine::Frame)]
#[frame(crate = engine)]
#[repr(C)]
pub struct Plain {
    pub x: f64,
}

#[derive(Clone, Debug, PartialEq, engine::Frame)]
#[frame(crate = crate::facade::inner)]
pub struct Owned {
    pub n: u16,
    #[frame(size = "n")]
    pub list: Vec<f32>,
}

fn main() {
    let inline = inline::Inline { text: "hello".to_owned() };
    assert_eq!(inline::Inline::from_bytes(&inline.to_bytes().unwrap()).unwrap(), inline);
    let owned = Owned { n: 2, list: vec![1.0, 2.0] };
    assert_eq!(Owned::from_bytes(&owned.to_bytes().unwrap()).unwrap(), owned);
    assert_eq!(Plain { x: 1.0 }.to_bytes().unwrap().len(), 8);
    println!("{} {}", Root::DESC.size, Imported::DESC.size);
}
"#;

fn root(extra: &str) -> String {
    let members = format!(r#"{{ "name": "a", "type": "Imported" }}, {{ "name": "b", "type": "double" }}{extra}"#);
    format!(r#"{{ "import": ["imported.json"], "classes": [{{ "className": "Root", "members": [{members}] }}] }}"#)
}

fn imported(scalar: &str) -> String {
    format!(r#"[{{ "className": "Imported", "members": [{{ "name": "x", "type": "{scalar}" }}] }}]"#)
}

#[test]
fn a_renamed_dependency_works_and_an_edited_schema_file_rebuilds_the_crate() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join("scratch");
    let write = |path: &str, text: &str| {
        let path = scratch.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let ipc_core = workspace.join("ipc-core");
    write("Cargo.toml", &MANIFEST.replace("IPC_CORE", ipc_core.to_str().unwrap()));
    write("src/main.rs", MAIN);
    write("schemas/root.json", &root(""));
    write("schemas/imported.json", &imported("int16"));
    std::fs::copy(workspace.join("Cargo.lock"), scratch.join("Cargo.lock")).unwrap();
    let run = || {
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .args(["run", "--quiet", "--offline"])
            .current_dir(&scratch)
            .env("CARGO_TARGET_DIR", scratch.join("target"));
        let output = cargo.env_remove("RUSTFLAGS").output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(run(), "16 2\n");
    write("schemas/imported.json", &imported("int64"));
    assert_eq!(run(), "16 8\n", "the imported file was edited");
    write("schemas/root.json", &root(r#", { "name": "c", "type": "double" }"#));
    assert_eq!(run(), "24 8\n", "the included file was edited");
}
