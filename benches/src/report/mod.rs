//! The report: `results.json`, `report.md` and plots; and the same tables as text for a terminal.

mod markdown;
mod plots;
mod svg;
mod table;

use std::fs;
use std::path::Path;

use crate::Outcome;
use crate::results::Results;

pub(crate) use table::text;

/// Writes all files of the report.
pub(crate) fn write(results: &Results, directory: &Path) -> Outcome {
    let made = fs::create_dir_all(directory);
    made.map_err(|error| format!("cannot make the directory {}: {error}", directory.display()))?;
    let write = |name: &str, text: String| {
        let path = directory.join(name);
        fs::write(&path, text).map_err(|error| format!("cannot write {}: {error}", path.display()))
    };
    write("results.json", serde_json::to_string(results)? + "\n")?;
    let mut drawn = Vec::new();
    for plot in plots::all(results) {
        write(plot.file, plot.chart.draw())?;
        drawn.push(plot);
    }
    write("report.md", markdown::render(results, &drawn))?;
    Ok(())
}
