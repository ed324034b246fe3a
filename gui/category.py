"""Buttons with generated pictures: one for each class of a discrete code."""

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QGridLayout, QSizePolicy, QWidget

from ..export.ink import Picture
from .palette import EDGE, TRACK, accent, shade
from .picture import paint_image, painting, to_image
from .section import Section
from .wording import plain

COLUMNS = 5
SPACE = 4  # around the picture
SIDE = 42  # of the picture: the same on all, for where it grew with the button a pixel could change its sharpness


class TileButton(QAbstractButton):
    """A picture with a text beneath, framed when it is the chosen one."""

    def __init__(self, text: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(text)
        self.setAccessibleName(name)
        self.setToolTip(plain(name))
        self.setCheckable(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.image: QImage | None = None

    def set_picture(self, picture: Picture) -> None:
        """Show a picture (C, H, W) in [0, 1]."""
        self.image = to_image(picture)
        self.update()

    def sizeHint(self) -> QSize:
        """Room for the picture and a line of text."""
        return QSize(SIDE + 2 * SPACE, SIDE + 3 * SPACE + self.fontMetrics().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Frame, picture, text."""
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_frame(painter)
            text_height = self.fontMetrics().height()
            space = QRectF((self.width() - SIDE) / 2, SPACE, SIDE, SIDE)
            if self.image is not None:
                paint_image(painter, self.image, space, self.devicePixelRatioF())
            font = self.font()
            font.setBold(self.isChecked())
            painter.setFont(font)
            painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
            below = QRectF(0, self.height() - text_height - SPACE, self.width(), text_height)
            text = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width() - SPACE)
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_frame(self, painter: QPainter) -> None:
        chosen = self.isChecked()
        painter.setPen(QPen(accent(self) if chosen else shade(self, EDGE), 2 if chosen else 1))
        painter.setBrush(shade(self, TRACK) if self.underMouse() else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)
        if self.hasFocus():
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.WindowText), 1, Qt.PenStyle.DotLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(2.5, 2.5, -2.5, -2.5), 3, 3)


class CategoryPicker(Section):
    """One button for each class of a categorical code, or for both sides of a Bernoulli code, in the order of texts."""

    chosen = Signal(str, float)  # name of the code, class

    def __init__(
        self,
        name: str,
        title: str,
        texts: Mapping[int, str],
        tips: Mapping[int, str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(title, parent=parent, resets=plain(name))
        self.name = name
        self._first = next(iter(texts))
        self._group = QButtonGroup(self)
        grid = QGridLayout()
        grid.setSpacing(4)
        for column in range(COLUMNS):
            grid.setColumnStretch(column, 1)
        self.buttons = {index: TileButton(text, tips[index]) for index, text in texts.items()}
        for place, (index, button) in enumerate(self.buttons.items()):
            self._group.addButton(button, index)
            grid.addWidget(button, place // COLUMNS, place % COLUMNS)
        self.body.addLayout(grid)
        self._group.idClicked.connect(self._choose)
        self.reset.connect(partial(self._choose, self._first))

    def set_value(self, value: float) -> None:
        """Mark the class that is set."""
        self.buttons[int(value)].setChecked(True)
        self.set_default(value == self._first)

    def set_picture(self, index: int, picture: Picture) -> None:
        """Show what a class looks like, (C, H, W) in [0, 1]."""
        self.buttons[index].set_picture(picture)

    def _choose(self, index: int) -> None:
        self.chosen.emit(self.name, index)
