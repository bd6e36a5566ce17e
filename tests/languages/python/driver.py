"""Rewrites frames: see ../mod.rs. The first argument names the module of the classes."""

import importlib
import sys

classes = importlib.import_module(sys.argv[1])
wire = classes.wire
by_name = {
    each.class_name: each
    for each in vars(classes).values()
    if isinstance(each, type) and hasattr(each, "class_name")
}


def answer(class_name: str, text: str) -> str:
    of = by_name[class_name]
    try:
        if text == "new":
            return "= " + of().serialize().hex()
        frame = bytes.fromhex("" if text == "-" else text)
        # Each frame stands elsewhere, and its bytes stay as they are.
        return "= " + of.deserialize(memoryview(b"-" + frame)[1:]).serialize().hex()
    except wire.FrameError as error:
        return f"! {error}"


for line in sys.stdin:
    answered = answer(*line.split())
    print("= -" if answered == "= " else answered)
