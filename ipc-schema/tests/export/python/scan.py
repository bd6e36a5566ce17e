"""Classes of frames, written by `ipc export --lang python`.

Do not edit: change the description, and export it again. This module and ipc_wire.py
stand in one package. A fixed class is the struct that stands in a frame. A variable
class is an owned value with a View to read a frame where it lies, and a Writer to write
one there. Arrays are numpy's, without a copy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from . import ipc_wire as wire

BEAMS = 4


class Mode(wire.Enum):
    """how it measures"""

    IDLE = 0
    FAST = 1


class Pose(wire.FixedClass):
    """where the sensor is"""

    __slots__ = ()

    class_name = "Pose"
    fingerprint = bytes.fromhex("c71703c03f867aa8dd0517f606b3ee2b")
    schema = """\
{"namespace":"robot","classes":[
{"className":"Pose","comment":"where the sensor is","members":[
{"name":"x","type":"float64","unit":"m"},
{"name":"y","type":"float64","unit":"m"},
{"name":"valid","type":"bool","default":true}
]}
]}
"""
    dtype = wire.layout(
        24,
        8,
        {
            "x": (0, "<f8"),
            "y": (8, "<f8"),
            "valid": (16, "?"),
        },
    )

    def __init__(
        self,
        x: float = 0.0,
        y: float = 0.0,
        valid: bool = True,
    ) -> None:
        """A new value."""
        self._fixed: wire.Record = wire.new(self.dtype)
        self.x = x
        self.y = y
        self.valid = valid

    @property
    def x(self) -> float:
        """Unit: m."""
        return float(self._fixed["x"])

    @x.setter
    def x(self, value: float) -> None:
        wire.put(
            self._fixed,
            "x",
            value,
            "Pose",
            "x",
        )

    @property
    def y(self) -> float:
        """Unit: m."""
        return float(self._fixed["y"])

    @y.setter
    def y(self, value: float) -> None:
        wire.put(
            self._fixed,
            "y",
            value,
            "Pose",
            "y",
        )

    @property
    def valid(self) -> bool:
        return bool(self._fixed["valid"])

    @valid.setter
    def valid(self, value: bool) -> None:
        wire.put(
            self._fixed,
            "valid",
            value,
            "Pose",
            "valid",
        )

    @staticmethod
    def tidy_all(records: wire.Record) -> None:
        """Makes all bytes of structs those that the wire rules ask of a writer."""
        wire.tidy_bools(records["valid"])
        wire.clear(records, 17, 24)

    class Reading(wire.Reading, Protocol):
        """One in a frame that the module `ipc` has received."""

        @property
        def x(self) -> float:
            """Unit: m."""
            raise NotImplementedError

        @property
        def y(self) -> float:
            """Unit: m."""
            raise NotImplementedError

        @property
        def valid(self) -> bool: ...

    class Received(Reading, wire.Received, Protocol):
        """A frame that the module `ipc` has received."""

    class Writing(wire.Writing, Protocol):
        """One in a frame that is written by the module `ipc`."""

        @property
        def x(self) -> float:
            """Unit: m."""
            raise NotImplementedError

        @x.setter
        def x(self, value: float) -> None: ...

        @property
        def y(self) -> float:
            """Unit: m."""
            raise NotImplementedError

        @y.setter
        def y(self, value: float) -> None: ...

        @property
        def valid(self) -> bool: ...

        @valid.setter
        def valid(self, value: bool) -> None: ...

    class Loaned(Writing, wire.Loaned, Protocol):
        """A frame that is written by the module `ipc`."""

    _ipc: wire.Typed[Pose, Pose.Received, Pose.Loaned]


class _ScanFixed:
    """The fixed part of a frame of Scan, but for what fixes its size."""

    _fixed: wire.Record
    dtype = wire.layout(
        56,
        8,
        {
            "stamp": (0, "<i8"),
            "n": (8, "<u2"),
            "mode": (10, "<u1"),
            "pose": (16, Pose.dtype),
            "labels": (40, "<u4"),
            "temperature": (44, "<f4"),
            wire.PRESENCE: (48, "<u1", (1,)),
        },
    )

    @property
    def stamp(self) -> int:
        """Unit: ns."""
        return int(self._fixed["stamp"])

    @stamp.setter
    def stamp(self, value: int) -> None:
        wire.put(
            self._fixed,
            "stamp",
            value,
            "Scan",
            "stamp",
        )

    @property
    def mode(self) -> Mode:
        return Mode(int(self._fixed["mode"]))

    @mode.setter
    def mode(self, value: int) -> None:
        wire.put(
            self._fixed,
            "mode",
            value,
            "Scan",
            "mode",
        )

    @property
    def pose(self) -> Pose:
        return Pose.over(self._fixed["pose"])

    @pose.setter
    def pose(self, value: Pose) -> None:
        wire.put(
            self._fixed,
            "pose",
            value,
            "Scan",
            "pose",
        )

    @property
    def temperature(self) -> float | None:
        if not wire.is_present(self._fixed, 0, 1):
            return None
        return float(self._fixed["temperature"])

    @temperature.setter
    def temperature(self, value: float | None) -> None:
        wire.put_optional(
            self._fixed,
            "temperature",
            value,
            "Scan",
            "temperature",
            0,
            1,
        )


class Scan(_ScanFixed):
    """one turn of the sensor"""

    class_name = "Scan"
    fingerprint = bytes.fromhex("3dedc9e1f13c19627a5713562d8d8fb2")
    schema = """\
{"namespace":"robot","enums":[
{"enumName":"Mode","comment":"how it measures","base":"uint8","values":{"Idle":0,"Fast":1}}
],"classes":[
{"className":"Pose","comment":"where the sensor is","members":[
{"name":"x","type":"float64","unit":"m"},
{"name":"y","type":"float64","unit":"m"},
{"name":"valid","type":"bool","default":true}
]},
{"className":"Scan","comment":"one turn of the sensor","members":[
{"name":"stamp","type":"int64","unit":"ns"},
{"name":"n","type":"uint16","comment":"ranges of each beam","max":4096},
{"name":"mode","type":"Mode","default":"Fast"},
{"name":"pose","type":"Pose"},
{"name":"ranges","type":"array","size":[4,"n"],"elem":{"type":"float32","unit":"m","min":0.0}},
{"name":"labels","type":"array","size":["n"],"elem":{"type":"string","max":20}},
{"name":"temperature","type":"float32","optional":true}
]}
]}
"""

    def __init__(
        self,
        stamp: int = 0,
        n: int = 0,
        mode: int = Mode.FAST,
        pose: Pose | None = None,
        ranges: wire.ArrayLike | None = None,
        labels: wire.ListOf[str] | None = None,
        temperature: float | None = None,
    ) -> None:
        """A new value."""
        self._fixed: wire.Record = wire.new(self.dtype)
        self.stamp = stamp
        self.n = n
        self.mode = mode
        if pose is None:
            pose = Pose()
        self.pose = pose
        self.temperature = temperature
        self.ranges: wire.Float32Array
        """Unit of each element: m.
        Size: 4 × n.
        Bounds: at least 0.0.
        """
        self.ranges = wire.array_of(ranges, 0, "<f4")
        self.labels: list[str]
        """Size: n.
        Bounds: at most 20 bytes.
        """
        self.labels = wire.list_of(labels, 0, str)

    @property
    def n(self) -> int:
        """ranges of each beam
        Bounds: at most 4096.
        """
        return int(self._fixed["n"])

    @n.setter
    def n(self, value: int) -> None:
        wire.put(
            self._fixed,
            "n",
            value,
            "Scan",
            "n",
        )

    def serialize(self) -> bytes:
        """The bytes of a frame.

        Raises if arrays disagree with dimensions, or a member is outside of its bounds.
        """
        dims = self.dims()
        frame = bytearray(self.frame_size(dims))
        self.serialize_into(frame, dims)
        return bytes(frame)

    def serialize_into(self, frame: wire.Buffer, dims: Scan.Dims) -> None:
        """The same, into a place of `frame_size(dims)` bytes."""
        writer = Scan.Writer(frame, dims, zero=False)
        self.fill(writer)
        writer.finish()

    @staticmethod
    def deserialize(frame: wire.Buffer) -> Scan:
        """The value of a frame's bytes."""
        return Scan.View(frame).copy()

    @staticmethod
    def frame_size(dims: Scan.Dims) -> int:
        """Bytes of a frame with these dimensions.

        Raises if that overflows, breaks a `max` or reaches 4 GiB.
        """
        builder = wire.Builder()
        Scan.build(dims, builder)
        return builder.position

    def dims(self) -> Scan.Dims:
        """What fixes the size of this value's frame.

        Raises if its arrays disagree with its dimensions.
        """
        m_n = self.n
        shape = Scan._shape_ranges(
            m_n,
        )
        operands = {
            "n": m_n,
        }
        wire.check_count(
            wire.Site("Scan", "ranges"),
            shape,
            wire.size_of(self.ranges),
            "4 × n",
            operands,
        )
        shape = Scan._shape_labels(
            m_n,
        )
        operands = {
            "n": m_n,
        }
        wire.check_count(
            wire.Site("Scan", "labels"),
            shape,
            len(self.labels),
            "n",
            operands,
        )
        m_labels_dims = wire.list_dims(
            wire.TEXT,
            self.labels,
            wire.Site("Scan", "labels"),
        )
        return Scan.Dims(
            n=m_n,
            labels=m_labels_dims,
        )

    @staticmethod
    def _shape_ranges(
        m_n: int,
    ) -> tuple[int, ...]:
        """Dimensions of `ranges`: 4 × n."""
        if m_n > 4096:
            site = wire.Site("Scan", "n")
            site.out_of_range(" up to 4096", m_n)
        try:
            d1_0 = wire.operand(m_n)
            return wire.shape(
                4,
                d1_0,
            )
        except wire.SizeError as error:
            operands = {
                "n": m_n,
            }
            raise error.at(
                "Scan",
                "ranges",
                "4 × n",
                operands,
            ) from None

    @staticmethod
    def _shape_labels(
        m_n: int,
    ) -> tuple[int, ...]:
        """Dimensions of `labels`: n."""
        if m_n > 4096:
            site = wire.Site("Scan", "n")
            site.out_of_range(" up to 4096", m_n)
        try:
            d0_0 = wire.operand(m_n)
            return wire.shape(
                d0_0,
            )
        except wire.SizeError as error:
            operands = {
                "n": m_n,
            }
            raise error.at(
                "Scan",
                "labels",
                "n",
                operands,
            ) from None

    @dataclass(kw_only=True)
    class Dims:
        """What fixes the size of a frame of Scan."""

        n: int
        """ranges of each beam
        Bounds: at most 4096.
        """

        labels: wire.ListOf[int]
        """Length of each element of `labels` in bytes."""

    class View(_ScanFixed):
        """A frame of Scan, read where it lies."""

        def __init__(self, frame: wire.Buffer) -> None:
            """Checks all that decides where something is."""
            reader = wire.Reader("Scan", frame)
            self._fixed = reader.fixed(Scan.dtype)
            m_n = int(self._fixed["n"])
            self._m_n = m_n
            shape = Scan._shape_ranges(
                m_n,
            )
            self._m_ranges = reader.array(
                "ranges",
                "<f4",
                shape,
            )
            shape = Scan._shape_labels(
                m_n,
            )
            self._m_labels = reader.list(
                "labels",
                wire.TEXT,
                int(self._fixed["labels"]),
                shape,
                20,
            )
            reader.finish()

        @property
        def n(self) -> int:
            """ranges of each beam
            Bounds: at most 4096.
            """
            return self._m_n

        @property
        def ranges(self) -> wire.Float32Array:
            """Unit of each element: m.
            Size: 4 × n.
            Bounds: at least 0.0.
            """
            return self._m_ranges

        @property
        def labels(self) -> wire.Elements[str, str]:
            """Size: n.
            Bounds: at most 20 bytes.
            """
            return self._m_labels

        def validate(self) -> None:
            """Checks `min` and `max` of every member."""
            site = wire.Site("Scan", "n")
            wire.check(
                self._m_n,
                site,
                " up to 4096",
                None,
                4096,
            )
            site = wire.Site("Scan", "ranges")
            wire.check(
                self._m_ranges,
                site,
                " from 0",
                0.0,
                None,
            )

        def copy(self) -> Scan:
            """A value of its own. Raises if a string is not UTF-8."""
            value = Scan.__new__(Scan)
            value._fixed = self._fixed.copy()
            value.n = self._m_n
            value.ranges = self._m_ranges.copy()
            value.labels = self._m_labels.copy()
            return value

    class Writer(_ScanFixed):
        """A frame of Scan, written where it lies.

        What fixes its size has no setter. `finish` is the last step.
        """

        def __init__(
            self,
            frame: wire.Buffer,
            dims: Scan.Dims | None = None,
            *,
            zero: bool = True,
        ) -> None:
            """Lays a frame out; without dimensions, it was laid out before.

            Regions are zeros, unless the caller opts out and writes them all.
            """
            self._frame = wire.bytes_of(frame)
            if dims is not None:
                Scan.build(dims, wire.Builder(self._frame, zero=zero))
            reader = wire.Reader("Scan", self._frame)
            self._fixed = reader.fixed(Scan.dtype)
            m_n = int(self._fixed["n"])
            self._m_n = m_n
            shape = Scan._shape_ranges(
                m_n,
            )
            self._m_ranges = reader.array(
                "ranges",
                "<f4",
                shape,
            )
            shape = Scan._shape_labels(
                m_n,
            )
            self._m_labels = reader.edit_list(
                "labels",
                wire.TEXT,
                int(self._fixed["labels"]),
                shape,
            )
            reader.finish()

        @property
        def n(self) -> int:
            """ranges of each beam
            Bounds: at most 4096.
            """
            return self._m_n

        @property
        def ranges(self) -> wire.Float32Array:
            """Unit of each element: m.
            Size: 4 × n.
            Bounds: at least 0.0.
            """
            return self._m_ranges

        @property
        def labels(self) -> wire.MutableElements[str, memoryview]:
            """Size: n.
            Bounds: at most 20 bytes.
            """
            return self._m_labels

        def finish(self) -> None:
            """The last step before the frame is sent.

            Zeros where the wire rules want them, then the checks of `min` and `max`.
            """
            self.tidy()
            Scan.View(self._frame).validate()

        def tidy(self) -> None:
            """Makes all bytes those that the wire rules ask of a writer."""
            Pose.tidy_all(self._fixed["pose"])

    # For other exported classes.

    @staticmethod
    def build(dims: Scan.Dims, builder: wire.Builder) -> None:
        """Lays a frame out."""
        body = wire.Body(builder, "Scan", Scan.dtype)
        m_n = dims.n
        shape = Scan._shape_ranges(
            m_n,
        )
        body.array(
            "ranges",
            "<f4",
            shape,
        )
        shape = Scan._shape_labels(
            m_n,
        )
        m_labels_len = body.list(
            "labels",
            wire.TEXT,
            shape,
            dims.labels,
            20,
        )
        fixed = body.fixed()
        if fixed is not None:
            wire.put(
                fixed,
                "n",
                m_n,
                "Scan",
                "n",
            )
            fixed["labels"] = m_labels_len

    def fill(self, frame: Scan.Writer) -> None:
        """Copies this value into a frame that has its dimensions."""
        frame._fixed["stamp"] = self._fixed["stamp"]
        frame._fixed["mode"] = self._fixed["mode"]
        frame._fixed["pose"] = self._fixed["pose"]
        wire.fill(frame._m_ranges, self.ranges)
        frame._m_labels.fill(self.labels)
        if wire.is_present(self._fixed, 0, 1):
            frame._fixed["temperature"] = self._fixed["temperature"]
            wire.set_present(frame._fixed, 0, 1, True)

    @staticmethod
    def kind() -> wire.Nested[
        Scan,
        Scan.View,
        Scan.Writer,
        Scan.Dims,
    ]:
        """What stands in a region of another class."""
        return wire.Nested(
            Scan,
            Scan.View,
            Scan.Writer,
            Scan.Dims,
        )

    class Reading(wire.Reading, Protocol):
        """One in a frame that the module `ipc` has received."""

        @property
        def stamp(self) -> int:
            """Unit: ns."""
            raise NotImplementedError

        @property
        def n(self) -> int:
            """ranges of each beam
            Bounds: at most 4096.
            """
            raise NotImplementedError

        @property
        def mode(self) -> int: ...

        @property
        def pose(self) -> Pose.Reading: ...

        @property
        def ranges(self) -> wire.Float32Array:
            """Unit of each element: m.
            Size: 4 × n.
            Bounds: at least 0.0.
            """
            raise NotImplementedError

        @property
        def labels(self) -> wire.Items[str]:
            """Size: n.
            Bounds: at most 20 bytes.
            """
            raise NotImplementedError

        @property
        def temperature(self) -> float | None: ...

    class Received(Reading, wire.Received, Protocol):
        """A frame that the module `ipc` has received."""

    class Writing(wire.Writing, Protocol):
        """One in a frame that is written by the module `ipc`."""

        @property
        def stamp(self) -> int:
            """Unit: ns."""
            raise NotImplementedError

        @stamp.setter
        def stamp(self, value: int) -> None: ...

        @property
        def n(self) -> int:
            """ranges of each beam
            Bounds: at most 4096.
            """
            raise NotImplementedError

        @property
        def mode(self) -> int: ...

        @mode.setter
        def mode(self, value: int) -> None: ...

        @property
        def pose(self) -> Pose.Writing: ...

        @pose.setter
        def pose(self, value: wire.Struct[Pose]) -> None: ...

        @property
        def ranges(self) -> wire.Float32Array:
            """Unit of each element: m.
            Size: 4 × n.
            Bounds: at least 0.0.
            """
            raise NotImplementedError

        @ranges.setter
        def ranges(self, value: wire.ArrayLike) -> None: ...

        @property
        def labels(self) -> wire.MutableItems[str, str]:
            """Size: n.
            Bounds: at most 20 bytes.
            """
            raise NotImplementedError

        @property
        def temperature(self) -> float | None: ...

        @temperature.setter
        def temperature(self, value: float | None) -> None: ...

    class Loaned(Writing, wire.Loaned, Protocol):
        """A frame that is written by the module `ipc`."""

    _ipc: wire.Typed[Scan, Scan.Received, Scan.Loaned]
