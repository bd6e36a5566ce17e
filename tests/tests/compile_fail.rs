//! What must not compile, with the errors that users see. `TRYBUILD=overwrite cargo test -p ipc-tests --test
//! compile_fail` writes the expected errors anew.

use std::os::unix::fs::symlink;
use std::path::Path;

#[test]
fn mistakes_do_not_compile_and_the_errors_say_what_to_do() {
    // trybuild compiles in a crate of its own, and schema files are found from there.
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let project = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("tests").join("trybuild/ipc-tests");
    std::fs::create_dir_all(&project).unwrap();
    let link = project.join("compile_fail");
    if std::fs::read_link(&link).is_err() {
        symlink(package.join("compile_fail"), &link).unwrap();
    }
    trybuild::TestCases::new().compile_fail("compile_fail/*.rs");
}
