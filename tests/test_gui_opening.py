"""Recent and shipped bundles, what a bundle says of itself, and what is remembered from one start to the next."""

from pathlib import Path
from typing import Any

from driving import settled
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QMenu, QTreeWidgetItemIterator
from pytestqt.qtbot import QtBot

from infogan.export.bundle import Bundle
from infogan.gui.model_dialog import ModelDialog
from infogan.gui.opening import shipped
from infogan.gui.settings import MOST_RECENT, Settings
from infogan.gui.window import MainWindow


def submenu(window: MainWindow, text: str) -> QMenu:
    """A menu within the first menu, filled as if it were opened."""
    (menu,) = [menu for menu in window.menuBar().findChildren(QMenu) if menu.title().replace("&", "") == text]
    menu.aboutToShow.emit()
    return menu


def test_recent_bundles_are_listed_and_open(
    qtbot: QtBot, window: MainWindow, tiny_bundle_path: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "R&D.infogan"
    copy.write_bytes(tiny_bundle_path.read_bytes())
    with settled(qtbot, window):
        window.opening.open_bundle(copy)
    menu = submenu(window, "Open recent")
    first, second = menu.actions()[:2]
    assert (first.text().replace("&&", "&"), second.text()) == (str(copy), str(tiny_bundle_path))
    with settled(qtbot, window):
        second.trigger()
    assert window.state.bundle.path == tiny_bundle_path
    copy.unlink()
    assert [action.isEnabled() for action in submenu(window, "Open recent").actions()[:2]] == [True, False]
    menu.actions()[-1].trigger()
    assert [action.text() for action in submenu(window, "Open recent").actions() if action.text()] == ["&Clear list"]


def test_the_list_is_short_and_without_doubles(tmp_path: Path) -> None:
    for index in [*range(15), 12]:
        Settings().remember(tmp_path / f"{index}.infogan")
    names = [path.stem for path in Settings().recent]
    assert names == ["12", "14", "13", "11", "10", "9", "8", "7", "6", "5"]
    assert len(names) == MOST_RECENT


def test_shipped_bundles_are_in_a_menu_and_never_recent(qtbot: QtBot, window: MainWindow) -> None:
    menu = submenu(window, "Open an included model")
    assert [f"{action.text()}.infogan" for action in menu.actions()] == shipped()
    assert "mnist-cnn.infogan" in shipped()
    before = window.settings.recent
    with settled(qtbot, window):
        menu.actions()[shipped().index("mnist-cnn.infogan")].trigger()
    assert window.state.bundle.name == "mnist-cnn"
    assert window.settings.recent == before


def texts(dialog: ModelDialog) -> dict[str, str]:
    """What stands in each line."""
    found, lines = {}, QTreeWidgetItemIterator(dialog.facts)
    while lines.value():
        found[lines.value().text(0)] = lines.value().text(1)
        lines += 1
    return found


def test_what_a_bundle_says_of_itself(qtbot: QtBot, window: MainWindow, tiny_bundle: Bundle) -> None:
    window.actions_by_name["About the model"].trigger()
    dialog = window.findChild(ModelDialog)
    facts = texts(dialog)
    assert facts["Name"] == tiny_bundle.name
    assert facts["Pictures"] == "28 × 28, 1 channel"
    assert facts["c1"].startswith("categorical, 10 classes: ")
    assert facts["c2"].startswith("uniform on -1 to 1")
    assert tiny_bundle.files["README.md"]["sha256"] == facts["SHA-256"]  # the last file's
    assert facts["recipe"] == "robust"
    assert dialog.card.toPlainText().startswith(f"# {tiny_bundle.name}")
    dialog.close()


def test_the_window_comes_back_as_it_was(qtbot: QtBot, tmp_path: Path) -> None:
    first = MainWindow()
    qtbot.addWidget(first)
    first.restore()
    first.resize(700, 650)
    first.tabs.setCurrentIndex(2)
    first.set_scheme("dark")
    first.close()
    second = MainWindow()
    qtbot.addWidget(second)
    second.restore()
    assert second.size() == first.size()
    assert second.tabs.currentIndex() == 2
    assert second.settings.scheme == "dark"
    second.set_scheme("system")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(
    st.dictionaries(
        st.sampled_from(["geometry", "tab", "scheme", "recent", "hint_seen"]), st.text() | st.lists(st.text())
    )
)
def test_nonsense_in_the_settings_is_nothing(qtbot: QtBot, values: dict[str, Any]) -> None:
    store = QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "infogan-explorer", "infogan-explorer")
    store.clear()
    for key, value in values.items():
        store.setValue(key, value)
    store.sync()
    window = MainWindow()
    qtbot.addWidget(window)
    window.restore()
    assert 0 <= window.tabs.currentIndex() < 3
    assert window.width() > 300
    window.opening.fill_recent(QMenu(window))
    window.set_scheme("system")
    window.close()


def test_a_damaged_settings_file_is_nothing(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "config" / "infogan-explorer" / "infogan-explorer.ini"
    path.parent.mkdir(parents=True)
    path.write_bytes(bytes(range(256)) * 20)
    window = MainWindow()
    qtbot.addWidget(window)
    window.restore()
    assert Settings().recent == []
    assert Settings().scheme == "system"


def test_colours_follow_the_choice(window: MainWindow) -> None:
    for text, scheme in (("Dark colours", "dark"), ("Light colours", "light"), ("Colours of the system", "system")):
        window.actions_by_name[text].trigger()
        assert Settings().scheme == scheme
    assert window.palette().window().color().isValid()
