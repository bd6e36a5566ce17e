ipc_core::schema! {
    { "constants": { "JOINTS": 6, "BELOW": -1, "ABOVE": 18446744073709551616, "HALF": 1.5, "TEXT": "6" },
      "classes": [
     { "className": "Head", "members": [
        { "name": "n", "type": "int" }, { "name": "f", "type": "float" }, { "name": "o", "type": "int", "optional": true }] },
     { "className": "Variable", "members": [{ "name": "n", "type": "int" }, { "name": "s", "type": "string" }] },
     { "className": "A", "members": [
        { "name": "maybe", "type": "int", "optional": true },
        { "name": "real", "type": "float" },
        { "name": "list", "type": "array", "size": [3], "elem": { "type": "int" } },
        { "name": "head", "type": "Head" },
        { "name": "variable", "type": "Variable" },
        { "name": "a", "type": "array", "size": ["n*n"], "elem": { "type": "int" } },
        { "name": "b", "type": "array", "size": ["later"], "elem": { "type": "int" } },
        { "name": "c", "type": "array", "size": ["maybe"], "elem": { "type": "int" } },
        { "name": "d", "type": "array", "size": ["real + 1"], "elem": { "type": "int" } },
        { "name": "e", "type": "array", "size": ["list"], "elem": { "type": "int" } },
        { "name": "f", "type": "array", "size": ["head.f"], "elem": { "type": "int" } },
        { "name": "g", "type": "array", "size": ["head.m"], "elem": { "type": "int" } },
        { "name": "h", "type": "array", "size": ["2 * (3 + 1"], "elem": { "type": "int" } },
        { "name": "i", "type": "array", "size": [0], "elem": { "type": "int" } },
        { "name": "j", "type": "array", "size": ["1 - 2"], "elem": { "type": "int" } },
        { "name": "k", "type": "array", "size": ["7 / 0"], "elem": { "type": "int" } },
        { "name": "l", "type": "array", "size": ["99999999999 * 99999999999"], "elem": { "type": "int" } },
        { "name": "p", "type": "array", "size": ["head.n ** 2"], "elem": { "type": "int" } },
        { "name": "q0", "type": "array", "size": ["JOINT"], "elem": { "type": "int" } },
        { "name": "q1", "type": "array", "size": ["head"], "elem": { "type": "int" } },
        { "name": "q2", "type": "array", "size": ["head.o"], "elem": { "type": "int" } },
        { "name": "q3", "type": "array", "size": ["variable.n"], "elem": { "type": "int" } },
        { "name": "q4", "type": "array", "size": ["real.n"], "elem": { "type": "int" } },
        { "name": "q5", "type": "array", "size": ["7 +"], "elem": { "type": "int" } },
        { "name": "q6", "type": "array", "size": ["JOINTS ? 1"], "elem": { "type": "int" } },
        { "name": "q7", "type": "array", "size": ["007"], "elem": { "type": "int" } },
        { "name": "q8", "type": "array", "size": ["pow(JOINTS, 2)"], "elem": { "type": "int" } },
        { "name": "q9", "type": "array", "size": ["18446744073709551616"], "elem": { "type": "int" } },
        { "name": "q10", "type": "array", "size": ["JOINTS * -1"], "elem": { "type": "int" } },
        { "name": "q11", "type": "array", "size": ["head."], "elem": { "type": "int" } },
        { "name": "q12", "type": "array", "size": [-1, 1.5, 18446744073709551616], "elem": { "type": "int" } },
        { "name": "later", "type": "int" }] }] }
}

fn main() {}
