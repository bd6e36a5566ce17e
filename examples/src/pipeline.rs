//! The modules of the video pipeline, with their ends, and the class of its frames.

ipc_core::include_topology!("pipeline/rust.json");

impl VideoFrame {
    /// All pixels, row by row.
    pub fn pixels(&self) -> &[u8] {
        self.pixels.as_flattened().as_flattened()
    }

    /// All pixels, to be written.
    pub fn pixels_mut(&mut self) -> &mut [u8] {
        self.pixels.as_flattened_mut().as_flattened_mut()
    }
}
