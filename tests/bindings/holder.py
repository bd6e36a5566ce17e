"""A process that has shared state open, in Python: `tests/src/bin/holder.rs` once more, with the commands below.

It gets the description of its class and the state's name as arguments.
"""

import sys

import ipc

Tally = ipc.load(sys.argv[1]).Tally


def answer(text: object) -> None:
    print("=", str(text).replace("\n", " | "), flush=True)


def count(tally) -> int:
    assert (tally.words == tally.count).all(), "the value is torn"
    return tally.count


def fill(tally, value: int) -> None:
    tally.count = value
    tally.words[:] = value


def obey(shared: ipc.Shared, locked: list, word: str, number: int) -> object:
    match word:
        case "add":
            for _ in range(number):
                with shared.lock() as value:
                    fill(value, count(value) + 1)
        case "read":
            return count(shared.read())
        case "wait":
            return count(shared.wait_changed())
        case "wait-within":
            return count(shared.wait_changed(number / 1000))
        case "lock":
            locked[:] = [shared.lock()]
        case "try-lock":
            locked[:] = [shared.try_lock()]
        case "lock-within":
            locked[:] = [shared.lock(number / 1000)]
        case "set":
            fill(locked[0], number)
        case "unfinished":
            found = shared.unfinished
            return "none" if found is None else (found.count, int(found.words[62]))
        case "publish":
            locked.pop().publish()
        case "discard":
            locked.pop().abandon()
        case other:
            raise AssertionError(f"there is no command {other}")
    return "done"


try:
    with ipc.Shared(Tally, sys.argv[2]) as shared:
        answer("open")
        locked: list = []
        for line in sys.stdin:
            word, _, number = line.strip().partition(" ")
            try:
                answer(obey(shared, locked, word, int(number or 0)))
            except ipc.Error as error:
                answer(error)
except ipc.Error as error:
    answer(error)
