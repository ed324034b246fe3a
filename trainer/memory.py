"""Memory that is no longer needed goes back to the system."""

import ctypes
import sys


def give_back() -> None:
    """Return what was freed: glibc would keep it, 200 MB after steps of training, or as much as a network's weights."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # other libraries than glibc have none
        if trim:
            trim(0)
