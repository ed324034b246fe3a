"""The wheel: built here, unpacked away from the checkout, its commands started there."""

import configparser
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tiny import ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy of the tracked and new files, so that nothing left over in build/ can get in."""
    source = tmp_path_factory.mktemp("source")
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True
    )
    for name in listed.stdout.decode().splitlines():
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    out = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(out),
        ".",
    ]
    subprocess.run(command, cwd=source, check=True)
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel installed into a folder of its own."""
    target = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(target), str(wheel)]
    subprocess.run(command, check=True)
    return target


def test_the_wheel_holds_what_the_repository_holds(wheel: Path) -> None:
    expected = {
        f"infogan/{package}/{path.name}"
        for package in ("trainer", "export", "gui", "assets")
        for path in (ROOT / package).iterdir()
        if path.is_file()
    }
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    shared = {name.partition(".data/data/")[2] for name in names if ".data/data/" in name}
    assert {name for name in names if ".data/data/" not in name} == expected
    assert shared == {
        "share/applications/infogan-explorer.desktop",
        "share/icons/hicolor/scalable/apps/infogan-explorer.svg",
        "share/mime/packages/infogan-explorer.xml",
    }


def test_desktops_find_the_app() -> None:
    entry = configparser.ConfigParser(interpolation=None)
    entry.optionxform = str  # type: ignore[assignment,method-assign]
    entry.read(ROOT / "assets" / "infogan-explorer.desktop", encoding="utf-8")
    facts = entry["Desktop Entry"]
    types = ElementTree.parse(ROOT / "assets" / "infogan-explorer.xml").getroot()
    (kind,) = (element.get("type") for element in types if element.tag.endswith("mime-type"))
    assert facts["MimeType"] == f"{kind};"
    assert facts["Exec"].split() == ["infogan-explorer", "%f"]
    assert (ROOT / "assets" / f"{facts['Icon']}.svg").exists()
    if shutil.which("desktop-file-validate"):
        subprocess.run(["desktop-file-validate", str(ROOT / "assets" / "infogan-explorer.desktop")], check=True)


@pytest.mark.parametrize(
    "command",
    ["infogan-train", "infogan-export", "infogan-evaluate", "infogan-encode", "infogan-report", "infogan-explorer"],
)
def test_each_command_starts_from_the_installed_wheel(site: Path, tmp_path: Path, command: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(site)}
    script = site / "bin" / command
    run = subprocess.run(
        [sys.executable, str(script), "--help"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert command in run.stdout
    where = "import infogan.trainer.cli as m; print(m.__file__)"
    found = subprocess.run(
        [sys.executable, "-c", where], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert found.stdout.strip().startswith(str(site))
