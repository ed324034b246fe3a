"""The main window: lays the parts out and connects them, in one place."""

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from traceback import format_exception
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QSize, QSizeF, QUrl, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QStyle,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from ..export.bundle import Bundle
from ..export.ink import AUTOMATIC, Picture
from ..trainer.errors import UserError
from . import log
from .actions import add_menus
from .bookmark_list import BookmarkList
from .bookmarks import LONGEST_NAME
from .compare_tab import CompareTab
from .comparing import Comparing
from .controls import Controls
from .draw_tab import DrawTab
from .exchange import Exchange
from .grab import GrabView
from .help import Help
from .menus import menus
from .message import MessageBar
from .model_dialog import ModelDialog
from .opening import Opening
from .palette import apply_scheme
from .readback import ReadBack
from .rendering import Rendering
from .section import GAP, MARGIN, Section
from .settings import SCHEMES, Settings
from .shelf import Shelf
from .state import Change, ExplorerState, class_order
from .strokes import Drawing
from .translation import tr
from .traversal_tab import TraversalTab
from .walk_tab import WalkTab
from .walking import Walking
from .wording import class_text, latent_text, plain, step_text
from .worker import Channel, Worker

SIZE = QSize(1240, 800)
PICTURE, TABS = 2, 5  # how they share what the controls leave of the width


class MainWindow(QMainWindow):
    """Explore a bundle's latent codes, and read drawings.

    Widgets show the state and say what the user wants; this window alone changes the state, and asks the worker for
    the pictures that the new state needs.
    """

    opened = Signal()  # another bundle is on screen
    not_opened = Signal(str)  # the sentence that says why not

    def __init__(self) -> None:
        super().__init__()
        self.state = ExplorerState()
        self.worker = Worker(self)
        self.controls, self.view, self.read_back = Controls(), GrabView(tr("Generated picture"), 224), ReadBack()
        self.traversal_tab, self.draw_tab, self.message = TraversalTab(), DrawTab(), MessageBar()
        self.hint = MessageBar(QStyle.StandardPixmap.SP_MessageBoxInformation)
        self.bookmarks, self.walk_tab = BookmarkList(), WalkTab()
        self.walking = Walking(self.walk_tab, self.state, self.worker, self.statusBar().showMessage, self.show_error)
        self.compare_tab = CompareTab()
        self.comparing = Comparing(self.compare_tab, self.state, self.worker)
        self.tabs, self.model_label = QTabWidget(), QLabel()
        self._middle = Section(tr("Generated picture"))
        self._parts = QWidget()  # all but the message, which can be dismissed even before the first bundle
        self._rng = np.random.default_rng()
        self._restored = False
        self.settings = Settings()
        self.exchange, self.opening, self.rendering = Exchange(self), Opening(self), Rendering(self)
        self._lay_out()
        self.help = Help(self)
        self.actions_by_name = add_menus(self, menus(self))
        self._build()
        self._connect()

    def restore(self) -> None:
        """Be as the window was when it was closed last, and remember how it is when it is closed again."""
        self._restored = True
        self.state.shelf = Shelf(log.folder())
        geometry = self.settings.geometry
        if geometry:
            self.restoreGeometry(geometry)
        self.tabs.setCurrentIndex(min(self.settings.tab, self.tabs.count() - 1))
        self.set_scheme(self.settings.scheme)
        self.help.greet()

    def take_picture(self, picture: Picture) -> None:
        """Put a picture (h, w) of grey or (h, w, 3) of colours in [0, 1] on the pad."""
        self.take_drawing(replace(self.state.drawing, strokes=(), picture=picture, finding=AUTOMATIC))

    def take_drawing(self, drawing: Drawing) -> None:
        """Show another drawing and read it."""
        self.message.hide()
        self.tabs.setCurrentWidget(self.draw_tab)
        self.state.draw(drawing)

    def show_error(self, text: str, details: str = "") -> None:
        """Show a sentence at the top of the window, with details that can be unfolded."""
        self.statusBar().clearMessage()
        self.hint.hide()
        self.message.show_message(text, details)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files are welcome."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open the first file, and only that."""
        path = _first_file(event.mimeData().urls())
        if path:
            event.acceptProposedAction()
            self.opening.open_path(path)

    def event(self, event: QEvent) -> bool:
        """A drag does not go on beneath a dialog."""
        if event.type() == QEvent.Type.WindowBlocked:
            self.state.release()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The picture takes another number of pixels a cell."""
        super().resizeEvent(event)
        self._fit_picture()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember a window that was restored, and wait for the worker: a thread must not outlive the window."""
        if self._restored:
            self.settings.geometry, self.settings.tab = self.saveGeometry(), self.tabs.currentIndex()
        self.worker.close()
        super().closeEvent(event)

    # Layout

    def _lay_out(self) -> None:
        self.setWindowTitle("InfoGAN Explorer")
        self.setAcceptDrops(True)
        self.tabs.addTab(self.traversal_tab, tr("&Traversal"))
        self.tabs.addTab(self.draw_tab, tr("&Draw"))
        self.tabs.addTab(self.walk_tab, tr("&Walk"))
        self.tabs.addTab(self.compare_tab, tr("&Compare"))
        self.tabs.setTabToolTip(0, tr("See what a code does: a grid of pictures in which two things vary"))
        self.tabs.setTabToolTip(
            1, tr("Draw something, or open a picture, and see which code the network Q reads in it")
        )
        self.tabs.setTabToolTip(2, tr("Let a code, the noise or your bookmarks walk, and save that as an animation"))
        self.tabs.setTabToolTip(3, tr("See two models side by side under the same codes"))
        self.tabs.setAccessibleName(tr("Traversal, drawing, walk and comparison"))
        self._middle.body.addWidget(self.view, 9)
        self._middle.body.addSpacing(GAP)
        self._middle.body.addWidget(self.read_back)
        self._middle.body.addSpacing(GAP)
        self._middle.body.addWidget(self.bookmarks, 1)
        parts = QHBoxLayout(self._parts)
        parts.setContentsMargins(0, 0, 0, 0)
        parts.setSpacing(MARGIN)
        for part, stretch in ((self.controls, 0), (self._middle, PICTURE), (self.tabs, TABS)):
            parts.addWidget(part, stretch)
        central = QWidget()
        column = QVBoxLayout(central)
        column.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        column.setSpacing(MARGIN)
        column.addWidget(self.message)
        column.addWidget(self.hint)
        column.addWidget(self._parts, 1)
        self.setCentralWidget(central)
        self.statusBar().addPermanentWidget(self.model_label)
        self.resize(SIZE.boundedTo(self.screen().availableSize()))

    def _fit_picture(self) -> None:
        """Make the column as wide as the picture in it: a strip beside the picture would belong to nothing."""
        space = (self.width() - self.controls.width() - 4 * MARGIN) * PICTURE / (PICTURE + TABS)
        fitted = int(self.view.fitted(QSizeF(space, math.inf)).width())
        self._middle.setMaximumWidth(max(fitted, self._middle.minimumSizeHint().width()))

    # Wiring

    def _connect(self) -> None:
        """Every connection between the parts."""
        self.state.subscribe(self._show_change)
        for digit in range(10):
            QShortcut(str(digit), self, partial(self.choose_class, digit)).setAutoRepeat(False)
        self.worker.answered.connect(self._show_answer)
        self.worker.failed.connect(self._show_failure)
        self.controls.code_edited.connect(self.state.set_code)
        self.controls.codes_edited.connect(self.state.set_codes)
        self.controls.plane_changed.connect(self.rendering.ask_plane)
        self.controls.noise_edited.connect(self._set_noise)
        self.controls.noise_reset.connect(self.state.reset_noise)
        self.controls.lock_toggled.connect(self.state.set_lock)
        self.controls.dice_rolled.connect(self.roll_dice)
        self.view.dragged.connect(self._drag_picture)
        self.traversal_tab.axes_changed.connect(self.rendering.ask_grid)
        for source in (self.traversal_tab, self.bookmarks):
            source.chosen.connect(self.state.go_to)
        self.hint.dismissed.connect(self.help.dismiss)
        self.bookmarks.star_wanted.connect(self.star)
        self.bookmarks.edited.connect(self.state.set_bookmarks)
        self.draw_tab.edited.connect(self.state.draw)
        self.draw_tab.taken_back.connect(self.state.take_back)
        for part in (self.controls, self.view, self.draw_tab):
            part.held.connect(self._hold)
        self.tabs.currentChanged.connect(self._show_tab)
        self.draw_tab.open_requested.connect(self.opening.ask_picture)
        self.draw_tab.code_wanted.connect(self.state.use)
        self.draw_tab.keep_wanted.connect(self.state.keep)
        self.compare_tab.code_wanted.connect(self.state.set_code)

    # State -> widgets and worker

    def _build(self) -> None:
        """Make the widgets that depend on the latent spec."""
        bundle, latents = self.state.bundle, self.state.latents
        for part in (self.controls, self.read_back, self.traversal_tab, self.draw_tab, self.walk_tab, self.compare_tab):
            part.build(latents, bundle)
        self._parts.setEnabled(bundle is not None)
        self._show_state()

    def _show_tab(self) -> None:
        """Another tab has come to the front."""
        self._allow_edits()
        self.walking.plan()
        self.comparing.plan()
        self.rendering.mark_readings()

    def _set_noise(self, field: str, value: float) -> None:
        self.state.set_noise(**{field: value if field in ("blend", "scale") else int(value)})

    def _drag_picture(self, across: float, up: float) -> None:
        self.controls.plane.nudge(self.state, across, up)

    def _hold(self, held: bool) -> None:
        """A drag is one step of the history."""
        (self.state.hold if held else self.state.release)()

    def _show_state(self) -> None:
        self.controls.show_state(self.state)
        self.read_back.show_latents(self.state.latent)
        self.traversal_tab.show_state(self.state)
        self.draw_tab.set_lock(self.state.locked)
        self.actions_by_name["New noise"].setEnabled(not self.state.locked)

    def _allow_edits(self) -> None:
        """A drawing that is not to be seen must not be cleared; Undo and Redo say what they change."""
        on_screen = self.tabs.currentWidget() is self.draw_tab and self.draw_tab.isEnabled()
        self.actions_by_name["Clear drawing"].setEnabled(on_screen and bool(self.state.drawing))
        undo, redo = self.actions_by_name["Undo"], self.actions_by_name["Redo"]
        undoes, redoes = self.state.history.undoes, self.state.history.redoes
        undo.setEnabled(undoes is not None)
        undo.setText(tr("&Undo {what}", what=step_text(undoes)) if undoes else tr("&Undo"))
        redo.setEnabled(redoes is not None)
        redo.setText(tr("&Redo {what}", what=step_text(redoes)) if redoes else tr("&Redo"))

    def _show_change(self, changes: frozenset[Change]) -> None:
        if "bundle" in changes:
            self._build()
        if "drawing" in changes:
            self.draw_tab.show_drawing(self.state.drawing)
        if changes - {"drawing", "bookmarks", "history"}:  # drawing must be quick: a pointer moves 1,000 times a second
            self._show_state()
        self._allow_edits()
        self.rendering.ask(changes)
        self.walking.plan()
        self.comparing.plan("bundle" in changes)

    # Worker -> state and widgets

    def _show_answer(self, channel: Channel, answer: Any) -> None:
        show: dict[Channel, Callable[[Any], None]] = {
            "open": self.opening.show_bundle,
            "picture": self.opening.show_picture,
            "walk": self.walking.show_picture,
            "second": self.comparing.show_bundle,
            "compare": self.compare_tab.show_comparison,
            "animation": self.walking.show_made,
        }
        show.get(channel, partial(self.rendering.show, channel))(answer)

    def show_bundle(self, bundle: Bundle) -> None:
        """Explore another bundle."""
        self.message.hide()
        self.statusBar().clearMessage()
        channels, height, width = bundle.image_shape
        name, size = bundle.name, f"{width}×{height}"
        grey = tr("{name}, {size} grey", name=name, size=size)
        colour = tr("{name}, {size} colour", name=name, size=size)
        self.model_label.setText(plain(colour if channels == 3 else grey))
        self.model_label.setToolTip(plain(str(bundle.path)))
        self.setWindowTitle(f"{bundle.name} – InfoGAN Explorer")
        self.state.open(bundle)
        self.opened.emit()

    def show_picture(self, picture: Picture) -> None:
        """Show the generated picture (C, H, W)."""
        self.view.set_picture(picture)
        self._fit_picture()

    def _show_failure(self, channel: Channel, error: Exception) -> None:
        if channel == "animation":
            self.walking.cancel()
        if not isinstance(error, UserError):
            raise error
        cause = error.__cause__
        self.show_error(str(error), "".join(format_exception(cause)) if cause else "")
        if channel == "open":
            self.not_opened.emit(str(error))

    # The user -> state, files and dialogs

    def undo(self) -> None:
        """Take back the last step, where it can be seen."""
        self._show_where(self.state.history.undoes)
        self.state.undo()

    def redo(self) -> None:
        """Do again what was undone last, where it can be seen."""
        self._show_where(self.state.history.redoes)
        self.state.redo()

    def _show_where(self, what: str | None) -> None:
        if what == "drawing":
            self.tabs.setCurrentWidget(self.draw_tab)

    def choose_class(self, digit: int) -> None:
        """Set the first discrete code to the class that is called by a digit, or else that stands at its place."""
        for code in self.state.latents.discrete[:1]:
            order = class_order(self.state.bundle, code)
            named = [index for index in order if class_text(self.state.bundle, code, index) == str(digit)]
            if named or digit < len(order):
                self.state.set_code(code.name, (named or order[digit:])[0])

    def play(self) -> None:
        """Play the walk, where it can be seen, or stop it."""
        self.tabs.setCurrentWidget(self.walk_tab)
        self.walk_tab.toggle()

    def star(self) -> None:
        """Remember the picture that is shown, called by its codes."""
        if self.state.bundle:
            self.state.star(latent_text(self.state.bundle, self.state.latent)[:LONGEST_NAME])

    def roll_dice(self) -> None:
        """Draw other noise; while it is locked, nothing happens."""
        self.state.randomise(self._rng)

    def show_model(self) -> None:
        """What the bundle says of itself."""
        if self.state.bundle:
            ModelDialog(self.state.bundle, self).open()

    def toggle_films(self) -> None:
        """Show pictures beneath the sliders, or not."""
        self.settings.films = not self.settings.films
        self.rendering.ask_films()

    def set_scheme(self, scheme: str) -> None:
        """Use light or dark colours, or those of the system."""
        self.settings.scheme = scheme
        apply_scheme(SCHEMES[scheme])

    def set_language(self, language: str) -> None:
        """Use a language, or that of the system, from the next start on: every text is there already."""
        self.settings.language = language
        self.statusBar().showMessage(tr("The language changes at the next start."), 5000)


def _first_file(urls: list[QUrl]) -> Path | None:
    return next((Path(url.toLocalFile()) for url in urls if url.isLocalFile()), None)
