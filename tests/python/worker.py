"""The modules that the tests' controller runs, as `src/bin/worker.rs`: `worker.py send`, `worker.py read`."""

import sys
import time

import ipc


def send(module: ipc.Communicator) -> None:
    """Sends ticks, and says the number of the last."""
    (ticks,) = module.outputs.values()
    number = 0
    while module.go_on() and ticks.deliver({"number": number}):
        number += 1
        time.sleep(0.002)  # a pace at which the log can be read; nothing waits for it
    print("sent", number - 1)


def read(module: ipc.Communicator) -> None:
    """Says the number of the first frame, each hundredth, and of the last; fails if one is missing."""
    last = None
    for _, tick in module:
        if last is None:
            print("first", tick.number)
        elif tick.number != last + 1:
            sys.exit(f"{tick.number} after {last}")
        if tick.number % 100 == 0:
            print("at", tick.number)
        last = tick.number
    print("last", last)


with ipc.Communicator.from_env() as module:
    {"send": send, "read": read}[sys.argv[1]](module)
