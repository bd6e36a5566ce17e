//! The wire rules, one by one.

use super::*;

#[test]
fn presence_bytes_follow_the_last_place_and_come_before_the_final_padding() {
    let (part, _) = FixedPart::new().member(Shape::Fixed { size: 8, align: 8 }, Extent::One, true);
    let (part, _) = part.member(Shape::Fixed { size: 1, align: 1 }, Extent::Constant(3), false);
    assert_eq!(part.finish(), Some(Layout { size: 16, align: 8, fixed: true, presence: Some((11, 1)) }));
}

#[test]
fn nine_optional_members_take_two_presence_bytes() {
    let mut part = FixedPart::new();
    for _ in 0..9 {
        part = part.member(Shape::Fixed { size: 1, align: 1 }, Extent::One, true).0;
    }
    assert_eq!(part.finish().unwrap().presence, Some((9, 2)));
    assert_eq!(presence_bit(8), (1, 1));
}

#[test]
fn a_fixed_part_of_four_gib_is_refused() {
    let part = |count| FixedPart::new().member(Shape::Fixed { size: 1, align: 1 }, Extent::Constant(count), false).0;
    assert!(part(FRAME_LIMIT_BYTES - 1).finish().is_some());
    assert!(part(FRAME_LIMIT_BYTES).finish().is_none());
    assert!(part(u64::MAX).finish().is_none());
}

#[test]
fn an_overflow_before_a_zero_dimension_is_an_error() {
    assert_eq!(element_count(&[1 << 33, 1 << 33, 0]), Err(WireError::CountOverflow));
    assert_eq!(element_count(&[0, 1 << 33, 1 << 33]), Ok(0));
}

#[test]
fn regions_past_the_end_and_trailing_bytes_are_refused() {
    let mut regions = Regions::within(4, 24).unwrap();
    assert_eq!(regions.next(3).unwrap(), Span { start: 8, end: 11 });
    assert_eq!(regions.next(9), Err(WireError::PastEnd { end: 25, available: 24 }));
    assert_eq!(regions.next(7).unwrap().range(), 16..23);
    assert_eq!(regions.finish(), Err(WireError::Trailing { end: 23, available: 24 }));
    assert!(Regions::within(25, 24).is_err());
    assert_eq!(Regions::growing(8).next(FRAME_LIMIT_BYTES - 8), Err(WireError::TooLong));
    assert_eq!(Regions::growing(8).next(u64::MAX), Err(WireError::TooLong));
}

#[test]
fn lying_tables_of_ends_are_refused() {
    let read = |bytes: &[u8], count| {
        let mut spans = Vec::new();
        read_bodies(bytes, count, 1, |span| spans.push(span.range())).map(|()| spans)
    };
    let table = |a: u32, b: u32, rest: &[u8]| [&a.to_le_bytes(), &b.to_le_bytes(), rest].concat();
    assert_eq!(read(&table(1, 3, b"xyz"), 2), Ok(vec![8..9, 9..11]));
    assert_eq!(read(&table(2, 1, b"xyz"), 2), Err(WireError::EndsGoBack { index: 1, end: 1, start: 2 }));
    assert_eq!(read(&table(1, 4, b"xyz"), 2), Err(WireError::PastEnd { end: 12, available: 11 }));
    assert_eq!(read(&table(1, 2, b"xyz"), 2), Err(WireError::Trailing { end: 10, available: 11 }));
    assert_eq!(read(b"xyz", 1), Err(WireError::PastEnd { end: 8, available: 3 }));
    assert_eq!(read(b"x", 0), Err(WireError::NotEmpty { found: 1 }));
    assert_eq!(read(b"", u64::MAX), Err(WireError::TooLong));
}
