//! `ipc export`: classes in another language.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::builder::PossibleValuesParser;
use ipc_schema::{Schema, export};

use crate::Failure;

/// Write the classes of a description in another language.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The class description: JSON as written by hand, or the canonical text of a class.
    file: PathBuf,
    /// The language.
    #[arg(long, value_parser = PossibleValuesParser::new(export::LANGUAGES.iter().map(|it| it.name())))]
    lang: String,
    /// The folder to write to; made if it is not there.
    #[arg(long)]
    out: PathBuf,
}

/// Writes the files, and says which.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let schema = Schema::from_file(&arguments.file)?;
    let language = export::language(&arguments.lang).ok_or("expected a known language")?;
    let stem = arguments.file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let files = export::export(&schema, &stem, language)?;
    std::fs::create_dir_all(&arguments.out).map_err(|error| cannot("make the folder", &arguments.out, &error))?;
    for file in files {
        let path = arguments.out.join(file.name);
        std::fs::write(&path, file.text).map_err(|error| cannot("write", &path, &error))?;
        println!("{}", path.display());
    }
    Ok(ExitCode::SUCCESS)
}

fn cannot(doing: &str, path: &Path, error: &std::io::Error) -> Failure {
    format!("cannot {doing} {}: {error}", path.display()).into()
}
