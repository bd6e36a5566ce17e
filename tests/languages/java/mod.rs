//! Java: all warnings of javac, as errors.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Exported, Language, run};

pub(crate) const LANGUAGE: Language = Language { name: "java", build };

fn build(exported: &Exported) -> Command {
    let Exported { folder, page } = exported;
    let package: String = page.namespace.iter().map(|part| format!("{part}.")).collect();
    let class = |class: &ipc_schema::export::Class| {
        let (name, ty) = (&class.wire_name, format!("{package}{}", class.name));
        format!(
            "CLASSES.put(\"{name}\", frame -> (frame == null ? new {ty}() : {ty}.deserialize(frame)).serialize());\n"
        )
    };
    let source = include_str!("Driver.java").replace("// CLASSES", &page.classes.iter().map(class).collect::<String>());
    compile(folder, "Driver", &source)
}

/// What a program prints that writes a frame in place and reads it there.
pub(crate) fn in_place(exported: &Exported) -> String {
    run(&mut compile(&exported.folder, "InPlace", include_str!("InPlace.java")))
}

/// Builds a program from a class and the exported ones.
fn compile(folder: &Path, class: &str, source: &str) -> Command {
    fs::write(folder.join(format!("{class}.java")), source).expect("the folder can be written to");
    let program = folder.join("program");
    let short_lived = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"];
    let mut javac = Command::new("javac");
    javac.args(short_lived.map(|option| format!("-J{option}"))).args([
        "-Xlint:all",
        "-Werror",
        "--release",
        "11",
        "-d",
    ]);
    run(javac.arg(&program).args(sources(folder)));
    let mut java = Command::new("java");
    java.args(short_lived).arg("-cp").arg(program).arg(class);
    java
}

/// Every file of a folder and of those in it.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder can be read").flatten().map(|entry| entry.path());
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    let java = files.into_iter().filter(|file| file.extension().is_some_and(|extension| extension == "java"));
    java.chain(folders.iter().flat_map(|folder| sources(folder))).collect()
}
