"""A trained InfoGAN in one file: G, Q and perhaps an encoder as ONNX, with what is needed to use, check and cite them.

Opening needs numpy and onnxruntime, no torch.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..trainer.errors import first_line
from ..trainer.latents import LatentSpec
from .container import (
    CARD,
    ENCODER,
    GENERATOR,
    GOLDEN,
    MANIFEST,
    MEMBERS,
    RECOGNITION,
    BundleError,
    Members,
    read_members,
)
from .framing import Framing, framing_of
from .gate import check_model
from .golden import ENCODED, read_golden
from .manifest import Manifest, parse_manifest
from .runtime import open_session

__all__ = ["Bundle", "BundleError", "Posterior", "assemble"]

Array = NDArray[np.float32]
PAIR_KEY = "infogan.pair_id"
SPEC_KEY = "infogan.latents"
MOST_ROWS = 256  # that one run of a network gets: bounds memory, and more are no faster


@dataclass(frozen=True)
class Posterior:
    """What Q infers from n pictures, by code name.

    Attributes:
        probs: of each categorical code (n, size); of each Bernoulli code (n, 1), P(c = 1). float32 in [0, 1].
        mean: of each continuous code, (n,) float32.
        std: of each continuous code, (n,) float32, > 0.
    """

    probs: dict[str, Array]
    mean: dict[str, Array]
    std: dict[str, Array]


class Bundle:
    """An opened bundle. Instances come from :meth:`open`.

    Attributes:
        path: where it was opened; None when it was made in memory.
        manifest: what the bundle says of itself.
        card: the model card, as Markdown; empty where it was made in memory.
        files: sha256 and bytes of each member, as the manifest lists them; empty where it was made in memory.
        fingerprint: SHA-256 of the manifest, which holds those of all else; empty where it was made in memory.
    """

    def __init__(self, manifest: Manifest, members: Members, path: Path | None = None, threads: int = 1) -> None:
        self.path = path
        self.manifest = manifest
        self.card = members.get(CARD, b"").decode("utf-8", "replace")
        self.files: dict[str, dict[str, Any]] = {}
        self.fingerprint = ""
        self._generator = _session(GENERATOR, members, manifest, threads)
        self._recognition = _session(RECOGNITION, members, manifest, threads)
        self._encoder = _session(ENCODER, members, manifest, threads) if ENCODER in members else None
        self._outputs = [output.name for output in self._recognition.get_outputs()]
        self._check_interface()

    @classmethod
    def open(cls, path: Path | str, threads: int = 1) -> "Bundle":
        """Read, verify and load a bundle, a .infogan file or a folder with the same members.

        Args:
            path: the file or folder; it is read once and not touched again.
            threads: how many threads share one operator; 1 is best for single pictures.

        Raises:
            BundleError: it is not there, not a bundle, damaged, of a newer version, or does not give its own golden
                answers.
        """
        path = Path(path)
        return cls.verified(read_members(path), path, threads)

    @classmethod
    def verified(cls, members: Members, path: Path, threads: int = 1) -> "Bundle":
        """Load members that were read already, with every check that :meth:`open` makes.

        Raises:
            BundleError: as :meth:`open`.
        """
        try:
            manifest, files, golden = _checked(members)
            bundle = cls(manifest, members, path, threads)
            bundle._check_golden(golden)
            bundle.files, bundle.fingerprint = files, hashlib.sha256(members[MANIFEST]).hexdigest()
        except Exception as error:  # onnxruntime, numpy and json raise dozens of types on crafted input
            raise BundleError(f"{path} is not a usable bundle: {first_line(error)}") from error
        return bundle

    @property
    def name(self) -> str:
        """What the model is called."""
        return self.manifest.name

    @property
    def latents(self) -> LatentSpec:
        """The latent space."""
        return self.manifest.latents

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Channels, height and width of a picture."""
        return self.manifest.image_shape

    @property
    def has_encoder(self) -> bool:
        """Whether :meth:`encode` and :meth:`reconstruct` can be asked."""
        return self._encoder is not None

    @property
    def framing(self) -> Framing:
        """How a picture from outside is made one that Q knows."""
        return framing_of(self.manifest.provenance, self.image_shape)

    def label(self, name: str, index: int) -> str | None:
        """What class ``index`` of the code ``name`` is, such as "7"; None where no label is known."""
        labels = self.manifest.labels.get(name, ())
        return labels[index] if 0 <= index < len(labels) else None

    def meaning(self, name: str) -> str | None:
        """What the code ``name`` changes, such as "slant"; None where nothing is known."""
        return self.manifest.meanings.get(name)

    def precision(self, name: str, index: int) -> float | None:
        """Share of the test pictures that Q puts into class ``index`` that are what its label says; None if unknown."""
        shares = self.manifest.precision.get(name, ())
        return shares[index] if 0 <= index < len(shares) else None

    def generate(self, z: Array, c: Array) -> Array:
        """G(z, c).

        Args:
            z: noise, (n, latents.noise.size) float32.
            c: codes, (n, latents.width) float32, laid out as the spec orders them.

        Returns:
            Pictures (n, C, H, W) float32 in [0, 1], ink = 1.

        Raises:
            ValueError: shapes that do not fit the latent space.
        """
        widths = self.latents.noise.size, self.latents.width
        if z.ndim != 2 or c.ndim != 2 or (z.shape[1], c.shape[1]) != widths or len(z) != len(c):
            raise ValueError(f"expected z (n, {widths[0]}) and c (n, {widths[1]}), got {z.shape} and {c.shape}")
        feeds = {"z": np.ascontiguousarray(z, np.float32), "c": np.ascontiguousarray(c, np.float32)}
        (images,) = _run(self._generator, feeds, ["image"])
        return images.clip(0, 1)

    def infer(self, images: Array) -> Posterior:
        """Q(c | x).

        Args:
            images: (n, C, H, W) float32 in [0, 1], ink = 1.

        Raises:
            ValueError: another shape.
        """
        outputs = _run(self._recognition, {"image": self._fitting(images)}, self._outputs)
        values = dict(zip(self._outputs, outputs, strict=True))
        columns = {code.name: i for i, code in enumerate(self.latents.continuous)}
        return Posterior(
            {name: values["probs"][:, part] for name, part in self.latents.probability_slices.items()},
            {name: values["mean"][:, i] for name, i in columns.items()},
            {name: values["std"][:, i] for name, i in columns.items()},
        )

    def encode(self, images: Array) -> tuple[Array, Array]:
        """The latents from which G draws pictures again.

        Args:
            images: (n, C, H, W) float32 in [0, 1], ink = 1.

        Returns:
            z (n, latents.noise.size) float32, how they are drawn, where the prior has its mass: by the encoder;
            c (n, latents.width) float32, what is drawn: the likeliest classes and the means that Q infers.

        Raises:
            ValueError: another shape, or a bundle without an encoder.
        """
        posterior = self.infer(images)
        return self.noise_of(images), self.latents.inferred(posterior.probs, posterior.mean)

    def reconstruct(self, images: Array) -> Array:
        """G of the latents that :meth:`encode` finds: pictures (n, C, H, W) float32 in [0, 1].

        Raises:
            ValueError: as :meth:`encode`.
        """
        return self.generate(*self.encode(images))

    def noise_of(self, images: Array) -> Array:
        """E(x), the z of :meth:`encode` alone, within the reach of the noise whatever the graph gives.

        Raises:
            ValueError: as :meth:`encode`.
        """
        if self._encoder is None:
            raise ValueError(f"the bundle {self.name} has no encoder")
        (z,) = _run(self._encoder, {"image": self._fitting(images)}, ["z"])
        reach = self.latents.noise.reach
        return np.nan_to_num(z, nan=0.0).clip(-reach, reach)

    def _fitting(self, images: Array) -> Array:
        if images.ndim != 4 or images.shape[1:] != self.image_shape:
            raise ValueError(f"expected pictures (n, {', '.join(map(str, self.image_shape))}), got {images.shape}")
        return np.ascontiguousarray(images, np.float32)

    def _check_interface(self) -> None:
        """Names, types and fixed dimensions of both graphs, against the manifest, before anything is run."""
        latents, shape = self.latents, list(self.image_shape)
        inputs = {"z": [latents.noise.size], "c": [latents.width]}
        _check_signature(GENERATOR, self._generator.get_inputs(), inputs)
        _check_signature(GENERATOR, self._generator.get_outputs(), {"image": shape})
        _check_signature(RECOGNITION, self._recognition.get_inputs(), {"image": shape})
        _check_signature(RECOGNITION, self._recognition.get_outputs(), recognition_outputs(latents))
        if self._encoder is not None:
            _check_signature(ENCODER, self._encoder.get_inputs(), {"image": shape})
            _check_signature(ENCODER, self._encoder.get_outputs(), {"z": [latents.noise.size]})

    def _check_golden(self, golden: dict[str, Array]) -> None:
        actual = golden_answers(self, golden["z"], golden["c"])
        if actual.keys() != golden.keys():
            raise BundleError(f"only one of {ENCODER} and the golden answers of an encoder is there")
        for name, expected in golden.items():
            value = actual[name]
            if value.shape != expected.shape or not np.all(np.abs(value - expected) <= self.manifest.tolerance):
                raise BundleError(
                    f"it does not give its own golden answers ({name} differs), so its networks are damaged or no pair"
                )


def recognition_outputs(latents: LatentSpec) -> dict[str, list[int]]:
    """Names and widths of the recognition graph's outputs; those without a column do not exist."""
    discrete = sum(code.width for code in latents.discrete)
    continuous = len(latents.continuous)
    widths = {"probs": [discrete], "mean": [continuous], "std": [continuous]}
    return {name: width for name, width in widths.items() if width != [0]}


def golden_answers(bundle: Bundle, z: Array, c: Array) -> dict[str, Array]:
    """What a bundle makes of some latents: z, c, image, and what Q and the encoder read from those images."""
    images = bundle.generate(z, c)
    posterior = bundle.infer(images)
    empty = np.zeros((len(z), 0), np.float32)
    encoded = {ENCODED: bundle.noise_of(images)} if bundle.has_encoder else {}
    return {
        "z": z,
        "c": c,
        "image": images,
        "probs": np.concatenate([empty, *posterior.probs.values()], 1),
        "mean": np.stack(list(posterior.mean.values()), 1) if posterior.mean else empty,
        "std": np.stack(list(posterior.std.values()), 1) if posterior.std else empty,
        **encoded,
    }


def assemble(manifest: Manifest, members: Members) -> Members:
    """Add the manifest, which lists the sizes and hashes of all other members."""
    files = {
        name: {"sha256": hashlib.sha256(members[name]).hexdigest(), "bytes": len(members[name])}
        for name in MEMBERS
        if name != MANIFEST and name in members
    }
    return {MANIFEST: manifest.to_json(files), **members}


def check(members: Members, path: Path) -> None:
    """Make every check that needs no onnxruntime: the manifest, the hashes, both graphs, the golden answers' form.

    Raises:
        BundleError: one of them fails.
    """
    try:
        _checked(members)
    except Exception as error:  # as in Bundle.verified
        raise BundleError(f"{path} is not a usable bundle: {first_line(error)}") from error


def _checked(members: Members) -> tuple[Manifest, dict[str, dict[str, Any]], dict[str, Array]]:
    """The manifest, what it says of the other members, and the golden answers."""
    manifest, files = parse_manifest(members[MANIFEST])
    _check_files(members, files)
    for name in (GENERATOR, RECOGNITION, ENCODER):
        if name not in members:
            continue
        try:
            check_model(members[name])
        except ValueError as error:
            raise BundleError(f"{name} is not such as infogan-export writes: {error}") from error
    try:
        golden = read_golden(members[GOLDEN])
    except Exception as error:  # numpy's parser of headers raises dozens of types
        raise BundleError(f"cannot read {GOLDEN} ({first_line(error)})") from error
    return manifest, files, golden


def _check_files(members: Members, files: dict[str, dict[str, Any]]) -> None:
    absent = sorted(files.keys() - members.keys())
    if absent:
        raise BundleError(f"the manifest lists {absent[0]}, which is not there")
    for name in members:
        if name == MANIFEST:
            continue
        if name not in files:
            raise BundleError(f"the manifest does not list {name}")
        if files[name] != {"sha256": hashlib.sha256(members[name]).hexdigest(), "bytes": len(members[name])}:
            raise BundleError(f"{name} was damaged or altered, it does not match the SHA-256 in the manifest")


def _session(name: str, members: Members, manifest: Manifest, threads: int) -> Any:
    try:
        session = open_session(members[name], threads)
        facts = session.get_modelmeta().custom_metadata_map
    except Exception as error:  # onnxruntime's exceptions share no base class
        raise BundleError(f"onnxruntime cannot load {name} ({first_line(error)})") from error
    if facts.get(PAIR_KEY) != manifest.pair_id:
        raise BundleError(f"{name} belongs to another pair of networks")
    if json.loads(facts.get(SPEC_KEY, "null")) != manifest.latents.to_json():
        raise BundleError(f"{name} was made for another latent space")
    return session


def _check_signature(member: str, tensors: list[Any], expected: dict[str, list[int]]) -> None:
    found = {t.name: list(t.shape[1:]) for t in tensors if t.type == "tensor(float)" and isinstance(t.shape[0], str)}
    if found != expected or len(tensors) != len(expected):
        actual = {t.name: (t.type, t.shape) for t in tensors}
        raise BundleError(f"{member} has {actual}, expected float (batch, ...) {expected}")


def _run(session: Any, feeds: dict[str, Array], outputs: list[str]) -> list[Array]:
    """Run in chunks of rows and join the outputs; no rows give no rows."""
    n = len(next(iter(feeds.values())))
    chunks = [
        session.run(outputs, {name: value[i : i + MOST_ROWS] for name, value in feeds.items()})
        for i in range(0, max(n, 1), MOST_ROWS)
    ]
    return chunks[0] if len(chunks) == 1 else [np.concatenate(parts) for parts in zip(*chunks, strict=True)]
