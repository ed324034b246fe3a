"""Between the compare tab and the worker: the second bundle, and what it makes of the same codes."""

from functools import partial

from ..export.bundle import Bundle
from . import jobs
from .compare_tab import CompareTab
from .file_dialog import ask_open_path
from .jobs import Comparison
from .latent import Latent, renumbered
from .opening import bundle_filter, list_shipped, opener
from .settings import Settings
from .state import ExplorerState
from .translation import tr
from .traversal import ONE, Traversal
from .wording import plain, tick_texts
from .worker import Worker


class Comparing:
    """Keeps the second bundle, and asks for both bundles' pictures while the tab is on screen."""

    def __init__(self, tab: CompareTab, state: ExplorerState, worker: Worker) -> None:
        self._tab, self._state, self._worker = tab, state, worker
        self.other: Bundle | None = None
        tab.open_wanted.connect(self.ask)
        tab.menu.aboutToShow.connect(self._fill)

    def ask(self) -> None:
        """Let the user choose the second bundle."""
        path = ask_open_path(self._tab, tr("Open second model"), bundle_filter())
        if path:
            self._worker.request("second", opener(path, Settings()))

    def show_bundle(self, other: Bundle) -> None:
        """The worker has opened the second bundle."""
        self.other = other
        Settings().know(other.fingerprint)
        self.plan(anew=True)

    def plan(self, anew: bool = False) -> None:
        """Ask for both pictures under the present codes; ``anew`` where one of the bundles is another one."""
        bundle, other = self._state.bundle, self.other
        fits = bool(bundle and other and other.latents == bundle.latents)
        if anew:
            name = plain(other.name) if other else ""
            why_not = tr("{name} has other codes: choose a model with the same ones.", name=name)
            self._tab.show_other(other if fits else None, "" if fits or not other else why_not)
        if bundle and other and fits and self._tab.isVisible():
            latent = translated(bundle, other, self._state.latent)
            self._tab.show_state(self._state, latent)
            axis = self._state.latents.codes[0].name
            across = Traversal.of(self._state, ONE, axis)
            self._worker.request("compare", partial(_compare, bundle, other, self._state.latent, across))

    def _fill(self) -> None:
        list_shipped(self._tab.menu, partial(self._worker.request, "second"))


def translated(bundle: Bundle, other: Bundle, latent: Latent) -> Latent:
    """The same point for another bundle: :func:`renumbered`, and without the noise of a drawing if it is another."""
    if other.fingerprint != bundle.fingerprint:
        latent = latent.undrawn()
    return renumbered(bundle, other, latent)


def _compare(bundle: Bundle, other: Bundle, latent: Latent, across: Traversal) -> Comparison:
    """Runs in the worker."""
    tiles = [across.tile(0, column) for column in range(across.shape[1])]
    pairs = [(bundle, latent, tiles)]
    pairs.append((other, translated(bundle, other, latent), [translated(bundle, other, tile) for tile in tiles]))
    previews = [jobs.preview(each, at) for each, at, _ in pairs]
    strips = [jobs.portraits(each, row) for each, _, row in pairs]
    ticks = tick_texts(bundle, bundle.latents, across.columns)
    names = [plain(each.name) for each, _, _ in pairs]
    return Comparison(previews, strips, names, across.columns, ticks)
