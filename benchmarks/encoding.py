"""infogan-encode against Q alone: pictures a second, and the memory that more pictures take.

    python benchmarks/encoding.py

Makes arrays of random pictures in a temporary folder (800 MB), encodes them with the bundled model, each in a process
of its own, and prints ratios. Linux: peak memory is read from /proc.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from infogan.export.bundle import Bundle
from infogan.trainer.cores import cores

ROOT = Path(__file__).parent.parent
BUNDLE = ROOT / "assets" / "mnist-cnn.infogan"
BATCH = 8192
_CHILD = """
import json, re, sys, time
from infogan.export import encode_cli
start = time.perf_counter()
code = encode_cli.main(sys.argv[1:])
seconds = time.perf_counter() - start
peak = re.search(r"VmHWM:\\s*(\\d+)", open("/proc/self/status").read())  # unlike ru_maxrss of this process alone
print(json.dumps({"code": code, "seconds": seconds, "kib": int(peak[1])}))
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--forms", nargs="+", default=["parquet", "npz", "csv"])
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        for form in arguments.forms:
            memory = []
            for size in arguments.sizes:
                before, result, after = q_alone(), encoded(Path(name), size, form), q_alone()
                memory.append(result["kib"])
                rate, alone = size / result["seconds"], (before + after) / 2
                print(
                    f"{form:8} {size:>9,}  {rate:7,.0f} a second, {rate / alone:.2f} x Q alone "
                    f"({before:,.0f} before, {after:,.0f} after)  {result['kib'] / 1024:6.0f} MB",
                    flush=True,
                )
            print(f"{form:8} memory of the largest over the smallest: {memory[-1] / memory[0]:.3f}")


def q_alone() -> float:
    """Pictures a second of Bundle.infer, on as many threads, the median of five batches."""
    bundle = Bundle.open(BUNDLE, cores())
    images = np.random.default_rng(0).random((BATCH, *bundle.image_shape), np.float32)
    seconds = []
    for _ in range(6):
        start = time.perf_counter()
        bundle.infer(images)
        seconds.append(time.perf_counter() - start)
    return BATCH / statistics.median(seconds[1:])


def encoded(folder: Path, size: int, form: str) -> dict[str, float]:
    """Seconds and peak memory of one process that encodes so many pictures."""
    source = folder / f"{size}.npy"
    if not source.exists():
        rows = np.lib.format.open_memmap(source, "w+", np.uint8, (size, 28, 28))
        rng = np.random.default_rng(0)
        for start in range(0, size, BATCH):
            rows[start : start + BATCH] = rng.integers(256, size=(min(BATCH, size - start), 28, 28), dtype=np.uint8)
        rows.flush()
    target = folder / f"codes.{form}"
    command = [sys.executable, "-c", _CHILD, str(BUNDLE), str(source), "-o", str(target)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    if result["code"] != 0:
        raise SystemExit(done.stderr)
    return result


if __name__ == "__main__":
    main()
