"""Where bookmarks outlive the app: a file for each latent space. No Qt."""

import contextlib
import hashlib
import json
import logging
from dataclasses import replace
from pathlib import Path

from ..export.bundle import Bundle
from ..trainer.atomic import write_bytes
from ..trainer.errors import UserError
from ..trainer.latents import LatentSpec
from .bookmarks import MOST, Bookmark, bookmarks_from, bookmarks_json
from .latent import renumbered

LOG = logging.getLogger("infogan-explorer")


class Shelf:
    """The bookmarks of every latent space, in a folder, or without one until the app ends.

    Several windows may use the same folder: each keeps what it does not know of. Where the folder cannot be written,
    the log says so and the bookmarks last until the app ends.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._held: dict[LatentSpec, tuple[Bundle | None, tuple[Bookmark, ...]]] = {}

    def get(self, latents: LatentSpec, bundle: Bundle | None = None) -> tuple[Bookmark, ...]:
        """The bookmarks of a latent space, in order, with the classes as a bundle numbers them."""
        if latents not in self._held:
            self._held[latents] = bundle, self._read(latents, bundle)
        before, marks = self._held[latents]
        if before is None or bundle is None:
            return marks
        return tuple(replace(mark, latent=renumbered(before, bundle, mark.latent)) for mark in marks)

    def put(self, latents: LatentSpec, bookmarks: tuple[Bookmark, ...], bundle: Bundle | None = None) -> None:
        """Keep these instead of those that :meth:`get` gave; what another window has added meanwhile comes last."""
        known = self.get(latents, bundle)
        if bookmarks == known:
            return
        self._held[latents] = bundle, bookmarks
        if self._folder is None:
            return
        added = tuple(mark for mark in self._read(latents, bundle) if mark not in known)
        data = bookmarks_json(latents, (*bookmarks, *added)[:MOST], bundle)
        try:
            write_bytes(self._path(latents), json.dumps(data, indent=1).encode())
        except UserError as error:
            LOG.warning("bookmarks last until the app ends: %s", error)

    def _read(self, latents: LatentSpec, bundle: Bundle | None) -> tuple[Bookmark, ...]:
        """What the file says; one that cannot be read is set aside, so that it is not overwritten."""
        if self._folder is None:
            return ()
        path = self._path(latents)
        try:
            bookmarks = bookmarks_from(latents, json.loads(path.read_bytes()), bundle)
            if bookmarks is not None:
                return bookmarks
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, RecursionError, UserError) as error:
            LOG.warning("%s: %s", path, error)
        LOG.warning("%s holds no bookmarks that this app can read; it is set aside as .damaged", path)
        with contextlib.suppress(OSError):
            path.replace(path.with_suffix(".damaged"))
        return ()

    def _path(self, latents: LatentSpec) -> Path:
        assert self._folder is not None
        text = json.dumps(latents.to_json(), sort_keys=True)
        return self._folder / f"bookmarks-{hashlib.sha256(text.encode()).hexdigest()[:16]}.json"
