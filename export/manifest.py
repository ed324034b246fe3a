"""manifest.json: what a bundle says of itself, checked as it is read."""

import json
import math
from dataclasses import dataclass, field
from typing import Any, Literal, NoReturn

from ..trainer.latents import Categorical, LatentSpec

Weights = Literal["fp32", "fp16", "int8"]  # how a bundle stores its large weights
FORMAT = "infogan-bundle"
FORMAT_VERSION = 1
MAX_SIDE = 512
MAX_TEXT = 200
MAX_JSON = 256 << 10
MAX_DEPTH = 8
MAX_DIGITS = 300


@dataclass(frozen=True)
class Manifest:
    """The content of manifest.json but for the list of files.

    Attributes:
        name: what the model is called, for a title bar.
        licence: of the weights.
        latents: the latent space.
        image_shape: channels, height, width of a picture; pixels are in [0, 1], ink = 1.
        pair_id: SHA-256 over both networks' weights; both graphs carry it too: G is never paired with another Q.
        labels: for some categorical codes, what each class is ("7"), None where it has no name.
        precision: for the same codes, the share of test pictures in each class that are what its label says.
        meanings: for some continuous codes, what they change ("slant, r = 0.93").
        tolerance: largest difference from the golden answers that opening accepts.
        provenance: where the weights come from: data with licence and hash, settings, steps, versions.
        quality: measured figures.
    """

    name: str
    licence: str
    latents: LatentSpec
    image_shape: tuple[int, int, int]
    pair_id: str
    labels: dict[str, tuple[str | None, ...]] = field(default_factory=dict)
    precision: dict[str, tuple[float, ...]] = field(default_factory=dict)
    meanings: dict[str, str] = field(default_factory=dict)
    tolerance: float = 1e-3
    provenance: dict[str, Any] = field(default_factory=dict)
    quality: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        channels, height, width = self.image_shape
        if channels not in (1, 3) or not (1 <= height <= MAX_SIDE and 1 <= width <= MAX_SIDE):
            raise ValueError(f"pictures must have 1 or 3 channels and sides up to {MAX_SIDE}, got {self.image_shape}")
        if not 0 < self.tolerance < 1:
            raise ValueError(f"tolerance must be above 0 and below 1, got {self.tolerance}")
        sizes = {code.name: code.size for code in self.latents.codes if isinstance(code, Categorical)}
        for name, labels in self.labels.items():
            if len(labels) != sizes.get(name):
                raise ValueError(f"labels of {name} do not fit the latent spec")
        for name, shares in self.precision.items():
            if len(shares) != sizes.get(name) or not all(0 <= share <= 1 for share in shares):
                raise ValueError(f"the precision of {name} does not fit the latent spec")
        if not {code.name for code in self.latents.codes} >= self.meanings.keys():
            raise ValueError("meanings name codes that the latent spec does not have")

    def to_json(self, files: dict[str, dict[str, Any]]) -> bytes:
        """The manifest as UTF-8 JSON, with ``files``: sha256 and bytes of each other member."""
        channels, height, width = self.image_shape
        data = {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "name": self.name,
            "licence": self.licence,
            "latents": self.latents.to_json(),
            "image": {"channels": channels, "height": height, "width": width, "range": [0, 1], "ink": 1},
            "labels": self.labels,
            "precision": self.precision,
            "meanings": self.meanings,
            "pair_id": self.pair_id,
            "tolerance": self.tolerance,
            "files": files,
            "provenance": self.provenance,
            "quality": self.quality,
        }
        return (json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def parse_manifest(data: bytes) -> tuple[Manifest, dict[str, dict[str, Any]]]:
    """Read what :meth:`Manifest.to_json` wrote; unknown keys are ignored.

    Returns:
        The manifest, and sha256 and bytes of each other member.

    Raises:
        ValueError: anything else, including doubled keys, numbers that are not finite or of more than 300 digits,
            nesting beyond 8 levels, and a newer format.
    """
    if len(data) > MAX_JSON:
        raise ValueError(f"the manifest is larger than {MAX_JSON >> 10} KiB")
    try:
        content = json.loads(
            data, object_pairs_hook=_without_doubles, parse_constant=_refuse, parse_float=_finite, parse_int=_short
        )
        _check_depth(content, MAX_DEPTH)
    except json.JSONDecodeError as error:
        raise ValueError(f"the manifest is not JSON ({error})") from error
    except RecursionError as error:
        raise ValueError("the manifest is nested too deeply") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ValueError(f"the manifest does not say format {FORMAT!r}")
    if content.get("format_version") != FORMAT_VERSION:
        raise ValueError(
            f"format version {content.get('format_version')!r} is not {FORMAT_VERSION}, the one this program reads; "
            "a newer program is needed"
        )
    try:
        image = content["image"]
        manifest = Manifest(
            _text(content["name"]),
            _text(content["licence"]),
            LatentSpec.from_json(content["latents"]),
            (_whole(image["channels"]), _whole(image["height"]), _whole(image["width"])),
            _text(content["pair_id"]),
            {_text(name): tuple(_text_or_none(x) for x in labels) for name, labels in content["labels"].items()},
            # Bundles of the first release do not state it.
            {_text(name): tuple(_number(x) for x in shares) for name, shares in content.get("precision", {}).items()},
            {_text(name): _text(meaning) for name, meaning in content["meanings"].items()},
            _number(content["tolerance"]),
            _object(content["provenance"]),
            _object(content["quality"]),
        )
        files = {
            name: {"sha256": _text(entry["sha256"]), "bytes": _whole(entry["bytes"])}
            for name, entry in content["files"].items()
        }
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"the manifest lacks or garbles {error}") from error
    return manifest, files


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key stands twice in the manifest")
    return result


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} in the manifest")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        _refuse(text)
    return value


def _short(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise ValueError(f"a number of {len(text)} digits in the manifest")
    return int(text)


def _check_depth(content: Any, most: int) -> None:
    if isinstance(content, dict | list):
        if most == 0:
            raise ValueError(f"the manifest is nested too deeply, more than {MAX_DEPTH} levels")
        for value in content.values() if isinstance(content, dict) else content:
            _check_depth(value, most - 1)


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        raise TypeError(f"a text of up to {MAX_TEXT} characters, got {str(value)[:40]!r}")
    return value


def _text_or_none(value: Any) -> str | None:
    return None if value is None else _text(value)


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise TypeError(f"a whole number, got {value!r}")
    return value


def _number(value: Any) -> float:
    if type(value) not in (int, float) or not math.isfinite(value):
        raise TypeError(f"a number, got {value!r}")
    return float(value)


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError(f"an object, got {value!r}")
    return value
