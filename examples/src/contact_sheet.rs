//! A contact sheet: a few pictures of a stream of unknown length, evenly spread, side by side in one PNG file.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

const COLUMNS: usize = 5;
const ROWS: usize = 4;
const TILES: usize = COLUMNS * ROWS;
/// More than are shown, so that those shown lie evenly whatever the stream's length.
const KEPT: usize = 8 * TILES;
const GAP_PIXELS: usize = 4;
const BACKGROUND: u8 = 24;

/// Collects pictures; all have one size and one colour type.
pub struct ContactSheet {
    width: usize,
    height: usize,
    color: png::ColorType,
    /// Every `stride`-th picture so far, from the first on: at most `KEPT` of them.
    kept: Vec<Vec<u8>>,
    stride: u64,
    seen: u64,
}

impl ContactSheet {
    /// A sheet for pictures of so many pixels, one byte a sample, row by row.
    pub fn new(width: usize, height: usize, color: png::ColorType) -> Self {
        Self { width, height, color, kept: Vec::new(), stride: 1, seen: 0 }
    }

    /// Takes the next picture of the stream, which is `width * height` pixels.
    pub fn offer(&mut self, picture: &[u8]) {
        if self.seen.is_multiple_of(self.stride) {
            if self.kept.len() == KEPT {
                let mut position = 0;
                self.kept.retain(|_| {
                    position += 1;
                    position % 2 == 1
                });
                self.stride *= 2;
            }
            self.kept.push(picture.to_vec());
        }
        self.seen += 1;
    }

    /// Writes the sheet as a PNG file.
    pub fn save(&self, path: &Path) -> Result<(), Box<dyn std::error::Error>> {
        let samples = self.color.samples();
        let [width, height] = self.size();
        let mut sheet = vec![BACKGROUND; width * height * samples];
        for (number, picture) in self.chosen().enumerate() {
            let left = GAP_PIXELS + number % COLUMNS * (self.width + GAP_PIXELS);
            let top = GAP_PIXELS + number / COLUMNS * (self.height + GAP_PIXELS);
            for (row, pixels) in picture.chunks_exact(self.width * samples).enumerate() {
                let start = ((top + row) * width + left) * samples;
                sheet[start..start + pixels.len()].copy_from_slice(pixels);
            }
        }
        let mut encoder = png::Encoder::new(BufWriter::new(File::create(path)?), width as u32, height as u32);
        encoder.set_color(self.color);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&sheet)?;
        Ok(writer.finish()?)
    }

    /// The kept pictures that the sheet shows: all if there are few, else evenly spread from the first to the last.
    fn chosen(&self) -> impl Iterator<Item = &Vec<u8>> {
        let shown = self.kept.len().min(TILES);
        (0..shown).map(move |tile| &self.kept[tile * (self.kept.len() - 1) / (shown - 1).max(1)])
    }

    /// Width and height of the whole sheet in pixels.
    fn size(&self) -> [usize; 2] {
        [GAP_PIXELS + COLUMNS * (self.width + GAP_PIXELS), GAP_PIXELS + ROWS * (self.height + GAP_PIXELS)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sheet of one-pixel grey pictures whose brightness counts them in steps of `1 / divisor`.
    fn sheet_of(count: u64, divisor: u64) -> ContactSheet {
        let mut sheet = ContactSheet::new(1, 1, png::ColorType::Grayscale);
        (0..count).for_each(|index| sheet.offer(&[(index / divisor) as u8]));
        sheet
    }

    #[test]
    fn a_short_stream_is_shown_whole() {
        for count in [0, 1, 2, 19, 20] {
            let shown: Vec<u64> = sheet_of(count, 1).chosen().map(|picture| u64::from(picture[0])).collect();
            assert_eq!(shown, (0..count).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_long_stream_is_shown_evenly_from_its_first_picture_to_its_end() {
        for count in [21, 40, 41, 100, 160, 161, 255, 6000] {
            let divisor = count / 256 + 1;
            let sheet = sheet_of(count, divisor);
            let shown: Vec<u64> = sheet.chosen().map(|picture| u64::from(picture[0]) * divisor).collect();
            let steps: Vec<u64> = shown.windows(2).map(|pair| pair[1] - pair[0]).collect();
            let even = count as f64 / (TILES - 1) as f64;
            let slack = even / 4.0 + 2.0 * divisor as f64;
            assert_eq!((shown.len(), shown[0]), (TILES, 0), "{count} pictures");
            assert!(steps.iter().all(|step| (*step as f64 - even).abs() <= slack), "{count} pictures: {shown:?}");
            assert!((count - shown[TILES - 1]) as f64 <= slack, "{count} pictures: {shown:?}");
        }
    }

    #[test]
    fn the_file_holds_each_picture_at_its_place() {
        let path = std::env::temp_dir().join(format!("contact-sheet-{}.png", std::process::id()));
        let mut sheet = ContactSheet::new(2, 1, png::ColorType::Rgb);
        sheet.offer(&[1, 2, 3, 4, 5, 6]);
        sheet.offer(&[7, 8, 9, 10, 11, 12]);
        sheet.save(&path).unwrap();

        let file = std::io::BufReader::new(File::open(&path).unwrap());
        let mut reader = png::Decoder::new(file).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        std::fs::remove_file(&path).unwrap();

        assert_eq!([info.width as usize, info.height as usize], sheet.size());
        let row = &pixels[GAP_PIXELS * info.line_size..][..info.line_size];
        let [first, second] = [GAP_PIXELS * 3, (2 * GAP_PIXELS + 2) * 3];
        assert_eq!(row[first..first + 6], [1, 2, 3, 4, 5, 6]);
        assert_eq!(row[second..second + 6], [7, 8, 9, 10, 11, 12]);
        assert!(row[first + 6..second].iter().all(|sample| *sample == BACKGROUND));
    }
}
