"""What leaves the app by files and the clipboard, and what comes in; through the window's own actions."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from driving import draw, drawings, settled
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QGuiApplication, QImage
from pytestqt.qtbot import QtBot
from test_gui_latent import JSON

from infogan.export.bundle import Bundle, Posterior
from infogan.export.ink import AUTOMATIC, Finding
from infogan.gui.drawing_file import DrawingError, drawing_from, drawing_json
from infogan.gui.latent import NoiseSource
from infogan.gui.picture import to_image
from infogan.gui.raster import KEY, latent_in, levels, png, sheet
from infogan.gui.strokes import Drawing
from infogan.gui.window import MainWindow
from infogan.trainer.latents import LatentSpec


@pytest.fixture
def chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The answers of the file dialogs, the first one first."""
    answers: list[str] = []
    files, numbers = "infogan.gui.exchange.ask_save_path", "infogan.gui.exchange.QInputDialog.getInt"
    monkeypatch.setattr(files, lambda *_: tmp_path / answers.pop(0))
    monkeypatch.setattr(numbers, lambda *_: (3, True))
    return answers


def moved(qtbot: QtBot, window: MainWindow) -> None:
    """Somewhere else than at the beginning."""
    with settled(qtbot, window):
        window.state.set_codes({"c1": 7, "c2": -1.25})
        window.state.set_noise(seed=5, other=9, blend=0.5, scale=0.75)


def clipboard() -> QMimeData:
    return QGuiApplication.clipboard().mimeData()


def test_a_saved_picture_opens_again_at_its_code(
    qtbot: QtBot, window: MainWindow, chosen: list[str], tmp_path: Path
) -> None:
    moved(qtbot, window)
    latent, picture = window.state.latent, window.view.picture
    chosen.append("seven.png")
    window.actions_by_name["Save picture"].trigger()
    path = tmp_path / "seven.png"
    with Image.open(path) as image:
        pixels = np.asarray(image)
        assert json.loads(image.text[KEY])["codes"]["c2"] == -1.25
    assert np.array_equal(pixels, levels(picture).repeat(3, 0).repeat(3, 1))
    with settled(qtbot, window):
        window.state.reset_codes()
        window.state.reset_noise()
    with settled(qtbot, window):
        window.opening.open_path(path)
    assert window.state.latent == latent
    assert window.tabs.currentWidget() is not window.draw_tab
    assert not window.state.drawing


def test_codes_travel_as_text(qtbot: QtBot, window: MainWindow) -> None:
    moved(qtbot, window)
    latent = window.state.latent
    window.actions_by_name["Copy code"].trigger()
    with settled(qtbot, window):
        window.actions_by_name["Reset codes"].trigger()
    with settled(qtbot, window):
        window.actions_by_name["Paste"].trigger()
    assert window.state.latent == latent
    assert latent.noise == NoiseSource(5, 9, 0.5, 0.75)


def test_a_copied_picture_is_opaque_and_carries_its_code(qtbot: QtBot, window: MainWindow) -> None:
    moved(qtbot, window)
    window.actions_by_name["Copy picture"].trigger()
    image = QImage(clipboard().imageData())
    assert (image.width(), image.hasAlphaChannel()) == (280, False)
    assert image.scaled(28, 28).convertToFormat(QImage.Format.Format_Grayscale8) == to_image(window.view.picture)
    assert json.loads(clipboard().text())["noise"]["seed"] == 5


def test_a_pasted_digit_is_read_exactly(qtbot: QtBot, window: MainWindow, tiny_bundle: Bundle) -> None:
    digit = Drawing(tuple(drawings(1)[0])).normalise()
    QGuiApplication.clipboard().setImage(to_image(digit[None]))
    with settled(qtbot, window):
        window.actions_by_name["Paste"].trigger()
    assert window.tabs.currentWidget() is window.draw_tab
    expected = tiny_bundle.infer(levels(digit[None])[None, None] / np.float32(255)).probs["c1"][0]
    assert np.array_equal(window.draw_tab.answers.bars["c1"].probabilities, expected)


def test_a_pasted_file_is_opened(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "digit.png"
    path.write_bytes(png(levels(Drawing(tuple(drawings(1)[0])).normalise()[None])))
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    QGuiApplication.clipboard().setMimeData(mime)
    with settled(qtbot, window):
        window.actions_by_name["Paste"].trigger()
    assert window.state.drawing.picture is not None


@pytest.mark.parametrize("text", ["", "a poem", "{", '{"format": "infogan-latent"}', '{"format": "infogan-drawing"}'])
def test_nonsense_on_the_clipboard_is_a_sentence(window: MainWindow, text: str) -> None:
    QGuiApplication.clipboard().setText(text)
    latent = window.state.latent
    window.actions_by_name["Paste"].trigger()
    assert window.message.isVisible()
    assert "expected" in window.message.text.text() or "another version" in window.message.text.text()
    assert window.state.latent == latent


def test_a_saved_grid_is_its_tiles(qtbot: QtBot, window: MainWindow, chosen: list[str], tmp_path: Path) -> None:
    chosen.append("grid.png")
    window.actions_by_name["Save grid"].trigger()
    pixels = np.asarray(Image.open(tmp_path / "grid.png"))
    assert pixels.shape == ((10 * 29 - 1) * 3,) * 2
    rows = window.traversal_tab.pictures()
    assert np.array_equal(pixels[29 * 3 : 29 * 3 + 84 : 3, :84:3], levels(rows[1][0]))
    window.actions_by_name["Copy grid"].trigger()
    assert QImage(clipboard().imageData()).width() == 289


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_a_figure_in_three_formats(
    qtbot: QtBot, window: MainWindow, chosen: list[str], tmp_path: Path, suffix: str
) -> None:
    with settled(qtbot, window):
        window.traversal_tab.columns.setCurrentIndex(window.traversal_tab.columns.findData("c2"))
    chosen.append(f"figure.{suffix}")
    window.actions_by_name["Save figure"].trigger()
    data = (tmp_path / f"figure.{suffix}").read_bytes()
    if suffix == "svg":
        texts = {element.text for element in ElementTree.fromstring(data).iter() if element.text}
        assert {"c2", "−2.0"} <= {text.strip() for text in texts}
    elif suffix == "pdf":
        assert data.startswith(b"%PDF")
    else:
        image = QImage.fromData(data)
        assert (image.pixelColor(2, 2).name(), image.width() > 2000) == ("#ffffff", True)


def test_a_figure_of_no_format_is_refused(window: MainWindow, chosen: list[str]) -> None:
    chosen.append("figure.doc")
    window.actions_by_name["Save figure"].trigger()
    assert "expected a name that ends in .png, .svg, .pdf" in window.message.text.text()


def test_what_cannot_be_written_is_a_sentence(window: MainWindow, chosen: list[str], tmp_path: Path) -> None:
    (tmp_path / "folder.png").mkdir()
    chosen.append("folder.png")
    window.actions_by_name["Save picture"].trigger()
    assert "folder.png" in window.message.text.text()
    assert list((tmp_path / "folder.png").iterdir()) == []


def test_a_drawing_is_saved_with_its_reading_and_opens_again(
    qtbot: QtBot, window: MainWindow, chosen: list[str], tmp_path: Path
) -> None:
    with settled(qtbot, window):
        draw(window, drawings(1)[0])
    read = list(window.draw_tab.answers.bars["c1"].probabilities)
    chosen.append("mine.json")
    window.actions_by_name["Save drawing"].trigger()
    saved = json.loads((tmp_path / "mine.json").read_text())
    assert saved["reading"]["c1"]["probabilities"] == pytest.approx(read, abs=1e-6)
    with settled(qtbot, window):
        window.draw_tab.clear_drawing()
    with settled(qtbot, window):
        window.opening.open_path(tmp_path / "mine.json")
    assert window.draw_tab.answers.bars["c1"].probabilities == pytest.approx(read, abs=0.02)
    window.opening.open_path(tmp_path / "missing.json")
    assert "missing.json cannot be read" in window.message.text.text()


@given(
    st.sampled_from(["strokes", "picture", "width", "format_version"]), JSON | st.lists(st.lists(st.lists(st.floats())))
)
def test_any_other_json_of_a_drawing_is_refused_in_a_sentence(where: str, value: Any) -> None:
    data = drawing_json(Drawing((np.array([[0.1, 0.2, 1]]),)), LatentSpec(), None)
    assert drawing_from(data).strokes[0].tolist() == [[0.1, 0.2, 1]]
    said = ""
    try:
        drawing = drawing_from(data | {where: value})
        assert drawing.normalise() is None or np.isfinite(drawing.normalise()).all()
    except DrawingError as error:
        said = str(error)
    assert "\n" not in said


def test_a_picture_survives_as_json() -> None:
    picture = np.linspace(0, 1, 12, dtype=np.float32).reshape(3, 4)
    posterior = Posterior(
        {"c1": np.full((1, 10), 0.1)}, dict.fromkeys(("c2", "c3"), np.ones(1)), dict.fromkeys(("c2", "c3"), np.ones(1))
    )
    data = json.loads(json.dumps(drawing_json(Drawing(picture=picture), LatentSpec(), posterior)))
    np.testing.assert_allclose(drawing_from(data).picture, picture, atol=1e-3)
    assert drawing_from(data).finding == AUTOMATIC
    by_hand = Drawing(picture=picture, finding=Finding(0.25, True))
    assert drawing_from(drawing_json(by_hand, LatentSpec(), None)).finding == by_hand.finding
    for broken in (0.5, {}, {"threshold": 2, "inverted": False}, {"threshold": None, "inverted": None}):
        with pytest.raises(DrawingError, match="finding"):
            drawing_from(data | {"finding": broken})
    del data["finding"]  # files of before
    assert drawing_from(data).finding == AUTOMATIC
    assert data["reading"]["c3"] == {"mean": 1, "std": 1}


@given(st.integers(1, 3), st.integers(1, 4), st.sampled_from([1, 3]), st.integers(0, 3))
def test_a_sheet_holds_every_tile(rows: int, columns: int, channels: int, gap: int) -> None:
    rng = np.random.default_rng(0)
    tiles = rng.random((rows, columns, channels, 5, 6), dtype=np.float32)
    whole = sheet(list(tiles), gap)
    assert whole.shape == (channels, rows * (5 + gap) - gap, columns * (6 + gap) - gap)
    for row in range(rows):
        for column in range(columns):
            y, x = row * (5 + gap), column * (6 + gap)
            assert np.array_equal(whole[:, y : y + 5, x : x + 6], tiles[row, column])


@pytest.mark.parametrize(
    "data", [b"", b"no picture", png(np.zeros((2, 2), np.uint8)), png(np.zeros((2, 2, 3), np.uint8))[:40]]
)
def test_pictures_without_a_code_say_nothing(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "any.png"
    path.write_bytes(data)
    assert latent_in(path) is None
    assert latent_in(tmp_path / "missing.png") is None
