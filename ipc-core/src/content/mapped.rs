//! [`check_mapped`]: whether a derived struct is its frame, byte for byte. Only the compiler runs it.

use ipc_schema::desc::ClassDesc;

/// A field of a derived struct.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct MappedField {
    pub name: &'static str,
    pub offset: usize,
    pub size: usize,
    /// Explicit padding, no member of the class.
    pub is_pad: bool,
}

/// Does not compile if a byte lies between two fields, or if a member does not stand where the wire rules put it.
#[track_caller]
pub const fn check_mapped(desc: &ClassDesc, size: usize, fields: &[MappedField]) {
    let (mut i, mut member, mut end) = (0, 0, 0);
    while i < fields.len() {
        let field = &fields[i];
        if field.offset != end {
            padding(field.offset - end, fields[i - 1].name);
        }
        if !field.is_pad {
            match desc.place(member) {
                Some(place) if place.offset as usize == field.offset => {}
                _ => Message::new()
                    .text("member `")
                    .text(field.name)
                    .text("` does not stand where the wire rules put it: remove `#[frame(pad)]` fields before it")
                    .panic(),
            }
            member += 1;
        }
        end = field.offset + field.size;
        i += 1;
    }
    if size != end {
        padding(size - end, fields[i - 1].name);
    }
    if size != desc.size as usize {
        panic!("the struct is larger than the class: remove `#[frame(pad)]` fields at its end");
    }
}

#[track_caller]
const fn padding(bytes: usize, after: &str) {
    Message::new()
        .number(bytes)
        .text(" bytes of padding after `")
        .text(after)
        .text("`: reorder the members, largest first, or add `#[frame(pad)] _pad: [u8; ")
        .number(bytes)
        .text("]` there")
        .panic()
}

/// A message that is put together in a constant.
pub(super) struct Message {
    bytes: [u8; 512],
    len: usize,
}

impl Message {
    pub(super) const fn new() -> Self {
        Self { bytes: [0; 512], len: 0 }
    }

    pub(super) const fn text(mut self, text: &str) -> Self {
        let text = text.as_bytes();
        let mut i = 0;
        while i < text.len() && self.len < self.bytes.len() {
            self.bytes[self.len] = text[i];
            self.len += 1;
            i += 1;
        }
        self
    }

    const fn number(self, value: usize) -> Self {
        let rest = if value >= 10 { self.number(value / 10) } else { self };
        let digit = [b'0' + (value % 10) as u8];
        match str::from_utf8(&digit) {
            Ok(digit) => rest.text(digit),
            Err(_) => rest,
        }
    }

    #[track_caller]
    pub(super) const fn panic(self) {
        match str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(message) => panic!("{}", message),
            Err(_) => panic!("this struct has padding"),
        }
    }
}
