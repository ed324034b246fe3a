"""The window in German: every text is translated, nothing is cut off, and no translation can break anything."""

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from string import Formatter
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QCoreApplication, Qt, QTranslator
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDialogButtonBox,
    QLabel,
    QMenu,
    QMessageBox,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from infogan.export.bundle import Bundle
from infogan.gui import session, translation
from infogan.gui.actions import Entry, Row, Submenu
from infogan.gui.menus import menus
from infogan.gui.model_dialog import facts
from infogan.gui.settings import Settings
from infogan.gui.translation import placeholders, tr, use
from infogan.gui.window import MainWindow
from tiny import ROOT

GERMAN: dict[str, str] = json.loads((ROOT / "assets" / "translation-de.json").read_text("utf-8"))
WITHOUT_WINDOW = {"app.py", "display.py", "headless.py", "session.py"}  # what these say is read in a terminal
SHOWING = re.compile(  # what takes texts for the user
    r"set(Text|ToolTip|StatusTip|Accessible\w+|WindowTitle|TabToolTip|HeaderLabels|Suffix)|add(Tab|Action|Menu|Item)"
    r"|show_?[mM]essage|show_error|_show|_tell|drawText|get(Open|Save)FileName|getInt|_ask_path|_save_pixels"
    r"|Q(Label|PushButton|CheckBox|Action|Menu|MessageBox)|Section|PictureView|GrabView|tool|\w+Error"
)
NO_WORDS = re.compile(r"[^a-zA-Z]*(s|InfoGAN Explorer)?|\w+\.\w+")  # signs, a unit, a name, names of files


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    """Whatever a test does, the next one reads English."""
    yield
    use([])


@pytest.fixture
def german() -> None:
    """Before a window is made."""
    use(["de"])


@pytest.fixture
def german_window(german: None, window: MainWindow) -> MainWindow:
    """The window with a bundle open, in German."""
    return window


# The file


def modules() -> Iterator[tuple[str, ast.AST]]:
    for path in sorted((ROOT / "gui").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            yield path.name, node


def calls() -> list[tuple[str, ast.Call]]:
    """Every call of tr, but those of actions.py, which translates what the menus' table says."""
    found = [(name, node) for name, node in modules() if isinstance(node, ast.Call) and called(node) == "tr"]
    return [(name, call) for name, call in found if name != "actions.py"]


def called(call: ast.Call) -> str:
    return getattr(call.func, "id", None) or getattr(call.func, "attr", "")


def menu_texts(rows: Sequence[Row | tuple[str, Sequence[Row]]]) -> Iterator[str]:
    for row in rows:
        if isinstance(row, Entry):
            yield from (row.text, row.tip)
        elif isinstance(row, Submenu):
            yield row.text
        elif row:
            yield row[0]
            yield from menu_texts(row[1])


def test_each_text_has_a_german_one_and_no_other_is_there(window: MainWindow) -> None:
    for name, call in calls():
        assert isinstance(call.args[0], ast.Constant), f"{name} translates {ast.unparse(call.args[0])}"
    used = {str(call.args[0].value) for _, call in calls() if isinstance(call.args[0], ast.Constant)}
    used |= set(menu_texts(menus(window)))
    assert used == set(GERMAN)
    assert list(GERMAN) == sorted(GERMAN)
    assert all(GERMAN.values())


def test_placeholders_are_those_of_the_english_texts() -> None:
    for text, german in GERMAN.items():
        assert placeholders(text) is not None
        assert placeholders(german) == placeholders(text), german
    for name, call in calls():
        (text,) = (argument.value for argument in call.args if isinstance(argument, ast.Constant))
        names = {field for _, field, *_ in Formatter().parse(str(text)) if field is not None}
        assert {keyword.arg for keyword in call.keywords} == names, f"{name}: {text}"


def test_no_text_is_shown_without_being_translated() -> None:
    shown = [(name, node) for name, node in modules() if isinstance(node, ast.Call) and name not in WITHOUT_WINDOW]
    shown = [(name, call) for name, call in shown if SHOWING.fullmatch(called(call))]
    assert len(shown) > 150
    for name, call in shown:
        for argument in [*call.args, *(keyword.value for keyword in call.keywords)]:
            parts = argument.values if isinstance(argument, ast.JoinedStr) else [argument]
            texts = [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]
            assert all(NO_WORDS.fullmatch(text) for text in texts), f"{name}: {texts}"


# The window


def is_english(text: str) -> bool:
    """Whether it is an English text, also with something put into it, that has another one in German."""
    return any(pattern.fullmatch(text) for pattern in ENGLISH)


def pattern_of(text: str) -> re.Pattern[str]:
    parts = (re.escape(part) + ("" if field is None else ".+") for part, field, *_ in Formatter().parse(text))
    return re.compile("".join(parts), re.DOTALL)


ENGLISH = [pattern_of(text) for text, german in GERMAN.items() if german != text]


def texts_of(widget: QWidget) -> list[str]:
    """All that a widget says, to eyes, mice and screen readers."""
    texts = [widget.toolTip(), widget.statusTip(), widget.accessibleName(), widget.accessibleDescription()]
    if isinstance(widget, QAbstractButton | QLabel):
        texts.append(widget.text())
    if isinstance(widget, QComboBox):
        texts += [widget.itemText(index) for index in range(widget.count())]
    return [text for text in texts if text]


def each_tab(window: MainWindow) -> Iterator[list[QWidget]]:
    """What is visible, tab by tab."""
    for index in range(window.tabs.count()):
        window.tabs.setCurrentIndex(index)
        QCoreApplication.processEvents()
        yield [widget for widget in window.findChildren(QWidget) if widget.isVisible()]


def compare(qtbot: QtBot, window: MainWindow) -> None:
    """Fill the tab that is empty at first."""
    window.tabs.setCurrentWidget(window.compare_tab)
    with qtbot.waitSignal(window.worker.idle, timeout=10_000):
        window.comparing.show_bundle(window.state.bundle)


def test_english_patterns_find_english() -> None:
    assert is_english("Reset c1")
    assert is_english("&Undo drawing")
    assert not is_english("c1 zurücksetzen")


def test_the_window_is_german(german_window: MainWindow) -> None:
    window = german_window
    assert window.menuBar().actions()[0].text() == "&Datei"
    assert [window.tabs.tabText(index) for index in (0, 1)] == ["&Raster", "&Zeichnen"]
    assert window.draw_tab.use.text() == "C&ode übernehmen"
    assert window.controls.noise.dice.accessibleName() == "Neues Rauschen"
    assert window.traversal_tab.explanation.text().startswith("Nach unten: Ziffer · c1. Nach rechts: ")
    assert window.actions_by_name["Open model"].text() == "&Modell öffnen…"  # its name stays


def test_nothing_is_left_in_english(qtbot: QtBot, german_window: MainWindow) -> None:
    window = german_window
    window.actions_by_name["First steps"].trigger()
    window.star()
    texts = [text for widgets in each_tab(window) for widget in widgets for text in texts_of(widget)]
    compare(qtbot, window)
    texts += [text for widget in window.findChildren(QWidget) for text in texts_of(widget)]
    texts += [text(index) for text in (window.tabs.tabText, window.tabs.tabToolTip) for index in range(4)]
    for action in window.findChildren(QAction):
        texts += [action.text(), action.toolTip(), action.statusTip()]
    texts += [menu.title() for menu in window.findChildren(QMenu)]
    texts += [window.traversal_tab.grid.tile_text(0, 0), window.walk_tab.leg.suffix()]
    assert len(set(texts)) > 200
    assert [text for text in texts if is_english(text)] == []


def test_boxes_and_errors_are_german(german_window: MainWindow, tiny_bundle: Bundle) -> None:
    window = german_window
    for name in ("Keyboard shortcuts", "About InfoGAN Explorer"):
        window.actions_by_name[name].trigger()
    shortcuts, about = window.findChildren(QMessageBox)
    assert shortcuts.windowTitle() == "Tastenkürzel"
    assert "Modell öffnen</td>" in shortcuts.text()
    assert "an niemanden" in about.text()
    assert not any(is_english(text) for text in re.split("<[^>]*>", shortcuts.text() + about.text()) if text)
    for box in (shortcuts, about):
        box.close()
    assert not any(is_english(title) for title, _ in facts(tiny_bundle))
    window.exchange.take_text("{")
    assert window.message.text.text().startswith("Dieser Text ist kein JSON")
    window.state.set_noise(seed=5)
    assert window.actions_by_name["Undo"].text() == "&Rückgängig: Rauschen"


def test_every_control_has_a_name_in_german_too(german_window: MainWindow) -> None:
    window, names = german_window, 0
    for widgets in each_tab(window):
        for widget in widgets:
            inside = window.centralWidget().isAncestorOf(widget) and widget.objectName() != "qt_spinbox_lineedit"
            tabs = widget is window.tabs.tabBar()
            if (
                inside
                and not tabs
                and (isinstance(widget, QAbstractButton) or widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
            ):
                assert widget.accessibleName(), widget
                names += 1
    assert names > 100


def keys(texts: Sequence[str]) -> list[str]:
    return [text[text.index("&") + 1].lower() for text in texts if "&" in text]


def test_keys_with_alt_are_unique_in_german(german_window: MainWindow) -> None:
    window = german_window
    always = [menu.text() for menu in window.menuBar().actions()]
    always += [window.tabs.tabText(index) for index in range(window.tabs.count())]
    for widgets in each_tab(window):
        shown = [widget.text() for widget in widgets if isinstance(widget, QAbstractButton | QLabel)]
        found = keys([*always, *shown])
        assert len(found) == len(set(found)) >= 14, sorted(found)
    for menu in window.findChildren(QMenu):
        found = keys([action.text() for action in menu.actions()])
        assert len(found) == len(set(found)), (menu.title(), sorted(found))


def test_no_button_or_label_is_cut_off_in_german(qtbot: QtBot, german_window: MainWindow) -> None:
    window = german_window
    window.resize(1240, 800)
    compare(qtbot, window)
    for widgets in each_tab(window):
        buttons = [widget for widget in widgets if isinstance(widget, QAbstractButton)]
        labels = [widget for widget in widgets if isinstance(widget, QLabel) and not widget.wordWrap()]
        cut = [widget for widget in (*buttons, *labels) if widget.width() < widget.sizeHint().width()]
        assert [widget.text() for widget in cut] == []
        assert len(buttons) > 10
        assert len(labels) > 10
    assert window.width() == 1240


# The choice


def test_the_language_is_chosen_in_the_menu_for_the_next_start(window: MainWindow) -> None:
    for name, language in (("Deutsch", "de"), ("English", "en"), ("Language of the system", "system")):
        window.actions_by_name[name].trigger()
        assert Settings().language == language
        assert window.statusBar().currentMessage() == "The language changes at the next start."
    Settings().language = "klingon"
    assert Settings().language == "system"


@pytest.mark.parametrize(
    ("setting", "system", "spoken"),
    [
        ("de", ["en-US"], "de"),
        ("en", ["de-DE"], "en"),
        ("system", ["fr-FR", "de-AT"], "de"),
        ("system", ["en-GB", "de-DE"], "en"),
        ("system", ["C"], "en"),
        ("system", [], "en"),
    ],
)
def test_qt_speaks_the_same_language(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, setting: str, system: list[str], spoken: str
) -> None:
    locale = SimpleNamespace(uiLanguages=lambda: system)
    monkeypatch.setattr(session, "QLocale", SimpleNamespace(system=lambda: locale))
    session.speak(qapp, setting)
    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    try:
        assert tr("Cancel") == ("Abbrechen" if spoken == "de" else "Cancel")
        (cancel,) = box.findChildren(QPushButton)
        assert (cancel.text().replace("&", "") == "Abbrechen") == (spoken == "de")
    finally:
        for translator in qapp.findChildren(QTranslator):
            qapp.removeTranslator(translator)


SPOKEN = """
import sys
from infogan.export import runtime
from infogan.gui import app, window

class Spoken(window.MainWindow):
    def __init__(self):
        super().__init__()
        print(self.tabs.tabText(0))

window.MainWindow = Spoken
sys.exit(app.main(["missing.infogan"]))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the language is not in the environment there")
@pytest.mark.parametrize(("setting", "system"), [("de", "C.UTF-8"), ("system", "de_AT.UTF-8")])
def test_the_app_starts_in_its_language(setting: str, system: str) -> None:
    Settings().language = setting
    variables = {name: value for name, value in os.environ.items() if not name.startswith("LC_")}
    variables |= {"LANG": system, "LANGUAGE": "", "PYTHONUTF8": "1"}
    run = subprocess.run([sys.executable, "-c", SPOKEN], env=variables, capture_output=True, text=True, check=False)
    assert "&Raster" in run.stdout
    assert "missing.infogan does not exist" in run.stderr


# What goes wrong


@pytest.mark.parametrize(
    "content",
    [None, b"", b"{", b"\xff\xfe", b"[1, 2]", b'"text"', b"[" * 100_000, b'{"Saved {name}": 3, "Clear": null}'],
)
def test_a_damaged_file_is_english(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None) -> None:
    monkeypatch.setattr(translation, "files", lambda package: tmp_path)
    if content is not None:
        (tmp_path / "translation-de.json").write_bytes(content)
    use(["de"])
    assert tr("Clear") == "Clear"
    assert tr("Saved {name}", name="a.png") == "Saved a.png"
    assert translation.language() == "en"


def test_a_translation_with_other_placeholders_is_left_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    texts = {"Saved {name}": "{nam} gespeichert", "{a} of {b}": "{a}", "{n:g} mm": "{n:d} mm", "{x}": "{", "No": "Nein"}
    (tmp_path / "translation-xx.json").write_text(json.dumps(texts))
    monkeypatch.setattr(translation, "files", lambda package: tmp_path)
    use(["xx_YY"])
    assert tr("Saved {name}", name="a.png") == "Saved a.png"
    assert tr("{a} of {b}", a=1, b=2) == "1 of 2"
    assert tr("{n:g} mm", n=1.5) == "1.5 mm"
    assert tr("{x}", x="y") == "y"
    assert tr("No") == "Nein"


@pytest.mark.parametrize(
    "languages", [[], ["tlh"], ["../de"], ["de/../de"], ["\0"], [""], ["en", "de"], ["*"], ["a" * 9999]]
)
def test_an_unknown_language_is_english(languages: list[str]) -> None:
    use(["de"])
    use(languages)
    assert tr("Clear") == "Clear"


def test_values_are_put_in() -> None:
    use(["de_CH.UTF-8"])
    assert tr("Saved {name}", name="{x}.png") == "{x}.png gespeichert"
    assert tr("Saved {name}") == "{name} gespeichert"
    assert tr("{kein} Text", text=1) == "{kein} Text"


WEIRD = st.text() | st.text("{}[]ab.:!0d") | st.sampled_from(list(GERMAN))
VALUES = st.text() | st.integers() | st.floats() | st.none() | st.builds(object) | st.just(type)


@given(WEIRD, WEIRD, st.dictionaries(st.sampled_from(["a", "b", "name", "text"]) | st.text(), VALUES))
def test_no_text_and_no_value_raises(text: str, other: str, values: dict[str, Any]) -> None:
    with mock.patch.object(translation, "_texts", {text: other}):
        assert isinstance(tr(text, **values), str)
    assert placeholders(text) is None or isinstance(placeholders(text), frozenset)
