"""Pictures in colour: put on the pad, seen by a network that learned from photographs, kept as JSON."""

import json
from pathlib import Path

import numpy as np
import pytest
from driving import FakeBundle, settled
from PySide6.QtCore import QSize, QSizeF
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from infogan.export.bundle import Bundle
from infogan.export.framing import Framing, framing_of
from infogan.gui.drawing_file import MAX_COLOURED, DrawingError, drawing_from, drawing_json
from infogan.gui.picture import fitted_size, to_image
from infogan.gui.picture_file import to_levels
from infogan.gui.strokes import Drawing, strokes_on_sheet
from infogan.gui.window import MainWindow
from infogan.gui.wording import bare, pad_hint
from infogan.trainer.latents import Categorical, LatentSpec
from infogan.trainer.pictures import CELEBA_FACE, WHOLE, Crop
from infogan.trainer.resampling import square

PHOTO = np.random.default_rng(0).integers(0, 256, (40, 60, 3)).astype(np.uint8)
LEVELS = (PHOTO / 255).astype(np.float32)


@pytest.fixture
def photographs(qtbot: QtBot, window: MainWindow) -> FakeBundle:
    """The bundle that the window shows: 32x32, in colour."""
    bundle = FakeBundle(LatentSpec(), (3, 32, 32))
    with settled(qtbot, window):
        window.opening.show_bundle(bundle)  # type: ignore[arg-type]
    return bundle


def test_a_photograph_is_seen_as_in_training(qtbot: QtBot, window: MainWindow, photographs: FakeBundle) -> None:
    """In colour, its middle square averaged; not as ink that is found, cut out and centred."""
    with settled(qtbot, window):
        window.take_picture(LEVELS)
    expected = square(PHOTO, 32) / np.float32(255)
    assert np.array_equal(photographs.inferred, expected[None])
    assert np.array_equal(window.draw_tab.seen.picture, expected)
    assert "ink" not in window.draw_tab.answers.hint.text()
    with settled(qtbot, window):
        window.draw_tab.tools.inverted.click()
    assert np.allclose(window.draw_tab.seen.picture, 1 - expected)


def test_strokes_are_seen_where_they_were_drawn(qtbot: QtBot, window: MainWindow, photographs: FakeBundle) -> None:
    with settled(qtbot, window):
        window.take_drawing(Drawing((np.array([[0.5, 0.25, 1.0], [1.0, 0.25, 1.0]]),)))
    seen = photographs.inferred[0]
    assert np.array_equal(seen[0], seen[2])
    assert seen[0, 7:9, 18:].min() > 0.5  # half of the pad's width, a quarter down
    assert seen[0, 10:].max() == seen[0, :, :14].max() == 0


@pytest.mark.parametrize(
    ("data", "settings", "shape", "expected"),
    [
        ("mnist", {}, (1, 28, 28), Framing()),
        ("omniglot", {}, (1, 28, 28), Framing(False, from_paper=True)),
        ("fashion-mnist", {}, (1, 28, 28), Framing(False, from_paper=True)),
        ("folder", {"invert": True}, (1, 32, 32), Framing(False, from_paper=True)),
        ("folder", {}, (3, 32, 32), Framing(False)),
        ("celeba", {}, (3, 64, 64), Framing(False, crop=CELEBA_FACE)),
        ("folder", {}, (1, 32, 28), Framing()),
    ],
)
def test_a_bundle_says_how_its_pictures_are_prepared(
    data: str, settings: dict[str, bool], shape: tuple[int, int, int], expected: Framing
) -> None:
    assert framing_of({"data": {"name": data}, "config": settings}, shape) == expected


def test_without_provenance_grey_pictures_are_centred_ink() -> None:
    assert framing_of({}, (1, 28, 28)) == framing_of({"data": "mnist", "config": 3}, (1, 28, 28)) == Framing()


def test_omniglot_is_seen_as_in_training(tmp_path: Path) -> None:
    """Black ink on a white sheet, and the same light on dark; not moved to the middle."""
    sheet = np.full((105, 105), 255, np.uint8)
    sheet[10:16, 5:60] = 0
    trained = 255 - square(sheet[:, :, None], 28)
    framing = framing_of({"data": {"name": "omniglot"}}, (1, 28, 28))
    for pixels in (sheet, 255 - sheet):
        drawing = Drawing(picture=(pixels / 255).astype(np.float32))
        seen = drawing.taken((1, 28, 28), framing.from_paper, framing.crop)
        assert np.array_equal(seen, trained / np.float32(255))


def test_strokes_on_a_sheet_are_as_wide_as_those_of_omniglot() -> None:
    line = np.array([[0.1, 0.5, 1.0], [0.9, 0.5, 1.0]])
    ink = strokes_on_sheet([line], 28)
    assert ink is not None
    assert ink[:, 14].sum() == pytest.approx(5.5 / 105 * 28, rel=0.1)
    assert strokes_on_sheet([np.zeros((0, 3))], 28) is None
    assert strokes_on_sheet([np.array([[np.nan, 0.5, 1.0]])], 28) is None
    beyond = np.array([[-0.5, 0.5, 1.0], [1.5, 0.5, 1.0]])  # a pointer may leave the pad
    wide = strokes_on_sheet([beyond], 28)
    assert wide is not None
    assert wide[13:15].min() > 0.5


def test_a_network_of_ink_reads_a_photograph_without_its_colours(qtbot: QtBot, window: MainWindow) -> None:
    with settled(qtbot, window):
        window.take_picture(LEVELS)
    assert window.draw_tab.seen.picture.shape == (1, 28, 28)
    grey = to_image(LEVELS.transpose(2, 0, 1)).convertToFormat(QImage.Format.Format_Grayscale8)
    alone = Drawing(picture=to_levels(grey)).normalise()
    assert np.abs(window.draw_tab.seen.picture[0] - alone).max() < 0.05


def test_grey_stays_grey_and_colours_stay_colours() -> None:
    image = to_image(LEVELS.transpose(2, 0, 1))
    assert np.array_equal(to_levels(image), LEVELS)
    assert to_levels(to_image(LEVELS[:, :, 0][None])).shape == (40, 60)
    clear = QImage(4, 4, QImage.Format.Format_ARGB32)
    clear.fill(QColor(255, 0, 0, 0))
    assert to_levels(clear).tolist() == np.ones((4, 4)).tolist()


def test_the_eraser_leaves_the_colour_of_the_border() -> None:
    picture = np.full((50, 50, 3), (0.2, 0.4, 0.6), np.float32)
    picture[20:30, 20:30] = 1
    wiped = Drawing(picture=picture).erased((0.5, 0.5), 0.3).picture
    assert wiped is not None
    assert np.allclose(wiped, (0.2, 0.4, 0.6))


@pytest.mark.parametrize("side", [9, MAX_COLOURED + 3])
def test_a_photograph_outlives_its_file(side: int) -> None:
    """Large ones are halved, else their JSON would be too large to be read again."""
    picture = np.broadcast_to(np.linspace(0, 1, side, dtype=np.float32)[:, None, None], (side, 5, 3)).copy()
    again = drawing_from(json.loads(json.dumps(drawing_json(Drawing(picture=picture), LatentSpec(), None))))
    assert again is not None
    assert again.picture is not None
    assert again.picture.ndim == 3
    assert len(again.picture) == (side if side <= MAX_COLOURED else side // 2)
    assert again.picture[0].max() < 0.01
    assert again.picture[-1].min() > 0.99


@pytest.mark.parametrize("wrong", [[[[0, 0]]], [[[0, 0, 2]]], [[[0, 0, 0], 0.5]], [[[]]], [[0.5, [0, 0, 0]]]])
def test_what_is_no_picture_in_colour_is_refused(wrong: list[object]) -> None:
    data = {"format": "infogan-drawing", "format_version": 1, "width": 2.6, "picture": wrong}
    with pytest.raises(DrawingError, match="equal rows of levels"):
        drawing_from(data)


def test_a_photograph_has_no_threshold_and_no_strokes(
    qtbot: QtBot, window: MainWindow, photographs: FakeBundle, tiny_bundle: Bundle
) -> None:
    tools = window.draw_tab.tools
    with settled(qtbot, window):
        window.take_picture(LEVELS)
    assert not tools.threshold.isVisible()
    assert tools.inverted.isVisible()
    assert bare(tools.undo.text()) == tools.undo.accessibleName() == "Remove picture"
    with settled(qtbot, window):
        window.opening.show_bundle(tiny_bundle)
    assert tools.threshold.isVisible()
    with settled(qtbot, window):
        tools.undo.click()
    assert window.state.drawing.picture is None
    assert bare(tools.undo.text()) == "Undo stroke"


@pytest.mark.parametrize("crop", [WHOLE, CELEBA_FACE])
def test_the_pad_darkens_what_the_network_does_not_see(
    qtbot: QtBot, window: MainWindow, photographs: FakeBundle, crop: Crop
) -> None:
    photographs.framing = Framing(False, False, crop)
    with settled(qtbot, window):
        window.opening.show_bundle(photographs)  # type: ignore[arg-type]
    with settled(qtbot, window):
        window.take_picture(np.ones((40, 60), np.float32))
    pad = window.draw_tab.pad
    image, side = pad.grab().toImage(), pad.area().width()
    square_side = fitted_size(QSize(60, 40), QSizeF(side, side), 1.0).height()
    half, centre = square_side * crop.share / 2, side / 2 + square_side * crop.lowered
    for x, y, seen in (
        (side / 2 + half - 3, side / 2, True),
        (side / 2 + half + 3, side / 2, False),
        (side / 2, centre - half + 3, True),
        (side / 2, centre + half - 3, True),
    ):
        assert (image.pixelColor(int(x), int(y)).value() == 255) == seen


def test_an_empty_pad_asks_for_what_the_model_knows(qtbot: QtBot, window: MainWindow, photographs: FakeBundle) -> None:
    letters, digits = (FakeBundle(LatentSpec((Categorical("c1", 10),)), (1, 28, 28)) for _ in range(2))
    digits.label = lambda name, index: str(index)
    asked = [pad_hint(bundle) for bundle in (photographs, letters, digits)]  # type: ignore[arg-type]
    assert ["Draw" in text for text in asked] == [False, True, True]
    assert ["digit" in text for text in asked] == [False, False, True]
