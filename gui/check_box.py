"""A check box that can be seen on a dark ground."""

from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QCheckBox, QStyle, QStyleOptionButton

from .palette import EDGE, shade
from .picture import painting


class CheckBox(QCheckBox):
    """Has an edge of the text's colour: the style's own is darker than the window, and lost where that is dark."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """The box and its text, and an edge."""
        super().paintEvent(event)
        option = QStyleOptionButton()
        self.initStyleOption(option)
        box = self.style().subElementRect(QStyle.SubElement.SE_CheckBoxIndicator, option, self)
        with painting(self) as painter:
            painter.setPen(shade(self, 2 * EDGE))
            painter.drawRect(box.adjusted(0, 0, -1, -1))
