"""Data-parallel training: equal networks in several processes, each of which sees its share of every batch.

``torchrun -m infogan.trainer`` starts the processes, torch.distributed connects them (gloo on CPUs, NCCL on GPUs), and
DistributedDataParallel averages their gradients (Li et al. 2020, arXiv 2006.15704). In a single process nothing here
does anything.
"""

import contextlib
import os
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel

from .commands import typed
from .errors import UserError

T = TypeVar("T")

_BEGUN = "infogan begun"  # in torchrun's store, which outlives the processes that it starts
_torchrun: list[Any] = []  # its store, while they are connected


@contextlib.contextmanager
def connected(device: str) -> Iterator[None]:
    """Connect the processes that torchrun started, if it did.

    Args:
        device: as --device says it; each process of a machine takes a GPU of its own.

    Raises:
        UserError: there are fewer GPUs than processes.
    """
    if not started_by_torchrun():
        yield
        return
    gpu = device != "cpu" and torch.cuda.is_available()
    if gpu:
        if torch.cuda.device_count() < int(os.environ["LOCAL_WORLD_SIZE"]):
            raise UserError(
                f"{os.environ['LOCAL_WORLD_SIZE']} processes need a GPU each, this machine has "
                f"{torch.cuda.device_count()}; give torchrun fewer --nproc-per-node, or use --device cpu"
            )
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    kept, own, number = next(distributed.rendezvous("env://"))  # type: ignore[attr-defined] # not in its __all__
    _torchrun[:] = [kept]
    # Without a prefix processes that are started anew would find the addresses of the dead.
    store = distributed.PrefixStore(f"start {os.environ['TORCHELASTIC_RESTART_COUNT']}", kept)  # type: ignore[attr-defined]
    backend = "cpu:gloo,cuda:nccl" if gpu else "gloo"
    distributed.init_process_group(backend, store=store, rank=own, world_size=number)
    try:
        yield
    finally:
        _torchrun.clear()
        distributed.destroy_process_group()


def started_by_torchrun() -> bool:
    """Whether this process is one of several, or could be."""
    return "TORCHELASTIC_RUN_ID" in os.environ


def size() -> int:
    """How many processes train together."""
    return distributed.get_world_size() if distributed.is_initialized() else 1


def command() -> str:
    """What starts a training by as many processes as now."""
    if size() == 1:
        return typed("infogan-train")
    machines = size() // on_this_machine()
    on_others = f"--nnodes {machines} " if machines > 1 else ""
    return f"{typed('torchrun')} {on_others}--nproc-per-node {on_this_machine()} -m infogan.trainer"


def rank() -> int:
    """Which of them this is; 0 alone writes files."""
    return distributed.get_rank() if distributed.is_initialized() else 0


def on_this_machine() -> int:
    """How many of them share this machine's cores."""
    return int(os.environ["LOCAL_WORLD_SIZE"]) if distributed.is_initialized() else 1


def note_beginning() -> None:
    """Remember, for processes that torchrun may start in the place of these, that they began a run of their own."""
    if _torchrun and rank() == 0:
        _torchrun[0].set(_BEGUN, "")


def begun_before() -> bool:
    """Whether processes that torchrun started before these had begun their run when one was lost (--max-restarts)."""
    return bool(_torchrun) and bool(_torchrun[0].check([_BEGUN]))


def share(indices: NDArray[np.int64]) -> NDArray[np.int64]:
    """Which pictures of a batch (n,) this process sees: every ``size`` th, (n / size,)."""
    return indices[rank() :: size()]


def wait() -> None:
    """Go on once all are here."""
    if distributed.is_initialized():
        distributed.barrier()


@contextlib.contextmanager
def first_alone() -> Iterator[None]:
    """Let the first process do something that the others then find done."""
    if rank() != 0:
        wait()
    yield
    if rank() == 0:
        wait()


def mean(values: Tensor) -> Tensor:
    """The mean of all processes' values, in their place."""
    if size() > 1:
        distributed.all_reduce(values)
        values /= size()
    return values


def same(values: Tensor) -> None:
    """Give all processes the values of the first one."""
    if size() > 1:
        distributed.broadcast(values, 0)


def mean_statistics(module: nn.Module) -> None:
    """Give the running statistics of all processes to each: their mean."""
    statistics = [buffer for buffer in module.buffers() if buffer.is_floating_point()]
    if size() > 1 and statistics:
        flat = mean(torch.cat([buffer.flatten() for buffer in statistics]))
        for buffer, values in zip(statistics, torch.split(flat, [b.numel() for b in statistics]), strict=True):
            buffer.copy_(values.view_as(buffer))


def largest(number: int) -> int:
    """The largest of all processes' numbers."""
    if size() == 1:
        return number
    numbers = torch.tensor(number)
    distributed.all_reduce(numbers, distributed.ReduceOp.MAX)
    return int(numbers)


def check_batch(batch_size: int, packing: int, least: int) -> None:
    """Refuse a batch that cannot be shared.

    Args:
        batch_size: pictures of all processes.
        packing: pictures that stay together.
        least: so many must be left for each.

    Raises:
        UserError: they are not.
    """
    if size() > 1 and (batch_size % (size() * packing) or batch_size < size() * least):
        raise UserError(
            f"--batch-size {batch_size} is shared by {size()} processes; give a multiple of {size() * packing}, "
            f"{size() * least} or more"
        )


def check_same(step: int) -> None:
    """Refuse processes that would go on from different checkpoints.

    Raises:
        UserError: not all stand at this step.
    """
    first, last = -largest(-step), largest(step)
    if first != last:
        raise UserError(
            f"the processes of this run found checkpoints of steps {first} and {last}: all must see the same run folder"
        )


class Averaging:
    """Computes a loss; backward() then gives the mean of all processes' gradients to the parameters of some modules.

    All of these must take part in the loss.
    """

    def __init__(self, *modules: nn.Module | None) -> None:
        self._engine: Callable[[Callable[[], Any]], Any] | None = None
        if size() > 1:
            known = [module for module in modules if module is not None]
            self._engine = DistributedDataParallel(_Computation(known))

    def __call__(self, compute: Callable[[], T]) -> T:
        """What ``compute`` returns, tensors with a gradient among it."""
        result: T = compute() if self._engine is None else self._engine(compute)
        return result


class _Computation(nn.Module):
    """Something computed with the parameters of some modules."""

    def __init__(self, modules: list[nn.Module]) -> None:
        super().__init__()
        self.taking_part = nn.ModuleList(modules)

    def forward(self, compute: Callable[[], T]) -> T:
        return compute()
