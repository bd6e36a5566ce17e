//! sync_video: takes pictures of 1280 × 480 pixels, writes each to disk, and asks for the motion that belongs to it.
//!
//! In the folder DEMO_OUT are then the pictures and `samples.csv`, a row a sample with the picture that it belongs to.

use std::collections::VecDeque;
use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, ErrorKind, Read, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use ipc_core::Delivery;
use ipc_examples::figures::now_ns;
use ipc_examples::motion::{Request, SamplesRef, video};

const WIDTH: usize = 1280;
const HEIGHT: usize = 480;

fn main() -> Result<(), Box<dyn Error>> {
    let mut module = video::Communicator::from_env()?;
    let mut records = Records::new(std::env::var_os("DEMO_OUT").map_or_else(std::env::temp_dir, PathBuf::from))?;
    let mut decoder = Command::new("../pipeline/decode").args(["1280x480", "gray"]).stdout(Stdio::piped()).spawn()?;
    let mut pictures = decoder.stdout.take().ok_or("no pictures")?;
    let mut pixels = vec![0; WIDTH * HEIGHT];
    let (mut rate, mut picture, mut asked) = (Rate::default(), 0, None);
    while module.go_on()? {
        match pictures.read_exact(&mut pixels) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => break,
            other => other?,
        }
        let stamp = now_ns();
        let request = Request { stamp, picture, rate: rate.count(stamp) };
        // If nobody takes the requests, the camera goes on: the next answer has the samples of this one too.
        if let Delivery::Sent(_) = module.outputs.requests.deliver(&request)? {
            asked = Some(picture);
        }
        records.picture(picture, &pixels)?;
        while let Some(input) = module.inputs.try_next()? {
            records.input(input)?;
        }
        picture += 1;
    }
    while asked.is_some_and(|last| records.answered != Some(last)) {
        // None if the controller does not wait for it.
        let Some(input) = module.inputs.next()? else { break };
        records.input(input)?;
    }
    let was_told_to_quit = !module.go_on()?;
    module.outputs.requests.close()?;
    drop(pictures); // which ends the decoder, if it has not come to its end
    let decoded = decoder.wait()?.success();
    if decoded || was_told_to_quit { Ok(()) } else { Err("the clip was not decoded".into()) }
}

/// What is kept: the pictures, and the samples with the picture that each belongs to.
struct Records {
    folder: PathBuf,
    samples: BufWriter<File>,
    /// The newest picture whose samples are there.
    answered: Option<u32>,
}

impl Records {
    fn new(folder: PathBuf) -> Result<Self, Box<dyn Error>> {
        let mut samples = BufWriter::new(File::create(folder.join("samples.csv"))?);
        writeln!(samples, "picture,picture_ns,rate_hz,queue,sample,sample_ns,x,y,z,qw,qx,qy,qz,vx,vy,vz")?;
        Ok(Self { folder, samples, answered: None })
    }

    /// As a file that image viewers open: PGM, a heading and the grey of each pixel.
    fn picture(&self, number: u32, pixels: &[u8]) -> Result<(), Box<dyn Error>> {
        let mut file = File::create(self.folder.join(format!("{number:06}.pgm")))?;
        write!(file, "P5\n{WIDTH} {HEIGHT}\n255\n")?;
        Ok(file.write_all(pixels)?)
    }

    fn input(&mut self, input: video::Input) -> Result<(), Box<dyn Error>> {
        match input {
            video::Input::Samples(answer) => self.answer(answer.view()),
            video::Input::Closed(_) => Err("nobody answers any more".into()),
        }
    }

    fn answer(&mut self, answer: SamplesRef<'_>) -> Result<(), Box<dyn Error>> {
        let (Request { picture, stamp, rate }, fullest) = (*answer.request(), answer.fullest());
        for sample in answer.samples() {
            write!(self.samples, "{picture},{stamp},{rate:.3},{fullest},{},{}", sample.index, sample.stamp)?;
            for number in sample.position.iter().chain(&sample.orientation).chain(&sample.velocity) {
                write!(self.samples, ",{number}")?;
            }
            writeln!(self.samples)?;
        }
        self.answered = Some(picture);
        Ok(())
    }
}

/// Pictures a second, over the last 25.
#[derive(Default)]
struct Rate(VecDeque<i64>);

impl Rate {
    /// One picture more. The first gives 0.
    fn count(&mut self, stamp_ns: i64) -> f32 {
        self.0.push_back(stamp_ns);
        if self.0.len() > 26 {
            self.0.pop_front();
        }
        let seconds = (stamp_ns - self.0[0]) as f32 / 1e9;
        if seconds > 0.0 { (self.0.len() - 1) as f32 / seconds } else { 0.0 }
    }
}
