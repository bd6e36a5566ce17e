//! Builds the sides in C++, with the class that they exchange.

fn main() {
    #[cfg(feature = "cpp")]
    cpp::build();
}

#[cfg(feature = "cpp")]
mod cpp {
    use std::path::PathBuf;
    use std::{env, fs};

    use ipc_schema::{Schema, export};

    pub(super) fn build() {
        let package = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo says where the package is"));
        let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo says where files go"));
        let root = package.parent().expect("the package lies in the workspace");
        let (class, source) = (package.join("src/ours/payload64.json"), package.join("src/ours/cpp.cpp"));
        let schema = Schema::from_file(&class).unwrap_or_else(|errors| panic!("{errors}"));
        let language = export::language("cpp").expect("C++ is exported");
        for file in export::export(&schema, "payload64", language).unwrap_or_else(|error| panic!("{error}")) {
            fs::write(out.join(file.name), file.text).expect("cargo's folder can be written to");
        }
        let headers = [root.join("bindings/c/include"), root.join("bindings/cpp/include"), out];
        cc::Build::new().cpp(true).std("c++17").opt_level(3).includes(&headers).file(&source).compile("ipc_bench_cpp");
        for changed in headers.iter().take(2).chain([&class, &source]) {
            println!("cargo::rerun-if-changed={}", changed.display());
        }
    }
}
