"""A drawing beside what G makes of its code: what of the drawing the code holds, and what it does not."""

from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from .ink import Picture
from .picture import PictureView
from .section import GAP
from .translation import tr

SIDE = 84  # three times 28


class Redrawn(QWidget):
    """Two small pictures: generated from the code that Q reads, and how far that is from what Q sees."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.generated = PictureView(
            tr("Generated from the code that the network reads, with the noise that is set"), SIDE
        )
        self.difference = PictureView(tr("The difference: black where both are alike"), SIDE)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(GAP)
        views = (self.generated, tr("From its code")), (self.difference, tr("Difference"))
        for column, (view, text) in enumerate(views):
            view.setFixedSize(SIDE, SIDE)
            grid.addWidget(QLabel(text), 0, column)
            grid.addWidget(view, 1, column)
        grid.setColumnStretch(2, 1)
        grid.setRowStretch(2, 1)

    def set_pictures(self, generated: Picture | None, difference: Picture | None) -> None:
        """Show pictures (C, H, W) in [0, 1], or empty frames."""
        self.generated.set_picture(generated)
        self.difference.set_picture(difference)
