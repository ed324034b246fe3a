"""Colours for what is painted by hand: all from the palette, so that light and dark schemes both work."""

from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QWidget

TRACK, EDGE, BAR = 0.09, 0.25, 0.4  # how much of the text's colour goes into empty bars, frames and filled bars


def shade(widget: QWidget, strength: float) -> QColor:
    """The colour of text, thinned: it shows on any background that text shows on."""
    colour = widget.palette().color(QPalette.ColorRole.WindowText)
    colour.setAlphaF(strength)
    return colour


def accent(widget: QWidget, strength: float = 1.0) -> QColor:
    """The colour of what is selected."""
    colour = widget.palette().color(QPalette.ColorRole.Highlight)
    colour.setAlphaF(strength)
    return colour
