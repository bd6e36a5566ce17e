//! C++: g++, under the address and undefined-behaviour sanitizers.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use super::{Exported, Language, run};

pub(crate) const LANGUAGE: Language = Language { name: "cpp", build };

fn build(exported: &Exported) -> Command {
    let Exported { folder, page } = exported;
    let namespace: String = page.namespace.iter().map(|part| format!("{part}::")).collect();
    let mut source = format!("#include \"{}.hpp\"\n{}\n", page.stem, include_str!("driver.cpp"));
    source += "const std::map<std::string, Answer> classes = {\n";
    for class in &page.classes {
        let _ = writeln!(source, "    {{\"{}\", answer<{namespace}{}>}},", class.wire_name, class.name);
    }
    source += "};\n";
    let (file, program) = (folder.join("driver.cpp"), folder.join("driver"));
    fs::write(&file, source).expect("the folder can be written to");
    compile(&file, &program);
    Command::new(program)
}

/// What a program prints that writes a frame in place and reads it there.
pub(crate) fn in_place(exported: &Exported) -> String {
    let program = exported.folder.join("in_place");
    compile(Path::new("languages/cpp/in_place.cpp"), &program);
    run(&mut Command::new(program))
}

fn compile(file: &Path, program: &Path) {
    let strict = ["-std=c++17", "-Wall", "-Wextra", "-Werror", "-pedantic"];
    let checked = ["-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
    let folder = program.parent().unwrap_or(Path::new("."));
    run(Command::new("g++").args(strict).args(checked).arg("-I").arg(folder).arg(file).arg("-o").arg(program));
}
