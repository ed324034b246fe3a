"""Two bundles under the same codes."""

from pathlib import Path

import numpy as np
import pytest
from driving import FakeBundle, settled
from pytestqt.qtbot import QtBot

from infogan.export.bundle import Bundle
from infogan.gui.comparing import translated
from infogan.gui.grid import GridView
from infogan.gui.latent import Latent, as_codes
from infogan.gui.picture import to_image
from infogan.gui.window import MainWindow
from infogan.trainer.latents import LatentSpec, Uniform


def named(latents: LatentSpec, labels: str) -> FakeBundle:
    """A bundle whose classes have other names."""
    bundle = FakeBundle(latents, (1, 28, 28))
    bundle.label = lambda name, index: labels[index] if name == "c1" else None
    return bundle


def open_second(qtbot: QtBot, window: MainWindow, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infogan.gui.file_dialog.QFileDialog.getOpenFileName", lambda *_, **__: (str(path), ""))
    window.tabs.setCurrentWidget(window.compare_tab)
    with settled(qtbot, window):
        window.compare_tab.open.click()


def test_both_show_the_same_code(
    qtbot: QtBot, window: MainWindow, tiny_bundle_path: Path, tiny_bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_second(qtbot, window, tiny_bundle_path, monkeypatch)
    with settled(qtbot, window):
        window.state.set_codes({"c1": 4, "c2": 1.5})
    tab = window.compare_tab
    expected = tiny_bundle.generate(window.state.z, window.state.c)[0]
    assert [np.array_equal(view.picture, expected) for view in tab.views] == [True, True]
    assert tab.reading.set_labels["c2"].text() == "+1.50"
    said = [(reader.labels["c2"].text(), reader.signs["c2"].text()) for reader in tab.reading.readers]
    reader = window.read_back.readers[0]
    assert said == [(reader.labels["c2"].text(), reader.signs["c2"].text())] * 2
    assert tab.strip.images[0] == tab.strip.images[1]
    order = list(window.controls.pickers["c1"].buttons)
    tile = tab.strip.images[0].copy(28 * order.index(4), 0, 28, 28)
    assert tile == to_image(expected)
    assert tab.strip.current == (0, order.index(4))


def test_nothing_of_the_reading_is_cut_off_in_a_small_window(
    qtbot: QtBot, window: MainWindow, tiny_bundle_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.resize(1024, 700)
    open_second(qtbot, window, tiny_bundle_path, monkeypatch)
    reading = window.compare_tab.reading
    for sign in (sign for reader in reading.readers for sign in reader.signs.values()):
        assert sign.text()
        assert reading.rect().contains(sign.mapTo(reading, sign.rect().bottomRight()))


def test_classes_of_one_name_are_shown_together() -> None:
    latents = LatentSpec()
    first, second = named(latents, "0123456789"), named(latents, "9876543210")
    latent = Latent(as_codes(latents.neutral())).with_code(latents, "c1", 2).with_code(latents, "c2", 0.5)
    there = translated(first, second, latent)
    assert (there.value(latents, "c1"), there.value(latents, "c2")) == (7, 0.5)
    assert translated(second, first, there) == latent
    assert translated(FakeBundle(latents, (1, 28, 28)), second, latent) == latent  # without names, by number


def test_another_latent_space_is_not_compared(
    qtbot: QtBot, window: MainWindow, tiny_bundle_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_second(qtbot, window, tiny_bundle_path, monkeypatch)
    assert window.compare_tab.strip.isVisible()
    with settled(qtbot, window):
        window.state.open(FakeBundle(LatentSpec((Uniform("u"),)), (1, 28, 28)))
    assert "has other codes" in window.compare_tab.explanation.text()
    assert not window.compare_tab.strip.isVisible()
    with settled(qtbot, window):
        window.opening.open_bundle(tiny_bundle_path)
    assert window.compare_tab.strip.isVisible()  # they fit again


def test_shipped_models_are_at_hand(qtbot: QtBot, window: MainWindow) -> None:
    tab = window.compare_tab
    window.tabs.setCurrentWidget(tab)
    tab.menu.aboutToShow.emit()
    names = [action.text() for action in tab.menu.actions()]
    assert {"mnist-cnn", "mnist-mlp"} <= set(names)
    with settled(qtbot, window):
        tab.menu.actions()[names.index("mnist-mlp")].trigger()
    assert window.comparing.other.name == "mnist-mlp"
    assert tab.strip.isVisible()


def test_a_broken_second_model_is_a_sentence(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_second(qtbot, window, tmp_path / "no.infogan", monkeypatch)
    assert "no.infogan does not exist" in window.message.text.text()
    assert window.comparing.other is None


def test_rows_of_pictures_of_two_sizes(qtbot: QtBot) -> None:
    """Each is cut at its own width."""
    grid = GridView()
    qtbot.addWidget(grid)
    grid.resize(400, 240)
    grid.set_axes(("", ""), (("a", "b"), ("0", "1", "2")), (1, 32, 32))
    shades = np.array([0.0, 0.5, 1.0], np.float32)[:, None, None, None]
    for row, side in enumerate((32, 28)):
        grid.set_row(row, np.broadcast_to(shades, (3, 1, side, side)))
    image = grid.grab().toImage()
    for row in range(2):
        for column, shade in enumerate((0, 128, 255)):
            tile = grid.tile_rect(row, column)
            for x in (tile.left() + 3, tile.right() - 3):
                assert abs(image.pixelColor(int(x), int(tile.center().y())).value() - shade) <= 1, (row, column)
