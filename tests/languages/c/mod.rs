//! C: gcc, under the address and undefined-behaviour sanitizers.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use super::{Exported, Language, run};

pub(crate) const LANGUAGE: Language = Language { name: "c", build };

fn build(exported: &Exported) -> Command {
    let Exported { folder, page } = exported;
    let mut source = format!("#include \"{}.h\"\n{}\n", page.stem, include_str!("driver.c"));
    for class in &page.classes {
        let kind = if class.fixed { "FIXED" } else { "VARIABLE" };
        let _ = writeln!(source, "{kind}({})", class.name);
    }
    source += "static const Class classes[] = {\n";
    for class in &page.classes {
        let _ = writeln!(source, "    {{\"{}\", rewrite_{}}},", class.wire_name, class.name);
    }
    let _ = writeln!(source, "}};\nint main(void) {{ return answer_all(classes, {}); }}", page.classes.len());
    let (file, program) = (folder.join("driver.c"), folder.join("driver"));
    fs::write(&file, source).expect("the folder can be written to");
    compile(&file, &program);
    Command::new(program)
}

/// What a program prints that writes a frame in place and reads it there.
pub(crate) fn in_place(exported: &Exported) -> String {
    let program = exported.folder.join("in_place");
    compile(Path::new("languages/c/in_place.c"), &program);
    run(&mut Command::new(program))
}

fn compile(file: &Path, program: &Path) {
    let strict = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-pedantic"];
    let checked = ["-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
    let folder = program.parent().unwrap_or(Path::new("."));
    run(Command::new("gcc").args(strict).args(checked).arg("-I").arg(folder).arg(file).arg("-o").arg(program));
}
