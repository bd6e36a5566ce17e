"""What ends of streams in Python promise by themselves, told as in `promises.py`; what they have in common with those in Rust is in
`tests/streams`. Pipes and files stand in IPC_DIR, which is the test's own."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
from shown import refused, show, waits

import ipc
from ipc import stream

SCHEMA = """[
 {"className": "Picture", "members": [
   {"name": "stamp", "type": "int64"}, {"name": "width", "type": "uint32", "max": 100000000},
   {"name": "pixels", "type": "array", "size": ["width"], "elem": {"type": "uint8"}}]},
 {"className": "Note", "members": [
   {"name": "text", "type": "string"}, {"name": "score", "type": "float", "min": 0, "max": 1}]}]"""
Picture, Note = (ipc.from_schema(SCHEMA, name) for name in ("Picture", "Note"))
PRELUDE = f"import ipc\nfrom ipc import stream\nPicture, Note = (ipc.from_schema({SCHEMA!r}, n) for n in ('Picture', 'Note'))\n"


def path(name: str = "stream") -> str:
    return f"{os.environ['IPC_DIR']}/{name}"


def picture(width: int, value: int = 7) -> ipc.FrameClass:
    return Picture(stamp=value, width=width, pixels=np.full(width, value, np.uint8))


def recorded(values: list[int]) -> str:
    """A file with these pictures."""
    with stream.Producer(Picture, file=path("file")) as out:
        for value in values:
            out.send(picture(3, value))
    return path("file")


def child(program: str, **settings: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", PRELUDE + program], **settings)


def received_frames_are_their_own_and_read_only() -> None:
    frames = stream.Consumer(Picture, file=recorded([1, 2]))
    first, second = frames
    pixels = first.pixels
    del first
    frames.close()
    gc.collect()
    assert (pixels.tolist(), second.sequence, second.publish_time_ns) == ([1, 1, 1], 1, None)
    assert isinstance(second, ipc.Frame) and second.to_dict()["pixels"].tolist() == [2, 2, 2]
    refused(ValueError, lambda: pixels.fill(1), "read-only")
    refused(AttributeError, lambda: setattr(second, "stamp", 1), "read-only")
    with second:
        pass
    refused(ipc.errors.Released, lambda: second.pixels)
    refused(ipc.errors.Released, frames.recv, "this consumer was closed")


def a_loan_is_filled_in_place_and_sent_at_its_end() -> None:
    with stream.Producer(Picture, file=path()) as out:
        # Each has memory of its own, so they are sent in any order.
        later = out.loan(width=4)
        with out.loan(width=2, stamp=1) as frame:
            pixels = frame.pixels
            assert pixels.tolist() == [0, 0]
            pixels[:] = 9
            refused(AttributeError, lambda: setattr(frame, "width", 3), "width fixes the size of this frame")
        refused(ValueError, lambda: pixels.fill(1), "read-only")
        refused(ipc.errors.Released, lambda: frame.stamp)
        view = later.pixels[1:]
        refused(ipc.errors.FrameInUse, later.publish, "member pixels")
        del view
        later.pixels[1:] = 3
        assert later.publish() == 1 and out.sent == 2

        def fail() -> None:
            with out.loan(width=1):
                raise ZeroDivisionError

        refused(ZeroDivisionError, fail)
        refused(ipc.errors.FrameError, lambda: out.loan(), "member width: a value is missing")
        refused(ipc.errors.FrameError, lambda: out.loan(width=200000000), "member width")
        lent = out.loan(width=1)
    refused(ipc.errors.Released, lent.publish, "this producer was closed")
    got = [(frame.stamp, frame.pixels.tolist()) for frame in stream.Consumer(Picture, file=path())]
    assert got == [(1, [9, 9]), (0, [0, 3, 3, 3])]


def what_is_not_there_now_is_an_outcome() -> None:
    out = stream.Producer(Picture, fifo=path())
    where = f"the named pipe {path()} of class Picture"
    for send in [lambda: out.try_send(picture(1)), lambda: out.send(picture(1), 0.01)]:
        refused(
            ipc.errors.Gone, send, f"{where}: nobody is at the other end: call again to wait for a successor, or end"
        )
    frames = stream.Consumer(Picture, fifo=path())
    refused(ipc.Empty, frames.try_recv)
    refused(ipc.TimedOut, lambda: frames.recv(0.15), "150ms")
    refused(
        ipc.Full, lambda: out.try_send(picture(1 << 20)), f"{where} has no room for the frame: its reader is behind"
    )
    refused(ipc.TimedOut, lambda: out.send(picture(1 << 20), 0.15), "no room for the frame within 150ms")
    refused(ipc.Empty, frames.try_recv)
    assert out.try_send(picture(5)) == 0 and frames.recv().width == 5, "nothing is left of what was given up"
    refused(ipc.errors.ChannelError, lambda: stream.Consumer(Picture, fifo=path()), "another end has it open to read")
    out.leave()
    refused(ipc.errors.Gone, frames.recv)
    refused(ipc.Empty, frames.try_recv)
    with stream.Producer(Picture, fifo=path()) as successor:
        successor.send(picture(6))
    assert [frame.width for frame in frames] == [6]


def an_exception_leaves_the_stream_open_and_the_end_of_a_with_ends_it() -> None:
    frames = stream.Consumer(Picture, fifo=path())

    def fail() -> None:
        with stream.Producer(Picture, fifo=path()) as out:
            out.send(picture(1))
            raise ZeroDivisionError

    refused(ZeroDivisionError, fail)
    assert frames.recv().width == 1
    refused(ipc.errors.Gone, frames.recv)
    out = stream.Producer(Picture, fifo=path())
    out.send(picture(2))
    del out
    assert frames.recv().width == 2
    refused(ipc.errors.Gone, frames.recv)
    with stream.Producer(Picture, fifo=path()) as out:
        out.send(picture(3))
    assert [frame.width for frame in frames] == [3]
    refused(ipc.errors.Released, lambda: out.send(picture(1)), "this producer was closed")
    out.close()


def ctrl_c_ends_every_wait_at_once() -> None:
    # A shell's background jobs ignore it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    frames, following = stream.Consumer(Picture, fifo=path()), stream.Consumer(file=path("file"), follow=True)
    out, alone = stream.Producer(Picture, fifo=path()), stream.Producer(Picture, fifo=path("nobody"))
    ours, theirs = os.pipe()
    lines = [stream.Producer(Picture, lines=True, pipe=theirs), stream.Producer(Picture, lines=True, fifo=path("lines"))]
    others = stream.Consumer(Picture, lines=True, fifo=path("lines"))

    def fill() -> None:
        while True:
            out.send(picture(5000))

    for wait in [
        frames.recv,
        lambda: next(frames),
        following.recv,
        following.wait_for_class,
        lambda: alone.send(picture(1)),
        fill,
        lambda: out.send(picture(1 << 20)),
        out.close,  # its end has no room either
        lambda: lines[0].send(picture(1 << 20)),
        lambda: lines[1].send(picture(1 << 20)),
    ]:
        timer = threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT))
        timer.start()
        began = time.monotonic()
        refused(KeyboardInterrupt, wait)
        # Not a measure of the machine: a second is ten times what is promised.
        assert time.monotonic() - began < 1.3
        timer.join()
    refused(ipc.errors.Released, lambda: out.send(picture(1)))
    # Nothing of a line goes on by itself; the next one ends what is there of it.
    refused(ipc.Empty, others.try_recv)
    lines[1].send(picture(3))
    refused(ipc.errors.FrameError, others.recv)
    assert others.recv().width == 3
    os.close(ours)
    count = 0
    while count < 1000:
        try:
            assert frames.recv().width == 5000
            count += 1
        except ipc.errors.Gone:
            break
    assert 0 < count < 20, "what was whole in the pipe, and nothing of what was given up"


def other_threads_run_while_one_waits_and_may_close() -> None:
    frames = stream.Consumer(Picture, fifo=path())
    got: list[object] = []
    thread = threading.Thread(target=lambda: got.append(frames.recv().width))
    thread.start()
    while not waits(thread):
        pass
    with stream.Producer(Picture, fifo=path()) as out:
        out.send(picture(4))
    thread.join()
    assert got == [4]
    thread = threading.Thread(target=lambda: got.append(refused(ipc.errors.Released, frames.recv, "closed")))
    refused(ipc.Closed, lambda: frames.recv(0))
    thread.start()
    while not waits(thread):
        pass
    frames.close()
    thread.join()
    assert got == [4, None]


def frames_of_several_threads_stay_whole() -> None:
    with stream.Producer(Picture, fifo=path()) as out, stream.Consumer(Picture, fifo=path()) as frames:

        def send(value: int) -> None:
            for _ in range(20):
                out.send(picture(100_000, value))

        threads = [threading.Thread(target=send, args=(value,)) for value in (1, 2, 3)]
        for thread in threads:
            thread.start()
        got = [frames.recv() for _ in range(60)]
        for thread in threads:
            thread.join()
    assert all((frame.pixels == frame.stamp).all() for frame in got)
    assert sorted(frame.stamp for frame in got) == sorted([1, 2, 3] * 20)


def asyncio_gets_every_frame_beside_other_tasks() -> None:
    program = """
import sys, time
with stream.Producer(Picture, **{sys.argv[1]: sys.argv[2]}) as out:
    for value in range(50):
        out.send(Picture(stamp=value, width=60000, pixels=[7] * 60000))
"""

    async def all_of(frames: stream.Consumer) -> list[int]:
        return [frame.stamp async for frame in frames]

    async def main() -> None:
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                ticks += 1
                await asyncio.sleep(0)

        ticking = asyncio.ensure_future(tick())
        ends = [
            stream.Consumer(Picture, fifo=path("a")),
            stream.Consumer(fifo=path("b")),
            stream.Consumer(Picture, file=path("file"), follow=True),
        ]
        reading = [asyncio.ensure_future(all_of(frames)) for frames in ends]
        places = [("fifo", path("a")), ("fifo", path("b")), ("file", path("file"))]
        children = [subprocess.Popen([sys.executable, "-c", PRELUDE + program, *place]) for place in places]
        before = ticks
        for task in reading:
            assert await task == list(range(50))
        assert ticks > before
        ticking.cancel()
        for each in children:
            assert each.wait() == 0
        # A file that is not followed is never waited for.
        assert await all_of(stream.Consumer(Picture, file=path("file"))) == list(range(50))

    asyncio.run(main())


def a_cancelled_wait_of_asyncio_loses_nothing() -> None:
    frames, out = stream.Consumer(Picture, fifo=path()), stream.Producer(Picture, fifo=path())

    async def main() -> None:
        for value in range(5):
            refused_in_time = False
            try:
                await asyncio.wait_for(anext(frames), 0.01)
            except asyncio.TimeoutError:
                refused_in_time = True
            assert refused_in_time
            out.send(picture(1, value))
            assert (await anext(frames)).stamp == value
        # Two tasks that wait are two.
        waiting = [asyncio.ensure_future(anext(frames)) for _ in range(2)]
        await asyncio.sleep(0)
        out.send(picture(1, 5))
        out.send(picture(1, 6))
        assert sorted([(await task).stamp for task in waiting]) == [5, 6]
        # Whoever waits is told of its end.
        task = asyncio.ensure_future(anext(frames))
        await asyncio.sleep(0)
        frames.close()
        try:
            await asyncio.wait_for(task, 60)
        except ipc.errors.Released:
            return
        raise AssertionError("not told")

    asyncio.run(main())


def a_stream_of_any_class_is_read_without_a_description() -> None:
    frames = stream.Consumer(fifo=path())
    refused(ipc.Empty, lambda: frames.class_)
    refused(ipc.TimedOut, lambda: frames.wait_for_class(0.01))
    assert "any class" in repr(frames)
    with stream.Producer(Picture, fifo=path()) as out:
        out.send(picture(3))
        found = frames.wait_for_class()
        assert found is frames.class_ and found.fingerprint == Picture.fingerprint
        assert "of Picture from the named pipe" in repr(frames)
        assert frames.recv().pixels.sum() == 21
    refused(ipc.Closed, frames.recv)
    with stream.Producer(Note, fifo=path()) as out:
        out.send({"text": "another", "score": 0.5})
        refused(ipc.Mismatch, frames.recv, "is for another class than this program's", "Picture")
    refused(
        ipc.errors.ChannelError, lambda: stream.Consumer(fifo=path("x"), lines=True), "lines do not carry their class"
    )
    assert stream.Consumer(Picture, file=recorded([1])).class_ is Picture


def lines_are_objects_of_json_and_what_the_class_refuses_is_named() -> None:
    frames = stream.Consumer(Note, fifo=path(), lines=True)
    script = """exec 3>"$0"; echo '{"score":0.5,"text":"a"}' >&3; echo '{"score":2,"text":"b"}' >&3; echo '{"txt":"c"}' >&3"""
    shell = subprocess.Popen(["sh", "-c", script, path()])
    first = frames.recv()
    assert (first.text, first.score) == ("a", 0.5)
    refused(ipc.errors.FrameError, frames.recv, "class Note, member score")
    refused(ipc.errors.FrameError, frames.recv, "class Note: it has no member `txt`: did you mean `text`?")
    refused(ipc.Closed, frames.recv)
    shell.wait()
    with stream.Producer(Note, file=path("lines"), lines=True) as out:
        out.send(Note(text="\n", score=0.25))
        out.send({"text": "é", "score": 1})
    with open(path("lines"), encoding="utf-8") as lines:
        assert [json.loads(line)["text"] for line in lines] == ["\n", "é"]
    assert [frame.text for frame in stream.Consumer(Note, file=path("lines"), lines=True)] == ["\n", "é"]


def both_directions_are_one_duplex() -> None:
    program = """
with stream.Duplex(stream.Producer(Note, fifo="answers"), stream.Consumer(Picture, fifo="questions")) as duplex:
    for question in duplex:
        duplex.send(Note(text=str(question.width)))
"""
    server = child(program, cwd=os.environ["IPC_DIR"])
    with stream.Duplex(
        stream.Producer(Picture, fifo=path("questions")), stream.Consumer(Note, fifo=path("answers"))
    ) as duplex:
        for width in [0, 70_000, 8]:
            duplex.send(picture(width))
            assert duplex.recv().text == str(width)
        refused(ipc.Empty, duplex.try_recv)

        async def ask() -> str:
            duplex.send(picture(9))
            return (await anext(duplex)).text

        assert asyncio.run(ask()) == "9"
    assert server.wait() == 0
    refused(ipc.errors.Released, lambda: duplex.send(picture(1)))
    refused(ipc.errors.Released, duplex.recv)


def a_parent_and_its_child_are_joined_by_the_pipes_that_it_has_made() -> None:
    program = """
with stream.Producer(Note) as out:
    for frame in stream.Consumer(Picture):
        out.send(Note(text=str(frame.pixels.sum())))
"""
    with child(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        out, frames = stream.Producer(Picture, pipe=process.stdin), stream.Consumer(Note, pipe=process.stdout.fileno())
        for width in [1, 200_000]:
            out.send(picture(width, 2))
            assert frames.recv(60).text == str(2 * width)
        out.close()
        # Both were duplicated: the caller's are the caller's to close.
        process.stdin.close()
        assert list(frames) == []
        refused(ipc.Closed, frames.try_recv)
    assert process.returncode == 0
    with open(recorded([4, 5]), "rb") as file:
        assert [frame.stamp for frame in stream.Consumer(Picture, pipe=file)] == [4, 5]


def mistakes_are_named_with_what_was_expected() -> None:
    refused(TypeError, lambda: stream.Producer(Picture, fifo="a", file="b"), "one of fifo, pipe and file")
    refused(TypeError, lambda: stream.Consumer(Picture, fifo="a", follow=True), "only a file is followed")
    refused(TypeError, lambda: stream.Producer("Picture", file=path()), "expected a class of frames first")
    refused(TypeError, lambda: stream.Producer(Picture, path()))
    refused(TypeError, lambda: stream.Producer(Picture, fifo=3))
    refused(AttributeError, lambda: stream.Producer(Picture, pipe="out"), "fileno")
    refused(OSError, lambda: stream.Producer(Picture, pipe=999), "Bad file descriptor")
    refused(ValueError, lambda: stream.Producer(Picture, file=b"\xff".decode(errors="surrogateescape")), "UTF-8")
    refused(ipc.errors.OsError, lambda: stream.Consumer(Picture, file=path("none")), "open the file")
    out = stream.Producer(Picture, file=path())
    refused(ipc.errors.FrameError, lambda: out.send(Note(text="a")), "expected a value of type Picture, found Note")
    refused(ipc.errors.FrameError, lambda: out.send({"width": 1}), "member stamp: a value is missing")
    refused(ValueError, lambda: out.send(picture(1), -1), "a timeout in seconds, at least 0, or None, found -1")
    with open(path("note"), "w") as note:
        note.write("remember the milk, and what comes after it, and then some")
    note = "carries something that is no frame: expected a block, found"
    refused(ipc.errors.NotAStream, lambda: stream.Producer(Picture, file=path("note")), note)
    refused(
        ipc.errors.NotAStream, stream.Consumer(Picture, file=path("note")).recv, note, "end the program that wrote it"
    )
    refused(ipc.errors.ChannelError, lambda: stream.Producer(Picture, fifo=path("note")), "is no named pipe")


if __name__ == "__main__":
    show(globals())
