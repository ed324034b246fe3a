"""What a step frees is kept for the next one, and given back to the system where much is no longer needed."""

import ctypes
import sys
from collections.abc import Callable

_TRIM_THRESHOLD, _MMAP_MAX = -1, -4  # glibc's names for them are M_TRIM_THRESHOLD and M_MMAP_MAX, of malloc.h
_NEVER = 2**31 - 1  # bytes


def keep() -> None:
    """From now on keep what is freed; what was freed before goes back, as with each :func:`give_back`.

    Left to itself glibc returns a large tensor as soon as it is freed, and the next step's has to be mapped, and
    cleared by the system, page by page: 12,500 pages a step of the CNN, a tenth of its time and more.
    """
    give_back()
    adjust = _of_glibc("mallopt")
    if adjust is not None:
        adjust(_TRIM_THRESHOLD, _NEVER)
        adjust(_MMAP_MAX, 0)


def give_back() -> None:
    """Return what was freed: glibc would keep it, 200 MB after steps of training, or as much as a network's weights."""
    trim = _of_glibc("malloc_trim")
    if trim is not None:
        trim(0)


def _of_glibc(name: str) -> Callable[..., int] | None:
    """A function of glibc's own; other systems and C libraries have none of them."""
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
