"""Checkpoint to ONNX: the only file of this package that needs torch, and with storage.py the onnx package."""

import copy
import hashlib
import json
import logging
import math
import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import onnx
import torch
from onnx import ModelProto, helper
from torch import Tensor, nn
from torch.nn.utils import fuse_conv_bn_weights, fuse_linear_bn_weights

from ..trainer.encoder import Encoder
from ..trainer.latents import LatentSpec
from ..trainer.networks import InfoGAN, Posterior
from .bundle import PAIR_KEY, SPEC_KEY, recognition_outputs
from .container import BundleError
from .manifest import Weights
from .runtime import open_session
from .storage import FORMS, forms_of, halved, quantised

OPSET = 20
TOLERANCE = 1e-3
EIGHT_BIT_TOLERANCE = 0.1  # of the compared samples; of trained networks most outputs change by thousandths
# Elsewhere a sum may be rounded otherwise in its last bit, and so an input of eight bits to the next level.
GOLDEN_TOLERANCES = {"fp32": 1e-3, "fp16": 1e-3, "int8": 0.02}
PARITY_BATCHES = (1, 2, 7, 64)
_LARGE = 200_000  # elements from which fp16 pays: smaller tensors save little and change the pictures most


class Converted(NamedTuple):
    """The graphs, and what is to be said of them.

    Attributes:
        generator: G as ONNX.
        recognition: Q as ONNX.
        encoder: E as ONNX; None without one.
        pair_id: what marks them as a pair.
        difference: the largest difference of an output from the trained networks.
        weights: how the large weights are stored: "int8", "fp16", "fp32", or several, as in "fp16, in part fp32".
        tolerance: by how much answers of the same graphs may differ elsewhere.
    """

    generator: bytes
    recognition: bytes
    encoder: bytes | None
    pair_id: str
    difference: float
    weights: str
    tolerance: float


class GeneratorGraph(nn.Module):
    """z (n, noise), c (n, codes) -> image (n, C, H, W) in [0, 1]."""

    def __init__(self, generator: nn.Module) -> None:
        super().__init__()
        self.generator = generator

    def forward(self, z: Tensor, c: Tensor) -> Tensor:
        """G(z, c)."""
        return torch.sigmoid(self.generator(torch.cat((z, c), 1)))


class RecognitionGraph(nn.Module):
    """Image (n, C, H, W) -> probs, mean, std: those that the latent spec has."""

    def __init__(self, model: InfoGAN) -> None:
        super().__init__()
        self.spec = model.spec
        self.trunk = _folded(model.trunk)
        self.q_head = model.q_head
        self.q_head.layers = _folded(model.q_head.layers)

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        """Q(c | x)."""
        return _outputs(self.spec, self.q_head(self.trunk(image)))


class EncoderGraph(nn.Module):
    """Image (n, C, H, W) -> z (n, noise)."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self.encoder = encoder
        self.encoder.layers = _folded(encoder.layers)

    def forward(self, image: Tensor) -> Tensor:
        """E(x)."""
        z: Tensor = self.encoder(image)
        return z


def _outputs(spec: LatentSpec, posterior: Posterior) -> tuple[Tensor, ...]:
    """Q's answer as the graph gives it: probs, mean and std, those that exist."""
    # split and not slices: it becomes one operator for all codes
    logits = torch.split(posterior.logits, [code.width for code in spec.discrete], 1) if spec.discrete else ()
    discrete = (torch.cat([_probabilities(part) for part in logits], 1),) if logits else ()
    return (*discrete, posterior.mean, posterior.log_std.exp()) if spec.continuous else discrete


def _probabilities(logits: Tensor) -> Tensor:
    """Softmax of a categorical code's logits, sigmoid of a Bernoulli's single one."""
    return logits.sigmoid() if logits.shape[1] == 1 else logits.softmax(1)


def convert(model: InfoGAN, weights: Weights, encoder: Encoder | None = None) -> Converted:
    """Turn G, Q and the encoder into ONNX and check that onnxruntime agrees with the trained networks.

    Batch normalisation is folded into the layer before it. The comparison is with ``model`` as it was trained, so it
    covers folding, conversion, storage and runtime.

    Args:
        model: trained networks in evaluation mode; left as they are.
        encoder: in evaluation mode, left as it is; None: there is none.
        weights: "fp16" stores large weights in half the space, as far as that leaves pixels and probabilities alone;
            "int8" those of fully connected layers in a quarter, and computes with them so.

    Raises:
        BundleError: the networks diverged, or a pixel, probability, mean, deviation or number of the noise differs by
            more than 1e-3, with weights of eight bits by more than 0.1.
    """
    frozen = copy.deepcopy(model)
    generator, recognition = GeneratorGraph(_folded(frozen.generator)).eval(), RecognitionGraph(frozen).eval()
    pair_id = _pair_id(generator, recognition)
    latents = torch.randn(2, model.spec.noise.size), torch.randn(2, model.spec.width)
    outputs, facts = list(recognition_outputs(model.spec)), _facts(model.spec, pair_id)
    graphs = (
        _to_onnx(generator, latents, ["z", "c"], ["image"], facts),
        _to_onnx(recognition, (torch.rand(2, *model.shape),), ["image"], outputs, facts),
    )
    parts = [_stored(*each, weights) for each in zip(graphs, _answers(model), strict=True)]
    if encoder is not None:
        parts.append(_encoder(encoder, model, pair_id, weights))
    g, q, *e = parts
    stored = ", in part ".join(form for form in FORMS if any(form in part.forms for part in parts)) or (
        "fp32" if weights == "int8" else weights
    )
    difference = max(part.difference for part in parts)
    tolerance = max(GOLDEN_TOLERANCES[form] for form in stored.split(", in part "))
    return Converted(g.data, q.data, e[0].data if e else None, pair_id, difference, stored, tolerance)


def convert_encoder(encoder: Encoder, model: InfoGAN, pair_id: str, weights: Weights) -> tuple[bytes, float]:
    """Turn an encoder alone into ONNX, for G and Q that were converted before as ``pair_id``.

    Returns:
        The graph, and the largest difference of a number of the noise from the trained encoder.

    Raises:
        BundleError: as :func:`convert`.
    """
    stored = _encoder(encoder, model, pair_id, weights)
    return stored.data, stored.difference


def _encoder(encoder: Encoder, model: InfoGAN, pair_id: str, weights: Weights) -> "_Stored":
    frozen, facts = copy.deepcopy(encoder), _facts(model.spec, pair_id)
    graph = _to_onnx(EncoderGraph(frozen).eval(), (torch.rand(2, *model.shape),), ["image"], ["z"], facts)
    with torch.inference_mode():
        images = [answer.outputs[0] for answer in _answers(model)[0]]
        answers = [_Answer({"image": batch.numpy()}, [encoder(batch)]) for batch in images]
    return _stored(graph, answers, weights)


def _facts(spec: LatentSpec, pair_id: str) -> dict[str, str]:
    """What every graph of a bundle says of itself."""
    return {PAIR_KEY: pair_id, SPEC_KEY: json.dumps(spec.to_json())}


class _Answer(NamedTuple):
    """Inputs of a graph by name, and what the trained network makes of them."""

    inputs: dict[str, np.ndarray[Any, Any]]
    outputs: Sequence[Tensor]


class _Stored(NamedTuple):
    """A graph as it is written, its largest difference from the trained network, and the forms of its large weights."""

    data: bytes
    difference: float
    forms: set[str]


def _stored(graph: ModelProto, answers: Sequence[_Answer], weights: Weights) -> _Stored:
    """The graph with its large weights as asked for, as far as the tolerance allows.

    Eight bits are for all fully connected layers or for none; of those in fp16 the smallest stay in fp32 first.

    Raises:
        BundleError: the answers are not finite, or it differs too much even with all of them in fp32.
    """
    if not all(output.isfinite().all() for answer in answers for output in answer.outputs):
        raise BundleError(
            "the trained networks give numbers that are not finite; nothing was written: export another checkpoint"
        )
    limits = sorted(
        {_LARGE, *(size for tensor in graph.graph.initializer if (size := math.prod(tensor.dims)) > _LARGE)}
    )
    for limit in limits[-1:] if weights == "fp32" else limits:
        stored = _compared(halved(graph, limit), answers)
        if stored.difference <= TOLERANCE:
            small = quantised(graph, _LARGE)
            if weights != "int8" or "int8" not in forms_of(small, _LARGE):
                return stored
            eight = _compared(halved(small, limit), answers)
            return eight if eight.difference <= EIGHT_BIT_TOLERANCE else stored
    raise BundleError(
        f"an exported graph differs from the trained network by {stored.difference:.2g}, more than {TOLERANCE}; "
        "nothing was written: this is a bug, please report it"
    )


def _compared(graph: ModelProto, answers: Sequence[_Answer]) -> _Stored:
    data = bytes(graph.SerializeToString(deterministic=True))
    return _Stored(data, _difference(data, answers), forms_of(graph, _LARGE))


def convert_classifier(model: nn.Module, shape: tuple[int, ...], facts: dict[str, str]) -> bytes:
    """A classifier with outputs logits and features as ONNX, for pictures of ``shape``; the model is left as it is."""
    frozen = copy.deepcopy(model)
    frozen.layers = _folded(frozen.layers)  # type: ignore[arg-type]
    proto = _to_onnx(frozen, (torch.rand(2, *shape),), ["image"], ["logits", "features"], facts)
    return bytes(proto.SerializeToString(deterministic=True))


def _folded(layers: nn.Sequential) -> nn.Sequential:
    """The same function without batch normalisation: its running statistics become part of the layer before."""
    result: list[nn.Module] = []
    for layer in layers:
        if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
            result.append(_fold(result.pop(), layer))
        else:
            result.append(layer)
    return nn.Sequential(*result)


def _fold(layer: nn.Module, norm: nn.BatchNorm1d | nn.BatchNorm2d) -> nn.Module:
    assert norm.running_mean is not None
    assert norm.running_var is not None
    statistics = (norm.running_mean, norm.running_var, norm.eps, norm.weight, norm.bias)
    if isinstance(layer, nn.Linear):
        layer.weight, layer.bias = fuse_linear_bn_weights(layer.weight, layer.bias, *statistics)
    elif isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
        transpose = isinstance(layer, nn.ConvTranspose2d)
        layer.weight, layer.bias = fuse_conv_bn_weights(layer.weight, layer.bias, *statistics, transpose=transpose)
    else:
        raise TypeError(f"batch normalisation after {type(layer).__name__} cannot be folded")
    return layer


def _pair_id(*modules: nn.Module) -> str:
    digest = hashlib.sha256()
    for module in modules:
        for name, tensor in module.state_dict().items():
            digest.update(name.encode())
            digest.update(tensor.contiguous().numpy().tobytes())
    return digest.hexdigest()


def _to_onnx(
    module: nn.Module,
    example: tuple[Tensor, ...],
    inputs: list[str],
    outputs: list[str],
    facts: dict[str, str],
) -> ModelProto:
    batch = torch.export.Dim("batch")
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)  # it warns of torchvision, which nothing here needs
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns of its own internals
        program = torch.onnx.export(
            module,
            example,
            input_names=inputs,
            output_names=outputs,
            dynamic_shapes=tuple({0: batch} for _ in example),
            opset_version=OPSET,
            dynamo=True,
            verbose=False,
        )
    assert program is not None
    proto = program.model_proto
    _strip(proto)
    proto.producer_name = "infogan"
    proto.producer_version = ""
    helper.set_model_props(proto, facts)
    onnx.checker.check_model(proto, full_check=True)
    return proto


def _strip(proto: ModelProto) -> None:
    """Remove what the exporter writes into every node: source paths of this machine, class names, traces."""
    graph = proto.graph
    for item in (proto, graph, *graph.node, *graph.input, *graph.output, *graph.initializer):
        del item.metadata_props[:]
        item.doc_string = ""
    del graph.value_info[:]
    graph.name = "infogan"


@torch.inference_mode()
def _answers(model: InfoGAN) -> tuple[list[_Answer], list[_Answer]]:
    """What G and Q as they were trained say to samples of the prior, over several batch sizes."""
    rng = np.random.default_rng(0)
    of_g, of_q = [], []
    for n in PARITY_BATCHES:
        z, c = model.spec.sample(rng, n)
        images = model.generate(torch.from_numpy(z), torch.from_numpy(c))
        of_g.append(_Answer({"z": z, "c": c}, [images]))
        of_q.append(_Answer({"image": images.numpy()}, _outputs(model.spec, model.q_head(model.trunk(images)))))
    return of_g, of_q


def _difference(graph: bytes, answers: Sequence[_Answer]) -> float:
    """The largest difference of any pixel, probability, mean or deviation from the answers.

    Infinite where either side is not a finite number: max() would let NaN pass.
    """
    session = open_session(graph, 1)
    differences = [
        float(np.abs(expected.numpy() - actual).max())
        for inputs, outputs in answers
        for expected, actual in zip(outputs, session.run(None, inputs), strict=True)
    ]
    return max(differences) if np.isfinite(differences).all() else math.inf
