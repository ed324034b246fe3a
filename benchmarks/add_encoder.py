"""Train an encoder for a bundle that has none, and write the bundle with it; G and Q stay as they are, byte for byte.

    python benchmarks/add_encoder.py OLD.infogan -o NEW.infogan --data-dir DIR

A run needs no such script (infogan-train --resume RUN --encoder-steps N); this is for a bundle whose run is gone.
"""

import argparse
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from infogan.export.bundle import Bundle
from infogan.export.command import explained
from infogan.export.container import (
    ENCODER,
    GENERATOR,
    GOLDEN,
    RECOGNITION,
    Members,
    check_free,
    read_members,
)
from infogan.export.convert import convert_encoder
from infogan.export.package import DIFFERENCE, finish, golden
from infogan.trainer import data
from infogan.trainer.config import TrainConfig
from infogan.trainer.encoding import Encoding
from infogan.trainer.errors import UserError
from infogan.trainer.networks import InfoGAN
from infogan.trainer.precision import resolve_precision
from infogan.trainer.state import TrainingState

SHOWN = 100  # steps from one line to the next


def main() -> int:
    """Train, convert, measure, check and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--data-dir", type=Path, required=True, help="folder with the files of its data set")
    parser.add_argument("--steps", type=int, default=TrainConfig().encoder_steps)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    return explained("add_encoder", lambda: add_encoder(arguments))


def add_encoder(arguments: argparse.Namespace) -> None:
    """Write the bundle that was asked for."""
    check_free(arguments.output)
    torch.set_num_threads(arguments.threads)
    manifest, members = Bundle.open(arguments.bundle).manifest, read_members(arguments.bundle)
    if ENCODER in members:
        raise UserError(f"{arguments.bundle} has an encoder already; name a bundle without one")
    settings = {**manifest.provenance["config"], "encoder_steps": arguments.steps}
    config = replace(TrainConfig.from_json(settings), teachers=())  # they are not asked again
    pictures = data.load(config.dataset, arguments.data_dir, "train")
    state = TrainingState(config, pictures.images, torch.device("cpu"))
    restore(state.average, members)
    seconds = train(state)
    assert state.encoding is not None
    encoder = state.encoding.encoder.eval()
    members[ENCODER], difference = convert_encoder(encoder, state.average.eval(), manifest.pair_id, "fp16")
    provenance = {**manifest.provenance, "config": settings, "encoder_seconds": round(seconds)}
    quality = {**manifest.quality, DIFFERENCE: max(manifest.quality[DIFFERENCE], float(f"{difference:.2g}"))}
    manifest = replace(manifest, provenance=provenance, quality=quality)
    graphs = {name: members[name] for name in (GENERATOR, RECOGNITION, ENCODER)}
    finish(manifest, {**graphs, GOLDEN: golden(manifest, graphs)}, arguments.output, arguments.data_dir, print)


def train(state: TrainingState) -> float:
    """The phase that follows the game of a run; how many seconds it took."""
    ends = state.config.encoder_steps
    phase = Encoding(state, resolve_precision("auto", torch.device("cpu")), ends)
    started = time.perf_counter()
    while state.step < ends:
        state.add(phase.update())
        state.step += 1
        if state.step % SHOWN == 0 or state.step == ends:
            state.seconds = time.perf_counter() - started
            print(", ".join(f"{name} {value:.4g}" for name, value in state.end_row(0).items()), flush=True)
    return state.seconds


def restore(model: InfoGAN, members: Members) -> None:
    """Give the networks the weights of a bundle's graphs, in which batch normalisation is part of the layer before."""
    weights = {**_weights(members[GENERATOR]), **_weights(members[RECOGNITION])}
    layers = {"generator": model.generator, "trunk": model.trunk, "q_head.layers": model.q_head.layers}
    with torch.no_grad():
        for name, sequence in layers.items():
            _restore(sequence, name, weights)


def _weights(graph: bytes) -> dict[str, Tensor]:
    """Tensors by the names of their parameters, which what is stored as fp16 gets from the Cast behind it."""
    proto = onnx.load_from_string(graph).graph
    if any(node.op_type == "MatMulInteger" for node in proto.node):
        raise UserError("weights of eight bits cannot be trained with: export the run with --weights fp16 or fp32")
    names = {node.input[0]: node.output[0] for node in proto.node if node.op_type == "Cast"}
    arrays = {names.get(t.name, t.name): numpy_helper.to_array(t) for t in proto.initializer}
    return {name: torch.from_numpy(np.array(array, np.float32)) for name, array in arrays.items()}


def _restore(sequence: nn.Module, name: str, weights: dict[str, Tensor]) -> None:
    """Layers are numbered in the graph as if there were no batch normalisation; that only adds the bias now."""
    number = -1
    for layer in sequence.children():
        if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
            assert layer.running_mean is not None
            assert layer.running_var is not None
            layer.running_mean.zero_()
            layer.running_var.fill_(1 - layer.eps)
            layer.weight.fill_(1)
            layer.bias.copy_(weights[f"{name}.{number}.bias"])
            continue
        number += 1
        for part, tensor in layer.named_parameters():
            tensor.copy_(weights[f"{name}.{number}.{part}"].reshape(tensor.shape))


if __name__ == "__main__":
    raise SystemExit(main())
