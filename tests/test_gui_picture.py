"""Pictures: to Qt, on screen, and from files."""

import struct
import zlib
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPointF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QImage, QPalette, QPointingDevice, QTabletEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from infogan.gui import picture_file
from infogan.gui.grid import GridView
from infogan.gui.pad import Pad
from infogan.gui.picture import PictureView, fitted_size, to_image
from infogan.gui.picture_file import PictureError, read_picture, to_grey
from infogan.gui.slider import RangeSlider
from infogan.gui.strokes import Drawing

RNG = np.random.default_rng(0)


def pixels(image: QImage) -> np.ndarray:
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()  # outlives the image


def scheme(widget: QWidget, window: str, text: str) -> QPalette:
    palette = widget.palette()
    palette.setColor(palette.ColorRole.Window, QColor(window))
    palette.setColor(palette.ColorRole.WindowText, QColor(text))
    return palette


@pytest.mark.parametrize("shape", [(1, 28, 29), (3, 7, 5), (1, 1, 1)])
def test_images_keep_every_pixel(shape: tuple[int, int, int]) -> None:
    levels = RNG.integers(256, size=shape)
    image = to_image((levels / 255).astype(np.float32))
    expected = np.broadcast_to(levels.transpose(1, 2, 0), (*shape[1:], 3))
    assert np.array_equal(pixels(image), expected)


def test_images_own_their_memory_and_bear_nonsense() -> None:
    picture = np.ones((1, 4, 4), np.float32)
    image = to_image(picture)
    picture[:] = 0
    assert pixels(image).min() == 255
    wild = np.array([[[np.nan, np.inf, -3, 7]]], np.float32)
    assert pixels(to_image(wild))[0, :, 0].tolist() == [0, 255, 0, 255]


def test_cells_have_whole_device_pixels() -> None:
    cells = QSize(28, 28)
    assert fitted_size(cells, QSizeF(250, 400), 1) == QSizeF(224, 224)
    assert fitted_size(cells, QSizeF(250, 400), 1.5) == QSizeF(28 * 13 / 1.5, 28 * 13 / 1.5)
    assert fitted_size(cells, QSizeF(50, 50), 1) == QSizeF(50, 50)  # 28 would waste two thirds of the space
    assert fitted_size(cells, QSizeF(-5, 50), 1) == QSizeF(0, 0)
    for ratio in (1, 1.25, 1.5, 1.75, 2):
        for side in range(200, 1000):
            size = fitted_size(cells, QSizeF(side, side), ratio)
            assert fitted_size(cells, size, ratio) == size  # what fits is not made smaller again


def test_a_picture_on_screen_is_crisp(qtbot: QtBot) -> None:
    levels = RNG.integers(256, size=(28, 28)).astype(np.uint8)
    view = PictureView("a picture", 100)
    qtbot.addWidget(view)
    view.resize(250, 250)
    view.set_picture((levels[None] / 255).astype(np.float32))
    shown = view.grab().toImage()
    assert shown.devicePixelRatio() == 1
    assert np.array_equal(pixels(shown)[:224, :224, 0], np.kron(levels, np.ones((8, 8), np.uint8)))


def test_tiles_lie_side_by_side(qtbot: QtBot) -> None:
    grid = GridView()
    qtbot.addWidget(grid)
    grid.resize(400, 300)
    grid.set_axes(("a", "b"), (("x", "y"), ("1", "2", "3")), (3, 8, 8))
    pictures = RNG.integers(256, size=(2, 3, 3, 8, 8)).astype(np.uint8)
    for row in (0, 1):
        grid.set_row(row, (pictures[row] / 255).astype(np.float32))
    shown = pixels(grid.grab().toImage())
    for row, column in np.ndindex(2, 3):
        rect = grid.tile_rect(row, column).toRect()
        tile = shown[rect.top() : rect.bottom() + 1, rect.left() : rect.right() + 1]
        scale = rect.width() // 8
        expected = np.kron(pictures[row, column].transpose(1, 2, 0), np.ones((scale, scale, 1), np.uint8))
        assert np.array_equal(tile, expected)
    assert grid.tile_text(1, 2) == "Click to go to a y, b 3"


@pytest.mark.parametrize(("window", "text"), [("white", "black"), ("black", "white")])
@pytest.mark.parametrize("level", [0, 1])
def test_the_tile_that_is_pointed_at_shows_in_any_scheme(qtbot: QtBot, window: str, text: str, level: int) -> None:
    grid = GridView()
    qtbot.addWidget(grid)
    grid.setPalette(scheme(grid, window, text))
    grid.resize(300, 300)
    grid.set_axes(("a", "b"), (("x", "y", "z"), ("1", "2", "3")), (1, 8, 8))
    for row in (0, 1, 2):
        grid.set_row(row, np.full((3, 1, 8, 8), level, np.float32))
    grid._point((0, 1))
    assert grid.lens_rect(0, 1).width() == 2 * grid.tile_rect(0, 1).width()
    rect, shown = grid.lens_rect(0, 1).toRect(), pixels(grid.grab().toImage())
    edge = shown[rect.center().y(), rect.left() - 2 : rect.left() + 2, 0]
    assert sorted(edge) == [0, 0, 255, 255]  # dark and light, side by side
    inside = np.s_[rect.top() + 3 : rect.bottom() - 3, rect.left() + 3 : rect.right() - 3]
    assert (shown[inside] == 255 * level).all()


def test_the_axes_have_titles(qtbot: QtBot) -> None:
    """The first line of the grid is theirs; a name too long for its room does not reach the other."""
    grid = GridView()
    qtbot.addWidget(grid)
    grid.resize(300, 300)

    def title_columns(*names: str) -> np.ndarray:
        grid.set_axes(names, (("", ""), ("", "")), (1, 8, 8))
        line = pixels(grid.grab().toImage())[: max(0, int(grid.tile_rect(0, 0).top()) - 1)]
        return np.flatnonzero(np.ptp(line, axis=(0, 2))) if len(line) else np.array([])

    assert title_columns("", "").size == 0
    down, across = title_columns("MMM", ""), title_columns("", "MMM")
    assert abs(down.min() - grid.tile_rect(0, 0).left()) < 6
    assert across.min() > down.max()
    assert abs(across.mean() - 150) < 15
    both = set(title_columns("M" * 40, "MMM"))
    assert set(across) <= both
    assert not both & set(range(across.min() - 3, across.min()))


@pytest.mark.parametrize(("window", "text"), [("white", "black"), ("black", "white")])
def test_the_slider_shows_the_range_of_training_and_the_middle(qtbot: QtBot, window: str, text: str) -> None:
    slider = RangeSlider((-2, 2), (-1, 1), [0])
    qtbot.addWidget(slider)
    slider.setPalette(scheme(slider, window, text))
    slider.resize(400, 24)
    slider.set_number(0.8)
    shown = pixels(slider.grab().toImage()).astype(int)
    y = 12 - 5  # beside the groove
    assert shown[y, 200].tolist() == list(QColor(text).toRgb().getRgb()[:3])
    assert np.abs(shown[y, 150] - shown[y, 50]).max() > 50
    assert shown[y, 50].tolist() == list(QColor(window).getRgb()[:3])
    assert shown[12, 50].tolist() == shown[12, 320].tolist()  # it is not filled from the left


def test_a_picture_view_is_no_higher_than_its_picture(qtbot: QtBot) -> None:
    view = PictureView("a picture", 50)
    qtbot.addWidget(view)
    view.resize(250, 250)
    view.set_picture(np.zeros((1, 28, 28), np.float32))
    assert view.maximumHeight() == 224
    view.set_picture(np.zeros((1, 14, 28), np.float32))
    assert view.maximumHeight() == 112


def test_a_pen_draws(qtbot: QtBot) -> None:
    pad = Pad()
    qtbot.addWidget(pad)
    pad.resize(200, 200)

    def send(kind: QEvent.Type, x: float, y: float, buttons: Qt.MouseButton = Qt.MouseButton.LeftButton) -> bool:
        at, none = QPointF(x, y), Qt.MouseButton.NoButton
        device, keys = QPointingDevice.primaryPointingDevice(), Qt.KeyboardModifier.NoModifier
        event = QTabletEvent(kind, device, at, at, 0.5, 0, 0, 0, 0, 0, keys, none, buttons)
        event.ignore()
        QCoreApplication.sendEvent(pad, event)
        return event.isAccepted()

    send(QEvent.Type.TabletMove, 5, 5)  # began elsewhere
    assert send(QEvent.Type.TabletPress, 20, 30)
    send(QEvent.Type.TabletMove, 100.5, 50.25)
    send(QEvent.Type.TabletRelease, 100.5, 50.25)
    send(QEvent.Type.TabletMove, 150, 150)
    (stroke,) = pad.drawing.strokes
    np.testing.assert_allclose(stroke[:, :2] * 200, [[20, 30], [100.5, 50.25]])
    assert pixels(pad.grab().toImage())[40, 60].tolist() == [255, 255, 255]


def test_a_drawing_keeps_its_place_when_the_pad_is_resized(qtbot: QtBot) -> None:
    pad = Pad()
    qtbot.addWidget(pad)
    pad.resize(200, 200)
    qtbot.mousePress(pad, Qt.MouseButton.LeftButton, pos=QPointF(100, 100).toPoint())
    qtbot.mouseRelease(pad, Qt.MouseButton.LeftButton, pos=QPointF(100, 100).toPoint())
    pad.resize(400, 200)
    pad.resize(400, 400)
    assert pixels(pad.grab().toImage())[200, 200].tolist() == [255, 255, 255]
    assert pad.drawing.strokes[0].tolist() == [[0.5, 0.5, 1]]


# Files


def save(path: Path, levels: np.ndarray) -> Path:
    assert to_image((levels[None] / 255).astype(np.float32)).save(str(path))
    return path


def test_files_of_several_kinds(tmp_path: Path) -> None:
    levels = RNG.integers(256, size=(30, 41)).astype(np.uint8)
    for kind in ("png", "bmp", "tiff", "webp"):
        read = read_picture(save(tmp_path / f"a.{kind}", levels))
        assert read.shape == (30, 41)
        assert read.dtype == np.float32
        if kind != "webp":
            assert np.array_equal(np.round(read * 255), levels)
    disguised = (tmp_path / "a.png").rename(tmp_path / "a.jpg")
    assert np.array_equal(np.round(read_picture(disguised) * 255), levels)


def test_transparent_is_white() -> None:
    image = QImage(4, 4, QImage.Format.Format_ARGB32)
    image.fill(QColor(0, 0, 0, 0))
    image.setPixelColor(1, 1, QColor(0, 0, 0, 255))
    grey = to_grey(image)
    assert grey[1, 1] == 0
    assert grey.sum() == 15


def test_a_photo_is_shrunk_and_read(tmp_path: Path) -> None:
    photo = np.full((1500, 3000), 255, np.uint8)
    photo[300:1200, 1400:1600] = 0
    read = read_picture(save(tmp_path / "photo.png", photo))
    assert read.shape == (512, 1024)
    assert Drawing(picture=read).normalise().shape == (28, 28)


def png(width: int, height: int) -> bytes:
    """A PNG that promises many pixels and holds few."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = (header, b"IDAT" + zlib.compress(bytes(1000)), b"IEND")
    parts = (struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c)) for c in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def test_what_is_no_picture_is_refused_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {
        "text.png": (b"hello", "is not a picture"),
        "empty.png": (b"", "is not a picture"),
        "bomb.png": (png(60_000, 60_000), "60000 x 60000 pixels"),
        "cut.png": (save(tmp_path / "whole.png", RNG.integers(256, size=(50, 50))).read_bytes()[:1200], "damaged"),
        "drawing.png": (b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', "is not a picture"),
        "large.png": (b"x" * 5000, "larger than"),
    }
    monkeypatch.setattr(picture_file, "MAX_BYTES", 4000)
    for name, (content, reason) in files.items():
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(PictureError, match=reason) as error:
            read_picture(path)
        assert str(error.value).startswith(str(path))
        assert "\n" not in str(error.value)
    for path in (tmp_path / "missing.png", tmp_path):
        with pytest.raises(PictureError, match=str(path)):
            read_picture(path)


def test_the_dark_scheme_paints_without_fixed_colours(qtbot: QtBot) -> None:
    """Texts of the grid follow the palette."""
    grid = GridView()
    qtbot.addWidget(grid)
    grid.resize(300, 300)
    grid.set_axes(("a", "b"), (("MMMM",), ("MMMM",)), (1, 8, 8))

    def colours(widget: QWidget, window: str, text: str) -> set[tuple[int, ...]]:
        widget.setPalette(scheme(widget, window, text))
        return {tuple(pixel) for pixel in pixels(widget.grab().toImage())[:20].reshape(-1, 3).tolist()}

    assert (0, 0, 0) in colours(grid, "white", "black")
    assert (255, 255, 255) in colours(grid, "black", "white")
    assert (255, 0, 0) in colours(grid, "black", "red")


def test_the_icon_is_drawn(qtbot: QtBot) -> None:
    icon = QImage.fromData((files("infogan.assets") / "infogan-explorer.svg").read_bytes())
    assert (icon.width(), icon.height()) == (256, 256)
    assert len({tuple(pixel) for pixel in pixels(icon).reshape(-1, 3).tolist()}) > 5
