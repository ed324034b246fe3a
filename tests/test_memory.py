"""What a process keeps of the memory that it frees."""

import platform
import subprocess
import sys

import pytest

from tiny import ROOT, USED


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other libraries do with memory as they like")
def test_what_is_freed_is_kept_until_it_is_given_back() -> None:
    """64 MB are filled and freed as glibc would have it, and then after keep(); give_back() returns them."""
    script = """if True:
        from infogan.trainer import memory

        before = used()

        def left():
            bytearray(64 << 20)
            return used() - before

        by_itself = left()
        memory.keep()
        kept = left()
        memory.give_back()
        print(by_itself, kept, used() - before)
    """
    child = subprocess.run([sys.executable, "-c", USED + script], cwd=ROOT, capture_output=True, text=True, check=True)
    by_itself, kept, given_back = map(float, child.stdout.split())
    assert by_itself < 8
    assert kept > 56
    assert given_back < 8
