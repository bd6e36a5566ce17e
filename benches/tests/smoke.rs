//! The benchmark runs: every contender of this build does every work once, with hardly any steps, and the report says so.

use std::fs::{read_to_string, remove_dir_all};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// Runs the program; afterwards nothing of it may be left in shared memory.
fn run(arguments: &[&str]) -> Output {
    let mut bench = Command::new(env!("CARGO_BIN_EXE_ipc-bench"));
    let child = bench.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let child = child.expect("the program was built");
    let directory = Path::new("/dev/shm").join(format!("ipc-bench-{}", child.id()));
    let output = child.wait_with_output().expect("a child that nobody waited for");
    assert!(!directory.exists(), "{arguments:?} leaves {}", directory.display());
    output
}

/// A directory for the report of one test.
fn report_directory(test: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{test}-{}", std::process::id()))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn every_contender_runs_once_and_the_report_is_complete() {
    let out = report_directory("smoke");
    let output = run(&["--smoke", "--out", out.to_str().expect("the target directory is UTF-8")]);
    let (printed, errors) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{errors}\n{printed}");

    let results: Value = serde_json::from_str(&read_to_string(out.join("results.json")).unwrap()).unwrap();
    let report = read_to_string(out.join("report.md")).unwrap();
    let groups = results["groups"].as_array().unwrap();
    assert!(groups.len() > 20, "{} groups", groups.len());
    for group in groups {
        let title = group["title"].as_str().unwrap();
        assert!(report.contains(title) && printed.contains(title), "{title} is in the report and on the terminal");
        for cell in group["cells"].as_array().unwrap() {
            let label = cell["label"].as_str().unwrap();
            let figures: Vec<f64> =
                cell["rounds"].as_array().unwrap().iter().map(|round| round["figure"].as_f64().unwrap()).collect();
            if cell["failure"].is_null() {
                assert!(figures.len() == 1 && figures[0] >= 0.0, "{title}, {label}: {figures:?}");
            } else {
                let why = cell["failure"]["Absent"].as_str().expect("nothing that is in the build fails");
                assert!(figures.is_empty() && report.contains(why), "{title}, {label}: {why}");
            }
        }
    }
    for goal in results["goals"].as_array().unwrap() {
        let (what, verdict) = (goal["what"].as_str().unwrap(), goal["verdict"].as_str().unwrap());
        assert!(printed.contains(what) && report.contains(what.trim()), "{what}");
        assert_eq!(goal["figures"].is_null(), verdict.starts_with("not measured: "), "{what}: {verdict}");
    }
    for transport in ["ring", "FIFO", "pipe", "Unix socket", "file", "lines of JSON in a FIFO"] {
        let row = report.lines().find(|line| line.starts_with(&format!("| {transport} |"))).expect(transport);
        let ratios = row.split('|').skip(2).take(3);
        assert!(
            ratios.map(|ratio| ratio.trim().parse::<f64>()).all(|ratio| ratio.is_ok_and(|ratio| ratio > 0.0)),
            "{row}"
        );
    }
    for plot in ["round-trip.svg", "throughput.svg", "depth.svg", "consumers.svg"] {
        assert!(report.contains(plot));
        assert!(read_to_string(out.join(plot)).unwrap().ends_with("</svg>\n"), "{plot}");
    }
    remove_dir_all(&out).unwrap();
}

#[test]
fn a_turn_that_does_not_end_is_ended_and_named() {
    let out = report_directory("limit");
    let (path, report) = (out.to_str().expect("the target directory is UTF-8"), out.join("report.md"));
    let output = run(&["--smoke", "--only", "idle", "--limit", "0", "--out", path]);
    assert!(!output.status.success());
    let named = "ours (Idle, 64 bytes): not over after 0 s, so it was killed";
    assert!(text(&output.stderr).contains(named), "{}", text(&output.stderr));
    assert!(read_to_string(report).unwrap().contains(named));
    remove_dir_all(&out).unwrap();
}

#[test]
fn what_it_does_not_know_is_refused_with_its_usage() {
    for arguments in [&["--fast"][..], &["round-trip"], &["--only"], &["side"]] {
        let output = run(arguments);
        assert!(!output.status.success(), "{arguments:?}");
        assert!(text(&output.stderr).contains("Usage"), "{arguments:?}: {}", text(&output.stderr));
    }
}
