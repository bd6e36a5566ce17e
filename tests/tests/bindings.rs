//! Ends in every language meet on the same rings: Rust, C, C++ and Python, each in a process of its own, those in C and C++
//! under the address and undefined-behaviour sanitizers.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use ipc_core::{Fence, Wait};
use ipc_tests::installed::{self, export_to, flags, prefix, program, python, run};
use ipc_tests::programs::{output, ring_directory, start};
use ipc_tests::tally::State;
use ipc_tests::{Peer, Ring, Tick};

const TMPDIR: &str = env!("CARGO_TARGET_TMPDIR");
const PACKAGE: &str = env!("CARGO_MANIFEST_DIR");
const FRAMES: u64 = 10_000;

/// A language with a program that obeys as `tests/src/bin/peer.rs` does.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Language {
    Rust,
    C,
    Cpp,
    Python,
}

use Language::{C, Cpp, Python, Rust};

const LANGUAGES: [Language; 4] = [Rust, C, Cpp, Python];

impl Language {
    /// Starts its program for a ring.
    fn peer(self, ring: &Ring) -> Peer {
        let mut peer = match self {
            Rust => return ring.peer(),
            C => program(c(), TMPDIR),
            Cpp => program(cpp(), TMPDIR),
            Python => {
                let mut peer = Command::new(python());
                peer.arg(Path::new(PACKAGE).join("bindings/peer.py"));
                peer
            }
        };
        peer.arg(Path::new(PACKAGE).join("classes/parcel.json"));
        ring.peer_by(peer)
    }

    /// Starts its program that has shared state open; gives what it says of that, too.
    fn holder(self, state: &State) -> (Peer, String) {
        static C_HOLDER: OnceLock<PathBuf> = OnceLock::new();
        static CPP_HOLDER: OnceLock<PathBuf> = OnceLock::new();
        let cpp = || ["-std=c++17", "-I", exported("classes/tally.json")];
        let mut holder = match self {
            Rust => Command::new(env!("CARGO_BIN_EXE_holder")),
            C => {
                let built = C_HOLDER.get_or_init(|| compile("cc", &["-std=c11"], "bindings/holder.c", "holder-c"));
                program(built, TMPDIR)
            }
            Cpp => {
                let built = CPP_HOLDER.get_or_init(|| compile("c++", &cpp(), "bindings/holder.cpp", "holder-cpp"));
                program(built, TMPDIR)
            }
            Python => {
                let mut holder = Command::new(python());
                holder.arg(Path::new(PACKAGE).join("bindings/holder.py"));
                holder
            }
        };
        if self != Rust {
            holder.arg(Path::new(PACKAGE).join("classes/tally.json"));
        }
        let mut holder = state.peer_by(holder);
        let said = holder.answer().expect("it says whether it is open");
        (holder, said)
    }
}

fn c() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| compile("cc", &["-std=c11"], "bindings/peer.c", "peer-c"))
}

fn cpp() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        compile("c++", &["-std=c++17", "-I", exported("classes/parcel.json")], "bindings/peer.cpp", "peer-cpp")
    })
}

/// A folder with the classes of a description in C and C++.
fn exported(description: &str) -> &'static str {
    let description = Path::new(PACKAGE).join(description);
    let stem = description.file_stem().unwrap().to_str().unwrap();
    let folder = Path::new(TMPDIR).join("exported").join(stem);
    export_to(&description, &folder);
    folder.to_str().unwrap().to_owned().leak()
}

/// Builds a program with warnings as errors, and with what checks memory.
fn compile(compiler: &str, options: &[&str], source: &str, name: &str) -> PathBuf {
    installed::compile(compiler, options, source, name, TMPDIR)
}

/// Every pair of a writer and a reader.
fn pairs() -> impl Iterator<Item = (Language, Language)> {
    LANGUAGES.into_iter().flat_map(|writer| LANGUAGES.map(|reader| (writer, reader)))
}

#[test]
fn every_byte_of_10_000_frames_arrives_between_every_two_languages() {
    for (number, (writer, reader)) in pairs().enumerate() {
        let wait = [Wait::SpinThenSleep, Wait::Sleep][number % 2];
        let fence = [Fence::Asymmetric, Fence::Symmetric][number % 2];
        let ring = Ring::new(&["reader"]).wait(wait).fence(fence);
        let (mut producer, mut consumer, mut joined) = (writer.peer(&ring), reader.peer(&ring), reader.peer(&ring));
        assert_eq!(producer.ask("produce"), "done");
        assert_eq!(consumer.ask("consume reader"), "done");
        assert_eq!(joined.ask("join"), "done");
        consumer.tell("drain");
        joined.tell("drain");
        assert_eq!(producer.ask(&format!("send-to {FRAMES}")), FRAMES.to_string(), "{writer:?}");
        assert_eq!(producer.ask("close"), "done");
        let expected = format!("closed 0..{FRAMES}");
        assert_eq!(consumer.answer().as_deref(), Some(&expected[..]), "{writer:?} to {reader:?}");
        assert_eq!(joined.answer().as_deref(), Some(&expected[..]), "{writer:?} to {reader:?}");
    }
}

#[test]
fn every_byte_of_10_000_frames_arrives_in_event_loops() {
    for (writer, reader) in pairs() {
        let ring = Ring::new(&["reader"]);
        let (mut producer, mut consumer) = (writer.peer(&ring), reader.peer(&ring));
        assert_eq!(producer.ask("produce"), "done");
        assert_eq!(consumer.ask("consume reader"), "done");
        consumer.tell("drain-watching");
        assert_eq!(producer.ask(&format!("send-to {FRAMES}")), FRAMES.to_string(), "{writer:?}");
        assert_eq!(producer.ask("close"), "done");
        let expected = format!("closed 0..{FRAMES}");
        assert_eq!(consumer.answer().as_deref(), Some(&expected[..]), "{writer:?} to {reader:?}");
    }
}

#[test]
fn every_byte_of_10_000_frames_arrives_in_batches() {
    let languages = [Rust, C, Cpp];
    for (writer, reader) in languages.into_iter().flat_map(|writer| languages.map(|reader| (writer, reader))) {
        let ring = Ring::new(&["reader"]);
        let (mut producer, mut consumer) = (writer.peer(&ring), reader.peer(&ring));
        assert_eq!(producer.ask("produce"), "done");
        assert_eq!(consumer.ask("consume reader"), "done");
        consumer.tell("drain-batches 50");
        assert_eq!(producer.ask(&format!("batches-to {FRAMES} 64")), FRAMES.to_string(), "{writer:?}");
        assert_eq!(producer.ask("close"), "done");
        let expected = format!("closed 0..{FRAMES}");
        assert_eq!(consumer.answer().as_deref(), Some(&expected[..]), "{writer:?} to {reader:?}");
    }
}

#[test]
fn a_frame_io_creates_writes_and_reads() {
    let ring = Ring::new(&["reader"]);
    let [mut creator, mut writer, mut reader] = [(); 3].map(|()| Cpp.peer(&ring));
    assert!(writer.ask("frame-io write").starts_with("NotThere: "));
    assert_eq!(creator.ask("frame-io create"), "done");
    assert_eq!(reader.ask("frame-io read"), "done");
    reader.tell("read-frames 1000");
    assert_eq!(creator.ask("write-frames 0 1000"), "done");
    assert_eq!(reader.answer().as_deref(), Some("0..1000"));
    assert_eq!(creator.ask("drop"), "done");
    assert!(reader.ask("read-frames 1").starts_with("Closed: "));
    assert_eq!(writer.ask("frame-io write"), "done", "it goes on with what is there");
    reader.tell("read-frames 1000");
    assert_eq!(writer.ask("write-frames 1000 2000"), "done");
    assert_eq!(reader.answer().as_deref(), Some("1000..2000"));
    let mut rust = ring.peer();
    assert_eq!(reader.ask("drop"), "done");
    assert_eq!(rust.ask("consume reader"), "done");
    assert_eq!(writer.ask("write-frames 2000 2010"), "done");
    assert_eq!(rust.ask("recv 10"), "2000..2010", "the ends of Rust meet it");
}

#[test]
fn a_full_and_an_empty_ring_and_passed_time_limits_give_the_same_text_in_every_language() {
    let texts = LANGUAGES.map(|language| {
        let ring = Ring::new(&["reader"]);
        let (mut producer, mut consumer) = (language.peer(&ring), language.peer(&ring));
        assert_eq!(producer.ask("produce"), "done");
        let mut texts = Vec::new();
        loop {
            let answer = producer.ask("try-send");
            texts.push(answer.clone());
            if answer.starts_with("Full: ") {
                break;
            }
        }
        texts.push(producer.ask("send-within-ms 1"));
        assert_eq!(consumer.ask("consume reader"), "done");
        texts.push(consumer.ask(&format!("recv {}", texts.len() - 2)));
        texts.push(consumer.ask("try-recv"));
        texts.push(consumer.ask("recv-within-ms 1"));
        texts.push(consumer.ask("state"));
        texts.push(producer.ask("close"));
        texts.push(consumer.ask("try-recv"));
        texts.push(consumer.ask("state"));
        texts.iter().map(|text| text.replace(ring.path().to_str().unwrap(), "RING")).collect::<Vec<_>>()
    });
    assert!(texts[0].iter().any(|text| text.starts_with("Empty: ")), "{:?}", texts[0]);
    assert_eq!(texts[0].iter().filter(|text| text.starts_with("TimedOut: ")).count(), 2, "{:?}", texts[0]);
    for (text, language) in texts.iter().zip(LANGUAGES) {
        assert_eq!(&texts[0], text, "{language:?}");
    }
}

#[test]
fn a_program_of_another_class_is_refused_with_the_same_text_in_every_language() {
    let ring = Ring::new(&[]);
    ring.channel().create().unwrap();
    let texts = LANGUAGES.map(|language| language.peer(&ring).ask("produce-ticks"));
    assert!(texts[0].starts_with("Mismatch: "), "{}", texts[0]);
    for part in ["expected Tick (", "found    Parcel (", "Tick.count: member: expected uint32 at offset 0"] {
        assert!(texts[0].contains(part), "{}", texts[0]);
    }
    for (text, language) in texts.iter().zip(LANGUAGES) {
        assert_eq!(&texts[0], text, "{language:?}");
    }
}

#[test]
fn who_sleeps_is_woken_by_every_language() {
    for (writer, reader) in pairs() {
        let ring = Ring::new(&["reader"]).wait(Wait::Sleep);
        let (mut producer, mut consumer) = (writer.peer(&ring), reader.peer(&ring));
        assert_eq!(producer.ask("produce"), "done");
        assert_eq!(consumer.ask("consume reader"), "done");
        consumer.tell("recv 1");
        consumer.sleeps();
        assert_eq!(producer.ask("send-to 1"), "1");
        assert_eq!(consumer.answer().as_deref(), Some("0..1"), "{writer:?} wakes {reader:?}");
        producer.tell("send-to 1000");
        producer.sleeps();
        consumer.tell("recv 999");
        assert_eq!(consumer.answer().as_deref(), Some("1..1000"));
        assert_eq!(producer.answer().as_deref(), Some("1000"), "{reader:?} wakes {writer:?}");
        consumer.tell("drain");
        consumer.sleeps();
        assert_eq!(producer.ask("close"), "done");
        assert_eq!(consumer.answer().as_deref(), Some("closed nothing"), "the end wakes {reader:?}");
    }
}

#[test]
fn a_killed_side_is_followed_by_one_in_another_language() {
    for (killed, successor) in pairs().filter(|(killed, successor)| killed != successor) {
        let ring = Ring::new(&["reader"]);
        let (mut producer, mut consumer) = (killed.peer(&ring), killed.peer(&ring));
        assert_eq!(producer.ask("produce"), "done");
        assert_eq!(consumer.ask("consume reader"), "done");
        assert_eq!(producer.ask("send-to 10"), "10");
        assert_eq!(consumer.ask("recv 4"), "0..4");
        consumer.kill();
        producer.kill();
        let (mut producer, mut consumer) = (successor.peer(&ring), successor.peer(&ring));
        assert_eq!(consumer.ask("consume reader"), "done");
        assert_eq!(consumer.ask("state"), "Gone");
        assert_eq!(producer.ask("continue"), "done", "{successor:?} after {killed:?}");
        assert_eq!(consumer.ask("recv 6"), "4..10");
        assert_eq!(producer.ask("send-to 12"), "12");
        assert_eq!(consumer.ask("recv 2"), "10..12");
    }
}

#[test]
fn observers_in_every_language_see_the_newest_frame() {
    for (writer, reader) in pairs() {
        let ring = Ring::new(&[]);
        let (mut producer, mut observer) = (writer.peer(&ring), reader.peer(&ring));
        assert_eq!(producer.ask("produce"), "done");
        assert_eq!(producer.ask("send-to 1000"), "1000");
        assert_eq!(observer.ask("observe"), "done");
        assert_eq!(observer.ask("look"), "999", "{reader:?} observes {writer:?}");
        assert!(observer.ask("look").starts_with("Empty: "));
    }
}

#[test]
fn misuse_gives_errors_and_harms_nothing() {
    for language in [C, Cpp] {
        let ring = Ring::new(&["reader"]);
        let mut peer = language.peer(&ring);
        assert_eq!(peer.ask("produce"), "done");
        assert_eq!(peer.ask("consume reader"), "done");
        assert_eq!(peer.ask("misuse"), "done", "{language:?}");
        assert_eq!(peer.ask("consume reader"), "done", "{language:?}: the slot is free again");
        assert_eq!(peer.ask("drop"), "done");
        // Its end is one of the sanitizer's that finds what was not freed.
        assert_eq!(peer.end(), Vec::<String>::new());
        assert!(peer.succeeds(), "{language:?}: it frees all that it had");
    }
}

#[test]
fn a_wrong_class_does_not_compile() {
    let source = Path::new(TMPDIR).join("wrong-class.cpp");
    let program = "#include <ipc/ipc.hpp>\n#include <parcel.hpp>\nint main() {\n    ipc::Channel<tests::Parcel> parcels(\"p\");\n    \
                   ipc::Producer<tests::CLASS> producer(parcels);\n}\n";
    let compiles = |class: &str| {
        fs::write(&source, program.replace("CLASS", class)).unwrap();
        let mut command = Command::new("c++");
        command.args(["-std=c++17", "-fsyntax-only", "-I", exported("classes/parcel.json")]).arg(&source);
        output(command.args(flags(TMPDIR))).status.success()
    };
    assert!(compiles("Parcel"));
    assert!(!compiles("Tick"));
}

#[test]
fn a_library_of_another_version_than_the_headers_is_refused_before_a_ring_is_touched() {
    let source = Path::new(TMPDIR).join("other-version.cpp");
    let text = "#include <ipc.h>
#undef IPC_ABI_VERSION
#define IPC_ABI_VERSION 4711u
#include <iostream>
#include <parcel.hpp>
#include <ipc/ipc.hpp>
int main() try {
    ipc::Producer<tests::Parcel> producer(ipc::Channel<tests::Parcel>{\"other-version\"});
    return 1;
} catch (const ipc::Error &error) {
    std::cout << error.what();
    return 0;
}
";
    fs::write(&source, text).unwrap();
    let options = ["-std=c++17", "-I", exported("classes/parcel.json")];
    let built = compile("c++", &options, source.to_str().unwrap(), "other-version");
    let rings = Path::new(TMPDIR).join("other-version-rings");
    let output = program(&built, TMPDIR).env("IPC_DIR", &rings).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}");
    assert!(said.contains("expected version 4711") && said.contains("found version 0"), "{said}");
    assert!(!rings.join("other-version.ring").exists());
}

#[test]
fn python_without_numpy_says_that_it_is_missing() {
    let mut command = Command::new(python());
    let said = output(command.args(["-c", "import sys; sys.modules['numpy'] = None; import ipc"])).stderr;
    let said = String::from_utf8(said).unwrap();
    assert!(said.contains("ModuleNotFoundError: import of numpy") && !said.contains("panic"), "{said}");
}

#[test]
fn a_frame_of_python_that_is_released_while_it_is_copied_is_kept_up_to_the_end() {
    let rings = ring_directory("released-while-copied", TMPDIR);
    let mut command = Command::new(python());
    command.arg(Path::new(PACKAGE).join("bindings/released_while_copied.py"));
    command.arg(Path::new(PACKAGE).with_file_name("examples").join("classes/matrix.json"));
    run(command.env("IPC_DIR", &rings));
    fs::remove_dir_all(&rings).unwrap();
}

/// A program of this workspace, in release.
fn built(package: &str, bin: &str) -> PathBuf {
    run(Command::new(env!("CARGO")).args(["build", "--release", "--quiet", "--package", package, "--bin", bin]));
    Path::new(TMPDIR).with_file_name("release").join(bin)
}

/// The folder of the examples in C++, built as their CMake file says.
fn examples_in_cpp() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let build = Path::new(TMPDIR).join("examples-cpp");
        let mut configure = Command::new("cmake");
        configure.arg("-S").arg(Path::new(PACKAGE).with_file_name("examples").join("cpp")).arg("-B").arg(&build);
        configure.arg(format!("-DIPC={}", built("ipc-cli", "ipc").display()));
        run(configure.env("CMAKE_PREFIX_PATH", prefix(TMPDIR)));
        run(Command::new("cmake").arg("--build").arg(&build));
        build
    })
}

#[test]
fn the_examples_in_every_language_understand_each_other() {
    let build = examples_in_cpp();
    let examples = Path::new(PACKAGE).with_file_name("examples");
    let c = ["producer", "consumer"].map(|name| {
        let options = ["-std=c11", "-I", exported("../examples/classes/matrix.json")];
        compile("cc", &options, &format!("../examples/c/{name}.c"), &format!("example-{name}"))
    });
    let rust = ["producer", "consumer"].map(|name| built("ipc-examples", name));
    let cpp = ["producer", "consumer"].map(|name| build.join(name));
    let python = ["producer", "consumer"].map(|name| examples.join("python").join(name).with_extension("py"));
    let pairs = [rust, c, cpp, python];
    for [producer, _] in &pairs {
        for [_, consumer] in &pairs {
            let rings = ring_directory("examples-of-languages", TMPDIR);
            let run_one = |path: &PathBuf| {
                let mut command = program(path, TMPDIR);
                if path.extension().is_some() {
                    command = Command::new(ipc_tests::installed::python());
                    command.arg(path);
                }
                command.arg(examples.join("classes/matrix.json")).env("IPC_DIR", &rings);
                String::from_utf8(run(&mut command).stdout).unwrap()
            };
            assert_eq!(run_one(producer), "");
            let expected = "1 × 1, trace 1\n2 × 2, trace 2\n3 × 3, trace 3\n4 × 4, trace 4\n5 × 5, trace 5\n";
            assert_eq!(run_one(consumer), expected, "{} after {}", consumer.display(), producer.display());
            fs::remove_dir_all(&rings).unwrap();
        }
    }

    let rings = ring_directory("shared-data-of-languages", TMPDIR);
    let classes = examples.join("classes/shared_data.json");
    let command = |language: Language, arguments: &[&str]| {
        let mut command = program(&build.join("shared_data"), TMPDIR);
        if language == Python {
            command = Command::new(ipc_tests::installed::python());
            command.arg(examples.join("python/shared_data.py"));
        }
        command.arg(&classes).args(arguments).env("IPC_DIR", &rings);
        command
    };
    for (counter, writer) in [Cpp, Python, Cpp, Python].into_iter().enumerate() {
        run(&mut command(writer, &["say", "hello"]));
        for reader in [Cpp, Python] {
            let mut watcher = start(&mut command(reader, &["watch"]));
            let seen = BufReader::new(watcher.stdout.take().unwrap()).lines().next();
            assert_eq!(seen.unwrap().unwrap(), format!("{}: hello", counter + 1));
            watcher.kill().unwrap();
            watcher.wait().unwrap();
        }
    }
    fs::remove_dir_all(&rings).unwrap();
}

#[test]
fn shared_state_is_changed_in_every_language_at_once_and_no_change_is_lost() {
    const TIMES: u64 = 5000;
    let state = State::new();
    let mut holders = LANGUAGES.map(|language| language.holder(&state).0);
    holders.iter_mut().for_each(|holder| holder.tell(&format!("add {TIMES}")));
    holders.iter_mut().for_each(|holder| assert_eq!(holder.answer().as_deref(), Some("done")));
    for (holder, language) in holders.iter_mut().zip(LANGUAGES) {
        assert_eq!(holder.ask("read"), (4 * TIMES).to_string(), "{language:?}");
    }
}

#[test]
fn what_a_killed_holder_of_one_language_leaves_is_repaired_in_every_other() {
    for (dies, repairs) in pairs() {
        let state = State::new();
        let ((mut dead, _), (mut other, said)) = (dies.holder(&state), repairs.holder(&state));
        assert_eq!(said, "open");
        for command in ["lock", "set 7"] {
            assert_eq!(dead.ask(command), "done", "{dies:?}");
        }
        other.tell("wait");
        assert_eq!(other.answer().as_deref(), Some("0"), "{repairs:?} reads without the lock");
        dead.kill();
        assert_eq!(other.ask("lock"), "done", "{repairs:?} after {dies:?}");
        assert_eq!(other.ask("unfinished"), "(7, 7)", "{repairs:?} after {dies:?}");
        assert_eq!(other.ask("set 8"), "done");
        assert_eq!(other.ask("publish"), "done");
        assert_eq!(other.ask("read"), "8");
        assert_eq!(other.ask("lock"), "done");
        assert_eq!(other.ask("unfinished"), "none");
        assert_eq!(other.ask("discard"), "done");
    }
}

#[test]
fn what_shared_state_refuses_is_told_with_the_same_text_in_every_language() {
    let texts = LANGUAGES.map(|language| {
        let state = State::new();
        let ((mut holder, _), (mut other, _)) = (Rust.holder(&state), language.holder(&state));
        assert_eq!(holder.ask("lock"), "done");
        let mut texts = ["try-lock", "lock-within 20"].map(|command| other.ask(command)).to_vec();
        assert_eq!(other.ask("wait"), "0");
        texts.push(other.ask("wait-within 1"));
        let removed = state.remove();
        texts.push(format!("{removed:?} {}", other.ask("read")));
        let of_another = ipc_core::Shared::create(state.name(), &Tick::default()).unwrap();
        texts.push(language.holder(&state).1);
        drop(of_another);
        let told = texts.iter().map(|text| text.replace(state.name(), "STATE"));
        told.map(|text| text.replace(&holder.id().to_string(), "PROCESS")).collect::<Vec<_>>()
    });
    assert_eq!(texts[0][0], "the shared state STATE of class Tally is locked by process PROCESS");
    assert!(
        texts[0][4].starts_with("the shared state STATE is for another class than this program's: |"),
        "{:?}",
        texts[0]
    );
    for (text, language) in texts.iter().zip(LANGUAGES) {
        assert_eq!(&texts[0], text, "{language:?}");
    }
}

const STRANGER: &str = "cmake_minimum_required(VERSION 3.16)
project(stranger C CXX)
find_package(ipc 0.1 CONFIG REQUIRED)
include_directories(.)
add_executable(sends producer.c)
target_link_libraries(sends PRIVATE ipc::c)
add_executable(receives consumer.cpp)
target_link_libraries(receives PRIVATE ipc::ipc)
";

/// A project in a folder of its own, with programs in C and C++ and the classes that they use.
fn stranger() -> PathBuf {
    let (project, examples) =
        (std::env::temp_dir().join(format!("my ipc project {}", std::process::id())), "../examples");
    let examples = Path::new(PACKAGE).join(examples);
    export_to(&examples.join("classes/matrix.json"), &project);
    fs::write(project.join("CMakeLists.txt"), STRANGER).unwrap();
    for source in ["c/producer.c", "cpp/consumer.cpp"] {
        let source = examples.join(source);
        fs::copy(&source, project.join(source.file_name().unwrap())).unwrap();
    }
    project
}

#[test]
fn projects_outside_of_the_workspace_are_built_with_the_shared_and_the_static_library() {
    let project = stranger();
    let rings = ring_directory("stranger", TMPDIR);
    let says = |sends: &Path, receives: &Path| {
        run(Command::new(sends).env("IPC_DIR", &rings));
        let said = String::from_utf8(run(Command::new(receives).env("IPC_DIR", &rings)).stdout).unwrap();
        assert!(said.ends_with("5 × 5, trace 5\n"), "{said}");
    };
    let loads_ipc = |program: &Path| {
        String::from_utf8(run(Command::new("ldd").arg(program)).stdout).unwrap().contains("libipc.so.0 => ")
    };
    for (built, static_libs) in [("shared", "OFF"), ("static", "ON")] {
        let built = project.join(built);
        let mut configure = Command::new("cmake");
        configure.arg("-S").arg(&project).arg("-B").arg(&built).arg(format!("-Dipc_USE_STATIC_LIBS={static_libs}"));
        run(configure.env("CMAKE_PREFIX_PATH", prefix(TMPDIR)));
        run(Command::new("cmake").arg("--build").arg(&built));
        says(&built.join("sends"), &built.join("receives"));
        assert_eq!(loads_ipc(&built.join("sends")), static_libs == "OFF");
    }
    // What pkg-config says of the static library is all that it needs.
    let pkg_config = |option: &str| {
        let mut pkg_config = Command::new("pkg-config");
        pkg_config.args([option, "ipc"]).env("PKG_CONFIG_PATH", prefix(TMPDIR).join("lib/pkgconfig"));
        String::from_utf8(run(&mut pkg_config).stdout).unwrap()
    };
    let sends = project.join("sends");
    let mut compile = Command::new("cc");
    compile.arg("-I").arg(&project).arg(project.join("producer.c")).arg("-o").arg(&sends);
    compile.args(pkg_config("--cflags").split_whitespace()).args(pkg_config("--variable=static").split_whitespace());
    run(&mut compile);
    assert!(!loads_ipc(&sends));
    says(&sends, &project.join("static/receives"));
    fs::remove_dir_all(&project).unwrap();
    fs::remove_dir_all(&rings).unwrap();
}

#[test]
fn the_trackers_in_c_and_c_plus_plus_merge_two_sensors() {
    let examples = Path::new(PACKAGE).with_file_name("examples");
    let options = ["-std=c11", "-I", exported("../examples/classes/motion.json")];
    let c = compile("cc", &options, "../examples/c/tracker.c", "example-tracker");
    for (language, tracker) in [("c", c), ("cpp", examples_in_cpp().join("tracker"))] {
        let rings = ring_directory(&format!("tracker-in-{language}"), TMPDIR);
        let modules = ["printer", "tracker", "satellites", "wheels"].map(|module| {
            let mut command = program(&tracker, TMPDIR);
            command.env("IPC_TOPOLOGY", examples.join(language).join("tracker.json")).env("IPC_MODULE", module);
            command.env("IPC_DIR", &rings);
            let mut module = Peer::start(command);
            while module.line().unwrap() != r#"{"ipc":"ready"}"# {}
            module
        });
        let [printer, tracker, ..] = modules.map(|mut module| {
            let told: Vec<String> = std::iter::from_fn(|| module.line()).filter(|line| !line.is_empty()).collect();
            assert!(module.succeeds(), "{language}");
            told
        });
        assert_eq!(printer, ["after 59 s at 119.9 m"], "{language}");
        assert_eq!(tracker.len(), 2, "both sensors end: {language}, {tracker:?}");
        fs::remove_dir_all(&rings).unwrap();
    }
}

#[test]
fn clang_format_changes_nothing_in_c_and_c_plus_plus_that_is_written_by_hand() {
    let root = Path::new(PACKAGE).parent().unwrap();
    for file in [
        "bindings/c/include/ipc_inline.h",
        "bindings/cpp/include/ipc/ipc.hpp",
        "bindings/cpp/include/ipc/communicator.hpp",
        "bindings/cpp/include/ipc/shared.hpp",
        "examples/c/producer.c",
        "examples/c/consumer.c",
        "examples/c/tracker.c",
        "examples/cpp/producer.cpp",
        "examples/cpp/consumer.cpp",
        "examples/cpp/shared_data.cpp",
        "examples/cpp/tracker.cpp",
        "examples/pipeline/checker.cpp",
        "examples/pipeline/display.cpp",
        "examples/pipeline/filter.cpp",
        "tests/bindings/parcel.h",
        "tests/bindings/peer.c",
        "tests/bindings/peer.cpp",
        "tests/bindings/holder.c",
        "tests/bindings/holder.cpp",
        "tests/bindings/module.c",
        "tests/bindings/module.cpp",
        "benches/src/ours/cpp.cpp",
    ] {
        let mut clang_format = Command::new("clang-format");
        let style = root.join("tests/languages/clang-format.yaml");
        clang_format.arg(format!("--style=file:{}", style.display())).arg(root.join(file));
        let written = fs::read_to_string(root.join(file)).unwrap();
        assert!(String::from_utf8(run(&mut clang_format).stdout).unwrap() == written, "clang-format changes {file}");
    }
}
