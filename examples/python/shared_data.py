"""shared_data: a counter and a message that several processes share, as the program of that name in Rust.

`shared_data.py CLASSES say TEXT` changes both at once, `shared_data.py CLASSES watch` prints them whenever they have
changed.
"""

import sys

import numpy as np

import ipc

classes = ipc.load(sys.argv[1])
shared = ipc.Shared(classes.SharedData, "shared_data")
if sys.argv[2] == "say":
    with shared.lock() as data:
        if shared.unfinished:
            print(f"somebody died at message {shared.unfinished.counter}; it never was one", file=sys.stderr)
        data.counter += 1
        text = sys.argv[3].encode()[:255].ljust(256, b"\0")
        data.message[:] = np.frombuffer(text, data.message.dtype)  # both members at once, for everybody
else:
    while True:
        data = shared.wait_changed()
        text = data.message.tobytes().rstrip(b"\0")
        print(f"{data.counter}: {text.decode()}", flush=True)
