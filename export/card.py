"""The model card: README.md inside a bundle."""

import json

from .manifest import Manifest


def model_card(manifest: Manifest) -> str:
    """Markdown that says what the model is, where it comes from and how good it is."""
    provenance, (channels, height, width) = manifest.provenance, manifest.image_shape
    data = provenance.get("data", {})
    codes = ", ".join(f"{code.name} ({type(code).__name__.lower()})" for code in manifest.latents.codes)
    return f"""# {manifest.name}

An InfoGAN: a generator G(z, c) and a recognition network Q(c | x), as ONNX. Open it with `infogan-explorer`, or with
`infogan.export.bundle.Bundle.open` (numpy and onnxruntime only).

- Pictures: {width}x{height}, {channels} channel{"s" if channels > 1 else ""}, values 0 to 1, ink is 1.
- Noise z: {manifest.latents.noise.size} numbers, {manifest.latents.noise.distribution}.
- Codes c: {codes}.
- Licence of the weights: {manifest.licence}

## Training
Data: {data.get("name", "not stated")}, {data.get("licence", "licence not stated")}.
Step {provenance.get("step", "?")}, seed {provenance.get("seed", "?")}, recipe {provenance.get("recipe", "?")}.
{_guide(provenance)}

{_names(manifest)}
## Measured
{_quality(manifest)}

## Limits
The model knows nothing but its training data. Q answers for any picture, also for one that shows no such thing;
its probabilities are then meaningless.

## Settings
```json
{json.dumps(provenance.get("config", {}), indent=1)}
```
"""


def _guide(provenance: dict[str, object]) -> str:
    config = provenance.get("config")
    guided = isinstance(config, dict) and config.get("guide_weight", 0)
    return (
        "No label was used in training. The first two continuous codes were guided by known changes of real pictures "
        "(slant, then width)."
        if guided
        else "No label was used in training, and the continuous codes were left to themselves."
    )


def _names(manifest: Manifest) -> str:
    lines = [
        f"Classes of {name}, in order: {', '.join('-' if x is None else x for x in labels)}. "
        "The names were fitted after training, one to one, on the labels of the training split.\n"
        for name, labels in manifest.labels.items()
    ]
    return "".join(lines)


def _quality(manifest: Manifest) -> str:
    return "\n".join(f"- {name}: {value}" for name, value in manifest.quality.items()) or "Nothing was measured."
