"""The column of controls, built from a latent spec: a picker or a slider for each code, and the noise."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QStyle, QVBoxLayout, QWidget

from ..export.bundle import Bundle, Posterior
from ..trainer.latents import Bernoulli, Categorical, Code, LatentSpec
from .category import CategoryPicker
from .latent import decimals, rounding, shown_range, training_range
from .noise import NoiseControls
from .plane import Plane
from .section import SECTION_GAP
from .slider import CodeSlider
from .state import ExplorerState, class_order
from .wording import class_text, class_tip, code_text, code_tip

WIDTH = 296  # at least: large fonts need more


class Controls(QScrollArea):
    """Shows a state and says what the user wants changed; it holds no values of its own."""

    code_edited = Signal(str, float)
    codes_edited = Signal(object)  # values by the names of codes
    plane_changed = Signal()  # it shows other codes
    noise_edited = Signal(str, float)
    noise_reset = Signal()
    held = Signal(bool)  # a drag begins or ends
    dice_rolled = Signal()
    lock_toggled = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFixedWidth(WIDTH)
        self.pickers: dict[str, CategoryPicker] = {}
        self.sliders: dict[str, CodeSlider] = {}
        self.noise, self.plane = NoiseControls(), Plane()

    def build(self, latents: LatentSpec, bundle: Bundle | None) -> None:
        """Make the controls of another latent spec; labels and meanings come from the bundle."""
        self.pickers, self.sliders = {}, {}
        self.noise, self.plane = NoiseControls(), Plane()
        column = QWidget()
        layout = QVBoxLayout(column)
        layout.setContentsMargins(0, 0, 10, 0)
        layout.setSpacing(SECTION_GAP)
        for code in latents.codes:
            layout.addWidget(self._control(code, bundle))
        layout.addWidget(self.plane)
        if latents.noise.size:
            layout.addWidget(self.noise)
        layout.addStretch(1)
        self.plane.edited.connect(self.codes_edited)
        self.plane.axes_changed.connect(self.plane_changed)
        self.plane.held.connect(self.held)
        self.plane.build(latents, bundle)
        self.noise.edited.connect(self.noise_edited)
        self.noise.reset.connect(self.noise_reset)
        self.noise.held.connect(self.held)
        self.noise.dice_rolled.connect(self.dice_rolled)
        self.noise.lock_toggled.connect(self.lock_toggled)
        self.setWidget(column)
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)
        self.setFixedWidth(max(WIDTH, column.minimumSizeHint().width() + bar))
        self._fit_plane()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The square gives way where otherwise not all controls could be seen."""
        super().resizeEvent(event)
        self._fit_plane()

    def _fit_plane(self) -> None:
        column, view = self.widget(), self.plane.view
        if column and self.plane.isVisibleTo(column):
            width = self.viewport().width()
            others = column.heightForWidth(width) - view.heightForWidth(width)
            view.set_side(self.viewport().height() - others)

    def show_state(self, state: ExplorerState) -> None:
        """Show the codes and the noise of a state."""
        for name, control in (self.pickers | self.sliders).items():
            control.set_value(state.value(name))
        self.noise.set_noise(state.noise, state.locked)
        self.plane.show_state(state)

    def show_posteriors(self, generated: Posterior | None, drawn: Posterior | None) -> None:
        """Mark on the sliders what Q reads in the generated picture and in a drawing, or nothing."""
        for name, control in self.sliders.items():
            control.slider.set_readings(_reading(generated, name), _reading(drawn, name))

    def _control(self, code: Code, bundle: Bundle | None) -> QWidget:
        title = code_text(bundle, code)
        if isinstance(code, Categorical | Bernoulli):
            texts = {index: class_text(bundle, code, index) for index in class_order(bundle, code)}
            tips = {index: class_tip(bundle, code, index) for index in texts}
            picker = CategoryPicker(code.name, title, texts, tips)
            picker.chosen.connect(self.code_edited)
            self.pickers[code.name] = picker
            return picker
        slider = CodeSlider(
            code.name,
            title,
            shown_range(code),
            training_range(code),
            code_tip(bundle, code),
            decimals(code),
            rounding(code),
        )
        slider.edited.connect(self.code_edited)
        slider.held.connect(self.held)
        self.sliders[code.name] = slider
        return slider


def _reading(posterior: Posterior | None, name: str) -> tuple[float, float] | None:
    """Mean and standard deviation of a code in the first picture."""
    if posterior is None or name not in posterior.mean:
        return None
    return float(posterior.mean[name][0]), float(posterior.std[name][0])
