"""A strip of pictures beneath a slider: what the code does along its range."""

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QImage, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ..export.ink import Picture
from .picture import painting, to_image
from .raster import strip


class Film(QWidget):
    """Pictures side by side, over the whole width."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.image: QImage | None = None
        self.hide()

    def set_pictures(self, pictures: Picture) -> None:
        """Show pictures (n, C, H, W) in [0, 1]."""
        self.image = to_image(strip(pictures))
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:
        """Pictures keep their proportions."""
        return True

    def heightForWidth(self, width: int) -> int:
        """As high as a picture of that strip."""
        return round(width * self.image.height() / self.image.width()) if self.image else width // 9

    def sizeHint(self) -> QSize:
        """A comfortable width."""
        return QSize(240, self.heightForWidth(240))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The strip, smooth: it is small."""
        if self.image:
            with painting(self) as painter:
                painter.setRenderHint(painter.RenderHint.SmoothPixmapTransform)
                painter.drawImage(QRectF(self.rect()), self.image)
