"""Rewrites frames by classes that are made at run time, from what exported ones say of themselves: see ../mod.rs."""

import importlib
import sys

import ipc

classes = importlib.import_module(sys.argv[1])
by_name = {
    each.class_name: ipc.from_schema(each.schema, each.class_name)
    for each in vars(classes).values()
    if isinstance(each, type) and hasattr(each, "class_name")
}


def answer(class_name: str, text: str) -> str:
    of = by_name[class_name]
    try:
        if text == "new":
            return "= " + of().serialize().hex()
        return "= " + of.deserialize(bytes.fromhex("" if text == "-" else text)).serialize().hex()
    except ipc.Error as error:
        return f"! {error}"


for line in sys.stdin:
    answered = answer(*line.split())
    print("= -" if answered == "= " else answered)
