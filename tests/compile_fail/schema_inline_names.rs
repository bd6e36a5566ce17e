ipc_core::schema! {
    { "constants": { "COUNT": 4, "N": 1, "N": 2, "2N": 1, "Count": 5 },
      "enums": [
        { "enumName": "Mode", "base": "uint8", "values": { "Idle": 0, "idle": 1, "Rest": 0 } },
        { "enumName": "Hollow", "base": "uint8", "values": {} },
        { "enumName": "Real", "base": "float", "values": { "One": 1 } },
        { "enumName": "Small", "base": "int8", "values": { "Big": 200 } },
        { "enumName": "Typo", "base": "unit8", "values": { "On": 0, "On": 1, "a-b": 2 } },
        { "enumName": "Image_Dims", "base": "uint8", "values": { "On": 0 } },
        { "enumName": "Truth", "base": "bool", "values": { "On": 0 } }],
      "classes": [
        { "className": "two words", "members": [{ "name": "x", "type": "int" }] },
        { "className": "Image", "members": [{ "name": "pixels", "type": "bytes" }] },
        { "className": "ImageRef", "members": [{ "name": "x", "type": "int" }] },
        { "className": "string", "members": [{ "name": "x", "type": "int" }] },
        { "className": "Mode", "members": [{ "name": "x", "type": "int" }] },
        { "className": "Empty", "members": [] },
        { "className": "Twice", "members": [
            { "name": "frameId", "type": "int" },
            { "name": "frame_id", "type": "int" },
            { "name": "x", "type": "int" },
            { "name": "x", "type": "int" },
            { "name": "", "type": "int" },
            { "name": "_", "type": "int" },
            { "name": "count", "type": "int" }] }] }
}

fn main() {}
