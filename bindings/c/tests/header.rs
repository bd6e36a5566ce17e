//! The committed header is what the source says. `BLESS=1 cargo test -p ipc-c` writes it anew.

use std::path::Path;

#[test]
fn the_header_is_what_the_source_says() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut made = Vec::new();
    let builder =
        cbindgen::Builder::new().with_crate(package).with_config(cbindgen::Config::from_root_or_default(package));
    // Whose structs the inline functions use.
    let builder = builder.with_src(package.join("../../ipc-core/src/ring/inline.rs"));
    builder.generate().expect("cbindgen reads the source").write(&mut made);
    let made = String::from_utf8(made).expect("the source is UTF-8");
    let header = package.join("include/ipc.h");
    if std::env::var_os("BLESS").is_some() {
        return std::fs::write(&header, made).expect("the header can be written");
    }
    let found = std::fs::read_to_string(&header).unwrap_or_default();
    assert!(found == made, "include/ipc.h is not what the source says: BLESS=1 cargo test -p ipc-c");
}
