"""A line at the top of the window: what went wrong, until things go well again, or a hint; both can be dismissed."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QStyle, QToolButton, QWidget

from .section import GAP, MARGIN
from .translation import tr


class MessageBar(QFrame):
    """A sentence with a sign and a button that closes it."""

    dismissed = Signal()

    def __init__(
        self,
        icon: QStyle.StandardPixmap = QStyle.StandardPixmap.SP_MessageBoxWarning,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(self.palette().ColorRole.AlternateBase)
        self.text, close, sign = QLabel(), QToolButton(), QLabel()
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        side = self.style().pixelMetric(QStyle.PixelMetric.PM_SmallIconSize)
        sign.setPixmap(self.style().standardIcon(icon).pixmap(side, side))
        close.setIcon(self.style().standardIcon(QStyle.StandardPixmap.SP_TitleBarCloseButton))
        close.setAutoRaise(True)
        close.setAccessibleName(tr("Dismiss the message"))
        close.setToolTip(tr("Dismiss this message"))
        close.clicked.connect(self.hide)
        close.clicked.connect(self.dismissed)
        row = QHBoxLayout(self)
        row.setContentsMargins(MARGIN, GAP, GAP, GAP)
        row.setSpacing(MARGIN)
        row.addWidget(sign)
        row.addWidget(self.text, 1)
        row.addWidget(close)
        self.hide()

    def show_message(self, text: str) -> None:
        """Show a sentence."""
        self.text.setText(text)
        self.setAccessibleName(text)
        self.show()
