"""The lines of docs/distributed.md run inside Ray Data."""

import os
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pyarrow import parquet

from infogan.export.bundle import Bundle
from tiny import ROOT, digits

ray = pytest.importorskip("ray", reason="Ray is an extra")


@pytest.mark.filterwarnings("ignore")  # Ray's own
def test_the_example_encodes_a_folder(
    tiny_bundle_path: Path, tiny_bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = digits(np.random.default_rng(1), 20)[0]
    (tmp_path / "pictures").mkdir()
    for number, image in enumerate(images):
        Image.fromarray(image).save(tmp_path / "pictures" / f"{number:02d}.png")
    os.link(tiny_bundle_path, tmp_path / "first.infogan")
    (example,) = re.findall(r"```python\n(import numpy.*?)```", (ROOT / "docs" / "distributed.md").read_text(), re.S)
    monkeypatch.chdir(tmp_path)
    ray.init(num_cpus=4, include_dashboard=False, log_to_driver=False)
    try:
        exec(compile(example, "distributed.md", "exec"), {"__name__": "example"})
    finally:
        ray.shutdown()
    codes = parquet.read_table(tmp_path / "codes").to_pylist()
    posterior = tiny_bundle.infer((images / np.float32(255)).astype(np.float32)[:, None])
    found = {Path(row["path"]).name: row for row in codes}
    assert len(found) == 20
    for number in range(20):
        row = found[f"{number:02d}.png"]
        assert row["c1"] == posterior.probs["c1"][number].argmax()
        assert row["c2"] == pytest.approx(posterior.mean["c2"][number], abs=1e-5)
