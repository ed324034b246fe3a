"""Protocol Buffers' wire format, read strictly: what the schema does not name is refused.

Encoding: https://protobuf.dev/programming-guides/encoding/. A parser that skips or merges what it does not expect can
see another message than the next parser does; this one stops instead.
"""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, TypeAlias

Message = dict[str, Any]
Schema: TypeAlias = "Mapping[int, Field]"
Kind = Literal["int", "float", "text", "bytes"]

LONGEST_TEXT = 64 << 10
_VARINT, _LENGTH, _FIXED32 = 0, 2, 5
_WIRE_TYPES = {"int": _VARINT, "float": _FIXED32}


class Field(NamedTuple):
    """A field of a message: its name, what it holds (a kind, or the schema of another message), and how often."""

    name: str
    holds: Kind | Schema
    repeated: bool = False


class WireError(ValueError):
    """Bytes that are no message of the schema."""


def read(data: bytes, schema: Schema, most: int) -> Message:
    """Parse a message.

    Args:
        data: the bytes.
        schema: fields by number; nested as deep as the schema is.
        most: how many fields and numbers the message may hold, those of nested messages included.

    Returns:
        The fields by name: int, None for a float (its value is not needed), str, memoryview or a nested message; those
        that are repeated always, as lists; others only where they are set.

    Raises:
        WireError: a field that the schema does not name, of another wire type, or twice where once is meant; a length
            beyond the end; a number beyond 64 bits; text that is not UTF-8 or longer than 64 KiB; more than ``most``.
    """
    return _Reader(memoryview(data), most).message(0, len(data), schema)


class _Reader:
    def __init__(self, view: memoryview, most: int) -> None:
        self._view, self._left = view, most

    def message(self, start: int, end: int, schema: Schema, where: str = "the message") -> Message:
        found: Message = {field.name: [] for field in schema.values() if field.repeated}
        while start < end:
            key, start = self._varint(start, end)
            field, wire = schema.get(key >> 3), key & 7
            if field is None:
                raise WireError(f"field {key >> 3} of {where} is not allowed")
            if field.repeated and field.holds == "int" and wire == _LENGTH:
                numbers, start = self._packed(start, end)
                found[field.name] += numbers
                continue
            value, start = self._value(field, wire, start, end)
            if field.repeated:
                found[field.name].append(value)
            elif field.name in found:
                raise WireError(f"{field.name} stands twice")
            else:
                found[field.name] = value
        return found

    def _value(self, field: Field, wire: int, start: int, end: int) -> tuple[Any, int]:
        self._count()
        expected = _WIRE_TYPES.get(field.holds, _LENGTH) if isinstance(field.holds, str) else _LENGTH
        if wire != expected:
            raise WireError(f"{field.name} has wire type {wire}, expected {expected}")
        if field.holds == "int":
            return self._integer(start, end)
        if field.holds == "float":
            return None, self._skip(start, 4, end)
        length, start = self._varint(start, end)
        stop = self._skip(start, length, end)
        if field.holds == "text":
            return self._text(field, start, stop), stop
        if field.holds == "bytes":
            return self._view[start:stop], stop
        return self.message(start, stop, field.holds, field.name), stop

    def _packed(self, start: int, end: int) -> tuple[list[int], int]:
        length, start = self._varint(start, end)
        stop, numbers = self._skip(start, length, end), []
        while start < stop:
            self._count()
            number, start = self._integer(start, stop)
            numbers.append(number)
        return numbers, stop

    def _text(self, field: Field, start: int, stop: int) -> str:
        if stop - start > LONGEST_TEXT:
            raise WireError(f"{field.name} is longer than {LONGEST_TEXT >> 10} KiB")
        try:
            return str(self._view[start:stop], "utf-8")
        except UnicodeDecodeError as error:
            raise WireError(f"{field.name} is not UTF-8") from error

    def _integer(self, start: int, end: int) -> tuple[int, int]:
        """A signed 64-bit number, in two's complement."""
        value, start = self._varint(start, end)
        return value - (value >> 63 << 64), start

    def _varint(self, start: int, end: int) -> tuple[int, int]:
        """An unsigned 64-bit number in groups of seven bits, the lowest first."""
        value = 0
        for index in range(10):
            self._skip(start, 1, end)
            byte = self._view[start]
            start += 1
            value |= (byte & 0x7F) << 7 * index
            if byte < 0x80:
                if value >> 64:
                    break
                return value, start
        raise WireError("a number has more than 64 bits")

    def _skip(self, start: int, length: int, end: int) -> int:
        if length > end - start:
            raise WireError("it ends too early")
        return start + length

    def _count(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise WireError("it has too many parts")
