"""A titled group of controls."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from .translation import tr

MARGIN = 12  # around the parts of the window
GAP = 6  # between things that belong together
SECTION_GAP = 12  # between groups
HEAD = 24  # height of a title, with or without something beside it


class Section(QWidget):
    """A bold title, something beside it if wanted, and a body beneath."""

    reset = Signal()  # back to where everything began

    def __init__(
        self, title: str, beside: QWidget | None = None, parent: QWidget | None = None, resets: str | None = None
    ) -> None:
        """Lay out the section.

        Args:
            title: in bold.
            beside: a widget at the right of the title.
            parent: of the widget.
            resets: what the reset button beside the title sets back; without it there is no such button.
        """
        super().__init__(parent)
        self.title = label(title, bold=True)
        self.title.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.reset_button = self._reset_button(resets) if resets else None
        head = QHBoxLayout()
        head.addWidget(Still(self.title, HEAD), 1)
        for widget in (self.reset_button, beside):
            if widget:
                head.addWidget(widget)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(GAP)
        self.body.addLayout(head)

    def set_default(self, default: bool) -> None:
        """Grey the reset button where there is nothing to set back."""
        if self.reset_button:
            self.reset_button.setEnabled(not default)

    def _reset_button(self, resets: str) -> QToolButton:
        button = QToolButton()
        button.setText("↺")
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setAccessibleName(tr("Reset {what}", what=resets))
        button.setToolTip(tr("Reset {what}", what=resets))
        button.clicked.connect(self.reset)
        return button


class Still(QWidget):
    """Room for a label whose text may change with every move of a hand: nothing around it is laid out anew for that."""

    def __init__(self, held: QLabel, height: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        held.setParent(self)
        self._held = held
        self.setMinimumHeight(height)

    def sizeHint(self) -> QSize:
        """The label's, whenever something else asks for it."""
        return self._held.sizeHint()

    def minimumSizeHint(self) -> QSize:
        """Likewise."""
        return self._held.minimumSizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The label fills it, without a layout that would ask for more or less with each text."""
        self._held.resize(event.size())


def label(text: str, bold: bool = False) -> QLabel:
    """Text as it is: nothing in it is taken for HTML."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    font = made.font()
    font.setBold(bold)
    made.setFont(font)
    return made
