//! C#: all warnings of mcs, as errors, those of the documentation's XML too.

use std::fs;
use std::process::Command;

use super::{Exported, Language, run};

pub(crate) const LANGUAGE: Language = Language { name: "csharp", build };

fn build(exported: &Exported) -> Command {
    let page = &exported.page;
    let namespace: String = page.namespace.iter().map(|part| format!("{part}.")).collect();
    let class = |class: &ipc_schema::export::Class| {
        let (name, ty) = (&class.wire_name, format!("{namespace}{}", class.name));
        format!("{{ \"{name}\", frame => (frame == null ? new {ty}() : {ty}.Deserialize(frame)).Serialize() }},\n")
    };
    let source = include_str!("Driver.cs").replace("// CLASSES", &page.classes.iter().map(class).collect::<String>());
    compile(exported, "Driver", &source)
}

/// What a program prints that writes a frame in place and reads it there.
pub(crate) fn in_place(exported: &Exported) -> String {
    run(&mut compile(exported, "InPlace", include_str!("InPlace.cs")))
}

/// Builds a program from a class and the exported ones.
fn compile(exported: &Exported, class: &str, source: &str) -> Command {
    let Exported { folder, page } = exported;
    let file = folder.join(format!("{class}.cs"));
    fs::write(&file, source).expect("the folder can be written to");
    let program = file.with_extension("exe");
    let out = format!("-out:{}", program.display());
    let documentation = format!("-doc:{}", program.with_extension("xml").display());
    // 1591: a public member without documentation.
    let strict = ["-warnaserror", "-warn:4", "-nowarn:1591", &documentation, &out];
    let classes = [folder.join(format!("{}.cs", page.stem)), folder.join("IpcWire.cs")];
    run(Command::new("mcs").args(strict).arg(file).args(classes));
    let mut mono = Command::new("mono");
    mono.arg(program);
    mono
}
