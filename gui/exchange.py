"""What goes out to files and the clipboard, and what comes in from there."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QInputDialog, QLabel

from ..trainer.atomic import write_bytes
from ..trainer.errors import UserError
from .bookmarks import MOST, bookmarks_from, bookmarks_json
from .drawing_file import drawing_from, drawing_json
from .figure import FILTER, Figure, save_figure
from .file_dialog import ask_open_path, ask_save_path, suffix_of
from .latent import from_json, to_text
from .picture import to_image
from .picture_file import shrunk, to_levels
from .raster import enlarged, levels, png, sheet
from .translation import tr

if TYPE_CHECKING:
    from .window import MainWindow

PICTURE_FILTER = "PNG (*.png)"
COPIED = 10  # times that a copied picture is enlarged
LARGEST_SCALE = 100
MAX_JSON = 12 * 2**20  # characters: more than the largest drawing has


class Exchange:
    """Copies, pastes and saves what a window shows; what goes wrong is a sentence in the window."""

    def __init__(self, window: "MainWindow") -> None:
        self._window = window
        self._state = window.state

    # Out

    def copy_picture(self) -> None:
        """Put the generated picture, enlarged, and its code as text on the clipboard."""
        preview = self._window.rendering.preview
        if preview:
            mime = QMimeData()
            image = to_image(preview.picture)
            mime.setImageData(image.scaled(image.size() * COPIED).convertToFormat(QImage.Format.Format_RGB32))
            mime.setText(to_text(self._state.latents, preview.latent, self._state.bundle))
            QGuiApplication.clipboard().setMimeData(mime)

    def copy_code(self) -> None:
        """Put the codes and the noise as JSON on the clipboard, or the part of a message that is selected."""
        focus = QApplication.focusWidget()
        selected = focus.selectedText() if isinstance(focus, QLabel) else ""
        QGuiApplication.clipboard().setText(selected or self._latent_text())

    def copy_grid(self) -> None:
        """Put the traversal as a picture on the clipboard."""
        rows = self._window.traversal_tab.pictures()
        if rows:
            QGuiApplication.clipboard().setImage(to_image(sheet(rows)).convertToFormat(QImage.Format.Format_RGB32))

    def save_picture(self) -> None:
        """Write the generated picture as PNG, with its code inside."""
        preview = self._window.rendering.preview
        if preview:
            picture, text = preview.picture, to_text(self._state.latents, preview.latent, self._state.bundle)
            self._save_pixels(
                tr("Save picture"), "picture.png", lambda scale: png(enlarged(levels(picture), scale), text)
            )

    def save_grid(self) -> None:
        """Write the traversal's tiles as one PNG."""
        rows = self._window.traversal_tab.pictures()
        if rows:
            self._save_pixels(tr("Save grid"), "grid.png", lambda scale: png(enlarged(levels(sheet(rows)), scale)))

    def save_figure(self) -> None:
        """Write the traversal with labelled axes as PNG, SVG or PDF."""
        tab = self._window.traversal_tab
        rows = tab.pictures()
        if rows:
            names, ticks = tab.axes()
            path = self._ask_path(tr("Save figure"), "traversal.png", FILTER)
            self._write(path, lambda where: save_figure(where, Figure(names, ticks, rows)))

    def save_drawing(self) -> None:
        """Write the strokes, or the picture, and what the network reads in them as JSON."""
        path = self._ask_path(tr("Save drawing"), "drawing.json", tr("Drawing (*.json)"))
        data = drawing_json(self._state.drawing, self._state.latents, self._window.draw_tab.reading.posterior)
        self._write(path, lambda where: write_bytes(where, json.dumps(data).encode()))

    def save_bookmarks(self) -> None:
        """Write all bookmarks as JSON."""
        path = self._ask_path(tr("Save bookmarks"), "bookmarks.json", tr("Bookmarks (*.json)"))
        data = bookmarks_json(self._state.latents, self._state.bookmarks, self._state.bundle)
        self._write(path, lambda where: write_bytes(where, json.dumps(data, indent=1).encode()))

    def ask_json(self) -> None:
        """Let the user choose a file with bookmarks, a code or a drawing."""
        filters = tr("JSON (*.json);;All files (*)")
        path = ask_open_path(self._window, tr("Open bookmarks"), filters)
        if path:
            self.open_json(path)

    # In

    def paste(self) -> None:
        """Take over what is on the clipboard: a picture to read, a file to open, or the JSON of a code or a drawing."""
        mime = QGuiApplication.clipboard().mimeData()
        image = mime.imageData() if mime.hasImage() else None
        files = [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]
        if mime.hasText() and mime.text().lstrip().startswith("{"):
            self.take_text(mime.text())
        elif isinstance(image, QImage) and not image.isNull():
            self._window.take_picture(to_levels(shrunk(image)))
        elif files:
            self._window.opening.open_path(files[0])
        else:
            self._window.show_error(
                tr("nothing to paste: expected a picture, a file, or the JSON of a code or a drawing.")
            )

    def open_json(self, path: Path) -> None:
        """Take over a code or a drawing from a file."""

        def take() -> None:
            if path.stat().st_size > MAX_JSON:
                raise UserError(tr("{path} is too large: expected the JSON of a code or a drawing.", path=path))
            self.take(path.read_text("utf-8", "replace"))

        self._explained(take)

    def take(self, text: str) -> None:
        """Take over the JSON of a code, of a drawing, or of bookmarks, which are added.

        Raises:
            UserError: it is none of these.
        """
        if len(text) > MAX_JSON:
            raise UserError(tr("that text is too long: expected the JSON of a code or of a drawing."))
        try:
            data = json.loads(text)
        except (ValueError, RecursionError):
            raise UserError(tr("that text is no JSON: expected that of a code or of a drawing.")) from None
        drawing, bookmarks = drawing_from(data), bookmarks_from(self._state.latents, data, self._state.bundle)
        if drawing is not None:
            self._window.take_drawing(drawing)
        elif bookmarks is not None:
            if len(self._state.bookmarks) + len(bookmarks) > MOST:
                raise UserError(tr("there would be more than {most} bookmarks: remove some first.", most=MOST))
            self._state.set_bookmarks((*self._state.bookmarks, *bookmarks))
        else:
            self._state.go_to(from_json(self._state.latents, data, self._state.bundle))

    def take_text(self, text: str) -> None:
        """Take over such JSON, or say in the window what is wrong with it."""
        self._explained(lambda: self.take(text))

    def _latent_text(self) -> str:
        return to_text(self._state.latents, self._state.latent, self._state.bundle)

    def _save_pixels(self, title: str, name: str, make: Callable[[int], bytes]) -> None:
        path = self._ask_path(title, name, PICTURE_FILTER)
        if path:
            question = tr("How many times larger than the model's pixels?")
            scale, accepted = QInputDialog.getInt(self._window, title, question, COPIED, 1, LARGEST_SCALE)
            if accepted:
                self._write(path, lambda where: write_bytes(where, make(scale)))

    def _ask_path(self, title: str, name: str, filters: str) -> Path | None:
        """A path with a suffix of the formats, or None: not chosen, or refused with a sentence."""
        path = ask_save_path(self._window, title, name, filters)
        known = [f".{suffix_of(each)}" for each in filters.split(";;")]
        if path and path.suffix.lower() not in known:
            expected = ", ".join(known)
            self._window.show_error(
                tr("{path} has another suffix: expected a name that ends in {expected}.", path=path, expected=expected)
            )
            return None
        return path

    def _write(self, path: Path | None, write: Callable[[Path], object]) -> None:
        if path and self._explained(lambda: write(path)):
            self._window.statusBar().showMessage(tr("Saved {name}", name=path.name), 5000)

    def _explained(self, act: Callable[[], object]) -> bool:
        """Whether it went well; if not, the window says why."""
        try:
            act()
        except OSError as error:
            self._window.show_error(tr("{path} cannot be read: {reason}.", path=error.filename, reason=error.strerror))
            return False
        except UserError as error:
            self._window.show_error(str(error))
            return False
        return True
