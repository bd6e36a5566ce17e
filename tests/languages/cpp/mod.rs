//! C++: g++, under the address and undefined-behaviour sanitizers.

use std::fmt::Write as _;
use std::fs;
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
    let strict = ["-std=c++17", "-Wall", "-Wextra", "-Werror", "-pedantic"];
    let checked = ["-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
    run(Command::new("g++").args(strict).args(checked).arg(&file).arg("-o").arg(&program));
    Command::new(program)
}
