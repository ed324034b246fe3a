"""Everything that reads files of strangers, on what the fuzzer kept and on bytes at random: taken or refused."""

import shutil
from collections.abc import Iterator

import pytest
from fuzzing import CORPUS, TARGETS, folder, seeds
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot


@pytest.fixture(autouse=True, scope="module")
def _clean() -> Iterator[None]:
    yield
    shutil.rmtree(folder())


@pytest.mark.parametrize("target", TARGETS)
def test_what_the_fuzzer_kept_is_taken_or_refused(target: str, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = sorted((CORPUS / target).iterdir())
    assert any(path.name == "good" for path in kept)
    for path in kept:
        assert TARGETS[target](path.read_bytes()) in (True, False)


def test_it_begins_with_good_files() -> None:
    """Else nothing behind the first check would ever be reached."""
    for target, name, content in seeds():
        assert TARGETS[target](content), (target, name)
        assert (CORPUS / target / name).is_file(), (target, name)


@given(st.sampled_from(sorted(TARGETS)), st.binary(max_size=200))
def test_any_bytes_are_taken_or_refused(target: str, content: bytes) -> None:
    assert TARGETS[target](content) in (True, False)
