"""The model card: README.md inside a bundle."""

import json
from typing import Any

from .manifest import Manifest


def model_card(manifest: Manifest, has_encoder: bool = False) -> str:
    """Markdown that says what the model is, where it comes from and how good it is."""
    networks = "a generator G(z, c) and a recognition network Q(c | x)"
    if has_encoder:
        networks = "a generator G(z, c), a recognition network Q(c | x) and an encoder E(x) of the noise"
    provenance, (channels, height, width) = manifest.provenance, manifest.image_shape
    data = provenance.get("data", {})
    values = "values 0 to 1, ink is 1" if channels == 1 else "values 0 to 1"
    codes = ", ".join(f"{code.name} ({type(code).__name__.lower()})" for code in manifest.latents.codes)
    return f"""# {manifest.name}

An InfoGAN: {networks}, as ONNX. Open it with
`infogan-explorer`, or with `infogan.export.bundle.Bundle.open` (numpy and onnxruntime only).

- Pictures: {width}x{height}, {channels} channel{"s" if channels > 1 else ""}, {values}.
- Noise z: {manifest.latents.noise.size} numbers, {manifest.latents.noise.distribution}.
- Codes c: {codes}.
- Licence of the weights: {manifest.licence}

## Training
Data: {data.get("name", "not stated")}, {data.get("licence", "licence not stated")}.
Step {provenance.get("step", "?")}, seed {provenance.get("seed", "?")}, recipe {provenance.get("recipe", "?")}.
{_method(manifest)}
{_note(provenance)}
{_names(manifest)}
## Measured
{_quality(manifest)}

## Limits
The model knows nothing but its training data. Q answers for any picture, also for one that shows no such thing;
its probabilities are then meaningless.

## Settings
```json
{json.dumps(_settings(provenance), indent=1)}
```
"""


def _settings(provenance: dict[str, Any]) -> Any:
    """The settings that counted: who asked for steps did not mean the epochs."""
    config = provenance.get("config", {})
    if isinstance(config, dict) and config.get("steps"):
        return {name: value for name, value in config.items() if name != "epochs"}
    return config


def _method(manifest: Manifest) -> str:
    """What was added to plain InfoGAN, in sentences."""
    config, spec = manifest.provenance.get("config"), manifest.latents
    settings = config if isinstance(config, dict) else {}
    labels = settings.get("labels")
    sentences = [f"{labels} labels were used in training." if labels else "No label was used in training."]
    first = spec.first_categorical
    teachers = settings.get("teachers")
    if teachers and first is not None:
        sentences.append(
            f"{first.name} learned the categories on which its teachers agree: {', '.join(map(str, teachers))}."
        )
    if settings.get("cluster_steps") and first is not None:
        sentences.append(
            f"The classes of {first.name} began as clusters of real pictures, found before the game of G and D."
        )
    guided = zip(spec.continuous, ("slant", "width"), strict=False) if settings.get("guide_weight") else ()
    sentences += [f"{code.name} was guided to follow the {factor} of real pictures." for code, factor in guided]
    if spec.continuous and not settings.get("guide_weight"):
        sentences.append("The continuous codes were left to themselves.")
    if settings.get("average"):
        sentences.append("The weights are a running average over training.")
    return " ".join(sentences)


def _note(provenance: dict[str, object]) -> str:
    note = provenance.get("note")
    return f"{note}\n" if isinstance(note, str) else ""


def _names(manifest: Manifest) -> str:
    lines = [_classes(name, labels, manifest.precision.get(name)) for name, labels in manifest.labels.items()]
    lines += [
        f"{name} follows {meaning} (partial correlation on test pictures).\n"
        for name, meaning in manifest.meanings.items()
    ]
    return "".join(lines)


def _classes(name: str, labels: tuple[str | None, ...], precision: tuple[float, ...] | None) -> str:
    shares = precision or (None,) * len(labels)
    known = [
        f"{label or '-'}" + ("" if share is None else f" ({share:.1%})")
        for label, share in zip(labels, shares, strict=True)
    ]
    beside = (
        "" if precision is None else " In brackets: the share of test pictures read as the class that it is right for."
    )
    return (
        f"Classes of {name}, in order: {', '.join(known)}. The names were fitted after training, one to one, on the "
        f"labels of the training split.{beside}\n"
    )


def _quality(manifest: Manifest) -> str:
    return "\n".join(f"- {name}: {value}" for name, value in manifest.quality.items()) or "Nothing was measured."
