"""Points of the latent space that are worth going back to, and their JSON. No Qt."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..export.bundle import Bundle
from ..trainer.latents import LatentSpec
from .latent import Latent, LatentError, from_json, to_json
from .translation import tr

FORMAT = "infogan-bookmarks"
VERSION = 1
MOST = 1000
LONGEST_NAME = 200


@dataclass(frozen=True)
class Bookmark:
    """A name and what it stands for."""

    name: str
    latent: Latent


def bookmarks_json(latents: LatentSpec, bookmarks: Sequence[Bookmark], bundle: Bundle | None = None) -> dict[str, Any]:
    """All of them, in order, with what the bundle calls their classes."""
    entries = [{"name": mark.name, "latent": to_json(latents, mark.latent, bundle)} for mark in bookmarks]
    return {"format": FORMAT, "format_version": VERSION, "bookmarks": entries}


def bookmarks_from(latents: LatentSpec, data: Any, bundle: Bundle | None = None) -> tuple[Bookmark, ...] | None:
    """The bookmarks that parsed JSON describes, or None where it does not say that it is such a list.

    Their classes are those that the bundle calls as the JSON does.

    Raises:
        LatentError: it says so, and is none, or one of another latent space.
    """
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        return None
    if data.get("format_version") != VERSION:
        raise LatentError(tr("the bookmarks are of another version of this app."))
    entries = data.get("bookmarks")
    if not isinstance(entries, list) or len(entries) > MOST:
        raise LatentError(tr("the bookmarks are no list of at most {most} entries.", most=MOST))
    return tuple(_bookmark(latents, entry, bundle) for entry in entries)


def _bookmark(latents: LatentSpec, entry: Any, bundle: Bundle | None) -> Bookmark:
    name = entry.get("name") if isinstance(entry, dict) else None
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME:
        raise LatentError(tr("a bookmark has no name of 1 to {longest} characters.", longest=LONGEST_NAME))
    return Bookmark(name, from_json(latents, entry.get("latent"), bundle))
