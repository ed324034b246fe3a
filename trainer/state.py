"""Everything that changes while a run trains, and that a checkpoint must hold."""

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from . import replicas
from .adam import Adam
from .batches import Batches
from .config import TrainConfig
from .encoder import EncoderState
from .errors import UserError, first_line
from .networks import InfoGAN, Shape
from .replicas import Averaging
from .spectral import effective_state, with_plain_trunk

_EACH = 100  # of the first so many steps of the game the running average follows each
_FOLLOWED = 4  # else it follows one in so many


def build_model(config: TrainConfig, shape: Shape) -> InfoGAN:
    """The networks that the settings describe, for pictures of ``shape``, with weights drawn from the seed."""
    torch.manual_seed(config.seed)
    return InfoGAN(
        config.latents,
        shape,
        config.network,
        config.channels,
        config.hidden,
        config.leaky_slope,
        (config.std_min, config.std_max),
        (config.cluster_heads, config.clusters) if config.cluster_weight or config.cluster_steps else None,
        config.packing,
        config.minibatch_kernels,
        config.trunk_norm,
        config.batch_deviation,
    )


def trained_model(checkpoint: dict[str, Any], config: TrainConfig) -> InfoGAN:
    """The networks of a checkpoint, with averaged weights where the run keeps them, in evaluation mode.

    Spectral norms are part of the weights.

    Raises:
        UserError: its weights do not fit its own settings.
    """
    try:
        model = build_model(config, tuple(checkpoint["shape"]))
        if not config.average:
            model.load_state_dict(checkpoint["model"])
        model = with_plain_trunk(model)
        if config.average:
            model.load_state_dict(checkpoint["average"])
    except (KeyError, TypeError, ValueError, RuntimeError, AttributeError) as error:
        raise UserError(f"the checkpoint does not fit its own settings ({first_line(error)})") from error
    return model.eval()


class TrainingState:
    """Networks, optimisers, generators, position in the data, step and history of one run.

    Attributes:
        model: G, D and Q.
        average: the running average of their weights, as they act, and statistics; the model itself where none is kept.
        d_optimizer: updates trunk and D, and at a rate of their own Q's layers and the auxiliary heads.
        g_optimizer: updates G.
        d_averaging: computes the losses that the first of them minimises.
        g_averaging: generates the pictures that the second of them learns from.
        batches: the data, with its position.
        rng: source of latents and of changes to pictures.
        step: updates done.
        seconds: time spent training, over all sessions of the run.
        history: rows of metrics.jsonl.
        sums: of each logged term since the last row, its sum and how often it came, (2,).
        score: sum of the label-free score over the epoch so far, and how many steps gave one (see :meth:`add`), (2,).
        labelled: pictures and what the first categorical code should say of them, from labels or from teachers.
        best: highest mean score of a complete epoch so far; None before there is one.
        encoding: the encoder and its optimiser; None before the game is over.
    """

    def __init__(
        self,
        config: TrainConfig,
        images: NDArray[np.uint8],
        device: torch.device,
        labelled: tuple[NDArray[np.uint8], NDArray[Any]] | None = None,
    ) -> None:
        shape: Shape = images.shape[1:]
        self.config = config
        self.model = build_model(config, shape).to(device)
        self.average = with_plain_trunk(self.model) if config.average else self.model
        self.batches = Batches(images, config.batch_size, config.seed)
        self.rng = np.random.default_rng(config.seed)
        self.step = 0
        self.seconds = 0.0
        self.history: list[dict[str, float]] = []
        self.sums: dict[str, Tensor] = {}
        self.score: Tensor = torch.zeros(2)
        self.labelled = labelled
        self.best: float | None = None
        self.encoding: EncoderState | None = None
        heads = [*self.model.q_head.parameters()]
        if self.model.cluster_heads is not None:
            heads += self.model.cluster_heads.parameters()
        own = {id(p) for p in heads}
        shared = [p for p in self.model.discriminator_parameters() if id(p) not in own]
        betas = config.beta1, config.beta2
        self.d_optimizer = Adam(
            [{"params": shared, "lr": config.d_lr}, {"params": heads, "lr": config.q_lr}],
            betas=betas,
            fused=True,
        )
        self.g_optimizer = Adam(self.model.generator.parameters(), lr=config.g_lr, betas=betas, fused=True)
        clusters = self.model.cluster_heads if config.cluster_weight else None
        self.d_averaging = Averaging(self.model.trunk, self.model.d_head, self.model.q_head, clusters)
        self.g_averaging = Averaging(self.model.generator)

    def begin_encoder(self) -> EncoderState:
        """The encoder as it is, or a new one."""
        if self.encoding is None:
            self.encoding = EncoderState(self.config, self.model.shape, next(self.model.parameters()).device)
        return self.encoding

    def set_learning_rates(self, game_ends: int) -> None:
        """Those of the step to come: the trunk's differs while it clusters, and towards the end all fall to zero."""
        config, clustering = self.config, self.step < self.config.cluster_steps
        trunk, heads = self.d_optimizer.param_groups
        (generator,) = self.g_optimizer.param_groups
        falling = min(config.decay_epochs * len(self.batches), game_ends - config.steps_before_game)
        share = 1.0 if clustering or not falling else min(1.0, (game_ends - self.step) / falling)
        trunk["lr"] = config.cluster_lr if clustering else config.d_lr * share
        heads["lr"], generator["lr"] = config.q_lr * share, config.g_lr * share

    def begin_step(self) -> None:
        """Where several processes train, each draws from a source of its own, from seed and step alone."""
        if replicas.size() > 1:
            self.rng = np.random.default_rng((self.config.seed, self.step, replicas.rank() + 1))

    def next_batch(self) -> NDArray[np.uint8]:
        """Real pictures of the step to come; epochs count from the game on, so D's steps before it borrow theirs."""
        before = self.step < self.config.steps_before_game
        indices = self.batches.indices(self.step) if before else self.batches.next_indices()
        return self.batches.images[replicas.share(indices)]

    @torch.no_grad()
    def average_weights(self) -> None:
        """Let the average follow the model, in the first hundred steps of the game after each.

        Before and after those it follows every fourth, by the fourth power of the decay: a quarter of the cost, and
        nearly the same where the decay is near one. It may be three steps behind then, also in what is saved. While it
        is young it forgets faster than ``config.average`` says: it keeps (1 + k) / (10 + k) of itself after k steps.
        """
        if self.average is self.model:
            return
        played = self.step - self.config.steps_before_game
        each = 0 < played <= _EACH
        if not each and played % _FOLLOWED:
            return
        decay = min(self.config.average, (1 + played) / (10 + played)) if played > 0 else 0.0
        if not each:
            decay **= _FOLLOWED
        now = effective_state(self.model)
        for name, slow in self.average.state_dict().items():
            if slow.is_floating_point():
                slow.lerp_(now[name], 1 - decay)
            else:
                slow.copy_(now[name])

    def add(self, terms: dict[str, Tensor]) -> None:
        """Count one step's terms, and its score: how good the codes are, without any label.

        The score is the information between Q's categories of real pictures and of changed copies (``-iic``), which
        tells good starts from bad ones; L_I, which does not, is used only where the recipe has no such term.
        """
        # All at once: each transfer from a GPU waits until it is idle.
        values = replicas.mean(torch.stack([value.detach().float() for value in terms.values()]).cpu())
        counted = dict(zip(terms, torch.stack((values, torch.ones_like(values)), 1), strict=True))
        for name, value in counted.items():
            self.sums[name] = self.sums.get(name, torch.zeros(2)) + value
        if "mi_total" in counted:  # steps before the game, and those of D alone, do not count
            sign, name = (-1, "iic") if "iic" in counted else (1, "mi_total")
            self.score = self.score + counted[name] * torch.tensor((sign, 1))

    def end_row(self, epoch: int) -> dict[str, float]:
        """Close a row of the history: the mean of each term since the last one."""
        means = {name: float(total / count) for name, (total, count) in self.sums.items()}
        self.history.append({"step": self.step, "epoch": epoch, **means, "seconds": self.seconds})
        self.sums.clear()
        return self.history[-1]

    def end_epoch(self) -> bool:
        """Close the epoch's score; whether it is the best so far."""
        total, count = self.score.tolist()
        self.score = torch.zeros(2)
        if not count:  # no step of this epoch updated G
            return False
        best = self.best is None or total / count > self.best
        self.best = total / count if best else self.best
        return best

    def to_checkpoint(self) -> dict[str, Any]:
        """Plain tensors, numbers, strings, lists and dicts."""
        return {
            "config": json.dumps(self.config.to_json()),
            "shape": list(self.model.shape),
            "step": self.step,
            "replicas": replicas.size(),
            "seconds": self.seconds,
            "best": self.best,
            "model": self.model.state_dict(),
            "average": self.average.state_dict() if self.average is not self.model else {},
            "d_optimizer": self.d_optimizer.state_dict(),
            "g_optimizer": self.g_optimizer.state_dict(),
            "encoder": self.encoding.to_checkpoint() if self.encoding is not None else {},
            "batches": {"epoch": self.batches.epoch, "index": self.batches.index},
            "numpy_rng": json.dumps(self.rng.bit_generator.state),
            "torch_rng": torch.get_rng_state(),
            "history": self.history,
            "sums": self.sums,
            "score": self.score,
        }

    def restore(self, checkpoint: dict[str, Any]) -> None:
        """Take over what :meth:`to_checkpoint` gave.

        Raises:
            UserError: something is missing, or does not fit the settings.
        """
        try:
            self._restore(checkpoint)
        except (KeyError, TypeError, ValueError, RuntimeError, AttributeError) as error:
            raise UserError(f"the checkpoint does not fit its own settings ({first_line(error)})") from error

    def _restore(self, checkpoint: dict[str, Any]) -> None:
        trained_by = checkpoint.get("replicas", 1)  # runs of the first release know of one
        if trained_by != replicas.size():
            raise UserError(
                f"this run was trained by {trained_by} process{'es' * (trained_by > 1)}, now there "
                f"{'are' if replicas.size() > 1 else 'is'} {replicas.size()}; go on with as many as before, "
                + ("under torchrun" if trained_by > 1 else "without torchrun")
            )
        self.step = checkpoint["step"]
        self.seconds = checkpoint["seconds"]
        self.best = checkpoint["best"]
        self.model.load_state_dict(checkpoint["model"])
        if self.average is not self.model:
            self.average.load_state_dict(checkpoint["average"])
        self.d_optimizer.load_state_dict(checkpoint["d_optimizer"])
        self.g_optimizer.load_state_dict(checkpoint["g_optimizer"])
        self.batches.epoch = checkpoint["batches"]["epoch"]
        self.batches.index = checkpoint["batches"]["index"]
        self.rng.bit_generator.state = json.loads(checkpoint["numpy_rng"])
        torch.set_rng_state(checkpoint["torch_rng"])
        self.history = list(checkpoint["history"])
        self.sums = dict(checkpoint["sums"])
        self.score = checkpoint["score"]
        if checkpoint.get("encoder"):  # runs of the first release have none
            self.begin_encoder().restore(checkpoint["encoder"])
        ended = TrainConfig.from_json(json.loads(checkpoint["config"])).game_ends(len(self.batches))
        if self.step > ended and ended != self.config.game_ends(len(self.batches)):
            self._back_to(ended)

    def _back_to(self, step: int) -> None:
        """The end of a game that is to go on: the encoder was that of another G."""
        self.step, self.encoding = step, None
        self.history = [row for row in self.history if row["step"] <= step]
        self.seconds = self.history[-1]["seconds"] if self.history else self.seconds
        self.sums.clear()


@contextlib.contextmanager
def held(optimizer: torch.optim.Optimizer) -> Iterator[None]:
    """What is computed meanwhile gives no gradients to what an optimiser updates."""
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    for parameter in parameters:
        parameter.requires_grad_(False)
    try:
        yield
    finally:
        for parameter in parameters:
            parameter.requires_grad_(True)


def descend(optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
    """One step of an optimiser. The gradients make room at once for what comes next."""
    loss.backward()  # type: ignore[no-untyped-call]
    optimizer.step()
    optimizer.zero_grad()
