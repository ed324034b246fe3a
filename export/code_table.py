"""Inferred codes as a table: Parquet, CSV or npz, written piece by piece."""

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..trainer.atomic import write_atomically
from ..trainer.errors import UserError
from ..trainer.latents import Categorical
from .bundle import Bundle
from .parts import Part

_ROW_GROUP = 1 << 14  # rows of a Parquet file that are compressed together
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # equal codes make equal files

Parts = Iterable[Part]


class Group(NamedTuple):
    """One code, or the noise: some columns of the values.

    Attributes:
        name: of the code; "z" for the noise.
        part: its columns of the values.
        columns: their names.
        classes: of a categorical code, what each of its classes is called; None for all others.
    """

    name: str
    part: slice
    columns: tuple[str, ...]
    classes: tuple[str | None, ...] | None = None


class Columns(NamedTuple):
    """What the columns of a table are.

    Attributes:
        groups: of the inferred values.
        has_names: whether there is a column ``file``.
        facts: of the bundle, as texts: its name, fingerprint, latent spec, labels and meanings.
    """

    groups: tuple[Group, ...]
    has_names: bool
    facts: dict[str, str]

    @classmethod
    def of(cls, bundle: Bundle, has_names: bool, noise: bool) -> "Columns":
        """Those of a bundle's codes, in the order of its latent spec.

        c1, a categorical code: its likeliest class, what that is called where labels are known (c1_label) and the
        probability of each class (c1_p0, ...). c2, a continuous code: its mean c2 and its deviation c2_std. A Bernoulli
        code: the probability of 1. The noise: z0, z1, ...

        Raises:
            UserError: two columns would have the same name.
        """
        groups: list[Group] = []
        start = 0
        for code in bundle.latents.codes:
            if isinstance(code, Categorical):
                names = tuple(f"{code.name}_p{k}" for k in range(code.size))
                labels = (bundle.label(code.name, k) for k in range(code.size))
                classes = tuple(None if label is None else _unicode(label) for label in labels)
            else:
                continuous = code in bundle.latents.continuous
                names, classes = (code.name, f"{code.name}_std") if continuous else (code.name,), None
            groups.append(Group(code.name, slice(start, start + len(names)), names, classes))
            start += len(names)
        if noise:
            names = tuple(f"z{i}" for i in range(bundle.latents.noise.size))
            groups.append(Group("z", slice(start, start + len(names)), names))
        columns = cls(tuple(groups), has_names, _facts(bundle))
        for every in (columns.names, [name for name, *_ in _npz_arrays(columns, ())]):
            doubled = {name for name in every if every.count(name) > 1}
            if doubled:
                raise UserError(f"{bundle.name} has codes of such names that two columns would be {min(doubled)}")
        return columns

    @property
    def names(self) -> list[str]:
        """Of all columns, in order."""
        return [name for name, _ in self.kinds]

    @property
    def kinds(self) -> list[tuple[str, type]]:
        """Name and type (int, str or float) of all columns, in order."""
        kinds: list[tuple[str, type]] = [("index", int)]
        kinds += [("file", str)] if self.has_names else []
        for group in self.groups:
            if group.classes is not None:
                kinds.append((group.name, int))
                kinds += [(f"{group.name}_label", str)] if any(group.classes) else []
            kinds += [(name, float) for name in group.columns]
        return kinds

    def arrays(self, part: Part) -> list[NDArray[Any] | list[str | None]]:
        """The columns of a part."""
        arrays: list[NDArray[Any] | list[str | None]] = [part.places]
        arrays += [part.names.tolist()] if self.has_names else []
        for group in self.groups:
            values = part.values[:, group.part]
            if group.classes is not None:
                likeliest = values.argmax(1).astype(np.int32)
                arrays.append(likeliest)
                arrays += [[group.classes[k] for k in likeliest]] if any(group.classes) else []
            arrays += list(values.T)
        return arrays


Writer = Callable[[Path, Columns, Parts], None]


def writer_for(target: Path) -> Writer:
    """What writes a file of this name.

    Raises:
        UserError: it ends in none of .parquet, .csv and .npz, or pyarrow is needed and missing.
    """
    writers: dict[str, Writer] = {".parquet": write_parquet, ".csv": write_csv, ".npz": write_npz}
    suffix = target.suffix.lower()
    if suffix not in writers:
        raise UserError(f"{target} ends in none of {', '.join(writers)}; name such a file with -o")
    if suffix == ".parquet":
        try:
            import pyarrow  # noqa: F401 # before hours are spent
        except ModuleNotFoundError as error:
            raise UserError(
                "Parquet needs pyarrow; run in the project's folder: pip install -c constraints.txt '.[parquet]', "
                "or name a file ending in .csv or .npz"
            ) from error
    return writers[suffix]


def write_parquet(target: Path, columns: Columns, parts: Parts) -> None:
    """A Parquet file; the facts of the bundle are in its metadata, as ``infogan.latents`` and so on.

    Raises:
        UserError: it cannot be written.
    """
    import pyarrow
    from pyarrow import parquet

    types = {int: pyarrow.int32(), str: pyarrow.string(), float: pyarrow.float32()}
    fields = [(name, pyarrow.int64() if name == "index" else types[kind]) for name, kind in columns.kinds]
    facts = {f"infogan.{key}": text for key, text in columns.facts.items()}
    schema = pyarrow.schema(fields, metadata=facts)

    def write(stream: BinaryIO) -> None:
        with parquet.ParquetWriter(stream, schema) as writer:
            for together in _together(columns, parts):
                writer.write_table(pyarrow.table(together, schema=schema), row_group_size=_ROW_GROUP)

    write_atomically(target, write)


def write_csv(target: Path, columns: Columns, parts: Parts) -> None:
    """A CSV file in UTF-8 with one line of names; numbers with six digits.

    Raises:
        UserError: it cannot be written.
    """

    def write(stream: BinaryIO) -> None:
        text = io.TextIOWrapper(stream, "utf-8", newline="")
        lines = csv.writer(text)
        lines.writerow(columns.names)
        for part in parts:
            texts = [_texts(array) for array in columns.arrays(part)]
            lines.writerows(zip(*texts, strict=True))
        text.detach()  # flushes; the stream is not ours to close

    write_atomically(target, write)


def write_npz(target: Path, columns: Columns, parts: Parts) -> None:
    """An .npz of one array a code, for numpy.load: c1 (n,) and c1_probs (n, K), c2 (n,) and c2_std (n,), z (n, size).

    Also ``index``, ``file`` where pictures are files, and the facts of the bundle, each a text.

    Raises:
        UserError: it cannot be written.
    """

    def write(stream: BinaryIO) -> None:
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
            for name, shape, dtype, chunks in _npz_arrays(columns, parts):
                with archive.open(zipfile.ZipInfo(f"{name}.npy", _LONG_AGO), "w", force_zip64=True) as entry:
                    header = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
                    np.lib.format.write_array_header_1_0(entry, header)
                    for chunk in chunks:
                        entry.write(np.ascontiguousarray(chunk, dtype).tobytes())

    write_atomically(target, write)


def _npz_arrays(
    columns: Columns, parts: Parts
) -> Iterator[tuple[str, tuple[int, ...], np.dtype[Any], Iterator[NDArray[Any]]]]:
    """Name, shape, type and chunks of each array; the parts are read once for each."""
    n, longest = 0, 1
    for part in parts:
        n, longest = n + len(part.places), max(longest, part.names.dtype.itemsize // 4)
    single, whole = np.dtype(np.float32), np.dtype(np.int64)
    yield "index", (n,), whole, (part.places for part in parts)
    if columns.has_names:
        yield "file", (n,), np.dtype(f"U{longest}"), (part.names for part in parts)
    for group in columns.groups:
        yield from _npz_group(group, n, single, whole, parts)
    for key, text in columns.facts.items():
        fact = np.array(text)
        yield f"infogan.{key}", (), fact.dtype, iter([fact])


def _npz_group(
    group: Group, n: int, single: np.dtype[Any], whole: np.dtype[Any], parts: Parts
) -> Iterator[tuple[str, tuple[int, ...], np.dtype[Any], Iterator[NDArray[Any]]]]:
    width = len(group.columns)
    if group.classes is not None:
        yield group.name, (n,), whole, (part.values[:, group.part].argmax(1) for part in parts)
        yield f"{group.name}_probs", (n, width), single, (part.values[:, group.part] for part in parts)
    elif group.columns[0] == group.name:
        for offset, column in enumerate(group.columns):
            yield column, (n,), single, (part.values[:, group.part.start + offset] for part in parts)
    else:
        yield group.name, (n, width), single, (part.values[:, group.part] for part in parts)


def _together(columns: Columns, parts: Parts) -> Iterator[list[Any]]:
    """The columns of several parts, up to ``_ROW_GROUP`` rows."""
    waiting: list[list[Any]] = []
    rows = 0
    for part in parts:
        if waiting and rows + len(part.places) > _ROW_GROUP:
            yield [_joined(arrays) for arrays in zip(*waiting, strict=True)]
            waiting, rows = [], 0
        waiting.append(columns.arrays(part))
        rows += len(part.places)
    if rows:
        yield [_joined(arrays) for arrays in zip(*waiting, strict=True)]


def _joined(arrays: tuple[Any, ...]) -> Any:
    if isinstance(arrays[0], list):
        return [entry for array in arrays for entry in array]
    return np.concatenate(arrays)


def _texts(array: NDArray[Any] | list[str | None]) -> list[Any]:
    if isinstance(array, list) or array.dtype.kind == "i":
        return list(array)
    return [f"{value:.6g}" for value in array.tolist()]


def _unicode(text: str) -> str:
    """Text that every format can hold: JSON may hold half a character."""
    return text.encode(errors="replace").decode()


def _facts(bundle: Bundle) -> dict[str, str]:
    manifest = bundle.manifest
    return {
        "bundle": _unicode(bundle.name),
        "fingerprint": bundle.fingerprint,
        "latents": json.dumps(manifest.latents.to_json()),
        "labels": json.dumps(manifest.labels),
        "meanings": json.dumps(manifest.meanings),
    }
