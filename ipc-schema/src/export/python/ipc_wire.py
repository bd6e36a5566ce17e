"""What exported Python classes stand on: errors, sizes, walks over a frame's bytes.

Written by `ipc export --lang python`; the same for every schema. Python 3.10, numpy 2.
"""

from __future__ import annotations

import enum
import math
import struct
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Generic,
    NoReturn,
    Protocol,
    TypeAlias,
    TypeVar,
)

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    # Of type checkers alone: nothing has to be installed for it.
    import typing_extensions
    from typing_extensions import Self

    Buffer: TypeAlias = typing_extensions.Buffer

Record: TypeAlias = npt.NDArray[Any]
"""A struct in memory: an array of no dimension, `array[3, ...]` of an array of structs."""

ArrayLike: TypeAlias = npt.ArrayLike
BoolArray: TypeAlias = npt.NDArray[np.bool_]
Int8Array: TypeAlias = npt.NDArray[np.int8]
Int16Array: TypeAlias = npt.NDArray[np.int16]
Int32Array: TypeAlias = npt.NDArray[np.int32]
Int64Array: TypeAlias = npt.NDArray[np.int64]
Uint8Array: TypeAlias = npt.NDArray[np.uint8]
Uint16Array: TypeAlias = npt.NDArray[np.uint16]
Uint32Array: TypeAlias = npt.NDArray[np.uint32]
Uint64Array: TypeAlias = npt.NDArray[np.uint64]
Float32Array: TypeAlias = npt.NDArray[np.float32]
Float64Array: TypeAlias = npt.NDArray[np.float64]
StructArray: TypeAlias = npt.NDArray[np.void]
Layout: TypeAlias = np.dtype[np.void]

PRESENCE = "_presence"
"""The hidden field that says which optional members are there."""

FRAME_LIMIT = 1 << 32
NO_MAX = (1 << 64) - 1
TOO_LONG = "a frame is shorter than 4 GiB, and this one is not"


class FrameError(ValueError):
    """Bytes that are no frame of a class, or a value that its class refuses."""

    def __init__(self, class_name: str, path: str, problem: str) -> None:
        self.class_name = class_name
        # Where it is: `points[3].x`; empty for the frame as a whole.
        self.path = path
        self.problem = problem

    def __str__(self) -> str:
        member = f", member {self.path}" if self.path else ""
        return f"class {self.class_name}{member}: {self.problem}"


class SizeError(Exception):
    """A size has no value."""

    def at(
        self,
        class_name: str,
        member: str,
        size: str,
        operands: Mapping[str, int],
    ) -> FrameError:
        """The error of the array that has this size."""
        problem = f"its size is {size_text(size, operands)}: {self}"
        return FrameError(class_name, member, problem)


class Enum(enum.IntEnum):
    """Numbers with names. Other numbers are kept, as members that have no name."""

    @classmethod
    def _missing_(cls, value: object) -> Enum | None:
        if not isinstance(value, int):
            return None
        member = int.__new__(cls, value)
        member._name_ = str(value)
        member._value_ = value
        return member


def align_up(at: int, align: int) -> int:
    """The next multiple of `align` at or after `at`."""
    return (at + align - 1) // align * align


def bytes_of(frame: Buffer) -> memoryview:
    """The bytes of a frame, where they are."""
    return memoryview(frame).cast("B")


# Numbers as the errors of every language write them.


def to_text(value: float) -> str:
    """In decimal, without an exponent, with no more digits than tell it apart."""
    if isinstance(value, int):
        return str(int(value))
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "-inf" if value < 0 else "inf"
    return f"{Decimal(repr(value)):f}".removesuffix(".0")


@dataclass(frozen=True)
class Site:
    """Which member of which class a check is about, or which element of it."""

    class_name: str
    member: str = ""
    element: int | None = None

    def at(self, index: int) -> Site:
        """The same for an element."""
        return Site(self.class_name, self.member, index)

    def place(self) -> str:
        """The member, and the element's index."""
        return self.member + ("" if self.element is None else f"[{self.element}]")

    def fail(self, problem: str) -> NoReturn:
        """Raises the error."""
        raise FrameError(self.class_name, self.place(), problem)

    def out_of_range(self, bounds: str, found: float) -> NoReturn:
        """`bounds` is ` from 0 up to 7`."""
        self.fail(f"expected a value{bounds}, found {to_text(found)}")

    def check_len(self, len_bytes: int, max_bytes: int) -> None:
        """Checks the `max` of a string or bytes."""
        if len_bytes > max_bytes:
            problem = f"expected at most {max_bytes} bytes (its max), found {len_bytes}"
            self.fail(problem)

    @contextmanager
    def inside(self) -> Iterator[None]:
        """What is wrong inside of the member is wrong in its class."""
        try:
            yield
        except FrameError as error:
            error.class_name = self.class_name
            error.path = self.place() + ("." + error.path if error.path else "")
            raise


def check(
    values: npt.ArrayLike,
    site: Site,
    bounds: str,
    least: float | None,
    greatest: float | None,
) -> None:
    """Checks the bounds of a value, or of each element."""
    found = np.asarray(values)
    good = np.ones(found.shape, np.bool_)
    if least is not None:
        good &= found >= least
    if greatest is not None:
        good &= found <= greatest
    if not good.all():
        index = int(np.argmin(good))
        site = site.at(index) if found.ndim else site
        site.out_of_range(bounds, found.flat[index].item())


def check_structs(of: type[FixedClass], values: Record, site: Site) -> None:
    """Checks the bounds inside of a struct, or of each."""
    for index, place in enumerate(np.ndindex(values.shape)):
        with (site.at(index) if values.ndim else site).inside():
            of.over(values[place + (...,)]).validate()


# Sizes: unsigned 64-bit arithmetic, checked at every step.


def size_text(size: str, operands: Mapping[str, int]) -> str:
    """`n*n with n = 3`."""
    values = ", ".join(f"{name} = {value}" for name, value in operands.items())
    return f"{size} with {values}" if values else size


def no_size(why: str) -> NoReturn:
    """Raises the error of an expression."""
    raise SizeError(f"a size expression: {why}")


def operand(value: int) -> int:
    """A member that a size names."""
    if value < 0:
        no_size(f"{value} is negative, and sizes are unsigned")
    return value


def in_64_bits(value: int, left: int, symbol: str, right: int) -> int:
    """A result, if it fits."""
    if value > NO_MAX:
        no_size(f"{left} {symbol} {right} overflows 64 bits")
    return value


def add(left: int, right: int) -> int:
    """`left + right`."""
    return in_64_bits(left + right, left, "+", right)


def subtract(left: int, right: int) -> int:
    """`left - right`."""
    if left < right:
        no_size(f"{left} - {right} is below zero, and sizes are unsigned")
    return left - right


def multiply(left: int, right: int) -> int:
    """`left * right`."""
    return in_64_bits(left * right, left, "*", right)


def divide(left: int, right: int) -> int:
    """`left / right`."""
    if right == 0:
        no_size(f"{left} is divided by zero")
    return left // right


def remainder(left: int, right: int) -> int:
    """`left % right`."""
    if right == 0:
        no_size(f"{left} is divided by zero")
    return left % right


def minimum(left: int, right: int) -> int:
    """The lesser."""
    return min(left, right)


def maximum(left: int, right: int) -> int:
    """The greater."""
    return max(left, right)


def shape(*dims: int) -> tuple[int, ...]:
    """The dimensions of an array.

    Their product is taken from left to right: an overflow before a zero is an error.
    """
    count = 1
    for dim in dims:
        count *= dim
        if count > NO_MAX:
            raise SizeError("the number of elements overflows 64 bits")
    return dims


def check_count(
    site: Site,
    dims: tuple[int, ...],
    found: int,
    size: str,
    operands: Mapping[str, int],
) -> None:
    """Checks that an array has as many elements as its dimensions say."""
    expected = math.prod(dims)
    if found != expected:
        why = f", because its size is {size_text(size, operands)}" if operands else ""
        site.fail(f"expected {expected} elements{why}, found {found}")


# Values in a frame.


def array_of(
    values: npt.ArrayLike | None, count: int, dtype: npt.DTypeLike
) -> npt.NDArray[Any]:
    """An array of its own; without values, one of `count` zeros."""
    return np.zeros(count, dtype) if values is None else np.array(values, dtype)


def layout(size: int, align: int, fields: Mapping[str, tuple[Any, ...]]) -> Layout:
    """The dtype of a struct whose fields have an offset, a format and dimensions.

    numpy refuses offsets that are not aligned, and the rest is compared here.
    """
    dtype = np.dtype(
        {
            "names": list(fields),
            "formats": [
                field[1:] if field[2:] else field[1] for field in fields.values()
            ],
            "offsets": [field[0] for field in fields.values()],
            "itemsize": size,
        },
        align=True,
    )
    if (dtype.itemsize, dtype.alignment) != (size, align):
        problem = f"expected {size} bytes aligned to {align}, found {dtype!r}"
        raise AssertionError(problem)
    return dtype


def new(dtype: Layout) -> Record:
    """A struct of zeros in memory of its own."""
    return np.zeros((), dtype)


def structs_of(
    values: ArrayLike | None, count: int, of: type[FixedClass]
) -> StructArray:
    """An array of its own; without values, one of `count` new structs."""
    new_ones = np.full(count, of().record(), of.dtype)
    return new_ones if values is None else np.array(values, of.dtype)


def list_of(
    values: ListOf[Each] | None,
    count: int,
    default: type[Each],
) -> list[Each]:
    """A list of its own; without values, one of `count` new ones."""
    return [default() for _ in range(count)] if values is None else list(values)


def size_of(values: ArrayLike) -> int:
    """How many elements an array has."""
    return int(np.size(values))


def fill(place: npt.NDArray[Any], values: ArrayLike) -> None:
    """Copies elements into their region."""
    place[...] = np.asarray(values, place.dtype).reshape(place.shape)


def record_at(frame: memoryview, dtype: Layout, offset: int = 0) -> Record:
    """The struct that stands there."""
    return np.frombuffer(frame, dtype, 1, offset).reshape(())


def raw_bytes(records: Record) -> npt.NDArray[np.uint8]:
    """The bytes of structs, in one more dimension."""
    return records[..., np.newaxis].view(np.uint8)


def is_present(record: Record, byte: int, mask: int) -> bool:
    """Whether an optional member is there."""
    return bool(record[PRESENCE][byte] & mask)


def set_present(record: Record, byte: int, mask: int, present: bool) -> None:
    """Notes whether an optional member is there."""
    if present:
        record[PRESENCE][byte] |= mask
    else:
        record[PRESENCE][byte] &= ~mask & 0xFF


def put(
    record: Record,
    name: str,
    value: ArrayLike | FixedClass,
    class_name: str,
    member: str,
) -> None:
    """Writes a value into the fixed part."""
    place = record[name]
    new = value.record() if isinstance(value, FixedClass) else value
    if place.ndim and np.ndim(new) and np.size(new) != place.size:
        problem = f"expected {place.size} elements, found {np.size(new)}"
        raise FrameError(class_name, member, problem)
    try:
        place[...] = new
    except OverflowError:
        limits = np.iinfo(place.dtype)
        bounds = f" from {limits.min} up to {limits.max}"
        for index, found in enumerate(np.ravel(np.asarray(new, np.object_))):
            if not limits.min <= found <= limits.max:
                element = index if place.ndim else None
                Site(class_name, member, element).out_of_range(bounds, found)
        raise


def put_optional(
    record: Record,
    name: str,
    value: ArrayLike | FixedClass | None,
    class_name: str,
    member: str,
    byte: int,
    mask: int,
) -> None:
    """Writes an optional value, or zeros and that it is absent."""
    if value is None:
        record[name] = 0
    else:
        put(record, name, value, class_name, member)
    set_present(record, byte, mask, value is not None)


def clear(records: Record, start: int, end: int) -> None:
    """Zeros in place of bytes of each struct."""
    raw_bytes(records)[..., start:end] = 0


def clear_if_absent(
    records: Record,
    start: int,
    end: int,
    byte: int,
    mask: int,
) -> None:
    """Zeros in place of an optional member of each struct that does not have it."""
    part = raw_bytes(records)[..., start:end]
    part *= ((records[PRESENCE][..., byte] & mask) != 0)[..., np.newaxis]


def tidy_bools(values: npt.NDArray[Any]) -> None:
    """Bools to 0 or 1."""
    places = values.view(np.uint8)
    places[...] = places != 0


def check_utf8(text: memoryview, site: Site) -> str:
    """Text, if it is some."""
    try:
        return str(text, "utf-8")
    except UnicodeDecodeError as error:
        start = error.start
    return site.fail(f"expected UTF-8, found an invalid sequence at byte {start}")


Each = TypeVar("Each")
ListOf: TypeAlias = Sequence[Each]

Owned = TypeVar("Owned")
Raw = TypeVar("Raw")
Item = TypeVar("Item")
Written = TypeVar("Written")
Dims = TypeVar("Dims")


class Kind(Generic[Owned, Raw, Item, Written, Dims]):
    """What may fill a region by itself, or stand in an array of variable elements."""

    align: ClassVar[int]

    def raw(self, frame: memoryview, site: Site, max_bytes: int) -> Raw:
        """What was checked but for its text."""
        raise NotImplementedError

    def item(self, raw: Raw, site: Site) -> Item:
        """What a reader gets."""
        raise NotImplementedError

    def edit(self, frame: memoryview) -> Written:
        """What a writer gets."""
        raise NotImplementedError

    def build(self, dims: Dims, builder: Builder, site: Site, max_bytes: int) -> None:
        """Lays it out."""
        raise NotImplementedError

    def dims(self, value: Owned, site: Site) -> Dims:
        """What fixes the size of a value."""
        raise NotImplementedError

    def fill(self, value: Owned, place: Written, site: Site) -> None:
        """Copies a value into its place."""
        raise NotImplementedError

    def copy(self, raw: Raw, site: Site) -> Owned:
        """A value of its own."""
        raise NotImplementedError

    def validate(self, raw: Raw, site: Site) -> None:
        """Checks `min` and `max` inside."""

    def tidy(self, place: Written) -> None:
        """Makes all bytes those that the wire rules ask of a writer."""


class Blob(Kind[bytes, memoryview, memoryview, memoryview, int]):
    """Bytes."""

    align = 1

    def raw(self, frame: memoryview, site: Site, max_bytes: int) -> memoryview:
        site.check_len(len(frame), max_bytes)
        return frame

    def item(self, raw: memoryview, site: Site) -> memoryview:
        return raw

    def edit(self, frame: memoryview) -> memoryview:
        return frame

    def build(self, dims: int, builder: Builder, site: Site, max_bytes: int) -> None:
        site.check_len(dims, max_bytes)
        builder.region(dims, site)

    def dims(self, value: bytes, site: Site) -> int:
        return len(value)

    def fill(self, value: bytes, place: memoryview, site: Site) -> None:
        place[:] = value

    def copy(self, raw: memoryview, site: Site) -> bytes:
        return bytes(raw)


class Text(Kind[str, memoryview, str, memoryview, int]):
    """A string."""

    align = 1

    def raw(self, frame: memoryview, site: Site, max_bytes: int) -> memoryview:
        return BLOB.raw(frame, site, max_bytes)

    def item(self, raw: memoryview, site: Site) -> str:
        return check_utf8(raw, site)

    def edit(self, frame: memoryview) -> memoryview:
        return frame

    def build(self, dims: int, builder: Builder, site: Site, max_bytes: int) -> None:
        BLOB.build(dims, builder, site, max_bytes)

    def dims(self, value: str, site: Site) -> int:
        return len(value.encode("utf-8", "surrogatepass"))

    def fill(self, value: str, place: memoryview, site: Site) -> None:
        text = value.encode("utf-8", "surrogatepass")
        check_utf8(memoryview(text), site)
        place[:] = text

    def copy(self, raw: memoryview, site: Site) -> str:
        return check_utf8(raw, site)


class Nested(Kind[Owned, Item, Item, Written, Dims]):
    """A variable class."""

    align = 8

    def __init__(
        self,
        owned: type[Owned],
        view: type[Item],
        writer: type[Written],
        dims: type[Dims],
    ) -> None:
        self._owned: Any = owned
        self._view: Any = view
        self._writer: Any = writer

    def raw(self, frame: memoryview, site: Site, max_bytes: int) -> Item:
        with site.inside():
            view: Item = self._view(frame)
            return view

    def item(self, raw: Item, site: Site) -> Item:
        return raw

    def edit(self, frame: memoryview) -> Written:
        writer: Written = self._writer(frame)
        return writer

    def build(self, dims: Dims, builder: Builder, site: Site, max_bytes: int) -> None:
        with site.inside():
            self._owned.build(dims, builder)

    def dims(self, value: Owned, site: Site) -> Dims:
        with site.inside():
            dims: Dims = self._owned.dims(value)
            return dims

    def fill(self, value: Owned, place: Written, site: Site) -> None:
        with site.inside():
            self._owned.fill(value, place)

    def copy(self, raw: Item, site: Site) -> Owned:
        with site.inside():
            value: Owned = self._view.copy(raw)
            return value

    def validate(self, raw: Item, site: Site) -> None:
        with site.inside():
            self._view.validate(raw)

    def tidy(self, place: Written) -> None:
        self._writer.tidy(place)


BLOB = Blob()
TEXT = Text()


class Table:
    """Where elements of variable size stand: a table of ends, then the bodies."""

    def __init__(self, region: memoryview, count: int, align: int, site: Site) -> None:
        self._region = region
        self._count = count
        self._align = align
        self._site = site
        self._first = align_up(4 * count, 8)

    def check(self) -> None:
        """Checks all of it."""
        if self._count == 0:
            if len(self._region) != 0:
                found = f"has a region of {len(self._region)} bytes"
                self._site.fail(f"an array without elements {found}")
            return
        if self._first >= FRAME_LIMIT:
            self._site.fail(TOO_LONG)
        if self._first > len(self._region):
            past_end(self._site, self._first, len(self._region))
        end = 0
        for index in range(self._count):
            end = self._check_end(index, align_up(end, self._align))
        end += self._first
        if end != len(self._region):
            self._site.fail(other_end(end, len(self._region)))

    def body(self, index: int) -> memoryview:
        """An element, checked by itself: another process may have changed the table."""
        if not 0 <= index < self._count:
            problem = f"expected an index below {self._count}, found {index}"
            error = FrameError(self._site.class_name, self._site.place(), problem)
            raise IndexError(str(error))
        if self._first > len(self._region):
            past_end(self._site, self._first, len(self._region))
        before = 0 if index == 0 else self._end_of(index - 1)
        start = align_up(before, self._align)
        end = self._check_end(index, start)
        return self._region[self._first + start : self._first + end]

    def _end_of(self, index: int) -> int:
        return int.from_bytes(self._region[4 * index : 4 * index + 4], "little")

    def _check_end(self, index: int, start: int) -> int:
        end = self._end_of(index)
        if end < start:
            found = f"end {index} of an array of variable elements is {end}"
            self._site.fail(f"{found}, before its start {start}")
        if self._first + end >= FRAME_LIMIT:
            self._site.fail(TOO_LONG)
        if self._first + end > len(self._region):
            past_end(self._site, self._first + end, len(self._region))
        return end


def past_end(site: Site, end: int, len_bytes: int) -> NoReturn:
    """A region is longer than what is there."""
    site.fail(f"a region ends at byte {end} of only {len_bytes} bytes")


def other_end(end: int, len_bytes: int) -> str:
    """A body is longer or shorter than its regions."""
    return f"the last region ends at byte {end}, but there are {len_bytes} bytes"


class Elements(Generic[Owned, Item]):
    """An array of texts, blobs or variable classes in a frame that is read."""

    def __init__(
        self,
        kind: Kind[Owned, Any, Item, Any, Any],
        region: memoryview,
        count: int,
        site: Site,
        max_bytes: int,
    ) -> None:
        self._kind = kind
        self._count = count
        self._site = site
        self._max_bytes = max_bytes
        self._table = Table(region, count, kind.align, site)

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> Item:
        return self._kind.item(self._raw(index), self._site.at(index))

    def __iter__(self) -> Iterator[Item]:
        return (self[index] for index in range(self._count))

    def _raw(self, index: int) -> Any:
        body = self._table.body(index)
        return self._kind.raw(body, self._site.at(index), self._max_bytes)

    # For exported classes.

    def check(self) -> None:
        """Checks every element."""
        self._table.check()
        for index in range(self._count):
            self._raw(index)

    def copy(self) -> list[Owned]:
        """Values of their own."""
        return [
            self._kind.copy(self._raw(index), self._site.at(index))
            for index in range(self._count)
        ]

    def validate(self) -> None:
        """Checks `min` and `max` inside."""
        for index in range(self._count):
            self._kind.validate(self._raw(index), self._site.at(index))


class MutableElements(Generic[Owned, Written]):
    """The same in a frame that is written."""

    def __init__(
        self,
        kind: Kind[Owned, Any, Any, Written, Any],
        region: memoryview,
        count: int,
        site: Site,
    ) -> None:
        self._kind = kind
        self._count = count
        self._site = site
        self._table = Table(region, count, kind.align, site)

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> Written:
        return self._kind.edit(self._table.body(index))

    def __iter__(self) -> Iterator[Written]:
        return (self[index] for index in range(self._count))

    # For exported classes.

    def fill(self, values: Sequence[Owned]) -> None:
        """Copies values into their places."""
        for index, value in enumerate(values):
            self._kind.fill(value, self[index], self._site.at(index))

    def tidy(self) -> None:
        """Makes all bytes those that the wire rules ask of a writer."""
        for element in self:
            self._kind.tidy(element)


def list_dims(
    kind: Kind[Owned, Raw, Item, Written, Dims],
    values: Sequence[Owned],
    site: Site,
) -> list[Dims]:
    """Dimensions of all elements."""
    return [kind.dims(value, site.at(index)) for index, value in enumerate(values)]


class Builder:
    """Lays a frame out from its dimensions: to learn its size, or to write it."""

    def __init__(self, frame: memoryview | None = None, *, zero: bool = False) -> None:
        self.frame = frame
        self.position = 0
        room = FRAME_LIMIT - 1
        self._room = room if frame is None else min(len(frame), room)
        self._zero = zero

    def advance(self, len_bytes: int, site: Site, *, zero: bool) -> None:
        """Takes bytes."""
        start = self.position
        end = start + len_bytes
        if end >= FRAME_LIMIT:
            site.fail(TOO_LONG)
        if end > self._room:
            problem = f"expected at least {end} bytes of room, found {self._room}"
            site.fail(problem)
        self.position = end
        if zero and self.frame is not None and len_bytes > 0:
            self.frame[start:end] = bytes(len_bytes)

    def region(self, len_bytes: int, site: Site) -> None:
        """Takes bytes that the caller writes."""
        self.advance(len_bytes, site, zero=self._zero)

    def pad(self, site: Site) -> None:
        """Zeros up to the next multiple of 8."""
        padding = align_up(self.position, 8) - self.position
        self.advance(padding, site, zero=True)


class Body:
    """The body of one class: the fixed part, then its regions."""

    def __init__(self, builder: Builder, class_name: str, dtype: Layout) -> None:
        self._builder = builder
        self._class_name = class_name
        self._dtype = dtype
        self._start = builder.position
        builder.advance(dtype.itemsize, Site(class_name), zero=True)

    def array(self, member: str, dtype: npt.DTypeLike, dims: tuple[int, ...]) -> None:
        """The region of fixed elements."""
        site = Site(self._class_name, member)
        self._builder.pad(site)
        self._builder.region(math.prod(dims) * np.dtype(dtype).itemsize, site)

    def one(
        self,
        member: str,
        kind: Kind[Owned, Raw, Item, Written, Dims],
        dims: Dims,
        max_bytes: int = NO_MAX,
    ) -> int:
        """The region of one variable thing; its length."""
        site = Site(self._class_name, member)
        self._builder.pad(site)
        start = self._builder.position
        kind.build(dims, self._builder, site, max_bytes)
        return self._builder.position - start

    def list(
        self,
        member: str,
        kind: Kind[Owned, Raw, Item, Written, Dims],
        count: tuple[int, ...],
        dims: Sequence[Dims],
        max_bytes: int = NO_MAX,
    ) -> int:
        """The region of many; its length."""
        site = Site(self._class_name, member)
        expected = math.prod(count)
        if expected != len(dims):
            found = f"for {expected} elements, found them for {len(dims)}"
            site.fail(f"expected dimensions {found}")
        builder = self._builder
        builder.pad(site)
        start = builder.position
        builder.advance(4 * len(dims), site, zero=False)
        builder.pad(site)
        first = builder.position
        for index, each in enumerate(dims):
            if kind.align == 8:
                builder.pad(site)
            kind.build(each, builder, site.at(index), max_bytes)
            if builder.frame is not None:
                end = builder.position - first
                struct.pack_into("<I", builder.frame, start + 4 * index, end)
        return builder.position - start

    def absent(self, member: str) -> None:
        """The empty region of an absent member stands where a region would."""
        self._builder.pad(Site(self._class_name, member))

    def fixed(self) -> Record | None:
        """The fixed part, if something is written."""
        frame = self._builder.frame
        return None if frame is None else record_at(frame, self._dtype, self._start)


class Reader:
    """Takes a body apart, and checks each region before it is trusted."""

    def __init__(self, class_name: str, frame: Buffer) -> None:
        self._class_name = class_name
        self._frame = bytes_of(frame)
        self._end = 0

    def fixed(self, dtype: Layout) -> Record:
        """The fixed part."""
        size = len(self._frame)
        if size < dtype.itemsize:
            found = f"{dtype.itemsize} bytes for the fixed part, found {size}"
            self._site().fail(f"expected {found}")
        if size >= FRAME_LIMIT:
            self._site().fail(TOO_LONG)
        self._end = dtype.itemsize
        return record_at(self._frame, dtype)

    def array(
        self, member: str, dtype: npt.DTypeLike, dims: tuple[int, ...]
    ) -> npt.NDArray[Any]:
        """The region of fixed elements, in its dimensions."""
        dtype = np.dtype(dtype)
        count = math.prod(dims)
        if count * dtype.itemsize >= FRAME_LIMIT:
            self._site(member).fail(TOO_LONG)
        region = self._region(member, count * dtype.itemsize)
        if math.prod(dim or 1 for dim in dims) >= FRAME_LIMIT:
            # An empty array with dimensions that numpy has no room for.
            dims = (0,) * len(dims)
        return np.frombuffer(region, dtype, count).reshape(dims)

    def one(
        self,
        member: str,
        kind: Kind[Owned, Raw, Item, Written, Dims],
        len_bytes: int,
        max_bytes: int = NO_MAX,
    ) -> Raw:
        """The region of one variable thing."""
        region = self._region(member, len_bytes)
        return kind.raw(region, self._site(member), max_bytes)

    def list(
        self,
        member: str,
        kind: Kind[Owned, Raw, Item, Written, Dims],
        len_bytes: int,
        count: tuple[int, ...],
        max_bytes: int = NO_MAX,
    ) -> Elements[Owned, Item]:
        """The region of many."""
        region = self._region(member, len_bytes)
        site = self._site(member)
        elements = Elements(kind, region, math.prod(count), site, max_bytes)
        elements.check()
        return elements

    def edit_one(
        self,
        member: str,
        kind: Kind[Owned, Raw, Item, Written, Dims],
        len_bytes: int,
    ) -> Written:
        """The same as `one`, to be written."""
        return kind.edit(self._region(member, len_bytes))

    def edit_list(
        self,
        member: str,
        kind: Kind[Owned, Raw, Item, Written, Dims],
        len_bytes: int,
        count: tuple[int, ...],
    ) -> MutableElements[Owned, Written]:
        """The same as `list`, to be written."""
        region = self._region(member, len_bytes)
        return MutableElements(kind, region, math.prod(count), self._site(member))

    def absent(self, member: str, len_bytes: int = 0) -> None:
        """The empty region of an absent member."""
        if len_bytes != 0:
            problem = f"an absent member has a length of {len_bytes} bytes"
            self._site(member).fail(problem)
        self._region(member, 0)

    def finish(self) -> None:
        """The body ends where its last region ends."""
        if self._end != len(self._frame):
            self._site().fail(other_end(self._end, len(self._frame)))

    def _site(self, member: str = "") -> Site:
        return Site(self._class_name, member)

    def _region(self, member: str, len_bytes: int) -> memoryview:
        start = align_up(self._end, 8)
        end = start + len_bytes
        if end > len(self._frame):
            past_end(self._site(member), end, len(self._frame))
        self._end = end
        return self._frame[start:end]


@dataclass
class NoDims:
    """What fixes the size of a fixed class's frame: nothing."""


class FixedClass:
    """A fixed class: the struct that stands in a frame, or one in memory of its own."""

    __slots__ = ("_fixed",)

    class_name: ClassVar[str]
    fingerprint: ClassVar[bytes]
    schema: ClassVar[str]
    dtype: ClassVar[Layout]

    Dims = NoDims

    def __init__(self) -> None:
        self._fixed: Record = np.zeros((), self.dtype)

    @classmethod
    def over(cls, record: Record) -> Self:
        """One that stands elsewhere: `array[3, ...]` of an array of structs."""
        value = cls.__new__(cls)
        value._fixed = record
        return value

    @classmethod
    def View(cls, frame: Buffer) -> Self:
        """A frame, read where it lies."""
        places = bytes_of(frame)
        if len(places) != cls.dtype.itemsize:
            size = f"{cls.dtype.itemsize} bytes, found {len(places)} (SizeMismatch)"
            Site(cls.class_name).fail(f"expected an aligned frame of {size}")
        return cls.over(record_at(places, cls.dtype))

    @classmethod
    def Writer(
        cls,
        frame: Buffer,
        dims: NoDims | None = None,
        *,
        zero: bool = True,
    ) -> Self:
        """A frame, written where it lies. `finish` is the last step."""
        value = cls.View(frame)
        if zero:
            raw_bytes(value._fixed)[...] = 0
        return value

    def record(self) -> Record:
        """The struct as numpy sees it."""
        return self._fixed

    def copy(self) -> Self:
        """A value of its own."""
        value = type(self).over(np.zeros((), self.dtype))
        raw_bytes(value._fixed)[...] = raw_bytes(self._fixed)
        return value

    def serialize(self) -> bytes:
        """The bytes of a frame. Raises if a member is outside of its bounds."""
        value = self.copy()
        value.finish()
        return value._fixed.tobytes()

    def serialize_into(self, frame: Buffer, dims: NoDims | None = None) -> None:
        """The same, into a place of `frame_size(dims)` bytes."""
        value = self.Writer(frame, dims, zero=False)
        raw_bytes(value._fixed)[...] = raw_bytes(self._fixed)
        value.finish()

    @classmethod
    def deserialize(cls, frame: Buffer) -> Self:
        """The value of a frame's bytes."""
        return cls.View(frame).copy()

    @classmethod
    def frame_size(cls, dims: NoDims | None = None) -> int:
        """Bytes of a frame."""
        return cls.dtype.itemsize

    def dims(self) -> NoDims:
        """What fixes the size of this value's frame."""
        return NoDims()

    def finish(self) -> None:
        """The last step before a frame is sent.

        Zeros where the wire rules want them, then the checks of `min` and `max`.
        """
        self.tidy_all(self._fixed)
        self.validate()

    def validate(self) -> None:
        """Checks `min` and `max` of every member."""

    @staticmethod
    def tidy_all(records: Record) -> None:
        """Makes all bytes of structs those that the wire rules ask of a writer."""


# What the module `ipc` gives of exported classes, for type checkers: a received frame
# has the type `Received` of its class, one that is written the type `Loaned`.


Given_co = TypeVar("Given_co", covariant=True)
Assigned_contra = TypeVar("Assigned_contra", contravariant=True)
Value = TypeVar("Value")
FrameOf = TypeVar("FrameOf")
LoanOf = TypeVar("LoanOf")

Typed: TypeAlias = list[tuple[Value, FrameOf, LoanOf]]
"""What belongs to a class: its values and frames. No such list is there: a list's type
is that of its elements, exactly."""

Struct: TypeAlias = Value | Mapping[str, Any]
"""What can be assigned to a struct."""

Structs: TypeAlias = StructArray | Sequence[Value | Mapping[str, Any]]
"""What can be assigned to an array of structs."""


class Reading(Protocol):
    """A class in a received frame."""

    def to_dict(self) -> dict[str, Any]: ...
    def __getitem__(self, name: str) -> Any: ...


class Received(Reading, Protocol):
    """A received frame."""

    @property
    def sequence(self) -> int: ...
    @property
    def publish_time_ns(self) -> int | None: ...
    @property
    def raw(self) -> Uint8Array: ...
    def release(self) -> None: ...
    def validate(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, *exception: object) -> bool: ...


class Writing(Reading, Protocol):
    """A class in a frame that is written."""

    def __setitem__(self, name: str, value: Any) -> None: ...


class Loaned(Writing, Protocol):
    """A frame that is written."""

    @property
    def raw(self) -> Uint8Array: ...
    def publish(self) -> int: ...
    def abandon(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, *exception: object) -> bool: ...


class Items(Protocol[Given_co]):
    """An array of texts, bytes or classes."""

    def __len__(self) -> int: ...
    def __getitem__(self, index: int) -> Given_co: ...
    def __iter__(self) -> Iterator[Given_co]: ...


class MutableItems(Items[Given_co], Protocol[Given_co, Assigned_contra]):
    """The same in a frame that is written."""

    def __setitem__(self, index: int, value: Assigned_contra) -> None: ...
