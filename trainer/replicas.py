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


@contextlib.contextmanager
def connected(device: str) -> Iterator[None]:
    """Connect the processes that torchrun started, if it did.

    Args:
        device: as --device says it; each process of a machine takes a GPU of its own.
    """
    if not started_by_torchrun():
        yield
        return
    gpu = device != "cpu" and torch.cuda.is_available()
    if gpu:
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    # torchrun's store outlives the processes: without a prefix new ones would find the addresses of the dead.
    store, own, number = next(distributed.rendezvous("env://"))  # type: ignore[attr-defined] # not in its __all__
    store = distributed.PrefixStore(f"start {_starts_before()}", store)  # type: ignore[attr-defined]
    backend = "cpu:gloo,cuda:nccl" if gpu else "gloo"
    distributed.init_process_group(backend, store=store, rank=own, world_size=number)
    try:
        yield
    finally:
        distributed.destroy_process_group()


def started_by_torchrun() -> bool:
    """Whether this process is one of several, or could be."""
    return "TORCHELASTIC_RUN_ID" in os.environ


def size() -> int:
    """How many processes train together."""
    return distributed.get_world_size() if distributed.is_initialized() else 1


def command(processes: int | None = None) -> str:
    """What starts a training by so many processes, by default as many as now."""
    number = size() if processes is None else processes
    return f"{typed('torchrun')} --nproc-per-node {number} -m infogan.trainer" if number > 1 else typed("infogan-train")


def rank() -> int:
    """Which of them this is; 0 alone writes files."""
    return distributed.get_rank() if distributed.is_initialized() else 0


def on_this_machine() -> int:
    """How many of them share this machine's cores."""
    return int(os.environ["LOCAL_WORLD_SIZE"]) if distributed.is_initialized() else 1


def begun_again() -> bool:
    """Whether torchrun started them anew because one was lost (--max-restarts)."""
    return distributed.is_initialized() and _starts_before() > 0


def _starts_before() -> int:
    return int(os.environ["TORCHELASTIC_RESTART_COUNT"])


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
    if size() > 1:
        statistics = [buffer for buffer in module.buffers() if buffer.is_floating_point()]
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


def check_batch(batch_size: int) -> None:
    """Refuse a batch that cannot be shared.

    Raises:
        UserError: it is no multiple of the number of processes.
    """
    if batch_size % size():
        raise UserError(f"--batch-size {batch_size} is shared by {size()} processes; give a multiple of {size()}")


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
