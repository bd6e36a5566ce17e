//! TypeScript: tsc, as strict as it can be, then Node. `cargo xtask test` fetches the compiler.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{Exported, Language, run};

pub(crate) const LANGUAGE: Language = Language { name: "typescript", build };

/// What `--strict` leaves out, and what keeps a module free of all that is no JavaScript once its types are erased.
const STRICT: &[&str] = &[
    "--strict",
    "--noUncheckedIndexedAccess",
    "--exactOptionalPropertyTypes",
    "--noImplicitOverride",
    "--noImplicitReturns",
    "--noFallthroughCasesInSwitch",
    "--noPropertyAccessFromIndexSignature",
    "--noUnusedLocals",
    "--noUnusedParameters",
    "--isolatedModules",
    "--verbatimModuleSyntax",
    "--erasableSyntaxOnly",
];

fn build(exported: &Exported) -> Command {
    let name = format!("{}.ts", exported.page.stem);
    compile(&exported.folder, &name);
    fs::copy("languages/typescript/driver.mjs", exported.folder.join("driver.mjs")).expect("the folder is writable");
    let mut program = node(&exported.folder);
    program.arg("driver.mjs").arg(Path::new(&name).with_extension("js"));
    program
}

/// What a program prints that writes a frame in place and reads it there.
pub(crate) fn in_place(exported: &Exported) -> String {
    fs::copy("languages/typescript/in_place.ts", exported.folder.join("in_place.ts")).expect("the folder is writable");
    compile(&exported.folder, "in_place.ts");
    run(node(&exported.folder).arg("in_place.js"))
}

fn compile(folder: &Path, file: &str) {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("cargo's folder lies in the target folder");
    let tsc = target.join("outside/node/node_modules/typescript/bin/tsc");
    assert!(tsc.exists(), "there is no {}: `cargo xtask test` fetches it; or leave it out: `--rust`", tsc.display());
    fs::write(folder.join("package.json"), "{ \"type\": \"module\" }\n").expect("the folder is writable");
    let modules = ["--target", "es2022", "--module", "nodenext", "--lib", "es2022,dom", "--types", ""];
    run(node(folder).arg(tsc).args(STRICT).args(modules).arg(file));
}

fn node(folder: &Path) -> Command {
    let mut node = Command::new("node");
    node.current_dir(folder);
    node
}
