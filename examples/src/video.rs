//! The frames of the video pipeline and the rings they travel in.

use ipc_core::class::PlainClass;
use ipc_core::{Channel, include_schema};

include_schema!("classes/video.json");

/// From the camera to the edge filter and a checker.
pub const FRAMES: Channel<VideoFrame> = Channel::new("frames").reserve(&["edges", "checker"]);

/// From the edge filter to a checker.
pub const EDGES: Channel<EdgeFrame> = Channel::new("edges").reserve(&["checker"]);

/// Width and height of every picture, in pixels.
pub const SIDE_PIXELS: usize = 200;

/// What the frames of both rings have in common: a numbered picture with a checksum.
pub trait Picture: PlainClass {
    /// What one pixel is made of.
    const COLOR: png::ColorType;

    /// When the camera had the picture, in ns of CLOCK_MONOTONIC.
    fn stamp_ns(&self) -> i64;

    /// 0 for the first picture of the stream.
    fn index(&self) -> u32;

    /// The checksum that came with the pixels.
    fn checksum(&self) -> u32;

    /// All pixels, row by row.
    fn pixels(&self) -> &[u8];

    /// Reads every pixel; an error says that they are not those the producer wrote, or not those of picture `expected`.
    fn verify(&self, expected: u64) -> Result<(), String> {
        if u64::from(self.index()) != expected {
            return Err(format!("picture {expected} should be next, but picture {} came.", self.index()));
        }
        let computed = checksum(self.pixels());
        if computed != self.checksum() {
            return Err(format!(
                "picture {expected} has the checksum {:08x}, but its pixels give {computed:08x}.",
                self.checksum()
            ));
        }
        Ok(())
    }
}

impl Picture for VideoFrame {
    const COLOR: png::ColorType = png::ColorType::Rgb;

    fn stamp_ns(&self) -> i64 {
        self.stamp
    }

    fn index(&self) -> u32 {
        self.index
    }

    fn checksum(&self) -> u32 {
        self.checksum
    }

    fn pixels(&self) -> &[u8] {
        self.pixels.as_flattened().as_flattened()
    }
}

impl Picture for EdgeFrame {
    const COLOR: png::ColorType = png::ColorType::Grayscale;

    fn stamp_ns(&self) -> i64 {
        self.stamp
    }

    fn index(&self) -> u32 {
        self.index
    }

    fn checksum(&self) -> u32 {
        self.checksum
    }

    fn pixels(&self) -> &[u8] {
        self.pixels.as_flattened()
    }
}

/// CRC-32 of pixels.
pub fn checksum(pixels: &[u8]) -> u32 {
    crc32fast::hash(pixels)
}
