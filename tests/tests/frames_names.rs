//! Names that a description may use, and that generated code must live with.
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, clippy::all)]

use ipc_core::Class;

/// Members named as generated fields are.
pub mod members {
    ipc_core::schema! { [
    { "className": "Grid", "members": [
        { "name": "n", "type": "uint16" }, { "name": "m_n", "type": "uint16" }, { "name": "m_n2", "type": "uint16", "optional": true },
        { "name": "n2", "type": "uint16", "optional": true },
        { "name": "a", "type": "array", "size": ["n"], "elem": { "type": "int" } } ] },
    { "className": "Person", "members": [
        { "name": "presence", "type": "bool" }, { "name": "t", "type": "double", "optional": true },
        { "name": "s", "type": "string" } ] },
    { "className": "Absence", "members": [
        { "name": "presence", "type": "bool", "optional": true } ] },
    { "className": "Game", "members": [
        { "name": "pad0", "type": "uint8", "optional": true }, { "name": "opt_pad0", "type": "uint8", "optional": true },
        { "name": "t", "type": "double" }, { "name": "__presence", "type": "int" } ] },
    { "className": "Hidden", "members": [
        { "name": "__pad0", "type": "uint8" }, { "name": "__presence", "type": "double" },
        { "name": "__opt_x", "type": "int" }, { "name": "x", "type": "int", "optional": true }, { "name": "s", "type": "bytes" } ] },
    { "className": "Individual", "members": [
        { "name": "gen", "type": "uint32" }, { "name": "try", "type": "uint32" },
        { "name": "to_bytes", "type": "int", "optional": true } ] } ] }
}

/// Constants named as local variables, classes and enums are.
pub mod constants {
    ipc_core::schema! {
        { "constants": { "count": 2, "value": 3, "frame": 4, "dims": 5, "it": 6, "f": 7, "IMU": 8, "mode": 9 },
          "enums": [{ "enumName": "MODE", "base": "uint8", "values": { "A": 0 } }],
          "classes": [
            { "className": "IMU", "members": [{ "name": "m", "type": "int" }] },
            { "className": "Lists", "members": [
                { "name": "m", "type": "int", "optional": true }, { "name": "s", "type": "string" },
                { "name": "n", "type": "uint8" },
                { "name": "a", "type": "array", "size": ["n * count"], "elem": { "type": "MODE" } } ] } ] }
    }

    /// A derive beside those constants.
    #[derive(Clone, Debug, ipc_core::Frame)]
    pub struct Derived {
        /// A size.
        #[frame(max = 3)]
        pub n: u8,
        /// Numbers.
        #[frame(size = "n")]
        pub list: Vec<u16>,
    }
}

/// Two files that import a third.
pub mod files {
    ipc_core::include_schema!("tests/schemas/pose.json", "tests/schemas/twist.json");
}

#[test]
fn members_may_be_named_as_generated_fields_are() {
    let grid = members::Grid { n: 2, m_n: 7, m_n2: Some(1), n2: None, a: vec![1, 2] };
    assert_eq!(members::Grid::from_bytes(&grid.to_bytes().unwrap()).unwrap(), grid);
    let person = members::Person { presence: true, t: Some(1.5), s: "x".to_owned() };
    assert_eq!(members::Person::from_bytes(&person.to_bytes().unwrap()).unwrap(), person);
    let mut game = members::Game { t: 0.5, ..Default::default() };
    game.set_pad0(Some(1));
    assert_eq!((game.pad0(), game.opt_pad0(), game.__presence), (Some(1), None, 0));
    let mut absence = members::Absence::default();
    absence.set_presence(Some(false));
    assert_eq!(absence.presence(), Some(false));
    let hidden = members::Hidden { __pad0: 1, __presence: 2.0, __opt_x: 3, x: Some(4), s: vec![5] };
    assert_eq!(members::Hidden::from_bytes(&hidden.to_bytes().unwrap()).unwrap(), hidden);
    assert_eq!(members::Individual { r#gen: 1, ..Default::default() }.r#gen, 1);
}

#[test]
fn constants_are_in_upper_case_and_may_be_named_as_anything() {
    let values = [constants::COUNT, constants::VALUE, constants::F, constants::IMU, constants::MODE_];
    assert_eq!(values, [2, 3, 7, 8, 9]);
    assert_eq!(constants::IMU { m: 1 }.m, 1);
    let lists = constants::Lists { n: 1, a: vec![constants::MODE::A; 2], ..Default::default() };
    assert_eq!(constants::Lists::from_bytes(&lists.to_bytes().unwrap()).unwrap(), lists);
    let derived = constants::Derived { n: 2, list: vec![1, 2] };
    assert_eq!(constants::Derived::from_bytes(&derived.to_bytes().unwrap()).unwrap().list, [1, 2]);
}

#[test]
fn files_of_one_call_share_what_they_import() {
    let position = files::Vec3 { x: 1.0, ..Default::default() };
    let (pose, twist) = (files::Pose { position }, files::Twist { linear: position });
    assert_eq!((pose.position, files::Pose::DESC.size), (twist.linear, 24));
}
