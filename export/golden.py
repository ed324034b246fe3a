"""golden.npz: some latents and what the networks made of them, which every bundle must give again when it is opened."""

import io

import numpy as np
from numpy.typing import NDArray

from .stored_zip import read_stored, write_stored

Array = NDArray[np.float32]
NAMES = ("z", "c", "image", "probs", "mean", "std")
ENCODED = "encoded"  # the noise that the encoder finds in those images, where there is an encoder
MOST_ROWS = 64
_SUFFIX = ".npy"


def write_golden(arrays: dict[str, Array]) -> bytes:
    """An uncompressed .npz of these arrays."""
    return write_stored({f"{name}{_SUFFIX}": _npy(array) for name, array in arrays.items()})


def read_golden(data: bytes) -> dict[str, Array]:
    """The arrays ``NAMES``, and ``ENCODED`` where it is there, (n, ...) float32 with 1 <= n <= 64.

    numpy's own reader would unpack and allocate whatever the file asks for.

    Raises:
        ValueError: anything else.
    """
    members = read_stored(data, len(NAMES) + 1)
    found = sorted(name for name, _ in members)
    if found not in [sorted(f"{name}{_SUFFIX}" for name in names) for names in (NAMES, (*NAMES, ENCODED))]:
        raise ValueError(f"it does not hold {', '.join(NAMES)}")
    return {name.removesuffix(_SUFFIX): _array(name, content) for name, content in members}


def _npy(array: Array) -> bytes:
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, np.ascontiguousarray(array), version=(1, 0), allow_pickle=False)
    return buffer.getvalue()


def _array(name: str, content: bytes) -> Array:
    """The array of a .npy file (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html)."""
    stream = io.BytesIO(content)
    if np.lib.format.read_magic(stream) != (1, 0):
        raise ValueError(f"{name} is of an unknown version")
    shape, fortran, dtype = np.lib.format.read_array_header_1_0(stream)
    numbers = content[stream.tell() :]
    if dtype != np.dtype("<f4") or fortran or not shape or not 1 <= shape[0] <= MOST_ROWS:
        raise ValueError(f"{name} is {dtype} {shape}, expected 1 to {MOST_ROWS} rows of float32")
    if len(numbers) != dtype.itemsize * int(np.prod(shape, dtype=object)):
        raise ValueError(f"{name} has {len(numbers)} bytes, which its shape {shape} does not need")
    return np.frombuffer(numbers, np.float32).reshape(shape)
