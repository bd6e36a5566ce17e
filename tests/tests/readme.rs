//! What README.md and the other documents say is true of the tree.

use std::fs::{read_to_string, remove_dir_all};
use std::path::{Path, PathBuf};
use std::process::Command;

use ipc_tests::programs::{output, release_program, ring_directory};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn text(name: &str) -> String {
    read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The lines of a document between `## heading` and the next heading of that level.
fn section(document: &str, heading: &str) -> String {
    let lines = document.lines().skip_while(|line| *line != format!("## {heading}")).skip(1);
    lines.take_while(|line| !line.starts_with("## ")).map(|line| format!("{line}\n")).collect()
}

/// The directories of the workspace's crates, which are named like them.
fn members() -> Vec<String> {
    let manifest = text("Cargo.toml");
    let members = manifest.lines().find_map(|line| line.strip_prefix("members = [")?.strip_suffix(']')).unwrap();
    members.split(", ").map(|quoted| quoted.trim_matches('"').to_owned()).collect()
}

/// What a crate would hand out: the files in its package.
fn packaged(member: &str) -> Vec<String> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["package", "--list", "--allow-dirty", "--package", member]).current_dir(root());
    let output = cargo.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn every_published_crate_carries_the_licences_and_a_readme() {
    for member in ["ipc-schema", "ipc-codegen", "ipc-derive", "ipc-core", "ipc-cli"] {
        let files = packaged(member);
        for file in ["LICENSE-MIT", "LICENSE-APACHE", "README.md"] {
            assert!(files.iter().any(|packaged| packaged == file), "the package of {member} leaves out {file}");
        }
    }
}

#[test]
fn the_programs_in_the_readme_are_the_examples_of_those_names() {
    let programs = ["first", "scene", "shared_data"].map(|name| text(&format!("examples/src/bin/{name}.rs")));
    let code = programs.each_ref().map(|program| program.split_once("\n\n").unwrap().1);
    let readme = text("README.md");
    let blocks: Vec<&str> = readme.split("```rust\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert_eq!(blocks, code, "README.md has three Rust programs, all of examples/src/bin");
    assert!(programs[0].lines().count() < 30, "the first program has under 30 lines");
}

#[test]
fn the_programs_of_the_readme_print_what_they_sent_and_remove_their_rings() {
    for (name, expected) in [
        ("first", "[1, 2, 3, 4]\n[7, 7, 7, 7, 7, 7, 7, 7, 7]\n"),
        ("scene", "kitchen, no remark\ncup 0.5\ntable 0.5\n"),
    ] {
        let rings = ring_directory(name, env!("CARGO_TARGET_TMPDIR"));
        let output = output(release_program(name, env!("CARGO_TARGET_TMPDIR")).env("IPC_DIR", &rings));
        let left = rings.read_dir().unwrap().count();
        remove_dir_all(&rings).unwrap();
        assert!(output.status.success(), "{}: {}", output.status, String::from_utf8_lossy(&output.stderr));
        assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
        assert_eq!(left, 0, "{name} removes its ring");
    }
}

#[test]
fn every_path_of_the_code_map_exists_and_every_crate_is_on_it() {
    let map = section(&text("README.md"), "Code map");
    let paths: Vec<&str> = map.lines().filter_map(|row| row.strip_prefix("| `")?.split('`').next()).collect();
    assert!(!paths.is_empty(), "README.md has a section `Code map` whose rows begin with a path");
    for path in &paths {
        assert!(root().join(path).exists(), "the code map names {path}");
    }
    for member in members() {
        assert!(paths.iter().any(|path| path.starts_with(&member)), "the code map leaves out {member}");
    }
}

#[test]
fn every_link_between_the_documents_leads_to_a_file() {
    for document in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"] {
        let text = text(document);
        let links = text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap());
        for link in links.filter(|link| !link.starts_with("http")) {
            let file: PathBuf = root().join(link.split('#').next().unwrap());
            assert!(file.exists(), "{document} links to {link}");
        }
    }
}

#[test]
fn the_readme_states_the_least_rust_version_of_the_manifest() {
    let manifest = text("Cargo.toml");
    let version = manifest.lines().find_map(|line| line.strip_prefix("rust-version = \"")?.strip_suffix('"')).unwrap();
    assert!(text("README.md").contains(&format!("Rust {version}")), "README.md says Rust {version}");
}

#[test]
fn every_dependency_has_its_reason_in_the_architecture() {
    let reasons = section(&text("ARCHITECTURE.md"), "Dependencies");
    for member in members() {
        let manifest = text(&format!("{member}/Cargo.toml"));
        // A table is its heading and the lines up to the next one; `[target.'cfg(loom)'.dependencies]` is one too.
        let tables = manifest.split("\n[").filter_map(|table| table.split_once("]\n"));
        let dependencies = tables.filter(|(heading, _)| heading.ends_with("dependencies"));
        let names = dependencies.flat_map(|(_, table)| table.lines()).filter_map(|line| line.split(['.', ' ']).next());
        for name in names.filter(|name| !name.is_empty() && !name.starts_with(['#', '}']) && !name.starts_with("ipc-"))
        {
            let row = reasons
                .lines()
                .find(|row| row.split('|').nth(1).is_some_and(|crates| crates.contains(&format!("`{name}`"))));
            let row = row.unwrap_or_else(|| panic!("ARCHITECTURE.md gives no reason for {name}"));
            let users = row.split('|').nth(2).unwrap();
            let is_it = |user: &str| user.trim() == member || user.trim() == format!("{member}'s tests");
            assert!(users.split(',').any(is_it), "{member} uses {name}, and ARCHITECTURE.md names only{users}");
        }
    }
}
