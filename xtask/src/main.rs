//! The project's own commands. Every set-up step of the project lives here, so that a fresh machine needs a Rust
//! toolchain and these commands alone.

mod test;
mod workspace;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask test [--rust]
    Format, lints, tests, documentation and protocol models: all must pass.
    --rust  only what needs a Rust toolchain alone (today that is everything)
";

/// What a command comes to: an exit code, or a sentence for the user.
type Outcome = Result<ExitCode, String>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments.as_slice() {
        ["test"] | ["test", "--rust"] => test::run(),
        ["help" | "--help" | "-h"] => {
            print!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        [] => Err(format!("no command was given. The commands are:\n\n{USAGE}")),
        other => Err(format!("there is no command `{}`. The commands are:\n\n{USAGE}", other.join(" "))),
    };
    outcome.unwrap_or_else(|sentence| {
        eprintln!("error: {sentence}");
        ExitCode::FAILURE
    })
}
