"""What a process keeps of the memory that it frees."""

import platform
import subprocess
import sys

import pytest

from tiny import ROOT


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other libraries do with memory as they like")
def test_what_is_freed_is_kept_until_it_is_given_back() -> None:
    """Three times 64 MB are filled and freed: as glibc would, after keep(), and after give_back()."""
    script = """if True:
        import re
        from pathlib import Path
        from infogan.trainer import memory

        def used():
            return int(re.search(r"RssAnon:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024

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
    child = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    by_itself, kept, given_back = map(float, child.stdout.split())
    assert by_itself < 8
    assert kept > 56
    assert given_back < 8
