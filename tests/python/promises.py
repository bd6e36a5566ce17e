"""What the Python module promises by itself: `promises.py NAME` shows the promise of that name, without a name all are listed.

Rings stand in IPC_DIR, which is the test's own.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
import time

import numpy as np
from shown import address, mappings, refused, show

import ipc

SCHEMA = """[
 {"className": "Picture", "members": [
   {"name": "stamp", "type": "int64"},
   {"name": "width", "type": "uint32", "max": 4096}, {"name": "height", "type": "uint32"},
   {"name": "pixels", "type": "array", "size": ["height", "width"], "elem": {"type": "uint8"}}]},
 {"className": "Object", "members": [
   {"name": "label", "type": "string"}, {"name": "score", "type": "float", "min": 0, "max": 1}]},
 {"className": "Scene", "members": [
   {"name": "n", "type": "uint16"}, {"name": "place", "type": "string"},
   {"name": "remark", "type": "string", "optional": true},
   {"name": "release", "type": "bool"},
   {"name": "objects", "type": "array", "size": ["n"], "elem": {"type": "Object"}}]}]"""
Picture, Object, Scene = (ipc.from_schema(SCHEMA, name) for name in ("Picture", "Object", "Scene"))


def ends(of=Picture, **settings):
    """Both ends of a ring."""
    stated = {"capacity": 1 << 20, "reserve": ["reader"], **settings}
    return ipc.Producer(of, "ring", **stated), ipc.Consumer(of, "ring", "reader", **stated)


def picture(side: int, value: int = 7) -> ipc.FrameClass:
    return Picture(width=side, height=side, pixels=np.full((side, side), value, np.uint8))


def a_received_array_stands_in_the_ring_and_is_read_only() -> None:
    out, frames = ends()
    out.send(picture(200))
    frame = frames.recv()
    assert any(address(frame.pixels) in mapping for mapping in mappings())
    assert address(frame.pixels) == address(frame.pixels)
    assert frame.pixels.shape == (200, 200) and not frame.pixels.flags.writeable
    refused(ValueError, lambda: frame.pixels.fill(1), "read-only")
    refused(AttributeError, lambda: setattr(frame, "stamp", 1), "read-only")
    # Nor can it be made writable.
    refused(ValueError, lambda: frame.pixels.setflags(write=True))


def receiving_allocates_no_more_for_a_large_frame() -> None:
    import tracemalloc

    out, frames = ends(capacity=1 << 24)

    def allocated(side: int) -> int:
        out.send(picture(side))
        tracemalloc.start()
        frame = frames.recv()
        array = frame.pixels
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert array[-1, -1] == 7
        return peak

    allocated(1)
    assert abs(allocated(1) - allocated(2000)) < 1000


def a_frame_is_written_where_it_lies() -> None:
    out, frames = ends()
    with out.loan(width=20, height=10) as frame:
        pixels = frame.pixels
        assert any(address(pixels) in mapping for mapping in mappings())
        assert pixels.shape == (10, 20) and not pixels.any()
        pixels[3, 4] = 9
        frame.stamp = 5
        refused(AttributeError, lambda: setattr(frame, "width", 3), "width fixes the size of this frame")
    refused(ipc.errors.Released, lambda: frame.stamp)
    refused(ValueError, lambda: pixels.fill(1), "read-only")
    got = frames.recv()
    assert (got.stamp, got.pixels[3, 4], int(got.pixels.sum())) == (5, 9, 9)


def nothing_that_was_cut_from_an_array_can_write_a_published_frame() -> None:
    out, frames = ends()
    for cut in [
        lambda pixels: pixels[1:],
        lambda pixels: pixels.reshape(-1)[3:][::2],
        lambda pixels: next(iter(pixels)),
        lambda pixels: memoryview(pixels[0]),
        lambda pixels: np.asarray(pixels.T),
        lambda pixels: pixels.base,
    ]:
        frame = out.loan(width=4, height=4)
        cuts = [cut(frame.pixels), cut(frame.pixels)]
        refused(ipc.errors.FrameInUse, frame.publish, "Picture, member pixels", "views", "del view")
        refused(BufferError, frame.publish)
        # It is still to be written.
        frame.pixels[:] = 5
        del cuts
        frame.publish()
        assert frames.recv().pixels.sum() == 5 * 16
    # An array itself is read-only from then on, though somebody keeps it; and what was cut from it and is gone counts not.
    with out.loan(width=4, height=4) as frame:
        pixels = frame.pixels
        for row in pixels:
            row[:] = 1
        del row
        pixels[0][0] = 2
        for _ in range(1000):
            frame.pixels[0, 0] += 0
    refused(ValueError, lambda: pixels.fill(1), "read-only")
    refused(ValueError, lambda: pixels[0].fill(1), "read-only")


def nothing_that_was_cut_from_a_frame_given_up_can_write_the_next_one() -> None:
    out, frames = ends()
    row = None

    def give_up() -> None:
        nonlocal row
        with out.loan(width=4, height=4) as frame:
            row = frame.pixels[1]
            raise ZeroDivisionError

    refused(ZeroDivisionError, give_up)
    refused(ipc.errors.FrameInUse, lambda: out.send(picture(4)), "member pixels")
    refused(ipc.errors.FrameInUse, lambda: out.try_loan(width=1, height=1))
    row = None
    assert out.send(picture(4)) == 0 and frames.recv().sequence == 0


def an_exception_gives_a_frame_up() -> None:
    out, frames = ends()
    refused(ZeroDivisionError, lambda: give_up(out))
    refused(ipc.Empty, frames.try_recv)
    loan = out.loan(width=1, height=1)
    refused(ipc.errors.FrameOpen, lambda: out.send(picture(1)), "publish it or give it up")
    refused(ipc.errors.FrameOpen, lambda: out.loan(width=1, height=1))
    del loan
    assert out.send(picture(1)) == 0


def give_up(out: ipc.Producer) -> None:
    with out.loan(width=1, height=1):
        raise ZeroDivisionError


def a_frame_or_an_array_of_it_keeps_its_place() -> None:
    side = 500
    out, frames = ends()  # room for four such frames, and a batch of their headers
    held = []
    while True:
        try:
            out.try_send(picture(side, len(held)))
        except ipc.Full:
            break
        held.append(frames.recv())
    assert len(held) >= 3
    arrays = [frame.pixels for frame in held]
    for frame in held:
        frame.release()
        refused(ipc.errors.Released, lambda: frame.pixels, "released")  # noqa: B023 -- called at once
    refused(ipc.Full, lambda: out.try_send(picture(side)))
    assert [int(array[0, 0]) for array in arrays] == list(range(len(held)))
    # Both, for records of one length do not stand end to end around the ring.
    part = arrays[1][1:, 1:]
    del arrays[:2]
    refused(ipc.Full, lambda: out.try_send(picture(side)))
    del part
    out.try_send(picture(side))


def arrays_outlive_both_ends() -> None:
    out, frames = ends()
    with out.loan(width=8, height=8) as frame:
        written = frame.pixels
        written[:] = 3
    received = frames.recv().pixels
    frames.close()
    out.close()
    del out, frames, frame
    gc.collect()
    ipc.remove("ring")
    assert int(written.sum()) == int(received.sum()) == 3 * 64


def a_closed_producer_frees_its_place_though_an_array_of_it_lives() -> None:
    out = ipc.Producer(Picture, "ring")
    array = out.loan(width=8, height=8).pixels
    out.close()
    ipc.Producer(Picture, "ring").close()
    refused(ValueError, lambda: array.fill(1), "read-only")
    refused(ipc.errors.Released, lambda: out.send(picture(1)), "closed")


def a_batch_becomes_visible_at_its_end() -> None:
    out, frames = ends()
    with out.batch():
        for value in range(5):
            out.send(picture(1, value))
        refused(ipc.Empty, frames.try_recv)
    assert [int(frame.pixels[0, 0]) for frame in frames.recv_batch(100)] == [0, 1, 2, 3, 4]


def text_and_nested_classes_are_written_and_read() -> None:
    out, frames = ends(Scene)
    objects = [{"label": "cup", "score": 0.5}, Object(label="table", score=1)]
    value = Scene(n=2, place="kitchen", objects=objects)
    assert out.send(value) == 0
    with out.loan(n=2, place=3, remark="ok", objects=[{"label": 1}, {"label": "zz"}], release=True) as scene:
        scene.place = "bar"
        scene.objects[0].label = "x"
        scene.objects[1].score = 0.25
        refused(ipc.errors.FrameError, lambda: setattr(scene, "place", "barn"), "member place", "3 bytes", "4")
    one, two = frames.recv(), frames.recv()
    assert Scene(**one.to_dict()) == value and one.remark is None
    assert (two.place, two.remark, two["release"]) == ("bar", "ok", True)
    assert [(it.label, it.score) for it in two.objects] == [("x", 0.0), ("zz", 0.25)]
    # An exception's object is of one family, and names the member.
    bad = {"n": 2, "place": "", "release": False, "objects": [{"label": "", "score": 0}, {"label": "", "score": 2}]}
    refused(ipc.errors.FrameError, lambda: out.send(bad), "class Scene, member objects[1].score: expected a value")
    refused(ipc.errors.FrameError, lambda: out.send({"m": 1}), "no member 'm'")
    refused(ipc.errors.FrameError, lambda: out.send(picture(1)), "expected a value of type Scene, found Picture")
    # A received frame can be sent on.
    assert out.send(two) == 2 and frames.recv().to_dict() == two.to_dict()


def exported_values_are_sent_whatever_their_members_are_called() -> None:
    from words.words import Mark, Words

    out, frames = ends(Words)
    value = Words(n=2, from_=3, class_="c", none=4, marks=np.zeros(2, Mark.dtype))
    value.self_.gain = 7
    value.pair[1, ...]["x"] = 2.5
    Mark.over(value.marks[1, ...]).gain = 5
    out.send(value)
    got = frames.recv()
    assert got.raw.tobytes() == value.serialize()
    assert (got.from_, got.class_, got.none, got.self_.gain) == (3, "c", 4, 7)
    assert (got["from"], got["class"], got["None"], got["self"]["gain"]) == (3, "c", 4, 7)
    assert [mark.gain for mark in got.marks] == [None, 5] and got.pair[1].x == 2.5
    # By both spellings, where the frame lies and by a dict; and by the same class made at run time.
    with out.loan(n=2, class_=1, **{"from": 3}) as frame:
        frame.class_, frame["None"], frame.self_ = "c", 4, value.self_
        frame.marks[1].gain, frame.pair[1].x = 5, 2.5
    spelled = {"from": 3, "class": "c", "None": 4, "self": value.self_, "marks": value.marks, "pair": value.pair}
    out.send({"n": 2, **spelled})
    out.send(ipc.from_schema(Words.schema, "Words").deserialize(value.serialize()))
    assert [frame.raw.tobytes() for frame in frames.recv_batch(3)] == [value.serialize()] * 3


def mistakes_are_named_with_what_was_expected() -> None:
    out, frames = ends()
    refused(TypeError, lambda: ipc.Consumer("ring", Picture), "found <class", "the class comes first, then the name")
    refused(TypeError, lambda: ipc.Consumer("Picture", "ring"), "expected a class of frames first, found 'Picture'")
    refused(TypeError, lambda: ipc.Producer(Picture, "other", capcity=1), "no setting", "capcity", '"capacity"')
    refused(TypeError, lambda: ipc.Producer(Picture, "other", reserve="reader"), "a list of names, found 'reader'")
    refused(ValueError, lambda: ipc.Producer(Picture, "other", wait="slep"), "spin_then_sleep", "slep")
    # Another class of the same name is told by its members, an equal one is the same.
    twin = ipc.from_schema(SCHEMA, "Picture")
    out.send(twin(width=1, height=1, pixels=[[3]]))
    changed = ipc.from_schema(SCHEMA.replace('"int64"', '"double"'), "Picture")
    differences = "Picture.stamp: type: expected int64 at offset 0, found float64 at offset 0"
    refused(ipc.errors.FrameError, lambda: out.send(changed()), differences, Picture.fingerprint.hex())
    like = type("Picture", (), {})
    refused(ipc.errors.FrameError, lambda: out.send(like()), "found one of __main__.Picture, which is no class of frames")
    wrong = [
        ({"width": 2, "height": 1, "pixels": [[1]]}, "member pixels: expected 2 elements", "width = 2"),
        ({"width": 1, "height": 1, "pixels": [[1.5]]}, "member pixels: expected an array of uint8, found one of float64"),
        ({"width": 2, "height": 1, "pixels": np.zeros((2, 1), np.uint8)}, "pixels: expected", "shape [1, 2]", "[2, 1]"),
        ({"width": 1, "height": 1, "pixels": [[256]]}, "member pixels", "256"),
        ({"width": "1", "height": 1, "pixels": [[1]]}, "member width: expected a value of type uint32, found str"),
        ({"width": 1, "height": 1}, "member pixels: a value is missing"),
    ]
    for members, *words in wrong:
        refused(ipc.errors.FrameError, lambda: out.send({"stamp": 0, **members}), *words)  # noqa: B023 -- called at once
    refused(ipc.errors.FrameError, lambda: out.loan(width=1), "member height: a value is missing")
    refused(ipc.errors.FrameError, lambda: out.loan(size=1), "no member 'size': expected one of")
    refused(ValueError, lambda: frames.recv(-1), "a timeout in seconds, at least 0, or None, found -1")
    refused(ValueError, lambda: ipc.MmapIPCChannel("blocks").open("w"), "'create', 'write' or 'read', found 'w'")
    # Numbers in a list are what they are, whatever type numpy takes for them.
    out.send({"stamp": 0, "width": 3, "height": 1, "pixels": [1.0, True, 255]})
    # A path may be one of pathlib's.
    assert ipc.Observer(Picture, out.path).latest().sequence == 1
    del frames


def a_ring_of_any_class_is_read_without_a_description() -> None:
    out, frames = ends(Scene, publish_time=True)
    out.send(Scene(place="hall"))
    anything = ipc.ring_class("ring")
    assert (anything.class_name, anything.fingerprint) == ("Scene", Scene.fingerprint)
    seen = ipc.Observer(anything, "ring").recv()
    assert seen.place == "hall" and seen.publish_time_ns <= time.clock_gettime_ns(time.CLOCK_MONOTONIC)
    del frames


def dropped_frames_and_skipped_ones_are_counted() -> None:
    out, frames = ends()
    observer = ipc.Observer(Picture, "ring")
    for value in range(4):
        out.send(picture(1, value))
    out.drop_frame()
    out.send(picture(1, 5))
    assert (out.dropped, out.next_sequence) == (1, 6)
    assert observer.latest().sequence == 5 and observer.skipped >= 1
    assert frames.skip_to_latest() == 4
    assert (frames.recv().sequence, frames.missed) == (5, 1)


def an_exception_leaves_the_stream_open_and_the_end_of_a_with_ends_it() -> None:
    def fail() -> None:
        with ends()[0]:
            raise ZeroDivisionError

    refused(ZeroDivisionError, fail)
    out, frames = ends()
    del out
    gc.collect()
    assert frames.producer_state == "gone"
    with ipc.Producer(Picture, "ring", existing=True):
        pass
    assert frames.producer_state == "closed" and list(frames) == []


def a_forked_child_cannot_use_what_it_inherits() -> None:
    out, frames = ends()
    out.send(picture(1))
    held = frames.recv()
    child = os.fork()
    if child == 0:
        try:
            refused(ipc.errors.Forked, lambda: out.send(picture(1)))
            refused(ipc.errors.Forked, frames.try_recv)
            held.release()
            os._exit(0)
        except BaseException as error:
            print(error, file=sys.stderr)
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert int(held.pixels[0, 0]) == 7 and out.send(picture(1)) == 1


def a_killed_reader_is_followed_by_another_one() -> None:
    out, frames = ends()
    frames.close()
    del frames
    for value in range(3):
        out.send(picture(1, value))
    program = f"import ipc\nof = ipc.from_schema({SCHEMA!r}, 'Picture')\nframes = ipc.Consumer(of, 'ring', 'reader')\n"
    program += "frames.recv().release()\nheld = frames.recv()\nprint('held', flush=True)\ninput()\n"
    child = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdout.readline() == b"held\n"
    refused(ipc.errors.SlotTaken, lambda: ipc.Consumer(Picture, "ring", "reader"), str(child.pid))
    child.kill()
    child.wait()
    # What was held and not given back comes again.
    assert [int(frame.pixels[0, 0]) for frame in ipc.Consumer(Picture, "ring", "reader").recv_batch(9)] == [1, 2]


def the_papers_channel_carries_blocks_of_bytes() -> None:
    writer, reader = ipc.MmapIPCChannel("blocks", 4096), ipc.MmapIPCChannel("blocks", 4096)
    refused(ipc.errors.Released, lambda: writer.write(b"x"))
    writer.open("create")
    reader.open("read")
    refused(ipc.BufferEmpty, reader.read)
    assert (writer.used_space(), writer.free_space()) == (0, 4096)
    writer.write(b"one")
    writer.write(bytearray(b"two"))
    used = writer.used_space()
    assert used == reader.used_space() > 6 and reader.free_space() == 4096 - used
    assert reader.read() == b"one"
    view = reader.view()
    assert view == b"two" and view.readonly and reader.view() == b"two"
    del view
    reader.advance()
    assert reader.used_space() == 0
    refused(ipc.BufferFull, lambda: [writer.write(bytes(500)) for _ in range(20)])
    late = threading.Timer(0.05, reader.read)
    late.start()
    writer.write(bytes(500), wait=True)
    late.join()
    late = threading.Timer(0.05, lambda: writer.write(b"late", wait=True))
    while reader.used_space():
        reader.read()
    late.start()
    assert reader.read(wait=True) == b"late"
    late.join()
    writer.write(b"last")
    assert bytes(reader.view(wait=True)) == b"last"
    writer.close()
    reader.advance()
    refused(ipc.Closed, reader.read)
    writer.open("write")
    writer.close()
    reader.close()


if __name__ == "__main__":
    show(globals())
