//! Programs in other languages that rewrite frames with exported classes: one file a language says how it is built.
//!
//! Such a program reads lines from its standard input, and answers each with a line:
//!
//! | line | answer |
//! | --- | --- |
//! | `CLASS HEX` | `= HEX`: the frame, read into a value and written again; or `! TEXT`: the error |
//! | `CLASS new` | the same for a new value |
//!
//! `HEX` is `-` where there are no bytes. A program that dies, as under a sanitizer, fails the test.

pub(crate) mod c;
pub(crate) mod cpp;
pub(crate) mod csharp;
pub(crate) mod java;
pub(crate) mod python;
pub(crate) mod typescript;

use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use ipc_schema::Schema;
use ipc_schema::arbitrary::{self, Choices};
use ipc_schema::export::{self, Page};
use ipc_schema::value::encode;
use ipc_tests::agree::{Random, damage};
use ipc_tests::reference::Reference;

/// A language under test.
pub(crate) struct Language {
    /// What `--lang` calls it.
    pub(crate) name: &'static str,
    /// Builds the program for one description, with warnings as errors and with what checks memory.
    pub(crate) build: fn(&Exported) -> Command,
}

/// A description's classes in a language, written to a folder of their own.
pub(crate) struct Exported {
    pub(crate) folder: PathBuf,
    pub(crate) page: Page,
}

impl Language {
    /// Holds every class against Rust's.
    pub(crate) fn agrees_with_rust(&self, references: &[Reference]) {
        for classes in references.chunk_by(|a, b| a.schema == b.schema) {
            let schema = Schema::from_file(&classes[0].schema).unwrap_or_else(|errors| panic!("{errors}"));
            let exported = self.export(&schema, &classes[0].schema, "languages");
            let mut lines = Vec::new();
            for reference in classes {
                questions(&schema, reference, &mut lines);
            }
            self.answers(&exported, &lines);
        }
    }

    /// The classes of a description, in a folder of their own.
    pub(crate) fn exported(&self, file: &str, purpose: &str) -> Exported {
        let schema = Schema::from_file(file).unwrap_or_else(|errors| panic!("{errors}"));
        self.export(&schema, Path::new(file), purpose)
    }

    fn export(&self, schema: &Schema, file: &Path, purpose: &str) -> Exported {
        let stem = file.file_stem().and_then(|stem| stem.to_str()).expect("a file has a name");
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(purpose).join(self.name).join(stem);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("the folder can be made");
        let language = export::language(self.name).expect("it is exported");
        for file in export::export(schema, stem, language).unwrap_or_else(|error| panic!("{error}")) {
            let path = folder.join(file.name);
            fs::create_dir_all(path.parent().unwrap_or(&folder)).expect("the folder can be made");
            fs::write(path, file.text).expect("the folder can be written to");
        }
        Exported { folder, page: Page::new(schema, stem, language).unwrap_or_else(|error| panic!("{error}")) }
    }

    /// Asks all questions at once, and compares every answer.
    fn answers(&self, exported: &Exported, lines: &[(String, String)]) {
        let input = exported.folder.join("input.txt");
        let text: String = lines.iter().fold(String::new(), |mut text, (question, _)| {
            let _ = writeln!(text, "{question}");
            text
        });
        fs::write(&input, text).expect("the folder can be written to");
        let mut program = (self.build)(exported);
        program.stdin(File::open(&input).expect("it was written")).stderr(Stdio::inherit());
        let output = program.output().unwrap_or_else(|error| panic!("{program:?}: {error}"));
        let answers = String::from_utf8_lossy(&output.stdout);
        let mut answers = answers.lines();
        for (question, expected) in lines {
            let found = answers.next().unwrap_or("nothing: the program has ended");
            let same = found == expected || same_but_for_a_digit(found, expected);
            assert!(same, "{} of {}: {question}\nfound    {found}\nexpected {expected}", self.name, exported.page.stem);
        }
        assert!(output.status.success(), "{}: {program:?}: {}", self.name, output.status);
    }
}

/// Frames of a class, whole and damaged, and what Rust makes of them.
pub(crate) fn questions(schema: &Schema, reference: &Reference, lines: &mut Vec<(String, String)>) {
    let class = reference.class;
    let id = schema.class_id(class).unwrap_or_else(|| panic!("no class {class}"));
    let mut ask = |what: String, answer: Result<Vec<u8>, String>| {
        let answer = answer.map_or_else(|text| format!("! {text}"), |frame| format!("= {}", hex(&frame)));
        lines.push((format!("{class} {what}"), answer));
    };
    ask("new".into(), (reference.fresh)());
    let mut random = Random::new(class.len() as u64 + u64::from(schema[id].fingerprint.0[0]));
    let draw = |schema: &Schema, random: &mut Random| {
        let len = random.below(400);
        let bytes = random.bytes(len);
        let value = arbitrary::value(&mut Choices::new(&bytes), schema, id);
        encode(schema, &schema[id], &value).ok()
    };
    let frames: Vec<_> = (0..400).filter_map(|_| draw(schema, &mut random)).take(40).collect();
    assert!(!frames.is_empty(), "{class}: no value of it is within its bounds");
    for frame in frames {
        let rewritten = (reference.rewrite)(&frame);
        assert_eq!(rewritten.as_ref(), Ok(&frame), "{class}: Rust and the model differ");
        ask(hex(&frame), rewritten);
        for _ in 0..6 {
            let damaged = damage(&mut random, &frame);
            ask(hex(&damaged), (reference.rewrite)(&damaged));
        }
    }
    let unbounded = unbounded(&reference.schema);
    for frame in (0..60).filter_map(|_| draw(&unbounded, &mut random)) {
        ask(hex(&frame), (reference.rewrite)(&frame));
    }
    for _ in 0..60 {
        let len = random.below(2 * schema[id].layout.size as usize + 40);
        let mut bytes = random.bytes(len);
        if random.below(2) == 0 {
            bytes.iter_mut().for_each(|byte| *byte %= 4);
        }
        ask(hex(&bytes), (reference.rewrite)(&bytes));
    }
}

/// The same classes without bounds: their frames are whole, and break what the bounds say.
fn unbounded(file: &Path) -> Schema {
    let text = fs::read_to_string(file).expect("it was read before");
    let text = text.replace("\"min\":", "\"x-min\":").replace("\"max\":", "\"x-max\":");
    let folder = file.parent().unwrap_or(Path::new("."));
    Schema::from_text_in(&text, "without bounds", folder).unwrap_or_else(|errors| panic!("{errors}"))
}

fn hex(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return "-".to_owned();
    }
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Whether two errors differ only in the spelling of one float: where two texts are as short and as close to it, languages
/// choose differently.
fn same_but_for_a_digit(found: &str, expected: &str) -> bool {
    let split =
        |text: &str| text.rsplit_once(", found ").map(|(rest, number)| (rest.to_owned(), number.parse::<f64>().ok()));
    matches!((split(found), split(expected)), (Some(found), Some(expected)) if found == expected && found.1.is_some())
}

/// Runs a step of a build or a small program, and gives what it prints: if it fails, that is part of the failure.
pub(crate) fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{printed}{said}", output.status);
    printed
}
