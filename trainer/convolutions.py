"""The CNN's convolutions: 4x4, stride 2, padding 1, so that one halves a picture's sides and the other doubles them.

Under autocast on a CPU they keep channels last in memory, and the way back through wide ones without a bias makes the
gradient of the weight as a product of two matrices. That is for matrix units (AMX), where oneDNN takes a quarter longer
for channels first, and up to twice as long for that gradient; vector units (avx512_bf16) take the same time either way.
Without autocast, and on other devices, they are torch's own.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

_KERNEL, _STRIDE, _PADDING = 4, 2, 1
_WIDE = 16  # channels on both sides; those of a picture are too few for a product to pay
_PATCHES = 1 << 23  # numbers in the patches of as many pictures as one product takes: 16 MB in bf16


class HalvingConv2d(nn.Conv2d):
    """(n, channels, 2h, 2w) -> (n, out, h, w)."""

    def __init__(self, channels: int, out: int, *, bias: bool = True) -> None:
        super().__init__(channels, out, _KERNEL, _STRIDE, _PADDING, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        """The convolution."""
        if not _rearranged(x):
            return super().forward(x)
        x = x.to(memory_format=torch.channels_last)
        return _by_product(x, self.weight, False) if _is_wide(self) else super().forward(x)


class DoublingConv2d(nn.ConvTranspose2d):
    """(n, channels, h, w) -> (n, out, 2h, 2w): the transpose of the other."""

    def __init__(self, channels: int, out: int, *, bias: bool = True) -> None:
        super().__init__(channels, out, _KERNEL, _STRIDE, _PADDING, bias=bias)

    def forward(self, x: Tensor, output_size: list[int] | None = None) -> Tensor:
        """The transposed convolution; there is one size that its output can have."""
        if not _rearranged(x):
            return super().forward(x, output_size)
        x = x.to(memory_format=torch.channels_last)
        return _by_product(x, self.weight, True) if _is_wide(self) else super().forward(x, output_size)


class Flatten(nn.Flatten):
    """(n, channels, h, w) -> (n, channels h w)."""

    def forward(self, x: Tensor) -> Tensor:
        """The rows."""
        return _called(_Rows, x) if _rearranged(x) else super().forward(x)


class _Rows(torch.autograd.Function):
    """Rows of pictures; the way back leaves channels last, as what comes before expects its gradients."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        """The channels become the outermost."""
        ctx.shape = x.shape
        return x.flatten(1)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        """And the innermost again."""
        return gradients[0].view(ctx.shape).contiguous(memory_format=torch.channels_last)


def _rearranged(x: Tensor) -> bool:
    return x.device.type == "cpu" and torch.is_autocast_enabled("cpu")


def _is_wide(layer: nn.Conv2d | nn.ConvTranspose2d) -> bool:
    return layer.bias is None and min(layer.in_channels, layer.out_channels) >= _WIDE


def _by_product(x: Tensor, weight: Tensor, transposed: bool) -> Tensor:
    low = torch.get_autocast_dtype("cpu")
    return _called(_Convolution, x.to(low), weight.to(low), transposed)


def _called(function: type[torch.autograd.Function], *arguments: Any) -> Tensor:
    y: Tensor = function.apply(*arguments)  # type: ignore[no-untyped-call]
    return y


class _Convolution(torch.autograd.Function):
    """Either of the two, which are each other's way back."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, transposed: bool) -> Tensor:
        """Input x and a weight (i, j, 4, 4), where j is of the side with the larger pictures."""
        ctx.save_for_backward(x, weight)
        ctx.transposed = transposed
        return _convolved(x, weight, transposed)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        """A weight (i, j, u, v) ties channel i of the small pictures to channel j of the large ones, at all places."""
        gradient = gradients[0].to(memory_format=torch.channels_last)
        x, weight = ctx.saved_tensors
        of_x = of_weight = None
        if ctx.needs_input_grad[0]:
            of_x = _convolved(gradient, weight, not ctx.transposed)
        if ctx.needs_input_grad[1]:
            small, large = (x, gradient) if ctx.transposed else (gradient, x)
            of_weight = _of_weight(small, large).to(weight.dtype)
        return of_x, of_weight, None


def _convolved(x: Tensor, weight: Tensor, transposed: bool) -> Tensor:
    return (F.conv_transpose2d if transposed else F.conv2d)(x, weight, None, _STRIDE, _PADDING)


def _of_weight(small: Tensor, large: Tensor) -> Tensor:
    """The gradient (i, j, 4, 4) of a weight, float32, from both of its sides, one of which is a gradient itself."""
    i, j, places = small.shape[1], large.shape[1], small.shape[2] * small.shape[3]
    product = torch.zeros(i, _KERNEL**2 * j)
    pictures = max(1, _PATCHES // (_KERNEL**2 * j * places))  # at a time, lest patches fill the memory
    for some, others in zip(torch.split(small, pictures), torch.split(large, pictures), strict=True):
        product += _rows(some).t() @ _patches(others)
    return product.view(i, _KERNEL, _KERNEL, j).permute(0, 3, 1, 2)


def _rows(x: Tensor) -> Tensor:
    """(n, i, h, w) -> (n h w, i)."""
    return x.permute(0, 2, 3, 1).reshape(-1, x.shape[1])


def _patches(x: Tensor) -> Tensor:
    """(n, j, 2h, 2w) -> (n h w, 16 j): what the kernel covers at each place, its channels innermost."""
    n, channels, height, width = x.shape
    padded = F.pad(x.permute(0, 2, 3, 1), (0, 0, *[_PADDING] * 4))
    picture, row, column, channel = padded.stride()
    places = n, height // _STRIDE, width // _STRIDE, _KERNEL, _KERNEL, channels
    strides = picture, _STRIDE * row, _STRIDE * column, row, column, channel
    return padded.as_strided(places, strides).reshape(-1, _KERNEL**2 * channels)
