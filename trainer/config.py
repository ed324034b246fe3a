"""Every setting of a training run: one frozen dataclass whose fields are the flags and the keys of config.json."""

import dataclasses
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args, get_origin, get_type_hints

from .errors import UserError
from .latents import Bernoulli, Categorical, Code, Gaussian, LatentSpec, Noise, Uniform
from .pictures import Preparation


class Changes(NamedTuple):
    """The largest change of each kind that makes a changed copy of a picture.

    Attributes:
        rotation: turn, in degrees.
        shear: horizontal shear, as the tangent of the lean.
        stretch: stretch along each axis, as a fraction.
        shift: largest move along each axis, as a fraction of the side.
        elastic: standard deviation of a smooth displacement, as a fraction of half the side.
        thicken: share of a dilation or an erosion by one pixel.
        cutout: shorter side of a blanked rectangle, as a fraction of the picture's; the longer is up to twice that.
    """

    rotation: float = 0.0
    shear: float = 0.0
    stretch: float = 0.0
    shift: float = 0.0
    elastic: float = 0.0
    thicken: float = 0.0
    cutout: float = 0.0


@dataclass(frozen=True)
class TrainConfig:
    """Settings of infogan-train."""

    # Data and run folder
    dataset: str = "mnist"
    """Data set to learn: mnist, fashion-mnist, omniglot, celeba, svhn, cifar-10, or folder for pictures of your own."""
    data_dir: Path | None = None
    """Folder with the data set's original files; what is missing there is downloaded into the cache, unless
    INFOGAN_OFFLINE is set. For --dataset folder: the folder or zip of pictures."""
    image_size: int | None = None
    """Pixels a side, a multiple of 4, for omniglot, celeba and folder; default 28, 32 and 32."""
    colour: Literal["auto", "grey", "rgb"] = "auto"
    """Read celeba and folder in grey or in colour; auto: in colour unless all pictures are grey."""
    invert: bool = False
    """Make dark on light into light on dark, for --dataset folder with drawings on paper."""
    alphabets: tuple[str, ...] = ()
    """Alphabets of omniglot to learn, such as greek sanskrit; default: all 50."""
    out: Path | None = None
    """Run folder to write; it must not exist. Default: runs/DATASET-NETWORK-RECIPE-seedN."""
    resume: Path | None = None
    """Run folder or checkpoint to continue; its settings become the defaults."""
    recipe: Literal["robust", "poster"] = "robust"
    """robust: label-free terms on real pictures help every seed converge; poster: plain InfoGAN, as the seed poster."""

    # Networks
    network: Literal["cnn", "mlp"] = "cnn"
    """Convolutional network (Table 1 of the paper's appendix) or two hidden layers."""
    channels: int = 64
    """Channels of the CNN's outer convolutions; each further one has twice as many."""
    hidden: int = 1024
    """Units of the fully connected layers."""
    leaky_slope: float = 0.1
    """Slope of the leaky ReLU for negative inputs."""

    # Latent space
    categorical: tuple[int, ...] = (10,)
    """Sizes of the categorical codes."""
    uniform: int = 2
    """Number of continuous codes uniform on [-1, 1]."""
    gaussian: int = 0
    """Number of continuous codes with a standard normal prior."""
    bernoulli: int = 0
    """Number of binary codes."""
    noise: int = 62
    """Dimensions of the noise z."""
    noise_distribution: Literal["uniform", "normal"] = "uniform"
    """Prior of the noise: uniform on [-1, 1], or standard normal."""

    # Training horizon
    epochs: int = 6
    """Passes over the data in the game, after the clustering; 20 for the MLP, 50 with recipe poster."""
    steps: int | None = None
    """Steps of the game (each an update of D, and of G as --d-steps says), instead of --epochs."""
    batch_size: int = 128
    """Pictures a step."""
    seed: int = 0
    """Seed of the initial weights, the order of the data, and every sample."""

    # Optimisers (Adam)
    d_lr: float = 1e-3
    """Learning rate of the discriminator, trunk included."""
    g_lr: float = 1e-3
    """Learning rate of the generator."""
    q_lr: float = 1e-3
    """Learning rate of Q's own layers and of the auxiliary heads."""
    beta1: float = 0.5
    """Adam's decay of the gradient's mean."""
    beta2: float = 0.999
    """Adam's decay of the squared gradient's mean."""
    decay_epochs: float = 1.0
    """Epochs at the end of the game in which the learning rates fall evenly to zero; 0: they stay as they are."""
    average: float = 0.99
    """Decay a step of the running average of all weights, which is what is exported; 0 exports the latest weights."""

    # InfoGAN's objective
    lambda_discrete: float = 0.3
    """Weight of L_I of the categorical and Bernoulli codes."""
    lambda_continuous: float = 0.05
    """Weight of L_I of the continuous codes."""
    trunk_information: bool = False
    """Let L_I shape the trunk that D and Q share, as in the seed, not only Q's own layers and G."""
    std_min: float = 0.1
    """Smallest standard deviation of Q; a floor keeps G from writing codes as speckle."""
    std_max: float = 1.0
    """Largest standard deviation of Q; equal to --std-min it is fixed."""

    # What is said to help GANs (all switched off unless asked for)
    trunk_norm: Literal["batch", "spectral"] = "batch"
    """Normalise the layers of D's trunk by the batch, or by their spectral norm (Miyato et al. 2018), which holds D
    back."""
    augmentation: float = 0.0
    """Differentiable augmentation (Zhao et al. 2020), for few pictures: all that D sees, real or generated, is moved by
    up to this share of the side and loses a rectangle of twice that; 0.125 is theirs."""
    deformation: float = 0.0
    """For few drawings: D sees each real one deformed, anew each time, by up to this share of --rotation, --shear,
    --stretch, --shift and --elastic below; G learns to draw such ones too."""
    d_steps: int = 1
    """Updates of D for each one of G (Goodfellow et al. 2014, algorithm 1); every update of D counts as a step."""
    pretrain_d_steps: int = 0
    """Steps before the game that update all but G: D learns to tell real pictures from those of the untrained G."""
    label_smoothing: float = 0.0
    """One-sided label smoothing (Salimans et al. 2016): D's target for real pictures is 1 minus this."""
    generator_loss: Literal["non-saturating", "feature-matching"] = "non-saturating"
    """What G minimises besides its information: -log D(G(z, c)), or the distance of mean features (Salimans et al.)."""
    mode_seeking: float = 0.0
    """Weight of the mode seeking loss (Mao et al. 2019): under the same codes, other noise should give another
    picture."""
    minibatch_kernels: int = 0
    """Kernels of minibatch discrimination in D (Salimans et al. 2016), which sees how alike a batch is; 0: none."""
    batch_deviation: bool = False
    """Let D see how much the features of a batch vary (Karras et al. 2018), and so notice a G that repeats itself."""
    packing: int = 1
    """Pictures that D judges together (PacGAN, Lin et al. 2018), so that it sees a lack of variety."""
    labels: int = 0
    """Labelled pictures that the first categorical code learns from, equally many of each class; 0: no label at all."""
    teachers: tuple[Path, ...] = ()
    """Other runs, without labels: the first categorical code learns the category on which they all agree."""
    label_weight: float = 1.0
    """Weight of the cross-entropy on the labelled pictures, or on those on which the teachers agree."""

    # Clustering before the game (recipe robust; 0 steps switch it off)
    cluster_steps: int = 600
    """Steps before the game in which the trunk clusters real pictures; the first categorical code starts from them."""
    cluster_batch_size: int = 256
    """Pictures a step of clustering."""
    cluster_lr: float = 5e-4
    """Learning rate of the trunk in that phase."""
    neighbours: float = 0.5
    """Share of pictures that are paired with a near neighbour's changed copy instead of their own."""

    # Label-free terms on real pictures (recipe robust; 0 switches a term off)
    iic_weight: float = 0.3
    """Weight of the information between Q's category of a picture and of a changed copy (IIC, Ji et al. 2019)."""
    cluster_weight: float = 0.1
    """Weight of the same on the auxiliary heads, which have more clusters than categories."""
    cluster_heads: int = 4
    """Auxiliary heads, each with a clustering of its own."""
    clusters: int = 30
    """Clusters of an auxiliary head."""
    guide_weight: float = 1.0
    """Weight of the guide: within a category the first two continuous codes follow slant and width of the picture."""
    rotation: float = 15.0
    """Largest turn of a changed copy, in degrees."""
    shear: float = 0.3
    """Largest horizontal shear of a changed copy, as the tangent of the lean."""
    stretch: float = 0.2
    """Largest stretch of a changed copy along each axis, as a fraction."""
    shift: float = 0.1
    """Largest move of a changed copy along each axis, as a fraction of the side."""
    elastic: float = 0.04
    """Strength of the smooth warp of a changed copy, as a fraction of half the side."""
    thicken: float = 0.7
    """Largest share of a one-pixel dilation or erosion in a changed copy."""
    cutout: float = 0.35
    """Largest short side of the blank in a changed copy, as a fraction of the picture's; the long one is twice that."""

    # Encoder (after the game)
    encoder_steps: int = 4000
    """Steps after the game in which an encoder learns the noise of a picture, so that it can be drawn again and changed
    by its codes; 0: no encoder."""
    encoder_lr: float = 2e-3
    """Learning rate of the encoder; it falls to zero over the second half of its steps."""

    # Machine
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """Where to compute; auto takes a GPU when there is one."""
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    """bf16 halves the time where the processor has it (auto looks)."""
    threads: int | None = None
    """CPU threads; default: all cores. Results are bit-identical only for equal numbers."""

    # Logging
    log_every: int = 20
    """Steps between two rows of metrics.jsonl."""
    save_every: int = 200
    """Steps, at least, from one checkpoint to the next; all are at the ends of epochs."""

    @property
    def preparation(self) -> Preparation:
        """How pictures of any size become those that the networks take."""
        return Preparation(self.image_size, self.colour, self.invert, self.alphabets)

    @property
    def changes(self) -> Changes:
        """How much a changed copy of a picture differs from it."""
        return Changes(*(getattr(self, name) for name in Changes._fields))

    @property
    def latents(self) -> LatentSpec:
        """The latent space that the counts describe, its codes named c1, c2, ... in order.

        Raises:
            UserError: counts that make no valid space.
        """
        makers: list[Callable[[str], Code]] = [
            *(partial(Categorical, size=size) for size in self.categorical),
            *([Uniform] * self.uniform),
            *([Gaussian] * self.gaussian),
            *([Bernoulli] * self.bernoulli),
        ]
        codes = tuple(make(f"c{i}") for i, make in enumerate(makers, 1))
        try:
            return LatentSpec(codes, Noise(self.noise, self.noise_distribution))
        except ValueError as error:
            raise UserError(f"impossible latent space: {error}") from error

    @property
    def steps_before_game(self) -> int:
        """Those of clustering, then those in which D is trained alone."""
        return self.cluster_steps + self.pretrain_d_steps

    @property
    def compares(self) -> bool:
        """Whether D compares the pictures of a batch with each other."""
        return self.packing > 1 or self.minibatch_kernels > 0 or self.batch_deviation

    @property
    def judges_together(self) -> bool:
        """Whether D sees real and generated pictures under common statistics of the batch.

        Under its own, the mean of each batch's features is that of the normalisation, and there is nothing to compare.
        Without batch normalisation there are no such statistics.
        """
        return self.trunk_norm == "batch" and (self.compares or self.generator_loss == "feature-matching")

    def game_ends(self, steps_per_epoch: int) -> int:
        """The step after which G, D and Q stay as they are."""
        return self.steps_before_game + (self.steps if self.steps is not None else self.epochs * steps_per_epoch)

    def total_steps(self, steps_per_epoch: int) -> int:
        """The step at which the run ends; without noise there is nothing to encode."""
        return self.game_ends(steps_per_epoch) + (self.encoder_steps if self.noise else 0)

    def check(self) -> None:
        """Refuse values that cannot work.

        Raises:
            UserError: naming the flag and what it may be.
        """
        for name in ("epochs", "log_every", "save_every", "d_steps", "packing"):
            if getattr(self, name) < 1:
                raise UserError(f"{flag(name)} must be at least 1, got {getattr(self, name)}")
        for name, largest in _LARGEST.items():
            least = 0 if name == "minibatch_kernels" else 1
            if not least <= getattr(self, name) <= largest:
                raise UserError(f"{flag(name)} must be {least} to {largest}, got {getattr(self, name)}")
        if self.batch_size < 2:
            raise UserError("--batch-size must be at least 2: batch normalisation needs more than one picture")
        for name in _NOT_NEGATIVE:
            if not 0 <= getattr(self, name) < math.inf:
                raise UserError(f"{flag(name)} must not be negative or infinite, got {getattr(self, name)}")
        for name in ("neighbours", "thicken", "cutout", "label_smoothing", "augmentation", "deformation"):
            if not 0 <= getattr(self, name) <= 1:
                raise UserError(f"{flag(name)} must be 0 to 1, got {getattr(self, name)}")
        for name in ("d_lr", "g_lr", "q_lr", "cluster_lr", "encoder_lr", "std_min"):
            if not 0 < getattr(self, name) < math.inf:
                raise UserError(f"{flag(name)} must be a number above 0, got {getattr(self, name)}")
        for name in ("beta1", "beta2", "average"):
            if not 0 <= getattr(self, name) < 1:
                raise UserError(f"{flag(name)} must be at least 0 and below 1, got {getattr(self, name)}")
        if self.mode_seeking and (not self.noise or self.batch_size < 4):
            raise UserError("--mode-seeking needs --noise of 1 or more, and --batch-size of 4 or more")
        if self.seed >= 2**63:
            raise UserError(f"--seed must be below 2^63, got {self.seed}")
        if not self.std_max < math.inf or self.std_max < self.std_min:
            raise UserError(f"--std-max must be at least --std-min, got {self.std_max} and {self.std_min}")
        if self.image_size is not None and (self.image_size % 4 or not 8 <= self.image_size <= 256):
            raise UserError(f"--image-size must be a multiple of 4 from 8 to 256, got {self.image_size}")
        if self.threads is not None and not 1 <= self.threads <= _MOST_THREADS:
            raise UserError(f"--threads must be 1 to {_MOST_THREADS}, got {self.threads}")
        if self.steps is not None and self.steps < 1:
            raise UserError(f"--steps must be at least 1, got {self.steps}")
        self._check_together()

    def _check_together(self) -> None:
        """Refuse values that are possible alone, but not with each other."""
        if self.steps is not None and self.steps < self.d_steps:
            raise UserError(f"--steps {self.steps} would never update G; it must be at least --d-steps {self.d_steps}")
        if self.compares and self.generator_loss == "feature-matching":
            raise UserError(
                "--generator-loss feature-matching does not ask for D's verdict, which --packing, --minibatch-kernels "
                "and --batch-deviation change; use one or the other"
            )
        if self.labels and self.teachers:
            raise UserError("--labels and --teachers both say what the first categorical code means; use one of them")
        if self.batch_size % self.packing:
            raise UserError(f"--batch-size {self.batch_size} is not a multiple of --packing {self.packing}")

    def to_json(self) -> dict[str, Any]:
        """Plain data, a key a field."""
        return {key: _plain(value) for key, value in dataclasses.asdict(self).items()}

    def without_paths(self) -> dict[str, Any]:
        """The same without paths of this machine, for others to read; of the teachers the names are left."""
        values = {name: value for name, value in self.to_json().items() if name not in ("data_dir", "out", "resume")}
        return {**values, "teachers": [_run_name(path) for path in self.teachers]}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "TrainConfig":
        """Read what :meth:`to_json` wrote; unknown keys are ignored, missing ones take their default.

        Raises:
            UserError: a value of the wrong type.
        """
        hints = get_type_hints(cls)
        known = {field.name for field in dataclasses.fields(cls)} & data.keys()
        return cls(**{name: _coerce(name, hints[name], data[name]) for name in known})


# Beyond these the networks do not fit into any memory; merging more clusters takes minutes.
_LARGEST = {
    **dict.fromkeys(("channels", "hidden", "batch_size", "cluster_batch_size"), 65_536),
    **dict.fromkeys(("cluster_heads", "clusters", "minibatch_kernels"), 256),
}
_MOST_THREADS = 512
_NOT_NEGATIVE = (
    *("leaky_slope", "seed", "uniform", "gaussian", "bernoulli", "noise", "lambda_discrete", "lambda_continuous"),
    "mode_seeking",
    *("decay_epochs", "pretrain_d_steps", "labels", "label_weight"),
    *("cluster_steps", "encoder_steps", "iic_weight", "cluster_weight", "guide_weight"),
    *("rotation", "shear", "stretch", "shift", "elastic"),
)

# What a resumed run may change without becoming another run.
RESUMABLE = frozenset(
    {
        "data_dir",
        "epochs",
        "steps",
        "decay_epochs",
        "encoder_steps",
        "encoder_lr",
        "threads",
        "log_every",
        "save_every",
        "resume",
    }
)


def check_resumable(before: TrainConfig, now: TrainConfig) -> None:
    """Refuse to go on with settings under which the checkpoint would mean something else.

    Raises:
        UserError: naming the first such setting.
    """
    for name, value in before.to_json().items():
        other = now.to_json()[name]
        if name not in RESUMABLE and other != value:
            raise UserError(
                f"{flag(name)} was {_as_flag(value)} when this run began and cannot become {_as_flag(other)}; "
                "leave it out, or start a new run with --out"
            )


def _as_flag(value: Any) -> str:
    """A value as one types it."""
    return (" ".join(map(str, value)) or "none") if isinstance(value, tuple) else str(value)


def flag(name: str) -> str:
    """The command-line flag of a field."""
    return "--" + name.replace("_", "-")


def _run_name(path: Path) -> str:
    """The name of a run folder, or of a checkpoint together with its run's."""
    return path.name if path.suffix != ".pt" else f"{path.parent.parent.name}/{path.name}"


def _plain(value: Any) -> Any:
    """Paths as strings, on their own or in a tuple; all else as it is."""
    if isinstance(value, tuple):
        return tuple(map(_plain, value))
    return str(value) if isinstance(value, Path) else value


def _coerce(name: str, hint: Any, value: Any) -> Any:
    """Check one JSON value against its field's type; lists become tuples, strings become paths."""
    if value is None and type(None) in get_args(hint):
        return None
    if get_origin(hint) is Literal:
        accepted = value in get_args(hint)
    elif get_origin(hint) is tuple:
        item, *_ = get_args(hint)
        written = str if item is Path else item
        accepted = isinstance(value, list | tuple) and all(type(each) is written for each in value)
        value = tuple(map(item, value)) if accepted else value
    elif Path in (hint, *get_args(hint)):
        accepted = isinstance(value, str)
        value = Path(value) if accepted else value
    elif hint is float:
        accepted = type(value) in (int, float)
    else:
        accepted = type(value) in (hint, *get_args(hint))
    if not accepted:
        raise UserError(f"setting {name} cannot be {json.dumps(value, default=repr)[:80]}")
    return value
