"""What Q reads: probabilities of classes as bars, means and deviations of continuous codes as numbers."""

from collections.abc import Mapping

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from ..export.bundle import Bundle
from ..export.ink import Picture
from ..trainer.latents import Code, Discrete, LatentSpec
from .jobs import Reading
from .palette import BAR, TRACK, accent, shade
from .picture import paint_image, painting, to_image
from .redrawn import Redrawn
from .section import GAP, MARGIN, Section
from .state import class_order
from .translation import tr
from .wording import class_probabilities, class_text, code_text, percent_text, reading_hint, reading_text

NONE = "–"
LOWEST, HIGHEST = 150, 320  # heights of the answers: from what is never hidden to where scrolling begins
CENTRED = Qt.AlignmentFlag.AlignVCenter


class Bars(QWidget):
    """One bar for each class of a discrete code, in the order of texts; the longest stands out, also in bold type."""

    def __init__(self, title: str, texts: Mapping[int, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Probabilities of {title}", title=title))
        self.setToolTip(tr("How likely Q holds each class of {title}", title=title))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._texts = texts
        self._images: dict[int, QImage] = {}
        self.probabilities: list[float] = []

    def set_probabilities(self, probabilities: list[float]) -> None:
        """Show a probability in [0, 1] for each class, or none with an empty list."""
        before, self.probabilities = self._seen(), probabilities
        pairs = [(text, probabilities[index]) for index, text in self._texts.items() if probabilities]
        self.setAccessibleDescription(", ".join(f"{text} {percent_text(p)}" for text, p in pairs))
        for row, (old, new) in enumerate(zip(before, self._seen(), strict=True)):
            if old != new:
                self.update(0, row * self._row_height(), self.width(), self._row_height())

    def set_picture(self, index: int, picture: Picture) -> None:
        """Show what a class looks like, (C, H, W) in [0, 1]."""
        self._images[index] = to_image(picture)
        self.update()

    def sizeHint(self) -> QSize:
        """A line of text for each class."""
        return QSize(180, len(self._texts) * self._row_height())

    def minimumSizeHint(self) -> QSize:
        """Room for the texts and a short bar."""
        return QSize(112, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Class, bar, percents; only of the rows that have changed."""
        best = max(self.probabilities, default=0)
        label_width, height, track = self._label_width(), self._row_height(), self._track()
        with painting(self) as painter:
            for row, (index, text) in enumerate(self._texts.items()):
                if not event.region().intersects(QRect(0, row * height, self.width(), height)):
                    continue
                probability = self.probabilities[index] if self.probabilities else None
                self._paint_row(painter, row * height, track, text, probability, probability == best)
                if index in self._images:
                    square = QRectF(label_width, row * height, height, height).adjusted(0, 1, -2, -1)
                    paint_image(painter, self._images[index], square, self.devicePixelRatioF())

    def _seen(self) -> list[tuple[int, str, bool] | None]:
        """What can be seen of each row: the device pixel where its bar ends, percents, whether it stands out."""
        if not self.probabilities:
            return [None] * len(self._texts)
        (left, width), best = self._track(), max(self.probabilities)
        return [
            (round((left + width * p) * self.devicePixelRatioF()), percent_text(p), p == best)
            for p in map(self.probabilities.__getitem__, self._texts)
        ]

    def _track(self) -> tuple[float, float]:
        """Where the bars begin, and how long the longest can be."""
        left = self._label_width() + self._row_height() + GAP
        return left, max(0, self.width() - left - self._number_width())

    def _number_width(self) -> int:
        return self.fontMetrics().horizontalAdvance("100 %0")

    def _row_height(self) -> int:
        return self.fontMetrics().height() + 4

    def _label_width(self) -> int:
        return max(self.fontMetrics().horizontalAdvance(text + "0") for text in self._texts.values())

    def _paint_row(
        self,
        painter: QPainter,
        top: int,
        track: tuple[float, float],
        text: str,
        probability: float | None,
        best: bool,
    ) -> None:
        font = self.font()
        font.setBold(best)
        painter.setFont(font)
        (left, width), height, number = track, self._row_height(), self._number_width()
        bar = QRectF(left, top + height * 0.25, width, height * 0.5)
        painter.fillRect(bar, shade(self, TRACK))
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        painter.drawText(QRectF(0, top, left, height), CENTRED | Qt.AlignmentFlag.AlignLeft, text)
        if probability is not None:
            bar.setWidth(width * probability)
            painter.fillRect(bar, accent(self) if best else shade(self, BAR))
            right = QRectF(self.width() - number, top, number, height)
            painter.drawText(right, CENTRED | Qt.AlignmentFlag.AlignRight, percent_text(probability))


class Answers(QScrollArea):
    """Bars at the left, numbers at the right; as high as they are, until they would crowd out the pad."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.redrawn, self.hint = Redrawn(), QLabel()
        self.bars: dict[str, Bars] = {}
        self.numbers: dict[str, QLabel] = {}
        self._codes: tuple[Code, ...] = ()
        self._bundle: Bundle | None = None

    def build(self, latents: LatentSpec, bundle: Bundle | None) -> None:
        """Make the bars and numbers of another latent spec."""
        self._codes, self._bundle = latents.codes, bundle
        self.bars, self.numbers = {}, {}
        table = QWidget()
        row = QHBoxLayout(table)
        row.setContentsMargins(0, 0, GAP, 0)
        row.setSpacing(MARGIN + GAP)
        if latents.discrete:
            row.addLayout(self._all_bars(latents), 3)
        numbers = QVBoxLayout()
        numbers.setSpacing(MARGIN)
        if latents.continuous:
            numbers.addLayout(self._all_numbers(latents))
        self.redrawn = Redrawn(bundle is not None and bundle.has_encoder)
        self.hint = QLabel()
        self.hint.setWordWrap(True)
        self.hint.setTextFormat(Qt.TextFormat.PlainText)
        numbers.addWidget(self.redrawn)
        numbers.addWidget(self.hint)
        numbers.addStretch(1)
        row.addLayout(numbers, 2)
        self.setWidget(table)
        for widget in (self.viewport(), table):
            widget.setAutoFillBackground(False)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """All bars, without a scroll bar."""
        table = self.widget()
        return QSize(table.sizeHint().width(), min(HIGHEST, table.sizeHint().height())) if table else QSize()

    def minimumSizeHint(self) -> QSize:
        """The table's width beside a scroll bar, and the first bars."""
        table, beside = self.widget(), self.verticalScrollBar().sizeHint().width()
        if not table:
            return QSize()
        return QSize(table.minimumSizeHint().width() + beside, min(LOWEST, self.sizeHint().height()))

    def show_reading(self, reading: Reading) -> None:
        """Show what Q reads in a drawing and what G makes of that, or nothing."""
        posterior = reading.posterior
        self.redrawn.set_pictures(reading.picture, reading.generated, reading.difference)
        self.hint.setText(reading_hint(reading))
        for code in self._codes:
            if code.name in self.bars:
                self.bars[code.name].set_probabilities(class_probabilities(code, posterior) if posterior else [])
            else:
                text = reading_text(self._bundle, code, posterior) if posterior else NONE
                self.numbers[code.name].setText(text)

    def first_class(self, reading: Reading) -> str:
        """What Q reads of the first discrete code, in words; empty where there is none, or no ink."""
        codes = [code for code in self._codes if code.name in self.bars]
        return reading_text(self._bundle, codes[0], reading.posterior) if codes and reading.posterior else ""

    def _all_bars(self, latents: LatentSpec) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(MARGIN)
        for code in latents.discrete:
            column.addWidget(self._bars(code))
        column.addStretch(1)
        return column

    def _bars(self, code: Discrete) -> Section:
        title = code_text(self._bundle, code)
        texts = {index: class_text(self._bundle, code, index) for index in class_order(self._bundle, code)}
        self.bars[code.name] = Bars(title, texts)
        section = Section(title)
        section.body.addWidget(self.bars[code.name])
        return section

    def _all_numbers(self, latents: LatentSpec) -> QGridLayout:
        grid = QGridLayout()
        grid.setVerticalSpacing(GAP)
        grid.setHorizontalSpacing(MARGIN)
        for row, code in enumerate(latents.continuous):
            title = code_text(self._bundle, code)
            self.numbers[code.name] = number = QLabel(NONE)
            number.setAccessibleName(tr("{title}: mean and standard deviation", title=title))
            number.setToolTip(tr("Mean and standard deviation of what Q believes"))
            grid.addWidget(Section(title), row, 0)
            grid.addWidget(number, row, 1, Qt.AlignmentFlag.AlignRight)
        grid.setColumnStretch(2, 1)  # the numbers stay beside their names
        return grid
