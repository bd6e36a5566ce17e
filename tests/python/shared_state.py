"""What shared state in Python promises by itself, told as in `promises.py`. It stands in IPC_DIR, which is the test's own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

from shown import refused, show, waits

import ipc

SCHEMA = """[
 {"className": "Data", "members": [
   {"name": "counter", "type": "int32", "max": 999},
   {"name": "words", "type": "array", "size": [4], "elem": {"type": "uint64"}}]},
 {"className": "Note", "members": [{"name": "text", "type": "string"}]},
 {"className": "Stamp", "members": [{"name": "stamp", "type": "int64"}]}]"""
Data, Note, Stamp = (ipc.from_schema(SCHEMA, name) for name in ("Data", "Note", "Stamp"))


def shared_state_is_changed_in_place_and_seen_as_one() -> None:
    writer, reader = ipc.Shared(Data, "data", Data(counter=4)), ipc.Shared(Data, "data", existing=True)
    assert (reader.read().counter, reader.version) == (4, 0)
    with writer.lock() as data:
        words = data.words
        data.counter += 1
        words[:] = 5
        assert (reader.read().counter, reader.read().words.sum()) == (4, 0), "not before its end"
        refused(ipc.errors.Locked, reader.try_lock, "is locked by process", str(os.getpid()))
        refused(TimeoutError, lambda: reader.lock(0.15), "was so for 150ms")
    seen = reader.wait_changed()
    assert (seen.counter, seen.words.sum(), seen.sequence, reader.version) == (5, 20, 1, 1)
    refused(ValueError, lambda: words.fill(1), "read-only")
    refused(ValueError, lambda: seen.words.fill(1), "read-only")
    refused(ipc.errors.Released, lambda: data.counter)
    refused(ipc.TimedOut, lambda: reader.wait_changed(0), "no change within 0ns")
    assert writer.lock().publish() == 2, "the number of changes"


def a_change_of_shared_state_that_fails_is_forgotten() -> None:
    shared = ipc.Shared(Data, "data")

    def fail(value: int) -> None:
        with shared.lock() as data:
            data.counter = value
            data.words[1:][0] = 1 // value

    refused(ZeroDivisionError, lambda: fail(0))
    refused(ipc.errors.FrameError, lambda: fail(1000), "class Data, member counter")
    with shared.lock() as data:
        view = data.words[1:]
        refused(ipc.errors.FrameInUse, data.publish, "member words")
        del view
    assert (shared.read().counter, shared.read().words.sum(), shared.version) == (0, 0, 1)
    refused(ipc.errors.FrameError, lambda: ipc.Shared(Data, "data", Data(counter=1000)), "member counter")
    refused(ipc.Mismatch, lambda: ipc.Shared(Stamp, "data"), "the shared state", "Stamp")
    refused(ipc.errors.StateError, lambda: ipc.Shared(Note, "data"), "class Note is variable")
    refused(ipc.errors.NotThere, lambda: ipc.Shared(Data, "none", existing=True), "a program that makes it")


def a_killed_holder_of_shared_state_leaves_the_last_value_and_what_it_had_written() -> None:
    shared = ipc.Shared(Data, "data")
    program = f"import ipc\nof = ipc.from_schema({SCHEMA!r}, 'Data')\nshared = ipc.Shared(of, 'data')\n"
    program += "with shared.lock() as data:\n    data.counter = 7\n"
    program += "with shared.lock() as data:\n    data.counter = 8\n    print('held', flush=True)\n    input()\n"
    child = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdout.readline() == b"held\n"
    assert shared.wait_changed().counter == 7, "who reads does not wait"
    threading.Timer(0.05, child.kill).start()
    with shared.lock() as data:
        assert (data.counter, shared.unfinished.counter) == (7, 8)
        data.counter = 9
    child.wait()
    with shared.lock() as data:
        assert (data.counter, shared.unfinished) == (9, None)


def a_closed_shared_state_gives_its_lock_back_though_an_array_of_it_lives() -> None:
    shared = ipc.Shared(Data, "data")
    data = shared.lock()
    words = data.words
    shared.close()
    refused(ipc.errors.Released, lambda: data.counter)
    refused(ipc.errors.Released, shared.read, "closed")
    refused(ValueError, lambda: words.fill(1), "read-only")
    assert words.sum() == 0
    with ipc.Shared(Data, "data") as other:
        other.try_lock().abandon()
    ipc.Shared.remove("data")
    refused(ipc.errors.NotThere, lambda: ipc.Shared.remove("data"))


def other_threads_read_while_one_waits_for_a_change() -> None:
    shared, other = ipc.Shared(Data, "data"), ipc.Shared(Data, "data")
    shared.read()
    changed = []
    thread = threading.Thread(target=lambda: changed.append(shared.wait_changed().counter))
    thread.start()
    while not waits(thread):
        pass
    # Whoever reads does not wait for the one who waits.
    assert shared.read().counter == 0
    with other.lock() as data:
        data.counter = 5
    thread.join()
    assert changed == [5]


def ctrl_c_ends_a_wait_for_shared_state() -> None:
    # Which a shell in whose background the test runs has set to be ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    shared, other = ipc.Shared(Data, "data"), ipc.Shared(Data, "data")
    shared.read()
    held = other.lock()
    for wait in [shared.wait_changed, shared.lock]:
        threading.Timer(0.05, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
        refused(KeyboardInterrupt, wait)
    held.publish()
    assert shared.wait_changed().sequence == 1


if __name__ == "__main__":
    show(globals())
