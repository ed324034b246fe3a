"""One arrow, trainer <- export <- gui, and what each may import."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest

from infogan.export import cli as export_cli
from infogan.export import encode_cli, evaluate_cli, report_cli
from infogan.gui import app
from infogan.trainer import cli, data
from tiny import ROOT, TINY

BLOCKED = "import sys; sys.modules.update(dict.fromkeys({blocked!r})); import {modules}"
TORCH_FREE = ", ".join(
    f"infogan.trainer.{name}"
    for name in ("latents", "data", "config", "metrics", "morphometry", "sample_quality", "merging")
)


@pytest.mark.parametrize(
    ("blocked", "modules"),
    [
        (
            ["torch", "onnx", "scipy", "PIL", "rich", "tyro"],
            "infogan.gui.app, infogan.gui.window",
        ),
        (
            ["torch", "onnx", "PySide6", "rich", "tyro"],
            "infogan.export.bundle, infogan.export.evaluate, infogan.export.evaluate_cli, infogan.export.encode_cli",
        ),
        (["torch", "onnx", "PySide6", "onnxruntime"], TORCH_FREE),
        (["PySide6", "onnxruntime", "onnx"], "infogan.trainer.cli, infogan.trainer.train"),
    ],
)
def test_modules_import_without_what_they_must_not_need(blocked: list[str], modules: str) -> None:
    subprocess.run([sys.executable, "-c", BLOCKED.format(blocked=blocked, modules=modules)], check=True)


def test_nothing_imports_to_the_right() -> None:
    order = ["trainer", "export", "gui"]
    for position, package in enumerate(order):
        for path in (ROOT / package).glob("*.py"):
            imported = set(re.findall(r"^\s*from \.\.(\w+)", path.read_text(), re.MULTILINE))
            assert imported <= set(order[:position]), f"{path} imports {imported}"


def test_package_markers_import_nothing() -> None:
    for package in ("trainer", "export", "gui", "assets"):
        lines = (ROOT / package / "__init__.py").read_text().splitlines()
        assert len(lines) == 1
        assert lines[0].startswith('"""')


def test_telemetry_is_off_before_onnxruntime_is_imported() -> None:
    """In a process that does not look like CI, where onnxruntime would keep quiet by itself."""
    code = """
import builtins, os
real = builtins.__import__
def watched(name, *rest):
    if name == "onnxruntime":
        assert os.environ["ORT_DISABLE_TELEMETRY"] == os.environ["ORT_TELEMETRY_DISABLED"] == "1"
        print("seen")
    return real(name, *rest)
builtins.__import__ = watched
import infogan.export.bundle
"""
    environment = {name: value for name, value in os.environ.items() if name not in ("CI", "ORT_DISABLE_TELEMETRY")}
    run = subprocess.run([sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True)
    assert "seen" in run.stdout


def test_a_bundle_is_evaluated_without_torch(tiny_bundle_path: Path, data_dir: Path) -> None:
    """In a process that cannot import it, from the file to the table."""
    code = f"""
import sys
class Blocked:  # scipy trips over a None in sys.modules
    def find_spec(self, name, *rest):
        if name.partition(".")[0] in ("torch", "onnx", "PySide6"):
            raise ModuleNotFoundError(f"No module named {{name!r}}")
sys.meta_path.insert(0, Blocked())
from infogan.trainer import data
from infogan.trainer.data import IdxDataSet, Original
from infogan.export import evaluate, evaluate_cli
data.DATA_SETS["tiny"] = {data.DATA_SETS["tiny"]!r}
evaluate.SAMPLES, evaluate.MEASURED = 200, 60
sys.exit(evaluate_cli.main([{str(tiny_bundle_path)!r}, "--data-dir", {str(data_dir)!r}]))
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert "c1 reads" in run.stdout


def test_training_leaves_the_compiler_alone(data_dir: Path, tmp_path: Path) -> None:
    """torch imports it, and its distributed tensors, for little things: two seconds and 60 MB of a run."""
    flags = [*TINY, "--data-dir", str(data_dir), "--out", str(tmp_path / "run"), "--steps", "2"]
    flags += ["--cluster-steps", "2", "--cluster-batch-size", "16", "--encoder-steps", "2"]
    code = f"""
import sys
from infogan.trainer import data
from infogan.trainer.data import IdxDataSet, Original
from infogan.trainer.cli import main
data.DATA_SETS["tiny"] = {data.DATA_SETS["tiny"]!r}
assert main({flags!r}) == 0
assert main(["--resume", {str(tmp_path / "run")!r}, "--steps", "4"]) == 0
print([name for name in ("torch._dynamo", "torch.distributed.tensor", "sympy") if name in sys.modules])
"""
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert run.stdout.strip().endswith("[]"), run.stdout


@pytest.mark.parametrize("command", ["infogan.trainer.cli", "infogan.export.cli"])
def test_a_missing_extra_is_explained(command: str, tmp_path: Path) -> None:
    arguments = {"infogan.trainer.cli": ["--steps", "1"], "infogan.export.cli": [str(tmp_path)]}[command]
    code = f"import sys; sys.modules['torch'] = None; from {command} import main; sys.exit(main({arguments!r}))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "pip install -c constraints.txt '.[train]'" in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize(
    ("command", "arguments", "says"),
    [
        (evaluate_cli.main, ["nothing"], "expected a .infogan bundle, a run folder or a checkpoint"),
        (evaluate_cli.main, ["m.infogan", "--json", "."], ". is a folder; name a file for --json"),
        (export_cli.main, ["m.infogan"], "m.infogan is a bundle already"),
        (report_cli.main, ["m.infogan", "-o", "new"], "m.infogan is a bundle, which has no curves"),
        (report_cli.main, ["run", "-o", "m.infogan"], "m.infogan is a file; name a folder for -o"),
    ],
)
def test_what_cannot_end_well_is_said_before_it_begins(
    command: Callable[[list[str]], int],
    arguments: list[str],
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "m.infogan").write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    assert command(arguments) == 1
    assert says in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    "command", [cli.main, export_cli.main, evaluate_cli.main, encode_cli.main, report_cli.main, app.main]
)
def test_every_command_says_its_version(
    command: Callable[[list[str]], int], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        command(["--version"])
    assert stopped.value.code == 0
    assert capsys.readouterr().out.strip().endswith(version("infogan-explorer"))


def test_the_readme_lists_every_module() -> None:
    listed = (ROOT / "README.md").read_text().partition("## The tree")[2]
    for package in ("trainer", "export", "gui"):
        part = re.search(rf"^{package}/ .*\n((?: .*\n)+)", listed, re.MULTILINE)
        assert part is not None
        modules = {path.name for path in (ROOT / package).glob("*.py")} - {"__init__.py"}
        assert set(re.findall(r"^  (\w+\.py) ", part[1], re.MULTILINE)) == modules, package
