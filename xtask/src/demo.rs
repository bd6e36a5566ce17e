//! `cargo xtask demo`: runs the video pipeline of `examples/` on a real clip and shows what came of it.

use std::fs;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::processes::{Event, Processes};
use crate::workspace::{cargo, target};
use crate::{Outcome, outside, table};

/// What the user asked for.
#[derive(Default)]
pub(crate) struct Request {
    /// The clip; `bikes.mp4` if there is none.
    pub(crate) clip: Option<PathBuf>,
    /// At most so many frames of it.
    pub(crate) frames: Option<u32>,
    /// At most so many seconds of it.
    pub(crate) seconds: Option<f64>,
    pub(crate) pace: Pace,
}

/// How fast the camera delivers.
#[derive(Default, Clone, Copy, PartialEq)]
pub(crate) enum Pace {
    /// In the clip's own time, as a camera would.
    #[default]
    Clip,
    /// As fast as ffmpeg decodes.
    Fast,
}

/// The width and height of the camera's pictures, as `examples/classes/video.json` says.
const SIDE_PIXELS: u32 = 200;

/// Exit code of a program that SIGINT ended, as shells count.
const INTERRUPTED: u8 = 130;

/// Runs the pipeline once and prints its table.
pub(crate) fn run(request: &Request) -> Outcome {
    let clip = outside::clip(request.clip.as_deref().unwrap_or(Path::new("bikes.mp4")))?;
    let ffmpeg = outside::ffmpeg()?;
    build()?;
    let pictures = make_pictures_directory(&clip)?;
    let rings = RingDirectory::new()?;
    let program = |name: &str| {
        let mut command = Command::new(target().join("release").join(name));
        command.env("IPC_DIR", &rings.0).stdin(Stdio::null());
        command
    };

    // The consumers first: each waits for a ring that its producer has yet to make.
    let mut processes = Processes::new()?;
    for channel in ["frames", "edges"] {
        let sheet = pictures.join(format!("{channel}.png"));
        let name = if channel == "frames" { "frame-checker" } else { "edge-checker" };
        processes.start(name, program("checker").arg(channel).arg(sheet))?;
    }
    processes.start("edges", &mut program("edges"))?;
    let (source, clip_pixels) = processes.start_source("ffmpeg", &mut decoder(&ffmpeg, &clip, request))?;
    processes.start("camera", program("camera").stdin(clip_pixels))?;

    let watched = watch(&mut processes, source)?;
    let lost = table::print(&watched.ends);
    println!("pictures: {}", pictures.join("{frames,edges}.png").display());
    if watched.interrupted {
        println!("interrupted: the table counts what was sent until then");
        return Ok(ExitCode::from(INTERRUPTED));
    }
    if lost > 0 {
        return Err(format!("{lost} frames were sent and did not arrive."));
    }
    Ok(ExitCode::SUCCESS)
}

fn build() -> Result<(), String> {
    let built = cargo(&["build", "--release", "--quiet", "--package", "ipc-examples", "--bins"]).status();
    match built {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err("the examples do not build; cargo says why above.".into()),
        Err(error) => Err(format!("cargo cannot run: {error}.")),
    }
}

/// ffmpeg, writing the clip to its standard output as bare 200 × 200 pictures cut from the middle, 3 bytes a pixel.
fn decoder(ffmpeg: &Path, clip: &Path, request: &Request) -> Command {
    let side = SIDE_PIXELS;
    let filter = format!("scale={side}:{side}:force_original_aspect_ratio=increase,crop={side}:{side}");
    let mut command = Command::new(ffmpeg);
    command.args(["-nostdin", "-loglevel", "error"]);
    if request.pace == Pace::Clip {
        command.arg("-re");
    }
    command.arg("-i").arg(clip).args(["-map", "0:v:0", "-vf", &filter, "-f", "rawvideo", "-pix_fmt", "rgb24"]);
    if let Some(frames) = request.frames {
        command.args(["-frames:v", &frames.to_string()]);
    }
    if let Some(seconds) = request.seconds {
        command.args(["-t", &seconds.to_string()]);
    }
    command.arg("pipe:1").stdin(Stdio::null());
    command
}

/// What the modules said.
#[derive(Default)]
struct Watched {
    /// Figures of the ends of the rings, by module, in the order of the pipeline.
    ends: Vec<(&'static str, Vec<Value>)>,
    interrupted: bool,
}

/// Follows the processes until all have ended; an error names each that failed, with what it said.
///
/// An interrupt ends the source alone: the camera then ends its stream, and the others drain theirs.
fn watch(processes: &mut Processes, source: usize) -> Result<Watched, String> {
    let mut progress = Progress::new();
    let mut watched = Watched::default();
    let mut failures = Vec::new();
    let mut killed = false;
    while let Some(event) = processes.next() {
        match event {
            Event::Line(place, line) => match serde_json::from_str::<Value>(&line) {
                Ok(Value::Object(said)) if said.contains_key("progress") => {
                    progress.show(processes.name(place), &said["progress"]);
                }
                Ok(Value::Object(said)) if said.contains_key("ends") => {
                    let ends = said["ends"].as_array().cloned().unwrap_or_default();
                    watched.ends.push((processes.name(place), ends));
                }
                _ => eprintln!("{}: {line}", processes.name(place)),
            },
            Event::Interrupt if watched.interrupted => {
                killed = true;
                processes.kill_all();
            }
            Event::Interrupt => {
                watched.interrupted = true;
                progress.say("stopping: the camera ends its stream, the others drain (again: kill all)");
                processes.kill(source);
            }
            Event::Ended(place, status, said) if !status.success() && !killed => {
                if place == source && watched.interrupted {
                    continue;
                }
                let said = if said.is_empty() { "nothing" } else { &said };
                failures.push(format!("{} ended with {status}. It said: {said}", processes.name(place)));
                // Without the source the camera ends its stream by itself.
                if place != source {
                    killed = true;
                    processes.kill_all();
                }
            }
            Event::Ended(..) => {}
        }
    }
    progress.clear();
    if !failures.is_empty() {
        return Err(failures.join("\n"));
    }
    if killed {
        return Err("killed before all frames had arrived.".into());
    }
    watched.ends.sort_by_key(|(name, _)| ORDER.iter().position(|known| known == name));
    Ok(watched)
}

/// The modules as a frame meets them.
const ORDER: [&str; 4] = ["camera", "edges", "frame-checker", "edge-checker"];

/// How far each module is: one line that changes on a terminal, a line each second elsewhere.
struct Progress {
    frames: [u64; ORDER.len()],
    began: Instant,
    shown: Option<Instant>,
}

impl Progress {
    fn new() -> Self {
        Self { frames: [0; ORDER.len()], began: Instant::now(), shown: None }
    }

    fn show(&mut self, name: &str, frames: &Value) {
        if let Some(place) = ORDER.iter().position(|known| *known == name) {
            self.frames[place] = frames.as_u64().unwrap_or(0);
        }
        let terminal = std::io::stderr().is_terminal();
        if !terminal && self.shown.is_some_and(|shown| shown.elapsed() < Duration::from_secs(1)) {
            return;
        }
        self.shown = Some(Instant::now());
        let counts: Vec<String> =
            ORDER.iter().zip(self.frames).map(|(name, count)| format!("{name} {count}")).collect();
        let line = format!("{:5.1} s  frames: {}", self.began.elapsed().as_secs_f64(), counts.join("  "));
        if terminal {
            eprint!("\r{line}\x1b[K");
            let _ = std::io::stderr().flush();
        } else {
            eprintln!("{line}");
        }
    }

    fn say(&self, sentence: &str) {
        self.clear();
        eprintln!("{sentence}");
    }

    fn clear(&self) {
        if std::io::stderr().is_terminal() {
            eprint!("\r\x1b[K");
        }
    }
}

/// A directory for the rings of this run alone, in memory; removed with them at the end.
struct RingDirectory(PathBuf);

impl RingDirectory {
    fn new() -> Result<Self, String> {
        use std::os::unix::fs::DirBuilderExt;
        let shared_memory = Path::new("/dev/shm");
        let parent = if shared_memory.is_dir() { shared_memory.to_path_buf() } else { target() };
        let path = parent.join(format!("ipc-demo-{}", std::process::id()));
        // What a run of this very process id left behind belongs to nobody now.
        let _ = fs::remove_dir_all(&path);
        let made = fs::DirBuilder::new().mode(0o700).create(&path);
        made.map_err(|error| format!("cannot make the directory {}: {error}.", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for RingDirectory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The directory of the contact sheets, without those of the last run on this clip.
fn make_pictures_directory(clip: &Path) -> Result<PathBuf, String> {
    let name = clip.file_stem().unwrap_or(clip.as_os_str());
    let pictures = target().join("demo").join(name);
    let _ = fs::remove_dir_all(&pictures);
    fs::create_dir_all(&pictures).map_err(|error| format!("cannot make {}: {error}.", pictures.display()))?;
    Ok(pictures)
}
