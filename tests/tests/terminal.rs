//! `ipc run` in a real terminal: its screen is read back.
#![forbid(unsafe_code)]

use ipc_tests::controlled::{Controlled, kill};
use ipc_tests::eventually;
use ipc_tests::terminal::Terminal;
use rustix::process::Signal;

/// Starts it in a terminal whose shell has said something before.
fn start(application: &Controlled, columns: u32, rows: u32) -> Terminal {
    let terminal = Terminal::new(application, columns, rows);
    terminal.type_line("stty -g > before; echo said before");
    terminal.shows(&["said before"]);
    terminal.type_line(&format!("IPC_DIR={} ipc run app.json", application.rings_directory().display()));
    terminal.shows(&["app.json", "running", "0:00:0"]);
    terminal
}

/// The terminal is as it was before: its modes, and what stood on it.
#[track_caller]
fn is_restored(terminal: &Terminal) {
    // What the application had told may have moved it off the screen.
    eventually("the screen of before is back", || terminal.history().contains("said before"));
    terminal.type_line("stty -g > after; cmp before after && echo as it w''as");
    terminal.shows(&["as it was"]);
}

#[test]
fn the_table_is_shown_with_the_log_below_it_and_commands_are_typed() {
    let application = Controlled::pair("", "");
    let terminal = start(&application, 110, 30);
    terminal.shows(&["CHANNEL", "CLASS", "FRAMES/S", "FILL", "DROPPED", "P50", "P99"]);
    let screen = terminal.shows(&["reader", "● running", "µs"]);
    let head = screen.iter().find(|line| line.contains("MODULE")).unwrap();
    for column in ["STATE", "PID", "RESTARTS", "IN/S", "OUT/S", "P50", "P99"] {
        assert!(head.contains(column), "{column}: {screen:#?}");
    }
    let reader = screen.iter().find(|line| line.contains("● running") && line.contains("reader")).unwrap();
    assert!(reader.contains(&application.process("worker read").to_string()), "{screen:#?}");
    terminal.shows(&["reader │ at 100"]);
    terminal.shows(&["❯ stop, resume, restart or quit [MODULE]", "Ctrl-C quits"]);
    terminal.type_line("stop reader");
    terminal.shows(&["reader", "■ stopped"]);
    let screen = terminal.shows(&["ipc    · stop reader: reader is stopped"]);
    assert_eq!(screen.len(), 30);
    // Its ring fills up, and the table says who holds it up.
    terminal.shows(&["ticks", "100 %", "reader −"]);
    terminal.press("Up");
    terminal.shows(&["❯ stop reader"]);
    terminal.press("C-u");
    terminal.type_line("quit");
    terminal.shows(&["ipc    · ended"]);
    is_restored(&terminal);
    application.leaves_nothing();
}

#[test]
fn an_answer_that_is_wider_than_the_terminal_is_told_whole() {
    let application = Controlled::pair("", "");
    let terminal = start(&application, 80, 24);
    terminal.type_line("stop");
    terminal.shows(&["ipc    · stop: sender, reader are stopped"]);
    terminal.type_line("halt");
    let screen = terminal.shows(&["status; found `halt`"]);
    let first = screen.iter().position(|line| line.contains("ipc    · halt: expected stop, resume")).unwrap();
    assert_eq!(screen[first + 1], format!("{}SLOT, status; found `halt`", " ".repeat(10)), "{screen:#?}");
    terminal.type_line("quit");
    terminal.shows(&["ipc    · ended"]);
    is_restored(&terminal);
    application.leaves_nothing();
}

#[test]
fn the_table_fits_whatever_the_size_is() {
    let application = Controlled::pair("", "");
    let terminal = start(&application, 110, 30);
    for (columns, rows) in [(60, 20), (34, 12), (20, 6), (140, 40), (8, 3), (100, 24)] {
        terminal.resize(columns, rows);
        let line = "─".repeat(columns as usize);
        if rows > 6 {
            terminal.shows(&[&line]);
            let screen = terminal.shows(&["reader", "● running"]);
            assert_eq!(screen.iter().filter(|shown| shown.starts_with("──")).count(), 1, "{screen:#?}");
            assert_eq!(screen.len(), rows as usize, "{screen:#?}");
            assert!(screen.last().unwrap().starts_with('❯'), "{screen:#?}");
        } else {
            terminal.shows(&["❯"]);
        }
    }
    terminal.press("C-c");
    terminal.shows(&["ipc    · ended"]);
    is_restored(&terminal);
    application.leaves_nothing();
}

#[test]
fn the_terminal_is_restored_when_the_controller_is_killed_or_told_to_end() {
    for signal in [Signal::KILL, Signal::TERM] {
        let application = Controlled::pair("", "");
        let terminal = start(&application, 80, 24);
        kill(application.process("app.json"), signal);
        is_restored(&terminal);
        application.leaves_nothing();
    }
}

#[test]
fn nothing_is_left_when_the_terminal_is_closed() {
    let application = Controlled::pair("", "");
    let terminal = start(&application, 80, 24);
    drop(terminal);
    application.leaves_nothing();
}

#[test]
fn in_the_background_of_a_terminal_it_runs_on_and_reads_nothing_of_what_is_typed() {
    let application = Controlled::pair("", "");
    let terminal = Terminal::new(&application, 80, 24);
    let directory = application.rings_directory().display().to_string();
    terminal.type_line(&format!("IPC_DIR={directory} ipc run --lines app.json > log &"));
    eventually("it runs", || application.ipc("status", &[]).status.success());
    terminal.type_line("echo qu''it");
    terminal.shows(&["quit"]);
    // Brought back, it hears again.
    terminal.type_line("fg");
    terminal.type_line("quit");
    application.leaves_nothing();
    let log = std::fs::read_to_string(application.directory().join("log")).unwrap();
    assert!(log.contains("quit: all modules have ended") && !log.contains("expected stop"), "{log}");
}

#[test]
fn a_terminal_that_is_stopped_holds_nothing_up_and_loses_nothing() {
    let application = Controlled::pair("", "");
    let terminal = Terminal::new(&application, 80, 24);
    let directory = application.rings_directory().display().to_string();
    terminal.type_line(&format!("IPC_DIR={directory} ipc run --lines app.json"));
    terminal.shows(&["reader │ at 100"]);
    terminal.press("C-s");
    assert_eq!(application.tell("stop", &["reader"]), "reader is stopped");
    assert_eq!(application.tell("restart", &["reader"]), "reader is restarted");
    assert_eq!(application.tell("quit", &[]), "all modules have ended");
    eventually("nothing but the controller is left", || application.processes().len() == 1);
    assert!(!terminal.history().contains("stopped"));
    terminal.press("C-q");
    terminal.shows(&["ipc    · ended"]);
    assert!(terminal.history().contains("stop reader: reader is stopped"));
    application.leaves_nothing();
}
