//! What writers owe the wire rules, and large classes on small stacks.
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, clippy::all)]

use ipc_core::{AlignedBytes, Bool, Channel, Class, Frame, PlainClass, ZeroRegions, schema};
use ipc_tests::Ring;

schema! {
    { "classes": [
        { "className": "Flags", "members": [
            { "name": "a", "type": "bool" }, { "name": "d", "type": "double", "optional": true },
            { "name": "all", "type": "array", "size": [2, 2], "elem": { "type": "bool" } } ] },
        { "className": "Outer", "members": [
            { "name": "first", "type": "uint8" }, { "name": "flags", "type": "array", "size": [2], "elem": { "type": "Flags" } } ] },
        { "className": "Row", "members": [
            { "name": "head", "type": "Flags" }, { "name": "n", "type": "uint8" }, { "name": "b", "type": "bool" },
            { "name": "list", "type": "array", "size": ["n"], "elem": { "type": "Flags" } },
            { "name": "maybe", "type": "Flags", "optional": true } ] },
        { "className": "Table", "members": [
            { "name": "n", "type": "uint8" }, { "name": "one", "type": "Row" },
            { "name": "rows", "type": "array", "size": ["n"], "elem": { "type": "Row" } } ] },
        { "className": "Big", "members": [
            { "name": "pixels", "type": "array", "size": [8388608], "elem": { "type": "uint8" } } ] },
        { "className": "BigText", "members": [
            { "name": "pixels", "type": "array", "size": [8388608], "elem": { "type": "uint8" } },
            { "name": "name", "type": "string" } ] } ] }
}

/// With padding that anybody can write to.
#[derive(Clone, Copy, Debug, Frame)]
#[repr(C)]
pub struct Padded {
    /// A flag.
    pub flag: Bool,
    /// Padding.
    #[frame(pad)]
    pub _pad: [u8; 7],
    /// A number.
    pub x: f64,
}

/// A frame as another program may have left it: everything is 3, also padding, absent members and bools.
fn rubbish<T: PlainClass>() -> T {
    let mut frame = AlignedBytes::zeroed(size_of::<T>());
    frame.fill(3);
    *T::view(&frame).unwrap()
}

fn assert_flags(bytes: &[u8]) {
    assert_eq!(bytes[0], 1, "a bool is 0 or 1");
    assert_eq!(bytes[1..8], [0; 7], "padding");
    assert_eq!(bytes[8..16], [3; 8], "present");
    assert_eq!(bytes[16..20], [1; 4], "bools of an array");
    assert_eq!(bytes[20..24], [1, 0, 0, 0], "unused presence bits, and padding");
}

#[test]
fn a_sent_value_has_zeros_in_padding_and_bools_of_0_or_1() {
    assert_flags(&rubbish::<Flags>().to_bytes().unwrap());
    let outer = rubbish::<Outer>().to_bytes().unwrap();
    assert_eq!(outer[..8], [3, 0, 0, 0, 0, 0, 0, 0]);
    assert_flags(&outer[8..32]);
    assert_flags(&outer[32..]);
    let padded = rubbish::<Padded>().to_bytes().unwrap();
    assert_eq!(padded, [1, 0, 0, 0, 0, 0, 0, 0, 3, 3, 3, 3, 3, 3, 3, 3]);
    let mut absent = AlignedBytes::zeroed(size_of::<Flags>());
    absent[8..16].fill(9);
    absent[20] = 0xfe;
    assert_eq!(Flags::from_bytes(&absent).unwrap().to_bytes().unwrap(), [0; 24], "what is absent is zero");
}

#[test]
fn a_sent_value_of_a_variable_class_has_them_too() {
    let flags = rubbish::<Flags>();
    let row = Row { head: flags, n: 1, b: true, list: vec![flags], maybe: Some(flags) };
    let bytes = row.to_bytes().unwrap();
    assert_flags(&bytes[..24]);
    assert_flags(&bytes[bytes.len() - 24..]);
    let clean = Row::from_bytes(&bytes).unwrap();
    assert_eq!(clean, row);
    let table = Table { n: 1, one: row.clone(), rows: vec![row] };
    let clean = Table { n: 1, one: clean.clone(), rows: vec![clean] };
    assert_eq!(table.to_bytes().unwrap(), clean.to_bytes().unwrap());
}

#[test]
fn equality_is_of_members_not_of_padding() {
    let mut frame = AlignedBytes::zeroed(size_of::<Flags>());
    frame[0] = 2;
    frame[3] = 9;
    frame[8] = 9;
    assert_eq!(*Flags::view(&frame).unwrap(), Flags { a: true.into(), ..Default::default() });
    assert_ne!(*Flags::view(&frame).unwrap(), Flags::default());
    assert_eq!(RowDims { n: 1 }, RowDims { n: 1 });
    assert_ne!(RowDims { n: 1 }, RowDims { n: 2 });
}

#[test]
fn a_reservation_that_opts_out_of_zeroing_is_published_tidy() {
    let ring = Ring::new(&[]);
    let path = ring.path().to_str().unwrap().to_owned();
    let channel: Channel<Flags> = Channel::new(&path).capacity(1 << 16).reserve(&["all"]).zero_regions(ZeroRegions::No);
    let mut producer = channel.producer().unwrap();
    let consumer = channel.consumer("all").unwrap();
    // Twice around the ring, so that each frame lies where another was.
    for i in 0..4096 {
        let mut frame = producer.reserve(()).unwrap();
        assert_eq!(frame.d(), None, "{i}");
        *frame = rubbish::<Flags>();
        if i % 2 == 0 {
            frame.set_d(None);
        }
        frame.publish().unwrap();
        let frame = consumer.recv().unwrap();
        if i % 2 == 0 {
            assert_eq!(frame.bytes()[8..16], [0; 8]);
        } else {
            assert_flags(frame.bytes());
        }
    }
}

#[test]
fn a_class_of_megabytes_passes_through_a_small_stack() {
    let small_stack = std::thread::Builder::new().stack_size(512 << 10);
    let thread = small_stack.spawn(|| {
        let ring = Ring::new(&[]);
        let path = ring.path().to_str().unwrap().to_owned();
        let channel: Channel<Big> = Channel::new(&path).capacity(32 << 20).reserve(&["all"]);
        let mut producer = channel.producer().unwrap();
        let consumer = channel.consumer("all").unwrap();
        let mut value = Big::zeroed_box();
        value.pixels[5] = 1;
        producer.send(&value).unwrap();
        assert_eq!(consumer.recv().unwrap().pixels[5], 1);
        let mut frame = producer.reserve(()).unwrap();
        frame.edit().pixels[6] = 2;
        frame.publish().unwrap();
        assert_eq!(consumer.recv().unwrap().view().pixels[6], 2);
        drop((producer, consumer));
        let ring = Ring::new(&[]);
        let path = ring.path().to_str().unwrap().to_owned();
        let channel: Channel<BigText> = Channel::new(&path).capacity(32 << 20).reserve(&["all"]);
        let mut producer = channel.producer().unwrap();
        let mut frame = producer.reserve(BigTextDims { name: 3 }).unwrap();
        frame.edit().pixels[7] = 3;
        frame.publish().unwrap();
        let consumer = channel.consumer("all").unwrap();
        assert_eq!(consumer.recv().unwrap().view().pixels()[7], 3);
    });
    thread.unwrap().join().unwrap();
}
