"""From a checkpoint to a bundle on the disk."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ..trainer import checkpoint, data
from ..trainer.config import TrainConfig
from ..trainer.errors import UserError
from .bundle import Bundle, assemble, golden_answers
from .card import model_card
from .classifier import eye_for
from .container import CARD, ENCODER, GENERATOR, GOLDEN, RECOGNITION, Members, check_free, write_members
from .evaluate import evaluate
from .evaluation_table import summary, table
from .golden import write_golden
from .manifest import Manifest, Weights
from .naming import name_categories, name_continuous, settings_of

GOLDEN_LATENTS = 8
DIFFERENCE = "largest difference from the trained networks in any output"  # among the figures of quality
_NOT_ALL: dict[str, str] = {
    "fp16": "fp16 alone would change pictures or readings by more than 0.001",
    "int8": "eight bits are for large fully connected layers, as far as no picture or reading compared changes by 0.1",
}
_THREADS = 2  # for naming, which reads the whole training split


def export_bundle(
    state: checkpoint.State,
    output: Path,
    weights: Weights = "fp16",
    data_dir: Path | None = None,
    name: str | None = None,
    note: str | None = None,
    say: Callable[[str], object] = lambda text: None,
) -> Bundle:
    """Convert a checkpoint, measure and name its codes where labelled data is at hand, check the result and write it.

    Args:
        state: the checkpoint.
        output: the file (NAME.infogan) or folder to write; it must not exist.
        weights: as in :func:`~infogan.export.convert.convert`.
        data_dir: folder with the labelled data; None: the run's own, or the cache. Nothing is downloaded.
        name: what the model is called; None: the output's name.
        note: a sentence for the model card.
        say: called with a line about what is being done.

    Raises:
        UserError: the output exists or cannot be written, or the graphs do not agree with torch.
    """
    check_free(output)
    config = checkpoint.config_of(state)
    if data_dir is not None and not data_dir.is_dir() and config.dataset != "folder":
        raise UserError(f"{data_dir} is not a folder; give --data-dir the folder with the labelled data")
    say("converting the networks to ONNX")
    manifest, members = _convert(state, config, weights, name or output.stem)
    stored = manifest.provenance["weights"]
    if stored != weights:
        say(f"weights are stored as {stored}: {_NOT_ALL[weights]}")
    if note:
        manifest = replace(manifest, provenance={**manifest.provenance, "note": note})
    return finish(manifest, members, output, data_dir or config.data_dir, say)


def finish(
    manifest: Manifest, members: Members, output: Path, data_dir: Path | None, say: Callable[[str], object]
) -> Bundle:
    """Measure and name the codes of networks, check them as whoever opens the bundle will, and write it.

    Args:
        manifest: what is known of the networks; its provenance says what data they were trained on.
        members: the graphs and their golden answers.
        output: as in :func:`export_bundle`.
        data_dir: as in :func:`export_bundle`.
        say: called with a line about what is being done.

    Raises:
        UserError: the output exists or cannot be written.
    """
    manifest = _measured(manifest, members, data_dir, say)
    members = assemble(manifest, {**members, CARD: model_card(manifest, ENCODER in members).encode()})
    bundle = Bundle.verified(members, output)
    write_members(output, members)
    return bundle


def in_memory(
    state: checkpoint.State, config: TrainConfig, name: str, threads: int = 1, weights: Weights = "fp16"
) -> Bundle:
    """A checkpoint's networks as a bundle that is not on any disk.

    Raises:
        UserError: the graphs do not agree with torch.
    """
    manifest, members = _convert(state, config, weights, name)
    return Bundle(manifest, members, threads=threads)


def _convert(state: checkpoint.State, config: TrainConfig, weights: Weights, name: str) -> tuple[Manifest, Members]:
    """The graphs with their golden answers, and a manifest without names."""
    from ..trainer.encoder import trained_encoder
    from ..trainer.state import trained_model
    from .convert import convert

    converted = convert(trained_model(state, config), weights, trained_encoder(state, config))
    manifest = Manifest(
        name=name,
        licence=_licence(config.dataset),
        latents=config.latents,
        image_shape=tuple(state["shape"]),
        pair_id=converted.pair_id,
        tolerance=converted.tolerance,
        provenance=_provenance(state, config, converted.weights),
        quality={DIFFERENCE: float(f"{converted.difference:.2g}")},
    )
    members = {GENERATOR: converted.generator, RECOGNITION: converted.recognition}
    if converted.encoder is not None:
        members[ENCODER] = converted.encoder
    return manifest, {**members, GOLDEN: golden(manifest, members)}


def golden(manifest: Manifest, members: Members) -> bytes:
    """What the graphs make of a few latents: the answers that opening the bundle anywhere must give again."""
    z, c = manifest.latents.sample(np.random.default_rng(0), GOLDEN_LATENTS)
    bundle = Bundle(manifest, members)
    return write_golden(golden_answers(bundle, z, c))


def _measured(
    manifest: Manifest,
    members: Members,
    data_dir: Path | None,
    say: Callable[[str], object],
) -> Manifest:
    """Add names of categories and continuous codes and measured figures, where the labelled data can be found."""
    bundle = Bundle(manifest, members, threads=_THREADS)
    config = settings_of(manifest)
    assert config is not None
    dataset, prepared = config.dataset, config.preparation
    try:
        train = data.load(dataset, data_dir, "train", download=False, preparation=prepared)
    except UserError as error:
        say(f"the codes stay unnamed and unmeasured: {error}")
        return manifest
    known = {**manifest.provenance["data"], "sha256": train.fingerprint}
    manifest = replace(manifest, provenance={**manifest.provenance, "data": known})
    try:
        test = data.load(dataset, data_dir, "test", download=False, preparation=prepared)
    except UserError as error:
        say(f"the codes stay unmeasured: {error}")
        naming = name_categories(bundle, train)
        return manifest if naming is None else replace(manifest, labels={naming.code: naming.labels})
    report = evaluate(bundle, train, test, eye_for(dataset, train, test, _THREADS, say), say)
    say(table(report))
    named = replace(manifest, meanings=name_continuous(report.get("continuous", {})))
    if "categories" in report:
        code, labels = report["categories"]["code"], report["categories"]["labels"]
        precision = tuple(round(value, 4) for value in report["categories"]["precision"])
        named = replace(named, labels={code: labels}, precision={code: precision})
    return replace(named, quality={**manifest.quality, **summary(report)})


def _provenance(state: checkpoint.State, config: TrainConfig, weights: str) -> dict[str, Any]:
    """Where the weights come from; without paths of this machine."""
    data_set = data.described(config.dataset)
    known = {"name": config.dataset, "licence": data_set.licence}
    if isinstance(data_set, data.IdxDataSet):  # of others the fingerprint depends on how they are prepared
        known["sha256"] = data_set.files["train"][0].sha256
    return {
        "step": state["step"],
        "seed": config.seed,
        "recipe": config.recipe,
        "weights": weights,
        "training_seconds": round(state["seconds"]),
        "score": state["best"],
        "data": known,
        "config": config.without_paths(),
    }


def _licence(dataset: str) -> str:
    known = data.described(dataset)
    return f"{'MIT; ' if known.shareable else ''}trained on {dataset} ({known.licence})"
