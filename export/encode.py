"""The codes that Q infers of any number of pictures, in constant memory."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..trainer.errors import UserError
from .bundle import MOST_ROWS, Bundle
from .code_table import Columns, Writer
from .parts import Part, Parts
from .picture_source import PictureSource, Piece

_VERSION = 1  # of the parts
_PIECE_BYTES = 8 << 20  # of prepared pictures at a time
_MOST_PIECE = 32 * MOST_ROWS


def encode(
    bundle: Bundle,
    source: PictureSource,
    target: Path,
    write: Writer,
    noise: bool = False,
    say: Callable[[int, int], None] = lambda done, total: None,
) -> list[str]:
    """Infer the codes of all pictures and write them as a table.

    What is done is kept in TARGET.*.parts until the table is written: the same call goes on from there.

    Args:
        bundle: whose Q, and where ``noise`` is asked for whose encoder, reads the pictures.
        source: the pictures.
        target: the file to write, whole or not at all.
        write: makes it; see :func:`code_table.writer_for`.
        noise: also z, the noise from which G draws each picture again.
        say: told how many pictures of how many are done.

    Returns:
        Of each picture that could not be read, its file and the reason.

    Raises:
        UserError: a source that breaks off or of which nothing can be read, codes whose columns would have one name, or
            a full disk.
        ValueError: noise is asked for and the bundle has no encoder.
    """
    if noise and not bundle.has_encoder:
        raise ValueError(f"the bundle {bundle.name} has no encoder")
    size = _piece_size(bundle)
    columns = Columns.of(bundle, source.has_names, noise)
    identity = repr((_VERSION, bundle.fingerprint, source.identity, size, noise))
    parts = Parts(target, identity)
    say(min(parts.done * size, source.total), source.total)
    for piece in source.pieces(parts.done * size, size):  # where none is left its end is still looked at
        parts.add(_part(bundle, piece, noise))
        del piece  # before the next one is read
        say(min(parts.done * size, source.total), source.total)
    unread = [text for part in parts for text in part.unread.tolist()]
    if len(unread) < source.total:
        write(target, columns, parts)
    parts.remove()
    if len(unread) == source.total:
        raise UserError(f"not one of {source.total:,} pictures can be read, such as {unread[0]}")
    return unread


def _piece_size(bundle: Bundle) -> int:
    """How many pictures are taken at a time: whole runs of the networks, as many as fit into ``_PIECE_BYTES``."""
    fitting = _PIECE_BYTES // (4 * int(np.prod(bundle.image_shape)))
    return min(max(MOST_ROWS, fitting // MOST_ROWS * MOST_ROWS), _MOST_PIECE)


def _part(bundle: Bundle, piece: Piece, noise: bool) -> Part:
    posterior = bundle.infer(piece.images)
    values: list[NDArray[np.float32]] = []
    for code in bundle.latents.codes:
        if code.name in posterior.probs:
            values.append(posterior.probs[code.name])
        else:
            values.append(np.stack((posterior.mean[code.name], posterior.std[code.name]), 1))
    if noise:
        values.append(bundle.noise_of(piece.images))
    return Part(
        piece.places, np.array(piece.names, np.str_), np.concatenate(values, 1), np.array(piece.unread, np.str_)
    )
