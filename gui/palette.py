"""Colours for what is painted by hand: all from the palette, so that light and dark schemes both work."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QWidget

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


def apply_scheme(scheme: Qt.ColorScheme) -> None:
    """Use light or dark colours; those of the system are Unknown.

    Some desktops, among them bare window managers and Plasma without its Qt platform theme, do not let an app choose.
    There the palette is made here.
    """
    hints = QGuiApplication.styleHints()
    hints.setColorScheme(scheme)
    followed = scheme in (Qt.ColorScheme.Unknown, hints.colorScheme())
    QApplication.setPalette(QPalette() if followed else _made(scheme))


def _made(scheme: Qt.ColorScheme) -> QPalette:
    """A palette from one colour of buttons and one of the ground; the style derives all others."""
    dark = scheme == Qt.ColorScheme.Dark
    palette = QPalette(QColor("#353535" if dark else "#efefef"), QColor("#323232" if dark else "#f4f4f4"))
    base, tip = ("#242424", "#3f3f36") if dark else ("#ffffff", "#ffffdc")
    text = QColor("#ffffff" if dark else "#000000")
    palette.setColor(QPalette.ColorRole.Base, QColor(base))
    palette.setColor(QPalette.ColorRole.ToolTipBase, QColor(tip))
    palette.setColor(QPalette.ColorRole.ToolTipText, text)
    palette.setColor(QPalette.ColorRole.Highlight, QColor("#308cc6"))
    palette.setColor(QPalette.ColorRole.HighlightedText, QColor("#ffffff"))
    palette.setColor(QPalette.ColorRole.Link, QColor("#7fb8ff" if dark else "#0000ff"))
    palette.setColor(QPalette.ColorRole.PlaceholderText, QColor(text.red(), text.green(), text.blue(), 128))
    return palette
