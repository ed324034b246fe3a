"""What the explorer shows: a bundle, a point of its latent space, a drawing. The one place that holds these; no Qt."""

import operator
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from ..export.bundle import Bundle, Posterior
from ..trainer.latents import Array, Categorical, Discrete, LatentSpec
from .bookmarks import Bookmark
from .history import History
from .latent import Latent, NoiseSource, as_codes, own_noise, renumbered, with_code
from .shelf import Shelf
from .strokes import Drawing

Change = Literal["bundle", "codes", "noise", "lock", "drawing", "bookmarks", "history"]
Observer = Callable[[frozenset[Change]], None]
DICE = 100_000  # seeds that chance gives: short enough to be read out


@dataclass(frozen=True, eq=False)
class Snapshot:
    """What can be undone."""

    latent: Latent
    drawing: Drawing
    bookmarks: tuple[Bookmark, ...]


class ExplorerState:
    """A latent and a drawing of the bundle that is open, and the steps that led there.

    Observers are called after each change with what changed, and never when nothing did. While the noise is locked,
    every change of it is ignored, but for undo and redo, which give back what was.
    """

    def __init__(self) -> None:
        self.bundle: Bundle | None = None
        self.latents = LatentSpec()
        self.latent = Latent(as_codes(self.latents.neutral()))
        self.drawing = Drawing()
        self.bookmarks: tuple[Bookmark, ...] = ()
        self.history: History[Snapshot] = History()
        self.locked = False
        self.shelf = Shelf()
        self._observers: list[Observer] = []

    def subscribe(self, observer: Observer) -> None:
        """Call ``observer`` after each change with the set of what changed."""
        self._observers.append(observer)

    @property
    def c(self) -> Array:
        """The codes, (1, width) float32."""
        return self.latent.c

    @property
    def z(self) -> Array:
        """The noise, (1, noise.size) float32."""
        return self.noise.draw(self.latents)

    @property
    def noise(self) -> NoiseSource:
        """Where the noise comes from."""
        return self.latent.noise

    def value(self, name: str) -> float:
        """The class of a categorical code, 0 or 1 of a Bernoulli code, the value of a continuous one."""
        return self.latent.value(self.latents, name)

    def open(self, bundle: Bundle) -> None:
        """Show another bundle; all else is kept where the one before described its latent space in the same way.

        Bookmarks belong to a latent space, and come back with it.
        """
        before, kept = self.bundle, self.bundle is not None and bundle.latents == self.latents
        if not kept or before is None or bundle.fingerprint != before.fingerprint:
            self.latent = self.latent.undrawn()  # to another G the noise of a drawing means nothing
        if kept and before is not None:
            self._renumber(before, bundle)
        self.bundle, self.latents = bundle, bundle.latents
        self.history.release()  # the widget that is being dragged is about to go
        if not kept:
            self.latent = replace(self._first_latent(), noise=self.noise)
            self.bookmarks = self.shelf.get(bundle.latents, bundle)
            self.history.clear()
        self._notify("bundle", "codes", "noise", "drawing", "bookmarks", "history")

    def set_code(self, name: str, value: float) -> None:
        """Set one code: a class, 0 or 1, or a value.

        Raises:
            KeyError: there is no such code.
            IndexError: there is no such class.
        """
        self.go_to(self.latent.with_code(self.latents, name, value))

    def set_codes(self, values: dict[str, float]) -> None:
        """Set several codes in one step."""
        latent = self.latent
        for name, value in values.items():
            latent = latent.with_code(self.latents, name, value)
        self.go_to(latent)

    def set_noise(self, **changes: Any) -> None:
        """Change fields of the noise's source; a seed takes the place of a drawing's noise."""
        own = () if "seed" in changes else self.noise.own
        self.go_to(replace(self.latent, noise=replace(self.noise, **{"own": own, **changes})))

    def randomise(self, rng: np.random.Generator) -> None:
        """Draw new noise."""
        self.set_noise(seed=int(rng.integers(DICE)))

    def reset_codes(self) -> None:
        """The first class shown, 0, and the middle of each interval."""
        self.go_to(replace(self._first_latent(), noise=self.noise))

    def reset_noise(self) -> None:
        """Seed 0, neither blended nor scaled."""
        self.go_to(replace(self.latent, noise=NoiseSource()))

    def set_lock(self, locked: bool) -> None:
        """Keep the noise as it is, whatever sets another."""
        if locked != self.locked:
            self.locked = locked
            self._notify("lock")

    def use(self, posterior: Posterior) -> None:
        """Take over the codes that Q read from one picture: the likeliest classes and the means."""
        self.go_to(Latent(as_codes(self.latents.inferred(posterior.probs, posterior.mean)), self.noise))

    def keep(self, posterior: Posterior, z: Array) -> None:
        """Take over the codes and the noise (1, noise.size) of one picture, so that G draws it again."""
        codes = as_codes(self.latents.inferred(posterior.probs, posterior.mean))
        self.go_to(Latent(codes, replace(self.noise, own=own_noise(z), blend=0.0, scale=1.0)))

    def go_to(self, latent: Latent) -> None:
        """Set all codes and, unless it is locked, the noise."""
        self._set(replace(self._snapshot(), latent=replace(latent, noise=self.noise) if self.locked else latent))

    def draw(self, drawing: Drawing) -> None:
        """Put another drawing on the pad."""
        self._set(replace(self._snapshot(), drawing=drawing))

    def take_back(self) -> None:
        """Take back the last stroke: the last step, where that drew it, so that it can be done again."""
        less, before = self.drawing.without_last(), self.history.before
        earlier = before.drawing if before else self.drawing
        as_many = earlier.picture is None and len(earlier.strokes) == len(less.strokes)
        if as_many and all(map(operator.is_, earlier.strokes, less.strokes)):
            self.undo()
        else:
            self.draw(less)

    def star(self, name: str) -> None:
        """Remember the codes and the noise that are set under a name."""
        self.set_bookmarks((*self.bookmarks, Bookmark(name, self.latent)))

    def set_bookmarks(self, bookmarks: tuple[Bookmark, ...]) -> None:
        """Rename, reorder, add or remove bookmarks."""
        self._set(replace(self._snapshot(), bookmarks=bookmarks))

    def hold(self) -> None:
        """All changes until :meth:`release` are one step of the history."""
        self.history.hold()

    def release(self) -> None:
        """The drag is over."""
        self.history.release()

    def undo(self) -> None:
        """Take back the last step; nothing happens where there is none."""
        if self.history.undoes:
            self._notify(*self._replace(self.history.undo(self._snapshot())), "history")

    def redo(self) -> None:
        """Do again what was undone last; nothing happens where there is nothing."""
        if self.history.redoes:
            self._notify(*self._replace(self.history.redo(self._snapshot())), "history")

    def _snapshot(self) -> Snapshot:
        return Snapshot(self.latent, self.drawing, self.bookmarks)

    def _set(self, wanted: Snapshot) -> None:
        before = self._snapshot()
        changes = self._replace(wanted)
        if changes:
            self.history.record(self._what_changed(before), before)
            self._notify(*changes, "history")

    def _replace(self, wanted: Snapshot) -> list[Change]:
        """Change what is shown; says what is different now."""
        changes: list[Change] = []
        if wanted.latent.codes != self.latent.codes:
            changes.append("codes")
        if wanted.latent.noise != self.noise:
            changes.append("noise")
        if wanted.drawing is not self.drawing:
            changes.append("drawing")
        if wanted.bookmarks != self.bookmarks:
            changes.append("bookmarks")
        self.latent, self.drawing, self.bookmarks = wanted.latent, wanted.drawing, wanted.bookmarks
        return changes

    def _what_changed(self, before: Snapshot) -> str:
        """The name of the code, if it is a single one, or what else."""
        if before.drawing is not self.drawing:
            return "drawing"
        if before.bookmarks != self.bookmarks:
            return "bookmarks"
        names = [
            code.name
            for code in self.latents.codes
            if before.latent.value(self.latents, code.name) != self.value(code.name)
        ]
        if before.latent.noise == self.noise and len(names) == 1:
            return names[0]
        return "codes" if names else "noise"

    def _renumber(self, before: Bundle, bundle: Bundle) -> None:
        """A three stays a three, also in bookmarks and in what can be undone, whatever number a bundle gives it."""

        def changed(shown: Snapshot) -> Snapshot:
            marks = (replace(mark, latent=renumbered(before, bundle, mark.latent)) for mark in shown.bookmarks)
            return replace(shown, latent=renumbered(before, bundle, shown.latent), bookmarks=tuple(marks))

        now = changed(self._snapshot())
        self.latent, self.bookmarks = now.latent, now.bookmarks
        self.history.change(changed)

    def _first_latent(self) -> Latent:
        """Codes to begin with: of the classes, those that stand first, for training numbers them at random."""
        c = self.latents.neutral()
        for code in self.latents.discrete:
            c = with_code(self.latents, c, code.name, class_order(self.bundle, code)[0])
        return Latent(as_codes(c))

    def _notify(self, *changes: Change) -> None:
        if "bookmarks" in changes:
            self.shelf.put(self.latents, self.bookmarks, self.bundle)
        for observer in self._observers if changes else ():
            observer(frozenset(changes))


def class_count(code: Discrete) -> int:
    """Classes of a categorical code, both sides of a coin."""
    return code.size if isinstance(code, Categorical) else 2


def class_order(bundle: Bundle | None, code: Discrete) -> list[int]:
    """The classes as they are listed: by their labels where all have one, for training numbers them at random."""
    classes = list(range(class_count(code)))
    labels = [bundle.label(code.name, index) if bundle else None for index in classes]
    keys = [(len(label), label, index) for index, label in enumerate(labels) if label]
    return [index for _, _, index in sorted(keys)] if len(keys) == len(classes) else classes
