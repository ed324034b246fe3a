"""What a user is told to type can be typed."""

import sys
from pathlib import Path

import pytest

from infogan.trainer.commands import typed


def test_a_command_that_the_shell_does_not_find_is_named_by_its_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    explorer = folder / "infogan-explorer"
    explorer.write_text("#!/bin/sh\n")
    explorer.chmod(0o755)
    monkeypatch.setattr(sys, "argv", [str(folder / "infogan-export"), "run"])
    monkeypatch.setenv("PATH", str(tmp_path))
    assert typed("infogan-explorer") == str(explorer)
    assert typed("infogan-else") == "infogan-else"
    monkeypatch.setenv("PATH", str(folder))
    assert typed("infogan-explorer") == "infogan-explorer"
