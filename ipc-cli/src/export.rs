//! `ipc export`: classes in another language.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use clap::builder::PossibleValuesParser;
use ipc_schema::Schema;
use ipc_schema::export::{self, File};
use quote::quote;
use syn::parse_quote;

use crate::{Failure, print, source};

/// Write the classes of a description in another language.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The class description: JSON as written by hand, the canonical text of a class, or a ring (NAME.ring).
    file: PathBuf,
    /// The language.
    #[arg(long, value_parser = PossibleValuesParser::new(languages()))]
    lang: String,
    /// The folder to write to; made if it is not there.
    #[arg(long)]
    out: PathBuf,
}

/// Writes the files, and says which.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let schema = source::read(&arguments.file)?;
    let stem = arguments.file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let files = match export::language(&arguments.lang) {
        Some(language) => export::export(&schema, &stem, language)?,
        None => vec![rust(&schema, &stem)?],
    };
    for file in files {
        let path = arguments.out.join(file.name);
        let folder = path.parent().unwrap_or(&arguments.out);
        std::fs::create_dir_all(folder).map_err(|error| cannot("make the folder", folder, &error))?;
        std::fs::write(&path, file.text).map_err(|error| cannot("write", &path, &error))?;
        print(&format!("{}\n", path.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn languages() -> impl Iterator<Item = &'static str> {
    export::LANGUAGES.iter().map(|language| language.name()).chain([RUST])
}

/// Not one of the exporters: this is the code that the macros expand to.
const RUST: &str = "rust";

fn rust(schema: &Schema, stem: &str) -> Result<File, Failure> {
    let mut file: syn::File = syn::parse2(ipc_codegen::types(schema, &quote!(::ipc_core)))?;
    for item in &mut file.items {
        if let syn::Item::Mod(module) = item {
            // Lints are about what people write; inside of a macro they are silent.
            module.attrs.push(parse_quote!(#[allow(clippy::all, nonstandard_style, dead_code, unused)]));
        }
    }
    let head = "// Classes of frames, written by `ipc export --lang rust`: what `ipc_core::include_schema!` expands to. Do not edit:\n\
                // change the description, and export it again. It is for the version of ipc_core that came with `ipc`.\n\n";
    let code = formatted(&prettyplease::unparse(&file))?;
    Ok(File { name: format!("{stem}.rs"), text: format!("{head}{code}") })
}

/// In the standard form, whatever settings lie around.
fn formatted(code: &str) -> Result<String, Failure> {
    let mut rustfmt = Command::new("rustfmt");
    rustfmt.args(["--edition", "2024", "--config-path", "/dev/null"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let absent =
        |error| format!("cannot run rustfmt, which gives Rust its form: {error}; `rustup component add rustfmt`");
    let mut rustfmt = rustfmt.spawn().map_err(absent)?;
    // All of it is read before anything is written.
    rustfmt.stdin.take().ok_or("rustfmt takes no input")?.write_all(code.as_bytes())?;
    let output = rustfmt.wait_with_output()?;
    if !output.status.success() {
        return Err(format!("rustfmt refuses the code: {}", output.status).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

fn cannot(doing: &str, path: &Path, error: &std::io::Error) -> Failure {
    format!("cannot {doing} {}: {error}", path.display()).into()
}
