"""Ask where to save, so that Qt's question before a file is overwritten is about the name that is written."""

import re
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget


def ask_save_path(parent: QWidget, title: str, name: str, filters: str) -> Path | None:
    """A path that the user chose, or None; a name without a suffix gets that of the chosen format, if it has one.

    Args:
        parent: of the dialog.
        title: of the dialog.
        name: what is proposed.
        filters: the formats as Qt takes them, the first one chosen: "PNG (*.png);;SVG (*.svg)".
    """
    dialog = QFileDialog(parent, title, name, filters)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(suffix_of(filters.split(";;")[0]))
    dialog.filterSelected.connect(lambda chosen: dialog.setDefaultSuffix(suffix_of(chosen)))
    accepted = dialog.exec()
    paths = dialog.selectedFiles()
    dialog.deleteLater()
    return Path(paths[0]) if accepted and paths else None


def suffix_of(format_filter: str) -> str:
    """What files of a format end in, "png" for "PNG (*.png)"; empty where they have no suffix."""
    match = re.search(r"\*\.(\w+)", format_filter)
    return match[1] if match else ""
