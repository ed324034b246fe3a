"""Ask for files, each time in the folder of the last one."""

import os
import re
from pathlib import Path

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QFileDialog, QWidget

from .settings import Settings


def ask_save_path(parent: QWidget, title: str, name: str, filters: str) -> Path | None:
    """A path that the user chose, or None; a name without a suffix gets that of the chosen format, if it has one.

    So Qt's question before a file is overwritten is about the name that is written.

    Args:
        parent: of the dialog.
        title: of the dialog.
        name: what is proposed.
        filters: the formats as Qt takes them, the first one chosen: "PNG (*.png);;SVG (*.svg)".
    """
    dialog = QFileDialog(parent, title, str(_folder() / name), filters)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(suffix_of(filters.split(";;")[0]))
    dialog.filterSelected.connect(lambda chosen: dialog.setDefaultSuffix(suffix_of(chosen)))
    accepted = dialog.exec()
    paths = dialog.selectedFiles()
    dialog.deleteLater()
    return _remembered(paths[0]) if accepted and paths else None


def ask_open_path(parent: QWidget, title: str, filters: str) -> Path | None:
    """A file that the user chose, or None.

    Args:
        parent: of the dialog.
        title: of the dialog.
        filters: the formats as Qt takes them.
    """
    name, _ = QFileDialog.getOpenFileName(parent, title, str(_folder()), filters)
    return _remembered(name) if name else None


def _folder() -> Path:
    """The last one; else the user's documents."""
    documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    known = (Settings().folder, Path(documents))
    return next((folder for folder in known if folder is not None and os.path.isdir(folder)), Path.home())  # noqa: PTH112


def _remembered(name: str) -> Path:
    path = Path(name)
    Settings().folder = path.parent
    return path


def suffix_of(format_filter: str) -> str:
    """What files of a format end in, "png" for "PNG (*.png)"; empty where they have no suffix."""
    match = re.search(r"\*\.(\w+)", format_filter)
    return match[1] if match else ""
