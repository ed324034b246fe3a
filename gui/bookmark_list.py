"""The bookmarks in the window: a list with pictures."""

from PySide6.QtCore import QEvent, QModelIndex, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent, QPaintEvent, QPalette, QPen, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem, QPushButton, QWidget

from ..export.ink import Picture
from .bookmarks import LONGEST_NAME, Bookmark
from .latent import Latent
from .palette import accent
from .picture import painting, to_image
from .section import MARGIN, Section
from .translation import tr

SIDE = 42  # of a picture


class MarkList(QListWidget):
    """A list whose entries are renamed by F2, moved by dragging, and removed by Delete."""

    removed = Signal(int)

    def event(self, event: QEvent) -> bool:
        """Delete is this list's own key while an entry is chosen, whatever the window does with it."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and event.key() == Qt.Key.Key_Delete
            and self.currentRow() >= 0
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete takes the entry away."""
        if event.key() == Qt.Key.Key_Delete and self.currentRow() >= 0:
            self.removed.emit(self.currentRow())
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """An empty list says what it is for, and has the focus that an entry would show."""
        super().paintEvent(event)
        if not self.count():
            with painting(self.viewport()) as painter:
                if self.hasFocus():
                    painter.setPen(QPen(accent(self), 2))
                    painter.drawRect(self.viewport().rect().adjusted(1, 1, -1, -1))
                painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
                room = self.viewport().rect().adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
                centred = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
                painter.drawText(room, centred, tr("No bookmarks yet. Add keeps the picture that is shown."))


class BookmarkList(Section):
    """Shows bookmarks, says where the user wants to go and what should become of them."""

    star_wanted = Signal()
    chosen = Signal(object)  # Latent
    edited = Signal(object)  # tuple of Bookmarks

    def __init__(self, parent: QWidget | None = None) -> None:
        self.star = QPushButton(tr("☆ Add"))
        super().__init__(tr("Bookmarks"), self.star, parent)
        self.star.setAccessibleName(tr("Add a bookmark"))
        self.star.setToolTip(tr("Remember this picture's codes and noise (Ctrl+D)"))
        self.list = MarkList()
        self.list.setAccessibleName(tr("Bookmarks"))
        self.list.setToolTip(tr("Click: go there. F2: rename. Delete: remove. Drag: move."))
        self.list.setIconSize(QSize(SIDE, SIDE))
        self.list.setMinimumHeight(SIDE + 12)
        self.list.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.body.addWidget(self.list, 1)
        self._bookmarks: tuple[Bookmark, ...] = ()
        self._icons: dict[Latent, QIcon] = {}
        self.star.clicked.connect(self.star_wanted)
        self.list.itemClicked.connect(self._choose)
        self.list.itemActivated.connect(self._choose)
        self.list.itemChanged.connect(self._rename)
        self.list.removed.connect(self._remove)
        self.list.model().rowsMoved.connect(self._move)

    def show_bookmarks(self, bookmarks: tuple[Bookmark, ...]) -> None:
        """List bookmarks; pictures come through :meth:`set_picture`."""
        self._bookmarks = bookmarks
        with QSignalBlocker(self.list):
            # Entries are changed where they are: one may be the very one that is being edited or dragged.
            while self.list.count() > len(bookmarks):
                self.list.takeItem(self.list.count() - 1)
            while self.list.count() < len(bookmarks):
                item = QListWidgetItem(self.list)
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
            for row, mark in enumerate(bookmarks):
                self.list.item(row).setText(mark.name)
                self.list.item(row).setIcon(self._icons.get(mark.latent, QIcon()))

    def without_picture(self) -> list[Latent]:
        """What has not been drawn yet."""
        return [mark.latent for mark in self._bookmarks if mark.latent not in self._icons]

    def set_picture(self, latent: Latent, picture: Picture) -> None:
        """Show what a bookmark stands for, (C, H, W) in [0, 1]."""
        self._icons[latent] = QIcon(QPixmap.fromImage(to_image(picture).scaled(SIDE, SIDE)))
        with QSignalBlocker(self.list):
            for row, mark in enumerate(self._bookmarks):
                if mark.latent == latent:
                    self.list.item(row).setIcon(self._icons[latent])

    def forget_pictures(self) -> None:
        """Another bundle draws them otherwise."""
        self._icons.clear()

    def _choose(self, item: QListWidgetItem) -> None:
        self.chosen.emit(self._bookmarks[self.list.row(item)].latent)

    def _rename(self, item: QListWidgetItem) -> None:
        row, name = self.list.row(item), item.text().strip()[:LONGEST_NAME]
        mark = self._bookmarks[row]
        renamed = Bookmark(name or mark.name, mark.latent)
        self.edited.emit((*self._bookmarks[:row], renamed, *self._bookmarks[row + 1 :]))
        with QSignalBlocker(self.list):
            item.setText(renamed.name)  # an empty name changes nothing

    def _remove(self, row: int) -> None:
        self.edited.emit((*self._bookmarks[:row], *self._bookmarks[row + 1 :]))

    def _move(self, parent: QModelIndex, first: int, last: int, into: QModelIndex, before: int) -> None:
        """The list has moved an entry; the bookmarks follow."""
        marks = list(self._bookmarks)
        mark = marks.pop(first)
        marks.insert(before - (before > first), mark)
        self.edited.emit(tuple(marks))
