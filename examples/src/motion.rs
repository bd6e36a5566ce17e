//! The modules that bring pictures and motion together, with their ends and their frames, and the device that moves.

use std::error::Error;
use std::path::Path;
use std::sync::mpsc::{Receiver, TrySendError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::figures::now_ns;

ipc_core::include_topology!("sync/app.json");

/// How many samples of the device wait to be taken; what comes then is lost, as with a real device.
pub const QUEUE_SAMPLES: usize = 100;

/// How many samples an answer has at most: `largest_frame` of the topology has room for more.
pub const ANSWER_SAMPLES: usize = 600;

/// A device that plays a recording in its own time, over and over, into a bounded queue.
///
/// # Errors
///
/// Those of reading the recording: a file of rows `time in ns, x, y, z, qw, qx, qy, qz, vx, vy, vz, …` below a heading.
pub fn play(recording: &Path) -> Result<Receiver<Sample>, Box<dyn Error>> {
    let text = std::fs::read_to_string(recording).map_err(|error| format!("{}: {error}", recording.display()))?;
    let rows = text.lines().filter(|line| !line.starts_with('#')).map(read_row).collect::<Result<Vec<_>, _>>()?;
    let (first, last) = (rows.first().ok_or("a recording without rows")?, rows.last().ok_or("no rows")?);
    let length_ns = last.stamp - first.stamp + 1_000_000_000 / 200;
    let (begins_ns, began) = (first.stamp, Instant::now());
    let (device, queue) = sync_channel(QUEUE_SAMPLES);
    thread::spawn(move || {
        let again = (0..).flat_map(|lap| rows.iter().map(move |row| (row, row.stamp - begins_ns + lap * length_ns)));
        for (index, (row, due_ns)) in (0..).zip(again) {
            let due = Duration::from_nanos(due_ns as u64);
            thread::sleep(due.saturating_sub(began.elapsed()));
            // A sample that finds the queue full is lost, which the gap between the others' numbers shows.
            if let Err(TrySendError::Disconnected(_)) = device.try_send(Sample { stamp: now_ns(), index, ..*row }) {
                break;
            }
        }
    });
    Ok(queue)
}

/// A sample that still has the recording's time.
fn read_row(line: &str) -> Result<Sample, Box<dyn Error>> {
    let (stamp, numbers) = line.split_once(',').ok_or("a row of one column")?;
    let numbers = numbers.split(',').map(str::parse).collect::<Result<Vec<f64>, _>>()?;
    let [x, y, z, qw, qx, qy, qz, vx, vy, vz, ..] = numbers[..] else {
        return Err(format!("a row of {} columns", numbers.len() + 1).into());
    };
    let (position, orientation, velocity) = ([x, y, z], [qw, qx, qy, qz], [vx, vy, vz]);
    Ok(Sample { stamp: stamp.parse()?, index: 0, position, orientation, velocity })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recording(name: &str, rows: &str) -> std::path::PathBuf {
        let path = std::env::temp_dir().join(format!("{name}-{}.csv", std::process::id()));
        std::fs::write(&path, format!("#time, and so on\n{rows}")).unwrap();
        path
    }

    #[test]
    fn a_recording_is_played_over_and_over_in_its_own_time() {
        let path = recording("short", "1000,1,2,3,4,5,6,7,8,9,10,11\n5001000,-1,-2,-3,4,5,6,7,8,9,10,11\n");
        let began = Instant::now();
        let samples: Vec<Sample> = play(&path).unwrap().iter().take(5).collect();
        std::fs::remove_file(path).unwrap();
        assert!(began.elapsed() >= Duration::from_millis(20), "5 samples, 5 ms apart");
        assert_eq!(samples.iter().map(|sample| sample.index).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
        assert_eq!(samples.iter().map(|sample| sample.position[1]).collect::<Vec<_>>(), [2., -2., 2., -2., 2.]);
    }

    #[test]
    fn a_file_that_is_no_recording_is_refused() {
        let path = recording("torn", "1000,1,2,3\n");
        assert_eq!(play(&path).err().unwrap().to_string(), "a row of 4 columns");
        std::fs::remove_file(path).unwrap();
    }
}
