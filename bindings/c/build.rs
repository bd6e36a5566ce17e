//! Gives the shared library the name under which it is installed.

fn main() {
    println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libipc.so.0");
    println!("cargo::rerun-if-changed=build.rs");
}
