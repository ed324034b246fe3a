"""Make the pictures of the window in docs/: every tab, light and dark, offscreen, on the bundled models.

Run it with ``make screenshots``.
"""

import json
import os
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["QT_SCALE_FACTOR"] = "1.5"

import numpy as np
from PIL import Image
from PySide6.QtCore import QEvent, QEventLoop, QPointF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from infogan.export.bundle import Bundle
from infogan.gui.window import MainWindow

DOCS = Path(__file__).parent
ROOT = DOCS.parent
DIGIT = 3
SECOND = "mnist-mlp.infogan"  # the model that is compared with
MARGIN = 0.18  # of the pad around the drawing


def main() -> None:
    """Open the window, move some codes, draw a digit, and save every tab."""
    application = QApplication([])
    application.setStyle("Fusion")
    window = MainWindow()
    window.resize(1240, 800)
    window.show()
    window.opening.open_bundle(ROOT / "assets" / "mnist-cnn.infogan")
    settle(window)
    window.state.set_code("c1", category_of(window, "5"))
    window.state.set_code("c2", 0.8)
    window.state.set_noise(seed=4)
    settle(window)
    save(window, "traversal")

    window.tabs.setCurrentWidget(window.draw_tab)
    application.processEvents()
    draw(window.draw_tab.pad, strokes(DIGIT))
    settle(window)
    save(window, "explorer")

    for value in (-1.5, 1.5):
        window.state.set_code("c2", value)
        window.star()
    window.tabs.setCurrentWidget(window.walk_tab)
    window.walk_tab.time.moved.emit(0.15)
    settle(window)
    save(window, "walk")

    window.tabs.setCurrentWidget(window.compare_tab)
    window.comparing.show_bundle(Bundle.open(ROOT / "assets" / SECOND))
    settle(window)
    save(window, "compare")
    window.close()


def save(window: MainWindow, name: str) -> None:
    """Save the window as NAME.png and, in dark, as NAME-dark.png."""
    light = QApplication.palette()
    for palette, suffix in ((dark_palette(), "-dark"), (light, "")):
        QApplication.setPalette(palette)
        QApplication.processEvents()
        path = DOCS / f"{name}{suffix}.png"
        window.grab().save(str(path))
        with Image.open(path) as picture:  # 256 colours are enough, and a third of the size
            picture.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


def dark_palette() -> QPalette:
    """What Qt's Fusion style takes where the desktop is dark; offscreen there is no desktop to ask."""
    window, text, blue = QColor(50, 50, 50), QColor(240, 240, 240), QColor(48, 140, 198)
    colours = {
        "Window": window,
        "Button": window,
        "Base": window.darker(140),
        "AlternateBase": window.darker(120),
        "Light": window.lighter(150),
        "Midlight": window.lighter(125),
        "Mid": window.darker(130),
        "Dark": window.darker(150),
        "Shadow": QColor(20, 20, 20),
        **dict.fromkeys(("WindowText", "Text", "ButtonText", "BrightText", "HighlightedText", "ToolTipText"), text),
        "ToolTipBase": window,
        **dict.fromkeys(("Highlight", "Accent", "Link"), blue),
        "PlaceholderText": QColor(240, 240, 240, 128),
    }
    palette = QPalette()
    for role, colour in colours.items():
        palette.setColor(QPalette.ColorRole[role], colour)
    for role in ("WindowText", "Text", "ButtonText"):
        palette.setColor(QPalette.ColorGroup.Disabled, QPalette.ColorRole[role], QColor(130, 130, 130))
    return palette


def settle(window: MainWindow) -> None:
    """Wait until everything that was asked for has been answered."""
    loop = QEventLoop()
    window.worker.idle.connect(loop.quit)
    loop.exec()
    QApplication.processEvents()


def category_of(window: MainWindow, label: str) -> int:
    """The category that the bundle calls by this label; the first where there is none."""
    bundle = window.state.bundle
    assert bundle is not None
    return next((k for k in range(10) if bundle.label("c1", k) == label), 0)


def strokes(digit: int) -> list[np.ndarray]:
    """The strokes of one kept drawing, scaled into the unit square."""
    drawings = json.loads((ROOT / "tests" / "data" / "strokes.json").read_text())
    found = next(drawing["strokes"] for drawing in drawings if drawing["label"] == digit)
    points = np.concatenate([np.array(stroke) for stroke in found])
    low, extent = points.min(0), np.ptp(points, axis=0)
    margin = (1 - extent / extent.max()) / 2
    return [(np.array(stroke) - low) / extent.max() + margin for stroke in found]


def draw(pad: QWidget, drawing: list[np.ndarray]) -> None:
    """Replay strokes as the mouse would make them."""
    side = min(pad.width(), pad.height())
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    for stroke in drawing:
        points = [QPointF(*((MARGIN + point * (1 - 2 * MARGIN)) * side)) for point in stroke]
        send(pad, QEvent.Type.MouseButtonPress, points[0], left, left)
        for point in points[1:]:
            send(pad, QEvent.Type.MouseMove, point, none, left)
        send(pad, QEvent.Type.MouseButtonRelease, points[-1], left, none)


def send(pad: QWidget, kind: QEvent.Type, at: QPointF, button: Qt.MouseButton, buttons: Qt.MouseButton) -> None:
    """Send one mouse event."""
    event = QMouseEvent(kind, at, pad.mapToGlobal(at), button, buttons, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(pad, event)


if __name__ == "__main__":
    main()
