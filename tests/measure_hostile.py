"""What hostile bundles cost: those of hostile.py must be refused, random changes of a good one opened or refused.

    python tests/measure_hostile.py [--mutations 20000]

Each runs in a fork of its own, so that a crash is counted and memory is measured (Linux). The table goes to
docs/reliability.md by hand.
"""

import argparse
import gc
import json
import os
import random
import resource
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from hostile import corpus
from packing import resealed

from infogan.export.bundle import Bundle, BundleError
from infogan.export.container import GENERATOR, GOLDEN, MANIFEST, RECOGNITION, Members, read_members
from infogan.export.package import export_bundle
from infogan.export.stored_zip import write_stored
from infogan.trainer import checkpoint, data, originals
from infogan.trainer.cli import main as train
from tiny import TINY, digits, write_data_set

BATCH = 200  # mutations a fork


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mutations", type=int, default=20_000)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")  # zipfile warns of the doubled names that are made here
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "m.infogan"
        members = read_members(good_bundle(Path(folder)))
        Bundle.verified(members, path)  # what is loaded once is loaded
        costs = []
        for name, bundle in corpus(members):
            path.write_bytes(bundle.data)
            cost = forked(lambda: cost_of_opening(path))
            print(f"{cost['seconds'] * 1000:7.1f} ms {cost['bytes'] / 2**20:6.1f} MiB  {cost['outcome']}  {name}")
            costs.append(cost)
        print(f"{len(costs)} hostile bundles: {dict(Counter(cost['outcome'] for cost in costs))}")
        print(f"at most {max(cost['seconds'] for cost in costs) * 1000:.0f} ms", end=" and ")
        print(f"{max(cost['bytes'] for cost in costs) / 2**20:.0f} MiB")
        outcomes: Counter[str] = Counter()
        for start in range(0, arguments.mutations, BATCH):
            outcomes += Counter(forked(lambda start=start: opened(members, range(start, start + BATCH), path)))
        print(f"{arguments.mutations} mutations: {dict(outcomes)}")


def good_bundle(folder: Path) -> Path:
    """A small bundle, of a run of two steps."""
    rng = np.random.default_rng(0)
    data.DATA_SETS["tiny"] = write_data_set(folder, {"train": digits(rng, 80), "test": digits(rng, 40)})
    os.environ[originals.CACHE_VARIABLE] = str(folder / "cache")
    assert train([*TINY, "--data-dir", str(folder), "--steps", "2", "--out", str(folder / "run")]) == 0
    export_bundle(checkpoint.newest(folder / "run")[0], folder / "good.infogan")
    return folder / "good.infogan"


def forked(work: Callable[[], dict[str, object]]) -> dict:
    """What ``work`` returns, done in a fork; {"crashed": 1, ...} where that ended otherwise."""
    gc.collect()
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.write(writer, json.dumps(work()).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        answer = stream.read()
    _, status = os.waitpid(child, 0)
    return json.loads(answer) if not status else {"crashed": 1, "outcome": "crashed", "seconds": 0, "bytes": 0}


def cost_of_opening(path: Path) -> dict[str, object]:
    """The outcome, seconds, and bytes of memory above those before."""
    before = peak(anew=True)
    start = time.perf_counter()
    outcome = open_once(lambda: Bundle.open(path))
    return {"outcome": outcome, "seconds": time.perf_counter() - start, "bytes": peak() - before}


def peak(anew: bool = False) -> int:
    """The most memory that this process has had, in bytes, or has now."""
    if anew:
        Path("/proc/self/clear_refs").write_text("5")
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) * 1024


def open_once(opening: Callable[[], object]) -> str:
    """Opened, refused, or the type of what else was raised."""
    try:
        opening()
    except BundleError:
        return "refused"
    except BaseException as error:
        return type(error).__name__
    return "opened"


def opened(members: Members, numbers: range, path: Path) -> dict[str, object]:
    """How often changed bundles were opened and refused, within 4 GB and 60 s of CPU."""
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
    resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
    return dict(Counter(open_once(lambda file=file: open_file(file, path)) for file in changed(members, numbers)))


def open_file(file: bytes, path: Path) -> None:
    """Open these bytes as a bundle."""
    path.write_bytes(file)
    Bundle.open(path)


def changed(members: Members, numbers: range) -> Iterator[bytes]:
    """A bundle for each number, with some bytes changed: of the file, or of a member whose hash is then made true."""
    for number in numbers:
        rng = random.Random(number)
        name = rng.choice([None, MANIFEST, GENERATOR, RECOGNITION, GOLDEN])
        if name is None:
            yield mutated(write_stored(members), rng)
        elif name == MANIFEST:
            yield write_stored({**members, MANIFEST: mutated(members[MANIFEST], rng)})
        else:
            yield write_stored(resealed({**members, name: mutated(members[name], rng)}))


def mutated(content: bytes, rng: random.Random) -> bytes:
    """Some bytes set, cut out or doubled, mostly near the ends, where the structure is."""
    result = bytearray(content)
    for _ in range(rng.randint(1, 4)):
        place = rng.choice([rng.randrange(len(result)), rng.randrange(500) % len(result)])
        place = rng.choice([place, len(result) - 1 - place])
        piece = bytes(result[place : place + rng.randint(1, 8)])
        result[place : place + len(piece)] = rng.choice([rng.randbytes(len(piece)), b"", piece * 2, bytes(len(piece))])
    return bytes(result)


if __name__ == "__main__":
    main()
