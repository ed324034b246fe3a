"""A drawing beside what G makes of it: what of the drawing the latent holds, and what it does not."""

from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from ..export.ink import Picture
from .picture import PictureView
from .section import GAP
from .tools import tool
from .translation import tr

SIDE = 84  # three times 28


class Redrawn(QWidget):
    """Small pictures: what Q sees, what is generated from what it reads, how far apart these are; and a button.

    Args:
        encoded: with the drawing's own noise, found by an encoder; else it is not like the drawing but for its codes,
            and what Q sees is not shown a second time beside it.
        parent: the widget that owns it.
    """

    def __init__(self, encoded: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.seen = PictureView(tr("The drawing as the networks see it"), SIDE, self)
        self.generated = PictureView(
            tr("Generated from the codes that the network reads and the noise that the encoder finds")
            if encoded
            else tr("Generated from the code that the network reads, with the noise that is set"),
            SIDE,
        )
        self.difference = PictureView(tr("The difference: black where both are alike"), SIDE)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(GAP)
        views = [
            *([(self.seen, tr("Drawn"))] if encoded else []),
            (self.generated, tr("Redrawn") if encoded else tr("From its code")),
            (self.difference, tr("Difference")),
        ]
        self.seen.setVisible(encoded)
        names = [QLabel(text) for _, text in views]
        widest = max(name.sizeHint().width() for name in names)
        for column, ((view, _), name) in enumerate(zip(views, names, strict=True)):
            view.setFixedHeight(SIDE)
            view.setMaximumWidth(SIDE)
            view.setMinimumWidth(min(widest, SIDE) if encoded else SIDE)
            grid.addWidget(name, 0, column)
            grid.addWidget(view, 1, column)
        self.keep = tool(
            tr("Keep my handwritin&g"),
            tr("Set the codes and the noise of this drawing: the sliders then change your own handwriting"),
        )
        grid.addWidget(self.keep, 2, 0, 1, len(views))
        if not encoded:
            self.keep.hide()
        grid.setColumnStretch(3, 1)
        grid.setRowStretch(3, 1)

    def set_pictures(self, seen: Picture | None, generated: Picture | None, difference: Picture | None) -> None:
        """Show pictures (C, H, W) in [0, 1], or empty frames."""
        self.seen.set_picture(seen)
        self.generated.set_picture(generated)
        self.difference.set_picture(difference)
