//! The engine of `examples/editor` and its client: a real Neovim, driven by its own remote calls, and once in a terminal.
#![forbid(unsafe_code)]

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use ipc_tests::programs::{output, release_program};
use ipc_tests::streams::Folder;
use ipc_tests::terminal::Terminal;
use ipc_tests::{Peer, eventually};
use serde_json::{Value, json};

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/editor");

/// With the plug-in, and with nothing of the user's own. A swap file would have the successor of a killed one ask its user.
const NEOVIM: [&str; 5] = [
    "nvim",
    "--clean",
    "-n",
    "--cmd",
    concat!("set runtimepath^=", env!("CARGO_MANIFEST_DIR"), "/../examples/editor/nvim"),
];

/// A copy of the project, with its pipes.
struct Project(Folder);

impl Project {
    fn new() -> Self {
        let project = Self(Folder::new());
        fs::create_dir(project.path("src")).unwrap();
        for file in ["Cargo.toml", "Cargo.lock", "src/main.rs", "src/worlds.rs"] {
            fs::copy(Path::new(EXAMPLE).join("project").join(file), project.path(file)).unwrap();
        }
        project
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.path(file)
    }

    fn replace(&self, file: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path(file)).unwrap();
        assert!(text.contains(from), "{file} has no {from}");
        fs::write(self.path(file), text.replace(from, to)).unwrap();
    }

    /// Has builds wait until there is a file `gate`.
    fn close_gate(&self) {
        let script = r#"fn main() {
            println!("cargo::rerun-if-changed=build.rs");
            let is_there = |file| std::path::Path::new(file).exists();
            while is_there("build.rs") && !is_there("gate") {
                std::thread::sleep(std::time::Duration::from_millis(10));
            }
        }"#;
        fs::write(self.path("build.rs"), script).unwrap();
    }

    fn open_gate(&self) {
        fs::write(self.path("gate"), "").unwrap();
    }

    fn engine(&self) -> Peer {
        let mut program = release_program("engine", env!("CARGO_TARGET_TMPDIR"));
        program.arg(self.path(""));
        let mut engine = Peer::start(program);
        assert!(engine.line().is_some_and(|line| line.starts_with("simulating")));
        engine
    }

    /// A Neovim without a terminal, with the project's first file.
    fn neovim(&self) -> Neovim {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let socket = self.path(&format!("neovim-{}", COUNT.fetch_add(1, Ordering::Relaxed)));
        let mut program = Command::new(NEOVIM[0]);
        program.args(&NEOVIM[1..]).args(["--headless", "--listen"]).arg(&socket).arg(self.path("src/main.rs"));
        // What it says to its user is asked for.
        program.stderr(Stdio::null());
        let neovim = Neovim { process: Peer::start(program), socket };
        eventually("Neovim answers", || neovim.evaluate("1").is_ok());
        neovim
    }

    /// One in a terminal, which says when it has ended.
    fn terminal(&self) -> Terminal {
        let terminal = Terminal::in_folder(&self.path(""), 100, 30);
        let [neovim, clean, no_swap, command, plugin] = NEOVIM;
        terminal
            .type_line(&format!("{neovim} {clean} {no_swap} {command} '{plugin}' src/main.rs; echo it has en''ded"));
        terminal.shows(&["mod worlds;"]);
        terminal
    }

    /// One that shows the engine's log.
    fn client(&self) -> Neovim {
        let neovim = self.neovim();
        neovim.run("EngineLog").unwrap();
        neovim
    }
}

struct Neovim {
    process: Peer,
    socket: PathBuf,
}

impl Neovim {
    /// The value of an expression, or what is wrong with it.
    fn evaluate(&self, expression: &str) -> Result<String, String> {
        let answer = output(Command::new("nvim").arg("--server").arg(&self.socket).args(["--remote-expr", expression]));
        // Version 0.7 prints values to standard error, later ones to standard output.
        let printed = String::from_utf8([answer.stdout, answer.stderr].concat()).unwrap();
        if answer.status.success() { Ok(printed) } else { Err(printed) }
    }

    /// The value of an expression of any length: what remote calls print is cut.
    fn json(&self, expression: &str) -> Value {
        let file = self.socket.with_extension("json");
        self.evaluate(&format!("writefile([json_encode({expression})], '{}')", file.display())).unwrap();
        serde_json::from_slice(&fs::read(file).unwrap()).unwrap()
    }

    /// Runs a command; gives what it says, or its error.
    fn run(&self, command: &str) -> Result<String, String> {
        self.evaluate(&format!("execute('{command}')"))
    }

    /// The lines of the log's buffer.
    fn log(&self) -> Vec<String> {
        let lines = self.json("getbufline('engine://log', 1, '$')");
        lines.as_array().unwrap().iter().map(|line| line.as_str().unwrap().to_owned()).collect()
    }

    fn count(&self, part: &str) -> usize {
        self.log().iter().filter(|line| line.contains(part)).count()
    }

    /// Waits until the log has this in one more line than before; gives the lines from then on.
    #[track_caller]
    fn logs_after(&self, action: impl FnOnce(), part: &str) -> Vec<String> {
        let before = self.log().len();
        action();
        let mut since = Vec::new();
        eventually(&format!("the log has `{part}`"), || {
            since = self.log().split_off(before);
            since.iter().any(|line| line.contains(part))
        });
        since
    }

    /// Runs a command that the engine answers with this.
    #[track_caller]
    fn has_answer(&self, command: &str, answer: &str) -> Vec<String> {
        self.logs_after(|| drop(self.run(command).unwrap()), answer)
    }

    /// Waits for more lines of the log; gives the heights of the ball in them.
    #[track_caller]
    fn heights(&self) -> Vec<f64> {
        let height = |line: &String| line.split_once(" height ")?.1.split(' ').next()?.parse().ok();
        let before = self.log().len();
        let mut heights: Vec<f64> = Vec::new();
        eventually("there are heights", || {
            heights = self.log()[before..].iter().filter_map(height).collect();
            heights.len() >= 3
        });
        heights
    }

    /// The quickfix list: file, line, column, type and text of each entry.
    fn quickfix(&self) -> Value {
        self.json("map(getqflist(), {_, e -> [fnamemodify(bufname(e.bufnr), ':t'), e.lnum, e.col, e.type, e.text]})")
    }
}

#[test]
fn the_log_appears_in_a_buffer_where_neovim_comes_first() {
    let project = Project::new();
    let neovim = project.client();
    assert_eq!(neovim.log(), [""]);
    let _engine = project.engine();
    assert!(neovim.heights().iter().all(|height| (0.0..=2.0).contains(height)));
    // The window of the log shows its end, and the cursor is where it was.
    let shown = "line('w$', bufwinid('engine://log')) == line('$', bufwinid('engine://log'))";
    assert_eq!(neovim.evaluate(&format!("{shown} && bufname() =~ 'main.rs$'")).unwrap(), "1");
}

#[test]
fn the_log_appears_from_its_beginning_where_the_engine_comes_first() {
    let project = Project::new();
    let _engine = project.engine();
    let neovim = project.client();
    neovim.heights();
    let log = neovim.log();
    assert!(log[0].ends_with("not refreshed: nothing is built yet: :EngineBuild does"), "{log:?}");
    assert!(log[1].ends_with("height 2.00 m, speed 0.00 m/s"), "{log:?}");
}

#[test]
fn errors_of_a_build_land_in_the_quickfix_list_at_their_places_and_a_mended_source_clears_it() {
    let project = Project::new();
    let _engine = project.engine();
    let neovim = project.client();
    // The character before the error takes two bytes.
    project.replace("src/main.rs", "worlds::EARTH", "f64::from('é' as u32) * worlds::PLUTO");
    neovim.run("edit").unwrap();
    neovim.has_answer("EngineBuild", "the build failed: 1 errors, 0 warnings");
    let text = "cannot find value `PLUTO` in module `worlds`: not found in `worlds`";
    assert_eq!(neovim.quickfix(), json!([["main.rs", 7, 52, "E", text]]));
    neovim.run("cfirst").unwrap();
    assert_eq!(neovim.evaluate("getline('.')[col('.') - 1:]").unwrap(), "PLUTO;");

    // Mended in Neovim, and written by the command as :make would.
    neovim.run("set autowrite | substitute/PLUTO/MARS/").unwrap();
    let unused = "cannot be so";
    project.replace(
        "src/worlds.rs",
        "#![allow",
        &format!("#![warn(unused, reason = \"{unused}\")]\n#![cfg_attr(any(), allow"),
    );
    project.replace("src/worlds.rs", "time\")]", "time\"))]");
    neovim.has_answer("EngineBuild", "the build succeeded: 0 errors, 2 warnings");
    let texts = ["constant `EARTH` is never used", "constant `MOON` is never used"];
    assert_eq!(neovim.quickfix(), json!([["worlds.rs", 5, 11, "W", texts[0]], ["worlds.rs", 7, 11, "W", texts[1]]]));

    fs::write(project.path("Cargo.toml"), "[package]\nname = 1\n").unwrap();
    neovim.has_answer("EngineBuild", "the build failed: 1 errors, 0 warnings");
    let list = neovim.quickfix();
    assert!(list[0][4].as_str().unwrap().contains("invalid type: integer `1`"), "{list}");

    fs::copy(Path::new(EXAMPLE).join("project/Cargo.toml"), project.path("Cargo.toml")).unwrap();
    fs::copy(Path::new(EXAMPLE).join("project/src/worlds.rs"), project.path("src/worlds.rs")).unwrap();
    neovim.has_answer("EngineBuild", "the build succeeded: 0 errors, 0 warnings");
    assert_eq!(neovim.quickfix(), json!([]));
    assert_eq!(neovim.evaluate("getqflist({'nr': '$'}).nr").unwrap(), "1", "one list serves all builds");
}

#[test]
fn what_was_built_is_simulated_after_a_refresh_and_not_before() {
    let project = Project::new();
    let mut engine = project.engine();
    let neovim = project.client();
    neovim.has_answer("EngineRefresh", "not refreshed: nothing is built yet");
    project.replace("src/main.rs", "height = 2.0", "height = 900.0");
    project.replace("src/main.rs", "worlds::EARTH", "worlds::MOON");
    neovim.has_answer("EngineBuild", "the build succeeded");
    assert!(neovim.heights().iter().all(|height| *height <= 2.0));
    neovim.has_answer("EngineRefresh", "refreshed: height 900 m, gravity 1.62 m/s², bounce 0.8");
    assert!(neovim.heights().iter().all(|height| (800.0..=900.0).contains(height)));
    // An engine that is started again goes on with what was built.
    engine.kill();
    let _engine = project.engine();
    assert!(neovim.heights().iter().all(|height| (800.0..=900.0).contains(height)));
}

#[test]
fn a_program_that_prints_no_ball_of_the_class_changes_nothing() {
    let project = Project::new();
    let _engine = project.engine();
    let neovim = project.client();
    let refused = [
        ("bounce = 0.8", "bounce = 2.0", "not refreshed: class Ball, member bounce"),
        (
            "bounce = 2.0",
            "bounce: f64 = panic!()",
            "not refreshed: the program ended without a ball, by exit status: 101",
        ),
        ("bounce: f64 = panic!()", "bounce: f64 = loop {}", "not refreshed: the program printed no ball within 5 s"),
    ];
    for (from, to, answer) in refused {
        project.replace("src/main.rs", from, to);
        neovim.has_answer("EngineBuild", "the build succeeded");
        neovim.has_answer("EngineRefresh", answer);
    }
    assert!(neovim.heights().iter().all(|height| *height <= 2.0));
}

#[test]
fn the_simulation_goes_on_while_a_build_runs_and_commands_wait_for_its_end() {
    let project = Project::new();
    let _engine = project.engine();
    let neovim = project.client();
    project.close_gate();
    neovim.has_answer("EngineBuild", "building");
    neovim.run("EngineRefresh").unwrap();
    neovim.heights();
    assert_eq!(neovim.count("the build"), 0);
    let log = neovim.logs_after(|| project.open_gate(), " refreshed: height 2 m");
    assert!(log.iter().any(|line| line.contains("the build succeeded")), "{log:?}");
}

#[test]
fn neovim_outlives_engines_that_are_killed_and_reads_their_successors() {
    let project = Project::new();
    let neovim = project.client();
    for round in 0..6 {
        let mut engine = project.engine();
        neovim.heights();
        neovim.has_answer("EngineRefresh", "not refreshed");
        if round % 2 == 1 {
            // The pipes too may go with the engine.
            fs::remove_file(project.path("engine.messages")).unwrap();
            fs::remove_file(project.path("engine.commands")).unwrap();
        }
        neovim.logs_after(|| drop(engine.kill()), "---- the engine is gone");
        assert_eq!(neovim.count("---- the engine is gone"), round + 1);
    }
}

#[test]
fn an_engine_outlives_neovims_that_are_killed_and_tells_their_successors() {
    let project = Project::new();
    let _engine = project.engine();
    let mut neovim = project.client();
    project.close_gate();
    project.replace("src/main.rs", "EARTH", "PLUTO");
    neovim.has_answer("EngineBuild", "building");
    for _ in 0..5 {
        neovim.process.kill();
        neovim = project.client();
        neovim.heights();
        assert_eq!(neovim.quickfix(), json!([]));
    }
    // Whoever is there when it ends learns how the build ended, or comes to be.
    neovim.process.kill();
    project.open_gate();
    let neovim = project.client();
    eventually("it knows how the build ended", || neovim.count("the build failed: 1 errors") == 1);
    assert_eq!(neovim.quickfix()[0][1], 7);
}

#[test]
fn nothing_waits_for_an_engine_that_is_not_there() {
    let project = Project::new();
    let neovim = project.neovim();
    let refused = |command: &str| neovim.run(command).unwrap_err();
    for command in ["EngineBuild", "EngineRefresh"] {
        let error = refused(command);
        assert!(error.contains("engine: no engine reads") && error.contains("engine.commands"), "{error}");
    }
    neovim.run("EngineLog").unwrap();
    // The pipe that an engine has left changes nothing.
    let mut engine = project.engine();
    neovim.heights();
    neovim.logs_after(|| drop(engine.kill()), "the engine is gone");
    assert!(refused("EngineBuild").contains("no engine reads"));
    assert_eq!(neovim.evaluate("bufname() =~ 'main.rs$'").unwrap(), "1");
    fs::remove_file(project.path("engine.commands")).unwrap();
    fs::write(project.path("engine.commands"), "").unwrap();
    assert!(refused("EngineBuild").contains("engine.commands is no named pipe"));
    assert_eq!(fs::read(project.path("engine.commands")).unwrap(), b"");
}

#[test]
fn a_project_is_found_above_the_file_or_named() {
    let project = Project::new();
    let neovim = project.neovim();
    neovim.run("edit /dev/shm/some.rs").unwrap();
    let error = neovim.run("EngineLog").unwrap_err();
    assert!(error.contains("there is no Cargo.toml above this file: open one of the engine's project"), "{error}");
    let _engine = project.engine();
    neovim.run(&format!("let g:engine_project = \"{}\"", project.path("").display())).unwrap();
    neovim.run("EngineLog").unwrap();
    neovim.heights();
}

#[test]
fn half_a_line_of_a_writer_that_was_killed_is_dropped_and_so_is_what_is_no_message() {
    let project = Project::new();
    let neovim = project.client();
    let open = || OpenOptions::new().write(true).open(project.path("engine.messages")).unwrap();
    let message = |text: &str| format!(r#"{{"time":1.5,"level":"Info","text":"{text}"}}"#);
    let half = &message("half of a line")[..45];
    assert!(half.contains("half"));

    let mut writer = open();
    writer.write_all(format!("{}\n{half}", message("before")).as_bytes()).unwrap();
    neovim.logs_after(|| drop(writer), "the engine is gone");
    let mut writer = open();
    // A successor that comes before the end was seen begins with an empty line.
    let lines =
        ["", &message("after"), half, &message("two\\nlines"), "7", "{}", "null", r#"{"time":"1","text":1}"#, "\0"];
    writer.write_all((lines.join("\n") + "\n" + &message("in ")).as_bytes()).unwrap();
    writer.write_all(message("no end").as_bytes()).unwrap();
    neovim.logs_after(|| drop(writer), "the engine is gone");
    let times =
        ["     1.50  before", "---- the engine is gone", "     1.50  after", "     1.50  two", "           lines"];
    assert_eq!(neovim.log(), [&times[..], &["---- the engine is gone"]].concat());
}

#[test]
fn a_second_client_is_refused_until_the_first_is_gone() {
    let project = Project::new();
    let _engine = project.engine();
    let mut first = project.client();
    let second = project.neovim();
    let error = second.run("EngineLog").unwrap_err();
    assert!(error.contains("another client reads") && error.contains("engine.messages"), "{error}");
    first.heights();
    first.process.kill();
    second.run("EngineLog").unwrap();
    second.heights();
}

#[test]
fn the_log_keeps_its_last_lines_and_its_place() {
    let project = Project::new();
    let neovim = project.client();
    let mut writer = OpenOptions::new().write(true).open(project.path("engine.messages")).unwrap();
    let mut write = |numbers: std::ops::RangeInclusive<u32>| {
        let lines = numbers.map(|number| format!(r#"{{"time":0,"level":"Error","text":"line {number}"}}"#) + "\n");
        writer.write_all(lines.collect::<String>().as_bytes()).unwrap();
    };
    neovim.logs_after(|| write(1..=12_000), "line 12000");
    assert_eq!(neovim.log()[0], "     0.00  line 2001");
    // Who looks at what was before is not taken away from it.
    neovim.run("call win_gotoid(bufwinid(\"engine://log\")) | normal! gg").unwrap();
    write(12_001..=12_003);
    eventually("the last line is there", || neovim.count("line 12003") == 1);
    assert_eq!(neovim.evaluate("getline('.')").unwrap(), "     0.00  line 2004");
    assert_eq!(neovim.evaluate("&modifiable").unwrap(), "0");
}

#[test]
fn in_a_terminal_the_log_scrolls_by_and_an_error_is_jumped_to() {
    let project = Project::new();
    let _engine = project.engine();
    project.replace("src/main.rs", "EARTH", "PLUTO");
    let terminal = project.terminal();
    terminal.shows(&["let gravity = worlds::PLUTO;"]);
    terminal.type_line(":EngineLog");
    terminal.shows(&[" height ", " m/s"]);
    let screen = terminal.shows(&["engine://log"]);
    assert!(screen.iter().any(|line| line.contains("let gravity")), "{screen:#?}");
    terminal.type_line(":EngineBuild");
    terminal.shows(&["the build failed: 1 errors, 0 warnings"]);
    terminal.type_line(":cc");
    terminal.shows(&["(1 of 1) error: cannot find value `PLUTO`"]);
    terminal.type_line(":substitute/PLUTO/MOON/ | write | EngineBuild | EngineRefresh");
    terminal.shows(&["refreshed: height 2 m, gravity 1.62 m/s², bounce 0.8"]);
    terminal.shows(&["let gravity = worlds::MOON;"]);
    terminal.type_line(":qa!");
    terminal.shows(&["it has ended"]);
}

#[test]
fn neovim_ends_also_where_its_engine_does_at_the_same_time() {
    let project = Project::new();
    let terminal = project.terminal();
    terminal.type_line(":EngineLog");
    terminal.shows(&["engine://log"]);
    // The end of the last writer is there to be seen, and Neovim ends before it looks.
    let open = "vim.loop.fs_open('engine.messages', vim.loop.constants.O_WRONLY, 0)";
    terminal.type_line(&format!(":lua vim.loop.fs_close({open}) vim.cmd('qa!')"));
    terminal.shows(&["it has ended"]);
}
