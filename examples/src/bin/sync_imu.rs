//! sync_imu: reads a device that moves, and answers each request with the samples since the last one.

use std::collections::VecDeque;
use std::error::Error;
use std::path::Path;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use ipc_examples::motion::{ANSWER_SAMPLES, Sample, Samples, imu, play};

/// How long the device's queue is left alone: a few samples, of the many that it holds.
const PAUSE: Duration = Duration::from_millis(20);

fn main() -> Result<(), Box<dyn Error>> {
    let recording = std::env::var_os("DEMO_MOTION").ok_or("DEMO_MOTION names no recording")?;
    let mut module = imu::Communicator::from_env()?;
    // The device begins with the first picture: nobody would ask for what it measures before.
    let mut device: Option<Receiver<Sample>> = None;
    let (mut gathered, mut fullest) = (VecDeque::new(), 0);
    while !module.inputs.is_over() {
        let input = module.inputs.next_timeout(PAUSE)?;
        // Whether a request has come or not: the camera may be slow, and the device does not wait for it.
        let known = gathered.len();
        gathered.extend(device.iter().flat_map(Receiver::try_iter));
        fullest = fullest.max(gathered.len() - known);
        if let Some(imu::Input::Requests(request)) = input {
            if device.is_none() {
                device = Some(play(Path::new(&recording))?);
            }
            let samples: Vec<Sample> = gathered.drain(..gathered.len().min(ANSWER_SAMPLES)).collect();
            let (n, fullest) = (samples.len() as u16, fullest as u16);
            module.outputs.samples.deliver(&Samples { request: *request, fullest, n, samples })?;
        }
    }
    Ok(module.outputs.samples.close()?)
}
