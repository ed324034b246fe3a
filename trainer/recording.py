"""What a run leaves to look at: metrics.jsonl, TensorBoard, traversal pictures, and a live line on the terminal."""

import contextlib
import json
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from torch import Tensor, nn
from torch.utils.tensorboard import SummaryWriter

from . import replicas
from .atomic import write_bytes
from .errors import UserError, first_line
from .networks import InfoGAN
from .preview import save_png, traversal_grids

Row = dict[str, float]


class Recorder:
    """Writes rows and pictures of one run and shows its progress; use it as a context manager.

    metrics.jsonl is first made to hold exactly ``history``: rows of a future that a resumed run will not have go.
    ``history`` is the run's own list, which has every row before :meth:`row` gets it.
    """

    def __init__(self, run: Path, history: list[Row], step: int, total_steps: int) -> None:
        self.run = run
        self.metrics = run / "metrics.jsonl"
        self._history, self._failed = history, set[Path]()
        self._write_history()
        self._since = time.perf_counter(), float(step)  # when, and at which step, the last row was written
        self.tensorboard = run / "tensorboard"
        self.writer = SummaryWriter(str(self.tensorboard), purge_step=step + 1 if step else None)
        console = Console(file=sys.stderr)
        self.progress = Progress(
            TextColumn("epoch {task.fields[epoch]}"),
            BarColumn(),
            TextColumn("{task.completed:.0f}/{task.total:.0f} steps"),
            TextColumn("{task.fields[rate]}"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[terms]}"),
            console=console,
            disable=not console.is_terminal,  # a log file gets plain lines instead
        )
        self.task = self.progress.add_task("", total=total_steps, completed=step, epoch=0, rate="", terms="")

    def __enter__(self) -> "Recorder":
        self._hook, threading.excepthook = threading.excepthook, self._thread_failed
        self.progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.progress.stop()
        with contextlib.suppress(OSError):  # what went wrong before is what the user must read
            self.writer.close()
        threading.excepthook = self._hook

    def graph(self, model: InfoGAN) -> None:
        """Show the three networks in TensorBoard."""
        z, c = (torch.zeros(2 * model.packing, width) for width in (model.spec.noise.size, model.spec.width))
        device = next(model.parameters()).device
        was_training = model.training
        model.eval()  # tracing must not touch the running statistics
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # TensorBoard's tracer is deprecated in torch but has no successor
            inputs = z.to(device), c.to(device)
            # add_graph's own trace would be checked, and the check imports torch's distributed tensors.
            traced = torch.jit.trace(_Whole(model), inputs, check_trace=False)  # type: ignore[no-untyped-call]
            self.writer.add_graph(traced, inputs)
        model.train(was_training)

    def row(self, row: Row) -> None:
        """Append one row to metrics.jsonl and to TensorBoard, and show it."""
        with self._tolerated(self.metrics):
            self._append(row)
        with self._tolerated(self.tensorboard):
            for name, value in row.items():
                if name not in ("step", "epoch", "seconds"):
                    self.writer.add_scalar(name, value, int(row["step"]))
        terms = _shown(row)
        seconds, step = self._since
        self._since = time.perf_counter(), row["step"]
        rate = f"{(row['step'] - step) / (self._since[0] - seconds):.1f} it/s"
        self.progress.update(self.task, completed=row["step"], epoch=int(row["epoch"]), rate=rate, terms=terms)
        if not self.progress.console.is_terminal:
            self.say(f"epoch {row['epoch']:.0f}  step {row['step']:.0f}  {rate}  {terms}")

    def say(self, text: str) -> None:
        """Print a line above the progress bar."""
        self.progress.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def traversals(self, model: InfoGAN, step: int) -> None:
        """Save traversal grids of every code as one PNG and to TensorBoard."""
        grids = traversal_grids(model)
        with self._tolerated(self.run / "samples"):
            save_png(self.run / "samples" / f"step-{step:08d}.png", list(grids.values()))
        with self._tolerated(self.tensorboard):
            for name, grid in grids.items():
                self.writer.add_image(f"traversal/{name}", grid, step, dataformats="HWC")

    def reconstructions(self, grid: NDArray[np.uint8], step: int) -> None:
        """Save a grid of pictures and their reconstructions as PNG and to TensorBoard."""
        with self._tolerated(self.run / "samples"):
            save_png(self.run / "samples" / f"reconstructions-{step:08d}.png", [grid])
        with self._tolerated(self.tensorboard):
            self.writer.add_image("reconstructions", grid, step, dataformats="HWC")

    def _append(self, row: Row) -> None:
        """Add a row to metrics.jsonl; after a failure, write the file anew, for the last line may be torn."""
        if self.metrics in self._failed:
            self._write_history()
            self._failed.discard(self.metrics)
        else:
            with self.metrics.open("a") as file:
                file.write(_line(row))

    def _write_history(self) -> None:
        write_bytes(self.metrics, "".join(map(_line, self._history)).encode())

    @contextlib.contextmanager
    def _tolerated(self, what: Path) -> Iterator[None]:
        """A full disk may cost rows and pictures, never the run."""
        try:
            yield
        except (OSError, UserError) as error:
            self._note_failure(what, error)

    def _thread_failed(self, failure: threading.ExceptHookArgs) -> None:
        """TensorBoard writes in a thread, which a full disk ends."""
        if isinstance(failure.exc_value, OSError):
            self._note_failure(self.tensorboard, failure.exc_value)
        else:
            self._hook(failure)

    def _note_failure(self, what: Path, error: Exception) -> None:
        """Say so the first time."""
        if what not in self._failed:
            self.say(f"{what} is not complete ({first_line(error)}); training goes on")
        self._failed.add(what)


class _Unrecorded(Recorder):
    """What the other processes of a run write: nothing."""

    def __init__(self) -> None: ...

    def __enter__(self) -> "_Unrecorded":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def graph(self, model: InfoGAN) -> None: ...

    def row(self, row: Row) -> None: ...

    def say(self, text: str) -> None: ...

    def traversals(self, model: InfoGAN, step: int) -> None: ...

    def reconstructions(self, grid: NDArray[np.uint8], step: int) -> None: ...


def recording(run: Path, history: list[Row], step: int, total_steps: int) -> Recorder:
    """The recorder of a run; where several processes train it, only the first one's writes."""
    return Recorder(run, history, step, total_steps) if replicas.rank() == 0 else _Unrecorded()


class _Whole(nn.Module):
    """One forward pass through G, then D and Q."""

    def __init__(self, model: InfoGAN) -> None:
        super().__init__()
        self.generator, self.trunk = model.generator, model.trunk
        self.d_head, self.q_head = model.d_head, model.q_head

    def forward(self, z: Tensor, c: Tensor) -> tuple[Tensor, ...]:
        features = self.trunk(self.generator(torch.cat((z, c), 1)).sigmoid())
        return self.d_head(features), *self.q_head(features)


def _shown(row: Row) -> str:
    """The few terms of a row that fit beside a progress bar."""
    if "encoder_pixels" in row:
        return f"encoder  error per pixel {row['encoder_pixels']:.4f}  of the noise {row['encoder_noise']:.3f}"
    if "d_loss" not in row:
        return f"clustering  I {-row['cluster_iic']:.2f}"
    codes = [(name[3:], value) for name, value in row.items() if name.startswith("mi_c") and name[4:].isdigit()]
    information = "  ".join(f"L_I({name}) {value:.2f}" for name, value in codes[:4])
    generator = f"G {row['g_loss']:.2f}" if "g_loss" in row else "D alone"
    return f"D {row['d_loss']:.2f}  {generator}  {information}"


def _line(row: Row) -> str:
    return json.dumps(row) + "\n"
