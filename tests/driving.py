"""The real window, and how a user's hands are played."""

import json
import threading
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from infogan.export.bundle import Posterior
from infogan.export.framing import framing_of
from infogan.gui.window import MainWindow
from infogan.trainer.latents import LatentSpec
from tiny import SHARED_DATA

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton


def drawings(count: int) -> list[list[np.ndarray]]:
    """Strokes in [0, 1]: of real pens where they are to be had, and our own."""
    items = json.loads((Path(__file__).parent / "data" / "strokes.json").read_text())
    pens = SHARED_DATA / "strokes" / "pendigits_300.json"
    if pens.exists():
        items += json.loads(pens.read_text())[::40]
    strokes = [[np.array(stroke, float)[:, :2] for stroke in item["strokes"]] for item in items[-count:]]
    return [[stroke / max(s.max() for s in digit) for stroke in digit] for digit in strokes]


def settled(qtbot: QtBot, window: MainWindow) -> AbstractContextManager[object]:
    """What is done inside is on screen afterwards."""
    return qtbot.waitSignal(window.worker.idle, timeout=10_000)


def stroke(pad: QWidget, points: list[QPointF]) -> None:
    """One stroke of the mouse: QTest's moves carry no buttons and so draw nothing."""

    def send(kind: QEvent.Type, at: QPointF, button: Qt.MouseButton, buttons: Qt.MouseButton) -> None:
        there = pad.mapToGlobal(at)
        none = Qt.KeyboardModifier.NoModifier
        QCoreApplication.sendEvent(pad, QMouseEvent(kind, at, there, button, buttons, none))

    send(QEvent.Type.MouseButtonPress, points[0], LEFT, LEFT)
    for point in points[1:]:
        send(QEvent.Type.MouseMove, point, NONE, LEFT)
    send(QEvent.Type.MouseButtonRelease, points[-1], LEFT, NONE)


def draw(window: MainWindow, strokes: list[np.ndarray], left: float = 0.2, top: float = 0.2, size: float = 0.6) -> None:
    window.tabs.setCurrentWidget(window.draw_tab)
    area = window.draw_tab.pad.area()
    for points in strokes:
        places = [area.topLeft() + QPointF(left + x * size, top + y * size) * area.width() for x, y in points]
        stroke(window.draw_tab.pad, places)


def click_tile(qtbot: QtBot, window: MainWindow, row: int, column: int) -> None:
    grid = window.traversal_tab.grid
    qtbot.mouseClick(grid, LEFT, pos=grid.tile_rect(row, column).center().toPoint())


class FakeBundle:
    """A bundle of any spec and shape; pictures have the shade of the first continuous code."""

    name, path, fingerprint = "fake", Path("fake.infogan"), "fake"

    def __init__(self, latents: LatentSpec, image_shape: tuple[int, int, int], has_encoder: bool = False) -> None:
        self.latents, self.image_shape, self.has_encoder = latents, image_shape, has_encoder
        self.framing, self.inferred = framing_of({}, image_shape), np.zeros(0, np.float32)
        self.begun, self.gate = threading.Event(), threading.Event()
        self.gate.set()

    def generate(self, z: np.ndarray, c: np.ndarray) -> np.ndarray:
        assert z.shape == (len(c), self.latents.noise.size)
        assert c.shape == (len(z), self.latents.width)
        self.begun.set()
        assert self.gate.wait(10)
        return np.full((len(z), *self.image_shape), 0.5, np.float32)

    def infer(self, images: np.ndarray) -> Posterior:
        assert images.shape[1:] == self.image_shape
        self.inferred = images
        probs = {
            name: np.full((1, part.stop - part.start), 0.4) for name, part in self.latents.probability_slices.items()
        }
        numbers = {code.name: np.ones(1) for code in self.latents.continuous}
        return Posterior(probs, numbers, numbers)

    def noise_of(self, images: np.ndarray) -> np.ndarray:
        assert self.has_encoder
        return np.full((len(images), self.latents.noise.size), 0.25, np.float32)

    def label(self, name: str, index: int) -> None:
        return None

    def meaning(self, name: str) -> None:
        return None

    def precision(self, name: str, index: int) -> None:
        return None
