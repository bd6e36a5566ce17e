//! The second program of README.md: a string, an optional member, and elements of different sizes.

use ipc_core::{Channel, Error, schema};

schema! {
    [{ "className": "Object", "members": [
        { "name": "label", "type": "string" },
        { "name": "score", "type": "float" } ] },
     { "className": "Scene", "members": [
        { "name": "n", "type": "uint16" },
        { "name": "place", "type": "string" },
        { "name": "remark", "type": "string", "optional": true },
        { "name": "objects", "type": "array", "size": ["n"], "elem": { "type": "Object" } } ] }]
}

const SCENES: Channel<Scene> = Channel::new("scenes").reserve(&["printer"]);

fn main() -> Result<(), Error> {
    let mut producer = SCENES.producer()?;
    let consumer = SCENES.consumer("printer")?;

    // The dimensions say how many bytes each text has, element by element, and which optional members are there.
    let objects = vec![ObjectDims { label: 3 }, ObjectDims { label: 5 }];
    let mut reserved = producer.reserve(SceneDims { n: 2, place: 7, remark: None, objects })?;
    let mut scene = reserved.edit();
    scene.place.copy_from_slice(b"kitchen");
    for (index, label) in ["cup", "table"].iter().enumerate() {
        let object = scene.objects.get_mut(index)?;
        object.label.copy_from_slice(label.as_bytes());
        *object.score = 0.5;
    }
    reserved.publish()?;
    producer.close()?;

    for frame in &consumer {
        let frame = frame?;
        let scene = frame.view();
        // Text is checked for UTF-8 when it is read: a Result. An optional member is an Option.
        println!("{}, {}", scene.place()?, scene.remark()?.unwrap_or("no remark"));
        for object in scene.objects().iter() {
            let object = object?;
            println!("{} {}", object.label()?, object.score());
        }
    }
    SCENES.remove()
}
