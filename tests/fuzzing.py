"""What reads files of strangers, each as a function of bytes that says whether it took them.

    pip install atheris
    python tests/fuzzing.py gate -max_total_time=600

runs one of them under the coverage-guided fuzzer atheris (libFuzzer's options follow its name) on what is kept in
tests/data/fuzzing/gate; ``--seeds`` writes the good files that it began with there, and
``-merge=1`` keeps those that reach something new. test_fuzzing.py reads all that is kept in every run of the tests.
"""

import io
import json
import os
import sys
import tempfile
import warnings
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

CORPUS = Path(__file__).parent / "data" / "fuzzing"
_FILES = 20  # of a zip of pictures: more are not read otherwise
LARGEST = 1 << 16  # bytes of an input: what is larger only takes longer


def gate(data: bytes) -> bool:
    """A network."""
    from infogan.export.gate import check_model

    return accepted(lambda: (check_model(data), True))


def archive(data: bytes) -> bool:
    """A bundle's ZIP."""
    from infogan.export.stored_zip import read_stored

    return accepted(read_stored, data, 5)


def manifest(data: bytes) -> bool:
    """What a bundle says of itself."""
    from infogan.export.manifest import parse_manifest

    return accepted(parse_manifest, data)


def golden(data: bytes) -> bool:
    """A bundle's golden answers."""
    from infogan.export.golden import read_golden

    return accepted(read_golden, data)


def texts(data: bytes) -> bool:
    """The JSON of a code, of a drawing, or of bookmarks."""
    from infogan.gui.bookmarks import bookmarks_from
    from infogan.gui.drawing_file import drawing_from
    from infogan.gui.latent import from_json
    from infogan.trainer.latents import LatentSpec

    try:
        content = json.loads(data.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return False
    readers = partial(drawing_from), partial(bookmarks_from, LatentSpec()), partial(from_json, LatentSpec())
    taken = [accepted(read, content) for read in readers]
    return any(taken)


def picture(data: bytes) -> bool:
    """A picture file, with a code inside or without."""
    from infogan.gui.picture_file import opened_picture

    return accepted(opened_picture, written(data, "picture"))


def idx(data: bytes) -> bool:
    """An unpacked IDX file of pictures."""
    from infogan.trainer.originals import read_idx

    return accepted(read_idx, written(data, "idx"), 3)


def gzipped(data: bytes) -> bool:
    """A packed one."""
    from infogan.trainer.originals import _inflate

    path = written(data, "gz")
    return accepted(lambda: sum(map(len, _inflate(path, 10_000))))


def source(data: bytes) -> bool:
    """What infogan-encode reads in one file: IDX, packed or not, a .npy array, or a zip of pictures."""
    from infogan.export.framing import Framing
    from infogan.export.picture_source import open_source

    def read() -> int:
        pieces = open_source(written(data, "source"), (1, 2, 2), Framing(False)).pieces(0, 3)
        return sum(len(piece.images) for piece, _ in zip(pieces, range(_FILES), strict=False))

    return accepted(read)


def decoded(data: bytes) -> bool:
    """A picture to learn from (Pillow's own decoders are not instrumented)."""
    from infogan.trainer.decoding import decode

    return accepted(decode, data, "RGB")


def pictures(data: bytes) -> bool:
    """A zip of pictures to learn from: all that it lists are read or left out."""
    from infogan.trainer.archives import open_archive

    path = written(data, "pictures.zip")
    if not accepted(open_archive, path):
        return False
    taken = [accepted(file.read) for file in open_archive(path).files[:_FILES]]
    return any(taken)


def settings(data: bytes) -> bool:
    """The app's own settings."""
    from PySide6.QtCore import QByteArray, QSettings

    from infogan.gui.settings import LANGUAGES, SCHEMES, Settings

    with tempfile.TemporaryDirectory(dir=folder()) as place:  # another one each time: Qt remembers what it has read
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, place)
        ini = Path(place) / "infogan-explorer" / "infogan-explorer.ini"
        ini.parent.mkdir()
        ini.write_bytes(data)
        read = Settings()
        assert all(isinstance(path, Path) for path in read.recent)
        assert all(isinstance(fingerprint, str) for fingerprint in read.known)
        assert 0 <= read.tab < 100
        assert read.scheme in SCHEMES
        assert read.language in LANGUAGES
        assert read.geometry is None or isinstance(read.geometry, QByteArray)
        assert {read.films, read.hint_seen} <= {True, False}
        return read.tab > 0


TARGETS: dict[str, Callable[[bytes], bool]] = {
    target.__name__: target
    for target in (gate, archive, manifest, golden, texts, picture, idx, gzipped, source, decoded, pictures, settings)
}


def accepted(read: Callable[..., object], *arguments: object) -> bool:
    """Whether it is read; a refusal is a ValueError or a sentence for the user, and nothing else."""
    from infogan.trainer.errors import UserError

    try:
        return read(*arguments) is not None
    except (ValueError, UserError):
        return False


def folder() -> Path:
    """Where files are written that are only read from disk; in memory where the system has such a place."""
    memory = Path("/dev/shm")
    path = (memory if memory.is_dir() else Path(tempfile.gettempdir())) / f"infogan-fuzzing-{os.getpid()}"
    path.mkdir(exist_ok=True)
    return path


def written(data: bytes, name: str) -> Path:
    """A file with this content."""
    path = folder() / name
    path.write_bytes(data)
    return path


def seeds() -> Iterator[tuple[str, str, bytes]]:
    """Good files: target, name, content."""
    import gzip

    import numpy as np
    import onnx

    from infogan.export.golden import NAMES, write_golden
    from infogan.export.manifest import Manifest
    from infogan.export.storage import quantised
    from infogan.export.stored_zip import write_stored
    from infogan.gui.bookmarks import Bookmark, bookmarks_json
    from infogan.gui.drawing_file import drawing_json
    from infogan.gui.latent import Latent, as_codes, to_json, to_text
    from infogan.gui.raster import png
    from infogan.gui.strokes import Drawing
    from infogan.trainer.latents import LatentSpec
    from tiny import idx as idx_bytes

    yield "gate", "good", network(onnx).SerializeToString()
    yield "gate", "eight bits", quantised(network(onnx), 8).SerializeToString()
    yield "golden", "good", write_golden({name: np.ones((2, 3), np.float32) for name in NAMES})
    yield "archive", "good", write_stored({"manifest.json": b"{}", "README.md": b"#"})
    latents = LatentSpec()
    known = {"c1": (*map(str, range(9)), None)}, {"c1": (0.9,) * 10}, {"c2": "slant"}
    told = Manifest("m", "MIT", latents, (1, 28, 28), "a" * 64, *known, 0.001, {"data": "d"}, {"accuracy": 0.9})
    yield "manifest", "good", told.to_json({"generator.onnx": {"sha256": "b" * 64, "bytes": 3}})
    latent = Latent(as_codes(latents.neutral()))
    yield "texts", "good", to_text(latents, latent).encode()
    yield "texts", "bookmarks", json.dumps(bookmarks_json(latents, [Bookmark("one", latent)])).encode()
    stroke = np.array([[0.1, 0.2, 1], [0.5, 0.6, 0.7]])
    yield "texts", "drawing", json.dumps(drawing_json(Drawing((stroke,)), latents, None)).encode()
    grey = np.eye(6, dtype=np.float32)
    yield "texts", "picture", json.dumps(drawing_json(Drawing(picture=grey), latents, None)).encode()
    yield "picture", "good", png((grey * 255).astype(np.uint8), json.dumps(to_json(latents, latent)))
    for kind in ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF"):
        yield "decoded", "good" if kind == "PNG" else kind.lower(), picture_file(kind)
    yield "pictures", "good", zip_of(picture_file("PNG"))
    yield "idx", "good", idx_bytes(np.zeros((2, 3, 3), np.uint8))
    yield "source", "good", idx_bytes(np.ones((2, 2, 2), np.uint8))
    yield "source", "packed", gzip.compress(idx_bytes(np.ones((2, 2, 2), np.uint8)), mtime=0)
    for name, array in (("bytes", np.ones((3, 2, 2), np.uint8)), ("levels", np.ones((3, 1, 2, 2), np.float32))):
        np.save(stream := io.BytesIO(), array)
        yield "source", name, stream.getvalue()
    yield "gzipped", "good", gzip.compress(bytes(range(100)) * 100, mtime=0)
    yield (
        "settings",
        "good",
        b"[General]\nrecent=/a.infogan, /b\ntab=2\nscheme=dark\ngeometry=@ByteArray(\\x1)\n",
    )


def picture_file(kind: str) -> bytes:
    """A small picture in colour."""
    import numpy as np
    from PIL import Image

    stream = io.BytesIO()
    Image.fromarray(np.arange(192, dtype=np.uint8).reshape(8, 8, 3)).save(stream, kind)
    return stream.getvalue()


def zip_of(contents: bytes) -> bytes:
    """A zip that holds this as it is and packed."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(zipfile.ZipInfo("stored.png"), contents)
        archive.writestr(zipfile.ZipInfo("folder/packed.png"), contents, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def network(onnx: Any) -> Any:
    """A graph with all three kinds of tensors and four kinds of attributes."""
    import numpy as np

    make, tensor = onnx.helper, onnx.numpy_helper.from_array
    nodes = [
        make.make_node("Relu", ["z"], ["y"]),
        make.make_node("Gemm", ["y", "w"], ["a"], transB=1, alpha=1.0),
        make.make_node("Cast", ["h"], ["b"], to=1),
        make.make_node("Add", ["a", "b"], ["c"]),
        make.make_node("Reshape", ["c", "shape"], ["d"]),
        make.make_node("Conv", ["d", "k"], ["x"], auto_pad="SAME_UPPER", kernel_shape=[1, 1]),
    ]
    numbers = {"w": np.eye(4), "h": np.ones(4), "shape": [-1, 1, 2, 2], "k": np.ones((1, 1, 1, 1))}
    kinds = {"w": np.float32, "h": np.float16, "shape": np.int64, "k": np.float32}
    tensors = [tensor(np.array(value, kinds[name]), name) for name, value in numbers.items()]
    ends = [make.make_tensor_value_info(name, 1, shape) for name, shape in (("z", ["n", 4]), ("x", ["n", 1, 2, 2]))]
    graph = make.make_graph(nodes, "g", ends[:1], ends[1:], tensors)
    return make.make_model(graph, ir_version=10, opset_imports=[make.make_opsetid("", 20)])


def main(argv: list[str]) -> None:
    """Fuzz one target, or write the seeds."""
    if argv[1:] == ["--seeds"]:
        for target, name, content in seeds():
            (CORPUS / target).mkdir(parents=True, exist_ok=True)
            (CORPUS / target / name).write_bytes(content)
        return
    import atheris

    name, *options = argv[1:]
    with atheris.instrument_imports(include=["infogan", "zipfile", "json", "gzip", "numpy.lib"]):
        warnings.simplefilter("ignore")
        TARGETS[name](b"")
    itself = f"{sys.executable} {argv[0]} {name}"  # how libFuzzer starts it again in order to merge
    atheris.Setup([itself, f"-max_len={LARGEST}", str(CORPUS / name), *options], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv)
