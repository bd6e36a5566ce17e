"""What a communicator of Python promises by itself, told as in `promises.py`.

An application and its rings stand in IPC_DIR. Modules are processes, in whose controller's place the test is; or ends
of the test itself.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time

from shown import address, mappings, refused, show, waits

import ipc

CLASSES = """[
 {"className": "Sample", "members": [
   {"name": "stamp", "type": "int64", "unit": "ns"}, {"name": "value", "type": "uint64"}]},
 {"className": "Block", "members": [
   {"name": "n", "type": "uint32"}, {"name": "stamp", "type": "int64", "unit": "ns"},
   {"name": "data", "type": "array", "size": ["n"], "elem": {"type": "uint8"}}]}]"""


def application(channels: dict[str, object], modules: dict[str, object]) -> str:
    """The file of an application."""
    folder = os.environ["IPC_DIR"]
    with open(f"{folder}/classes.json", "w") as file:
        file.write(CLASSES)
    described = {name: {"class": "Sample", "capacity": 65536, **rest} for name, rest in channels.items()}
    modules = {name: {"command": [name], **rest} for name, rest in modules.items()}
    with open(f"{folder}/app.json", "w") as file:
        json.dump({"schemas": ["classes.json"], "channels": described, "modules": modules}, file)
    return file.name


def of_sources(channels: str) -> str:
    """A module `reader`, and for each of its channels, which have one letter, a module that writes it: `a_source`."""
    sources = {f"{name}_source": {"produces": [name]} for name in channels}
    return application({name: {} for name in channels}, {**sources, "reader": {"consumes": list(channels)}})


class Module:
    """A module as a process: it has a communicator, `module`, and is this program."""

    def __init__(self, name: str, program: str) -> None:
        program = f"import ipc, os, threading, time\nmodule = ipc.Communicator.from_env()\n{program}"
        environment = {"IPC_TOPOLOGY": os.environ["IPC_DIR"] + "/app.json", "IPC_MODULE": name}
        self.process = subprocess.Popen(
            [sys.executable, "-c", program],
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.line() == {"ipc": "ready"}

    def line(self) -> object:
        """The next line that is not empty: a report, or what it printed."""
        for line in self.process.stdout:
            if line != "\n":
                return json.loads(line) if line.startswith('{"ipc":') else line.rstrip("\n")
        return None

    def says(self, *expected: object) -> None:
        for each in expected:
            line = self.line()
            assert line == ({"ipc": each[1:]} if isinstance(each, str) and each.startswith("@") else each), line

    def tell(self, command: str) -> None:
        self.process.stdin.write(json.dumps({"ipc": command}) + "\n")
        self.process.stdin.flush()

    def status(self) -> dict[str, object]:
        self.process.stdin.write('{"ipc":"ask","id":7}\n')
        self.process.stdin.flush()
        status = self.line()
        assert status["ipc"] == "status" and status["id"] == 7, status
        return status

    def ends(self) -> None:
        with self.process:
            assert self.line() is None
        assert self.process.returncode == 0


PRINTING = """
with module:
    for channel, frame in module:
        print(channel, frame.value)
print("over")
"""


def a_main_loop_gets_frames_of_all_channels_where_they_lie_and_ends_with_their_streams() -> None:
    channels = {"samples": {}, "blocks": {"class": "Block"}, "results": {}}
    reader = {"consumes": ["samples", "blocks"], "produces": ["results"]}
    file = application(
        channels, {"source": {"produces": ["samples", "blocks"]}, "reader": reader, "last": {"consumes": ["results"]}}
    )
    source, last = (ipc.Communicator.from_file(file, name) for name in ("source", "last"))
    got = []
    with ipc.Communicator.from_file(file, "reader") as module:
        assert list(module.inputs) == ["samples", "blocks"] and module.inputs["blocks"].class_name == "Block"
        assert list(module.outputs) == ["results"] and isinstance(module.outputs["results"], ipc.Producer)
        with source:
            source.outputs["blocks"].send({"stamp": 1, "n": 3, "data": [1, 2, 3]})
            source.outputs["samples"].send({"stamp": 2, "value": 7})
            with source.outputs["blocks"].loan(n=1) as block:
                block.data[:] = 9
        for channel, frame in module:
            if channel == "blocks":
                assert any(address(frame.data) in mapping for mapping in mappings("blocks.ring"))
            value = frame.value if channel == "samples" else int(frame.data.sum())
            assert module.outputs["results"].deliver({"stamp": 0, "value": value})
            got.append(channel)
        assert got == ["blocks", "samples", "blocks"] and module.is_over
    assert [frame.value for _, frame in last] == [6, 7, 9]
    refused(ipc.errors.Released, lambda: next(module), "closed")
    refused(ipc.errors.Released, lambda: module.outputs["results"].send({"stamp": 0, "value": 0}), "closed")


def three_producers_are_merged_by_a_member() -> None:
    file = of_sources("abc")
    with ipc.Communicator.from_file(file, "reader") as module:
        module.merged_by("stamp")
        program = """
with module:
    (out,) = module.outputs.values()
    for stamp in range({}, 3000, 3):
        out.deliver({{"stamp": stamp, "value": stamp}})
"""
        sources = [Module(f"{name}_source", program.format(first)) for first, name in enumerate("abc")]
        merged = [(channel, frame.stamp) for channel, frame in module]
        assert merged == [("abc"[stamp % 3], stamp) for stamp in range(3000)]
        for source in sources:
            source.ends()


def frames_come_in_the_order_that_the_module_chooses() -> None:
    file = of_sources("ab")
    sources = {name: ipc.Communicator.from_file(file, f"{name}_source") for name in "ab"}
    module = ipc.Communicator.from_file(file, "reader")

    def fill() -> None:
        for name, stamp in [("a", 1), ("a", 4), ("b", 2), ("b", 3)]:
            sources[name].outputs[name].send({"stamp": stamp, "value": 0})

    def order() -> list[str]:
        fill()
        return [f"{channel}{frame.stamp}" for channel, frame in (module.recv() for _ in range(4))]

    assert order() == ["a1", "a4", "b2", "b3"]
    module.in_turn()
    assert order() == ["a1", "b2", "a4", "b3"]
    module.by_priority("b")
    assert order() == ["b2", "b3", "a1", "a4"]
    module.merged_by("stamp", within=0.05)
    assert order() == ["a1", "b2", "b3", "a4"]
    module.by_arrival()
    assert order() == ["a1", "a4", "b2", "b3"]
    refused(ipc.errors.ApplicationError, lambda: module.by_priority("c"), 'no channel "c"', '["a", "b"]')
    refused(ipc.errors.ApplicationError, lambda: module.merged_by("time"), "Sample", '"time"')
    refused(ValueError, lambda: module.merged_by("stamp", within=-1), "at least 0")


def the_end_of_one_stream_is_told_to_who_asks_for_it() -> None:
    file = of_sources("ab")
    sources = {name: ipc.Communicator.from_file(file, f"{name}_source") for name in "ab"}
    module = ipc.Communicator.from_file(file, "reader")
    refused(ipc.TimedOut, lambda: module.recv(0.01), "10ms")
    refused(ipc.Empty, module.try_recv)
    came = module.with_closed()
    sources["a"].outputs["a"].send({"stamp": 0, "value": 5})
    sources["a"].close()
    (one, frame), two = next(came), next(came)
    assert (one, frame.value, two) == ("a", 5, ("a", None)) and not module.is_over
    sources["b"].outputs["b"].drop_frame()
    sources["b"].outputs["b"].send({"stamp": 0, "value": 6})
    assert module.recv()[1].value == 6 and module.missed("b") == 1
    refused(ipc.errors.ApplicationError, lambda: module.missed("c"), 'no channel "c"')
    sources["b"].close()
    assert list(came) == [("b", None)] and list(came) == list(module) == [] and module.is_over
    refused(ipc.Closed, module.recv, "all channels")


def a_loop_stops_goes_on_and_quits_as_its_controller_says() -> None:
    with ipc.Communicator.from_file(of_sources("a"), "a_source") as source:
        (out,) = source.outputs.values()
        module = Module("reader", PRINTING)
        out.send({"stamp": 0, "value": 1})
        module.says("a 1")
        module.tell("stop")
        module.says("@stopped")
        out.send({"stamp": 0, "value": 2})
        while (status := module.status())["busy_ms"] > 0:
            pass
        assert status["channels"]["a"]["received"] == 1, status
        module.tell("resume")
        module.says("@resumed", "a 2")
        module.tell("halt")
        assert "halt" in module.line()["text"]
        module.tell("quit")
        module.says("@quitting", "over")
        module.ends()


def a_question_is_answered_while_python_is_busy_with_the_interpreters_lock() -> None:
    with ipc.Communicator.from_file(of_sources("a"), "a_source") as source:
        # A function of C that keeps the lock: it reads from a pipe which the test has.
        folder = os.environ["IPC_DIR"]
        os.mkfifo(f"{folder}/pipe")
        busy = f"""
import ctypes
for _, frame in module:
    print("busy")
    pipe = os.open({folder!r} + "/pipe", os.O_RDONLY)
    ctypes.PyDLL(None).read(pipe, ctypes.create_string_buffer(1), 1)
    print("back")
"""
        module = Module("reader", busy)
        source.outputs["a"].send({"stamp": 0, "value": 1})
        module.says("busy")
        with open(f"{folder}/pipe", "wb"):
            before = module.status()["busy_ms"]
            while module.status()["busy_ms"] < before + 20:
                pass
            module.tell("quit")
        module.says("back", "@quitting")
        module.ends()


def quit_ends_a_wait_for_space_and_the_with_ends_as_the_loop_would() -> None:
    of_sources("a")
    # Nobody reads: the ring is full soon.
    program = """
with module:
    while {}: pass
print("over")
"""
    for send in [
        'module.outputs["a"].deliver({"stamp": 0, "value": 0})',
        'module.outputs["a"].send({"stamp": 0, "value": 0}) >= 0',
    ]:
        with ipc.Communicator.from_file(os.environ["IPC_DIR"] + "/app.json", "reader") as reader:
            module = Module("a_source", program.format(send))
            while module.status()["busy_ms"] > 0:
                pass
            module.tell("stop")
            module.says("@stopped")
            module.tell("resume")
            module.says("@resumed")
            module.tell("quit")
            module.says("@quitting", "over")
            module.ends()
            # Its stream goes on with its next start.
            while True:
                try:
                    reader.recv(0.01)
                except ipc.TimedOut:
                    break


def a_full_channel_that_drops_keeps_its_producer_waiting_for_nothing() -> None:
    file = application({"a": {"on_full": "drop"}}, {"source": {"produces": ["a"]}, "reader": {"consumes": ["a"]}})
    reader = ipc.Communicator.from_file(file, "reader")
    with ipc.Communicator.from_file(file, "source") as source:
        (out,) = source.outputs.values()
        sent = 0
        while out.deliver({"stamp": 0, "value": sent}):
            sent += 1
        assert out.dropped == 1 and not out.deliver({"stamp": 0, "value": 0})
    assert [frame.value for _, frame in reader] == list(range(sent))
    # A channel without an application says it by itself.
    stated = {"capacity": 4096, "reserve": ["reader"], "on_full": "drop"}
    with ipc.Producer(source.outputs["a"].class_, "other", **stated) as out:
        while out.deliver({"stamp": 0, "value": 0}):
            pass
        assert out.dropped == 1


def a_module_that_only_produces_goes_on_until_it_is_told() -> None:
    of_sources("a")
    program = """
with module:
    while module.go_on():
        time.sleep(0.001)
print("over")
"""
    module = Module("a_source", program)
    module.tell("stop")
    module.says("@stopped")
    module.tell("resume")
    module.says("@resumed")
    # The end of the controller's lines is as quit.
    module.process.stdin.close()
    module.says("@quitting", "over")
    module.ends()


def ctrl_c_ends_every_wait_of_a_module_at_once() -> None:
    of_sources("a")
    full = 'while True: module.outputs["a"].send({"stamp": 0, "value": 0})'
    ways = [
        ("reader", "for _ in module: pass", False),
        ("reader", "for _ in module: pass", True),
        ("reader", "while module.go_on(): time.sleep(0.001)", True),
        ("a_source", full, False),
    ]
    reader = ipc.Communicator.from_file(os.environ["IPC_DIR"] + "/app.json", "reader")
    for name, wait, is_stopped in ways:
        if name == "reader":
            reader.close()
        # A shell's background jobs ignore it.
        program = "import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
        program += f"try:\n  with module:\n    {wait}\nexcept KeyboardInterrupt: print('interrupted')\n"
        module = Module(name, program)
        if is_stopped:
            module.tell("stop")
            module.says("@stopped")
        while module.status()["busy_ms"] > 0:
            pass
        began = time.monotonic()
        module.process.send_signal(signal.SIGINT)
        module.says("interrupted")
        # Not a measure of the machine: a second is ten times what is promised.
        assert time.monotonic() - began < 1.1
        module.ends()


def what_a_module_prints_comes_at_once_and_reports_are_whole_between_its_lines() -> None:
    of_sources("a")
    program = """
print("begun\\nwithout an end", end="", flush=True)
def print_many():
    number = 0
    while not os.path.exists(os.environ["IPC_DIR"] + "/enough"):
        print("log", number)
        number += 1
    print("done")
thread = threading.Thread(target=print_many)
while module.go_on():
    if not thread.ident and os.path.exists(os.environ["IPC_DIR"] + "/go"): thread.start()
"""
    module = Module("a_source", program)
    module.says("begun")
    module.tell("halt")
    module.says("without an end")
    assert module.line()["ipc"] == "error"
    open(os.environ["IPC_DIR"] + "/go", "w").close()
    asked, answered, number = 0, 0, 0
    while (line := module.line()) != "done":
        if isinstance(line, dict):
            assert line["ipc"] == "status"
            answered += 1
        else:
            assert line == f"log {number}", line
            number += 1
        if answered == 100:
            open(os.environ["IPC_DIR"] + "/enough", "w").close()
        elif answered == asked:
            module.process.stdin.write('{"ipc":"ask","id":1}\n')
            module.process.stdin.flush()
            asked += 1
    assert answered == asked == 100 and number > 0
    module.tell("quit")
    module.says("@quitting")
    module.ends()


def other_threads_run_while_a_module_waits() -> None:
    file = of_sources("a")
    source, module = (ipc.Communicator.from_file(file, name) for name in ("a_source", "reader"))
    got = []
    thread = threading.Thread(target=lambda: got.append(module.recv()[1].value))
    thread.start()
    while not waits(thread):
        pass
    assert module.missed("a") == 0 and not module.is_over
    source.outputs["a"].send({"stamp": 0, "value": 3})
    thread.join()
    assert got == [3]
    outcomes = []
    thread = threading.Thread(target=lambda: outcomes.append(refused(ipc.errors.Released, module.recv, "closed")))
    thread.start()
    while not waits(thread):
        pass
    module.close()
    thread.join()
    assert outcomes == [None]


def asyncio_gets_every_frame_of_every_channel_and_quits() -> None:
    file = of_sources("ab")
    program = """
import asyncio
async def main():
    ticks = 0
    async def tick():
        nonlocal ticks
        while True:
            await asyncio.sleep(0.001)
            ticks += 1
    ticking = asyncio.create_task(tick())
    async for channel, frame in module:
        before = ticks
        while ticks < before + 2: await asyncio.sleep(0)
        print(channel, frame.value)
    ticking.cancel()
    print("over")
asyncio.run(main())
"""
    module = Module("reader", program)
    sources = {name: ipc.Communicator.from_file(file, f"{name}_source") for name in "ab"}
    for value in range(20):
        name = "ab"[value % 2]
        sources[name].outputs[name].send({"stamp": 0, "value": value})
        module.says(f"{name} {value}")
    sources["a"].close()
    module.tell("stop")
    module.says("@stopped")
    sources["b"].outputs["b"].send({"stamp": 0, "value": 99})
    channels = module.status()["channels"]
    assert [channels[name]["received"] for name in "ab"] == [10, 10], channels
    module.tell("resume")
    module.says("@resumed", "b 99")
    module.tell("quit")
    module.says("@quitting", "over")
    module.ends()


def a_cancelled_wait_of_asyncio_loses_nothing_that_came() -> None:
    file = of_sources("a")
    module = ipc.Communicator.from_file(file, "reader")

    async def main() -> None:
        got = []
        with ipc.Communicator.from_file(file, "a_source") as source:
            for value in range(20):
                waiting = asyncio.ensure_future(anext(module))
                for _ in range(value % 4):
                    await asyncio.sleep(0)
                source.outputs["a"].send({"stamp": 0, "value": value})
                waiting.cancel()
                got += await asyncio.gather(waiting, return_exceptions=True)
        got = [came for came in got if isinstance(came, tuple)] + [came async for came in module]
        assert [frame.value for _, frame in got] == list(range(20))

    asyncio.run(main())


def observed_channels_give_copies_that_hold_nobody_back() -> None:
    channels, reader = {"a": {}, "b": {}}, {"consumes": ["a"], "observes": ["b"]}
    file = application(channels, {"source": {"produces": ["a", "b"]}, "other": {"consumes": ["b"]}, "reader": reader})
    source, other = (ipc.Communicator.from_file(file, name) for name in ("source", "other"))
    with source, other, ipc.Communicator.from_file(file, "reader") as module:
        held = []
        for value in range(10):
            source.outputs["b"].send({"stamp": 0, "value": value})
            channel, frame = module.recv()
            held.append(frame)
        assert channel == "b" and [frame.value for frame in held] == list(range(10))
        for value in range(10000):
            source.outputs["b"].send({"stamp": 0, "value": value})
            other.recv()
        frame = module.recv()[1]
        assert frame.sequence == 10 + module.missed("b") and module.missed("b") > 0


def classes_that_a_program_knows_are_compared_with_the_files() -> None:
    file = application({"a": {}, "b": {}}, {"source": {"produces": ["a", "b"]}, "reader": {"consumes": ["a", "b"]}})
    sample, block = (ipc.from_schema(CLASSES, name) for name in ("Sample", "Block"))
    with ipc.Communicator.from_file(file, "source", a=sample) as source:
        assert source.outputs["a"].class_ is sample and source.outputs["b"].class_ is not sample
        source.outputs["a"].send(sample(stamp=1, value=2))
        source.outputs["b"].send(sample(stamp=1, value=2))
    with ipc.Communicator.from_file(file, "reader") as reader:
        assert reader.inputs["a"] is reader.inputs["b"]

    def opened(**classes: type) -> None:
        ipc.Communicator.from_file(file, "reader", **classes).close()

    changed = ipc.from_schema(CLASSES.replace('"uint64"', '"double"'), "Sample")
    differs = ["class Sample of the channel", "Sample.value", "expected uint64", "found float64"]
    refused(ipc.Mismatch, lambda: opened(b=changed), *differs)
    refused(ipc.Mismatch, lambda: opened(a=block), "the class Block of the channel")
    refused(ipc.errors.ApplicationError, lambda: opened(c=sample), 'no channel "c": expected one of ["a", "b"]')
    refused(TypeError, lambda: opened(a="Sample"), "class of frames")
    refused(ipc.errors.ApplicationError, lambda: ipc.Communicator.from_file(file, "redaer"), '"redaer"', '"reader"')
    refused(ipc.errors.ApplicationError, ipc.Communicator.from_env, "ipc run")


def an_exception_leaves_the_streams_of_a_module_open() -> None:
    file = of_sources("a")
    reader = ipc.Communicator.from_file(file, "reader")

    def fail() -> None:
        with ipc.Communicator.from_file(file, "a_source"):
            raise ZeroDivisionError

    refused(ZeroDivisionError, fail)
    refused(ipc.TimedOut, lambda: reader.recv(0.01))
    with ipc.Communicator.from_file(file, "a_source"):
        pass
    assert list(reader) == []


if __name__ == "__main__":
    show(globals())
