"""Between the state, the worker and the widgets: which pictures are needed, and where they are shown."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from . import jobs
from .category import CategoryPicker
from .jobs import Portrait, Preview, Reading, Tiles
from .latent import Latent, as_codes
from .reading import Bars
from .state import Change
from .traversal import ONE, Traversal
from .worker import Channel

if TYPE_CHECKING:
    from .window import MainWindow


class Rendering:
    """Asks the worker for what a state needs, and gives the widgets of a window what it answers."""

    def __init__(self, window: "MainWindow") -> None:
        self._window, self._state, self._worker = window, window.state, window.worker
        self._thumbnails: list[Traversal] = []
        self._films: list[Traversal] = []
        self.preview: Preview | None = None  # what is on screen
        self._shows: dict[Channel, Callable[[Any], None]] = {
            "preview": self._show_preview,
            "reading": self._show_reading,
            "thumbnails": self._show_thumbnail,
            "classes": self._show_class,
            "films": self._show_film,
            "bookmarks": self._show_portrait,
            "plane": self._show_plane,
            "grid": window.traversal_tab.set_tiles,
        }

    def ask(self, changes: frozenset[Change]) -> None:
        """Ask for all that looks otherwise after these changes."""
        if "bundle" in changes:
            self._thumbnails, self._films, self.preview = [], [], None
            self._window.bookmarks.forget_pictures()
            self._ask_classes()
        if changes & {"bundle", "bookmarks"}:
            self._ask_portraits()
        if changes & {"bundle", "drawing"} or ("noise" in changes and self._state.drawing):
            self._ask_reading()
        if changes & {"bundle", "codes", "noise"}:
            self._ask_preview()
            self._ask_thumbnails()
            self.ask_films()
            self.ask_plane()
            self.ask_grid()

    def ask_plane(self) -> None:
        """Ask for the pictures behind the two codes, if they are others."""
        bundle, plane = self._state.bundle, self._window.controls.plane
        wanted = plane.plan(self._state)
        if bundle and wanted and wanted != plane.traversal:
            plane.traversal = wanted
            self._worker.request("plane", *(partial(jobs.tiles, bundle, wanted, row) for row in range(wanted.shape[0])))

    def ask_grid(self) -> None:
        """Ask for the pictures of the traversal, if it is another one, and mark the tile that is set."""
        bundle, tab = self._state.bundle, self._window.traversal_tab
        wanted = tab.plan(self._state)
        if bundle and wanted != tab.traversal:
            tab.show_traversal(wanted)
            self._worker.request("grid", *(partial(jobs.tiles, bundle, wanted, row) for row in range(wanted.shape[0])))
        tab.show_state(self._state)

    def mark_readings(self) -> None:
        """Mark on the sliders what Q reads in the generated picture, and in the drawing where that can be seen."""
        tab, preview = self._window.draw_tab, self.preview.posterior if self.preview else None
        self._window.controls.show_posteriors(preview, tab.reading.posterior if tab.isVisible() else None)

    def ask_films(self) -> None:
        """Ask for the pictures beneath the sliders, if they are wanted and others."""
        bundle, sliders = self._state.bundle, self._window.controls.sliders
        wanted = [Traversal.of(self._state, ONE, name) for name in sliders] if self._window.settings.films else []
        for control in sliders.values():
            control.film.setVisible(bool(wanted))
        if bundle and wanted != self._films:
            self._films = wanted
            self._worker.request("films", *(partial(jobs.tiles, bundle, film, 0) for film in wanted))

    def show(self, channel: Channel, answer: Any) -> None:
        """Show the pictures that the worker answers."""
        self._shows[channel](answer)

    def _ask_preview(self) -> None:
        if self._state.bundle:
            self._worker.request("preview", partial(jobs.preview, self._state.bundle, self._state.latent))

    def _ask_thumbnails(self) -> None:
        wanted = [Traversal.of(self._state, name, ONE) for name in self._window.controls.pickers]
        if wanted != self._thumbnails:
            self._thumbnails = wanted
            self._request_rows("thumbnails", wanted)

    def _ask_classes(self) -> None:
        """The pictures beside the probabilities: what a class looks like, whatever codes are set."""
        latents = self._state.latents
        typical = Latent(as_codes(latents.neutral()))
        names = (code.name for code in latents.discrete)
        self._request_rows("classes", [replace(Traversal.of(self._state, name, ONE), fixed=typical) for name in names])

    def _request_rows(self, channel: Channel, wanted: list[Traversal]) -> None:
        bundle = self._state.bundle
        rows = [(traversal, row) for traversal in wanted for row in range(traversal.shape[0])]
        if bundle and rows:
            self._worker.request(channel, *(partial(jobs.tiles, bundle, each, row) for each, row in rows))

    def _ask_portraits(self) -> None:
        self._window.bookmarks.show_bookmarks(self._state.bookmarks)
        bundle = self._state.bundle
        if bundle:
            wanted = self._window.bookmarks.without_picture()
            self._worker.forget(["bookmarks"])
            if wanted:
                self._worker.request("bookmarks", *(partial(jobs.portray, bundle, latent) for latent in wanted))

    def _ask_reading(self) -> None:
        if self._state.bundle:
            self._worker.request("reading", partial(jobs.read, self._state.bundle, self._state.drawing, self._state.z))

    def _show_preview(self, preview: Preview) -> None:
        self._window.show_picture(preview.picture)
        self._window.read_back.readers[0].show_posterior(preview.posterior, preview.latent)
        self.preview = preview
        self.mark_readings()

    def _show_reading(self, reading: Reading) -> None:
        self._window.draw_tab.show_reading(reading)
        self.mark_readings()

    def _show_thumbnail(self, tiles: Tiles) -> None:
        if tiles.traversal in self._thumbnails:
            self._set_class_picture(self._window.controls.pickers, tiles)

    def _show_class(self, tiles: Tiles) -> None:
        self._set_class_picture(self._window.draw_tab.answers.bars, tiles)

    def _set_class_picture(self, shown: Mapping[str, CategoryPicker] | Mapping[str, Bars], tiles: Tiles) -> None:
        axis = tiles.traversal.rows
        shown[axis.name].set_picture(int(axis.values[tiles.row]), tiles.pictures[0])

    def _show_film(self, tiles: Tiles) -> None:
        if tiles.traversal in self._films:
            self._window.controls.sliders[tiles.traversal.columns.name].film.set_pictures(tiles.pictures)

    def _show_portrait(self, portrait: Portrait) -> None:
        self._window.bookmarks.set_picture(portrait.latent, portrait.picture)

    def _show_plane(self, tiles: Tiles) -> None:
        self._window.controls.plane.set_tiles(tiles)
