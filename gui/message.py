"""A line at the top of the window: what went wrong, until things go well again, or a hint; both can be dismissed.

What the program itself says of an error unfolds beneath.
"""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPlainTextEdit, QStyle, QToolButton, QVBoxLayout, QWidget

from .section import GAP, MARGIN
from .translation import tr

UNFOLDED = 160  # height, in logical pixels


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
        self.text, self.dismiss, sign = QLabel(), QToolButton(), QLabel()
        self.more, self.details = QToolButton(), QPlainTextEdit()
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        side = self.style().pixelMetric(QStyle.PixelMetric.PM_SmallIconSize)
        sign.setPixmap(self.style().standardIcon(icon).pixmap(side, side))
        self.dismiss.setText("✕")  # the style's picture of a cross is black on a dark window too
        self.dismiss.setAutoRaise(True)
        self.dismiss.setAccessibleName(tr("Dismiss the message"))
        self.dismiss.setToolTip(tr("Dismiss this message"))
        self.dismiss.clicked.connect(self.hide)
        self.dismiss.clicked.connect(self.dismissed)
        self._fold()
        row = QHBoxLayout()
        row.setSpacing(MARGIN)
        row.addWidget(sign)
        row.addWidget(self.text, 1)
        row.addWidget(self.more)
        row.addWidget(self.dismiss)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, GAP, GAP, GAP)
        column.setSpacing(GAP)
        column.addLayout(row)
        column.addWidget(self.details)
        self.hide()

    def show_message(self, text: str, details: str = "") -> None:
        """Show a sentence; details, where there are any, when they are asked for."""
        self.text.setText(text)
        self.setAccessibleName(text)
        self.details.setPlainText(details)
        self.more.setVisible(bool(details))
        self.more.setChecked(False)
        self.show()

    def _fold(self) -> None:
        """The button that unfolds the details, and the details."""
        self.more.setText(tr("Details"))
        self.more.setToolTip(tr("Show what the program itself says of this"))
        self.more.setCheckable(True)
        self.more.setAutoRaise(True)
        self.more.setArrowType(Qt.ArrowType.RightArrow)
        self.more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.details.setReadOnly(True)
        self.details.setTabChangesFocus(True)
        self.details.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.details.setFixedHeight(UNFOLDED)
        self.details.setAccessibleName(tr("What the program itself says"))
        self.details.hide()
        self.more.toggled.connect(self._unfold)

    def _unfold(self, wanted: bool) -> None:
        self.more.setArrowType(Qt.ArrowType.DownArrow if wanted else Qt.ArrowType.RightArrow)
        self.details.setVisible(wanted)
