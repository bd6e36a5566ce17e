//! Generated types are cast by the libraries that others use for it.

use ipc_core::schema;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

schema! {
    { "enums": [{ "enumName": "Gear", "base": "int16", "values": { "Park": 0, "Drive": 3 } }],
      "classes": [
        { "className": "Wheel", "members": [{ "name": "turns", "type": "double" }, { "name": "gear", "type": "Gear" }] },
        { "className": "Car", "members": [
            { "name": "wheels", "type": "array", "size": [4], "elem": { "type": "Wheel" } },
            { "name": "lit", "type": "bool" }, { "name": "plate", "type": "array", "size": [8], "elem": { "type": "char" } },
            { "name": "towed", "type": "uint32", "optional": true }] }] }
}

fn car() -> Car {
    let mut car = Car { plate: b"IPC 0001".map(ipc_core::Char), ..Default::default() };
    car.wheels[2] = Wheel { turns: 1.5, gear: Gear::DRIVE, ..Default::default() };
    car.set_towed(Some(7));
    car
}

#[test]
fn a_fixed_class_is_cast_by_bytemuck() {
    let car = car();
    let frame = Car::from_bytes(bytemuck::bytes_of(&car)).unwrap();
    assert_eq!((frame, bytemuck::pod_read_unaligned::<Car>(&car.to_bytes().unwrap())), (car, car));
}

#[test]
fn a_fixed_class_is_cast_by_zerocopy_where_its_feature_is_on() {
    fn bytes_of<T: IntoBytes + Immutable + KnownLayout>(value: &T) -> &[u8] {
        value.as_bytes()
    }
    let car = car();
    assert_eq!(bytes_of(&car), car.to_bytes().unwrap());
    assert_eq!(Car::read_from_bytes(&car.to_bytes().unwrap()), Ok(car));
}
