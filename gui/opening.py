"""How bundles and pictures come into the window: dialogs, drops, the recent ones, those that are shipped."""

import os
from collections.abc import Callable
from functools import partial
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

from ..export.bundle import Bundle
from ..export.container import SUFFIX
from ..export.ink import Picture
from ..export.trial import open_tried
from .file_dialog import ask_open_path
from .picture_file import opened_picture
from .settings import Settings
from .translation import tr
from .wording import plain
from .worker import PRIORITY

if TYPE_CHECKING:
    from .window import MainWindow

PICTURES = "*.png *.jpg *.jpeg *.bmp *.gif *.webp *.tif *.tiff"

FREE = ("open", "second", "picture", "animation")  # channels that another bundle leaves alone


class Opening:
    """Asks the worker to open things, and gives the window what was opened."""

    def __init__(self, window: "MainWindow") -> None:
        self._window = window

    def open_bundle(self, path: Path, opened: Callable[[], Bundle] | None = None) -> None:
        """Open a bundle, or take what ``opened`` gives; until then, and if that fails, the present one stays."""
        self._window.statusBar().showMessage(tr("Loading {name}…", name=path.name))
        self._window.worker.request("open", opened or opener(path, self._window.settings))

    def open_picture(self, path: Path) -> None:
        """Go to the code that a picture file carries, or put it on the drawing pad and read it."""
        self._window.worker.request("picture", partial(opened_picture, path))

    def open_path(self, path: Path) -> None:
        """Open what was dropped: a bundle, a file or a folder, the JSON of a code or a drawing, or else a picture."""
        # os.path answers where Path raises: no permission, a name too long, a network drive that is away.
        if os.path.isdir(path) or path.suffix.lower() == SUFFIX:  # noqa: PTH112
            self.open_bundle(path)
        elif path.suffix.lower() == ".json":
            self._window.exchange.open_json(path)
        else:
            self.open_picture(path)

    def ask_bundle(self) -> None:
        """Let the user choose a bundle."""
        path = ask_open_path(self._window, tr("Open model"), bundle_filter())
        if path:
            self.open_bundle(path)

    def ask_picture(self) -> None:
        """Let the user choose a picture."""
        pictures = tr("Picture ({endings});;All files (*)", endings=PICTURES)
        path = ask_open_path(self._window, tr("Open picture"), pictures)
        if path:
            self.open_picture(path)

    def fill_recent(self, menu: QMenu) -> None:
        """List the bundles that were opened, the latest first; what is gone is greyed."""
        menu.clear()
        for path in self._window.settings.recent:
            action = menu.addAction(plain(str(path)).replace("&", "&&"), partial(self.open_bundle, path))
            action.setEnabled(os.path.exists(path))  # noqa: PTH110
        menu.addSeparator()
        menu.addAction(tr("&Clear list"), self._window.settings.forget_recent).setEnabled(
            bool(self._window.settings.recent)
        )

    def fill_shipped(self, menu: QMenu) -> None:
        """List the bundles that come with the app."""
        list_shipped(menu, partial(self._window.worker.request, "open"))

    def show_bundle(self, bundle: Bundle) -> None:
        """The worker has opened a bundle; late answers of the one before must not reach the window."""
        window = self._window
        window.worker.forget(channel for channel in PRIORITY if channel not in FREE)
        window.settings.know(bundle.fingerprint)
        if bundle.path and not is_shipped(bundle.path):
            window.settings.remember(bundle.path)
        window.show_bundle(bundle)

    def show_picture(self, picture: Picture | str) -> None:
        """The worker has read a picture, or found the JSON of a latent in it."""
        if isinstance(picture, str):
            self._window.exchange.take_text(picture)
        else:
            self._window.take_picture(picture)


def bundle_filter() -> str:
    """What a dialog for bundles lists."""
    return tr("InfoGAN model (*{ending});;All files (*)", ending=SUFFIX)


def list_shipped(menu: QMenu, request: Callable[[Callable[[], Bundle]], object]) -> None:
    """Fill a menu with the bundles that come with the app; a choice requests the job that opens it."""
    menu.clear()
    for name in shipped():
        menu.addAction(name.removesuffix(SUFFIX).replace("&", "&&"), partial(request, partial(_open_shipped, name)))


def opener(path: Path, settings: Settings) -> Callable[[], Bundle]:
    """The job that opens a bundle: with a trial first, unless it is shipped or was opened before."""
    return partial(Bundle.open if is_shipped(path) else partial(open_tried, known=settings.known), path)


def is_shipped(path: Path) -> bool:
    """Whether a path is that of a bundle that comes with the app."""
    return path.name in shipped() and str(path) == str(files("infogan.assets") / path.name)


def _open_shipped(name: str) -> Bundle:
    """Runs in the worker."""
    with as_file(files("infogan.assets") / name) as path:
        return Bundle.open(path)


def shipped() -> list[str]:
    """The file names of the bundles that come with the app."""
    return sorted(entry.name for entry in files("infogan.assets").iterdir() if entry.name.endswith(SUFFIX))
