"""Pictures of any format, converted once to an array that is mapped from the disk ever after."""

import hashlib
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from .atomic import discard_unfinished, write_atomically, write_bytes
from .decoding import PictureError
from .errors import UserError
from .originals import cache_folder, digest_of, filling_cache
from .pictures import Attribute, Pictures, Split

_NAMED = 10  # files that could not be read and are named
_VERSION = 2  # of what is kept


class Member(NamedTuple):
    """One picture of a source.

    Attributes:
        name: to tell a user which it is.
        values: one of each attribute of the source.
        read: gives its pixels, (C, H, W) uint8, the same shape for all; raises PictureError.
    """

    name: str
    values: tuple[int, ...]
    read: Callable[[], NDArray[np.uint8]]


class Source(Protocol):
    """Pictures that can be read one by one.

    Attributes:
        identity: says which files these are and how they are prepared; equal ones give equal arrays.
        attributes: of each its name and the names of its values.
        labelling: the attribute whose values are the labels; None without labels.
    """

    identity: str
    attributes: dict[str, tuple[str, ...]]
    labelling: str | None

    def members(self, split: Split) -> Sequence[Member]:
        """The pictures of a split, always in the same order."""
        ...


def converted(name: str, source: Source, split: Split) -> Pictures:
    """One split of a source, from the cache or converted into it.

    What cannot be read is left out and said among the notes. The order is drawn, always the same one: sources are
    sorted by class, and whoever takes the first thousand pictures should see all.

    Args:
        name: of the data set, and of its folder in the cache.
        source: where the pictures come from.
        split: which of them.

    Raises:
        UserError: not one picture could be read, or the cache cannot be written.
    """
    key = hashlib.sha256(f"{_VERSION} {split} {source.identity}".encode()).hexdigest()[:20]
    target = cache_folder() / name / f"{key}.bin"
    pictures = _mapped(target, source)
    if pictures is None:
        with filling_cache():
            discard_unfinished(target.parent)
            pictures = _mapped(target, source)  # another process may have been quicker
            if pictures is None:
                members = source.members(split)
                drawn = [members[i] for i in np.random.default_rng(0).permutation(len(members))]
                _convert(f"{split} pictures of {name}", drawn, target)
                pictures = _mapped(target, source)
    if pictures is None:
        raise UserError(f"{target} changes while it is read; is another program writing to the cache?")
    return pictures


def _convert(what: str, members: Sequence[Member], target: Path) -> None:
    print(f"converting {len(members):,} {what}, once, into {target.parent}", file=sys.stderr)
    shapes: set[tuple[int, ...]] = set()
    values: list[tuple[int, ...]] = []
    unread: list[str] = []
    digest = hashlib.sha256()

    def write(stream: BinaryIO) -> None:
        for pixels, member in _readable(members, unread):
            shapes.add(pixels.shape)
            values.append(member.values)
            digest.update(pixels.tobytes())
            stream.write(pixels.tobytes())
        if not values:
            example = f", such as {unread[0]}" if unread else ""
            raise UserError(f"not one of {len(members)} {what} can be read{example}")

    write_atomically(target, write)
    (shape,) = shapes
    kept = {"shape": [len(values), *shape], "values": values, "unread": sorted(unread), "sha256": digest.hexdigest()}
    write_bytes(target.with_suffix(".json"), json.dumps(kept).encode())


def _readable(members: Sequence[Member], unread: list[str]) -> Iterator[tuple[NDArray[np.uint8], Member]]:
    for member in members:
        try:
            yield member.read(), member
        except PictureError as error:
            unread.append(f"{member.name} ({error})")


def _mapped(target: Path, source: Source) -> Pictures | None:
    """What the cache holds; None where something is missing or damaged, and must be made again."""
    try:
        kept: dict[str, Any] = json.loads(target.with_suffix(".json").read_bytes())
        shape = tuple(kept["shape"])
        images = np.memmap(target, np.uint8, "r", shape=shape)
        if target.stat().st_size != images.size or digest_of(target) != kept["sha256"]:
            return None
        columns = np.array(kept["values"], np.int64).reshape(shape[0], len(source.attributes)).T
    except (OSError, ValueError, KeyError, TypeError):
        return None
    pairs = zip(source.attributes.items(), columns, strict=True)
    attributes = {name: Attribute(values, names) for (name, names), values in pairs}
    labelled = attributes.pop(source.labelling) if source.labelling is not None else None
    return Pictures(
        images,
        None if labelled is None else labelled.values,
        kept["sha256"],
        () if labelled is None else labelled.names,
        attributes,
        left_out(kept["unread"]),
    )


def left_out(unread: Sequence[str]) -> tuple[str, ...]:
    """A sentence that counts and names pictures that could not be read; none where there are none."""
    if not unread:
        return ()
    more = f" and {len(unread) - _NAMED} more" if len(unread) > _NAMED else ""
    counted = "1 picture was" if len(unread) == 1 else f"{len(unread)} pictures were"
    return (f"{counted} left out: {', '.join(unread[:_NAMED])}{more}",)
