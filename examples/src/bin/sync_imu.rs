//! sync_imu: reads a device that moves, and answers each request with the samples since the last one.

use std::error::Error;
use std::path::Path;
use std::sync::mpsc::Receiver;

use ipc_examples::motion::{QUEUE_SAMPLES, Sample, Samples, imu, play};

fn main() -> Result<(), Box<dyn Error>> {
    let recording = std::env::var_os("DEMO_MOTION").ok_or("DEMO_MOTION names no recording")?;
    let mut module = imu::Communicator::from_env()?;
    // The device begins with the first picture: nobody would ask for what it measures before.
    let mut device: Option<Receiver<Sample>> = None;
    for input in &module.inputs {
        let imu::Input::Requests(request) = input? else { break };
        if device.is_none() {
            device = Some(play(Path::new(&recording))?);
        }
        let samples: Vec<Sample> = device.iter().flat_map(Receiver::try_iter).take(QUEUE_SAMPLES).collect();
        module.outputs.samples.deliver(&Samples { request: *request, n: samples.len() as u16, samples })?;
    }
    Ok(module.outputs.samples.close()?)
}
