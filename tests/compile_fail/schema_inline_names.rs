ipc_core::schema! {
    { "constants": { "COUNT": 4 },
      "enums": [
        { "enumName": "Mode", "base": "uint8", "values": { "Idle": 0, "idle": 1, "Rest": 0 } },
        { "enumName": "Hollow", "base": "uint8", "values": {} },
        { "enumName": "Real", "base": "float", "values": { "One": 1 } },
        { "enumName": "Small", "base": "int8", "values": { "Big": 200 } }],
      "classes": [
        { "className": "two words", "members": [{ "name": "x", "type": "int" }] },
        { "className": "Image", "members": [{ "name": "pixels", "type": "bytes" }] },
        { "className": "ImageRef", "members": [{ "name": "x", "type": "int" }] },
        { "className": "string", "members": [{ "name": "x", "type": "int" }] },
        { "className": "Empty", "members": [] },
        { "className": "Twice", "members": [
            { "name": "frameId", "type": "int" },
            { "name": "frame_id", "type": "int" },
            { "name": "count", "type": "int" }] }] }
}

fn main() {}
