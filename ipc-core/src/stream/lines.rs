//! [`Lines`]: frames as one JSON object a line, for peers that know no other form.

use ipc_schema::Schema;
use ipc_schema::model::Class;
use ipc_schema::value;

use crate::content::AlignedBytes;
use crate::error::Error;
use crate::raw::RawClass;

/// A longer line is refused: whoever writes without end must not fill the reader's memory.
const MOST_LINE_BYTES: usize = 256 << 20;

/// Turns frames into lines and back; both ways the class decides.
#[derive(Debug)]
pub(super) struct Lines {
    /// Its last class is that of the frames.
    schema: Schema,
    /// So many bytes of the input were searched for the end of a line.
    searched: usize,
}

impl Lines {
    pub(super) fn new(class: &RawClass) -> Result<Self, Error> {
        let schema = Schema::from_text(class.schema(), "schema text")
            .map_err(|errors| Error::Description(errors.to_string().into()))?;
        Ok(Self { schema, searched: 0 })
    }

    fn class(&self) -> &Class {
        self.schema.classes.last().expect("the schema of a class has one")
    }

    /// The line of a frame, without its end.
    pub(super) fn line_of(&self, frame: &[u8]) -> Result<String, Error> {
        let class = self.class();
        let value = value::decode(&self.schema, class, frame).map_err(|error| Error::value(&class.name, &error))?;
        Ok(value::to_json(&self.schema, class, &value))
    }

    /// The frame of a line; `None` for an empty one.
    pub(super) fn frame_of(&self, line: &[u8]) -> Result<Option<AlignedBytes>, Error> {
        let class = self.class();
        let wrong = |error| Error::value(&class.name, &error);
        let text =
            std::str::from_utf8(line).map_err(|error| wrong(value::Problem::Utf8(error.valid_up_to()).into()))?;
        if text.trim_ascii().is_empty() {
            return Ok(None);
        }
        let value = value::from_json(&self.schema, class, text).map_err(wrong)?;
        let frame = value::encode(&self.schema, class, &value).map_err(wrong)?;
        Ok(Some(AlignedBytes::copy_of(&frame)))
    }

    /// Bytes of the line at the front of the input, with its end; `None` if that has not come, an error if it never should.
    pub(super) fn line_in(&mut self, input: &[u8]) -> Result<Option<usize>, String> {
        let from = self.searched.min(input.len());
        let end = input[from..].iter().position(|byte| *byte == b'\n').map(|at| from + at + 1);
        self.searched = if end.is_some() { 0 } else { input.len() };
        if end.unwrap_or(input.len()) > MOST_LINE_BYTES {
            self.searched = 0;
            return Err(format!("a line of more than {MOST_LINE_BYTES} bytes"));
        }
        Ok(end)
    }

    /// Notes that the input was exchanged for another.
    pub(super) fn search_anew(&mut self) {
        self.searched = 0;
    }
}
