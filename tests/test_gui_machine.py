"""Whatever is done in whatever order, what the window shows is what the state holds, and undo gives back what was."""

import numpy as np
from driving import FakeBundle, stroke
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from PySide6.QtCore import QPointF
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from infogan.gui.window import MainWindow
from infogan.trainer.latents import Categorical, Gaussian, LatentSpec, Noise, Uniform

SPECS = (LatentSpec(), LatentSpec((Categorical("k", 3), Gaussian("g"), Uniform("u", 0, 4)), Noise(4, "normal")))
PARTS = st.floats(0.05, 0.95)


class Hands(RuleBasedStateMachine):
    """A user who tries everything; answers of the worker come when they come."""

    def __init__(self) -> None:
        super().__init__()
        self.window = MainWindow()
        self.window.show()
        self.state = self.window.state
        self.copied: list[tuple[LatentSpec, str]] = []
        self.load(0)

    def teardown(self) -> None:
        self.window.close()
        self.window.deleteLater()
        QApplication.processEvents()

    @rule(index=st.integers(0, 1))
    def load(self, index: int) -> None:
        self.window.opening.show_bundle(FakeBundle(SPECS[index], (1, 28, 28), has_encoder=True))

    @rule(part=PARTS, data=st.data())
    def type_number(self, part: float, data: st.DataObject) -> None:
        box = data.draw(st.sampled_from(sorted(self.window.controls.sliders)))
        number = self.window.controls.sliders[box].number
        number.setValue(number.minimum() + part * (number.maximum() - number.minimum()))

    @rule(start=PARTS, end=PARTS, data=st.data())
    def drag_slider(self, start: float, end: float, data: st.DataObject) -> None:
        slider = self.window.controls.sliders[data.draw(st.sampled_from(sorted(self.window.controls.sliders)))].slider
        stroke(
            slider, [QPointF(part * slider.width(), slider.height() / 2) for part in (start, (start + end) / 2, end)]
        )

    @rule(x=PARTS, y=PARTS)
    def drag_plane(self, x: float, y: float) -> None:
        view = self.window.controls.plane.view
        stroke(view, [view.area().center(), QPointF(x * view.area().width(), y * view.area().height())])

    @rule(digit=st.integers(0, 9))
    def choose(self, digit: int) -> None:
        self.window.choose_class(digit)

    @rule(seed=st.integers(0, 5))
    def reseed(self, seed: int) -> None:
        if self.window.controls.noise.seed.isEnabled():
            self.window.controls.noise.seed.setValue(seed)

    @rule()
    def lock(self) -> None:
        self.window.controls.noise.lock.click()

    @rule(x=PARTS, y=PARTS)
    def draw(self, x: float, y: float) -> None:
        pad = self.window.draw_tab.pad
        stroke(pad, [QPointF(part * pad.area().width(), 20 + part * 50) for part in (x, y)])

    @rule()
    def keep_handwriting(self) -> None:
        QApplication.processEvents()
        self.window.draw_tab.keep.click()

    @rule()
    def star(self) -> None:
        self.window.star()

    @rule()
    def clear(self) -> None:
        self.window.draw_tab.clear_drawing()

    @rule()
    def copy(self) -> None:
        self.window.exchange.copy_code()
        self.copied.append((self.state.latents, QGuiApplication.clipboard().text()))

    @rule()
    def paste(self) -> None:
        if self.copied:
            latents, text = self.copied[-1]
            before = self.state.latent
            QGuiApplication.clipboard().setText(text)
            self.window.exchange.paste()
            if latents != self.state.latents:
                assert "another model" in self.window.message.text.text()
                assert self.state.latent == before

    @rule()
    def undo_and_redo(self) -> None:
        shown = self.shown()
        if self.state.history.undoes:
            self.window.undo()
            self.window.redo()
        assert self.shown() == shown

    @rule()
    def undo(self) -> None:
        self.window.undo()

    @rule()
    def redo(self) -> None:
        self.window.redo()

    def shown(self) -> tuple[object, ...]:
        return self.state.latent, self.state.drawing, self.state.bookmarks

    @invariant()
    def the_window_shows_the_state(self) -> None:
        QApplication.processEvents()
        window, state = self.window, self.state
        for name, control in window.controls.sliders.items():
            assert abs(control.number.value() - state.value(name)) <= 0.5 * 10 ** -control.number.decimals() + 1e-6
            low, high = control.number.minimum(), control.number.maximum()
            part = (state.value(name) - low) / (high - low)
            assert abs(control.slider.value() / control.slider.maximum() - part) < 0.002
        for name, picker in window.controls.pickers.items():
            assert picker.buttons[int(state.value(name))].isChecked()
        assert window.controls.noise.seed.value() == state.noise.seed
        assert ("drawing" in window.controls.noise.title.text()) == bool(state.noise.own)
        assert window.controls.noise.lock.isChecked() == state.locked
        assert window.draw_tab.pad.drawing is state.drawing
        assert window.bookmarks.list.count() == len(state.bookmarks)
        assert window.actions_by_name["Undo"].isEnabled() == (state.history.undoes is not None)
        assert window.actions_by_name["Redo"].isEnabled() == (state.history.redoes is not None)
        assert np.isfinite(state.z).all()


def test_whatever_is_done(qtbot: QtBot) -> None:
    run_state_machine_as_test(Hands, settings=settings(max_examples=12, stateful_step_count=25))
